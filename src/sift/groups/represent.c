/* What each group says, and what all of them can say.
 *
 * Computes: votes of each group on each statement; the statements that represent a group; the
 *     group-informed consensus; what majorities say.
 * Model: a share of agreement is (agree + 1) / (seen + 2), the mean of a beta posterior under a
 *     uniform prior. A statement represents a group when its share exceeds one half and its share
 *     exceeds that of all other groups together, each in a one-sided test at 90 % (z > 1.2816),
 *     likewise for disagreement. Of those the greatest share · z · ratio · z of ratio come first;
 *     before them the agreement that is best by the same product (or by share · z where the group
 *     agrees no more than others). At least one statement is named where anything was voted on.
 *     Group-informed consensus is the product of the groups' shares, hence the posterior
 *     probability that one member drawn from each group all agree.
 * Source: as plane.c (representativeness and group-informed consensus of Polis); the tests add one
 *     success and one trial to each sample. The interval is E. B. Wilson's (see sift/rank).
 * Cost: O(votes + groups · statements) time, 12 bytes for each group and statement.
 * Limits: votes are counted, not weighted; that many statements are tested at once is not corrected
 *     for, so the weakest of many may be there by chance.
 */
#include "sift/groups/groups.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/rank/rank.h"

#include <math.h>

static const double Z_90 = 1.2816;

static void count_one(struct groups_count *c, int vote)
{
    c->seen++;
    c->agree += vote > 0;
    c->disagree += vote < 0;
}

struct groups_counts groups_count(struct arena *arena, const struct opinions *o,
                                  const uint32_t *group_of, uint32_t group_count)
{
    check(group_count <= GROUPS_MAX);
    struct groups_counts c = { .group_count = group_count, .statement_count = o->statement_count };
    size_t cells = (size_t)group_count * o->statement_count;
    c.by_group = arena_new(arena, struct groups_count, cells);
    c.all = arena_new(arena, struct groups_count, o->statement_count);
    for (uint32_t p = 0; p < o->person_count; p++) {
        check(group_of[p] == GROUPS_NONE || group_of[p] < group_count);
        for (size_t i = o->row[p]; i < o->row[p + 1]; i++) {
            count_one(&c.all[o->statement[i]], o->vote[i]);
            if (group_of[p] != GROUPS_NONE)
                count_one(&c.by_group[(size_t)group_of[p] * o->statement_count + o->statement[i]],
                          o->vote[i]);
        }
    }
    return c;
}

/* --- Tests ------------------------------------------------------------------------------------ */

static double share_of(uint32_t votes, uint32_t seen)
{
    return (votes + 1.0) / (seen + 2.0);
}

/* z of a share against one half. */
static double share_test(uint32_t votes, uint32_t seen)
{
    double n = seen + 1.0;
    return 2 * sqrt(n) * ((votes + 1.0) / n - 0.5);
}

/* z of the difference of two shares. */
static double difference_test(uint32_t votes_1, uint32_t seen_1, uint32_t votes_2, uint32_t seen_2)
{
    double n1 = seen_1 + 1.0, n2 = seen_2 + 1.0, a1 = votes_1 + 1.0, a2 = votes_2 + 1.0;
    double together = (a1 + a2) / (n1 + n2);
    if (together >= 1) /* nobody said anything else */
        return 0;
    return (a1 / n1 - a2 / n2) / sqrt(together * (1 - together) * (1 / n1 + 1 / n2));
}

/* --- Representatives -------------------------------------------------------------------------- */

/* One direction of a group's votes on a statement, without what is for show. */
struct side {
    uint32_t votes, seen;
    double share, share_z, ratio, ratio_z;
};

static struct side side_of(uint32_t votes, uint32_t seen, uint32_t others, uint32_t others_seen)
{
    double share = share_of(votes, seen);
    return (struct side){ votes,
                          seen,
                          share,
                          share_test(votes, seen),
                          share / share_of(others, others_seen),
                          difference_test(votes, seen, others, others_seen) };
}

struct sides {
    struct side agree, disagree;
};

static struct sides sides_of(const struct groups_counts *c, uint32_t group, uint32_t statement)
{
    struct groups_count rest = { 0 };
    const struct groups_count *mine = NULL;
    for (uint32_t g = 0; g < c->group_count; g++) {
        const struct groups_count *n = &c->by_group[(size_t)g * c->statement_count + statement];
        if (g == group) {
            mine = n;
            continue;
        }
        rest.agree += n->agree;
        rest.disagree += n->disagree;
        rest.seen += n->seen;
    }
    check(mine != NULL);
    return (struct sides){ side_of(mine->agree, mine->seen, rest.agree, rest.seen),
                           side_of(mine->disagree, mine->seen, rest.disagree, rest.seen) };
}

static struct groups_said said_of(uint32_t statement, bool agrees, const struct side *s)
{
    return (struct groups_said){ .statement = statement,
                                 .agrees = agrees,
                                 .votes = s->votes,
                                 .seen = s->seen,
                                 .share = s->share,
                                 .low = rank_wilson(s->votes, s->seen - s->votes),
                                 .high = 1 - rank_wilson(s->seen - s->votes, s->votes),
                                 .share_z = s->share_z,
                                 .ratio = s->ratio,
                                 .ratio_z = s->ratio_z };
}

static struct groups_said say(uint32_t statement, const struct sides *s)
{
    bool agrees = s->agree.ratio_z > s->disagree.ratio_z;
    return said_of(statement, agrees, agrees ? &s->agree : &s->disagree);
}

struct groups_said groups_said(const struct groups_counts *c, uint32_t group, uint32_t statement)
{
    check(group < c->group_count && statement < c->statement_count);
    struct sides s = sides_of(c, group, statement);
    return say(statement, &s);
}

static bool passes(const struct side *s)
{
    return s->ratio_z > Z_90 && s->share_z > Z_90;
}

static double weight_of(const struct groups_said *s)
{
    return s->share * s->share_z * s->ratio * s->ratio_z;
}

static double weight_of_side(const struct side *s)
{
    return s->share * s->share_z * s->ratio * s->ratio_z;
}

/* Keeps the list in the order of weight, the first found first among equals. */
static size_t insert(struct groups_said *list, size_t count, struct groups_said one,
                     double (*weight)(const struct groups_said *))
{
    size_t at = count;
    while (at > 0 && weight(&list[at - 1]) < weight(&one))
        at--;
    if (at == GROUPS_SAID_MAX)
        return count;
    if (count < GROUPS_SAID_MAX)
        count++;
    for (size_t i = count - 1; i > at; i--)
        list[i] = list[i - 1];
    list[at] = one;
    return count;
}

/* Whether a statement stands better for what the group agrees with than the best so far. */
static bool is_better_agreement(const struct side *s, bool has_best, const struct side *best)
{
    if (!has_best)
        return s->share_z > Z_90 || (s->ratio > 1 && s->share > 0.5);
    if (s->share_z < 0) /* two negative z would make a great product */
        return false;
    if (best->ratio > 1)
        return weight_of_side(s) > weight_of_side(best);
    return s->share * s->share_z > best->share * best->share_z;
}

/* Agreements to the front, order kept. */
static void agreements_first(struct groups_said *list, size_t count)
{
    struct groups_said sorted[GROUPS_SAID_MAX];
    size_t n = 0;
    for (int agrees = 1; agrees >= 0; agrees--)
        for (size_t i = 0; i < count; i++)
            if (list[i].agrees == (agrees == 1))
                sorted[n++] = list[i];
    for (size_t i = 0; i < n; i++)
        list[i] = sorted[i];
}

/* What the search through all statements has found. */
struct found {
    struct groups_said passed[GROUPS_SAID_MAX], striking;
    size_t passed_count;
    double most_striking;
    bool has_best, has_striking;
    uint32_t best;
    struct side best_side;
};

static void consider(struct found *f, uint32_t statement, const struct sides *s)
{
    if (passes(&s->agree) || passes(&s->disagree))
        f->passed_count = insert(f->passed, f->passed_count, say(statement, s), weight_of);
    double striking = fmax(s->agree.ratio_z, s->disagree.ratio_z);
    if (!f->has_striking || striking > f->most_striking) {
        f->has_striking = true;
        f->most_striking = striking;
        f->striking = say(statement, s);
    }
    bool anything = s->agree.votes > 0 || s->disagree.votes > 0;
    if (anything && is_better_agreement(&s->agree, f->has_best, &f->best_side)) {
        f->has_best = true;
        f->best = statement;
        f->best_side = s->agree;
    }
}

size_t groups_representatives(const struct groups_counts *c, const bool *is_out, uint32_t group,
                              struct groups_said *list)
{
    check(group < c->group_count);
    struct found f = { 0 };
    for (uint32_t s = 0; s < c->statement_count; s++) {
        if (is_out != NULL && is_out[s])
            continue;
        struct sides sides = sides_of(c, group, s);
        consider(&f, s, &sides);
    }
    size_t count = 0;
    if (f.has_best) {
        list[count] = said_of(f.best, true, &f.best_side);
        list[count++].is_best = true;
    }
    for (size_t i = 0; i < f.passed_count && count < GROUPS_SAID_MAX; i++)
        if (!f.has_best || f.passed[i].statement != f.best)
            list[count++] = f.passed[i];
    if (count == 0 && f.has_striking)
        list[count++] = f.striking;
    agreements_first(list, count);
    return count;
}

/* --- All groups ------------------------------------------------------------------------------- */

double groups_consensus(const struct groups_counts *c, uint32_t statement, double *deviation)
{
    double product = 1, squares = 1;
    for (uint32_t g = 0; g < c->group_count; g++) {
        const struct groups_count *n = &c->by_group[(size_t)g * c->statement_count + statement];
        double mean = share_of(n->agree, n->seen);
        product *= mean;
        squares *= mean * (n->agree + 2.0) / (n->seen + 3.0); /* the beta's second moment */
    }
    *deviation = sqrt(fmax(0, squares - product * product));
    return product;
}

static double majority_weight(const struct groups_said *s)
{
    return s->share * s->share_z;
}

size_t groups_majorities(const struct groups_counts *c, const bool *is_out, bool agrees,
                         struct groups_said *list)
{
    size_t count = 0;
    for (uint32_t s = 0; s < c->statement_count; s++) {
        if (is_out != NULL && is_out[s])
            continue;
        uint32_t votes = agrees ? c->all[s].agree : c->all[s].disagree, seen = c->all[s].seen;
        struct side side = { votes, seen, share_of(votes, seen), share_test(votes, seen), 1, 0 };
        if (side.share > 0.5 && side.share_z > Z_90)
            count = insert(list, count, said_of(s, agrees, &side), majority_weight);
    }
    return count;
}
