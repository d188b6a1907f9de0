/* GLAD: workers have an ability, items a difficulty.
 *
 * Model: worker w is right about item i with probability 1 / (1 + exp(-alpha[w] exp(beta[i]))) and
 * otherwise errs evenly; alpha < 0 is somebody who is mostly wrong, a large beta an item that is
 * easy for whoever is able. Normal priors with mean 1 and variance 1 on alpha and beta; class
 * frequencies equal. EM, whose maximisation takes Newton steps for one alpha or beta at a time.
 *
 * Source: J. Whitehill et al., "Whose vote should count more: optimal integration of labels from
 * labelers of unknown expertise", NIPS 2009.
 * Cost: O(answers × classes) per iteration, with an exponential per answer. Limits: errors are even
 * over the classes.
 */
#include "sift/infer/inside.h"

#include "base/arena.h"

#include <math.h>

enum { STEPS = 5 };
static const double step_max = 1;

struct glad {
    struct em *em;
    double *alpha, *beta;      /* worker, item */
    double *slope, *curvature; /* worker: of what is maximised, by alpha */
};

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double bounded(double step)
{
    return fmin(fmax(step, -step_max), step_max);
}

static void improve_alphas(struct glad *g)
{
    const struct infer_answers *a = g->em->answers;
    for (uint32_t w = 0; w < a->worker_count; w++) {
        g->slope[w] = 1 - g->alpha[w];
        g->curvature[w] = 1;
    }
    for (uint32_t i = 0; i < a->item_count; i++) {
        const double *p = g->em->posterior + (size_t)i * a->class_count;
        double ease = exp(g->beta[i]);
        for (size_t n = a->first[i]; n < a->first[i + 1]; n++) {
            double right = sigmoid(g->alpha[a->worker[n]] * ease);
            g->slope[a->worker[n]] += ease * (p[a->label[n]] - right);
            g->curvature[a->worker[n]] += ease * ease * right * (1 - right);
        }
    }
    for (uint32_t w = 0; w < a->worker_count; w++)
        g->alpha[w] += bounded(g->slope[w] / g->curvature[w]);
}

static void improve_betas(struct glad *g)
{
    const struct infer_answers *a = g->em->answers;
    for (uint32_t i = 0; i < a->item_count; i++) {
        const double *p = g->em->posterior + (size_t)i * a->class_count;
        double slope = 1 - g->beta[i], curvature = 1, ease = exp(g->beta[i]);
        for (size_t n = a->first[i]; n < a->first[i + 1]; n++) {
            double x = g->alpha[a->worker[n]] * ease, right = sigmoid(x);
            slope += x * (p[a->label[n]] - right);
            curvature += x * x * right * (1 - right);
        }
        g->beta[i] += bounded(slope / curvature);
    }
}

static double expect(struct glad *g)
{
    struct em *em = g->em;
    const struct infer_answers *a = em->answers;
    double change = 0;
    for (uint32_t i = 0; i < a->item_count; i++) {
        double *p = em->posterior + (size_t)i * a->class_count, ease = exp(g->beta[i]);
        double *fresh = em->scratch;
        double most = -INFINITY;
        if (is_gold(em, i))
            continue;
        for (uint32_t k = 0; k < a->class_count; k++)
            fresh[k] = 0;
        for (size_t n = a->first[i]; n < a->first[i + 1]; n++) {
            /* log of the odds between being right and each of the wrong classes */
            double x = g->alpha[a->worker[n]] * ease;
            fresh[a->label[n]] += x + log(fmax(a->class_count - 1, 1));
        }
        for (uint32_t k = 0; k < a->class_count; k++)
            most = fmax(most, fresh[k]);
        for (uint32_t k = 0; k < a->class_count; k++)
            fresh[k] = exp(fresh[k] - most);
        normalise(fresh, a->class_count);
        for (uint32_t k = 0; k < a->class_count; k++) {
            change = fmax(change, fabs(fresh[k] - p[k]));
            p[k] = fresh[k];
        }
    }
    return change;
}

void glad_run(struct em *em, unsigned iterations_max, double tolerance, double *quality,
              double *difficulty)
{
    const struct infer_answers *a = em->answers;
    struct glad g = { em, arena_new(em->arena, double, a->worker_count),
                      arena_new(em->arena, double, a->item_count),
                      arena_new(em->arena, double, a->worker_count),
                      arena_new(em->arena, double, a->worker_count) };
    for (uint32_t w = 0; w < a->worker_count; w++)
        g.alpha[w] = 1;
    for (uint32_t i = 0; i < a->item_count; i++)
        g.beta[i] = 1;
    em_start(em);
    expect(&g);
    for (em->iterations = 0; em->iterations < iterations_max && !em->converged; em->iterations++) {
        for (int step = 0; step < STEPS; step++) {
            improve_alphas(&g);
            improve_betas(&g);
        }
        em->converged = expect(&g) <= tolerance;
    }
    for (uint32_t i = 0; i < a->item_count; i++)
        difficulty[i] = exp(-g.beta[i]);
    for (uint32_t w = 0; w < a->worker_count; w++)
        quality[w] = sigmoid(g.alpha[w] * exp(1)); /* with an item of the mean ease beforehand */
}
