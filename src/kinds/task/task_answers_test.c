/* Answers by template: what is kept, what fits, and what follows from several. */
#include "task_engine.h"

#include <time.h>

#include "commons/campaign/campaign_testing.h"
#include "sift/chance/chance.h"

#include "base/base_testing.h"

static struct task_rules_get_row rules_of(const char *template)
{
    return (struct task_rules_get_row){ .task_template = str_from(template),
                                        .scale = 5,
                                        .form = S("[kind] choice required: jug | cup\n[note] line"),
                                        .answers_least = 2,
                                        .answers_most = 5,
                                        .certainty = 9900 };
}

static struct task_scheme scheme_of(const char *template)
{
    struct task_rules_get_row *rules = arena_new(arena, struct task_rules_get_row, 1);
    *rules = rules_of(template);
    return task_scheme_of(arena, rules);
}

static struct str kept(const char *template, struct task_sent sent, const char *wrong)
{
    struct task_scheme scheme = scheme_of(template);
    const char *field;
    struct str said, answer = task_answer_kept(arena, &scheme, sent, &field, &said);
    assert_str(said, wrong);
    return answer;
}

static struct task_answers_weighed_row *rows(size_t count, const char *const *answers)
{
    struct task_answers_weighed_row *list =
        arena_new(arena, struct task_answers_weighed_row, count);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct task_answers_weighed_row){ .person_id = { (int64_t)i + 1 },
                                                     .answer = str_from(answers[i]) };
    return list;
}

#define AGREED(template, ...)                                                                      \
    agree_on(template, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),                   \
             (const char *[]){ __VA_ARGS__ })

static struct task_agreed agree_on(const char *template, size_t count, const char *const *answers)
{
    struct task_scheme scheme = scheme_of(template);
    return task_agree(arena, &scheme, rows(count, answers), count);
}

/* --- Ratings ---------------------------------------------------------------------------------- */

static void a_rating_is_a_step_of_the_scale(void **state)
{
    (void)state;
    assert_str(kept("rate", (struct task_sent){ .answer = S("4") }, ""), "4");
    assert_str(kept("rate", (struct task_sent){ .answer = S("005") }, ""), "5");
    kept("rate", (struct task_sent){ .answer = S("0") }, "Use a whole number from 1 to 5.");
    kept("rate", (struct task_sent){ .answer = S("6") }, "Use a whole number from 1 to 5.");
    kept("rate", (struct task_sent){ .answer = S("good") }, "Use a whole number from 1 to 5.");
    kept("rate", (struct task_sent){ 0 }, "Please choose one.");
}

static void a_rating_is_right_one_step_from_what_is_known(void **state)
{
    (void)state;
    struct task_scheme scheme = scheme_of("rate");
    assert_true(task_answer_matches(arena, &scheme, S("4"), S("5")));
    assert_true(task_answer_matches(arena, &scheme, S("4"), S("3")));
    assert_false(task_answer_matches(arena, &scheme, S("4"), S("2")));
}

static void ratings_are_settled_when_three_in_four_lie_one_step_from_the_median(void **state)
{
    (void)state;
    assert_true(AGREED("rate", "4", "5").sure);
    assert_false(AGREED("rate", "1", "5").sure);
    assert_false(AGREED("rate", "4").sure);
    struct task_agreed agreed = AGREED("rate", "1", "5", "4", "4");
    assert_true(agreed.sure);
    assert_int_equal(agreed.chosen, 2); /* the first who gave the median */
    assert_true(agreed.agreement == 0.75);
    assert_false(AGREED("rate", "1", "5", "3", "3").sure);
}

static void the_median_has_a_mean_and_an_interval_beside_it(void **state)
{
    (void)state;
    const char *const few[] = { "2", "5", "4" };
    struct task_ratings r = task_ratings(arena, 5, rows(3, few), 3);
    assert_int_equal(r.median, 4);
    assert_true(r.mean > 3.66 && r.mean < 3.67);
    assert_int_equal(r.low, 1); /* three say nothing surely */
    assert_int_equal(r.high, 5);
    /* Of ten, the second and the ninth: the chance to be outside is 2 × 11 / 1024. */
    const char *const ten[] = { "1", "2", "3", "3", "3", "4", "4", "4", "4", "5" };
    r = task_ratings(arena, 5, rows(10, ten), 10);
    assert_int_equal(r.median, 3); /* the lower of two in the middle */
    assert_int_equal(r.low, 2);
    assert_int_equal(r.high, 4);
    r = task_ratings(arena, 5, NULL, 0);
    assert_int_equal(r.median, 0);
}

/* --- Transcripts ------------------------------------------------------------------------------ */

static void a_transcript_keeps_its_lines_and_is_compared_without_them(void **state)
{
    (void)state;
    assert_str(kept("transcribe", (struct task_sent){ .text = S("  Dear\n\nSir,") }, ""),
               "  Dear\n\nSir,");
    kept("transcribe", (struct task_sent){ .answer = S("Dear Sir"), .text = S(" \n") },
         "Please fill this in.");
    assert_true(AGREED("transcribe", "Dear Sir,\nhow are you", "Dear Sir,  how are\nyou").sure);
    assert_false(AGREED("transcribe", "Dear Sir, how", "dear sir how").sure); /* word for word */
    struct task_scheme scheme = scheme_of("transcribe");
    assert_true(
        task_answer_matches(arena, &scheme, S("Dear Sir, how are"), S("Dear Sir,\nhow arc")));
    assert_false(task_answer_matches(arena, &scheme, S("Dear Sir"), S("DEAR SIR")));
}

/* Fifty people paste a book each: it takes a moment, not minutes. */
static void long_texts_are_compared_by_their_beginning(void **state)
{
    (void)state;
    struct chance dice = { 3 };
    const char *books[50];
    for (int i = 0; i < 50; i++) {
        char *book = arena_take(arena, 3001);
        for (int n = 0; n < 3000; n++)
            book[n] = (char)('a' + chance_bits(&dice) % 26);
        books[i] = book;
    }
    clock_t begun = clock();
    assert_false(agree_on("transcribe", 50, books).fair);
    assert_true(clock() - begun < 5 * CLOCKS_PER_SEC);
}

/* --- Boxes ------------------------------------------------------------------------------------ */

static void a_box_is_kept_in_thousandths_or_is_not_there(void **state)
{
    (void)state;
    assert_str(kept("box",
                    (struct task_sent){ .values = S("{\"left\":\"10\",\"top\":\"12.5\",\"width\":"
                                                    "\"33.3\",\"height\":\"0.1\"}") },
                    ""),
               "100 125 333 1");
    assert_str(kept("box", (struct task_sent){ .values = S("{\"absent\":\"true\"}") }, ""), "none");
    kept("box", (struct task_sent){ 0 }, "Draw a box, or say that it is not there.");
    kept("box",
         (struct task_sent){
             .values = S("{\"left\":\"80\",\"top\":\"0\",\"width\":\"30\",\"height\":\"10\"}") },
         "The box must have a size, and lie within the picture.");
    kept("box",
         (struct task_sent){
             .values = S("{\"left\":\"80\",\"top\":\"0\",\"width\":\"0\",\"height\":\"10\"}") },
         "The box must have a size, and lie within the picture.");
    kept("box",
         (struct task_sent){
             .values = S("{\"left\":\"-1\",\"top\":\"0\",\"width\":\"9\",\"height\":\"10\"}") },
         "left: use a percentage from 0 to 100.");
    kept("box", (struct task_sent){ .values = S("{\"right\":\"1\"}") },
         "There is no field “right”.");
}

static void boxes_agree_by_what_they_share(void **state)
{
    (void)state;
    assert_true(AGREED("box", "100 100 400 400", "120 110 400 400").sure);
    assert_false(AGREED("box", "100 100 200 200", "600 600 200 200").fair);
    assert_true(AGREED("box", "none", "none").sure);
    assert_false(AGREED("box", "none", "100 100 200 200").fair);
    assert_int_equal(
        AGREED("box", "900 900 50 50", "100 100 400 400", "110 110 400 400", "90 90 400 400")
            .chosen,
        1);
    struct task_scheme scheme = scheme_of("box");
    assert_true(task_answer_matches(arena, &scheme, S("100 100 400 400"), S("150 100 400 400")));
    assert_false(task_answer_matches(arena, &scheme, S("100 100 400 400"), S("none")));
    assert_true(task_answer_matches(arena, &scheme, S("none"), S("none")));
    struct str wrong;
    task_known_kept(arena, &scheme, S("100 100 2000 400"), &wrong);
    assert_true(wrong.size > 0);
}

/* --- In the engine ---------------------------------------------------------------------------- */

static struct task_judged judged_by(const char *template, size_t count, const char *const *answers)
{
    struct fault fault = { 0 };
    struct task_rules_get_row rules = rules_of(template);
    struct task_mind *mind = task_mind_make((struct campaign_id){ 42 }, &rules, &fault);
    assert_non_null(mind);
    struct task_judged judged = { .task_item_id = { 1 },
                                  .given = (int64_t)count,
                                  .wanted = (int64_t)count };
    task_mind_weigh(mind, arena, &judged, &(struct task_weighed){ rows(count, answers), count });
    judged.answer = str_copy(arena, judged.answer);
    task_mind_free(mind);
    return judged;
}

static void each_template_settles_what_people_agree_on(void **state)
{
    (void)state;
    static const struct {
        const char *template, *same[3], *other[2], *answer;
    } cases[] = {
        { "rate", { "4", "5", "4" }, { "1", "5" }, "4" },
        { "transcribe",
          { "Ahoy\nthere", "Ahoy there", "Ahoy there" },
          { "Ahoy", "abc" },
          "Ahoy\nthere" },
        { "box",
          { "10 10 500 500", "10 12 500 500", "10 11 500 500" },
          { "none", "1 1 9 9" },
          "10 11 500 500" },
        { "form",
          { "{\"kind\":\"jug\",\"note\":\"a\"}", "{\"kind\":\"jug\"}",
            "{\"kind\":\"jug\",\"note\":\"b\"}" },
          { "{\"kind\":\"jug\"}", "{\"kind\":\"cup\"}" },
          "{\"kind\":\"jug\",\"note\":\"a\"}" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_judged judged = judged_by(cases[i].template, 3, cases[i].same);
        if (i < 3) /* three strangers do not make a label 99 % sure */
            assert_str(judged.item_state, "settled");
        assert_str(judged.answer, cases[i].answer);
        judged = judged_by(cases[i].template, 2, cases[i].other);
        assert_str(judged.item_state, "open");
        assert_true(judged.more);
    }
}

static void answers_are_read_by_people_and_by_programs(void **state)
{
    (void)state;
    static const struct {
        const char *template, *answer, *words, *json, *cells;
    } cases[] = {
        { "rate", "4", "4 of 5", "4", "" },
        { "box", "100 125 333 10", "10 % from the left, 12.5 % from the top, 33.3 by 1 %",
          "{\"left\":10,\"top\":12.5,\"width\":33.3,\"height\":1}", ",10,12.5,33.3,1" },
        { "box", "none", "It is not there", "\"none\"", ",,,," },
        { "form", "{\"kind\":\"jug\",\"note\":\"=1\"}", "Kind: jug; Note: =1",
          "{\"kind\":\"jug\",\"note\":\"=1\"}", ",\"jug\",\"'=1\"" },
        { "write", "a \"b\"", "a \"b\"", "\"a \\\"b\\\"\"", "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_scheme scheme = scheme_of(cases[i].template);
        struct buf json = { .arena = arena }, cells = { .arena = arena };
        assert_str(task_answer_words(arena, &scheme, str_from(cases[i].answer)), cases[i].words);
        task_answer_json(&json, &scheme, str_from(cases[i].answer));
        assert_str(buf_str(&json), cases[i].json);
        task_columns_cells(arena, &cells, &scheme, str_from(cases[i].answer));
        assert_str(buf_str(&cells), cases[i].cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rating_is_a_step_of_the_scale),
        cmocka_unit_test(a_rating_is_right_one_step_from_what_is_known),
        cmocka_unit_test(ratings_are_settled_when_three_in_four_lie_one_step_from_the_median),
        cmocka_unit_test(the_median_has_a_mean_and_an_interval_beside_it),
        cmocka_unit_test(a_transcript_keeps_its_lines_and_is_compared_without_them),
        cmocka_unit_test(long_texts_are_compared_by_their_beginning),
        cmocka_unit_test(a_box_is_kept_in_thousandths_or_is_not_there),
        cmocka_unit_test(boxes_agree_by_what_they_share),
        cmocka_unit_test(each_template_settles_what_people_agree_on),
        cmocka_unit_test(answers_are_read_by_people_and_by_programs),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
