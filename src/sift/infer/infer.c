/* The door of inference: ordering answers, choosing a method, what a result holds. */
#include "sift/infer/inside.h"

#include "base/arena.h"
#include "base/check.h"

#include <stdio.h>
#include <string.h>

enum { CELLS_MAX = 1 << 28, PER_CELL_LEAST = 4 };

static const char *const method_names[] = { "majority", "wawa", "dawid-skene", "one-coin", "ibcc",
                                            "glad",     "mace", "zencrowd",    "auto" };

const char *infer_method_name(enum infer_method method)
{
    check(method < INFER_METHOD_COUNT);
    return method_names[method];
}

bool infer_method_named(struct str name, enum infer_method *method)
{
    for (int i = 0; i < INFER_METHOD_COUNT; i++)
        if (str_equal_nocase(name, str_from(method_names[i]))) {
            *method = (enum infer_method)i;
            return true;
        }
    return false;
}

/* --- Ordering --------------------------------------------------------------------------------- */

/* Drops all but the last answer of each worker to each item, in place; returns how many are left.
   `seen` says for each worker where in the item they stand, + 1, if `seen_in` is this item + 1. */
static size_t keep_last(struct arena *arena, size_t *first, uint32_t *worker, uint16_t *label,
                        uint32_t item_count, uint32_t worker_count)
{
    size_t kept = 0;
    size_t *place = arena_new(arena, size_t, worker_count);
    uint32_t *seen_in = arena_new(arena, uint32_t, worker_count);
    for (uint32_t i = 0; i < item_count; i++) {
        size_t from = first[i], end = first[i + 1];
        first[i] = kept;
        for (size_t n = from; n < end; n++) {
            uint32_t w = worker[n];
            if (seen_in[w] != i + 1) {
                seen_in[w] = i + 1;
                place[w] = kept++;
            }
            worker[place[w]] = w;
            label[place[w]] = label[n];
        }
    }
    first[item_count] = kept;
    return kept;
}

struct infer_answers infer_answers_make(struct arena *arena, size_t count, const uint32_t *item,
                                        const uint32_t *worker, const uint16_t *label,
                                        uint32_t item_count, uint32_t worker_count,
                                        uint32_t class_count)
{
    size_t *first = arena_new(arena, size_t, (size_t)item_count + 1);
    uint32_t *workers = (uint32_t *)(void *)arena_take_bytes(arena, count * sizeof *workers);
    uint16_t *labels = (uint16_t *)(void *)arena_take_bytes(arena, count * sizeof *labels);
    for (size_t a = 0; a < count; a++) {
        check(item[a] < item_count && worker[a] < worker_count && label[a] < class_count);
        first[item[a] + 1]++;
    }
    for (uint32_t i = 0; i < item_count; i++)
        first[i + 1] += first[i];
    for (size_t a = 0; a < count; a++) {
        size_t place = first[item[a]]++;
        workers[place] = worker[a];
        labels[place] = label[a];
    }
    memmove(first + 1, first, item_count * sizeof *first); /* each had moved to its end */
    first[0] = 0;
    size_t kept = keep_last(arena, first, workers, labels, item_count, worker_count);
    return (struct infer_answers){ .item_count = item_count,
                                   .worker_count = worker_count,
                                   .class_count = class_count,
                                   .answer_count = kept,
                                   .first = first,
                                   .worker = workers,
                                   .label = labels,
                                   .replaced = count - kept };
}

/* --- Choosing --------------------------------------------------------------------------------- */

/* A confusion matrix has classes² numbers: it can be learned from many answers to few classes. With
   fewer, priors keep it from believing accidents; with far fewer, one number a worker must do. */
static enum infer_method choose(const struct infer_answers *a, char reason[200])
{
    double each = (double)a->answer_count / a->worker_count;
    double cells = (double)a->class_count * a->class_count;
    if (each >= PER_CELL_LEAST * cells) {
        snprintf(reason, 200,
                 "dawid-skene: %.0f answers a worker are enough to learn how each confuses %u "
                 "classes",
                 each, a->class_count);
        return INFER_DAWID_SKENE;
    }
    snprintf(reason, 200,
             "ibcc: %.0f answers a worker are few for %u classes, so priors smooth what is learned",
             each, a->class_count);
    return INFER_IBCC;
}

/* --- Results ---------------------------------------------------------------------------------- */

static void fill_labels(const struct em *em, struct infer_result *result)
{
    const struct infer_answers *a = em->answers;
    result->label = arena_new(em->arena, uint16_t, a->item_count);
    result->confidence = arena_new(em->arena, double, a->item_count);
    for (uint32_t i = 0; i < a->item_count; i++) {
        const double *p = em->posterior + (size_t)i * a->class_count;
        uint32_t best = 0;
        for (uint32_t k = 1; k < a->class_count; k++)
            if (p[k] > p[best])
                best = k;
        result->label[i] = (uint16_t)best;
        result->confidence[i] = p[best];
    }
}

/* Quality: the probability to be right about an item whose class is drawn by the frequencies. */
static void fill_quality(const struct em *em, double *quality)
{
    uint32_t classes = em->answers->class_count;
    double all = 0;
    for (uint32_t k = 0; k < classes; k++)
        all += em->totals[k];
    for (uint32_t w = 0; w < em->answers->worker_count; w++) {
        quality[w] = 0;
        for (uint32_t k = 0; k < classes; k++)
            quality[w] += em->totals[k] / all * em->table[cell(em, w, k) + k];
    }
}

static bool check_size(const struct infer_answers *a, struct fault *fault)
{
    if (a->answer_count == 0)
        return fault_set(fault, FAULT_REFUSED, "there are no answers");
    double cells = (double)a->worker_count * a->class_count * a->class_count;
    if (cells > CELLS_MAX)
        return fault_set(fault, FAULT_REFUSED,
                         "%u workers with %u classes are more than fit into memory",
                         a->worker_count, a->class_count);
    return true;
}

static void run(struct em *em, const struct infer_options *options, unsigned iterations,
                double tolerance, struct infer_result *result)
{
    switch (result->method) {
    case INFER_MAJORITY:
        majority(em, result->quality);
        return;
    case INFER_WAWA:
        wawa(em, result->quality);
        return;
    case INFER_GLAD:
        result->difficulty = arena_new(em->arena, double, em->answers->item_count);
        glad_run(em, iterations, tolerance, result->quality, result->difficulty);
        return;
    case INFER_MACE:
        mace_run(em, options, iterations, tolerance);
        break;
    case INFER_DAWID_SKENE:
        fit_run(em, dawid_skene_refit, iterations, tolerance);
        break;
    case INFER_ONE_COIN:
        fit_run(em, one_coin_refit, iterations, tolerance);
        break;
    case INFER_IBCC:
        em_start(em);
        em_run(em, ibcc_refit, iterations, tolerance);
        break;
    default:
        zencrowd_begin(em);
        em_run(em, zencrowd_refit, iterations, tolerance);
    }
    result->confusion = em->table;
    fill_quality(em, result->quality);
}

bool infer(struct arena *arena, const struct infer_answers *answers,
           const struct infer_options *options, struct infer_result *result, struct fault *fault)
{
    *result = (struct infer_result){ .method = options->method };
    if (!check_size(answers, fault))
        return false;
    if (options->method == INFER_AUTO)
        result->method = choose(answers, result->reason);
    struct em em = em_make(arena, answers, options->gold, options->threads);
    result->quality = arena_new(arena, double, answers->worker_count);
    run(&em, options, options->iterations_max > 0 ? options->iterations_max : ITERATIONS_DEFAULT,
        options->tolerance == 0 ? tolerance_default : options->tolerance, result);
    result->posterior = em.posterior;
    result->iterations = em.iterations;
    result->converged = em.converged;
    fill_labels(&em, result);
    return true;
}

double infer_accuracy(const uint16_t *label, const uint16_t *truth, uint32_t item_count)
{
    uint32_t right = 0, known = 0;
    for (uint32_t i = 0; i < item_count; i++) {
        known += truth[i] != INFER_NOT_GOLD;
        right += truth[i] != INFER_NOT_GOLD && truth[i] == label[i];
    }
    return known > 0 ? (double)right / known : 0;
}

double infer_f1(struct arena *arena, const uint16_t *label, const uint16_t *truth,
                uint32_t item_count, uint32_t class_count)
{
    uint32_t *both = arena_new(arena, uint32_t, class_count);
    uint32_t *either = arena_new(arena, uint32_t, class_count); /* in truth plus in label */
    for (uint32_t i = 0; i < item_count; i++) {
        if (truth[i] == INFER_NOT_GOLD)
            continue;
        either[truth[i]]++;
        either[label[i]]++;
        both[label[i]] += truth[i] == label[i];
    }
    double sum = 0;
    uint32_t occurring = 0;
    for (uint32_t k = 0; k < class_count; k++)
        if (either[k] > 0) {
            sum += 2.0 * both[k] / either[k];
            occurring++;
        }
    return occurring > 0 ? sum / occurring : 0;
}
