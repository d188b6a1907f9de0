/* The rules of a campaign, its file of items, and the languages of texts. */
#include "task_fair.h"
#include "task_intake.h"

#include "commons/campaign/campaign_testing.h"

#include "base/base_testing.h"

static const struct campaign_id campaign = { 42 };

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

/* --- Languages -------------------------------------------------------------------------------- */

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
        cmocka_unit_test(a_language_is_named_only_when_it_is_surely_another),
        cmocka_unit_test(the_language_of_a_task_is_known_or_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
