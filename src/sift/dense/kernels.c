/* The inner loops of dense.h, compiled once for each instruction set (DENSE_KERNELS says which; the
 * flags stand in src/sift/dense/meson.build).
 *
 * Product: a tile of ROWS rows and VECTORS · LANES columns of the result stays in registers while
 * the depth passes by. For each step of the depth VECTORS vectors of the right operand are loaded,
 * and each value of ROWS rows of the left one is multiplied with all of them: 2 · ROWS · VECTORS
 * vector operations for ROWS + VECTORS loads. As many of the machine's registers are used as there
 * are. (Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008; what lies
 * within one panel is small enough for the first cache here, so no further blocks of depth.)
 *
 * Rows are taken in blocks that stay in the second cache while all panels pass by. What comes next
 * of a panel is asked for a page ahead, since the processor itself stops at the ends of pages: few
 * rows with a matrix that is not in the caches gain a tenth.
 *
 * int8: both factors are widened to 16 bits, products are added in pairs to 32 bits. Nothing can
 * overflow: a product is 2^14 at most, and there are DENSE_INT8_MAX = 2^16 of them at most.
 */
#include "sift/dense/kernels.h"

#include <string.h>

#define PLAIN 0
#define SSE2 1
#define AVX2 2
#define AVX512 3
#define NEON 4

#if DENSE_KERNELS == AVX512
#include <immintrin.h>
enum { LANES = 16, VECTORS = 2, ROWS = 12 };
#define NAME avx512
#elif DENSE_KERNELS == AVX2
#include <immintrin.h>
enum { LANES = 8, VECTORS = 2, ROWS = 6 };
#define NAME avx2
#elif DENSE_KERNELS == SSE2
#include <emmintrin.h>
enum { LANES = 4, VECTORS = 2, ROWS = 5 };
#define NAME sse2
#elif DENSE_KERNELS == NEON
#include <arm_neon.h>
enum { LANES = 4, VECTORS = 4, ROWS = 6 };
#define NAME neon
#else
enum { LANES = 1, VECTORS = 2, ROWS = 4 };
#define NAME plain
#endif

#define STRING_OF(name) #name
#define STRING(name) STRING_OF(name)
#define JOINED_OF(a, b) a##b
#define JOINED(a, b) JOINED_OF(a, b)

#if DENSE_KERNELS == PLAIN
typedef float lanes;
#else
/* Loads and stores may lie anywhere. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));
#endif

enum { TILE = VECTORS * LANES, BLOCK_BYTES = 192 * 1024, PREFETCH = 64 };
#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE lanes load(const float *from)
{
    return *(const lanes *)from;
}

ALWAYS_INLINE void store(float *to, lanes value)
{
    *(lanes *)to = value;
}

/* a · b + c, in one step where the machine has one. Said outright: were it left to the compiler
   (-ffp-contract) some sizes of tiles would round once and others twice, and a row would differ by
   what stands beside it. */
ALWAYS_INLINE lanes multiply_add(lanes a, lanes b, lanes c)
{
#if DENSE_KERNELS == AVX512
    return (lanes)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif DENSE_KERNELS == AVX2
    return (lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif DENSE_KERNELS == NEON
    return (lanes)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
    return a * b + c;
#endif
}

ALWAYS_INLINE lanes all_of(float value)
{
    return value - (lanes){ 0 };
}

/* `rows` is known where this is inlined, so that the sums are registers. */
ALWAYS_INLINE void tile_of(unsigned rows, size_t depth, const float *left, const float *right,
                           size_t panel_size, size_t column, const float *bias, float *result,
                           size_t result_stride)
{
    lanes sum[ROWS][VECTORS];
    const float *from[VECTORS];
    for (unsigned v = 0; v < VECTORS; v++) {
        size_t at = column + v * LANES;
        from[v] = right + at / DENSE_PANEL * panel_size + at % DENSE_PANEL;
        lanes start = bias == NULL ? (lanes){ 0 } : load(bias + v * LANES);
        for (unsigned r = 0; r < rows; r++)
            sum[r][v] = start;
    }
    for (size_t k = 0; k < depth; k++) {
        lanes factor[VECTORS];
        for (unsigned v = 0; v < VECTORS; v++)
            factor[v] = load(from[v] + k * DENSE_PANEL);
        __builtin_prefetch(from[0] + (k + PREFETCH) * DENSE_PANEL);
        for (unsigned r = 0; r < rows; r++) {
            lanes value = all_of(left[r * depth + k]);
            for (unsigned v = 0; v < VECTORS; v++)
                sum[r][v] = multiply_add(factor[v], value, sum[r][v]);
        }
    }
    for (unsigned r = 0; r < rows; r++)
        for (unsigned v = 0; v < VECTORS; v++)
            store(result + r * result_stride + v * LANES, sum[r][v]);
}

#define TILE_OF(n)                                                                                 \
    static void tile_of_##n(size_t depth, const float *left, const float *right,                   \
                            size_t panel_size, size_t column, const float *bias, float *result,    \
                            size_t result_stride)                                                  \
    {                                                                                              \
        tile_of(n, depth, left, right, panel_size, column, bias, result, result_stride);           \
    }
TILE_OF(1)
TILE_OF(2)
TILE_OF(3)
TILE_OF(4)
#if DENSE_KERNELS != PLAIN
TILE_OF(5)
#endif
#if DENSE_KERNELS == AVX2 || DENSE_KERNELS == AVX512 || DENSE_KERNELS == NEON
TILE_OF(6)
#endif
#if DENSE_KERNELS == AVX512
TILE_OF(7)
TILE_OF(8)
TILE_OF(9)
TILE_OF(10)
TILE_OF(11)
TILE_OF(12)
#endif

/* By the number of rows, from 1. */
static void (*const tile[ROWS + 1])(size_t depth, const float *left, const float *right,
                                    size_t panel_size, size_t column, const float *bias,
                                    float *result, size_t result_stride) = {
    NULL,      tile_of_1, tile_of_2, tile_of_3,  tile_of_4,
#if DENSE_KERNELS != PLAIN
    tile_of_5,
#endif
#if DENSE_KERNELS == AVX2 || DENSE_KERNELS == AVX512 || DENSE_KERNELS == NEON
    tile_of_6,
#endif
#if DENSE_KERNELS == AVX512
    tile_of_7, tile_of_8, tile_of_9, tile_of_10, tile_of_11, tile_of_12,
#endif
};

/* The last columns, where a whole tile would reach beyond the row. */
static void tile_at_edge(unsigned rows, size_t depth, const float *left, const float *right,
                         size_t panel_size, size_t column, size_t columns, const float *bias,
                         float *result)
{
    float sums[ROWS * TILE], start[TILE] = { 0 };
    size_t left_over = columns - column;
    if (bias != NULL)
        memcpy(start, bias + column, left_over * sizeof *start);
    tile[rows](depth, left, right, panel_size, column, start, sums, TILE);
    for (unsigned r = 0; r < rows; r++)
        memcpy(result + r * columns + column, sums + (size_t)r * TILE, left_over * sizeof *sums);
}

static void multiply_block(size_t count, const float *left, struct dense_panels right,
                           const float *bias, float *result)
{
    size_t depth = right.rows, columns = right.columns, panel_size = depth * DENSE_PANEL;
    for (size_t column = 0; column < columns; column += TILE)
        for (size_t row = 0; row < count; row += ROWS) {
            unsigned rows = count - row < ROWS ? (unsigned)(count - row) : ROWS;
            const float *from = left + row * depth;
            float *to = result + row * columns;
            if (column + TILE <= columns)
                tile[rows](depth, from, right.values, panel_size, column,
                           bias == NULL ? NULL : bias + column, to + column, columns);
            else
                tile_at_edge(rows, depth, from, right.values, panel_size, column, columns, bias,
                             to);
        }
}

static void multiply(size_t count, const float *left, struct dense_panels right, const float *bias,
                     float *result)
{
    size_t row_bytes = (right.rows + 1) * sizeof *left;
    size_t block = row_bytes * ROWS < BLOCK_BYTES ? BLOCK_BYTES / row_bytes / ROWS * ROWS : ROWS;
    for (size_t row = 0; row < count; row += block)
        multiply_block(count - row < block ? count - row : block, left + row * right.rows, right,
                       bias, result + row * right.columns);
}

static float dot(const float *a, const float *b, size_t length)
{
    enum { SUMS = 4 }; /* several at once, for an addition takes longer than its turn */
    lanes sums[SUMS] = { 0 };
    size_t i = 0;
    for (; i + SUMS * LANES <= length; i += SUMS * LANES)
        for (unsigned s = 0; s < SUMS; s++)
            sums[s] = multiply_add(load(a + i + s * LANES), load(b + i + s * LANES), sums[s]);
    float parts[LANES], rest = 0;
    store(parts, (sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < length; i++)
        rest += a[i] * b[i];
    for (unsigned step = LANES / 2; step > 0; step /= 2)
        for (unsigned l = 0; l < step; l++)
            parts[l] += parts[l + step];
    return parts[0] + rest;
}

static void add_scaled(float *sum, const float *row, float weight, size_t length)
{
    size_t i = 0;
    lanes factor = all_of(weight);
    for (; i + LANES <= length; i += LANES)
        store(sum + i, multiply_add(load(row + i), factor, load(sum + i)));
    for (; i < length; i++)
        sum[i] += row[i] * weight;
}

/* Most values are not above, so many are looked at together first. */
enum { LOOK = 32 };

static size_t above(const float *values, float bar, size_t from, size_t count)
{
    for (; from + LOOK <= count; from += LOOK) {
        int any = 0;
        for (size_t i = 0; i < LOOK; i++)
            any |= values[from + i] > bar;
        if (any)
            break;
    }
    while (from < count && !(values[from] > bar))
        from++;
    return from;
}

static size_t above_each(const float *values, const float *bars, size_t from, size_t count)
{
    for (; from + LOOK <= count; from += LOOK) {
        int any = 0;
        for (size_t i = 0; i < LOOK; i++)
            any |= values[from + i] > bars[from + i];
        if (any)
            break;
    }
    while (from < count && !(values[from] > bars[from]))
        from++;
    return from;
}

static void dots_int8(const int8_t *query, const int8_t *rows, size_t count, size_t length,
                      int32_t *dots)
{
    for (size_t r = 0; r < count; r++) {
        const int8_t *row = rows + r * length;
#if DENSE_KERNELS == AVX512
        __m512i sum = _mm512_setzero_si512();
        for (size_t i = 0; i < length; i += 32) {
            __m512i a = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(query + i)));
            __m512i b = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(row + i)));
            sum = _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
        }
        dots[r] = _mm512_reduce_add_epi32(sum);
#elif DENSE_KERNELS == AVX2
        __m256i sums[2] = { _mm256_setzero_si256(), _mm256_setzero_si256() };
        for (size_t i = 0; i < length; i += 32)
            for (unsigned s = 0; s < 2; s++) {
                size_t at = i + s * 16;
                __m256i a = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(query + at)));
                __m256i b = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(row + at)));
                sums[s] = _mm256_add_epi32(sums[s], _mm256_madd_epi16(a, b));
            }
        __m256i sum = _mm256_add_epi32(sums[0], sums[1]);
        __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
        half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
        dots[r] = _mm_cvtsi128_si32(half);
#elif DENSE_KERNELS == SSE2
        __m128i sum = _mm_setzero_si128();
        for (size_t i = 0; i < length; i += 16) {
            __m128i a = _mm_loadu_si128((const __m128i *)(query + i));
            __m128i b = _mm_loadu_si128((const __m128i *)(row + i));
            /* A byte above itself, shifted down again with its sign. */
            __m128i a_low = _mm_srai_epi16(_mm_unpacklo_epi8(a, a), 8);
            __m128i a_high = _mm_srai_epi16(_mm_unpackhi_epi8(a, a), 8);
            __m128i b_low = _mm_srai_epi16(_mm_unpacklo_epi8(b, b), 8);
            __m128i b_high = _mm_srai_epi16(_mm_unpackhi_epi8(b, b), 8);
            sum = _mm_add_epi32(sum, _mm_madd_epi16(a_low, b_low));
            sum = _mm_add_epi32(sum, _mm_madd_epi16(a_high, b_high));
        }
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
        dots[r] = _mm_cvtsi128_si32(sum);
#elif DENSE_KERNELS == NEON
        int32x4_t sum = vdupq_n_s32(0);
        for (size_t i = 0; i < length; i += 16) {
            int8x16_t a = vld1q_s8(query + i), b = vld1q_s8(row + i);
            sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
            sum = vpadalq_s16(sum, vmull_s8(vget_high_s8(a), vget_high_s8(b)));
        }
        dots[r] = vaddvq_s32(sum);
#else
        int32_t sum = 0;
        for (size_t i = 0; i < length; i++)
            sum += query[i] * row[i];
        dots[r] = sum;
#endif
    }
}

const struct dense_kernels JOINED(dense_kernels_, NAME) = {
    .name = STRING(NAME),
    .multiply = multiply,
    .dot = dot,
    .add_scaled = add_scaled,
    .dots_int8 = dots_int8,
    .above = above,
    .above_each = above_each,
};
