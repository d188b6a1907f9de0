/* Strengths of items from choices between two of them.
 *
 * Model (Bradley–Terry): item i has a strength s_i and wins against j with chance
 * 1/(1 + exp(s_j − s_i)). The strengths are the maximum of Σ weight·ln(chance) − Σ s_i²/(2·sd²):
 * MAP under a normal prior, which keeps items with few choices, or none lost, finite. A choice
 * weighs 1/(times its voter met its item), so that somebody who votes eighty times for one item has
 * one voice about it; against many accounts with one voice each there is screening.h.
 * Doubt: the posterior is taken as normal around its maximum (Laplace), with the inverse of the
 * Hessian for covariance. Its diagonal is solved for exactly up to EXACT_ITEMS items, and estimated
 * from the draws beyond. A draw is H⁻¹y with y of covariance H (perturb, then solve), so no matrix
 * is ever built.
 *
 * Sources: R. A. Bradley & M. E. Terry, Biometrika 39 (1952); F. Caron & A. Doucet, "Efficient
 * Bayesian inference for generalized Bradley–Terry models", JCGS 21 (2012), for MAP; G. Papandreou
 * & A. Yuille, NIPS 2010, for draws by perturbation.
 * Cost: Newton's method, whose steps are solved by conjugate gradients: O(steps · solve), with
 * solve = O(g · pairs), where pairs are those that met at all and g < 100 usually; O(draws · solve)
 * for rank intervals. Memory O(pairs + items).
 * Limits: no ties; voters are alike but for their weight; weights below 1 make the intervals wider
 * than those of as many independent voters, which is meant. */
#include "sift/rank/pairs.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/rank/counter.h"
#include "sift/rank/places.h"

#include <math.h>
#include <string.h>

enum { EXACT_ITEMS = 300 };

double *rank_choice_weights(struct arena *arena, const struct rank_choice *choices, size_t count)
{
    double *weights = arena_new(arena, double, count);
    struct arena_mark mark = arena_mark(arena);
    struct counter met = rank_counter_make(arena, 2 * count);
    for (size_t i = 0; i < count; i++) {
        ++*rank_counter_of(&met, choices[i].voter, choices[i].winner);
        ++*rank_counter_of(&met, choices[i].voter, choices[i].loser);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t winner = *rank_counter_of(&met, choices[i].voter, choices[i].winner);
        uint32_t loser = *rank_counter_of(&met, choices[i].voter, choices[i].loser);
        weights[i] = 1.0 / (winner > loser ? winner : loser);
    }
    arena_rewind(arena, mark);
    return weights;
}

struct rank_tally *rank_choice_tallies(struct arena *arena, const struct rank_choice *choices,
                                       size_t count, const double *weights, uint32_t items)
{
    struct rank_tally *tallies = arena_new(arena, struct rank_tally, items);
    for (size_t i = 0; i < count; i++) {
        check(choices[i].winner < items && choices[i].loser < items);
        check(choices[i].winner != choices[i].loser);
        double weight = weights == NULL ? 1 : weights[i];
        tallies[choices[i].winner].up += weight;
        tallies[choices[i].loser].down += weight;
    }
    return tallies;
}

uint32_t rank_choice_parts(struct arena *arena, const struct rank_choice *choices, size_t count,
                           uint32_t items)
{
    struct arena_mark mark = arena_mark(arena);
    struct unions u = rank_unions_make(arena, items);
    for (size_t i = 0; i < count; i++)
        rank_unions_join(&u, choices[i].winner, choices[i].loser);
    arena_rewind(arena, mark);
    return u.parts;
}

/* --- The problem: all pairs that met, and the prior ------------------------------------------- */

struct met {
    uint32_t a, b;       /* a < b */
    double a_won, b_won; /* weights */
    double curvature;    /* (a_won + b_won) · chance · (1 − chance), at the current strengths */
};

struct problem {
    struct met *pairs;
    size_t pair_count;
    uint32_t items;
    double precision;                     /* of the prior */
    double *residual, *direction, *image; /* of conjugate gradients */
    double *gradient, *step, *trial, *diagonal;
};

static void collect(struct arena *arena, struct problem *p, const struct rank_choice *choices,
                    size_t count, const double *weights)
{
    p->pairs = arena_new(arena, struct met, count);
    struct counter number = rank_counter_make(arena, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t winner = choices[i].winner, loser = choices[i].loser;
        uint32_t a = winner < loser ? winner : loser, b = winner < loser ? loser : winner;
        uint32_t *at = rank_counter_of(&number, a, b);
        if (*at == 0) {
            p->pairs[p->pair_count++] = (struct met){ .a = a, .b = b };
            *at = (uint32_t)p->pair_count;
        }
        check(weights == NULL || (weights[i] >= 0 && weights[i] <= RANK_WEIGHT_MOST));
        struct met *pair = &p->pairs[*at - 1];
        *(winner == a ? &pair->a_won : &pair->b_won) += weights == NULL ? 1 : weights[i];
    }
}

/* ln(1 + exp(x)) without overflow. */
static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double chance_to_win(double ahead)
{
    return 1 / (1 + exp(-ahead));
}

/* Minus the log posterior. */
static double loss_at(const struct problem *p, const double *s)
{
    double loss = 0;
    for (size_t k = 0; k < p->pair_count; k++) {
        const struct met *pair = &p->pairs[k];
        double ahead = s[pair->a] - s[pair->b];
        loss += pair->a_won * softplus(-ahead) + pair->b_won * softplus(ahead);
    }
    for (uint32_t i = 0; i < p->items; i++)
        loss += p->precision * s[i] * s[i] / 2;
    return loss;
}

/* Fills the gradient of the loss, and curvatures and diagonal of its Hessian; the largest part of
   the gradient. */
static double differentiate(struct problem *p, const double *s)
{
    for (uint32_t i = 0; i < p->items; i++) {
        p->gradient[i] = p->precision * s[i];
        p->diagonal[i] = p->precision;
    }
    for (size_t k = 0; k < p->pair_count; k++) {
        struct met *pair = &p->pairs[k];
        double chance = chance_to_win(s[pair->a] - s[pair->b]), both = pair->a_won + pair->b_won;
        double slope = both * chance - pair->a_won;
        p->gradient[pair->a] += slope;
        p->gradient[pair->b] -= slope;
        pair->curvature = both * chance * (1 - chance);
        p->diagonal[pair->a] += pair->curvature;
        p->diagonal[pair->b] += pair->curvature;
    }
    double largest = 0;
    for (uint32_t i = 0; i < p->items; i++)
        largest = fmax(largest, fabs(p->gradient[i]));
    return largest;
}

/* image = Hessian · x; x · image, added up from parts that are never below 0, so that no rounding
   makes it so. */
static double apply_hessian(const struct problem *p, const double *x, double *image)
{
    double bend = 0;
    for (uint32_t i = 0; i < p->items; i++) {
        image[i] = p->precision * x[i];
        bend += image[i] * x[i];
    }
    for (size_t k = 0; k < p->pair_count; k++) {
        const struct met *pair = &p->pairs[k];
        double ahead = x[pair->a] - x[pair->b], flow = pair->curvature * ahead;
        image[pair->a] += flow;
        image[pair->b] -= flow;
        bend += flow * ahead;
    }
    return bend;
}

/* Solves Hessian · x = right by conjugate gradients, preconditioned by the diagonal, until the
   residual's size is `error` of what it was. */
static void solve(struct problem *p, const double *right, double *x, double error)
{
    enum { STEPS_MAX = 1000 };
    double size = 0, start = 0;
    for (uint32_t i = 0; i < p->items; i++) {
        x[i] = 0;
        p->residual[i] = right[i];
        p->direction[i] = right[i] / p->diagonal[i];
        size += right[i] * p->direction[i];
    }
    start = size;
    for (int step = 0; step < STEPS_MAX && size > error * error * start; step++) {
        double bend = apply_hessian(p, p->direction, p->image), next = 0;
        for (uint32_t i = 0; i < p->items; i++) {
            x[i] += size / bend * p->direction[i];
            p->residual[i] -= size / bend * p->image[i];
            next += p->residual[i] * p->residual[i] / p->diagonal[i];
        }
        for (uint32_t i = 0; i < p->items; i++)
            p->direction[i] = p->residual[i] / p->diagonal[i] + next / size * p->direction[i];
        size = next;
    }
}

static void move(struct problem *p, const double *s, double length)
{
    for (uint32_t i = 0; i < p->items; i++)
        p->trial[i] = s[i] - length * p->step[i];
}

/* Newton's method; halves a step that does not lower the loss. Strictly convex, so there is one
   minimum and it is found from anywhere. */
static uint32_t maximise(struct problem *p, double *s)
{
    enum { STEPS_MAX = 200 };
    double enough = 1e-11; /* of the gradient; sums of many weights are rounded */
    uint32_t steps = 0;
    for (size_t k = 0; k < p->pair_count; k++)
        enough += 1e-14 * (p->pairs[k].a_won + p->pairs[k].b_won);
    for (; differentiate(p, s) > enough && steps < STEPS_MAX; steps++) {
        solve(p, p->gradient, p->step, 1e-12);
        double before = loss_at(p, s), length = 1;
        move(p, s, length);
        while (loss_at(p, p->trial) > before + 1e-12 * before) /* ends: it goes down at first */
            move(p, s, length /= 2);
        memcpy(s, p->trial, p->items * sizeof *s);
    }
    return steps;
}

/* --- Doubt ------------------------------------------------------------------------------------ */

struct sampling {
    struct problem *problem;
    const double *strength;
    double *squares; /* of the draws' deviations, summed */
};

static void draw_strengths(struct chance *chance, double *values, void *context)
{
    struct sampling *sampling = context;
    struct problem *p = sampling->problem;
    for (uint32_t i = 0; i < p->items; i++)
        p->gradient[i] = sqrt(p->precision) * chance_normal(chance);
    for (size_t k = 0; k < p->pair_count; k++) {
        double push = sqrt(p->pairs[k].curvature) * chance_rough_normal(chance);
        p->gradient[p->pairs[k].a] += push;
        p->gradient[p->pairs[k].b] -= push;
    }
    solve(p, p->gradient, values, 1e-4);
    for (uint32_t i = 0; i < p->items; i++) {
        sampling->squares[i] += values[i] * values[i];
        values[i] += sampling->strength[i];
    }
}

static void exact_deviations(struct problem *p, double *sd)
{
    for (uint32_t i = 0; i < p->items; i++) {
        memset(p->gradient, 0, p->items * sizeof *p->gradient);
        p->gradient[i] = 1;
        solve(p, p->gradient, p->step, 1e-12);
        sd[i] = sqrt(p->step[i]);
    }
}

static double precision_of(double prior_sd)
{
    double sd = fmin(fmax(prior_sd, RANK_PRIOR_SD_LEAST), RANK_PRIOR_SD_MOST);
    return 1 / (sd * sd);
}

static struct problem problem_make(struct arena *arena, uint32_t items, double prior_sd)
{
    struct problem p = { .items = items, .precision = precision_of(prior_sd) };
    double **const columns[] = { &p.residual, &p.direction, &p.image,   &p.gradient,
                                 &p.step,     &p.trial,     &p.diagonal };
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        *columns[i] = arena_new(arena, double, items);
    return p;
}

struct rank_strengths rank_bradley_terry(struct arena *arena, const struct rank_choice *choices,
                                         size_t count, const double *weights, uint32_t items,
                                         double prior_sd, struct rank_draws draws)
{
    check(prior_sd >= 0 && count < UINT32_MAX);
    struct rank_strengths r = { .scores = rank_scores_make(arena, items),
                                .strength = arena_new(arena, double, items),
                                .sd = arena_new(arena, double, items) };
    struct problem p = problem_make(arena, items, prior_sd);
    collect(arena, &p, choices, count, weights);
    r.steps = maximise(&p, r.strength);
    for (uint32_t i = 0; i < items; i++)
        r.scores.score[i] = 100 * chance_to_win(r.strength[i]);
    rank_by_score(&r.scores);
    struct sampling sampling = { &p, r.strength, arena_new(arena, double, items) };
    rank_intervals(arena, &r.scores, draws, draw_strengths, &sampling);
    for (uint32_t i = 0; i < items; i++)
        r.sd[i] = sqrt(sampling.squares[i] / draws.count);
    if (items <= EXACT_ITEMS)
        exact_deviations(&p, r.sd);
    for (uint32_t i = 0; i < items; i++) {
        r.scores.low[i] = 100 * chance_to_win(r.strength[i] - NORMAL_95 * r.sd[i]);
        r.scores.high[i] = 100 * chance_to_win(r.strength[i] + NORMAL_95 * r.sd[i]);
    }
    return r;
}
