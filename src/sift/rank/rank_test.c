#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sift/rank/rank.h"

static void wilson_agrees_with_published_values(void **state)
{
    (void)state;
    /* Wilson 95 % lower bounds: 81/263 (Newcombe 1998, Stat. Med. 17, table I), 15/148, 0/20, 1/29.
     */
    assert_true(fabs(rank_wilson(81, 182) - 0.2553) < 5e-5);
    assert_true(fabs(rank_wilson(15, 133) - 0.0624) < 5e-5);
    assert_true(rank_wilson(0, 20) == 0);
    assert_true(fabs(rank_wilson(1, 28) - 0.0061) < 5e-5);
}

static void more_evidence_for_the_same_share_ranks_higher(void **state)
{
    (void)state;
    assert_true(rank_wilson(1, 0) < rank_wilson(2, 0));
    assert_true(rank_wilson(9, 1) < rank_wilson(90, 10));
    assert_true(rank_wilson(0, 0) == 0);
}

static void ten_times_the_votes_weigh_as_much_as_half_a_day(void **state)
{
    (void)state;
    const int64_t now = 1700000000000000, half_day_us = 45000LL * 1000000;
    assert_true(fabs(rank_trending(10, 0, now + half_day_us) - rank_trending(100, 0, now)) < 1e-9);
    assert_true(rank_trending(0, 10, now) < rank_trending(0, 0, now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_agrees_with_published_values),
        cmocka_unit_test(more_evidence_for_the_same_share_ranks_higher),
        cmocka_unit_test(ten_times_the_votes_weigh_as_much_as_half_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
