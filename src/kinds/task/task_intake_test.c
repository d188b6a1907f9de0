/* Lists that come in by portions, and what is counted of them. */
#include "task_intake.h"

#include "commons/campaign/campaign_testing.h"

#include "base/base_testing.h"

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
        cmocka_unit_test(a_list_has_what_is_needed_first_in_front_and_every_row_once),
        cmocka_unit_test(a_row_stands_in_its_line_as_it_is_inserted),
        cmocka_unit_test(a_portion_is_whole_lines_within_its_bounds_or_one),
        cmocka_unit_test(long_rows_make_short_lines),
        cmocka_unit_test(an_item_is_counted_in_one_state_at_a_time),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
