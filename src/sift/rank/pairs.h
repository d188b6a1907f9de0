/* Choices between two items: Bradley–Terry strengths, and which pair to show next. Pure. */
#pragma once
#include "sift/rank/votes.h"

#include <stddef.h>

/* Numbers below the counts that are given with them; winner and loser differ. */
struct rank_choice {
    uint32_t winner, loser, voter;
};

/* What each choice weighs so that nobody's weigh more than one in all on any item: 1/(times this
   voter met the item), of its two items the one met more often. Expected O(count). */
double *rank_choice_weights(struct arena *arena, const struct rank_choice *choices, size_t count);

/* Wins and losses of each item; `weights` NULL: each choice weighs 1. O(count + items). */
struct rank_tally *rank_choice_tallies(struct arena *arena, const struct rank_choice *choices,
                                       size_t count, const double *weights, uint32_t items);

/* Into how many parts the items fall that no choice connects; those of different parts are compared
   by the prior alone. O(count). */
uint32_t rank_choice_parts(struct arena *arena, const struct rank_choice *choices, size_t count,
                           uint32_t items);

struct rank_strengths {
    struct rank_scores scores; /* the chance, in per cent, to win against an average item */
    double *strength, *sd;     /* the same in log odds: MAP, and the posterior's deviation */
    uint32_t steps;            /* Newton's, until the gradient vanished */
};

/* Bradley–Terry MAP with a normal prior of mean 0 and deviation `prior_sd` (1 is usual) on
   strengths; it is 0 or more, infinity too. Below RANK_PRIOR_SD_LEAST it counts as that (scores are
   50, to six digits), above RANK_PRIOR_SD_MOST as that (the prior keeps strengths finite, and says
   hardly anything else), so that every answer is finite. Weights are from 0 to RANK_WEIGHT_MOST;
   NULL: 1 each. */
#define RANK_PRIOR_SD_LEAST 1e-6
#define RANK_PRIOR_SD_MOST 1e6
#define RANK_WEIGHT_MOST 1e12
struct rank_strengths rank_bradley_terry(struct arena *arena, const struct rank_choice *choices,
                                         size_t count, const double *weights, uint32_t items,
                                         double prior_sd, struct rank_draws draws);
