/* HTTP/1.1 server on libmicrohttpd: sockets, limits, deadlines, bodies, graceful stop.
 *
 * Its epoll threads own the sockets and never wait. The handler is called when the whole request
 * is there (head and body, within their limits and deadlines); it answers at once, or keeps the
 * exchange (the connection sleeps) and answers later from any thread.
 */
#pragma once
#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OTHER };

struct http_upload { /* one part of multipart/form-data */
    struct str name, filename, content_type, bytes;
};

struct http_field { /* one pair of a query, a urlencoded form or a multipart text part, decoded */
    struct str name, value;
};

struct http_request {
    enum http_method method;
    struct str path;   /* decoded, valid UTF-8, no NUL, no "//", no "." or ".." segments */
    struct str target; /* path and query as sent */
    const struct http_field *query;
    size_t query_count;
    struct str content_type; /* lower case, without parameters */
    struct str body; /* as received (a file's pages, when large); empty when it was multipart */
    const struct http_field *form; /* urlencoded and multipart text fields */
    size_t form_count;
    const struct http_upload *uploads;
    size_t upload_count;
    struct str address; /* the peer's, or the proxy's word for it when configured */
    bool secure;        /* https, as a trusted proxy says */
};

struct http_header {
    struct str name, value;
};

struct http_response {
    int status;
    struct str content_type;
    struct str body; /* in the exchange's arena, or static */
    int file;        /* when file_size > 0: a descriptor to send and close */
    int64_t file_size_bytes;
    const struct http_header *headers;
    size_t header_count;
};

struct http_exchange;                              /* one request and its answer */
struct arena *http_arena(struct http_exchange *x); /* lives until the answer is sent */
const struct http_request *http_request(const struct http_exchange *x);
/* A request header by lower-case name; empty when absent. */
struct str http_header(struct http_exchange *x, struct str name);
struct str http_cookie(struct http_exchange *x, struct str name);
/* Answers; exactly once for each exchange; from any thread; never waits. HEAD sends no body;
   security headers common to everything are added here. Bodies over 1 KB of a compressible type are
   not compressed (that is the proxy's), static files may come ready compressed. */
void http_answer(struct http_exchange *x, const struct http_response *response);

struct http_options {
    struct str listen; /* "127.0.0.1:8080", "[::1]:8080", "unix:/path", port 0 chooses */
    unsigned threads;  /* 0: one a core */
    unsigned connections_max, per_address_max;           /* per_address_max 0: no limit */
    unsigned header_seconds, body_seconds, idle_seconds; /* total deadlines */
    size_t body_bytes_max;                               /* of any request */
    /* How large a body may be by method, path and content type; bodies of up to 10 MB are left to
       the handler to refuse. Called before any of it is read, on a thread that must not wait. NULL:
       body_bytes_max holds for all. */
    size_t (*body_limit)(const struct http_request *request, void *context);
    /* Where bodies of more than 1 MB are kept while they are read and answered, as files without a
       name; empty: in memory. */
    struct str body_folder;
    size_t header_bytes_max; /* of a request's head; 0: 8 KiB. Each open connection costs half as
                                much again in memory */
    bool behind_proxy;
    void (*handle)(struct http_exchange *x, void *context);
    void *context;
};
struct http_server;
[[nodiscard]] bool http_start(const struct http_options *options, struct http_server **server,
                              struct fault *fault);
int http_port(const struct http_server *server);
/* Stops accepting, lets requests in progress finish for at most `seconds`, then closes. Exchanges
   that are still kept then are to be answered all the same: the answer is thrown away, and the
   exchange freed. */
void http_stop(struct http_server *server, unsigned seconds);

/* Counters for /metrics, since the start. */
struct http_counts {
    int64_t requests, connections_open, connections_refused, deadline_drops;
    int64_t answers_by_class[6]; /* [2]: 2xx … */
};
struct http_counts http_counts(const struct http_server *server);
