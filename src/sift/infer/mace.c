/* MACE: a worker either knows the truth of an item and says it, or answers from a habit.
 *
 * Model: with probability 1 - spam[w] the answer is the truth, otherwise it is drawn from habit[w],
 * a distribution over the classes that does not depend on the truth. Every class is as likely
 * beforehand. Fitted by EM with priors (Beta(1/2, 1/2) on spam, Dirichlet(10) on habits, as in the
 * paper), from several starts; the start whose fit makes the answers most probable is kept.
 *
 * Source: D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy, "Learning whom to trust with MACE",
 * NAACL 2013.
 * Cost: that of em.c, times the restarts. Limits: a worker who confuses two classes and no others
 * looks like one with a habit.
 */
#include "sift/infer/inside.h"

#include "base/arena.h"
#include "sift/chance/chance.h"

#include <math.h>
#include <string.h>

enum { STARTS = 10 };

struct own {
    double *spam;  /* worker */
    double *habit; /* worker × class */
    double smoothing;
};

static void fill_table(struct em *em)
{
    const struct own *own = em->own;
    uint32_t classes = em->answers->class_count;
    for (uint32_t w = 0; w < em->answers->worker_count; w++)
        for (uint32_t l = 0; l < classes; l++) {
            double by_habit = own->spam[w] * own->habit[(size_t)w * classes + l];
            for (uint32_t k = 0; k < classes; k++)
                em->table[cell(em, w, l) + k] =
                    fmax(by_habit + (l == k ? 1 - own->spam[w] : 0), probability_least);
        }
}

/* How much of a worker's right answers came from knowing: the table still holds the last fit. */
static void refit(struct em *em)
{
    struct own *own = em->own;
    uint32_t classes = em->answers->class_count;
    for (uint32_t w = 0; w < em->answers->worker_count; w++) {
        double *habit = own->habit + (size_t)w * classes;
        double known = own->smoothing, guessed = own->smoothing;
        for (uint32_t l = 0; l < classes; l++) {
            double by_habit = 0;
            for (uint32_t k = 0; k < classes; k++) {
                double count = em->counts[cell(em, w, l) + k];
                double share = l == k ? own->spam[w] * habit[l] / em->table[cell(em, w, l) + k] : 1;
                by_habit += count * share;
                known += count * (1 - share);
            }
            guessed += by_habit;
            em->scratch[l] = by_habit + own->smoothing;
        }
        memcpy(habit, em->scratch, classes * sizeof *habit);
        normalise(habit, classes);
        own->spam[w] = guessed / (known + guessed);
    }
    fill_table(em);
}

/* The first start is the same for all workers; the others differ by chance. */
static void begin(struct em *em, unsigned start, struct chance *chance)
{
    struct own *own = em->own;
    uint32_t classes = em->answers->class_count;
    for (uint32_t w = 0; w < em->answers->worker_count; w++) {
        own->spam[w] = start == 0 ? 0.3 : 0.05 + 0.9 * chance_uniform(chance);
        for (uint32_t l = 0; l < classes; l++)
            own->habit[(size_t)w * classes + l] = start == 0 ? 1 : 0.5 + chance_uniform(chance);
        normalise(own->habit + (size_t)w * classes, classes);
    }
    for (uint32_t k = 0; k < classes; k++)
        em->prior[k] = 1.0 / classes;
    fill_table(em);
    em_pass(em);
}

void mace_run(struct em *em, const struct infer_options *options, unsigned iterations_max,
              double tolerance)
{
    uint32_t classes = em->answers->class_count, workers = em->answers->worker_count;
    size_t posterior_count = (size_t)em->answers->item_count * classes;
    struct own own = { arena_new(em->arena, double, workers),
                       arena_new(em->arena, double, (size_t)workers *classes), 0.5 };
    double *best = arena_new(em->arena, double, posterior_count);
    double best_fit = -INFINITY;
    struct chance chance = { options->seed };
    unsigned iterations = 0;
    bool converged = false;
    em->own = &own;
    for (unsigned start = 0; start < STARTS; start++) {
        begin(em, start, &chance);
        em_run(em, refit, iterations_max, tolerance);
        double fit = em_log_likelihood(em);
        if (fit > best_fit) {
            best_fit = fit;
            memcpy(best, em->posterior, posterior_count * sizeof *best);
            iterations = em->iterations;
            converged = em->converged;
        }
    }
    memcpy(em->posterior, best, posterior_count * sizeof *best);
    em_count(em);
    em->iterations = iterations;
    em->converged = converged;
}
