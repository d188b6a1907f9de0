/* Marks of a jury: what each item deserves when judges differ in severity and spread. Pure. */
#pragma once
#include "sift/rank/scores.h"

#include <stddef.h>

struct rank_mark {
    uint32_t item, judge;
    double score; /* finite */
};

struct rank_jury {
    struct rank_scores scores; /* adjusted, on the scale of the marks */
    /* by item; `raw` is the plain mean, and that of all marks where `marks` is 0 */
    double *raw;
    uint32_t *marks;
    /* by judge: how far below the average judge they mark an average item, how widely they mark
       (1: as the average judge), and how far their marks scatter beyond that */
    double *severity, *spread, *noise;
    uint32_t *judge_marks;
    uint32_t parts; /* items and judges fall into so many that no mark connects */
    uint32_t steps; /* until nothing changed */
};

/* `count` marks of `items` items by `judges` judges. O(steps · count), memory O(items + judges). */
struct rank_jury rank_jury(struct arena *arena, const struct rank_mark *marks, size_t count,
                           uint32_t items, uint32_t judges, struct rank_draws draws);
