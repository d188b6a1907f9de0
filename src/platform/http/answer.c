#include "base/check.h"
#include "base/log.h"
#include "platform/http/inside.h"

#include <string.h>

/* What every answer says, unless it says otherwise itself. */
static const struct {
    struct str name;
    const char *value;
} common_headers[] = {
    { S("X-Content-Type-Options"), "nosniff" },
    { S("X-Frame-Options"), "DENY" },
    { S("Referrer-Policy"), "same-origin" },
    { S("Cross-Origin-Opener-Policy"), "same-origin" },
    { S("Content-Security-Policy"),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
      "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
      "frame-ancestors 'none'; manifest-src 'self'" },
    { S("Permissions-Policy"),
      "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()" },
};
static const char transport_security[] = "max-age=31536000";

enum { COMMON_COUNT = sizeof common_headers / sizeof common_headers[0] };

static bool sets(const struct http_response *response, struct str name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (str_equal_nocase(response->headers[i].name, name))
            return true;
    return false;
}

static bool add_common(struct MHD_Response *answer, const struct http_response *response)
{
    bool added = true;
    for (int i = 0; i < COMMON_COUNT && added; i++)
        if (response->header_count == 0 || !sets(response, common_headers[i].name))
            added = MHD_add_response_header(answer, common_headers[i].name.data,
                                            common_headers[i].value) == MHD_YES;
    return added;
}

/* An empty value says nothing, and libmicrohttpd does not take one. */
static bool add_own(struct http_exchange *x, struct MHD_Response *answer,
                    const struct http_response *response)
{
    if (response->content_type.size > 0 &&
        MHD_add_response_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE,
                                str_c(x->arena, response->content_type)) != MHD_YES)
        return false;
    for (size_t i = 0; i < response->header_count; i++) {
        struct http_header header = response->headers[i];
        if (header.value.size > 0 &&
            MHD_add_response_header(answer, str_c(x->arena, header.name),
                                    str_c(x->arena, header.value)) != MHD_YES)
            return false;
    }
    return true;
}

static struct MHD_Response *answer_body(const struct http_response *response)
{
    struct MHD_Response *answer;
    if (response->file_size_bytes > 0)
        answer = MHD_create_response_from_fd64((uint64_t)response->file_size_bytes, response->file);
    else
        answer = MHD_create_response_from_buffer(
            response->body.size, (void *)(uintptr_t)response->body.data, MHD_RESPMEM_PERSISTENT);
    check(answer != NULL); /* out of memory */
    return answer;
}

struct MHD_Response *answer_make(struct http_exchange *x, const struct http_response *response,
                                 unsigned *status)
{
    *status = (unsigned)response->status;
    struct MHD_Response *answer = answer_body(response);
    bool complete = add_common(answer, response) && add_own(x, answer, response);
    if (complete && x->request.secure && !sets(response, S("Strict-Transport-Security")))
        complete = MHD_add_response_header(answer, "Strict-Transport-Security",
                                           transport_security) == MHD_YES;
    if (complete)
        return answer;
    /* A line break in a header: dropping the header alone could change what the answer means. */
    log_event(LOG_ERROR, "http.header_refused", LOG_INT("status", response->status), LOG_END);
    MHD_destroy_response(answer);
    struct http_response instead = answer_refusal(x, MHD_HTTP_INTERNAL_SERVER_ERROR);
    return answer_make(x, &instead, status);
}

struct http_response answer_refusal(struct http_exchange *x, int status)
{
    static const struct {
        int status;
        struct str text;
    } sentences[] = {
        { 400, S("The request is malformed.\n") },
        { 405, S("This method is not known here.\n") },
        { 413, S("The request is too large.\n") },
        { 414, S("The address is too long.\n") },
        { 431, S("The request's head is too large.\n") },
        { 501, S("This transfer encoding is not known here.\n") },
        { 503, S("The server is busy. Please try again in a moment.\n") },
    };
    static const struct http_header allow[] = { { S("Allow"), S("GET, HEAD, POST") } };
    static const struct http_header retry[] = { { S("Retry-After"), S("5") } };
    struct http_response response = { .status = status,
                                      .content_type = S("text/plain; charset=utf-8"),
                                      .body = S("The server made a mistake.\n") };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (sentences[i].status == status)
            response.body = sentences[i].text;
    if (status == MHD_HTTP_CONTENT_TOO_LARGE && x->body_bytes_max >= 1000000)
        response.body =
            str_printf(x->arena, "This is too large: at most %zu MB can be taken here.\n",
                       x->body_bytes_max / 1000000);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        response.headers = allow;
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        response.headers = retry;
    response.header_count = response.headers != NULL;
    return response;
}
