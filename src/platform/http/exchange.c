/* The life of an exchange: libmicrohttpd calls exchange_begin when it has the request line,
 * exchange_continue when it has the head, for each piece of the body, at the end of the request and
 * after a suspended connection is resumed, and exchange_end when the answer is sent or the
 * connection is lost; all on the connection's own thread.
 *
 * How the answer comes back is decided by `state`. The handler may answer while it runs (HANDLING →
 * ANSWERED: queued when it returns, without suspending), or later from any thread (SLEEPING →
 * ANSWERED: whoever answers resumes the connection).
 */
#include "base/check.h"
#include "platform/http/inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SEND_SECONDS_MIN = 30,
    SEND_BYTES_PER_S_MIN = 8 * 1024,
};

struct arena *http_arena(struct http_exchange *x)
{
    return x->arena;
}

const struct http_request *http_request(const struct http_exchange *x)
{
    return &x->request;
}

/* --- Arenas, kept warm by each thread --------------------------------------------------------- */

static struct arena *arena_borrow(struct worker *worker)
{
    return worker->spare_count > 0 ? worker->spare[--worker->spare_count] : arena_make();
}

static void arena_give_back(struct worker *worker, struct arena *arena)
{
    if (worker->spare_count == sizeof worker->spare / sizeof worker->spare[0]) {
        arena_free(arena);
        return;
    }
    arena_reset(arena);
    worker->spare[worker->spare_count++] = arena;
}

static void count(_Atomic int64_t *counter)
{
    /* Only this thread writes it, so that no locked instruction is needed. */
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

/* --- Begin and end ---------------------------------------------------------------------------- */

static struct seat *seat_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* libmicrohttpd would go on to make a record of each field of the query in the connection's small
   pool, and hang when they do not fit. It shows us the target before that, in its own writable
   buffer: ended behind the question mark, there is nothing to record. */
static void hide_query(const char *target)
{
    char *query = strchr((char *)(uintptr_t)target, '?');
    if (query != NULL && query[1] != '\0')
        query[1] = '\0';
}

void *exchange_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_server *server = context;
    struct seat *seat = seat_of(connection);
    if (seat == NULL || target == NULL)
        return NULL;
    struct worker *worker = worker_here(server);
    struct arena *arena = arena_borrow(worker);
    struct http_exchange *x = arena_new(arena, struct http_exchange, 1);
    x->seat = seat;
    x->server = server;
    x->connection = connection;
    x->worker = worker;
    x->arena = arena;
    x->body_bytes_max = server->options.body_bytes_max;
    x->request.target = str_copy(arena, str_from(target));
    hide_query(target);
    seat->exchange = x;
    atomic_store_explicit(&seat->state, EXCHANGE_HANDLING, memory_order_relaxed);
    /* A first request must be there within header_seconds of the connection: that deadline stands.
     */
    if (seat_phase(seat) != PHASE_FRESH)
        seat_watch(seat, PHASE_HEAD, now_ms() + server->options.header_seconds * INT64_C(1000));
    return x;
}

static void exchange_free(struct http_exchange *x, bool on_own_thread)
{
    struct arena *arena = x->arena;
    body_drop(x);
    if (x->answer != NULL)
        MHD_destroy_response(x->answer);
    if (on_own_thread)
        arena_give_back(x->worker, arena);
    else
        arena_free(arena);
}

/* When it meets a second error while it reports the first (say, cookies that do not fit, so that no
   Host is found either), libmicrohttpd 0.9.75 closes the connection without ending the exchange. */
void exchange_lost(struct seat *seat)
{
    struct http_exchange *x = seat->exchange;
    seat->exchange = NULL;
    if (x != NULL && atomic_load(&seat->state) != EXCHANGE_ABANDONED)
        exchange_free(x, true);
}

void exchange_end(void *context, struct MHD_Connection *connection, void **exchange,
                  enum MHD_RequestTerminationCode why)
{
    struct http_server *server = context;
    struct seat *seat = seat_of(connection);
    struct http_exchange *x = *exchange;
    *exchange = NULL;
    if (seat == NULL || x == NULL)
        return;
    exchange_lost(seat);
    if (seat_phase(seat) != PHASE_DROPPED)
        seat_watch(seat, PHASE_IDLE, now_ms() + server->options.idle_seconds * INT64_C(1000));
}

/* --- Answering -------------------------------------------------------------------------------- */

static enum MHD_Result queue_answer(struct http_exchange *x)
{
    struct MHD_Response *answer = x->answer;
    x->answer = NULL;
    if (atomic_load_explicit(&x->server->stopping, memory_order_relaxed))
        MHD_add_response_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    int64_t send_s = SEND_SECONDS_MIN + x->answer_bytes / SEND_BYTES_PER_S_MIN;
    seat_watch(x->seat, PHASE_SEND, now_ms() + send_s * 1000);
    count(&x->worker->answer_counts[x->status / 100]);
    enum MHD_Result result = MHD_queue_response(x->connection, x->status, answer);
    MHD_destroy_response(answer); /* the connection holds it while it sends */
    return result;
}

static void answer_prepare(struct http_exchange *x, const struct http_response *response)
{
    check(response->status >= 200 && response->status <= 599);
    x->answer = answer_make(x, response, &x->status);
    x->answer_bytes =
        response->file_size_bytes > 0 ? response->file_size_bytes : (int64_t)response->body.size;
}

static enum MHD_Result refuse(struct http_exchange *x, int status)
{
    struct http_response response = answer_refusal(x, status);
    answer_prepare(x, &response);
    return queue_answer(x);
}

void http_answer(struct http_exchange *x, const struct http_response *response)
{
    struct seat *seat = x->seat;
    struct http_server *server = x->server;
    struct MHD_Connection *connection = x->connection;
    int state = atomic_load(&seat->state);
    check(state != EXCHANGE_ANSWERED);
    answer_prepare(x, response);
    /* From the moment the state is ANSWERED, the exchange belongs to the connection's thread. */
    while (state != EXCHANGE_ABANDONED &&
           !atomic_compare_exchange_weak(&seat->state, &state, EXCHANGE_ANSWERED))
        ;
    if (state == EXCHANGE_SLEEPING) {
        MHD_resume_connection(connection);
        atomic_fetch_sub(&server->sleeping_count, 1);
    } else if (state == EXCHANGE_ABANDONED) {
        exchange_free(x, false);
        server_release(server);
    }
}

/* The handler kept the exchange. */
static enum MHD_Result fall_asleep(struct http_exchange *x)
{
    struct seat *seat = x->seat;
    struct http_server *server = x->server;
    struct MHD_Connection *connection = x->connection;
    atomic_fetch_add(&server->sleeping_count, 1);
    MHD_suspend_connection(connection);
    int state = EXCHANGE_HANDLING;
    if (!atomic_compare_exchange_strong(&seat->state, &state, EXCHANGE_SLEEPING)) {
        MHD_resume_connection(connection); /* answered between the handler's return and now */
        atomic_fetch_sub(&server->sleeping_count, 1);
    } else if (atomic_load(&server->closing)) {
        exchange_abandon(seat);
    }
    return MHD_YES;
}

bool exchange_abandon(struct seat *seat)
{
    struct http_server *server = seat->server;
    int state = EXCHANGE_SLEEPING;
    if (atomic_load(&seat->state) != EXCHANGE_SLEEPING)
        return false;
    atomic_fetch_add(&server->owners, 1); /* for whoever answers it */
    if (!atomic_compare_exchange_strong(&seat->state, &state, EXCHANGE_ABANDONED)) {
        atomic_fetch_sub(&server->owners, 1);
        return false;
    }
    MHD_resume_connection(seat->connection);
    atomic_fetch_sub(&server->sleeping_count, 1);
    return true;
}

/* --- Steps of a request ----------------------------------------------------------------------- */

static enum MHD_Result take_head(struct http_exchange *x, const char *method, const char *version)
{
    bool broken = false;
    x->head_seen = true;
    count(&x->worker->request_count);
    x->refusal = head_read(x, method, version, &broken);
    if (x->refusal == 0)
        x->refusal = body_expect(x);
    /* An answer before the end of the request closes the connection; after it, it may live on. */
    if (x->refusal != 0 && (broken || (x->body_follows && !body_worth_reading(x))))
        return refuse(x, x->refusal);
    if (x->body_follows)
        seat_watch(x->seat, PHASE_BODY, now_ms() + body_ms_max(x));
    else
        seat_watch(x->seat, PHASE_WORK, 0);
    return MHD_YES;
}

static enum MHD_Result take_end(struct http_exchange *x)
{
    struct seat *seat = x->seat;
    if (!x->handled) {
        x->handled = true;
        seat_watch(seat, PHASE_WORK, 0);
        if (x->refusal == 0)
            x->refusal = body_read(x);
        if (x->refusal != 0)
            return refuse(x, x->refusal);
        x->server->options.handle(x, x->server->options.context);
        /* Kept: whoever has it may have answered, but then `x` is still ours to read. */
        if (atomic_load(&seat->state) != EXCHANGE_ANSWERED)
            return fall_asleep(x);
    }
    /* Otherwise it was called though nothing has happened. */
    return atomic_load(&seat->state) == EXCHANGE_ANSWERED ? queue_answer(x) : MHD_YES;
}

enum MHD_Result exchange_continue(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *size, void **exchange)
{
    struct http_exchange *x = *exchange;
    if (x == NULL)
        return MHD_NO; /* there was no seat for it */
    if (atomic_load(&seat_of(connection)->state) == EXCHANGE_ABANDONED)
        return MHD_NO; /* it is no longer ours to read */
    if (!x->head_seen)
        return take_head(x, method, version);
    if (*size > 0) {
        size_t taken = *size;
        *size = 0;
        return body_take(x, bytes, taken) ? MHD_YES : MHD_NO;
    }
    return take_end(x);
}
