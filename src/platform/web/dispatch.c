/* From an exchange to the page or command that answers it. */
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/config/config.h"
#include "platform/web/counters.h"
#include "platform/web/limits.h"
#include "platform/web/page_cache.h"
#include "platform/web/visit.h"
#include <sodium.h>
#include <time.h>

/* Threads and queues. A slow task is 50 ms of hashing; a queue holds a few seconds' worth. */
enum { PAGE_THREADS_SQLITE = 2, PAGE_THREADS_POSTGRES = 16, PAGES_WAITING_MAX = 4096 };
enum { SLOW_THREADS = 4, SLOW_WAITING_MAX = 256 };

/* --- Where a path leads ----------------------------------------------------------------------- */

static struct str api_prefix(void)
{
    return S("/api/v1");
}

static bool is_under_api(struct str path)
{
    struct str prefix = api_prefix();
    return str_starts(path, prefix) && (path.size == prefix.size || path.data[prefix.size] == '/');
}

/* The same address without the slash at its end. */
static void send_without_slash(struct visit *v)
{
    struct buf to = { .arena = v->r.arena };
    struct str rest = str_slice(v->http->path, 1, v->http->path.size - 1);
    while (rest.size > 0) {
        buf_char(&to, '/');
        html_url_part(&to, str_cut(&rest, '/'));
    }
    size_t query = str_find(v->http->target, S("?"));
    if (query != SIZE_MAX)
        buf_add(&to, str_slice(v->http->target, query, SIZE_MAX));
    v->reply = (struct reply){ .status = 308, .location = { buf_str(&to) } };
    send_reply(v);
}

static void send_no_route(struct visit *v, struct found found)
{
    if (found.has_page || found.has_command) {
        v->allow = !found.has_command ? S("GET, HEAD")
                   : found.has_page   ? S("GET, HEAD, POST")
                                      : S("POST");
        v->reply = reply_refused(&v->r, 405, "method_not_allowed",
                                 "This address is there, but does not do that.");
    } else {
        v->reply = reply_not_found(&v->r);
    }
    deliver(v, true);
}

static void route_visit(struct visit *v)
{
    struct str path = v->http->path;
    bool is_api = v->r.format == FORMAT_JSON, is_command = v->http->method == HTTP_POST;
    if (is_api)
        path = str_slice(path, api_prefix().size, SIZE_MAX);
    if (path.size == 0) /* "/api/v1" itself: the API of the front page */
        path = S("/");
    unsigned flags = is_api ? ROUTE_API : ROUTE_PAGE;
    struct found found = { 0 };
    found = router_find(v->site->web->router, path, is_command, flags, v->path_values);
    if (found.route == NULL || v->http->method == HTTP_OTHER) {
        send_no_route(v, found);
        return;
    }
    v->route = v->r.route = found.route;
    if (is_command)
        command_begin(v);
    else
        page_begin(v);
}

size_t web_body_limit(const struct http_request *request, void *context)
{
    const struct site *site = context;
    struct str path = request->path, values[ROUTE_DEPTH_MAX];
    bool is_api = is_under_api(path);
    if (is_api)
        path = str_slice(path, api_prefix().size, SIZE_MAX);
    const struct route *route = router_find(site->web->router, path, request->method == HTTP_POST,
                                            is_api ? ROUTE_API : ROUTE_PAGE, values)
                                    .route;
    return route == NULL ? 0 : (size_t)route_body_bytes_max(route, request->content_type);
}

void web_handle(struct http_exchange *x, void *site)
{
    struct arena *arena = http_arena(x);
    struct visit *v = arena_new(arena, struct visit, 1);
    v->site = site;
    v->x = x;
    v->http = http_request(x);
    v->started = clock_monotonic();
    v->r = (struct request){
        .arena = arena, .now = clock_now(), .exchange = x, .site = site, .visit = v
    };
    v->r.format = is_under_api(v->http->path) ? FORMAT_JSON : FORMAT_HTML;
    if (system_answer(v))
        return;
    credentials_read(v);
    bool is_root = v->http->path.size == 1 || str_equal(v->http->path, S("/api/v1/"));
    if (!is_root && str_ends(v->http->path, S("/")))
        send_without_slash(v);
    else
        route_visit(v);
}

/* --- Life ------------------------------------------------------------------------------------- */

void web_start(struct site *site)
{
    check(site->web == NULL && sodium_init() >= 0);
    bool is_sqlite = sql_store_kind(site->store) == SQL_SQLITE;
    struct arena *arena = arena_make();
    struct web *web = arena_new(arena, struct web, 1);
    *web = (struct web){
        .arena = arena,
        .router = router_make(arena, routes, route_count),
        .pages =
            pool_start(is_sqlite ? PAGE_THREADS_SQLITE : PAGE_THREADS_POSTGRES, PAGES_WAITING_MAX),
        .slow = pool_start(SLOW_THREADS, SLOW_WAITING_MAX),
        .limits = limits_make(),
        .cache = page_cache_make(),
        .counters = counters_make(arena),
        .page_bytes = arena_new(arena, _Atomic uint32_t, route_count),
    };
    site->web = web;
}

void web_stop(struct site *site)
{
    struct web *web = site->web;
    if (web == NULL)
        return;
    pool_stop(web->slow);
    while (atomic_load(&web->commands) > 0) /* seldom: the HTTP server has waited for answers */
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    pool_stop(web->pages);
    limits_free(web->limits);
    page_cache_free(web->cache);
    arena_free(web->arena);
    site->web = NULL;
}
