/* Time, crowds and endings: deadlines, limits, answers from other threads, clients that leave,
 * stopping. */
#include "platform/http/http_test_kit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_ROUNDS = 300, ROUND_MS = 100 };

static struct answer answer; /* too large for the stack */

static void pause_round(void)
{
    poll(NULL, 0, ROUND_MS);
}

static bool has_something_to_read(const struct client *client)
{
    struct pollfd wait = { .fd = client->socket, .events = POLLIN };
    return poll(&wait, 1, 0) == 1;
}

static void wait_open(const struct kit *kit, int64_t count)
{
    for (int i = 0; i < PATIENCE_ROUNDS; i++) {
        if (http_counts(kit->server).connections_open == count)
            return;
        pause_round();
    }
    fail_msg("%lld connections are open, not %lld",
             (long long)http_counts(kit->server).connections_open, (long long)count);
}

/* --- Deadlines -------------------------------------------------------------------------------- */

/* Sends a byte every round, so that the connection is never inactive, until the server closes;
   another client is served all the while. */
static void assert_dropped_though_active(struct http_options options, const char *beginning)
{
    struct kit kit = kit_start(options);
    struct client *slow = client_open(&kit), *other = client_open(&kit);
    client_send(slow, beginning);
    int round = 0;
    while (round++ < PATIENCE_ROUNDS && !has_something_to_read(slow)) {
        client_send(slow, "x");
        assert_int_equal(client_ask(other, GET("/echo"), &answer), 200);
        pause_round();
    }
    assert_true(client_at_end(slow));
    assert_int_equal(http_counts(kit.server).deadline_drops, 1);
    client_close(slow);
    client_close(other);
    kit_stop(&kit, 5);
}

static void a_slow_head_is_dropped_while_others_are_served(void **state)
{
    struct http_options options = kit_options();
    options.header_seconds = 1;
    assert_dropped_though_active(options, "GET /echo HTTP/1.1\r\nHost: x\r\nX-Test: ");
}

static void a_slow_first_line_is_dropped(void **state)
{
    struct http_options options = kit_options();
    options.header_seconds = 1;
    assert_dropped_though_active(options, "GET /");
}

static void a_slow_body_is_dropped(void **state)
{
    struct http_options options = kit_options();
    options.body_seconds = 1;
    assert_dropped_though_active(options,
                                 "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n");
}

static void a_slow_second_head_is_dropped(void **state)
{
    struct http_options options = kit_options();
    options.header_seconds = 1;
    struct kit kit = kit_start(options);
    struct client *client = client_open(&kit);
    assert_int_equal(client_ask(client, GET("/echo"), &answer), 200);
    client_send(client, "GET /echo HTTP/1.1\r\nHost: x\r\n");
    assert_true(client_at_end(client));
    assert_int_equal(http_counts(kit.server).deadline_drops, 1);
    client_close(client);
    kit_stop(&kit, 5);
}

static void an_idle_connection_is_closed_without_blame(void **state)
{
    struct http_options options = kit_options();
    options.idle_seconds = 1;
    struct kit kit = kit_start(options);
    struct client *client = client_open(&kit);
    assert_int_equal(client_ask(client, GET("/echo"), &answer), 200);
    assert_true(client_at_end(client));
    assert_int_equal(http_counts(kit.server).deadline_drops, 0);
    client_close(client);
    kit_stop(&kit, 5);
}

static void the_handler_may_take_longer_than_any_deadline(void **state)
{
    struct http_options options = kit_options();
    options.header_seconds = options.body_seconds = options.idle_seconds = 1;
    struct kit kit = kit_start(options);
    struct client *client = client_open(&kit);
    client_send(client, GET("/hold"));
    kit_wait_held(1);
    for (int i = 0; i < 20; i++)
        pause_round();
    kit_release(1);
    assert_true(client_receive(client, false, &answer));
    assert_int_equal(answer.status, 200);
    client_close(client);
    kit_stop(&kit, 5);
}

/* --- Crowds ----------------------------------------------------------------------------------- */

enum { CROWD_THREADS = 4, CROWD_EACH = 50, CROWD_ROUNDS = 3 };

static void *crowd(void *context)
{
    const struct kit *kit = context;
    struct client *clients[CROWD_EACH];
    struct answer *own = malloc(sizeof *own);
    intptr_t good = 0;
    for (int i = 0; i < CROWD_EACH; i++)
        clients[i] = client_open(kit);
    for (int round = 0; round < CROWD_ROUNDS; round++) {
        for (int i = 0; i < CROWD_EACH; i++)
            client_send(clients[i], i % 2 ? GET("/later?x") : GET("/echo") GET("/later"));
        for (int i = 0; i < CROWD_EACH; i++)
            for (int j = i % 2; j < 2; j++)
                good += client_receive(clients[i], false, own) && own->status == 200;
    }
    for (int i = 0; i < CROWD_EACH; i++)
        client_close(clients[i]);
    free(own);
    return (void *)good;
}

static void two_hundred_connections_are_served_at_once(void **state)
{
    struct kit kit = kit_start(kit_options());
    pthread_t threads[CROWD_THREADS];
    for (int i = 0; i < CROWD_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, crowd, &kit), 0);
    for (int i = 0; i < CROWD_THREADS; i++) {
        void *good;
        pthread_join(threads[i], &good);
        assert_int_equal((intptr_t)good, CROWD_ROUNDS * CROWD_EACH * 3 / 2);
    }
    int64_t expected = CROWD_THREADS * CROWD_ROUNDS * CROWD_EACH * 3 / 2;
    wait_open(&kit, 0);
    struct http_counts counts = http_counts(kit.server);
    assert_int_equal(counts.requests, expected);
    assert_int_equal(counts.answers_by_class[2], expected);
    kit_stop(&kit, 5);
}

static void one_address_may_not_take_every_connection(void **state)
{
    struct http_options options = kit_options();
    options.per_address_max = 3;
    options.threads = 1;
    struct kit kit = kit_start(options);
    struct client *clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = client_open(&kit);
        assert_int_equal(client_ask(clients[i], GET("/echo"), &answer), 200);
    }
    struct client *refused = client_open(&kit), *other = client_open_from(&kit, "127.0.0.2");
    assert_int_equal(client_ask(refused, GET("/echo"), &answer), 0);
    assert_int_equal(client_ask(other, GET("/echo"), &answer), 200);
    assert_true(answer_has(&answer, "address 127.0.0.2\n"));
    assert_int_equal(http_counts(kit.server).connections_refused, 1);
    client_close(refused);
    client_close(clients[0]);
    wait_open(&kit, 3);
    clients[0] = client_open(&kit);
    assert_int_equal(client_ask(clients[0], GET("/echo"), &answer), 200);
    for (int i = 0; i < 3; i++)
        client_close(clients[i]);
    client_close(other);
    kit_stop(&kit, 5);
}

static void no_more_connections_than_allowed_are_open(void **state)
{
    struct http_options options = kit_options();
    options.connections_max = 2;
    struct kit kit = kit_start(options);
    struct client *a = client_open(&kit), *b = client_open(&kit);
    assert_int_equal(client_ask(a, GET("/echo"), &answer), 200);
    assert_int_equal(client_ask(b, GET("/echo"), &answer), 200);
    struct client *c = client_open(&kit);
    assert_int_equal(client_ask(c, GET("/echo"), &answer), 0);
    client_close(a);
    client_close(c);
    wait_open(&kit, 1);
    c = client_open(&kit);
    assert_int_equal(client_ask(c, GET("/echo"), &answer), 200);
    client_close(b);
    client_close(c);
    kit_stop(&kit, 5);
}

/* --- A proxy in front ------------------------------------------------------------------------- */

#define FROM_PROXY(forwarded) "GET /echo HTTP/1.1\r\nHost: x\r\n" forwarded "\r\n"

static void a_proxy_on_this_machine_is_believed(void **state)
{
    struct http_options options = kit_options();
    options.behind_proxy = true;
    options.per_address_max = 1;
    struct kit kit = kit_start(options);
    struct client *client = client_open(&kit), *second = client_open(&kit);
    assert_int_equal(client_ask(second, GET("/echo"), &answer),
                     200); /* many people's connections */
    static const struct {
        const char *request, *address;
        bool secure;
    } cases[] = {
        { FROM_PROXY(""), "address 127.0.0.1\n", false },
        { FROM_PROXY("X-Forwarded-For: 192.0.2.1, 198.51.100.7\r\nX-Forwarded-Proto: https\r\n"),
          "address 198.51.100.7\n", true },
        { FROM_PROXY("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: [2001:db8::1]:99\r\n"),
          "address 2001:db8::1\n", false },
        { FROM_PROXY("X-Forwarded-For: 192.0.2.1:1234\r\nX-Forwarded-Proto: https, http\r\n"),
          "address 192.0.2.1\n", false },
        { FROM_PROXY("X-Forwarded-For: 192.0.2.1, unknown\r\n"), "address 127.0.0.1\n", false },
        { FROM_PROXY("X-Forwarded-For: \r\n"), "address 127.0.0.1\n", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(client_ask(client, cases[i].request, &answer), 200);
        assert_true(answer_has(&answer, cases[i].address));
        assert_true(answer_has(&answer, cases[i].secure ? "secure 1\n" : "secure 0\n"));
        assert_int_equal(answer_has(&answer, "\r\nStrict-Transport-Security: max-age="),
                         cases[i].secure);
    }
    client_close(client);
    client_close(second);
    kit_stop(&kit, 5);
}

static void nobody_is_believed_without_a_proxy(void **state)
{
    struct kit kit = kit_start(kit_options());
    struct client *client = client_open(&kit);
    client_ask(client, FROM_PROXY("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"),
               &answer);
    assert_true(answer_has(&answer, "address 127.0.0.1\nsecure 0\n"));
    client_close(client);
    kit_stop(&kit, 5);
}

/* --- Endings ---------------------------------------------------------------------------------- */

static void a_client_may_be_gone_before_its_answer(void **state)
{
    enum { COUNT = 20 };
    struct kit kit = kit_start(kit_options());
    for (int i = 0; i < COUNT; i++) {
        struct client *client = client_open(&kit);
        client_send(client, i % 3 == 0 ? GET("/hold") GET("/echo") : GET("/hold"));
        kit_wait_held((size_t)i + 1);
        if (i % 2 == 0) { /* reset */
            struct linger at_once = { .l_onoff = 1 };
            setsockopt(client->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        client_close(client);
    }
    kit_release(COUNT);
    wait_open(&kit, 0);
    struct client *client = client_open(&kit);
    assert_int_equal(client_ask(client, GET("/echo"), &answer), 200);
    client_close(client);
    kit_stop(&kit, 5);
}

static void a_client_may_leave_in_the_middle_of_anything(void **state)
{
    static const char whole[] = "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                                "Cookie: session=1\r\n\r\na=bc";
    /* libmicrohttpd 0.9.75 may miss an end that comes together with the last bytes; then it is the
       deadline that frees the seat. */
    struct http_options options = kit_options();
    options.header_seconds = options.body_seconds = options.idle_seconds = 1;
    struct kit kit = kit_start(options);
    for (size_t size = 0; size < sizeof whole; size++) {
        struct client *client = client_open(&kit);
        client_send_bytes(client, whole, size);
        client_close(client);
    }
    wait_open(&kit, 0);
    kit_stop(&kit, 5);
}

struct ending {
    struct kit *kit;
    unsigned seconds;
};

static void *stop_in_background(void *context)
{
    struct ending *ending = context;
    kit_stop(ending->kit, ending->seconds);
    return NULL;
}

static void stopping_finishes_what_was_begun(void **state)
{
    struct kit kit = kit_start(kit_options());
    struct client *held = client_open(&kit), *idle = client_open(&kit), *half = client_open(&kit);
    client_send(held, GET("/hold"));
    kit_wait_held(1);
    assert_int_equal(client_ask(idle, GET("/echo"), &answer), 200);
    client_send(half, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                      "Expect: 100-continue\r\n\r\n");
    assert_true(client_receive(half, true, &answer)); /* its head was read: it has begun */

    pthread_t stopper;
    struct sockaddr_in place = { .sin_family = AF_INET, .sin_port = htons((uint16_t)kit.port) };
    struct ending ending = { &kit, 30 };
    assert_int_equal(pthread_create(&stopper, NULL, stop_in_background, &ending), 0);
    assert_true(client_at_end(idle));
    int late = socket(AF_INET, SOCK_STREAM, 0);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_not_equal(connect(late, (struct sockaddr *)&place, sizeof place), 0);
    close(late);

    assert_int_equal(client_ask(half, "abc", &answer), 200);
    assert_true(answer_has(&answer, "Connection: close\r\n"));
    assert_true(client_at_end(half));
    kit_release(1);
    assert_true(client_receive(held, false, &answer));
    assert_int_equal(answer.status, 200);
    assert_true(client_at_end(held));
    pthread_join(stopper, NULL);
    client_close(held);
    client_close(idle);
    client_close(half);
}

static void stopping_does_not_wait_for_ever(void **state)
{
    struct kit kit = kit_start(kit_options());
    struct client *clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = client_open(&kit);
        client_send(clients[i], GET("/hold"));
    }
    kit_wait_held(3);
    kit_stop(&kit, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(client_at_end(clients[i]));
        client_close(clients[i]);
    }
    kit_release(3); /* whoever kept them may still read and answer them: nobody listens */
}

static void answers_and_the_end_may_come_together(void **state)
{
    for (int round = 0; round < 20; round++) {
        enum { COUNT = 10 };
        struct kit kit = kit_start(kit_options());
        struct client *clients[COUNT];
        for (int i = 0; i < COUNT; i++) {
            clients[i] = client_open(&kit);
            client_send(clients[i], GET("/hold"));
        }
        kit_wait_held(COUNT);
        pthread_t stopper;
        struct ending ending = { &kit, 0 };
        assert_int_equal(pthread_create(&stopper, NULL, stop_in_background, &ending), 0);
        kit_release(COUNT);
        pthread_join(stopper, NULL);
        for (int i = 0; i < COUNT; i++)
            client_close(clients[i]);
    }
}

static void *ask_until_closed(void *context)
{
    struct client *client = context;
    struct answer *own = malloc(sizeof *own);
    int64_t answered = 0;
    while (client_ask(client, GET("/later"), own) == 200)
        answered++;
    free(own);
    client_close(client);
    return (void *)(intptr_t)answered;
}

static void a_busy_server_stops(void **state)
{
    enum { ROUNDS = 40, COUNT = 4 };
    for (int round = 0; round < ROUNDS; round++) {
        struct kit kit = kit_start(kit_options());
        pthread_t asking[COUNT];
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(pthread_create(&asking[i], NULL, ask_until_closed, client_open(&kit)),
                             0);
        while (kit_handled() < 10 * COUNT)
            sched_yield();
        kit_stop(&kit, 5);
        int64_t answered = 0;
        for (int i = 0; i < COUNT; i++) {
            void *count;
            assert_int_equal(pthread_join(asking[i], &count), 0);
            answered += (intptr_t)count;
        }
        assert_int_equal(answered, kit_handled()); /* whoever was heard was answered */
    }
}

/* --- Listening -------------------------------------------------------------------------------- */

static void a_unix_socket_can_be_listened_on(void **state)
{
    char folder[] = "/tmp/http_test_XXXXXX", place[64];
    assert_non_null(mkdtemp(folder));
    snprintf(place, sizeof place, "unix:%s/socket", folder);
    struct http_options options = kit_options();
    options.listen = str_from(place);
    options.behind_proxy = true;
    struct kit kit = kit_start(options);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strncpy(address.sun_path, place + 5, sizeof address.sun_path - 1);
    struct client *client = calloc(1, sizeof *client);
    client->socket = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(client->socket, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(client_ask(client, GET("/later"), &answer), 200);
    assert_int_equal(client_ask(client, FROM_PROXY("X-Forwarded-For: 192.0.2.1\r\n"), &answer),
                     200);
    assert_true(answer_has(&answer, "address 192.0.2.1\n"));
    client_close(client);
    kit_stop(&kit, 5);
    assert_int_not_equal(access(place + 5, F_OK), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_place_that_cannot_be_listened_on_is_named(void **state)
{
    struct kit kit = kit_start(kit_options());
    char taken[32];
    snprintf(taken, sizeof taken, "127.0.0.1:%d", kit.port);
    const char *places[] = {
        taken,    "",      "nonsense",    "127.0.0.1:",          "127.0.0.1:x", "127.0.0.1:65536",
        "::1:80", "unix:", "192.0.2.1:0", "unix:/nowhere/at/all"
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct http_options options = kit_options();
        struct http_server *server;
        struct fault fault = { 0 };
        options.listen = str_from(places[i]);
        assert_false(http_start(&options, &server, &fault));
        assert_int_equal(fault.kind, FAULT_SETUP);
        assert_contains(fault.detail, "cannot listen on ");
    }
    kit_stop(&kit, 5);
}

/* POSTs of twelve million bytes to /echo are taken, no others over ten. */
static size_t echo_takes_more(const struct http_request *request, void *context)
{
    return str_equal(request->path, S("/echo")) ? 12000000 : 0;
}

static void post_zeros(struct client *client, size_t size)
{
    char head[200], *body = calloc(size, 1);
    assert_non_null(body);
    snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
             size);
    client_send(client, head);
    client_send_bytes(client, body, size);
    free(body);
}

static void a_large_body_waits_in_a_file_where_the_route_takes_it(void **state)
{
    struct http_options options = kit_options();
    options.body_bytes_max = 200000000;
    options.body_limit = echo_takes_more;
    options.body_folder = S("/tmp");
    struct kit other = kit_start(options);
    struct client *client = client_open(&other);
    post_zeros(client, 12000000);
    assert_true(client_receive(client, false, &answer));
    assert_true(answer_has(&answer, "body 12000000\n"));
    post_zeros(client, 12000001); /* read to its end, to be told */
    assert_true(client_receive(client, false, &answer));
    assert_int_equal(answer.status, 413);
    assert_non_null(strstr(answer.body.data, "at most 12 MB can be taken here"));
    client_close(client);
    client = client_open(&other);
    assert_int_equal(client_ask(client,
                                "POST /hold HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                                "Content-Length: 11000000\r\n\r\n",
                                &answer),
                     413); /* before a byte of it */
    client_close(client);
    kit_stop(&other, 5);
}

int http_life_tests(void)
{
    const struct CMUnitTest life[] = {
        cmocka_unit_test(a_large_body_waits_in_a_file_where_the_route_takes_it),
        cmocka_unit_test(a_slow_head_is_dropped_while_others_are_served),
        cmocka_unit_test(a_slow_first_line_is_dropped),
        cmocka_unit_test(a_slow_body_is_dropped),
        cmocka_unit_test(a_slow_second_head_is_dropped),
        cmocka_unit_test(an_idle_connection_is_closed_without_blame),
        cmocka_unit_test(the_handler_may_take_longer_than_any_deadline),
        cmocka_unit_test(two_hundred_connections_are_served_at_once),
        cmocka_unit_test(one_address_may_not_take_every_connection),
        cmocka_unit_test(no_more_connections_than_allowed_are_open),
        cmocka_unit_test(a_proxy_on_this_machine_is_believed),
        cmocka_unit_test(nobody_is_believed_without_a_proxy),
        cmocka_unit_test(a_client_may_be_gone_before_its_answer),
        cmocka_unit_test(a_client_may_leave_in_the_middle_of_anything),
        cmocka_unit_test(stopping_finishes_what_was_begun),
        cmocka_unit_test(stopping_does_not_wait_for_ever),
        cmocka_unit_test(answers_and_the_end_may_come_together),
        cmocka_unit_test(a_busy_server_stops),
        cmocka_unit_test(a_unix_socket_can_be_listened_on),
        cmocka_unit_test(a_place_that_cannot_be_listened_on_is_named),
    };
    return cmocka_run_group_tests(life, NULL, NULL);
}
