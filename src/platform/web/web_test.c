/* The probe site: its handlers, its pages, and the client that asks it. */
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/web/web_testing.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct trial trial;

/* --- Handlers
 * -------------------------------------------------------------------------------------- */

struct reply probe_list(struct request *r, const struct probe_list_in *in)
{
    trial.lists_made++;
    trial.listed = *in;
    struct probe_view probe = { .title = S("One \"quoted\""), .count = 3, .share = 0.5 };
    struct probe_list_view view = { .sort = str_from(probe_list_sort_names[in->sort]),
                                    .limit = in->limit,
                                    .link = { S("/nowhere") },
                                    .probes = { .items = &probe, .count = 1 } };
    struct reply reply = probe_list_show(r, &view);
    reply.shared = true;
    return reply;
}

struct reply probe_new(struct request *r, const struct probe_new_in *in)
{
    struct probe_add_in add = probe_add_defaults();
    add.campaign_id = in->campaign_id;
    struct probe_new_view view = {
        .form = probe_add_form(r, add),
        .wide_form = probe_wide_form(r, (struct probe_wide_in){ .campaign_id = in->campaign_id }),
    };
    static struct form_option people[2] = { { S("0000000000007"), S("Bea"), false },
                                            { S("0000000000008"), S("Cem"), false } };
    form_offer(probe_wide_field(&view.wide_form, PROBE_WIDE_FIELD_PERSON_ID), people, 2);
    return probe_new_show(r, &view);
}

struct reply probe_named(struct request *r, const struct probe_named_in *in)
{
    return probe_named_show(
        r, &(struct probe_named_view){ .campaign_id = in->campaign_id, .name = in->name });
}

struct reply probe_add(struct request *r, const struct probe_add_in *in)
{
    trial.acted++;
    trial.added = *in;
    if (str_equal(in->title, S("taken title")))
        problem(r, "title", "There is a probe “%s” already.", "taken title");
    return probe_add_done(r, url_probe_named(r->arena, in->campaign_id, S("x1")),
                          "It is there — ✓.",
                          &(struct probe_view){ .campaign_id = in->campaign_id,
                                                .title = in->title,
                                                .kind = str_from(probe_add_kind_names[in->kind]),
                                                .at = 1 });
}

/* What came with a request goes with it; what the test looks at later is copied. */
static void keep(struct str *s)
{
    *s = str_copy(trial.seen, *s);
}

struct reply probe_wide(struct request *r, const struct probe_wide_in *in)
{
    trial.acted++;
    trial.wide = *in;
    struct str *const texts[] = { &trial.wide.title,           &trial.wide.lines,
                                  &trial.wide.story,           &trial.wide.email,
                                  &trial.wide.password,        &trial.wide.code,
                                  &trial.wide.colour,          &trial.wide.picture.bytes,
                                  &trial.wide.picture.filename };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        keep(texts[i]);
    return probe_wide_done(r, url_probe_list(r->arena), "", &(struct probe_view){ 0 });
}

struct reply probe_mine(struct request *r, const struct probe_mine_in *in)
{
    return probe_mine_show(r, &(struct probe_mine_view){ .name = r->who.name });
}

struct reply probe_mine_change(struct request *r, const struct probe_mine_change_in *in)
{
    trial.acted++;
    return probe_mine_change_done(r, url_probe_mine(r->arena), "Changed.");
}

struct reply probe_forbidden(struct request *r, const struct probe_forbidden_in *in)
{
    check(!"a forbidden command ran");
    return (struct reply){ 0 };
}

struct reply probe_hidden(struct request *r, const struct probe_hidden_in *in)
{
    check(!"a hidden page was shown");
    return (struct reply){ 0 };
}

struct reply probe_refuse(struct request *r, const struct probe_refuse_in *in)
{
    trial.acted++;
    return reply_refused(r, 409, "campaign_closed", "This campaign has closed.");
}

/* A column that does not exist: nothing the generator would let through. */
struct reply probe_break(struct request *r, const struct probe_break_in *in)
{
    static const struct sql_query broken = { .name = "broken",
                                             .sqlite = "DELETE FROM no_such_table",
                                             .postgres = "DELETE FROM no_such_table" };
    sql_exec(r->db, &broken, NULL);
    return reply_see(r, url_probe_list(r->arena), "");
}

struct reply probe_often(struct request *r, const struct probe_often_in *in)
{
    trial.acted++;
    return probe_often_done(r, url_probe_list(r->arena), "");
}

bool probe_slow_prepare(struct request *r, const struct probe_slow_in *in)
{
    trial.prepared++;
    if (str_equal(in->title, S("bad")))
        problem(r, "title", "This cannot be prepared.");
    r->prepared = (void *)str_c(r->arena, str_printf(r->arena, "hash of %.*s", STR_ARG(in->title)));
    return !str_equal(in->title, S("fail"));
}

struct reply probe_slow(struct request *r, const struct probe_slow_in *in)
{
    trial.acted++;
    check(strncmp(r->prepared, "hash of ", 8) == 0);
    return probe_slow_done(r, url_probe_list(r->arena), r->prepared);
}

/* --- Pages: what stands in the view, a line each
 * ----------------------------------------------------- */

PROBE_PAGE(probe_list)
{
    const struct probe_list_view *v = view;
    buf_printf(out, "list sort=%.*s limit=%d csrf=%.*s\n", STR_ARG(v->sort), (int)v->limit,
               STR_ARG(web_csrf(r)));
}

static void print_form(struct buf *out, const struct form_view *form)
{
    buf_printf(out, "form %s action=%.*s problems=%zu: %.*s\n", form->route->name,
               STR_ARG(form->action.text), form->problem_count, STR_ARG(form->problem));
    for (size_t i = 0; i < form->field_count; i++) {
        const struct form_field *f = &form->fields[i];
        buf_printf(out, "%s.%s=[%.*s]%s %.*s\n", form->route->name, f->input->name,
                   STR_ARG(f->value), f->checked ? " checked" : "", STR_ARG(f->problem));
        for (size_t k = 0; k < f->option_count; k++)
            if (f->options[k].chosen)
                buf_printf(out, "%s.%s chose %.*s\n", form->route->name, f->input->name,
                           STR_ARG(f->options[k].label));
    }
}

PROBE_PAGE(probe_new)
{
    const struct probe_new_view *v = view;
    print_form(out, &v->form);
    print_form(out, &v->wide_form);
}

PROBE_PAGE(probe_named)
{
    const struct probe_named_view *v = view;
    buf_printf(out, "named %.*s\n", STR_ARG(v->name));
}

PROBE_PAGE(probe_mine)
{
    const struct probe_mine_view *v = view;
    buf_printf(out, "mine %.*s csrf=%.*s\n", STR_ARG(v->name), STR_ARG(web_csrf(r)));
}

PROBE_PAGE(probe_hidden)
{
}

/* --- Hooks
 * ------------------------------------------------------------------------------------------ */

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

/* --- The site
 * ----------------------------------------------------------------------------------------- */

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
    struct str url = str_printf(trial.arena, "sqlite:%s/probe.db", trial.folder);
    check(sql_store_open((struct sql_options){ .url = url }, &site->store, &fault));
    check(sql_run_schema(site->store, read_schema(trial.arena), &fault));
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

int trial_end(void **state)
{
    http_stop(trial.site.server, 5);
    web_stop(&trial.site);
    sql_store_close(trial.site.store);
    static const char *const files[] = { "probe.db", "probe.db-wal", "probe.db-shm" };
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", trial.folder, files[i]);
        unlink(path);
    }
    rmdir(trial.folder);
    arena_free(trial.seen);
    arena_free(trial.arena);
    return 0;
}

/* --- The client
 * --------------------------------------------------------------------------------------- */

static int connected(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)trial.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

struct answer send_raw(const char *request, size_t size)
{
    int fd = connected();
    for (size_t sent = 0; sent < size;) {
        ssize_t more = send(fd, request + sent, size - sent, MSG_NOSIGNAL);
        assert_true(more > 0);
        sent += (size_t)more;
    }
    struct buf all = { .arena = trial.arena };
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

int main(void)
{
    return run_part_tests() + run_input_tests() + run_request_tests() + run_command_tests();
}
