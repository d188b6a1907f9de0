/* The thread that asks: who is to be read, which texts wait, and keeping what came. */
#include "embedding_inner.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

enum { BATCH = 32 };
static const int64_t second_us = 1000000;
static const int64_t tick_us = 2 * second_us;
/* Longer than most turns. When one takes longer still, another server may ask the same; what comes
   second is not kept. */
static const int64_t claim_us = 300 * second_us;
static const int64_t latest_us = 900 * second_us; /* longer than any rest or claim */

struct embedder {
    struct site *site;
    struct likeness *likeness;
    _Atomic bool stopping;
    struct ticker *ticker;
    int64_t model_id; /* 0: not registered yet */
    bool is_superseded;
};

/* One look, and what came of it. */
struct turn {
    struct embedder *embedder;
    struct arena *arena;
    struct embedding_model_latest_row model;
    struct campaign_id *appoint, *dismiss;
    size_t appoint_count, dismiss_count;
    struct likeness_to_read to_read;
    int64_t claimed_until_at;
    struct str *sentences; /* of each text; as far as they were made */
    bool *made;
    struct embedding_vectors references;
    enum embedding_outcome outcome;
    struct str trouble;
};

static bool keep(struct turn *t, bool (*run)(struct sql *, void *))
{
    struct fault fault = { 0 };
    enum sql_outcome end = sql_submit_wait(t->embedder->site->store, run, t, &fault);
    if (end == SQL_UNAVAILABLE)
        log_event(LOG_WARN, "embedding.not_kept", LOG_TEXT("detail", str_from(fault.detail)),
                  LOG_END);
    return end == SQL_KEPT;
}

/* --- Which model ------------------------------------------------------------------------------ */

static bool is_configured(const struct embedding_model_latest_row *row, const struct config *c)
{
    return str_equal(row->url, c->embeddings_url) && str_equal(row->model, c->embeddings_model) &&
           row->dimensions_asked == c->embeddings_dimensions;
}

/* A service that was configured before, and then another, counts as a new one: whoever was started
   last decides. */
static bool register_model(struct sql *db, void *context)
{
    struct turn *t = context;
    const struct config *c = t->embedder->site->config;
    struct embedding_model_latest_row row;
    bool is_any = embedding_model_latest(db, &row);
    bool is_known = is_any && is_configured(&row, c);
    int64_t last = is_any ? row.embedding_model_id.value : LIKENESS_READER_LEAST - 1;
    t->model.embedding_model_id.value = last + !is_known;
    if (!is_known)
        embedding_model_insert(
            db, (struct embedding_model_insert){ .embedding_model_id = t->model.embedding_model_id,
                                                 .url = c->embeddings_url,
                                                 .model = c->embeddings_model,
                                                 .dimensions_asked = c->embeddings_dimensions,
                                                 .centre = S(""),
                                                 .created_at = clock_now() });
    return true;
}

/* --- Looking ---------------------------------------------------------------------------------- */

/* Whether the model is ours, and may be asked now. */
static bool may_ask(struct turn *t)
{
    struct embedder *e = t->embedder;
    if (t->model.embedding_model_id.value != e->model_id) {
        if (!e->is_superseded)
            log_event(LOG_WARN, "embedding.superseded",
                      LOG_TEXT("detail", S("another server names another service")), LOG_END);
        e->is_superseded = true;
        return false;
    }
    int64_t now = clock_now();
    return t->model.next_at <= now || t->model.next_at > now + latest_us;
}

static void look_at_campaigns(struct turn *t, struct sql *db)
{
    const struct config *c = t->embedder->site->config;
    struct str host = str_url_host(c->embeddings_url);
    struct str here = likeness_has_encoder(t->embedder->likeness) ? S("en") : S("none");
    struct embedding_to_appoint_row *appoint;
    struct embedding_to_dismiss_row *dismiss;
    t->appoint_count = embedding_to_appoint(db,
                                            (struct embedding_to_appoint){
                                                .host = host,
                                                .reader = t->embedder->model_id,
                                                .language_here = here,
                                            },
                                            &appoint);
    t->dismiss_count =
        embedding_to_dismiss(db, (struct embedding_to_dismiss){ host, here }, &dismiss);
    t->appoint = arena_new(t->arena, struct campaign_id, t->appoint_count);
    t->dismiss = arena_new(t->arena, struct campaign_id, t->dismiss_count);
    for (size_t i = 0; i < t->appoint_count; i++)
        t->appoint[i] = appoint[i].campaign_id;
    for (size_t i = 0; i < t->dismiss_count; i++)
        t->dismiss[i] = dismiss[i].campaign_id;
}

/* What is to be done; false when that cannot be read. */
static bool look(struct turn *t)
{
    struct fault fault = { 0 };
    struct sql *db = sql_read_begin(t->embedder->site->store, t->arena, &fault);
    if (db == NULL)
        return false;
    if (embedding_model_latest(db, &t->model) && may_ask(t)) {
        look_at_campaigns(t, db);
        t->to_read = likeness_to_read(db, t->embedder->model_id, BATCH);
    }
    return sql_read_end(t->embedder->site->store, db);
}

static bool change_readers(struct sql *db, void *context)
{
    const struct turn *t = context;
    int64_t now = clock_now();
    for (size_t i = 0; i < t->appoint_count; i++)
        likeness_appoint(db, now, t->appoint[i], t->embedder->model_id);
    for (size_t i = 0; i < t->dismiss_count; i++)
        likeness_appoint(db, now, t->dismiss[i], 0);
    for (size_t i = 0; i < t->to_read.complete_count; i++)
        likeness_read_all(db, t->embedder->model_id, t->to_read.complete[i]);
    return true;
}

/* --- Asking ----------------------------------------------------------------------------------- */

static bool claim(struct sql *db, void *context)
{
    const struct turn *t = context;
    return embedding_claim(
               db, (struct embedding_claim){ .claimed_until_at = t->claimed_until_at,
                                             .embedding_model_id = t->model.embedding_model_id,
                                             .next_at = t->model.next_at }) == 1;
}

static enum embedding_outcome ask(struct turn *t, const struct str *texts, size_t count,
                                  struct embedding_vectors *vectors)
{
    const struct embedder *e = t->embedder;
    return embedding_ask(t->arena, e->site->config, &e->stopping, texts, count,
                         (size_t)t->model.dimensions, vectors, &t->trouble);
}

static enum embedding_outcome ask_for_references(struct turn *t)
{
    struct str texts[EMBEDDING_REFERENCES];
    for (size_t i = 0; i < EMBEDDING_REFERENCES; i++)
        texts[i] = str_from(embedding_references[i]);
    enum embedding_outcome outcome = ask(t, texts, EMBEDDING_REFERENCES, &t->references);
    if (outcome != EMBEDDING_MADE)
        return outcome;
    t->model.dimensions = (int64_t)t->references.dimensions;
    t->model.centre = embedding_centre(t->arena, &t->references);
    return EMBEDDING_MADE;
}

static enum embedding_outcome ask_for_some(struct turn *t, size_t from, size_t count)
{
    struct str texts[BATCH] = { 0 };
    struct embedding_vectors vectors;
    for (size_t i = 0; i < count; i++)
        texts[i] = t->to_read.texts[from + i].text;
    enum embedding_outcome outcome = ask(t, texts, count, &vectors);
    for (size_t i = 0; outcome == EMBEDDING_MADE && i < count; i++) {
        t->sentences[from + i] = embedding_sentence(t->arena, t->model.centre, &vectors, i);
        t->made[from + i] = true;
    }
    return outcome;
}

/* A batch was refused. If the service takes a text that is surely good, then single texts are to
   blame: they are asked one by one, and those that are refused are compared by their words. */
static enum embedding_outcome ask_one_by_one(struct turn *t)
{
    struct str good = str_from(embedding_references[0]);
    struct embedding_vectors vectors;
    enum embedding_outcome outcome = ask(t, &good, 1, &vectors);
    for (size_t i = 0; i < t->to_read.count && outcome == EMBEDDING_MADE; i++) {
        outcome = ask_for_some(t, i, 1);
        if (outcome != EMBEDDING_REFUSED)
            continue;
        log_event(LOG_WARN, "embedding.text_refused", LOG_TEXT("detail", t->trouble),
                  LOG_INT("campaign_id", t->to_read.texts[i].campaign_id.value),
                  LOG_INT("subject_id", t->to_read.texts[i].subject_id.value), LOG_END);
        t->made[i] = true;
        outcome = EMBEDDING_MADE;
    }
    return outcome;
}

static enum embedding_outcome ask_for_all(struct turn *t)
{
    if (t->model.dimensions == 0) {
        enum embedding_outcome outcome = ask_for_references(t);
        if (outcome != EMBEDDING_MADE)
            return outcome;
    }
    enum embedding_outcome outcome = ask_for_some(t, 0, t->to_read.count);
    return outcome == EMBEDDING_REFUSED ? ask_one_by_one(t) : outcome;
}

static void keep_outcome(struct sql *db, const struct turn *t)
{
    struct embedding_model_id id = t->model.embedding_model_id;
    int64_t now = clock_now();
    if (t->outcome == EMBEDDING_STOPPED)
        embedding_release(db, (struct embedding_release){ id, t->claimed_until_at });
    else if (t->outcome == EMBEDDING_MADE)
        embedding_went_well(
            db, (struct embedding_went_well){ .now = now,
                                              .embedding_model_id = id,
                                              .claimed_until_at = t->claimed_until_at });
    else
        embedding_failed(db, (struct embedding_failed){
                                 .trouble = t->trouble,
                                 .now = now,
                                 .next_at = now + embedding_rest_us(t->model.failures + 1),
                                 .embedding_model_id = id,
                                 .claimed_until_at = t->claimed_until_at });
}

/* Keeps what was made, also when the rest failed. */
static bool keep_answers(struct sql *db, void *context)
{
    const struct turn *t = context;
    struct embedding_model_id id = t->model.embedding_model_id;
    if (t->references.count > 0 && t->model.dimensions > 0)
        embedding_centre_set(db, (struct embedding_centre_set){ .dimensions = t->model.dimensions,
                                                                .centre = t->model.centre,
                                                                .embedding_model_id = id });
    for (size_t i = 0; i < t->to_read.count; i++)
        if (t->made[i])
            likeness_was_read(db, id.value, &t->to_read.texts[i], t->sentences[i]);
    keep_outcome(db, t);
    return true;
}

static bool read_texts(struct turn *t)
{
    t->claimed_until_at = clock_now() + claim_us;
    if (!keep(t, claim))
        return false; /* another server is at it */
    t->sentences = arena_new(t->arena, struct str, t->to_read.count);
    t->made = arena_new(t->arena, bool, t->to_read.count);
    t->outcome = ask_for_all(t);
    if (t->outcome == EMBEDDING_FAILED || t->outcome == EMBEDDING_REFUSED)
        log_event(LOG_WARN, "embedding.failed", LOG_TEXT("detail", t->trouble), LOG_END);
    return keep(t, keep_answers) && t->outcome == EMBEDDING_MADE;
}

/* One batch; false when there is nothing more to do now. */
static bool work(struct embedder *e, struct arena *arena)
{
    struct turn t = { .embedder = e, .arena = arena };
    if (e->model_id == 0) {
        if (!keep(&t, register_model))
            return false;
        e->model_id = t.model.embedding_model_id.value;
    }
    if (!look(&t))
        return false;
    if (t.appoint_count + t.dismiss_count + t.to_read.complete_count > 0 &&
        !keep(&t, change_readers))
        return false;
    if (t.to_read.count == 0)
        return t.appoint_count + t.dismiss_count > 0;
    return read_texts(&t);
}

static int64_t tick(void *context)
{
    struct embedder *e = context;
    struct arena *arena = arena_make();
    while (!e->stopping && work(e, arena))
        arena_reset(arena);
    arena_free(arena);
    return tick_us;
}

struct embedder *embedding_start(struct site *site, struct likeness *likeness)
{
    if (!embedding_is_configured(site->config))
        return NULL;
    struct embedder *e = calloc(1, sizeof *e);
    check(e != NULL);
    e->site = site;
    e->likeness = likeness;
    e->ticker = ticker_start(tick, e);
    return e;
}

void embedding_stop(struct embedder *e)
{
    if (e == NULL)
        return;
    e->stopping = true;
    ticker_stop(e->ticker);
    free(e);
}
