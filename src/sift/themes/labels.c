/* What themes are about: their words, and texts that stand for them.
 *
 * Computes: for each theme up to THEMES_TERMS_MAX words or pairs of words, its medoid, and others
 *     of its texts that add to the medoid.
 * Model: class-based TF-IDF over texts: (share of the theme's texts that have the term) · ln(1 +
 *     mean texts of a theme / texts that have it anywhere). A text counts once however often it
 *     repeats a word. A word and a pair that holds it are one: the pair, where at least half of
 *     the theme's texts with the word have it. The medoid is the text nearest to the theme's
 *     centre; further quotes are near the centre and far from the quotes before them.
 * Source: M. Grootendorst, "BERTopic", arXiv:2203.05794 (2022) for the weighting; J. Carbonell,
 *     J. Goldstein, "The use of MMR", SIGIR 1998 for the quotes.
 * Cost: O(words + texts · THEMES_DIMENSIONS) time; 8 bytes a word and the terms.
 * Limits: words the language's list does not know as function words are told by their spread
 *     alone.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/dense/dense.h"
#include "sift/themes/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { D = THEMES_DIMENSIONS, CANDIDATES = 32, TEXTS_MIN = 2 };
static const double SHARE_MIN = 0.05, PAIR_HOLDS = 0.5, QUOTE_NEARNESS = 0.6;

/* Terms are words (numbers below word_count) and pairs of words. */
struct terms {
    uint32_t word_count;
    struct names pairs; /* by the eight bytes of two words' numbers */
    size_t *first;      /* by text */
    uint32_t *of_text;  /* each text's terms, once each */
    uint32_t *texts;    /* by term: how many have it */
};

/* The texts of each theme, in the graph's order. */
struct members {
    size_t *first;
    uint32_t *node;
};

/* --- Terms of texts --------------------------------------------------------------------------- */

static bool is_word(const struct themes_token *t)
{
    return !t->is_apart && !t->is_function;
}

/* Whether a token and the next one make a pair; two of Han or kana overlap in a character. */
static bool is_pair(const struct themes_token *t, const struct themes_token *next)
{
    return is_word(t) && is_word(next) && t->is_whole == next->is_whole;
}

static uint32_t pair_number(struct terms *terms, uint32_t a, uint32_t b)
{
    uint32_t couple[2] = { a, b };
    return terms->word_count +
           names_number(&terms->pairs, (struct str){ (const char *)couple, sizeof couple });
}

static struct terms find_terms(struct arena *arena, const struct themes_texts *texts,
                               const uint32_t *order)
{
    struct terms terms = { .word_count = texts->terms.count,
                           .pairs = { .arena = arena },
                           .first = arena_new(arena, size_t, (size_t)texts->count + 1),
                           .of_text = arena_new(arena, uint32_t, 2 * texts->token_count) };
    size_t room = terms.word_count + texts->token_count, count = 0;
    terms.texts = arena_new(arena, uint32_t, room);
    uint32_t *last = arena_new(arena, uint32_t, room); /* by term: the last that had it, from 1 */
    for (uint32_t i = 0; i < texts->count; i++) {
        const struct themes_text *text = &texts->items[order[i]];
        const struct themes_token *token = texts->tokens + text->first_token;
        for (size_t j = 0; j < text->token_count; j++) {
            bool joins = j + 1 < text->token_count && is_pair(&token[j], &token[j + 1]);
            for (int pair = 0; is_word(&token[j]) && pair <= joins; pair++) {
                uint32_t term =
                    pair ? pair_number(&terms, token[j].term, token[j + 1].term) : token[j].term;
                if (last[term] == i + 1)
                    continue;
                last[term] = i + 1;
                terms.texts[term]++;
                terms.of_text[count++] = term;
            }
        }
        terms.first[i + 1] = count;
    }
    return terms;
}

static struct members list_members(struct arena *arena, const struct themes_graph *graph,
                                   const struct themes *themes)
{
    struct members m = { .first = arena_new(arena, size_t, (size_t)themes->count + 2),
                         .node = arena_new(arena, uint32_t, graph->count) };
    for (uint32_t t = 0; t < themes->count; t++)
        m.first[t + 2] = m.first[t + 1] + themes->items[t].size;
    for (uint32_t n = 0; n < graph->count; n++) {
        uint32_t theme = themes->of[graph->order[n]];
        if (theme != THEMES_NONE)
            m.node[m.first[theme + 1]++] = n;
    }
    return m;
}

/* --- The terms of a theme --------------------------------------------------------------------- */

struct candidate {
    double score;
    uint32_t term, texts;
    uint32_t place; /* among those of the theme, in the graph's order */
    bool is_pair;
};

static int best_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->is_pair != y->is_pair)
        return x->is_pair ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

/* The two words of a pair. */
static const uint32_t *words_of(const struct terms *terms, uint32_t term)
{
    check(term - terms->word_count < terms->pairs.count && terms->pairs.all != NULL);
    return (const uint32_t *)terms->pairs.all[term - terms->word_count].data;
}

static bool holds(const struct terms *terms, uint32_t pair, uint32_t word)
{
    if (pair < terms->word_count || word >= terms->word_count)
        return false;
    const uint32_t *words = words_of(terms, pair);
    return words[0] == word || words[1] == word;
}

/* Whether two pairs share a word. */
static bool overlap(const struct terms *terms, uint32_t a, uint32_t b)
{
    if (a < terms->word_count || b < terms->word_count)
        return false;
    const uint32_t *words = words_of(terms, a);
    return holds(terms, b, words[0]) || holds(terms, b, words[1]);
}

/* Takes a candidate in, unless one that was chosen says the same; a pair takes the place of its
   word where most that have the word have the pair. */
static void choose(const struct terms *terms, const struct candidate *c, struct candidate *chosen,
                   uint32_t *count)
{
    bool is_placed = false;
    for (uint32_t i = 0; i < *count; i++) {
        if (holds(terms, chosen[i].term, c->term) || overlap(terms, chosen[i].term, c->term))
            return;
        if (!holds(terms, c->term, chosen[i].term))
            continue;
        if (c->texts < PAIR_HOLDS * chosen[i].texts)
            return;
        if (!is_placed)
            chosen[i] = *c;
        else /* both words of the pair were chosen: the second leaves */
            memmove(chosen + i, chosen + i + 1, (--*count - i) * sizeof *chosen);
        is_placed = true;
    }
    if (!is_placed && *count < THEMES_TERMS_MAX)
        chosen[(*count)++] = *c;
}

/* Counts by term, kept at 0 between themes. */
struct counter {
    uint32_t *texts;
    struct candidate *seen;
};

static void note_candidate(const struct terms *terms, uint32_t term, struct counter *counter,
                           uint32_t *count)
{
    counter->seen[*count] = (struct candidate){
        .term = term,
        .place = *count,
        .is_pair = term >= terms->word_count,
    };
    ++*count;
}

static uint32_t choose_terms(const struct terms *terms, const struct members *members,
                             uint32_t theme, double mean_size, struct counter *counter,
                             struct candidate *chosen)
{
    size_t from = members->first[theme], to = members->first[theme + 1];
    uint32_t seen = 0;
    for (size_t i = from; i < to; i++) {
        uint32_t n = members->node[i];
        for (size_t j = terms->first[n]; j < terms->first[n + 1]; j++)
            if (counter->texts[terms->of_text[j]]++ == 0)
                note_candidate(terms, terms->of_text[j], counter, &seen);
    }
    double size = (double)(to - from), least = fmax(TEXTS_MIN, SHARE_MIN * size);
    size_t kept = 0;
    for (uint32_t i = 0; i < seen; i++) {
        struct candidate c = counter->seen[i];
        c.texts = counter->texts[c.term];
        counter->texts[c.term] = 0;
        c.score = c.texts / size * log1p(mean_size / terms->texts[c.term]);
        if (c.texts >= least || size < TEXTS_MIN)
            counter->seen[kept++] = c;
    }
    qsort(counter->seen, kept, sizeof *counter->seen, best_first);
    uint32_t count = 0;
    for (size_t i = 0; i < kept && i < CANDIDATES; i++)
        choose(terms, &counter->seen[i], chosen, &count);
    return count;
}

/* --- How a term is written -------------------------------------------------------------------- */

/* Two words with a space between, or two overlapping pairs of characters joined. */
static struct str join_surfaces(struct arena *arena, struct str a, struct str b, bool is_whole)
{
    if (!is_whole)
        return str_join(arena, str_join(arena, a, S(" ")), b);
    struct str first = utf8_clip(b, 1);
    struct str rest = str_slice(b, first.size, b.size);
    return str_join(arena, a, str_ends(a, first) ? rest : b);
}

/* The commonest way the theme's texts write a term; the first of equals in the graph's order. */
static struct str surface_of(struct arena *arena, const struct themes_texts *texts,
                             const uint32_t *order, const struct terms *terms,
                             const struct members *members, uint32_t theme, uint32_t term)
{
    struct arena *scratch = arena_make();
    struct names ways = { .arena = scratch };
    bool is_couple = term >= terms->word_count;
    const uint32_t *couple = is_couple ? words_of(terms, term) : &term;
    size_t from = members->first[theme], to = members->first[theme + 1], room = 0;
    for (size_t i = from; i < to; i++)
        room += texts->items[order[members->node[i]]].token_count;
    uint32_t *times = arena_new(scratch, uint32_t, room);
    uint32_t best = 0;
    for (size_t i = from; i < to; i++) {
        const struct themes_text *text = &texts->items[order[members->node[i]]];
        const struct themes_token *token = texts->tokens + text->first_token;
        for (size_t j = 0; j + is_couple < text->token_count; j++) {
            if (token[j].term != couple[0] || !is_word(&token[j]) ||
                (is_couple &&
                 (token[j + 1].term != couple[1] || !is_pair(&token[j], &token[j + 1]))))
                continue;
            struct str way = texts->surfaces.all[token[j].surface];
            if (is_couple)
                way = join_surfaces(scratch, way, texts->surfaces.all[token[j + 1].surface],
                                    token[j].is_whole);
            uint32_t number = names_number(&ways, way);
            if (++times[number] > times[best])
                best = number;
        }
    }
    check(ways.count > 0); /* the term came from these texts */
    struct str surface = str_copy(arena, ways.all[best]);
    arena_free(scratch);
    return surface;
}

/* --- Quotes ----------------------------------------------------------------------------------- */

static void centre_of(const struct themes_graph *graph, const struct members *members,
                      uint32_t theme, float *centre)
{
    memset(centre, 0, D * sizeof *centre);
    for (size_t i = members->first[theme]; i < members->first[theme + 1]; i++)
        dense_add_scaled(centre, graph->place + (size_t)members->node[i] * D, 1, D);
    float length = sqrtf(dense_dot(centre, centre, D));
    for (size_t d = 0; d < D; d++)
        centre[d] = length > 0 ? centre[d] / length : 0;
}

static void choose_quotes(struct arena *scratch, const struct themes_graph *graph,
                          const struct members *members, uint32_t number, struct theme *theme)
{
    float centre[D];
    centre_of(graph, members, number, centre);
    size_t from = members->first[number], count = theme->size;
    float *worth = arena_new(scratch, float, count);
    for (size_t i = 0; i < count; i++)
        worth[i] = dense_dot(graph->place + (size_t)members->node[from + i] * D, centre, D);
    while (theme->quote_count < THEMES_QUOTES_MAX && theme->quote_count < count) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            if (worth[i] > worth[best])
                best = i;
        uint32_t node = members->node[from + best];
        const float *chosen = graph->place + (size_t)node * D;
        theme->quotes[theme->quote_count++] = graph->order[node];
        for (size_t i = 0; i < count; i++) {
            const float *place = graph->place + (size_t)members->node[from + i] * D;
            float like = dense_dot(place, chosen, D);
            float near = (float)QUOTE_NEARNESS * dense_dot(place, centre, D);
            worth[i] = fminf(worth[i], near - (float)(1 - QUOTE_NEARNESS) * like);
        }
        worth[best] = -INFINITY;
    }
}

void themes_describe(struct arena *arena, const struct themes_texts *texts,
                     const struct themes_graph *graph, struct themes *themes)
{
    struct arena *scratch = arena_make();
    struct terms terms = find_terms(scratch, texts, graph->order);
    struct members members = list_members(scratch, graph, themes);
    size_t term_count = (size_t)terms.word_count + terms.pairs.count;
    struct counter counter = { .texts = arena_new(scratch, uint32_t, term_count),
                               .seen = arena_new(scratch, struct candidate, term_count) };
    double mean_size = (double)graph->count / (themes->count + (themes->count == 0));
    for (uint32_t t = 0; t < themes->count; t++) {
        struct arena_mark mark = arena_mark(scratch);
        struct theme *theme = &themes->items[t];
        struct candidate chosen[THEMES_TERMS_MAX];
        theme->quote_count = 0;
        theme->term_count = choose_terms(&terms, &members, t, mean_size, &counter, chosen);
        for (uint32_t i = 0; i < theme->term_count; i++)
            theme->terms[i] = (struct themes_term){
                .words =
                    surface_of(arena, texts, graph->order, &terms, &members, t, chosen[i].term),
                .score = chosen[i].score,
                .texts = chosen[i].texts,
            };
        choose_quotes(scratch, graph, &members, t, theme);
        arena_rewind(scratch, mark);
    }
    arena_free(scratch);
}
