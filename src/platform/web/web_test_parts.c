/* Parts of the room alone: the rates, the router, the pool, mended text. */
#include "platform/web/etag.h"
#include "platform/web/inputs.h"
#include "platform/web/limits.h"
#include "platform/web/pool.h"
#include "platform/web/router.h"
#include "platform/web/web_testing.h"
#include <stdatomic.h>
#include <stdio.h>

static const int64_t second = 1000000;

static int begin(void **state)
{
    *state = arena_make();
    return 0;
}

static int end(void **state)
{
    arena_free(*state);
    return 0;
}

static void a_rate_lets_a_burst_through_and_then_one_at_a_time(void **state)
{
    struct limits *limits = limits_make();
    int64_t now = 1000 * second, wait = 0;
    for (int i = 0; i < 5; i++)
        assert_true(limits_take(limits, S("ann"), 5, 10, now, &wait));
    assert_false(limits_take(limits, S("ann"), 5, 10, now, &wait));
    assert_int_equal(wait, 2);
    assert_true(limits_take(limits, S("bob"), 5, 10, now, &wait));
    now += 2 * second;
    assert_true(limits_take(limits, S("ann"), 5, 10, now, &wait));
    assert_false(limits_take(limits, S("ann"), 5, 10, now, &wait));
    limits_free(limits);
}

static void being_refused_does_not_lengthen_the_wait(void **state)
{
    struct limits *limits = limits_make();
    int64_t now = 1000 * second, wait = 0;
    assert_true(limits_take(limits, S("ann"), 1, 60, now, &wait));
    for (int i = 0; i < 100; i++)
        assert_false(limits_take(limits, S("ann"), 1, 60, now, &wait));
    assert_true(limits_take(limits, S("ann"), 1, 60, now + 60 * second, &wait));
    limits_free(limits);
}

static void what_is_given_back_was_not_counted(void **state)
{
    struct limits *limits = limits_make();
    int64_t now = 1000 * second, wait = 0;
    for (int i = 0; i < 20; i++) {
        assert_true(limits_take(limits, S("ann"), 2, 60, now, &wait));
        limits_give_back(limits, S("ann"), 2, 60);
    }
    assert_true(limits_take(limits, S("ann"), 2, 60, now, &wait));
    assert_true(limits_take(limits, S("ann"), 2, 60, now, &wait));
    assert_false(limits_take(limits, S("ann"), 2, 60, now, &wait));
    limits_free(limits);
}

static void many_addresses_do_not_make_the_table_grow_or_fail(void **state)
{
    struct limits *limits = limits_make();
    int64_t wait = 0;
    for (int i = 0; i < 300000; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        assert_true(limits_take(limits, str_from(key), 1, 60, second, &wait));
    }
    limits_free(limits);
}

static void an_ipv6_network_counts_as_one_address(void **state)
{
    struct str one = limits_address(*state, S("2001:db8:0:1::1"));
    assert_true(str_equal(one, limits_address(*state, S("2001:db8:0:1:ffff::2"))));
    assert_false(str_equal(one, limits_address(*state, S("2001:db8:0:2::1"))));
    assert_true(str_equal(limits_address(*state, S("192.0.2.1")), S("192.0.2.1")));
}

static void the_router_gives_up_a_word_for_the_placeholder_beside_it(void **state)
{
    static const struct route list[] = {
        { .name = "home", .path = "/", .flags = ROUTE_PAGE },
        { .name = "new", .path = "/a/new", .flags = ROUTE_PAGE },
        { .name = "new_part", .path = "/a/new/part", .flags = ROUTE_PAGE },
        { .name = "any_part", .path = "/a/{x}/{y}", .flags = ROUTE_PAGE },
        { .name = "act", .path = "/a/{x}", .flags = ROUTE_PAGE | ROUTE_COMMAND },
    };
    const struct route *const all[] = { &list[0], &list[1], &list[2], &list[3], &list[4] };
    struct router *router = router_make(*state, all, 5);
    struct str values[ROUTE_DEPTH_MAX];
    assert_ptr_equal(router_find(router, S("/"), false, ROUTE_PAGE, values).route, &list[0]);
    assert_ptr_equal(router_find(router, S("/a/new"), false, ROUTE_PAGE, values).route, &list[1]);
    assert_ptr_equal(router_find(router, S("/a/new/part"), false, ROUTE_PAGE, values).route,
                     &list[2]);
    assert_ptr_equal(router_find(router, S("/a/new/other"), false, ROUTE_PAGE, values).route,
                     &list[3]);
    assert_true(str_equal(values[0], S("new")) && str_equal(values[1], S("other")));
    assert_ptr_equal(router_find(router, S("/a/new"), true, ROUTE_PAGE, values).route, &list[4]);
    assert_null(router_find(router, S("/a/new"), false, ROUTE_API, values).route);
    assert_null(router_find(router, S("/a/b/c/d"), false, ROUTE_PAGE, values).route);
    assert_ptr_equal(router_by_name(router, "act"), &list[4]);
}

struct tick {
    struct pool_task task;
    atomic_int *count;
};

static void tick(struct pool_task *task)
{
    atomic_fetch_add(((struct tick *)task)->count, 1);
}

static void a_pool_finishes_what_it_accepted(void **state)
{
    struct pool *pool = pool_start(3, 1000);
    atomic_int count = 0;
    struct tick ticks[500];
    for (int i = 0; i < 500; i++) {
        ticks[i] = (struct tick){ .task.run = tick, .count = &count };
        assert_true(pool_submit(pool, &ticks[i].task));
    }
    pool_stop(pool);
    assert_int_equal(count, 500);
}

static void a_full_pool_says_so(void **state)
{
    struct pool *pool = pool_start(0, 2);
    struct pool_task tasks[3] = { 0 };
    assert_true(pool_submit(pool, &tasks[0]));
    assert_true(pool_submit(pool, &tasks[1]));
    assert_false(pool_submit(pool, &tasks[2]));
    assert_int_equal(pool_waiting(pool), 2);
    pool_stop(pool);
}

static void mended_text_is_valid(void **state)
{
    struct str mended = text_mended(*state, (struct str){ "a\xff\xc3\xa4\xe2\x82\x01z\n", 9 });
    assert_true(utf8_valid(mended));
    assert_true(str_equal(mended, S("a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbdz\n")));
}

static void an_etag_matches_itself_in_a_list(void **state)
{
    struct str etag = etag_of(*state, S("content"));
    assert_int_equal(etag.size, 32);
    struct str quoted = str_printf(*state, "\"a\", W/\"%.*s\"", STR_ARG(etag));
    assert_true(etag_matches(quoted, etag));
    assert_true(etag_matches(S("*"), etag));
    assert_false(etag_matches(S("\"a\""), etag));
    assert_false(etag_matches(S(""), etag));
    assert_false(str_equal(etag, etag_of(*state, S("Content"))));
}

#define ALONE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int run_part_tests(void)
{
    const struct CMUnitTest tests[] = {
        ALONE(a_rate_lets_a_burst_through_and_then_one_at_a_time),
        ALONE(being_refused_does_not_lengthen_the_wait),
        ALONE(what_is_given_back_was_not_counted),
        cmocka_unit_test(many_addresses_do_not_make_the_table_grow_or_fail),
        ALONE(an_ipv6_network_counts_as_one_address),
        ALONE(the_router_gives_up_a_word_for_the_placeholder_beside_it),
        ALONE(a_pool_finishes_what_it_accepted),
        ALONE(a_full_pool_says_so),
        ALONE(mended_text_is_valid),
        ALONE(an_etag_matches_itself_in_a_list),
    };
    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
