/* Draws: SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014), normals by Box and Muller (1958), gammas by Marsaglia and Tsang ("A simple method for
 * generating gamma variables", ACM TOMS 26, 2000).
 *
 * The regularised incomplete beta function is its continued fraction (Abramowitz & Stegun 26.5.8)
 * evaluated by Lentz's method: O(√max(a, b)) steps. Where both parameters exceed LARGE the normal
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

double chance_log_beta(double a, double b)
{
    return chance_log_gamma(a) + chance_log_gamma(b) - chance_log_gamma(a + b);
}

/* Keeps Lentz's quotients away from 0. */
static double off_zero(double x)
{
    return x + copysign(1e-300, x);
}

/* The continued fraction, which converges fast for x below the mean. */
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
    if (x <= 0 || x >= 1)
        return x > 0;
    double scale = exp(a * log(x) + b * log1p(-x) - chance_log_beta(a, b));
    if (x < (a + 1) / (a + b + 2))
        return scale * beta_fraction(x, a, b) / a;
    return 1 - scale * beta_fraction(1 - x, b, a) / b;
}

/* The standard normal's quantile, by bisection of its distribution. */
static double normal_quantile(double p)
{
    double low = -40, high = 40;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(erfc(-middle / M_SQRT2) / 2 < p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

double chance_beta_quantile(double p, double a, double b)
{
    const double LARGE = 1e6;
    if (fmin(a, b) > LARGE) {
        double mean = a / (a + b);
        return mean + normal_quantile(p) * sqrt(mean * (1 - mean) / (a + b + 1));
    }
    double low = 0, high = 1;
    for (int i = 0; i < 52; i++) {
        double middle = (low + high) / 2;
        *(chance_beta_below(middle, a, b) < p ? &low : &high) = middle;
    }
    return (low + high) / 2;
}
