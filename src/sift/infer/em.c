/* Expectation–maximisation over soft confusion counts; see inside.h.
 *
 * Cost: O(answers × classes) per pass, O(workers × classes²) per refit. Memory: items × classes and
 * twice workers × classes² doubles.
 */
#include "sift/infer/inside.h"

#include "base/arena.h"

#include <math.h>
#include <string.h>

enum { SAFE_FACTORS = 16 }; /* 1e-10 to this power is far from underflow */

void normalise(double *p, uint32_t count)
{
    double sum = 0;
    for (uint32_t k = 0; k < count; k++)
        sum += p[k];
    double scale = 1 / sum;
    for (uint32_t k = 0; k < count; k++)
        p[k] = sum > 0 ? p[k] * scale : 1.0 / count;
}

struct em em_make(struct arena *arena, const struct infer_answers *answers, const uint16_t *gold)
{
    size_t classes = answers->class_count;
    double *table = arena_new(arena, double, 2 * answers->worker_count * classes * classes);
    return (struct em){
        .arena = arena,
        .answers = answers,
        .gold = gold,
        .posterior = arena_new(arena, double, answers->item_count *classes),
        .table = table,
        .counts = table + classes,
        .prior = arena_new(arena, double, classes),
        .totals = arena_new(arena, double, classes),
        .scratch = arena_new(arena, double, classes),
    };
}

bool is_gold(const struct em *em, uint32_t item)
{
    return em->gold != NULL && em->gold[item] != INFER_NOT_GOLD;
}

static bool clamp(const struct em *em, uint32_t item, double *p)
{
    if (!is_gold(em, item))
        return false;
    for (uint32_t k = 0; k < em->answers->class_count; k++)
        p[k] = k == em->gold[item];
    return true;
}

/* Adds an item's posterior to the counts of those who answered it. Inline like the others of a
   pass, so that they are compiled for the usual numbers of classes. */
static inline __attribute__((always_inline)) void count_item(struct em *em, uint32_t item,
                                                             const double *p, uint32_t classes)
{
    const struct infer_answers *a = em->answers;
    for (size_t i = a->first[item]; i < a->first[item + 1]; i++) {
        double *counts = em->counts + 2 * ((size_t)a->worker[i] * classes + a->label[i]) * classes;
        for (uint32_t k = 0; k < classes; k++)
            counts[k] += p[k];
    }
    for (uint32_t k = 0; k < classes; k++)
        em->totals[k] += p[k];
}

static void forget_counts(struct em *em)
{
    size_t classes = em->answers->class_count, rows = em->answers->worker_count * classes;
    for (size_t row = 0; row < rows; row++)
        memset(em->counts + 2 * row * classes, 0, classes * sizeof *em->counts);
    memset(em->totals, 0, classes * sizeof *em->totals);
}

void em_count(struct em *em)
{
    forget_counts(em);
    for (uint32_t i = 0; i < em->answers->item_count; i++)
        count_item(em, i, em->posterior + (size_t)i * em->answers->class_count,
                   em->answers->class_count);
}

void em_start(struct em *em)
{
    const struct infer_answers *a = em->answers;
    uint32_t classes = a->class_count;
    for (uint32_t i = 0; i < a->item_count; i++) {
        double *p = em->posterior + (size_t)i * classes;
        if (clamp(em, i, p))
            continue;
        for (uint32_t k = 0; k < classes; k++)
            p[k] = 0;
        for (size_t n = a->first[i]; n < a->first[i + 1]; n++)
            p[a->label[n]]++;
        normalise(p, classes);
    }
    em_count(em);
}

/* The product of prior and probabilities of an item's answers, but for a factor whose logarithm is
   added to *log_scale. */
static inline __attribute__((always_inline)) void
multiply(const struct em *em, uint32_t item, double *p, uint32_t classes, double *log_scale)
{
    const struct infer_answers *a = em->answers;
    size_t begin = a->first[item];
    for (uint32_t k = 0; k < classes; k++)
        p[k] = em->prior[k];
    for (size_t i = begin; i < a->first[item + 1]; i++) {
        const double *table =
            em->table + 2 * ((size_t)a->worker[i] * classes + a->label[i]) * classes;
        for (uint32_t k = 0; k < classes; k++)
            p[k] *= table[k];
        if ((i - begin) % SAFE_FACTORS == SAFE_FACTORS - 1) {
            double most = 0;
            for (uint32_t k = 0; k < classes; k++)
                most = fmax(most, p[k]);
            for (uint32_t k = 0; k < classes; k++)
                p[k] /= most;
            *log_scale += log(most);
        }
    }
}

static inline __attribute__((always_inline)) double pass(struct em *em, double *fresh,
                                                         uint32_t classes)
{
    double change = 0, unused = 0;
    for (uint32_t i = 0; i < em->answers->item_count; i++) {
        double *p = em->posterior + (size_t)i * classes;
        if (!clamp(em, i, fresh)) {
            multiply(em, i, fresh, classes, &unused);
            normalise(fresh, classes);
        }
        for (uint32_t k = 0; k < classes; k++) {
            double moved = fabs(fresh[k] - p[k]);
            change = moved > change ? moved : change;
            p[k] = fresh[k];
        }
        count_item(em, i, fresh, classes);
    }
    return change;
}

double em_pass(struct em *em)
{
    double fresh[4];
    forget_counts(em);
    switch (em->answers->class_count) {
    case 2:
        return pass(em, fresh, 2);
    case 3:
        return pass(em, fresh, 3);
    case 4:
        return pass(em, fresh, 4);
    default:
        return pass(em, em->scratch, em->answers->class_count);
    }
}

double em_log_likelihood(const struct em *em)
{
    uint32_t classes = em->answers->class_count;
    double *p = em->scratch;
    double total = 0;
    for (uint32_t i = 0; i < em->answers->item_count; i++) {
        double sum = 0;
        multiply(em, i, p, classes, &total);
        for (uint32_t k = 0; k < classes; k++)
            sum += p[k];
        total += log(sum);
    }
    return total;
}

void em_run(struct em *em, em_refit *refit, unsigned iterations_max, double tolerance)
{
    em->iterations = 0;
    em->converged = false;
    while (em->iterations < iterations_max && !em->converged) {
        refit(em);
        em->converged = em_pass(em) <= tolerance;
        em->iterations++;
    }
}
