/* Items from JSON: an array of objects, or objects one behind the other (JSON Lines). What stands
 * in an object is kept as it is, but for the white space between; members are columns. */
#include "task_columns.h"
#include "task_import.h"

#include <jansson.h>

#include "base/arena.h"

static struct str after_space(struct str s)
{
    return str_slice(s, s.size - str_trim(s).size, s.size);
}

/* The file without a byte order mark and space before its first sign. */
static struct str beginning(struct str file)
{
    if (str_starts(file, S("\xef\xbb\xbf")))
        file = str_slice(file, 3, file.size);
    return str_trim(file);
}

bool task_file_is_json(struct str file)
{
    struct str rest = beginning(file);
    return str_starts(rest, S("[")) || str_starts(rest, S("{"));
}

/* Without the white space outside of texts, so that it is one line. */
static struct str one_line(struct arena *arena, struct str json)
{
    struct buf out = { .arena = arena };
    bool quoted = false;
    buf_reserve(&out, json.size);
    for (size_t i = 0; i < json.size; i++) {
        char c = json.data[i];
        if (quoted && c == '\\')
            buf_char(&out, json.data[i++]);
        else if (c == '"')
            quoted = !quoted;
        if (quoted || c == '"' || (unsigned char)c > ' ')
            buf_char(&out, json.data[i]);
    }
    return buf_str(&out);
}

static struct str value_of(const struct task_columns *columns, struct str names)
{
    const struct task_column *column = task_column_named(columns, names);
    return column == NULL ? S("") : str_trim(column->value);
}

static bool item_wrong(struct task_reading *r, struct str wrong, struct str *trouble)
{
    *trouble = str_printf(r->arena, "Item %zu, %.*s.", r->rows->count, STR_ARG(wrong));
    return false;
}

static bool take_item(struct task_reading *r, struct str object, struct str *trouble)
{
    struct task_columns columns;
    struct task_row *row = task_row_add(r);
    row->data = one_line(r->arena, object);
    task_columns_read(r->arena, row->data, &columns);
    row->key = value_of(&columns, S(TASK_KEY_NAMES));
    row->shown = value_of(&columns, S(TASK_SHOWN_NAMES));
    row->known = value_of(&columns, S(TASK_KNOWN_NAMES));
    row->why = value_of(&columns, S(TASK_WHY_NAMES));
    struct str wrong = S("");
    if (!task_says_yes(value_of(&columns, S("practice")), &row->is_practice))
        wrong = S("column “practice”: yes or no is asked here");
    if (wrong.size == 0)
        wrong = task_row_judge(r, row);
    if (wrong.size == 0 && columns.count > TASK_COLUMNS_MAX)
        wrong = S("it has more than 64 members");
    if (wrong.size == 0 && !task_row_settle(r, row))
        wrong = S("column “id”: the same stands in an earlier item");
    return wrong.size == 0 || item_wrong(r, wrong, trouble);
}

/* The next object of *rest, which becomes what follows it. */
static bool next_object(struct task_reading *r, struct str *rest, struct str *object,
                        struct str *trouble)
{
    json_error_t error = { 0 };
    json_t *value =
        json_loadb(rest->data, rest->size, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES, &error);
    bool is_object = json_is_object(value), is_json = value != NULL;
    json_decref(value);
    if (is_object) {
        *object = str_slice(*rest, 0, (size_t)error.position);
        *rest = after_space(str_slice(*rest, (size_t)error.position, rest->size));
        return true;
    }
    *trouble = is_json ? str_printf(r->arena, "Item %zu is no object.", r->rows->count + 1)
                       : str_printf(r->arena, "Item %zu, its line %d, is no JSON: %s.",
                                    r->rows->count + 1, error.line, error.text);
    return false;
}

/* What stands between items: a comma in an array, where the bracket ends it. */
static bool next_comma(struct task_reading *r, struct str *rest, bool *is_over, struct str *trouble)
{
    *is_over = str_starts(*rest, S("]"));
    if (*is_over ? rest->size > 1 : !str_starts(*rest, S(","))) {
        *trouble = str_printf(r->arena,
                              *is_over ? "Something follows the list, after item %zu."
                                       : "After item %zu a comma or “]” is missing.",
                              r->rows->count);
        return false;
    }
    *rest = after_space(str_slice(*rest, 1, rest->size));
    return true;
}

bool task_json_read(struct task_reading *r, struct str file, struct str *trouble)
{
    struct str rest = beginning(file), object;
    bool is_array = str_starts(rest, S("["));
    if (is_array)
        rest = after_space(str_slice(rest, 1, rest.size));
    bool is_over = is_array && str_equal(rest, S("]"));
    while (!is_over && (is_array || rest.size > 0)) {
        if (r->rows->count == TASK_ITEMS_MAX)
            *trouble = S("At most 1,000,000 items fit into one file.");
        if (trouble->size > 0 || !next_object(r, &rest, &object, trouble) ||
            !take_item(r, object, trouble) ||
            (is_array && !next_comma(r, &rest, &is_over, trouble)))
            return false;
    }
    if (r->rows->count == 0)
        *trouble = S("There is no item in the file.");
    return trouble->size == 0;
}
