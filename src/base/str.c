#include "base/str.h"

#include "base/arena.h"
#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct str str_from(const char *terminated)
{
    return (struct str){ terminated, terminated == NULL ? 0 : strlen(terminated) };
}

bool str_equal(struct str a, struct str b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

int str_compare(struct str a, struct str b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.size >= prefix.size && str_equal(str_slice(s, 0, prefix.size), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.size >= suffix.size && str_equal(str_slice(s, s.size - suffix.size, s.size), suffix);
}

struct str str_slice(struct str s, size_t from, size_t to)
{
    if (to > s.size)
        to = s.size;
    if (from >= to)
        return (struct str){ 0 };
    return (struct str){ s.data + from, to - from };
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    size_t from = 0, to = s.size;
    while (from < to && is_space(s.data[from]))
        from++;
    while (to > from && is_space(s.data[to - 1]))
        to--;
    return str_slice(s, from, to);
}

size_t str_find(struct str s, struct str part)
{
    if (part.size == 0)
        return 0;
    if (part.size > s.size)
        return SIZE_MAX;
    const char *found = memmem(s.data, s.size, part.data, part.size);
    return found == NULL ? SIZE_MAX : (size_t)(found - s.data);
}

struct str str_cut(struct str *rest, char separator)
{
    size_t at = str_find(*rest, (struct str){ &separator, 1 });
    struct str part = str_slice(*rest, 0, at);
    *rest = at == SIZE_MAX ? (struct str){ 0 } : str_slice(*rest, at + 1, rest->size);
    return part;
}

struct str str_url_host(struct str url)
{
    size_t at = str_find(url, S("://"));
    struct str rest = at == SIZE_MAX ? S("") : str_slice(url, at + 3, SIZE_MAX);
    return str_cut(&rest, '/');
}

struct str str_copy(struct arena *arena, struct str s)
{
    return (struct str){ str_c(arena, s), s.size };
}

const char *str_c(struct arena *arena, struct str s)
{
    char *copy = arena_take(arena, s.size + 1);
    if (s.size > 0)
        memcpy(copy, s.data, s.size);
    return copy;
}

struct str str_join(struct arena *arena, struct str a, struct str b)
{
    char *joined = arena_take(arena, a.size + b.size + 1);
    if (a.size > 0)
        memcpy(joined, a.data, a.size);
    if (b.size > 0)
        memcpy(joined + a.size, b.data, b.size);
    return (struct str){ joined, a.size + b.size };
}

struct str str_lower(struct arena *arena, struct str s)
{
    char *copy = arena_take(arena, s.size + 1);
    for (size_t i = 0; i < s.size; i++)
        copy[i] = lower(s.data[i]);
    return (struct str){ copy, s.size };
}

struct str str_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    check(size >= 0);
    char *text = arena_take(arena, (size_t)size + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)size + 1, format, args);
    va_end(args);
    return (struct str){ text, (size_t)size };
}

bool str_to_int64(struct str s, int64_t *value)
{
    bool minus = s.size > 0 && s.data[0] == '-';
    if (s.size == (minus ? 1U : 0U))
        return false;
    int64_t sum = 0;
    for (size_t i = minus ? 1 : 0; i < s.size; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        int digit = s.data[i] - '0';
        /* Summed with its sign, since INT64_MIN has no positive counterpart. */
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, minus ? -digit : digit, &sum))
            return false;
    }
    *value = sum;
    return true;
}

struct str str_hex(struct arena *arena, const void *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    char *text = arena_take(arena, 2 * size + 1);
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[from[i] >> 4];
        text[2 * i + 1] = digits[from[i] & 15];
    }
    return (struct str){ text, 2 * size };
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool str_unhex(struct str hex, void *bytes, size_t size)
{
    unsigned char *to = bytes;
    if (hex.size % 2 != 0 || hex.size / 2 != size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(hex.data[2 * i]), low = hex_digit(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
