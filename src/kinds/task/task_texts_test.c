#include "task_engine.h"

#include "commons/campaign/campaign_testing.h"

#include "base/base_testing.h"

static const struct campaign_id campaign = { 42 };

enum { ROWS = 12 };

/* An item's answers; `quality` of each. */
struct told {
    struct task_answers_weighed_row rows[ROWS];
    double quality[ROWS];
    size_t count;
};

static void writes(struct told *t, const char *text, double quality)
{
    t->quality[t->count] = quality;
    t->rows[t->count] =
        (struct task_answers_weighed_row){ .person_id = { (int64_t)t->count + 1 },
                                           .task_answer_id = { (int64_t)t->count + 100 },
                                           .answer = str_from(text) };
    t->count++;
}

/* Picks the text of answer `of`; -1: none is good. */
static void picks(struct told *t, int of, double quality)
{
    writes(t, "", quality);
    t->rows[t->count - 1].is_judgement = true;
    t->rows[t->count - 1].pick.value = of < 0 ? 0 : of + 100;
}

static struct task_verdict weighed(const struct told *t)
{
    return task_weigh_texts(arena, &(struct task_weighed){ t->rows, t->count }, t->quality);
}

static void nobody_has_written_anything(void **state)
{
    (void)state;
    struct told t = { 0 };
    assert_int_equal(weighed(&t).best, SIZE_MAX);
    assert_true(weighed(&t).confidence == 0);
    picks(&t, -1, 0.9); /* what was written was rejected since */
    assert_int_equal(weighed(&t).best, SIZE_MAX);
    assert_true(weighed(&t).confidence == 0);
}

static void one_text_is_as_good_as_its_writer(void **state)
{
    (void)state;
    struct told t = { 0 };
    writes(&t, "A red tram", 0.8);
    assert_int_equal(weighed(&t).best, 0);
    assert_float_equal(weighed(&t).confidence, 0.8, 1e-12);
}

static void two_who_write_the_same_are_believed_more_and_nearly_the_same_a_little_more(void **state)
{
    (void)state;
    struct told equal = { 0 }, near = { 0 }, far = { 0 };
    writes(&equal, "A red tram on a bridge", 0.8);
    writes(&equal, "a red tram on a bridge.", 0.8);
    writes(&near, "A red tram on a bridge", 0.8);
    writes(&near, "A red tram crosses the bridge", 0.8);
    writes(&far, "A red tram on a bridge", 0.8);
    writes(&far, "People wait", 0.8);
    assert_int_equal(weighed(&equal).texts, 1);
    assert_float_equal(weighed(&equal).confidence, 16.0 / 17, 1e-12); /* odds 4 × 4 */
    assert_int_equal(weighed(&near).texts, 2);
    assert_true(weighed(&near).confidence > weighed(&far).confidence);
    assert_true(weighed(&near).confidence < weighed(&equal).confidence);
    assert_float_equal(weighed(&far).confidence, 0.8, 1e-12);
}

static void who_writes_nonsense_makes_nothing_better_by_repeating_it(void **state)
{
    (void)state;
    struct told t = { 0 };
    writes(&t, "nice picture", 0.1);
    writes(&t, "nice picture", 0.1);
    writes(&t, "nice picture", 0.1);
    assert_float_equal(weighed(&t).confidence, 0.1, 1e-12);
    writes(&t, "A tram", 0.6);
    assert_int_equal(weighed(&t).best, 3);
}

static void a_judge_decides_and_one_who_picks_by_chance_says_nothing(void **state)
{
    (void)state;
    struct told good = { 0 }, bad = { 0 };
    writes(&good, "A red tram on a bridge", 0.8);
    writes(&good, "People wait", 0.8);
    bad = good;
    picks(&good, 1, 0.9);
    assert_int_equal(weighed(&good).best, 1);
    assert_int_equal(weighed(&good).judgements, 1);
    /* Of two that are good with .8 each the second is picked: when both are, the first, the second,
       or none. */
    double both = 0.64 * (0.9 / 2 + 0.1 / 3), first = 0.16 * (0.1 / 3),
           second = 0.16 * (0.9 + 0.1 / 3), none = 0.04 * (0.1 / 3);
    assert_float_equal(weighed(&good).confidence, (both + second) / (both + first + second + none),
                       1e-12);
    assert_true(weighed(&good).good[2] > 0.9);
    picks(&bad, 1, 1e-9); /* picks by chance */
    assert_float_equal(weighed(&bad).confidence, 0.8, 1e-6);
}

static void where_none_is_good_all_are_believed_less(void **state)
{
    (void)state;
    struct told t = { 0 };
    writes(&t, "A red tram on a bridge", 0.8);
    writes(&t, "People wait", 0.8);
    picks(&t, -1, 0.9);
    double none = 0.04 * (0.9 + 0.1 / 3), first = 0.8 * (0.1 / 3), second = 0.16 * (0.1 / 3);
    assert_float_equal(weighed(&t).confidence, first / (first + second + none), 1e-12);
}

static void who_picks_a_text_that_was_rejected_since_has_said_nothing(void **state)
{
    (void)state;
    struct told t = { 0 };
    writes(&t, "A red tram on a bridge", 0.8);
    picks(&t, 7, 0.9);
    assert_int_equal(weighed(&t).judgements, 0);
    assert_float_equal(weighed(&t).confidence, 0.8, 1e-12);
}

static void the_order_of_the_answers_changes_nothing(void **state)
{
    (void)state;
    struct told one = { 0 }, other = { 0 };
    writes(&one, "A red tram on a bridge", 0.7);
    writes(&one, "A red tram crosses the bridge", 0.9);
    writes(&one, "People wait", 0.6);
    picks(&one, 1, 0.8);
    picks(&one, 0, 0.6);
    for (size_t i = one.count; i-- > 0;) {
        other.rows[other.count] = one.rows[i];
        other.quality[other.count++] = one.quality[i];
    }
    struct task_verdict a = weighed(&one), b = weighed(&other);
    assert_float_equal(a.confidence, b.confidence, 1e-12);
    assert_true(str_equal(one.rows[a.best].answer, other.rows[b.best].answer));
}

static void beyond_ten_texts_the_others_are_as_good_as_their_writers(void **state)
{
    (void)state;
    static const char *const texts[] = { "aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff",
                                         "gggg", "hhhh", "iiii", "jjjj", "kkkk", "llll" };
    struct told t = { 0 };
    for (int i = 0; i < 11; i++)
        writes(&t, texts[i], i == 10 ? 0.9 : 0.5);
    picks(&t, 10, 0.9); /* cannot be weighed */
    struct task_verdict verdict = weighed(&t);
    assert_int_equal(verdict.texts, 11);
    assert_int_equal(verdict.judgements, 0);
    assert_int_equal(verdict.best, 10);
    assert_float_equal(verdict.confidence, 0.9, 1e-12);
}

/* --- With the engine -------------------------------------------------------------------------- */

static const struct task_rules_get_row rules = {
    .task_template = { "describe", 8 },
    .answers_least = 2,
    .answers_most = 6,
    .certainty = 9000,
    .quality_least = 50,
    .judges = true,
};

static struct task_judged judged_by(struct task_mind *mind, const struct told *t, int64_t item,
                                    int64_t wanted)
{
    struct task_judged judged = { .task_item_id = { item },
                                  .given = (int64_t)t->count,
                                  .wanted = wanted };
    task_mind_weigh(mind, arena, &judged, &(struct task_weighed){ t->rows, t->count });
    return judged;
}

static struct task_mind *mind_made(void)
{
    struct fault fault = { 0 };
    struct task_mind *mind = task_mind_make(campaign, &rules, &fault);
    assert_non_null(mind);
    return mind;
}

static void two_write_a_third_picks_and_it_is_settled(void **state)
{
    (void)state;
    struct task_mind *mind = mind_made();
    struct told t = { 0 };
    writes(&t, "A red tram on a bridge", 0);
    assert_false(judged_by(mind, &t, 1, 2).more);
    writes(&t, "People wait", 0);
    struct task_judged judged = judged_by(mind, &t, 1, 2);
    assert_str(judged.item_state, "open");
    assert_true(judged.more && judged.judging);
    picks(&t, 0, 0);
    judged = judged_by(mind, &t, 1, 3);
    assert_str(judged.item_state, "settled");
    assert_str(judged.answer, "A red tram on a bridge");
    assert_true(judged.confidence > 0.97); /* although of nobody anything is known */
    task_mind_free(mind);
}

static void two_who_write_the_same_need_no_judge(void **state)
{
    (void)state;
    struct task_mind *mind = mind_made();
    struct told t = { 0 };
    writes(&t, "A red tram on a bridge", 0);
    writes(&t, "A red tram on a bridge", 0);
    assert_str(judged_by(mind, &t, 1, 2).item_state, "settled");
    task_mind_free(mind);
}

static void where_a_judge_finds_nothing_good_another_text_is_written(void **state)
{
    (void)state;
    struct task_mind *mind = mind_made();
    struct told t = { 0 };
    writes(&t, "A red tram on a bridge", 0);
    writes(&t, "People wait", 0);
    picks(&t, -1, 0);
    picks(&t, -1, 0);
    struct task_judged judged = judged_by(mind, &t, 1, 4);
    assert_true(judged.more);
    assert_false(judged.judging);
    picks(&t, -1, 0);
    picks(&t, -1, 0);
    assert_str(judged_by(mind, &t, 1, 6).item_state, "undecided");
    task_mind_free(mind);
}

static void what_was_settled_opens_again_when_its_writer_turns_out_to_write_nonsense(void **state)
{
    (void)state;
    struct task_mind *mind = mind_made();
    struct told first = { 0 };
    struct task_item_id after;
    writes(&first, "nice picture", 0);
    writes(&first, "nice picture!", 0);
    assert_str(judged_by(mind, &first, 1, 2).item_state, "settled");
    for (int64_t item = 2; item < 32; item++) {
        struct told t = { 0 };
        writes(&t, "nice", 0);
        writes(&t, "Two wooden skates", 0);
        t.rows[0].person_id.value = item % 2 + 1; /* those who wrote the first */
        t.rows[1].person_id.value = 10 + item % 5;
        picks(&t, 1, 0);
        t.rows[2].person_id.value = 20 + item % 5;
        judged_by(mind, &t, item, 3);
    }
    assert_true(task_mind_looks_again(mind, &after));
    assert_int_equal(after.value, 0);
    task_mind_looked(mind, (struct task_item_id){ 31 });
    assert_true(task_mind_looks_again(mind, &after));
    assert_int_equal(after.value, 31);
    task_mind_looked(mind, (struct task_item_id){ 0 });
    assert_false(task_mind_looks_again(mind, &after)); /* nothing was learnt since */
    struct task_judged judged = {
        .task_item_id = { 1 }, .given = 2, .wanted = 2, .from_state = S("settled")
    };
    task_mind_weigh(mind, arena, &judged, &(struct task_weighed){ first.rows, first.count });
    assert_str(judged.item_state, "open");
    assert_true(judged.more);
    task_mind_free(mind);
}

/* Three write well and are picked in turn; the fourth writes the same words everywhere. */
static void who_is_never_picked_is_stopped_and_who_is_picked_every_second_time_is_not(void **state)
{
    (void)state;
    static const char *const good[] = { "A red tram on a bridge", "People wait for the ferry",
                                        "Two wooden skates" };
    struct task_mind *mind = mind_made();
    for (int64_t item = 1; item <= 60; item++) {
        struct told t = { 0 };
        int first = (int)(item % 3);
        bool with_bad = item % 2 == 0;
        writes(&t, good[first], 0);
        t.rows[0].person_id.value = first + 1;
        writes(&t, with_bad ? "nice" : good[(first + 1) % 3], 0);
        t.rows[1].person_id.value = with_bad ? 4 : (first + 1) % 3 + 1;
        picks(&t, with_bad ? 0 : (int)(item / 2 % 2), 0);
        t.rows[2].person_id.value = (first + 2) % 3 + 1;
        judged_by(mind, &t, item, 3);
    }
    uint32_t from = 0, seen = 0;
    struct task_rated rated;
    while (task_mind_next_worker(mind, &from, &rated)) {
        seen++;
        assert_int_equal(rated.is_stopped, rated.person_id.value == 4);
        assert_true(rated.low <= rated.quality && rated.quality <= rated.high);
        assert_true(rated.person_id.value == 4 ? rated.quality < 0.3 : rated.quality > 0.8);
    }
    assert_int_equal(seen, 4);
    task_mind_free(mind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_has_written_anything),
        cmocka_unit_test(one_text_is_as_good_as_its_writer),
        cmocka_unit_test(
            two_who_write_the_same_are_believed_more_and_nearly_the_same_a_little_more),
        cmocka_unit_test(who_writes_nonsense_makes_nothing_better_by_repeating_it),
        cmocka_unit_test(a_judge_decides_and_one_who_picks_by_chance_says_nothing),
        cmocka_unit_test(where_none_is_good_all_are_believed_less),
        cmocka_unit_test(who_picks_a_text_that_was_rejected_since_has_said_nothing),
        cmocka_unit_test(the_order_of_the_answers_changes_nothing),
        cmocka_unit_test(beyond_ten_texts_the_others_are_as_good_as_their_writers),
        cmocka_unit_test(two_write_a_third_picks_and_it_is_settled),
        cmocka_unit_test(two_who_write_the_same_need_no_judge),
        cmocka_unit_test(where_a_judge_finds_nothing_good_another_text_is_written),
        cmocka_unit_test(what_was_settled_opens_again_when_its_writer_turns_out_to_write_nonsense),
        cmocka_unit_test(who_is_never_picked_is_stopped_and_who_is_picked_every_second_time_is_not),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
