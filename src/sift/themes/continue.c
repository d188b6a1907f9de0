/* Which theme is which of last time.
 *
 * Computes: for each theme the earlier theme it continues, so that its number, its name and what
 *     people decided about it can go on.
 * Model: of all pairs of a theme and an earlier one the likest by Jaccard's index of their texts
 *     (those that were there both times) belong together first, one to one, down to LIKENESS_MIN.
 * Source: D. Greene, D. Doyle, P. Cunningham, "Tracking the evolution of communities in dynamic
 *     social networks", ASONAM 2010.
 * Cost: O(texts · log texts) time and 24 bytes a text.
 * Limits: greedy; of a theme that fell into equal halves the first half continues it.
 */
#include "base/arena.h"
#include "sift/themes/themes.h"

#include <stdlib.h>
#include <string.h>

static const double LIKENESS_MIN = 1.0 / 3;

struct overlap {
    uint32_t now, earlier, both;
    double likeness; /* Jaccard */
};

static int by_themes(const void *a, const void *b)
{
    const struct overlap *x = a, *y = b;
    if (x->now != y->now)
        return x->now < y->now ? -1 : 1;
    return (x->earlier > y->earlier) - (x->earlier < y->earlier);
}

static int likest_first(const void *a, const void *b)
{
    const struct overlap *x = a, *y = b;
    if (x->likeness != y->likeness)
        return x->likeness > y->likeness ? -1 : 1;
    return by_themes(a, b);
}

/* The overlaps of two sortings, each once. */
static size_t list_overlaps(const struct themes *themes, const uint32_t *earlier, uint32_t count,
                            struct overlap *list)
{
    size_t used = 0, folded = 0;
    for (uint32_t i = 0; i < count; i++)
        if (themes->of[i] != THEMES_NONE && earlier[i] != THEMES_NONE)
            list[used++] = (struct overlap){ themes->of[i], earlier[i], 1, 0 };
    qsort(list, used, sizeof *list, by_themes);
    for (size_t i = 0; i < used; i++)
        if (folded > 0 && by_themes(&list[folded - 1], &list[i]) == 0)
            list[folded - 1].both++;
        else
            list[folded++] = list[i];
    return folded;
}

uint32_t *themes_continue(struct arena *arena, const struct themes *themes, const uint32_t *earlier,
                          uint32_t earlier_count)
{
    uint32_t *continued = arena_new(arena, uint32_t, themes->count);
    memset(continued, 0xff, themes->count * sizeof *continued);
    struct arena *scratch = arena_make();
    uint32_t count = earlier_count < themes->text_count ? earlier_count : themes->text_count;
    uint32_t bound = 0;
    for (uint32_t i = 0; i < count; i++)
        if (earlier[i] != THEMES_NONE && earlier[i] >= bound)
            bound = earlier[i] + 1;
    struct overlap *list = arena_new(scratch, struct overlap, count);
    uint32_t *size_then = arena_new(scratch, uint32_t, bound);
    uint32_t *size_now = arena_new(scratch, uint32_t, themes->count);
    bool *is_taken = arena_new(scratch, bool, bound);
    for (uint32_t i = 0; i < count; i++) {
        if (earlier[i] != THEMES_NONE)
            size_then[earlier[i]]++;
        if (themes->of[i] != THEMES_NONE)
            size_now[themes->of[i]]++; /* of those there were then: new texts are no difference */
    }
    size_t overlaps = list_overlaps(themes, earlier, count, list);
    for (size_t i = 0; i < overlaps; i++)
        list[i].likeness = (double)list[i].both /
                           (size_now[list[i].now] + size_then[list[i].earlier] - list[i].both);
    qsort(list, overlaps, sizeof *list, likest_first);
    for (size_t i = 0; i < overlaps && list[i].likeness >= LIKENESS_MIN; i++) {
        if (continued[list[i].now] != THEMES_NONE || is_taken[list[i].earlier])
            continue;
        continued[list[i].now] = list[i].earlier;
        is_taken[list[i].earlier] = true;
    }
    arena_free(scratch);
    return continued;
}
