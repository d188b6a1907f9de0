/* Scores with their doubt and the places they give: what every method of this room answers. */
#pragma once
#include <stdint.h>

struct arena;

/* Columns by item. Ranks begin with 1; equal scores share the better one. `rank_low` to
   `rank_high` is where the item stands in 95 of 100 draws from what is believed of all items
   together, and holds the rank itself. `order` lists the items from the first to the last, equal
   ones by number. */
struct rank_scores {
    uint32_t count;
    double *score, *low, *high; /* low to high: 95 % interval */
    uint32_t *rank, *rank_low, *rank_high, *order;
};

/* How many draws rank intervals rest on, and the seed that they begin with. */
struct rank_draws {
    uint32_t count; /* 40 or more */
    uint64_t seed;
};
#define RANK_DRAWS ((struct rank_draws){ 400, 1 })

/* Fills `rank` from `count` finite values, the largest first; equal ones share the better rank. */
void rank_order(struct arena *arena, const double *values, uint32_t count, uint32_t *rank);
