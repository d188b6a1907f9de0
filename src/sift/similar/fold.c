/* Embeddings of other lengths than ours, brought to ours.
 *
 * A longer one is turned by random signs and a Walsh–Hadamard transform, which keeps all lengths
 * and angles and spreads what single numbers say over all of them; the first SIMILAR_HALF are kept.
 * The signs are the same for ever, so vectors that were folded at any time are comparable.
 *
 * Source: N. Ailon, B. Chazelle, "The fast Johnson–Lindenstrauss transform", SIAM J. Comput. 39
 *     (2009); J. Tropp, "Improved analysis of the subsampled randomized Hadamard transform", Adv.
 *     Adapt. Data Anal. 3 (2011).
 * Cost: O(n · log n) for n numbers.
 * Limits: a cosine changes by √((1 − h/n)/h) or less in the mean, n a power of two: .031 for 1,024
 *     numbers, .041 for 4,096. */
#include "sift/similar/similar.h"

#include <string.h>

#include "base/check.h"

/* Signs by the finaliser of splitmix64 (Steele, Lea, Flood 2014). */
static float sign_of(uint64_t i)
{
    uint64_t x = (i + 1) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return (x ^ x >> 31) & 1 ? 1 : -1;
}

static void walsh_hadamard(float *values, size_t count)
{
    for (size_t half = 1; half < count; half *= 2)
        for (size_t from = 0; from < count; from += 2 * half)
            for (size_t i = from; i < from + half; i++) {
                float a = values[i], b = values[i + half];
                values[i] = a + b;
                values[i + half] = a - b;
            }
}

void similar_fold(const float *embedding, size_t count, float folded[SIMILAR_HALF])
{
    check(count > 0 && count <= SIMILAR_FOLD_MOST);
    float values[SIMILAR_FOLD_MOST] = { 0 };
    size_t padded = SIMILAR_HALF;
    while (padded < count)
        padded *= 2;
    for (size_t i = 0; i < count; i++)
        values[i] = padded > SIMILAR_HALF ? sign_of(i) * embedding[i] : embedding[i];
    if (padded > SIMILAR_HALF)
        walsh_hadamard(values, padded);
    memcpy(folded, values, SIMILAR_HALF * sizeof *folded);
}
