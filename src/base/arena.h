/* Memory that is freed as a whole.
 *
 * An arena hands out pieces and takes none back: everything in it lives until the arena is
 * reset or freed. A request owns one, so does a job; whoever receives an arena as a parameter
 * allocates from it and never frees. Pieces are zeroed and aligned for any type.
 *
 * Running out of memory is a bug of sizing, not a case to handle: the process stops with a trace.
 */
#pragma once
#include <stddef.h>

struct arena;

/* A new, empty arena. */
struct arena *arena_make(void);

/* Frees the arena and everything in it; NULL is allowed. */
void arena_free(struct arena *arena);

/* Forgets everything in the arena but keeps up to 64 KiB of its memory for the next use. */
void arena_reset(struct arena *arena);

/* `size_bytes` zeroed bytes; zero bytes give a valid pointer too. */
void *arena_take(struct arena *arena, size_t size_bytes);

/* The same without zeroing, for bytes that are written before they are read. */
char *arena_take_bytes(struct arena *arena, size_t size_bytes);

/* Zeroed room for `count` objects of `type`; the product is checked against overflow. */
#define arena_new(arena, type, count) ((type *)arena_take_array((arena), sizeof(type), (count)))
void *arena_take_array(struct arena *arena, size_t size_bytes, size_t count);

/* A place to return to: arena_rewind frees what was taken since the mark (a retry begins anew). */
struct arena_mark {
    void *block;
    size_t used;
};
struct arena_mark arena_mark(struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Bytes held from the system, for tests and metrics. */
size_t arena_held_bytes(const struct arena *arena);
