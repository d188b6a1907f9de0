/* What the tests of sift share: an arena for each program, and numbers that are as good as equal.
 */
#pragma once
#include "base/base_testing.h"

#include <math.h>

static inline void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(b))))
        fail_msg("%.17g is not %.17g", a, b);
}
