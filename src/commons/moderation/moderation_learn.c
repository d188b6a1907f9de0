/* What organisations' decisions taught, in memory.
 *
 * A slot belongs to one organisation and holds what was learnt last. Whoever finds it missing or
 * too old learns anew, one at a time; others meanwhile use what there is, or wait where there is
 * nothing yet. What was learnt does not change, and is freed when nobody uses it and a newer one
 * has taken its place.
 *
 * Costs: see docs/performance.md. At most LESSONS_MAX decisions, the newest, are learnt from.
 */
#include "moderation_inner.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "platform/clock/clock.h"

enum { LESSONS_MAX = 2000 };
/* Learning anew takes at most this part of the time. */
enum { PAUSE_TIMES = 20 };
static const int64_t REFRESH_US = INT64_C(10) * 1000000;

struct slot {
    struct slot *next;
    struct organisation_id organisation_id;
    struct moderation_taught *taught; /* NULL: nothing yet */
    uint64_t asked_at;
    unsigned users;
    bool is_learning;
};

struct moderation_memory {
    struct likeness *likeness;
    struct moderation_sheets *sheets;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t learnt;
    struct slot *slots;
    unsigned slot_count;
    uint64_t asked;
};

struct moderation_memory *moderation_memory_open(struct likeness *likeness)
{
    struct moderation_memory *m = calloc(1, sizeof *m);
    check(m != NULL);
    m->likeness = likeness;
    m->sheets = moderation_sheets_open();
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->learnt, NULL);
    return m;
}

static void let_go(struct moderation_taught *taught)
{
    if (taught == NULL || --taught->users > 0)
        return;
    arena_free(taught->arena);
    free(taught);
}

static void slot_free(struct slot *slot)
{
    let_go(slot->taught);
    free(slot);
}

void moderation_memory_close(struct moderation_memory *m)
{
    if (m == NULL)
        return;
    for (struct slot *next, *s = m->slots; s != NULL; s = next) {
        next = s->next;
        check(s->users == 0);
        slot_free(s);
    }
    moderation_sheets_close(m->sheets);
    pthread_cond_destroy(&m->learnt);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

struct moderation_sheets *moderation_sheets_of(struct moderation_memory *m)
{
    return m->sheets;
}

/* --- Learning --------------------------------------------------------------------------------- */

/* What a decision teaches; false when its words have changed since, or are gone. */
static bool read_lesson(struct sql *db, struct words_tools *tools,
                        const struct moderation_lessons_row *row,
                        struct attention_decision *decision)
{
    struct moderation_key key = { row->subject_id, row->comment_id, row->version };
    struct subject_said said;
    if (!moderation_said(db, row->kind, row->campaign_id, key, &said) ||
        said.version != row->version)
        return false;
    struct str sentence = row->method == SIMILAR_METHOD ? row->sentence : S("");
    *decision = (struct attention_decision){
        .text = moderation_text(tools, sql_arena(db), &said, row->language, row->nearest_score,
                                row->copy_count, sentence),
        .refused = str_equal(row->verdict, S("hidden")),
    };
    return true;
}

static void learn(struct moderation_memory *m, struct sql *db,
                  struct organisation_id organisation_id, struct moderation_taught *taught)
{
    struct moderation_lessons_row *rows;
    size_t count = moderation_lessons(
        db, (struct moderation_lessons){ .organisation_id = organisation_id, .limit = LESSONS_MAX },
        &rows);
    struct attention_decision *decisions =
        arena_new(sql_arena(db), struct attention_decision, count);
    struct words_tools *tools = likeness_tools_take(m->likeness);
    for (size_t i = 0; i < count; i++)
        if (read_lesson(db, tools, &rows[i], &decisions[taught->decisions]))
            taught->hidden += decisions[taught->decisions++].refused;
    likeness_tools_give(m->likeness, tools);
    taught->model = attention_learn(taught->arena, decisions, taught->decisions);
}

/* NULL when the decisions cannot be read. */
static struct moderation_taught *make_taught(struct moderation_memory *m, struct sql *db,
                                             struct organisation_id organisation_id,
                                             int64_t last_id)
{
    struct moderation_taught *taught = calloc(1, sizeof *taught);
    check(taught != NULL);
    *taught = (struct moderation_taught){
        .users = 1, .last_id = last_id, .at_us = clock_monotonic(), .arena = arena_make()
    };
    struct arena *meanwhile = arena_make(), *before = sql_arena(db);
    sql_use_arena(db, meanwhile);
    learn(m, db, organisation_id, taught);
    sql_use_arena(db, before);
    arena_free(meanwhile);
    taught->took_us = clock_monotonic() - taught->at_us;
    if (!sql_failed(db))
        return taught;
    let_go(taught);
    return NULL;
}

/* The organisation's last decision; 0: none. */
static int64_t last_decision(struct sql *db, struct organisation_id organisation_id)
{
    struct moderation_campaigns after = { .organisation_id = organisation_id };
    struct moderation_campaigns_row *rows;
    size_t count;
    int64_t last = 0;
    while ((count = moderation_campaigns(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            last = rows[i].last_id > last ? rows[i].last_id : last;
        after.campaign_id = rows[count - 1].campaign_id;
    }
    return last;
}

/* --- Taking and giving back, under the lock --------------------------------------------------- */

/* Makes room for one more, if there is one that nobody uses. */
static void let_oldest_go(struct moderation_memory *m)
{
    struct slot **oldest = NULL;
    for (struct slot **at = &m->slots; *at != NULL; at = &(*at)->next)
        if ((*at)->users == 0 && (oldest == NULL || (*at)->asked_at < (*oldest)->asked_at))
            oldest = at;
    if (oldest == NULL)
        return;
    struct slot *gone = *oldest;
    *oldest = gone->next;
    m->slot_count--;
    slot_free(gone);
}

static struct slot *slot_of(struct moderation_memory *m, struct organisation_id organisation_id)
{
    struct slot *slot = m->slots;
    while (slot != NULL && slot->organisation_id.value != organisation_id.value)
        slot = slot->next;
    if (slot == NULL) {
        if (m->slot_count >= MODERATION_MODELS_MAX)
            let_oldest_go(m);
        slot = calloc(1, sizeof *slot);
        check(slot != NULL);
        slot->organisation_id = organisation_id;
        slot->next = m->slots;
        m->slots = slot;
        m->slot_count++;
    }
    slot->users++;
    slot->asked_at = ++m->asked;
    return slot;
}

/* Too few decisions are quickly looked at again: the page says how many are missing. */
static bool is_fresh(const struct moderation_taught *taught, int64_t last_id, int64_t patience_us)
{
    if (taught == NULL || taught->last_id == last_id)
        return taught != NULL;
    int64_t pause_us = PAUSE_TIMES * taught->took_us;
    return taught->decisions >= ATTENTION_DECISIONS_MIN &&
           clock_monotonic() - taught->at_us < (pause_us > patience_us ? pause_us : patience_us);
}

struct moderation_taught *moderation_taught_take(struct moderation_memory *m, struct sql *db,
                                                 struct organisation_id organisation_id,
                                                 int64_t patience_us)
{
    int64_t last_id = last_decision(db, organisation_id);
    pthread_mutex_lock(&m->lock);
    struct slot *slot = slot_of(m, organisation_id);
    while (slot->is_learning && slot->taught == NULL)
        pthread_cond_wait(&m->learnt, &m->lock);
    if (!slot->is_learning && !is_fresh(slot->taught, last_id, patience_us)) {
        slot->is_learning = true;
        pthread_mutex_unlock(&m->lock);
        struct moderation_taught *taught = make_taught(m, db, organisation_id, last_id);
        pthread_mutex_lock(&m->lock);
        slot->is_learning = false;
        pthread_cond_broadcast(&m->learnt);
        if (taught != NULL) {
            let_go(slot->taught);
            slot->taught = taught;
        }
    }
    struct moderation_taught *taught = slot->taught;
    if (taught != NULL)
        taught->users++;
    slot->users--;
    pthread_mutex_unlock(&m->lock);
    return taught;
}

void moderation_taught_give(struct moderation_memory *m, struct moderation_taught *taught)
{
    pthread_mutex_lock(&m->lock);
    let_go(taught);
    pthread_mutex_unlock(&m->lock);
}

/* --- Keeping up ------------------------------------------------------------------------------- */

static size_t known_organisations(struct moderation_memory *m,
                                  struct organisation_id ids[MODERATION_MODELS_MAX])
{
    size_t count = 0;
    pthread_mutex_lock(&m->lock);
    for (struct slot *s = m->slots; s != NULL && count < MODERATION_MODELS_MAX; s = s->next)
        ids[count++] = s->organisation_id;
    pthread_mutex_unlock(&m->lock);
    return count;
}

bool moderation_refresh(struct moderation_memory *m, struct sql_store *store, struct fault *fault)
{
    struct organisation_id ids[MODERATION_MODELS_MAX];
    size_t count = known_organisations(m, ids);
    if (count == 0)
        return true;
    struct arena *arena = arena_make();
    struct sql *db = sql_read_begin(store, arena, fault);
    bool ok = db != NULL;
    for (size_t i = 0; ok && i < count; i++)
        moderation_taught_give(m, moderation_taught_take(m, db, ids[i], REFRESH_US));
    if (ok && !sql_read_end(store, db))
        ok = fault_set(fault, FAULT_UNAVAILABLE, "decisions could not be read");
    arena_free(arena);
    return ok;
}
