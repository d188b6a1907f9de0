/* The shortlist.
 *
 * Computes: k entries that cover the themes with entries of merit and hold the best of each group.
 * Model: a list is worth Σ over themes of weight · (1 − Π over its picks of the theme (1 − m)), the
 *     chance that some pick of the theme satisfies one who cares for it. The weight goes by the
 *     root of the theme's share, so that great themes do not crowd out small ones; m is merit put
 *     between MERIT_UNKNOWN and MERIT_MOST. First come the best of each opinion group, the group
 *     whose best adds most first; then whatever adds most. Entries that are near-duplicates count
 *     as one, the one of most merit.
 * Source: G. L. Nemhauser, L. A. Wolsey, M. L. Fisher, "An analysis of approximations for
 *     maximizing submodular set functions", Math. Programming 14 (1978): such greedy picks reach
 *     at least 1 − 1/e of the best possible worth; R. Agrawal, S. Gollapudi, A. Halverson,
 *     S. Ieong, "Diversifying search results", WSDM 2009 for the worth.
 * Cost: O(k · (entries + groups)) time, O(entries) memory.
 * Limits: themes are taken as given; an entry is of one theme.
 */
#include "sift/shortlist/shortlist.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

static const double MERIT_UNKNOWN = 0.2, MERIT_MOST = 0.9;

struct state {
    const struct shortlist_entries *entries;
    uint32_t theme_count; /* those without a theme are one each, behind the others */
    uint32_t *theme;      /* by entry */
    uint32_t *size;       /* by theme */
    double *weight;       /* by theme; sums to 1 */
    double *missing;      /* by theme: Π (1 − merit') of its picks */
    bool *is_out;         /* by entry: picked, or never to be */
    uint32_t *stands_for; /* by entry: near-duplicates besides itself */
};

static uint32_t leader_of(const struct shortlist_entries *e, uint32_t entry)
{
    return e->leader != NULL ? e->leader[entry] : entry;
}

static double pull(const struct state *s, uint32_t entry)
{
    return MERIT_UNKNOWN + (MERIT_MOST - MERIT_UNKNOWN) * s->entries->merit[entry];
}

/* Numbers the themes; an entry without one, and not a near-duplicate of another, is its own. */
static void number_themes(struct arena *arena, struct state *s)
{
    const struct shortlist_entries *e = s->entries;
    for (uint32_t i = 0; i < e->count; i++)
        if (e->theme[i] != SHORTLIST_NONE && e->theme[i] >= s->theme_count)
            s->theme_count = e->theme[i] + 1;
    uint32_t named = s->theme_count;
    for (uint32_t i = 0; i < e->count; i++)
        s->theme_count += e->theme[i] == SHORTLIST_NONE;
    s->theme = arena_new(arena, uint32_t, e->count);
    s->size = arena_new(arena, uint32_t, s->theme_count);
    s->weight = arena_new(arena, double, s->theme_count);
    s->missing = arena_new(arena, double, s->theme_count);
    for (uint32_t i = 0; i < e->count; i++) {
        s->theme[i] = e->theme[i] != SHORTLIST_NONE ? e->theme[i] : named++;
        s->size[s->theme[i]]++;
    }
    double sum = 0;
    for (uint32_t t = 0; t < s->theme_count; t++)
        sum += sqrt(s->size[t]);
    for (uint32_t t = 0; t < s->theme_count; t++) {
        s->weight[t] = sqrt(s->size[t]) / sum;
        s->missing[t] = 1;
    }
}

/* Of near-duplicates only the one of most merit may be picked. */
static void fold_duplicates(struct arena *arena, struct state *s)
{
    const struct shortlist_entries *e = s->entries;
    uint32_t *best = arena_new(arena, uint32_t, e->count); /* by leader; from 1 */
    s->is_out = arena_new(arena, bool, e->count);
    s->stands_for = arena_new(arena, uint32_t, e->count);
    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t *b = &best[leader_of(e, i)];
        if (*b == 0 || e->merit[i] > e->merit[*b - 1])
            *b = i + 1;
    }
    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t kept = best[leader_of(e, i)] - 1;
        s->is_out[i] = kept != i;
        s->stands_for[kept] += kept != i;
    }
}

static double gain_of(const struct state *s, uint32_t entry)
{
    uint32_t theme = s->theme[entry];
    return s->weight[theme] * s->missing[theme] * pull(s, entry);
}

static bool is_best_in_group(const struct state *s, uint32_t entry, uint32_t group)
{
    const struct shortlist_entries *e = s->entries;
    double merit = e->group_merit[(size_t)entry * e->group_count + group];
    for (uint32_t i = 0; i < e->count; i++)
        if (e->group_merit[(size_t)i * e->group_count + group] > merit)
            return false;
    return merit > 0;
}

static struct shortlist_pick pick(struct state *s, uint32_t entry)
{
    const struct shortlist_entries *e = s->entries;
    uint32_t theme = s->theme[entry];
    struct shortlist_pick p = { .entry = entry,
                                .is_first_of_theme = s->missing[theme] >= 1,
                                .is_best_of_theme = true,
                                .is_best_of_all = true,
                                .theme_size = s->size[theme],
                                .duplicate_count = s->stands_for[entry],
                                .gain = gain_of(s, entry) };
    for (uint32_t i = 0; i < e->count; i++) {
        bool is_more = e->merit[i] > e->merit[entry];
        p.is_best_of_all &= !is_more;
        p.is_best_of_theme &= !is_more || s->theme[i] != theme;
    }
    for (uint32_t g = 0; g < e->group_count; g++)
        if (is_best_in_group(s, entry, g))
            p.best_of_groups |= UINT64_C(1) << g;
    s->missing[theme] *= 1 - pull(s, entry);
    s->is_out[entry] = true;
    return p;
}

/* The entry a group likes best of those that may be picked; of equals the one of more merit. */
static uint32_t best_of_group(const struct state *s, uint32_t group)
{
    const struct shortlist_entries *e = s->entries;
    uint32_t best = SHORTLIST_NONE;
    double most = 0, merit = 0;
    for (uint32_t i = 0; i < e->count; i++) {
        double in_group = e->group_merit[(size_t)i * e->group_count + group];
        if (s->is_out[i] || in_group < most || in_group <= 0 ||
            (in_group == most && e->merit[i] <= merit))
            continue;
        best = i;
        most = in_group;
        merit = e->merit[i];
    }
    return best;
}

/* Bests of groups that have none among the picks, the one that adds most first. */
static uint32_t pick_for_groups(struct state *s, uint32_t wanted, struct shortlist_pick *picks)
{
    uint32_t count = 0;
    uint64_t served = 0;
    while (count < wanted) {
        uint32_t next = SHORTLIST_NONE, next_group = 0;
        for (uint32_t g = 0; g < s->entries->group_count; g++) {
            uint32_t best = served >> g & 1 ? SHORTLIST_NONE : best_of_group(s, g);
            if (best != SHORTLIST_NONE &&
                (next == SHORTLIST_NONE || gain_of(s, best) > gain_of(s, next))) {
                next = best;
                next_group = g;
            }
        }
        if (next == SHORTLIST_NONE)
            break;
        picks[count] = pick(s, next);
        served |= picks[count++].best_of_groups | UINT64_C(1) << next_group;
    }
    return count;
}

uint32_t shortlist_choose(const struct shortlist_entries *entries, uint32_t wanted,
                          struct shortlist_pick *picks)
{
    check(entries->group_count <= SHORTLIST_GROUPS_MAX);
    struct arena *scratch = arena_make();
    struct state s = { .entries = entries };
    number_themes(scratch, &s);
    fold_duplicates(scratch, &s);
    uint32_t count = pick_for_groups(&s, wanted, picks);
    while (count < wanted) {
        uint32_t next = SHORTLIST_NONE;
        for (uint32_t i = 0; i < entries->count; i++)
            if (!s.is_out[i] && (next == SHORTLIST_NONE || gain_of(&s, i) > gain_of(&s, next)))
                next = i;
        if (next == SHORTLIST_NONE)
            break;
        picks[count++] = pick(&s, next);
    }
    arena_free(scratch);
    return count;
}
