/* What is believed of a campaign's items and workers; see task_engine.c. Pure: no SQL, no clock. */
#pragma once
#include "sift/infer/live.h"
#include "task_inner.h"

struct task_mind;

/* The answers to an item that count, one for each person. */
struct task_weighed {
    const struct task_answers_weighed_row *rows;
    size_t count;
};

/* An item, and what follows from its answers. */
struct task_judged {
    struct task_item_id task_item_id; /* taken in: */
    bool is_control;
    struct str known_answer;
    struct str from_state; /* of the item, so far */
    int64_t given, wanted, out_count, bucket;
    struct str item_state; /* filled in: "open", "settled", "undecided" */
    struct str answer, caption;
    double confidence, need; /* 0 … 1 */
    bool more;               /* one more answer is wanted */
    bool judging;            /* … and it is to pick the best of the texts */
};

/* What is believed of an item's texts; see task_texts.c. */
struct task_verdict {
    size_t best;           /* the answer whose text is best; SIZE_MAX: nobody has written any */
    double confidence;     /* probability that it is good */
    size_t texts;          /* that differ */
    size_t judgements;     /* that picked one of them, or said that none is good */
    const double *good;    /* of each answer: that its text is good, or that its judge took care */
    const size_t *text_of; /* each answer's text: the first answer with it; SIZE_MAX: a judgement */
};
/* `quality` is of who gave each answer, above 0 and below 1. Pure. */
struct task_verdict task_weigh_texts(struct arena *arena, const struct task_weighed *answers,
                                     const double *quality);

/* Tells other programs of those items that have their answer, once it is kept (task_news.c). */
void task_tell_settled(struct sql *db, int64_t now, struct campaign_id campaign_id,
                       const struct task_judged *judged, size_t count);

/* NULL with a fault when the rules do not fit together. */
struct task_mind *task_mind_make(struct campaign_id campaign_id,
                                 const struct task_rules_get_row *rules, struct fault *fault);
void task_mind_free(struct task_mind *mind);
/* Takes an item's answers in, those known before included, and judges it. A control is only taken
   in. */
void task_mind_weigh(struct task_mind *mind, struct arena *arena, struct task_judged *judged,
                     const struct task_weighed *answers);
/* Items that are settled now because their workers are known better, from `*from` on. */
bool task_mind_next_changed(struct task_mind *mind, uint32_t *from, struct task_item_id *id);

/* Whether settled items should be weighed again, since more is known of the workers, and after
   which one to go on. */
bool task_mind_looks_again(const struct task_mind *mind, struct task_item_id *after);
/* The last one that was weighed again; 0: there are no more. */
void task_mind_looked(struct task_mind *mind, struct task_item_id last);

/* How well somebody works. */
struct task_rated {
    struct person_id person_id;
    uint32_t compared, right;
    double quality, low, high;
    bool is_below;   /* surely below what is enough; */
    bool is_stopped; /*   for the first time */
};
/* Workers of whom more is known than when this was last asked, from `*from` on. */
bool task_mind_next_worker(struct task_mind *mind, uint32_t *from, struct task_rated *rated);

/* A mind that learnt before a known answer was put right (`corrected_at`, 0: none was) is dropped.
 */
struct task_mind *task_minds_find(struct task_minds *minds, struct campaign_id campaign_id,
                                  int64_t corrected_at);
void task_minds_add(struct task_minds *minds, struct task_mind *mind, int64_t corrected_at);
void task_minds_drop(struct task_minds *minds, struct campaign_id campaign_id);
