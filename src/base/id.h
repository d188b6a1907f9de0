/* Ids: 64-bit, positive, ordered by time, made by the application.
 *
 * 43 bits of milliseconds since 2020-01-01 UTC, 6 bits of node, 14 bits of counter. Shown as 13
 * lower-case characters of Crockford's base 32 (no i, l, o, u). Zero means "none".
 * Each table's id is a type of its own, generated from the schemas into `ids.h`.
 */
#pragma once
#include "base/str.h"

enum { ID_TEXT_SIZE = 13 };

/* A new id; `now` in microseconds UTC. Strictly increasing within the process, from any thread;
   if the clock stands still or goes back, it counts on from the last id. `node` 0..63 was set once
   by id_set_node and keeps several servers on one database apart. */
int64_t id_make(int64_t now);
void id_set_node(unsigned node);

/* The time an id was made, microseconds UTC (millisecond precision). */
int64_t id_time(int64_t id);
/* The least id that can be made at `at`: what is older has a smaller one. 0 before 2020. */
int64_t id_least(int64_t at);

/* Writes 13 characters and a terminator. */
void id_print(int64_t id, char text[ID_TEXT_SIZE + 1]);
struct str id_text(struct arena *arena, int64_t id);
/* Exactly 13 characters as id_print writes them (upper case accepted); false for anything else,
   for zero and for values over INT64_MAX. */
bool id_parse(struct str text, int64_t *id);
