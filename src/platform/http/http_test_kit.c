#include "platform/http/http_test_kit.h"

#include "base/buf.h"
#include "base/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HELD_MAX = 512, PATIENCE_MS = 30000 };

/* --- The server's side ------------------------------------------------------------------------ */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_exchange *held[HELD_MAX], *later[HELD_MAX];
    size_t held_count, later_count;
    bool later_stop;
    pthread_t later_thread;
    _Atomic int64_t handled;
} room = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void tell(struct http_exchange *x)
{
    const struct http_request *r = http_request(x);
    struct buf b = { .arena = http_arena(x) };
    buf_printf(&b,
               "method %d\npath %.*s\ntarget %.*s\naddress %.*s\nsecure %d\ntype %.*s\nbody %zu\n",
               (int)r->method, STR_ARG(r->path), STR_ARG(r->target), STR_ARG(r->address), r->secure,
               STR_ARG(r->content_type), r->body.size);
    for (size_t i = 0; i < r->query_count; i++)
        buf_printf(&b, "query %.*s=%.*s\n", STR_ARG(r->query[i].name), STR_ARG(r->query[i].value));
    for (size_t i = 0; i < r->form_count; i++)
        buf_printf(&b, "form %.*s=%.*s\n", STR_ARG(r->form[i].name), STR_ARG(r->form[i].value));
    for (size_t i = 0; i < r->upload_count; i++)
        buf_printf(&b, "upload %.*s file %.*s type %.*s size %zu\n", STR_ARG(r->uploads[i].name),
                   STR_ARG(r->uploads[i].filename), STR_ARG(r->uploads[i].content_type),
                   r->uploads[i].bytes.size);
    buf_printf(&b, "cookie %.*s\nx-test %.*s\n", STR_ARG(http_cookie(x, S("session"))),
               STR_ARG(http_header(x, S("x-test"))));
    http_answer(x, &(struct http_response){ .status = 200,
                                            .content_type = S("text/plain; charset=utf-8"),
                                            .body = buf_str(&b) });
}

static void keep(struct http_exchange *x, struct http_exchange **list, size_t *count)
{
    pthread_mutex_lock(&room.lock);
    check(*count < HELD_MAX);
    list[(*count)++] = x;
    pthread_cond_broadcast(&room.changed);
    pthread_mutex_unlock(&room.lock);
}

static void *answer_later(void *context)
{
    pthread_mutex_lock(&room.lock);
    while (!room.later_stop || room.later_count > 0) {
        if (room.later_count == 0) {
            pthread_cond_wait(&room.changed, &room.lock);
            continue;
        }
        struct http_exchange *x = room.later[--room.later_count];
        pthread_mutex_unlock(&room.lock);
        tell(x);
        pthread_mutex_lock(&room.lock);
    }
    pthread_mutex_unlock(&room.lock);
    return NULL;
}

static void send_file(struct http_exchange *x)
{
    char path[] = "/tmp/http_test_XXXXXX";
    int file = mkstemp(path);
    check(file >= 0 && unlink(path) == 0 && write(file, "from a file\n", 12) == 12);
    http_answer(x, &(struct http_response){ .status = 200,
                                            .content_type = S("application/octet-stream"),
                                            .file = file,
                                            .file_size_bytes = 12 });
}

static void send_header(struct http_exchange *x, struct str name, struct str value)
{
    struct http_header headers[] = { { name, value } };
    http_answer(x, &(struct http_response){
                       .status = 200, .body = S("x"), .headers = headers, .header_count = 1 });
}

static void handle(struct http_exchange *x, void *context)
{
    struct str path = http_request(x)->path;
    atomic_fetch_add(&room.handled, 1);
    if (str_equal(path, S("/later")))
        keep(x, room.later, &room.later_count);
    else if (str_equal(path, S("/hold")))
        keep(x, room.held, &room.held_count);
    else if (str_equal(path, S("/file")))
        send_file(x);
    else if (str_equal(path, S("/policy")))
        send_header(x, S("content-security-policy"), S("sandbox"));
    else if (str_equal(path, S("/bad-header")))
        send_header(x, S("Location"), S("/a\r\nSet-Cookie: stolen=1"));
    else if (str_starts(path, S("/echo")))
        tell(x);
    else
        http_answer(x, &(struct http_response){ .status = 404, .body = S("not here\n") });
}

struct http_options kit_options(void)
{
    return (struct http_options){ .listen = S("127.0.0.1:0"),
                                  .threads = 2,
                                  .connections_max = 1000,
                                  .header_seconds = 60,
                                  .body_seconds = 60,
                                  .idle_seconds = 60,
                                  .body_bytes_max = 100000,
                                  .handle = handle };
}

struct kit kit_start(struct http_options options)
{
    struct kit kit = { 0 };
    struct fault fault = { 0 };
    room.handled = 0;
    room.later_stop = false;
    assert_int_equal(pthread_create(&room.later_thread, NULL, answer_later, NULL), 0);
    if (!http_start(&options, &kit.server, &fault))
        fail_msg("%s", fault.detail);
    kit.port = http_port(kit.server);
    return kit;
}

void kit_stop(struct kit *kit, unsigned seconds)
{
    http_stop(kit->server, seconds);
    kit->server = NULL;
    pthread_mutex_lock(&room.lock);
    room.later_stop = true;
    pthread_cond_broadcast(&room.changed);
    pthread_mutex_unlock(&room.lock);
    pthread_join(room.later_thread, NULL);
}

int64_t kit_handled(void)
{
    return room.handled;
}

size_t kit_held(void)
{
    pthread_mutex_lock(&room.lock);
    size_t count = room.held_count;
    pthread_mutex_unlock(&room.lock);
    return count;
}

void kit_wait_held(size_t count)
{
    pthread_mutex_lock(&room.lock);
    while (room.held_count < count)
        pthread_cond_wait(&room.changed, &room.lock);
    pthread_mutex_unlock(&room.lock);
}

void kit_release(size_t count)
{
    while (count-- > 0) {
        pthread_mutex_lock(&room.lock);
        check(room.held_count > 0);
        struct http_exchange *x = room.held[--room.held_count];
        pthread_mutex_unlock(&room.lock);
        tell(x);
    }
}

/* --- The client's side ------------------------------------------------------------------------ */

struct client *client_open_from(const struct kit *kit, const char *source_address)
{
    struct client *client = malloc(sizeof *client);
    struct sockaddr_in place = { .sin_family = AF_INET };
    assert_non_null(client);
    client->size = 0;
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(client->socket >= 0);
    assert_int_equal(inet_pton(AF_INET, source_address, &place.sin_addr), 1);
    assert_int_equal(bind(client->socket, (struct sockaddr *)&place, sizeof place), 0);
    assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &place.sin_addr), 1);
    place.sin_port = htons((uint16_t)kit->port);
    assert_int_equal(connect(client->socket, (struct sockaddr *)&place, sizeof place), 0);
    return client;
}

struct client *client_open(const struct kit *kit)
{
    return client_open_from(kit, "127.0.0.1");
}

void client_close(struct client *client)
{
    close(client->socket);
    free(client);
}

void client_send_bytes(struct client *client, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(client->socket, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* closed by the server: the test sees it when it receives */
        at += sent;
        size -= (size_t)sent;
    }
}

void client_send(struct client *client, const char *text)
{
    client_send_bytes(client, text, strlen(text));
}

/* False at the end of the stream, and when it was reset. */
static bool receive_more(struct client *client)
{
    struct pollfd wait = { .fd = client->socket, .events = POLLIN };
    assert_true(client->size < sizeof client->data);
    assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1); /* the server neither answers nor closes */
    ssize_t got =
        recv(client->socket, client->data + client->size, sizeof client->data - client->size, 0);
    if (got <= 0)
        return false;
    client->size += (size_t)got;
    return true;
}

static size_t content_length(const char *head)
{
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, "Content-Length:", 15) == 0)
            return strtoul(line + 17, NULL, 10);
    return 0;
}

bool client_receive(struct client *client, bool no_body, struct answer *answer)
{
    char *end;
    for (;;) {
        end = memmem(client->data, client->size, "\r\n\r\n", 4);
        if (end != NULL)
            break;
        if (!receive_more(client))
            return false;
    }
    size_t head_size = (size_t)(end - client->data) + 4;
    assert_true(head_size < sizeof answer->text);
    memcpy(answer->text, client->data, head_size);
    answer->text[head_size] = '\0';
    size_t body_size = no_body ? 0 : content_length(answer->text);
    assert_true(head_size + body_size + 2 < sizeof answer->text);
    while (client->size < head_size + body_size)
        if (!receive_more(client))
            return false;
    char *body = answer->text + head_size + 1;
    memcpy(body, client->data + head_size, body_size);
    body[body_size] = '\0';
    answer->head = (struct str){ answer->text, head_size };
    answer->body = (struct str){ body, body_size };
    answer->status = (int)strtol(answer->text + strlen("HTTP/1.1 "), NULL, 10);
    client->size -= head_size + body_size;
    memmove(client->data, client->data + head_size + body_size, client->size);
    return true;
}

bool client_at_end(struct client *client)
{
    return client->size == 0 && !receive_more(client);
}

void client_read_to_end(struct client *client)
{
    do
        client->size = 0;
    while (receive_more(client));
}

int client_ask(struct client *client, const char *text, struct answer *answer)
{
    client_send(client, text);
    return client_receive(client, strncmp(text, "HEAD ", 5) == 0, answer) ? answer->status : 0;
}

bool answer_has(const struct answer *answer, const char *line)
{
    return strstr(answer->head.data, line) != NULL || strstr(answer->body.data, line) != NULL;
}
