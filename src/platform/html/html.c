/* Escaping by position, and URLs. */
#include "platform/html/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

/* For each byte the position from which on it must be replaced: 0 nowhere, 1 in text and
   attributes, 2 in attributes only. */
static const unsigned char special[256] = {
    ['&'] = 1, ['<'] = 1, ['>'] = 1, ['"'] = 2, ['\''] = 2
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

/* Copies runs of harmless bytes at once; most values hold nothing else. */
static void escape(struct buf *out, struct str s, unsigned char level_max)
{
    size_t from = 0;
    for (size_t i = 0; i < s.size; i++) {
        unsigned char level = special[(unsigned char)s.data[i]];
        if (level == 0 || level > level_max)
            continue;
        buf_add(out, (struct str){ s.data + from, i - from });
        buf_add(out, entity(s.data[i]));
        from = i + 1;
    }
    if (from < s.size)
        buf_add(out, (struct str){ s.data + from, s.size - from });
}

void html_text(struct buf *out, struct str s)
{
    escape(out, s, 1);
}

void html_attribute(struct buf *out, struct str s)
{
    escape(out, s, 2);
}

void html_url(struct buf *out, struct url u)
{
    escape(out, u.text, 2);
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
