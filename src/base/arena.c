#include "base/arena.h"

#include "base/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks are linked newest first; only the newest hands out pieces. Under AddressSanitizer what has
   not been handed out is poisoned, and a gap between pieces makes an overrun visible. */
#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef WITH_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define WITH_ASAN 0
#endif

enum {
    ALIGNMENT = 16,
    GAP_SIZE = WITH_ASAN ? ALIGNMENT : 0,
    FIRST_BLOCK_SIZE = 16 * 1024,
    BLOCK_SIZE_MAX =
        1024 * 1024, /* growth stops doubling here; one larger piece gets its own size */
    KEPT_SIZE_MAX = 64 * 1024,
};

struct block {
    struct block *older;
    size_t size, used; /* of `bytes` */
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
    struct block *newest;
    size_t held_bytes;
};

struct arena *arena_make(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    check(arena != NULL);
    return arena;
}

static void block_free(struct arena *arena, struct block *block)
{
    arena->held_bytes -= sizeof *block + block->size;
    ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
    free(block);
}

static void block_return_to(struct block *block, size_t used)
{
    block->used = used;
    ASAN_POISON_MEMORY_REGION(block->bytes + used, block->size - used);
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct block *block = arena->newest, *older; block != NULL; block = older) {
        older = block->older;
        block_free(arena, block);
    }
    free(arena);
}

void arena_reset(struct arena *arena)
{
    struct block *kept = NULL;
    for (struct block *block = arena->newest, *older; block != NULL; block = older) {
        older = block->older;
        if (kept == NULL && sizeof *block + block->size <= KEPT_SIZE_MAX)
            kept = block; /* the newest that is small enough is the largest of those */
        else
            block_free(arena, block);
    }
    arena->newest = kept;
    if (kept != NULL) {
        kept->older = NULL;
        block_return_to(kept, 0);
    }
}

static void block_add(struct arena *arena, size_t size_bytes)
{
    size_t size = FIRST_BLOCK_SIZE - sizeof(struct block);
    if (arena->newest != NULL) {
        size_t doubled = 2 * (sizeof(struct block) + arena->newest->size);
        size = (doubled < BLOCK_SIZE_MAX ? doubled : BLOCK_SIZE_MAX) - sizeof(struct block);
    }
    if (size < size_bytes)
        size = size_bytes;
    struct block *block = malloc(sizeof *block + size);
    check(block != NULL);
    block->older = arena->newest;
    block->size = size;
    block_return_to(block, 0);
    arena->newest = block;
    arena->held_bytes += sizeof *block + size;
}

char *arena_take_bytes(struct arena *arena, size_t size_bytes)
{
    check(size_bytes <= SIZE_MAX / 2);
    size_t rounded = (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + GAP_SIZE;
    if (rounded == 0)
        rounded = ALIGNMENT; /* zero bytes too have an address of their own */
    if (arena->newest == NULL || arena->newest->size - arena->newest->used < rounded)
        block_add(arena, rounded);
    struct block *block = arena->newest;
    unsigned char *piece = block->bytes + block->used;
    block->used += rounded;
    ASAN_UNPOISON_MEMORY_REGION(piece, size_bytes);
    return (char *)piece;
}

void *arena_take(struct arena *arena, size_t size_bytes)
{
    return memset(arena_take_bytes(arena, size_bytes), 0, size_bytes);
}

void *arena_take_array(struct arena *arena, size_t size_bytes, size_t count)
{
    size_t total;
    check(!__builtin_mul_overflow(size_bytes, count, &total));
    return arena_take(arena, total);
}

struct arena_mark arena_mark(struct arena *arena)
{
    struct block *block = arena->newest;
    return (struct arena_mark){ .block = block, .used = block == NULL ? 0 : block->used };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->newest != mark.block) {
        struct block *block = arena->newest;
        check(block != NULL); /* the mark is of this arena, and no reset came between */
        arena->newest = block->older;
        block_free(arena, block);
    }
    if (arena->newest != NULL) {
        check(mark.used <= arena->newest->used);
        block_return_to(arena->newest, mark.used);
    }
}

size_t arena_held_bytes(const struct arena *arena)
{
    return arena->held_bytes;
}
