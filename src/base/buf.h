/* Text that grows, inside an arena. Start with `struct buf b = { .arena = arena };`. */
#pragma once
#include "base/str.h"

#include <string.h>

struct buf {
    struct arena *arena;
    char *data;
    size_t size, capacity;
};

/* Makes room for `more` further bytes, so that they may be written at data + size. */
void buf_reserve(struct buf *b, size_t more);

/* Inline, because pages are made of it: text of constant size is copied without a call. */
static inline void buf_add(struct buf *b, struct str s)
{
    if (__builtin_expect(b->capacity - b->size < s.size, 0))
        buf_reserve(b, s.size);
    if (s.size > 0)
        memcpy(b->data + b->size, s.data, s.size);
    b->size += s.size;
}

void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text inside of an XML element; control characters, which XML does not know, are left out, and of
   what is no UTF-8 each byte beyond ASCII is replaced. */
void buf_xml(struct buf *b, struct str text);
struct str buf_str(const struct buf *b);
