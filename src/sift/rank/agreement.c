/* Krippendorff's alpha: 1 − (disagreement within items)/(disagreement expected by chance).
 *
 * Model: none; a description. With δ² the squared difference of two marks, n pairable marks and m_u
 * of them on item u: observed = Σ_u Σ_{pairs on u} δ²/(m_u − 1)/n, expected = Σ_{all pairs} δ²/
 * (n·(n − 1)), pairs ordered. δ is 1 for different names (nominal), the difference (interval), or
 * the difference of ranks (ordinal); for the last, the published sum over the marks between two
 * equals the difference of their mid-ranks, so that it is the interval case on mid-ranks. All sums
 * of squared differences are taken from moments about a mean, never from pairs.
 * Interval: the items are drawn again with replacement (bootstrap) and alpha computed anew;
 * mid-ranks stay those of all marks.
 *
 * Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011).
 * Cost: O(n log n) for mid-ranks, O(n) otherwise, O(n) for each draw. Memory O(n).
 * Limits: undefined where all marks are equal; with few items the interval is rough. */
#include "sift/rank/agreement.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    size_t first, count; /* of its marks in `values` */
    double sum, squares; /* moments of values, which are centred */
    double inside;       /* Σ over ordered pairs of δ², divided by (count − 1) */
};

struct marks_by_unit {
    double *values;
    size_t count;
    struct unit *units;
    uint32_t unit_count;
    bool nominal;
    double *tally; /* nominal: how often each value occurs; values are 0 … value_count - 1 */
    uint32_t value_count;
};

/* Marks sorted by item, of items with two marks or more. */
static struct marks_by_unit collect(struct arena *arena, const struct rank_mark *marks,
                                    size_t count, uint32_t items)
{
    size_t *counts = arena_new(arena, size_t, items), *at = arena_new(arena, size_t, items);
    struct marks_by_unit m = { .values = arena_new(arena, double, count),
                               .units = arena_new(arena, struct unit, items) };
    for (size_t k = 0; k < count; k++) {
        check(marks[k].item < items && isfinite(marks[k].score));
        counts[marks[k].item]++;
    }
    for (uint32_t i = 0; i < items; i++) {
        if (counts[i] < 2)
            continue;
        m.units[m.unit_count++] = (struct unit){ .first = m.count, .count = counts[i] };
        at[i] = m.count;
        m.count += counts[i];
    }
    for (size_t k = 0; k < count; k++)
        if (counts[marks[k].item] >= 2)
            m.values[at[marks[k].item]++] = marks[k].score;
    return m;
}

static int by_value(const void *left, const void *right, void *values)
{
    double x = ((const double *)values)[*(const size_t *)left];
    double y = ((const double *)values)[*(const size_t *)right];
    return (x > y) - (x < y);
}

/* Replaces values by their mid-ranks, or by numbers of equal values (`nominal`). */
static uint32_t rank_values(struct arena *arena, struct marks_by_unit *m)
{
    size_t *order = arena_new(arena, size_t, m->count);
    double *ranked = arena_new(arena, double, m->count);
    for (size_t k = 0; k < m->count; k++)
        order[k] = k;
    qsort_r(order, m->count, sizeof *order, by_value, m->values);
    uint32_t different = 0;
    for (size_t k = 0, end; k < m->count; k = end, different++) {
        for (end = k + 1; end < m->count && m->values[order[end]] == m->values[order[k]];)
            end++;
        for (size_t l = k; l < end; l++)
            ranked[order[l]] = m->nominal ? different : (double)(k + end - 1) / 2;
    }
    m->values = ranked;
    return different;
}

/* Centres the values, so that sums of squares lose nothing. */
static void centre(struct marks_by_unit *m)
{
    double mean = 0;
    for (size_t k = 0; k < m->count; k++)
        mean += m->values[k] / (double)m->count;
    for (size_t k = 0; k < m->count; k++)
        m->values[k] -= mean;
}

static void measure_distances(struct unit *u, const double *values)
{
    double n = (double)u->count, spread = 0;
    for (size_t k = u->first; k < u->first + u->count; k++) {
        u->sum += values[k];
        u->squares += values[k] * values[k];
    }
    for (size_t k = u->first; k < u->first + u->count; k++)
        spread += (values[k] - u->sum / n) * (values[k] - u->sum / n);
    u->inside = 2 * n * spread / (n - 1);
}

/* `tally` is all 0 and is left so. */
static void measure_names(struct unit *u, const double *values, double *tally)
{
    double n = (double)u->count, equal = 0;
    for (size_t k = u->first; k < u->first + u->count; k++)
        tally[(uint32_t)values[k]]++;
    for (size_t k = u->first; k < u->first + u->count; k++) {
        equal += tally[(uint32_t)values[k]] * tally[(uint32_t)values[k]];
        tally[(uint32_t)values[k]] = 0;
    }
    u->inside = (n * n - equal) / (n - 1);
}

/* Sums over some units, and from them alpha. */
struct sums {
    double n, sum, squares, inside;
};

static void add_unit(struct sums *s, const struct marks_by_unit *m, const struct unit *u)
{
    s->n += (double)u->count;
    s->sum += u->sum;
    s->squares += u->squares;
    s->inside += u->inside;
    for (size_t k = u->first; m->nominal && k < u->first + u->count; k++)
        m->tally[(uint32_t)m->values[k]]++;
}

/* False when nothing differs. */
static bool alpha_of(const struct sums *s, const struct marks_by_unit *m, double *alpha)
{
    double apart = 2 * (s->n * s->squares - s->sum * s->sum);
    if (m->nominal) {
        apart = s->n * s->n;
        for (uint32_t v = 0; v < m->value_count; v++) {
            apart -= m->tally[v] * m->tally[v];
            m->tally[v] = 0;
        }
    }
    if (apart <= 1e-12 * s->n * s->squares)
        return false;
    *alpha = 1 - s->inside * (s->n - 1) / apart;
    return true;
}

static int ascending(const void *left, const void *right)
{
    double x = *(const double *)left, y = *(const double *)right;
    return (x > y) - (x < y);
}

static void resample(struct arena *arena, const struct marks_by_unit *m, struct rank_alpha *r,
                     struct rank_draws draws)
{
    double *alphas = arena_new(arena, double, draws.count);
    struct chance chance = { draws.seed };
    for (uint32_t d = 0; d < draws.count; d++) {
        struct sums sums = { 0 };
        for (uint32_t u = 0; u < m->unit_count; u++)
            add_unit(&sums, m, &m->units[chance_bits(&chance) % m->unit_count]);
        alphas[d] = 1; /* where everything drawn is equal */
        alpha_of(&sums, m, &alphas[d]);
    }
    qsort(alphas, draws.count, sizeof *alphas, ascending);
    r->low = fmin(r->alpha, alphas[draws.count / 40]);
    r->high = fmax(r->alpha, alphas[draws.count - 1 - draws.count / 40]);
}

struct rank_alpha rank_agreement(struct arena *arena, const struct rank_mark *marks, size_t count,
                                 uint32_t items, enum rank_level level, struct rank_draws draws)
{
    check(draws.count >= 40);
    struct arena_mark before = arena_mark(arena);
    struct marks_by_unit m = collect(arena, marks, count, items);
    m.nominal = level == RANK_NOMINAL;
    if (level != RANK_INTERVAL)
        m.value_count = rank_values(arena, &m);
    m.tally = arena_new(arena, double, m.value_count);
    if (!m.nominal)
        centre(&m);
    struct sums sums = { 0 };
    for (uint32_t u = 0; u < m.unit_count; u++) {
        if (m.nominal)
            measure_names(&m.units[u], m.values, m.tally);
        else
            measure_distances(&m.units[u], m.values);
    }
    for (uint32_t u = 0; u < m.unit_count; u++)
        add_unit(&sums, &m, &m.units[u]);
    struct rank_alpha r = { .items = m.unit_count, .marks = m.count };
    r.defined = alpha_of(&sums, &m, &r.alpha);
    if (r.defined)
        resample(arena, &m, &r, draws);
    arena_rewind(arena, before);
    return r;
}
