#include "platform/mail/mail.h"

#include "base/buf.h"
#include "base/check.h"
#include "base/id.h"
#include "mail.sql.h"
#include "platform/config/config.h"
#include "platform/mail/mail_inner.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t NOW = 1795288923123456; /* 2026-11-21T19:22:03Z */

struct place {
    struct arena *arena;
    char folder[64];
    pid_t server;
    int server_stdin;
    char smtp_url[64];
    struct sql_store *store;
    struct config config;
    struct mailer mailer;
    struct fault fault;
};

/* --- Scaffolding ------------------------------------------------------------------------------ */

static struct str file_read(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return (struct str){ 0 };
    struct buf text = { .arena = arena };
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        buf_char(&text, (char)c);
    fclose(file);
    return buf_str(&text);
}

static const char *source_path(struct arena *arena, const char *path)
{
    const char *root = getenv("SOURCE_ROOT");
    return str_printf(arena, "%s/%s", root == NULL ? "." : root, path).data;
}

/* Starts mail_server.py; its port is its first line. False where Python has no aiosmtpd. */
static bool server_start(struct place *p, const char *address)
{
    int to[2], from[2];
    check(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    char *argv[] = { (char[]){ "python3" },
                     strdup(source_path(p->arena, "src/platform/mail/mail_server.py")), p->folder,
                     strdup(address), NULL };
    check(posix_spawn(&p->server, "/usr/bin/python3", &actions, NULL, argv, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    free(argv[1]);
    free(argv[3]);
    close(to[0]);
    close(from[1]);
    p->server_stdin = to[1];
    FILE *out = fdopen(from[0], "re");
    int port = 0;
    bool started = fscanf(out, "%d", &port) == 1;
    fclose(out);
    snprintf(p->smtp_url, sizeof p->smtp_url, "smtp://%s:%d", address, port);
    return started;
}

static int setup_plain(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    p->arena = arena_make();
    snprintf(p->folder, sizeof p->folder, "/tmp/manyhands-mail-XXXXXX");
    *state = p;
    return mkdtemp(p->folder) == NULL ? -1 : 0;
}

static int setup_store(void **state)
{
    if (setup_plain(state) != 0)
        return -1;
    struct place *p = *state;
    struct str schema =
        file_read(p->arena, source_path(p->arena, "src/platform/mail/mail_schema.sql"));
    struct sql_options options = { .url = str_printf(p->arena, "sqlite:%s/test.db", p->folder) };
    if (!sql_store_open(options, &p->store, &p->fault) ||
        !sql_run_schema(p->store, schema, &p->fault)) {
        print_error("%s\n", p->fault.detail);
        return -1;
    }
    p->config.mail_from = S("Many Händs <no-reply@example.org>");
    p->mailer = (struct mailer){ .store = p->store, .config = &p->config };
    return 0;
}

static int setup_server(void **state)
{
    if (setup_store(state) != 0)
        return -1;
    struct place *p = *state;
    if (!server_start(p, "127.0.0.1")) {
        print_error("the mail tests need python3-aiosmtpd\n");
        return -1;
    }
    p->config.mail_smtp_url = str_from(p->smtp_url);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    return remove(path);
}

static void server_stop(struct place *p)
{
    if (p->server == 0)
        return;
    close(p->server_stdin);
    waitpid(p->server, NULL, 0);
    p->server = 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    server_stop(p);
    if (p->store != NULL)
        sql_store_close(p->store);
    nftw(p->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(p->arena);
    free(p);
    return 0;
}

static const char *received(struct place *p, const char *name)
{
    return str_c(p->arena,
                 file_read(p->arena, str_printf(p->arena, "%s/%s", p->folder, name).data));
}

/* --- The message ------------------------------------------------------------------------------ */

static void addresses_are_local_at_domain(void **state)
{
    static const char *const good[] = { "a@b", "ann.o'hara+x@mail.example.org",
                                        "x@xn--mller-kva.de" };
    static const char *const bad[] = {
        "",       "a",     "@b",    "a@",    "a@b@c",   "a b@c",  "a@b c",    "a@b\nc",
        "a@b\r",  "a\"@b", "<a@b>", ".a@b",  "a.@b",    "a..b@c", "a@.b",     "a@b.",
        "a@b..c", "a@-b",  "a@b-",  "a@b_c", "a@[1.2]", "jörg@b", "a@müller", "a,b@c",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(mail_address_valid(str_from(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (mail_address_valid(str_from(bad[i])))
            fail_msg("'%s' was accepted", bad[i]);
    char long_address[300];
    memset(long_address, 'a', sizeof long_address);
    memcpy(long_address + 10, "@", 1);
    for (size_t i = 60; i < sizeof long_address; i += 50)
        long_address[i] = '.';
    assert_true(mail_address_valid((struct str){ long_address, 254 }));
    assert_false(mail_address_valid((struct str){ long_address, 255 }));
}

static void a_message_is_written_as_the_standards_say(void **state)
{
    struct place *p = *state;
    struct mail mail = { .to = S("ann@example.org"),
                         .subject = S("Your idea was chosen"),
                         .text = S("Hello Ann,\n\n50 % = half\n.dot\ntrailing \nä\n"),
                         .unsubscribe_url = S("https://example.org/u/1") };
    struct str message =
        mail_message(p->arena, &mail, S("Hands \"& Co\" <no-reply@example.org>"), S("1@x"), NOW);
    assert_string_equal(str_c(p->arena, message),
                        "Date: Sat, 21 Nov 2026 19:22:03 +0000\r\n"
                        "From: \"Hands \\\"& Co\\\"\"\r\n <no-reply@example.org>\r\n"
                        "To: <ann@example.org>\r\n"
                        "Subject: Your idea was chosen\r\n"
                        "Message-ID: <1@x>\r\n"
                        "List-Unsubscribe: <https://example.org/u/1>\r\n"
                        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                        "MIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n"
                        "Auto-Submitted: auto-generated\r\n"
                        "\r\n"
                        "Hello Ann,\r\n\r\n50 % =3D half\r\n=2Edot\r\ntrailing=20\r\n=C3=A4\r\n");
}

static void no_text_can_add_a_header(void **state)
{
    struct place *p = *state;
    struct mail mail = { .to = S("a@b"),
                         .subject = S("x\r\nBcc: all@example.org"),
                         .text = S("hello\n"),
                         .unsubscribe_url = S("https://x/\r\nBcc: all@example.org") };
    struct str message = mail_message(p->arena, &mail, S("n <a@b>"), S("1@x"), NOW);
    assert_true(str_find(message, S("\nBcc")) == SIZE_MAX);
}

static void no_line_is_wider_than_allowed(void **state)
{
    struct place *p = *state;
    struct buf text = { .arena = p->arena };
    for (int i = 0; i < 400; i++)
        buf_add(&text, i % 3 == 0 ? S("ä €") : S("words and = signs "));
    for (size_t size = 0; size <= text.size; size += 7) {
        struct arena_mark mark = arena_mark(p->arena);
        struct mail mail = { .to = S("a@b"),
                             .subject = utf8_clip(buf_str(&text), size / 20),
                             .text = utf8_clip(buf_str(&text), size) };
        struct str rest = mail_message(p->arena, &mail, S("n <a@b>"), S("1@x"), NOW);
        while (rest.size > 0) {
            struct str line = str_cut(&rest, '\n');
            assert_true(str_ends(line, S("\r")));
            assert_in_range(line.size, 1, 77);
        }
        arena_rewind(p->arena, mark);
    }
}

/* --- Sending ---------------------------------------------------------------------------------- */

static void a_mail_arrives_as_it_was_meant(void **state)
{
    struct place *p = *state;
    struct buf text = { .arena = p->arena };
    buf_add(&text, S(".\n..\nFrom here\nGrüße, 你好 = ok \n\n"));
    for (int i = 0; i < 300; i++)
        buf_add(&text, S("éa"));
    buf_add(&text, S("\n"));
    struct mail mail = {
        .to = S("ann@example.org"),
        .subject = S("Ihre Idee „Mehr Fahrradständer vor dem Rathaus“ wurde ausgewählt 🎉"),
        .text = buf_str(&text),
    };
    struct str from = S("Many Händs <no-reply@example.org>");
    struct str message = mail_message(p->arena, &mail, from, S("1@x"), NOW);
    assert_true(mail_send(str_from(p->smtp_url), (struct str){ 0 }, (struct str){ 0 }, from,
                          mail.to, message, &p->fault));
    struct str expected = str_printf(
        p->arena,
        "envelope: no-reply@example.org > ann@example.org\n"
        "from: Many Händs / no-reply@example.org\nto: ann@example.org\nsubject: %.*s\nid: <1@x>\n"
        "date: 2026-11-21T19:22:03+00:00\ndefects: []\n\n%.*s",
        STR_ARG(mail.subject), STR_ARG(mail.text));
    assert_string_equal(received(p, "1.txt"), expected.data);
    assert_true(
        str_equal(file_read(p->arena, str_printf(p->arena, "%s/1.eml", p->folder).data), message));
}

static enum fault_kind kind_for(struct place *p, const char *url, const char *to)
{
    p->fault = (struct fault){ 0 };
    assert_false(mail_send(str_from(url), (struct str){ 0 }, (struct str){ 0 }, S("a@b"),
                           str_from(to), S("Subject: x\r\n\r\nhello\r\n"), &p->fault));
    return p->fault.kind;
}

static void a_5xx_ends_it_and_all_else_may_pass(void **state)
{
    struct place *p = *state;
    assert_int_equal(kind_for(p, p->smtp_url, "refuse@example.org"), FAULT_REFUSED);
    assert_string_equal(p->fault.detail, "mail server: 550 5.1.1 no such mailbox");
    assert_int_equal(kind_for(p, p->smtp_url, "data@example.org"), FAULT_REFUSED);
    assert_string_equal(p->fault.detail, "mail server: 554 5.7.1 we do not like this text");
    assert_int_equal(kind_for(p, p->smtp_url, "later@example.org"), FAULT_UNAVAILABLE);
    assert_string_equal(p->fault.detail, "mail server: 451 4.7.1 come back later");
    server_stop(p);
    assert_int_equal(kind_for(p, p->smtp_url, "ann@example.org"), FAULT_UNAVAILABLE);
}

static void only_smtp_is_spoken(void **state)
{
    struct place *p = *state;
    assert_int_equal(kind_for(p, "http://127.0.0.1:1/", "a@b"), FAULT_UNAVAILABLE);
    assert_non_null(strstr(p->fault.detail, "rotocol"));
    assert_int_equal(kind_for(p, "file:///etc/passwd", "a@b"), FAULT_UNAVAILABLE);
}

static enum mail_outcome login_at(struct place *p, const char *password)
{
    return mail_deliver(str_from(p->smtp_url), S("user"), str_from(password), S("a@b"), S("c@d"),
                        S("From: <a@b>\r\nTo: <c@d>\r\n"
                          "Date: Sat, 21 Nov 2026 19:22:03 +0000\r\n\r\nhello\r\n"))
        .outcome;
}

static void a_wrong_password_is_not_the_mails_fault(void **state)
{
    struct place *p = *state;
    assert_int_equal(login_at(p, "wrong"), MAIL_NO_SERVER);
    assert_int_equal(login_at(p, "right"), MAIL_SENT);
    assert_string_equal(received(p, "logins"), "user\nuser\n");
}

static void a_password_does_not_leave_without_tls(void **state)
{
    struct place *p = *state;
    assert_true(server_start(p, "127.0.0.2")); /* not one of the names that mean this machine */
    assert_int_equal(login_at(p, "right"), MAIL_NO_SERVER);
    assert_string_equal(received(p, "logins"), "");
}

/* --- The outbox ------------------------------------------------------------------------------- */

struct queueing {
    const char *to;
    struct mail_id mail_id;
};

static bool queue_one(struct sql *db, void *context)
{
    struct queueing *q = context;
    struct mail mail = { .to = str_from(q->to), .subject = S("Hello"), .text = S("A text.\n") };
    mail_queue(db, NOW, &mail);
    struct mail_list_row *rows;
    struct mail_list newest = { .mail_state = S("waiting"), .limit = 1 };
    if (mail_list(db, newest, &rows) == 1)
        q->mail_id = rows[0].mail_id;
    return true;
}

static struct mail_id queue(struct place *p, const char *to)
{
    struct queueing q = { .to = to };
    assert_int_equal(sql_submit_wait(p->store, queue_one, &q, &p->fault), SQL_KEPT);
    return q.mail_id;
}

static struct mail_one_row row_of(struct place *p, struct mail_id id)
{
    struct mail_one_row row = { 0 };
    struct sql *db = sql_read_begin(p->store, p->arena, &p->fault);
    assert_non_null(db);
    assert_true(mail_one(db, (struct mail_one){ id }, &row));
    assert_true(sql_read_end(p->store, db));
    return row;
}

static bool is_kept(struct place *p, struct mail_id id)
{
    struct mail_one_row row;
    struct sql *db = sql_read_begin(p->store, p->arena, &p->fault);
    assert_non_null(db);
    bool kept = mail_one(db, (struct mail_one){ id }, &row);
    assert_true(sql_read_end(p->store, db));
    return kept;
}

static void assert_state(struct place *p, struct mail_id id, const char *mail_state, int64_t tries)
{
    struct mail_one_row row = row_of(p, id);
    assert_string_equal(str_c(p->arena, row.mail_state), mail_state);
    assert_int_equal(row.tries, tries);
}

static void without_a_mail_server_mails_wait(void **state)
{
    struct place *p = *state;
    struct mail_id id = queue(p, "ann@example.org");
    assert_true(mail_job(&p->mailer, NOW + 1, &p->fault));
    assert_state(p, id, "waiting", 0);
}

static void each_mail_ends_as_the_server_answers(void **state)
{
    struct place *p = *state;
    struct mail_id refused = queue(p, "refuse@example.org");
    struct mail_id later = queue(p, "later@example.org");
    struct mail_id good = queue(p, "ann@example.org");
    assert_true(mail_job(&p->mailer, NOW, &p->fault));
    assert_state(p, refused, "failed", 1);
    assert_state(p, later, "waiting", 1);
    assert_state(p, good, "sent", 1);
    assert_int_equal(row_of(p, good).mail_text.size, 0); /* the words are not kept */
    assert_true(str_starts(row_of(p, refused).last_answer, S("550 5.1.1")));
    char id_printed[ID_TEXT_SIZE + 1];
    id_print(good.value, id_printed);
    assert_non_null(strstr(received(p, "1.txt"), id_printed));

    /* Sent once, and not before it is due. */
    assert_true(mail_job(&p->mailer, NOW + 59000000, &p->fault));
    assert_state(p, later, "waiting", 1);
    assert_int_equal(strlen(received(p, "2.txt")), 0);
    assert_true(mail_job(&p->mailer, row_of(p, later).next_try_at, &p->fault));
    assert_state(p, later, "waiting", 2);
}

static void a_mail_that_never_passes_is_given_up_after_four_days(void **state)
{
    struct place *p = *state;
    struct mail_id id = queue(p, "later@example.org");
    int64_t now = NOW, tries = 0;
    for (; str_equal(row_of(p, id).mail_state, S("waiting")); tries++) {
        assert_true(tries < 20);
        now = row_of(p, id).next_try_at;
        assert_true(mail_job(&p->mailer, now, &p->fault));
    }
    assert_state(p, id, "failed", tries);
    assert_int_equal(tries, 9);
    assert_in_range(now - NOW, INT64_C(80) * 3600 * 1000000, INT64_C(82) * 3600 * 1000000);
}

static void a_dead_server_costs_the_others_no_try(void **state)
{
    struct place *p = *state;
    p->config.mail_smtp_url = S("smtp://127.0.0.1:1");
    struct mail_id ids[2] = { queue(p, "ann@example.org"), queue(p, "bob@example.org") };
    assert_false(mail_job(&p->mailer, NOW, &p->fault));
    assert_int_equal(p->fault.kind, FAULT_UNAVAILABLE);
    assert_int_equal(row_of(p, ids[0]).tries + row_of(p, ids[1]).tries, 1);
}

static void sent_mails_are_forgotten_after_a_month(void **state)
{
    struct place *p = *state;
    int64_t day = INT64_C(86400) * 1000000;
    struct mail_id id = queue(p, "ann@example.org");
    struct mail_id failed = queue(p, "refuse@example.org");
    assert_true(mail_job(&p->mailer, NOW, &p->fault));
    assert_true(mail_job(&p->mailer, NOW + 29 * day, &p->fault));
    assert_state(p, id, "sent", 1);
    assert_true(mail_job(&p->mailer, NOW + 31 * day, &p->fault));
    assert_state(p, failed, "failed", 1); /* stays until somebody has seen it */
    assert_false(is_kept(p, id));
}

static bool forget_ann(struct sql *db, void *context)
{
    mail_forget(db, S("Ann@example.ORG"));
    return true;
}

static void an_address_is_forgotten_however_it_was_typed(void **state)
{
    struct place *p = *state;
    struct mail_id hers[] = { queue(p, "ann@example.org"), queue(p, "ANN@example.org"),
                              queue(p, "Ann@example.ORG") };
    struct mail_id of_another = queue(p, "joann@example.org");
    assert_int_equal(sql_submit_wait(p->store, forget_ann, NULL, &p->fault), SQL_KEPT);
    for (size_t i = 0; i < sizeof hers / sizeof hers[0]; i++)
        assert_false(is_kept(p, hers[i]));
    assert_true(is_kept(p, of_another));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_local_at_domain),
#define test_plain(name) cmocka_unit_test_setup_teardown(name, setup_plain, teardown)
        test_plain(a_message_is_written_as_the_standards_say),
        test_plain(no_text_can_add_a_header),
        test_plain(no_line_is_wider_than_allowed),
        test_plain(only_smtp_is_spoken),
        test_plain(a_password_does_not_leave_without_tls),
#define test_store(name) cmocka_unit_test_setup_teardown(name, setup_store, teardown)
        test_store(without_a_mail_server_mails_wait),
        test_store(a_dead_server_costs_the_others_no_try),
        test_store(an_address_is_forgotten_however_it_was_typed),
#define test_server(name) cmocka_unit_test_setup_teardown(name, setup_server, teardown)
        test_server(a_mail_arrives_as_it_was_meant),
        test_server(a_5xx_ends_it_and_all_else_may_pass),
        test_server(a_wrong_password_is_not_the_mails_fault),
        test_server(each_mail_ends_as_the_server_answers),
        test_server(a_mail_that_never_passes_is_given_up_after_four_days),
        test_server(sent_mails_are_forgotten_after_a_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
