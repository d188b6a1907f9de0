/* Characters by what they do in a text. Private to the room. */
#pragma once
#include <unicode/utypes.h>

#include "base/str.h"

enum character_category {
    SPACE, /* whatever parts words */
    LETTER,
    MARK,
    DIGIT,
    SIGN,
    APOSTROPHE,
    POINT,      /* full stop and comma: inside of numbers */
    DENSE,      /* Han and kana */
    DICTIONARY, /* Thai and its like */
};

/* The character at a place of UTF-8, and the place behind it; negative where it is none. */
UChar32 character_next(struct str text, int32_t *at);

/* Of a folded character: capitals of ASCII are none of the letters. */
enum character_category character_category(UChar32 c);
/* Of one that is not folded. */
enum character_category character_as_written(UChar32 c);
