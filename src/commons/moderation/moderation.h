/* Moderation: what of a campaign nobody on the team has looked at yet, what needs eyes first and
 * why.
 *
 * Facts are the team's decisions: somebody found a contribution or a comment fine, hid it, or
 * showed it again. What waits is derived from them and from what is shown; it comes in and goes by
 * listeners. A contribution whose words change waits again. A job looks for what is alike.
 *
 * The order comes from sift/attention: signs that anybody can check, and from some fifty decisions
 * on a model of what this organisation's team hides, over all its campaigns. Each server learns it
 * from the facts when it needs it, and holds it in memory. Nothing is hidden by itself.
 */
#pragma once
#include "commons/event/event.h"
#include "commons/subject/subject.h"

struct likeness;
struct moderation_memory;

/* Holds the models of organisations, at most MODERATION_MODELS_MAX; those not asked for longest go
   first. Any thread may use it. */
enum { MODERATION_MODELS_MAX = 64 };
struct moderation_memory *moderation_memory_open(struct likeness *likeness);
void moderation_memory_close(struct moderation_memory *memory); /* NULL is allowed */

/* --- Listeners -------------------------------------------------------------------------------- */

/* There are new words: of the event's subject (0: of many), or of the comment the event is about.
 */
void moderation_hear_words(struct sql *db, void *context, int64_t now, const struct event *event);
/* *.hidden, *.shown: somebody of the team decided. */
void moderation_hear_decision(struct sql *db, void *context, int64_t now,
                              const struct event *event);
/* Its author took it back. */
void moderation_hear_gone(struct sql *db, void *context, int64_t now, const struct event *event);
/* Forgets what was made of a person's words, after they were erased everywhere. */
void moderation_erase_person(struct sql *db, struct person_id person_id);

/* --- Keeping up ------------------------------------------------------------------------------- */

struct moderation_office {
    struct sql_store *store;
    struct likeness *likeness;
    struct moderation_memory *memory;
};
/* Job: looks for what is like the newest that waits, some seconds at a time, and learns anew what
   was learnt before and has new decisions. */
bool moderation_job(void *office, int64_t now, struct fault *fault);

/* Finds anew what waits in a campaign; returns how much was wrong. */
int64_t moderation_rebuild(struct sql *db, struct campaign_id campaign_id);

/* All decisions as JSON objects, comma-separated; who decided is not told. */
void moderation_export_json(struct sql *db, struct campaign_id campaign_id, struct buf *out);
