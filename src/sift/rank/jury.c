/* Items' merits and judges' habits from marks.
 *
 * Model: judge j gives item i the mark b_j + a_j·m_i + noise of variance v_j. The merit m_i is
 * normal with mean 0 and variance 1; severity b_j and spread a_j are normal around the jury's mean,
 * with variances that are estimated (and kept from 0 by a weak prior, as the mean spread is); v_j
 * is drawn towards the jury's by a prior that counts as PRIOR_MARKS marks. Marks are first brought
 * to mean 0 and variance 1. Fitted by variational EM: in turn the normal posterior of each merit,
 * that of each judge's (b_j, a_j), and the variances. A spread is never below 0: a judge who marks
 * against the others says nothing rather than the contrary. The adjusted score of an item is the
 * mark that the average judge is expected to give it, so items with few marks move towards the
 * mean.
 *
 * Sources: N. T. Longford, "Models for Uncertainty in Educational Testing" (1995), for judges'
 * severity and inconsistency; a linear factor model otherwise, D. Bartholomew et al., "Latent
 * Variable Models and Factor Analysis" (2011).
 * Cost: O(steps · marks); steps some hundreds at most.
 * Limits: merits and judges are taken as independent given the marks, so intervals are somewhat
 * narrow where judges have few marks; judges who share no item, nor are connected by others, are
 * comparable by the prior alone (see `parts`). */
#include "sift/rank/jury.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/rank/counter.h"
#include "sift/rank/places.h"

#include <math.h>

enum { PRIOR_MARKS = 4, PRIOR_JUDGES = 3 };
/* Variances between judges that the weak prior holds likely, of marks with variance 1. */
static const double shift_variance = 0.1, spread_variance = 0.05;
/* The spread with which half of the marks' variance is merit. Without a hold there, a few marks
   that agree badly would make all items alike, and sure of it. */
static const double usual_spread = 0.7;

struct judge {
    double shift, spread;                      /* b_j, a_j: means of the posterior */
    double vary_shift, vary_spread, vary_both; /* its variances and covariance */
    double noise;                              /* v_j */
    /* sums over the judge's marks: 1, m, E m², y, y·m */
    double n, m, mm, y, ym;
    double squares; /* expected squares of what the model leaves unexplained */
};

struct merit {
    double mean, variance;
    double pull, precision; /* being summed */
};

struct fit {
    const struct rank_mark *marks;
    size_t count;
    struct merit *merits;
    uint32_t items;
    struct judge *judges;
    uint32_t judge_count;
    double centre, unit;                                  /* mark = centre + unit·y */
    double shift, spread, vary_shift, vary_spread, noise; /* of the jury */
};

static double standardised(const struct fit *f, size_t k)
{
    return (f->marks[k].score - f->centre) / f->unit;
}

static void standardise(struct fit *f)
{
    double sum = 0, squares = 0;
    for (size_t k = 0; k < f->count; k++)
        sum += f->marks[k].score / (double)f->count;
    f->centre = sum;
    for (size_t k = 0; k < f->count; k++) {
        double away = f->marks[k].score - f->centre;
        squares += away * away / (double)f->count;
    }
    f->unit = squares > 1e-24 * (1 + sum * sum) ? sqrt(squares) : 1; /* all equal: any will do */
}

/* Posteriors of merits; the largest change of a mean. */
static double weigh_items(struct fit *f)
{
    for (uint32_t i = 0; i < f->items; i++) {
        f->merits[i].pull = 0;
        f->merits[i].precision = 1;
    }
    for (size_t k = 0; k < f->count; k++) {
        const struct judge *j = &f->judges[f->marks[k].judge];
        struct merit *m = &f->merits[f->marks[k].item];
        m->precision += (j->spread * j->spread + j->vary_spread) / j->noise;
        m->pull += (j->spread * (standardised(f, k) - j->shift) - j->vary_both) / j->noise;
    }
    double change = 0;
    for (uint32_t i = 0; i < f->items; i++) {
        struct merit *m = &f->merits[i];
        double mean = m->pull / m->precision;
        change = fmax(change, fabs(mean - m->mean));
        m->mean = mean;
        m->variance = 1 / m->precision;
    }
    return change;
}

static void weigh_judge(const struct fit *f, struct judge *j)
{
    /* The precision matrix of (shift, spread), and its inverse. */
    double shift = j->n / j->noise + 1 / f->vary_shift, both = j->m / j->noise;
    double spread = j->mm / j->noise + 1 / f->vary_spread;
    double determinant = shift * spread - both * both;
    j->vary_shift = spread / determinant;
    j->vary_spread = shift / determinant;
    j->vary_both = -both / determinant;
    double pull_shift = j->y / j->noise + f->shift / f->vary_shift;
    double pull_spread = j->ym / j->noise + f->spread / f->vary_spread;
    j->spread = fmax(0, j->vary_both * pull_shift + j->vary_spread * pull_spread);
    j->shift = (pull_shift - both * j->spread) / shift;
}

static void weigh_judges(struct fit *f)
{
    for (uint32_t i = 0; i < f->judge_count; i++) {
        struct judge *j = &f->judges[i];
        j->n = j->m = j->mm = j->y = j->ym = j->squares = 0;
    }
    for (size_t k = 0; k < f->count; k++) {
        struct judge *j = &f->judges[f->marks[k].judge];
        const struct merit *m = &f->merits[f->marks[k].item];
        double y = standardised(f, k);
        j->n++;
        j->m += m->mean;
        j->mm += m->mean * m->mean + m->variance;
        j->y += y;
        j->ym += y * m->mean;
    }
    for (uint32_t i = 0; i < f->judge_count; i++)
        weigh_judge(f, &f->judges[i]);
}

static void weigh_noise(struct fit *f)
{
    double all = 0;
    for (size_t k = 0; k < f->count; k++) {
        struct judge *j = &f->judges[f->marks[k].judge];
        const struct merit *m = &f->merits[f->marks[k].item];
        double left = standardised(f, k) - j->shift - j->spread * m->mean;
        double square = left * left + j->spread * j->spread * m->variance + j->vary_shift +
                        2 * m->mean * j->vary_both +
                        j->vary_spread * (m->mean * m->mean + m->variance);
        j->squares += square;
        all += square;
    }
    const double least = 1e-6; /* marks that fit wholly would have no scatter, and no scale */
    f->noise = fmax(least, (0.5 + all) / (1 + (double)f->count));
    for (uint32_t i = 0; i < f->judge_count; i++) {
        struct judge *j = &f->judges[i];
        j->noise = fmax(least, (PRIOR_MARKS * f->noise + j->squares) / (PRIOR_MARKS + j->n));
    }
}

/* What judges have in common. */
static void weigh_jury(struct fit *f)
{
    double count = fmax(1, f->judge_count), shift = 0, spread = 0;
    for (uint32_t i = 0; i < f->judge_count; i++) {
        shift += f->judges[i].shift / count;
        spread += f->judges[i].spread / count;
    }
    f->shift = shift;
    f->spread = (PRIOR_JUDGES * usual_spread + count * spread) / (PRIOR_JUDGES + count);
    f->vary_shift = PRIOR_JUDGES * shift_variance;
    f->vary_spread = PRIOR_JUDGES * spread_variance;
    for (uint32_t i = 0; i < f->judge_count; i++) {
        const struct judge *j = &f->judges[i];
        f->vary_shift += (j->shift - shift) * (j->shift - shift) + j->vary_shift;
        f->vary_spread += (j->spread - f->spread) * (j->spread - f->spread) + j->vary_spread;
    }
    f->vary_shift /= PRIOR_JUDGES + count;
    f->vary_spread /= PRIOR_JUDGES + count;
}

static uint32_t iterate(struct fit *f)
{
    enum { STEPS_MAX = 3000 };
    const double start_noise = 0.5, enough = 1e-9;
    f->spread = usual_spread;
    f->noise = start_noise;
    f->vary_shift = shift_variance;
    f->vary_spread = spread_variance;
    for (uint32_t i = 0; i < f->judge_count; i++)
        f->judges[i] = (struct judge){ .spread = usual_spread, .noise = start_noise };
    uint32_t steps = 0;
    while (weigh_items(f) > enough && steps < STEPS_MAX) {
        weigh_judges(f);
        weigh_noise(f);
        weigh_jury(f);
        steps++;
    }
    return steps;
}

static void draw_merits(struct chance *chance, double *values, void *context)
{
    const struct fit *f = context;
    for (uint32_t i = 0; i < f->items; i++)
        values[i] = f->merits[i].mean + sqrt(f->merits[i].variance) * chance_normal(chance);
}

static void report_judges(struct arena *arena, const struct fit *f, struct rank_jury *r)
{
    uint32_t count = f->judge_count;
    r->severity = arena_new(arena, double, count);
    r->spread = arena_new(arena, double, count);
    r->noise = arena_new(arena, double, count);
    r->judge_marks = arena_new(arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct judge *j = &f->judges[i];
        r->severity[i] = f->unit * (f->shift - j->shift);
        r->spread[i] = j->spread / fmax(f->spread, 1e-9);
        r->noise[i] = f->unit * sqrt(j->noise);
    }
}

static void report_items(struct arena *arena, struct fit *f, struct rank_jury *r,
                         struct rank_draws draws)
{
    r->scores = rank_scores_make(arena, f->items);
    r->raw = arena_new(arena, double, f->items);
    r->marks = arena_new(arena, uint32_t, f->items);
    struct unions parts = rank_unions_make(arena, f->items + f->judge_count);
    for (size_t k = 0; k < f->count; k++) {
        struct rank_mark mark = f->marks[k];
        r->raw[mark.item] += mark.score - f->centre;
        r->marks[mark.item]++;
        r->judge_marks[mark.judge]++;
        rank_unions_join(&parts, mark.item, f->items + mark.judge);
    }
    r->parts = parts.parts;
    for (uint32_t i = 0; i < f->items; i++) {
        const struct merit *m = &f->merits[i];
        double half = NORMAL_95 * f->unit * f->spread * sqrt(m->variance);
        r->raw[i] = f->centre + r->raw[i] / fmax(1, r->marks[i]);
        r->scores.score[i] = f->centre + f->unit * (f->shift + f->spread * m->mean);
        r->scores.low[i] = r->scores.score[i] - half;
        r->scores.high[i] = r->scores.score[i] + half;
    }
    rank_by_score(&r->scores);
    rank_intervals(arena, &r->scores, draws, draw_merits, f);
}

struct rank_jury rank_jury(struct arena *arena, const struct rank_mark *marks, size_t count,
                           uint32_t items, uint32_t judges, struct rank_draws draws)
{
    check(items < UINT32_MAX - judges);
    for (size_t k = 0; k < count; k++) {
        check(marks[k].item < items && marks[k].judge < judges);
        check(isfinite(marks[k].score));
    }
    struct fit f = { .marks = marks,
                     .count = count,
                     .items = items,
                     .judge_count = judges,
                     .merits = arena_new(arena, struct merit, items),
                     .judges = arena_new(arena, struct judge, judges) };
    struct rank_jury r = { 0 };
    standardise(&f);
    r.steps = iterate(&f);
    report_judges(arena, &f, &r);
    report_items(arena, &f, &r, draws);
    return r;
}
