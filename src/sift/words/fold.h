/* Texts as they are compared: compatibility forms, letter case and points that most leave out are
 * gone. Private to the room. */
#pragma once
#include <unicode/unorm2.h>

#include "base/str.h"

struct arena;

/* UTF-16, well-formed. */
struct units {
    UChar *data;
    int32_t size;
};

/* `folding` is NFKC_Casefold; of the language it matters whether its i has capitals of its own. */
struct units fold(const UNormalizer2 *folding, struct arena *arena, struct str text,
                  const char *language);
