#include "sift/rank/rank.h"

#include <math.h>

double rank_wilson(int64_t up, int64_t down)
{
    double low, high;
    rank_wilson_interval((struct rank_tally){ (double)up, (double)down }, &low, &high);
    return low;
}

double rank_trending(int64_t up, int64_t down, int64_t created_at)
{
    const double tenfold_us = 12.5 * 3600 * 1e6;
    const double epoch_us = 1577836800e6; /* 2020-01-01: keeps the numbers small and exact */
    double net = (double)(up - down);
    double order = log10(fmax(fabs(net), 1));
    double sign = net > 0 ? 1 : net < 0 ? -1 : 0;
    return sign * order + ((double)created_at - epoch_us) / tenfold_us;
}
