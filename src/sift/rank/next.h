/* Which pair to show next. Pure. */
#pragma once
#include "sift/rank/pairs.h"

struct rank_next_pair {
    uint32_t a, b;
    double gain; /* what is expected to be learnt, in nats (0 from rank_next_catch_up) */
};

/* Fills `pairs` with the `wanted` pairs that are shown next so that what was seen least catches up:
   the item that was in the fewest pairs, with the one it met least often, of these the least seen;
   ties by chance. Pairs filled before count as shown. Returns how many: `wanted`, or 0 with fewer
   than two items. O(wanted · (count + items)). */
uint32_t rank_next_catch_up(struct arena *arena, const struct rank_choice *choices, size_t count,
                            uint32_t items, uint64_t seed, struct rank_next_pair *pairs,
                            uint32_t wanted);

/* What is believed of items and voters while choices come in one at a time. */
struct rank_crowd {
    uint32_t items, voters;
    double *mean, *variance; /* by item: its strength is normal */
    double *right, *wrong;   /* by voter: the chance to choose the stronger one is Beta */
};
struct rank_crowd rank_crowd_make(struct arena *arena, uint32_t items, uint32_t voters);

/* Takes in one choice. O(1). */
void rank_crowd_learn(struct rank_crowd *crowd, struct rank_choice choice);

/* What a choice of this voter between a and b is expected to teach, in nats: of the items, and
   `curiosity` times that of the voter (1 is usual). >= 0 up to rounding. O(1). */
double rank_crowd_gain(const struct rank_crowd *crowd, uint32_t a, uint32_t b, uint32_t voter,
                       double curiosity);

/* The `wanted` different pairs with the largest gain for a voter, largest first; how many there
   are. With more than 512 items one of each pair is among the 64 whose strength is least certain.
   O(pairs looked at · log wanted). */
uint32_t rank_next_gain(struct arena *arena, const struct rank_crowd *crowd, uint32_t voter,
                        struct rank_next_pair *pairs, uint32_t wanted);
