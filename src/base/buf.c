#include "base/buf.h"

#include "base/arena.h"
#include "base/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void buf_reserve(struct buf *b, size_t more)
{
    check(more <= SIZE_MAX / 4 && b->size <= SIZE_MAX / 4);
    size_t needed = b->size + more;
    if (needed <= b->capacity)
        return;
    size_t capacity = b->capacity == 0 ? FIRST_CAPACITY : 2 * b->capacity;
    if (capacity < needed)
        capacity = needed;
    char *data = arena_take_bytes(b->arena, capacity);
    if (b->size > 0)
        memcpy(data, b->data, b->size);
    b->data = data;
    b->capacity = capacity;
}

void buf_char(struct buf *b, char c)
{
    buf_reserve(b, 1);
    b->data[b->size++] = c;
}

void buf_int(struct buf *b, int64_t value)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%" PRId64, value);
    buf_add(b, (struct str){ text, (size_t)size });
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    check(size >= 0);
    buf_reserve(b, (size_t)size + 1); /* vsnprintf wants room for its terminator */
    va_start(args, format);
    vsnprintf(b->data + b->size, (size_t)size + 1, format, args);
    va_end(args);
    b->size += (size_t)size;
}

void buf_xml(struct buf *b, struct str text)
{
    bool valid = utf8_valid(text);
    for (size_t i = 0; i < text.size; i++)
        switch (text.data[i]) {
        case '&':
            buf_add(b, S("&amp;"));
            break;
        case '<':
            buf_add(b, S("&lt;"));
            break;
        case '>':
            buf_add(b, S("&gt;"));
            break;
        default:
            if ((unsigned char)text.data[i] >= 0x80 && !valid)
                buf_add(b, S("\xEF\xBF\xBD"));
            else if ((unsigned char)text.data[i] >= ' ')
                buf_char(b, text.data[i]);
        }
}

struct str buf_str(const struct buf *b)
{
    return (struct str){ b->data, b->size };
}
