/* Products of dense matrices of floats and of int8 rows, by the widest instructions the machine
 * has.
 *
 * The right operand of a product is packed once into panels of DENSE_PANEL columns, in which the
 * values that are multiplied together lie together; the form is the same for every machine, so it
 * can be kept in a file and used from a mapping. Everything here is pure and may run in many
 * threads at once; matrices are row by row unless said otherwise.
 *
 * Each value of a product is summed in the order of its row, whatever stands in the other rows: a
 * row gives the same bits alone and among others. Machines with other instructions round in
 * other places and may differ in the last bits.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
    DENSE_PANEL = 16, /* columns of one panel */
    DENSE_ROUND = 32, /* packed columns are a multiple of this, the rest is zeros */
    DENSE_INT8_STEP = 64,
    DENSE_INT8_MAX = 65536,
};

struct dense_panels {
    uint32_t rows, columns;
    const float *values; /* panel by panel, in each row by row; fastest on a 64-byte boundary */
};

/* The ways to reckon, each for some set of instructions. */
struct dense_kernels {
    const char *name; /* "avx512", "avx2", "sse2", "neon" or "plain" */
    void (*multiply)(size_t count, const float *left, struct dense_panels right, const float *bias,
                     float *result);
    float (*dot)(const float *a, const float *b, size_t length);
    void (*add_scaled)(float *sum, const float *row, float weight, size_t length);
    void (*dots_int8)(const int8_t *query, const int8_t *rows, size_t count, size_t length,
                      int32_t *dots);
    /* The first place from `from` on where the value is above the bar, or above its own; or count.
     */
    size_t (*above)(const float *values, float bar, size_t from, size_t count);
    size_t (*above_each)(const float *values, const float *bars, size_t from, size_t count);
};

/* The widest this machine has; and those of a name, or NULL if the machine has them not (tests and
   benchmarks ask for narrower ones). "plain" is everywhere. */
const struct dense_kernels *dense_kernels(void);
const struct dense_kernels *dense_kernels_named(const char *name);
/* The name of what dense_kernels() gives. */
const char *dense_instructions(void);

/* How many floats rows × columns take when packed. */
size_t dense_panels_size(uint32_t rows, uint32_t columns);
/* Packs a matrix of rows × columns; the panels live in the arena. O(rows · columns). */
struct dense_panels dense_pack(struct arena *arena, const float *matrix, uint32_t rows,
                               uint32_t columns);
/* The same from columns × rows: what is packed is the matrix turned over. */
struct dense_panels dense_pack_turned(struct arena *arena, const float *matrix, uint32_t rows,
                                      uint32_t columns);

/* result (count × columns) = left (count × rows) · right, plus `bias` (columns) in each row unless
   it is NULL. `result` overlaps nothing. 2 · count · rows · columns operations. */
void dense_multiply(size_t count, const float *left, struct dense_panels right, const float *bias,
                    float *result);
/* Σ a·b. */
float dense_dot(const float *a, const float *b, size_t length);
/* sum += weight · row. */
void dense_add_scaled(float *sum, const float *row, float weight, size_t length);
/* dots[i] = query · row i, exactly; `length` is a multiple of DENSE_INT8_STEP and at
   most DENSE_INT8_MAX. */
void dense_dots_int8(const int8_t *query, const int8_t *rows, size_t count, size_t length,
                     int32_t *dots);

/* The k > 0 nearest of each of `count` rows among the others, by their products: neighbour[i·k …]
   are their numbers, nearest first and of equals the lower number first; similarity[i·k …] the
   products. UINT32_MAX and -INFINITY where there are fewer. Rows are finite. Exact; see
   neighbours.c for what it costs. The second form takes the kernels (tests, benchmarks). */
void dense_neighbours(struct arena *arena, size_t count, uint32_t dimensions, const float *rows,
                      uint32_t k, uint32_t *neighbour, float *similarity);
void dense_neighbours_by(const struct dense_kernels *kernels, struct arena *arena, size_t count,
                         uint32_t dimensions, const float *rows, uint32_t k, uint32_t *neighbour,
                         float *similarity);
