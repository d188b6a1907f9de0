/* Votes for and against: Wilson's interval, and Bayesian shares. Pure. */
#pragma once
#include "sift/rank/scores.h"

struct rank_tally {
    double up, down; /* finite and not negative; weighted votes may be fractions */
};

enum rank_votes_method {
    RANK_WILSON, /* the lower bound of Wilson's 95 % interval, 0 to 1 */
    RANK_BAYES,  /* the share that is expected given votes and prior, 0 to 1 */
    RANK_WIKI,   /* the wiki survey's score 100·(wins+1)/(wins+losses+2), 0 to 100 */
};

/* Wilson's 95 % interval for a share; 0 to 1 without votes. */
void rank_wilson_interval(struct rank_tally t, double *low, double *high);

/* The Beta prior under which these tallies together are most likely: its mean is the share of all
   votes, its strength (up + down) says how alike the items are; between 0.1 and 10000. `count` may
   be 0 (then it is even, of strength 2). O(count). */
struct rank_tally rank_votes_prior(const struct rank_tally *tallies, uint32_t count);

/* Scores and ranks of `count` items. `prior` (both parts > 0) is used by RANK_BAYES alone. The
   intervals of RANK_BAYES and RANK_WIKI are the posterior's middle 95 %. Rank intervals are about
   the true shares (with an even prior where the method has none), so an item with few votes, which
   Wilson's bound holds back, has a wide one. */
struct rank_scores rank_votes(struct arena *arena, enum rank_votes_method method,
                              const struct rank_tally *tallies, uint32_t count,
                              struct rank_tally prior, struct rank_draws draws);
