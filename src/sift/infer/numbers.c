/* Numbers: mean, median, and LFC_N (learning from crowds, numeric).
 *
 * LFC_N: worker w's answer to item i is normal around the true value mu[i] with variance s[w]; EM
 * from the medians. To a worker's variance half an imagined answer is added that errs as is usual
 * (by the median of all errors, which a few wild workers do not move), so that nobody who answered
 * once is taken to be perfect. Mean and median take all workers to err alike; their interval comes
 * from the pooled variance within items (the median's is pi/2 times as wide in variance).
 *
 * Source: V. C. Raykar et al., "Learning from crowds", JMLR 11 (2010), section 5; named LFC_N in
 * Zheng et al., VLDB 2017. Cost: O(answers) per iteration; the median O(answers log answers).
 * Limits: errors are taken to be symmetric and without bias; a worker far better than all others is
 * taken to be a little worse than they are, for the imagined answer counts; intervals assume the
 * normal distribution.
 */
#include "sift/infer/numbers.h"

#include "base/arena.h"
#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ITERATIONS_MAX = 5000 };
static const double tolerance = 1e-7, imagined = 0.5, z95 = 1.959963984540054,
                    median_widens = 1.2533141373155003;

static const char *const method_names[] = { "mean", "median", "lfc-n" };

const char *infer_number_method_name(enum infer_number_method method)
{
    check(method < INFER_NUMBER_METHOD_COUNT);
    return method_names[method];
}

bool infer_number_method_named(struct str name, enum infer_number_method *method)
{
    for (int i = 0; i < INFER_NUMBER_METHOD_COUNT; i++)
        if (str_equal_nocase(name, str_from(method_names[i]))) {
            *method = (enum infer_number_method)i;
            return true;
        }
    return false;
}

struct given {
    size_t count;
    const uint32_t *item, *worker;
    const double *value;
    uint32_t item_count, worker_count;
    uint32_t *by_item, *by_worker; /* how many answers */
};

static void means(const struct given *g, double *value)
{
    memset(value, 0, g->item_count * sizeof *value);
    for (size_t a = 0; a < g->count; a++)
        value[g->item[a]] += g->value[a];
    for (uint32_t i = 0; i < g->item_count; i++)
        value[i] /= g->by_item[i];
}

struct of_item {
    uint32_t item;
    double value;
};

static int by_item_and_value(const void *a, const void *b)
{
    const struct of_item *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

static void medians(struct arena *arena, const struct given *g, double *value)
{
    struct of_item *all = arena_new(arena, struct of_item, g->count);
    for (size_t a = 0; a < g->count; a++)
        all[a] = (struct of_item){ g->item[a], g->value[a] };
    qsort(all, g->count, sizeof *all, by_item_and_value);
    size_t first = 0;
    for (uint32_t i = 0; i < g->item_count; i++) {
        size_t count = g->by_item[i];
        value[i] = count == 0
                       ? NAN
                       : (all[first + (count - 1) / 2].value + all[first + count / 2].value) / 2;
        first += count;
    }
}

/* The variance of answers around their item's value, over all items that have more than one. */
static double pooled_variance(const struct given *g, const double *value)
{
    double sum = 0;
    size_t free = g->count;
    for (size_t a = 0; a < g->count; a++) {
        double off = g->value[a] - value[g->item[a]];
        sum += off * off;
    }
    for (uint32_t i = 0; i < g->item_count; i++)
        free -= g->by_item[i] > 0;
    return free > 0 ? sum / (double)free : 0;
}

static void deviations(const struct given *g, const double *value, double *deviation)
{
    memset(deviation, 0, g->worker_count * sizeof *deviation);
    for (size_t a = 0; a < g->count; a++) {
        double off = g->value[a] - value[g->item[a]];
        deviation[g->worker[a]] += off * off;
    }
    for (uint32_t w = 0; w < g->worker_count; w++)
        deviation[w] = sqrt(deviation[w] / g->by_worker[w]);
}

/* LFC_N's two steps. `variance` is a worker's, `doubt` the variance of an item's value. */
static double weigh(const struct given *g, const double *variance, double *value, double *doubt,
                    double *weighted)
{
    double change = 0;
    memset(doubt, 0, g->item_count * sizeof *doubt);
    memset(weighted, 0, g->item_count * sizeof *weighted);
    for (size_t a = 0; a < g->count; a++) {
        double weight = 1 / variance[g->worker[a]];
        doubt[g->item[a]] += weight;
        weighted[g->item[a]] += weight * g->value[a];
    }
    for (uint32_t i = 0; i < g->item_count; i++) {
        double fresh = weighted[i] / doubt[i];
        change = fmax(change, fabs(fresh - value[i])); /* fmax passes over NaN: no answers */
        value[i] = fresh;
        doubt[i] = 1 / doubt[i];
    }
    return change;
}

static void judge(const struct given *g, const double *value, const double *doubt, double usual,
                  double *variance)
{
    memset(variance, 0, g->worker_count * sizeof *variance);
    for (size_t a = 0; a < g->count; a++) {
        double off = g->value[a] - value[g->item[a]];
        variance[g->worker[a]] += off * off + doubt[g->item[a]];
    }
    for (uint32_t w = 0; w < g->worker_count; w++)
        variance[w] = (variance[w] + imagined * usual) / (g->by_worker[w] + imagined);
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The variance that fits the median of the errors, if that is not 0; otherwise the pooled one. */
static double usual_variance(struct arena *arena, const struct given *g, const double *value)
{
    static const double normal_by_median = 1.4826022185056018;
    double *off = arena_new(arena, double, g->count);
    for (size_t a = 0; a < g->count; a++)
        off[a] = fabs(g->value[a] - value[g->item[a]]);
    qsort(off, g->count, sizeof *off, by_size);
    double usual = normal_by_median * off[g->count / 2];
    return usual > 0 ? usual * usual : pooled_variance(g, value);
}

static void learn(struct arena *arena, const struct given *g, struct infer_numbers *result)
{
    double *variance = arena_new(arena, double, g->worker_count);
    double *doubt = arena_new(arena, double, g->item_count);
    double *weighted = arena_new(arena, double, g->item_count);
    medians(arena, g, result->value);
    double usual = usual_variance(arena, g, result->value), change = usual > 0 ? INFINITY : 0;
    judge(g, result->value, doubt, usual, variance);
    while (change > tolerance * sqrt(usual) && result->iterations < ITERATIONS_MAX) {
        change = weigh(g, variance, result->value, doubt, weighted);
        judge(g, result->value, doubt, usual, variance);
        result->iterations++;
    }
    for (uint32_t i = 0; i < g->item_count; i++) {
        result->lower[i] = result->value[i] - z95 * sqrt(doubt[i]);
        result->upper[i] = result->value[i] + z95 * sqrt(doubt[i]);
    }
    for (uint32_t w = 0; w < g->worker_count; w++)
        result->deviation[w] = g->by_worker[w] > 0 ? sqrt(variance[w]) : NAN;
}

bool infer_numbers(struct arena *arena, enum infer_number_method method, size_t count,
                   const uint32_t *item, const uint32_t *worker, const double *value,
                   uint32_t item_count, uint32_t worker_count, struct infer_numbers *result,
                   struct fault *fault)
{
    struct given g = { count,
                       item,
                       worker,
                       value,
                       item_count,
                       worker_count,
                       arena_new(arena, uint32_t, item_count),
                       arena_new(arena, uint32_t, worker_count) };
    if (count == 0)
        return fault_set(fault, FAULT_REFUSED, "there are no answers");
    for (size_t a = 0; a < count; a++) {
        check(item[a] < item_count && worker[a] < worker_count && isfinite(value[a]));
        g.by_item[item[a]]++;
        g.by_worker[worker[a]]++;
    }
    *result = (struct infer_numbers){ .value = arena_new(arena, double, item_count),
                                      .lower = arena_new(arena, double, item_count),
                                      .upper = arena_new(arena, double, item_count),
                                      .deviation = arena_new(arena, double, worker_count) };
    if (method == INFER_LFC_N) {
        learn(arena, &g, result);
        return true;
    }
    if (method == INFER_MEAN)
        means(&g, result->value);
    else
        medians(arena, &g, result->value);
    deviations(&g, result->value, result->deviation);
    double half = z95 * sqrt(pooled_variance(&g, result->value)) *
                  (method == INFER_MEDIAN ? median_widens : 1);
    for (uint32_t i = 0; i < item_count; i++) {
        result->lower[i] = result->value[i] - half / sqrt(g.by_item[i]);
        result->upper[i] = result->value[i] + half / sqrt(g.by_item[i]);
    }
    return true;
}
