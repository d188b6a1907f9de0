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
 * Cost: that of em.c. Limits: answers are taken to be independent given the truth; workers who copy
 * each other make the posteriors too sure.
 */
#include "sift/infer/inside.h"

#include "sift/chance/chance.h"

#include <math.h>

static void frequencies(struct em *em)
{
    uint32_t classes = em->answers->class_count;
    for (uint32_t k = 0; k < classes; k++)
        em->prior[k] = fmax(em->totals[k] / em->answers->item_count, probability_least);
}

void dawid_skene_refit(struct em *em)
{
    static const double unseen = 0.01; /* what did not happen in a few answers is not impossible */
    uint32_t classes = em->answers->class_count;
    frequencies(em);
    for (uint32_t w = 0; w < em->answers->worker_count; w++)
        for (uint32_t k = 0; k < classes; k++) {
            double sum = unseen * classes;
            for (uint32_t l = 0; l < classes; l++)
                sum += em->counts[cell(em, w, l) + k];
            for (uint32_t l = 0; l < classes; l++)
                em->table[cell(em, w, l) + k] = (em->counts[cell(em, w, l) + k] + unseen) / sum;
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

/* `right` and `wrong`: answers of each kind imagined beforehand. */
static void coins(struct em *em, double right, double wrong)
{
    uint32_t classes = em->answers->class_count;
    for (uint32_t w = 0; w < em->answers->worker_count; w++) {
        double hits = right, all = right + wrong;
        for (uint32_t l = 0; l < classes; l++)
            for (uint32_t k = 0; k < classes; k++) {
                double count = em->counts[cell(em, w, l) + k];
                all += count;
                hits += l == k ? count : 0;
            }
        fill_coin(em, w, all > 0 ? hits / all : 1.0 / classes);
    }
}

/* The prior is Beta(4, 2), as in the comparison of Zheng et al. (VLDB 2017): its mode, 3 right
   answers of 4, is what is known of a worker nobody knows. */
void one_coin_refit(struct em *em)
{
    frequencies(em);
    coins(em, 3, 1);
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
    coins(em, 0, 0);
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
