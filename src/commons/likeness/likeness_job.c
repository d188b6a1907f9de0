/* Likenesses kept up: what is due is read, made outside any transaction, and kept. */
#include "likeness_inner.h"

#include <string.h>

#include "base/arena.h"
#include "base/id.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

enum { BATCH = 32 };
static const int64_t RUN_US = INT64_C(2) * 1000000; /* then other jobs have their turn */

void likeness_want(struct sql *db, int64_t now, struct campaign_id campaign_id,
                   struct subject_id subject_id)
{
    likeness_due_add(db, (struct likeness_due_add){ campaign_id, subject_id, id_make(now) });
}

void likeness_hear(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context;
    likeness_want(db, now, event->campaign_id, event->subject_id);
}

/* --- Keeping ---------------------------------------------------------------------------------- */

/* One subject on its way from the words to the table. */
struct item {
    struct campaign_id campaign_id;
    struct subject_id subject_id; /* 0: the campaign as a whole */
    int64_t mark;
    struct str language, language_known; /* of the campaign: now, and as it stands in the head */
    bool is_shown;
    struct str text;
    struct likeness_made made;
};

struct batch {
    struct item *items;
    size_t count;
    struct job_lease lease; /* of the job that keeps; without a name: none is needed */
};

/* Where question or brief are in another language now, all is to be looked at again. */
static void keep_campaign(struct sql *db, const struct item *item)
{
    struct likeness_head_get_row head;
    bool is_known = likeness_head_get(db, (struct likeness_head_get){ item->campaign_id }, &head);
    if (is_known && str_equal(head.language, item->language))
        return;
    likeness_head_set(db, (struct likeness_head_set){ item->campaign_id, item->language });
    if (is_known)
        likeness_due_add_all(db, (struct likeness_due_add_all){ .mark = item->mark + 1,
                                                                .campaign_id = item->campaign_id });
}

static void keep_item(struct sql *db, const struct item *item, int64_t *revision)
{
    struct likeness_get_row row;
    if (!item->is_shown &&
        !likeness_get(db, (struct likeness_get){ item->campaign_id, item->subject_id }, &row))
        return;
    struct likeness_head_next_row next;
    if (*revision == 0 &&
        likeness_head_next(db, (struct likeness_head_next){ item->campaign_id }, &next))
        *revision = next.revision;
    likeness_keep(db, (struct likeness_keep){
                          .campaign_id = item->campaign_id,
                          .subject_id = item->subject_id,
                          .revision = *revision,
                          .is_offered = item->is_shown,
                          .method = item->made.method,
                          .language = str_from(item->made.language),
                          .sentence = item->made.sentence,
                      });
}

static bool keep_batch(struct sql *db, void *context)
{
    const struct batch *batch = context;
    if (batch->lease.name != NULL && !job_lease_holds(db, batch->lease))
        return false;
    int64_t revision = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct item *item = &batch->items[i];
        if (i == 0 || item[-1].campaign_id.value != item->campaign_id.value) {
            keep_campaign(db, item);
            revision = 0;
        }
        if (item->subject_id.value == 0)
            likeness_due_add_missing(
                db, (struct likeness_due_add_missing){ .mark = item->mark,
                                                       .campaign_id = item->campaign_id });
        else
            keep_item(db, item, &revision);
        likeness_done(db,
                      (struct likeness_done){ item->campaign_id, item->subject_id, item->mark });
    }
    return true;
}

static void make_batch(struct likeness *likeness, struct arena *arena, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct item *item = &batch->items[i];
        if (item->is_shown)
            item->made = likeness_make(likeness, arena, item->text, item->language);
    }
}

/* Makes what was read and keeps it; true and empty-handed when another server took over. */
static bool make_and_keep(const struct likeness_office *office, struct arena *arena,
                          struct batch *batch, struct fault *fault)
{
    make_batch(office->likeness, arena, batch);
    return sql_submit_wait(office->store, keep_batch, batch, fault) != SQL_UNAVAILABLE;
}

static bool end_reading(struct sql_store *store, struct sql *db, struct fault *fault)
{
    if (sql_read_end(store, db))
        return true;
    return fault_set(fault, FAULT_UNAVAILABLE, "likenesses could not be read");
}

/* --- The job ---------------------------------------------------------------------------------- */

static void read_due(struct sql *db, struct batch *batch)
{
    struct likeness_due_some_row *rows;
    batch->count = likeness_due_some(db, (struct likeness_due_some){ BATCH }, &rows);
    batch->items = arena_new(sql_arena(db), struct item, batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        struct item *item = &batch->items[i];
        *item = (struct item){ .campaign_id = rows[i].campaign_id,
                               .subject_id = rows[i].subject_id,
                               .mark = rows[i].mark };
        bool is_next = i > 0 && item[-1].campaign_id.value == item->campaign_id.value;
        item->language = is_next
                             ? item[-1].language
                             : likeness_language(sql_arena(db), rows[i].question, rows[i].brief);
        item->is_shown =
            item->subject_id.value != 0 &&
            likeness_words(db, rows[i].kind, item->campaign_id, item->subject_id, &item->text);
    }
}

/* Texts that were read without the encoder there is now are due as well. */
static bool want_poorer(struct sql *db, void *context)
{
    const struct likeness *likeness = context;
    struct likeness_poorer_row *rows;
    size_t count =
        likeness_poorer(db, (struct likeness_poorer){ likeness_method(likeness) }, &rows);
    for (size_t i = 0; i < count; i++)
        likeness_want(db, clock_now(), rows[i].campaign_id, rows[i].subject_id);
    return count > 0;
}

/* One batch; `*done` when nothing is due any more. */
static bool work(const struct likeness_office *office, struct arena *arena, bool *done,
                 struct fault *fault)
{
    struct batch batch = { .lease = job_lease_current() };
    struct sql *db = sql_read_begin(office->store, arena, fault);
    if (db == NULL)
        return false;
    read_due(db, &batch);
    struct likeness_poorer_row *rows;
    bool any_poorer =
        batch.count == 0 &&
        likeness_poorer(db, (struct likeness_poorer){ likeness_method(office->likeness) }, &rows) >
            0;
    if (!end_reading(office->store, db, fault))
        return false;
    if (any_poorer)
        return sql_submit_wait(office->store, want_poorer, office->likeness, fault) !=
               SQL_UNAVAILABLE;
    *done = batch.count == 0;
    return *done || make_and_keep(office, arena, &batch, fault);
}

bool likeness_job(void *context, int64_t now, struct fault *fault)
{
    (void)now;
    const struct likeness_office *office = context;
    struct arena *arena = arena_make();
    int64_t until = clock_monotonic() + RUN_US;
    bool ok = true, done = false;
    while (ok && !done && clock_monotonic() < until) {
        ok = work(office, arena, &done, fault);
        arena_reset(arena);
    }
    arena_free(arena);
    likeness_rest(office->likeness);
    return ok;
}

/* --- Rebuilding ------------------------------------------------------------------------------- */

struct rebuilding {
    struct likeness_office *office;
    struct campaign_id campaign_id;
    struct str kind, language;
    bool check_only;
    int64_t wrong;
};

/* Whether what is kept of a subject is what its words give. A text that was encoded stays so when
   there is no encoder here. */
static bool is_right(const struct item *item, const struct likeness_get_row *row)
{
    if (!row->is_offered || !str_equal(row->language, str_from(item->made.language)))
        return false;
    return row->method > item->made.method || str_equal(row->sentence, item->made.sentence);
}

/* Some shown subjects from `*from` on; `*from` becomes where to go on, 0 at the end. */
static void read_shown(struct sql *db, const struct rebuilding *b, struct subject_id *from,
                       struct batch *batch)
{
    struct subject_words *rows;
    batch->count = campaign_kind(b->kind)->words(db, b->campaign_id, *from, BATCH, &rows);
    batch->items = arena_new(sql_arena(db), struct item, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        batch->items[i] = (struct item){
            .campaign_id = b->campaign_id,
            .subject_id = rows[i].subject_id,
            .language = b->language,
            .is_shown = true,
            .text = likeness_text(sql_arena(db), rows[i].title, rows[i].summary),
        };
    from->value = batch->count == BATCH ? rows[BATCH - 1].subject_id.value + 1 : 0;
}

/* Some that can be found but are not shown. */
static void read_gone(struct sql *db, const struct rebuilding *b, struct subject_id *from,
                      struct batch *batch)
{
    struct likeness_offered_row *rows;
    struct str text;
    size_t count = likeness_offered(
        db, (struct likeness_offered){ b->campaign_id, { from->value - (from->value > 0) } },
        &rows);
    batch->items = arena_new(sql_arena(db), struct item, count);
    batch->count = 0;
    for (size_t i = 0; i < count; i++)
        if (!likeness_words(db, b->kind, b->campaign_id, rows[i].subject_id, &text))
            batch->items[batch->count++] = (struct item){ .campaign_id = b->campaign_id,
                                                          .subject_id = rows[i].subject_id,
                                                          .language = b->language };
    from->value = count > 0 ? rows[count - 1].subject_id.value + 1 : 0;
}

/* Leaves in the batch what is not kept as it should be. */
static void only_wrong(struct sql *db, struct batch *batch)
{
    size_t wrong = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const struct item *item = &batch->items[i];
        struct likeness_get_row row;
        if (item->is_shown &&
            likeness_get(db, (struct likeness_get){ item->campaign_id, item->subject_id }, &row) &&
            is_right(item, &row))
            continue;
        batch->items[wrong++] = *item;
    }
    batch->count = wrong;
}

static bool rebuild_with(struct rebuilding *b, struct arena *arena,
                         void (*read)(struct sql *, const struct rebuilding *, struct subject_id *,
                                      struct batch *),
                         struct fault *fault)
{
    struct subject_id from = { 0 };
    do {
        arena_reset(arena);
        struct batch batch = { 0 };
        struct sql *db = sql_read_begin(b->office->store, arena, fault);
        if (db == NULL)
            return false;
        read(db, b, &from, &batch);
        make_batch(b->office->likeness, arena, &batch);
        only_wrong(db, &batch);
        if (!end_reading(b->office->store, db, fault))
            return false;
        b->wrong += (int64_t)batch.count;
        if (!b->check_only && batch.count > 0 &&
            sql_submit_wait(b->office->store, keep_batch, &batch, fault) == SQL_UNAVAILABLE)
            return false;
    } while (from.value != 0);
    return true;
}

/* Kind and language of a campaign; texts live in `arena`. */
static bool read_campaign(struct rebuilding *b, struct arena *arena, struct fault *fault)
{
    struct sql *db = sql_read_begin(b->office->store, arena, fault);
    if (db == NULL)
        return false;
    struct likeness_campaign_row row = { 0 };
    if (likeness_campaign(db, (struct likeness_campaign){ b->campaign_id }, &row)) {
        b->kind = row.kind;
        b->language = likeness_language(arena, row.question, row.brief);
    }
    return end_reading(b->office->store, db, fault);
}

bool likeness_rebuild(struct likeness_office *office, struct campaign_id campaign_id,
                      bool check_only, int64_t *wrong, struct fault *fault)
{
    struct rebuilding b = { .office = office,
                            .campaign_id = campaign_id,
                            .check_only = check_only };
    struct arena *arena = arena_make(), *pages = arena_make();
    bool ok = read_campaign(&b, arena, fault) && rebuild_with(&b, pages, read_shown, fault) &&
              rebuild_with(&b, pages, read_gone, fault);
    *wrong += b.wrong;
    arena_free(pages);
    arena_free(arena);
    return ok;
}
