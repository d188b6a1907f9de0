#include "sift/dense/dense.h"

#include <stdbool.h>
#include <string.h>

#include "sift/chance/chance.h"
#include "sift/table/table_testing.h"

static struct chance dice = { 7 };

static uint32_t below(uint32_t bound)
{
    return (uint32_t)(chance_bits(&dice) >> 33) % bound;
}

/* Numbers with one byte in front, so that nothing lies on a boundary by luck. */
static float *numbers(size_t count)
{
    float *all = (float *)arena_take(arena, (count + 1) * sizeof *all) + 1;
    for (size_t i = 0; i < count; i++)
        all[i] = (float)chance_normal(&dice);
    return all;
}

enum { KERNELS = 5 };
static const char *const names[KERNELS] = { "plain", "sse2", "avx2", "avx512", "neon" };

/* Each in turn that this machine has. */
static const struct dense_kernels *next_kernels(size_t *i)
{
    while (*i < KERNELS) {
        const struct dense_kernels *found = dense_kernels_named(names[(*i)++]);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* Each value is right within what the rounding of `depth` steps can add up to. */
static void assert_product(const struct dense_kernels *k, size_t count, uint32_t depth,
                           uint32_t columns, bool has_bias)
{
    struct arena_mark mark = arena_mark(arena);
    float *left = numbers(count * depth), *matrix = numbers((size_t)depth * columns);
    float *bias = has_bias ? numbers(columns) : NULL;
    struct dense_panels right = dense_pack(arena, matrix, depth, columns);
    assert_int_equal((uintptr_t)right.values % 64, 0);
    float *result = numbers(count * columns + 1);
    result[count * columns] = 1234;
    k->multiply(count, left, right, bias, result);
    assert_true(result[count * columns] == 1234);
    for (size_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < columns; j++) {
            double sum = has_bias ? bias[j] : 0, size = fabs(sum);
            for (uint32_t d = 0; d < depth; d++) {
                double product = (double)left[i * depth + d] * matrix[d * columns + j];
                sum += product;
                size += fabs(product);
            }
            if (!(fabs(result[i * columns + j] - sum) <= (depth + 1) * 1.2e-7 * size))
                fail_msg("%s %zu x %u x %u at %zu, %u: %g, not %g", k->name, count, depth, columns,
                         i, j, result[i * columns + j], sum);
        }
    arena_rewind(arena, mark);
}

static void products_equal_the_plain_sum_in_every_size(void **state)
{
    for (size_t n = 0; n < KERNELS;) {
        const struct dense_kernels *k = next_kernels(&n);
        if (k == NULL)
            break;
        for (size_t count = 0; count <= 26; count++)
            assert_product(k, count, 1 + below(9), 1 + below(70), count % 2 == 0);
        for (int round = 0; round < 60; round++)
            assert_product(k, below(40), below(90), below(130), below(2) == 0);
        assert_product(k, 7, 512, 96, true);
        assert_product(k, 250, 300, 33, true);  /* more than one block of rows */
        assert_product(k, 13, 20000, 17, true); /* blocks of the fewest rows */
        assert_product(k, 3, 0, 5, true);
        assert_product(k, 3, 5, 0, false);
    }
}

static void a_row_gives_the_same_bits_alone_and_among_others(void **state)
{
    enum { COUNT = 41, DEPTH = 77, COLUMNS = 83 };
    float *left = numbers(COUNT * DEPTH), *matrix = numbers(DEPTH * COLUMNS);
    float *bias = numbers(COLUMNS), alone[COLUMNS], *all = numbers(COUNT * COLUMNS);
    struct dense_panels right = dense_pack(arena, matrix, DEPTH, COLUMNS);
    for (size_t n = 0; n < KERNELS;) {
        const struct dense_kernels *k = next_kernels(&n);
        if (k == NULL)
            break;
        k->multiply(COUNT, left, right, bias, all);
        for (size_t i = 0; i < COUNT; i++) {
            k->multiply(1, left + i * DEPTH, right, bias, alone);
            assert_memory_equal(alone, all + i * COLUMNS, sizeof alone);
        }
    }
}

static void a_matrix_is_packed_the_same_when_it_comes_turned(void **state)
{
    enum { ROWS = 37, COLUMNS = 45 };
    float *matrix = numbers(ROWS * COLUMNS), turned[ROWS * COLUMNS];
    for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < COLUMNS; c++)
            turned[c * ROWS + r] = matrix[r * COLUMNS + c];
    struct dense_panels a = dense_pack(arena, matrix, ROWS, COLUMNS);
    struct dense_panels b = dense_pack_turned(arena, turned, ROWS, COLUMNS);
    assert_int_equal(dense_panels_size(ROWS, COLUMNS), ROWS * 64);
    assert_memory_equal(a.values, b.values, dense_panels_size(ROWS, COLUMNS) * sizeof(float));
    assert_true(a.values[0] == matrix[0] && a.values[DENSE_PANEL] == matrix[COLUMNS]);
    assert_true(a.values[(size_t)ROWS * DENSE_PANEL] == matrix[DENSE_PANEL]);
}

static void dots_and_scaled_rows_equal_the_plain_sum_in_every_size(void **state)
{
    for (size_t n = 0; n < KERNELS;) {
        const struct dense_kernels *k = next_kernels(&n);
        if (k == NULL)
            break;
        for (size_t length = 0; length < 300; length++) {
            struct arena_mark mark = arena_mark(arena);
            float *a = numbers(length), *b = numbers(length + 1);
            double sum = 0, size = 0;
            for (size_t i = 0; i < length; i++) {
                sum += (double)a[i] * b[i];
                size += fabs((double)a[i] * b[i]);
            }
            assert_true(fabs(k->dot(a, b, length) - sum) <= 1e-6 * size);
            float *grown = numbers(length + 1);
            memcpy(grown, b, (length + 1) * sizeof *b);
            k->add_scaled(grown, a, 0.3F, length);
            for (size_t i = 0; i < length; i++)
                assert_true(fabs(grown[i] - (b[i] + 0.3 * a[i])) <= 1e-6 * (1 + fabs(b[i])));
            assert_true(grown[length] == b[length]);
            arena_rewind(arena, mark);
        }
    }
}

static void dots_of_bytes_are_exact(void **state)
{
    enum { LONGEST = DENSE_INT8_MAX, COUNT = 3 };
    int8_t *query = arena_take(arena, LONGEST),
           *rows = arena_take(arena, (size_t)COUNT * LONGEST + 1);
    int32_t dots[COUNT];
    for (size_t n = 0; n < KERNELS;) {
        const struct dense_kernels *k = next_kernels(&n);
        if (k == NULL)
            break;
        for (size_t length = 0; length <= 1024; length += DENSE_INT8_STEP) {
            for (size_t i = 0; i < length; i++)
                query[i] = (int8_t)(below(256) - 128);
            for (size_t i = 0; i < COUNT * length; i++)
                rows[1 + i] = (int8_t)(below(256) - 128);
            k->dots_int8(query, rows + 1, COUNT, length, dots);
            for (size_t r = 0; r < COUNT; r++) {
                int32_t sum = 0;
                for (size_t i = 0; i < length; i++)
                    sum += query[i] * rows[1 + r * length + i];
                assert_int_equal(dots[r], sum);
            }
        }
        /* The greatest there can be. */
        memset(query, -128, LONGEST);
        memset(rows, -128, LONGEST);
        k->dots_int8(query, rows, 1, LONGEST, dots);
        assert_int_equal(dots[0], LONGEST * 16384);
        memset(rows, 127, LONGEST);
        k->dots_int8(query, rows, 1, LONGEST, dots);
        assert_int_equal(dots[0], -LONGEST * 128 * 127);
        k->dots_int8(query, rows, 0, LONGEST, dots);
    }
}

/* Whether a stands before b among the neighbours. */
static bool is_nearer(float a, uint32_t a_number, float b, uint32_t b_number)
{
    return a > b || (a == b && a_number < b_number);
}

static void assert_neighbours(const struct dense_kernels *k, size_t count, uint32_t dimensions,
                              uint32_t wanted, bool has_ties)
{
    struct arena_mark mark = arena_mark(arena);
    float *rows = numbers(count * dimensions);
    for (size_t i = 0; has_ties && i < count * dimensions; i++)
        rows[i] = (float)below(3) - 1; /* whole numbers: products are exact, and many are equal */
    uint32_t *found = arena_new(arena, uint32_t, count * wanted);
    float *similarity = arena_new(arena, float, count *wanted), *all = numbers(count);
    dense_neighbours_by(k, arena, count, dimensions, rows, wanted, found, similarity);
    for (uint32_t i = 0; i<count; i += count> 500 ? 37 : 1) {
        struct dense_panels turned =
            dense_pack_turned(arena, rows + (size_t)i * dimensions, dimensions, 1);
        k->multiply(count, rows, turned, NULL, all);
        for (uint32_t n = 0; n < wanted; n++) {
            uint32_t other = found[i * wanted + n];
            if (n >= count - 1) {
                assert_int_equal(other, UINT32_MAX);
                assert_true(similarity[i * wanted + n] == -INFINITY);
                continue;
            }
            assert_true(other < count && other != i && all[other] == similarity[i * wanted + n]);
            size_t before = 0;
            for (uint32_t j = 0; j < count; j++)
                before += j != i && is_nearer(all[j], j, all[other], other);
            assert_int_equal(before, n);
        }
    }
    arena_rewind(arena, mark);
}

static void neighbours_are_those_of_a_plain_search(void **state)
{
    for (size_t n = 0; n < KERNELS;) {
        const struct dense_kernels *k = next_kernels(&n);
        if (k == NULL)
            break;
        assert_neighbours(k, 0, 4, 3, false);
        assert_neighbours(k, 1, 4, 3, false);
        assert_neighbours(k, 3, 4, 5, false);
        for (int round = 0; round < 10; round++)
            assert_neighbours(k, 2 + below(150), 1 + below(20), 1 + below(16), round % 2 == 0);
        assert_neighbours(k, 4500, 9, 15, false); /* more than two blocks */
        assert_neighbours(k, 4200, 5, 15, true);
    }
    float two[2] = { 1, 2 }, similarity[2];
    uint32_t found[2];
    dense_neighbours(arena, 2, 1, two, 1, found, similarity);
    assert_true(found[0] == 1 && found[1] == 0 && similarity[0] == 2 && similarity[1] == 2);
}

static void the_widest_is_used_and_narrower_ones_can_be_asked_for(void **state)
{
    const struct dense_kernels *widest = dense_kernels();
    assert_string_equal(dense_instructions(), widest->name);
    assert_ptr_equal(dense_kernels_named(widest->name), widest);
    assert_non_null(dense_kernels_named("plain"));
    assert_null(dense_kernels_named("abacus"));
#if defined(__x86_64__)
    assert_non_null(dense_kernels_named("sse2"));
    assert_null(dense_kernels_named("neon"));
#endif
    float a[3] = { 1, 2, 3 }, b[3] = { 4, 5, 6 }, c[1];
    assert_true(dense_dot(a, b, 3) == 32);
    dense_multiply(1, a, dense_pack(arena, b, 3, 1), NULL, c);
    assert_true(c[0] == 32);
    dense_add_scaled(a, b, 2, 3);
    assert_true(a[0] == 9 && a[1] == 12 && a[2] == 15);
    int8_t bytes[DENSE_INT8_STEP] = { 3, 4 };
    int32_t dot;
    dense_dots_int8(bytes, bytes, 1, DENSE_INT8_STEP, &dot);
    assert_int_equal(dot, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_equal_the_plain_sum_in_every_size),
        cmocka_unit_test(a_row_gives_the_same_bits_alone_and_among_others),
        cmocka_unit_test(a_matrix_is_packed_the_same_when_it_comes_turned),
        cmocka_unit_test(dots_and_scaled_rows_equal_the_plain_sum_in_every_size),
        cmocka_unit_test(dots_of_bytes_are_exact),
        cmocka_unit_test(neighbours_are_those_of_a_plain_search),
        cmocka_unit_test(the_widest_is_used_and_narrower_ones_can_be_asked_for),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
