"""Wilson's interval, reckoned apart from the program."""

import math


def wilson(up, down):
    """The lower bound at 95 %, as Wilson wrote it in 1927: the smaller root of (share - p)² = z² p (1 - p) / n."""
    n = up + down
    if n == 0:
        return 0.0
    z, share = 1.959963984540054, up / n
    a, b, c = 1 + z * z / n, -(2 * share + z * z / n), share * share
    return max(0.0, (-b - math.sqrt(max(0.0, b * b - 4 * a * c))) / (2 * a))
