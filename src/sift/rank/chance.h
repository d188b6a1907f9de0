/* Inside this room: pseudo-random draws that depend on the seed only, and special functions. */
#pragma once
#include <stdint.h>

/* Start with `struct chance c = { seed };`. Not for secrets. */
struct chance {
    uint64_t state;
};

uint64_t chance_bits(struct chance *c);
double chance_uniform(struct chance *c);             /* within (0, 1), never an end of it */
double chance_normal(struct chance *c);              /* mean 0, variance 1 */
double chance_gamma(struct chance *c, double shape); /* shape > 0, scale 1 */
double chance_beta(struct chance *c, double a, double b);

/* The derivative of ln Γ(x) for x > 0, to about 1e-12. */
double digamma(double x);
/* The share of Beta(a, b) below x; and the x with the share `p` below it. a, b > 0. */
double beta_below(double x, double a, double b);
double beta_quantile(double p, double a, double b);
