/* How fast products are by each set of instructions, in one thread: thousands of millions of
 * operations a second at the sizes the encoder of sentences asks for, and bytes a second of int8.
 * dense.peak is the limit of the machine at that moment, and what part of it a product reaches.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/arena.h"
#include "sift/chance/chance.h"
#include "sift/dense/dense.h"

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static float *numbers(struct arena *arena, size_t count)
{
    static struct chance dice = { 1 };
    float *all = arena_new(arena, float, count);
    for (size_t i = 0; i < count; i++)
        all[i] = (float)chance_rough_normal(&dice);
    return all;
}

static double product_speed(const struct dense_kernels *k, size_t count, uint32_t depth,
                            uint32_t columns)
{
    struct arena *arena = arena_make();
    struct dense_panels right =
        dense_pack(arena, numbers(arena, (size_t)depth * columns), depth, columns);
    float *left = numbers(arena, count * depth), *result = numbers(arena, count * columns);
    k->multiply(count, left, right, NULL, result);
    double started = now_s(), took = 0;
    size_t rounds = 0;
    for (; took < 0.3; rounds++, took = now_s() - started)
        k->multiply(count, left, right, NULL, result);
    arena_free(arena);
    return 2e-9 * (double)rounds * (double)count * depth * columns / took;
}

#if defined(__x86_64__)
/* What one thread of this machine can do at most just now, sums in registers and nothing to load:
   two multiplications with addition of eight values at a time. 0 where it has no such
   instructions. */
__attribute__((target("avx2,fma"))) static double peak_in_registers(void)
{
    enum { SUMS = 12, LANES = 8, STEPS = 1000000 };
    typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));
    lanes sum[SUMS] = { 0 };
    lanes factor = { 1e-9F }, step = { 1 };
    double started = now_s(), took = 0;
    size_t rounds = 0;
    for (; took < 0.3; rounds++, took = now_s() - started)
        for (size_t i = 0; i < STEPS; i++)
            for (size_t s = 0; s < SUMS; s++)
                sum[s] = (lanes)_mm256_fmadd_ps((__m256)sum[s], (__m256)factor, (__m256)step);
    for (size_t s = 1; s < SUMS; s++)
        sum[0] += sum[s];
    volatile float kept = sum[0][0]; /* so that nothing is left out */
    (void)kept;
    return 2e-9 * (double)rounds * STEPS * SUMS * LANES / took;
}

static double peak_speed(void)
{
    bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return has ? peak_in_registers() : 0;
}
#else
static double peak_speed(void)
{
    return 0;
}
#endif

static double bytes_speed(const struct dense_kernels *k)
{
    enum { COUNT = 50000, LENGTH = 1024 };
    struct arena *arena = arena_make();
    int8_t *rows = arena_take(arena, (size_t)COUNT * LENGTH), query[LENGTH];
    int32_t *dots = arena_new(arena, int32_t, COUNT);
    memset(rows, 3, (size_t)COUNT * LENGTH);
    memset(query, 5, sizeof query);
    double started = now_s(), took = 0;
    size_t rounds = 0;
    for (; took < 0.3; rounds++, took = now_s() - started)
        k->dots_int8(query, rows, COUNT, LENGTH, dots);
    arena_free(arena);
    return 1e-9 * (double)rounds * COUNT * LENGTH / took;
}

/* Seconds for the 15 nearest of each of `count` rows of 128. */
static double neighbours_time(const struct dense_kernels *k, size_t count)
{
    enum { DIMENSIONS = 128, NEAREST = 15 };
    struct arena *arena = arena_make();
    const float *rows = numbers(arena, count * DIMENSIONS);
    uint32_t *neighbour = arena_new(arena, uint32_t, count * NEAREST);
    float *similarity = arena_new(arena, float, count *NEAREST);
    double started = now_s();
    dense_neighbours_by(k, arena, count, DIMENSIONS, rows, NEAREST, neighbour, similarity);
    double took = now_s() - started;
    arena_free(arena);
    return took;
}

int main(void)
{
    static const char *const names[] = { "plain", "sse2", "neon", "avx2", "avx512" };
    static const struct {
        size_t count;
        uint32_t depth, columns;
    } sizes[] = { { 14, 512, 1536 }, { 256, 256, 768 }, { 256, 512, 1536 }, { 256, 1536, 512 } };
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    double plain[SIZES + 1] = { 0 };
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        const struct dense_kernels *k = dense_kernels_named(names[n]);
        if (k == NULL)
            continue;
        for (size_t s = 0; s < SIZES; s++) {
            double speed = product_speed(k, sizes[s].count, sizes[s].depth, sizes[s].columns);
            plain[s] = n == 0 ? speed : plain[s];
            printf("dense.%s.%zux%ux%u %.1f Gflop/s %.1f\n", k->name, sizes[s].count,
                   sizes[s].depth, sizes[s].columns, speed, speed / plain[s]);
        }
        double speed = bytes_speed(k);
        plain[SIZES] = n == 0 ? speed : plain[SIZES];
        printf("dense.%s.int8 %.1f GB/s %.1f\n", k->name, speed, speed / plain[SIZES]);
    }
    double peak = peak_speed();
    if (peak > 0)
        printf("dense.peak %.1f Gflop/s %.2f\n", peak,
               product_speed(dense_kernels_named("avx2"), 256, 512, 1536) / peak);
    double took = neighbours_time(dense_kernels_named("plain"), 10000);
    printf("dense.plain.neighbours.10000 %.2f s 1.0\n", took);
    double faster = neighbours_time(dense_kernels(), 10000);
    printf("dense.neighbours.10000 %.2f s %.1f\n", faster, took / faster);
    printf("dense.neighbours.100000 %.1f s -\n", neighbours_time(dense_kernels(), 100000));
    return 0;
}
