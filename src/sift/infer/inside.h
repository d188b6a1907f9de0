/* What the files of this room share: expectation–maximisation over soft confusion counts.
 *
 * All methods but GLAD say how probable an answer is from the worker and the true class alone. So
 * one pass over the answers serves them all: it multiplies the workers' probabilities into each
 * item's posterior, and adds that posterior to the worker's soft counts. From the counts, each
 * method makes the next probabilities in its own way.
 */
#pragma once
#include "sift/infer/infer.h"

enum { ITERATIONS_DEFAULT = 100 };
static const double tolerance_default = 1e-5, probability_least = 1e-10;

/* A part of the items with counts of its own, so that parts can be passed over at once. */
struct em_block {
    uint32_t from, end; /* items */
    double *table;      /* those of struct em; copies where blocks are passed over at once */
    double *counts;
    double *totals;
    double *scratch; /* class */
    double change;   /* the largest of a posterior in the last pass */
};

struct em {
    struct arena *arena;
    const struct infer_answers *answers;
    const uint16_t *gold; /* or NULL */
    double *posterior;    /* item × class */
    double *table;        /* probability of an answer given the truth: table[cell(…) + truth] */
    double *counts;       /* how often, softly: counts[cell(…) + truth] */
    double *prior;        /* class */
    double *totals;       /* class: sum of the posteriors of all items */
    double *scratch;      /* class */
    struct em_block *blocks;
    uint32_t block_count;
    unsigned threads; /* that pass over them, 1 or more */
    double *sums;     /* where one thread passes over several: counts put aside, without gaps */
    void *own;        /* of the method */
    unsigned iterations;
    bool converged;
};

/* Makes table and prior from counts and totals. */
typedef void em_refit(struct em *em);

struct em em_make(struct arena *arena, const struct infer_answers *answers, const uint16_t *gold,
                  unsigned threads);
/* Posteriors by share of answers, and counts from them. */
void em_start(struct em *em);
/* Counts and totals from the posteriors as they are. */
void em_count(struct em *em);
/* One pass: posteriors from table and prior, counts and totals from the new posteriors. Returns the
   largest change of a posterior. */
double em_pass(struct em *em);
/* Refits and passes until nothing changes any more. */
void em_run(struct em *em, em_refit *refit, unsigned iterations_max, double tolerance);
/* Logarithm of the probability of all answers under table and prior. */
double em_log_likelihood(const struct em *em);

/* Where a worker's numbers for an answer begin. Those of table and counts stand side by side, for a
   pass reads the one and adds to the other: with four classes they share a line of the cache. */
static inline size_t cell(const struct em *em, uint32_t worker, uint32_t answer)
{
    size_t classes = em->answers->class_count;
    return 2 * ((size_t)worker * classes + answer) * classes;
}

/* The classes of a posterior made to sum to 1; equal if there is nothing to go by. */
void normalise(double *p, uint32_t count);

bool is_gold(const struct em *em, uint32_t item);

void majority(struct em *em, double *quality);
void wawa(struct em *em, double *quality);
/* Everybody is trusted alike, every class is as likely. */
void zencrowd_begin(struct em *em);
/* Starts, refits and passes until the fit gains less than `tolerance` for one answer; a negative
   one is never met. */
void fit_run(struct em *em, em_refit *refit, unsigned iterations_max, double tolerance);
em_refit dawid_skene_refit, one_coin_refit, zencrowd_refit, ibcc_refit;
void mace_run(struct em *em, const struct infer_options *options, unsigned iterations_max,
              double tolerance);
void glad_run(struct em *em, unsigned iterations_max, double tolerance, double *quality,
              double *difficulty);
