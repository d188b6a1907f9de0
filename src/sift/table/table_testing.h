/* What the tests of sift share: an arena for each program. */
#pragma once
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
