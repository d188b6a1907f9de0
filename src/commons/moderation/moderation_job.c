/* What waits is compared with what was there before. */
#include "moderation_inner.h"

#include "base/arena.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

static const int64_t RUN_US = INT64_C(2) * 1000000; /* then other jobs have their turn */

struct batch {
    struct campaign_id campaign_id;
    struct str kind;
    struct moderation_looked_up *found;
    size_t count;
    struct job_lease lease; /* without a name: none is needed */
};

/* The nearest earlier one, and how many of those alike are by the same author. What differs in a
   number or a "not" is no copy. */
static void look_up_subject(struct likeness *likeness, struct sql *db, const struct batch *batch,
                            struct moderation_looked_up *found)
{
    struct likeness_found alike[SIMILAR_NEAREST];
    struct moderation_key key = { .subject_id = found->subject_id };
    struct subject_said own, other;
    if (!moderation_said(db, batch->kind, batch->campaign_id, key, &own))
        return;
    size_t count = likeness_nearest_to(likeness, db, sql_arena(db), batch->campaign_id,
                                       found->subject_id, SIMILAR_FIRES, alike);
    for (size_t i = 0; i < count; i++) {
        key.subject_id = alike[i].subject_id;
        if (alike[i].differs.size > 0 ||
            !moderation_said(db, batch->kind, batch->campaign_id, key, &other))
            continue;
        found->copy_count +=
            own.author_id.value != 0 && own.author_id.value == other.author_id.value;
        if (found->nearest_id.value == 0 && alike[i].subject_id.value < found->subject_id.value) {
            found->nearest_id = alike[i].subject_id;
            found->nearest_score = alike[i].score;
        }
    }
}

static void look_up(struct likeness *likeness, struct sql *db, const struct batch *batch,
                    struct moderation_looked_up *found)
{
    struct moderation_copies_of_comment_row copies;
    if (found->comment_id.value == 0)
        look_up_subject(likeness, db, batch, found);
    else if (moderation_copies_of_comment(
                 db,
                 (struct moderation_copies_of_comment){ batch->campaign_id, found->subject_id,
                                                        found->comment_id },
                 &copies))
        found->copy_count = copies.copy_count;
}

static void look_up_batch(struct likeness *likeness, struct sql *db, struct batch *batch)
{
    struct moderation_to_look_up_row *rows;
    batch->count = moderation_to_look_up(
        db, (struct moderation_to_look_up){ batch->campaign_id, .newest = MODERATION_ORDERED_MAX },
        &rows);
    batch->found = arena_new(sql_arena(db), struct moderation_looked_up, batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        batch->found[i] = (struct moderation_looked_up){ .campaign_id = batch->campaign_id,
                                                         .subject_id = rows[i].subject_id,
                                                         .comment_id = rows[i].comment_id,
                                                         .version = rows[i].version };
        look_up(likeness, db, batch, &batch->found[i]);
    }
}

static bool keep(struct sql *db, void *context)
{
    const struct batch *batch = context;
    if (batch->lease.name != NULL && !job_lease_holds(db, batch->lease))
        return false;
    for (size_t i = 0; i < batch->count; i++)
        moderation_looked_up(db, batch->found[i]);
    return true;
}

/* Looks for what is like some that wait: of the campaign after `*after` that has any, which it
   becomes; 0 when there is none. `*found` grows by how many. */
static bool work(const struct moderation_office *office, struct arena *arena,
                 struct campaign_id *after, size_t *found, struct fault *fault)
{
    struct batch batch = { .lease = job_lease_current() };
    struct moderation_campaigns_to_look_up_row *campaigns;
    struct sql *db = sql_read_begin(office->store, arena, fault);
    if (db == NULL)
        return false;
    size_t count = moderation_campaigns_to_look_up(
        db, (struct moderation_campaigns_to_look_up){ *after }, &campaigns);
    for (size_t i = 0; i < count && batch.count == 0; i++) {
        batch.campaign_id = *after = campaigns[i].campaign_id;
        batch.kind = campaigns[i].kind;
        look_up_batch(office->likeness, db, &batch);
    }
    if (count == 0)
        after->value = 0;
    *found += batch.count;
    if (!sql_read_end(office->store, db))
        return fault_set(fault, FAULT_UNAVAILABLE, "what waits could not be read");
    return batch.count == 0 ||
           sql_submit_wait(office->store, keep, &batch, fault) != SQL_UNAVAILABLE;
}

bool moderation_job(void *context, int64_t now, struct fault *fault)
{
    (void)now;
    const struct moderation_office *office = context;
    struct arena *arena = arena_make();
    int64_t until = clock_monotonic() + RUN_US;
    struct campaign_id after = { 0 };
    size_t found = 0; /* in this round of all campaigns */
    bool ok = true, done = false;
    while (ok && !done && clock_monotonic() < until) {
        ok = work(office, arena, &after, &found, fault);
        arena_reset(arena);
        if (after.value == 0) {
            done = found == 0;
            found = 0;
        }
    }
    arena_free(arena);
    return ok && moderation_refresh(office->memory, office->store, fault);
}
