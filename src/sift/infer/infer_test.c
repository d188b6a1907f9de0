#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sift/chance/chance.h"
#include "sift/infer/inside.h"
#include "sift/table/table_testing.h"

/* --- Crowds made by the model of Dawid and Skene ---------------------------------------------- */

struct crowd {
    size_t count;
    uint32_t *item, *worker;
    uint16_t *label, *truth;
    uint32_t item_count, worker_count, class_count;
};

static struct chance dice;

static double chance(void)
{
    return chance_uniform(&dice);
}

/* Every worker answers an item with probability `density`; worker w is right with right[w % 4]. */
static struct crowd crowd_make(uint64_t seed, uint32_t items, uint32_t workers, uint32_t classes,
                               double density)
{
    static const double right[] = { 0.95, 0.8, 0.65, 0.5 };
    size_t most = (size_t)items * workers;
    struct crowd c = { .item = arena_new(arena, uint32_t, most),
                       .worker = arena_new(arena, uint32_t, most),
                       .label = arena_new(arena, uint16_t, most),
                       .truth = arena_new(arena, uint16_t, items),
                       .item_count = items,
                       .worker_count = workers,
                       .class_count = classes };
    dice.state = seed;
    for (uint32_t i = 0; i < items; i++) {
        c.truth[i] = (uint16_t)(chance() * classes);
        for (uint32_t w = 0; w < workers; w++) {
            if (chance() >= density)
                continue;
            uint32_t shift = chance() < right[w % 4] ? 0 : 1 + (uint32_t)(chance() * (classes - 1));
            c.item[c.count] = i;
            c.worker[c.count] = w;
            c.label[c.count++] = (uint16_t)((c.truth[i] + shift) % classes);
        }
    }
    return c;
}

static struct infer_answers answers_of(const struct crowd *c)
{
    return infer_answers_make(arena, c->count, c->item, c->worker, c->label, c->item_count,
                              c->worker_count, c->class_count);
}

static struct infer_result infer_crowd(const struct crowd *c, struct infer_options options)
{
    struct infer_answers answers = answers_of(c);
    struct infer_result result;
    struct fault fault = { 0 };
    if (!infer(arena, &answers, &options, &result, &fault))
        fail_msg("%s", fault.detail);
    return result;
}

#define EACH_METHOD(m) for (enum infer_method m = 0; m < INFER_METHOD_COUNT; m++)

/* --- Ordering --------------------------------------------------------------------------------- */

static void answers_are_ordered_by_item_and_the_last_of_a_worker_counts(void **state)
{
    const uint32_t item[] = { 2, 0, 2, 0, 2, 2 }, worker[] = { 0, 1, 1, 0, 0, 2 };
    const uint16_t label[] = { 0, 1, 1, 0, 1, 0 };
    struct infer_answers a = infer_answers_make(arena, 6, item, worker, label, 4, 3, 2);
    assert_int_equal(a.answer_count, 5);
    assert_int_equal(a.replaced, 1);
    const size_t first[] = { 0, 2, 2, 5, 5 };
    assert_memory_equal(a.first, first, sizeof first);
    const uint32_t workers[] = { 1, 0, 0, 1, 2 };
    const uint16_t labels[] = { 1, 0, 1, 1, 0 };
    assert_memory_equal(a.worker, workers, sizeof workers);
    assert_memory_equal(a.label, labels, sizeof labels);
}

/* --- What every method must do ---------------------------------------------------------------- */

static void posteriors_are_probabilities_and_quality_lies_between_0_and_1(void **state)
{
    struct crowd c = crowd_make(1, 200, 12, 4, 0.4);
    EACH_METHOD(m)
    {
        struct infer_result r = infer_crowd(&c, (struct infer_options){ .method = m });
        assert_true(r.method != INFER_AUTO);
        for (uint32_t i = 0; i < c.item_count; i++) {
            double sum = 0;
            for (uint32_t k = 0; k < 4; k++) {
                double p = r.posterior[i * 4 + k];
                assert_true(p >= 0 && p <= r.confidence[i]);
                sum += p;
            }
            assert_true(fabs(sum - 1) < 1e-9);
            assert_true(r.posterior[i * 4 + r.label[i]] == r.confidence[i]);
        }
        for (uint32_t w = 0; w < c.worker_count; w++)
            assert_true(r.quality[w] >= 0 && r.quality[w] <= 1);
    }
}

static void good_workers_are_told_from_bad_ones(void **state)
{
    struct crowd c = crowd_make(2, 600, 12, 3, 0.6);
    EACH_METHOD(m)
    {
        struct infer_result r = infer_crowd(&c, (struct infer_options){ .method = m });
        for (uint32_t w = 0; w < c.worker_count; w += 4)
            assert_true(r.quality[w] > r.quality[w + 2] && r.quality[w + 1] > r.quality[w + 3]);
        assert_true(infer_accuracy(r.label, c.truth, c.item_count) > 0.93);
    }
}

static void weighing_workers_beats_counting_heads(void **state)
{
    struct crowd c = crowd_make(3, 1000, 16, 2, 0.3);
    struct infer_result majority =
        infer_crowd(&c, (struct infer_options){ .method = INFER_MAJORITY });
    double heads = infer_accuracy(majority.label, c.truth, c.item_count);
    for (enum infer_method m = INFER_DAWID_SKENE; m < INFER_METHOD_COUNT; m++) {
        struct infer_result r = infer_crowd(&c, (struct infer_options){ .method = m });
        assert_true(infer_accuracy(r.label, c.truth, c.item_count) > heads + 0.02);
    }
}

/* Rows in another order, items and workers under other numbers: the same result under those. */
static void neither_order_nor_numbering_changes_a_result(void **state)
{
    struct crowd c = crowd_make(4, 150, 10, 3, 0.5), d = c;
    d.item = arena_new(arena, uint32_t, c.count);
    d.worker = arena_new(arena, uint32_t, c.count);
    d.label = arena_new(arena, uint16_t, c.count);
    for (size_t a = 0; a < c.count; a++) {
        size_t from = (a * 7919 + 5) % c.count; /* 7919 is prime: every row once */
        d.item[a] = (c.item[from] * 7 + 3) % c.item_count;
        d.worker[a] = (c.worker[from] * 3 + 1) % c.worker_count;
        d.label[a] = c.label[from];
    }
    EACH_METHOD(m)
    {
        struct infer_options options = { .method = m, .tolerance = 1e-9, .iterations_max = 2000 };
        struct infer_result x = infer_crowd(&c, options), y = infer_crowd(&d, options);
        for (uint32_t i = 0; i < c.item_count; i++)
            for (uint32_t k = 0; k < 3; k++)
                assert_true(fabs(x.posterior[i * 3 + k] -
                                 y.posterior[(i * 7 + 3) % c.item_count * 3 + k]) < 1e-4);
        for (uint32_t w = 0; w < c.worker_count; w++)
            assert_true(fabs(x.quality[w] - y.quality[(w * 3 + 1) % c.worker_count]) < 1e-3);
    }
}

static void the_same_seed_gives_the_same_result(void **state)
{
    struct crowd c = crowd_make(5, 100, 8, 3, 0.5);
    struct infer_options options = { .method = INFER_MACE, .seed = 9 };
    struct infer_result x = infer_crowd(&c, options), y = infer_crowd(&c, options);
    assert_memory_equal(x.posterior, y.posterior, c.item_count * 3 * sizeof(double));
}

static void gold_items_stay_as_they_are_known_and_teach(void **state)
{
    for (uint32_t classes = 2; classes < 6; classes++) {
        struct crowd c = crowd_make(6, 300, 9, classes, 0.6);
        uint16_t *gold = arena_new(arena, uint16_t, c.item_count);
        for (uint32_t i = 0; i < c.item_count; i++)
            gold[i] = i % 3 == 0 ? c.truth[i] : INFER_NOT_GOLD;
        EACH_METHOD(m)
        {
            struct infer_result r =
                infer_crowd(&c, (struct infer_options){ .method = m, .gold = gold });
            for (uint32_t i = 0; i < c.item_count; i += 3)
                assert_true(r.label[i] == c.truth[i] && r.confidence[i] == 1);
        }
    }
    /* One liar alone looks like one honest worker, until an item is known. */
    const uint32_t item[] = { 0, 1, 2, 3 }, worker[] = { 0, 0, 0, 0 };
    const uint16_t label[] = { 0, 0, 1, 1 }, known[] = { 1, 1, 0, INFER_NOT_GOLD };
    struct crowd liar = { 4,
                          (uint32_t *)(uintptr_t)item,
                          (uint32_t *)(uintptr_t)worker,
                          (uint16_t *)(uintptr_t)label,
                          NULL,
                          4,
                          1,
                          2 };
    struct infer_result r =
        infer_crowd(&liar, (struct infer_options){ .method = INFER_DAWID_SKENE, .gold = known });
    assert_int_equal(r.label[3], 0);
}

static void any_number_of_threads_gives_the_same_result_bit_by_bit(void **state)
{
    static const enum infer_method methods[] = { INFER_DAWID_SKENE, INFER_IBCC, INFER_ONE_COIN };
    /* with 50 classes there are too many cells for parts of their own */
    for (uint32_t classes = 2; classes < 60; classes = classes == 2 ? 5 : 10 * classes) {
        struct crowd c = crowd_make(11, 6000, 24, classes, 0.5);
        assert_true(c.count > 65536);
        for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
            struct infer_options options = { .method = methods[m], .iterations_max = 6 };
            struct infer_result one = infer_crowd(&c, options), other;
            for (options.threads = 2; options.threads < 20;
                 options.threads += 1 + options.threads) {
                other = infer_crowd(&c, options);
                assert_memory_equal(one.posterior, other.posterior,
                                    c.item_count * classes * sizeof(double));
                assert_memory_equal(one.quality, other.quality, c.worker_count * sizeof(double));
            }
        }
    }
}

static void where_no_thread_is_to_be_had_one_does_all_the_work(void **state)
{
    struct crowd c = crowd_make(12, 6000, 24, 2, 0.5);
    struct infer_options options = { .method = INFER_DAWID_SKENE, .threads = 2 };
    struct infer_result with = infer_crowd(&c, options);
    pthread_attr_t usual, vast; /* a stack that no address space holds */
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&vast), 0);
    assert_int_equal(pthread_attr_setstacksize(&vast, (size_t)1 << 50), 0);
    assert_int_equal(pthread_setattr_default_np(&vast), 0);
    struct infer_result without = infer_crowd(&c, options);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    assert_memory_equal(with.posterior, without.posterior, c.item_count * 2 * sizeof(double));
}

/* --- Edges ------------------------------------------------------------------------------------ */

static void nothing_and_little_are_answered_too(void **state)
{
    const uint32_t zero[] = { 0, 0 }, one[] = { 0, 1 };
    const uint16_t labels[] = { 0, 0 }, differing[] = { 1, 0 };
    EACH_METHOD(m)
    {
        struct infer_options options = { .method = m };
        struct infer_result r;
        struct fault fault = { 0 };
        struct infer_answers none = infer_answers_make(arena, 0, NULL, NULL, NULL, 0, 0, 0);
        assert_false(infer(arena, &none, &options, &r, &fault));
        assert_string_equal(fault.detail, "there are no answers");
        /* one answer; one class; one item with two that differ; an item without answers */
        struct infer_answers single = infer_answers_make(arena, 1, zero, zero, labels, 1, 1, 1);
        assert_true(infer(arena, &single, &options, &r, &fault));
        assert_true(r.label[0] == 0 && r.confidence[0] == 1);
        struct infer_answers differ = infer_answers_make(arena, 2, zero, one, differing, 1, 2, 2);
        assert_true(infer(arena, &differ, &options, &r, &fault));
        if (m != INFER_MACE) /* whose restarts may lean to either by a hair */
            assert_int_equal(r.label[0], 0);
        if (m != INFER_WAWA) /* which believes whoever said the lowest of equals */
            assert_true(fabs(r.confidence[0] - 0.5) < 1e-4);
        struct infer_answers gap = infer_answers_make(arena, 2, zero, one, labels, 2, 3, 2);
        assert_true(infer(arena, &gap, &options, &r, &fault));
        assert_true(isfinite(r.confidence[1]) && isfinite(r.quality[2]));
    }
}

static void hundreds_of_answers_to_an_item_do_not_underflow(void **state)
{
    for (uint32_t classes = 2; classes < 6; classes++) {
        struct crowd c = crowd_make(7, 20, 1000, classes, 1);
        EACH_METHOD(m)
        {
            struct infer_result r = infer_crowd(&c, (struct infer_options){ .method = m });
            assert_true(infer_accuracy(r.label, c.truth, c.item_count) == 1);
        }
    }
}

static void what_does_not_fit_into_memory_is_refused(void **state)
{
    const uint32_t item[] = { 0 }, worker[] = { 0 };
    const uint16_t label[] = { 0 };
    struct infer_answers wide = infer_answers_make(arena, 1, item, worker, label, 1, 1, 20000);
    struct infer_result r;
    struct fault fault = { 0 };
    assert_false(infer(arena, &wide, &(struct infer_options){ 0 }, &r, &fault));
    assert_string_equal(fault.detail, "1 workers with 20000 classes are more than fit into memory");
}

static void a_run_ends_at_its_limit_and_says_so(void **state)
{
    struct crowd c = crowd_make(8, 100, 8, 3, 0.5);
    for (enum infer_method m = INFER_DAWID_SKENE; m < INFER_MACE; m++) {
        struct infer_result r = infer_crowd(
            &c, (struct infer_options){ .method = m, .iterations_max = 3, .tolerance = -1 });
        assert_int_equal(r.iterations, 3);
        assert_false(r.converged);
    }
}

static void the_choice_is_explained(void **state)
{
    struct crowd many = crowd_make(9, 500, 5, 2, 0.9), few = crowd_make(9, 50, 40, 5, 0.1);
    struct infer_result r = infer_crowd(&many, (struct infer_options){ .method = INFER_AUTO });
    assert_int_equal(r.method, INFER_DAWID_SKENE);
    assert_non_null(strstr(r.reason, "dawid-skene: "));
    r = infer_crowd(&few, (struct infer_options){ .method = INFER_AUTO });
    assert_int_equal(r.method, INFER_IBCC);
    assert_non_null(strstr(r.reason, "5 classes"));
}

static void methods_have_names(void **state)
{
    EACH_METHOD(m)
    {
        enum infer_method found = INFER_METHOD_COUNT;
        assert_true(infer_method_named(str_from(infer_method_name(m)), &found));
        assert_int_equal(found, m);
    }
    enum infer_method found;
    assert_false(infer_method_named(S("guess"), &found));
}

static void accuracy_and_f1_are_as_defined(void **state)
{
    const uint16_t truth[] = { 0, 0, 1, 1, 2, INFER_NOT_GOLD }, label[] = { 0, 1, 1, 1, 0, 2 };
    assert_true(fabs(infer_accuracy(label, truth, 6) - 0.6) < 1e-12);
    /* class 0: 2·1/(2+2), class 1: 2·2/(2+3), class 2: 0 */
    assert_true(fabs(infer_f1(arena, label, truth, 6, 3) - (0.5 + 0.8 + 0) / 3) < 1e-12);
    const uint16_t unknown[] = { INFER_NOT_GOLD };
    assert_true(infer_accuracy(label, unknown, 1) == 0 &&
                infer_f1(arena, label, unknown, 1, 3) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_ordered_by_item_and_the_last_of_a_worker_counts),
        cmocka_unit_test(posteriors_are_probabilities_and_quality_lies_between_0_and_1),
        cmocka_unit_test(good_workers_are_told_from_bad_ones),
        cmocka_unit_test(weighing_workers_beats_counting_heads),
        cmocka_unit_test(neither_order_nor_numbering_changes_a_result),
        cmocka_unit_test(the_same_seed_gives_the_same_result),
        cmocka_unit_test(gold_items_stay_as_they_are_known_and_teach),
        cmocka_unit_test(any_number_of_threads_gives_the_same_result_bit_by_bit),
        cmocka_unit_test(where_no_thread_is_to_be_had_one_does_all_the_work),
        cmocka_unit_test(nothing_and_little_are_answered_too),
        cmocka_unit_test(hundreds_of_answers_to_an_item_do_not_underflow),
        cmocka_unit_test(what_does_not_fit_into_memory_is_refused),
        cmocka_unit_test(a_run_ends_at_its_limit_and_says_so),
        cmocka_unit_test(the_choice_is_explained),
        cmocka_unit_test(methods_have_names),
        cmocka_unit_test(accuracy_and_f1_are_as_defined),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
