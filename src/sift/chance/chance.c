/* Draws: SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014), normals by Box and Muller (1958), gammas by Marsaglia and Tsang ("A simple method for
 * generating gamma variables", ACM TOMS 26, 2000).
 *
 * The regularised incomplete beta function is its continued fraction (Abramowitz & Stegun 26.5.8)
 * evaluated by Lentz's method: O(√min(a, b)) steps. Where both parameters exceed LARGE the normal
 * distribution of the same mean and variance stands in: what that errs is below 1e-3 of the width.
 */
#include "sift/chance/chance.h"

#include <math.h>

uint64_t chance_bits(struct chance *c)
{
    uint64_t z = c->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

double chance_uniform(struct chance *c)
{
    return ((double)(chance_bits(c) >> 12) + 0.5) * 0x1p-52;
}

double chance_normal(struct chance *c)
{
    double radius = sqrt(-2 * log(chance_uniform(c)));
    return radius * cos(2 * M_PI * chance_uniform(c));
}

double chance_rough_normal(struct chance *c)
{
    uint64_t bits = chance_bits(c);
    double sum =
        (double)((bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48));
    return (sum - 2 * 0xffff) * (1.7320508075688772 / 0x1p16); /* √3: four evens' variance is 1/3 */
}

double chance_gamma(struct chance *c, double shape)
{
    double lifted = shape < 1 ? shape + 1 : shape;
    double d = lifted - 1.0 / 3, k = 1 / sqrt(9 * d), x, v;
    do {
        x = chance_normal(c);
        v = fmax(0, 1 + k * x);
        v = v * v * v; /* at 0 the logarithm below is −∞ and the draw is thrown away */
    } while (log(chance_uniform(c)) >= x * x / 2 + d * (1 - v + log(v)));
    return shape < 1 ? d * v * pow(chance_uniform(c), 1 / shape) : d * v;
}

double chance_beta(struct chance *c, double a, double b)
{
    double x = chance_gamma(c, a), y = chance_gamma(c, b);
    return x / fmax(x + y, 0x1p-1000);
}

double chance_digamma(double x)
{
    double shift = 0;
    while (x < 10)
        shift -= 1 / x++;
    double r = 1 / (x * x);
    double tail = r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r / 132))));
    return shift + log(x) - 0.5 / x - tail;
}

double chance_log_gamma(double x)
{
    int sign; /* the plain function would keep it in a global */
    return lgamma_r(x, &sign);
}

/* What Stirling's formula leaves of ln Γ(x), for x ≥ 10. */
static double stirling_rest(double x)
{
    double r = 1 / (x * x), far = 1.0 / 1188 - r * 691.0 / 360360;
    return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * far)))) / x;
}

/* By Stirling's formula where the difference of large logarithms would leave few digits. */
double chance_log_beta(double a, double b)
{
    const double HALF_LOG_2PI = 0.918938533204672742, ENOUGH = 10;
    double less = fmin(a, b), more = fmax(a, b), both = a + b;
    if (more < ENOUGH)
        return chance_log_gamma(a) + chance_log_gamma(b) - chance_log_gamma(both);
    double rest = stirling_rest(more) - stirling_rest(both) - (more - 0.5) * log1p(less / more);
    if (less < ENOUGH)
        return chance_log_gamma(less) + less - less * log(both) + rest;
    return HALF_LOG_2PI - log(less) / 2 - less * log1p(more / less) + stirling_rest(less) + rest;
}

/* Keeps Lentz's quotients away from 0. */
static double off_zero(double x)
{
    return x + copysign(1e-300, x);
}

/* The continued fraction, which converges fast for x below the mean: within some hundred steps
   where the lesser of a and b is at most LARGE, unless a parameter near 0 meets one beyond 1e12:
   there rounding may keep it from settling. */
static double beta_fraction(double x, double a, double b)
{
    enum { STEPS_MAX = 20000 };
    double c = 1, d = 1 / off_zero(1 - (a + b) * x / (a + 1)), value = d, change = 0;
    for (int m = 1; m < STEPS_MAX && fabs(change - 1) > 1e-15; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / off_zero(1 + even * d);
        c = off_zero(1 + even / c);
        value *= c * d;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / off_zero(1 + odd * d);
        c = off_zero(1 + odd / c);
        change = c * d;
        value *= change;
    }
    return value;
}

double chance_beta_below(double x, double a, double b)
{
    const double LARGE = 1e6; /* of both: then the distribution is normal, to a thousandth */
    if (x <= 0 || x >= 1)
        return x > 0;
    double mean = a / (a + b);
    if (fmin(a, b) > LARGE)
        return erfc((mean - x) / sqrt(2 * mean * (1 - mean) / (a + b + 1))) / 2;
    double scale = exp(a * log(x) + b * log1p(-x) - chance_log_beta(a, b));
    double below = x < (a + 1) / (a + b + 2) ? scale * beta_fraction(x, a, b) / a
                                             : 1 - scale * beta_fraction(1 - x, b, a) / b;
    return fmin(fmax(below, 0), 1);
}

double chance_beta_quantile(double p, double a, double b)
{
    double low = 0, high = 1;
    for (int i = 0; i < 52; i++) {
        double middle = (low + high) / 2;
        *(chance_beta_below(middle, a, b) < p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}
