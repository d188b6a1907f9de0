/* Which pair to show next: by catching up, or by what is expected to be learnt.
 *
 * Catch-up: fairness of attention, in the spirit of wiki surveys, where ideas come in late and must
 * be seen: the least seen item meets whom it met least.
 * Gain (Crowd-BT): strengths are normal, and voter k chooses the stronger item with a chance η_k
 * that is Beta(right, wrong). After a choice both are matched to the first two moments of their
 * posterior; the gain of a pair is the divergence of the new beliefs from the old, weighed by how
 * likely either outcome is.
 *
 * Sources: M. J. Salganik & K. E. C. Levy, "Wiki surveys", PLoS ONE 10 (2015); X. Chen, P. N.
 * Bennett, K. Collins-Thompson & E. Horvitz, "Pairwise ranking aggregation in a crowdsourced
 * setting", WSDM 2013 (its equations for moment matching).
 * Cost: O(1) for a choice or a gain; O(items²) for the best pairs, O(64 · items) beyond 512 items.
 * Limits: what is learnt depends a little on the order of choices; strengths are taken as
 * independent of one another. For a ranking use Bradley–Terry, which looks at all choices at
 * once. */
#include "sift/rank/next.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"
#include "sift/rank/counter.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* --- Catch-up --------------------------------------------------------------------------------- */

struct shown {
    uint32_t items;
    uint32_t *seen;       /* by item */
    struct counter times; /* by pair, the smaller number first */
    struct chance chance;
};

static uint32_t *times_of(struct shown *s, uint32_t a, uint32_t b)
{
    return rank_counter_of(&s->times, a < b ? a : b, a < b ? b : a);
}

static void show(struct shown *s, uint32_t a, uint32_t b)
{
    s->seen[a]++;
    s->seen[b]++;
    ++*times_of(s, a, b);
}

/* The item with the fewest meetings with `with` (UINT32_MAX: with nobody in mind), of these the
   least seen, of these one by chance. */
static uint32_t least(struct shown *s, const uint32_t *met, uint32_t with)
{
    uint32_t best = UINT32_MAX;
    uint64_t best_key = UINT64_MAX, ties = 0;
    for (uint32_t i = 0; i < s->items; i++) {
        uint64_t key = (uint64_t)met[i] << 32 | s->seen[i];
        if (i == with || key > best_key)
            continue;
        ties = key < best_key ? 1 : ties + 1;
        if (chance_bits(&s->chance) % ties == 0)
            best = i;
        best_key = key;
    }
    return best;
}

uint32_t rank_next_catch_up(struct arena *arena, const struct rank_choice *choices, size_t count,
                            uint32_t items, uint64_t seed, struct rank_next_pair *pairs,
                            uint32_t wanted)
{
    if (items < 2)
        return 0;
    struct arena_mark mark = arena_mark(arena);
    struct shown s = {
        items, arena_new(arena, uint32_t, items), rank_counter_make(arena, count + wanted), { seed }
    };
    struct rank_next_pair *all = arena_new(arena, struct rank_next_pair, count + wanted);
    uint32_t *met = arena_new(arena, uint32_t, items);
    for (size_t i = 0; i < count; i++) {
        show(&s, choices[i].winner, choices[i].loser);
        all[i] = (struct rank_next_pair){ choices[i].winner, choices[i].loser, 0 };
    }
    for (uint32_t n = 0; n < wanted; n++) {
        for (uint32_t i = 0; i < items; i++)
            met[i] = 0;
        uint32_t a = least(&s, met, UINT32_MAX);
        for (size_t i = 0; i < count + n; i++)
            if (all[i].a == a || all[i].b == a)
                met[all[i].a == a ? all[i].b : all[i].a]++;
        uint32_t b = least(&s, met, a);
        show(&s, a, b);
        pairs[n] = all[count + n] = (struct rank_next_pair){ a, b, 0 };
    }
    arena_rewind(arena, mark);
    return wanted;
}

/* --- Gain ------------------------------------------------------------------------------------- */

struct rank_crowd rank_crowd_make(struct arena *arena, uint32_t items, uint32_t voters)
{
    const double right = 10, wrong = 1; /* most people mean it */
    struct rank_crowd c = { items,
                            voters,
                            arena_new(arena, double, items),
                            arena_new(arena, double, items),
                            arena_new(arena, double, voters),
                            arena_new(arena, double, voters) };
    for (uint32_t i = 0; i < items; i++)
        c.variance[i] = 1;
    for (uint32_t i = 0; i < voters; i++) {
        c.right[i] = right;
        c.wrong[i] = wrong;
    }
    return c;
}

struct normal {
    double mean, variance;
};

/* Beliefs after a choice, and how likely it was. */
struct learnt {
    struct normal winner, loser;
    double right, wrong, likely;
};

static struct learnt learn(struct normal winner, struct normal loser, double right, double wrong)
{
    const double least_shrink = 1e-4;
    double ahead = winner.mean - loser.mean, voices = right + wrong;
    double p = 1 / (1 + exp(-ahead)), q = 1 - p;
    double trusted = right * p / (right * p + wrong * q); /* that the voter is right, seen this */
    double push = trusted - p, bend = trusted * (1 - trusted) - p * q;
    struct learnt l;
    l.winner.mean = winner.mean + winner.variance * push;
    l.loser.mean = loser.mean - loser.variance * push;
    l.winner.variance = winner.variance * fmax(least_shrink, 1 + winner.variance * bend);
    l.loser.variance = loser.variance * fmax(least_shrink, 1 + loser.variance * bend);
    /* The chance that the winner is the stronger one, to second order in its doubt. */
    double stronger = p + (winner.variance + loser.variance) / 2 * p * q * (q - p);
    stronger = fmin(1 - 1e-9, fmax(1e-9, stronger));
    double weaker = 1 - stronger;
    l.likely = (stronger * right + weaker * wrong) / voices;
    double first = (stronger * (right + 1) * right + weaker * right * wrong) /
                   (l.likely * (voices + 1) * voices);
    double second =
        (stronger * (right + 2) * (right + 1) * right + weaker * (right + 1) * right * wrong) /
        (l.likely * (voices + 2) * (voices + 1) * voices);
    double total = (first - second) / fmax(1e-12, second - first * first);
    l.right = fmax(1e-6, total * first);
    l.wrong = fmax(1e-6, total * (1 - first));
    return l;
}

static struct normal belief(const struct rank_crowd *c, uint32_t item)
{
    return (struct normal){ c->mean[item], c->variance[item] };
}

void rank_crowd_learn(struct rank_crowd *c, struct rank_choice choice)
{
    check(choice.winner < c->items && choice.loser < c->items && choice.voter < c->voters);
    struct learnt l = learn(belief(c, choice.winner), belief(c, choice.loser),
                            c->right[choice.voter], c->wrong[choice.voter]);
    c->mean[choice.winner] = l.winner.mean;
    c->variance[choice.winner] = l.winner.variance;
    c->mean[choice.loser] = l.loser.mean;
    c->variance[choice.loser] = l.loser.variance;
    c->right[choice.voter] = l.right;
    c->wrong[choice.voter] = l.wrong;
}

static double normals_apart(struct normal now, struct normal before)
{
    double ratio = now.variance / before.variance, moved = now.mean - before.mean;
    return (ratio - 1 - log(ratio) + moved * moved / before.variance) / 2;
}

static double betas_apart(double a, double b, double a_before, double b_before)
{
    return chance_log_beta(a_before, b_before) - chance_log_beta(a, b) +
           (a - a_before) * chance_digamma(a) + (b - b_before) * chance_digamma(b) +
           (a_before - a + b_before - b) * chance_digamma(a + b);
}

double rank_crowd_gain(const struct rank_crowd *c, uint32_t a, uint32_t b, uint32_t voter,
                       double curiosity)
{
    check(a < c->items && b < c->items && voter < c->voters);
    double right = c->right[voter], wrong = c->wrong[voter], gain = 0, likely = 0;
    for (int turn = 0; turn < 2; turn++) {
        struct normal winner = belief(c, turn == 0 ? a : b), loser = belief(c, turn == 0 ? b : a);
        struct learnt l = learn(winner, loser, right, wrong);
        double items = normals_apart(l.winner, winner) + normals_apart(l.loser, loser);
        gain += l.likely * (items + curiosity * betas_apart(l.right, l.wrong, right, wrong));
        likely += l.likely;
    }
    return gain / likely;
}

static int least_certain_first(const void *left, const void *right, void *variance)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    double x = ((const double *)variance)[a], y = ((const double *)variance)[b];
    return x != y ? (x < y) - (x > y) : (a > b) - (a < b);
}

/* Puts a pair among the `kept` best so far, sorted by gain, of `wanted` at most. */
static uint32_t keep_best(struct rank_next_pair *pairs, uint32_t kept, uint32_t wanted,
                          struct rank_next_pair pair)
{
    if (kept == wanted && pair.gain <= pairs[wanted - 1].gain)
        return kept;
    uint32_t at = kept < wanted ? kept++ : wanted - 1;
    for (; at > 0 && pairs[at - 1].gain < pair.gain; at--)
        pairs[at] = pairs[at - 1];
    pairs[at] = pair;
    return kept;
}

uint32_t rank_next_gain(struct arena *arena, const struct rank_crowd *crowd, uint32_t voter,
                        struct rank_next_pair *pairs, uint32_t wanted)
{
    enum { ALL_MAX = 512, SOME = 64 };
    check(wanted > 0);
    struct arena_mark mark = arena_mark(arena);
    uint32_t *order = arena_new(arena, uint32_t, crowd->items), kept = 0;
    for (uint32_t i = 0; i < crowd->items; i++)
        order[i] = i;
    qsort_r(order, crowd->items, sizeof *order, least_certain_first, crowd->variance);
    uint32_t firsts = crowd->items <= ALL_MAX ? crowd->items : SOME;
    for (uint32_t i = 0; i < firsts; i++)
        for (uint32_t j = i + 1; j < crowd->items; j++) {
            struct rank_next_pair pair = { order[i], order[j],
                                           rank_crowd_gain(crowd, order[i], order[j], voter, 1) };
            kept = keep_best(pairs, kept, wanted, pair);
        }
    arena_rewind(arena, mark);
    return kept;
}
