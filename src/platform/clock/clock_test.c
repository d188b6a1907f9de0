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

int main(void)
{
    setenv("MANYHANDS_CLOCK_OFFSET_S", "86400", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_offset_shifts_the_wall_clock),
        cmocka_unit_test(the_monotonic_clock_never_goes_back),
        cmocka_unit_test(random_bytes_fill_the_whole_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
