/* What the lists know of a word. Private to the room. */
#pragma once
#include "base/str.h"

struct arena;

struct lexicon; /* of one language */

struct lexicon_entry {
    bool function_word, negation, has_number;
    double number;
};

/* The lists of a language; one without entries when there are none for it. */
struct lexicon *lexicon_make(struct arena *arena, const char *language);
struct lexicon_entry lexicon_find(const struct lexicon *lexicon, struct str word);
/* Whether "1,5" is one and a half in this language; otherwise "1.5" is. */
bool lexicon_has_decimal_comma(const struct lexicon *lexicon);
/* Whether an apostrophe parts two words ("l'idée"). */
bool lexicon_has_elision(const struct lexicon *lexicon);
