#include "base/check.h"
#include "base/log.h"
#include "base/threads.h"
#include "platform/clock/clock.h"
#include "platform/http/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_BYTES_DEFAULT = 8 * 1024,
    GUARD_INTERVAL_US = 250000,
    DRAIN_INTERVAL_MS = 5,
    FRESH_MS = 500,          /* a connection just accepted may have its request on the way */
    DESCRIPTORS_SPARE = 256, /* for databases, files, pools */
    SEATS_MIN = 16,
    BODIES_MIN_BYTES = 256 * 1024 * 1024,
    BODIES_MIN_COUNT = 8,
    BODY_FILES_MIN_COUNT = 4,
};

/* --- What each thread has to itself ----------------------------------------------------------- */

/* A thread belongs to one server, but the thread that stops servers may meet several in turn. */
struct worker *worker_here(struct http_server *server)
{
    static _Thread_local struct {
        uint64_t server_number;
        struct worker *worker;
    } here;
    if (here.server_number != server->number) {
        struct worker *worker = calloc(1, sizeof *worker);
        check(worker != NULL);
        pthread_mutex_lock(&server->seats.lock);
        worker->next = server->workers;
        server->workers = worker;
        pthread_mutex_unlock(&server->seats.lock);
        here.worker = worker;
        here.server_number = server->number;
    }
    return here.worker;
}

static void workers_free(struct worker *worker)
{
    while (worker != NULL) {
        struct worker *next = worker->next;
        for (size_t i = 0; i < worker->spare_count; i++)
            arena_free(worker->spare[i]);
        free(worker);
        worker = next;
    }
}

struct http_counts http_counts(const struct http_server *server)
{
    struct seats *seats = (struct seats *)&server->seats; /* only its lock is touched */
    pthread_mutex_lock(&seats->lock);
    struct http_counts counts = {
        .connections_open = seats->open_count,
        .connections_refused = seats->refused_count,
        .deadline_drops = atomic_load_explicit(&seats->drop_count, memory_order_relaxed),
    };
    for (struct worker *w = server->workers; w != NULL; w = w->next) {
        counts.requests += atomic_load_explicit(&w->request_count, memory_order_relaxed);
        for (int i = 0; i < 6; i++)
            counts.answers_by_class[i] +=
                atomic_load_explicit(&w->answer_counts[i], memory_order_relaxed);
    }
    pthread_mutex_unlock(&seats->lock);
    return counts;
}

/* --- Connections come and go ------------------------------------------------------------------ */

/* A proxy in front of us is on this machine; its connections are many people's. */
static bool is_trusted(const struct http_server *server, const struct sockaddr *address)
{
    if (!server->options.behind_proxy)
        return false;
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == 127);
    }
    return address->sa_family == AF_UNIX;
}

static enum MHD_Result on_accept(void *context, const struct sockaddr *address, socklen_t size)
{
    struct http_server *server = context;
    return seats_admit(&server->seats, address, is_trusted(server, address)) ? MHD_YES : MHD_NO;
}

static void on_open(struct http_server *server, struct MHD_Connection *connection, void **seat)
{
    int socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    const struct sockaddr *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    struct seat *taken = seats_take(&server->seats, address, is_trusted(server, address), socket);
    *seat = taken;
    if (taken == NULL) {
        shutdown(socket, SHUT_RDWR);
        return;
    }
    taken->connection = connection;
    seat_watch(taken, PHASE_FRESH, now_ms() + server->options.header_seconds * INT64_C(1000));
}

static void on_connection(void *context, struct MHD_Connection *connection, void **seat,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        on_open(server, connection, seat);
    } else if (*seat != NULL) {
        exchange_lost(*seat);
        seats_return(&server->seats, *seat);
    }
}

/* --- The guard -------------------------------------------------------------------------------- */

/* libmicrohttpd's own time-out is one of inactivity: a client that sends a byte every two seconds
   would stay for ever. So each phase has a total deadline, and this thread enforces it. */
static void *guard_run(void *context)
{
    struct http_server *server = context;
    pthread_mutex_lock(&server->guard_lock);
    while (!server->guard_stop) {
        clock_condition_wait(&server->guard_wake, &server->guard_lock,
                             clock_monotonic() + GUARD_INTERVAL_US);
        pthread_mutex_unlock(&server->guard_lock);
        seats_enforce(&server->seats, now_ms(), server->options.idle_seconds * INT64_C(1000));
        pthread_mutex_lock(&server->guard_lock);
    }
    pthread_mutex_unlock(&server->guard_lock);
    return NULL;
}

static bool guard_start(struct http_server *server)
{
    clock_condition_init(&server->guard_wake);
    check(pthread_mutex_init(&server->guard_lock, NULL) == 0);
    return pthread_create(&server->guard, NULL, guard_run, server) == 0;
}

static void guard_end(struct http_server *server)
{
    pthread_mutex_lock(&server->guard_lock);
    server->guard_stop = true;
    pthread_cond_signal(&server->guard_wake);
    pthread_mutex_unlock(&server->guard_lock);
    pthread_join(server->guard, NULL);
}

/* --- Start ------------------------------------------------------------------------------------ */

/* Raises the limit of open files to what the connections need; returns how many connections fit. */
static uint32_t make_room(unsigned connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + DESCRIPTORS_SPARE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return connections;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return connections;
    if (limit.rlim_cur >= wanted)
        return connections;
    rlim_t fit = limit.rlim_cur > DESCRIPTORS_SPARE + SEATS_MIN ? limit.rlim_cur - DESCRIPTORS_SPARE
                                                                : SEATS_MIN;
    uint32_t fewer = fit < connections ? (uint32_t)fit : connections;
    log_event(LOG_WARN, "http.few_descriptors", LOG_INT("connections_wanted", connections),
              LOG_INT("connections_max", fewer), LOG_END);
    return fewer;
}

/* libmicrohttpd keeps the raw head, a record for each header, a second copy of the cookies, and
   then the answer's head in one block per connection; it stays resident while the connection idles.
 */
static size_t pool_bytes(const struct http_options *options)
{
    return options->header_bytes_max + options->header_bytes_max / 2;
}

static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    return strlen(text); /* request.c decodes, strictly */
}

static struct MHD_Daemon *daemon_start(struct http_server *server)
{
    unsigned threads = server->options.threads;
    struct MHD_OptionItem pool[] = {
        { MHD_OPTION_THREAD_POOL_SIZE, threads, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    if (threads < 2) /* one thread is no pool */
        pool[0].option = MHD_OPTION_END;
    /* Before 1.0, strictness only adds refusals of its own, which are sent garbled (their head
       twice); request.c refuses the same and more. */
    int strictness = library_is_lax() ? 0 : 1;
    /* The seats limit connections; libmicrohttpd's own limit never comes into play. */
    unsigned limit = server->seats.size * 2 * threads;
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_SUSPEND_RESUME |
            MHD_USE_TURBO,
        0, on_accept, server, exchange_continue, server, MHD_OPTION_CONNECTION_LIMIT, limit,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, pool_bytes(&server->options),
        MHD_OPTION_STRICT_FOR_CLIENT, strictness, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin,
        server, MHD_OPTION_NOTIFY_COMPLETED, exchange_end, server, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_ARRAY,
        pool, MHD_OPTION_END);
}

static void server_free(struct http_server *server)
{
    if (server->body_folder >= 0)
        close(server->body_folder);
    workers_free(server->workers);
    seats_free(&server->seats);
    free(server->socket_path);
    free(server);
}

void server_release(struct http_server *server)
{
    if (atomic_fetch_sub(&server->owners, 1) == 1)
        server_free(server);
}

static struct http_server *server_make(const struct http_options *options)
{
    static _Atomic uint64_t last_number;
    struct http_server *server = calloc(1, sizeof *server);
    check(server != NULL);
    server->options = *options;
    server->number = atomic_fetch_add(&last_number, 1) + 1;
    server->listen_socket = -1;
    server->owners = 1;
    if (server->options.threads == 0)
        server->options.threads = threads_processors();
    if (server->options.header_bytes_max == 0)
        server->options.header_bytes_max = HEADER_BYTES_DEFAULT;
    server->body_folder = -1;
    server->body_bytes_limit = (int64_t)options->body_bytes_max * BODIES_MIN_COUNT;
    if (server->body_bytes_limit < BODIES_MIN_BYTES || options->body_folder.size > 0)
        server->body_bytes_limit = BODIES_MIN_BYTES;
    server->body_file_bytes_limit = (int64_t)options->body_bytes_max * BODY_FILES_MIN_COUNT;
    seats_make(&server->seats, server, make_room(options->connections_max),
               options->per_address_max);
    return server;
}

static bool body_folder_open(struct http_server *server, struct fault *fault)
{
    char path[4096];
    struct str folder = server->options.body_folder;
    if (folder.size == 0)
        return true;
    int size = snprintf(path, sizeof path, "%.*s", STR_ARG(folder));
    if (size > 0 && size < (int)sizeof path)
        server->body_folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return server->body_folder >= 0 ||
           fault_set(fault, FAULT_SETUP, "%s cannot hold what is uploaded: %s", path,
                     strerror(errno));
}

bool http_start(const struct http_options *options, struct http_server **started,
                struct fault *fault)
{
    check(options->handle != NULL && options->connections_max > 0);
    check(options->header_seconds > 0 && options->body_seconds > 0 && options->idle_seconds > 0);
    struct http_server *server = server_make(options);
    if (!body_folder_open(server, fault)) {
        server_free(server);
        return false;
    }
    if (!listen_on(server, fault)) {
        server_free(server);
        return false;
    }
    server->daemon = daemon_start(server);
    if (server->daemon == NULL) {
        fault_set(fault, FAULT_SETUP, "the HTTP server does not start: %s", strerror(errno));
        close(server->listen_socket);
        server_free(server);
        return false;
    }
    if (!accept_start(server, fault)) {
        MHD_stop_daemon(server->daemon);
        close(server->listen_socket);
        server_free(server);
        return false;
    }
    check(guard_start(server));
    *started = server;
    return true;
}

int http_port(const struct http_server *server)
{
    return server->port;
}

/* --- Stop ------------------------------------------------------------------------------------- */

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static void drain(struct http_server *server, unsigned seconds)
{
    int64_t until_ms = now_ms() + seconds * INT64_C(1000);
    int64_t header_ms = server->options.header_seconds * INT64_C(1000);
    do /* who was accepted just now takes a seat a moment later */
        pause_ms(DRAIN_INTERVAL_MS);
    while (seats_drain(&server->seats, now_ms(), header_ms, FRESH_MS) > 0 && now_ms() < until_ms);
}

/* libmicrohttpd must not be stopped while a connection is suspended. */
static void abandon_sleepers(struct http_server *server)
{
    atomic_store(&server->closing, true);
    size_t abandoned = 0;
    for (uint32_t i = 0; i < server->seats.size; i++)
        abandoned += exchange_abandon(&server->seats.all[i]);
    while (atomic_load(&server->sleeping_count) > 0) /* somebody is resuming one just now */
        pause_ms(1);
    if (abandoned > 0)
        log_event(LOG_WARN, "http.abandoned", LOG_INT("requests", (int64_t)abandoned), LOG_END);
}

void http_stop(struct http_server *server, unsigned seconds)
{
    atomic_store(&server->stopping, true);
    accept_stop(server);
    if (server->socket_path != NULL)
        unlink(server->socket_path);
    drain(server, seconds);
    abandon_sleepers(server);
    MHD_stop_daemon(server->daemon);
    guard_end(server);
    server_release(server);
}
