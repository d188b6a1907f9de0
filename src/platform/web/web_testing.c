/* The site of the tests, and the client that asks it. */
#include "platform/web/web_testing.h"
#include "base/check.h"
#include "platform/blobs/blobs.h"
#include <arpa/inet.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct trial trial;
bool trial_on_postgres;

/* --- Hooks ------------------------------------------------------------------------------------ */

static void authenticate(struct request *r, struct str session, struct str bearer)
{
    bool by_token = str_equal(bearer, S("alice-token"));
    if (!by_token && !str_equal(session, S("alice-session")))
        return;
    r->who = (struct identity){
        .person = 1, .session = by_token ? 0 : 1, .name = S("alice"), .by_token = by_token
    };
}

static enum verdict authorise(struct request *r, const void *in)
{
    struct str permission = str_from(r->route->permission);
    if (str_equal(permission, S("never")))
        return VERDICT_NO;
    if (str_equal(permission, S("hidden")))
        return VERDICT_NOT_FOUND;
    if (str_equal(permission, S("account")) && r->who.person == 0)
        return VERDICT_SIGN_IN;
    return VERDICT_YES;
}

static void frame(struct request *r, struct frame_view *view)
{
}

static struct url sign_in(struct request *r, struct str next)
{
    struct buf to = { .arena = r->arena };
    buf_add(&to, S("/sign-in?next="));
    html_url_part(&to, next);
    return (struct url){ buf_str(&to) };
}

/* --- The site --------------------------------------------------------------------------------- */

static struct str read_schema(struct arena *arena)
{
    const char *root = getenv("SOURCE_ROOT");
    struct str path = str_printf(arena, "%s/src/platform/web/web_schema.sql", root ? root : ".");
    FILE *file = fopen(str_c(arena, path), "r");
    assert_non_null(file);
    char *text = arena_take(arena, 65536);
    size_t size = fread(text, 1, 65535, file);
    fclose(file);
    return (struct str){ text, size };
}

static void run_on_server(const char *text)
{
    PGconn *connection = PQconnectdb(getenv("MANYHANDS_TEST_POSTGRES"));
    PGresult *result = PQexec(connection, text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text, PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

/* On PostgreSQL a schema of its own stands for a database of its own: it is made much faster. */
static struct str store_url(void)
{
    if (!trial_on_postgres)
        return str_printf(trial.arena, "sqlite:%s/probe.db", trial.folder);
    static unsigned made;
    snprintf(trial.schema, sizeof trial.schema, "web_trial_%d_%u", (int)getpid(), ++made);
    run_on_server(str_c(trial.arena, str_printf(trial.arena, "CREATE SCHEMA %s", trial.schema)));
    const char *url = getenv("MANYHANDS_TEST_POSTGRES");
    return str_printf(trial.arena, "%s%coptions=-csearch_path%%3D%s", url,
                      strchr(url, '?') != NULL ? '&' : '?', trial.schema);
}

int trial_begin(void **state)
{
    struct fault fault = { 0 };
    trial = (struct trial){ .arena = arena_make(), .seen = arena_make() };
    strncpy(trial.folder, "/tmp/web_test.XXXXXX", sizeof trial.folder - 1);
    check(mkdtemp(trial.folder) != NULL);
    trial.config = (struct config){ .server_public_url = S("http://probe.example"),
                                    .server_rate_limits = true };
    struct site *site = &trial.site;
    *site = (struct site){ .config = &trial.config,
                           .hooks = { .authenticate = authenticate,
                                      .authorise = authorise,
                                      .frame = frame,
                                      .sign_in = sign_in } };
    check(sql_store_open((struct sql_options){ .url = store_url(), .connections = 4 }, &site->store,
                         &fault));
    check(sql_run_schema(site->store, read_schema(trial.arena), &fault));
    struct str files = str_printf(trial.arena, "%s/files", trial.folder);
    check(blob_store_open(files, &site->blobs, &fault));
    web_start(site);
    struct http_options options = { .listen = S("127.0.0.1:0"),
                                    .threads = 1,
                                    .connections_max = 100,
                                    .header_seconds = 10,
                                    .body_seconds = 10,
                                    .idle_seconds = 10,
                                    .body_bytes_max = 1000000,
                                    .handle = web_handle,
                                    .context = site };
    check(http_start(&options, &site->server, &fault));
    trial.port = http_port(site->server);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    return remove(path);
}

int trial_end(void **state)
{
    http_stop(trial.site.server, 5);
    web_stop(&trial.site);
    sql_store_close(trial.site.store);
    blob_store_close(trial.site.blobs);
    if (trial_on_postgres)
        run_on_server(str_c(trial.arena, str_printf(trial.arena,
                                                    "SET client_min_messages = error; "
                                                    "DROP SCHEMA %s CASCADE",
                                                    trial.schema)));
    nftw(trial.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(trial.seen);
    arena_free(trial.arena);
    return 0;
}

/* --- The client ------------------------------------------------------------------------------- */

static int connected(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)trial.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

struct answer send_to_site(struct arena *arena, struct str request)
{
    int fd = connected();
    for (size_t sent = 0; sent < request.size;) {
        ssize_t more = send(fd, request.data + sent, request.size - sent, MSG_NOSIGNAL);
        assert_true(more > 0);
        sent += (size_t)more;
    }
    struct buf all = { .arena = arena };
    for (;;) {
        buf_reserve(&all, 65536);
        ssize_t more = recv(fd, all.data + all.size, 65536, 0);
        if (more <= 0)
            break;
        all.size += (size_t)more;
    }
    close(fd);
    struct str text = buf_str(&all);
    size_t end = str_find(text, S("\r\n\r\n"));
    assert_true(end != SIZE_MAX && text.size > 12);
    return (struct answer){ .status = (int)strtol(text.data + 9, NULL, 10),
                            .head = str_slice(text, 0, end + 2),
                            .body = str_slice(text, end + 4, SIZE_MAX) };
}

struct answer send_raw(const char *request, size_t size)
{
    return send_to_site(trial.arena, (struct str){ request, size });
}

struct answer get(const char *target, const char *headers)
{
    struct str request = str_printf(
        trial.arena, "GET %s HTTP/1.1\r\nHost: probe.example\r\n%sConnection: close\r\n\r\n",
        target, headers);
    return send_raw(request.data, request.size);
}

struct answer post(const char *target, const char *headers, const char *type, struct str body)
{
    struct buf request = { .arena = trial.arena };
    buf_printf(&request,
               "POST %s HTTP/1.1\r\nHost: probe.example\r\n%sContent-Type: %s\r\n"
               "Content-Length: %zu\r\nConnection: close\r\n\r\n",
               target, headers, type, body.size);
    buf_add(&request, body);
    return send_raw(request.data, request.size);
}

struct answer post_form(const char *target, const char *body)
{
    return post(target, OWN_ORIGIN, "application/x-www-form-urlencoded", str_from(body));
}

struct answer post_json(const char *target, const char *body)
{
    return post(target, ALICE_TOKEN, "application/json", str_from(body));
}

struct str header(struct answer answer, const char *name)
{
    struct str rest = answer.head;
    while (rest.size > 0) {
        struct str line = str_cut(&rest, '\n');
        struct str before = str_cut(&line, ':');
        if (str_equal_nocase(before, str_from(name)))
            return str_trim(line);
    }
    return (struct str){ 0 };
}

bool holds(struct str text, const char *part)
{
    return str_find(text, str_from(part)) != SIZE_MAX;
}

void assert_holds(struct str text, const char *part)
{
    if (!holds(text, part))
        fail_msg("“%s” is not in:\n%.*s", part, STR_ARG(text));
}

void assert_lacks(struct str text, const char *part)
{
    if (holds(text, part))
        fail_msg("“%s” is in:\n%.*s", part, STR_ARG(text));
}
