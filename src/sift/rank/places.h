/* Inside this room: from scores to ranks and their intervals. */
#pragma once
#include "sift/chance/chance.h"
#include "sift/rank/scores.h"

#define NORMAL_95 1.959963984540054 /* 97.5 % of the standard normal lie below it */

/* Room for the scores of `count` items. */
struct rank_scores rank_scores_make(struct arena *arena, uint32_t count);

/* Fills `order` and `rank` from `score`; the rank intervals become the rank alone. Scores are
   finite. O(n log n). */
void rank_by_score(struct rank_scores *s);

/* Fills `values` (one for each item) with a draw from what is believed of them. */
typedef void draw_values(struct chance *chance, double *values, void *context);

/* Fills the rank intervals from draws: O(draws · n log n), memory O(draws · n / 20). */
void rank_intervals(struct arena *arena, struct rank_scores *s, struct rank_draws draws,
                    draw_values *draw, void *context);
