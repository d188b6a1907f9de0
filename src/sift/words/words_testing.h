/* What tests of texts share: the tools that split them, open for each program. */
#pragma once
#include "sift/words/words.h"

#include "sift/table/table_testing.h"

static struct words_tools *tools;

/* For cmocka, around all tests of a program. */
static inline int open_tools(void **state)
{
    tools = words_tools_open();
    return make_arena(state);
}

static inline int close_tools(void **state)
{
    words_tools_close(tools);
    return drop_arena(state);
}

static inline struct words split(const char *text, const char *language)
{
    return words_split(tools, arena, str_from(text), language);
}
