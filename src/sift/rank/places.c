/* Ranks and their intervals. Each draw of all items' true values is ranked; an item's interval goes
 * from its 2.5 % to its 97.5 % quantile among these ranks, and is widened to hold the rank of its
 * score. Only the outermost ranks of each item are kept, so that memory stays small. Source: the
 * posterior of ranks, e.g. Goldstein & Spiegelhalter, "League tables and their limitations", J. R.
 * Stat. Soc. A 159 (1996). Cost: O(draws · n log n). Limit: intervals are of each item alone, not
 * of all together; with few draws their ends vary by a place or two with the seed. */
#include "sift/rank/places.h"

#include "base/arena.h"
#include "base/check.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct rank_scores rank_scores_make(struct arena *arena, uint32_t count)
{
    return (struct rank_scores){
        .count = count,
        .score = arena_new(arena, double, count),
        .low = arena_new(arena, double, count),
        .high = arena_new(arena, double, count),
        .rank = arena_new(arena, uint32_t, count),
        .rank_low = arena_new(arena, uint32_t, count),
        .rank_high = arena_new(arena, uint32_t, count),
        .order = arena_new(arena, uint32_t, count),
    };
}

static int better_first(const void *left, const void *right, void *values)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    double x = ((const double *)values)[a], y = ((const double *)values)[b];
    return x != y ? (x < y) - (x > y) : (a > b) - (a < b);
}

/* Equal values share the better rank. */
static void rank_values(const double *values, uint32_t count, uint32_t *order, uint32_t *rank)
{
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    qsort_r(order, count, sizeof *order, better_first, (void *)values);
    for (uint32_t i = 0; i < count; i++) {
        bool tied = i > 0 && values[order[i]] == values[order[i - 1]];
        rank[order[i]] = tied ? rank[order[i - 1]] : i + 1;
    }
}

void rank_order(struct arena *arena, const double *values, uint32_t count, uint32_t *rank)
{
    rank_values(values, count, arena_new(arena, uint32_t, count), rank);
}

void rank_by_score(struct rank_scores *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        check(isfinite(s->score[i]));
    rank_values(s->score, s->count, s->order, s->rank);
    memcpy(s->rank_low, s->rank, s->count * sizeof *s->rank);
    memcpy(s->rank_high, s->rank, s->count * sizeof *s->rank);
}

/* Puts `rank` among the `count` smallest kept, which are sorted. */
static void keep_smallest(uint32_t *kept, uint32_t count, uint32_t rank)
{
    uint32_t at = count;
    for (; at > 0 && kept[at - 1] > rank; at--)
        if (at < count)
            kept[at] = kept[at - 1];
    if (at < count)
        kept[at] = rank;
}

void rank_intervals(struct arena *arena, struct rank_scores *s, struct rank_draws draws,
                    draw_values *draw, void *context)
{
    check(draws.count >= 40);
    struct arena_mark mark = arena_mark(arena);
    uint32_t kept = draws.count / 40 + 1, n = s->count;
    size_t all = (size_t)kept * n;
    uint32_t *smallest = arena_new(arena, uint32_t, all),
             *largest = arena_new(arena, uint32_t, all);
    uint32_t *order = arena_new(arena, uint32_t, n), *rank = arena_new(arena, uint32_t, n);
    double *values = arena_new(arena, double, n);
    memset(smallest, 0xff, all * sizeof *smallest);
    memset(largest, 0xff, all * sizeof *largest);
    struct chance chance = { draws.seed };
    for (uint32_t d = 0; d < draws.count; d++) {
        draw(&chance, values, context);
        rank_values(values, n, order, rank);
        for (uint32_t i = 0; i < n; i++) {
            keep_smallest(smallest + (size_t)kept * i, kept, rank[i]);
            keep_smallest(largest + (size_t)kept * i, kept, n - rank[i]); /* counted from below */
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t low = smallest[(size_t)kept * i + kept - 1];
        uint32_t high = n - largest[(size_t)kept * i + kept - 1];
        s->rank_low[i] = low < s->rank[i] ? low : s->rank[i];
        s->rank_high[i] = high > s->rank[i] ? high : s->rank[i];
    }
    arena_rewind(arena, mark);
}
