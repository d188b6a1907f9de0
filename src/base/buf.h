/* Text that grows, inside an arena. Start with `struct buf b = { .arena = arena };`. */
#pragma once
#include "base/str.h"

struct buf {
    struct arena *arena;
    char *data;
    size_t size, capacity;
};

/* Makes room for `more` further bytes, so that they may be written at data + size. */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct str buf_str(const struct buf *b);
