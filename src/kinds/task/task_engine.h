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
    int64_t given, wanted, bucket;
    struct str item_state; /* filled in: "open", "settled", "undecided" */
    struct str answer, caption;
    double confidence, need; /* 0 … 1 */
    bool more;               /* one more answer is wanted */
};

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

/* How well somebody works. */
struct task_rated {
    struct person_id person_id;
    uint32_t compared, right;
    double quality, low, high;
    bool is_stopped; /* surely below what is enough */
};
/* Workers of whom more is known than when this was last asked, from `*from` on. */
bool task_mind_next_worker(struct task_mind *mind, uint32_t *from, struct task_rated *rated);

struct task_mind *task_minds_find(struct task_minds *minds, struct campaign_id campaign_id);
void task_minds_add(struct task_minds *minds, struct task_mind *mind);
void task_minds_drop(struct task_minds *minds, struct campaign_id campaign_id);
