/* Which votes look suspicious, and why. Nothing is thrown away here: rank once with all votes and
   once without these, and show both. Pure. */
#pragma once
#include "sift/rank/rows.h"

enum rank_suspicion {
    RANK_BURST = 1,     /* came with many others for the same entry in a short time */
    RANK_ORIGIN = 2,    /* came after others for the same entry from the same origin */
    RANK_ONE_ENTRY = 4, /* of an account that supports this entry only */
};

struct rank_screening_limits {
    int64_t burst_s;          /* how long a burst lasts at most */
    uint32_t burst_votes;     /* fewer are none */
    double burst_chance;      /* how unlikely they must be */
    uint32_t origin_people;   /* that many accounts of one origin may support an entry */
    uint32_t one_entry_votes; /* an account with fewer votes is not looked at */
};
/* For votes on single items; for choices, where one cannot choose what one meets, an account must
   have chosen the same item five times and nothing else. */
#define RANK_SCREEN_VOTES ((struct rank_screening_limits){ 600, 10, 1e-6, 3, 1 })
#define RANK_SCREEN_CHOICES ((struct rank_screening_limits){ 600, 10, 1e-6, 3, 5 })

/* For each row of votes or choices the suspicions against it, or 0. What an entry is: the item, and
   for votes against, apart, what opposes it. Bursts need times, origins a column of them. Expected
   O(rows · log rows). */
uint8_t *rank_screen(struct arena *arena, const struct rank_rows *rows,
                     struct rank_screening_limits limits);

/* The rows without suspicion; names and numbers stay. */
struct rank_rows rank_screened(struct arena *arena, const struct rank_rows *rows,
                               const uint8_t *suspicions);
