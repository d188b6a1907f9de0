/* Sending: a thread looks who is to be asked, and one for each of them asks.
 *
 * An endpoint is claimed by moving its `next_at` ahead, by a condition on what it was: of
 * several servers one gets it, and when that one dies the claim is over soon. A thread sends what
 * waits for its endpoint, for some seconds, until something fails; then it gives the endpoint back,
 * at once or after a rest. */
#include "webhook_inner.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

enum { ASKERS_MAX = 32, CONNECT_MS_MAX = 5000, ASK_MS_MAX = 15000, BODY_BYTES_MAX = 1000 };
static const int64_t turn_us = 20 * WEBHOOK_SECOND_US; /* begins no request after that */
static const int64_t claim_us = 45 * WEBHOOK_SECOND_US;
static const int64_t latest_us = 600 * WEBHOOK_SECOND_US; /* longer than any rest or claim */

struct webhook_sender {
    struct site *site;
    _Atomic bool stopping;
    struct ticker *looker;
    pthread_mutex_t mutex;
    pthread_cond_t fewer;
    int asking; /* threads, under the mutex */
};

struct asker {
    struct webhook_sender *sender;
    struct webhook_endpoint_id id;
    int64_t next_at, claimed_until_at;
    int64_t rest_us;
    struct arena *arena;
    struct webhook_endpoint_to_ask_row endpoint;
    struct webhook_deliveries_due_row *due;
    size_t due_count;
};

static void complain(const char *event, const struct fault *fault)
{
    log_event(LOG_WARN, event, LOG_TEXT("detail", str_from(fault->detail)), LOG_END);
}

/* --- Asking ----------------------------------------------------------------------------------- */

static bool load_due(struct asker *a, int64_t now)
{
    struct fault fault = { 0 };
    struct sql *db = sql_read_begin(a->sender->site->store, a->arena, &fault);
    if (db == NULL) {
        complain("webhook.not_read", &fault);
        return false;
    }
    bool is_mine = webhook_endpoint_to_ask(
        db, (struct webhook_endpoint_to_ask){ a->id, a->claimed_until_at }, &a->endpoint);
    a->due_count = 0;
    if (is_mine && a->endpoint.is_on)
        a->due_count =
            webhook_deliveries_due(db, (struct webhook_deliveries_due){ a->id, now }, &a->due);
    return sql_read_end(a->sender->site->store, db) && a->due_count > 0;
}

static struct fetch_answer ask(struct asker *a, const struct webhook_deliveries_due_row *delivery,
                               int64_t now)
{
    const struct webhook_endpoint_to_ask_row *e = &a->endpoint;
    struct str old_secret = e->old_secret_until_at > now ? e->old_secret : S("");
    struct str id = webhook_message_id(a->arena, delivery->webhook_delivery_id);
    int64_t seconds = now / WEBHOOK_SECOND_US;
    struct fetch_header headers[] = {
        { "webhook-id", id },
        { "webhook-timestamp", str_printf(a->arena, "%lld", (long long)seconds) },
        { "webhook-signature",
          webhook_signature(a->arena, e->secret, old_secret, id, seconds, delivery->news) },
    };
    struct fetch_rules rules = webhook_fetch_rules(a->sender->site);
    struct fetch_request request = {
        .url = e->url,
        .is_post = true,
        .content_type = S("application/json"),
        .body = delivery->news,
        .headers = headers,
        .header_count = sizeof headers / sizeof headers[0],
        .answer_bytes_max = BODY_BYTES_MAX,
        .connect_ms_max = CONNECT_MS_MAX,
        .time_ms_max = ASK_MS_MAX,
        .stop = &a->sender->stopping,
    };
    return fetch(a->arena, &rules, &request);
}

/* One delivery, and what became of it; false when the endpoint's turn is over. */
static bool deliver(struct asker *a, const struct webhook_deliveries_due_row *delivery)
{
    struct webhook_try t = { .webhook_endpoint_id = a->id,
                             .organisation_id = a->endpoint.organisation_id,
                             .delivery = *delivery,
                             .url = a->endpoint.url,
                             .site = a->sender->site,
                             .now = clock_now() };
    t.answer = ask(a, delivery, t.now);
    if (t.answer.outcome == FETCH_STOPPED)
        return false;
    struct fault fault = { 0 };
    if (sql_submit_wait(a->sender->site->store, webhook_keep, &t, &fault) != SQL_KEPT) {
        complain("webhook.not_kept", &fault); /* it is sent again */
        return false;
    }
    log_event(LOG_DEBUG, "webhook.asked", LOG_INT("status", t.answer.status), LOG_END);
    a->rest_us = t.rest_us;
    return t.rest_us == 0;
}

static bool release(struct sql *db, void *context)
{
    const struct asker *a = context;
    webhook_release(db, (struct webhook_release){
                            .next_at = a->rest_us == 0 ? 0 : clock_now() + a->rest_us,
                            .webhook_endpoint_id = a->id,
                            .claimed_until_at = a->claimed_until_at,
                        });
    return true;
}

static void take_turn(struct asker *a)
{
    int64_t begun = clock_monotonic();
    bool goes_on = true;
    while (goes_on && !a->sender->stopping && load_due(a, clock_now())) {
        for (size_t i = 0; i < a->due_count && goes_on; i++)
            goes_on = !a->sender->stopping && clock_monotonic() - begun < turn_us &&
                      deliver(a, &a->due[i]);
        arena_reset(a->arena);
    }
    struct fault fault = { 0 };
    if (sql_submit_wait(a->sender->site->store, release, a, &fault) != SQL_KEPT)
        complain("webhook.not_released", &fault); /* the claim ends by itself */
}

static void *run_asker(void *context)
{
    struct asker *a = context;
    struct webhook_sender *sender = a->sender;
    a->arena = arena_make();
    take_turn(a);
    arena_free(a->arena);
    free(a);
    pthread_mutex_lock(&sender->mutex);
    sender->asking--;
    pthread_cond_broadcast(&sender->fewer);
    pthread_mutex_unlock(&sender->mutex);
    return NULL;
}

/* --- Looking who is to be asked --------------------------------------------------------------- */

static bool claim(struct sql *db, void *context)
{
    const struct asker *a = context;
    return webhook_claim(db, (struct webhook_claim){ .claimed_until_at = a->claimed_until_at,
                                                     .webhook_endpoint_id = a->id,
                                                     .next_at = a->next_at }) == 1;
}

static void begin_asking(struct webhook_sender *sender, const struct webhook_due_row *row,
                         int64_t now)
{
    struct asker *a = calloc(1, sizeof *a);
    check(a != NULL);
    *a = (struct asker){ .sender = sender,
                         .id = row->webhook_endpoint_id,
                         .next_at = row->next_at,
                         .claimed_until_at = now + claim_us };
    struct fault fault = { 0 };
    if (sql_submit_wait(sender->site->store, claim, a, &fault) != SQL_KEPT) {
        free(a); /* another server has it */
        return;
    }
    pthread_mutex_lock(&sender->mutex);
    sender->asking++;
    pthread_mutex_unlock(&sender->mutex);
    pthread_t thread;
    check(pthread_create(&thread, NULL, run_asker, a) == 0);
    pthread_detach(thread);
}

static int room_for_more(struct webhook_sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    int room = ASKERS_MAX - sender->asking;
    pthread_mutex_unlock(&sender->mutex);
    return room;
}

static int64_t look(void *context)
{
    struct webhook_sender *sender = context;
    int room = room_for_more(sender);
    if (room == 0)
        return WEBHOOK_SECOND_US;
    struct arena *arena = arena_make();
    struct fault fault = { 0 };
    struct webhook_due_row *rows = NULL;
    size_t count = 0;
    int64_t now = clock_now();
    struct sql *db = sql_read_begin(sender->site->store, arena, &fault);
    if (db != NULL) {
        count = webhook_due(db, (struct webhook_due){ now, now + latest_us }, &rows);
        if (!sql_read_end(sender->site->store, db))
            count = 0;
    }
    for (size_t i = 0; i < count && (int)i < room && !sender->stopping; i++)
        begin_asking(sender, &rows[i], now);
    arena_free(arena);
    return WEBHOOK_SECOND_US;
}

struct webhook_sender *webhook_start(struct site *site)
{
    struct webhook_sender *sender = calloc(1, sizeof *sender);
    check(sender != NULL);
    sender->site = site;
    pthread_cond_init(&sender->fewer, NULL);
    pthread_mutex_init(&sender->mutex, NULL);
    sender->looker = ticker_start(look, sender);
    return sender;
}

void webhook_stop(struct webhook_sender *sender)
{
    if (sender == NULL)
        return;
    sender->stopping = true;
    ticker_stop(sender->looker);
    pthread_mutex_lock(&sender->mutex);
    while (sender->asking > 0)
        pthread_cond_wait(&sender->fewer, &sender->mutex);
    pthread_mutex_unlock(&sender->mutex);
    pthread_cond_destroy(&sender->fewer);
    pthread_mutex_destroy(&sender->mutex);
    free(sender);
}
