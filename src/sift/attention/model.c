/* A model of what this organisation's moderators refuse.
 *
 * Computes: the probability that a text will be refused, and its words that speak most for it.
 * Model: logistic regression on hashed stems and pairs of neighbouring stems (BUCKETS dimensions),
 *     the sentence half of the text's vector and the signals, each of the first two parts of length
 *     1, with a ridge. Refusals and acceptances weigh the same in sum, and the share of refusals
 *     sets the bias, so that rare refusals are learnt and probabilities are those of this queue.
 * Source: R. E. Fan, K. W. Chang, C. J. Hsieh, X. R. Wang, C. J. Lin, "LIBLINEAR", JMLR 9 (2008);
 *     hashing by K. Weinberger et al., ICML 2009; steps as in J. Duchi, E. Hazan, Y. Singer,
 *     "Adaptive subgradient methods", JMLR 12 (2011); AUC as the Mann–Whitney statistic, J. A.
 *     Hanley, B. J. McNeil, Radiology 143 (1982).
 * Cost: O((FOLDS + 1) · EPOCHS · words) time; 4 bytes a bucket kept, 12 while learning.
 * Limits: linear: it knows words, not irony. What moderators never saw it cannot foretell.
 */
#include "sift/attention/attention.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "sift/chance/chance.h"

enum {
    BUCKETS = 1 << 16,
    SENTENCE_AT = BUCKETS,
    SIGNALS_AT = SENTENCE_AT + SIMILAR_HALF,
    BIAS_AT = SIGNALS_AT + ATTENTION_SIGNAL_COUNT,
    WEIGHTS,
    EPOCHS = 20,
    FOLDS = 5,
};
static const double RATE = 0.02, RIDGE = 1e-2, SHARE_MIN = 0.1;

struct attention_model {
    float *weight; /* WEIGHTS */
    double foretold;
};

/* --- Features --------------------------------------------------------------------------------- */

struct feature {
    uint32_t at;
    float value;
};

struct features {
    struct feature *items;
    size_t count;
};

static uint32_t bucket_of(struct str a, struct str b)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < a.size; i++)
        h = (h ^ (unsigned char)a.data[i]) * 0x100000001b3u;
    h = (h ^ 0xff) * 0x100000001b3u;
    for (size_t i = 0; i < b.size; i++)
        h = (h ^ (unsigned char)b.data[i]) * 0x100000001b3u;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    return (uint32_t)(h >> 32) % BUCKETS;
}

static int by_place(const void *a, const void *b)
{
    const struct feature *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* Stems and pairs of stems, each once, of length 1 together. */
static size_t add_words(struct feature *items, const struct words *words)
{
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < words->count; i++) {
        items[count++] = (struct feature){ bucket_of(words->items[i].stem, (struct str){ 0 }), 1 };
        if (i + 1 < words->count)
            items[count++] =
                (struct feature){ bucket_of(words->items[i].stem, words->items[i + 1].stem), 1 };
    }
    qsort(items, count, sizeof *items, by_place);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || items[kept - 1].at != items[i].at)
            items[kept++] = items[i];
    for (size_t i = 0; i < kept; i++)
        items[i].value = 1 / sqrtf((float)kept);
    return kept;
}

static struct features features_of(struct arena *arena, const struct attention_text *text,
                                   const struct attention_signals *signals)
{
    struct features f = { .items = arena_new(arena, struct feature,
                                             2 * text->words->count + WEIGHTS - BUCKETS) };
    f.count = add_words(f.items, text->words);
    float square = 0;
    for (size_t i = 0; i < SIMILAR_HALF; i++)
        square += (float)text->vector->sentence[i] * (float)text->vector->sentence[i];
    for (uint32_t i = 0; square > 0 && i < SIMILAR_HALF; i++)
        f.items[f.count++] =
            (struct feature){ SENTENCE_AT + i, (float)text->vector->sentence[i] / sqrtf(square) };
    for (uint32_t i = 0; i < ATTENTION_SIGNAL_COUNT; i++)
        if (signals->value[i] > 0)
            f.items[f.count++] = (struct feature){ SIGNALS_AT + i, (float)signals->value[i] };
    f.items[f.count++] = (struct feature){ BIAS_AT, 1 };
    return f;
}

static double sum_of(const float *weight, const struct features *f)
{
    double sum = 0;
    for (size_t i = 0; i < f->count; i++)
        sum += (double)weight[f->items[i].at] * f->items[i].value;
    return sum;
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* --- Learning --------------------------------------------------------------------------------- */

struct example {
    struct features features;
    uint64_t key; /* of what it says: decides the order */
    bool refused;
};

static int by_key(const void *a, const void *b)
{
    const struct example *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->refused - y->refused;
}

/* One step for one example; `weigh` makes both sides even. */
static void learn_one(float *weight, float *squares, const struct example *e, double weigh)
{
    double slope = weigh * (logistic(sum_of(weight, &e->features)) - e->refused);
    for (size_t i = 0; i < e->features.count; i++) {
        uint32_t at = e->features.items[i].at;
        double s = slope * e->features.items[i].value + (at != BIAS_AT ? RIDGE * weight[at] : 0);
        squares[at] += (float)(s * s);
        weight[at] -= (float)(RATE * s / (sqrt((double)squares[at]) + 1e-8));
    }
}

/* Learns from examples whose number modulo FOLDS is not `without`; then sets the bias by how common
   refusals are. */
static void learn(struct arena *scratch, const struct example *examples, uint32_t count,
                  uint32_t without, float *weight)
{
    struct arena_mark mark = arena_mark(scratch);
    float *squares = arena_new(scratch, float, WEIGHTS);
    uint32_t *order = arena_new(scratch, uint32_t, count);
    uint32_t taken = 0, refused = 0;
    for (uint32_t i = 0; i < count; i++)
        if (i % FOLDS != without) {
            order[taken++] = i;
            refused += examples[i].refused;
        }
    memset(weight, 0, WEIGHTS * sizeof *weight);
    double even[2] = { taken / (2.0 * (taken - refused + 1)), taken / (2.0 * (refused + 1)) };
    struct chance chance = { 1 };
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        for (uint32_t i = taken; i > 1; i--) {
            uint32_t j = (uint32_t)(chance_bits(&chance) % i), kept = order[i - 1];
            order[i - 1] = order[j];
            order[j] = kept;
        }
        for (uint32_t i = 0; i < taken; i++)
            learn_one(weight, squares, &examples[order[i]], even[examples[order[i]].refused]);
    }
    weight[BIAS_AT] += (float)log((refused + 1.0) / (taken - refused + 1.0));
    arena_rewind(scratch, mark);
}

struct foretold {
    double score;
    bool refused;
};

static int by_score(const void *a, const void *b)
{
    const struct foretold *x = a, *y = b;
    return (x->score > y->score) - (x->score < y->score);
}

/* The share of pairs in the right order; ties are half right. */
static double area_under_curve(struct foretold *list, uint32_t count)
{
    double right = 0, refused = 0, accepted = 0;
    qsort(list, count, sizeof *list, by_score);
    for (uint32_t from = 0, to; from < count; from = to) {
        double tied_refused = 0, tied_accepted = 0;
        for (to = from; to < count && list[to].score == list[from].score; to++) {
            tied_refused += list[to].refused;
            tied_accepted += !list[to].refused;
        }
        right += tied_refused * (accepted + tied_accepted / 2);
        refused += tied_refused;
        accepted += tied_accepted;
    }
    return right / (refused * accepted);
}

static double measure(struct arena *scratch, const struct example *examples, uint32_t count,
                      float *weight)
{
    struct foretold *list = arena_new(scratch, struct foretold, count);
    for (uint32_t fold = 0; fold < FOLDS; fold++) {
        learn(scratch, examples, count, fold, weight);
        /* Without the bias, which differs a little between the folds. */
        for (uint32_t i = fold; i < count; i += FOLDS)
            list[i] = (struct foretold){ sum_of(weight, &examples[i].features) - weight[BIAS_AT],
                                         examples[i].refused };
    }
    return area_under_curve(list, count);
}

static uint64_t key_of(struct str text)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text.size; i++)
        h = (h ^ (unsigned char)text.data[i]) * 0x100000001b3u;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    return h ^ h >> 27;
}

const struct attention_model *
attention_learn(struct arena *arena, const struct attention_decision *decisions, uint32_t count)
{
    uint32_t refused = 0;
    for (uint32_t i = 0; i < count; i++)
        refused += decisions[i].refused;
    if (count < ATTENTION_DECISIONS_MIN || refused < SHARE_MIN * count ||
        count - refused < SHARE_MIN * count)
        return NULL;
    struct attention_model *model = arena_new(arena, struct attention_model, 1);
    model->weight = arena_new(arena, float, WEIGHTS);
    struct arena *scratch = arena_make();
    struct example *examples = arena_new(scratch, struct example, count);
    for (uint32_t i = 0; i < count; i++) {
        struct attention_signals signals = attention_signals(&decisions[i].text);
        examples[i] =
            (struct example){ .features = features_of(scratch, &decisions[i].text, &signals),
                              .key = key_of(decisions[i].text.text),
                              .refused = decisions[i].refused };
    }
    qsort(examples, count, sizeof *examples, by_key);
    model->foretold = measure(scratch, examples, count, model->weight);
    learn(scratch, examples, count, FOLDS, model->weight);
    arena_free(scratch);
    return model;
}

double attention_foretold(const struct attention_model *model)
{
    return model->foretold;
}

/* --- Foretelling ------------------------------------------------------------------------------ */

/* Keeps the words with the greatest weight towards refusal, each once. */
static void note_word(struct attention *a, double weights[ATTENTION_WORDS_MAX], struct str word,
                      double weight)
{
    for (uint32_t i = 0; i < a->word_count; i++)
        if (str_equal(a->words[i], word))
            return;
    uint32_t at = a->word_count;
    while (at > 0 && weights[at - 1] < weight)
        at--;
    if (at == ATTENTION_WORDS_MAX)
        return;
    a->word_count += a->word_count < ATTENTION_WORDS_MAX;
    for (uint32_t i = a->word_count - 1; i > at; i--) {
        a->words[i] = a->words[i - 1];
        weights[i] = weights[i - 1];
    }
    a->words[at] = word;
    weights[at] = weight;
}

struct attention attention_to(const struct attention_model *model,
                              const struct attention_text *text)
{
    static const double WORD_MIN = 0.02;
    struct attention a = { .signals = attention_signals(text) };
    double untroubled = 1;
    for (int i = 0; i < ATTENTION_SIGNAL_COUNT; i++)
        untroubled *= 1 - 0.6 * a.signals.value[i];
    a.probability = 1 - untroubled;
    if (model == NULL || model->foretold < ATTENTION_FORETOLD_MIN)
        return a;
    struct arena *scratch = arena_make();
    struct features f = features_of(scratch, text, &a.signals);
    a.probability = logistic(sum_of(model->weight, &f));
    arena_free(scratch);
    double weights[ATTENTION_WORDS_MAX];
    for (size_t i = 0; i < text->words->count; i++) {
        const struct words_token *w = &text->words->items[i];
        double weight = model->weight[bucket_of(w->stem, (struct str){ 0 })];
        if (weight > WORD_MIN && !w->function_word)
            note_word(&a, weights, w->word, weight);
    }
    return a;
}
