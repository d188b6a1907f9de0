#include "commons/campaign/campaign_testing.h"

#include "base/base_testing.h"

/* Every state by every action: what follows, or -1. In the order of the enums. */
static void the_life_of_a_campaign_is_this_table(void **state)
{
    (void)state;
    enum {
        D = CAMPAIGN_DRAFT,
        S_ = CAMPAIGN_SCHEDULED,
        O = CAMPAIGN_OPEN,
        P = CAMPAIGN_PAUSED,
        C = CAMPAIGN_CLOSED,
        X = CAMPAIGN_CANCELLED
    };
    static const int table[CAMPAIGN_STATE_COUNT][CAMPAIGN_ACTION_COUNT] = {
        /*                   open  schedule withdraw pause resume extend close cancel */
        [CAMPAIGN_DRAFT] = { O, S_, -1, -1, -1, -1, -1, X },
        [CAMPAIGN_SCHEDULED] = { O, -1, D, -1, -1, -1, -1, X },
        [CAMPAIGN_OPEN] = { -1, -1, -1, P, -1, O, C, X },
        [CAMPAIGN_PAUSED] = { -1, -1, -1, -1, O, P, C, X },
        [CAMPAIGN_CLOSED] = { -1, -1, -1, -1, -1, -1, -1, -1 },
        [CAMPAIGN_CANCELLED] = { -1, -1, -1, -1, -1, -1, -1, -1 },
    };
    for (int s = 0; s < CAMPAIGN_STATE_COUNT; s++) {
        for (int a = 0; a < CAMPAIGN_ACTION_COUNT; a++) {
            enum campaign_state next;
            bool allowed =
                campaign_next_state((enum campaign_state)s, (enum campaign_action)a, &next);
            assert_int_equal(allowed ? (int)next : -1, table[s][a]);
        }
    }
}

static void every_state_is_found_by_its_name(void **state)
{
    (void)state;
    for (int s = 0; s < CAMPAIGN_STATE_COUNT; s++)
        assert_int_equal(campaign_state_from_name(campaign_state_name((enum campaign_state)s)), s);
}

static void times_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    const int64_t now = 1700000000000000, day_us = 86400LL * 1000000;
    const char *field;
    assert_int_equal(campaign_judge_times(0, now + day_us, now, &field).size, 0);
    assert_int_equal(campaign_judge_times(now + day_us, now + 2 * day_us, now, &field).size, 0);
    assert_true(campaign_judge_times(0, now, now, &field).size > 0);
    assert_true(campaign_judge_times(0, now - day_us, now, &field).size > 0);
    assert_true(campaign_judge_times(now + 2 * day_us, now + day_us, now, &field).size > 0);
    assert_true(campaign_judge_times(0, now + 3000 * day_us, now, &field).size > 0);
    assert_string_equal(field, "closes_at");
}

static void what_people_rely_on_is_frozen_once_a_campaign_has_opened(void **state)
{
    (void)state;
    struct campaign_settings before = { S("What?"), 10, 20, 5, false }, after = before;
    assert_null(campaign_frozen_change(CAMPAIGN_OPEN, &before, &after));
    after.votes_per_person = 6;
    assert_null(campaign_frozen_change(CAMPAIGN_DRAFT, &before, &after));
    assert_null(campaign_frozen_change(CAMPAIGN_SCHEDULED, &before, &after));
    assert_string_equal(campaign_frozen_change(CAMPAIGN_OPEN, &before, &after), "votes_per_person");
    after = before;
    after.question = S("Why?");
    assert_string_equal(campaign_frozen_change(CAMPAIGN_PAUSED, &before, &after), "question");
    after = before;
    after.closes_at = 30;
    assert_string_equal(campaign_frozen_change(CAMPAIGN_OPEN, &before, &after), "closes_at");
}

static void categories_are_trimmed_and_empty_lines_dropped(void **state)
{
    (void)state;
    size_t count;
    struct str problem = S("");
    struct str *names =
        campaign_split_categories(arena, S("  Homes \n\n Streets\n"), &count, &problem);
    assert_int_equal(count, 2);
    assert_true(str_equal(names[0], S("Homes")) && str_equal(names[1], S("Streets")));
}

static void categories_too_many_too_long_or_twice_are_refused(void **state)
{
    (void)state;
    size_t count;
    struct str problem = S("");
    struct buf many = { .arena = arena };
    for (int i = 0; i < 21; i++)
        buf_printf(&many, "c%d\n", i);
    assert_null(campaign_split_categories(arena, buf_str(&many), &count, &problem));
    assert_true(str_find(problem, S("at most 20")) != SIZE_MAX);
    assert_null(campaign_split_categories(arena, S("Homes\nhomes"), &count, &problem));
    assert_true(str_find(problem, S("twice")) != SIZE_MAX);
    struct buf large = { .arena = arena };
    for (int i = 0; i < 61; i++)
        buf_add(&large, S("ä"));
    assert_null(campaign_split_categories(arena, buf_str(&large), &count, &problem));
    assert_true(str_find(problem, S("too long")) != SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_life_of_a_campaign_is_this_table),
        cmocka_unit_test(every_state_is_found_by_its_name),
        cmocka_unit_test(times_that_make_no_sense_are_refused),
        cmocka_unit_test(what_people_rely_on_is_frozen_once_a_campaign_has_opened),
        cmocka_unit_test(categories_are_trimmed_and_empty_lines_dropped),
        cmocka_unit_test(categories_too_many_too_long_or_twice_are_refused),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
