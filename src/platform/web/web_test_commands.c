/* Commands: forms and their forgery, problems shown again, keys that act once, rates. */
#include "platform/clock/clock.h"
#include "platform/web/web_testing.h"
#include <pthread.h>

#define ADD "/campaigns/" CAMPAIGN "/probes"
#define API_ADD "/api/v1" ADD

static struct str csrf_of_alice(void)
{
    struct str body = get("/mine", ALICE).body;
    size_t at = str_find(body, S("csrf="));
    return str_slice(body, at + 5, at + 5 + 43);
}

static struct answer post_as_alice(const char *target, const char *body)
{
    struct str all = str_printf(trial.arena, "csrf=%.*s&%s", STR_ARG(csrf_of_alice()), body);
    return post(target, ALICE, "application/x-www-form-urlencoded", all);
}

static void a_command_ends_in_another_page(void **state)
{
    struct answer a = post_form(ADD, "title=A+good+title&count=3&kind=idea");
    assert_int_equal(a.status, 303);
    assert_true(str_equal(header(a, "location"), S("/campaigns/" CAMPAIGN "/probes/x1")));
    assert_int_equal(trial.added.count, 3);
    assert_int_equal(trial.added.kind, PROBE_ADD_KIND_IDEA);
}

static void the_api_answers_with_what_was_made(void **state)
{
    struct answer a = post_json(API_ADD, "{\"title\":\"A good title\"}");
    assert_int_equal(a.status, 201);
    assert_true(str_equal(header(a, "location"), S("/api/v1/campaigns/" CAMPAIGN "/probes/x1")));
    assert_holds(a.body, "\"title\":\"A good title\",\"kind\":\"story\"");
    a = post("/api/v1/mine", ALICE_TOKEN, "application/json", S(""));
    assert_int_equal(a.status, 200);
    assert_true(str_equal(a.body, S("{}")));
}

static void a_form_is_shown_again_with_what_was_typed(void **state)
{
    struct answer a = post_form(ADD, "title=a%26b&count=99&kind=idea");
    assert_int_equal(a.status, 422);
    assert_int_equal(trial.acted, 0);
    assert_holds(a.body, "form probe_add action=/campaigns/" CAMPAIGN "/probes problems=2: \n");
    assert_holds(a.body, "probe_add.title=[a&b] Use at least 5 characters; you have 3.");
    assert_holds(a.body, "probe_add.count=[99] Use a whole number from 1 to 10.");
    assert_holds(a.body, "probe_add.kind chose Idea");
    assert_holds(a.body, "form probe_wide action=/campaigns/" CAMPAIGN "/wide problems=0");
}

static void a_fresh_form_shows_the_declared_defaults(void **state)
{
    struct answer a = get("/campaigns/" CAMPAIGN "/probes/new", "");
    assert_holds(a.body, "probe_add.kind chose Story");
    assert_holds(a.body, "probe_add.title=[] \n");
    assert_holds(a.body, "probe_add.count=[] \n");
}

static void options_offered_by_the_page_keep_the_choice(void **state)
{
    struct answer a = post_form("/campaigns/" CAMPAIGN "/wide", "title=x&person_id=0000000000008");
    assert_int_equal(a.status, 422);
    assert_holds(a.body, "probe_wide.person_id chose Cem");
}

static void a_problem_found_within_the_command_is_shown_too(void **state)
{
    struct answer a = post_form(ADD, "title=taken+title");
    assert_int_equal(a.status, 422);
    assert_int_equal(trial.acted, 1);
    assert_holds(a.body, "probe_add.title=[taken title] There is a probe “taken title” already.");
    a = post_json(API_ADD, "{\"title\":\"taken title\"}");
    assert_int_equal(a.status, 422);
    assert_holds(a.body,
                 "{\"field\":\"title\",\"message\":\"There is a probe “taken title” already.\"}");
}

static void problems_without_a_form_stand_on_a_page_of_their_own(void **state)
{
    struct answer a = post_form("/slow", "title=");
    assert_int_equal(a.status, 422);
    assert_int_equal(trial.prepared, 0);
}

static void a_refusal_has_a_code_and_a_sentence(void **state)
{
    struct answer a = post_form("/refuse", "");
    assert_int_equal(a.status, 409);
    a = post_json("/api/v1/refuse", "{}");
    assert_int_equal(a.status, 409);
    assert_true(
        str_equal(a.body, S("{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,"
                            "\"code\":\"campaign_closed\",\"detail\":"
                            "\"This campaign has closed.\"}")));
}

static void a_database_that_fails_is_said_to_be_unavailable(void **state)
{
    struct answer a = post_form("/break", "");
    assert_int_equal(a.status, 503);
    assert_true(str_equal(header(a, "retry-after"), S("1")));
    a = post_json("/api/v1/break", "{}");
    assert_int_equal(a.status, 503);
    assert_holds(a.body, "\"code\":\"unavailable\"");
    assert_int_equal(post_form(ADD, "title=A+good+title").status, 303); /* the next one works */
}

static void slow_work_is_done_before_the_transaction(void **state)
{
    struct answer a = post_form("/slow", "title=word");
    assert_int_equal(a.status, 303);
    assert_holds(header(a, "set-cookie"), "hash%20of%20word");
    assert_int_equal(trial.prepared, 1);
    assert_int_equal(post_form("/slow", "title=bad").status, 422);
    assert_int_equal(post_form("/slow", "title=fail").status, 503);
    assert_int_equal(trial.acted, 1);
}

/* --- Forgery ---------------------------------------------------------------------------------- */

static struct answer post_with(const char *headers, const char *body)
{
    return post(ADD, headers, "application/x-www-form-urlencoded", str_from(body));
}

static void with_a_session_a_form_needs_its_token(void **state)
{
    assert_int_equal(post_with(ALICE OWN_ORIGIN, "title=A+good+title").status, 403);
    assert_int_equal(post_with(ALICE, "title=A+good+title&csrf=wrong").status, 403);
    assert_int_equal(trial.acted, 0);
    assert_int_equal(post_as_alice(ADD, "title=A+good+title").status, 303);
    struct str others =
        str_printf(trial.arena, "title=A+good+title&csrf=%.*s", STR_ARG(csrf_of_alice()));
    assert_int_equal(
        post_with("Cookie: session=bob-session\r\n", str_c(trial.arena, others)).status, 403);
}

static void a_stale_form_is_shown_again_as_it_was_filled_in(void **state)
{
    struct answer a = post_with(ALICE OWN_ORIGIN,
                                "title=A+good+title&count=99&kind=idea&csrf=of-another-session");
    assert_int_equal(a.status, 403);
    assert_int_equal(trial.acted, 0);
    assert_holds(a.body, "form probe_add action=" ADD " problems=2: This page was open too long.");
    assert_holds(a.body, "probe_add.title=[A good title]");
    assert_holds(a.body, "probe_add.count=[99] Use a whole number from 1 to 10.");
    assert_holds(a.body, "probe_add.kind chose Idea");
}

static struct answer post_stale(const char *target, const char *referer)
{
    struct str headers = str_printf(trial.arena, ALICE OWN_ORIGIN "Referer: %s\r\n", referer);
    return post(target, str_c(trial.arena, headers), "application/x-www-form-urlencoded", S(""));
}

static void a_stale_button_says_so_and_leads_back(void **state)
{
    struct answer a = post_stale("/mine", "http://probe.example/probes?sort=top");
    assert_int_equal(a.status, 403);
    assert_int_equal(trial.acted, 0);
    assert_holds(a.body, "<h1>This page was open too long</h1>");
    assert_holds(a.body, "Nothing was changed. Reload the page and send it again.");
    assert_holds(a.body, "<a class=\"button\" href=\"/probes?sort=top\">Reload the page</a>");
    static const char *const no_page[] = { "http://probe.example/refuse", "http://probe.example//x",
                                           "http://probe.example/nowhere", "nonsense" };
    for (size_t i = 0; i < sizeof no_page / sizeof no_page[0]; i++)
        assert_lacks(post_stale("/mine", no_page[i]).body, "Reload the page</a>");
    assert_holds(post_stale("/forbidden", "").body, "<h1>This page was open too long</h1>");
}

static void a_forged_form_is_not_called_stale(void **state)
{
    struct answer a = post_with(ALICE "Origin: http://evil.example\r\n", "title=A+good+title");
    assert_int_equal(a.status, 403);
    assert_holds(a.body, "<h1>We could not tell where this came from</h1>");
    assert_lacks(a.body, "A good title");
    assert_holds(post_form("/forbidden", "title=x").body, "<h1>This is not open to you</h1>");
}

static void without_a_session_a_form_must_come_from_here(void **state)
{
    static const char *const from_elsewhere[] = {
        "",
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://probe.example.evil.example\r\n",
        "Origin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    };
    for (size_t i = 0; i < sizeof from_elsewhere / sizeof from_elsewhere[0]; i++)
        assert_int_equal(post_with(from_elsewhere[i], "title=A+good+title").status, 403);
    assert_int_equal(trial.acted, 0);
    assert_int_equal(post_with("Origin: http://probe.example\r\n", "title=A+good+title").status,
                     303);
    assert_int_equal(post_with("Sec-Fetch-Site: none\r\n", "title=A+good+title").status, 303);
}

/* --- Keys ------------------------------------------------------------------------------------- */

#define KEY "Idempotency-Key: 3f1c\r\n"

static struct answer add_with_key(const char *headers, const char *title)
{
    struct str body = str_printf(trial.arena, "{\"title\":\"%s\"}", title);
    return post(API_ADD, headers, "application/json", body);
}

static void the_same_key_acts_once_and_answers_alike(void **state)
{
    struct answer first = add_with_key(ALICE_TOKEN KEY, "A good title");
    struct answer again = add_with_key(ALICE_TOKEN KEY, "A good title");
    assert_int_equal(trial.acted, 1);
    assert_int_equal(again.status, 201);
    assert_true(str_equal(again.body, first.body));
    assert_true(str_equal(header(again, "location"), header(first, "location")));
    assert_true(str_equal(header(again, "idempotent-replay"), S("true")));
    assert_int_equal(header(first, "idempotent-replay").size, 0);
}

static void the_same_key_for_something_else_is_a_conflict(void **state)
{
    add_with_key(ALICE_TOKEN KEY, "A good title");
    struct answer a = add_with_key(ALICE_TOKEN KEY, "Another title");
    assert_int_equal(a.status, 409);
    assert_holds(a.body, "\"code\":\"key_used_differently\"");
    a = post("/api/v1/mine", ALICE_TOKEN KEY, "application/json", S("{}"));
    assert_int_equal(a.status, 409);
    assert_int_equal(trial.acted, 1);
}

static void what_was_not_kept_may_be_tried_again_with_its_key(void **state)
{
    assert_int_equal(add_with_key(ALICE_TOKEN KEY, "taken title").status, 422);
    assert_int_equal(add_with_key(ALICE_TOKEN KEY, "A good title").status, 201);
}

static void nobody_has_no_keys(void **state)
{
    add_with_key(KEY, "A good title");
    add_with_key(KEY, "A good title");
    assert_int_equal(trial.acted, 2);
}

static void a_key_is_printable_and_not_long(void **state)
{
    struct str key = str_printf(trial.arena, ALICE_TOKEN "Idempotency-Key: %0101d\r\n", 1);
    assert_int_equal(add_with_key(str_c(trial.arena, key), "A good title").status, 400);
    assert_int_equal(post_as_alice(ADD, "title=A+good+title&idempotency_key=%C3%A4").status, 400);
    assert_int_equal(trial.acted, 0);
}

static void a_double_click_acts_once(void **state)
{
    const char *body = "title=A+good+title&idempotency_key=k1";
    struct answer first = post_as_alice(ADD, body), again = post_as_alice(ADD, body);
    assert_int_equal(trial.acted, 1);
    assert_int_equal(again.status, 303);
    assert_true(str_equal(header(again, "location"), header(first, "location")));
    assert_true(str_equal(header(again, "set-cookie"), header(first, "set-cookie")));
}

enum { CLIENTS = 12 };

static void *send_one(void *context)
{
    struct arena *arena = arena_make();
    struct answer a = send_to_site(
        arena,
        S("POST /api/v1/mine HTTP/1.1\r\nHost: x\r\n" ALICE_TOKEN KEY
          "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
    bool first = header(a, "idempotent-replay").size == 0;
    *(int *)context = a.status * 10 + first;
    arena_free(arena);
    return NULL;
}

static void a_key_sent_many_times_at_once_acts_once(void **state)
{
    pthread_t threads[CLIENTS];
    int answers[CLIENTS], firsts = 0;
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, send_one, &answers[i]), 0);
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(answers[i] / 10, 200);
        firsts += answers[i] % 10;
    }
    assert_int_equal(firsts, 1);
}

static void keys_outside_campaigns_are_forgotten_after_two_days(void **state)
{
    struct fault fault;
    add_with_key(ALICE_TOKEN KEY, "A good title");
    int64_t now = clock_now(), day_us = INT64_C(86400000000);
    assert_true(web_forget_keys(&trial.site, now + day_us, &fault));
    add_with_key(ALICE_TOKEN KEY, "A good title");
    assert_int_equal(trial.acted, 1);
    assert_true(web_forget_keys(&trial.site, now + 3 * day_us, &fault));
    add_with_key(ALICE_TOKEN KEY, "A good title");
    assert_int_equal(trial.acted, 2);
}

/* --- Rates ------------------------------------------------------------------------------------ */

static void more_than_the_rate_is_too_many(void **state)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(post_form("/often", "").status, 303);
    struct answer a = post_form("/often", "");
    assert_int_equal(a.status, 429);
    int64_t wait_seconds = 0;
    assert_true(str_to_int64(header(a, "retry-after"), &wait_seconds));
    assert_in_range(wait_seconds, 1, 60);
    assert_int_equal(trial.acted, 3);
    a = post_json("/api/v1/often", "{}"); /* alice is somebody else than this address */
    assert_int_equal(a.status, 200);
}

static void a_limit_of_the_apps_own_holds_for_whoever_asks(void **state)
{
    assert_int_equal(post_form(ADD, "title=Count+me").status, 303);
    assert_int_equal(post_json(API_ADD, "{\"title\":\"COUNT me\"}").status, 201);
    struct answer a = post_form(ADD, "title=count+me&count=3");
    assert_int_equal(a.status, 429);
    assert_true(str_equal(header(a, "retry-after"), S("30")));
    assert_holds(a.body, "probe_add.title=[count me] This was counted twice.");
    assert_holds(a.body, "probe_add.count=[3]");
    a = post_json(API_ADD, "{\"title\":\"Count me\"}");
    assert_int_equal(a.status, 429);
    assert_holds(a.body, "\"code\":\"too_many\"");
    assert_holds(a.body, "{\"field\":\"title\",\"message\":\"This was counted twice.\"}");
    assert_int_equal(post_form(ADD, "title=Count+others").status, 303);
    assert_int_equal(post_form(ADD, "title=taken+title").status, 422);
}

static void rates_can_be_switched_off(void **state)
{
    trial.config.server_rate_limits = false;
    for (int i = 0; i < 4; i++)
        assert_int_equal(post_form(ADD, "title=Count+me").status, 303);
    for (int i = 0; i < 10; i++)
        assert_int_equal(post_form("/often", "").status, 303);
}

#define TRIAL(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)

int run_command_tests(void)
{
    const struct CMUnitTest tests[] = {
        TRIAL(a_command_ends_in_another_page),
        TRIAL(the_api_answers_with_what_was_made),
        TRIAL(a_form_is_shown_again_with_what_was_typed),
        TRIAL(a_fresh_form_shows_the_declared_defaults),
        TRIAL(options_offered_by_the_page_keep_the_choice),
        TRIAL(a_problem_found_within_the_command_is_shown_too),
        TRIAL(problems_without_a_form_stand_on_a_page_of_their_own),
        TRIAL(a_refusal_has_a_code_and_a_sentence),
        TRIAL(a_database_that_fails_is_said_to_be_unavailable),
        TRIAL(slow_work_is_done_before_the_transaction),
        TRIAL(with_a_session_a_form_needs_its_token),
        TRIAL(a_stale_form_is_shown_again_as_it_was_filled_in),
        TRIAL(a_stale_button_says_so_and_leads_back),
        TRIAL(a_forged_form_is_not_called_stale),
        TRIAL(without_a_session_a_form_must_come_from_here),
        TRIAL(the_same_key_acts_once_and_answers_alike),
        TRIAL(the_same_key_for_something_else_is_a_conflict),
        TRIAL(what_was_not_kept_may_be_tried_again_with_its_key),
        TRIAL(nobody_has_no_keys),
        TRIAL(a_key_is_printable_and_not_long),
        TRIAL(a_double_click_acts_once),
        TRIAL(a_key_sent_many_times_at_once_acts_once),
        TRIAL(keys_outside_campaigns_are_forgotten_after_two_days),
        TRIAL(more_than_the_rate_is_too_many),
        TRIAL(a_limit_of_the_apps_own_holds_for_whoever_asks),
        TRIAL(rates_can_be_switched_off),
    };
    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
