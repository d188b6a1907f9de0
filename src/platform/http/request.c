/* Reading the head: headers, framing, target, who sent it.
 *
 * Two programs that disagree about where a request ends let one person's request swallow another's
 * (request smuggling: RFC 9112, 11.2). So a head is refused as soon as anything in it could be read
 * in two ways, even where libmicrohttpd would read on.
 */
#include "platform/http/inside.h"

#include <arpa/inet.h>
#include <string.h>

/* --- Headers ---------------------------------------------------------------------------------- */

/* Version 0.9.75 glues folded lines onto the header's name, takes a bare LF for the end of a line,
   and cuts a line at a NUL. But it reads in place: in a head as it should be, each header begins
   exactly two bytes (CR LF) behind the one before. `expected` is where the next must begin. */
struct head {
    struct http_header headers[HEADER_COUNT_MAX];
    size_t count, text_size;
    const char *expected;
    bool read_in_place, malformed, too_many;
};

static bool is_token_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.size; i++)
        if (!is_token_char((unsigned char)s.data[i]))
            return false;
    return s.size > 0;
}

static bool is_value(struct str s)
{
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static bool lies_in_place(struct head *head, struct str name, struct str value)
{
    if (name.data != head->expected)
        return false;
    const char *p = name.data + name.size + 1; /* behind the colon, which is a NUL now */
    while (p < value.data && (*p == ' ' || *p == '\t'))
        p++;
    if (p != value.data)
        return false;
    head->expected = value.data + value.size + 2;
    return true;
}

/* From 1.0 on, libmicrohttpd refuses by itself what is looked for here. */
bool library_is_lax(void)
{
    return MHD_get_version()[0] == '0';
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   size_t name_size, const char *value, size_t value_size)
{
    struct head *head = context;
    struct http_header header = { { name, name_size }, { value, value == NULL ? 0 : value_size } };
    if (head->count == HEADER_COUNT_MAX) {
        head->too_many = true;
        return MHD_NO;
    }
    if (!is_token(header.name) || !is_value(header.value) ||
        (head->read_in_place && !lies_in_place(head, header.name, header.value))) {
        head->malformed = true;
        return MHD_NO;
    }
    header.value = str_trim(header.value);
    head->headers[head->count++] = header;
    head->text_size += name_size + header.value.size;
    return MHD_YES;
}

/* A copy in the arena, because a handler may still read it when the connection is lost. */
static void keep_headers(struct http_exchange *x, const struct head *head)
{
    char *text = arena_take(x->arena, head->text_size);
    x->headers = arena_new(x->arena, struct http_header, head->count);
    x->header_count = head->count;
    for (size_t i = 0; i < head->count; i++) {
        struct str name = head->headers[i].name, value = head->headers[i].value;
        for (size_t j = 0; j < name.size; j++)
            text[j] = (char)(name.data[j] >= 'A' && name.data[j] <= 'Z' ? name.data[j] | 0x20
                                                                        : name.data[j]);
        x->headers[i].name = (struct str){ text, name.size };
        text += name.size;
        if (value.size > 0)
            memcpy(text, value.data, value.size);
        x->headers[i].value = (struct str){ text, value.size };
        text += value.size;
    }
}

static int headers_read(struct http_exchange *x, const char *method, const char *version)
{
    struct head head;
    head.count = head.text_size = 0;
    head.malformed = head.too_many = false;
    head.expected = version + strlen(version) + 2;
    head.read_in_place = library_is_lax();
    size_t head_size =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
            ->header_size;
    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, take_header, &head);
    if (head.too_many || head_size > x->server->options.header_bytes_max)
        return MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    if (head.malformed || (head.read_in_place && head.expected + 2 != method + head_size))
        return MHD_HTTP_BAD_REQUEST;
    keep_headers(x, &head);
    return 0;
}

struct str http_header(struct http_exchange *x, struct str name)
{
    for (size_t i = 0; i < x->header_count; i++)
        if (str_equal(x->headers[i].name, name))
            return x->headers[i].value;
    return (struct str){ 0 };
}

struct str http_cookie(struct http_exchange *x, struct str name)
{
    for (size_t i = 0; i < x->header_count; i++) {
        if (!str_equal(x->headers[i].name, S("cookie")))
            continue;
        struct str rest = x->headers[i].value;
        while (rest.size > 0) {
            struct str value = str_trim(str_cut(&rest, ';'));
            if (str_equal(str_cut(&value, '='), name))
                return value;
        }
    }
    return (struct str){ 0 };
}

/* --- Framing ---------------------------------------------------------------------------------- */

static size_t header_count(const struct http_exchange *x, struct str name)
{
    size_t count = 0;
    for (size_t i = 0; i < x->header_count; i++)
        count += str_equal(x->headers[i].name, name);
    return count;
}

static bool is_length(struct str s, uint64_t *length)
{
    int64_t value;
    if (s.size == 0 || s.data[0] == '-' || !str_to_int64(s, &value))
        return false;
    *length = (uint64_t)value;
    return true;
}

static int framing_read(struct http_exchange *x, const char *version)
{
    size_t lengths = header_count(x, S("content-length"));
    size_t encodings = header_count(x, S("transfer-encoding"));
    size_t hosts = header_count(x, S("host"));
    bool is_old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    if (hosts > 1 || (hosts == 0 && !is_old) || lengths > 1 || encodings > 1 ||
        lengths + encodings > 1)
        return MHD_HTTP_BAD_REQUEST;
    if (encodings == 1) {
        if (is_old)
            return MHD_HTTP_BAD_REQUEST;
        if (!str_equal_nocase(http_header(x, S("transfer-encoding")), S("chunked")))
            return MHD_HTTP_NOT_IMPLEMENTED;
        x->body_follows = true;
    }
    if (lengths == 1) {
        if (!is_length(http_header(x, S("content-length")), &x->body_expected))
            return MHD_HTTP_BAD_REQUEST;
        x->body_follows = x->body_expected > 0;
    }
    x->expects_continue = str_equal_nocase(http_header(x, S("expect")), S("100-continue"));
    return 0;
}

/* --- Target ----------------------------------------------------------------------------------- */

/* "http://host/path?query", which a client may send to a server too, becomes "/path?query". */
static struct str origin_form(struct str target)
{
    struct str rest;
    if (str_equal_nocase(str_slice(target, 0, 7), S("http://")))
        rest = str_slice(target, 7, target.size);
    else if (str_equal_nocase(str_slice(target, 0, 8), S("https://")))
        rest = str_slice(target, 8, target.size);
    else
        return target;
    size_t slash = str_find(rest, S("/")), question = str_find(rest, S("?"));
    if (question < slash)
        return target; /* a query without a path: nobody sends this; refused below */
    return slash == SIZE_MAX ? S("/") : str_slice(rest, slash, rest.size);
}

static bool is_visible_ascii(struct str s)
{
    for (size_t i = 0; i < s.size; i++)
        if (s.data[i] <= 0x20 || s.data[i] >= 0x7F || s.data[i] == '#')
            return false;
    return true;
}

/* One path has one spelling: what could be taken for another path after one more decoding or
   normalising is refused. */
static bool path_read(struct arena *arena, struct str raw, struct str *path)
{
    if (!str_starts(raw, S("/")) || str_find(raw, S("%2F")) != SIZE_MAX ||
        str_find(raw, S("%2f")) != SIZE_MAX || !percent_decode(arena, raw, false, path))
        return false;
    if (!utf8_valid(*path) || !is_value(*path) || str_find(*path, S("//")) != SIZE_MAX)
        return false;
    struct str rest = str_slice(*path, 1, path->size);
    while (rest.size > 0) {
        struct str segment = str_cut(&rest, '/');
        if (str_equal(segment, S(".")) || str_equal(segment, S("..")))
            return false;
    }
    return true;
}

static int target_read(struct http_exchange *x)
{
    struct http_request *request = &x->request;
    if (request->target.size > TARGET_SIZE_MAX)
        return MHD_HTTP_URI_TOO_LONG;
    if (!is_visible_ascii(request->target))
        return MHD_HTTP_BAD_REQUEST;
    request->target = origin_form(request->target);
    struct str query = request->target;
    if (!path_read(x->arena, str_cut(&query, '?'), &request->path))
        return MHD_HTTP_BAD_REQUEST;
    return fields_read(x->arena, query, &request->query, &request->query_count)
               ? 0
               : MHD_HTTP_BAD_REQUEST;
}

/* --- Who sent it ------------------------------------------------------------------------------ */

/* What the nearest proxy added: the last element of the last header of that name. */
static struct str last_element(const struct http_exchange *x, struct str name)
{
    struct str last = { 0 };
    for (size_t i = 0; i < x->header_count; i++)
        if (str_equal(x->headers[i].name, name))
            last = x->headers[i].value;
    size_t comma = last.size;
    while (comma > 0 && last.data[comma - 1] != ',')
        comma--;
    return str_trim(str_slice(last, comma, last.size));
}

/* "192.0.2.1", "192.0.2.1:5000", "2001:db8::1" or "[2001:db8::1]:5000". */
static bool address_read(struct arena *arena, struct str text, struct str *address)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    if (str_starts(text, S("["))) {
        text = str_slice(text, 1, text.size);
        text = str_cut(&text, ']');
    } else if (str_find(text, S(".")) != SIZE_MAX && str_find(text, S("::")) == SIZE_MAX) {
        text = str_cut(&text, ':');
    }
    const char *terminated = str_c(arena, text);
    if (inet_pton(AF_INET, terminated, bytes) != 1 && inet_pton(AF_INET6, terminated, bytes) != 1)
        return false;
    *address = text;
    return true;
}

static void sender_read(struct http_exchange *x)
{
    const struct seat *seat = x->seat;
    x->request.address = str_from(seat->address);
    if (seat->trusted) {
        address_read(x->arena, last_element(x, S("x-forwarded-for")), &x->request.address);
        x->request.secure = str_equal_nocase(last_element(x, S("x-forwarded-proto")), S("https"));
    }
    /* The seat may have gone to another connection before whoever keeps the exchange is done. */
    if (x->request.address.data == seat->address)
        x->request.address = str_copy(x->arena, x->request.address);
}

/* --- Together --------------------------------------------------------------------------------- */

static bool method_read(const char *name, enum http_method *method)
{
    *method = HTTP_OTHER;
    if (strcmp(name, MHD_HTTP_METHOD_GET) == 0)
        *method = HTTP_GET;
    else if (strcmp(name, MHD_HTTP_METHOD_POST) == 0)
        *method = HTTP_POST;
    else if (strcmp(name, MHD_HTTP_METHOD_HEAD) == 0)
        *method = HTTP_HEAD;
    return *method != HTTP_OTHER;
}

int head_read(struct http_exchange *x, const char *method, const char *version, bool *broken)
{
    int refusal = headers_read(x, method, version);
    if (refusal == 0)
        refusal = framing_read(x, version);
    *broken = refusal != 0;
    if (refusal != 0)
        return refusal;
    sender_read(x);
    if (!method_read(method, &x->request.method))
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    struct str type = http_header(x, S("content-type"));
    x->request.content_type = str_lower(x->arena, str_trim(str_cut(&type, ';')));
    return target_read(x);
}
