/* Languages that people read and write, by their two letters (ISO 639-1). A list of them is a text:
 * codes in alphabetical order, a space between two: "de en". Pure.
 */
#pragma once
#include "base/arena.h"
#include "base/str.h"

enum { LANGUAGES_MAX = 20 };

/* Reads what people type: English names or codes, in any letter case, with commas or line ends
   between them. False with a sentence that names the first that is not known. "" is none. */
bool languages_read(struct arena *arena, struct str typed, struct str *list, struct str *problem);
/* "English, German": names, with `between` them. */
struct str languages_text(struct arena *arena, struct str list, struct str between);
