#include "sift/rank/rank.h"

#include <math.h>

double rank_wilson(int64_t up, int64_t down)
{
    const double z = 1.959963984540054;
    double n = (double)(up + down);
    if (n <= 0)
        return 0;
    double p = (double)up / n, z2 = z * z;
    double centre = p + z2 / (2 * n);
    double half = z * sqrt((p * (1 - p) + z2 / (4 * n)) / n);
    return fmax(0, (centre - half) / (1 + z2 / n));
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
