#include "platform/http/inside.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool needs_decoding(struct str text, bool plus)
{
    return text.size > 0 && (memchr(text.data, '%', text.size) != NULL ||
                             (plus && memchr(text.data, '+', text.size) != NULL));
}

bool percent_decode(struct arena *arena, struct str text, bool plus, struct str *decoded)
{
    *decoded = text;
    if (!needs_decoding(text, plus))
        return true;
    char *out = arena_take(arena, text.size);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? hex_digit(text.data[i + 1]) : -1;
            int low = i + 2 < text.size ? hex_digit(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        out[size++] = c;
    }
    *decoded = (struct str){ out, size };
    return true;
}

/* Fields between &, empty ones left out. */
static size_t count_fields(struct str text)
{
    size_t count = 0;
    while (text.size > 0 && count <= FIELD_COUNT_MAX)
        count += str_cut(&text, '&').size > 0;
    return count;
}

bool fields_read(struct arena *arena, struct str text, const struct http_field **fields,
                 size_t *count)
{
    *fields = NULL;
    *count = 0;
    size_t expected = count_fields(text);
    if (expected == 0)
        return true;
    if (expected > FIELD_COUNT_MAX)
        return false;
    struct http_field *read = arena_new(arena, struct http_field, expected);
    for (size_t i = 0; i < expected;) {
        struct str value = str_cut(&text, '&');
        if (value.size == 0)
            continue;
        struct str name = str_cut(&value, '=');
        if (!percent_decode(arena, name, true, &read[i].name) ||
            !percent_decode(arena, value, true, &read[i].value))
            return false;
        i++;
    }
    *fields = read;
    *count = expected;
    return true;
}
