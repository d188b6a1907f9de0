/* Text as a pointer and a size.
 *
 * A `struct str` does not own its bytes, is not terminated, and is valid UTF-8 wherever it came
 * through the platform's input checks. The empty string is `(struct str){0}`; its data may be NULL.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct str {
    const char *data;
    size_t size;
};

/* A string literal as a str. */
#define S(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* For printf: "%.*s". */
#define STR_ARG(s) (int)(s).size, (s).data == NULL ? "" : (s).data

struct str str_from(const char *terminated); /* NULL gives the empty string */
bool str_equal(struct str a, struct str b);
bool str_equal_nocase(struct str a, struct str b); /* ASCII letters only */
int str_compare(struct str a, struct str b);       /* bytewise: <0, 0, >0 */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_slice(struct str s, size_t from, size_t to); /* clipped to the string */
struct str str_trim(struct str s);                          /* ASCII white space, both ends */
/* Position of `part` in `s`, or SIZE_MAX. */
size_t str_find(struct str s, struct str part);
/* The part of *rest before `separator`; *rest becomes what follows it (empty at the end). */
struct str str_cut(struct str *rest, char separator);

/* "example.org:8080" of "https://example.org:8080/path"; "" where there is no "://". */
struct str str_url_host(struct str url);

struct str str_copy(struct arena *arena, struct str s);
const char *str_c(struct arena *arena, struct str s); /* a terminated copy */
struct str str_join(struct arena *arena, struct str a, struct str b);
struct str str_lower(struct arena *arena, struct str s); /* ASCII letters only */
struct str str_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Decimal integer, optional minus sign, nothing else around it; false on overflow too. */
bool str_to_int64(struct str s, int64_t *value);
struct str str_hex(struct arena *arena, const void *bytes, size_t size);
bool str_unhex(struct str hex, void *bytes, size_t size); /* exactly 2·size digits */

/* UTF-8 (RFC 3629: no surrogates, no overlong forms, no NUL). */
bool utf8_valid(struct str s);
size_t utf8_length(struct str s); /* code points of a valid string */
/* The first `points` code points at most. */
struct str utf8_clip(struct str s, size_t points);
