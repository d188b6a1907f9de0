/* Every type of input: what is taken, what is refused and how it is said. */
#include "platform/web/web_testing.h"

#define WIDE "/campaigns/" CAMPAIGN "/wide"
#define API_WIDE "/api/v1/campaigns/" CAMPAIGN "/wide"

/* Sends the wide form with a good title and `more`, and demands that it was taken. */
static void taken(const char *more)
{
    struct str body = str_printf(trial.arena, "title=A+good+title&%s", more);
    int before = trial.acted;
    struct answer a = post_form(WIDE, str_c(trial.arena, body));
    if (a.status != 303)
        fail_msg("%s: %d %.*s", more, a.status, STR_ARG(a.body));
    assert_int_equal(trial.acted, before + 1);
}

/* The same, refused: the message stands beside the field, and the command did not run. */
static void refused(const char *more, const char *field, const char *message)
{
    struct str body = str_printf(trial.arena, "title=A+good+title&%s", more);
    int before = trial.acted;
    struct answer a = post_form(WIDE, str_c(trial.arena, body));
    assert_int_equal(a.status, 422);
    assert_int_equal(trial.acted, before);
    struct str line = a.body;
    size_t at = str_find(line, str_printf(trial.arena, "probe_wide.%s=", field));
    assert_true(at != SIZE_MAX);
    line = str_slice(line, at, SIZE_MAX);
    line = str_cut(&line, '\n');
    assert_holds(line, message);
}

static void refused_json(const char *body, const char *field, const char *message)
{
    int before = trial.acted;
    struct answer a = post_json(API_WIDE, body);
    assert_int_equal(a.status, 422);
    assert_int_equal(trial.acted, before);
    assert_true(str_equal(header(a, "content-type"), S("application/problem+json")));
    assert_holds(a.body,
                 str_c(trial.arena, str_printf(trial.arena, "{\"field\":\"%s\",\"message\":\"%s",
                                               field, message)));
}

static void assert_text(struct str is, const char *expected)
{
    assert_string_equal(str_c(trial.arena, is), expected);
}

static void a_line_is_trimmed_and_folded(void **state)
{
    post_form(WIDE, "title=++A%09good%0D%0A%0D%0A++title+");
    assert_text(trial.wide.title, "A good title");
}

static void length_is_counted_in_characters_not_bytes(void **state)
{
    post_form(WIDE, "title=%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4"
                    "%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4");
    assert_int_equal(trial.wide.title.size, 40);
    struct answer a = post_form(WIDE, "title=123456789012345678901");
    assert_int_equal(a.status, 422);
    assert_holds(a.body, "probe_wide.title=[123456789012345678901] "
                         "Use at most 20 characters; you have 21.");
    a = post_form(WIDE, "title=abc");
    assert_holds(a.body, "Use at least 5 characters; you have 3.");
}

static void what_is_needed_is_asked_for(void **state)
{
    struct answer a = post_form(WIDE, "title=+++");
    assert_int_equal(a.status, 422);
    assert_holds(a.body, "Please fill this in.");
    refused_json("{}", "title", "Please fill this in.");
    refused_json("{\"title\":null}", "title", "Please fill this in.");
}

static void text_keeps_its_lines(void **state)
{
    taken("lines=one%0D%0Atwo%0Dthree%0A%09four%0A%0A");
    assert_text(trial.wide.lines, "one\ntwo\nthree\n\tfour");
    refused("lines=1234567890123456789012345678901", "lines", "Use at most 30 characters");
    taken("lines=%0D%0A+");
    assert_int_equal(trial.wide.lines.size, 0);
}

static void markup_is_only_text(void **state)
{
    taken("story=%3Cscript%3Ealert(1)%3C/script%3E");
    assert_text(trial.wide.story, "<script>alert(1)</script>");
}

static void control_characters_are_refused(void **state)
{
    refused("lines=a%01b", "lines", "control characters");
    refused("story=a%1Bb", "story", "control characters");
    refused("lines=a%C2%85b", "lines", "control characters");
    refused("lines=a%7Fb", "lines", "control characters");
}

static void invalid_utf8_is_refused_and_what_was_typed_is_kept(void **state)
{
    struct answer a = post_form(WIDE, "title=A+good+title&lines=abc%FFdef%C3");
    assert_int_equal(a.status, 422);
    assert_holds(a.body, "probe_wide.lines=[abc\xef\xbf\xbd"
                         "def\xef\xbf\xbd] Some characters here could not be read");
    refused("story=%ED%A0%80", "story", "could not be read"); /* a lone surrogate */
    refused("story=%C0%AF", "story", "could not be read");    /* an overlong slash */
}

static void an_address_has_its_domain_in_lower_case(void **state)
{
    taken("email=+Ann.B%2Bx@Example.ORG+");
    assert_text(trial.wide.email, "Ann.B+x@example.org");
    refused("email=ann", "email", "This is no e-mail address.");
    refused("email=a+b@example.org", "email", "This is no e-mail address.");
    refused("email=a@b@example.org", "email", "This is no e-mail address.");
}

static void a_password_is_taken_as_it_is_and_never_shown(void **state)
{
    taken("password=+a+b+");
    assert_text(trial.wide.password, " a b ");
    struct answer a = post_form(WIDE, "title=x&password=secret12");
    assert_int_equal(a.status, 422);
    assert_lacks(a.body, "secret12");
    refused("password=abc", "password", "Use at least 4 characters");
    refused("password=abcdefghijklm", "password", "Use at most 12 characters");
}

static void a_number_keeps_within_its_bounds(void **state)
{
    taken("count=-5");
    assert_int_equal(trial.wide.count, -5);
    static const char *const bad[] = { "count=11",  "count=-6", "count=1.5",
                                       "count=1e1", "count=x",  "count=99999999999999999999" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i], "count", "Use a whole number from -5 to 10.");
    refused_json("{\"title\":\"A good title\",\"count\":\"3\"}", "count",
                 "This must be a whole number.");
    refused_json("{\"title\":\"A good title\",\"count\":3.0}", "count",
                 "This must be a whole number.");
    refused_json("{\"title\":\"A good title\",\"count\":11}", "count", "Use a whole number");
}

static void a_box_is_ticked_or_not(void **state)
{
    taken("agrees=on");
    assert_true(trial.wide.agrees);
    taken("");
    assert_false(trial.wide.agrees);
    refused("agrees=perhaps", "agrees", "Say true or false.");
    refused_json("{\"title\":\"A good title\",\"agrees\":\"true\"}", "agrees",
                 "This must be true or false.");
    assert_int_equal(post_json(API_WIDE, "{\"title\":\"A good title\",\"agrees\":true}").status,
                     200);
    assert_true(trial.wide.agrees);
}

static void a_choice_is_one_of_the_declared(void **state)
{
    taken("kind=story");
    assert_int_equal(trial.wide.kind, PROBE_WIDE_KIND_STORY);
    taken("kind=");
    assert_int_equal(trial.wide.kind, PROBE_WIDE_KIND_NONE);
    refused("kind=Story", "kind", "This is not one of the choices.");
    post_form("/campaigns/" CAMPAIGN "/probes", "title=A+good+title");
    assert_int_equal(trial.added.kind, PROBE_ADD_KIND_STORY); /* the declared default */
}

static void times_come_from_browsers_and_programs(void **state)
{
    taken("at=2026-11-21T19:22");
    assert_int_equal(trial.wide.at, INT64_C(1795288920000000));
    taken("at=2026-11-21T19:22:03");
    assert_int_equal(trial.wide.at, INT64_C(1795288923000000));
    taken("at=2026-11-21T21:22:03%2B02:00");
    assert_int_equal(trial.wide.at, INT64_C(1795288923000000));
    refused("at=2026-13-21T19:22", "at", "Use a date and time like");
    refused("at=tomorrow", "at", "Use a date and time like");
}

static void an_id_has_thirteen_characters(void **state)
{
    taken("person_id=0000000000007");
    assert_int_equal(trial.wide.person_id.value, 7);
    refused("person_id=7", "person_id", "This is not one of the choices.");
    refused("person_id=000000000000l", "person_id", "This is not one of the choices.");
    refused("person_id=zzzzzzzzzzzzz", "person_id", "This is not one of the choices.");
}

static void a_token_has_letters_digits_and_dashes(void **state)
{
    taken("code=aB_-9");
    assert_text(trial.wide.code, "aB_-9");
    refused("code=a.b", "code", "Use only letters, digits, - and _.");
    refused("code=123456789", "code", "Use at most 8 characters");
}

static void a_colour_is_kept_in_lower_case(void **state)
{
    taken("colour=%23AbCdEf");
    assert_text(trial.wide.colour, "#abcdef");
    refused("colour=red", "colour", "Use a colour like #1f5f8b.");
    refused("colour=%23abcdeg", "colour", "Use a colour like #1f5f8b.");
}

#define PART(name, more, bytes)                                                                    \
    "--x\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n\r\n" bytes "\r\n"

static struct answer post_parts(const char *parts)
{
    struct str body = str_printf(trial.arena, "%s--x--\r\n", parts);
    return post(WIDE, OWN_ORIGIN, "multipart/form-data; boundary=x", body);
}

static void fields_of_any_name_become_an_object_sorted_by_name(void **state)
{
    taken("more.b=2%0D%0Alines&more.a=%22one%22");
    assert_text(trial.wide.more, "{\"a\":\"\\\"one\\\"\",\"b\":\"2\\nlines\"}");
    taken("count=1");
    assert_text(trial.wide.more, "");
    refused("more.a=1&more.a=2", "more", "A field was sent twice.");
    taken("more.a=&more.b=+");
    assert_text(trial.wide.more, "{\"a\":\"\",\"b\":\"\"}");
    refused("more.a=%01", "more", "control characters");
    refused("more.a=%FF", "more", "could not be read");
    refused("more.a=12345678901234567890123456789012345678901234567890123456789", "more",
            "Use at most 60 characters");
    assert_holds(post_form(WIDE, "title=A+good+title&more=1").body, "“more” that is not known");
    assert_holds(post_form(WIDE, "title=A+good+title&more.=1").body, "“more.” that is not known");
}

static void fields_in_json_are_an_object_of_plain_values(void **state)
{
    post_json(
        API_WIDE,
        "{\"title\":\"A good title\",\"more\":{\"n\":3,\"r\":12.5,\"is\":true,\"no\":null,\"t\":"
        "\"x\"}}");
    assert_text(trial.wide.more, "{\"is\":\"true\",\"n\":\"3\",\"r\":\"12.5\",\"t\":\"x\"}");
    refused_json("{\"title\":\"A good title\",\"more\":3}", "more", "This must be an object");
    refused_json("{\"title\":\"A good title\",\"more\":{\"a\":[1]}}", "more",
                 "This must be an object of texts");
}

static void a_file_keeps_within_its_bounds(void **state)
{
    assert_int_equal(post_parts(PART("title", "", "A good title")
                                    PART("picture", "; filename=\"a.png\"", "bytes"))
                         .status,
                     303);
    assert_text(trial.wide.picture.bytes, "bytes");
    assert_text(trial.wide.picture.filename, "a.png");
    /* A form without a file chosen sends an empty part. */
    assert_int_equal(
        post_parts(PART("title", "", "A good title") PART("picture", "; filename=\"\"", "")).status,
        303);
    assert_int_equal(trial.wide.picture.bytes.size, 0);
    char large[1002] = { 0 };
    memset(large, 'x', 1001);
    struct str parts = str_printf(
        trial.arena,
        PART("title", "", "A good title") PART("picture", "; filename=\"a.png\"", "%s"), large);
    struct answer a = post_parts(str_c(trial.arena, parts));
    assert_int_equal(a.status, 422);
    assert_holds(a.body, "This file is too large");
    refused("picture=text", "picture", "Please send a file here");
}

static void json_takes_files_in_base_64(void **state)
{
    assert_int_equal(post_json(API_WIDE, "{\"title\":\"A good title\",\"picture\":{\"filename\":"
                                         "\"a.png\",\"base64\":\"Ynl0ZXM=\"}}")
                         .status,
                     200);
    assert_text(trial.wide.picture.bytes, "bytes");
    refused_json("{\"title\":\"A good title\",\"picture\":\"Ynl0ZXM=\"}", "picture",
                 "This must be an object");
    refused_json("{\"title\":\"A good title\",\"picture\":{\"filename\":\"a\",\"base64\":\"***\"}}",
                 "picture", "This must be base 64");
}

static void undeclared_parameters_are_refused(void **state)
{
    struct answer a = post_form(WIDE, "title=A+good+title&admin=1");
    assert_int_equal(a.status, 422);
    assert_holds(a.body, "a field “admin” that is not known");
    refused_json("{\"title\":\"A good title\",\"admin\":1}", "admin",
                 "There is no input of this name.");
    a = get("/api/v1/probes?admin=1", "");
    assert_int_equal(a.status, 422);
    a = get("/probes?fbclid=1&sort=top", ""); /* links come with marks of others */
    assert_int_equal(a.status, 200);
    assert_holds(a.body, "sort=top");
    a = post_form(WIDE, "title=A+good+title&next=/&csrf=&idempotency_key=k");
    assert_int_equal(a.status, 303);
}

static void a_value_given_twice_is_refused_but_lines_are_joined(void **state)
{
    refused("count=1&count=2", "count", "This was sent twice.");
    post_form(WIDE, "title=first&title=second");
    assert_text(trial.wide.title, "first second"); /* check boxes of one name */
    assert_int_equal(post_json(API_WIDE, "{\"title\":\"A good title\",\"title\":\"b\"}").status,
                     400);
}

static void bodies_that_are_no_json_object_are_malformed(void **state)
{
    static const char *const bad[] = { "{",
                                       "[]",
                                       "\"x\"",
                                       "{\"title\":\"\\u0000\"}",
                                       "{\"title\":\"\xff\"}",
                                       "{\"title\":\"\\ud800\"}",
                                       "{\"a\":[[[[[[[[[[]]]]]]]]]]}" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct answer a = post_json(API_WIDE, bad[i]);
        assert_int_equal(a.status, 400);
        assert_holds(a.body, "\"code\":\"malformed\"");
    }
}

static void other_kinds_of_content_are_not_taken(void **state)
{
    assert_int_equal(post(API_WIDE, ALICE_TOKEN, "text/plain", S("{}")).status, 415);
    assert_int_equal(
        post(API_WIDE, ALICE_TOKEN, "application/x-www-form-urlencoded", S("a=b")).status, 415);
    assert_int_equal(post(WIDE, OWN_ORIGIN, "application/json", S("{}")).status, 415);
}

static void a_body_larger_than_the_route_can_need_is_refused(void **state)
{
    char *large = arena_take(trial.arena, 60001);
    memset(large, 'a', 60000);
    struct str body = str_printf(trial.arena, "{\"title\":\"%s\"}", large);
    assert_int_equal(
        post("/api/v1/campaigns/" CAMPAIGN "/probes", ALICE_TOKEN, "application/json", body).status,
        413);
}

static void a_query_is_checked_like_a_form(void **state)
{
    assert_int_equal(get("/probes?sort=old", "").status, 422);
    assert_int_equal(get("/probes?limit=51", "").status, 422);
    struct answer a = get("/api/v1/probes?limit=0", "");
    assert_int_equal(a.status, 422);
    assert_holds(a.body, "{\"field\":\"limit\",\"message\":\"Use a whole number from 1 to 50.\"}");
    assert_int_equal(get("/probes", "").status, 200);
    assert_int_equal(trial.listed.limit, 20);
    assert_int_equal(trial.listed.sort, PROBE_LIST_SORT_NEW);
}

#define TRIAL(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)

int run_input_tests(void)
{
    const struct CMUnitTest tests[] = {
        TRIAL(a_line_is_trimmed_and_folded),
        TRIAL(length_is_counted_in_characters_not_bytes),
        TRIAL(what_is_needed_is_asked_for),
        TRIAL(text_keeps_its_lines),
        TRIAL(markup_is_only_text),
        TRIAL(control_characters_are_refused),
        TRIAL(invalid_utf8_is_refused_and_what_was_typed_is_kept),
        TRIAL(an_address_has_its_domain_in_lower_case),
        TRIAL(a_password_is_taken_as_it_is_and_never_shown),
        TRIAL(a_number_keeps_within_its_bounds),
        TRIAL(a_box_is_ticked_or_not),
        TRIAL(a_choice_is_one_of_the_declared),
        TRIAL(times_come_from_browsers_and_programs),
        TRIAL(an_id_has_thirteen_characters),
        TRIAL(a_token_has_letters_digits_and_dashes),
        TRIAL(a_colour_is_kept_in_lower_case),
        TRIAL(fields_of_any_name_become_an_object_sorted_by_name),
        TRIAL(fields_in_json_are_an_object_of_plain_values),
        TRIAL(a_file_keeps_within_its_bounds),
        TRIAL(json_takes_files_in_base_64),
        TRIAL(undeclared_parameters_are_refused),
        TRIAL(a_value_given_twice_is_refused_but_lines_are_joined),
        TRIAL(bodies_that_are_no_json_object_are_malformed),
        TRIAL(other_kinds_of_content_are_not_taken),
        TRIAL(a_body_larger_than_the_route_can_need_is_refused),
        TRIAL(a_query_is_checked_like_a_form),
    };
    return cmocka_run_group_tests_name("inputs", tests, NULL, NULL);
}
