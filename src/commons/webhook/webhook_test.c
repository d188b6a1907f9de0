#include "webhook_inner.h"

#include "base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int arena_begin(void **state)
{
    (void)state;
    arena = arena_make();
    return 0;
}

static int arena_end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void assert_text(struct str got, const char *expected)
{
    if (!str_equal(got, str_from(expected)))
        fail_msg("expected \"%s\", got \"%.*s\"", expected, STR_ARG(got));
}

static void a_signature_is_the_one_of_the_standards_example(void **state)
{
    (void)state;
    struct str secret = S("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    struct str id = S("msg_p5jXN8AQM9LWM0D4loKWxJek"), body = S("{\"test\": 2432232314}");
    assert_text(webhook_signature(arena, secret, S(""), id, 1614265330, body),
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    struct str both = webhook_signature(arena, secret, secret, id, 1614265330, body);
    assert_text(both, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= "
                      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void every_secret_is_another_one_and_signs(void **state)
{
    (void)state;
    struct str a = webhook_secret_make(arena), b = webhook_secret_make(arena);
    assert_true(str_starts(a, S("whsec_")) && !str_equal(a, b));
    assert_int_equal(a.size, strlen("whsec_") + 44); /* 32 bytes in base 64 */
    assert_true(webhook_signature(arena, a, b, S("msg_1"), 1, S("{}")).size > 90);
}

static void kinds_are_read_as_people_write_them(void **state)
{
    (void)state;
    struct str kinds, problem = S("");
    assert_true(
        webhook_read_kinds(arena, S(" idea.hidden, idea.hidden\n\ntask.*\n"), &kinds, &problem));
    assert_text(kinds, "idea.hidden\ntask.*");
    assert_true(webhook_read_kinds(arena, S("  \n"), &kinds, &problem));
    assert_text(kinds, "");
    static const char *const wrong[] = { "idea.burnt", "*", "idea", ".*", "person.erased" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(webhook_read_kinds(arena, str_from(wrong[i]), &kinds, &problem));
    assert_non_null(strstr(str_c(arena, problem), "person.erased"));
}

static void an_endpoint_hears_what_it_asked_for(void **state)
{
    (void)state;
    assert_true(webhook_wants(S(""), S("idea.hidden")));
    assert_true(webhook_wants(S("comment.added\nidea.*"), S("idea.hidden")));
    assert_false(webhook_wants(S("comment.added\nidea.*"), S("ideas.imported")));
    assert_false(webhook_wants(S("comment.added"), S("comment.hidden")));
    assert_true(webhook_wants(S("comment.added"), S("webhook.test")));
}

static void tries_are_spread_over_three_days_and_end(void **state)
{
    (void)state;
    int64_t all = 0;
    for (int64_t tries = 1; tries < WEBHOOK_TRIES_MAX; tries++) {
        assert_true(webhook_retry_us(tries) >= webhook_retry_us(tries - 1));
        all += webhook_retry_us(tries);
    }
    assert_int_equal(webhook_retry_us(1), 5 * WEBHOOK_SECOND_US);
    assert_int_equal(webhook_retry_us(WEBHOOK_TRIES_MAX), 0);
    assert_true(all > WEBHOOK_FAILING_US_MAX && all < 4 * WEBHOOK_DAY_US);
}

static void who_fails_again_and_again_is_asked_every_five_minutes(void **state)
{
    (void)state;
    assert_int_equal(webhook_rest_us(1), 5 * WEBHOOK_SECOND_US);
    assert_int_equal(webhook_rest_us(2), 10 * WEBHOOK_SECOND_US);
    assert_int_equal(webhook_rest_us(100000), 300 * WEBHOOK_SECOND_US);
}

static void of_an_answer_the_first_characters_are_kept_as_one_line(void **state)
{
    (void)state;
    assert_text(webhook_clip(arena, S(" Not\r\nfound \x07")), "Not  found");
    assert_text(webhook_clip(arena, S("\xff\xfe\xfd\xfc\xfb\xfa")), "(an answer that is no text)");
    assert_text(webhook_clip(arena, S("cut in the middle of \xc3")), "cut in the middle of");
    char many[3000];
    memset(many, 'x', sizeof many);
    assert_int_equal(webhook_clip(arena, (struct str){ many, sizeof many }).size,
                     WEBHOOK_ANSWER_MAX);
}

static struct str news_of_two(const char *answer, const char *caption)
{
    return str_printf(
        arena,
        "{\"items\":[{\"task_item_id\":\"%.*s\",\"item_key\":\"sits\",\"answer\":%s,\"caption\":%s}"
        ","
        "{\"task_item_id\":\"%.*s\",\"item_key\":\"sits\",\"answer\":\"a \\\"cat\\\"\","
        "\"caption\":\"sits\"}]}",
        STR_ARG(id_text(arena, 41)), answer, caption, STR_ARG(id_text(arena, 42)));
}

static void words_that_are_gone_go_from_their_own_item_only(void **state)
{
    (void)state;
    struct webhook_words gone[] = { { 41, "answer", S("a \"cat\"") },
                                    { 41, "caption", S("sits") },
                                    { 43, "caption", S("sits") } };
    struct str left = webhook_without(arena, news_of_two("\"a \\\"cat\\\"\"", "\"sits\""), gone, 3);
    assert_text(left, str_c(arena, news_of_two("\"\"", "\"\"")));
    assert_ptr_equal(webhook_without(arena, left, gone, 3).data, left.data);
}

static void words_that_look_like_news_take_nothing_along(void **state)
{
    (void)state;
    static const char quoting[] = "\"see \\\"caption\\\":\\\"sits\\\", task_item_id\\\":\\\"x\"";
    struct webhook_words gone[] = { { 41, "caption", S("sits") }, { 41, "answer", S("") } };
    assert_text(webhook_without(arena, news_of_two(quoting, "\"sits\""), gone, 2),
                str_c(arena, news_of_two(quoting, "\"\"")));
    struct str others = news_of_two(quoting, "\"stands\"");
    assert_ptr_equal(webhook_without(arena, others, gone, 2).data, others.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_begin, arena_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signature_is_the_one_of_the_standards_example),
        TEST(every_secret_is_another_one_and_signs),
        TEST(kinds_are_read_as_people_write_them),
        TEST(an_endpoint_hears_what_it_asked_for),
        TEST(tries_are_spread_over_three_days_and_end),
        TEST(who_fails_again_and_again_is_asked_every_five_minutes),
        TEST(of_an_answer_the_first_characters_are_kept_as_one_line),
        TEST(words_that_are_gone_go_from_their_own_item_only),
        TEST(words_that_look_like_news_take_nothing_along),
    };
    return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
