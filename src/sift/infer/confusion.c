/* Four models in which an answer depends on the true class and the worker alone.
 *
 * Dawid–Skene: P(answer l | truth k) = pi[worker][l][k], all free; classes have frequencies.
 *   A. P. Dawid, A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM
 *   algorithm", Applied Statistics 28 (1979).
 * One-coin: a worker is right with probability q[worker] and otherwise errs evenly; classes have
 *   frequencies. Y. Zhang et al., "Spectral methods meet EM", NIPS 2014, section 2.
 * ZenCrowd: the same, but every class is as likely before the answers. G. Demartini et al.,
 *   "ZenCrowd", WWW 2012.
 * iBCC: Dawid–Skene with Dirichlet priors on the columns of pi (4 for the right answer, 1 for each
 *   other) and on the frequencies (1), by mean-field variational Bayes. H.-C. Kim, Z. Ghahramani,
 *   "Bayesian classifier combination", AISTATS 2012; E. Simpson et al. 2013.
 *
 * The first two end when the fit as crowd-kit measures it gains less than the tolerance, so that
 * results are those that crowd-kit's users know: with few items and many answers to each that is
 * after two or three passes, before the likelihood is greatest, and the better for it.
 *
 * Cost: that of em.c. Limits: answers are taken to be independent given the truth; workers who copy
 * each other make the posteriors too sure.
 */
#include "sift/infer/inside.h"

#include "sift/chance/chance.h"

#include <math.h>
#include <string.h>

static void frequencies(struct em *em)
{
    uint32_t classes = em->answers->class_count;
    for (uint32_t k = 0; k < classes; k++)
        em->prior[k] = fmax(em->totals[k] / em->answers->item_count, probability_least);
}

/* What a worker never said has no row: among the rest, what hardly happened is not impossible. */
static void confuse(struct em *em, uint32_t worker)
{
    uint32_t classes = em->answers->class_count;
    double *sums = em->scratch;
    memset(sums, 0, classes * sizeof *sums);
    for (uint32_t l = 0; l < classes; l++) {
        double *row = em->table + cell(em, worker, l), said = 0;
        const double *counts = em->counts + cell(em, worker, l);
        for (uint32_t k = 0; k < classes; k++)
            said += counts[k];
        for (uint32_t k = 0; k < classes; k++) {
            row[k] = said > 0 ? fmax(counts[k], probability_least) : 0;
            sums[k] += row[k];
        }
    }
    for (uint32_t l = 0; l < classes; l++)
        for (uint32_t k = 0; k < classes; k++)
            em->table[cell(em, worker, l) + k] /= fmax(sums[k], probability_least);
}

void dawid_skene_refit(struct em *em)
{
    frequencies(em);
    for (uint32_t w = 0; w < em->answers->worker_count; w++)
        confuse(em, w);
}

static double entropy(const double *p, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        if (p[k] > probability_least)
            sum -= p[k] * log(p[k]);
    return sum;
}

/* By how much crowd-kit measures a fit, for one answer. It would be the bound that EM raises if the
   frequency of an item's class were counted once an item; there it is counted with each answer. */
static double crowd_kit_fit(const struct em *em)
{
    const struct infer_answers *a = em->answers;
    uint32_t classes = a->class_count;
    double sum = entropy(em->posterior, (size_t)a->item_count * classes);
    for (uint32_t w = 0; w < a->worker_count; w++)
        for (uint32_t l = 0; l < classes; l++)
            for (uint32_t k = 0; k < classes; k++) {
                double count = em->counts[cell(em, w, l) + k];
                if (count > 0)
                    sum += count * log(em->table[cell(em, w, l) + k] * em->prior[k]);
            }
    return sum / (double)a->answer_count;
}

void fit_run(struct em *em, em_refit *refit, unsigned iterations_max, double tolerance)
{
    double fit = -INFINITY;
    em_start(em);
    refit(em);
    em->iterations = 0;
    em->converged = false;
    while (em->iterations < iterations_max && !em->converged) {
        em_pass(em);
        refit(em);
        em->iterations++;
        if (tolerance >= 0) {
            double before = fit;
            fit = crowd_kit_fit(em);
            em->converged = fit - before < tolerance;
        }
    }
}

/* Fills a worker's table from the probability to be right. */
static void fill_coin(struct em *em, uint32_t worker, double right)
{
    uint32_t classes = em->answers->class_count;
    double wrong = classes > 1 ? (1 - right) / (classes - 1) : 1;
    for (uint32_t l = 0; l < classes; l++)
        for (uint32_t k = 0; k < classes; k++)
            em->table[cell(em, worker, l) + k] = fmax(l == k ? right : wrong, probability_least);
}

static void coins(struct em *em)
{
    uint32_t classes = em->answers->class_count;
    for (uint32_t w = 0; w < em->answers->worker_count; w++) {
        double hits = 0, all = 0;
        for (uint32_t l = 0; l < classes; l++)
            for (uint32_t k = 0; k < classes; k++) {
                double count = em->counts[cell(em, w, l) + k];
                all += count;
                hits += l == k ? count : 0;
            }
        fill_coin(em, w, all > 0 ? hits / all : 1.0 / classes);
    }
}

void one_coin_refit(struct em *em)
{
    frequencies(em);
    coins(em);
}

void zencrowd_begin(struct em *em)
{
    static const double trust = 0.8;
    uint32_t classes = em->answers->class_count;
    for (uint32_t k = 0; k < classes; k++)
        em->prior[k] = 1.0 / classes;
    for (uint32_t w = 0; w < em->answers->worker_count; w++)
        fill_coin(em, w, trust);
    em_pass(em);
}

void zencrowd_refit(struct em *em)
{
    coins(em);
}

void ibcc_refit(struct em *em)
{
    static const double diagonal = 4, elsewhere = 1, class_prior = 1;
    uint32_t classes = em->answers->class_count;
    double all = chance_digamma(em->answers->item_count + class_prior * classes);
    for (uint32_t k = 0; k < classes; k++)
        em->prior[k] = exp(chance_digamma(em->totals[k] + class_prior) - all);
    for (uint32_t w = 0; w < em->answers->worker_count; w++)
        for (uint32_t k = 0; k < classes; k++) {
            double sum = diagonal + elsewhere * (classes - 1);
            for (uint32_t l = 0; l < classes; l++)
                sum += em->counts[cell(em, w, l) + k];
            double of_sum = chance_digamma(sum);
            for (uint32_t l = 0; l < classes; l++)
                em->table[cell(em, w, l) + k] =
                    exp(chance_digamma(em->counts[cell(em, w, l) + k] +
                                       (l == k ? diagonal : elsewhere)) -
                        of_sum);
        }
}
