/* The graph of texts and their nearest neighbours.
 *
 * Computes: an edge between two texts when one is among the nearest of the other.
 * Model: the k nearest by cosine above SIMILARITY_MIN, k = THEMES_NEIGHBOURS but no more than the
 *     root of the number of texts; an edge weighs cosine⁴, which tells near neighbours from those
 *     that are merely the nearest there are, and twice that when each is among the other's nearest.
 * Source: U. von Luxburg, "A tutorial on spectral clustering", Statistics and Computing 17 (2007),
 *     section 2.2; on mutual neighbours M. Maier, M. Hein, U. von Luxburg, TCS 410 (2009).
 * Cost: O(texts² · d) time, exact; 16 · k bytes a text.
 * Limits: beyond some hundred thousand texts an approximate search would be wanted.
 */
#include "base/arena.h"
#include "sift/dense/dense.h"
#include "sift/themes/inside.h"

#include <math.h>

static const double SIMILARITY_MIN = 0.05;
enum { NEIGHBOURS_MIN = 3 };

static uint32_t neighbours_wanted(uint32_t count)
{
    double root = sqrt(count);
    return root > THEMES_NEIGHBOURS ? THEMES_NEIGHBOURS
           : root < NEIGHBOURS_MIN  ? NEIGHBOURS_MIN
                                    : (uint32_t)root;
}

/* The k nearest of each node, nearest first. */
struct nearest {
    uint32_t count, k;
    uint32_t *node;    /* count × k; THEMES_NONE where there are fewer */
    float *similarity; /* count × k */
};

static bool is_near(const struct nearest *n, uint32_t of, uint32_t to)
{
    for (size_t i = 0; i < n->k; i++)
        if (n->node[of * (size_t)n->k + i] == to)
            return true;
    return false;
}

/* The weight of the edge from a node to its i-th nearest, or 0 when there is none, or when it is
   the other's to add. */
static float edge_weight(const struct nearest *n, uint32_t node, uint32_t i)
{
    size_t at = node * (size_t)n->k + i;
    if (n->node[at] == THEMES_NONE || n->similarity[at] < SIMILARITY_MIN)
        return 0;
    float square = n->similarity[at] * n->similarity[at];
    if (!is_near(n, n->node[at], node))
        return square * square;
    return n->node[at] < node ? 0 : 2 * square * square;
}

/* Joins the nearest: fills first, neighbour and weight. */
static void join_nearest(struct arena *arena, const struct nearest *n, struct themes_graph *graph)
{
    size_t *first = arena_new(arena, size_t, (size_t)n->count + 2);
    for (uint32_t node = 0; node < n->count; node++)
        for (uint32_t i = 0; i < n->k; i++)
            if (edge_weight(n, node, i) > 0) {
                first[node + 2]++;
                first[n->node[node * (size_t)n->k + i] + 2]++;
            }
    for (uint32_t node = 0; node < n->count; node++)
        first[node + 2] += first[node + 1];
    size_t ends = first[n->count + 1];
    uint32_t *neighbour = arena_new(arena, uint32_t, ends);
    float *weight = arena_new(arena, float, ends);
    for (uint32_t node = 0; node < n->count; node++)
        for (uint32_t i = 0; i < n->k; i++) {
            float w = edge_weight(n, node, i);
            if (w <= 0)
                continue;
            uint32_t other = n->node[node * (size_t)n->k + i];
            size_t here = first[node + 1]++, there = first[other + 1]++;
            neighbour[here] = other;
            neighbour[there] = node;
            weight[here] = weight[there] = w;
        }
    graph->first = first;
    graph->neighbour = neighbour;
    graph->weight = weight;
}

struct themes_graph themes_graph(struct arena *arena, const struct themes_texts *texts,
                                 uint64_t seed)
{
    struct themes_graph graph = { .count = texts->count, .order = themes_order(arena, texts) };
    float *places = themes_places(arena, texts, graph.order, seed);
    graph.place = places;
    struct arena *scratch = arena_make();
    struct nearest n = { .count = graph.count, .k = neighbours_wanted(graph.count) };
    n.node = arena_new(scratch, uint32_t, (size_t)n.count * n.k);
    n.similarity = arena_new(scratch, float, (size_t)n.count *n.k);
    dense_neighbours(scratch, n.count, THEMES_DIMENSIONS, places, n.k, n.node, n.similarity);
    join_nearest(arena, &n, &graph);
    arena_free(scratch);
    return graph;
}
