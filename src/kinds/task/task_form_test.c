/* Forms as owners write them, and the files of items whose columns they name. */
#include "task_inner.h"

#include "base/buf.h"
#include "commons/campaign/campaign_testing.h"
#include "sift/chance/chance.h"

#include "base/base_testing.h"

static const char example[] = "Look at **${title}**, found in ${year}.\n"
                              "\n"
                              "What is ${title} made of?\n"
                              "[material] choice required: wood | metal | I cannot tell\n"
                              "\n"
                              "How many parts?\n"
                              "[parts] number 0..20\n"
                              "[broken] tick: It is broken\n"
                              "- Anything else\n"
                              "\n"
                              "[any_remark]   text\n"
                              "Thank you.\n";

static struct task_form parsed(const char *source)
{
    struct task_form form;
    struct str trouble;
    if (!task_form_parse(arena, str_from(source), &form, &trouble))
        fail_msg("%.*s", STR_ARG(trouble));
    return form;
}

/* --- Grammar ---------------------------------------------------------------------------------- */

static void a_form_is_words_and_fields_with_the_line_above_as_question(void **state)
{
    (void)state;
    struct task_form form = parsed(example);
    assert_int_equal(form.field_count, 4);
    assert_int_equal(form.part_count, 7);
    assert_str(form.parts[0].words, "Look at **${title}**, found in ${year}.");
    const struct task_field *material = form.parts[1].field;
    assert_str(material->label, "What is ${title} made of?");
    assert_true(material->is_required);
    assert_int_equal(material->choice_count, 3);
    assert_str(material->choices[2], "I cannot tell");
    assert_str(form.fields[1].label, "How many parts?");
    assert_int_equal(form.fields[1].high, 20);
    assert_str(form.fields[2].label, "It is broken");
    assert_str(form.parts[4].words, "- Anything else"); /* a list is no question */
    assert_str(form.fields[3].label, "Any remark");
    assert_str(form.parts[6].words, "Thank you.");
}

static void words_that_only_look_like_fields_stay_words(void **state)
{
    (void)state;
    struct task_form form = parsed("[a link](https://example.org) and [a note]: too\n"
                                   "[ok] tick: Yes\n");
    assert_int_equal(form.field_count, 1);
    assert_true(str_starts(form.parts[0].words, S("[a link]")));
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *source, *trouble;
    } cases[] = {
        { "Only words", "A form needs a field: a line such as “[answer] choice: yes | no”." },
        { "x\n[Name] line", "Line 2: “Name” is no name: it has lower-case letters, digits and _, "
                            "begins with a letter and is no longer than 40." },
        { "[a] list", "Line 1: “list” is none of choice, tick, number, line, text and required." },
        { "[a] line text", "Line 1: “text” is a second kind; a field has one." },
        { "[a] required",
          "Line 1: say what kind of field it is: choice, tick, number, line or text." },
        { "[a] number", "Line 1: a number says from what to what: number 0..100." },
        { "[a] line 1..2", "Line 1: only a number has a range." },
        { "[a] number 5..2", "Line 1: “5..2” is no range of whole numbers; it looks like 0..100." },
        { "[a] number 1..9999999999",
          "Line 1: “1..9999999999” is no range of whole numbers; it looks like 0..100." },
        { "[a] choice: one",
          "Line 1: two answers to choose from follow a colon: choice: yes | no." },
        { "[a] choice: One | one", "Line 1: “one” stands there twice." },
        { "[a] tick", "Line 1: what is ticked follows a colon: tick: It is broken." },
        { "[a] line: Name",
          "Line 1: nothing follows this kind of field; its question stands on the line above." },
        { "[a] line\n\n[a] text", "Line 3: “a” is the name of an earlier field." },
        { "See ${title\n[a] line", "Line 1: after “${” the name of a column is missing its “}”." },
        { "[a] tick: ${}", "Line 1: between “${” and “}” the name of a column is needed." },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_form form;
        struct str trouble;
        assert_false(task_form_parse(arena, str_from(cases[i].source), &form, &trouble));
        assert_str(trouble, cases[i].trouble);
    }
    struct buf many = { .arena = arena };
    for (int i = 0; i <= TASK_FORM_FIELDS_MAX; i++)
        buf_printf(&many, "[f%d] line\n", i);
    struct task_form form;
    struct str trouble;
    assert_false(task_form_parse(arena, buf_str(&many), &form, &trouble));
    assert_str(trouble, "Line 21: a form has at most 20 fields.");
}

/* Changed at random, a form is taken apart, or refused with a sentence; and answers judged by it
   are taken as they were kept. */
static void no_form_breaks_what_reads_it(void **state)
{
    (void)state;
    static const char signs[] = "[]{}$|:.\\ \n\"'<>&#-*`09az_\xc3\xa4";
    struct chance dice = { 11 };
    int good = 0;
    for (int round = 0; round < 20000; round++) {
        struct arena *own = arena_make();
        char *source = arena_take_bytes(own, sizeof example);
        memcpy(source, example, sizeof example);
        for (uint64_t changes = chance_bits(&dice) % 8; changes > 0; changes--)
            source[chance_bits(&dice) % (sizeof example - 1)] =
                signs[chance_bits(&dice) % (sizeof signs - 1)];
        struct task_form form;
        struct str trouble, answer, again, wrong;
        if (!task_form_parse(own, (struct str){ source, sizeof example - 1 }, &form, &trouble)) {
            assert_true(trouble.size > 0);
        } else if (task_form_answer(own, &form, S("{\"material\":\"wood\",\"parts\":\"3\"}"), false,
                                    &answer, &wrong)) {
            good++;
            assert_true(task_form_answer(own, &form, answer, false, &again, &wrong));
            assert_true(str_equal(answer, again));
            assert_true(task_form_fits(own, &form, answer, answer));
        }
        arena_free(own);
    }
    assert_true(good > 1000);
}

/* --- Columns ---------------------------------------------------------------------------------- */

static struct task_columns columns_of(const char *data)
{
    struct task_columns columns;
    assert_true(task_columns_read(arena, str_from(data), &columns));
    return columns;
}

static void columns_come_from_rows_whatever_they_hold(void **state)
{
    (void)state;
    struct task_columns c = columns_of("{\"Title\":\"A jug\",\"n\":0.1,\"at\":[1,{\"x\":null}],"
                                       "\"no\":null,\"is\":true}");
    assert_str(task_filled(arena, S("${title}|${ n }|${at}|${no}|${is}"), &c),
               "A jug|0.1|[1,{\"x\":null}]||true");
    assert_str(task_filled(arena, S("\\${title} and $ {title} and $${title}"), &c),
               "${title} and $ {title} and $A jug");
    assert_str(task_column_missing(S("${title} ${other} ${more}"), &c), "other");
    assert_str(task_column_missing(S("\\${other}"), &c), "");
    struct task_columns none;
    assert_false(task_columns_read(arena, S("[1]"), &none));
}

static void what_a_column_says_is_never_markup(void **state)
{
    (void)state;
    static const char *const values[] = {
        "<script>alert(1)</script>",
        "**bold** _and_ `code`",
        "[link](javascript:alert(1))",
        "# heading",
        "- item",
        "1. item",
        "> quote",
        "http://example.org",
        "&lt;b&gt;",
        "a\\n\\n\\n    code",
        "```\\nfence",
        "===",
        "<http://example.org>",
        "~~gone~~",
        "\\\\",
    };
    static const char *const templates[] = { "${x}",
                                             "a **${x}** b",
                                             "- ${x}",
                                             "> ${x}",
                                             "`${x}`",
                                             "# ${x}",
                                             "[${x}](https://example.org)" };
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++)
        for (size_t t = 0; t < sizeof templates / sizeof templates[0]; t++) {
            struct str data = str_printf(arena, "{\"x\":\"%s\"}", values[v]);
            struct task_columns c = columns_of(str_c(arena, data));
            struct str plain = task_filled(arena, S("${x}"), &c);
            struct str html =
                markdown_html(arena, task_filled_markdown(arena, str_from(templates[t]), &c))
                    .markup;
            struct str bare =
                markdown_html(arena, task_filled_markdown(arena, str_from(templates[t]),
                                                          &(struct task_columns){ 0 }))
                    .markup;
            (void)bare;
            assert_true(str_find(html, S("<script")) == SIZE_MAX);
            assert_true(str_find(html, S("javascript")) == SIZE_MAX ||
                        str_find(html, S("href=\"javascript")) == SIZE_MAX);
            if (t > 0)
                continue;
            struct buf shown = { .arena = arena };
            html_text(&shown, plain);
            assert_true(
                str_find(html, S("<strong>")) == SIZE_MAX &&
                str_find(html, S("<code>")) == SIZE_MAX && str_find(html, S("<a ")) == SIZE_MAX &&
                str_find(html, S("<li>")) == SIZE_MAX && str_find(html, S("<h")) == SIZE_MAX &&
                str_find(html, S("<del>")) == SIZE_MAX &&
                str_find(html, S("<blockquote>")) == SIZE_MAX);
            if (str_find(plain, S("\n")) == SIZE_MAX)
                assert_true(str_find(html, buf_str(&shown)) != SIZE_MAX);
        }
    struct task_columns c = columns_of("{\"x\":\"https://example.org/a_b?c=d&e\"}");
    struct str html =
        markdown_html(arena, task_filled_markdown(arena, S("[see](${x})"), &c)).markup;
    assert_true(str_find(html, S("href=\"https://example.org/a_b?c=d&amp;e\"")) != SIZE_MAX);
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void an_answer_is_kept_sorted_and_in_its_own_types(void **state)
{
    (void)state;
    struct task_form form = parsed(example);
    struct str answer, wrong;
    assert_true(task_form_answer(arena, &form,
                                 S("{\"parts\":\" 3 \",\"material\":\"wood\",\"broken\":\"on\","
                                   "\"any_remark\":\"two\\nlines \"}"),
                                 false, &answer, &wrong));
    assert_str(answer, "{\"any_remark\":\"two\\nlines\",\"broken\":true,\"material\":\"wood\","
                       "\"parts\":3}");
    assert_str(task_form_words(arena, &form, answer),
               "Material: wood; How many parts: 3; It is broken: yes; Any remark: two\nlines");
    assert_true(task_form_answer(arena, &form, S("{\"material\":\"metal\",\"parts\":\"\"}"), false,
                                 &answer, &wrong));
    assert_str(answer, "{\"broken\":false,\"material\":\"metal\"}");
}

static void what_does_not_fit_a_field_is_refused_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *values, *wrong;
    } cases[] = {
        { "{}", "material: please choose one." },
        { "{\"material\":\"Wood\"}", "material: this is not one of the choices." },
        { "{\"material\":\"wood\",\"colour\":\"red\"}", "There is no field “colour”." },
        { "{\"material\":\"wood\",\"parts\":\"21\"}", "parts: use a whole number from 0 to 20." },
        { "{\"material\":\"wood\",\"parts\":\"1.5\"}", "parts: use a whole number from 0 to 20." },
        { "{\"material\":\"wood\",\"broken\":\"perhaps\"}", "broken: say true or false." },
        { "[]", "This is no object of fields." },
    };
    struct task_form form = parsed(example);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str answer, wrong;
        assert_false(
            task_form_answer(arena, &form, str_from(cases[i].values), false, &answer, &wrong));
        assert_str(wrong, cases[i].wrong);
    }
    struct str answer, wrong;
    struct task_form sure = parsed("[sure] tick required: I have looked twice");
    assert_false(task_form_answer(arena, &sure, S("{}"), false, &answer, &wrong));
    assert_str(wrong, "sure: please tick this.");
    struct task_form free = parsed("[a] line\n[b] text");
    assert_false(task_form_answer(arena, &free, S("{\"a\":\" \"}"), false, &answer, &wrong));
    assert_str(wrong, "Nothing is filled in.");
    assert_false(task_form_answer(arena, &free, S("{\"a\":\"x\\ny\"}"), false, &answer, &wrong));
    assert_str(wrong, "a: use one line.");
}

static void a_known_answer_counts_in_the_fields_it_names(void **state)
{
    (void)state;
    struct task_form form = parsed(example);
    struct str known, wrong;
    assert_true(task_form_answer(arena, &form, S("{\"parts\":3}"), true, &known, &wrong));
    assert_str(known, "{\"parts\":3}");
    assert_true(task_form_fits(arena, &form, known, S("{\"broken\":true,\"parts\":3}")));
    assert_false(task_form_fits(arena, &form, known, S("{\"parts\":4}")));
    assert_false(task_form_fits(arena, &form, known, S("{\"material\":\"wood\"}")));
    assert_int_equal(task_form_known_label(arena, &form, known), UINT16_MAX);
    assert_true(task_form_fits(arena, &form, S("{\"any_remark\":\"A broken handle\"}"),
                               S("{\"any_remark\":\"the broken handle.\"}")));
}

static void choices_ticks_and_numbers_make_one_label_and_texts_none(void **state)
{
    (void)state;
    struct task_form form = parsed("[a] choice: x | y\n[b] tick: B\n[c] number 1..3\n[d] text");
    assert_int_equal(task_form_label_count(&form), 3 * 2 * 4);
    bool seen[24] = { false };
    static const char *const a[] = { "", "\"a\":\"x\",", "\"a\":\"y\"," };
    static const char *const c[] = { "", ",\"c\":1", ",\"c\":2", ",\"c\":3" };
    for (int i = 0; i < 24; i++) {
        struct str answer = str_printf(arena, "{%s\"b\":%s%s,\"d\":\"%d\"}", a[i % 3],
                                       i / 3 % 2 ? "true" : "false", c[i / 6], i);
        uint16_t label = task_form_label(arena, &form, answer);
        assert_in_range(label, 0, 23);
        assert_false(seen[label]);
        seen[label] = true;
    }
    assert_int_equal(task_form_label(arena, &form, S("{\"a\":\"z\",\"b\":true}")), UINT16_MAX);
    form = parsed("[n] number 0..100");
    assert_int_equal(task_form_label_count(&form), 0); /* too many */
    assert_true(task_form_is_counted(&form));
    form = parsed("[d] text");
    assert_int_equal(task_form_label_count(&form), 0);
    assert_false(task_form_is_counted(&form));
}

/* --- Files of items --------------------------------------------------------------------------- */

static void items_come_from_a_list_of_objects_or_one_a_line(void **state)
{
    (void)state;
    static const char *const files[] = {
        "\xef\xbb\xbf [ {\"id\": \"a1\", \"Text\": \"A \\\"jug\\\" \", \"size\": [1, 2.50]} ,\n"
        "  {\"text\": \"A bus\", \"known\": {\"parts\": 2}, \"why\": \"Look\"}\n]\n",
        "{\"id\": \"a1\", \"Text\": \"A \\\"jug\\\" \", \"size\": [1, 2.50]}\n\n"
        "{\"text\": \"A bus\", \"known\": {\"parts\": 2}, \"why\": \"Look\"}",
    };
    for (int i = 0; i < 2; i++) {
        struct task_rows rows;
        struct str trouble;
        assert_true(task_items_read(arena, str_from(files[i]), true, &rows, &trouble));
        assert_int_equal(rows.count, 2);
        assert_int_equal(rows.controls, 1);
        assert_str(rows.rows[0].key, "a1");
        assert_str(rows.rows[0].shown, "A \"jug\"");
        assert_str(rows.rows[0].data,
                   "{\"id\":\"a1\",\"Text\":\"A \\\"jug\\\" \",\"size\":[1,2.50]}");
        assert_true(str_starts(rows.rows[1].key, S("row 2-")));
        assert_str(rows.rows[1].known, "{\"parts\":2}");
    }
}

static void a_wrong_item_is_named_with_its_number_and_member(void **state)
{
    (void)state;
    static const struct {
        const char *file, *trouble;
    } cases[] = {
        { "[{\"text\":\"a\"},{\"id\":\"b\"}]", "Item 2, column “text”: there is nothing to show." },
        { "[{\"text\":\"a\",\"id\":1},{\"text\":\"b\",\"id\":\"1\"}]",
          "Item 2, column “id”: the same stands in an earlier item." },
        { "{\"text\":\"a\",\"why\":\"x\"}",
          "Item 1, column “why”: there is an explanation, but no known answer." },
        { "[{\"text\":\"a\"} {\"text\":\"b\"}]", "After item 1 a comma or “]” is missing." },
        { "[{\"text\":\"a\"}", "After item 1 a comma or “]” is missing." },
        { "[{\"text\":\"a\"}] x", "Something follows the list, after item 1." },
        { "[1]", NULL },
        { "[[]]", "Item 1 is no object." },
        { "[]", "There is no item in the file." },
        { "{\"text\":\"a\"}\n{\"text\":", NULL },
        { "{\"text\":\"a\",\"text\":\"b\"}", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct task_rows rows;
        struct str trouble;
        assert_false(task_items_read(arena, str_from(cases[i].file), true, &rows, &trouble));
        if (cases[i].trouble != NULL)
            assert_str(trouble, cases[i].trouble);
        assert_true(str_starts(trouble, S("Item")) || cases[i].trouble != NULL);
    }
}

/* Changed at random, a file gives items whose data can be read again, or a sentence. */
static void no_file_of_json_breaks_what_reads_it(void **state)
{
    (void)state;
    static const char whole[] =
        "[{\"id\": \"a1\", \"text\": \"A \\\"jug\\\" \", \"size\": [1, 2.50]},\n"
        " {\"text\": \"A \\\\ bus\", \"known\": {\"parts\": 2}, \"why\": \"Look\"}]\n";
    static const char signs[] = "[]{}\",:\\ \n0e-tn\xff\xc3";
    struct chance dice = { 12 };
    int good = 0;
    for (int round = 0; round < 20000; round++) {
        struct arena *own = arena_make();
        char *file = arena_take_bytes(own, sizeof whole);
        memcpy(file, whole, sizeof whole);
        for (uint64_t changes = chance_bits(&dice) % 5; changes > 0; changes--)
            file[chance_bits(&dice) % (sizeof whole - 1)] =
                signs[chance_bits(&dice) % (sizeof signs - 1)];
        struct task_rows rows;
        struct str trouble;
        bool is_read =
            task_items_read(own, (struct str){ file, sizeof whole - 1 }, true, &rows, &trouble);
        good += is_read;
        assert_int_equal(trouble.size == 0, is_read);
        for (size_t i = 0; is_read && i < rows.count; i++) {
            struct task_columns columns;
            assert_true(task_columns_read(own, rows.rows[i].data, &columns));
            assert_true(str_find(rows.rows[i].data, S("\n")) == SIZE_MAX);
        }
        arena_free(own);
    }
    assert_true(good > 1000);
}

static void items_of_a_form_need_no_words_of_their_own(void **state)
{
    (void)state;
    struct task_rows rows;
    struct str trouble;
    assert_true(task_items_read(arena, S("id,year\na1,1874\n"), false, &rows, &trouble));
    assert_str(rows.rows[0].shown, "a1");
    assert_true(task_items_read(arena, S("[{\"id\":7,\"year\":1874}]"), false, &rows, &trouble));
    assert_str(rows.rows[0].shown, "7");
    assert_false(task_items_read(arena, S("id,year\na1,1874\n"), true, &rows, &trouble));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_words_and_fields_with_the_line_above_as_question),
        cmocka_unit_test(words_that_only_look_like_fields_stay_words),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(no_form_breaks_what_reads_it),
        cmocka_unit_test(columns_come_from_rows_whatever_they_hold),
        cmocka_unit_test(what_a_column_says_is_never_markup),
        cmocka_unit_test(an_answer_is_kept_sorted_and_in_its_own_types),
        cmocka_unit_test(what_does_not_fit_a_field_is_refused_by_its_name),
        cmocka_unit_test(a_known_answer_counts_in_the_fields_it_names),
        cmocka_unit_test(choices_ticks_and_numbers_make_one_label_and_texts_none),
        cmocka_unit_test(items_come_from_a_list_of_objects_or_one_a_line),
        cmocka_unit_test(a_wrong_item_is_named_with_its_number_and_member),
        cmocka_unit_test(no_file_of_json_breaks_what_reads_it),
        cmocka_unit_test(items_of_a_form_need_no_words_of_their_own),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
