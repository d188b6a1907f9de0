/* The table of connections, with times of our own. */
#include "platform/http/http_test_kit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SEAT_COUNT = 8, IDLE_MS = 60000 };

static struct seats seats;
static struct seat *taken[SEAT_COUNT];
static int far_ends[SEAT_COUNT];

static struct sockaddr_in6 address_of(const char *text)
{
    struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
    assert_int_equal(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
    return address;
}

static bool admit(const char *text)
{
    struct sockaddr_in6 address = address_of(text);
    return seats_admit(&seats, (struct sockaddr *)&address, false);
}

static struct seat *take(const char *text, int socket)
{
    struct sockaddr_in6 address = address_of(text);
    return seats_take(&seats, (struct sockaddr *)&address, false, socket);
}

static int start(void **state)
{
    seats_make(&seats, NULL, SEAT_COUNT, 3);
    return 0;
}

static int stop(void **state)
{
    seats_free(&seats);
    return 0;
}

static void an_ipv6_customer_counts_as_one(void **state)
{
    struct seat *a = take("2001:db8::1", -1), *b = take("2001:db8::2", -1);
    struct seat *c = take("2001:db8:0:0:ffff::3", -1);
    assert_false(admit("2001:db8::4"));
    assert_true(admit("2001:db8:0:1::1"));
    assert_true(admit("::ffff:192.0.2.1"));
    assert_string_equal(a->address, "2001:db8::1");
    seats_return(&seats, b);
    assert_true(admit("2001:db8::4"));
    seats_return(&seats, a);
    seats_return(&seats, c);
    assert_int_equal(seats.open_count, 0);
}

static void a_mapped_address_is_shown_as_ipv4(void **state)
{
    struct seat *seat = take("::ffff:192.0.2.1", -1);
    assert_string_equal(seat->address, "192.0.2.1");
    seats_return(&seats, seat);
}

static void addresses_leave_nothing_behind(void **state)
{
    for (int round = 0; round < 1000; round++) {
        char text[32];
        snprintf(text, sizeof text, "2001:db8:%x::1", round);
        struct seat *seat = take(text, -1);
        assert_non_null(seat);
        assert_true(seats.used_high <= 3); /* seats are used again */
        seats_return(&seats, seat);
    }
}

static void fill(void)
{
    for (int i = 0; i < SEAT_COUNT; i++) {
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        taken[i] = take("2001:db8::1", pair[0]);
        assert_non_null(taken[i]);
        far_ends[i] = pair[1];
    }
}

static void empty(void)
{
    for (int i = 0; i < SEAT_COUNT; i++) {
        close(far_ends[i]);
        close(taken[i]->socket);
        seats_return(&seats, taken[i]);
    }
}

static bool was_shut(int i)
{
    struct pollfd wait = { .fd = far_ends[i], .events = POLLIN };
    return poll(&wait, 1, 0) == 1;
}

static void the_overdue_are_shut_down_and_nobody_else(void **state)
{
    fill();
    const enum phase phases[] = { PHASE_FRESH, PHASE_IDLE, PHASE_HEAD, PHASE_BODY,
                                  PHASE_SEND,  PHASE_WORK, PHASE_SEND };
    for (int i = 0; i < 7; i++)
        seat_watch(taken[i], phases[i], i < 5 ? 1000 : i == 5 ? 0 : 2000);
    seats_enforce(&seats, 999, 0);
    for (int i = 0; i < SEAT_COUNT; i++)
        assert_false(was_shut(i));
    seats_enforce(&seats, 1000, 0);
    for (int i = 0; i < SEAT_COUNT; i++)
        assert_int_equal(was_shut(i), i < 5);
    assert_int_equal(seats.drop_count, 4); /* an idle one did nothing wrong */
    seats_enforce(&seats, 1500, 0);
    assert_int_equal(seats.drop_count, 4);
    empty();
}

static void the_idle_make_room_when_it_is_crowded(void **state)
{
    fill(); /* of eight, more than seven */
    for (int i = 0; i < SEAT_COUNT; i++)
        seat_watch(taken[i], i < 2 ? PHASE_IDLE : PHASE_SEND, 10000 + IDLE_MS + i % 2 * 5000);
    seats_enforce(&seats, 12000, IDLE_MS);
    assert_true(was_shut(0));  /* has idled for two seconds */
    assert_false(was_shut(1)); /* began to idle just now */
    for (int i = 2; i < SEAT_COUNT; i++)
        assert_false(was_shut(i));
    empty();
}

static void nobody_sits_where_there_is_no_seat(void **state)
{
    fill();
    assert_false(admit("2001:db8:1::1"));
    assert_null(take("2001:db8:1::1", -1));
    empty();
    assert_true(admit("2001:db8:1::1"));
}

int http_seats_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ipv6_customer_counts_as_one),
        cmocka_unit_test(a_mapped_address_is_shown_as_ipv4),
        cmocka_unit_test(addresses_leave_nothing_behind),
        cmocka_unit_test(the_overdue_are_shut_down_and_nobody_else),
        cmocka_unit_test(the_idle_make_room_when_it_is_crowded),
        cmocka_unit_test(nobody_sits_where_there_is_no_seat),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
