/* When items are settled, and workers stopped. */
#include "task_engine.h"

#include "commons/campaign/campaign_testing.h"
#include "sift/chance/chance.h"

#include "base/base_testing.h"

static const struct campaign_id campaign = { 42 };

enum { CROWD = 12, ITEMS = 60 };

static const struct task_rules_get_row rules_of_choice = {
    .task_template = { "choose", 6 },
    .choices = { "cat\ndog\nbird", 12 },
    .answers_least = 2,
    .answers_most = 5,
    .certainty = 9900,
    .quality_least = 50,
};

struct crowd {
    struct task_mind *mind;
    struct task_answers_weighed_row answers[ITEMS][CROWD];
    size_t given[ITEMS];
};

static struct task_judged weigh(struct crowd *c, int item, int64_t wanted)
{
    struct task_judged judged = { .task_item_id = { item + 1 },
                                  .given = (int64_t)c->given[item],
                                  .wanted = wanted };
    struct task_weighed answers = { c->answers[item], c->given[item] };
    task_mind_weigh(c->mind, arena, &judged, &answers);
    return judged;
}

static void answer(struct crowd *c, int item, int64_t person, struct str text)
{
    c->answers[item][c->given[item]++] =
        (struct task_answers_weighed_row){ .person_id = { person }, .answer = text };
}

static struct crowd *crowd_with(const struct task_rules_get_row *rules)
{
    struct fault fault = { 0 };
    struct crowd *c = arena_new(arena, struct crowd, 1);
    c->mind = task_mind_make(campaign, rules, &fault);
    assert_non_null(c->mind);
    return c;
}

static void items_are_settled_when_they_are_clear_and_asked_about_when_not(void **state)
{
    (void)state;
    struct crowd *c = crowd_with(&rules_of_choice);
    const struct str truth[] = { S("cat"), S("dog"), S("bird") };
    int settled = 0, asked = 0;
    for (int i = 0; i < ITEMS; i++) {
        struct task_judged judged = { 0 };
        for (int64_t who = 1; who <= 5; who++) {
            answer(c, i, (i + who) % CROWD + 1, truth[i % 3]);
            judged = weigh(c, i, (int64_t)c->given[i]);
            asked++;
            if (!str_equal(judged.item_state, S("open")))
                break;
            assert_true(judged.more);
        }
        assert_true(str_equal(judged.item_state, S("settled")));
        assert_true(str_equal(judged.answer, truth[i % 3]));
        settled++;
    }
    assert_int_equal(settled, ITEMS);
    assert_true(asked < ITEMS * 7 / 2); /* who proved good is believed sooner */
    task_mind_free(c->mind);
}

static void what_stays_unclear_is_undecided_after_the_most_answers(void **state)
{
    (void)state;
    struct crowd *c = crowd_with(&rules_of_choice);
    static const char *const said[] = { "cat", "dog", "cat", "dog", "bird" };
    struct task_judged judged = { 0 };
    for (int64_t who = 0; who < 5; who++) {
        answer(c, 0, who + 1, str_from(said[who]));
        judged = weigh(c, 0, who + 1);
    }
    assert_str(judged.item_state, "undecided");
    assert_false(judged.more);
    task_mind_free(c->mind);
}

static void no_more_is_wanted_while_answers_are_still_out(void **state)
{
    (void)state;
    struct crowd *c = crowd_with(&rules_of_choice);
    answer(c, 0, 1, S("cat"));
    struct task_judged judged = weigh(c, 0, 2);
    assert_str(judged.item_state, "open");
    assert_false(judged.more);
    task_mind_free(c->mind);
}

static void a_fixed_number_of_answers_settles_whatever_they_say(void **state)
{
    (void)state;
    struct task_rules_get_row fixed = rules_of_choice;
    fixed.answers_least = fixed.answers_most = 3;
    struct crowd *c = crowd_with(&fixed);
    answer(c, 0, 1, S("cat"));
    answer(c, 0, 2, S("dog"));
    assert_str(weigh(c, 0, 3).item_state, "open");
    answer(c, 0, 3, S("bird"));
    assert_str(weigh(c, 0, 3).item_state, "settled");
    task_mind_free(c->mind);
}

/* Everybody answers controls and items; one always says the same. */
static void who_is_surely_below_the_bar_is_stopped_and_nobody_else(void **state)
{
    (void)state;
    struct crowd *c = crowd_with(&rules_of_choice);
    const struct str truth[] = { S("cat"), S("dog"), S("bird") };
    for (int i = 0; i < ITEMS; i++) {
        for (int64_t who = 1; who <= 4; who++)
            answer(c, i, who, who == 4 ? S("cat") : truth[i % 3]);
        weigh(c, i, 4);
    }
    uint32_t from = 0;
    struct task_rated rated;
    int told = 0;
    while (task_mind_next_worker(c->mind, &from, &rated)) {
        told++;
        assert_in_range(rated.compared, ITEMS * 9 / 10, ITEMS); /* the first were not settled */
        assert_int_equal(rated.is_stopped, rated.person_id.value == 4);
        assert_true(rated.low <= rated.quality && rated.quality <= rated.high);
    }
    assert_int_equal(told, 4);
    from = 0;
    assert_false(task_mind_next_worker(c->mind, &from, &rated)); /* nothing new */
    task_mind_free(c->mind);
}

static void a_control_judges_those_who_answer_it_once(void **state)
{
    (void)state;
    struct crowd *c = crowd_with(&rules_of_choice);
    struct task_answers_weighed_row rows[] = { { .person_id = { 1 }, .answer = S("cat") },
                                               { .person_id = { 2 }, .answer = S("dog") } };
    struct task_judged control = { .task_item_id = { 9 },
                                   .is_control = true,
                                   .known_answer = S("cat") };
    for (int times = 0; times < 3; times++)
        task_mind_weigh(c->mind, arena, &control, &(struct task_weighed){ rows, 2 });
    uint32_t from = 0;
    struct task_rated rated;
    while (task_mind_next_worker(c->mind, &from, &rated)) {
        assert_int_equal(rated.compared, 1);
        assert_int_equal(rated.right, rated.person_id.value == 1);
    }
    task_mind_free(c->mind);
}

static void of_texts_the_one_in_the_middle_is_taken(void **state)
{
    (void)state;
    struct task_rules_get_row rules = rules_of_choice;
    rules.task_template = S("describe");
    rules.answers_most = 3;
    struct crowd *c = crowd_with(&rules);
    answer(c, 0, 1, S("A red tram crosses a bridge"));
    answer(c, 0, 2, S("asdf"));
    struct task_judged judged = weigh(c, 0, 2);
    assert_str(judged.item_state, "open");
    assert_true(judged.more);
    answer(c, 0, 3, S("A red tram crossing a bridge"));
    judged = weigh(c, 0, 3);
    assert_str(judged.item_state, "settled");
    assert_true(str_starts(judged.answer, S("A red tram")));
    answer(c, 1, 1, S("A dog"));
    answer(c, 1, 2, S("A dog"));
    assert_str(weigh(c, 1, 2).item_state, "settled");
    task_mind_free(c->mind);
}

/* The order in which answers are taken in changes nothing about which label wins. */
static void rows_in_any_order_give_the_same_labels(void **state)
{
    (void)state;
    const struct str labels[] = { S("cat"), S("dog"), S("bird") };
    struct chance dice = { 5 };
    struct crowd *one = crowd_with(&rules_of_choice), *two = crowd_with(&rules_of_choice);
    for (int i = 0; i < ITEMS; i++)
        for (int64_t who = 1; who <= 5; who++) {
            bool errs = (chance_bits(&dice) >> 33) % 10 == 0;
            struct str said = labels[(i + (errs ? 1 : 0)) % 3];
            answer(one, i, who, said);
            answer(two, ITEMS - 1 - i, who, said);
        }
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < ITEMS; i++) {
            struct task_judged first = weigh(one, i, 5);
            struct task_judged other = weigh(two, ITEMS - 1 - i, 5);
            if (round == 1)
                assert_true(str_equal(first.answer, other.answer));
        }
    task_mind_free(one->mind);
    task_mind_free(two->mind);
}

static void rules_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct task_rules_get_row rules = rules_of_choice;
    struct fault fault = { 0 };
    rules.certainty = 10000;
    assert_null(task_mind_make(campaign, &rules, &fault));
    assert_int_not_equal(fault.kind, FAULT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_settled_when_they_are_clear_and_asked_about_when_not),
        cmocka_unit_test(what_stays_unclear_is_undecided_after_the_most_answers),
        cmocka_unit_test(no_more_is_wanted_while_answers_are_still_out),
        cmocka_unit_test(a_fixed_number_of_answers_settles_whatever_they_say),
        cmocka_unit_test(who_is_surely_below_the_bar_is_stopped_and_nobody_else),
        cmocka_unit_test(a_control_judges_those_who_answer_it_once),
        cmocka_unit_test(of_texts_the_one_in_the_middle_is_taken),
        cmocka_unit_test(rows_in_any_order_give_the_same_labels),
        cmocka_unit_test(rules_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
