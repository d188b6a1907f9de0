/* Texts as vectors, and how alike two of them are.
 *
 * Computes: the lexical half of a vector from words, the sentence half from an embedding; a score
 *     of two vectors.
 * Model: the lexical half is a bag of features: stems (of Han and kana pairs of characters), and
 *     character n-grams (of Han and kana single characters). A feature weighs (1 + ln how often it
 *     is there) · idf with idf = 1 + ln((N + N0 + 1) / (n + n0 + 1)), where n of the N texts
 *     counted have it. N0 = 200 texts are imagined before the first, of which a fifth have each
 *     function word: so the first texts of a campaign are weighed sensibly, and vectors made early
 *     are near to those made late. n-grams of function words weigh GRAM_OF_FUNCTION_WORD of that.
 *     Stems make STEM_SHARE of the squared length, n-grams the rest. Each feature is added to one
 *     of 512 dimensions, with a sign, both chosen by its hash.
 *     A score is ½·cos of the sentence halves + ½·cos of the lexical halves where both texts have
 *     both. Otherwise only the lexical halves can be compared; their cosines are lower for equally
 *     alike texts, so that the score is cos^LEXICAL_POWER: with either, about one pair in ten of
 *     the same topic but with another meaning reaches .70, one in 25 of those farther apart.
 * Source: K. Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009;
 *     G. Salton, C. Buckley, "Term-weighting approaches in automatic text retrieval", Inf. Process.
 *     Manag. 24 (1988); the rest found by trial on pairs of the STS benchmark (English, German).
 * Cost: O(f log f) for f features (about 12 a word); O(1) a score.
 * Limits: without a sentence half other words for the same thing are not seen, and translations
 *     never are. What is counted after a vector was made does not change it: texts added one by one
 *     get scores near to those of a batch, not the same (story sift-similar measures it). Whoever
 *     wants them equal makes the lexical halves anew, when the texts have doubled for instance.
 *     Unrelated features share dimensions, which adds noise of about .04 to a lexical cosine.
 */
#include "sift/similar/similar.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/dense/dense.h"
#include "sift/similar/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double GRAM_OF_FUNCTION_WORD = 0.5, STEM_SHARE = 0.65, LEXICAL_POWER = 0.65;
static const double IMAGINED_TEXTS = 200, IMAGINED_SHARE_OF_FUNCTION_WORD = 0.2;

/* --- Features --------------------------------------------------------------------------------- */

enum part { STEMS, GRAMS, PART_COUNT };

struct feature {
    uint64_t hash; /* never 0; its lowest bit is the part */
    uint32_t times;
    bool function_word;
};

struct features {
    struct arena *arena;
    struct feature *items; /* by hash; each once */
    size_t count, capacity;
    bool function_word; /* of the word whose grams are being added */
};

static uint64_t mixed(uint64_t h)
{
    h ^= h >> 32;
    h *= 0x9E6C63D0876A9A47;
    h ^= h >> 29;
    h *= 0xD1B54A32D192ED03;
    return h ^ (h >> 32);
}

static uint64_t hash_of(struct str s, enum part part)
{
    uint64_t h = 0x243F6A8885A308D3 ^ s.size;
    for (; s.size >= 8; s.data += 8, s.size -= 8) {
        uint64_t eight;
        memcpy(&eight, s.data, 8);
        h = mixed(h ^ eight);
    }
    uint64_t rest = 0;
    memcpy(&rest, s.data, s.size);
    h = mixed(h ^ rest);
    return ((h | 2) & ~(uint64_t)1) | part;
}

static void add_feature(struct features *f, struct str text, enum part part, bool function_word)
{
    if (f->count == f->capacity) {
        size_t capacity = f->capacity * 2;
        struct feature *items = arena_new(f->arena, struct feature, capacity);
        memcpy(items, f->items, f->count * sizeof *items);
        f->items = items;
        f->capacity = capacity;
    }
    f->items[f->count++] = (struct feature){ hash_of(text, part), 1, function_word };
}

static void add_gram(struct str gram, void *context)
{
    struct features *f = context;
    add_feature(f, gram, GRAMS, f->function_word);
}

static int by_hash(const void *a, const void *b)
{
    const struct feature *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static void merge_equal(struct features *f)
{
    qsort(f->items, f->count, sizeof *f->items, by_hash);
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (kept > 0 && f->items[kept - 1].hash == f->items[i].hash) {
            f->items[kept - 1].times++;
            f->items[kept - 1].function_word &= f->items[i].function_word;
        } else {
            f->items[kept++] = f->items[i];
        }
    }
    f->count = kept;
}

static struct features features_of(struct arena *arena, const struct words *words)
{
    struct features f = { .arena = arena, .capacity = words->count * 16 + 16 };
    f.items = arena_new(arena, struct feature, f.capacity);
    for (size_t i = 0; i < words->count; i++) {
        const struct words_token *token = &words->items[i];
        enum part part = token->kind == WORDS_CHARACTER ? GRAMS : STEMS;
        add_feature(&f, token->stem, part, token->function_word);
        f.function_word = token->function_word;
        words_grams(token, add_gram, &f);
    }
    merge_equal(&f);
    return f;
}

/* --- Counts ----------------------------------------------------------------------------------- */

struct similar_counts {
    struct arena *arena;
    uint32_t texts;
    uint32_t used, mask;
    struct count_slot {
        uint32_t key; /* 0: free */
        uint32_t texts;
    } * slots;
};

/* The 32 bits that stand for a feature; of a million features some hundred share theirs. */
static uint32_t key_of(const struct feature *f)
{
    uint32_t key = (uint32_t)(f->hash >> 32);
    return key + (key == 0);
}

static struct count_slot *slot_of(const struct similar_counts *counts, uint32_t key)
{
    uint32_t at = (key * 0x9E3779B1u >> 7) & counts->mask;
    while (counts->slots[at].key != 0 && counts->slots[at].key != key)
        at = (at + 1) & counts->mask;
    return &counts->slots[at];
}

struct similar_counts *similar_counts_make(struct arena *arena)
{
    enum { SLOTS_FIRST = 1024 };
    struct similar_counts *counts = arena_new(arena, struct similar_counts, 1);
    *counts = (struct similar_counts){ .arena = arena,
                                       .mask = SLOTS_FIRST - 1,
                                       .slots = arena_new(arena, struct count_slot, SLOTS_FIRST) };
    return counts;
}

static void grow(struct similar_counts *counts)
{
    struct count_slot *old = counts->slots;
    uint32_t old_mask = counts->mask;
    check(old_mask < UINT32_MAX / 4);
    counts->mask = old_mask * 2 + 1;
    counts->slots = arena_new(counts->arena, struct count_slot, (size_t)counts->mask + 1);
    for (uint32_t i = 0; i <= old_mask; i++)
        if (old[i].key != 0)
            *slot_of(counts, old[i].key) = old[i];
}

void similar_counts_add(struct similar_counts *counts, struct arena *scratch,
                        const struct words *words)
{
    struct arena_mark mark = arena_mark(scratch);
    check(scratch != counts->arena);
    struct features f = features_of(scratch, words);
    counts->texts++;
    for (size_t i = 0; i < f.count; i++) {
        if (counts->used > counts->mask / 4 * 3)
            grow(counts);
        struct count_slot *slot = slot_of(counts, key_of(&f.items[i]));
        counts->used += slot->key == 0;
        slot->key = key_of(&f.items[i]);
        slot->texts++;
    }
    arena_rewind(scratch, mark);
}

void similar_counts_remove(struct similar_counts *counts, struct arena *scratch,
                           const struct words *words)
{
    struct arena_mark mark = arena_mark(scratch);
    struct features f = features_of(scratch, words);
    check(counts->texts > 0);
    counts->texts--;
    for (size_t i = 0; i < f.count; i++) {
        struct count_slot *slot = slot_of(counts, key_of(&f.items[i]));
        check(slot->texts > 0);
        slot->texts--;
    }
    arena_rewind(scratch, mark);
}

uint32_t similar_counts_texts(const struct similar_counts *counts)
{
    return counts->texts;
}

/* --- Vectors ---------------------------------------------------------------------------------- */

static double weight_of(const struct feature *f, const struct similar_counts *counts)
{
    double with = slot_of(counts, key_of(f))->texts;
    if (f->function_word)
        with += IMAGINED_TEXTS * IMAGINED_SHARE_OF_FUNCTION_WORD;
    double weight = 1 + log((counts->texts + IMAGINED_TEXTS + 1) / (with + 1));
    if (f->times > 1)
        weight *= 1 + log(f->times);
    return f->function_word && (f->hash & 1) == GRAMS ? weight * GRAM_OF_FUNCTION_WORD : weight;
}

/* Writes a half of length √½ · SIMILAR_SCALE in whole numbers; false for zeros. */
static bool write_half(const double *values, int8_t *half)
{
    double squares = 0;
    for (size_t i = 0; i < SIMILAR_HALF; i++)
        squares += values[i] * values[i];
    double scale = squares > 0 ? SIMILAR_SCALE * sqrt(0.5 / squares) : 0;
    for (size_t i = 0; i < SIMILAR_HALF; i++)
        half[i] = (int8_t)fmax(-127, fmin(127, rint(values[i] * scale)));
    return squares > 0;
}

void similar_lexical(struct arena *scratch, const struct similar_counts *counts,
                     const struct words *words, struct similar_vector *v)
{
    struct arena_mark mark = arena_mark(scratch);
    struct features f = features_of(scratch, words);
    double *weights = arena_new(scratch, double, f.count);
    double squares[PART_COUNT] = { 0 }, values[SIMILAR_HALF] = { 0 };
    for (size_t i = 0; i < f.count; i++) {
        weights[i] = weight_of(&f.items[i], counts);
        squares[f.items[i].hash & 1] += weights[i] * weights[i];
    }
    double scale[PART_COUNT] = {
        [STEMS] = squares[STEMS] > 0 ? sqrt(STEM_SHARE / squares[STEMS]) : 0,
        [GRAMS] = squares[GRAMS] > 0 ? sqrt((1 - STEM_SHARE) / squares[GRAMS]) : 0,
    };
    for (size_t i = 0; i < f.count; i++) {
        uint64_t hash = f.items[i].hash;
        double value = weights[i] * scale[hash & 1];
        values[(hash >> 8) % SIMILAR_HALF] += hash & 16 ? value : -value;
    }
    write_half(values, v->lexical);
    v->method = SIMILAR_METHOD;
    arena_rewind(scratch, mark);
}

void similar_sentence(struct similar_vector *v, const float *embedding)
{
    double values[SIMILAR_HALF];
    for (size_t i = 0; i < SIMILAR_HALF; i++)
        values[i] = embedding[i];
    v->has_sentence = write_half(values, v->sentence);
    v->method = SIMILAR_METHOD;
}

/* --- Scores ----------------------------------------------------------------------------------- */

int32_t half_product(const int8_t *a, const int8_t *b)
{
    int32_t product;
    dense_dots_int8(a, b, 1, SIMILAR_HALF, &product);
    return product;
}

double cosine(int32_t product, int32_t a_length, int32_t b_length)
{
    if (product <= 0)
        return 0;
    return fmin(1, product / sqrt((double)a_length * b_length));
}

double score_of_cosines(double lexical, double sentence, bool sentences)
{
    return sentences ? (lexical + sentence) / 2 : pow(lexical, LEXICAL_POWER);
}

double least_lexical_cosine(double score, bool sentences)
{
    return sentences ? 2 * score - 1 : pow(score, 1 / LEXICAL_POWER);
}

double similar_score(const struct similar_vector *a, const struct similar_vector *b)
{
    check(a->method == SIMILAR_METHOD && b->method == SIMILAR_METHOD);
    bool sentences = a->has_sentence && b->has_sentence;
    double lexical =
        cosine(half_product(a->lexical, b->lexical), half_product(a->lexical, a->lexical),
               half_product(b->lexical, b->lexical));
    double sentence = !sentences ? 0
                                 : cosine(half_product(a->sentence, b->sentence),
                                          half_product(a->sentence, a->sentence),
                                          half_product(b->sentence, b->sentence));
    return score_of_cosines(lexical, sentence, sentences);
}
