/* A chart of opinions: places, groups, and what is worth telling of them. */
#include "opinion_inner.h"

#include <math.h>
#include <stdlib.h>

enum { SEED = 1, DOTS_MAX = 1500, LIST_MAX = 5 };
/* Shares that lie this far apart divide groups. */
static const double APART_MIN = 0.3;

static bool is_told(const struct groups_counts *c, uint32_t group, uint32_t subject)
{
    return c->by_group[(size_t)group * c->statement_count + subject].seen >= OPINION_TOLD_MIN;
}

static double share_of(const struct groups_counts *c, uint32_t group, uint32_t subject)
{
    const struct groups_count *n = &c->by_group[(size_t)group * c->statement_count + subject];
    return (n->agree + 1.0) / (n->seen + 2.0);
}

/* --- Lists ------------------------------------------------------------------------------------ */

struct ranked {
    double value;
    uint32_t subject;
};

static int best_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? 1 : -1;
    return (x->subject > y->subject) - (x->subject < y->subject);
}

/* Group-informed consensus, where more than half of every group that may be told of agrees; else
   0. */
static double in_common(const struct groups_counts *c, const struct groups *g, uint32_t subject)
{
    double deviation;
    bool is_heard = false;
    for (uint32_t k = 0; k < g->count; k++) {
        if (g->size[k] < OPINION_TOLD_MIN)
            continue;
        if (!is_told(c, k, subject) || share_of(c, k, subject) <= 0.5)
            return 0;
        is_heard = true;
    }
    return is_heard ? groups_consensus(c, subject, &deviation) : 0;
}

/* How far the shares of agreement of any two groups lie apart; 0 where that is not far. */
static double apart(const struct groups_counts *c, const struct groups *g, uint32_t subject)
{
    double low = 1, high = 0;
    for (uint32_t k = 0; k < g->count; k++) {
        if (g->size[k] < OPINION_TOLD_MIN || !is_told(c, k, subject))
            continue;
        low = fmin(low, share_of(c, k, subject));
        high = fmax(high, share_of(c, k, subject));
    }
    return high - low >= APART_MIN ? high - low : 0;
}

static void say(struct chart *chart, enum said_list list, uint32_t group, uint32_t place,
                uint32_t subject, bool agrees)
{
    chart->said[chart->said_count++] = (struct chart_said){ list, group, place, subject, agrees };
}

static void say_best(struct chart *chart, struct arena *scratch, const struct groups_counts *c,
                     enum said_list list,
                     double (*value)(const struct groups_counts *, const struct groups *, uint32_t))
{
    struct ranked *ranked = arena_new(scratch, struct ranked, c->statement_count);
    size_t count = 0;
    for (uint32_t s = 0; s < c->statement_count; s++) {
        double v = value(c, &chart->groups, s);
        if (v > 0)
            ranked[count++] = (struct ranked){ v, s };
    }
    qsort(ranked, count, sizeof *ranked, best_first);
    for (uint32_t i = 0; i < count && i < LIST_MAX; i++)
        say(chart, list, 0, i, ranked[i].subject, true);
}

static void say_of_group(struct chart *chart, const struct groups_counts *c, const bool *is_out,
                         uint32_t group)
{
    struct groups_said list[GROUPS_SAID_MAX];
    size_t count = groups_representatives(c, is_out, group, list);
    uint32_t place = 0;
    for (size_t i = 0; i < count; i++)
        if (list[i].seen >= OPINION_TOLD_MIN)
            say(chart, LIST_GROUP, group, place++, list[i].statement, list[i].agrees);
}

/* How every group that may be told of answered to what is listed. */
static void add_shares(struct chart *chart, struct arena *arena, const struct groups_counts *c)
{
    bool *is_listed = arena_new(arena, bool, c->statement_count);
    for (size_t i = 0; i < chart->said_count; i++)
        is_listed[chart->said[i].subject] = true;
    chart->shares = arena_new(arena, struct chart_share, chart->said_count * c->group_count);
    for (uint32_t s = 0; s < c->statement_count; s++)
        for (uint32_t k = 0; is_listed[s] && k < c->group_count; k++)
            if (is_told(c, k, s))
                chart->shares[chart->share_count++] =
                    (struct chart_share){ s, k, c->by_group[(size_t)k * c->statement_count + s] };
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static int64_t count_enough(const struct opinions *o, size_t needed)
{
    int64_t enough = 0;
    for (uint32_t p = 0; p < o->person_count; p++)
        enough += o->row[p + 1] - o->row[p] >= needed;
    return enough;
}

static void find(struct chart *chart, struct arena *arena, const struct opinion_facts *facts,
                 const struct opinions *o, uint32_t needed)
{
    struct groups_plane before = { .statement_count = facts->subject_count,
                                   .axis = { facts->axis_before[0], facts->axis_before[1] } };
    struct groups_wish wish = { .votes_min = needed,
                                .before = facts->group_before,
                                .before_count = facts->group_count_before,
                                .seed = SEED };
    const struct groups_plane *plane = &chart->plane;
    chart->plane = groups_plane(arena, o, facts->has_before ? &before : NULL);
    chart->groups = groups_find(arena, o, &chart->plane, wish);
    chart->picture = groups_picture(arena, o, &chart->plane, &chart->groups, DOTS_MAX);
    if (plane->variance > 0)
        chart->shown_share = (plane->eigenvalue[0] + plane->eigenvalue[1]) / plane->variance;
}

struct chart chart_draw(struct arena *arena, const struct opinion_facts *facts)
{
    struct opinions o = opinions_make(arena, facts->votes, facts->vote_count, facts->person_count,
                                      facts->subject_count, facts->is_out);
    uint32_t needed = (uint32_t)opinion_needed(facts->shown_count);
    struct chart chart = { .opinion_total = (int64_t)o.vote_count,
                           .people_enough = count_enough(&o, needed) };
    if (chart.people_enough < OPINION_PEOPLE_MIN)
        return chart;
    find(&chart, arena, facts, &o, needed);
    struct groups_counts counts = groups_count(arena, &o, chart.groups.of, chart.groups.count);
    size_t lists = LIST_GROUP + (size_t)chart.groups.count;
    chart.said = arena_new(arena, struct chart_said, lists * GROUPS_SAID_MAX);
    say_best(&chart, arena, &counts, LIST_COMMON, in_common);
    say_best(&chart, arena, &counts, LIST_DIVISIVE, apart);
    for (uint32_t k = 0; k < chart.groups.count; k++)
        if (chart.groups.size[k] >= OPINION_TOLD_MIN)
            say_of_group(&chart, &counts, facts->is_out, k);
    add_shares(&chart, arena, &counts);
    return chart;
}
