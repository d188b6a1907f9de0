/* Counts that are kept, because they would else be counted anew for each page: of items by bucket
 * (task_count), of answers by person (task_worker). Whoever changes the state of an item or an
 * answer moves them in the same transaction. */
#include "task_inner.h"

#include <string.h>

#include "base/check.h"

static int64_t *count_of_state(struct task_numbers *counts, struct str state)
{
    if (str_equal(state, S("settled")))
        return &counts->settled;
    if (str_equal(state, S("undecided")))
        return &counts->undecided;
    return str_equal(state, S("broken")) ? &counts->broken : NULL; /* open ones are the rest */
}

static struct task_numbers *bucket_of(struct task_moves *moves, int64_t bucket)
{
    check(bucket >= 0 && bucket < TASK_BUCKETS);
    return &moves->buckets[bucket];
}

void task_moves_state(struct task_moves *moves, int64_t bucket, struct str from, struct str to)
{
    struct task_numbers *counts = bucket_of(moves, bucket);
    int64_t *less = count_of_state(counts, from), *more = count_of_state(counts, to);
    if (less != NULL)
        --*less;
    if (more != NULL)
        ++*more;
}

void task_moves_added(struct task_moves *moves, int64_t bucket, bool is_control, bool is_picture)
{
    struct task_numbers *counts = bucket_of(moves, bucket);
    counts->controls += is_control;
    counts->items += !is_control;
    counts->pictures += is_picture;
}

static void count_add(struct sql *db, struct campaign_id campaign_id, int64_t bucket,
                      const struct task_numbers *more)
{
    task_count_add(db, (struct task_count_add){ .campaign_id = campaign_id,
                                                .bucket = bucket,
                                                .items = more->items,
                                                .settled = more->settled,
                                                .undecided = more->undecided,
                                                .broken = more->broken,
                                                .controls = more->controls,
                                                .pictures = more->pictures });
}

void task_moves_keep(struct sql *db, struct campaign_id campaign_id, const struct task_moves *moves)
{
    static const struct task_numbers none;
    for (int64_t i = 0; i < TASK_BUCKETS; i++)
        if (memcmp(&moves->buckets[i], &none, sizeof none) != 0)
            count_add(db, campaign_id, i, &moves->buckets[i]);
}

void task_state_moved(struct sql *db, struct campaign_id campaign_id,
                      const struct task_item_get_row *item, struct str to)
{
    struct task_moves moves = { 0 };
    if (!item->is_control)
        task_moves_state(&moves, item->bucket, item->item_state, to);
    task_moves_keep(db, campaign_id, &moves);
}

void task_item_set_broken(struct sql *db, struct campaign_id campaign_id,
                          struct task_item_id item_id, const struct task_item_get_row *item)
{
    struct task_item_break change = { campaign_id, item_id, item->item_state };
    if (task_item_break(db, change) > 0)
        task_state_moved(db, campaign_id, item, S("broken"));
    else if (!sql_failed(db))
        sql_run_again(db); /* it was judged at this very moment */
}

/* Rows of both queries have the same columns. */
#define NUMBERS_OF(row)                                                                            \
    ((struct task_numbers){ (row).items, (row).settled, (row).undecided, (row).broken,             \
                            (row).controls, (row).pictures })

struct task_moves task_counts_by_bucket(struct sql *db, struct campaign_id campaign_id)
{
    struct task_counts_kept_row *rows;
    struct task_moves kept = { 0 };
    size_t count = task_counts_kept(db, (struct task_counts_kept){ campaign_id }, &rows);
    for (size_t i = 0; i < count; i++)
        *bucket_of(&kept, rows[i].bucket) = NUMBERS_OF(rows[i]);
    return kept;
}

struct task_numbers task_counts_of(struct sql *db, struct campaign_id campaign_id)
{
    struct task_moves kept = task_counts_by_bucket(db, campaign_id);
    struct task_numbers all = { 0 };
    for (size_t i = 0; i < TASK_BUCKETS; i++) {
        const struct task_numbers *one = &kept.buckets[i];
        all.items += one->items;
        all.settled += one->settled;
        all.undecided += one->undecided;
        all.broken += one->broken;
        all.controls += one->controls;
        all.pictures += one->pictures;
    }
    return all;
}

/* --- Anew from the facts ---------------------------------------------------------------------- */

static int64_t rebuild_items(struct sql *db, struct campaign_id campaign_id)
{
    struct task_counts_from_facts_row *rows;
    struct task_moves facts = { 0 }, kept = task_counts_by_bucket(db, campaign_id);
    size_t count =
        task_counts_from_facts(db, (struct task_counts_from_facts){ campaign_id }, &rows);
    for (size_t i = 0; i < count; i++)
        *bucket_of(&facts, rows[i].bucket) = NUMBERS_OF(rows[i]);
    if (memcmp(&facts, &kept, sizeof facts) == 0)
        return 0;
    task_counts_clear(db, (struct task_counts_clear){ campaign_id });
    task_moves_keep(db, campaign_id, &facts);
    return 1;
}

static int64_t rebuild_workers(struct sql *db, struct campaign_id campaign_id)
{
    struct task_workers_miscounted_row *rows;
    int64_t wrong = 0;
    size_t count;
    while ((count = task_workers_miscounted(db, (struct task_workers_miscounted){ campaign_id },
                                            &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            task_worker_put_right(db,
                                  (struct task_worker_put_right){ .given = rows[i].given,
                                                                  .accepted = rows[i].accepted,
                                                                  .rejected = rows[i].rejected,
                                                                  .campaign_id = campaign_id,
                                                                  .person_id = rows[i].person_id });
        wrong += (int64_t)count;
    }
    return wrong;
}

int64_t task_rebuild(struct sql *db, struct campaign_id campaign_id)
{
    return rebuild_items(db, campaign_id) + rebuild_workers(db, campaign_id);
}
