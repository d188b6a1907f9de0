/* Medoids weighed by workers: choose, judge the workers by what was chosen, choose again.
 *
 * Model: none; a worker far from what the others settle on counts less. For texts the distance is
 * Levenshtein's on normal forms, for boxes intersection over union.
 *
 * Sources: medoid: L. Kaufman, P. J. Rousseeuw, "Clustering by means of medoids" (1987); for
 * transcripts it is the first step of ROVER's heirs and of crowd-kit's text aggregation. V. I.
 * Levenshtein, 1966. Cost: O(sum of squares of answers to an item) distances, computed once; a
 * text's costs the product of lengths. Limits: it chooses among the answers, and never puts two
 * together.
 */
#include "sift/infer/medoid.h"

#include "base/arena.h"
#include "base/check.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 10 };
static const double quality_unknown = 0.5, quality_least = 0.01;

struct work {
    size_t *first, *order; /* answers by item */
    double **apart;        /* item: distances among its answers, row by row */
    const uint32_t *worker;
    uint32_t item_count, worker_count;
};

static struct work work_make(struct arena *arena, size_t count, const uint32_t *item,
                             const uint32_t *worker, uint32_t item_count, uint32_t worker_count,
                             infer_distance *distance, void *context)
{
    struct work w = { arena_new(arena, size_t, (size_t)item_count + 1),
                      arena_new(arena, size_t, count),
                      arena_new(arena, double *, item_count),
                      worker,
                      item_count,
                      worker_count };
    for (size_t a = 0; a < count; a++) {
        check(item[a] < item_count && worker[a] < worker_count);
        w.first[item[a] + 1]++;
    }
    for (uint32_t i = 0; i < item_count; i++)
        w.first[i + 1] += w.first[i];
    size_t *place = arena_new(arena, size_t, item_count);
    memcpy(place, w.first, item_count * sizeof *place);
    for (size_t a = 0; a < count; a++)
        w.order[place[item[a]]++] = a;
    for (uint32_t i = 0; i < item_count; i++) {
        size_t many = w.first[i + 1] - w.first[i];
        w.apart[i] = arena_new(arena, double, many *many);
        for (size_t a = 0; a < many; a++)
            for (size_t b = 0; b < a; b++)
                w.apart[i][a * many + b] = w.apart[i][b * many + a] =
                    distance(w.order[w.first[i] + a], w.order[w.first[i] + b], context);
    }
    return w;
}

/* The answer of an item, by its place there, that the others but `without` are least far from. */
static size_t middle(const struct work *w, uint32_t item, const double *quality, size_t without)
{
    size_t many = w->first[item + 1] - w->first[item], best = SIZE_MAX;
    double least = INFINITY;
    for (size_t a = 0; a < many; a++) {
        double sum = 0;
        for (size_t b = 0; b < many; b++)
            if (b != without)
                sum +=
                    quality[w->worker[w->order[w->first[item] + b]]] * w->apart[item][a * many + b];
        if (a != without && sum < least) {
            least = sum;
            best = a;
        }
    }
    return best;
}

static void judge(const struct work *w, const double *quality, double *fresh, uint32_t *judged)
{
    memset(fresh, 0, w->worker_count * sizeof *fresh);
    memset(judged, 0, w->worker_count * sizeof *judged);
    for (uint32_t i = 0; i < w->item_count; i++) {
        size_t many = w->first[i + 1] - w->first[i];
        for (size_t a = 0; a < many && many > 1; a++) {
            uint32_t worker = w->worker[w->order[w->first[i] + a]];
            fresh[worker] += 1 - w->apart[i][a * many + middle(w, i, quality, a)];
            judged[worker]++;
        }
    }
    for (uint32_t n = 0; n < w->worker_count; n++)
        fresh[n] = judged[n] > 0 ? fmax(fresh[n] / judged[n], quality_least) : quality_unknown;
}

static void choose(const struct work *w, uint32_t item, struct infer_medoids *result)
{
    size_t many = w->first[item + 1] - w->first[item];
    double apart = 0, weight = 0;
    size_t best = middle(w, item, result->quality, SIZE_MAX);
    result->chosen[item] = best == SIZE_MAX ? SIZE_MAX : w->order[w->first[item] + best];
    for (size_t b = 0; b < many; b++) {
        double quality = result->quality[w->worker[w->order[w->first[item] + b]]];
        apart += b == best ? 0 : quality * w->apart[item][best * many + b];
        weight += b == best ? 0 : quality;
    }
    result->agreement[item] = weight > 0 ? 1 - apart / weight : 1;
}

struct infer_medoids infer_medoids(struct arena *arena, size_t count, const uint32_t *item,
                                   const uint32_t *worker, uint32_t item_count,
                                   uint32_t worker_count, infer_distance *distance, void *context)
{
    struct work w =
        work_make(arena, count, item, worker, item_count, worker_count, distance, context);
    struct infer_medoids result = { arena_new(arena, size_t, item_count),
                                    arena_new(arena, double, item_count),
                                    arena_new(arena, double, worker_count) };
    double *fresh = arena_new(arena, double, worker_count);
    uint32_t *judged = arena_new(arena, uint32_t, worker_count);
    for (uint32_t n = 0; n < worker_count; n++)
        result.quality[n] = quality_unknown;
    for (int round = 0; round < ROUNDS; round++) {
        judge(&w, result.quality, fresh, judged);
        memcpy(result.quality, fresh, worker_count * sizeof *fresh);
    }
    for (uint32_t i = 0; i < item_count; i++)
        choose(&w, i, &result);
    return result;
}

/* --- Texts ------------------------------------------------------------------------------------ */

static bool is_space(unsigned char c)
{
    return c <= ' ';
}

static bool is_dropped(unsigned char c)
{
    return c < 0x80 && !is_space(c) && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c) != NULL;
}

struct str infer_text_normal(struct arena *arena, struct str text)
{
    char *out = arena_take_bytes(arena, text.size);
    size_t size = 0;
    bool gap = false;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (is_dropped(c))
            continue;
        if (is_space(c)) {
            gap = size > 0;
            continue;
        }
        if (gap)
            out[size++] = ' ';
        gap = false;
        out[size++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return (struct str){ out, size };
}

/* The code points of a text; bytes that are no UTF-8 stand for themselves. */
static uint32_t *points_of(struct arena *arena, struct str s, size_t *count)
{
    uint32_t *points = arena_new(arena, uint32_t, s.size);
    *count = 0;
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if ((c & 0xC0) == 0x80 && *count > 0)
            points[*count - 1] = points[*count - 1] << 6 | (c & 0x3F);
        else
            points[(*count)++] = c;
    }
    return points;
}

double infer_text_distance(struct arena *arena, struct str a, struct str b)
{
    struct arena_mark mark = arena_mark(arena);
    size_t wide, high;
    const uint32_t *x = points_of(arena, a, &wide), *y = points_of(arena, b, &high);
    size_t longer = wide > high ? wide : high;
    /* What both begin and end with changes nothing, and is most of two copies of one text. */
    for (; wide > 0 && high > 0 && *x == *y; wide--, high--)
        x++, y++;
    while (wide > 0 && high > 0 && x[wide - 1] == y[high - 1])
        wide--, high--;
    size_t *row = arena_new(arena, size_t, wide + 1);
    for (size_t i = 0; i <= wide; i++)
        row[i] = i;
    for (size_t j = 0; j < high; j++) {
        size_t corner = row[0];
        row[0] = j + 1;
        for (size_t i = 0; i < wide; i++) {
            size_t changed = corner + (x[i] != y[j]);
            size_t other = 1 + (row[i] < row[i + 1] ? row[i] : row[i + 1]);
            corner = row[i + 1];
            row[i + 1] = changed < other ? changed : other;
        }
    }
    double distance = longer > 0 ? (double)row[wide] / (double)longer : 0;
    arena_rewind(arena, mark);
    return distance;
}

/* --- Boxes ------------------------------------------------------------------------------------ */

double infer_box_distance(struct infer_box a, struct infer_box b)
{
    double width = fmin(a.x + a.width, b.x + b.width) - fmax(a.x, b.x);
    double height = fmin(a.y + a.height, b.y + b.height) - fmax(a.y, b.y);
    double both = width > 0 && height > 0 ? width * height : 0;
    double either = a.width * a.height + b.width * b.height - both;
    return either > 0 ? 1 - both / either : 1;
}
