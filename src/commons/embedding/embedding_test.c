#include "base/base_testing.h"
#include "commons/embedding/embedding_inner.h"

#include <math.h>
#include <string.h>

static void a_question_holds_model_and_texts_and_dimensions_where_asked(void **state)
{
    (void)state;
    const struct str texts[] = { S("A \"bench\""), S("Zwei Bänke") };
    assert_str(embedding_question(arena, S("m3"), 0, texts, 2),
               "{\"model\":\"m3\",\"input\":[\"A \\\"bench\\\"\",\"Zwei Bänke\"]}");
    assert_str(embedding_question(arena, S("m3"), 512, texts, 1),
               "{\"model\":\"m3\",\"dimensions\":512,\"input\":[\"A \\\"bench\\\"\"]}");
}

static struct embedding_vectors read_well(const char *body, size_t count, size_t dimensions)
{
    struct embedding_vectors vectors;
    struct str trouble;
    if (!embedding_read_answer(arena, str_from(body), count, dimensions, &vectors, &trouble))
        fail_msg("%.*s", STR_ARG(trouble));
    return vectors;
}

static void both_shapes_of_answers_are_read_and_an_index_says_whose_a_vector_is(void **state)
{
    (void)state;
    struct embedding_vectors v = read_well("{\"data\":[{\"index\":1,\"embedding\":[3,4.5]},"
                                           "{\"index\":0,\"embedding\":[1,2]}],\"usage\":{}}",
                                           2, 0);
    assert_int_equal(v.dimensions, 2);
    assert_true(v.values[0] == 1 && v.values[1] == 2 && v.values[2] == 3 && v.values[3] == 4.5F);
    v = read_well("{\"data\":[{\"embedding\":[1]},{\"embedding\":[2]}]}", 2, 1);
    assert_true(v.values[0] == 1 && v.values[1] == 2);
    v = read_well("{\"model\":\"m\",\"embeddings\":[[1,2,3],[4,5,6]]}", 2, 3);
    assert_true(v.values[2] == 3 && v.values[5] == 6);
}

static void an_answer_that_is_not_what_was_asked_for_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *body, *trouble;
        size_t dimensions;
    } cases[] = {
        { "", "no JSON", 0 },
        { "<html>", "no JSON", 0 },
        { "{\"embeddings\":[[1e999],[1]]}", "no JSON", 0 },
        { "[]", "not what such a service answers", 0 },
        { "{\"embeddings\":{}}", "not what such a service answers", 0 },
        { "{\"error\":\"no such model\"}", "not what such a service answers", 0 },
        { "{\"embeddings\":[[1]]}", "leaves texts out", 0 },
        { "{\"embeddings\":[]}", "leaves texts out", 0 },
        { "{\"embeddings\":[[1],[2],[3]]}", "not asked", 0 },
        { "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
          "not asked", 0 },
        { "{\"data\":[{\"index\":-1,\"embedding\":[1]},{\"index\":1,\"embedding\":[1]}]}",
          "not asked", 0 },
        { "{\"data\":[{\"index\":0,\"embedding\":\"AAAA\"},{\"embedding\":[1]}]}", "something else",
          0 },
        { "{\"data\":[1,2]}", "something else", 0 },
        { "{\"embeddings\":[[],[]]}", "should be 1 to 8192", 0 },
        { "{\"embeddings\":[[1,2],[1]]}", "has 1 numbers, the others have 2", 0 },
        { "{\"embeddings\":[[1,2],[1,2]]}", "has 2 numbers, the others have 3", 3 },
        { "{\"embeddings\":[[1,\"2\"],[1,2]]}", "no number", 0 },
        { "{\"embeddings\":[[1,null],[1,2]]}", "no number", 0 },
        { "{\"embeddings\":[[1,1e300],[1,2]]}", "no number", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct embedding_vectors vectors;
        struct str trouble;
        assert_false(embedding_read_answer(arena, str_from(cases[i].body), 2, cases[i].dimensions,
                                           &vectors, &trouble));
        if (str_find(trouble, str_from(cases[i].trouble)) == SIZE_MAX)
            fail_msg("%s: %.*s", cases[i].body, STR_ARG(trouble));
    }
}

static void a_vector_longer_than_can_be_folded_is_refused(void **state)
{
    (void)state;
    struct buf body = { .arena = arena };
    buf_add(&body, S("{\"embeddings\":[[1"));
    for (int i = 1; i < SIMILAR_FOLD_MOST + 1; i++)
        buf_add(&body, S(",1"));
    buf_add(&body, S("]]}"));
    struct embedding_vectors vectors;
    struct str trouble;
    assert_false(embedding_read_answer(arena, buf_str(&body), 1, 0, &vectors, &trouble));
    assert_true(str_find(trouble, S("has 8193 numbers")) != SIZE_MAX);
}

static struct similar_vector kept(struct str sentence)
{
    struct similar_vector v = { .method = SIMILAR_METHOD };
    likeness_set_sentence(&v, sentence);
    return v;
}

static double cosine_of(struct str a, struct str b)
{
    struct similar_vector x = kept(a), y = kept(b);
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < SIMILAR_HALF; i++) {
        ab += x.sentence[i] * y.sentence[i];
        aa += x.sentence[i] * x.sentence[i];
        bb += y.sentence[i] * y.sentence[i];
    }
    return ab / sqrt(aa * bb);
}

/* As models do that put everything into a narrow cone: all vectors share a great part. */
static void what_all_vectors_share_is_taken_away(void **state)
{
    (void)state;
    enum { COUNT = 4, LONG = 600 };
    struct embedding_vectors v = { COUNT, LONG, arena_new(arena, float, COUNT *LONG) };
    for (size_t n = 0; n < COUNT; n++) {
        v.values[n * LONG] = 20; /* shared */
        v.values[n * LONG + 1 + n] = 3;
    }
    struct str centre = embedding_centre(arena, &v);
    assert_int_equal(centre.size, LONG * sizeof(float));
    struct embedding_vectors pair = { 3, LONG, arena_new(arena, float, 3 * LONG) };
    for (size_t n = 0; n < 3; n++)
        pair.values[n * LONG] = 20;
    pair.values[100] = 3;         /* the first */
    pair.values[LONG + 100] = 30; /* says the same, ten times as loud: length says nothing */
    pair.values[LONG] = 200;
    pair.values[2 * LONG + 300] = 3; /* something else */
    struct str one = embedding_sentence(arena, centre, &pair, 0);
    struct str same = embedding_sentence(arena, centre, &pair, 1);
    struct str other = embedding_sentence(arena, centre, &pair, 2);
    assert_int_equal(one.size, SIMILAR_HALF);
    assert_true(cosine_of(one, same) > 0.999);
    assert_true(fabs(cosine_of(one, other)) < 0.35);
}

static void a_vector_of_zeros_says_nothing(void **state)
{
    (void)state;
    struct embedding_vectors v = { 2, 3, arena_new(arena, float, 6) };
    struct str centre = embedding_centre(arena, &v);
    assert_int_equal(embedding_sentence(arena, centre, &v, 0).size, 0);
    v.values[3] = 1;
    assert_int_equal(embedding_sentence(arena, centre, &v, 1).size, SIMILAR_HALF);
    centre = str_copy(arena, (struct str){ (const char *)(v.values + 3), 3 * sizeof(float) });
    assert_int_equal(embedding_sentence(arena, centre, &v, 1).size, 0);
}

static void rests_grow_and_end(void **state)
{
    (void)state;
    assert_int_equal(embedding_rest_us(1), 5000000);
    assert_int_equal(embedding_rest_us(2), 10000000);
    assert_int_equal(embedding_rest_us(7), 320000000);
    assert_int_equal(embedding_rest_us(8), 600000000);
    assert_int_equal(embedding_rest_us(1000000), 600000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_holds_model_and_texts_and_dimensions_where_asked),
        cmocka_unit_test(both_shapes_of_answers_are_read_and_an_index_says_whose_a_vector_is),
        cmocka_unit_test(an_answer_that_is_not_what_was_asked_for_is_refused_in_words),
        cmocka_unit_test(a_vector_longer_than_can_be_folded_is_refused),
        cmocka_unit_test(what_all_vectors_share_is_taken_away),
        cmocka_unit_test(a_vector_of_zeros_says_nothing),
        cmocka_unit_test(rests_grow_and_end),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
