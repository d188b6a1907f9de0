/* What waits is compared with what was there before. */
#include "moderation_inner.h"

#include "base/arena.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

static const int64_t RUN_US = INT64_C(2) * 1000000; /* then other jobs have their turn */

struct batch {
    struct moderation_to_look_up_row *rows;
    struct moderation_looked_up *found; /* for each row */
    size_t count;
    struct job_lease lease; /* without a name: none is needed */
};

/* The nearest earlier one, and how many of those alike are by the same author. What differs in a
   number or a "not" is no copy. */
static void look_up_subject(struct likeness *likeness, struct sql *db,
                            const struct moderation_to_look_up_row *row,
                            struct moderation_looked_up *found)
{
    struct likeness_found alike[SIMILAR_NEAREST];
    struct moderation_key key = { .subject_id = row->subject_id };
    struct subject_said own, other;
    if (!moderation_said(db, row->kind, row->campaign_id, key, &own))
        return;
    size_t count = likeness_nearest_to(likeness, db, sql_arena(db), row->campaign_id,
                                       row->subject_id, SIMILAR_FIRES, alike);
    for (size_t i = 0; i < count; i++) {
        key.subject_id = alike[i].subject_id;
        if (alike[i].differs.size > 0 ||
            !moderation_said(db, row->kind, row->campaign_id, key, &other))
            continue;
        found->copy_count +=
            own.author_id.value != 0 && own.author_id.value == other.author_id.value;
        if (found->nearest_id.value == 0 && alike[i].subject_id.value < row->subject_id.value) {
            found->nearest_id = alike[i].subject_id;
            found->nearest_score = alike[i].score;
        }
    }
}

static void look_up(struct likeness *likeness, struct sql *db,
                    const struct moderation_to_look_up_row *row, struct moderation_looked_up *found)
{
    *found = (struct moderation_looked_up){ .campaign_id = row->campaign_id,
                                            .subject_id = row->subject_id,
                                            .comment_id = row->comment_id,
                                            .version = row->version };
    struct moderation_copies_of_comment_row copies;
    if (row->comment_id.value == 0)
        look_up_subject(likeness, db, row, found);
    else if (moderation_copies_of_comment(db,
                                          (struct moderation_copies_of_comment){
                                              row->campaign_id, row->subject_id, row->comment_id },
                                          &copies))
        found->copy_count = copies.copy_count;
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

/* One batch; `*done` when there is nothing more to look for. */
static bool work(const struct moderation_office *office, struct arena *arena, bool *done,
                 struct fault *fault)
{
    struct batch batch = { .lease = job_lease_current() };
    struct sql *db = sql_read_begin(office->store, arena, fault);
    if (db == NULL)
        return false;
    batch.count = moderation_to_look_up(db, &batch.rows);
    batch.found = arena_new(arena, struct moderation_looked_up, batch.count);
    for (size_t i = 0; i < batch.count; i++)
        look_up(office->likeness, db, &batch.rows[i], &batch.found[i]);
    if (!sql_read_end(office->store, db))
        return fault_set(fault, FAULT_UNAVAILABLE, "what waits could not be read");
    *done = batch.count == 0;
    return *done || sql_submit_wait(office->store, keep, &batch, fault) != SQL_UNAVAILABLE;
}

bool moderation_job(void *context, int64_t now, struct fault *fault)
{
    (void)now;
    const struct moderation_office *office = context;
    struct arena *arena = arena_make();
    int64_t until = clock_monotonic() + RUN_US;
    bool ok = true, done = false;
    while (ok && !done && clock_monotonic() < until) {
        ok = work(office, arena, &done, fault);
        arena_reset(arena);
    }
    arena_free(arena);
    return ok && moderation_refresh(office->memory, office->store, fault);
}
