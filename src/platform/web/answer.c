/* From a reply to what goes over the wire. */
#include "base/check.h"
#include "base/log.h"
#include "platform/json/json.h"
#include "platform/web/counters.h"
#include "platform/web/etag.h"
#include "platform/web/page_cache.h"
#include "platform/web/visit.h"
#include "views.h"
#include <inttypes.h>
#include <unistd.h>

enum { HEADERS_MAX = 12 };

void error_page_html(struct buf *out, struct request *r, const struct frame_view *frame,
                     const void *view);

/* --- Refusals --------------------------------------------------------------------------------- */

static const struct refusal {
    int status;
    const char *code, *title, *reason;
} refusals[] = {
    { 400, "malformed", "This could not be read", "Bad Request" },
    { 401, "not_signed_in", "Please sign in", "Unauthorized" },
    { 403, "not_permitted", "This is not open to you", "Forbidden" },
    { 403, "stale_form", "This page was open too long", "Forbidden" },
    { 403, "forged", "We could not tell where this came from", "Forbidden" },
    { 404, "not_found", "There is nothing here", "Not Found" },
    { 405, "method_not_allowed", "This cannot be done here", "Method Not Allowed" },
    { 409, "conflict", "That does not fit what is there", "Conflict" },
    { 410, "gone", "This is gone", "Gone" },
    { 413, "too_large", "That is too large", "Content Too Large" },
    { 415, "unsupported_type", "This kind of content is not taken", "Unsupported Media Type" },
    { 422, "problems", "Something needs another look", "Unprocessable Content" },
    { 429, "too_many", "That was a little fast", "Too Many Requests" },
    { 503, "unavailable", "Just a moment", "Service Unavailable" },
    { 500, "broken", "Something went wrong", "Internal Server Error" },
};

/* The one of this code; else the first of this status. */
static const struct refusal *refusal_of(const struct reply *reply)
{
    const size_t count = sizeof refusals / sizeof refusals[0];
    const struct refusal *of_status = NULL;
    for (size_t i = count; i-- > 0;) {
        if (refusals[i].status != reply->status)
            continue;
        of_status = &refusals[i];
        if (str_equal(reply->code, str_from(refusals[i].code)))
            break;
    }
    return of_status != NULL ? of_status : &refusals[count - 1];
}

static bool is_bare_refusal(const struct reply *reply)
{
    return reply->status >= 400 && reply->body.size == 0 && reply->file_size_bytes == 0;
}

/* RFC 9457. */
static struct str problem_details(struct visit *v, const struct refusal *refusal)
{
    struct buf out = { .arena = v->r.arena };
    buf_add(&out, S("{\"type\":\"about:blank\",\"title\":"));
    json_text(&out, str_from(refusal->reason));
    buf_printf(&out, ",\"status\":%d,\"code\":", v->reply.status);
    json_text(&out, v->reply.code);
    buf_add(&out, S(",\"detail\":"));
    json_text(&out, v->reply.sentence);
    if (v->r.problems != NULL) {
        buf_add(&out, S(",\"problems\":["));
        for (const struct form_problem *p = v->r.problems; p != NULL; p = p->next) {
            buf_add(&out, S("{\"field\":"));
            json_text(&out, p->field);
            buf_add(&out, S(",\"message\":"));
            json_text(&out, p->message);
            buf_add(&out, p->next == NULL ? S("}") : S("},"));
        }
        buf_char(&out, ']');
    }
    buf_char(&out, '}');
    return buf_str(&out);
}

static struct error_problem_list problem_list(struct visit *v)
{
    struct error_problem_list list = { 0 };
    for (const struct form_problem *p = v->r.problems; p != NULL; p = p->next)
        list.count++;
    list.items = arena_new(v->r.arena, struct error_problem_view, list.count);
    size_t i = 0;
    for (const struct form_problem *p = v->r.problems; p != NULL; p = p->next)
        list.items[i++].message = p->message;
    return list;
}

void frame_fill(struct visit *v, struct frame_view *frame)
{
    *frame = (struct frame_view){ .site_name = S("Manyhands"),
                                  .organisation_name = S("Manyhands"),
                                  .organisation_home = { S("/") },
                                  .path = v->http->path,
                                  .notice = v->notice,
                                  .now = v->r.now,
                                  .version = S(MANYHANDS_VERSION) };
    v->notice_shown = v->notice.size > 0;
    if (v->r.db != NULL && v->site->hooks.frame != NULL)
        v->site->hooks.frame(&v->r, frame);
}

static struct str error_page(struct visit *v, const struct refusal *refusal)
{
    struct frame_view frame;
    frame_fill(v, &frame);
    struct error_page_view view = { .status = v->reply.status,
                                    .title = str_from(refusal->title),
                                    .sentence = v->reply.sentence,
                                    .code = v->reply.code,
                                    .home = { S("/") },
                                    .form_page = v->form_page,
                                    .has_form_page = v->form_page.text.size > 0,
                                    .problems = problem_list(v) };
    struct buf out = { .arena = v->r.arena };
    buf_reserve(&out, 8192);
    error_page_html(&out, &v->r, &frame, &view);
    return buf_str(&out);
}

void dress_refusal(struct visit *v)
{
    if (!is_bare_refusal(&v->reply))
        return;
    const struct refusal *refusal = refusal_of(&v->reply);
    if (v->reply.code.size == 0)
        v->reply.code = str_from(refusal->code);
    if (v->reply.sentence.size == 0)
        v->reply.sentence = str_printf(v->r.arena, "%s.", refusal->title);
    bool json = v->r.format == FORMAT_JSON;
    v->reply.body = json ? problem_details(v, refusal) : error_page(v, refusal);
    v->reply.content_type = json ? S("application/problem+json") : S("text/html; charset=utf-8");
}

static void dress_in_read(struct visit *v)
{
    if (!read_begin(v))
        return;
    identify(v); /* the frame says who is signed in */
    dress_refusal(v);
    read_end_and_send(v);
}

void deliver(struct visit *v, bool may_run_here)
{
    if (is_bare_refusal(&v->reply) && v->r.format == FORMAT_HTML) {
        run_read(v, dress_in_read, may_run_here);
        return;
    }
    dress_refusal(v);
    send_reply(v);
}

void send_unavailable(struct visit *v, const struct fault *fault)
{
    log_event(LOG_ERROR, "request.unavailable",
              LOG_TEXT("route", str_from(v->route == NULL ? "" : v->route->name)),
              LOG_TEXT("detail", str_from(fault == NULL ? "busy" : fault->detail)), LOG_END);
    v->r.db = NULL;
    v->r.problems = NULL;
    if (v->reply.file_size_bytes > 0)
        close(v->reply.file);
    v->reply = (struct reply){ .status = 503,
                               .retry_after_seconds = 1,
                               .code = S("unavailable"),
                               .sentence = S("The server could not do this just now, and nothing "
                                             "has changed. Please try again in a moment.") };
    dress_refusal(v);
    send_reply(v);
}

/* --- Headers ---------------------------------------------------------------------------------- */

struct head {
    struct http_header items[HEADERS_MAX];
    size_t count;
};

static void head_add(struct head *head, struct str name, struct str value)
{
    if (value.size == 0)
        return;
    check(head->count < HEADERS_MAX);
    head->items[head->count++] = (struct http_header){ name, value };
}

/* A location may hold text that came with the request: nothing but visible ASCII goes out. */
static struct str location_text(struct visit *v)
{
    static const char hex[] = "0123456789ABCDEF";
    struct str text = v->reply.location.text;
    struct buf out = { .arena = v->r.arena };
    bool to_api = v->r.format == FORMAT_JSON && v->reply.status == 201 && str_starts(text, S("/"));
    if (to_api)
        buf_add(&out, S("/api/v1"));
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = text.data[i];
        if (c > ' ' && c < 0x7f) {
            buf_char(&out, (char)c);
            continue;
        }
        buf_char(&out, '%');
        buf_char(&out, hex[c >> 4]);
        buf_char(&out, hex[c & 15]);
    }
    return buf_str(&out);
}

static struct str disposition(struct visit *v)
{
    struct buf out = { .arena = v->r.arena };
    if (v->reply.filename.size == 0)
        return (struct str){ 0 };
    buf_add(&out, S("attachment; filename*=UTF-8''"));
    html_url_part(&out, v->reply.filename);
    return buf_str(&out);
}

static struct str cache_control(const struct reply *reply)
{
    if (reply->immutable && reply->status == 200)
        return S("public, max-age=31536000, immutable");
    return S("private, no-cache");
}

static struct str seconds_text(struct arena *arena, int64_t seconds)
{
    return seconds <= 0 ? (struct str){ 0 } : str_printf(arena, "%" PRId64, seconds);
}

static void fill_head(struct visit *v, struct head *head)
{
    const struct reply *reply = &v->reply;
    head_add(head, S("Cache-Control"), cache_control(reply));
    if (reply->location.text.size > 0)
        head_add(head, S("Location"), location_text(v));
    head_add(head, S("Set-Cookie"), reply->cookie);
    if (v->r.format == FORMAT_HTML && reply->notice.size > 0)
        head_add(head, S("Set-Cookie"), notice_cookie(v, reply->notice));
    else if (v->notice_shown)
        head_add(head, S("Set-Cookie"), notice_cookie(v, (struct str){ 0 }));
    if (reply->etag.size > 0)
        head_add(head, S("ETag"), str_printf(v->r.arena, "\"%.*s\"", STR_ARG(reply->etag)));
    head_add(head, S("Retry-After"), seconds_text(v->r.arena, reply->retry_after_seconds));
    head_add(head, S("Allow"), v->allow);
    if (reply->status == 401)
        head_add(head, S("WWW-Authenticate"), S("Bearer"));
    head_add(head, S("Content-Disposition"), disposition(v));
    if (v->replayed)
        head_add(head, S("Idempotent-Replay"), S("true"));
    if (reply->file_size_bytes > 0) /* somebody's file: whatever it is, it runs nothing */
        head_add(head, S("Content-Security-Policy"), S("default-src 'none'; sandbox"));
}

/* --- Sending ---------------------------------------------------------------------------------- */

static bool is_read(const struct visit *v)
{
    return v->http->method == HTTP_GET || v->http->method == HTTP_HEAD;
}

/* What the client has already is not sent again. */
static void answer_unchanged(struct visit *v)
{
    struct reply *reply = &v->reply;
    if (!is_read(v) || reply->status != 200)
        return;
    if (reply->etag.size == 0 && reply->body.size > 0)
        reply->etag = etag_of(v->r.arena, reply->body);
    if (!etag_matches(http_header(v->x, S("if-none-match")), reply->etag))
        return;
    if (reply->file_size_bytes > 0)
        close(reply->file);
    reply->file_size_bytes = 0;
    reply->status = 304;
    reply->body = (struct str){ 0 };
}

void send_reply(struct visit *v)
{
    if (v->reply.status == 0)
        v->reply.status = 200;
    page_cache_keep(v);
    answer_unchanged(v);
    struct head head = { 0 };
    fill_head(v, &head);
    counters_note(v);
    struct http_response response = {
        .status = v->reply.status,
        .content_type = v->reply.content_type,
        .body = v->reply.body,
        .file = v->reply.file,
        .file_size_bytes = v->reply.file_size_bytes,
        .headers = head.items,
        .header_count = head.count,
    };
    http_answer(v->x, &response);
}
