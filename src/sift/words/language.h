/* CLD2's guess, for C. Private to the room. */
#pragma once
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The code of the language ("en", "zh-Hant"; "un" when there is no guess), which stays valid.
   `likely` may be NULL. *reliable: whether it is sure beyond the hint. */
const char *language_guess(const char *text, int size_bytes, const char *likely, bool *reliable);

#ifdef __cplusplus
}
#endif
