/* Themes: what many short texts are about, found without being told how many themes there are.
 * Pure.
 *
 *     struct themes_texts *texts = themes_texts_make(arena);
 *     for each text: themes_texts_add(texts, &words, &vector);
 *     struct themes_graph graph = themes_graph(arena, texts, seed);      // slow, once
 *     struct themes t = themes_find(arena, &graph, (struct themes_wish){ .resolution = 2 });
 *     themes_describe(arena, texts, &graph, &t);
 *
 * Texts are numbered from 0 as they were added. The graph is kept between questions: another
 * resolution, or what people decided, takes a fraction of its time. Everything is deterministic,
 * and the order in which the texts came has no say, but for the numbers of texts that are the same.
 */
#pragma once
#include "sift/similar/similar.h"

#include <stdint.h>

struct arena;

enum {
    THEMES_DIMENSIONS = 128, /* of the space in which neighbours are looked for */
    THEMES_NEIGHBOURS = 15,  /* of each text, at most */
    THEMES_TERMS_MAX = 4,    /* in a label */
    THEMES_QUOTES_MAX = 3,   /* texts that stand for a theme */
};
#define THEMES_NONE UINT32_MAX

/* --- The texts (texts.c) ---------------------------------------------------------------------- */

struct themes_texts;

struct themes_texts *themes_texts_make(struct arena *arena);

/* Adds a text; its vector must stay where it is until the graph is made. O(words). */
void themes_texts_add(struct themes_texts *texts, const struct words *words,
                      const struct similar_vector *vector);

uint32_t themes_texts_count(const struct themes_texts *texts);

/* --- Who is near whom (space.c, graph.c) -------------------------------------------------------
 */

/* Nodes are the texts, in an order that depends on what they say only: node n is text order[n]. Its
   neighbours are neighbour[first[n]] to neighbour[first[n + 1] - 1]; each edge stands at both its
   ends. */
struct themes_graph {
    uint32_t count;
    const uint32_t *order;
    const size_t *first;       /* count + 1 */
    const uint32_t *neighbour; /* nodes */
    const float *weight;       /* > 0 */
    const float *place; /* count × THEMES_DIMENSIONS, of length 1; 0 where nothing is known */
};

/* Places the texts and joins the nearest. `seed`: of the iteration's start. */
struct themes_graph themes_graph(struct arena *arena, const struct themes_texts *texts,
                                 uint64_t seed);

/* --- Themes (louvain.c) ------------------------------------------------------------------------
 */

struct themes_wish {
    double resolution; /* gamma: 0.5 few and broad to 8 many and narrow; 0: 2 */
    uint64_t seed;
    const uint32_t *pin; /* by text: the theme a person has put it in, any numbers below
                            THEMES_NONE, or THEMES_NONE; NULL: nobody decided anything */
};

struct themes_term {
    struct str words; /* one word or two, as most of the theme write them */
    double score;     /* class-based TF-IDF */
    uint32_t texts;   /* of the theme, that have them */
};

struct theme {
    uint32_t size;
    uint32_t pin;    /* the one of its texts, or THEMES_NONE */
    double cohesion; /* mean of its texts' similarity to its centre, -1 to 1 */
    /* from themes_describe: */
    struct themes_term terms[THEMES_TERMS_MAX];
    uint32_t term_count;
    uint32_t quotes[THEMES_QUOTES_MAX]; /* texts: the medoid, then others that add to it */
    uint32_t quote_count;
};

struct themes {
    uint32_t count, text_count;
    struct theme *items; /* the greatest first */
    uint32_t *of;        /* by text: its theme, or THEMES_NONE where it is like no other */
    double *strength;    /* by text: share of its ties that lead into its theme, 0 to 1 */
    double modularity;   /* at this resolution: ties within themes beyond what chance would give */
};

/* Finds themes. Texts pinned to the same theme stay together, texts pinned to different ones stay
   apart, and others may join either. */
struct themes themes_find(struct arena *arena, const struct themes_graph *graph,
                          struct themes_wish wish);

/* --- What they are about (labels.c) ------------------------------------------------------------
 */

/* Fills terms and quotes of each theme. */
void themes_describe(struct arena *arena, const struct themes_texts *texts,
                     const struct themes_graph *graph, struct themes *themes);

/* The theme of `earlier` (by text, as in themes.of; texts beyond `earlier_count` are new) that each
   theme continues, or THEMES_NONE: pairs with the greatest overlap first (Jaccard, at least a
   third), one to one. */
uint32_t *themes_continue(struct arena *arena, const struct themes *themes, const uint32_t *earlier,
                          uint32_t earlier_count);

/* --- A picture (picture.c) ---------------------------------------------------------------------
 */

/* The greatest themes with their labels (by theme) as bars, as SVG without script, readable without
   colour. Labels must be UTF-8. */
struct str themes_svg(struct arena *arena, const struct themes *themes, const struct str *labels);

/* --- How alike two ways to sort the same things are (likeness.c) -------------------------------
 */

struct themes_likeness {
    double mutual_information; /* normalised by the mean of both entropies: 0 to 1 */
    double adjusted_rand;      /* 0 by chance, 1 the same */
};
/* Of a[i] and b[i], i < count; THEMES_NONE is each a class of its own. */
struct themes_likeness themes_likeness(struct arena *arena, const uint32_t *a, const uint32_t *b,
                                       uint32_t count);
