/* Ranking: scores for things that were voted on, chosen or marked. Pure. This is the room's door;
 * its topics:
 *
 *     rows.h       what is ranked, read from tables of text
 *     votes.h      votes for and against
 *     pairs.h      choices between two
 *     next.h       which pair to show next
 *     jury.h       marks of judges who differ in severity and spread
 *     agreement.h  how far judges agree
 *     screening.h  which votes look suspicious
 */
#pragma once
#include "sift/rank/agreement.h"
#include "sift/rank/jury.h"
#include "sift/rank/next.h"
#include "sift/rank/pairs.h"
#include "sift/rank/rows.h"
#include "sift/rank/scores.h"
#include "sift/rank/screening.h"
#include "sift/rank/votes.h"

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
