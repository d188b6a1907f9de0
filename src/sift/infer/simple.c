/* Majority vote, and Wawa (worker agreement with aggregate): votes weighed by how often their
 * worker agrees with the majority, which is the first step of an EM and often most of the way.
 *
 * Source of Wawa: as Toloka and Appen use it; described with crowd-kit (Ustalov et al. 2024).
 * Cost: O(answers + items × classes). Limits: no model of which classes a worker confuses.
 */
#include "sift/infer/inside.h"

#include "base/arena.h"

static uint32_t most_probable(const double *p, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < count; k++)
        if (p[k] > p[best])
            best = k;
    return best;
}

/* Shares of answers; a worker's quality is the share of their answers that the majority gave too.
 */
void majority(struct em *em, double *quality)
{
    const struct infer_answers *a = em->answers;
    em_start(em);
    uint32_t *right = arena_new(em->arena, uint32_t, a->worker_count);
    uint32_t *given = arena_new(em->arena, uint32_t, a->worker_count);
    for (uint32_t i = 0; i < a->item_count; i++) {
        uint32_t best = most_probable(em->posterior + (size_t)i * a->class_count, a->class_count);
        for (size_t n = a->first[i]; n < a->first[i + 1]; n++) {
            given[a->worker[n]]++;
            right[a->worker[n]] += a->label[n] == best;
        }
    }
    for (uint32_t w = 0; w < a->worker_count; w++)
        quality[w] = given[w] > 0 ? (double)right[w] / given[w] : 1.0 / a->class_count;
    em->converged = true;
}

void wawa(struct em *em, double *quality)
{
    const struct infer_answers *a = em->answers;
    majority(em, quality);
    for (uint32_t i = 0; i < a->item_count; i++) {
        double *p = em->posterior + (size_t)i * a->class_count;
        if (is_gold(em, i))
            continue;
        for (uint32_t k = 0; k < a->class_count; k++)
            p[k] = 0;
        for (size_t n = a->first[i]; n < a->first[i + 1]; n++)
            p[a->label[n]] += quality[a->worker[n]];
        normalise(p, a->class_count);
    }
}
