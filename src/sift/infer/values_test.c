#include <math.h>

#include "sift/chance/chance.h"
#include "sift/infer/medoid.h"
#include "sift/infer/numbers.h"
#include "sift/table/table_testing.h"

static struct chance dice;

static double chance(void)
{
    return chance_uniform(&dice);
}

static double normal(void)
{
    return chance_normal(&dice);
}

/* --- Numbers ---------------------------------------------------------------------------------- */

enum { ITEMS = 400, WORKERS = 9, GIVEN = ITEMS * WORKERS };

/* Worker w errs with a standard deviation of 1 + 2w. */
static void make_numbers(uint32_t *item, uint32_t *worker, double *value, double *truth)
{
    dice.state = 5;
    for (uint32_t i = 0; i < ITEMS; i++) {
        truth[i] = 100 * chance();
        for (uint32_t w = 0; w < WORKERS; w++) {
            item[i * WORKERS + w] = i;
            worker[i * WORKERS + w] = w;
            value[i * WORKERS + w] = truth[i] + (1 + 2 * w) * normal();
        }
    }
}

static void lfc_n_finds_each_workers_error_and_beats_the_mean(void **state)
{
    static uint32_t item[GIVEN], worker[GIVEN];
    static double value[GIVEN], truth[ITEMS];
    make_numbers(item, worker, value, truth);
    double error[INFER_NUMBER_METHOD_COUNT] = { 0 };
    for (enum infer_number_method m = 0; m < INFER_NUMBER_METHOD_COUNT; m++) {
        struct infer_numbers r;
        struct fault fault;
        size_t covered = 0;
        assert_true(
            infer_numbers(arena, m, GIVEN, item, worker, value, ITEMS, WORKERS, &r, &fault));
        for (uint32_t i = 0; i < ITEMS; i++) {
            error[m] += fabs(r.value[i] - truth[i]) / ITEMS;
            covered += r.lower[i] <= truth[i] && truth[i] <= r.upper[i];
        }
        assert_true(covered > ITEMS * 0.91); /* of 95 % */
        for (uint32_t w = 1; w < WORKERS; w++)
            assert_true(r.deviation[w] > r.deviation[w - 1]);
        if (m == INFER_LFC_N)
            for (uint32_t w = 0; w < WORKERS; w++)
                assert_true(fabs(r.deviation[w] - (1 + 2 * w)) < 0.1 * (1 + 2 * w) + 0.5);
    }
    assert_true(error[INFER_LFC_N] < 0.4 * error[INFER_MEAN]);
    assert_true(error[INFER_LFC_N] < 0.5 * error[INFER_MEDIAN]);
}

static void mean_and_median_are_as_defined(void **state)
{
    const uint32_t item[] = { 0, 0, 0, 2, 2 }, worker[] = { 0, 1, 2, 0, 1 };
    const double value[] = { 1, 9, 2, 4, 8 };
    struct infer_numbers r;
    struct fault fault;
    assert_true(infer_numbers(arena, INFER_MEAN, 5, item, worker, value, 3, 4, &r, &fault));
    assert_true(r.value[0] == 4 && isnan(r.value[1]) && r.value[2] == 6);
    assert_true(isnan(r.deviation[3]));
    /* (9 + 25 + 4 + 4 + 4) / (5 - 2), over 3 answers */
    assert_true(fabs(r.upper[0] - 4 - 1.959964 * sqrt(46.0 / 3 / 3)) < 1e-5);
    assert_true(infer_numbers(arena, INFER_MEDIAN, 5, item, worker, value, 3, 4, &r, &fault));
    assert_true(r.value[0] == 2 && isnan(r.value[1]) && r.value[2] == 6);
    assert_true(infer_numbers(arena, INFER_LFC_N, 5, item, worker, value, 3, 4, &r, &fault));
    assert_true(isnan(r.value[1]) && isnan(r.deviation[3]) && isfinite(r.value[0]));
}

static void agreement_and_single_answers_leave_no_doubt_and_no_nonsense(void **state)
{
    const uint32_t item[] = { 0, 0, 1 }, worker[] = { 0, 1, 0 };
    const double value[] = { 7, 7, 3 };
    for (enum infer_number_method m = 0; m < INFER_NUMBER_METHOD_COUNT; m++) {
        struct infer_numbers r;
        struct fault fault;
        assert_true(infer_numbers(arena, m, 3, item, worker, value, 2, 2, &r, &fault));
        assert_true(r.value[0] == 7 && r.lower[0] == 7 && r.upper[0] == 7 && r.value[1] == 3);
        const uint32_t backwards[] = { 2, 1, 0 }; /* one answer each, and not in their order */
        assert_true(infer_numbers(arena, m, 3, backwards, worker, value, 3, 2, &r, &fault));
        assert_true(r.value[0] == 3 && r.value[2] == 7 && r.lower[2] == 7 && r.upper[0] == 3);
        assert_false(infer_numbers(arena, m, 0, item, worker, value, 2, 2, &r, &fault));
        assert_string_equal(fault.detail, "there are no answers");
        enum infer_number_method found;
        assert_true(infer_number_method_named(str_from(infer_number_method_name(m)), &found));
        assert_int_equal(found, m);
    }
    enum infer_number_method found;
    assert_false(infer_number_method_named(S("mode"), &found));
}

/* Two workers whose answers fit either's being the exact one almost alike: hardly moving, it ends.
 */
static void an_inference_that_hardly_moves_any_more_ends(void **state)
{
    const uint32_t item[] = { 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 5 };
    const uint32_t worker[] = { 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1 };
    const double value[] = { 1, 4, 0, 1, 1, 2, 4, 4, 2, 0, 1 };
    struct infer_numbers r;
    struct fault fault;
    assert_true(infer_numbers(arena, INFER_LFC_N, 11, item, worker, value, 6, 2, &r, &fault));
    assert_int_equal(r.iterations, 5000);
    for (uint32_t i = 0; i < 6; i++)
        assert_true(r.lower[i] <= r.value[i] && r.value[i] <= r.upper[i]);
}

/* --- Texts and boxes -------------------------------------------------------------------------- */

static void texts_are_compared_without_case_punctuation_and_spaces(void **state)
{
    struct str normal = infer_text_normal(arena, S("  A man,\twalking -- a  DOG! "));
    assert_true(str_equal(normal, S("a man walking a dog")));
    assert_int_equal(infer_text_normal(arena, S("!?")).size, 0);
    assert_true(str_equal(infer_text_normal(arena, S("7 GRüNE")), S("7 grüne")));
    assert_true(infer_text_distance(arena, S("kitten"), S("sitting")) == 3.0 / 7);
    assert_true(infer_text_distance(arena, S("grün"), S("gruen")) == 2.0 / 5);
    assert_true(infer_text_distance(arena, S("\x80x"), S("x")) == 1.0 / 2);
    assert_true(infer_text_distance(arena, S(""), S("")) == 0);
    assert_true(infer_text_distance(arena, S("ab"), S("")) == 1);
}

static void boxes_are_compared_by_what_they_share(void **state)
{
    struct infer_box a = { 0, 0, 2, 2 }, b = { 1, 0, 2, 2 }, far = { 5, 5, 1, 1 }, point = { 0 };
    assert_true(infer_box_distance(a, a) == 0);
    assert_true(fabs(infer_box_distance(a, b) - (1 - 2.0 / 6)) < 1e-12);
    assert_true(infer_box_distance(a, far) == 1 && infer_box_distance(point, point) == 1);
    assert_true(infer_box_distance(a, (struct infer_box){ 0, 3, 2, 2 }) == 1);
}

static double apart(size_t a, size_t b, void *context)
{
    const double *position = context;
    return fmin(1, fabs(position[a] - position[b]));
}

static void the_answer_nearest_to_the_others_is_chosen_and_strangers_count_less(void **state)
{
    /* Workers 0 to 2 agree wherever they meet; 3 and 4 say something else each time. On the last
       item one of the good ones stands against the two strangers, who are nearer to each other. */
    uint32_t item[64], worker[64];
    double position[64];
    size_t count = 0;
    for (uint32_t i = 0; i < 10; i++)
        for (uint32_t w = 0; w < 5; w++) {
            item[count] = i;
            worker[count] = w;
            position[count++] = w < 3 ? 0.01 * w : 0.9 + 0.1 * w;
        }
    const double last[] = { 0, 0.8, 1.2 };
    for (uint32_t w = 0; w < 3; w++) {
        item[count] = 10;
        worker[count] = w == 0 ? 0 : 2 + w;
        position[count++] = last[w];
    }
    struct infer_medoids r = infer_medoids(arena, count, item, worker, 12, 6, apart, position);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(worker[r.chosen[i]], 1); /* between 0 and 2 */
    assert_true(r.quality[1] > 0.9 && r.quality[3] < 0.2 && r.quality[5] == 0.5);
    assert_int_equal(r.chosen[10], count - 3);
    assert_true(r.chosen[11] == SIZE_MAX && r.agreement[11] == 1);
    assert_true(r.agreement[0] > 0.5 && r.agreement[0] < 1);
}

static void one_answer_agrees_with_itself(void **state)
{
    const uint32_t item[] = { 0 }, worker[] = { 0 };
    double position[] = { 3 };
    struct infer_medoids r = infer_medoids(arena, 1, item, worker, 1, 1, apart, position);
    assert_true(r.chosen[0] == 0 && r.agreement[0] == 1 && r.quality[0] == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lfc_n_finds_each_workers_error_and_beats_the_mean),
        cmocka_unit_test(mean_and_median_are_as_defined),
        cmocka_unit_test(agreement_and_single_answers_leave_no_doubt_and_no_nonsense),
        cmocka_unit_test(an_inference_that_hardly_moves_any_more_ends),
        cmocka_unit_test(texts_are_compared_without_case_punctuation_and_spaces),
        cmocka_unit_test(boxes_are_compared_by_what_they_share),
        cmocka_unit_test(the_answer_nearest_to_the_others_is_chosen_and_strangers_count_less),
        cmocka_unit_test(one_answer_agrees_with_itself),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
