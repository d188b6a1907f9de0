/* Where requests lead: routes, refusals, pages as HTML and JSON, and what is no route. */
#include "platform/blobs/blobs.h"
#include "platform/html/assets.h"
#include "platform/web/visit.h"
#include "platform/web/web_testing.h"

static void a_page_is_html_and_json(void **state)
{
    struct answer a = get("/probes?sort=top", "");
    assert_int_equal(a.status, 200);
    assert_true(str_equal(header(a, "content-type"), S("text/html; charset=utf-8")));
    assert_true(str_equal(header(a, "cache-control"), S("private, no-cache")));
    a = get("/api/v1/probes?sort=top", "");
    assert_int_equal(a.status, 200);
    assert_true(str_equal(header(a, "content-type"), S("application/json")));
    assert_true(
        str_equal(a.body, S("{\"sort\":\"top\",\"limit\":20,\"seen_at\":null,\"probes\":[{"
                            "\"campaign_id\":null,\"title\":\"One \\\"quoted\\\"\",\"kind\":"
                            "\"\",\"count\":3,\"share\":0.5,\"agrees\":false,\"at\":null}]}")));
}

static void words_win_over_placeholders(void **state)
{
    assert_holds(get("/campaigns/" CAMPAIGN "/probes/new", "").body, "form probe_add");
    assert_holds(get("/campaigns/" CAMPAIGN "/probes/newer", "").body, "named newer");
    /* The form is no page of the API, so there its word is a name. */
    assert_holds(get("/api/v1/campaigns/" CAMPAIGN "/probes/new", "").body, "\"name\":\"new\"");
}

static void a_path_that_does_not_parse_leads_nowhere(void **state)
{
    assert_int_equal(get("/campaigns/1/probes/x", "").status, 404);
    assert_int_equal(get("/campaigns/" CAMPAIGN "/probes/a.b", "").status, 404);
    assert_int_equal(get("/campaigns/" CAMPAIGN "/probes/a-long-long-name", "").status, 404);
    assert_int_equal(get("/campaigns/" CAMPAIGN "/probes/x/y", "").status, 404);
    assert_int_equal(get("/nowhere", "").status, 404);
    struct answer a = get("/api/v1/campaigns/1/probes/x", "");
    assert_int_equal(a.status, 404);
    assert_true(str_equal(header(a, "content-type"), S("application/problem+json")));
    assert_holds(a.body, "\"status\":404,\"code\":\"not_found\"");
}

static void what_is_not_offered_in_a_format_is_not_there(void **state)
{
    assert_int_equal(get("/api/v1/nowhere", "").status, 404);
    assert_int_equal(get("/api/v1", "").status, 404);
    assert_int_equal(get("/api/v2/probes", "").status, 404);
}

static void the_other_method_is_named(void **state)
{
    struct answer a = get("/refuse", "");
    assert_int_equal(a.status, 405);
    assert_true(str_equal(header(a, "allow"), S("POST")));
    a = post_form("/probes", "");
    assert_int_equal(a.status, 405);
    assert_true(str_equal(header(a, "allow"), S("GET, HEAD")));
}

static void a_slash_at_the_end_is_taken_off(void **state)
{
    struct answer a = get("/probes/?sort=top", "");
    assert_int_equal(a.status, 308);
    assert_true(str_equal(header(a, "location"), S("/probes?sort=top")));
    assert_int_equal(get("/api/v1/", "").status,
                     404);            /* the front page of the API, if it had one */
    a = get("/%5Cevil.example/", ""); /* a backslash would be taken for a slash */
    assert_true(a.status != 308 || str_equal(header(a, "location"), S("/%5Cevil.example")));
}

static void head_is_a_page_without_its_body(void **state)
{
    struct str request = S("HEAD /probes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    struct answer a = send_raw(request.data, request.size);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.body.size, 0);
}

static void nobody_is_sent_to_sign_in(void **state)
{
    struct answer a = get("/mine?x=1", "");
    assert_int_equal(a.status, 303);
    assert_true(str_equal(header(a, "location"), S("/sign-in?next=%2Fmine%3Fx%3D1")));
    a = get("/api/v1/mine", "");
    assert_int_equal(a.status, 401);
    assert_true(str_equal(header(a, "www-authenticate"), S("Bearer")));
    assert_holds(a.body, "\"code\":\"not_signed_in\"");
    a = post("/mine", OWN_ORIGIN "Referer: http://probe.example/there?a=b\r\n",
             "application/x-www-form-urlencoded", S(""));
    assert_true(str_equal(header(a, "location"), S("/sign-in?next=%2Fthere%3Fa%3Db")));
    assert_int_equal(trial.acted, 0);
}

static void sessions_are_for_pages_and_tokens_for_the_api(void **state)
{
    assert_holds(get("/mine", ALICE).body, "mine alice");
    assert_int_equal(get("/api/v1/mine", ALICE).status, 401);
    assert_holds(get("/api/v1/mine", ALICE_TOKEN).body, "{\"name\":\"alice\"}");
    assert_int_equal(get("/mine", ALICE_TOKEN).status, 303);
}

static void a_token_that_is_not_valid_is_said_so_even_where_none_is_needed(void **state)
{
    struct answer a = get("/api/v1/probes", "Authorization: Bearer stolen\r\n");
    assert_int_equal(a.status, 401);
    assert_holds(a.body, "\"code\":\"invalid_token\"");
}

static void what_is_forbidden_says_so_before_it_says_what_is_wrong(void **state)
{
    struct answer a = post_json("/api/v1/forbidden", "{\"wrong\":1}");
    assert_int_equal(a.status, 403);
    assert_holds(a.body, "\"code\":\"not_permitted\"");
    assert_lacks(a.body, "wrong");
    assert_int_equal(post_form("/forbidden", "wrong=1").status, 403);
}

static void what_is_hidden_is_not_there(void **state)
{
    assert_int_equal(get("/hidden", ALICE).status, 404);
    assert_int_equal(get("/api/v1/hidden", ALICE_TOKEN).status, 404);
}

static void what_the_client_has_is_not_sent_again(void **state)
{
    struct str etag = header(get("/probes", ""), "etag");
    assert_int_equal(etag.size, 34);
    const char *headers = str_c(
        trial.arena, str_printf(trial.arena, "If-None-Match: W/\"x\", W/%.*s\r\n", STR_ARG(etag)));
    struct answer a = get("/probes", headers);
    assert_int_equal(a.status, 304);
    assert_int_equal(a.body.size, 0);
    assert_int_equal(get("/probes?sort=top", headers).status, 200);
    etag = header(get("/api/v1/probes", ""), "etag");
    headers = str_c(trial.arena, str_printf(trial.arena, "If-None-Match: %.*s\r\n", STR_ARG(etag)));
    assert_int_equal(get("/api/v1/probes", headers).status, 304);
}

static void a_page_is_made_once_until_something_changes(void **state)
{
    if (trial_on_postgres)
        skip(); /* others may write there, so nothing is kept */
    for (int i = 0; i < 5; i++)
        assert_holds(get("/probes", "").body, "list sort=new");
    assert_in_range(trial.lists_made, 1, 4); /* five requests may straddle the second it is kept */
    int before = trial.lists_made;
    assert_int_equal(post_form("/campaigns/" CAMPAIGN "/probes", "title=Changed+it").status, 303);
    get("/probes", "");
    assert_int_equal(trial.lists_made, before + 1);
}

static void a_kept_page_is_shown_to_nobody_else(void **state)
{
    assert_holds(get("/probes", ALICE).body, "csrf=");
    struct str body = get("/probes", "").body;
    assert_holds(body, "csrf=\n");
    body = get("/probes", ALICE).body;
    assert_lacks(body, "csrf=\n");
    body = get("/probes", "Cookie: session=somebody-else\r\n").body;
    assert_lacks(body, "csrf=\n");
}

/* What stands behind a name on the page, 32 digits of it. */
static struct str key_behind(struct str body, struct str name)
{
    size_t at = str_find(body, name);
    assert_int_not_equal(at, SIZE_MAX);
    return str_slice(body, at + name.size, at + name.size + 32);
}

static void the_forms_of_a_kept_page_have_fresh_keys(void **state)
{
    const char *page = "/campaigns/" CAMPAIGN "/probes/new";
    struct str first = str_copy(trial.arena, get(page, ALICE).body);
    struct str second = str_copy(trial.arena, get(page, ALICE).body);
    const struct str names[] = { S("probe_add key="), S("probe_wide key=") };
    for (int i = 0; i < 2; i++)
        assert_false(str_equal(key_behind(first, names[i]), key_behind(second, names[i])));
    assert_false(str_equal(key_behind(second, names[0]), key_behind(second, names[1])));
    assert_int_equal(first.size, second.size);
}

static void a_notice_is_shown_once(void **state)
{
    struct answer a = post_form("/campaigns/" CAMPAIGN "/probes", "title=A+good+title");
    assert_int_equal(a.status, 303);
    assert_holds(a.head, "/campaigns/" CAMPAIGN "/probes/x1");
    struct str cookie = header(a, "set-cookie");
    assert_holds(cookie, "notice=It%20is%20there");
    assert_holds(cookie, "HttpOnly; SameSite=Lax");
    struct str pair = str_cut(&cookie, ';');
    const char *headers =
        str_c(trial.arena, str_printf(trial.arena, "Cookie: %.*s\r\n", STR_ARG(pair)));
    a = get("/probes", headers);
    assert_holds(header(a, "set-cookie"), "notice=; Path=/; Max-Age=0");
    a = get("/nowhere", headers);
    assert_int_equal(a.status, 404);
    assert_holds(a.head, "notice=; Path=/; Max-Age=0");
}

static void health_metrics_and_the_description_are_there(void **state)
{
    get("/probes", "");
    assert_int_equal(get("/healthz", "").status, 200);
    assert_int_equal(get("/readyz", "").status, 200);
    assert_holds(get("/robots.txt", "").body, "Disallow: /api/");
    assert_holds(get("/api/openapi.json", "").body, "\"openapi\": \"3.1.0\"");
    struct answer a = get("/metrics", "");
    assert_holds(header(a, "content-type"), "version=0.0.4");
    assert_holds(a.body, "manyhands_answers_total{kind=\"page\",class=\"2xx\"} 1\n");
    assert_holds(a.body, "# TYPE manyhands_answer_seconds histogram\n");
    assert_holds(a.body, "manyhands_answer_seconds_count{kind=\"page\"} 1\n");
}

static void assert_metrics(const char *headers, int status)
{
    struct answer a = get("/metrics", headers);
    assert_int_equal(a.status, status);
    assert_int_equal(holds(a.body, "manyhands_info"), status == 200);
}

static void metrics_are_for_this_machine_alone(void **state)
{
    assert_metrics("", 200);
    assert_metrics("Authorization: Bearer anything\r\n", 200);
    assert_metrics("X-Forwarded-For: 192.0.2.1\r\n", 403);
    assert_metrics("X-Forwarded-For: 127.0.0.1\r\n", 403);
    assert_metrics("X-Forwarded-Proto: https\r\n", 403);
    assert_metrics("X-Real-IP: 127.0.0.1\r\n", 403);
    assert_metrics("Forwarded: for=192.0.2.1\r\n", 403);
    assert_metrics("Via: 1.1 proxy\r\n", 403);
    assert_true(address_is_loopback(S("127.0.0.1")) && address_is_loopback(S("127.8.9.1")));
    assert_true(address_is_loopback(S("::1")));
    assert_false(address_is_loopback(S("192.0.2.1")) || address_is_loopback(S("1.127.0.0")));
    assert_false(address_is_loopback(S("::2")) || address_is_loopback(S("")));
}

static void metrics_with_a_token_are_for_whoever_has_it(void **state)
{
    trial.config.server_metrics_token = S("a-token-of-the-watcher");
    assert_metrics("", 401);
    assert_true(str_equal(header(get("/metrics", ""), "www-authenticate"), S("Bearer")));
    assert_metrics("Authorization: Bearer a-token-of-the-watchez\r\n", 401);
    assert_metrics("Authorization: Bearer a-token-of-the-watcher-\r\n", 401);
    assert_metrics("Authorization: Basic a-token-of-the-watcher\r\n", 401);
    assert_metrics(ALICE_TOKEN, 401);
    assert_metrics("Authorization: Bearer a-token-of-the-watcher\r\n", 200);
    assert_metrics("Authorization: Bearer a-token-of-the-watcher\r\nX-Forwarded-For: 192.0.2.1\r\n",
                   200);
}

static void a_kept_file_is_sent_and_runs_nothing(void **state)
{
    char name[BLOB_NAME_SIZE + 1];
    struct fault fault;
    assert_true(blob_put(trial.site.blobs, S("<script>"), name, &fault));
    const char *target = str_c(trial.arena, str_printf(trial.arena, "/files/%s", name));
    struct answer a = get(target, "");
    assert_int_equal(a.status, 200);
    assert_true(str_equal(a.body, S("<script>")));
    assert_true(str_equal(header(a, "content-type"), S("image/webp")));
    assert_true(str_equal(header(a, "content-security-policy"), S("default-src 'none'; sandbox")));
    assert_holds(header(a, "content-disposition"), "attachment; filename*=UTF-8''n%C3%A4me.webp");
    struct str known = str_printf(trial.arena, "If-None-Match: \"%s\"\r\n", name);
    assert_int_equal(get(target, str_c(trial.arena, known)).status, 304);
    assert_int_equal(get("/files/0123", "").status, 404);
}

static void static_files_are_kept_for_ever(void **state)
{
    struct str path = asset_url(S("app.css")).text;
    struct answer a = get(str_c(trial.arena, path), "Accept-Encoding: br, gzip\r\n");
    assert_int_equal(a.status, 200);
    assert_holds(header(a, "cache-control"), "immutable");
    assert_holds(header(a, "content-encoding"), "gzip");
    a = get(str_c(trial.arena, path), "");
    assert_int_equal(header(a, "content-encoding").size, 0);
    assert_int_equal(get("/static/app.000000000000.css", "").status, 404);
}

#define TRIAL(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)

int run_request_tests(void)
{
    const struct CMUnitTest tests[] = {
        TRIAL(a_page_is_html_and_json),
        TRIAL(words_win_over_placeholders),
        TRIAL(a_path_that_does_not_parse_leads_nowhere),
        TRIAL(what_is_not_offered_in_a_format_is_not_there),
        TRIAL(the_other_method_is_named),
        TRIAL(a_slash_at_the_end_is_taken_off),
        TRIAL(head_is_a_page_without_its_body),
        TRIAL(nobody_is_sent_to_sign_in),
        TRIAL(sessions_are_for_pages_and_tokens_for_the_api),
        TRIAL(a_token_that_is_not_valid_is_said_so_even_where_none_is_needed),
        TRIAL(what_is_forbidden_says_so_before_it_says_what_is_wrong),
        TRIAL(what_is_hidden_is_not_there),
        TRIAL(what_the_client_has_is_not_sent_again),
        TRIAL(a_page_is_made_once_until_something_changes),
        TRIAL(a_kept_page_is_shown_to_nobody_else),
        TRIAL(the_forms_of_a_kept_page_have_fresh_keys),
        TRIAL(a_notice_is_shown_once),
        TRIAL(health_metrics_and_the_description_are_there),
        TRIAL(metrics_are_for_this_machine_alone),
        TRIAL(metrics_with_a_token_are_for_whoever_has_it),
        TRIAL(a_kept_file_is_sent_and_runs_nothing),
        TRIAL(static_files_are_kept_for_ever),
    };
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
