#include "sift/dense/dense.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "sift/dense/kernels.h"

/* From the widest on. What the processor can is known from the program's start: nothing is kept
   here, so nothing has to be guarded between threads. */
const struct dense_kernels *dense_kernels(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
        return &dense_kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &dense_kernels_avx2;
    return &dense_kernels_sse2;
#elif defined(__aarch64__)
    return &dense_kernels_neon;
#else
    return &dense_kernels_plain;
#endif
}

const struct dense_kernels *dense_kernels_named(const char *name)
{
    static const struct dense_kernels *const all[] = {
#if defined(__x86_64__)
        &dense_kernels_avx512,
        &dense_kernels_avx2,
        &dense_kernels_sse2,
#elif defined(__aarch64__)
        &dense_kernels_neon,
#endif
        &dense_kernels_plain,
    };
    const struct dense_kernels *widest = dense_kernels();
    bool is_within = false; /* whoever has the widest has those that follow, too */
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        is_within = is_within || all[i] == widest;
        if (is_within && strcmp(all[i]->name, name) == 0)
            return all[i];
    }
    return NULL;
}

const char *dense_instructions(void)
{
    return dense_kernels()->name;
}

size_t dense_panels_size(uint32_t rows, uint32_t columns)
{
    return (size_t)rows * (((size_t)columns + DENSE_ROUND - 1) / DENSE_ROUND * DENSE_ROUND);
}

/* Value (r, c) of the matrix stands at r · row_step + c · column_step. */
static struct dense_panels pack(struct arena *arena, const float *matrix, uint32_t rows,
                                uint32_t columns, size_t row_step, size_t column_step)
{
    enum { BOUNDARY = 64 };
    size_t size = dense_panels_size(rows, columns);
    check(size <= (SIZE_MAX - BOUNDARY) / sizeof(float));
    char *bytes = arena_take_bytes(arena, size * sizeof(float) + BOUNDARY);
    float *values = (float *)(bytes + (BOUNDARY - (uintptr_t)bytes % BOUNDARY) % BOUNDARY);
    float *to = values;
    for (size_t first = 0; first < size / (rows + (rows == 0)); first += DENSE_PANEL)
        for (uint32_t r = 0; r < rows; r++)
            for (size_t c = first; c < first + DENSE_PANEL; c++)
                *to++ = c < columns ? matrix[r * row_step + c * column_step] : 0;
    return (struct dense_panels){ rows, columns, values };
}

struct dense_panels dense_pack(struct arena *arena, const float *matrix, uint32_t rows,
                               uint32_t columns)
{
    return pack(arena, matrix, rows, columns, columns, 1);
}

struct dense_panels dense_pack_turned(struct arena *arena, const float *matrix, uint32_t rows,
                                      uint32_t columns)
{
    return pack(arena, matrix, rows, columns, 1, rows);
}

void dense_multiply(size_t count, const float *left, struct dense_panels right, const float *bias,
                    float *result)
{
    dense_kernels()->multiply(count, left, right, bias, result);
}

float dense_dot(const float *a, const float *b, size_t length)
{
    return dense_kernels()->dot(a, b, length);
}

void dense_add_scaled(float *sum, const float *row, float weight, size_t length)
{
    dense_kernels()->add_scaled(sum, row, weight, length);
}

void dense_dots_int8(const int8_t *query, const int8_t *rows, size_t count, size_t length,
                     int32_t *dots)
{
    check(length % DENSE_INT8_STEP == 0 && length <= DENSE_INT8_MAX);
    dense_kernels()->dots_int8(query, rows, count, length, dots);
}
