#include "base/str.h"

static bool is_tail(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* Bytes of the code point at `p`, 0 where none is well-formed (RFC 3629, table of section 4). */
static size_t point_size(const unsigned char *p, size_t left)
{
    unsigned char c = p[0];
    if (c < 0x80)
        return c == 0 ? 0 : 1;
    if (c >= 0xC2 && c <= 0xDF)
        return left >= 2 && is_tail(p[1]) ? 2 : 0;
    if (c >= 0xE0 && c <= 0xEF) {
        if (left < 3 || !is_tail(p[1]) || !is_tail(p[2]))
            return 0;
        bool overlong = c == 0xE0 && p[1] < 0xA0, surrogate = c == 0xED && p[1] >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (c >= 0xF0 && c <= 0xF4) {
        if (left < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
            return 0;
        bool overlong = c == 0xF0 && p[1] < 0x90, beyond = c == 0xF4 && p[1] >= 0x90;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

bool utf8_valid(struct str s)
{
    const unsigned char *bytes = (const unsigned char *)s.data;
    for (size_t at = 0, size; at < s.size; at += size) {
        size = point_size(bytes + at, s.size - at);
        if (size == 0)
            return false;
    }
    return true;
}

size_t utf8_length(struct str s)
{
    size_t points = 0;
    for (size_t i = 0; i < s.size; i++)
        points += !is_tail((unsigned char)s.data[i]);
    return points;
}

struct str utf8_clip(struct str s, size_t points)
{
    size_t seen = 0;
    for (size_t i = 0; i < s.size; i++)
        if (!is_tail((unsigned char)s.data[i]) && ++seen > points)
            return str_slice(s, 0, i);
    return s;
}
