/* Suspicious votes: bursts, many accounts of one origin, accounts that support one entry only.
 *
 * Burst: within a window of `burst_s` an entry gets k of the N votes that it could have got: of all
 * votes since its first, and of choices, those in which it was shown. If it
 * drew voters as it does at other times, each would be for it with the share it has outside the
 * window, which is known as well as the votes there tell (beta-binomial), so k or more have the
 * chance of that distribution's tail. Where that, times the number of
 * windows tried, stays below `burst_chance`, the window's votes for the entry are suspicious. A
 * rush on everything (a newsletter) leaves shares as they are and is no burst. Origin: votes for an
 * entry by the accounts of one origin (an address, a network) beyond the first `origin_people` of
 * them. One entry: the votes of an account that has given `one_entry_votes` or more, all for one
 * entry.
 *
 * Sources: scan statistics, J. Naus, J. Am. Stat. Assoc. 60 (1965), with the bound of Bonferroni;
 * the other two count.
 * Cost: O(rows · log rows), and O(N) for the tail of each window tried. Memory O(rows).
 * Limits: a suspicion is no proof. Households and schools share an origin, and who comes for a
 * friend's entry votes once; slow stuffing from many origins is not seen. */
#include "sift/rank/screening.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"
#include "sift/rank/counter.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The entry a row supports: two for each item, for it and against it. */
static uint32_t entry_of(const struct rank_row *row)
{
    return 2 * row->item + (row->value < 0);
}

/* --- Bursts ----------------------------------------------------------------------------------- */

struct vote {
    int64_t at_s;
    uint32_t entry;
    size_t row;
};

static int by_time(const void *left, const void *right)
{
    const struct vote *a = left, *b = right;
    return a->at_s != b->at_s ? (a->at_s > b->at_s) - (a->at_s < b->at_s)
                              : (a->row > b->row) - (a->row < b->row);
}

static int by_entry(const void *left, const void *right)
{
    const struct vote *a = left, *b = right;
    return a->entry != b->entry ? (a->entry > b->entry) - (a->entry < b->entry)
                                : by_time(left, right);
}

/* How many of the votes sorted by time came before `at_s`. */
static size_t before(const struct vote *votes, size_t count, int64_t at_s)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (votes[middle].at_s < at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The chance that an entry gets `here` of a window's `window` votes or more, when it got `own_out`
   of the `out` votes outside it: the tail of the beta-binomial distribution, whose even prior makes
   nothing unlikely where there is nothing to compare with. */
static double burst_chance(size_t here, size_t window, size_t own_out, size_t out)
{
    check(here <= window && own_out <= out);
    double k = (double)here, n = (double)window, sum = 0;
    double a = (double)own_out + 1, b = (double)(out - own_out) + 1;
    double term = exp(chance_log_beta(k + a, n - k + b) - chance_log_beta(a, b) -
                      chance_log_beta(k + 1, n - k + 1) - log(n + 1));
    for (size_t votes = here; votes < window; votes++, k++) {
        sum += term;
        term *= (n - k) / (k + 1) * (k + a) / (n - k - 1 + b);
    }
    return sum + term;
}

/* Marks the bursts among the votes of one entry; `field` are those it could have got. Both are
   sorted by time. */
static void find_bursts(const struct vote *own, size_t own_count, const struct vote *field,
                        size_t count, struct rank_screening_limits limits, uint8_t *suspicions)
{
    size_t end = 0, marked = 0;
    for (size_t start = 0; start < own_count; start++) {
        if (start > 0 && own[start].at_s == own[start - 1].at_s)
            continue; /* the window from this moment on was looked at with all its votes */
        int64_t until = own[start].at_s + limits.burst_s;
        while (end < own_count && own[end].at_s < until)
            end++;
        if (end - start < limits.burst_votes || end <= marked)
            continue;
        size_t window = before(field, count, until) - before(field, count, own[start].at_s);
        double chance =
            burst_chance(end - start, window, own_count - (end - start), count - window);
        if (chance * (double)count >= limits.burst_chance)
            continue;
        for (size_t k = marked > start ? marked : start; k < end; k++)
            suspicions[own[k].row] |= RANK_BURST;
        marked = end;
    }
}

/* Where the votes of the entry at `start` end, among votes sorted by entry. */
static size_t end_of_entry(const struct vote *votes, size_t count, size_t start)
{
    size_t end = start;
    while (end < count && votes[end].entry == votes[start].entry)
        end++;
    return end;
}

/* An entry could have got every vote since its first one. */
static void screen_vote_bursts(struct arena *arena, const struct vote *sorted, size_t count,
                               struct rank_screening_limits limits, uint8_t *suspicions)
{
    struct vote *field = arena_new(arena, struct vote, count);
    memcpy(field, sorted, count * sizeof *field);
    qsort(field, count, sizeof *field, by_time);
    for (size_t start = 0, end; start < count; start = end) {
        end = end_of_entry(sorted, count, start);
        size_t born = before(field, count, sorted[start].at_s);
        find_bursts(sorted + start, end - start, field + born, count - born, limits, suspicions);
    }
}

/* An item could have got the choices in which it was one of the two: how often it is shown is not
   its doing. */
static void screen_choice_bursts(struct arena *arena, const struct rank_rows *rows,
                                 const struct vote *sorted, struct rank_screening_limits limits,
                                 uint8_t *suspicions)
{
    size_t count = rows->count;
    struct vote *shown = arena_new(arena, struct vote, 2 * count);
    for (size_t i = 0; i < count; i++) {
        shown[i] = sorted[i];
        const struct rank_row *row = &rows->rows[i];
        shown[count + i] = (struct vote){ row->at_s, 2 * row->other, i };
    }
    qsort(shown, 2 * count, sizeof *shown, by_entry);
    for (size_t start = 0, end, at = 0; start < count; start = end) {
        end = end_of_entry(sorted, count, start);
        while (shown[at].entry != sorted[start].entry)
            at++;
        find_bursts(sorted + start, end - start, shown + at,
                    end_of_entry(shown, 2 * count, at) - at, limits, suspicions);
    }
}

static void screen_bursts(struct arena *arena, const struct rank_rows *rows,
                          struct rank_screening_limits limits, uint8_t *suspicions)
{
    size_t count = rows->count;
    struct vote *sorted = arena_new(arena, struct vote, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct vote){ rows->rows[i].at_s, entry_of(&rows->rows[i]), i };
    qsort(sorted, count, sizeof *sorted, by_entry);
    if (count > 0 && rows->rows[0].other != NAMES_NONE)
        screen_choice_bursts(arena, rows, sorted, limits, suspicions);
    else
        screen_vote_bursts(arena, sorted, count, limits, suspicions);
}

/* --- Origins and single entries --------------------------------------------------------------- */

static void screen_origins(struct arena *arena, const struct rank_rows *rows,
                           struct rank_screening_limits limits, uint8_t *suspicions)
{
    struct counter group = rank_counter_make(arena, rows->count),
                   place = rank_counter_make(arena, rows->count);
    uint32_t *people = arena_new(arena, uint32_t, rows->count + 1), groups = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct rank_row *row = &rows->rows[i];
        if (row->origin == NAMES_NONE || row->person == NAMES_NONE)
            continue;
        uint32_t *number = rank_counter_of(&group, row->origin, entry_of(row));
        if (*number == 0)
            *number = ++groups;
        uint32_t *nth =
            rank_counter_of(&place, *number, row->person); /* the group's n-th account */
        if (*nth == 0)
            *nth = ++people[*number];
        if (*nth > limits.origin_people)
            suspicions[i] |= RANK_ORIGIN;
    }
}

static void screen_single(struct arena *arena, const struct rank_rows *rows,
                          struct rank_screening_limits limits, uint8_t *suspicions)
{
    struct habit {
        uint32_t entry, votes;
        bool several;
    } *habits = arena_new(arena, struct habit, rows->people.count);
    for (size_t i = 0; i < rows->count; i++) {
        const struct rank_row *row = &rows->rows[i];
        if (row->person == NAMES_NONE)
            continue;
        struct habit *h = &habits[row->person];
        h->several |= h->votes > 0 && h->entry != entry_of(row);
        h->entry = entry_of(row);
        h->votes++;
    }
    for (size_t i = 0; i < rows->count; i++) {
        uint32_t person = rows->rows[i].person;
        if (person != NAMES_NONE && !habits[person].several &&
            habits[person].votes >= limits.one_entry_votes)
            suspicions[i] |= RANK_ONE_ENTRY;
    }
}

uint8_t *rank_screen(struct arena *arena, const struct rank_rows *rows,
                     struct rank_screening_limits limits)
{
    check(rows->count < UINT32_MAX && rows->items.count < UINT32_MAX / 2);
    uint8_t *suspicions = arena_new(arena, uint8_t, rows->count);
    struct arena_mark mark = arena_mark(arena);
    if (rows->has_times)
        screen_bursts(arena, rows, limits, suspicions);
    screen_origins(arena, rows, limits, suspicions);
    screen_single(arena, rows, limits, suspicions);
    arena_rewind(arena, mark);
    return suspicions;
}

struct rank_rows rank_screened(struct arena *arena, const struct rank_rows *rows,
                               const uint8_t *suspicions)
{
    struct rank_rows kept = *rows;
    kept.count = 0;
    kept.rows = arena_new(arena, struct rank_row, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        if (suspicions[i] == 0)
            kept.rows[kept.count++] = rows->rows[i];
    return kept;
}
