#include "sift/rank/counter.h"

#include "base/arena.h"
#include "base/check.h"

struct counter_cell {
    uint32_t a, b, number, used;
};

struct counter rank_counter_make(struct arena *arena, size_t pairs_max)
{
    check(pairs_max < SIZE_MAX / 64);
    size_t size = 16;
    while (size < 2 * pairs_max)
        size *= 2;
    return (struct counter){ arena_new(arena, struct counter_cell, size), size - 1 };
}

uint32_t *rank_counter_of(struct counter *c, uint32_t a, uint32_t b)
{
    uint64_t hash = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15;
    size_t at = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9 >> 20 & c->mask;
    while (c->cells[at].used && (c->cells[at].a != a || c->cells[at].b != b))
        at = (at + 1) & c->mask;
    c->cells[at].a = a;
    c->cells[at].b = b;
    c->cells[at].used = 1;
    return &c->cells[at].number;
}

struct unions rank_unions_make(struct arena *arena, uint32_t count)
{
    struct unions u = { arena_new(arena, uint32_t, count), count };
    for (uint32_t i = 0; i < count; i++)
        u.parent[i] = i;
    return u;
}

static uint32_t root_of(struct unions *u, uint32_t a)
{
    while (u->parent[a] != a) {
        u->parent[a] = u->parent[u->parent[a]]; /* halves the way for whoever comes next */
        a = u->parent[a];
    }
    return a;
}

void rank_unions_join(struct unions *u, uint32_t a, uint32_t b)
{
    uint32_t x = root_of(u, a), y = root_of(u, b);
    if (x == y)
        return;
    u->parent[x > y ? x : y] = x > y ? y : x;
    u->parts--;
}
