/* Ranking: scores for things that were voted on. Pure. */
#pragma once
#include <stdint.h>

/* Lower bound of the Wilson score interval for `up` of `up + down` votes at 95 % (z = 1.96): what
   share of everybody is at least likely to be for it. 0 without votes. Source: E. B. Wilson,
   "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22
   (1927). */
double rank_wilson(int64_t up, int64_t down);

/* Votes on a logarithmic scale plus recency: ten times the votes weigh as much as 12.5 hours.
   `created_at` in microseconds UTC. It depends on the tally and the time of creation only, so it
   can be rebuilt and need not be refreshed as time goes by. */
double rank_trending(int64_t up, int64_t down, int64_t created_at);
