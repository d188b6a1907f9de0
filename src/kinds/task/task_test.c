#include "task_engine.h"
#include "task_fair.h"
#include "task_intake.h"

#include "sift/chance/chance.h"

#include "base/base_testing.h"

static const struct campaign_id campaign = { 42 };

/* The rules need no kinds; the list only has to exist. */
const struct campaign_kind *const campaign_kinds[] = { NULL };

/* --- Rules ------------------------------------------------------------------------------------ */

static void choices_stand_one_a_line_and_none_twice(void **state)
{
    (void)state;
    size_t count;
    struct str problem,
        *choices = task_split_choices(arena, S(" cat \n\ndog\r\n"), &count, &problem);
    assert_int_equal(count, 2);
    assert_str(choices[0], "cat");
    assert_str(choices[1], "dog");
    assert_null(task_split_choices(arena, S("cat\nCAT"), &count, &problem));
    assert_str(problem, "“CAT” stands there twice.");
    assert_null(task_split_choices(arena, S("cat"), &count, &problem));
    struct buf many = { .arena = arena };
    for (int i = 0; i <= TASK_CHOICES_MAX; i++)
        buf_printf(&many, "%d\n", i);
    assert_null(task_split_choices(arena, buf_str(&many), &count, &problem));
}

static void numbers_that_do_not_fit_together_are_named(void **state)
{
    (void)state;
    const char *field = "";
    struct task_describe_in in = { .answers_least = 3, .answers_most = 2 };
    assert_true(task_judge_description(&in, &field).size > 0);
    assert_string_equal(field, "answers_most");
    in = (struct task_describe_in){ .answers_least = 1, .answers_most = 3 };
    assert_true(task_judge_description(&in, &field).size > 0);
    assert_string_equal(field, "answers_least");
    in.answers_most = 1;
    assert_int_equal(task_judge_description(&in, &field).size, 0);
}

static void an_answer_is_one_of_the_choices_or_a_text_that_can_be_read_aloud(void **state)
{
    (void)state;
    const struct str choices[] = { S("cat"), S("dog") };
    assert_int_equal(task_judge_answer(S("choose"), S("dog"), choices, 2).size, 0);
    assert_true(task_judge_answer(S("choose"), S("Dog"), choices, 2).size > 0);
    struct buf text = { .arena = arena };
    for (int i = 0; i < 251; i++)
        buf_char(&text, 'a');
    assert_true(task_judge_answer(S("describe"), buf_str(&text), NULL, 0).size > 0);
    assert_int_equal(task_judge_answer(S("write"), buf_str(&text), NULL, 0).size, 0);
}

static void a_text_may_differ_from_what_is_known_in_half_of_its_letters(void **state)
{
    (void)state;
    assert_true(task_answer_fits(arena, S("choose"), S("cat"), S("cat")));
    assert_false(task_answer_fits(arena, S("choose"), S("cat"), S("Cat")));
    assert_true(task_answer_fits(arena, S("describe"), S("A red tram on a bridge"),
                                 S("a red tram on the bridge.")));
    assert_false(task_answer_fits(arena, S("describe"), S("A red tram on a bridge"), S("xx")));
}

static void
of_a_description_half_of_the_words_are_enough_or_those_of_another_known_text(void **state)
{
    (void)state;
    struct str known = S("grinning face with big eyes | happy smiley");
    assert_true(task_answer_fits(arena, S("describe"), known,
                                 S("A round yellow face, grinning, and it has very big eyes")));
    assert_true(task_answer_fits(arena, S("describe"), known, S("A smiley that is happy")));
    assert_false(task_answer_fits(arena, S("describe"), known, S("What a nice picture this is")));
    assert_false(task_answer_fits(arena, S("describe"), S("A z"), S("Of")));
}

static void an_hour_brings_what_its_answers_are_paid(void **state)
{
    (void)state;
    assert_int_equal(task_hourly(5, 120, INT64_C(3600000000)), 600);
    assert_int_equal(task_hourly(5, 1, INT64_C(36000000)), 500);
    assert_int_equal(task_hourly(5, 0, 1), 0);
    assert_int_equal(task_hourly(5, 1, 0), 0);
}

static void rejections_are_limited_to_a_share(void **state)
{
    (void)state;
    assert_true(task_may_reject(9, 100, 10));
    assert_false(task_may_reject(10, 100, 10));
    assert_false(task_may_reject(0, 9, 10));
    assert_false(task_may_reject(0, 100, 0));
}

static void a_pseudonym_is_the_same_in_a_campaign_and_another_elsewhere(void **state)
{
    (void)state;
    struct person_id ann = { 7 }, bo = { 8 };
    struct str name = task_pseudonym(arena, campaign, ann);
    assert_true(str_equal(name, task_pseudonym(arena, campaign, ann)));
    assert_false(str_equal(name, task_pseudonym(arena, campaign, bo)));
    assert_false(str_equal(name, task_pseudonym(arena, (struct campaign_id){ 43 }, ann)));
}

/* --- The file of items ------------------------------------------------------------------------ */

static void a_file_gives_items_and_controls_with_all_their_columns(void **state)
{
    (void)state;
    struct task_rows rows;
    struct str trouble;
    assert_true(task_rows_read(arena,
                               S("ID,Text,known,why,shelf\na1,\"Tram, red\",,,4\n,Bus,bus,\"It is "
                                 "one\",5\n"),
                               &rows, &trouble));
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.controls, 1);
    assert_str(rows.rows[0].key, "a1");
    assert_str(rows.rows[0].shown, "Tram, red");
    assert_str(
        rows.rows[0].data,
        "{\"ID\":\"a1\",\"Text\":\"Tram, red\",\"known\":\"\",\"why\":\"\",\"shelf\":\"4\"}");
    assert_true(str_starts(rows.rows[1].key, S("row 2-")));
    assert_str(rows.rows[1].known, "bus");
    assert_str(rows.rows[1].why, "It is one");
}

static void rows_without_ids_are_known_again_by_place_and_words(void **state)
{
    (void)state;
    struct task_rows one, same, other;
    struct str trouble;
    assert_true(task_rows_read(arena, S("text\ncat\ndog\n"), &one, &trouble));
    assert_true(task_rows_read(arena, S("text\ncat\ndog\n"), &same, &trouble));
    assert_true(task_rows_read(arena, S("text\ncow\ndog\n"), &other, &trouble));
    assert_true(str_equal(one.rows[0].key, same.rows[0].key));
    assert_false(str_equal(one.rows[0].key, other.rows[0].key));
    assert_true(str_equal(one.rows[1].key, other.rows[1].key));
}

static void a_wrong_row_is_named_with_its_line_and_column(void **state)
{
    (void)state;
    static const struct {
        struct str csv;
        const char *trouble;
    } cases[] = {
        { S("text\n\"  \"\n"), "Line 2, column “text”: there is nothing to show." },
        { S("id,text\n1,a\n1,b\n"), "Line 3, column “id”: the same stands in an earlier row." },
        { S("text,known,why\na,,because\n"),
          "Line 2, column “why”: there is an explanation, but no known answer." },
        { S("text\n\xff\n"), "Line 2, column “text”: this is not UTF-8 text." },
        { S("text\n"), "The file has no rows below its heading." },
        { S("name\na\n"), "The file has no column “text”: what stands there is shown to people." },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_rows rows;
        struct str trouble;
        assert_false(task_rows_read(arena, cases[i].csv, &rows, &trouble));
        assert_str(trouble, cases[i].trouble);
    }
    struct task_rows rows;
    struct str trouble;
    assert_false(task_rows_read(arena, S("text,id\na\n"), &rows, &trouble));
    assert_true(trouble.size > 0);
}

/* --- Fairness --------------------------------------------------------------------------------- */

static void a_row_to_practise_on_needs_its_known_answer_and_is_no_control(void **state)
{
    (void)state;
    struct task_rows rows;
    struct str trouble;
    assert_true(task_rows_read(arena, S("text,known,practice\ncat,Cat,Yes\ndog,Dog,no\ncow,,\n"),
                               &rows, &trouble));
    assert_int_equal(rows.count, 3);
    assert_int_equal(rows.controls, 1);
    assert_int_equal(rows.practice, 1);
    assert_true(rows.rows[0].is_practice && !rows.rows[1].is_practice);
    assert_false(task_rows_read(arena, S("text,known,practice\ncat,,yes\n"), &rows, &trouble));
    assert_str(trouble,
               "Line 2, column “practice”: an item to practise on needs its known answer.");
    assert_false(task_rows_read(arena, S("text,known,practice\ncat,Cat,maybe\n"), &rows, &trouble));
    assert_str(trouble, "Line 2, column “practice”: yes or no is asked here.");
}

static void quarters_stand_where_a_quarter_of_the_times_lies_below(void **state)
{
    (void)state;
    for (int quarter = 1; quarter <= 3; quarter++) {
        assert_int_equal(task_time_place(0, quarter), 0);
        assert_int_equal(task_time_place(1, quarter), 0);
        assert_int_equal(task_time_place(5, quarter), quarter);
        assert_int_equal(task_time_place(101, quarter), 25 * quarter);
    }
}

static void a_time_is_never_below_nothing_nor_longer_than_counts_as_work(void **state)
{
    (void)state;
    assert_int_equal(task_time_counted(10, 25), 15);
    assert_int_equal(task_time_counted(25, 10), 0);
    assert_int_equal(task_time_counted(0, 2 * TASK_WORKED_US_MAX), TASK_WORKED_US_MAX);
}

static void pay_is_compared_with_the_floor_in_its_currency_only(void **state)
{
    (void)state;
    struct money floor = { 1200, S("EUR") };
    assert_int_equal(task_floor_of((struct money){ 0, S("EUR") }, (struct money){ 1, S("EUR") }),
                     TASK_FLOOR_NONE);
    assert_int_equal(task_floor_of(floor, (struct money){ 1, S("USD") }), TASK_FLOOR_ELSEWHERE);
    assert_int_equal(task_floor_of(floor, (struct money){ 0, S("EUR") }), TASK_FLOOR_UNKNOWN);
    assert_int_equal(task_floor_of(floor, (struct money){ 1200, S("EUR") }), TASK_FLOOR_KEPT);
    assert_int_equal(task_floor_of(floor, (struct money){ 1199, S("EUR") }), TASK_FLOOR_BELOW);
}

static void hours_are_told_as_people_would(void **state)
{
    (void)state;
    const int64_t minute = 60000000;
    assert_str(task_hours_text(arena, 0), "0 minutes");
    assert_str(task_hours_text(arena, minute), "1 minute");
    assert_str(task_hours_text(arena, 119 * minute), "119 minutes");
    assert_str(task_hours_text(arena, 150 * minute), "2.5 hours");
    assert_str(task_hours_text(arena, 60 * 12 * minute), "12 hours");
}

static void a_test_lets_in_who_passed_and_again_a_day_after_a_failure(void **state)
{
    (void)state;
    struct task_admission_get_row admission = { .test_items = 5,
                                                .test_percent = 80,
                                                .test_tries = 2 };
    struct task_test_last_row last = { .test_try = 1,
                                       .test_state = S("running"),
                                       .ended_at = 1000 };
    int64_t again;
    assert_int_equal(task_entry_of(&admission, (struct task_brought){ 0 }, NULL, 0, &again),
                     TASK_ENTRY_FIRST);
    assert_int_equal(task_entry_of(&admission, (struct task_brought){ 0 }, &last, 0, &again),
                     TASK_ENTRY_RUNNING);
    last.test_state = S("passed");
    assert_int_equal(task_entry_of(&admission, (struct task_brought){ 0 }, &last, 0, &again),
                     TASK_ENTRY_FREE);
    last.test_state = S("failed");
    assert_int_equal(task_entry_of(&admission, (struct task_brought){ 0 }, &last, 1000, &again),
                     TASK_ENTRY_LATER);
    assert_int_equal(again, 1000 + TASK_TEST_AGAIN_US);
    assert_int_equal(task_entry_of(&admission, (struct task_brought){ 0 }, &last, again, &again),
                     TASK_ENTRY_FIRST);
    last.test_try = 2;
    assert_int_equal(
        task_entry_of(&admission, (struct task_brought){ 0 }, &last, INT64_MAX / 2, &again),
        TASK_ENTRY_OVER);
    admission.test_items = 0;
    assert_int_equal(task_entry_of(&admission, (struct task_brought){ 0 }, &last, 0, &again),
                     TASK_ENTRY_FREE);
}

static void a_test_is_passed_at_its_percent_and_not_below(void **state)
{
    (void)state;
    assert_true(task_test_passes(4, 5, 80));
    assert_false(task_test_passes(3, 5, 80));
    assert_true(task_test_passes(1, 1, 100));
    assert_false(task_test_passes(19, 20, 100));
}

static void who_may_work_only_becomes_easier_once_people_rely_on_it(void **state)
{
    (void)state;
    const char *field = "";
    const struct task_admission_get_row kept = { .test_items = 5,
                                                 .test_percent = 80,
                                                 .test_tries = 2 };
    struct task_admission_get_row typed = { .test_items = 6, .test_percent = 80, .test_tries = 2 };
    assert_int_equal(task_judge_admission(&kept, &typed, false, &field).size, 0);
    assert_true(task_judge_admission(&kept, &typed, true, &field).size > 0);
    assert_string_equal(field, "test_items");
    typed = (struct task_admission_get_row){ .test_items = 5, .test_percent = 81, .test_tries = 2 };
    assert_true(task_judge_admission(&kept, &typed, true, &field).size > 0);
    assert_string_equal(field, "test_percent");
    typed = (struct task_admission_get_row){ .test_items = 5, .test_percent = 80, .test_tries = 1 };
    assert_true(task_judge_admission(&kept, &typed, true, &field).size > 0);
    assert_string_equal(field, "test_tries");
    typed = (struct task_admission_get_row){ .test_items = 4, .test_percent = 60, .test_tries = 3 };
    assert_int_equal(task_judge_admission(&kept, &typed, true, &field).size, 0);
    typed =
        (struct task_admission_get_row){ .test_items = 0, .test_percent = 100, .test_tries = 1 };
    assert_int_equal(task_judge_admission(&kept, &typed, true, &field).size, 0);
}

static void work_is_for_those_who_bring_a_language_and_a_skill_of_those_asked_for(void **state)
{
    (void)state;
    int64_t again;
    struct task_admission_get_row admission = { .languages = S("de en"), .skills = S("x y") };
    assert_int_equal(
        task_entry_of(&admission, (struct task_brought){ S("fr"), S("x") }, NULL, 0, &again),
        TASK_ENTRY_LANGUAGE);
    assert_int_equal(
        task_entry_of(&admission, (struct task_brought){ S("en fr"), S("") }, NULL, 0, &again),
        TASK_ENTRY_SKILL);
    assert_int_equal(
        task_entry_of(&admission, (struct task_brought){ S("en"), S("y z") }, NULL, 0, &again),
        TASK_ENTRY_FREE);
    admission.test_items = 3;
    assert_int_equal(
        task_entry_of(&admission, (struct task_brought){ S("en"), S("y") }, NULL, 0, &again),
        TASK_ENTRY_FIRST);
    assert_true(task_any_of(S(""), S("")));
    assert_false(task_any_of(S("en"), S("")));
    assert_true(task_all_of(S("de"), S("de en")) && !task_all_of(S("de fr"), S("de en")));
}

static void more_languages_and_skills_may_be_taken_later_but_not_fewer(void **state)
{
    (void)state;
    const char *field = "";
    const struct task_admission_get_row kept = { .languages = S("de"), .skills = S("x") };
    struct task_admission_get_row typed = { .languages = S("de en"), .skills = S("") };
    assert_int_equal(task_judge_admission(&kept, &typed, true, &field).size, 0);
    typed = (struct task_admission_get_row){ .languages = S("en"), .skills = S("x") };
    assert_true(task_judge_admission(&kept, &typed, true, &field).size > 0);
    assert_string_equal(field, "languages");
    typed = (struct task_admission_get_row){ .languages = S(""), .skills = S("y") };
    assert_true(task_judge_admission(&kept, &typed, true, &field).size > 0);
    assert_string_equal(field, "skills");
    typed = (struct task_admission_get_row){ .languages = S("en") };
    assert_true(
        task_judge_admission(&(struct task_admission_get_row){ 0 }, &typed, true, &field).size > 0);
}

static void a_mail_about_rejections_is_collected_and_goes_out_once_a_day(void **state)
{
    (void)state;
    const int64_t minute = 60000000, day = 1440 * minute, now = 100 * day;
    assert_int_equal(task_letter_due(0, 0, now), now + 10 * minute);
    assert_int_equal(task_letter_due(now - 1, 0, now), now - 1); /* one is waiting */
    assert_int_equal(task_letter_due(0, now - 60 * minute, now), now + day - 60 * minute);
    assert_int_equal(task_letter_due(0, now - 2 * day, now), now + 10 * minute);
}

/* --- The engine ------------------------------------------------------------------------------- */

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

static void assert_other(const char *expected, const char *text, const char *language)
{
    struct str other = task_language_other(arena, str_from(expected), str_from(text));
    assert_string_equal(str_c(arena, other), language);
}

static void a_language_is_named_only_when_it_is_surely_another(void **state)
{
    (void)state;
    static const char french[] = "Un chat blanc dort sur une chaise devant la fenêtre";
    assert_other("en", french, "fr");
    assert_other("de en", french, "fr");
    assert_other("de fr", french, "");
    assert_other("", french, "");
    assert_other("en", "Un chat blanc dort", "");
    assert_other("en", "1911 – 1914, 17 × 24 cm, No. 4711/12", "");
    assert_other("en", "A white cat sleeps on a chair by the window", "");
    assert_other("en", "Белый кот спит на стуле у окна", "ru");
}

static void the_language_of_a_task_is_known_or_nothing_is_said(void **state)
{
    (void)state;
    struct str german = S("Was ist auf diesen Bildern zu sehen? Beschreibe es in einem Satz.");
    assert_true(str_equal(task_language_surely(german), S("de")));
    assert_int_equal(task_language_surely(S("Taxi")).size, 0);
    assert_int_equal(task_language_surely(S("")).size, 0);
}

/* --- Lists that come in ----------------------------------------------------------------------- */

static struct task_rows rows_made(size_t count, size_t every_control, struct str data)
{
    struct task_rows rows = { arena_new(arena, struct task_row, count), count };
    for (size_t i = 0; i < count; i++)
        rows.rows[i] = (struct task_row){
            .key = str_printf(arena, "%zu", i),
            .shown = S("a\nb"),
            .data = data,
            .known = every_control > 0 && i % every_control == 0 ? S("yes") : S(""),
        };
    return rows;
}

static void a_list_has_what_is_needed_first_in_front_and_every_row_once(void **state)
{
    (void)state;
    struct task_rows rows = rows_made(1203, 100, S("{}"));
    rows.rows[1202].is_practice = true;
    struct str rest = task_list_write(arena, 1, &rows);
    struct task_line line;
    int64_t counts[128] = { 0 };
    struct buf kinds = { .arena = arena };
    while (task_line_next(&rest, &line)) {
        buf_char(&kinds, line.kind);
        counts[(unsigned char)line.kind] += line.rows;
        assert_true(line.rows <= TASK_LINE_ROWS);
        assert_true(str_starts(line.json, S("[[")));
    }
    assert_int_equal(rest.size, 0);
    assert_str(buf_str(&kinds), "pciii");
    assert_int_equal(counts['p'], 1);
    assert_int_equal(counts['c'], 13);
    assert_int_equal(counts['i'], 1203 - 14);
}

static void a_row_stands_in_its_line_as_it_is_inserted(void **state)
{
    (void)state;
    struct task_rows rows = rows_made(1, 0, S("{\"a\":1}"));
    rows.rows[0].picture = S("blob");
    rows.rows[0].why = S("because");
    struct str rest = task_list_write(arena, 1, &rows);
    struct task_line line;
    assert_true(task_line_next(&rest, &line));
    size_t key =
        str_find(line.json, S(",\"0\",\"a\\nb\",\"{\\\"a\\\":1}\",\"blob\",\"\",\"because\","));
    assert_true(key != SIZE_MAX && key > 2);
}

static void a_portion_is_whole_lines_within_its_bounds_or_one(void **state)
{
    (void)state;
    struct task_rows rows = rows_made(1203, 0, S("{}"));
    struct str list = task_list_write(arena, 1, &rows);
    int64_t count;
    assert_int_equal(task_list_portion(list, 5000, list.size, &count).size, list.size);
    assert_int_equal(count, 1203);
    struct str two = task_list_portion(list, 1002, list.size, &count);
    assert_int_equal(count, 1000);
    assert_int_equal(two.data[two.size - 1], '\n');
    task_list_portion(list, 5000, two.size, &count);
    assert_int_equal(count, 1000);
    task_list_portion(list, 1, 1, &count);
    assert_int_equal(count, 500);
    assert_int_equal(task_list_portion(str_slice(two, 0, 100), 5000, 5000, &count).size, 0);
}

static void long_rows_make_short_lines(void **state)
{
    (void)state;
    char *bytes = arena_take_bytes(arena, TASK_LINE_BYTES / 2);
    memset(bytes, 'x', TASK_LINE_BYTES / 2);
    struct task_rows rows = rows_made(5, 0, (struct str){ bytes, TASK_LINE_BYTES / 2 });
    struct str rest = task_list_write(arena, 1, &rows);
    struct task_line line;
    for (int64_t left = 5; left > 0; left -= line.rows) {
        assert_true(task_line_next(&rest, &line));
        assert_int_equal(line.rows, left > 2 ? 2 : left);
    }
}

/* --- Counts ----------------------------------------------------------------------------------- */

static void an_item_is_counted_in_one_state_at_a_time(void **state)
{
    (void)state;
    struct task_moves moves = { 0 };
    const struct task_numbers *third = &moves.buckets[3];
    task_moves_added(&moves, 3, false, true);
    task_moves_added(&moves, 3, true, false);
    assert_int_equal(third->items, 1);
    assert_int_equal(third->controls, 1);
    assert_int_equal(third->pictures, 1);
    task_moves_state(&moves, 3, S("open"), S("settled"));
    assert_int_equal(third->settled, 1);
    task_moves_state(&moves, 3, S("settled"), S("undecided"));
    task_moves_state(&moves, 3, S("undecided"), S("broken"));
    assert_int_equal(third->settled + third->undecided, 0);
    assert_int_equal(third->broken, 1);
    task_moves_state(&moves, 3, S("broken"), S("open"));
    task_moves_state(&moves, 3, S("open"), S("open"));
    assert_int_equal(third->broken, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choices_stand_one_a_line_and_none_twice),
        cmocka_unit_test(numbers_that_do_not_fit_together_are_named),
        cmocka_unit_test(an_answer_is_one_of_the_choices_or_a_text_that_can_be_read_aloud),
        cmocka_unit_test(a_text_may_differ_from_what_is_known_in_half_of_its_letters),
        cmocka_unit_test(
            of_a_description_half_of_the_words_are_enough_or_those_of_another_known_text),
        cmocka_unit_test(an_hour_brings_what_its_answers_are_paid),
        cmocka_unit_test(rejections_are_limited_to_a_share),
        cmocka_unit_test(a_pseudonym_is_the_same_in_a_campaign_and_another_elsewhere),
        cmocka_unit_test(a_file_gives_items_and_controls_with_all_their_columns),
        cmocka_unit_test(rows_without_ids_are_known_again_by_place_and_words),
        cmocka_unit_test(a_wrong_row_is_named_with_its_line_and_column),
        cmocka_unit_test(a_row_to_practise_on_needs_its_known_answer_and_is_no_control),
        cmocka_unit_test(quarters_stand_where_a_quarter_of_the_times_lies_below),
        cmocka_unit_test(a_time_is_never_below_nothing_nor_longer_than_counts_as_work),
        cmocka_unit_test(pay_is_compared_with_the_floor_in_its_currency_only),
        cmocka_unit_test(hours_are_told_as_people_would),
        cmocka_unit_test(a_test_lets_in_who_passed_and_again_a_day_after_a_failure),
        cmocka_unit_test(a_test_is_passed_at_its_percent_and_not_below),
        cmocka_unit_test(who_may_work_only_becomes_easier_once_people_rely_on_it),
        cmocka_unit_test(work_is_for_those_who_bring_a_language_and_a_skill_of_those_asked_for),
        cmocka_unit_test(more_languages_and_skills_may_be_taken_later_but_not_fewer),
        cmocka_unit_test(a_mail_about_rejections_is_collected_and_goes_out_once_a_day),
        cmocka_unit_test(a_language_is_named_only_when_it_is_surely_another),
        cmocka_unit_test(the_language_of_a_task_is_known_or_nothing_is_said),
        cmocka_unit_test(items_are_settled_when_they_are_clear_and_asked_about_when_not),
        cmocka_unit_test(what_stays_unclear_is_undecided_after_the_most_answers),
        cmocka_unit_test(no_more_is_wanted_while_answers_are_still_out),
        cmocka_unit_test(a_fixed_number_of_answers_settles_whatever_they_say),
        cmocka_unit_test(who_is_surely_below_the_bar_is_stopped_and_nobody_else),
        cmocka_unit_test(a_control_judges_those_who_answer_it_once),
        cmocka_unit_test(of_texts_the_one_in_the_middle_is_taken),
        cmocka_unit_test(rows_in_any_order_give_the_same_labels),
        cmocka_unit_test(rules_that_make_no_sense_are_refused),
        cmocka_unit_test(a_list_has_what_is_needed_first_in_front_and_every_row_once),
        cmocka_unit_test(a_row_stands_in_its_line_as_it_is_inserted),
        cmocka_unit_test(a_portion_is_whole_lines_within_its_bounds_or_one),
        cmocka_unit_test(long_rows_make_short_lines),
        cmocka_unit_test(an_item_is_counted_in_one_state_at_a_time),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
