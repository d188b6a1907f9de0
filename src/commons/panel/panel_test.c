#include "panel_inner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static const int64_t now = INT64_C(1795344000000000);
static const int64_t second_us = 1000000;

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

/* A link that the panel has signed; `until` seconds after now. */
static struct panel_link signed_link(struct str secret, int64_t until)
{
    struct panel_link link = { { 77 }, S("0000000000001"), S("ABC-1"), S(""), S("") };
    link.until = str_printf(arena, "%lld", (long long)(now / second_us + until));
    const struct str lines[] = { S("manyhands-panel-1"), S("enter"),  S("000000000002d"),
                                 link.campaign,          link.worker, link.until };
    link.signature = panel_sign(arena, secret, lines, 6);
    return link;
}

static void a_link_holds_until_its_time(void **state)
{
    (void)state;
    struct str secret = panel_secret_make(arena);
    static const struct {
        int64_t until;
        enum panel_verdict verdict;
    } cases[] = { { 1, PANEL_WELCOME },          { 600, PANEL_WELCOME },
                  { 31 * 86400, PANEL_WELCOME }, { 31 * 86400 + 1, PANEL_RAN_OUT },
                  { 0, PANEL_RAN_OUT },          { -600, PANEL_RAN_OUT } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct panel_link link = signed_link(secret, cases[i].until);
        assert_int_equal(panel_judge_link(arena, secret, &link, now), cases[i].verdict);
    }
}

static void a_link_that_was_changed_is_not_the_panels(void **state)
{
    (void)state;
    struct str secret = panel_secret_make(arena), other = panel_secret_make(arena);
    struct panel_link good = signed_link(secret, 600), link = good;
    assert_int_equal(panel_judge_link(arena, other, &good, now), PANEL_NOT_SIGNED);
    link.worker = S("ABC-2");
    assert_int_equal(panel_judge_link(arena, secret, &link, now), PANEL_NOT_SIGNED);
    link = good;
    link.campaign = S("0000000000002");
    assert_int_equal(panel_judge_link(arena, secret, &link, now), PANEL_NOT_SIGNED);
    link = good;
    link.panel_id.value++;
    assert_int_equal(panel_judge_link(arena, secret, &link, now), PANEL_NOT_SIGNED);
    link = good;
    link.until = str_join(arena, link.until, S("0"));
    assert_int_equal(panel_judge_link(arena, secret, &link, now), PANEL_NOT_SIGNED);
    link = good;
    link.signature = str_slice(link.signature, 0, 42);
    assert_int_equal(panel_judge_link(arena, secret, &link, now), PANEL_NOT_SIGNED);
    assert_int_equal(panel_judge_link(arena, secret, &good, now), PANEL_WELCOME);
}

static void words_cannot_move_from_one_line_to_the_next(void **state)
{
    (void)state;
    const struct str one[] = { S("ab"), S("c") }, two[] = { S("a"), S("bc") };
    assert_false(str_equal(panel_sign(arena, S("k"), one, 2), panel_sign(arena, S("k"), two, 2)));
}

static void a_worker_is_no_address(void **state)
{
    (void)state;
    static const char *const wrong[] = { "", "ann@example.org", "Ann Lee", "a\nb", "a/b", "ü" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(panel_worker_fits(str_from(wrong[i])));
    char longest[65];
    memset(longest, 'x', sizeof longest);
    assert_true(panel_worker_fits((struct str){ longest, 64 }));
    assert_false(panel_worker_fits((struct str){ longest, 65 }));
    assert_true(panel_worker_fits(S("4f:A-b_c.9")));
}

static void what_became_of_somebody_has_one_name(void **state)
{
    (void)state;
    static const struct {
        struct campaign_worked worked;
        const char *outcome;
    } cases[] = { { { 12, false, false }, "done" },    { { 12, false, true }, "done" },
                  { { 0, false, false }, "done" },     { { 0, false, true }, "full" },
                  { { 12, true, false }, "screened" }, { { 0, true, true }, "screened" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(str_equal(panel_outcome(&cases[i].worked), str_from(cases[i].outcome)));
}

static void addresses_to_go_back_to_are_those_of_servers(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "example.org",          "javascript:alert(1)",  "https://",
        "https://a b.example/", "https://a.example/#x", "https://ä.example/"
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_true(panel_judge_return(str_from(wrong[i])).size > 0);
    assert_int_equal(panel_judge_return(S("")).size, 0);
    assert_int_equal(panel_judge_return(S("https://panel.example/back?study=7")).size, 0);
}

static void the_way_back_is_added_to_the_address(void **state)
{
    (void)state;
    struct str link =
        panel_return_link(arena, S("https://p.example/b?s=7"), S("secret"), (struct panel_id){ 77 },
                          (struct campaign_id){ 1 }, S("A:1"), S("done"), 12, 1795344000);
    assert_true(str_starts(link, S("https://p.example/b?s=7&panel=000000000002d&campaign="
                                   "0000000000001&worker=A%3A1&outcome=done&answers=12&at="
                                   "1795344000&signature=")));
    assert_int_equal(panel_return_link(arena, S(""), S("secret"), (struct panel_id){ 77 },
                                       (struct campaign_id){ 1 }, S("A"), S("done"), 1, 1)
                         .size,
                     0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_begin, arena_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_holds_until_its_time),
        TEST(a_link_that_was_changed_is_not_the_panels),
        TEST(words_cannot_move_from_one_line_to_the_next),
        TEST(a_worker_is_no_address),
        TEST(what_became_of_somebody_has_one_name),
        TEST(addresses_to_go_back_to_are_those_of_servers),
        TEST(the_way_back_is_added_to_the_address),
    };
    return cmocka_run_group_tests_name("panel", tests, NULL, NULL);
}
