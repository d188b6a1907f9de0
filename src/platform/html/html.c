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

typedef unsigned char sixteen __attribute__((vector_size(16))); /* SSE2, NEON, or two words */

/* Sixteen bytes without anything to replace: no '<' or '>' (which differ in one bit), no '&' or
   '\'' (likewise), no '"'. Most text is passed over at this pace. */
static inline bool is_harmless(const char *bytes)
{
    sixteen x;
    uint64_t found[2];
    memcpy(&x, bytes, sizeof x);
    sixteen special = (sixteen)((x | 2) == '>') | (sixteen)((x | 1) == '\'') | (sixteen)(x == '"');
    memcpy(found, &special, sizeof found);
    return (found[0] | found[1]) == 0;
}

/* Where the next byte to be replaced stands, from `i` on; the text's size when there is none. */
static size_t next_special(struct str s, size_t i, const bool special[256])
{
    while (i + sizeof(sixteen) <= s.size) {
        size_t end = i + sizeof(sixteen);
        if (is_harmless(s.data + i))
            i = end;
        for (; i < end; i++)
            if (special[(unsigned char)s.data[i]])
                return i;
    }
    if (s.size >= sizeof(sixteen) && is_harmless(s.data + s.size - sizeof(sixteen)))
        return s.size;
    while (i < s.size && !special[(unsigned char)s.data[i]])
        i++;
    return i;
}

static void escape(struct buf *out, struct str s, const bool special[256])
{
    for (size_t from = 0, i;; from = i + 1) {
        i = next_special(s, from, special);
        buf_add(out, (struct str){ s.data + from, i - from });
        if (i == s.size)
            return;
        buf_add(out, entity(s.data[i]));
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

void html_picture(struct buf *out, struct str path, struct str alt)
{
    buf_add(out, S("<img src=\""));
    while (path.size > 0) {
        html_url_part(out, str_cut(&path, '/'));
        if (path.size > 0)
            buf_char(out, '/');
    }
    buf_add(out, S("\" alt=\""));
    html_attribute(out, alt);
    buf_add(out, S("\">"));
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
