#include "platform/fetch/fetch.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"

enum { HEAD_BYTES_MAX = 32 * 1024, PORT_FREE_LEAST = 1024, ADDRESS_TEXT_MAX = 64 };

/* --- The URL ---------------------------------------------------------------------------------- */

struct target {
    const char *scheme, *host; /* the host without brackets */
    int port;
};

static const char *part(struct arena *arena, CURLU *parsed, CURLUPart which, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(parsed, which, &text, flags) != CURLUE_OK)
        return NULL;
    const char *copy = str_c(arena, str_from(text));
    curl_free(text);
    return copy;
}

static bool has_odd_byte(struct str url)
{
    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.data[i] <= ' ' || (unsigned char)url.data[i] >= 0x7F)
            return true;
    return false;
}

static bool host_unwrap(struct arena *arena, struct target *target)
{
    struct str host = str_from(target->host);
    if (str_starts(host, S("[")) && str_ends(host, S("]")))
        target->host = str_c(arena, str_slice(host, 1, host.size - 1));
    return target->host[0] != '\0' && str_find(str_from(target->host), S("%")) == SIZE_MAX;
}

static struct str read_parts(struct arena *arena, const struct fetch_rules *rules, CURLU *parsed,
                             struct target *target)
{
    target->scheme = part(arena, parsed, CURLUPART_SCHEME, 0);
    target->host = part(arena, parsed, CURLUPART_HOST, 0);
    const char *port = part(arena, parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    int64_t number = 0;
    if (target->scheme == NULL || target->host == NULL || !host_unwrap(arena, target))
        return S("This is no address of a server. It looks like https://example.org/hook.");
    bool is_http = strcmp(target->scheme, "http") == 0;
    if (!is_http && strcmp(target->scheme, "https") != 0)
        return S("The address must begin with https://.");
    if (is_http && !rules->allow_http)
        return S("The address must begin with https://, so that nobody reads along.");
    if (part(arena, parsed, CURLUPART_USER, 0) != NULL ||
        part(arena, parsed, CURLUPART_PASSWORD, 0) != NULL)
        return S("The address may hold no user name or password.");
    if (port == NULL || !str_to_int64(str_from(port), &number) ||
        (number != 80 && number != 443 && number < PORT_FREE_LEAST))
        return S("The port must be 443, 80 or above 1023.");
    target->port = (int)number;
    return S("");
}

static struct str read_url(struct arena *arena, const struct fetch_rules *rules, struct str url,
                           struct target *target)
{
    if (url.size > FETCH_URL_BYTES_MAX)
        return S("The address is too long.");
    CURLU *parsed = curl_url();
    check(parsed != NULL);
    struct str wrong = S("This is no address of a server. It looks like https://example.org/hook.");
    if (!has_odd_byte(url) && str_find(url, S("\\")) == SIZE_MAX &&
        curl_url_set(parsed, CURLUPART_URL, str_c(arena, url), CURLU_NON_SUPPORT_SCHEME) ==
            CURLUE_OK)
        wrong = read_parts(arena, rules, parsed, target);
    curl_url_cleanup(parsed);
    return wrong;
}

struct str fetch_judge_url(struct arena *arena, const struct fetch_rules *rules, struct str url)
{
    struct target target;
    struct str wrong = read_url(arena, rules, url, &target);
    /* What is written as an address can be judged at once. */
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    const struct sockaddr *literal = NULL;
    if (wrong.size > 0)
        return wrong;
    if (inet_pton(AF_INET, target.host, &v4.sin_addr) == 1)
        literal = (const struct sockaddr *)&v4;
    else if (inet_pton(AF_INET6, target.host, &v6.sin6_addr) == 1)
        literal = (const struct sockaddr *)&v6;
    const char *what = literal == NULL ? NULL : fetch_judge_address(literal, rules->allow_private);
    return what == NULL ? S("")
                        : str_printf(arena, "%s is %s; it is not asked.", target.host, what);
}

/* --- Its addresses ---------------------------------------------------------------------------- */

static bool ask_system(const char *host, struct fetch_addresses *found, void *context)
{
    (void)context;
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *list = NULL;
    if (getaddrinfo(host, NULL, &hints, &list) != 0)
        return false;
    for (struct addrinfo *a = list; a != NULL && found->count < FETCH_ADDRESSES_MAX; a = a->ai_next)
        memcpy(&found->at[found->count++], a->ai_addr, a->ai_addrlen);
    freeaddrinfo(list);
    return found->count > 0;
}

static const void *bytes_of(const struct sockaddr *address, size_t *size)
{
    bool is_v4 = address->sa_family == AF_INET;
    *size = is_v4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    return is_v4 ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
                 : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;
}

static bool is_same(const struct sockaddr *a, const struct sockaddr *b)
{
    size_t size_a, size_b;
    const void *bytes_a = bytes_of(a, &size_a), *bytes_b = bytes_of(b, &size_b);
    return a->sa_family == b->sa_family && memcmp(bytes_a, bytes_b, size_a) == 0;
}

/* Resolves and judges; "" or what is wrong. */
static struct str find_addresses(struct arena *arena, const struct fetch_rules *rules,
                                 const char *host, struct fetch_addresses *found,
                                 enum fetch_outcome *outcome)
{
    *outcome = FETCH_NO_ANSWER;
    *found = (struct fetch_addresses){ 0 };
    if (!(rules->resolve == NULL ? ask_system : rules->resolve)(host, found,
                                                                rules->resolve_context))
        return str_printf(arena, "There is no server called %s.", host);
    *outcome = FETCH_FORBIDDEN;
    for (size_t i = 0; i < found->count; i++) {
        const char *what =
            fetch_judge_address((const struct sockaddr *)&found->at[i], rules->allow_private);
        if (what != NULL)
            return str_printf(arena, "%s leads to %s; it is not asked.", host, what);
    }
    return S("");
}

/* "host:port:address,address" for CURLOPT_RESOLVE; NULL for an IPv6 address, which curl does not
   take there and does not resolve. */
static const char *pin(struct arena *arena, const struct target *target,
                       const struct fetch_addresses *found)
{
    struct buf out = { .arena = arena };
    if (strchr(target->host, ':') != NULL)
        return NULL;
    buf_printf(&out, "%s:%d:", target->host, target->port);
    for (size_t i = 0; i < found->count; i++) {
        const struct sockaddr *address = (const struct sockaddr *)&found->at[i];
        char text[ADDRESS_TEXT_MAX];
        size_t size;
        check(inet_ntop(address->sa_family, bytes_of(address, &size), text, sizeof text) != NULL);
        buf_printf(&out, address->sa_family == AF_INET6 ? "%s[%s]" : "%s%s", i == 0 ? "" : ",",
                   text);
    }
    return str_c(arena, buf_str(&out));
}

/* --- The talk --------------------------------------------------------------------------------- */

struct talk {
    const struct fetch_request *request;
    const struct fetch_addresses *addresses;
    struct buf body;
    size_t head_bytes;
    bool is_cut, is_stopped;
};

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct talk *talk = context;
    size_t room = talk->request->answer_bytes_max - talk->body.size, came = size * count;
    buf_add(&talk->body, (struct str){ bytes, came < room ? came : room });
    talk->is_cut = talk->is_cut || came > room;
    return came > room ? 0 : came;
}

static size_t take_head(char *line, size_t size, size_t count, void *context)
{
    (void)line;
    struct talk *talk = context;
    talk->head_bytes += size * count;
    return talk->head_bytes > HEAD_BYTES_MAX ? 0 : size * count;
}

static int look_up(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                   curl_off_t up_now)
{
    (void)total, (void)now, (void)up_total, (void)up_now;
    struct talk *talk = context;
    talk->is_stopped = talk->request->stop != NULL && atomic_load(talk->request->stop);
    return talk->is_stopped;
}

/* The last word before a connection is made: to nothing that was not judged. */
static curl_socket_t open_judged(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    const struct talk *talk = context;
    for (size_t i = 0; purpose == CURLSOCKTYPE_IPCXN && i < talk->addresses->count; i++)
        if (is_same(&address->addr, (const struct sockaddr *)&talk->addresses->at[i]))
            return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return CURL_SOCKET_BAD;
}

static struct curl_slist *head_of(struct arena *arena, const struct fetch_request *request)
{
    struct curl_slist *head = curl_slist_append(NULL, "Expect:");
    if (request->is_post)
        head = curl_slist_append(
            head, str_printf(arena, "Content-Type: %.*s", STR_ARG(request->content_type)).data);
    for (size_t i = 0; i < request->header_count; i++)
        head = curl_slist_append(head, str_printf(arena, "%s: %.*s", request->headers[i].name,
                                                  STR_ARG(request->headers[i].value))
                                           .data);
    return head;
}

static void options_set(CURL *curl, struct arena *arena, const struct fetch_rules *rules,
                        struct talk *talk)
{
    const struct fetch_request *request = talk->request;
    curl_easy_setopt(curl, CURLOPT_URL, str_c(arena, request->url));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, rules->allow_http ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Manyhands/" MANYHANDS_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms_max);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->time_ms_max);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_judged);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, talk);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, talk);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, talk);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, talk);
    if (request->is_post) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                         request->body.size == 0 ? "" : request->body.data);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
    }
}

/* A status stands once the whole head came; a body that is too long or never ends takes nothing
   from it. */
static struct fetch_answer answer_of(struct arena *arena, CURL *curl, CURLcode result,
                                     const struct talk *talk, const char *error)
{
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    bool in_body = talk->is_cut || talk->body.size > 0;
    bool answered = result == CURLE_OK || (status > 0 && in_body);
    struct fetch_answer answer = { .outcome = FETCH_ANSWERED,
                                   .status = (int)status,
                                   .body = buf_str(&talk->body),
                                   .is_cut = result != CURLE_OK };
    if (answered && status >= 100 && status <= 599)
        return answer;
    if (talk->is_stopped)
        return (struct fetch_answer){ .outcome = FETCH_STOPPED, .trouble = S("Stopped.") };
    if (talk->head_bytes > HEAD_BYTES_MAX)
        error = "the head of the answer is too long";
    else if (result == CURLE_OPERATION_TIMEDOUT)
        error = "no answer in time";
    else if (error[0] == '\0')
        error = curl_easy_strerror(result);
    return (struct fetch_answer){ .outcome = FETCH_NO_ANSWER,
                                  .trouble = str_copy(arena, str_from(error)) };
}

static struct fetch_answer talk_over(struct arena *arena, const struct fetch_rules *rules,
                                     const struct fetch_request *request, const char *pinned,
                                     const struct fetch_addresses *addresses)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return (struct fetch_answer){ .outcome = FETCH_NO_ANSWER,
                                      .trouble = S("libcurl cannot start") };
    char error[CURL_ERROR_SIZE] = "";
    struct talk talk = { .request = request, .addresses = addresses, .body = { .arena = arena } };
    struct curl_slist *names = pinned == NULL ? NULL : curl_slist_append(NULL, pinned);
    struct curl_slist *head = head_of(arena, request);
    options_set(curl, arena, rules, &talk);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_RESOLVE, names);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, head);
    CURLcode result = curl_easy_perform(curl);
    struct fetch_answer answer = answer_of(arena, curl, result, &talk, error);
    curl_easy_cleanup(curl);
    curl_slist_free_all(names);
    curl_slist_free_all(head);
    return answer;
}

static void curl_prepare(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct fetch_answer fetch(struct arena *arena, const struct fetch_rules *rules,
                          const struct fetch_request *request)
{
    static pthread_once_t prepared = PTHREAD_ONCE_INIT;
    pthread_once(&prepared, curl_prepare);
    struct target target;
    struct fetch_addresses addresses;
    struct fetch_answer refused = { .outcome = FETCH_FORBIDDEN };
    refused.trouble = read_url(arena, rules, request->url, &target);
    if (refused.trouble.size > 0)
        return refused;
    refused.trouble = find_addresses(arena, rules, target.host, &addresses, &refused.outcome);
    if (refused.trouble.size > 0)
        return refused;
    return talk_over(arena, rules, request, pin(arena, &target, &addresses), &addresses);
}
