#include <float.h>
#include <math.h>
#include <string.h>

#include "sift/chance/chance.h"
#include "sift/rank/rank.h"
#include "sift/table/table_testing.h"

/* Choices by the model: item i has strength `apart`·(middle − i), so 0 is the strongest. */
static struct rank_choice *make_choices(uint32_t items, uint32_t voters, size_t count, double apart,
                                        uint64_t seed)
{
    struct rank_choice *choices = arena_new(arena, struct rank_choice, count);
    struct chance chance = { seed };
    for (size_t k = 0; k < count; k++) {
        uint32_t a = (uint32_t)(chance_bits(&chance) % items);
        uint32_t b = (a + 1 + (uint32_t)(chance_bits(&chance) % (items - 1))) % items;
        bool a_wins = chance_uniform(&chance) < 1 / (1 + exp(apart * ((double)a - (double)b)));
        choices[k] = (struct rank_choice){ a_wins ? a : b, a_wins ? b : a,
                                           (uint32_t)(chance_bits(&chance) % voters) };
    }
    return choices;
}

static struct rank_strengths fit(const struct rank_choice *choices, size_t count,
                                 const double *weights, uint32_t items)
{
    return rank_bradley_terry(arena, choices, count, weights, items, 1, RANK_DRAWS);
}

static void a_voter_has_one_voice_on_each_item(void **state)
{
    const struct rank_choice choices[] = { { 0, 1, 0 }, { 0, 2, 0 }, { 0, 1, 0 }, { 2, 1, 1 } };
    double *weights = rank_choice_weights(arena, choices, 4);
    const double expected[] = { 1.0 / 3, 1.0 / 3, 1.0 / 3, 1 };
    for (int k = 0; k < 4; k++)
        assert_true(weights[k] == expected[k]);
    struct rank_choice *many = make_choices(12, 7, 600, 0.2, 1);
    weights = rank_choice_weights(arena, many, 600);
    double voice[7][12] = { 0 };
    for (int k = 0; k < 600; k++) {
        voice[many[k].voter][many[k].winner] += weights[k];
        voice[many[k].voter][many[k].loser] += weights[k];
    }
    for (int v = 0; v < 7; v++)
        for (int i = 0; i < 12; i++)
            assert_true(voice[v][i] <= 1 + 1e-12);
}

static void wins_and_losses_are_counted(void **state)
{
    const struct rank_choice choices[] = { { 0, 1, 0 }, { 0, 2, 0 }, { 2, 1, 1 } };
    const double weights[] = { 0.5, 0.25, 1 };
    struct rank_tally *t = rank_choice_tallies(arena, choices, 3, NULL, 3);
    assert_true(t[0].up == 2 && t[0].down == 0 && t[1].down == 2 && t[2].up == 1);
    t = rank_choice_tallies(arena, choices, 3, weights, 3);
    assert_true(t[0].up == 0.75 && t[1].down == 1.5 && t[2].up == 1 && t[2].down == 0.25);
}

static void two_items_have_the_solution_of_one_equation(void **state)
{
    /* With strengths s and −s: 3 − 4/(1 + exp(−2s)) = s. */
    const struct rank_choice choices[] = { { 0, 1, 0 }, { 0, 1, 1 }, { 1, 0, 2 }, { 0, 1, 3 } };
    struct rank_strengths r = fit(choices, 4, NULL, 2);
    double s = r.strength[0], chance = 1 / (1 + exp(-2 * s));
    assert_true(fabs(3 - 4 * chance - s) < 1e-10 && fabs(r.strength[1] + s) < 1e-10);
    /* The Hessian [1 + c, −c; −c, 1 + c] has (1 + c)/(1 + 2c) on its inverse's diagonal. */
    double c = 4 * chance * (1 - chance);
    assert_true(fabs(r.sd[0] * r.sd[0] - (1 + c) / (1 + 2 * c)) < 1e-10);
    assert_true(fabs(r.scores.score[0] - 100 / (1 + exp(-s))) < 1e-9);
}

static void strengths_are_found_again(void **state)
{
    enum { ITEMS = 20, COUNT = 20000 };
    struct rank_choice *choices = make_choices(ITEMS, 5000, COUNT, 0.2, 2);
    struct rank_strengths r = fit(choices, COUNT, NULL, ITEMS);
    int outside = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        double truth = 0.2 * (9.5 - i);
        assert_true(fabs(r.strength[i] - truth) < 0.35);
        double score = 100 / (1 + exp(-truth));
        outside += score < r.scores.low[i] || score > r.scores.high[i];
        assert_true(r.scores.rank_low[i] <= i + 2 && i <= r.scores.rank_high[i]);
    }
    assert_true(outside <= 3);
}

static void the_gradient_vanishes_where_it_stops(void **state)
{
    enum { ITEMS = 30, COUNT = 2000 };
    struct rank_choice *choices = make_choices(ITEMS, 20, COUNT, 0.3, 3);
    double *weights = rank_choice_weights(arena, choices, COUNT);
    struct rank_strengths r =
        rank_bradley_terry(arena, choices, COUNT, weights, ITEMS, 2, RANK_DRAWS);
    double gradient[ITEMS];
    for (int i = 0; i < ITEMS; i++)
        gradient[i] = -r.strength[i] / 4;
    for (int k = 0; k < COUNT; k++) {
        uint32_t w = choices[k].winner, l = choices[k].loser;
        double push = weights[k] / (1 + exp(r.strength[w] - r.strength[l]));
        gradient[w] += push;
        gradient[l] -= push;
    }
    for (int i = 0; i < ITEMS; i++)
        assert_true(fabs(gradient[i]) < 1e-9);
    assert_true(r.steps < 20);
}

static void names_and_order_change_nothing(void **state)
{
    enum { ITEMS = 15, COUNT = 400 };
    struct rank_choice *choices = make_choices(ITEMS, 30, COUNT, 0.3, 4);
    struct rank_choice *mixed = arena_new(arena, struct rank_choice, COUNT);
    for (uint32_t k = 0; k < COUNT; k++) { /* 7 and COUNT, 4 and ITEMS have no common divisor */
        struct rank_choice c = choices[(size_t)k * 7 % COUNT];
        mixed[k] = (struct rank_choice){ c.winner * 4 % ITEMS, c.loser * 4 % ITEMS, 29 - c.voter };
    }
    struct rank_strengths one =
        fit(choices, COUNT, rank_choice_weights(arena, choices, COUNT), ITEMS);
    struct rank_strengths two = fit(mixed, COUNT, rank_choice_weights(arena, mixed, COUNT), ITEMS);
    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_true(fabs(one.strength[i] - two.strength[i * 4 % ITEMS]) < 1e-9);
        assert_true(fabs(one.sd[i] - two.sd[i * 4 % ITEMS]) < 1e-9);
        assert_int_equal(one.scores.rank[i], two.scores.rank[i * 4 % ITEMS]);
    }
}

static void stuffed_ballots_lift_little_when_weighted(void **state)
{
    enum { ITEMS = 24, HONEST = 3000, STUFFED = 800 };
    struct rank_choice *choices = make_choices(ITEMS, 100, HONEST + STUFFED, 0.15, 5);
    for (uint32_t k = 0; k < STUFFED; k++)
        choices[HONEST + k] = (struct rank_choice){ ITEMS - 1, k % (ITEMS - 1), 100 + k / 80 };
    double *weights = rank_choice_weights(arena, choices, HONEST + STUFFED);
    struct rank_strengths weighted = fit(choices, HONEST + STUFFED, weights, ITEMS);
    struct rank_strengths plain = fit(choices, HONEST + STUFFED, NULL, ITEMS);
    assert_true(weighted.scores.rank[ITEMS - 1] > 18);
    assert_true(plain.scores.rank[ITEMS - 1] <= 6);
}

static void deviations_from_draws_agree_with_exact_ones(void **state)
{
    enum { ITEMS = 301, COUNT = 6000 }; /* one more than is solved exactly */
    struct rank_choice *choices = make_choices(ITEMS, 50, COUNT, 0.01, 6);
    for (int k = 0; k < COUNT; k++) /* the last item meets nobody: its deviation is the prior's */
        if (choices[k].winner == 300 || choices[k].loser == 300)
            choices[k] = (struct rank_choice){ 0, 1, 0 };
    struct rank_strengths large =
        rank_bradley_terry(arena, choices, COUNT, NULL, ITEMS, 1, (struct rank_draws){ 2000, 1 });
    struct rank_strengths small = fit(choices, COUNT, NULL, ITEMS - 1);
    for (int i = 0; i < ITEMS - 1; i++) {
        assert_true(fabs(large.strength[i] - small.strength[i]) < 1e-8);
        assert_true(fabs(large.sd[i] / small.sd[i] - 1) < 0.08);
    }
    assert_true(fabs(large.sd[300] - 1) < 0.08 && large.strength[300] == 0);
}

static void extreme_choices_stay_finite(void **state)
{
    struct rank_choice *choices = arena_new(arena, struct rank_choice, 5000);
    for (int k = 0; k < 5000; k++)
        choices[k] = (struct rank_choice){ 0, 1, 0 };
    struct rank_strengths r = rank_bradley_terry(arena, choices, 5000, NULL, 2, 1000, RANK_DRAWS);
    assert_true(isfinite(r.strength[0]) && r.strength[0] > 3 && isfinite(r.sd[0]));
    r = fit(NULL, 0, NULL, 3);
    assert_true(r.strength[2] == 0 && fabs(r.sd[2] - 1) < 1e-12 && r.scores.rank[2] == 1);
    r = fit(NULL, 0, NULL, 0);
    assert_int_equal(r.scores.count, 0);
}

static void steps_that_go_too_far_are_halved(void **state)
{
    static const struct {
        uint32_t winner, loser, times;
    } met[] = { { 3, 2, 1578 }, { 0, 2, 157 }, { 0, 3, 638 }, { 2, 1, 2 },
                { 1, 2, 2 },    { 0, 2, 4 },   { 0, 1, 1100 } };
    struct rank_choice *choices = arena_new(arena, struct rank_choice, 4000);
    size_t count = 0;
    for (size_t k = 0; k < sizeof met / sizeof met[0]; k++)
        for (uint32_t n = 0; n < met[k].times; n++)
            choices[count++] = (struct rank_choice){ met[k].winner, met[k].loser, 0 };
    struct rank_strengths r = rank_bradley_terry(arena, choices, count, NULL, 4, 1000, RANK_DRAWS);
    double gradient[4];
    for (int i = 0; i < 4; i++)
        gradient[i] = -r.strength[i] / 1e6;
    for (size_t k = 0; k < count; k++) {
        double push = 1 / (1 + exp(r.strength[choices[k].winner] - r.strength[choices[k].loser]));
        gradient[choices[k].winner] += push;
        gradient[choices[k].loser] -= push;
    }
    for (int i = 0; i < 4; i++)
        assert_true(fabs(gradient[i]) < 1e-8);
    assert_true(r.strength[0] > r.strength[3] && r.strength[3] > r.strength[2]);
}

/* Weights of all sizes and hardly a prior: what rounding leaves of the gradient need not vanish. */
static void a_search_without_end_gives_what_it_has(void **state)
{
    enum { ITEMS = 11, COUNT = 60, STEPS_MAX = 200, TRIALS = 100 };
    int broken_off = 0;
    struct chance chance = { 1 };
    for (int trial = 0; trial < TRIALS; trial++) {
        struct rank_choice choices[COUNT];
        double weights[COUNT];
        for (size_t k = 0; k < COUNT; k++) {
            uint32_t winner = (uint32_t)(chance_bits(&chance) % ITEMS);
            uint32_t on = 1 + (uint32_t)(chance_bits(&chance) % (ITEMS - 1));
            choices[k] = (struct rank_choice){ winner, (winner + on) % ITEMS, 0 };
            weights[k] = exp(27 * chance_uniform(&chance));
        }
        struct rank_strengths r =
            rank_bradley_terry(arena, choices, COUNT, weights, ITEMS, INFINITY, RANK_DRAWS);
        broken_off += r.steps == STEPS_MAX;
        assert_true(r.steps <= STEPS_MAX);
        for (uint32_t i = 0; i < ITEMS; i++)
            assert_true(isfinite(r.strength[i]) && r.scores.low[i] <= r.scores.score[i]);
    }
    assert_true(broken_off > 0 && broken_off < TRIALS);
}

static void assert_alike(const struct rank_strengths *a, const struct rank_strengths *b)
{
    for (uint32_t i = 0; i < a->scores.count; i++) {
        assert_true(a->strength[i] == b->strength[i] && a->sd[i] == b->sd[i]);
        assert_true(a->scores.low[i] == b->scores.low[i] && a->scores.high[i] == b->scores.high[i]);
        assert_int_equal(a->scores.rank[i], b->scores.rank[i]);
    }
}

static void a_prior_beyond_all_measure_counts_as_the_nearest_one_with_it(void **state)
{
    enum { ITEMS = 5, COUNT = 40 };
    struct rank_choice *choices = make_choices(ITEMS - 1, 9, COUNT, 1, 3); /* the last met nobody */
    const double least[] = { 0, 1e-300, 1e-160, RANK_PRIOR_SD_LEAST / 2, RANK_PRIOR_SD_LEAST };
    const double most[] = { INFINITY, DBL_MAX, 1e160, RANK_PRIOR_SD_MOST * 2, RANK_PRIOR_SD_MOST };
    struct rank_strengths low = rank_bradley_terry(arena, choices, COUNT, NULL, ITEMS,
                                                   RANK_PRIOR_SD_LEAST, RANK_DRAWS),
                          high = rank_bradley_terry(arena, choices, COUNT, NULL, ITEMS,
                                                    RANK_PRIOR_SD_MOST, RANK_DRAWS);
    for (size_t k = 0; k < sizeof least / sizeof least[0]; k++) {
        struct rank_strengths r =
            rank_bradley_terry(arena, choices, COUNT, NULL, ITEMS, least[k], RANK_DRAWS);
        assert_alike(&r, &low);
        r = rank_bradley_terry(arena, choices, COUNT, NULL, ITEMS, most[k], RANK_DRAWS);
        assert_alike(&r, &high);
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_true(fabs(low.scores.score[i] - 50) < 1e-4);
        assert_true(isfinite(high.strength[i]) && isfinite(high.sd[i]));
    }
    assert_true(high.strength[0] > high.strength[3] && high.strength[4] == 0);
}

static void long_chains_are_solved_too(void **state)
{
    enum { ITEMS = 2500, COUNT = 3 * (ITEMS - 1) };
    struct rank_choice *choices = arena_new(arena, struct rank_choice, COUNT);
    for (uint32_t k = 0; k < COUNT; k++) { /* each beats the next twice and loses once */
        uint32_t a = k / 3;
        choices[k] =
            k % 3 == 0 ? (struct rank_choice){ a + 1, a, 0 } : (struct rank_choice){ a, a + 1, 0 };
    }
    struct rank_strengths r =
        rank_bradley_terry(arena, choices, COUNT, NULL, ITEMS, 1e4, (struct rank_draws){ 40, 1 });
    for (uint32_t i = 0; i + 1 < ITEMS; i++)
        assert_true(fabs(r.strength[i] - r.strength[i + 1] - M_LN2) < 0.05);
}

static void parts_without_a_choice_between_them_are_counted(void **state)
{
    const struct rank_choice choices[] = { { 0, 1, 0 }, { 2, 3, 0 }, { 1, 0, 0 }, { 3, 4, 0 } };
    assert_int_equal(rank_choice_parts(arena, choices, 4, 6), 3);
    assert_int_equal(rank_choice_parts(arena, choices, 0, 6), 6);
}

/* --- The next pair ---------------------------------------------------------------------------- */

static void what_was_seen_least_catches_up(void **state)
{
    enum { ITEMS = 6, WANTED = 15 };
    const struct rank_choice choices[] = { { 0, 1, 0 }, { 0, 2, 0 }, { 1, 2, 0 },
                                           { 3, 0, 0 }, { 4, 0, 0 }, { 5, 1, 0 } };
    struct rank_next_pair pairs[WANTED];
    assert_int_equal(rank_next_catch_up(arena, choices, 6, ITEMS, 9, pairs, WANTED), WANTED);
    uint32_t seen[ITEMS] = { 4, 3, 2, 1, 1, 1 }, least = UINT32_MAX, most = 0;
    assert_true(pairs[0].a >= 3 && pairs[0].b >= 3 && pairs[0].a != pairs[0].b);
    for (int k = 0; k < WANTED; k++) {
        seen[pairs[k].a]++;
        seen[pairs[k].b]++;
    }
    for (int i = 0; i < ITEMS; i++) {
        least = seen[i] < least ? seen[i] : least;
        most = seen[i] > most ? seen[i] : most;
    }
    assert_true(most - least <= 1);
    assert_int_equal(rank_next_catch_up(arena, NULL, 0, 1, 9, pairs, WANTED), 0);
}

static void crowds_learn_strengths_and_who_can_be_trusted(void **state)
{
    enum { ITEMS = 8, VOTERS = 10, COUNT = 3000 };
    struct rank_choice *choices = make_choices(ITEMS, VOTERS, COUNT, 0.7, 8);
    struct rank_crowd crowd = rank_crowd_make(arena, ITEMS, VOTERS);
    for (int k = 0; k < COUNT; k++) {
        if (choices[k].voter == 0) /* says the contrary of what the voter believes */
            choices[k] = (struct rank_choice){ choices[k].loser, choices[k].winner, 0 };
        rank_crowd_learn(&crowd, choices[k]);
    }
    for (int i = 0; i + 1 < ITEMS; i++)
        assert_true(crowd.mean[i] > crowd.mean[i + 1] && crowd.variance[i] < 1);
    double contrary = crowd.right[0] / (crowd.right[0] + crowd.wrong[0]);
    for (int v = 1; v < VOTERS; v++)
        assert_true(contrary < crowd.right[v] / (crowd.right[v] + crowd.wrong[v]) - 0.2);
}

static void most_is_learnt_from_what_is_open(void **state)
{
    struct rank_crowd crowd = rank_crowd_make(arena, 4, 2);
    crowd.variance[0] = crowd.variance[1] = 0.01;
    crowd.mean[3] = 6;
    crowd.right[1] = crowd.wrong[1] = 50; /* flips a coin */
    assert_true(rank_crowd_gain(&crowd, 2, 0, 0, 1) > rank_crowd_gain(&crowd, 0, 1, 0, 1));
    assert_true(rank_crowd_gain(&crowd, 2, 0, 0, 0) > rank_crowd_gain(&crowd, 3, 0, 0, 0));
    assert_true(rank_crowd_gain(&crowd, 2, 0, 0, 0) > rank_crowd_gain(&crowd, 2, 0, 1, 0));
    assert_true(fabs(rank_crowd_gain(&crowd, 2, 0, 0, 1) - rank_crowd_gain(&crowd, 0, 2, 0, 1)) <
                1e-12);
    struct rank_next_pair pairs[10];
    assert_int_equal(rank_next_gain(arena, &crowd, 0, pairs, 10), 6);
    for (int k = 1; k < 6; k++)
        assert_true(pairs[k - 1].gain >= pairs[k].gain && pairs[k].gain >= 0);
    struct rank_next_pair best;
    assert_int_equal(rank_next_gain(arena, &crowd, 0, &best, 1), 1);
    assert_true(best.a == pairs[0].a && best.b == pairs[0].b);
    struct rank_crowd many = rank_crowd_make(arena, 600, 1);
    many.variance[599] = 2;
    assert_int_equal(rank_next_gain(arena, &many, 0, pairs, 10), 10);
    assert_int_equal(pairs[0].a, 599);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voter_has_one_voice_on_each_item),
        cmocka_unit_test(wins_and_losses_are_counted),
        cmocka_unit_test(two_items_have_the_solution_of_one_equation),
        cmocka_unit_test(strengths_are_found_again),
        cmocka_unit_test(the_gradient_vanishes_where_it_stops),
        cmocka_unit_test(names_and_order_change_nothing),
        cmocka_unit_test(stuffed_ballots_lift_little_when_weighted),
        cmocka_unit_test(deviations_from_draws_agree_with_exact_ones),
        cmocka_unit_test(extreme_choices_stay_finite),
        cmocka_unit_test(steps_that_go_too_far_are_halved),
        cmocka_unit_test(a_search_without_end_gives_what_it_has),
        cmocka_unit_test(a_prior_beyond_all_measure_counts_as_the_nearest_one_with_it),
        cmocka_unit_test(long_chains_are_solved_too),
        cmocka_unit_test(parts_without_a_choice_between_them_are_counted),
        cmocka_unit_test(what_was_seen_least_catches_up),
        cmocka_unit_test(crowds_learn_strengths_and_who_can_be_trusted),
        cmocka_unit_test(most_is_learnt_from_what_is_open),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
