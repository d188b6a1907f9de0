#include "platform/fetch/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"
#include "platform/clock/clock.h"

/* --- A server that means no good -------------------------------------------------------------- */

enum { CONNECTIONS_MAX = 256 };

struct hostile {
    int listening, listening_v6, port; /* the same port; -1 where there is no IPv6 */
    pthread_t thread;
    _Atomic bool is_over;
    _Atomic int connections;
    pthread_t answering[CONNECTIONS_MAX]; /* of each connection; for `thread` until it has ended */
    pthread_mutex_t lock;
    char asked[8192]; /* the last request, under the lock */
};

static struct hostile server = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool say(int fd, const char *text)
{
    return send(fd, text, strlen(text), MSG_NOSIGNAL) > 0;
}

static void misbehave(int fd, const char *path)
{
    if (strcmp(path, "/slow") == 0) {
        while (!server.is_over && recv(fd, (char[1]){ 0 }, 1, MSG_DONTWAIT) != 0)
            usleep(10000);
    } else if (strcmp(path, "/endless") == 0) {
        say(fd, "HTTP/1.1 200 OK\r\n\r\n");
        while (!server.is_over && say(fd, "more and more and more and more and more and more "))
            continue;
    } else if (strcmp(path, "/drip") == 0) {
        say(fd, "HTTP/1.1 200 OK\r\n\r\n");
        while (!server.is_over && say(fd, "."))
            usleep(20000);
    } else if (strcmp(path, "/heads") == 0) {
        say(fd, "HTTP/1.1 200 OK\r\n");
        while (!server.is_over && say(fd, "X-Again: and again and again and again\r\n"))
            continue;
    } else if (strcmp(path, "/redirect") == 0) {
        say(fd, "HTTP/1.1 302 Found\r\nLocation: /secret\r\nContent-Length: 0\r\n\r\n");
    } else if (strcmp(path, "/gone") == 0) {
        say(fd, "HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\nGone");
    } else if (strcmp(path, "/noise") == 0) {
        say(fd, "220 mail.example.org ESMTP\r\n");
    } else {
        say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nThere");
    }
}

static void *answer_one(void *context)
{
    int fd = (int)(intptr_t)context;
    char request[8192] = "", method[16] = "", path[256] = "";
    ssize_t size = 0;
    while (strstr(request, "\r\n\r\n") == NULL && size < (ssize_t)sizeof request - 1) {
        ssize_t more = recv(fd, request + size, sizeof request - 1 - (size_t)size, 0);
        if (more <= 0)
            break;
        size += more;
    }
    pthread_mutex_lock(&server.lock);
    memcpy(server.asked, request, sizeof request);
    pthread_mutex_unlock(&server.lock);
    struct str rest = str_from(request), verb = str_cut(&rest, ' '), at = str_cut(&rest, ' ');
    snprintf(method, sizeof method, "%.*s", STR_ARG(verb));
    snprintf(path, sizeof path, "%.*s", STR_ARG(at));
    misbehave(fd, path);
    close(fd);
    return NULL;
}

static void *serve(void *context)
{
    (void)context;
    while (!server.is_over) {
        struct pollfd waiting[] = { { .fd = server.listening, .events = POLLIN },
                                    { .fd = server.listening_v6, .events = POLLIN } };
        if (poll(waiting, 2, 20) <= 0)
            continue;
        bool by_v4 = waiting[0].revents != 0;
        int fd = accept(by_v4 ? server.listening : server.listening_v6, NULL, NULL);
        check(server.connections < CONNECTIONS_MAX);
        pthread_t *thread = &server.answering[server.connections++];
        check(pthread_create(thread, NULL, answer_one, (void *)(intptr_t)fd) == 0);
    }
    return NULL;
}

static int server_start(void **state)
{
    (void)state;
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    server.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(bind(server.listening, (struct sockaddr *)&at, sizeof at) == 0);
    check(listen(server.listening, 16) == 0);
    check(getsockname(server.listening, (struct sockaddr *)&at, &size) == 0);
    server.port = ntohs(at.sin_port);
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_addr = in6addr_loopback,
                               .sin6_port = at.sin_port };
    server.listening_v6 = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server.listening_v6 >= 0 &&
        (bind(server.listening_v6, (struct sockaddr *)&v6, sizeof v6) != 0 ||
         listen(server.listening_v6, 16) != 0)) {
        close(server.listening_v6);
        server.listening_v6 = -1;
    }
    return pthread_create(&server.thread, NULL, serve, NULL);
}

static int server_stop(void **state)
{
    (void)state;
    server.is_over = true;
    pthread_join(server.thread, NULL);
    for (int i = 0; i < server.connections; i++)
        pthread_join(server.answering[i], NULL);
    close(server.listening);
    if (server.listening_v6 >= 0)
        close(server.listening_v6);
    return 0;
}

/* --- Asking it -------------------------------------------------------------------------------- */

static struct arena *arena;

static int arena_begin(void **state)
{
    (void)state;
    arena = arena_make();
    return 0;
}

static int arena_end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

struct name {
    const char *first, *second; /* what it resolves to, and what it does the next time */
    int asked;
};

static bool resolve_as_told(const char *host, struct fetch_addresses *found, void *context)
{
    (void)host;
    struct name *name = context;
    const char *text = name->asked++ == 0 ? name->first : name->second;
    struct sockaddr_in *v4 = (struct sockaddr_in *)&found->at[0];
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&found->at[0];
    found->count = 1;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        return true;
    }
    v6->sin6_family = AF_INET6;
    return inet_pton(AF_INET6, text, &v6->sin6_addr) == 1;
}

static const struct fetch_rules open_rules = { .allow_http = true, .allow_private = true };

/* `ms_max`: what cuts off an answer that never ends. */
static struct fetch_answer ask_within(const struct fetch_rules *rules, const char *host,
                                      const char *path, int ms_max)
{
    struct fetch_request request = {
        .url = str_printf(arena, "http://%s:%d%s", host, server.port, path),
        .is_post = true,
        .content_type = S("application/json"),
        .body = S("{\"a\":1}"),
        .headers = (struct fetch_header[]){ { "Webhook-Id", S("msg_1") } },
        .header_count = 1,
        .answer_bytes_max = 1000,
        .connect_ms_max = ms_max,
        .time_ms_max = ms_max,
    };
    return fetch(arena, rules, &request);
}

static struct fetch_answer ask_with(const struct fetch_rules *rules, const char *host,
                                    const char *path)
{
    return ask_within(rules, host, path, 10000);
}

/* A copy of the last request. */
static const char *asked(void)
{
    pthread_mutex_lock(&server.lock);
    const char *copy = str_c(arena, str_from(server.asked));
    pthread_mutex_unlock(&server.lock);
    return copy;
}

static struct fetch_answer ask(const char *path)
{
    return ask_with(&open_rules, "127.0.0.1", path);
}

static void what_is_sent_arrives_and_the_answer_comes_back(void **state)
{
    (void)state;
    struct fetch_answer answer = ask("/");
    assert_int_equal(answer.outcome, FETCH_ANSWERED);
    assert_int_equal(answer.status, 200);
    assert_true(str_equal(answer.body, S("There")));
    assert_false(answer.is_cut);
    assert_non_null(strstr(asked(), "POST / HTTP/1.1\r\n"));
    assert_non_null(strstr(asked(), "Webhook-Id: msg_1\r\n"));
    assert_non_null(strstr(asked(), "Content-Type: application/json\r\n"));
    assert_non_null(strstr(asked(), "User-Agent: Manyhands/"));
    assert_null(strstr(asked(), "Expect"));
}

static void an_address_of_ipv6_is_asked_by_itself_and_by_name(void **state)
{
    (void)state;
    struct name name = { "::1", "::1", 0 };
    struct fetch_rules rules = open_rules;
    if (server.listening_v6 < 0)
        skip();
    assert_int_equal(ask_with(&rules, "[::1]", "/").status, 200);
    rules.resolve = resolve_as_told;
    rules.resolve_context = &name;
    assert_int_equal(ask_with(&rules, "six.example", "/").status, 200);
}

static void a_status_is_an_answer_whatever_it_says(void **state)
{
    (void)state;
    struct fetch_answer answer = ask("/gone");
    assert_int_equal(answer.outcome, FETCH_ANSWERED);
    assert_int_equal(answer.status, 410);
}

static void a_server_that_never_answers_costs_its_time_and_no_more(void **state)
{
    (void)state;
    int64_t begun = clock_monotonic();
    struct fetch_answer answer = ask_within(&open_rules, "127.0.0.1", "/slow", 500);
    assert_int_equal(answer.outcome, FETCH_NO_ANSWER);
    assert_true(str_equal(answer.trouble, S("no answer in time")));
    assert_true(clock_monotonic() - begun < 2000000);
}

static void of_an_endless_body_only_what_is_wanted_is_read(void **state)
{
    (void)state;
    struct fetch_answer answer = ask("/endless");
    assert_int_equal(answer.outcome, FETCH_ANSWERED);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body.size, 1000);
    assert_true(answer.is_cut);
    answer = ask_within(&open_rules, "127.0.0.1", "/drip", 1000);
    assert_int_equal(answer.outcome, FETCH_ANSWERED);
    assert_true(answer.is_cut && answer.body.size < 100);
}

static void an_endless_head_is_no_answer(void **state)
{
    (void)state;
    struct fetch_answer answer = ask("/heads");
    assert_int_equal(answer.outcome, FETCH_NO_ANSWER);
    assert_int_equal(ask("/noise").outcome, FETCH_NO_ANSWER);
}

static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    int before = server.connections;
    struct fetch_answer answer = ask("/redirect");
    assert_int_equal(answer.status, 302);
    assert_int_equal(server.connections, before + 1);
}

static void a_stop_ends_it_at_once(void **state)
{
    (void)state;
    static const _Atomic bool stop = true;
    struct fetch_request request = {
        .url = str_printf(arena, "http://127.0.0.1:%d/slow", server.port),
        .answer_bytes_max = 10,
        .connect_ms_max = 5000,
        .time_ms_max = 5000,
        .stop = &stop,
    };
    int64_t begun = clock_monotonic();
    assert_int_equal(fetch(arena, &open_rules, &request).outcome, FETCH_STOPPED);
    assert_true(clock_monotonic() - begun < 3000000);
}

/* --- Whom it asks ----------------------------------------------------------------------------- */

static void a_name_that_leads_to_this_machine_is_not_asked(void **state)
{
    (void)state;
    int before = server.connections;
    static const char *const inside[] = {
        "127.0.0.1", "10.0.0.7", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "169.254.169.254"
    };
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        struct name name = { inside[i], "8.8.8.8", 0 };
        struct fetch_rules rules = { .allow_http = true,
                                     .resolve = resolve_as_told,
                                     .resolve_context = &name };
        struct fetch_answer answer = ask_with(&rules, "innocent.example", "/secret");
        assert_int_equal(answer.outcome, FETCH_FORBIDDEN);
    }
    assert_int_equal(server.connections, before);
}

static void a_name_is_resolved_once_and_the_judged_address_is_asked(void **state)
{
    (void)state;
    int before = server.connections;
    struct name name = { "127.0.0.1", "10.255.255.1", 0 };
    struct fetch_rules rules = open_rules;
    rules.resolve = resolve_as_told;
    rules.resolve_context = &name;
    struct fetch_answer answer = ask_with(&rules, "turning.example", "/");
    assert_int_equal(answer.status, 200);
    assert_int_equal(name.asked, 1);
    assert_int_equal(server.connections, before + 1);
    assert_non_null(strstr(asked(), "Host: turning.example:"));
}

static void every_way_to_write_this_machine_is_recognised(void **state)
{
    (void)state;
    struct fetch_rules rules = { .allow_http = true };
    static const char *const written[] = { "127.0.0.1", "127.1",           "2130706433",
                                           "0x7f.1",    "0177.0.0.1",      "[::1]",
                                           "localhost", "[::ffff:7f00:1]", "0.0.0.0" };
    int before = server.connections;
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
        struct fetch_answer answer = ask_with(&rules, written[i], "/secret");
        assert_true(answer.outcome == FETCH_FORBIDDEN || answer.outcome == FETCH_NO_ANSWER);
    }
    assert_int_equal(server.connections, before);
}

static const char *judged(const char *text, bool allow_private)
{
    struct name name = { text, text, 0 };
    struct fetch_addresses found = { 0 };
    check(resolve_as_told("", &found, &name));
    return fetch_judge_address((const struct sockaddr *)&found.at[0], allow_private);
}

static void only_public_addresses_may_be_asked(void **state)
{
    (void)state;
    static const char *const inner[] = {
        "127.0.0.1",   "127.255.255.254", "10.1.2.3",   "172.16.0.1",      "172.31.255.255",
        "192.168.1.1", "169.254.1.1",     "100.64.0.1", "100.127.255.255", "::1",
        "fc00::1",     "fd12:3456::1",    "fe80::1",    "fec0::1",
    };
    static const char *const never[] = {
        "0.0.0.0",
        "0.1.2.3",
        "192.0.0.170",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "198.18.0.1",
        "198.19.255.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "::",
        "::7f00:1",
        "::ffff:8.8.8.8",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "ff02::1",
        "fd00:ec2::254",
        "3fff::1",
        "5f00::1",
    };
    static const char *const fine[] = { "8.8.8.8",         "172.32.0.1",      "172.15.255.255",
                                        "100.63.255.255",  "1.1.1.1",         "11.0.0.1",
                                        "223.255.255.255", "2606:4700::1111", "2a00:1450::1",
                                        "64:ff9b::808:808" };
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        assert_non_null(judged(inner[i], false));
        assert_null(judged(inner[i], true));
    }
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_non_null(judged(never[i], false));
        assert_non_null(judged(never[i], true));
    }
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        assert_null(judged(fine[i], false));
}

static void a_typed_url_is_judged_by_a_sentence(void **state)
{
    (void)state;
    static const struct fetch_rules strict = { 0 };
    static const char *const wrong[] = {
        "",
        "example.org/hook",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://example.org/hook",
        "https://user:word@example.org/",
        "https://example.org:25/",
        "https://example.org:22/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://exa mple.org/",
        "https://example.org/\r\nX: 1",
        "https://exämple.org/",
        "https://example.org\\@127.0.0.1/",
        "gopher://example.org/",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_true(fetch_judge_url(arena, &strict, str_from(wrong[i])).size > 0);
    assert_int_equal(fetch_judge_url(arena, &strict, S("https://example.org/hook?a=1")).size, 0);
    assert_int_equal(fetch_judge_url(arena, &strict, S("https://example.org:8443/")).size, 0);
    assert_int_equal(fetch_judge_url(arena, &open_rules, S("http://127.0.0.1:9000/")).size, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_begin, arena_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent_arrives_and_the_answer_comes_back),
        TEST(an_address_of_ipv6_is_asked_by_itself_and_by_name),
        TEST(a_status_is_an_answer_whatever_it_says),
        TEST(a_server_that_never_answers_costs_its_time_and_no_more),
        TEST(of_an_endless_body_only_what_is_wanted_is_read),
        TEST(an_endless_head_is_no_answer),
        TEST(a_redirect_is_not_followed),
        TEST(a_stop_ends_it_at_once),
        TEST(a_name_that_leads_to_this_machine_is_not_asked),
        TEST(a_name_is_resolved_once_and_the_judged_address_is_asked),
        TEST(every_way_to_write_this_machine_is_recognised),
        TEST(only_public_addresses_may_be_asked),
        TEST(a_typed_url_is_judged_by_a_sentence),
    };
    return cmocka_run_group_tests_name("fetch", tests, server_start, server_stop);
}
