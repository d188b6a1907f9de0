/* Capitals that say something. Private to the room. */
#pragma once
#include "base/str.h"

struct arena;

enum { CAPITAL_MARK = 1 }; /* a control character: folding leaves it, and it parts words */

struct capitals {
    struct arena *arena;
    struct str text;
    bool elides; /* apostrophes part words */
    struct str *items;
    size_t count, capacity;
    size_t upper, lower; /* letters */
};

/* Words with a capital that do not begin a sentence. The point behind a single capital ("J. Doe",
   "U.S. Army") ends none, nor does that behind a short word with a capital within ("by St. Mary").
 */
void capitals_find(struct capitals *c);

/* The text with a mark before each capital that was found, and no others. */
struct str capitals_mark(const struct capitals *c);
