#include <float.h>

#include "kinds/idea/idea.h"

#include "base/base_testing.h"

static const struct campaign_id campaign = { 42 };

/* --- Search ----------------------------------------------------------------------------------- */

static void a_search_wants_all_words_and_lets_the_last_one_grow(void **state)
{
    (void)state;
    assert_string_equal(str_c(arena, idea_match(arena, SQL_SQLITE, campaign, S("bike lan"))),
                        "scope : \"000000000001a\" AND {title text} : (\"bike\" AND \"lan\"*)");
    assert_string_equal(str_c(arena, idea_match(arena, SQL_POSTGRES, campaign, S("bike lan"))),
                        "'bike' & 'lan':*");
}

static void query_syntax_that_is_typed_is_only_words(void **state)
{
    (void)state;
    struct str typed = S("\"a\" OR title:x* ') | 'y NEAR(b -c \\");
    assert_string_equal(str_c(arena, idea_match(arena, SQL_POSTGRES, campaign, typed)),
                        "'a' & 'OR' & 'title' & 'x' & 'y' & 'NEAR' & 'b' & 'c':*");
    assert_int_equal(idea_match(arena, SQL_SQLITE, campaign, S(" \"*' ")).size, 0);
}

/* --- Places in lists -------------------------------------------------------------------------- */

static void a_cursor_reads_back_the_same(void **state)
{
    (void)state;
    static const double scores[] = { 0, 0.123456789, -3.5, 4870.25, DBL_MAX };
    for (size_t i = 0; i < sizeof scores / sizeof scores[0]; i++) {
        double score;
        int64_t id;
        struct str cursor = idea_cursor(arena, scores[i], 7);
        assert_true(idea_cursor_read(cursor, &score, &id));
        assert_true(score == scores[i]);
        assert_int_equal(id, 7);
    }
}

static void a_cursor_nobody_gave_is_refused(void **state)
{
    (void)state;
    double score;
    int64_t id;
    static const char *const bad[] = { "",
                                       "x",
                                       "0000000000000000_0000000000000",
                                       "7ff8000000000000_0000000000007", /* not a number */
                                       "000000000000000g_0000000000007",
                                       "0000000000000000-0000000000007" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(idea_cursor_read(str_from(bad[i]), &score, &id));
}

/* --- Import ----------------------------------------------------------------------------------- */

static struct idea_rows rows_of(struct str csv)
{
    struct idea_rows rows;
    struct str trouble = S("");
    assert_true(idea_rows_read(arena, csv, &rows, &trouble));
    return rows;
}

static void each_row_is_accepted_or_refused_with_its_reason(void **state)
{
    (void)state;
    struct idea_rows rows = rows_of(S("\xef\xbb\xbftitle,text,category,author,moderated\r\n"
                                      "Plant trees,\"Along the river,\nboth sides\",Green,Ann,1\r\n"
                                      "abc,,,,\r\n"
                                      "Good idea,,,,-1\r\n"
                                      "Bad \xff utf,,,,\r\n"
                                      "Good idea,,,,maybe\r\n"));
    assert_int_equal(rows.count, 5);
    assert_int_equal(rows.accepted, 1);
    assert_true(str_equal(rows.rows[0].text, S("Along the river,\nboth sides")));
    assert_true(str_equal(rows.rows[0].author_label, S("Ann")));
    assert_int_equal(rows.rows[1].line, 3);
    assert_string_equal(str_c(arena, rows.rows[1].refused),
                        "title has 3 characters, at least 5 are needed");
    assert_string_equal(str_c(arena, rows.rows[2].refused),
                        "was moderated out where it comes from");
    assert_string_equal(str_c(arena, rows.rows[3].refused), "is not valid UTF-8");
    assert_string_equal(str_c(arena, rows.rows[4].refused),
                        "moderated must be -1, 0 or 1, not \"maybe\"");
}

static void a_statement_too_long_for_a_title_becomes_the_text(void **state)
{
    (void)state;
    struct buf csv = { .arena = arena };
    buf_add(&csv, S("comment-body\n"));
    for (int i = 0; i < 40; i++)
        buf_add(&csv, S("words "));
    struct idea_rows rows = rows_of(buf_str(&csv));
    assert_int_equal(rows.accepted, 1);
    assert_true(utf8_length(rows.rows[0].title) <= IDEA_TITLE_MAX);
    assert_true(str_ends(rows.rows[0].title, S("words…")));
    assert_int_equal(rows.rows[0].text.size, 40 * 6 - 1);
}

static void a_file_that_is_no_csv_or_names_no_title_is_refused_whole(void **state)
{
    (void)state;
    struct idea_rows rows;
    struct str trouble = S("");
    assert_false(idea_rows_read(arena, S("title\n\"open"), &rows, &trouble));
    assert_true(str_find(trouble, S("Nothing was taken in")) != SIZE_MAX);
    assert_false(idea_rows_read(arena, S("name,age\nx,1\n"), &rows, &trouble));
    assert_true(str_find(trouble, S("no column \"title\"")) != SIZE_MAX);
    assert_false(idea_rows_read(arena, S(""), &rows, &trouble));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_wants_all_words_and_lets_the_last_one_grow),
        cmocka_unit_test(query_syntax_that_is_typed_is_only_words),
        cmocka_unit_test(a_cursor_reads_back_the_same),
        cmocka_unit_test(a_cursor_nobody_gave_is_refused),
        cmocka_unit_test(each_row_is_accepted_or_refused_with_its_reason),
        cmocka_unit_test(a_statement_too_long_for_a_title_becomes_the_text),
        cmocka_unit_test(a_file_that_is_no_csv_or_names_no_title_is_refused_whole),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
