/* The space in which texts that say alike things lie close.
 *
 * Computes: a place for each text, of length 1, in THEMES_DIMENSIONS dimensions.
 * Model: a text's vector is what the sentence encoder says of it and its weighted words and n-grams
 *     (hashed), each of length 1, joined 70 to 30; where the encoder says nothing, the words count
 *     in full. The principal components of these vectors are kept: for the words alone that is
 *     latent semantic analysis. The cosine of two places is how alike the texts are among these
 *     texts: what all of them share, the mean, is taken out.
 * Source: S. Deerwester, S. T. Dumais, G. W. Furnas, T. K. Landauer, R. Harshman, "Indexing by
 *     latent semantic analysis", JASIS 41 (1990); the subspace by orthogonal iteration, H.
 *     Rutishauser, Numer. Math. 13 (1969); feature hashing, K. Weinberger et al., ICML 2009.
 * Cost: O(min(texts, SAMPLE_MAX) · n² + texts · n · d) time with n = 1024 numbers a text and d =
 *     THEMES_DIMENSIONS; 4 · texts · d bytes and 8 MB.
 * Limits: components come from a sample of SAMPLE_MAX texts. The basis spans the components but
 *     does not separate them, which distances do not need. Texts whose vector is 0, or is the mean,
 *     are placed nowhere.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"
#include "sift/dense/dense.h"
#include "sift/themes/inside.h"

#include <math.h>
#include <string.h>

enum {
    D = THEMES_DIMENSIONS,
    HALF = SIMILAR_HALF,
    N = 2 * HALF,
    SAMPLE_MAX = 20000,
    BLOCK = 256,
    ROUNDS = 24
};
static const double SENTENCE_SHARE = 0.7;
static const double MEAN_PRIOR = 10; /* texts: what a few share may be their theme */

/* to[0 … HALF) = `half` at the length `length`; 0 where it is 0. */
static void place_half(float *to, const int8_t *half, double length)
{
    double square = 0;
    for (size_t i = 0; i < HALF; i++)
        square += (double)half[i] * half[i];
    float scale = square > 0 ? (float)(length / sqrt(square)) : 0;
    for (size_t i = 0; i < HALF; i++)
        to[i] = scale * (float)half[i];
}

/* to[0 … N) = the joined vector of a text. */
static void join(float *to, const struct similar_vector *v)
{
    place_half(to, v->sentence, sqrt(SENTENCE_SHARE));
    place_half(to + HALF, v->lexical, v->has_sentence ? sqrt(1 - SENTENCE_SHARE) : 1);
}

/* Which texts of the order the components come from: each step-th. */
static uint32_t sample_step(uint32_t count)
{
    return count / SAMPLE_MAX + 1;
}

/* The mean of the sample, N numbers. */
static void sample_mean(const struct themes_texts *texts, const uint32_t *order, double *mean)
{
    float row[N];
    uint32_t count = 0;
    memset(mean, 0, N * sizeof *mean);
    for (uint32_t i = 0; i < texts->count; i += sample_step(texts->count), count++) {
        join(row, texts->items[order[i]].vector);
        for (size_t j = 0; j < N; j++)
            mean[j] += row[j];
    }
    for (size_t j = 0; j < N; j++)
        mean[j] /= count + MEAN_PRIOR;
}

static void join_centred(float *to, const struct themes_text *text, const double *mean)
{
    join(to, text->vector);
    for (size_t j = 0; j < N; j++)
        to[j] -= (float)mean[j];
}

/* covariance += BᵀB, B the `count` rows of a block. */
static void add_block(struct arena *arena, float *covariance, const float *block, uint32_t count)
{
    struct arena_mark mark = arena_mark(arena);
    float *turned = arena_new(arena, float, (size_t)N *count);
    float *product = arena_new(arena, float, (size_t)N *N);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < N; j++)
            turned[j * count + i] = block[i * N + j];
    dense_multiply(N, turned, dense_pack(arena, block, count, N), NULL, product);
    for (size_t i = 0; i < (size_t)N * N; i++)
        covariance[i] += product[i];
    arena_rewind(arena, mark);
}

static float *sample_covariance(struct arena *arena, const struct themes_texts *texts,
                                const uint32_t *order, const double *mean)
{
    float *covariance = arena_new(arena, float, (size_t)N *N);
    float *block = arena_new(arena, float, (size_t)BLOCK *N);
    uint32_t filled = 0;
    for (uint32_t i = 0; i < texts->count; i += sample_step(texts->count)) {
        join_centred(block + (size_t)filled * N, &texts->items[order[i]], mean);
        if (++filled < BLOCK)
            continue;
        add_block(arena, covariance, block, filled);
        filled = 0;
    }
    if (filled > 0)
        add_block(arena, covariance, block, filled);
    return covariance;
}

/* Makes the D rows of `basis` (N numbers each) of length 1 and at right angles, one after another;
   each is freed twice of what it shares with those before, since rounding leaves some the first
   time. A row with nothing of its own becomes 0. */
static void orthonormalise(float *basis)
{
    for (size_t d = 0; d < D; d++) {
        float *row = basis + d * N;
        float before = sqrtf(dense_dot(row, row, N));
        for (int twice = 0; twice < 2; twice++)
            for (size_t e = 0; e < d; e++)
                dense_add_scaled(row, basis + e * N, -dense_dot(row, basis + e * N, N), N);
        float length = sqrtf(dense_dot(row, row, N));
        float scale = length > before * 1e-5F ? 1 / length : 0;
        for (size_t j = 0; j < N; j++)
            row[j] *= scale;
    }
}

/* D rows that span the greatest components of a covariance. */
static float *components(struct arena *arena, const float *covariance, uint64_t seed)
{
    float *basis = arena_new(arena, float, (size_t)D *N);
    float *next = arena_new(arena, float, (size_t)D *N);
    struct dense_panels packed = dense_pack(arena, covariance, N, N);
    struct chance chance = { seed };
    for (size_t i = 0; i < (size_t)D * N; i++)
        basis[i] = (float)chance_normal(&chance);
    orthonormalise(basis);
    for (int round = 0; round < ROUNDS; round++) {
        dense_multiply(D, basis, packed, NULL, next);
        memcpy(basis, next, (size_t)D * N * sizeof *basis);
        orthonormalise(basis);
    }
    return basis;
}

static void make_unit(float *row)
{
    float length = sqrtf(dense_dot(row, row, D));
    for (size_t d = 0; d < D; d++)
        row[d] = length > 1e-6F ? row[d] / length : 0;
}

float *themes_places(struct arena *arena, const struct themes_texts *texts, const uint32_t *order,
                     uint64_t seed)
{
    float *places = arena_new(arena, float, (size_t)texts->count *D);
    struct arena *scratch = arena_make();
    double mean[N];
    sample_mean(texts, order, mean);
    const float *covariance = sample_covariance(scratch, texts, order, mean);
    struct dense_panels basis =
        dense_pack_turned(scratch, components(scratch, covariance, seed), N, D);
    float *block = arena_new(scratch, float, (size_t)BLOCK *N);
    for (uint32_t from = 0; from < texts->count; from += BLOCK) {
        uint32_t count = texts->count - from < BLOCK ? texts->count - from : BLOCK;
        for (uint32_t i = 0; i < count; i++)
            join_centred(block + (size_t)i * N, &texts->items[order[from + i]], mean);
        dense_multiply(count, block, basis, NULL, places + (size_t)from * D);
    }
    for (uint32_t i = 0; i < texts->count; i++)
        make_unit(places + (size_t)i * D);
    arena_free(scratch);
    return places;
}
