/* Pseudo-random draws that depend on the seed only, and special functions of distributions. Pure.
 */
#pragma once
#include <stdint.h>

/* Start with `struct chance c = { seed };`. Not for secrets. */
struct chance {
    uint64_t state;
};

uint64_t chance_bits(struct chance *c);
double chance_uniform(struct chance *c); /* within (0, 1), never an end of it */
double chance_normal(struct chance *c);  /* mean 0, variance 1 */
/* Four even draws summed: mean 0 and variance 1 too, near the normal but for tails that end at 3.5
   deviations; many times quicker. For what is summed again. */
double chance_rough_normal(struct chance *c);
double chance_gamma(struct chance *c, double shape); /* shape > 0, scale 1 */
double chance_beta(struct chance *c, double a, double b);

/* ln Γ(x), and ln of the beta function, for arguments > 0. */
double chance_log_gamma(double x);
double chance_log_beta(double a, double b);
/* The derivative of ln Γ(x) for x > 0, to about 1e-12. */
double chance_digamma(double x);
/* The share of Beta(a, b) below x; and the x with the share `p` below it. a, b > 0; to about 1e-9
   where both are within 0.5 and 1e6, less exactly beyond, and always within 0 and 1. */
double chance_beta_below(double x, double a, double b);
double chance_beta_quantile(double p, double a, double b);
