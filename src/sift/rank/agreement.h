/* How far judges agree: Krippendorff's alpha. Pure. */
#pragma once
#include "sift/rank/jury.h"

#include <stdbool.h>

enum rank_level {
    RANK_NOMINAL,  /* scores are names: equal or not */
    RANK_ORDINAL,  /* their order counts */
    RANK_INTERVAL, /* their differences count */
};

struct rank_alpha {
    bool defined;            /* false when no item has two marks, or all these marks are equal */
    double alpha, low, high; /* 1: agreement, 0: as by chance; low to high: 95 % interval */
    uint32_t items;          /* that have two marks or more; others say nothing */
    size_t marks;            /* on them */
};

/* Alpha of `count` marks on `items` items; `draws` resamples of the items give the interval.
   O(count · (log count + draws)). */
struct rank_alpha rank_agreement(struct arena *arena, const struct rank_mark *marks, size_t count,
                                 uint32_t items, enum rank_level level, struct rank_draws draws);
