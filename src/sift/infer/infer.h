/* One truth from the answers of many workers. Pure: no randomness but from `seed`, nothing global.
 *
 * An item has one true class; workers say which they think it is, some better than others. Each
 * method returns for each item how probable each class is, and for each worker how good they are.
 * numbers.h does the same for numbers, medoid.h for texts, boxes and whatever has a distance;
 * live.h infers while answers come in, and says what to ask next.
 */
#pragma once
#include "base/fault.h"
#include "base/str.h"
#include "sift/infer/live.h"
#include "sift/infer/medoid.h"
#include "sift/infer/numbers.h"

struct arena;

enum infer_method {
    INFER_MAJORITY,    /* every answer weighs the same */
    INFER_WAWA,        /* worker agreement with aggregate: weighed by agreement with the majority */
    INFER_DAWID_SKENE, /* each worker has a confusion matrix; EM */
    INFER_ONE_COIN,    /* each worker has one probability to be right; EM */
    INFER_IBCC,        /* as Dawid–Skene, with priors; variational Bayes */
    INFER_GLAD,        /* workers have ability, items difficulty; EM */
    INFER_MACE,        /* workers know, or answer from a habit of theirs; EM with restarts */
    INFER_ZENCROWD,    /* as one-coin, but every class is as likely before the answers */
    INFER_AUTO,        /* chosen by what the answers are like */
    INFER_METHOD_COUNT
};
const char *infer_method_name(enum infer_method method); /* "majority", "dawid-skene" … */
bool infer_method_named(struct str name, enum infer_method *method);

/* Answers, ordered by item: those to item i are first[i] … first[i + 1] - 1. */
struct infer_answers {
    uint32_t item_count, worker_count, class_count;
    size_t answer_count;
    const size_t *first;    /* item_count + 1 */
    const uint32_t *worker; /* answer_count, each < worker_count */
    const uint16_t *label;  /* answer_count, each < class_count */
    size_t replaced; /* answers that a later one of the same worker to the same item replaced */
};

enum { INFER_CLASSES_MAX = 65535 };
#define INFER_NOT_GOLD UINT16_MAX

/* Orders answers by item: answer a is item[a], worker[a], label[a], for a < count. The last answer
   of a worker to an item counts. Takes O(count + items + workers). */
struct infer_answers infer_answers_make(struct arena *arena, size_t count, const uint32_t *item,
                                        const uint32_t *worker, const uint16_t *label,
                                        uint32_t item_count, uint32_t worker_count,
                                        uint32_t class_count);

struct infer_options {
    enum infer_method method;
    const uint16_t *gold; /* the known class of each item or INFER_NOT_GOLD; NULL: none is known */
    unsigned iterations_max; /* 0: 100 */
    double tolerance; /* ends when no probability moves by more (Dawid–Skene and one-coin: when the
                         fit gains less for one answer); 0: 1e-5; negative: never */
    uint64_t seed;    /* of restarts (MACE) */
    unsigned threads; /* that share the work from 65,536 answers on; 0: 1. The result is the same,
                         bit by bit, for any number; beyond 2 they are idle. Not for majority, Wawa,
                         GLAD */
};

struct infer_result {
    enum infer_method method; /* the one used: never INFER_AUTO */
    char reason[200];         /* why, when it was chosen here */
    double *posterior;        /* item_count × class_count; sums to 1 over the classes of an item */
    uint16_t *label;          /* item_count: the most probable class, the lowest of equals */
    double *confidence;       /* item_count: its probability */
    double *quality; /* worker_count: expected share of right answers; 1 / classes is guessing */
    double *
        confusion; /* worker_count × class_count (answer) × class_count (truth): probability of
                      the answer given the truth; NULL for methods without (majority, Wawa, GLAD) */
    double *difficulty; /* item_count: GLAD's 1 / exp(beta), higher is harder; otherwise NULL */
    unsigned iterations;
    bool converged;
};

/* Infers. Items without answers get the classes' frequencies. False when there are no answers, or
   workers × classes² is too large for memory (2^28). */
[[nodiscard]] bool infer(struct arena *arena, const struct infer_answers *answers,
                         const struct infer_options *options, struct infer_result *result,
                         struct fault *fault);

/* Share of items whose label is the truth; items with INFER_NOT_GOLD as truth are left out. */
double infer_accuracy(const uint16_t *label, const uint16_t *truth, uint32_t item_count);
/* Mean over the classes that occur in truth or label of the harmonic mean of precision and recall.
 */
double infer_f1(struct arena *arena, const uint16_t *label, const uint16_t *truth,
                uint32_t item_count, uint32_t class_count);
