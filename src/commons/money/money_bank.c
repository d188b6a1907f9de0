/* Pure: account numbers (ISO 13616), banks (ISO 9362), and names as banks carry them. */
#include "money_inner.h"

#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "base/buf.h"

/* --- IBAN ------------------------------------------------------------------------------------- */

enum { IBAN_MIN = 15, IBAN_MAX = 34, IBAN_HEAD = 4, IBAN_TAIL_SHOWN = 4 };

/* How long a country's numbers are, by the registry of ISO 13616. */
static const struct {
    char country[3];
    unsigned char size;
} iban_sizes[] = {
    { "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA", 20 },
    { "BE", 16 }, { "BG", 22 }, { "BH", 22 }, { "BI", 27 }, { "BR", 29 }, { "BY", 28 },
    { "CH", 21 }, { "CR", 22 }, { "CY", 28 }, { "CZ", 24 }, { "DE", 22 }, { "DJ", 27 },
    { "DK", 18 }, { "DO", 28 }, { "EE", 20 }, { "EG", 29 }, { "ES", 24 }, { "FI", 18 },
    { "FK", 18 }, { "FO", 18 }, { "FR", 27 }, { "GB", 22 }, { "GE", 22 }, { "GI", 23 },
    { "GL", 18 }, { "GR", 27 }, { "GT", 28 }, { "HN", 28 }, { "HR", 21 }, { "HU", 28 },
    { "IE", 22 }, { "IL", 23 }, { "IQ", 23 }, { "IS", 26 }, { "IT", 27 }, { "JO", 30 },
    { "KW", 30 }, { "KZ", 20 }, { "LB", 28 }, { "LC", 32 }, { "LI", 21 }, { "LT", 20 },
    { "LU", 20 }, { "LV", 21 }, { "LY", 25 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 },
    { "MK", 19 }, { "MN", 20 }, { "MR", 27 }, { "MT", 31 }, { "MU", 30 }, { "NI", 28 },
    { "NL", 18 }, { "NO", 15 }, { "OM", 23 }, { "PK", 24 }, { "PL", 28 }, { "PS", 29 },
    { "PT", 25 }, { "QA", 29 }, { "RO", 24 }, { "RS", 22 }, { "RU", 33 }, { "SA", 24 },
    { "SC", 31 }, { "SD", 18 }, { "SE", 24 }, { "SI", 19 }, { "SK", 24 }, { "SM", 27 },
    { "SO", 23 }, { "ST", 25 }, { "SV", 28 }, { "TL", 23 }, { "TN", 24 }, { "TR", 26 },
    { "UA", 29 }, { "VA", 22 }, { "VG", 24 }, { "XK", 20 }, { "YE", 30 },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Capitals without white space and hyphens. */
static struct str compact(struct arena *arena, struct str typed)
{
    struct buf out = { .arena = arena };
    for (size_t i = 0; i < typed.size; i++) {
        char c = typed.data[i];
        if (c == ' ' || c == '-' || c == '\t')
            continue;
        if ((unsigned char)c == 0xc2 && i + 1 < typed.size &&
            (unsigned char)typed.data[i + 1] == 0xa0) { /* a space that does not break */
            i++;
            continue;
        }
        buf_char(&out, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
    return buf_str(&out);
}

static size_t size_for(struct str iban)
{
    for (size_t i = 0; i < sizeof iban_sizes / sizeof iban_sizes[0]; i++)
        if (str_starts(iban, str_from(iban_sizes[i].country)))
            return iban_sizes[i].size;
    return 0;
}

/* The number, its first four behind the rest and letters as 10 … 35, modulo 97 (ISO 7064). */
static unsigned check_sum(struct str iban)
{
    unsigned rest = 0;
    for (size_t i = 0; i < iban.size; i++) {
        char c = iban.data[(i + IBAN_HEAD) % iban.size];
        rest =
            is_digit(c) ? rest * 10 + (unsigned)(c - '0') : rest * 100 + 10 + (unsigned)(c - 'A');
        rest %= 97;
    }
    return rest;
}

bool iban_read(struct arena *arena, struct str typed, struct str *iban, struct str *problem)
{
    struct str number = compact(arena, typed);
    bool is_formed = number.size >= IBAN_MIN && number.size <= IBAN_MAX;
    for (size_t i = 0; is_formed && i < number.size; i++)
        is_formed = i < 2   ? is_capital(number.data[i])
                    : i < 4 ? is_digit(number.data[i])
                            : is_digit(number.data[i]) || is_capital(number.data[i]);
    if (!is_formed) {
        *problem = S("An IBAN begins with two letters and two digits, like DE89 3704 0044 0532 "
                     "0130 00.");
        return false;
    }
    size_t size = size_for(number);
    if (size == 0) {
        *problem = str_printf(arena, "No bank account begins with %.*s.",
                              STR_ARG(str_slice(number, 0, 2)));
        return false;
    }
    if (number.size != size) {
        *problem = str_printf(arena, "An IBAN with %.*s has %zu characters; this has %zu.",
                              STR_ARG(str_slice(number, 0, 2)), size, number.size);
        return false;
    }
    if (check_sum(number) != 1) {
        *problem = S("One of the characters is wrong: the check digits do not fit.");
        return false;
    }
    *iban = number;
    return true;
}

struct str iban_masked(struct arena *arena, struct str iban)
{
    if (iban.size < IBAN_MIN)
        return S("");
    return str_printf(arena, "%.*s … %.*s", STR_ARG(str_slice(iban, 0, 2)),
                      STR_ARG(str_slice(iban, iban.size - IBAN_TAIL_SHOWN, iban.size)));
}

bool bic_read(struct arena *arena, struct str typed, struct str *bic)
{
    enum { SHORT = 8, LONG = 11 };
    struct str code = compact(arena, typed);
    if (code.size != 0 && code.size != SHORT && code.size != LONG)
        return false;
    for (size_t i = 0; i < code.size; i++) {
        bool is_letter = is_capital(code.data[i]);
        if (!is_letter && (i < 6 || !is_digit(code.data[i])))
            return false;
    }
    *bic = code;
    return true;
}

/* --- Names as SEPA carries them --------------------------------------------------------------- */

/* Letters that do not fall apart into one of the Latin alphabet and a mark. */
static const struct {
    uint32_t point;
    const char *latin;
} folded[] = {
    { 0xc6, "AE" },  { 0xe6, "ae" },  { 0xd8, "O" },   { 0xf8, "o" },   { 0xdf, "ss" },
    { 0xd0, "D" },   { 0xf0, "d" },   { 0xde, "TH" },  { 0xfe, "th" },  { 0x110, "D" },
    { 0x111, "d" },  { 0x126, "H" },  { 0x127, "h" },  { 0x131, "i" },  { 0x141, "L" },
    { 0x142, "l" },  { 0x152, "OE" }, { 0x153, "oe" }, { 0x2018, "'" }, { 0x2019, "'" },
    { 0x2013, "-" }, { 0x2014, "-" },
};

static bool is_carried(char c)
{
    return is_digit(c) || is_capital(c) || (c >= 'a' && c <= 'z') || strchr("/-?:().,'+ ", c);
}

static void add_point(struct buf *out, int32_t point)
{
    enum { MARKS_FROM = 0x300, MARKS_TO = 0x36f, ASCII = 0x80 };
    if (point >= MARKS_FROM && point <= MARKS_TO)
        return;
    if (point > 0 && point < ASCII) {
        buf_char(out, is_carried((char)point) ? (char)point : '.');
        return;
    }
    for (size_t i = 0; i < sizeof folded / sizeof folded[0]; i++) {
        if (folded[i].point != (uint32_t)point)
            continue;
        buf_add(out, str_from(folded[i].latin));
        return;
    }
    buf_char(out, '.');
}

struct str sepa_text(struct arena *arena, struct str text, size_t size_max)
{
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2 *parts = unorm2_getNFKDInstance(&error);
    struct buf out = { .arena = arena };
    int32_t at = 0, point;
    while ((size_t)at < text.size && U_SUCCESS(error)) {
        U8_NEXT(text.data, at, (int32_t)text.size, point);
        UChar apart[32];
        UErrorCode none = U_ZERO_ERROR;
        int32_t size = unorm2_getDecomposition(parts, point, apart, 32, &none);
        if (point < 0 || size <= 0 || U_FAILURE(none)) {
            add_point(&out, point < 0 ? '.' : point);
            continue;
        }
        for (int32_t i = 0, inner; i < size;) {
            U16_NEXT(apart, i, size, inner);
            add_point(&out, inner);
        }
    }
    struct str all = str_trim(buf_str(&out));
    return str_trim(str_slice(all, 0, size_max));
}
