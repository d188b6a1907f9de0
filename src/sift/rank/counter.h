/* Inside this room: numbers for pairs of numbers, and which things hang together. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct arena;

/* A number for each pair (a, b), 0 at first; at most as many pairs as it was made for. Open
   addressing: expected constant time. */
struct counter {
    struct counter_cell *cells;
    size_t mask;
};
struct counter rank_counter_make(struct arena *arena, size_t pairs_max);
uint32_t *rank_counter_of(struct counter *c, uint32_t a, uint32_t b);

/* Disjoint sets of 0 … count - 1; each alone at first. */
struct unions {
    uint32_t *parent, parts;
};
struct unions rank_unions_make(struct arena *arena, uint32_t count);
void rank_unions_join(struct unions *u, uint32_t a, uint32_t b);
