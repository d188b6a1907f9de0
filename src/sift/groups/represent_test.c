#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sift/groups/groups.h"
#include "sift/table/table_testing.h"

/* Counts as they are given: agree, disagree, seen of each group on each statement. */
static struct groups_counts counts_of(const struct groups_count *cells, uint32_t groups,
                                      uint32_t statements)
{
    struct groups_counts c = { .group_count = groups, .statement_count = statements };
    c.by_group = arena_new(arena, struct groups_count, (size_t)groups * statements);
    c.all = arena_new(arena, struct groups_count, statements);
    memcpy(c.by_group, cells, (size_t)groups * statements * sizeof *cells);
    for (uint32_t i = 0; i < groups * statements; i++) {
        c.all[i % statements].agree += cells[i].agree;
        c.all[i % statements].disagree += cells[i].disagree;
        c.all[i % statements].seen += cells[i].seen;
    }
    return c;
}

static void the_tests_are_those_of_the_books(void **state)
{
    const struct groups_count cells[] = { { 8, 1, 10 }, { 3, 5, 10 } };
    struct groups_counts c = counts_of(cells, 2, 1);
    struct groups_said s = groups_said(&c, 0, 0);
    assert_true(s.agrees && s.votes == 8 && s.seen == 10);
    near(s.share, 9.0 / 12);
    near(s.share_z, 2 * sqrt(11) * (9.0 / 11 - .5));
    near(s.ratio, (9.0 / 12) / (4.0 / 12));
    double together = 13.0 / 22;
    near(s.ratio_z, (9.0 / 11 - 4.0 / 11) / sqrt(together * (1 - together) * 2 / 11));
    assert_true(s.low < .8 && s.low > .4 && s.high > .8 && s.high < 1);
    assert_false(groups_said(&c, 1, 0).agrees);
    double deviation;
    near(groups_consensus(&c, 0, &deviation), 9.0 / 12 * 4 / 12);
    double second = 9.0 / 12 * 10 / 13 * 4 / 12 * 5 / 13;
    near(deviation, sqrt(second - 1.0 / 16));
}

static void a_group_without_others_differs_from_nobody(void **state)
{
    const struct groups_count cells[] = { { 5, 0, 5 }, { 0, 5, 5 }, { 0, 0, 0 } };
    struct groups_counts c = counts_of(cells, 1, 3);
    assert_true(groups_said(&c, 0, 0).ratio_z == 0); /* everybody who saw it agrees */
    struct groups_said list[GROUPS_SAID_MAX];
    size_t n = groups_representatives(&c, NULL, 0, list);
    assert_int_equal(n, 1);
    assert_true(list[0].is_best && list[0].statement == 0);
    c = counts_of(cells, 0, 0);
    double deviation;
    c.statement_count = 1;
    assert_true(groups_consensus(&c, 0, &deviation) == 1 && deviation == 0);
}

static void a_group_is_represented_by_at_least_one_statement(void **state)
{
    /* Nothing passes and nothing is agreed on: what differs most stands for the group. */
    const struct groups_count cells[] = { { 0, 1, 3 }, { 0, 2, 3 }, { 0, 1, 3 }, { 0, 1, 3 } };
    struct groups_counts c = counts_of(cells, 2, 2);
    struct groups_said list[GROUPS_SAID_MAX];
    assert_int_equal(groups_representatives(&c, NULL, 0, list), 1);
    assert_true(list[0].statement == 1 && !list[0].agrees && !list[0].is_best);
    const bool is_out[] = { true, true };
    assert_int_equal(groups_representatives(&c, is_out, 0, list), 0);
}

static void agreements_come_first_and_five_are_enough(void **state)
{
    struct groups_count cells[2 * 9];
    for (uint32_t s = 0; s < 9; s++) { /* the odd ones are disagreed with, more and more clearly */
        uint32_t votes = 20 + s;
        cells[s] = (struct groups_count){ s % 2 ? 0 : votes, s % 2 ? votes : 0, 30 };
        cells[9 + s] = (struct groups_count){ 5, 5, 30 };
    }
    struct groups_counts c = counts_of(cells, 2, 9);
    struct groups_said list[GROUPS_SAID_MAX];
    assert_int_equal(groups_representatives(&c, NULL, 0, list), 5);
    const uint32_t expected[] = { 8, 6, 4, 7, 5 };
    for (int i = 0; i < 5; i++)
        assert_int_equal(list[i].statement, expected[i]);
    assert_true(list[0].is_best && list[2].agrees && !list[3].agrees);
    bool is_out[9] = { [8] = true };
    groups_representatives(&c, is_out, 0, list);
    assert_int_equal(list[0].statement, 6);
    assert_int_equal(groups_majorities(&c, is_out, true, list), 0);
    for (uint32_t s = 0; s < 9; s++)
        c.all[s] = (struct groups_count){ s, 30 - s, 30 };
    assert_int_equal(groups_majorities(&c, is_out, false, list), 5);
    assert_int_equal(list[0].statement, 0);
    assert_int_equal(list[4].statement, 4);
}

static void the_best_agreement_may_be_one_that_all_share(void **state)
{
    /* Both groups agree to 0 and 1; group 1 agrees more to 1, yet no more than group 0 does. */
    const struct groups_count cells[] = { { 9, 0, 10 },  { 30, 0, 30 }, { 1, 1, 10 },
                                          { 12, 0, 14 }, { 25, 1, 27 }, { 1, 1, 10 } };
    struct groups_counts c = counts_of(cells, 2, 3);
    struct groups_said list[GROUPS_SAID_MAX];
    size_t n = groups_representatives(&c, NULL, 1, list);
    assert_true(n >= 1 && list[0].is_best);
    assert_int_equal(list[0].statement, 1);
}

static void what_is_agreed_on_best_need_not_be_agreed_on_more_than_elsewhere(void **state)
{
    /* Others agree to 0 even more; 1 tells the group from the others, yet is agreed on less. */
    const struct groups_count cells[] = {
        { 95, 3, 100 }, { 65, 9, 100 }, { 99, 0, 100 }, { 30, 9, 100 }
    };
    struct groups_counts c = counts_of(cells, 2, 2);
    struct groups_said list[GROUPS_SAID_MAX];
    assert_int_equal(groups_representatives(&c, NULL, 0, list), 2);
    assert_true(list[0].statement == 0 && list[0].is_best && list[0].agrees && list[0].ratio < 1);
    assert_true(list[1].statement == 1 && list[1].agrees && !list[1].is_best);
}

static void the_best_agreement_and_four_more_make_five(void **state)
{
    struct groups_count cells[2 * 6] = { { 95, 3, 100 }, [6] = { 99, 0, 100 } };
    for (uint32_t s = 1; s < 6; s++) {
        cells[s] = (struct groups_count){ 3, 80 + s, 100 };
        cells[6 + s] = (struct groups_count){ 3, 20, 100 };
    }
    struct groups_counts c = counts_of(cells, 2, 6);
    struct groups_said list[GROUPS_SAID_MAX];
    assert_int_equal(groups_representatives(&c, NULL, 0, list), 5);
    const uint32_t expected[] = { 0, 5, 4, 3, 2 };
    for (int i = 0; i < 5; i++)
        assert_int_equal(list[i].statement, expected[i]);
}

static void a_weak_agreement_stands_for_a_group_that_has_no_other(void **state)
{
    /* Of 3 votes 1 is no agreement, 2 are one, though neither is sure. */
    const struct groups_count cells[] = { { 1, 1, 3 }, { 2, 0, 3 }, { 0, 0, 5 }, { 0, 0, 3 } };
    struct groups_counts c = counts_of(cells, 2, 2);
    struct groups_said list[GROUPS_SAID_MAX];
    assert_int_equal(groups_representatives(&c, NULL, 0, list), 1);
    assert_true(list[0].statement == 1 && list[0].is_best);
}

static void a_group_may_be_told_by_what_it_rejects_alone(void **state)
{
    const struct groups_count cells[] = { { 0, 20, 30 }, { 0, 25, 30 }, { 9, 0, 30 },
                                          { 5, 5, 30 },  { 5, 5, 30 },  { 0, 0, 30 } };
    struct groups_counts c = counts_of(cells, 2, 3);
    struct groups_said list[GROUPS_SAID_MAX];
    assert_int_equal(groups_representatives(&c, NULL, 0, list), 2);
    assert_true(list[0].statement == 1 && !list[0].agrees && !list[0].is_best);
    assert_int_equal(groups_majorities(&c, NULL, true, list), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_tests_are_those_of_the_books),
        TEST(a_group_without_others_differs_from_nobody),
        TEST(a_group_is_represented_by_at_least_one_statement),
        TEST(agreements_come_first_and_five_are_enough),
        TEST(the_best_agreement_may_be_one_that_all_share),
        TEST(what_is_agreed_on_best_need_not_be_agreed_on_more_than_elsewhere),
        TEST(the_best_agreement_and_four_more_make_five),
        TEST(a_weak_agreement_stands_for_a_group_that_has_no_other),
        TEST(a_group_may_be_told_by_what_it_rejects_alone),
    };
    return cmocka_run_group_tests_name("groups_represent", tests, NULL, NULL);
}
