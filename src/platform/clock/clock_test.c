#include "platform/clock/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void the_offset_shifts_the_wall_clock(void **state)
{
    int64_t real_s = time(NULL), now_s = clock_now() / 1000000;
    assert_in_range(now_s - 86400 - real_s + 1, 0, 60); /* a slow machine may lie between */
}

static void the_monotonic_clock_never_goes_back(void **state)
{
    int64_t last = clock_monotonic();
    for (int i = 0; i < 10000; i++) {
        int64_t next = clock_monotonic();
        assert_true(next >= last);
        last = next;
    }
}

static void random_bytes_fill_the_whole_range(void **state)
{
    unsigned char a[1000] = { 0 }, b[1000] = { 0 }, seen[1000] = { 0 };
    for (int round = 0; round < 64; round++) {
        random_bytes(a, sizeof a);
        for (size_t i = 0; i < sizeof a; i++)
            seen[i] |= a[i];
    }
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    for (size_t i = 0; i < sizeof seen; i++)
        assert_int_not_equal(seen[i], 0); /* 256^-64 each by chance */
}

static void a_condition_is_waited_for_until_its_time_and_not_before(void **state)
{
    pthread_cond_t condition;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    int64_t until = clock_monotonic() + 20000;
    clock_condition_init(&condition);
    pthread_mutex_lock(&mutex);
    while (clock_condition_wait(&condition, &mutex, until))
        continue;
    assert_true(clock_monotonic() >= until);
    assert_false(clock_condition_wait(&condition, &mutex, until));
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&condition);
}

struct call {
    pthread_cond_t condition;
    pthread_mutex_t mutex;
    bool is_made;
};

static void *make_call(void *context)
{
    struct call *call = context;
    pthread_mutex_lock(&call->mutex);
    call->is_made = true;
    pthread_cond_signal(&call->condition);
    pthread_mutex_unlock(&call->mutex);
    return NULL;
}

static void whoever_waits_is_called_before_the_time_is_over(void **state)
{
    struct call call = { .mutex = PTHREAD_MUTEX_INITIALIZER };
    pthread_t thread;
    int64_t until = clock_monotonic() + INT64_C(3600000000);
    clock_condition_init(&call.condition);
    pthread_mutex_lock(&call.mutex);
    assert_int_equal(pthread_create(&thread, NULL, make_call, &call), 0);
    while (!call.is_made)
        assert_true(clock_condition_wait(&call.condition, &call.mutex, until));
    pthread_mutex_unlock(&call.mutex);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&call.condition);
}

int main(void)
{
    setenv("MANYHANDS_CLOCK_OFFSET_S", "86400", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_offset_shifts_the_wall_clock),
        cmocka_unit_test(the_monotonic_clock_never_goes_back),
        cmocka_unit_test(random_bytes_fill_the_whole_range),
        cmocka_unit_test(a_condition_is_waited_for_until_its_time_and_not_before),
        cmocka_unit_test(whoever_waits_is_called_before_the_time_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
