/* Bodies: small ones in the exchange's arena, larger ones on the heap, large ones in a file without
 * a name, whose pages are then read as if they were memory. */
#include "base/check.h"
#include "platform/http/inside.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    IN_ARENA_MAX = 32 * 1024,
    FIRST_CAPACITY = 64 * 1024,
    ON_HEAP_MAX = 1024 * 1024, /* when there is a folder for larger ones */
    ANY_MAX = 10 * 1000 * 1000 + 64 * 1024,
    DISCARD_BYTES_MAX = 16 * 1024 * 1024,
    BYTES_PER_S_MIN = 256 * 1024,
};

/* --- Before it comes -------------------------------------------------------------------------- */

static size_t limit_of(struct http_exchange *x)
{
    const struct http_options *options = &x->server->options;
    size_t limit = options->body_bytes_max;
    if (options->body_limit != NULL && limit > ANY_MAX) {
        size_t own = options->body_limit(&x->request, options->context);
        own = own > ANY_MAX ? own : ANY_MAX;
        limit = own < limit ? own : limit;
    }
    return limit;
}

int body_expect(struct http_exchange *x)
{
    if (x->body_follows)
        x->body_bytes_max = limit_of(x);
    return x->body_expected > x->body_bytes_max ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

bool body_worth_reading(const struct http_exchange *x)
{
    size_t limit = x->body_bytes_max < ANY_MAX ? x->body_bytes_max : ANY_MAX;
    return !x->expects_continue && x->body_expected <= limit + DISCARD_BYTES_MAX;
}

int64_t body_ms_max(const struct http_exchange *x)
{
    int64_t more_s = (int64_t)(x->body_expected / BYTES_PER_S_MIN);
    return ((int64_t)x->server->options.body_seconds + more_s) * 1000;
}

/* --- Where it is kept ------------------------------------------------------------------------- */

/* Counts what is held; false, and nothing counted, beyond the limit. */
static bool hold(_Atomic int64_t *held, int64_t more, int64_t limit)
{
    bool fits = atomic_fetch_add_explicit(held, more, memory_order_relaxed) + more <= limit;
    if (!fits)
        atomic_fetch_sub_explicit(held, more, memory_order_relaxed);
    return fits;
}

static void let_go(_Atomic int64_t *held, size_t size)
{
    atomic_fetch_sub_explicit(held, (int64_t)size, memory_order_relaxed);
}

void body_drop(struct http_exchange *x)
{
    struct http_server *server = x->server;
    if (x->body_place == BODY_ON_HEAP) {
        free(x->body);
        let_go(&server->body_bytes, x->body_capacity);
    } else if (x->body_place == BODY_IN_FILE) {
        if (x->body != NULL)
            munmap(x->body, x->body_received);
        close(x->body_file);
        let_go(&server->body_file_bytes, x->body_capacity);
    }
    x->body = NULL;
    x->body_capacity = 0;
    x->body_place = BODY_NOWHERE;
}

/* Large bodies grow on the heap as they arrive: a Content-Length alone costs us nothing. */
static bool grow_on_heap(struct http_exchange *x, size_t needed)
{
    size_t capacity = x->body_capacity == 0 ? FIRST_CAPACITY : 2 * x->body_capacity;
    size_t whole = x->body_expected > 0 ? x->body_expected : x->body_bytes_max;
    if (capacity > whole)
        capacity = whole;
    if (capacity < needed)
        capacity = needed;
    int64_t more = (int64_t)(capacity - x->body_capacity);
    if (!hold(&x->server->body_bytes, more, x->server->body_bytes_limit))
        return false;
    char *larger = realloc(x->body, capacity);
    if (larger == NULL) {
        let_go(&x->server->body_bytes, (size_t)more);
        return false;
    }
    x->body = larger;
    x->body_capacity = capacity;
    x->body_place = BODY_ON_HEAP;
    return true;
}

static bool reserve(struct http_exchange *x, size_t needed)
{
    if (needed <= x->body_capacity)
        return true;
    if (x->body == NULL && x->body_expected > 0 && x->body_expected <= IN_ARENA_MAX) {
        x->body = arena_take(x->arena, x->body_expected);
        x->body_capacity = x->body_expected;
        x->body_place = BODY_IN_ARENA;
        return true;
    }
    return grow_on_heap(x, needed);
}

/* --- In a file -------------------------------------------------------------------------------- */

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* What is on the heap goes into a file, where the rest follows. */
static bool move_to_file(struct http_exchange *x, size_t size)
{
    int file = openat(x->server->body_folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    if (!write_all(file, x->body, size)) {
        close(file);
        return false;
    }
    body_drop(x);
    x->body_file = file;
    x->body_place = BODY_IN_FILE;
    return true;
}

static bool take_into_file(struct http_exchange *x, const char *bytes, size_t size)
{
    struct http_server *server = x->server;
    size_t received = x->body_received;
    if (x->body_place != BODY_IN_FILE && !move_to_file(x, received - size))
        return false;
    if (!hold(&server->body_file_bytes, (int64_t)(received - x->body_capacity),
              server->body_file_bytes_limit))
        return false;
    x->body_capacity = received;
    return write_all(x->body_file, bytes, size);
}

/* --- While it comes --------------------------------------------------------------------------- */

static bool keep(struct http_exchange *x, const char *bytes, size_t size)
{
    if (x->server->body_folder >= 0 && x->body_received > ON_HEAP_MAX)
        return take_into_file(x, bytes, size);
    if (!reserve(x, x->body_received))
        return false;
    memcpy(x->body + x->body_received - size, bytes, size);
    return true;
}

bool body_take(struct http_exchange *x, const char *bytes, size_t size)
{
    x->body_received += size;
    if (x->refusal == 0 && x->body_received > x->body_bytes_max)
        x->refusal = MHD_HTTP_CONTENT_TOO_LARGE;
    if (x->refusal == 0 && !keep(x, bytes, size))
        x->refusal = MHD_HTTP_SERVICE_UNAVAILABLE;
    if (x->refusal == 0)
        return true;
    body_drop(x);
    return x->body_received <= x->body_bytes_max + DISCARD_BYTES_MAX;
}

/* --- Once it is there ------------------------------------------------------------------------- */

static bool file_map(struct http_exchange *x)
{
    if (x->body_place != BODY_IN_FILE)
        return true;
    void *pages = mmap(NULL, x->body_received, PROT_READ, MAP_SHARED, x->body_file, 0);
    x->body = pages == MAP_FAILED ? NULL : pages;
    return x->body != NULL;
}

int body_read(struct http_exchange *x)
{
    struct http_request *request = &x->request;
    if (!file_map(x))
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    struct str body = { x->body, x->body_received };
    request->body = body;
    if (request->method != HTTP_POST)
        return 0;
    if (str_equal(request->content_type, S("application/x-www-form-urlencoded")))
        return fields_read(x->arena, body, &request->form, &request->form_count)
                   ? 0
                   : MHD_HTTP_BAD_REQUEST;
    if (!str_equal(request->content_type, S("multipart/form-data")))
        return 0;
    request->body = (struct str){ 0 };
    return multipart_read(x->arena, http_header(x, S("content-type")), body, request)
               ? 0
               : MHD_HTTP_BAD_REQUEST;
}
