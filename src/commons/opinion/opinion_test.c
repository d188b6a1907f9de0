#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "opinion_inner.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_make();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void a_place_takes_seven_opinions_or_all_there_are(void **state)
{
    (void)state;
    assert_int_equal(opinion_needed(0), 7);
    assert_int_equal(opinion_needed(4), 4);
    assert_int_equal(opinion_needed(500), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_takes_seven_opinions_or_all_there_are),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
