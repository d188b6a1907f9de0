#include <math.h>
#include <string.h>

#include "sift/chance/chance.h"
#include "sift/infer/live_inside.h"
#include "sift/table/table_testing.h"

static struct chance dice;

static uint32_t draw(uint32_t bound)
{
    return (uint32_t)(chance_bits(&dice) % bound);
}

static struct infer_live *live_make(struct infer_live_options options, uint32_t items,
                                    uint32_t workers)
{
    struct infer_live *live;
    struct fault fault = { 0 };
    if (options.certainty == 0)
        options.certainty = 0.99;
    if (!infer_live_make(arena, &options, &live, &fault) ||
        !infer_live_grow(live, items, workers, &fault))
        fail_msg("%s", fault.detail);
    return live;
}

static enum infer_live_status status_of(const struct infer_live *live, uint32_t item)
{
    return infer_live_state(live, item).status;
}

/* --- What is kept agrees with what it is made from -------------------------------------------- */

static void check_heap(const struct infer_live *live, enum live_list list)
{
    const struct live_heap *heap = &live->lists[list];
    for (uint32_t n = 0; n < heap->count; n++) {
        const struct live_item *it = &live->items[heap->items[n]];
        assert_true(it->list == list && it->place == n);
        assert_true(n == 0 || live->items[heap->items[(n - 1) / 2]].key >= it->key);
    }
}

static void check_lists(struct infer_live *live)
{
    uint32_t *open = arena_new(arena, uint32_t, live->worker_count), in_lists = 0;
    check_heap(live, IN_OPEN);
    check_heap(live, IN_SETTLED);
    for (uint32_t i = 0; i < live->item_count; i++) {
        const struct live_item *it = &live->items[i];
        in_lists += it->list != IN_NO_LIST;
        /* whatever needs an answer is on the list of those that do */
        assert_true(infer_live_state(live, i).need == 0 || it->list == IN_OPEN);
        for (uint32_t n = 0; n < it->count && it->list == IN_OPEN; n++)
            open[it->given[n].worker]++;
    }
    assert_int_equal(in_lists, live->lists[IN_OPEN].count + live->lists[IN_SETTLED].count);
    assert_memory_equal(open, live->open, live->worker_count * sizeof *open);
}

static void check_counts(const struct infer_live *live)
{
    uint32_t classes = live->options.class_count;
    size_t cells = (size_t)live->worker_count * classes * classes, answers = 0;
    double *counts = arena_new(arena, double, cells), doubted = 0, crowd = 0, columns = 0;
    for (uint32_t i = 0; i < live->item_count; i++) {
        const struct live_item *it = &live->items[i];
        doubted += it->seemed ? 1 - live_posterior(live, i)[it->first_label] : 0;
        for (uint32_t n = 0; n < it->count; n++) {
            struct given g = it->given[n];
            answers += g.label != INFER_WAITING;
            for (uint32_t k = 0; k < classes && g.label != INFER_WAITING; k++)
                counts[((size_t)g.worker * classes + g.label) * classes + k] +=
                    live_posterior(live, i)[k];
        }
    }
    assert_int_equal(answers, live->answer_count);
    assert_true(fabs(doubted - live->doubted) < 1e-9);
    for (size_t c = 0; c < cells; c++)
        assert_true(fabs(counts[c] - live->counts[c]) < 1e-9);
    for (uint32_t c = 0; c < classes * classes; c++)
        crowd += live->crowd[c];
    for (uint32_t c = 0; c < classes; c++)
        columns += live->crowd_columns[c];
    assert_true(fabs(crowd - columns) < 1e-9);
}

/* --- Crowds ----------------------------------------------------------------------------------- */

/* An answer of worker w, who is right with right[w % 4], to an item whose class is its number. */
static uint16_t answer_of(uint32_t item, uint32_t worker, uint32_t classes)
{
    static const double right[] = { 0.95, 0.85, 0.7, 0.5 };
    uint32_t shift = chance_uniform(&dice) < right[worker % 4] ? 0 : 1 + draw(classes - 1);
    return (uint16_t)((item + shift) % classes);
}

/* Whatever may be done, in any order. */
static void do_anything(struct infer_live *live)
{
    uint32_t item = draw(live->item_count), worker = draw(live->worker_count);
    uint32_t classes = live->options.class_count, what = draw(40);
    if (what < 28)
        infer_live_answer(live, item, worker, answer_of(item, worker, classes));
    else if (what < 32)
        infer_live_assign(live, item, worker);
    else if (what < 36)
        infer_live_withdraw(live, item, worker);
    else if (what == 36)
        infer_live_gold(live, item, draw(2) == 0 ? INFER_NOT_GOLD : (uint16_t)(item % classes));
    else if (what == 37)
        infer_live_close(live, item, draw(2) == 0);
    else
        infer_live_next(live, draw(2) == 0 ? INFER_LIVE_NOBODY : worker, &item);
}

static void counts_and_lists_agree_with_answers_whatever_is_done(void **state)
{
    for (uint32_t classes = 2; classes < 5; classes++) {
        dice.state = classes;
        struct infer_live_options options = { .class_count = classes,
                                              .certainty = 0.9,
                                              .answers_most = classes == 3 ? 5 : 0,
                                              .control = 0.3 };
        struct infer_live *live = live_make(options, 40, 12);
        for (int n = 0; n < 6000; n++) {
            do_anything(live);
            if (n % 100 == 0) {
                check_counts(live);
                check_lists(live);
            }
            if (n == 3000) {
                struct fault fault;
                assert_true(infer_live_grow(live, 60, 14, &fault));
                assert_true(infer_live_grow(live, 60, 30, &fault));
                assert_true(infer_live_grow(live, 1, 1, &fault));
            }
        }
        infer_live_refresh(live, 0, 0);
        check_counts(live);
        check_lists(live);
        assert_int_equal(infer_live_summary(live).items, 60);
    }
}

/* The answers of one state given to another from the last item to the first, items, workers and
   classes numbered backwards. */
static struct infer_live *turned_round(const struct infer_live *live)
{
    uint32_t classes = live->options.class_count;
    struct infer_live *other = live_make(live->options, live->item_count, live->worker_count);
    for (uint32_t i = live->item_count; i-- > 0;) {
        const struct live_item *it = &live->items[i];
        uint32_t item = live->item_count - 1 - i;
        for (uint32_t n = it->count; n-- > 0;) {
            uint32_t worker = live->worker_count - 1 - it->given[n].worker;
            if (it->given[n].label != INFER_WAITING)
                infer_live_answer(other, item, worker,
                                  (uint16_t)(classes - 1 - it->given[n].label));
        }
        if (it->gold != INFER_NOT_GOLD)
            infer_live_gold(other, item, (uint16_t)(classes - 1 - it->gold));
    }
    return other;
}

static void a_state_made_again_from_its_answers_is_the_same_once_refreshed(void **state)
{
    dice.state = 7;
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 3 }, 150, 12);
    for (int n = 0; n < 3000; n++)
        do_anything(live);
    struct infer_live *other = turned_round(live);
    infer_live_refresh(live, 1000, 1e-10);
    infer_live_refresh(other, 1000, 1e-10);
    for (uint32_t i = 0; i < live->item_count; i++)
        for (uint32_t k = 0; k < 3; k++)
            assert_true(fabs(infer_live_posterior(live, i)[k] -
                             infer_live_posterior(other, live->item_count - 1 - i)[2 - k]) < 1e-7);
    for (uint32_t w = 0; w < live->worker_count; w++)
        assert_true(fabs(infer_live_quality(live, w) -
                         infer_live_quality(other, live->worker_count - 1 - w)) < 1e-7);
}

static void what_is_kept_up_to_date_is_near_what_is_inferred_anew(void **state)
{
    dice.state = 8;
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 2 }, 300, 12);
    for (uint32_t n = 0; n < 300 * 6; n++)
        infer_live_answer(live, n % 300, (n + n / 300) % 12,
                          answer_of(n % 300, (n + n / 300) % 12, 2));
    double kept[300], apart = 0;
    uint32_t right = 0;
    for (uint32_t i = 0; i < 300; i++)
        kept[i] = infer_live_posterior(live, i)[0];
    assert_true(infer_live_refresh(live, 0, 0) > 1);
    for (uint32_t i = 0; i < 300; i++) {
        apart += fabs(kept[i] - infer_live_posterior(live, i)[0]) / 300;
        right += infer_live_state(live, i).label == i % 2;
    }
    assert_true(apart < 0.02);
    assert_true(right > 285);
    assert_int_equal(infer_live_refresh(live, 1, 0), 1);
    for (uint32_t w = 0; w < 12; w += 4)
        assert_true(infer_live_quality(live, w) > infer_live_quality(live, w + 2) &&
                    infer_live_quality(live, w + 1) > infer_live_quality(live, w + 3));
}

/* --- Settled ---------------------------------------------------------------------------------- */

static void an_item_is_settled_by_enough_answers_that_agree(void **state)
{
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 2 }, 30, 9);
    for (uint32_t w = 0; w < 9; w++)
        for (uint32_t i = 0; i < 20; i++) {
            infer_live_answer(live, i, w, i % 2);
            assert_true(status_of(live, i) == INFER_OPEN || w >= 2);
        }
    for (uint32_t i = 0; i < 20; i++) {
        struct infer_live_state s = infer_live_state(live, i);
        assert_true(s.status == INFER_SETTLED && s.label == i % 2 && s.answers == 9);
        assert_true(s.confidence > 0.999 && s.need == 0 && !s.asked_on);
    }
    assert_true(status_of(live, 20) == INFER_OPEN);
    assert_true(infer_live_state(live, 20).need > infer_live_state(live, 0).need);
    struct infer_live_summary sum = infer_live_summary(live);
    assert_true(sum.items == 30 && sum.settled == 20 && sum.open == 10 && sum.undecided == 0);
    assert_true(sum.answers == 180 && sum.seemed == 20 && sum.doubted < 0.001);
    assert_true(sum.certainty == 0.99);
    /* too few are left when answers are withdrawn */
    for (uint32_t w = 0; w < 7; w++)
        infer_live_withdraw(live, 0, w);
    assert_true(status_of(live, 0) == INFER_OPEN);
    assert_int_equal(infer_live_summary(live).seemed, 19);
}

static void what_nobody_can_be_asked_about_is_undecided_not_settled(void **state)
{
    struct infer_live_options options = { .class_count = 2, .answers_most = 4 };
    struct infer_live *live = live_make(options, 3, 8);
    for (uint32_t w = 0; w < 4; w++)
        infer_live_answer(live, 0, w, w % 2);
    assert_int_equal(status_of(live, 0), INFER_UNDECIDED);
    assert_true(infer_live_state(live, 0).need == 0);
    for (uint32_t w = 0; w < 3; w++)
        infer_live_answer(live, 1, w, w % 2);
    infer_live_assign(live, 1, 3); /* the last one is on its way */
    assert_true(status_of(live, 1) == INFER_OPEN && infer_live_state(live, 1).need == 0);
    infer_live_close(live, 2, true);
    assert_int_equal(status_of(live, 2), INFER_UNDECIDED);
    uint32_t item;
    assert_false(infer_live_next(live, INFER_LIVE_NOBODY, &item));
    infer_live_withdraw(live, 1, 3);
    assert_true(infer_live_next(live, INFER_LIVE_NOBODY, &item) && item == 1);
    infer_live_close(live, 2, false);
    assert_true(infer_live_next(live, INFER_LIVE_NOBODY, &item) && item == 2);
    for (int s = 0; s < INFER_LIVE_STATUS_COUNT; s++)
        assert_true(strlen(infer_live_status_name((enum infer_live_status)s)) > 3);
}

static void gold_items_are_known_never_asked_and_show_who_lies(void **state)
{
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 2 }, 21, 2);
    for (uint32_t i = 0; i < 20; i++) {
        infer_live_gold(live, i, i % 2);
        infer_live_answer(live, i, 0, i % 2);
        infer_live_answer(live, i, 1, 1 - i % 2);
    }
    assert_true(infer_live_quality(live, 0) > 0.85 && infer_live_quality(live, 1) < 0.2);
    assert_true(status_of(live, 3) == INFER_SETTLED && infer_live_state(live, 3).confidence == 1);
    infer_live_answer(live, 20, 1, 0);
    assert_int_equal(infer_live_state(live, 20).label, 1);
    uint32_t item;
    assert_true(infer_live_next(live, 0, &item) && item == 20);
    infer_live_assign(live, 20, 0);
    assert_false(infer_live_next(live, 0, &item));
    infer_live_gold(live, 3, INFER_NOT_GOLD);
    assert_true(infer_live_state(live, 3).confidence < 1);
}

/* Labels that seemed settled and turn out otherwise: the bar rises, and what was settled below it
   is open again. */
static void labels_that_do_not_stay_raise_the_bar(void **state)
{
    struct infer_live_options options = { .class_count = 2, .control = -1 };
    struct infer_live *live = live_make(options, 200, 40);
    for (uint32_t i = 0; i < 100; i++)
        for (uint32_t w = 0; w < 4; w++)
            infer_live_answer(live, i, w, i % 2);
    assert_true(infer_live_certainty(live) == 0.99);
    uint32_t settled = infer_live_summary(live).settled;
    assert_int_equal(settled, 100);
    /* known truths: the four were wrong half of the time */
    for (uint32_t i = 100; i < 200; i++) {
        infer_live_gold(live, i, i % 2);
        for (uint32_t w = 0; w < 4; w++)
            infer_live_answer(live, i, w, draw(2) == 0);
    }
    for (uint32_t i = 0; i < 40; i++)
        for (uint32_t w = 4; w < 16; w++)
            infer_live_answer(live, i, w, (i + (i < 20)) % 2);
    infer_live_refresh(live, 0, 0);
    struct infer_live_summary sum = infer_live_summary(live);
    assert_true(sum.doubted > 0.1);
    assert_true(sum.certainty > 0.9999 && sum.settled < 160);
    check_lists(live);
    uint32_t item;
    assert_true(infer_live_next(live, INFER_LIVE_NOBODY, &item));
}

static void a_bar_that_falls_again_closes_what_it_had_opened(void **state)
{
    struct infer_live_options options = { .class_count = 2, .control = -1 };
    struct infer_live *live = live_make(options, 30, 3);
    for (uint32_t w = 0; w < 3; w++)
        for (uint32_t i = 0; i < 30; i++)
            infer_live_answer(live, i, w, i % 2);
    uint32_t item;
    assert_false(infer_live_next(live, INFER_LIVE_NOBODY, &item));
    live->doubted += 20; /* as if twenty labels had given way */
    live_reopen(live);
    check_lists(live);
    assert_true(infer_live_next(live, INFER_LIVE_NOBODY, &item));
    assert_int_equal(infer_live_summary(live).open, 30);
    live->doubted -= 20;
    assert_int_equal(infer_live_summary(live).open, 0);
    assert_false(infer_live_next(live, INFER_LIVE_NOBODY, &item));
    check_lists(live);
}

static void controls_are_asked_as_often_again(void **state)
{
    struct infer_live_options options = { .class_count = 2, .control = 1 };
    struct infer_live *live = live_make(options, 1, 20);
    uint32_t item, given = 0;
    for (uint32_t w = 0; w < 20 && infer_live_next(live, w, &item); w++) {
        infer_live_answer(live, 0, w, 1);
        given++;
        struct infer_live_state s = infer_live_state(live, 0);
        assert_true(s.asked_on == (s.status == INFER_SETTLED && s.need > 0));
    }
    assert_true(given == 2 * live->items[0].first_answers && given >= 6);
    assert_true(infer_live_summary(live).controls == 1);
    assert_true(infer_live_summary(live).controls_doubted < 0.01);
    /* What they show counts when there is enough of it: here the first four, who often err, are
       alone about twelve items. */
    live = live_make((struct infer_live_options){ .class_count = 2, .control = 1 }, 60, 20);
    for (uint32_t w = 0; w < 12; w++)
        for (uint32_t i = 0; i < 60; i++)
            infer_live_answer(live, i, w, (i + (w < 4 && (i < 12 || (i + w) % 5 == 0))) % 2);
    assert_true(infer_live_summary(live).controls_doubted > 0.1);
    assert_true(infer_live_certainty(live) > 0.999);
}

/* --- Next ------------------------------------------------------------------------------------- */

static void the_item_in_most_need_is_next_and_never_the_workers_own(void **state)
{
    dice.state = 3;
    struct infer_live *live =
        live_make((struct infer_live_options){ .class_count = 3, .certainty = 0.95 }, 50, 15);
    for (int n = 0; n < 900; n++) {
        uint32_t worker = draw(15), item, best;
        if (!infer_live_next(live, INFER_LIVE_NOBODY, &best))
            break;
        for (uint32_t i = 0; i < 50; i++)
            assert_true(infer_live_state(live, i).need <= infer_live_state(live, best).need);
        if (!infer_live_next(live, worker, &item)) {
            /* everything that is open is theirs already */
            for (uint32_t i = 0; i < 50; i++) {
                bool own = false;
                for (uint32_t g = 0; g < live->items[i].count; g++)
                    own = own || live->items[i].given[g].worker == worker;
                assert_true(own || infer_live_state(live, i).need == 0);
            }
            continue;
        }
        for (uint32_t g = 0; g < live->items[item].count; g++)
            assert_true(live->items[item].given[g].worker != worker);
        assert_true(infer_live_state(live, item).need > 0);
        if (draw(3) == 0)
            infer_live_assign(live, item, worker);
        else
            infer_live_answer(live, item, worker, answer_of(item, worker, 3));
    }
}

static void an_item_in_flight_is_not_given_to_everybody(void **state)
{
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 2 }, 4, 8);
    bool seen[4] = { false };
    for (uint32_t w = 0; w < 4; w++) {
        uint32_t item;
        assert_true(infer_live_next(live, w, &item));
        assert_false(seen[item]);
        seen[item] = true;
        infer_live_assign(live, item, w);
        infer_live_assign(live, item, w);
        assert_true(infer_live_state(live, item).waiting == 1);
    }
    infer_live_answer(live, 2, 2, 1);
    assert_true(infer_live_state(live, 2).waiting == 0 && infer_live_state(live, 2).answers == 1);
    infer_live_withdraw(live, 2, 7);
    infer_live_answer(live, 2, 2, 0); /* a change of mind */
    assert_true(infer_live_state(live, 2).label == 0 && infer_live_state(live, 2).answers == 1);
}

static void somebody_good_is_asked_where_it_helps_most(void **state)
{
    /* Item 0 is in doubt between classes 0 and 1, item 1 between 2 and 3; the worker is known to
       tell 2 from 3, and to confuse 0 with 1. */
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 4 }, 82, 9);
    for (uint32_t i = 2; i < 82; i++) {
        infer_live_gold(live, i, i % 4);
        infer_live_answer(live, i, 8, i % 4 < 2 ? (uint16_t)(i / 4 % 2) : (uint16_t)(i % 4));
        for (uint32_t w = 0; w < 2; w++)
            infer_live_answer(live, i, w, i % 4);
    }
    infer_live_answer(live, 0, 0, 0);
    infer_live_answer(live, 0, 1, 1);
    infer_live_answer(live, 1, 0, 2);
    infer_live_answer(live, 1, 1, 3);
    uint32_t item;
    assert_true(infer_live_next(live, 8, &item) && item == 1);
}

/* --- Stopping early --------------------------------------------------------------------------- */

/* Asks until nothing is open; returns answers an item. */
static double ask(struct infer_live *live, uint32_t classes, uint32_t workers, double *right)
{
    uint32_t item, items = live->item_count, given = 0;
    *right = 0;
    for (uint32_t misses = 0; misses < 3 * workers;) {
        uint32_t worker = draw(workers);
        if (!infer_live_next(live, worker, &item)) {
            misses++;
            continue;
        }
        misses = 0;
        infer_live_answer(live, item, worker, answer_of(item, worker, classes));
        given++;
    }
    for (uint32_t i = 0; i < items; i++)
        *right += (double)(infer_live_state(live, i).label == i % classes) / items;
    return (double)given / items;
}

static void asking_stops_early_and_labels_are_as_sure_as_was_asked(void **state)
{
    dice.state = 21;
    double right;
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 3 }, 400, 40);
    double given = ask(live, 3, 40, &right);
    assert_true(given < 8 && right > 0.975);
    assert_true(infer_live_summary(live).settled > 390);
}

/* --- Edges ------------------------------------------------------------------------------------ */

static void wrong_options_and_what_does_not_fit_are_refused(void **state)
{
    struct infer_live *live;
    struct fault fault;
    const struct infer_live_options wrong[] = {
        { .class_count = 0, .certainty = 0.9 },         { .class_count = 5000, .certainty = 0.9 },
        { .class_count = 2, .certainty = 1 },           { .class_count = 2, .certainty = 0.5 },
        { .class_count = 2, .certainty = (double)NAN },
    };
    for (size_t n = 0; n < sizeof wrong / sizeof *wrong; n++)
        assert_false(infer_live_make(arena, &wrong[n], &live, &fault));
    live = live_make((struct infer_live_options){ .class_count = 4096 }, 0, 0);
    assert_false(infer_live_grow(live, 10, 20, &fault));
    assert_string_equal(fault.detail,
                        "10 items and 20 workers with 4096 classes are more than fit into memory");
    assert_false(infer_live_grow(live, 100000, 1, &fault));
    assert_true(infer_live_grow(live, 10, 2, &fault));
    infer_live_answer(live, 3, 1, 4095);
    assert_int_equal(infer_live_state(live, 3).label, 4095);
    uint32_t item;
    assert_true(infer_live_next(live, 1, &item) && item != 3);
}

static void nothing_one_item_one_worker_and_one_class_are_fine(void **state)
{
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 1 }, 0, 0);
    uint32_t item;
    assert_false(infer_live_next(live, INFER_LIVE_NOBODY, &item));
    assert_int_equal(infer_live_summary(live).items, 0);
    assert_int_equal(infer_live_refresh(live, 0, 0), 1);
    struct fault fault;
    assert_true(infer_live_grow(live, 1, 1, &fault));
    assert_int_equal(infer_live_refresh(live, 0, 0), 1);
    assert_true(infer_live_next(live, 0, &item) && item == 0);
    infer_live_answer(live, 0, 0, 0);
    assert_true(infer_live_state(live, 0).confidence == 1 && status_of(live, 0) == INFER_OPEN);
    assert_false(infer_live_next(live, 0, &item));
    assert_true(infer_live_quality(live, 0) == 1);
    infer_live_withdraw(live, 0, 0);
    assert_true(infer_live_next(live, 0, &item));
    assert_int_equal(infer_live_summary(live).answers, 0);
}

static void hundreds_of_answers_do_not_underflow(void **state)
{
    dice.state = 5;
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 3 }, 6, 900);
    for (uint32_t i = 0; i < 6; i++)
        for (uint32_t w = 0; w < 900; w++)
            infer_live_answer(live, i, w, answer_of(i, w, 3));
    for (uint32_t i = 0; i < 6; i++)
        assert_true(infer_live_state(live, i).label == i % 3 &&
                    infer_live_state(live, i).confidence > 0.999);
}

static void answers_that_come_and_go_do_not_take_ever_more_memory(void **state)
{
    dice.state = 6;
    struct arena *own = arena_make(), *shared = arena;
    arena = own;
    struct infer_live *live = live_make((struct infer_live_options){ .class_count = 2 }, 20, 64);
    size_t held = 0;
    for (int round = 0; round < 40; round++) {
        for (uint32_t n = 0; n < 20 * 64; n++)
            infer_live_answer(live, n / 64, n % 64, (uint16_t)draw(2));
        for (uint32_t n = 0; n < 20 * 64; n++)
            infer_live_withdraw(live, n / 64, n % 64);
        if (round == 1)
            held = arena_held_bytes(own);
    }
    assert_int_equal(arena_held_bytes(own), held);
    arena = shared;
    arena_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_lists_agree_with_answers_whatever_is_done),
        cmocka_unit_test(a_state_made_again_from_its_answers_is_the_same_once_refreshed),
        cmocka_unit_test(what_is_kept_up_to_date_is_near_what_is_inferred_anew),
        cmocka_unit_test(an_item_is_settled_by_enough_answers_that_agree),
        cmocka_unit_test(what_nobody_can_be_asked_about_is_undecided_not_settled),
        cmocka_unit_test(gold_items_are_known_never_asked_and_show_who_lies),
        cmocka_unit_test(labels_that_do_not_stay_raise_the_bar),
        cmocka_unit_test(a_bar_that_falls_again_closes_what_it_had_opened),
        cmocka_unit_test(controls_are_asked_as_often_again),
        cmocka_unit_test(the_item_in_most_need_is_next_and_never_the_workers_own),
        cmocka_unit_test(an_item_in_flight_is_not_given_to_everybody),
        cmocka_unit_test(somebody_good_is_asked_where_it_helps_most),
        cmocka_unit_test(asking_stops_early_and_labels_are_as_sure_as_was_asked),
        cmocka_unit_test(wrong_options_and_what_does_not_fit_are_refused),
        cmocka_unit_test(nothing_one_item_one_worker_and_one_class_are_fine),
        cmocka_unit_test(hundreds_of_answers_do_not_underflow),
        cmocka_unit_test(answers_that_come_and_go_do_not_take_ever_more_memory),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
