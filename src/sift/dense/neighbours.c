/* The k nearest neighbours of each row among all rows, exactly.
 *
 * Model: similarity is the product of two rows; with rows of length 1, their cosine. All pairs are
 * multiplied, block by block, each pair once: a row of a block of products is compared with the bar
 * of its own row (the k-th best so far) and with the bars of the rows it was multiplied with. Few
 * pass: about k · ln(count / k) of each row's.
 *
 * O(count² · dimensions) operations, half of them saved by symmetry; count · 4 bytes and 1.5 MB at
 * 128 dimensions besides the result. 100,000 rows of 128 take some 20 s on one core with AVX2; far
 * beyond that, an index that may miss some is wanted.
 */
#include <assert.h>
#include <math.h>

#include "base/arena.h"
#include "base/check.h"
#include "sift/dense/dense.h"

enum { ACROSS = 2048, DOWN = 64 };

struct search {
    const struct dense_kernels *kernels;
    uint32_t dimensions, k;
    const float *rows;
    uint32_t *neighbour;
    float *similarity;
    float *bar; /* of each row: what a similarity must exceed to come into its list */
};

/* Puts `other` into the list of `row`, behind all that are as similar: they have lower numbers. */
static void put(struct search *s, size_t row, uint32_t other, float similarity)
{
    uint32_t *neighbour = s->neighbour + row * s->k, at = s->k - 1;
    float *list = s->similarity + row * s->k;
    for (; at > 0 && list[at - 1] < similarity; at--) {
        list[at] = list[at - 1];
        neighbour[at] = neighbour[at - 1];
    }
    list[at] = similarity;
    neighbour[at] = other;
    s->bar[row] = list[s->k - 1];
}

/* The products of row `i` with the rows from `first` on. */
static void take_for_row(struct search *s, uint32_t i, uint32_t first, const float *products,
                         size_t count)
{
    for (size_t at = 0;; at++) {
        at = s->kernels->above(products, s->bar[i], at, count);
        if (at >= count)
            return;
        if (first + at != i)
            put(s, i, first + (uint32_t)at, products[at]);
    }
}

static void take_for_others(struct search *s, uint32_t i, uint32_t first, const float *products,
                            size_t count)
{
    for (size_t at = 0;; at++) {
        at = s->kernels->above_each(products, s->bar + first, at, count);
        if (at >= count)
            return;
        put(s, first + at, i, products[at]);
    }
}

/* All rows up to the block's end with the rows of the block. */
static void take_block(struct search *s, struct arena *arena, uint32_t first, uint32_t across,
                       float *products)
{
    struct arena_mark mark = arena_mark(arena);
    struct dense_panels block =
        dense_pack_turned(arena, s->rows + (size_t)first * s->dimensions, s->dimensions, across);
    for (uint32_t top = 0; top < first + across; top += DOWN) {
        uint32_t down = first + across - top < DOWN ? first + across - top : DOWN;
        s->kernels->multiply(down, s->rows + (size_t)top * s->dimensions, block, NULL, products);
        for (uint32_t r = 0; r < down; r++) {
            take_for_row(s, top + r, first, products + (size_t)r * across, across);
            if (top < first) /* else the pair comes a second time, from the other side */
                take_for_others(s, top + r, first, products + (size_t)r * across, across);
        }
    }
    arena_rewind(arena, mark);
}

void dense_neighbours_by(const struct dense_kernels *kernels, struct arena *arena, size_t count,
                         uint32_t dimensions, const float *rows, uint32_t k, uint32_t *neighbour,
                         float *similarity)
{
    static_assert(ACROSS % DOWN == 0, "a block of rows is either before a block or in it");
    check(k > 0 && count < UINT32_MAX - ACROSS);
    struct arena_mark mark = arena_mark(arena);
    struct search s = { kernels,
                        dimensions,
                        k,
                        rows,
                        neighbour,
                        similarity,
                        (float *)arena_take_bytes(arena, count * sizeof(float)) };
    for (size_t i = 0; i < count; i++)
        s.bar[i] = -INFINITY;
    for (size_t i = 0; i < count * k; i++) {
        neighbour[i] = UINT32_MAX;
        similarity[i] = -INFINITY;
    }
    float *products = (float *)arena_take_bytes(arena, sizeof(float) * ACROSS * DOWN);
    for (uint32_t first = 0; first < count; first += ACROSS)
        take_block(&s, arena, first, count - first < ACROSS ? (uint32_t)(count - first) : ACROSS,
                   products);
    arena_rewind(arena, mark);
}

void dense_neighbours(struct arena *arena, size_t count, uint32_t dimensions, const float *rows,
                      uint32_t k, uint32_t *neighbour, float *similarity)
{
    dense_neighbours_by(dense_kernels(), arena, count, dimensions, rows, k, neighbour, similarity);
}
