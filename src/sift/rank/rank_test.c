#include <math.h>
#include <string.h>

#include "sift/chance/chance.h"
#include "sift/rank/places.h"
#include "sift/rank/rank.h"
#include "sift/table/table_testing.h"

static void wilson_agrees_with_published_values(void **state)
{
    (void)state;
    /* Wilson 95 % lower bounds: 81/263 (Newcombe 1998, Stat. Med. 17, table I), 15/148, 0/20, 1/29.
     */
    assert_true(fabs(rank_wilson(81, 182) - 0.2553) < 5e-5);
    assert_true(fabs(rank_wilson(15, 133) - 0.0624) < 5e-5);
    assert_true(rank_wilson(0, 20) == 0);
    assert_true(fabs(rank_wilson(1, 28) - 0.0061) < 5e-5);
    double low, high;
    rank_wilson_interval((struct rank_tally){ 81, 182 }, &low, &high);
    assert_true(fabs(high - 0.3662) < 5e-5);
    rank_wilson_interval((struct rank_tally){ 0, 0 }, &low, &high);
    assert_true(low == 0 && high == 1);
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

/* --- Chance ----------------------------------------------------------------------------------- */

static void the_beta_distribution_has_its_known_values(void **state)
{
    /* Beta(1, 1) is even; Beta(2, 1) has distribution x²; Beta(1, 3) has 1 − (1 − x)³. */
    for (double x = 0.05; x < 1; x += 0.1) {
        assert_true(fabs(chance_beta_below(x, 1, 1) - x) < 1e-12);
        assert_true(fabs(chance_beta_below(x, 2, 1) - x * x) < 1e-12);
        assert_true(fabs(chance_beta_below(x, 1, 3) - (1 - pow(1 - x, 3))) < 1e-12);
        assert_true(fabs(chance_beta_below(chance_beta_quantile(x, 7.5, 0.4), 7.5, 0.4) - x) <
                    1e-9);
    }
    assert_true(chance_beta_below(0, 2, 2) == 0 && chance_beta_below(1, 2, 2) == 1);
    assert_true(chance_beta_below(-1, 2, 2) == 0 && chance_beta_below(2, 2, 2) == 1);
    assert_true(fabs(chance_beta_quantile(0.975, 219, 56) - 0.84207) < 2e-3);
    /* Where the normal distribution takes over nothing jumps. */
    double inside = chance_beta_quantile(0.025, 9.99e5, 9.99e5),
           beyond = chance_beta_quantile(0.025, 1.001e6, 1.001e6);
    assert_true(fabs((0.5 - inside) / (0.5 - beyond) - sqrt(1.001 / 0.999)) < 1e-3);
}

static void the_beta_distribution_holds_for_any_number_of_votes(void **state)
{
    /* Of as many for as against half lies below a half; of a few among very many the share is
       that of a gamma distribution: 1 − e^(−bx)(1 + bx) for two. */
    for (double votes = 1; votes < 1e15; votes *= 10)
        assert_true(fabs(chance_beta_below(0.5, votes, votes) - 0.5) < 1e-9);
    for (double votes = 1e6; votes < 1e13; votes *= 10)
        assert_true(fabs(chance_beta_below(3 / votes, 2, votes) - (1 - exp(-3.0) * 4)) < 1e-5);
    for (double votes = 1e12; votes < 1e16; votes *= 1.1)
        for (double x = 0.01; x < 100; x *= 1.3) {
            double below = chance_beta_below(x / votes, 0.05, votes);
            assert_true(below >= 0 && below <= 1);
        }
}

static void the_beta_function_keeps_its_digits(void **state)
{
    /* B(a, 1) = 1 / a; B(a, 2) = 1 / (a (a + 1)); B(a, b) = B(a + 1, b) + B(a, b + 1). */
    for (double a = 0.125; a < 1e15; a *= 8) {
        assert_true(fabs(chance_log_beta(a, 1) + log(a)) < 1e-13 * (1 + log(a + 1)));
        assert_true(fabs(chance_log_beta(2, a) + log(a) + log(a + 1)) < 1e-13 * (2 + log(a + 1)));
    }
    for (double a = 0.5; a < 1000; a *= 1.7)
        for (double b = 0.5; b < 1000; b *= 1.7) {
            double whole = chance_log_beta(a, b);
            double parts =
                exp(chance_log_beta(a + 1, b) - whole) + exp(chance_log_beta(a, b + 1) - whole);
            assert_true(fabs(parts - 1) < 1e-11);
        }
}

static void digamma_has_its_known_values(void **state)
{
    const double euler = 0.57721566490153286;
    assert_true(fabs(chance_digamma(1) + euler) < 1e-12);
    assert_true(fabs(chance_digamma(0.5) + euler + 2 * M_LN2) < 1e-12);
    assert_true(fabs(chance_digamma(25.5) - chance_digamma(24.5) - 1 / 24.5) < 1e-12);
}

static void draws_have_the_moments_of_their_distributions(void **state)
{
    enum { DRAWS = 100000 };
    struct chance chance = { 5 };
    double normal = 0, squares = 0, rough = 0, rough_squares = 0, small = 0, large = 0, beta = 0;
    for (int i = 0; i < DRAWS; i++) {
        double x = chance_normal(&chance);
        normal += x / DRAWS;
        squares += x * x / DRAWS;
        double y = chance_rough_normal(&chance);
        rough += y / DRAWS;
        rough_squares += y * y / DRAWS;
        small += chance_gamma(&chance, 0.3) / DRAWS;
        large += chance_gamma(&chance, 8) / DRAWS;
        beta += chance_beta(&chance, 2, 6) / DRAWS;
    }
    assert_true(fabs(normal) < 0.015 && fabs(squares - 1) < 0.02);
    assert_true(fabs(rough) < 0.015 && fabs(rough_squares - 1) < 0.02);
    assert_true(fabs(small - 0.3) < 0.01 && fabs(large - 8) < 0.05 && fabs(beta - 0.25) < 0.003);
}

/* --- Places ----------------------------------------------------------------------------------- */

static void equal_scores_share_the_better_rank(void **state)
{
    struct rank_scores s = rank_scores_make(arena, 5);
    const double scores[] = { 1, 3, 2, 3, -1 };
    const uint32_t ranks[] = { 4, 1, 3, 1, 5 }, order[] = { 1, 3, 2, 0, 4 };
    memcpy(s.score, scores, sizeof scores);
    rank_by_score(&s);
    assert_memory_equal(s.rank, ranks, sizeof ranks);
    assert_memory_equal(s.rank_low, ranks, sizeof ranks);
    assert_memory_equal(s.order, order, sizeof order);
    uint32_t alone[5];
    rank_order(arena, scores, 5, alone);
    assert_memory_equal(alone, ranks, sizeof ranks);
}

static void draw_around(struct chance *chance, double *values, void *context)
{
    for (int i = 0; i < 4; i++)
        values[i] = -(double)i * *(double *)context + chance_normal(chance);
}

static void rank_intervals_are_narrow_where_scores_lie_far_apart(void **state)
{
    struct rank_scores s = rank_scores_make(arena, 4);
    for (int i = 0; i < 4; i++)
        s.score[i] = -i;
    double apart = 20;
    rank_by_score(&s);
    rank_intervals(arena, &s, RANK_DRAWS, draw_around, &apart);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(s.rank_low[i] == i + 1 && s.rank_high[i] == i + 1);
    apart = 0;
    rank_intervals(arena, &s, RANK_DRAWS, draw_around, &apart);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(s.rank_low[i] == 1 && s.rank_high[i] == 4);
    apart = -20; /* beliefs that contradict the scores: intervals still hold the ranks */
    rank_intervals(arena, &s, RANK_DRAWS, draw_around, &apart);
    assert_true(s.rank_low[0] == 1 && s.rank_high[0] == 4);
    assert_true(s.rank_low[3] == 1 && s.rank_high[3] == 4);
}

/* --- Votes ------------------------------------------------------------------------------------ */

static void the_wiki_score_is_a_beta_mean(void **state)
{
    const struct rank_tally tallies[] = { { 218, 55 }, { 0, 0 }, { 0, 10 } };
    struct rank_scores s =
        rank_votes(arena, RANK_WIKI, tallies, 3, (struct rank_tally){ 0 }, RANK_DRAWS);
    assert_true(fabs(s.score[0] - 79.636364) < 1e-6);
    assert_true(fabs(s.score[1] - 50) < 1e-12 && fabs(s.low[1] - 2.5) < 1e-9);
    assert_true(fabs(s.score[2] - 8.333333) < 1e-6);
    assert_true(s.rank[0] == 1 && s.rank[1] == 2 && s.rank[2] == 3);
    assert_true(s.low[0] < s.score[0] && s.score[0] < s.high[0]);
}

static void wilson_ranks_by_what_is_at_least_likely(void **state)
{
    const struct rank_tally tallies[] = { { 1, 0 }, { 90, 10 } };
    struct rank_scores s =
        rank_votes(arena, RANK_WILSON, tallies, 2, (struct rank_tally){ 0 }, RANK_DRAWS);
    assert_int_equal(s.rank[1], 1);
    assert_true(s.score[1] == rank_wilson(90, 10) && s.low[1] == s.score[1]);
    assert_true(s.rank_low[0] == 1 && s.rank_high[0] == 2);
}

static void the_prior_says_how_alike_items_are(void **state)
{
    enum { ITEMS = 2000 };
    struct chance chance = { 3 };
    struct rank_tally *tallies = arena_new(arena, struct rank_tally, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        double share = chance_beta(&chance, 6, 14);
        for (int vote = 0; vote < 30; vote++)
            *(chance_uniform(&chance) < share ? &tallies[i].up : &tallies[i].down) += 1;
    }
    struct rank_tally prior = rank_votes_prior(tallies, ITEMS);
    assert_true(fabs(prior.up - 6) < 0.8 && fabs(prior.down - 14) < 2);
    prior = rank_votes_prior(tallies, 0);
    assert_true(prior.up == 1 && prior.down == 1);
    for (int i = 0; i < ITEMS; i++)
        tallies[i] = (struct rank_tally){ 10, 10 };
    prior = rank_votes_prior(tallies, ITEMS);
    assert_true(prior.up > 1000);
}

static void few_votes_move_towards_what_is_usual(void **state)
{
    const struct rank_tally tallies[] = { { 1, 0 }, { 40, 10 }, { 30, 20 }, { 20, 30 } };
    struct rank_tally prior = { 12, 8 };
    struct rank_scores s = rank_votes(arena, RANK_BAYES, tallies, 4, prior, RANK_DRAWS);
    assert_true(fabs(s.score[0] - 13.0 / 21) < 1e-12);
    assert_true(s.rank[1] == 1 && s.rank[0] == 2);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(chance_beta_below(s.low[i], 12 + tallies[i].up, 8 + tallies[i].down) -
                         0.025) < 1e-9);
}

static void no_items_give_no_ranking(void **state)
{
    struct rank_scores s =
        rank_votes(arena, RANK_WILSON, NULL, 0, (struct rank_tally){ 0 }, RANK_DRAWS);
    assert_int_equal(s.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_agrees_with_published_values),
        cmocka_unit_test(more_evidence_for_the_same_share_ranks_higher),
        cmocka_unit_test(ten_times_the_votes_weigh_as_much_as_half_a_day),
        cmocka_unit_test(the_beta_distribution_has_its_known_values),
        cmocka_unit_test(the_beta_distribution_holds_for_any_number_of_votes),
        cmocka_unit_test(the_beta_function_keeps_its_digits),
        cmocka_unit_test(digamma_has_its_known_values),
        cmocka_unit_test(draws_have_the_moments_of_their_distributions),
        cmocka_unit_test(equal_scores_share_the_better_rank),
        cmocka_unit_test(rank_intervals_are_narrow_where_scores_lie_far_apart),
        cmocka_unit_test(the_wiki_score_is_a_beta_mean),
        cmocka_unit_test(wilson_ranks_by_what_is_at_least_likely),
        cmocka_unit_test(the_prior_says_how_alike_items_are),
        cmocka_unit_test(few_votes_move_towards_what_is_usual),
        cmocka_unit_test(no_items_give_no_ranking),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
