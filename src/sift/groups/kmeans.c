/* Groups of people who stand close together in the plane.
 *
 * Computes: who is in, k groups of them, how separate the groups are, and how near each person is
 *     to another group.
 * Model: k-means: each person belongs to the nearest of k centres, each centre is the mean of its
 *     people. k is the one of 2 to 5 (at most 2 + people / 12) with the greatest mean silhouette.
 *     With the groups of last time the iteration starts from their people's mean places, groups
 *     keep their numbers, and another k must be better by K_HOLDS to replace the old one.
 * Source: S. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28 (1982);
 *     D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007;
 *     P. J. Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20 (1987); who is in and the bound of
 *     k as Polis has them (see plane.c).
 * Cost: O(people · k · iterations · TRIES) time; silhouettes O(min(people, SAMPLE_MAX)²); memory
 *     O(people).
 * Limits: finds round groups of like width; the best of TRIES starts need not be the best there is.
 *     People are taken in the order of their places, so that the order of the input has no say.
 */
#include "sift/groups/groups.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 12, ITERATIONS_MAX = 300, SAMPLE_MAX = 2048, PEOPLE_LEAST = 15, VOTES_MIN = 7 };
static const double K_HOLDS = 0.03;

/* The people who are in, ordered by place. */
struct crowd {
    uint32_t count;
    uint32_t *person;
    double *x, *y;
};

struct clustering {
    uint32_t k; /* centres that have people */
    uint32_t *of;
    double x[GROUPS_MAX], y[GROUPS_MAX];
    uint32_t size[GROUPS_MAX];
    double spread; /* sum of squared distances to the centres */
};

/* --- Who is in -------------------------------------------------------------------------------- */

struct busy {
    size_t votes;
    uint32_t person;
};

static int by_votes(const void *a, const void *b)
{
    const struct busy *x = a, *y = b;
    if (x->votes != y->votes)
        return x->votes > y->votes ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

/* Where fewer than PEOPLE_LEAST gave enough votes, those who gave most come in as well. People with
   the same number of votes come in by number. */
static void fill_up(struct arena *scratch, const struct opinions *o, bool *is_in, uint32_t in_count)
{
    struct busy *rest = arena_new(scratch, struct busy, o->person_count);
    uint32_t count = 0;
    for (uint32_t p = 0; p < o->person_count; p++)
        if (!is_in[p] && o->row[p + 1] > o->row[p])
            rest[count++] = (struct busy){ o->row[p + 1] - o->row[p], p };
    qsort(rest, count, sizeof *rest, by_votes);
    for (uint32_t i = 0; i < count && in_count < PEOPLE_LEAST; i++, in_count++)
        is_in[rest[i].person] = true;
}

static bool *who_is_in(struct arena *scratch, const struct opinions *o,
                       const struct groups_wish *wish)
{
    size_t least = wish->votes_min != 0             ? wish->votes_min
                   : o->statement_count < VOTES_MIN ? o->statement_count
                                                    : VOTES_MIN;
    bool *is_in = arena_new(scratch, bool, o->person_count);
    uint32_t count = 0;
    for (uint32_t p = 0; p < o->person_count; p++) {
        is_in[p] = o->row[p + 1] - o->row[p] >= least;
        is_in[p] |= wish->is_kept != NULL && wish->is_kept[p];
        count += is_in[p];
    }
    if (count < PEOPLE_LEAST)
        fill_up(scratch, o, is_in, count);
    return is_in;
}

struct stand {
    double x, y;
    uint32_t person;
};

static int by_place(const void *a, const void *b)
{
    const struct stand *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    if (p->y != q->y)
        return p->y < q->y ? -1 : 1;
    return (p->person > q->person) - (p->person < q->person);
}

static struct crowd gather(struct arena *scratch, const struct opinions *o,
                           const struct groups_plane *plane, const bool *is_in)
{
    struct stand *stands = arena_new(scratch, struct stand, o->person_count);
    struct crowd crowd = { 0 };
    for (uint32_t p = 0; p < o->person_count; p++)
        if (is_in[p])
            stands[crowd.count++] = (struct stand){ plane->at[0][p], plane->at[1][p], p };
    qsort(stands, crowd.count, sizeof *stands, by_place);
    crowd.person = arena_new(scratch, uint32_t, crowd.count);
    crowd.x = arena_new(scratch, double, crowd.count);
    crowd.y = arena_new(scratch, double, crowd.count);
    for (uint32_t i = 0; i < crowd.count; i++) {
        crowd.person[i] = stands[i].person;
        crowd.x[i] = stands[i].x;
        crowd.y[i] = stands[i].y;
    }
    return crowd;
}

/* --- k-means ---------------------------------------------------------------------------------- */

static double square(double a)
{
    return a * a;
}

/* Whether anybody moved to another centre. */
static bool assign(const struct crowd *c, struct clustering *g)
{
    bool moved = false;
    g->spread = 0;
    memset(g->size, 0, sizeof g->size);
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t nearest = 0;
        double least = INFINITY;
        for (uint32_t k = 0; k < g->k; k++) {
            double d = square(c->x[i] - g->x[k]) + square(c->y[i] - g->y[k]);
            if (d < least) {
                least = d;
                nearest = k;
            }
        }
        moved |= g->of[i] != nearest;
        g->of[i] = nearest;
        g->size[nearest]++;
        g->spread += least;
    }
    return moved;
}

/* Centres go to the mean of their people; one without people stays. */
static void recentre(const struct crowd *c, struct clustering *g)
{
    double x[GROUPS_MAX] = { 0 }, y[GROUPS_MAX] = { 0 };
    for (uint32_t i = 0; i < c->count; i++) {
        x[g->of[i]] += c->x[i];
        y[g->of[i]] += c->y[i];
    }
    for (uint32_t k = 0; k < g->k; k++)
        if (g->size[k] > 0) {
            g->x[k] = x[k] / g->size[k];
            g->y[k] = y[k] / g->size[k];
        }
}

static void iterate(const struct crowd *c, struct clustering *g)
{
    for (uint32_t i = 0; i < c->count; i++)
        g->of[i] = GROUPS_NONE;
    for (int i = 0; i < ITERATIONS_MAX && assign(c, g); i++)
        recentre(c, g);
}

/* Fills far[i] with the squared distance to the nearest centre so far; returns their sum. */
static double measure(const struct crowd *c, const struct clustering *g, double *far)
{
    double sum = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        double d = square(c->x[i] - g->x[g->k - 1]) + square(c->y[i] - g->y[g->k - 1]);
        far[i] = g->k == 1 ? d : fmin(far[i], d);
        sum += far[i];
    }
    return sum;
}

/* Centres by chance, likelier the farther from those there are; fewer than k where people stand at
   fewer places. */
static void seed_centres(const struct crowd *c, uint32_t k, struct clustering *g, double *far,
                         struct chance *chance)
{
    uint32_t i = (uint32_t)(chance_uniform(chance) * c->count);
    for (g->k = 0; g->k < k;) {
        g->x[g->k] = c->x[i];
        g->y[g->k++] = c->y[i];
        double sum = measure(c, g, far);
        if (!(sum > 0))
            break;
        double mark = chance_uniform(chance) * sum;
        uint32_t last = 0;
        for (i = 0; i < c->count && mark >= 0; i++)
            if (far[i] > 0) {
                mark -= far[i];
                last = i;
            }
        i = last;
    }
}

static struct clustering cluster_new(struct arena *scratch, uint32_t count)
{
    return (struct clustering){ .of = arena_new(scratch, uint32_t, count), .spread = INFINITY };
}

/* The best of TRIES starts. */
static struct clustering cluster(struct arena *scratch, const struct crowd *c, uint32_t k,
                                 uint64_t seed)
{
    struct clustering best = cluster_new(scratch, c->count), try = cluster_new(scratch, c->count);
    double *far = arena_new(scratch, double, c->count);
    struct chance chance = { seed ^ (uint64_t)k << 32 };
    for (int i = 0; i < TRIES; i++) {
        seed_centres(c, k, &try, far, &chance);
        iterate(c, &try);
        if (try.spread < best.spread) {
            struct clustering old = best;
            best = try;
            try.of = old.of;
        }
    }
    return best;
}

/* Centres without people vanish. */
static void drop_empty(const struct crowd *c, struct clustering *g)
{
    uint32_t number[GROUPS_MAX], kept = 0;
    for (uint32_t k = 0; k < g->k; k++) {
        number[k] = kept;
        if (g->size[k] == 0)
            continue;
        g->x[kept] = g->x[k];
        g->y[kept] = g->y[k];
        g->size[kept++] = g->size[k];
    }
    for (uint32_t i = 0; i < c->count; i++)
        g->of[i] = number[g->of[i]];
    g->k = kept;
}

/* --- How many --------------------------------------------------------------------------------- */

/* Some of the people, evenly over the places, with their groups. */
struct sample {
    uint32_t count;
    double *x, *y;
    uint32_t *of;
    uint32_t size[GROUPS_MAX];
};

static struct sample sample_of(struct arena *scratch, const struct crowd *c,
                               const struct clustering *g)
{
    struct sample s = { .count = c->count < SAMPLE_MAX ? c->count : SAMPLE_MAX };
    s.x = arena_new(scratch, double, s.count);
    s.y = arena_new(scratch, double, s.count);
    s.of = arena_new(scratch, uint32_t, s.count);
    for (uint32_t i = 0; i < s.count; i++) {
        uint64_t from = (uint64_t)i * c->count / s.count;
        s.x[i] = c->x[from];
        s.y[i] = c->y[from];
        s.of[i] = g->of[from];
        s.size[s.of[i]]++;
    }
    return s;
}

/* From -1 to 1: how much nearer a person is to their own group's people than to the next group's.
   0 for a person alone in a group. */
static double silhouette_of(const struct sample *s, uint32_t group_count, uint32_t me)
{
    double sum[GROUPS_MAX] = { 0 }, other = INFINITY;
    for (uint32_t i = 0; i < s->count; i++)
        sum[s->of[i]] += sqrt(square(s->x[me] - s->x[i]) + square(s->y[me] - s->y[i]));
    uint32_t mine = s->of[me];
    for (uint32_t k = 0; k < group_count; k++)
        if (k != mine && s->size[k] > 0)
            other = fmin(other, sum[k] / s->size[k]);
    if (s->size[mine] < 2 || isinf(other))
        return 0;
    double own = sum[mine] / (s->size[mine] - 1);
    return (other - own) / fmax(own, other); /* two groups are not at one point: no 0 / 0 */
}

/* The mean over people, or a sample where there are many; NAN with fewer than two groups. */
static double silhouette(struct arena *scratch, const struct crowd *c, const struct clustering *g)
{
    if (g->k < 2)
        return NAN;
    struct arena_mark mark = arena_mark(scratch);
    struct sample s = sample_of(scratch, c, g);
    double total = 0;
    for (uint32_t i = 0; i < s.count; i++)
        total += silhouette_of(&s, g->k, i);
    double mean = total / s.count;
    arena_rewind(scratch, mark);
    return mean;
}

/* --- Last time's groups ----------------------------------------------------------------------- */

/* Centres where the people of last time's groups stand now. */
static struct clustering resume(struct arena *scratch, const struct crowd *c,
                                const struct groups_wish *wish)
{
    struct clustering g = cluster_new(scratch, c->count);
    g.k = wish->before_count;
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t was = wish->before[c->person[i]];
        if (was == GROUPS_NONE)
            continue;
        check(was < g.k);
        g.size[was]++;
        g.x[was] += (c->x[i] - g.x[was]) / g.size[was];
        g.y[was] += (c->y[i] - g.y[was]) / g.size[was];
    }
    for (uint32_t k = 0; k < g.k; k++)
        if (g.size[k] == 0)
            g.x[k] = INFINITY; /* nobody of it is left: nobody is near */
    iterate(c, &g);
    return g;
}

static struct clustering from_centres(struct arena *scratch, const struct crowd *c,
                                      const struct groups_wish *wish)
{
    struct clustering g = cluster_new(scratch, c->count);
    for (g.k = 0; g.k < wish->k; g.k++) {
        g.x[g.k] = wish->start[0][g.k];
        g.y[g.k] = wish->start[1][g.k];
    }
    iterate(c, &g);
    return g;
}

/* New numbers: where there was a last time, that of the group from which most people come, in pairs
   from the greatest overlap down; then by size. */
static void renumber(const struct crowd *c, struct clustering *g, const struct groups_wish *wish,
                     struct arena *scratch)
{
    uint32_t number[GROUPS_MAX], before = wish->before == NULL ? 0 : wish->before_count;
    bool used[GROUPS_MAX] = { false };
    for (uint32_t k = 0; k < g->k; k++)
        number[k] = GROUPS_NONE;
    uint32_t *both = arena_new(scratch, uint32_t, (size_t)g->k * (before + 1));
    for (uint32_t i = 0; before > 0 && i < c->count; i++)
        if (wish->before[c->person[i]] != GROUPS_NONE)
            both[(size_t)g->of[i] * before + wish->before[c->person[i]]]++;
    for (uint32_t round = 0; round < g->k; round++) {
        uint32_t most = 0, group = 0, was = 0;
        for (uint32_t k = 0; k < g->k; k++)
            for (uint32_t w = 0; w < before && w < g->k; w++)
                if (number[k] == GROUPS_NONE && !used[w] && both[(size_t)k * before + w] > most) {
                    most = both[(size_t)k * before + w];
                    group = k;
                    was = w;
                }
        if (most == 0)
            break;
        number[group] = was;
        used[was] = true;
    }
    for (uint32_t next = 0; next < g->k; next++) {
        if (used[next])
            continue;
        uint32_t largest = GROUPS_NONE;
        for (uint32_t k = 0; k < g->k; k++)
            if (number[k] == GROUPS_NONE &&
                (largest == GROUPS_NONE || g->size[k] > g->size[largest]))
                largest = k;
        number[largest] = next;
    }
    struct clustering old = *g;
    for (uint32_t k = 0; k < g->k; k++) {
        g->x[number[k]] = old.x[k];
        g->y[number[k]] = old.y[k];
        g->size[number[k]] = old.size[k];
    }
    for (uint32_t i = 0; i < c->count; i++)
        g->of[i] = number[g->of[i]];
}

/* --- All together ----------------------------------------------------------------------------- */

/* The k with the best silhouette; that of last time holds unless it is beaten clearly. */
static struct clustering choose(struct arena *scratch, const struct crowd *c,
                                const struct groups_wish *wish, struct groups *result)
{
    uint32_t most = 2 + c->count / 12;
    if (most > GROUPS_K_MAX)
        most = GROUPS_K_MAX;
    struct clustering best = { 0 };
    double best_value = -INFINITY;
    if (wish->before != NULL && wish->before_count >= 2) {
        best = resume(scratch, c, wish);
        drop_empty(c, &best);
        double value = silhouette(scratch, c, &best);
        if (isnan(value))
            best.k = 0;
        else
            best_value = value + K_HOLDS;
        if (best.k >= 2 && best.k <= GROUPS_K_MAX)
            result->silhouette[best.k] = value;
    }
    uint32_t k_before = best.k;
    for (uint32_t k = 2; k <= most; k++) {
        if (k == k_before)
            continue;
        struct clustering g = cluster(scratch, c, k, wish->seed);
        drop_empty(c, &g);
        if (g.k < k)
            continue;
        result->silhouette[k] = silhouette(scratch, c, &g);
        if (result->silhouette[k] > best_value) {
            best_value = result->silhouette[k];
            best = g;
        }
    }
    if (best.k == 0) /* all stand at one point */
        best = cluster(scratch, c, 1, wish->seed);
    return best;
}

static double margin_of(const struct clustering *g, double x, double y, uint32_t mine)
{
    double own = hypot(x - g->x[mine], y - g->y[mine]), other = INFINITY;
    for (uint32_t k = 0; k < g->k; k++)
        if (k != mine && g->size[k] > 0)
            other = fmin(other, hypot(x - g->x[k], y - g->y[k]));
    return isinf(other) ? 1 : (other - own) / other;
}

static void report(struct arena *scratch, const struct crowd *c, const struct clustering *g,
                   struct groups *result)
{
    result->count = g->k;
    result->in_count = c->count;
    memcpy(result->centre[0], g->x, sizeof g->x);
    memcpy(result->centre[1], g->y, sizeof g->y);
    memcpy(result->size, g->size, sizeof g->size);
    result->silhouette_here = silhouette(scratch, c, g);
    for (uint32_t i = 0; i < c->count; i++) {
        result->of[c->person[i]] = g->of[i];
        result->margin[c->person[i]] = margin_of(g, c->x[i], c->y[i], g->of[i]);
    }
}

static struct groups result_new(struct arena *arena, const struct opinions *o)
{
    struct groups result = { .of = arena_new(arena, uint32_t, o->person_count),
                             .margin = arena_new(arena, double, o->person_count),
                             .silhouette_here = NAN };
    for (uint32_t p = 0; p < o->person_count; p++) {
        result.of[p] = GROUPS_NONE;
        result.margin[p] = NAN;
    }
    for (uint32_t k = 0; k <= GROUPS_K_MAX; k++)
        result.silhouette[k] = NAN;
    return result;
}

struct groups groups_given(struct arena *arena, const struct opinions *o,
                           const struct groups_plane *plane, const uint32_t *of, uint32_t count)
{
    check(count <= GROUPS_MAX);
    struct groups result = result_new(arena, o);
    struct arena *scratch = arena_make();
    bool *is_in = arena_new(scratch, bool, o->person_count);
    for (uint32_t p = 0; p < o->person_count; p++) {
        check(of[p] == GROUPS_NONE || of[p] < count);
        is_in[p] = of[p] != GROUPS_NONE;
    }
    struct crowd crowd = gather(scratch, o, plane, is_in);
    struct clustering g = cluster_new(scratch, crowd.count);
    g.k = count;
    for (uint32_t i = 0; i < crowd.count; i++) {
        g.of[i] = of[crowd.person[i]];
        g.size[g.of[i]]++;
    }
    recentre(&crowd, &g);
    if (crowd.count > 0)
        report(scratch, &crowd, &g, &result);
    result.count = count;
    arena_free(scratch);
    return result;
}

struct groups groups_find(struct arena *arena, const struct opinions *o,
                          const struct groups_plane *plane, struct groups_wish wish)
{
    check(wish.k <= GROUPS_MAX && wish.before_count <= GROUPS_MAX);
    struct groups result = result_new(arena, o);
    struct arena *scratch = arena_make();
    struct crowd crowd = gather(scratch, o, plane, who_is_in(scratch, o, &wish));
    if (crowd.count > 0) {
        bool resumes = wish.before != NULL && wish.before_count == wish.k;
        struct clustering g = wish.k == 0             ? choose(scratch, &crowd, &wish, &result)
                              : wish.start[0] != NULL ? from_centres(scratch, &crowd, &wish)
                              : resumes               ? resume(scratch, &crowd, &wish)
                                                      : cluster(scratch, &crowd, wish.k, wish.seed);
        drop_empty(&crowd, &g);
        if (wish.start[0] == NULL)
            renumber(&crowd, &g, &wish, scratch);
        report(scratch, &crowd, &g, &result);
    }
    arena_free(scratch);
    return result;
}

uint32_t groups_nearest(const struct groups *g, const double at[2])
{
    uint32_t nearest = GROUPS_NONE;
    double least = INFINITY;
    for (uint32_t k = 0; k < g->count; k++) {
        double d = square(at[0] - g->centre[0][k]) + square(at[1] - g->centre[1][k]);
        if (g->size[k] > 0 && d < least) {
            least = d;
            nearest = k;
        }
    }
    return nearest;
}
