/* What the files of infer's live part share. */
#pragma once
#include "sift/infer/infer.h"

/* An answer, or an assignment while the label is INFER_WAITING. */
struct given {
    uint32_t worker;
    uint16_t label;
};
#define INFER_WAITING UINT16_MAX

enum live_list { IN_NO_LIST, IN_OPEN, IN_SETTLED };

struct live_item {
    struct given *given;
    uint32_t count, waiting; /* all in `given`; those of them that are assignments */
    uint32_t place;          /* in its list */
    uint32_t first_answers;  /* when it first seemed settled */
    uint16_t gold, first_label;
    uint8_t room; /* of `given`: 2 << room; 0: none */
    uint8_t list; /* enum live_list */
    bool closed, seemed, drawn /* as control */;
    double key;     /* in its list */
    double doubted; /* if it seemed settled: how improbable that label is now */
};

/* Items by key, largest first: a binary heap. */
struct live_heap {
    uint32_t *items;
    uint32_t count;
};

enum { ROOMS = 31 };

struct infer_live {
    struct arena *arena;
    struct infer_live_options options;
    uint32_t item_count, item_room, worker_count, worker_room;
    struct live_item *items;
    double *posterior; /* item × class */
    size_t answer_count;
    struct given
        *free[ROOMS]; /* lists of rooms that are free; the next one stands in the first bytes */

    double *counts;                /* worker × answer × truth: expected number of such answers */
    double *columns;               /* worker × truth: the same over all answers */
    uint32_t *open;                /* by worker: open items that they answered or have */
    double *crowd, *crowd_columns; /* answer × truth, truth: what a new worker is taken to do */
    double *totals;                /* by class: expected number of items */
    double *scratch;               /* 2 × class_count */
    uint32_t cursor;               /* the item that is looked at again next */

    struct live_heap lists[3]; /* by enum live_list; the first is empty */
    uint32_t *frontier;        /* item_room: where a search in the heap stands */
    uint32_t seemed, controls;
    double doubted, controls_doubted; /* sums */
};

/* --- Belief (live.c) -------------------------------------------------------------------------- */

static inline double *live_posterior(const struct infer_live *live, uint32_t item)
{
    return live->posterior + (size_t)item * live->options.class_count;
}

static inline uint32_t live_answers(const struct live_item *item)
{
    return item->count - item->waiting;
}

uint16_t live_label(const struct infer_live *live, uint32_t item);
/* Probability of an answer of a worker to an item of a class. */
double live_likelihood(const struct infer_live *live, uint32_t worker, uint32_t answer,
                       uint32_t truth);

/* --- Order of asking (live_next.c) ------------------------------------------------------------ */

/* Puts an item into the list it belongs to, after its belief or its answers changed. */
void live_place(struct infer_live *live, uint32_t item);
/* Remembers an item that seems settled for the first time, and how its first label fares now. */
void live_look_back(struct infer_live *live, uint32_t item);
/* Opens items that were settled under a lower certainty. */
void live_reopen(struct infer_live *live);
