/* Practice, tests, pay and who may work. */
#include "task_fair.h"

#include "commons/campaign/campaign_testing.h"

#include "base/base_testing.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
