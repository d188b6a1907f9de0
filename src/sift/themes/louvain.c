/* Themes as communities of the graph of neighbours.
 *
 * Computes: which texts belong together, and how firmly each does.
 * Model: modularity at resolution γ, the sum over themes of (weight within / 2m − γ · (weight of
 *     its texts / 2m)²), is made as large as local moves can make it: texts move to the theme
 *     beside them that gains most, then themes move as if they were texts, until nothing moves;
 *     then texts move once more, which mends what the larger steps overlooked. Parts of a theme
 *     without a tie between them are themes of their own. The best of STARTS orders counts.
 *     Texts that people put into one theme are one node from the beginning, and a theme holds one
 *     such node at most.
 * Source: V. D. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre, "Fast unfolding of communities
 *     in large networks", J. Stat. Mech. P10008 (2008); J. Reichardt, S. Bornholdt, "Statistical
 *     mechanics of community detection", Phys. Rev. E 74 (2006) for γ; the last moves as in
 *     R. Rotta, A. Noack, "Multilevel local search algorithms for modularity clustering", JEA 16
 *     (2011); that only nodes with moved neighbours are asked again, N. Ozaki, H. Tezuka, M. Inaba,
 *     "A simple acceleration method for the Louvain algorithm", IJCEE 8 (2016).
 * Cost: O(STARTS · edges) time for each level, and few more; 40 bytes an edge.
 * Limits: the best partition is not looked for (that is NP-hard); modularity does not see themes
 *     whose weight is below about sqrt(2m / γ), which is what the resolution is for.
 */
#include "sift/themes/themes.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 30, STARTS = 4, STARTS_EDGES_MAX = 1 << 18 };
static const double RESOLUTION_USUAL = 2;
static const double GAIN_LEAST = 1e-9; /* of a move, so that rounding cannot turn in circles */

/* A graph whose nodes may already be themes of a finer level. */
struct level {
    uint32_t count;
    const size_t *first;
    const uint32_t *neighbour;
    const float *weight;
    double *within; /* by node: twice the weight of edges inside it */
    uint32_t *pin;  /* by node: its pin, or THEMES_NONE */
};

/* A partition of a level's nodes, as it moves. */
struct partition {
    uint32_t *of;   /* by node */
    double *total;  /* by theme: weight of its nodes' ends */
    uint32_t *pin;  /* by theme */
    double *degree; /* by node */
    double *tie; /* by theme: weight of the ends of the node looked at; 0 when it is not beside */
    uint32_t *beside; /* themes with a tie */
    double ends;      /* of all: twice the weight of the graph */
};

static double level_ends(const struct level *l)
{
    double sum = 0;
    for (uint32_t n = 0; n < l->count; n++)
        sum += l->within[n];
    for (size_t e = 0; e < l->first[l->count]; e++)
        sum += l->weight[e];
    return sum;
}

/* Every node in the theme `of` says, or each in its own where `of` is NULL. */
static struct partition partition_make(struct arena *arena, const struct level *l,
                                       const uint32_t *of)
{
    struct partition p = { .of = arena_new(arena, uint32_t, l->count),
                           .total = arena_new(arena, double, l->count),
                           .pin = arena_new(arena, uint32_t, l->count),
                           .degree = arena_new(arena, double, l->count),
                           .tie = arena_new(arena, double, l->count),
                           .beside = arena_new(arena, uint32_t, l->count),
                           .ends = level_ends(l) };
    memset(p.pin, 0xff, l->count * sizeof *p.pin);
    for (uint32_t n = 0; n < l->count; n++) {
        p.of[n] = of != NULL ? of[n] : n;
        double degree = l->within[n];
        for (size_t e = l->first[n]; e < l->first[n + 1]; e++)
            degree += l->weight[e];
        p.degree[n] = degree;
        p.total[p.of[n]] += degree;
        if (l->pin[n] != THEMES_NONE)
            p.pin[p.of[n]] = l->pin[n];
    }
    return p;
}

/* Moves a node to the theme beside it that gains most; false when it stays. */
static bool move_node(const struct level *l, struct partition *p, uint32_t n, double resolution)
{
    uint32_t own = p->of[n], beside_count = 0;
    for (size_t e = l->first[n]; e < l->first[n + 1]; e++) {
        uint32_t theme = p->of[l->neighbour[e]];
        if (p->tie[theme] == 0)
            p->beside[beside_count++] = theme;
        p->tie[theme] += l->weight[e];
    }
    double price = resolution * p->degree[n] / p->ends;
    p->total[own] -= p->degree[n];
    uint32_t best = own;
    double best_gain = p->tie[own] - price * p->total[own];
    for (uint32_t i = 0; i < beside_count; i++) {
        uint32_t theme = p->beside[i];
        double gain = p->tie[theme] - price * p->total[theme];
        bool is_open = l->pin[n] == THEMES_NONE || p->pin[theme] == THEMES_NONE;
        if (theme != own && is_open && gain > best_gain + GAIN_LEAST * p->degree[n]) {
            best = theme;
            best_gain = gain;
        }
    }
    for (uint32_t i = 0; i < beside_count; i++)
        p->tie[p->beside[i]] = 0;
    p->total[best] += p->degree[n];
    p->of[n] = best;
    if (best != own && l->pin[n] != THEMES_NONE) {
        p->pin[own] = THEMES_NONE;
        p->pin[best] = l->pin[n];
    }
    return best != own;
}

static uint32_t *shuffled(struct arena *arena, uint32_t count, struct chance *chance)
{
    uint32_t *order = arena_new(arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = (uint32_t)(chance_bits(chance) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
    return order;
}

/* Moves nodes until none wants to; whether any did. After the first round only those are asked
   again that have seen a neighbour leave for another theme than their own. */
static bool move_all(struct arena *arena, const struct level *l, struct partition *p,
                     double resolution, struct chance *chance)
{
    const uint32_t *order = shuffled(arena, l->count, chance);
    bool *is_settled = arena_new(arena, bool, l->count);
    bool any = false, moved = true;
    for (int round = 0; moved && round < ROUNDS_MAX; round++) {
        moved = false;
        for (uint32_t i = 0; i < l->count; i++) {
            uint32_t n = order[i];
            if (is_settled[n])
                continue;
            is_settled[n] = true;
            if (!move_node(l, p, n, resolution))
                continue;
            moved = true;
            for (size_t e = l->first[n]; e < l->first[n + 1]; e++)
                if (p->of[l->neighbour[e]] != p->of[n])
                    is_settled[l->neighbour[e]] = false;
        }
        any |= moved;
    }
    return any;
}

/* Numbers the themes in use 0, 1 … in order of their first node; returns how many there are. */
static uint32_t renumber(struct arena *arena, uint32_t *of, uint32_t count, uint32_t number_count)
{
    struct arena_mark mark = arena_mark(arena);
    uint32_t *number = arena_new(arena, uint32_t, number_count);
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (number[of[i]] == 0)
            number[of[i]] = ++used;
        of[i] = number[of[i]] - 1;
    }
    arena_rewind(arena, mark);
    return used;
}

/* The level whose nodes are the `theme_count` themes of this one. */
static struct level fold(struct arena *arena, const struct level *l, const uint32_t *of,
                         uint32_t theme_count)
{
    size_t *first = arena_new(arena, size_t, (size_t)theme_count + 1);
    uint32_t *neighbour = arena_new(arena, uint32_t, l->first[l->count]);
    float *weight = arena_new(arena, float, l->first[l->count]);
    struct level up = { .count = theme_count,
                        .first = first,
                        .neighbour = neighbour,
                        .weight = weight,
                        .within = arena_new(arena, double, theme_count),
                        .pin = arena_new(arena, uint32_t, theme_count) };
    memset(up.pin, 0xff, theme_count * sizeof *up.pin);
    /* The nodes of each theme, beside one another. */
    size_t *begin = arena_new(arena, size_t, (size_t)theme_count + 2);
    uint32_t *nodes = arena_new(arena, uint32_t, l->count);
    for (uint32_t n = 0; n < l->count; n++)
        begin[of[n] + 2]++;
    for (uint32_t t = 0; t < theme_count; t++)
        begin[t + 2] += begin[t + 1];
    for (uint32_t n = 0; n < l->count; n++)
        nodes[begin[of[n] + 1]++] = n;
    size_t edge_count = 0;
    double *tie = arena_new(arena, double, theme_count);
    for (uint32_t t = 0; t < theme_count; t++) {
        size_t from = edge_count;
        for (size_t i = begin[t]; i < begin[t + 1]; i++) {
            uint32_t n = nodes[i];
            up.within[t] += l->within[n];
            if (l->pin[n] != THEMES_NONE)
                up.pin[t] = l->pin[n];
            for (size_t e = l->first[n]; e < l->first[n + 1]; e++) {
                uint32_t other = of[l->neighbour[e]];
                if (other == t)
                    up.within[t] += l->weight[e];
                else if (tie[other] == 0)
                    neighbour[edge_count++] = other;
                if (other != t)
                    tie[other] += l->weight[e];
            }
        }
        for (size_t e = from; e < edge_count; e++) {
            weight[e] = (float)tie[neighbour[e]];
            tie[neighbour[e]] = 0;
        }
        first[t + 1] = edge_count;
    }
    return up;
}

static double modularity(const struct level *l, const struct partition *p, double resolution)
{
    double sum = 0;
    for (uint32_t n = 0; n < l->count; n++) {
        sum += l->within[n];
        for (size_t e = l->first[n]; e < l->first[n + 1]; e++)
            if (p->of[l->neighbour[e]] == p->of[n])
                sum += l->weight[e];
    }
    for (uint32_t t = 0; t < l->count; t++)
        sum -= resolution * p->total[t] * p->total[t] / p->ends;
    return sum / p->ends;
}

/* One start: `of` becomes the theme of each node of `ground`, by any number below its count. */
static double climb(struct arena *arena, const struct level *ground, double resolution,
                    uint64_t seed, uint32_t *of)
{
    struct chance chance = { seed };
    struct level l = *ground;
    for (uint32_t n = 0; n < ground->count; n++)
        of[n] = n;
    for (bool moved = true; moved;) {
        struct partition p = partition_make(arena, &l, NULL);
        moved = move_all(arena, &l, &p, resolution, &chance);
        uint32_t themes = renumber(arena, p.of, l.count, l.count);
        for (uint32_t n = 0; n < ground->count; n++)
            of[n] = p.of[of[n]];
        if (moved)
            l = fold(arena, &l, p.of, themes);
    }
    struct partition last = partition_make(arena, ground, of);
    move_all(arena, ground, &last, resolution, &chance);
    memcpy(of, last.of, ground->count * sizeof *of);
    return modularity(ground, &last, resolution);
}

/* Gives each connected part of a theme a number of its own; a pinned node is one part by itself. */
static void part(struct arena *arena, const struct level *l, uint32_t *of)
{
    uint32_t *number = arena_new(arena, uint32_t, l->count);
    uint32_t *stack = arena_new(arena, uint32_t, l->count);
    memset(number, 0xff, l->count * sizeof *number);
    for (uint32_t from = 0; from < l->count; from++) {
        if (number[from] != THEMES_NONE)
            continue;
        uint32_t depth = 0;
        number[from] = from;
        stack[depth++] = from;
        while (depth > 0) {
            uint32_t n = stack[--depth];
            for (size_t e = l->first[n]; e < l->first[n + 1]; e++) {
                uint32_t other = l->neighbour[e];
                if (of[other] != of[n] || number[other] != THEMES_NONE)
                    continue;
                number[other] = from;
                stack[depth++] = other;
            }
        }
    }
    memcpy(of, number, l->count * sizeof *of);
}

struct pinned {
    uint32_t pin, node;
};

static int by_pin(const void *a, const void *b)
{
    const struct pinned *x = a, *y = b;
    if (x->pin != y->pin)
        return x->pin < y->pin ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* The graph as a level, with texts of one pin folded into one node; `node_of`: by graph node. */
static struct level ground_level(struct arena *arena, const struct themes_graph *graph,
                                 const uint32_t *pin, uint32_t *node_of)
{
    struct level l = { .count = graph->count,
                       .first = graph->first,
                       .neighbour = graph->neighbour,
                       .weight = graph->weight,
                       .within = arena_new(arena, double, graph->count),
                       .pin = arena_new(arena, uint32_t, graph->count) };
    struct pinned *pinned = arena_new(arena, struct pinned, graph->count);
    uint32_t count = 0;
    for (uint32_t n = 0; n < graph->count; n++) {
        node_of[n] = n;
        l.pin[n] = pin != NULL ? pin[graph->order[n]] : THEMES_NONE;
        if (l.pin[n] != THEMES_NONE)
            pinned[count++] = (struct pinned){ l.pin[n], n };
    }
    if (count == 0)
        return l;
    qsort(pinned, count, sizeof *pinned, by_pin);
    for (uint32_t i = 1; i < count; i++)
        if (pinned[i].pin == pinned[i - 1].pin)
            node_of[pinned[i].node] = node_of[pinned[i - 1].node];
    uint32_t nodes = renumber(arena, node_of, graph->count, graph->count);
    return fold(arena, &l, node_of, nodes);
}

/* The best of some starts: the theme of each node of `ground`. */
static uint32_t *best_climb(struct arena *arena, const struct level *ground, double resolution,
                            uint64_t seed, double *best)
{
    struct chance seeds = { seed };
    uint32_t *of = arena_new(arena, uint32_t, ground->count);
    uint32_t *tried = arena_new(arena, uint32_t, ground->count);
    int starts = ground->first[ground->count] <= STARTS_EDGES_MAX ? STARTS : 1;
    for (int start = 0; start < starts; start++) {
        struct arena_mark mark = arena_mark(arena);
        double reached = climb(arena, ground, resolution, chance_bits(&seeds), tried);
        arena_rewind(arena, mark);
        if (start > 0 && reached <= *best)
            continue;
        *best = reached;
        memcpy(of, tried, ground->count * sizeof *of);
    }
    return of;
}

/* --- The themes, as they are shown ------------------------------------------------------------ */

struct found {
    uint32_t size, first_node, raw;
};

static int greatest_first(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return (x->first_node > y->first_node) - (x->first_node < y->first_node);
}

/* Fills count, items (size and pin) and of; `raw`: the theme of each graph node, below raw_count.
 */
static void list_themes(struct arena *arena, const struct themes_graph *graph, const uint32_t *pin,
                        const uint32_t *raw, uint32_t raw_count, struct themes *themes)
{
    struct found *found = arena_new(arena, struct found, raw_count);
    uint32_t *number = arena_new(arena, uint32_t, raw_count);
    uint32_t *raw_pin = arena_new(arena, uint32_t, raw_count);
    memset(raw_pin, 0xff, raw_count * sizeof *raw_pin);
    for (uint32_t n = 0; n < graph->count; n++) {
        struct found *f = &found[raw[n]];
        if (f->size++ == 0)
            *f = (struct found){ 1, n, raw[n] };
        if (pin != NULL && pin[graph->order[n]] != THEMES_NONE)
            raw_pin[raw[n]] = pin[graph->order[n]];
    }
    qsort(found, raw_count, sizeof *found, greatest_first);
    themes->items = arena_new(arena, struct theme, raw_count);
    for (uint32_t i = 0; i < raw_count; i++) {
        uint32_t raw_number = found[i].raw;
        bool is_theme = found[i].size > 1 || raw_pin[raw_number] != THEMES_NONE;
        number[raw_number] = is_theme ? themes->count : THEMES_NONE;
        if (is_theme)
            themes->items[themes->count++] =
                (struct theme){ .size = found[i].size, .pin = raw_pin[raw_number] };
    }
    for (uint32_t n = 0; n < graph->count; n++)
        themes->of[graph->order[n]] = number[raw[n]];
}

/* Share of each text's ties that lead into its theme. */
static void measure_strength(const struct themes_graph *graph, struct themes *themes)
{
    for (uint32_t n = 0; n < graph->count; n++) {
        uint32_t theme = themes->of[graph->order[n]];
        double within = 0, all = 0;
        for (size_t e = graph->first[n]; e < graph->first[n + 1]; e++) {
            all += graph->weight[e];
            if (themes->of[graph->order[graph->neighbour[e]]] == theme)
                within += graph->weight[e];
        }
        themes->strength[graph->order[n]] = theme == THEMES_NONE ? 0 : all > 0 ? within / all : 1;
    }
}

/* Mean similarity of a theme's texts to its centre: the length of the mean of their places. */
static void measure_cohesion(struct arena *arena, const struct themes_graph *graph,
                             struct themes *themes)
{
    enum { D = THEMES_DIMENSIONS };
    double *centre = arena_take_array(arena, D * sizeof *centre, themes->count);
    for (uint32_t n = 0; n < graph->count; n++) {
        uint32_t theme = themes->of[graph->order[n]];
        for (size_t d = 0; theme != THEMES_NONE && d < D; d++)
            centre[theme * (size_t)D + d] += graph->place[n * (size_t)D + d];
    }
    for (uint32_t t = 0; t < themes->count; t++) {
        double square = 0;
        for (size_t d = 0; d < D; d++)
            square += centre[t * (size_t)D + d] * centre[t * (size_t)D + d];
        themes->items[t].cohesion = sqrt(square) / themes->items[t].size;
    }
}

struct themes themes_find(struct arena *arena, const struct themes_graph *graph,
                          struct themes_wish wish)
{
    struct themes themes = { .text_count = graph->count,
                             .of = arena_new(arena, uint32_t, graph->count),
                             .strength = arena_new(arena, double, graph->count) };
    double resolution = wish.resolution > 0 ? wish.resolution : RESOLUTION_USUAL;
    struct arena *scratch = arena_make();
    uint32_t *node_of = arena_new(scratch, uint32_t, graph->count);
    struct level ground = ground_level(scratch, graph, wish.pin, node_of);
    uint32_t *of = best_climb(scratch, &ground, resolution, wish.seed, &themes.modularity);
    part(scratch, &ground, of);
    for (uint32_t n = 0; n < graph->count; n++)
        node_of[n] = of[node_of[n]];
    uint32_t count = renumber(scratch, node_of, graph->count, graph->count);
    list_themes(scratch, graph, wish.pin, node_of, count, &themes);
    themes.items = memcpy(arena_new(arena, struct theme, themes.count), themes.items,
                          themes.count * sizeof *themes.items);
    measure_strength(graph, &themes);
    measure_cohesion(scratch, graph, &themes);
    arena_free(scratch);
    return themes;
}
