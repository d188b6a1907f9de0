#include "platform/html/entity.h"

/* The references people write; others show as typed. Sorted is not needed: each text holds few. */
static const struct {
    const char *name, *text;
} entities[] = {
    { "amp", "&" },    { "lt", "<" },        { "gt", ">" },     { "quot", "\"" },
    { "apos", "'" },   { "nbsp", "\u00a0" }, { "colon", ":" },  { "sol", "/" },
    { "Tab", "\t" },   { "NewLine", "\n" },  { "lpar", "(" },   { "rpar", ")" },
    { "copy", "©" },   { "reg", "®" },       { "trade", "™" },  { "euro", "€" },
    { "pound", "£" },  { "yen", "¥" },       { "cent", "¢" },   { "sect", "§" },
    { "para", "¶" },   { "deg", "°" },       { "plusmn", "±" }, { "times", "×" },
    { "divide", "÷" }, { "frac12", "½" },    { "frac14", "¼" }, { "frac34", "¾" },
    { "hellip", "…" }, { "ndash", "–" },     { "mdash", "—" },  { "lsquo", "‘" },
    { "rsquo", "’" },  { "ldquo", "“" },     { "rdquo", "”" },  { "laquo", "«" },
    { "raquo", "»" },  { "bull", "•" },      { "middot", "·" }, { "rarr", "→" },
    { "larr", "←" },   { "auml", "ä" },      { "ouml", "ö" },   { "uuml", "ü" },
    { "Auml", "Ä" },   { "Ouml", "Ö" },      { "Uuml", "Ü" },   { "szlig", "ß" },
    { "eacute", "é" }, { "egrave", "è" },    { "agrave", "à" }, { "ccedil", "ç" },
    { "ntilde", "ñ" }, { "aring", "å" },     { "oslash", "ø" },
};

static void add_code_point(struct buf *out, uint32_t c)
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    if (c < 0x80) {
        buf_char(out, (char)c);
    } else if (c < 0x800) {
        buf_char(out, (char)(0xC0 | c >> 6));
        buf_char(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        buf_char(out, (char)(0xE0 | c >> 12));
        buf_char(out, (char)(0x80 | (c >> 6 & 63)));
        buf_char(out, (char)(0x80 | (c & 63)));
    } else {
        buf_char(out, (char)(0xF0 | c >> 18));
        buf_char(out, (char)(0x80 | (c >> 12 & 63)));
        buf_char(out, (char)(0x80 | (c >> 6 & 63)));
        buf_char(out, (char)(0x80 | (c & 63)));
    }
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* "#65" or "#x41"; md4c lets only digits through, at most 7. */
static uint32_t number_of(struct str digits, int base)
{
    uint32_t c = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digit(digits.data[i]) >= base || c > 0x10FFFF)
            return 0;
        c = c * (uint32_t)base + (uint32_t)digit(digits.data[i]);
    }
    return c;
}

void entity_decode(struct buf *out, struct str reference)
{
    if (reference.size < 3) {
        buf_add(out, reference);
        return;
    }
    struct str inner = str_slice(reference, 1, reference.size - 1);
    if (inner.data[0] == '#') {
        bool hex = inner.size > 1 && (inner.data[1] == 'x' || inner.data[1] == 'X');
        add_code_point(out, number_of(str_slice(inner, hex ? 2 : 1, inner.size), hex ? 16 : 10));
        return;
    }
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (str_equal(inner, str_from(entities[i].name))) {
            buf_add(out, str_from(entities[i].text));
            return;
        }
    buf_add(out, reference);
}
