/* Items from a CSV file: the whole file is read and judged before anything is written. Pure. */
#include "task_inner.h"

#include "base/arena.h"
#include "platform/json/json.h"
#include "sift/table/table.h"

enum { ITEMS_MAX = 1000000, COLUMNS_MAX = 64, KEY_MAX = 100 };

struct columns {
    int key, shown, known, why;
};

static bool find_columns(const struct table *t, struct columns *c, struct str *trouble)
{
    *c = (struct columns){ .key = table_column(t, "id|key|item"),
                           .shown = table_column(t, "text|question|title"),
                           .known = table_column(t, "known|gold|answer"),
                           .why = table_column(t, "why|explanation") };
    if (c->shown < 0)
        *trouble = S("The file has no column “text”: what stands there is shown to people.");
    else if (t->column_count > COLUMNS_MAX)
        *trouble = S("The file has more than 64 columns.");
    return trouble->size == 0;
}

static struct str cell(const struct table *t, int column)
{
    return column < 0 ? S("") : str_trim(t->cells[column]);
}

/* The whole row as a JSON object: it comes out with the results. */
static struct str row_data(struct arena *arena, const struct table *t)
{
    struct buf out = { .arena = arena };
    for (size_t i = 0; i < t->column_count; i++) {
        buf_char(&out, i == 0 ? '{' : ',');
        json_text(&out, table_heading(t, i));
        buf_char(&out, ':');
        json_text(&out, t->cells[i]);
    }
    buf_char(&out, '}');
    return buf_str(&out);
}

/* What is wrong with a row, or "". */
static struct str judge(struct arena *arena, const struct table *t, const struct task_row *row)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (!utf8_valid(t->cells[i]))
            return str_printf(arena, "column “%.*s”: this is not UTF-8 text",
                              STR_ARG(table_heading(t, i)));
    if (row->shown.size == 0)
        return S("column “text”: there is nothing to show");
    if (utf8_length(row->shown) > TASK_TEXT_MAX)
        return S("column “text”: longer than 5,000 characters");
    if (row->key.size > KEY_MAX)
        return S("column “id”: longer than 100 letters");
    if (row->why.size > 0 && row->known.size == 0)
        return S("column “why”: there is an explanation, but no known answer");
    if (utf8_length(row->known) > 1000 || utf8_length(row->why) > 1000)
        return S("column “known” or “why”: longer than 1,000 characters");
    return S("");
}

bool task_rows_read(struct arena *arena, struct str csv, struct task_rows *rows,
                    struct str *trouble)
{
    struct table t;
    struct fault fault = { 0 };
    struct columns c;
    size_t capacity = 0;
    struct names keys = { .arena = arena };
    *rows = (struct task_rows){ 0 };
    *trouble = S("");
    if (!table_begin(&t, arena, csv, &fault)) {
        *trouble = str_copy(arena, str_from(fault.detail));
        return false;
    }
    if (!find_columns(&t, &c, trouble))
        return false;
    while (table_next(&t)) {
        if (rows->count == ITEMS_MAX) {
            *trouble = S("At most 1,000,000 items fit into one file.");
            return false;
        }
        if (rows->count == capacity) {
            size_t more = capacity == 0 ? 256 : 2 * capacity;
            struct task_row *grown = arena_new(arena, struct task_row, more);
            if (capacity > 0)
                memcpy(grown, rows->rows, capacity * sizeof *grown);
            rows->rows = grown;
            capacity = more;
        }
        struct task_row *row = &rows->rows[rows->count++];
        *row = (struct task_row){ .key = cell(&t, c.key),
                                  .shown = cell(&t, c.shown),
                                  .known = cell(&t, c.known),
                                  .why = cell(&t, c.why) };
        struct str wrong = judge(arena, &t, row);
        if (wrong.size == 0 && row->key.size > 0) {
            uint32_t before = keys.count;
            if (names_number(&keys, row->key) < before)
                wrong = S("column “id”: the same stands in an earlier row");
        }
        if (wrong.size > 0) {
            *trouble = str_printf(arena, "Line %zu, %.*s.", t.line, STR_ARG(wrong));
            return false;
        }
        if (row->key.size == 0)
            row->key = str_printf(arena, "row %zu", rows->count);
        row->key = str_copy(arena, row->key);
        row->shown = str_copy(arena, row->shown);
        row->known = str_copy(arena, row->known);
        row->why = str_copy(arena, row->why);
        row->data = row_data(arena, &t);
        rows->controls += row->known.size > 0;
    }
    if (t.fault.kind != FAULT_NONE)
        *trouble = str_copy(arena, str_from(t.fault.detail));
    else if (rows->count == 0)
        *trouble = S("The file has no rows below its heading.");
    return trouble->size == 0;
}
