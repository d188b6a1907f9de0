/* Expectation–maximisation over soft confusion counts; see inside.h.
 *
 * Where there are many answers, items are passed over in two blocks, each with counts of its own,
 * which are added in the order of blocks. How many threads share the blocks therefore changes
 * nothing, not even in the last digit.
 *
 * Cost: O(answers × classes) per pass, O(workers × classes²) per refit. Memory: items × classes and
 * twice workers × classes² doubles, the latter for each block.
 */
#include "sift/infer/inside.h"

#include "base/arena.h"
#include "base/threads.h"

#include <math.h>
#include <string.h>

enum { SAFE_FACTORS = 16 }; /* 1e-10 to this power is far from underflow */
enum { BLOCKS = 2, ANSWERS_FOR_BLOCKS = 1 << 16 };

void normalise(double *p, uint32_t count)
{
    double sum = 0;
    for (uint32_t k = 0; k < count; k++)
        sum += p[k];
    double scale = 1 / sum;
    for (uint32_t k = 0; k < count; k++)
        p[k] = sum > 0 ? p[k] * scale : 1.0 / count;
}

/* Blocks of about as many answers each. What they add must be little beside the answers. */
static void make_blocks(struct em *em)
{
    const struct infer_answers *a = em->answers;
    size_t classes = a->class_count, cells = a->worker_count * classes * classes;
    bool many = a->answer_count >= ANSWERS_FOR_BLOCKS && cells <= a->answer_count / BLOCKS;
    em->block_count = many ? BLOCKS : 1;
    em->blocks = arena_new(em->arena, struct em_block, em->block_count);
    if (em->threads == 1 && many)
        em->sums = arena_new(em->arena, double, cells);
    uint32_t item = 0;
    for (uint32_t b = 0; b < em->block_count; b++) {
        struct em_block *block = &em->blocks[b];
        bool alone = b == 0 || em->threads == 1;
        double *table = alone ? em->table : arena_new(em->arena, double, 2 * cells);
        size_t answers = a->answer_count / em->block_count * (b + 1);
        *block = (struct em_block){ .from = item,
                                    .table = table,
                                    .counts = table + classes,
                                    .totals =
                                        b == 0 ? em->totals : arena_new(em->arena, double, classes),
                                    .scratch = arena_new(em->arena, double, classes) };
        while (item < a->item_count && (b + 1 == em->block_count || a->first[item + 1] <= answers))
            item++;
        block->end = item;
    }
}

struct em em_make(struct arena *arena, const struct infer_answers *answers, const uint16_t *gold,
                  unsigned threads)
{
    size_t classes = answers->class_count;
    double *table = arena_new(arena, double, 2 * answers->worker_count * classes * classes);
    struct em em = {
        .arena = arena,
        .answers = answers,
        .gold = gold,
        .posterior = arena_new(arena, double, answers->item_count *classes),
        .table = table,
        .counts = table + classes,
        .prior = arena_new(arena, double, classes),
        .totals = arena_new(arena, double, classes),
        .scratch = arena_new(arena, double, classes),
        .threads = threads > 1 ? threads : 1,
    };
    make_blocks(&em);
    return em;
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
static inline __attribute__((always_inline)) void count_item(const struct em *em,
                                                             struct em_block *block, uint32_t item,
                                                             const double *p, uint32_t classes)
{
    const struct infer_answers *a = em->answers;
    for (size_t i = a->first[item]; i < a->first[item + 1]; i++) {
        double *counts =
            block->counts + 2 * ((size_t)a->worker[i] * classes + a->label[i]) * classes;
        for (uint32_t k = 0; k < classes; k++)
            counts[k] += p[k];
    }
    for (uint32_t k = 0; k < classes; k++)
        block->totals[k] += p[k];
}

/* Gives a block the table, and forgets its counts. The first block has the table itself, which the
   others may be reading. */
static void begin_block(const struct em *em, struct em_block *block)
{
    size_t classes = em->answers->class_count, rows = em->answers->worker_count * classes;
    bool copied = block->table != em->table;
    for (size_t row = 0; row < rows; row++) {
        double *table = block->table + 2 * row * classes;
        if (copied)
            memcpy(table, em->table + 2 * row * classes, classes * sizeof *table);
        memset(table + classes, 0, classes * sizeof *table);
    }
    memset(block->totals, 0, classes * sizeof *block->totals);
}

static void add(double *sum, const double *part, size_t count)
{
    for (size_t k = 0; k < count; k++)
        sum[k] += part[k];
}

/* Adds the counts of the other blocks to those of the first. */
static void join_blocks(struct em *em)
{
    size_t classes = em->answers->class_count, rows = em->answers->worker_count * classes;
    for (uint32_t b = 1; b < em->block_count; b++) {
        for (size_t row = 0; row < rows; row++)
            add(em->counts + 2 * row * classes, em->blocks[b].counts + 2 * row * classes, classes);
        add(em->totals, em->blocks[b].totals, classes);
    }
}

void em_count(struct em *em)
{
    begin_block(em, em->blocks);
    for (uint32_t i = 0; i < em->answers->item_count; i++)
        count_item(em, em->blocks, i, em->posterior + (size_t)i * em->answers->class_count,
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
static inline __attribute__((always_inline)) void multiply(const struct em *em,
                                                           const struct em_block *block,
                                                           uint32_t item, double *p,
                                                           uint32_t classes, double *log_scale)
{
    const struct infer_answers *a = em->answers;
    size_t begin = a->first[item];
    for (uint32_t k = 0; k < classes; k++)
        p[k] = em->prior[k];
    for (size_t i = begin; i < a->first[item + 1]; i++) {
        const double *table =
            block->table + 2 * ((size_t)a->worker[i] * classes + a->label[i]) * classes;
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

static inline __attribute__((always_inline)) double
pass(const struct em *em, struct em_block *block, double *fresh, uint32_t classes)
{
    double change = 0, unused = 0;
    for (uint32_t i = block->from; i < block->end; i++) {
        double *p = em->posterior + (size_t)i * classes;
        if (!clamp(em, i, fresh)) {
            multiply(em, block, i, fresh, classes, &unused);
            normalise(fresh, classes);
        }
        for (uint32_t k = 0; k < classes; k++) {
            double moved = fabs(fresh[k] - p[k]);
            change = moved > change ? moved : change;
            p[k] = fresh[k];
        }
        count_item(em, block, i, fresh, classes);
    }
    return change;
}

static void pass_block(const struct em *em, struct em_block *block)
{
    double fresh[4];
    begin_block(em, block);
    switch (em->answers->class_count) {
    case 2:
        block->change = pass(em, block, fresh, 2);
        break;
    case 3:
        block->change = pass(em, block, fresh, 3);
        break;
    case 4:
        block->change = pass(em, block, fresh, 4);
        break;
    default:
        block->change = pass(em, block, block->scratch, em->answers->class_count);
    }
}

/* All blocks by one thread: in one table, so that the cache holds it; the counts of each are put
   aside before the next begins. The sums are those that join_blocks makes. */
static void pass_in_turn(struct em *em)
{
    size_t classes = em->answers->class_count, rows = em->answers->worker_count * classes;
    for (uint32_t b = 0; b < em->block_count; b++) {
        pass_block(em, &em->blocks[b]);
        for (size_t row = 0; row < rows; row++) {
            double *sum = em->sums + row * classes, *counts = em->counts + 2 * row * classes;
            if (b > 0)
                add(counts, sum, classes);
            if (b + 1 < em->block_count)
                memcpy(sum, counts, classes * sizeof *sum);
        }
        if (b > 0)
            add(em->totals, em->blocks[b].totals, classes);
    }
}

static void pass_one(void *context, unsigned block)
{
    struct em *em = context;
    pass_block(em, &em->blocks[block]);
}

double em_pass(struct em *em)
{
    double change = 0;
    if (em->sums != NULL)
        pass_in_turn(em);
    else {
        threads_run(em->block_count, pass_one, em); /* no more blocks than threads */
        join_blocks(em);
    }
    for (uint32_t b = 0; b < em->block_count; b++)
        change = fmax(change, em->blocks[b].change);
    return change;
}

double em_log_likelihood(const struct em *em)
{
    uint32_t classes = em->answers->class_count;
    double *p = em->scratch;
    double total = 0;
    for (uint32_t i = 0; i < em->answers->item_count; i++) {
        double sum = 0;
        multiply(em, em->blocks, i, p, classes, &total);
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
