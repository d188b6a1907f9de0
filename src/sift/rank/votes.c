/* Scores from votes for and against, or wins and losses.
 *
 * Model: each of an item's n votes is for it with a probability of its own, the share. Wilson: the
 * score test's interval for that share; its lower bound ranks by what is at least likely. Bayes:
 * the share has a Beta(a, b) prior, so that it is Beta(a + up, b + down) afterwards; its mean
 * (a + up)/(a + b + n) moves few votes towards what is usual. The prior is estimated from all items
 * (empirical Bayes): mean = share of all votes, strength by golden section on the likelihood of the
 * beta-binomial distribution. The wiki survey's score is 100 times that mean with a = b = 1: the
 * estimated chance, in per cent, to win against an item that is drawn at random.
 *
 * Sources: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927); Gelman et al., "Bayesian Data Analysis",
 * ch. 5; M. J. Salganik & K. E. C. Levy, "Wiki surveys", PLoS ONE 10 (2015).
 * Cost: O(n log n) for scores, O(draws · n log n) for rank intervals.
 * Limits: votes count as independent; whose they are and whom an item met is not looked at. */
#include "sift/rank/votes.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/rank/places.h"

#include <math.h>

void rank_wilson_interval(struct rank_tally t, double *low, double *high)
{
    double n = t.up + t.down, z2 = NORMAL_95 * NORMAL_95;
    if (n <= 0) {
        *low = 0;
        *high = 1;
        return;
    }
    double p = t.up / n, centre = p + z2 / (2 * n);
    double half = NORMAL_95 * sqrt((p * (1 - p) + z2 / (4 * n)) / n);
    *low = fmax(0, (centre - half) / (1 + z2 / n));
    *high = fmin(1, (centre + half) / (1 + z2 / n));
}

/* ln of the probability of all tallies, as a function of the prior's strength. */
static double likelihood(const struct rank_tally *tallies, uint32_t count, double mean,
                         double strength)
{
    double a = mean * strength, b = (1 - mean) * strength, sum = 0;
    double base = chance_log_gamma(strength) - chance_log_gamma(a) - chance_log_gamma(b);
    for (uint32_t i = 0; i < count; i++) {
        double up = tallies[i].up, down = tallies[i].down;
        sum += base + chance_log_gamma(a + up) + chance_log_gamma(b + down) -
               chance_log_gamma(strength + up + down);
    }
    return sum;
}

struct rank_tally rank_votes_prior(const struct rank_tally *tallies, uint32_t count)
{
    const double golden = 0.6180339887498949;
    double up = 1, down = 1; /* one of each keeps the mean within (0, 1) */
    for (uint32_t i = 0; i < count; i++) {
        up += tallies[i].up;
        down += tallies[i].down;
    }
    double mean = up / (up + down), low = log(0.1), high = log(1e4);
    if (count == 0)
        return (struct rank_tally){ 1, 1 };
    for (int i = 0; i < 40; i++) {
        double left = high - golden * (high - low), right = low + golden * (high - low);
        if (likelihood(tallies, count, mean, exp(left)) >
            likelihood(tallies, count, mean, exp(right)))
            high = right;
        else
            low = left;
    }
    double strength = exp((low + high) / 2);
    return (struct rank_tally){ mean * strength, (1 - mean) * strength };
}

struct posterior {
    const struct rank_tally *tallies;
    uint32_t count;
    struct rank_tally prior;
};

static void draw_shares(struct chance *chance, double *values, void *context)
{
    const struct posterior *p = context;
    for (uint32_t i = 0; i < p->count; i++)
        values[i] =
            chance_beta(chance, p->prior.up + p->tallies[i].up, p->prior.down + p->tallies[i].down);
}

static void score_beta(struct rank_scores *s, uint32_t i, struct rank_tally t,
                       struct rank_tally prior, double scale)
{
    double a = prior.up + t.up, b = prior.down + t.down;
    s->score[i] = scale * a / (a + b);
    s->low[i] = scale * chance_beta_quantile(0.025, a, b);
    s->high[i] = scale * chance_beta_quantile(0.975, a, b);
}

struct rank_scores rank_votes(struct arena *arena, enum rank_votes_method method,
                              const struct rank_tally *tallies, uint32_t count,
                              struct rank_tally prior, struct rank_draws draws)
{
    if (method != RANK_BAYES)
        prior = (struct rank_tally){ 1, 1 };
    check(prior.up > 0 && prior.down > 0);
    struct rank_scores s = rank_scores_make(arena, count);
    for (uint32_t i = 0; i < count; i++) {
        check(tallies[i].up >= 0 && tallies[i].down >= 0);
        if (method == RANK_WILSON) {
            rank_wilson_interval(tallies[i], &s.low[i], &s.high[i]);
            s.score[i] = s.low[i];
        } else {
            score_beta(&s, i, tallies[i], prior, method == RANK_WIKI ? 100 : 1);
        }
    }
    rank_by_score(&s);
    struct posterior posterior = { tallies, count, prior };
    rank_intervals(arena, &s, draws, draw_shares, &posterior);
    return s;
}
