/* Escaping by position, and URLs. */
#include "platform/html/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

/* Bytes that must be replaced in text, and in attributes. */
static const bool in_text[256] = { ['&'] = true, ['<'] = true, ['>'] = true };
static const bool in_attribute[256] = {
    ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true
};

static struct str entity(char c)
{
    switch (c) {
    case '&':
        return S("&amp;");
    case '<':
        return S("&lt;");
    case '>':
        return S("&gt;");
    case '"':
        return S("&quot;");
    default:
        return S("&#39;");
    }
}

/* Whether one of the eight bytes is `c`, or becomes `c` with the bits of `either` set: the known
   test for a zero byte in a word (Hacker's Delight, 6-1), after the bytes looked for were made
   zero. */
static inline uint64_t has_byte(uint64_t eight, unsigned char c, unsigned char either)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t x = (eight | either * ones) ^ c * ones;
    return (x - ones) & ~x & 0x80 * ones;
}

/* Eight bytes without anything to replace: no '<' or '>' (which differ in one bit), no '&' or '\''
   (likewise), no '"'. Most text is passed over at this pace. */
static inline bool is_harmless(const char *bytes)
{
    uint64_t eight;
    memcpy(&eight, bytes, sizeof eight);
    return (has_byte(eight, '>', 2) | has_byte(eight, '\'', 1) | has_byte(eight, '"', 0)) == 0;
}

/* Copies runs of harmless bytes at once. */
static void escape(struct buf *out, struct str s, const bool special[256])
{
    size_t from = 0, i = 0;
    for (;;) {
        while (i + sizeof(uint64_t) <= s.size && is_harmless(s.data + i))
            i += sizeof(uint64_t);
        while (i < s.size && !special[(unsigned char)s.data[i]])
            i++;
        buf_add(out, (struct str){ s.data + from, i - from });
        if (i >= s.size)
            return;
        buf_add(out, entity(s.data[i]));
        from = ++i;
    }
}

void html_text(struct buf *out, struct str s)
{
    escape(out, s, in_text);
}

void html_attribute(struct buf *out, struct str s)
{
    escape(out, s, in_attribute);
}

void html_url(struct buf *out, struct url u)
{
    escape(out, u.text, in_attribute);
}

void html_int(struct buf *out, int64_t n)
{
    char digits[20]; /* of 2^63, and a sign */
    size_t at = sizeof digits;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (n < 0)
        digits[--at] = '-';
    buf_add(out, (struct str){ digits + at, sizeof digits - at });
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void html_url_part(struct buf *out, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    buf_reserve(out, 3 * s.size);
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (is_unreserved(c)) {
            out->data[out->size++] = (char)c;
        } else {
            out->data[out->size++] = '%';
            out->data[out->size++] = digits[c >> 4];
            out->data[out->size++] = digits[c & 15];
        }
    }
}

/* Browsers drop tabs and line breaks inside a URL and blanks around it before they look at the
   scheme, and read a backslash as a slash. So text with control characters is no URL, whatever
   the rest says. */
static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.size; i++)
        if ((unsigned char)s.data[i] < 0x20 || s.data[i] == 0x7f)
            return true;
    return false;
}

static bool starts_nocase(struct str s, struct str prefix)
{
    return s.size >= prefix.size && str_equal_nocase(str_slice(s, 0, prefix.size), prefix);
}

struct url url_from_text(struct str s)
{
    static const struct url nowhere = { { "#", 1 } };
    s = str_trim(s);
    if (s.size == 0 || has_control(s))
        return nowhere;
    if (s.data[0] == '#' || s.data[0] == '?')
        return (struct url){ s };
    if (s.data[0] == '/') {
        bool other_host = s.size > 1 && (s.data[1] == '/' || s.data[1] == '\\');
        return other_host ? nowhere : (struct url){ s };
    }
    if (starts_nocase(s, S("http://")) || starts_nocase(s, S("https://")) ||
        starts_nocase(s, S("mailto:")))
        return (struct url){ s };
    return nowhere;
}

struct url url_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    check(size > 0);
    char *text = arena_take(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    check(text[0] == '/' && text[1] != '/' && text[1] != '\\');
    return (struct url){ { text, (size_t)size } };
}
