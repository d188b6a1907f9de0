/* What the server makes of requests, and what every answer looks like. */
#include "platform/http/http_test_kit.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

static struct kit kit;
static struct answer answer; /* too large for the stack */

static int start(void **state)
{
    kit = kit_start(kit_options());
    return 0;
}

static int stop(void **state)
{
    kit_stop(&kit, 5);
    return 0;
}

/* One request on a connection of its own. */
static int ask(const char *request)
{
    struct client *client = client_open(&kit);
    int status = client_ask(client, request, &answer);
    client_close(client);
    return status;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void every_answer_carries_the_security_headers(void **state)
{
    const char *requests[] = { GET("/echo"), GET("/missing"), GET("/%zz"),
                               "PUT / HTTP/1.1\r\nHost: x\r\n\r\n" };
    for (size_t i = 0; i < 4; i++) {
        assert_int_not_equal(ask(requests[i]), 0);
        assert_true(answer_has(&answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
        assert_true(answer_has(&answer, "\r\nX-Frame-Options: DENY\r\n"));
        assert_true(answer_has(&answer, "\r\nReferrer-Policy: same-origin\r\n"));
        assert_true(answer_has(&answer, "\r\nCross-Origin-Opener-Policy: same-origin\r\n"));
        assert_true(answer_has(&answer, "\r\nContent-Security-Policy: default-src 'none'; "));
        assert_true(answer_has(&answer, "\r\nPermissions-Policy: "));
        assert_false(answer_has(&answer, "Strict-Transport-Security"));
    }
}

static void an_answer_may_set_a_policy_of_its_own(void **state)
{
    assert_int_equal(ask(GET("/policy")), 200);
    assert_true(answer_has(&answer, "content-security-policy: sandbox\r\n"));
    assert_false(answer_has(&answer, "default-src"));
}

static void a_line_break_in_a_header_never_leaves(void **state)
{
    assert_int_equal(ask(GET("/bad-header")), 500);
    assert_false(answer_has(&answer, "stolen"));
}

static void head_tells_the_length_but_sends_no_body(void **state)
{
    struct client *client = client_open(&kit);
    assert_int_equal(client_ask(client, "HEAD /policy HTTP/1.1\r\nHost: x\r\n\r\n", &answer), 200);
    assert_true(answer_has(&answer, "Content-Length: 1\r\n"));
    assert_int_equal(client_ask(client, GET("/echo"), &answer), 200); /* nothing lay between */
    client_close(client);
}

static void a_file_is_sent(void **state)
{
    assert_int_equal(ask(GET("/file")), 200);
    assert_string_equal(answer.body.data, "from a file\n");
}

static void a_connection_is_kept_for_many_requests(void **state)
{
    struct client *client = client_open(&kit);
    for (int i = 0; i < 100; i++)
        assert_int_equal(client_ask(client, i % 2 ? GET("/echo") : GET("/later"), &answer), 200);
    client_close(client);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct client *client = client_open(&kit);
    client_send(
        client,
        GET("/echo/1")
            GET("/later?2") "POST /echo/3 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" GET(
                "/echo/4"));
    const char *expected[] = { "path /echo/1\n", "query 2=\n", "path /echo/3\n", "path /echo/4\n" };
    for (size_t i = 0; i < 4; i++) {
        assert_true(client_receive(client, false, &answer));
        assert_true(answer_has(&answer, expected[i]));
    }
    client_close(client);
}

static void an_old_client_gets_its_answer_and_is_closed(void **state)
{
    struct client *client = client_open(&kit);
    assert_int_equal(client_ask(client, "GET /echo HTTP/1.0\r\n\r\n", &answer), 200);
    assert_true(client_at_end(client));
    client_close(client);
}

/* --- Bodies ----------------------------------------------------------------------------------- */

static void a_form_is_decoded(void **state)
{
    assert_int_equal(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 35\r\n"
                         "Content-Type: application/X-www-form-urlencoded; charset=UTF-8\r\n\r\n"
                         "a=one+two&b=%C3%A9%26&c&=d&&e=1=2%3"
                         "D"),
                     400); /* the body ends in the middle of an escape */
    assert_int_equal(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 36\r\n"
                         "Content-Type: application/X-www-form-urlencoded; charset=UTF-8\r\n\r\n"
                         "a=one+two&b=%C3%A9%26&c&=d&&e=1=2%3D"),
                     200);
    assert_true(answer_has(&answer, "form a=one two\nform b=é&\nform c=\nform =d\nform e=1=2=\n"));
    assert_true(answer_has(&answer, "type application/x-www-form-urlencoded\n"));
}

static void a_chunked_body_is_collected(void **state)
{
    struct client *client = client_open(&kit);
    client_send(client, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                        "Content-Type: application/x-www-form-urlencoded\r\n\r\n3\r\na=1\r\n");
    client_send(client, "1;ext=1\r\n&\r\n4\r\nb=22\r\n0\r\nTrailer: x\r\n\r\n");
    assert_true(client_receive(client, false, &answer));
    assert_true(answer_has(&answer, "form a=1\nform b=22\n"));
    assert_int_equal(client_ask(client, GET("/echo"), &answer), 200);
    client_close(client);
}

static void post_bytes(struct client *client, size_t size, const char *more_headers)
{
    char head[256];
    char *body = calloc(1, size);
    snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n%s\r\n",
             size, more_headers);
    client_send(client, head);
    client_send_bytes(client, body, size);
    free(body);
}

static void a_body_over_the_limit_is_413(void **state)
{
    struct client *client = client_open(&kit);
    post_bytes(client, 100000, "");
    assert_true(client_receive(client, false, &answer));
    assert_true(answer_has(&answer, "body 100000\n"));
    post_bytes(client, 100001, "");
    assert_true(client_receive(client, false, &answer));
    assert_int_equal(answer.status, 413);
    assert_int_equal(client_ask(client, GET("/echo"), &answer), 200); /* it was read to its end */
    client_close(client);
}

static void a_body_far_over_the_limit_is_not_read(void **state)
{
    assert_int_equal(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n"),
                     413);
    assert_true(answer_has(&answer, "Connection: close\r\n"));
    assert_int_equal(
        ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"), 413);
}

static void a_chunked_body_over_the_limit_is_413(void **state)
{
    struct client *client = client_open(&kit);
    static char chunk[0x8000 + 2];
    memset(chunk, 'x', sizeof chunk - 2);
    memcpy(chunk + sizeof chunk - 2, "\r\n", 2);
    client_send(client, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 4; i++) {
        client_send(client, "8000\r\n");
        client_send_bytes(client, chunk, sizeof chunk);
    }
    client_send(client, "0\r\n\r\n");
    assert_true(client_receive(client, false, &answer));
    assert_int_equal(answer.status, 413);
    client_close(client);
}

static void a_client_that_asks_first_is_told_to_continue(void **state)
{
    struct client *client = client_open(&kit);
    client_send(client, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                        "Expect: 100-continue\r\n\r\n");
    assert_true(client_receive(client, true, &answer));
    assert_int_equal(answer.status, 100);
    assert_int_equal(client_ask(client, "abc", &answer), 200);
    client_send(client, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n"
                        "Expect: 100-continue\r\n\r\n");
    assert_true(client_receive(client, false, &answer));
    assert_int_equal(answer.status, 413);
    client_close(client);
}

/* --- Heads ------------------------------------------------------------------------------------ */

static void unknown_methods_are_told_which_are_known(void **state)
{
    const char *methods[] = { "PUT", "DELETE", "OPTIONS", "TRACE", "BREW", "get" };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        char request[100];
        snprintf(request, sizeof request, "%s / HTTP/1.1\r\nHost: x\r\n\r\n", methods[i]);
        assert_int_equal(ask(request), 405);
        assert_true(answer_has(&answer, "Allow: GET, HEAD, POST\r\n"));
    }
}

static int ask_filled(const char *before, size_t count, const char *filler, const char *after)
{
    char *request = malloc(strlen(before) + count * strlen(filler) + strlen(after) + 1);
    char *at = stpcpy(request, before);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, filler);
    stpcpy(at, after);
    int status = ask(request);
    free(request);
    return status;
}

static void long_targets_and_heads_are_refused(void **state)
{
    const char *end = " HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_int_equal(ask_filled("GET /echo", 4091, "x", end), 200);
    assert_int_equal(ask_filled("GET /echo", 4092, "x", end), 414);
    assert_int_equal(ask_filled("GET /", 30000, "x", end), 414);
    const char *begin = "GET /echo HTTP/1.1\r\nHost: x\r\nX-Test: ";
    assert_int_equal(ask_filled(begin, 8000, "x", "\r\n\r\n"), 200);
    assert_int_equal(ask_filled(begin, 8200, "x", "\r\n\r\n"), 431);
    assert_int_equal(ask_filled(begin, 30000, "x", "\r\n\r\n"), 431);
    assert_int_equal(ask_filled("GET /echo HTTP/1.1\r\nHost: x\r\n", 99, "A: b\r\n", "\r\n"), 200);
    assert_int_equal(ask_filled("GET /echo HTTP/1.1\r\nHost: x\r\n", 100, "A: b\r\n", "\r\n"), 431);
}

static void large_cookies_are_read(void **state)
{
    assert_int_equal(ask_filled("GET /echo HTTP/1.1\r\nHost: x\r\nCookie: big=", 4000, "x",
                                "; session=abc\r\n\r\n"),
                     200);
    assert_true(answer_has(&answer, "cookie abc\n"));
}

static void more_cookies_than_there_is_room_for_are_refused(void **state)
{
    int64_t handled = kit_handled();
    ask_filled("GET /echo HTTP/1.1\r\nHost: x\r\nCookie: ", 1000, "a=b;", "\r\n\r\n");
    assert_int_equal(kit_handled(), handled);
    assert_int_equal(ask(GET("/echo")), 200);
}

static void cookies_are_found_by_their_whole_name(void **state)
{
    ask("GET /echo HTTP/1.1\r\nHost: x\r\nCookie: xsession=1; session2=2;session=3=4; "
        "session=5\r\n\r\n");
    assert_true(answer_has(&answer, "cookie 3=4\n"));
    ask("GET /echo HTTP/1.1\r\nHost: x\r\nCookie: a=session\r\nCookie: session=late\r\n\r\n");
    assert_true(answer_has(&answer, "cookie late\n"));
}

static void paths_are_decoded_once(void **state)
{
    assert_int_equal(ask(GET("/echo/%C3%A9%20%25252e+?a%20b=c+d&e=%2B")), 200);
    assert_true(answer_has(&answer, "path /echo/é %252e+\n"));
    assert_true(answer_has(&answer, "query a b=c d\nquery e=+\n"));
    assert_int_equal(ask("GET http://example.com:80/echo/x?y HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    assert_true(answer_has(&answer, "path /echo/x\ntarget /echo/x?y\n"));
    assert_int_equal(ask("GET http://example.com HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
}

static void malformed_targets_are_refused(void **state)
{
    const char *targets[] = {
        "/%",      "/%4",       "/%zz",    "/%00",     "/a%0Ab",      "/%ff",   "/%C0%AF",
        "/a//b",   "/./a",      "/a/..",   "/../etc",  "/%2e%2e/etc", "/a%2Fb", "/a%2fb",
        "*",       "echo",      "/#a",     "/a?b=%",   "/a?%zz=1",    "/\x01",  "/\xc3\xa9",
        "http://", "http://x?", "/a?b=%4", "ftp://x/", "/a/%2E",
    };
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        char request[100];
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", targets[i]);
        int64_t handled = kit_handled();
        int status = ask(request);
        if (status == 404 && strcmp(targets[i], "http://") == 0)
            continue; /* no path is "/" */
        if (status != 400)
            fail_msg("%s gave %d", targets[i], status);
        assert_int_equal(kit_handled(), handled);
    }
}

static void too_many_fields_are_refused(void **state)
{
    assert_int_equal(ask_filled("GET /echo?", 200, "a=&", " HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
    assert_int_equal(ask_filled("GET /echo?", 201, "a=&", " HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
}

/* --- Smuggling -------------------------------------------------------------------------------- */

/* Two readings of where a request ends: none reaches the handler, and the connection is closed, so
   that what follows is not taken for a request. */
static void heads_with_two_readings_are_refused(void **state)
{
    static const struct {
        const char *text;
        size_t size;
    } heads[] = {
#define HEAD(text) { text, sizeof text - 1 }
        HEAD("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        HEAD("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
        HEAD("Content-Length: 5\r\nContent-Length: 6\r\n"),
        HEAD("Content-Length: 5\r\nContent-Length: 5\r\n"),
        HEAD("Content-Length: 5, 5\r\n"),
        HEAD("Content-Length: +5\r\n"),
        HEAD("Content-Length: -5\r\n"),
        HEAD("Content-Length: 0x5\r\n"),
        HEAD("Content-Length: 5 6\r\n"),
        HEAD("Content-Length:\r\n"),
        HEAD("Content-Length : 5\r\n"),
        HEAD("Content-Length\t: 5\r\n"),
        HEAD(" Content-Length: 5\r\n"),
        HEAD("Content-Length: 5\n"),
        HEAD("X: y\nContent-Length: 5\r\n"),
        HEAD("Content-Length: 5\r\n 6\r\n"),
        HEAD("X: y\r\n Content-Length: 5\r\n"),
        HEAD("Transfer-Encoding:\r\n chunked\r\n"),
        HEAD("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        HEAD("Transfer-Encoding: identity\r\n"),
        HEAD("Transfer-Encoding: chunked, identity\r\n"),
        HEAD("Transfer-Encoding: xchunked\r\n"),
        HEAD("Transfer-Encoding: \x0b"
             "chunked\r\n"),
        HEAD("Transfer-Encoding\0: chunked\r\n"),
        HEAD("Content-Length: 5\0 6\r\n"),
        HEAD("X: \rContent-Length: 5\r\n"),
        HEAD("Host: other\r\n"),
        HEAD("no colon\r\n"),
        HEAD(": empty name\r\n"),
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        int64_t handled = kit_handled();
        struct client *client = client_open(&kit);
        client_send(client, "POST /echo HTTP/1.1\r\nHost: x\r\n");
        client_send_bytes(client, heads[i].text, heads[i].size);
        client_send(client, "\r\n0\r\n\r\nGET /echo/smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
        bool answered = client_receive(client, false, &answer);
        if (answered && answer.status != 400 && answer.status != 501)
            fail_msg("head %zu (%s) gave %d", i, heads[i].text, answer.status);
        client_read_to_end(client);
        if (kit_handled() != handled)
            fail_msg("head %zu (%s) was handled", i, heads[i].text);
        client_close(client);
    }
}

static void a_request_names_one_host(void **state)
{
    assert_int_equal(ask("GET /echo HTTP/1.1\r\n\r\n"), 400);
    assert_true(answer_has(&answer, "\r\nX-Frame-Options: DENY\r\n"));
    assert_int_equal(ask("GET /echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
    assert_int_equal(ask("GET /echo HTTP/1.0\r\n\r\n"), 200);
    assert_int_equal(ask("GET /echo x HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
    assert_int_equal(ask("GET /echo\r\n\r\n"), 400);
    assert_int_equal(ask("GET /echo HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
}

static void a_folded_last_header_is_refused_too(void **state)
{
    assert_int_equal(ask("GET /echo HTTP/1.1\r\nHost: x\r\nX-Test: a\r\n b\r\n\r\n"), 400);
    assert_int_equal(ask("GET /echo HTTP/1.1\r\nHost: x\r\nX-Test: a\r\n\tb\r\nY: z\r\n\r\n"), 400);
    assert_int_equal(ask("GET /echo HTTP/1.1\r\nHost: x\r\nX-Test: a \t\r\nY: z\r\n\r\n"), 200);
    assert_true(answer_has(&answer, "x-test a\n"));
    assert_int_equal(ask("GET /echo HTTP/1.1\r\nHost: x\r\nX-Test:\r\nY: z\r\n\r\n"), 200);
}

static void chunks_must_be_well_formed(void **state)
{
    const char *bodies[] = { "x\r\n", "-1\r\na\r\n", "0x1\r\na\r\n0\r\n\r\n",
                             "fffffffffffffffff\r\na\r\n", "1\r\nab\r\n0\r\n\r\n" };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct client *client = client_open(&kit);
        int64_t handled = kit_handled();
        client_send(client, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
        client_send(client, bodies[i]);
        if (client_receive(client, false, &answer) && answer.status < 400)
            fail_msg("%s gave %d", bodies[i], answer.status);
        assert_int_equal(kit_handled(), handled);
        client_close(client);
    }
}

int http_reading_tests(void)
{
    const struct CMUnitTest reading[] = {
        cmocka_unit_test(every_answer_carries_the_security_headers),
        cmocka_unit_test(an_answer_may_set_a_policy_of_its_own),
        cmocka_unit_test(a_line_break_in_a_header_never_leaves),
        cmocka_unit_test(head_tells_the_length_but_sends_no_body),
        cmocka_unit_test(a_file_is_sent),
        cmocka_unit_test(a_connection_is_kept_for_many_requests),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(an_old_client_gets_its_answer_and_is_closed),
        cmocka_unit_test(a_form_is_decoded),
        cmocka_unit_test(a_chunked_body_is_collected),
        cmocka_unit_test(a_body_over_the_limit_is_413),
        cmocka_unit_test(a_body_far_over_the_limit_is_not_read),
        cmocka_unit_test(a_chunked_body_over_the_limit_is_413),
        cmocka_unit_test(a_client_that_asks_first_is_told_to_continue),
        cmocka_unit_test(unknown_methods_are_told_which_are_known),
        cmocka_unit_test(long_targets_and_heads_are_refused),
        cmocka_unit_test(large_cookies_are_read),
        cmocka_unit_test(more_cookies_than_there_is_room_for_are_refused),
        cmocka_unit_test(cookies_are_found_by_their_whole_name),
        cmocka_unit_test(paths_are_decoded_once),
        cmocka_unit_test(malformed_targets_are_refused),
        cmocka_unit_test(too_many_fields_are_refused),
        cmocka_unit_test(heads_with_two_readings_are_refused),
        cmocka_unit_test(a_request_names_one_host),
        cmocka_unit_test(a_folded_last_header_is_refused_too),
        cmocka_unit_test(chunks_must_be_well_formed),
    };
    return cmocka_run_group_tests(reading, start, stop);
}
