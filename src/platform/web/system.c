/* What is answered without a route: static files, health, metrics, the API's description. */
#include "platform/config/config.h"
#include "platform/html/assets.h"
#include "platform/web/counters.h"
#include "platform/web/visit.h"
#include "web.sql.h"

static void send_text(struct visit *v, const char *content_type, struct str body)
{
    v->reply = reply_bytes(&v->r, str_from(content_type), body);
    send_reply(v);
}

static void alive(struct visit *v)
{
    send_text(v, "text/plain; charset=utf-8", S("alive\n"));
}

static void ready_run(struct visit *v)
{
    if (!read_begin(v))
        return;
    struct web_ready_row row;
    web_ready(v->r.db, &row);
    v->reply = reply_bytes(&v->r, S("text/plain; charset=utf-8"), S("ready\n"));
    read_end_and_send(v);
}

static void ready(struct visit *v)
{
    run_read(v, ready_run, true);
}

static void metrics_run(struct visit *v)
{
    if (!read_begin(v))
        return;
    struct buf out = { .arena = v->r.arena };
    counters_print(v, &out);
    if (v->site->hooks.metrics != NULL)
        v->site->hooks.metrics(&v->r, &out);
    v->reply = reply_bytes(&v->r, S("text/plain; version=0.0.4; charset=utf-8"), buf_str(&out));
    read_end_and_send(v);
}

/* Read by programs and whoever sets them up, so in plain words. */
static void metrics_refuse(struct visit *v)
{
    bool wants_token = v->site->config != NULL && v->site->config->server_metrics_token.size > 0;
    v->reply = reply_bytes(
        &v->r, S("text/plain; charset=utf-8"),
        wants_token ? S("These numbers need the bearer token set as [server] metrics_token.\n")
                    : S("These numbers are for programs on this machine. [server] metrics_token "
                        "opens them to whoever has it.\n"));
    v->reply.status = wants_token ? 401 : 403;
    send_reply(v);
}

static void metrics(struct visit *v)
{
    if (may_watch(v))
        run_read(v, metrics_run, true);
    else
        metrics_refuse(v);
}

static void openapi(struct visit *v)
{
    send_text(v, "application/json", openapi_document);
}

static void robots(struct visit *v)
{
    send_text(v, "text/plain; charset=utf-8", S("User-agent: *\nDisallow: /api/\n"));
}

static bool accepts_gzip(struct visit *v)
{
    struct str rest = http_header(v->x, S("accept-encoding"));
    while (rest.size > 0)
        if (str_equal(str_trim(str_cut(&rest, ',')), S("gzip")))
            return true;
    return false;
}

/* Named by its content, so it may be kept for ever; and static, so nothing is copied. */
static void asset_send(struct visit *v, const struct asset *asset)
{
    bool gzip = asset->gzip.size > 0 && accepts_gzip(v);
    struct http_header headers[] = {
        { S("Cache-Control"), S("public, max-age=31536000, immutable") },
        { S("Vary"), S("Accept-Encoding") },
        { S("Content-Encoding"), S("gzip") },
    };
    struct http_response response = { .status = 200,
                                      .content_type = asset->content_type,
                                      .body = gzip ? asset->gzip : asset->bytes,
                                      .headers = headers,
                                      .header_count = gzip ? 3 : 2 };
    http_answer(v->x, &response);
}

bool system_answer(struct visit *v)
{
    static const struct {
        const char *path;
        void (*answer)(struct visit *v);
    } paths[] = {
        { "/healthz", alive },     { "/readyz", ready },
        { "/metrics", metrics },   { "/api/openapi.json", openapi },
        { "/robots.txt", robots },
    };
    if (v->http->method == HTTP_POST)
        return false;
    struct str path = v->http->path;
    if (str_starts(path, S("/static/"))) {
        const struct asset *asset = asset_find(path);
        if (asset != NULL)
            asset_send(v, asset);
        return asset != NULL;
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (str_equal(path, str_from(paths[i].path))) {
            paths[i].answer(v);
            return true;
        }
    }
    return false;
}
