/* Campaigns of tasks: many small pieces of work, given out one at a time, each paid.
 *
 *     item  ──give out──> answer out ──answer──> given ──time──> accepted (earned)
 *      └──── comes back <──skip, time-out──┘        └─reject─> rejected ─appeal─> accepted or
 * upheld
 *
 * An item is never with more people than are wanted and never twice with one person: the rows of
 * task_item and task_answer decide, in the transaction that gives it out. Every answer that is
 * wanted is paid for beforehand: its price stands in the ledger's account `held` from the moment it
 * is wanted. How many are wanted follows from the engine of inference (task_engine.c), which runs
 * in a job and keeps nothing that could not be made anew from the answers.
 */
#pragma once
#include "commons/campaign/campaign.h"

extern const struct campaign_kind task_kind;

/* What the job that follows needs. */
struct task_office {
    struct sql_store *store;
    struct task_minds *minds; /* task_minds_make */
};
struct task_minds *task_minds_make(void);
void task_minds_free(struct task_minds *minds);
/* Job: takes back what ran out of time, accepts what is due, and judges what was answered. */
bool task_job(void *office, int64_t now, struct fault *fault);
