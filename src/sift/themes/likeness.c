/* How alike two ways to sort the same things are.
 *
 * Computes: normalised mutual information and the adjusted Rand index.
 * Model: NMI = 2 · I(A; B) / (H(A) + H(B)), 1 where both are a single class; ARI = (pairs together
 *     in both − expected) / (mean of pairs together in each − expected).
 * Source: A. Strehl, J. Ghosh, JMLR 3 (2002), normalised by the arithmetic mean; L. Hubert,
 *     P. Arabie, "Comparing partitions", J. Classification 2 (1985).
 * Cost: O(count · log count) time.
 * Limits: NMI of many small classes is above 0 by chance alone; ARI is not.
 */
#include "base/arena.h"
#include "sift/themes/themes.h"

#include <math.h>
#include <stdlib.h>

struct couple {
    uint32_t a, b;
};

static int by_couple(const void *a, const void *b)
{
    const struct couple *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* What a way to sort adds up to. */
struct sums {
    double entropy; /* − Σ p · ln p */
    double pairs;   /* Σ n · (n − 1) / 2 */
};

static void add_class(struct sums *s, double size, double count)
{
    s->entropy -= size / count * log(size / count);
    s->pairs += size * (size - 1) / 2;
}

/* Sums over runs of couples that are the same, in a only or in both. */
static struct sums add_runs(struct couple *couples, uint32_t count, bool both)
{
    struct sums s = { 0 };
    qsort(couples, count, sizeof *couples, by_couple);
    for (uint32_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && couples[to].a == couples[from].a; to++)
            if (couples[from].a == THEMES_NONE || (both && couples[to].b != couples[from].b) ||
                (both && couples[from].b == THEMES_NONE))
                break;
        add_class(&s, to - from, count);
    }
    return s;
}

struct themes_likeness themes_likeness(struct arena *arena, const uint32_t *a, const uint32_t *b,
                                       uint32_t count)
{
    if (count == 0)
        return (struct themes_likeness){ 1, 1 };
    struct arena_mark mark = arena_mark(arena);
    struct couple *couples = arena_new(arena, struct couple, count);
    for (uint32_t i = 0; i < count; i++)
        couples[i] = (struct couple){ a[i], b[i] };
    struct sums in_a = add_runs(couples, count, false), in_both = add_runs(couples, count, true);
    for (uint32_t i = 0; i < count; i++)
        couples[i] = (struct couple){ b[i], a[i] };
    struct sums in_b = add_runs(couples, count, false);
    arena_rewind(arena, mark);
    double all = (double)count * (count - 1) / 2;
    double expected = all > 0 ? in_a.pairs * in_b.pairs / all : 0;
    double most = (in_a.pairs + in_b.pairs) / 2, entropies = in_a.entropy + in_b.entropy;
    return (struct themes_likeness){
        .mutual_information = entropies > 0 ? 2 * (entropies - in_both.entropy) / entropies : 1,
        .adjusted_rand = most > expected ? (in_both.pairs - expected) / (most - expected) : 1,
    };
}
