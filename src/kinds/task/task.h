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
#include "commons/event/event.h"
#include "platform/blobs/blobs.h"

extern const struct campaign_kind task_kind;

/* What the job that follows needs. */
struct task_office {
    struct sql_store *store;
    struct task_minds *minds; /* task_minds_make */
    struct blob_store *blobs; /* where lists of items stand that are being brought in */
    struct str public_url;    /* in mails */
};
struct task_minds *task_minds_make(void);
void task_minds_free(struct task_minds *minds);
/* Job: takes back what ran out of time, accepts what is due, judges what was answered, and brings
   in the items of long lists, some thousand in a transaction. */
bool task_job(void *office, int64_t now, struct fault *fault);

/* Listeners (app/wiring.c). A rejection is collected for a mail a day; the decision of an appeal,
   and what was put right for somebody, is told at once. Context: the site. */
void task_collect_rejection(struct sql *db, void *context, int64_t now, const struct event *event);
void task_tell_of_appeal(struct sql *db, void *context, int64_t now, const struct event *event);
void task_tell_good_news(struct sql *db, void *context, int64_t now, const struct event *event);
/* Erases what a person gave and was not accepted, said in practice and tests, and was to be told
   (task_erase.c). What was accepted stays, without a name. */
void task_erase_person(struct sql *db, int64_t now, struct person_id person_id);
/* Counts items and answers anew, and puts right what was kept; returns how many counts differed. */
int64_t task_rebuild(struct sql *db, struct campaign_id campaign_id);
