/* What the files of this room share.
 *
 * A connection has a *seat* in the server's table for as long as it is open; a request on it is an
 * *exchange*, which lives in an arena of its own. The seat's `watch` says what the connection is
 * doing and until when it may: one thread, the guard, looks at all of them a few times a second.
 *
 * Who may touch what: libmicrohttpd's threads own the connections, and each connection stays with
 * one of them. The handler (and whoever it gives the exchange to) has the exchange to itself from
 * the moment it is called until it answers. Only `watch` and `state` are shared; both are atomic.
 */
#pragma once
#include "platform/http/http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    TARGET_SIZE_MAX = 4096,
    HEADER_COUNT_MAX = 100,
    FIELD_COUNT_MAX = 200, /* of a query, and of a form */
    UPLOAD_COUNT_MAX = 20,
    PEER_KEY_SIZE = 16,
    ADDRESS_SIZE_MAX = 46, /* INET6_ADDRSTRLEN */
};

/* --- Seats ------------------------------------------------------------------------------------ */

enum phase {
    PHASE_EMPTY,   /* no connection */
    PHASE_FRESH,   /* accepted, has not sent a whole request line yet */
    PHASE_IDLE,    /* kept alive, between requests */
    PHASE_HEAD,    /* has sent a request line */
    PHASE_BODY,    /* sends its body */
    PHASE_WORK,    /* the handler has it; no deadline */
    PHASE_SEND,    /* receives its answer */
    PHASE_DROPPED, /* shut down by the guard, about to be closed */
};

enum exchange_state {
    EXCHANGE_HANDLING, /* the handler runs on the connection's thread */
    EXCHANGE_SLEEPING, /* the handler kept it; the connection is suspended */
    EXCHANGE_ANSWERED,
    EXCHANGE_ABANDONED, /* the server closed before the answer came: whoever answers frees it */
};

struct seat {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_exchange *exchange; /* of the connection's thread */
    _Atomic int64_t watch;          /* deadline in ms << 3 | phase; deadline 0: none */
    _Atomic int state;              /* enum exchange_state */
    int socket;
    uint32_t next_free;
    uint32_t peer;
    bool trusted; /* a proxy on this machine may speak for others */
    char address[ADDRESS_SIZE_MAX];
};

/* How many connections each address has. A hash table with chains, sized for the worst case, so
   that it never allocates while the server runs. IPv6 counts by /64, which is what one customer
   gets. */
struct peer {
    unsigned char key[PEER_KEY_SIZE];
    uint32_t count;
    uint32_t next; /* in its chain, or in the list of free ones; NO_SEAT ends both */
};
#define NO_SEAT UINT32_MAX

struct seats {
    pthread_mutex_t lock; /* guards everything here but the seats' atomics */
    struct seat *all;
    struct peer *peers;
    uint32_t *chains;
    uint32_t chain_mask;
    uint32_t hash_key;
    uint32_t size, used_high, first_free, first_free_peer;
    unsigned open_count;
    unsigned per_address_max;
    int64_t refused_count;
    _Atomic int64_t drop_count;
};

void seats_make(struct seats *seats, struct http_server *server, uint32_t size,
                unsigned per_address_max);
void seats_free(struct seats *seats);
/* Whether one more connection from there may be accepted; counts those refused. */
bool seats_admit(struct seats *seats, const struct sockaddr *address, bool trusted);
/* NULL when the last seat was taken since seats_admit. */
struct seat *seats_take(struct seats *seats, const struct sockaddr *address, bool trusted,
                        int socket);
void seats_return(struct seats *seats, struct seat *seat);
/* Shuts down the connections whose deadline has passed, and when the table is nearly full, those
   that idle. Returns at once when nothing is overdue. */
void seats_enforce(struct seats *seats, int64_t now_ms, int64_t idle_ms);
/* For stopping: shuts down idle connections, and returns how many are still busy. Those that have
   not sent anything yet count as busy for `fresh_ms` after they were accepted. */
size_t seats_drain(struct seats *seats, int64_t now_ms, int64_t header_ms, int64_t fresh_ms);

int64_t now_ms(void); /* coarse and monotonic */
enum phase seat_phase(const struct seat *seat);
void seat_watch(struct seat *seat, enum phase phase, int64_t deadline_ms);

/* --- The server ------------------------------------------------------------------------------- */

/* What one of libmicrohttpd's threads has to itself. Counters are atomic only to be read. */
struct worker {
    struct worker *next;
    struct arena *spare[32];
    size_t spare_count;
    _Atomic int64_t request_count;
    _Atomic int64_t answer_counts[6];
};

struct http_server {
    struct http_options options;
    uint64_t number; /* unlike any other server's in this process */
    struct MHD_Daemon *daemon;
    int listen_socket, port;
    int accept_end; /* readable: no more are accepted */
    pthread_t accept_thread;
    char *socket_path; /* of a Unix socket, to be removed */
    struct seats seats;
    struct worker *workers; /* guarded by seats.lock */
    _Atomic int owners;     /* http_stop, and each abandoned exchange */
    _Atomic int sleeping_count;
    _Atomic bool stopping; /* answers ask for the connection to be closed */
    _Atomic bool closing;  /* whoever sleeps is abandoned */
    _Atomic int64_t body_bytes, body_file_bytes;
    int64_t body_bytes_limit, body_file_bytes_limit;
    int body_folder; /* -1: bodies stay in memory */
    pthread_t guard;
    pthread_mutex_t guard_lock;
    pthread_cond_t guard_wake;
    bool guard_stop;
};

struct worker *worker_here(struct http_server *server);
void server_release(struct http_server *server);
[[nodiscard]] bool listen_on(struct http_server *server, struct fault *fault);
/* Begins to accept from the listening socket, on a thread of its own. */
[[nodiscard]] bool accept_start(struct http_server *server, struct fault *fault);
/* Accepts no more, and closes the listening socket: whoever still queues there is refused. */
void accept_stop(struct http_server *server);

/* --- Exchanges -------------------------------------------------------------------------------- */

enum body_place { BODY_NOWHERE, BODY_IN_ARENA, BODY_ON_HEAP, BODY_IN_FILE };

struct http_exchange {
    struct seat *seat;
    struct http_server *server;
    struct MHD_Connection *connection;
    struct worker *worker;
    struct arena *arena;
    struct http_request request;
    struct http_header *headers; /* names in lower case */
    size_t header_count;
    bool head_seen, handled;
    int refusal;       /* status to answer without asking the handler, or 0 */
    bool body_follows; /* as the head says */
    bool expects_continue;
    uint64_t body_expected; /* Content-Length, or 0 when chunked */
    uint64_t body_received;
    size_t body_bytes_max; /* of this request */
    char *body;
    size_t body_capacity;
    enum body_place body_place;
    int body_file; /* while body_place is BODY_IN_FILE */
    struct MHD_Response *answer;
    unsigned status;
    int64_t answer_bytes;
};

/* libmicrohttpd's callbacks. */
void *exchange_begin(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_continue(void *server, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *size, void **exchange);
void exchange_end(void *server, struct MHD_Connection *connection, void **exchange,
                  enum MHD_RequestTerminationCode why);
/* The connection is closed: frees an exchange that was not ended. */
void exchange_lost(struct seat *seat);
/* Abandons an exchange that sleeps; false when it does not. */
bool exchange_abandon(struct seat *seat);

/* --- Bodies ----------------------------------------------------------------------------------- */

/* Once the head is there: 0, or the status to refuse the request with. */
int body_expect(struct http_exchange *x);
/* Whether a body that is refused is worth reading to its end: a client that is still sending when
   the connection is closed often never sees the answer. */
bool body_worth_reading(const struct http_exchange *x);
/* How long it may take to arrive. */
int64_t body_ms_max(const struct http_exchange *x);
/* A piece of it. False: the connection is to be closed. */
bool body_take(struct http_exchange *x, const char *bytes, size_t size);
/* What it says, once it is there; 0 or the status to refuse with. */
int body_read(struct http_exchange *x);
void body_drop(struct http_exchange *x);

/* --- Reading ---------------------------------------------------------------------------------- */

/* Fills the request from the head. Returns 0, or the status it is refused with; *broken says that
   the connection cannot be trusted further (where its body ends is in doubt). */
int head_read(struct http_exchange *x, const char *method, const char *version, bool *broken);

/* Whether this libmicrohttpd reads heads more loosely than we accept. */
bool library_is_lax(void);

/* Decodes %XX, and + as a space if `plus`; false for a malformed escape. */
bool percent_decode(struct arena *arena, struct str text, bool plus, struct str *decoded);
/* name=value pairs between &; false when malformed or too many. */
bool fields_read(struct arena *arena, struct str text, const struct http_field **fields,
                 size_t *count);
/* The whole body of a multipart/form-data with this Content-Type value; false when malformed. */
bool multipart_read(struct arena *arena, struct str content_type, struct str body,
                    struct http_request *request);

/* --- Answering -------------------------------------------------------------------------------- */

/* *status is the response's, or 500 when its headers cannot be sent. */
struct MHD_Response *answer_make(struct http_exchange *x, const struct http_response *response,
                                 unsigned *status);
/* The short text that goes with a refusal; one that is too large is told of the limit. */
struct http_response answer_refusal(struct http_exchange *x, int status);
