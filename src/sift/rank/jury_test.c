#include <math.h>
#include <string.h>

#include "sift/chance/chance.h"
#include "sift/rank/rank.h"
#include "sift/table/table_testing.h"

/* --- Jury ------------------------------------------------------------------------------------- */

enum { ITEMS = 60, JUDGES = 12, EACH = 4 };

struct truth {
    double merit[ITEMS], severity[JUDGES], spread[JUDGES];
    struct rank_mark *marks;
    size_t count;
};

/* Each item is marked by EACH judges: 6 + spread·merit − severity, and noise. */
static struct truth make_truth(uint64_t seed, double noise)
{
    struct truth t = { .marks = arena_new(arena, struct rank_mark, ITEMS * EACH) };
    struct chance chance = { seed };
    for (int i = 0; i < ITEMS; i++)
        t.merit[i] = chance_normal(&chance);
    for (int j = 0; j < JUDGES; j++) {
        t.severity[j] = chance_normal(&chance);
        t.spread[j] = 0.6 + 0.8 * chance_uniform(&chance);
    }
    for (uint32_t i = 0; i < ITEMS; i++)
        for (uint32_t k = 0; k < EACH; k++) {
            uint32_t j = (i + k * (1 + i % 5)) % JUDGES;
            double score =
                6 + t.spread[j] * t.merit[i] - t.severity[j] + noise * chance_normal(&chance);
            t.marks[t.count++] = (struct rank_mark){ i, j, score };
        }
    return t;
}

static double correlation(const double *x, const double *y, int n)
{
    double mx = 0, my = 0, xy = 0, xx = 0, yy = 0;
    for (int i = 0; i < n; i++) {
        mx += x[i] / n;
        my += y[i] / n;
    }
    for (int i = 0; i < n; i++) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

static void adjusted_marks_are_nearer_the_truth_than_raw_ones(void **state)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct truth t = make_truth(seed, 0.4);
        struct rank_jury r = rank_jury(arena, t.marks, t.count, ITEMS, JUDGES, RANK_DRAWS);
        double adjusted = correlation(r.scores.score, t.merit, ITEMS);
        double raw = correlation(r.raw, t.merit, ITEMS);
        assert_true(adjusted > 0.95 && adjusted > raw + 0.02);
        assert_true(correlation(r.severity, t.severity, JUDGES) > 0.9);
        assert_true(correlation(r.spread, t.spread, JUDGES) > 0.4);
        assert_int_equal(r.parts, 1);
        assert_true(r.steps < 3000);
    }
}

static void intervals_hold_what_they_promise(void **state)
{
    int outside = 0, all = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct truth t = make_truth(seed, 0.5);
        struct rank_jury r = rank_jury(arena, t.marks, t.count, ITEMS, JUDGES, RANK_DRAWS);
        double severity = 0, spread = 0;
        for (int j = 0; j < JUDGES; j++) {
            severity += t.severity[j] / JUDGES;
            spread += t.spread[j] / JUDGES;
        }
        for (int i = 0; i < ITEMS; i++, all++) {
            double truth = 6 + spread * t.merit[i] - severity;
            outside += truth < r.scores.low[i] || truth > r.scores.high[i];
        }
    }
    /* 5 % would be exact; the model knows judges less well than it thinks (see its limits). */
    assert_true(outside < all * 0.15 && outside > all * 0.01);
}

static void order_names_and_scale_change_nothing(void **state)
{
    struct truth t = make_truth(7, 0.4);
    struct rank_jury one = rank_jury(arena, t.marks, t.count, ITEMS, JUDGES, RANK_DRAWS);
    struct rank_mark *mixed = arena_new(arena, struct rank_mark, t.count);
    for (uint32_t k = 0; k < t.count; k++) {
        struct rank_mark m = t.marks[(size_t)k * 7 % t.count];
        mixed[k] = (struct rank_mark){ ITEMS - 1 - m.item, m.judge * 5 % JUDGES, 10 * m.score - 3 };
    }
    struct rank_jury two = rank_jury(arena, mixed, t.count, ITEMS, JUDGES, RANK_DRAWS);
    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_true(fabs(10 * one.scores.score[i] - 3 - two.scores.score[ITEMS - 1 - i]) < 1e-5);
        assert_int_equal(one.scores.rank[i], two.scores.rank[ITEMS - 1 - i]);
    }
    for (uint32_t j = 0; j < JUDGES; j++)
        assert_true(fabs(10 * one.severity[j] - two.severity[j * 5 % JUDGES]) < 1e-5);
}

static void who_marks_against_the_others_says_nothing(void **state)
{
    struct truth t = make_truth(9, 0.2);
    for (size_t k = 0; k < t.count; k++)
        if (t.marks[k].judge == 3)
            t.marks[k].score = 12 - t.marks[k].score - 2 * t.merit[t.marks[k].item];
    struct rank_jury r = rank_jury(arena, t.marks, t.count, ITEMS, JUDGES, RANK_DRAWS);
    assert_true(r.spread[3] < 0.2 && r.spread[3] >= 0);
    assert_true(correlation(r.scores.score, t.merit, ITEMS) > 0.9);
}

static void a_search_without_end_gives_what_it_has(void **state)
{
    /* One judge, one item marked nine times, and another one far above it. */
    static const double scores[] = { 1401.27, 1, 0, 0.00791124, 4.41973e-06, 2, 4, 5, 4, 5 };
    enum { COUNT = sizeof scores / sizeof scores[0], STEPS_MAX = 3000 };
    struct rank_mark marks[COUNT];
    for (uint32_t k = 0; k < COUNT; k++)
        marks[k] = (struct rank_mark){ .item = k == 0, .judge = 0, .score = scores[k] };
    struct rank_jury r = rank_jury(arena, marks, COUNT, 2, 1, RANK_DRAWS);
    assert_int_equal(r.steps, STEPS_MAX);
    assert_true(r.scores.score[1] > r.scores.score[0] && isfinite(r.noise[0]));
}

static void edges_of_juries_are_finite(void **state)
{
    const struct rank_mark one[] = { { 0, 0, 7 } };
    struct rank_jury r = rank_jury(arena, one, 1, 1, 1, RANK_DRAWS);
    assert_true(fabs(r.scores.score[0] - 7) < 1e-6 && isfinite(r.noise[0]) && r.raw[0] == 7);
    const struct rank_mark equal[] = { { 0, 0, 5 }, { 1, 0, 5 }, { 0, 1, 5 }, { 1, 1, 5 } };
    r = rank_jury(arena, equal, 4, 3, 2, RANK_DRAWS); /* and an item and nobody's mark */
    for (int i = 0; i < 3; i++)
        assert_true(fabs(r.scores.score[i] - 5) < 1e-6 && r.raw[i] == 5);
    assert_true(r.marks[2] == 0 && r.parts == 2);
    r = rank_jury(arena, NULL, 0, 0, 0, RANK_DRAWS);
    assert_true(r.scores.count == 0 && r.parts == 0);
    const struct rank_mark huge[] = { { 0, 0, 1e15 }, { 1, 0, -1e15 }, { 1, 1, 3 }, { 0, 1, 4 } };
    r = rank_jury(arena, huge, 4, 2, 2, RANK_DRAWS);
    assert_true(isfinite(r.scores.score[0]) && r.scores.rank[0] == 1);
}

/* --- Agreement -------------------------------------------------------------------------------- */

/* Krippendorff's example of four observers and twelve units; 0 is missing. */
static const int observers[4][12] = { { 1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0 },
                                      { 1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3 },
                                      { 0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0 },
                                      { 1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0 } };

static struct rank_alpha example(enum rank_level level, double scale, bool backwards)
{
    struct rank_mark marks[48];
    size_t count = 0;
    for (int k = 0; k < 48; k++) {
        int at = backwards ? 47 - k : k;
        if (observers[at / 12][at % 12] != 0)
            marks[count++] = (struct rank_mark){ (uint32_t)(at % 12), (uint32_t)(at / 12),
                                                 scale * observers[at / 12][at % 12] };
    }
    return rank_agreement(arena, marks, count, 12, level, RANK_DRAWS);
}

static void alpha_agrees_with_the_published_example(void **state)
{
    struct rank_alpha nominal = example(RANK_NOMINAL, 1, false);
    struct rank_alpha ordinal = example(RANK_ORDINAL, 1, false);
    struct rank_alpha interval = example(RANK_INTERVAL, 1, false);
    assert_true(fabs(nominal.alpha - 0.743) < 5e-4);
    assert_true(fabs(ordinal.alpha - 0.815) < 5e-4);
    assert_true(fabs(interval.alpha - 0.849) < 5e-4);
    assert_true(nominal.items == 11 && nominal.marks == 40 && nominal.defined);
    assert_true(nominal.low < 0.743 && nominal.high > 0.743 && nominal.high <= 1);
}

static void order_and_scale_change_no_alpha(void **state)
{
    for (int level = RANK_NOMINAL; level <= RANK_INTERVAL; level++) {
        struct rank_alpha one = example((enum rank_level)level, 1, false);
        struct rank_alpha two = example((enum rank_level)level, -2.5, true);
        assert_true(fabs(one.alpha - two.alpha) < 1e-12);
        assert_true(fabs(one.low - two.low) < 1e-9 && fabs(one.high - two.high) < 1e-9);
    }
}

/* Straight from the definition, pair by pair. */
static double alpha_by_pairs(const struct rank_mark *marks, int count, const int *on_item,
                             enum rank_level level)
{
    double inside = 0, all = 0, n = 0;
    for (int a = 0; a < count; a++)
        n += on_item[marks[a].item] >= 2;
    for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++) {
            if (a == b || on_item[marks[a].item] < 2 || on_item[marks[b].item] < 2)
                continue;
            double x = fmin(marks[a].score, marks[b].score),
                   d = fabs(marks[a].score - marks[b].score);
            double y = x + d, between = 0, ends = 0;
            for (int c = 0; c < count; c++) {
                bool pairable = on_item[marks[c].item] >= 2;
                between += pairable && marks[c].score >= x && marks[c].score <= y;
                ends += pairable && (marks[c].score == x || marks[c].score == y);
            }
            double ordinal = d == 0 ? 0 : between - ends / 2;
            double delta = level == RANK_NOMINAL ? d != 0 : level == RANK_ORDINAL ? ordinal : d;
            all += delta * delta / (n * (n - 1));
            if (marks[a].item == marks[b].item)
                inside += delta * delta / (on_item[marks[a].item] - 1) / n;
        }
    return 1 - inside / all;
}

static void alpha_is_what_the_definition_says(void **state)
{
    enum { COUNT = 60, UNITS = 25 };
    struct chance chance = { 11 };
    for (int round = 0; round < 20; round++) {
        struct rank_mark marks[COUNT];
        int on_item[UNITS] = { 0 };
        for (int k = 0; k < COUNT; k++) {
            marks[k] = (struct rank_mark){ (uint32_t)(chance_bits(&chance) % UNITS), 0,
                                           (double)(chance_bits(&chance) % 5) };
            on_item[marks[k].item]++;
        }
        for (int level = RANK_NOMINAL; level <= RANK_INTERVAL; level++) {
            struct rank_alpha r =
                rank_agreement(arena, marks, COUNT, UNITS, (enum rank_level)level, RANK_DRAWS);
            double expected = alpha_by_pairs(marks, COUNT, on_item, (enum rank_level)level);
            assert_true(fabs(r.alpha - expected) < 1e-10);
        }
    }
}

static void alpha_is_undefined_where_nothing_differs(void **state)
{
    const struct rank_mark equal[] = { { 0, 0, 0.1 }, { 0, 1, 0.1 }, { 1, 0, 0.1 }, { 1, 1, 0.1 } };
    const struct rank_mark single[] = { { 0, 0, 1 }, { 1, 0, 2 } };
    for (int level = RANK_NOMINAL; level <= RANK_INTERVAL; level++) {
        assert_false(
            rank_agreement(arena, equal, 4, 2, (enum rank_level)level, RANK_DRAWS).defined);
        assert_false(
            rank_agreement(arena, single, 2, 2, (enum rank_level)level, RANK_DRAWS).defined);
        assert_false(rank_agreement(arena, NULL, 0, 0, (enum rank_level)level, RANK_DRAWS).defined);
    }
    const struct rank_mark whole[] = { { 0, 0, 1 }, { 0, 1, 1 }, { 1, 0, 2 }, { 1, 1, 2 } };
    struct rank_alpha r = rank_agreement(arena, whole, 4, 2, RANK_NOMINAL, RANK_DRAWS);
    assert_true(r.alpha == 1 && r.low == 1 && r.high == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjusted_marks_are_nearer_the_truth_than_raw_ones),
        cmocka_unit_test(intervals_hold_what_they_promise),
        cmocka_unit_test(order_names_and_scale_change_nothing),
        cmocka_unit_test(who_marks_against_the_others_says_nothing),
        cmocka_unit_test(a_search_without_end_gives_what_it_has),
        cmocka_unit_test(edges_of_juries_are_finite),
        cmocka_unit_test(alpha_agrees_with_the_published_example),
        cmocka_unit_test(order_and_scale_change_no_alpha),
        cmocka_unit_test(alpha_is_what_the_definition_says),
        cmocka_unit_test(alpha_is_undefined_where_nothing_differs),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
