/* What tests of all storeys share: cmocka with what it needs, and an arena for each program. To be
 * included last: inline functions of other headers have parameters called `arena`.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* needs those before it */

#include "base/arena.h"
#include "base/str.h"

static struct arena *arena;

/* For cmocka, around each test or all of a program. */
static inline int make_arena(void **state)
{
    (void)state;
    arena = arena_make();
    return 0;
}

static inline int drop_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#define assert_str(str, text) assert_string_equal(str_c(arena, str), text)
