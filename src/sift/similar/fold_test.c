/* Embeddings of other lengths, folded to that of ours. */
#include "sift/similar/similar.h"

#include <string.h>

#include "sift/chance/chance.h"
#include "sift/table/table_testing.h"

static double cosine_of(const float *a, const float *b, size_t count)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        ab += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

static void short_embeddings_are_kept_as_they_are(void **state)
{
    (void)state;
    float embedding[] = { 3, -1, 2.5F }, folded[SIMILAR_HALF];
    memset(folded, 0xFF, sizeof folded);
    similar_fold(embedding, 3, folded);
    assert_memory_equal(folded, embedding, sizeof embedding);
    for (size_t i = 3; i < SIMILAR_HALF; i++)
        assert_true(folded[i] == 0);
}

/* Also of embeddings that say all in a few numbers, as the first ones of some models do. */
static void long_embeddings_keep_their_angles(void **state)
{
    (void)state;
    const size_t lengths[] = { 513, 768, 1024, 1536, 3072, SIMILAR_FOLD_MOST };
    struct chance chance = { 7 };
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        size_t count = lengths[l];
        float *a = arena_new(arena, float, count), *b = arena_new(arena, float, count);
        double squares = 0, most = 0;
        enum { PAIRS = 60 };
        for (int pair = 0; pair < PAIRS; pair++) {
            double share = (double)pair / PAIRS;
            size_t filled = pair % 2 ? count : 20;
            for (size_t i = 0; i < filled; i++) {
                a[i] = (float)chance_normal(&chance);
                b[i] = (float)(share * a[i] + (1 - share) * chance_normal(&chance));
            }
            float x[SIMILAR_HALF], y[SIMILAR_HALF];
            similar_fold(a, count, x);
            similar_fold(b, count, y);
            double error = cosine_of(x, y, SIMILAR_HALF) - cosine_of(a, b, count);
            squares += error * error;
            most = fmax(most, fabs(error));
        }
        assert_true(sqrt(squares / PAIRS) < 0.045);
        assert_true(most < 0.16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_embeddings_are_kept_as_they_are),
        cmocka_unit_test(long_embeddings_keep_their_angles),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
