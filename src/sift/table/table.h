/* Tables of text: CSV read a row at a time, and names numbered in order of appearance. Pure.
 *
 *     struct table t;
 *     if (!table_begin(&t, arena, bytes, &fault)) …
 *     int item = table_column(&t, "item|task");
 *     while (table_next(&t))
 *         use(t.cells[item]);
 *     if (t.fault.kind != FAULT_NONE) …
 *
 * RFC 4180: cells between commas, in double quotes where they hold commas, quotes or line breaks;
 * lines end with LF or CRLF; the first row is the heading. Empty lines are passed over.
 */
#pragma once
#include "base/fault.h"
#include "base/str.h"

#include <stdio.h>

struct table {
    const struct str *cells; /* of the current row, as many as the heading has */
    size_t column_count;
    size_t line;        /* where the current row begins; the heading is line 1 */
    struct fault fault; /* why table_next ended early */

    /* private */
    struct arena *arena;
    const struct str *heading;
    struct str *row;
    const char *at, *end; /* what was not read yet */
    size_t lines_read;
};

/* Reads the heading of `bytes`, which must stay where they are while the table is read (a byte
   order mark before them is passed over). Quoted cells with doubled quotes are copied to `arena`.
   False when there is no heading or it is malformed. */
[[nodiscard]] bool table_begin(struct table *t, struct arena *arena, struct str bytes,
                               struct fault *fault);

/* The number of the column with one of these names (separated by |, letter case aside), or -1. */
int table_column(const struct table *t, const char *names);

/* What the heading says of a column, without spaces around it. */
struct str table_heading(const struct table *t, size_t column);

/* The next row; false at the end, and when the row is malformed or has more or fewer cells than the
   heading (then `fault` says which line and why). */
bool table_next(struct table *t);

/* Writes a cell, in quotes where it needs them. */
void table_write_cell(FILE *out, struct str cell);

/* Numbers for names: 0, 1, 2 … in order of appearance. Start with `struct names n = { .arena = a
   };`. At most 2^32 - 2 names. Finding one takes constant time. */
struct names {
    struct arena *arena;
    struct str *all; /* by number; copies in the arena */
    uint32_t count;

    /* private: open addressing, at most three quarters full */
    struct names_slot *slots;
    uint32_t slot_mask, capacity;
};
#define NAMES_NONE UINT32_MAX

/* The number of a name, which is given one if it has none. */
uint32_t names_number(struct names *n, struct str name);
/* The number of a name, or NAMES_NONE. */
uint32_t names_find(const struct names *n, struct str name);

/* A number as text holds it, such as 0.25, -3 or 1e-4: finite, and nothing else around it; false
   otherwise, for NaN and infinities too. */
bool table_number(struct str cell, double *value);
