/* Replies as handlers make them. Nothing is sent here, and no refusal is dressed: that is done
 * outside of transactions (answer.c). */
#include "platform/blobs/blobs.h"
#include "platform/web/visit.h"
#include "views.h"
#include <stdatomic.h>
#include <string.h>

enum { PAGE_BYTES_LEAST = 4096, PAGE_BYTES_EXPECTED_MAX = 1024 * 1024 };

struct reply reply_see(struct request *r, struct url location, const char *notice)
{
    return (struct reply){ .status = 303,
                           .location = location,
                           .keep = true,
                           .notice = str_copy(r->arena, str_from(notice)) };
}

struct reply reply_problems(struct request *r)
{
    int64_t wait_seconds = r->visit->limit_wait_seconds;
    if (wait_seconds > 0)
        return (struct reply){ .status = 429,
                               .code = S("too_many"),
                               .sentence = S("Please wait a little before you try again."),
                               .retry_after_seconds = wait_seconds };
    return (struct reply){ .status = 422,
                           .code = S("problems"),
                           .sentence = S("Something here needs another value.") };
}

struct reply reply_not_found(struct request *r)
{
    return (struct reply){ .status = 404,
                           .code = S("not_found"),
                           .sentence =
                               S("The link may have a typing error, or what was here is gone.") };
}

struct reply reply_refused(struct request *r, int status, const char *code, const char *sentence)
{
    return (struct reply){ .status = status,
                           .code = str_copy(r->arena, str_from(code)),
                           .sentence = str_copy(r->arena, str_from(sentence)) };
}

struct reply reply_bytes(struct request *r, struct str content_type, struct str body)
{
    return (struct reply){ .status = 200, .content_type = content_type, .body = body };
}

struct reply reply_blob(struct request *r, struct str blob_name, struct str content_type)
{
    int64_t size_bytes = 0;
    int file = blob_open(r->site->blobs, blob_name, &size_bytes);
    if (file < 0)
        return reply_not_found(r);
    return (struct reply){ .status = 200,
                           .content_type = content_type,
                           .file = file,
                           .file_size_bytes = size_bytes,
                           .etag = blob_name };
}

static struct reply show_json(struct request *r, int status,
                              void (*json)(struct buf *, const void *), const void *view)
{
    struct buf out = { .arena = r->arena };
    buf_reserve(&out, 4096);
    json(&out, view);
    return (struct reply){ .status = status,
                           .content_type = S("application/json"),
                           .body = buf_str(&out) };
}

struct reply web_show(struct request *r,
                      void (*html)(struct buf *, struct request *, const struct frame_view *,
                                   const void *),
                      void (*json)(struct buf *, const void *), const void *view)
{
    if (r->format == FORMAT_JSON)
        return json == NULL ? reply_not_found(r) : show_json(r, 200, json, view);
    if (html == NULL)
        return reply_not_found(r);
    struct frame_view frame = { 0 };
    frame_fill(r->visit, &frame);
    _Atomic uint32_t *last_bytes = &r->site->web->page_bytes[r->route->number];
    size_t expected = atomic_load_explicit(last_bytes, memory_order_relaxed);
    struct buf out = { .arena = r->arena };
    buf_reserve(&out, expected + expected / 8 + PAGE_BYTES_LEAST);
    html(&out, r, &frame, view);
    if (out.size <= PAGE_BYTES_EXPECTED_MAX)
        atomic_store_explicit(last_bytes, (uint32_t)out.size, memory_order_relaxed);
    return (struct reply){ .status = r->form_route == NULL ? 200 : 422,
                           .content_type = S("text/html; charset=utf-8"),
                           .body = buf_str(&out) };
}

struct reply web_done(struct request *r, struct url location, const char *notice,
                      void (*json)(struct buf *, const void *), const void *view)
{
    if (r->format == FORMAT_HTML)
        return reply_see(r, location, notice);
    int status = r->route->flags & ROUTE_CREATES ? 201 : 200;
    struct reply reply = { .status = status,
                           .content_type = S("application/json"),
                           .body = S("{}") };
    if (json != NULL)
        reply = show_json(r, status, json, view);
    if (status == 201)
        reply.location = location;
    reply.keep = true;
    return reply;
}
