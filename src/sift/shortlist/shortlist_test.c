#include "sift/shortlist/shortlist.h"

#include <string.h>

#include "sift/chance/chance.h"
#include "sift/table/table_testing.h"

enum { COUNT = 8 };
static const uint32_t theme[COUNT] = { 0, 0, 0, 0, 1, 1, 2, SHORTLIST_NONE };
static const double merit[COUNT] = { 0.9, 0.8, 0.7, 0.1, 0.3, 0.2, 0.4, 0.5 };

static uint32_t choose(struct shortlist_entries entries, uint32_t wanted,
                       struct shortlist_pick *picks)
{
    return shortlist_choose(&entries, wanted, picks);
}

static void themes_are_covered_before_one_is_covered_twice(void **state)
{
    (void)state;
    struct shortlist_pick p[COUNT];
    struct shortlist_entries e = { .count = COUNT, .theme = theme, .merit = merit };
    assert_int_equal(choose(e, 4, p), 4);
    assert_int_equal(p[0].entry, 0);
    assert_true(p[0].is_best_of_all && p[0].is_best_of_theme && p[0].is_first_of_theme);
    assert_int_equal(p[0].theme_size, 4);
    bool is_covered[4] = { false };
    for (int i = 0; i < 4; i++) {
        assert_true(p[i].is_first_of_theme);
        is_covered[theme[p[i].entry] == SHORTLIST_NONE ? 3 : theme[p[i].entry]] = true;
    }
    assert_true(is_covered[0] && is_covered[1] && is_covered[2] && is_covered[3]);
    assert_int_equal(choose(e, COUNT + 5, p), COUNT); /* there are no more */
    assert_false(p[COUNT - 1].is_first_of_theme);
}

static void each_group_has_its_best_on_the_list(void **state)
{
    (void)state;
    double group_merit[COUNT][3] = { { 0.9, 0.1, 0 }, [3] = { 0.1, 0.8, 0 }, [5] = { 0.9, 0, 0 } };
    struct shortlist_pick p[COUNT];
    struct shortlist_entries e = { .count = COUNT,
                                   .theme = theme,
                                   .merit = merit,
                                   .group_count = 3,
                                   .group_merit = &group_merit[0][0] };
    assert_int_equal(choose(e, 2, p), 2);
    assert_int_equal(p[0].entry, 0); /* of two that the group likes as much the one of more merit */
    assert_true(p[0].best_of_groups == 1);
    assert_int_equal(p[1].entry, 3);
    assert_true(p[1].best_of_groups == 2);
    assert_int_equal(choose(e, 3, p), 3); /* the third group has judged nothing */
    assert_true(p[2].is_first_of_theme);
}

static void one_entry_may_be_the_best_of_several_groups(void **state)
{
    (void)state;
    double group_merit[COUNT][2] = { [6] = { 0.5, 0.6 }, [2] = { 0.4, 0.1 } };
    struct shortlist_pick p[COUNT];
    struct shortlist_entries e = { .count = COUNT,
                                   .theme = theme,
                                   .merit = merit,
                                   .group_count = 2,
                                   .group_merit = &group_merit[0][0] };
    assert_int_equal(choose(e, 2, p), 2);
    assert_int_equal(p[0].entry, 6);
    assert_true(p[0].best_of_groups == 3);
    assert_int_equal(p[1].entry, 0); /* both groups are served */
}

static void near_duplicates_are_one(void **state)
{
    (void)state;
    const uint32_t leader[COUNT] = { 0, 1, 3, 3, 4, 5, 3, 7 };
    struct shortlist_pick p[COUNT];
    struct shortlist_entries e = {
        .count = COUNT, .theme = theme, .merit = merit, .leader = leader
    };
    assert_int_equal(choose(e, COUNT, p), COUNT - 2);
    for (int i = 0; i < COUNT - 2; i++) {
        assert_true(p[i].entry != 3 && p[i].entry != 6);
        assert_int_equal(p[i].duplicate_count, p[i].entry == 2 ? 2 : 0); /* it has the most merit */
    }
}

static void worth_added_never_grows(void **state)
{
    (void)state;
    struct chance chance = { 3 };
    uint32_t themes[200];
    double merits[200];
    struct shortlist_pick p[200];
    for (int i = 0; i < 200; i++) {
        themes[i] = (uint32_t)(chance_bits(&chance) % 12);
        merits[i] = chance_uniform(&chance);
    }
    struct shortlist_entries e = { .count = 200, .theme = themes, .merit = merits };
    assert_int_equal(choose(e, 200, p), 200);
    double sum = 0;
    for (int i = 0; i < 200; i++) {
        sum += p[i].gain;
        assert_true(i == 0 || p[i].gain <= p[i - 1].gain);
    }
    assert_true(sum <= 1 + 1e-12);
}

static void nothing_gives_nothing(void **state)
{
    (void)state;
    assert_int_equal(choose((struct shortlist_entries){ 0 }, 5, NULL), 0);
    struct shortlist_entries e = { .count = COUNT, .theme = theme, .merit = merit };
    assert_int_equal(choose(e, 0, NULL), 0);
}

static void merit_decides_whichever_entry_stands_first(void **state)
{
    (void)state;
    const uint32_t one_theme[4] = { 0, 0, 0, 0 }, leader[4] = { 0, 0, 2, 2 };
    const double merits[2][4] = { { .1, .5, .2, .9 }, { .5, .1, .9, .2 } };
    const double group_merit[4][2] = { { .6, 0 }, { .6, 0 }, { 0, .7 }, { 0, .7 } };
    for (uint32_t turned = 0; turned < 2; turned++) {
        struct shortlist_pick p[4];
        struct shortlist_entries e = {
            .count = 4, .theme = one_theme, .merit = merits[turned], .leader = leader
        };
        assert_int_equal(choose(e, 4, p), 2);
        assert_int_equal(p[0].entry, 3 - turned);
        assert_int_equal(p[1].entry, 1 - turned);
        e.leader = NULL;
        e.group_count = 2;
        e.group_merit = &group_merit[0][0];
        assert_int_equal(choose(e, 2, p), 2);
        assert_int_equal(p[0].entry, 3 - turned); /* of those whom a group likes as much */
        assert_int_equal(p[1].entry, 1 - turned);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(themes_are_covered_before_one_is_covered_twice),
        cmocka_unit_test(each_group_has_its_best_on_the_list),
        cmocka_unit_test(one_entry_may_be_the_best_of_several_groups),
        cmocka_unit_test(near_duplicates_are_one),
        cmocka_unit_test(worth_added_never_grows),
        cmocka_unit_test(merit_decides_whichever_entry_stands_first),
        cmocka_unit_test(nothing_gives_nothing),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
