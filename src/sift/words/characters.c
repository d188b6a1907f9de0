#include "sift/words/characters.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

UChar32 character_next(struct str text, int32_t *at)
{
    UChar32 c;
    U8_NEXT(text.data, *at, (int32_t)text.size, c);
    return c;
}

static enum character_category category_of_letter(UChar32 c)
{
    if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT)
        return DICTIONARY;
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO:
        return DENSE;
    default:
        return c == 0x30FC ? DENSE : LETTER; /* the mark that makes a vowel of kana long */
    }
}

static enum character_category category_of_other(UChar32 c)
{
    enum { TYPOGRAPHIC_APOSTROPHE = 0x2019, MODIFIER_APOSTROPHE = 0x2BC, PER_MILLE = 0x2030 };
    switch (u_charType(c)) {
    case U_UPPERCASE_LETTER:
    case U_LOWERCASE_LETTER:
    case U_TITLECASE_LETTER:
    case U_OTHER_LETTER:
        return category_of_letter(c);
    case U_MODIFIER_LETTER:
        return c == MODIFIER_APOSTROPHE ? APOSTROPHE : category_of_letter(c);
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_COMBINING_SPACING_MARK:
        return category_of_letter(c) == DICTIONARY ? DICTIONARY : MARK;
    case U_DECIMAL_DIGIT_NUMBER:
        return DIGIT;
    case U_CURRENCY_SYMBOL:
        return SIGN;
    default:
        return c == TYPOGRAPHIC_APOSTROPHE ? APOSTROPHE : c == PER_MILLE ? SIGN : SPACE;
    }
}

enum character_category character_category(UChar32 c)
{
    if (c >= 0x80)
        return category_of_other(c);
    if (c >= 'a' && c <= 'z')
        return LETTER;
    if (c >= '0' && c <= '9')
        return DIGIT;
    switch (c) {
    case '\'':
        return APOSTROPHE;
    case '.':
    case ',':
        return POINT;
    case '%':
    case '$':
        return SIGN;
    default:
        return SPACE;
    }
}

enum character_category character_as_written(UChar32 c)
{
    return character_category(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}
