#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sift/table/table.h"
#include "sift/table/table_testing.h"

/* The whole table as text: cells between |, rows between /, and what is wrong behind !. */
static struct str flat(const char *csv)
{
    struct buf out = { .arena = arena };
    struct table t;
    struct fault fault = { 0 };
    if (!table_begin(&t, arena, str_from(csv), &fault)) {
        buf_printf(&out, "!%s", fault.detail);
        return buf_str(&out);
    }
    while (table_next(&t)) {
        for (size_t i = 0; i < t.column_count; i++)
            buf_printf(&out, "%s%.*s", i > 0 ? "|" : "", STR_ARG(t.cells[i]));
        buf_char(&out, '/');
    }
    if (t.fault.kind != FAULT_NONE)
        buf_printf(&out, "!%s", t.fault.detail);
    return buf_str(&out);
}

static void assert_flat(const char *csv, const char *expected)
{
    struct str found = flat(csv);
    assert_string_equal(str_c(arena, found), expected);
}

static void rows_are_read_as_the_format_says(void **state)
{
    assert_flat("a,b\n1,2\n3,4\n", "1|2/3|4/");
    assert_flat("a,b\r\n1,2\r\n3,4", "1|2/3|4/");
    assert_flat("\xEF\xBB\xBF"
                "a\n\n\r\n1\n\n2\n",
                "1/2/");
    assert_flat("a,b\n\"x, y\",\"he said \"\"no\"\"\"\n\"\",\"two\nlines\"\n",
                "x, y|he said \"no\"/|two\nlines/");
    assert_flat("a,b\n,\n", "|/");
    assert_flat("a", "");
    assert_flat("a\n\"1\"", "1/");
}

static void what_is_malformed_is_named_with_its_line(void **state)
{
    assert_flat("", "!the table is empty");
    assert_flat("\n\r\n", "!the table is empty");
    assert_flat("a,b\n1,2\n3\n", "1|2/!line 3 has 1 cells, the heading has 2");
    assert_flat("a,b\n1,2,3\n", "!line 2 has 3 cells, the heading has 2");
    assert_flat("a,\"b\n1,2\n", "!line 1: a quotation mark is not closed");
    assert_flat("a\n\"x\ny\"\n\"z\n", "x\ny/!line 4: a quotation mark is not closed");
    assert_flat("a\n\"", "!line 2: a quotation mark is not closed");
    assert_flat("a\nx\"y\n", "!line 2: text and quotation marks do not fit together in a cell");
    assert_flat("a\n\"x\"y\n", "!line 2: text and quotation marks do not fit together in a cell");
    assert_flat("a\nx\ry\n", "!line 2: text and quotation marks do not fit together in a cell");
    char *wide = calloc(1, 20000);
    memset(wide, ',', 19999);
    assert_flat(wide, "!the heading has more than 16384 columns");
    free(wide);
}

static void columns_are_found_by_any_of_their_names(void **state)
{
    struct table t;
    struct fault fault = { 0 };
    assert_true(table_begin(&t, arena, S("Task, worker ,label\n"), &fault));
    assert_int_equal(table_column(&t, "item|task"), 0);
    assert_int_equal(table_column(&t, "worker"), 1);
    assert_int_equal(table_column(&t, "truth|gold"), -1);
    assert_true(str_equal(table_heading(&t, 1), S("worker")));
}

static void cells_are_written_so_that_they_are_read_again(void **state)
{
    const char *cells[] = { "plain", "with, comma", "\"quoted\"", "two\nlines", "\r", "" };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char *text;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        fputs("x,y\n", out);
        table_write_cell(out, str_from(cells[i]));
        table_write_cell(out, (struct str){ 0 });
        fputs(",end\n", out);
        fclose(out);
        struct table t;
        struct fault fault = { 0 };
        assert_true(table_begin(&t, arena, (struct str){ text, size }, &fault));
        assert_true(table_next(&t));
        assert_true(str_equal(t.cells[0], str_from(cells[i])));
        assert_true(str_equal(t.cells[1], S("end")));
        free(text);
    }
}

static void names_are_numbered_in_order_of_appearance(void **state)
{
    enum { COUNT = 5000 };
    struct names n = { .arena = arena };
    assert_int_equal(names_find(&n, S("nobody")), NAMES_NONE);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(names_number(&n, str_printf(arena, "worker number %d", i)), i);
    assert_int_equal(n.count, COUNT);
    assert_int_equal(names_find(&n, S("worker number 77")), 77);
    assert_int_equal(names_find(&n, S("worker number 5000")), NAMES_NONE);
    assert_int_equal(names_number(&n, S("")), COUNT);
    assert_true(str_equal(n.all[4999], S("worker number 4999")));
}

static void names_of_any_length_are_told_apart_by_any_byte(void **state)
{
    enum { LONGEST = 20 };
    struct names n = { .arena = arena };
    char name[LONGEST];
    uint32_t count = 0;
    for (int round = 0; round < 2; round++) {
        uint32_t number = 0;
        for (size_t size = 0; size <= LONGEST; size++) {
            memset(name, 'a', sizeof name);
            assert_int_equal(names_number(&n, (struct str){ name, size }), number++);
            for (size_t at = 0; at < size; at++) {
                name[at] = 'b';
                assert_int_equal(names_number(&n, (struct str){ name, size }), number++);
                name[at] = 'a';
            }
        }
        count = number;
    }
    assert_int_equal(n.count, count);
}

static void only_finite_numbers_are_numbers(void **state)
{
    double value;
    assert_true(table_number(S("-2.5e3"), &value) && value == -2500);
    assert_true(table_number(S("0"), &value) && value == 0);
    const char *not_numbers[] = { "",    "nan", "inf", "1e999", " 1", "1 ",
                                  "0x1", "1,0", "--1", "abc",   "1e", "-" };
    for (size_t i = 0; i < sizeof not_numbers / sizeof not_numbers[0]; i++)
        assert_false(table_number(str_from(not_numbers[i]), &value));
    assert_false(table_number((struct str){ "1\0", 2 }, &value));
    char digits[100];
    memset(digits, '1', sizeof digits);
    assert_false(table_number((struct str){ digits, sizeof digits }, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_as_the_format_says),
        cmocka_unit_test(what_is_malformed_is_named_with_its_line),
        cmocka_unit_test(columns_are_found_by_any_of_their_names),
        cmocka_unit_test(cells_are_written_so_that_they_are_read_again),
        cmocka_unit_test(names_are_numbered_in_order_of_appearance),
        cmocka_unit_test(names_of_any_length_are_told_apart_by_any_byte),
        cmocka_unit_test(only_finite_numbers_are_numbers),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
