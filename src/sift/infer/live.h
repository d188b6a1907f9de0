/* Inference while answers come in: what is believed of each item now, which items are settled, and
 * which is asked next. Pure; a state of this is used by one thread at a time.
 *
 *     struct infer_live *live;
 *     struct infer_live_options options = { .class_count = 2, .certainty = 0.99 };
 *     if (!infer_live_make(arena, &options, &live, &fault)) …
 *     infer_live_grow(live, 500, 20, &fault);               500 items, 20 workers
 *     while (infer_live_next(live, worker, &item)) {
 *         infer_live_assign(live, item, worker);            in flight: counts as asked
 *         … ask …
 *         infer_live_answer(live, item, worker, label);     or infer_live_withdraw, if they left
 *     }
 *
 * Items and workers have numbers from 0 without gaps. What is kept is as large as the largest it
 * ever was, up to a factor of two: answers that are withdrawn leave room that later ones take.
 *
 * What depends on the order in which answers came: how good workers seemed when an item was last
 * looked at, which fades while answers come in, and which label an item had when it first seemed
 * settled, from which follows the certainty that is asked for (infer_live_certainty). After
 * infer_live_refresh posteriors and qualities are those that the answers have in any order.
 */
#pragma once
#include "base/fault.h"

struct arena;
struct infer_live;

enum { INFER_LIVE_CLASSES_MAX = 4096 };
#define INFER_LIVE_NOBODY UINT32_MAX

struct infer_live_options {
    uint32_t class_count;   /* 1 … INFER_LIVE_CLASSES_MAX */
    double certainty;       /* an item is settled from this posterior on: above .5, below 1 */
    uint32_t answers_least; /* … and with so many answers; 0: 3 */
    uint32_t answers_most;  /* nobody is asked beyond so many; 0: no limit */
    double control;         /* share of settled items that are asked as often again; negative: none,
                               0: .05 */
    uint64_t seed;          /* draws those */
};

/* Starts with no items, no workers and no answers, all of it in `arena`. False when classes or
   certainty are not as above. */
[[nodiscard]] bool infer_live_make(struct arena *arena, const struct infer_live_options *options,
                                   struct infer_live **live, struct fault *fault);

/* Makes room for so many items and workers; fewer than there are changes nothing. False when they
   would not fit into memory (2^28 numbers for either). O(items + workers added) on average. */
[[nodiscard]] bool infer_live_grow(struct infer_live *live, uint32_t items, uint32_t workers,
                                   struct fault *fault);

/* Takes an answer in, in place of an earlier one of the same worker to the same item, and of their
   assignment. O(answers to the item × classes + log items), and once more for one other item, whose
   workers may be known better by now. */
void infer_live_answer(struct infer_live *live, uint32_t item, uint32_t worker, uint16_t label);
/* Says that a worker was given an item, so that it need not be given to others as well. Nothing if
   they have it, or answered it, already. */
void infer_live_assign(struct infer_live *live, uint32_t item, uint32_t worker);
/* Takes a worker's answer to an item, or their assignment, away again; nothing if there is none. */
void infer_live_withdraw(struct infer_live *live, uint32_t item, uint32_t worker);
/* An item's true class is known (INFER_NOT_GOLD: no longer). It is asked no more, and counts fully
   when workers are judged. */
void infer_live_gold(struct infer_live *live, uint32_t item, uint16_t class);
/* Whether nobody can be asked about an item any more. */
void infer_live_close(struct infer_live *live, uint32_t item, bool closed);

/* The item about which one more answer is expected to teach most, of those that this worker neither
   answered nor has; INFER_LIVE_NOBODY: of all. Doubt is divided by 1 + answers and assignments, for
   an item that many could not settle will not be settled by the next one either. False when nothing
   needs an answer (that this worker could give). Looks at 16 items that suit, and passes over the
   worker's own that are in more doubt than these: O(log items) for each. */
bool infer_live_next(struct infer_live *live, uint32_t worker, uint32_t *item);

enum infer_live_status {
    INFER_OPEN,      /* needs more answers */
    INFER_SETTLED,   /* sure enough, by enough answers, or known */
    INFER_UNDECIDED, /* not settled, and nobody is asked any more */
    INFER_LIVE_STATUS_COUNT
};
const char *infer_live_status_name(enum infer_live_status status); /* "open" … */

struct infer_live_state {
    uint16_t label;            /* the most probable class, the lowest of equals */
    double confidence;         /* its probability, as far as this model knows */
    uint32_t answers, waiting; /* given; assigned, not yet given */
    enum infer_live_status status;
    bool asked_on; /* although settled, to see whether the label stays */
    double need;   /* what the order of asking goes by; 0 if nobody is to be asked */
};
struct infer_live_state infer_live_state(const struct infer_live *live, uint32_t item);
/* The probability of each class, class_count of them; valid until the next change. */
const double *infer_live_posterior(const struct infer_live *live, uint32_t item);
/* Expected share of right answers of a worker about items as frequent as they are. */
double infer_live_quality(const struct infer_live *live, uint32_t worker);

/* The posterior that is asked for at present: options.certainty, or more where labels that seemed
   settled did not stay as often as that had promised. */
double infer_live_certainty(const struct infer_live *live);

struct infer_live_summary {
    uint32_t items, open, settled, undecided;
    size_t answers;
    double certainty;  /* see infer_live_certainty */
    uint32_t seemed;   /* items that reached options.certainty at some time */
    double doubted;    /* mean over these of how improbable the label they had then is now */
    uint32_t controls; /* of these, those that are asked on as controls */
    double controls_doubted;
};
struct infer_live_summary infer_live_summary(const struct infer_live *live);

/* Infers everything anew from the answers alone, beginning with their shares, until no posterior
   moves by more than `tolerance` (0: 1e-6) or `passes_most` (0: 100) is reached; returns the
   passes. Each takes O(answers × classes). */
unsigned infer_live_refresh(struct infer_live *live, unsigned passes_most, double tolerance);
