/* What the tests of sift share: an arena for each program, and numbers that are as good as equal.
 */
#pragma once
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static struct arena *arena;

static int make_arena(void **state)
{
    arena = arena_make();
    return 0;
}

static int drop_arena(void **state)
{
    arena_free(arena);
    return 0;
}

static inline void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}
