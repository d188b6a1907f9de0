#include "kinds/task/task_columns.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"

/* --- Reading ---------------------------------------------------------------------------------- */

static struct str value_text(struct arena *arena, const json_t *value)
{
    if (json_is_string(value))
        return str_copy(arena, (struct str){ json_string_value(value), json_string_length(value) });
    if (json_is_null(value))
        return S("");
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS |
                                       JSON_REAL_PRECISION(15));
    check(text != NULL);
    struct str copy = str_copy(arena, str_from(text));
    free(text);
    return copy;
}

bool task_columns_read(struct arena *arena, struct str data, struct task_columns *columns)
{
    json_t *object = json_loadb(data.data, data.size, 0, NULL), *value;
    const char *name;
    bool is_object = json_is_object(object);
    *columns = (struct task_columns){ 0 };
    columns->items = arena_new(arena, struct task_column, json_object_size(object));
    json_object_foreach(object, name, value)
    {
        columns->items[columns->count++] =
            (struct task_column){ .name = str_trim(str_copy(arena, str_from(name))),
                                  .value = value_text(arena, value) };
    }
    json_decref(object);
    return is_object;
}

const struct task_column *task_column_named(const struct task_columns *columns, struct str names)
{
    for (size_t i = 0; i < columns->count; i++)
        for (struct str rest = names; rest.size > 0;)
            if (str_equal_nocase(columns->items[i].name, str_cut(&rest, '|')))
                return &columns->items[i];
    return NULL;
}

/* --- Names in texts --------------------------------------------------------------------------- */

/* A piece of a text: what stands before the next name, and the name. */
struct piece {
    struct str before, name;
    bool has_name, is_open; /* open: its brace is missing */
};

/* The next piece of *rest, which becomes what follows it. */
static struct piece next_piece(struct str *rest)
{
    struct piece piece = { .before = *rest };
    size_t from = 0;
    for (;;) {
        size_t at = str_find(str_slice(*rest, from, rest->size), S("${"));
        if (at == SIZE_MAX)
            break;
        at += from;
        from = at + 2;
        if (at > 0 && rest->data[at - 1] == '\\')
            continue;
        struct str behind = str_slice(*rest, from, rest->size);
        size_t end = str_find(behind, S("}"));
        piece.is_open = end == SIZE_MAX;
        if (piece.is_open)
            break;
        piece.has_name = true;
        piece.before = str_slice(*rest, 0, at);
        piece.name = str_trim(str_slice(behind, 0, end));
        *rest = str_slice(behind, end + 1, behind.size);
        return piece;
    }
    *rest = S("");
    return piece;
}

bool task_names_columns(struct str text)
{
    return next_piece(&text).has_name;
}

struct str task_judge_columns(struct str text)
{
    while (text.size > 0) {
        struct piece piece = next_piece(&text);
        if (piece.is_open)
            return S("after “${” the name of a column is missing its “}”");
        if (piece.has_name && (piece.name.size == 0 || str_find(piece.name, S("\n")) != SIZE_MAX))
            return S("between “${” and “}” the name of a column is needed");
    }
    return S("");
}

struct str task_column_missing(struct str text, const struct task_columns *columns)
{
    while (text.size > 0) {
        struct piece piece = next_piece(&text);
        if (piece.has_name && task_column_named(columns, piece.name) == NULL)
            return piece.name;
    }
    return S("");
}

/* --- Filling in ------------------------------------------------------------------------------- */

static bool is_punctuation(char c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

/* Every sign that could be markup is escaped. Lines stay lines, but none is empty or begins with
   spaces, which would end a paragraph or make it code. */
static void add_escaped(struct buf *out, struct str value)
{
    bool first = true;
    while (value.size > 0) {
        struct str line = str_trim(str_cut(&value, '\n'));
        if (line.size > 0 && !first)
            buf_add(out, S("\\\n"));
        first &= line.size == 0;
        for (size_t i = 0; i < line.size; i++) {
            if (is_punctuation(line.data[i]))
                buf_char(out, '\\');
            buf_char(out, line.data[i] == '\t' ? ' ' : line.data[i]);
        }
    }
}

/* What stands between names, as its author wrote it; "\${" loses its backslash where no Markdown
   reader takes it away. */
static void add_plain(struct buf *out, struct str text)
{
    for (size_t at; (at = str_find(text, S("\\${"))) != SIZE_MAX;) {
        buf_add(out, str_slice(text, 0, at));
        buf_add(out, S("${"));
        text = str_slice(text, at + 3, text.size);
    }
    buf_add(out, text);
}

static struct str filled(struct arena *arena, struct str text, const struct task_columns *columns,
                         bool is_markdown)
{
    struct buf out = { .arena = arena };
    while (text.size > 0) {
        struct piece piece = next_piece(&text);
        const struct task_column *column =
            piece.has_name ? task_column_named(columns, piece.name) : NULL;
        if (is_markdown)
            buf_add(&out, piece.before);
        else
            add_plain(&out, piece.before);
        if (column != NULL && is_markdown)
            add_escaped(&out, column->value);
        else if (column != NULL)
            buf_add(&out, column->value);
    }
    return buf_str(&out);
}

struct str task_filled(struct arena *arena, struct str text, const struct task_columns *columns)
{
    return filled(arena, text, columns, false);
}

struct str task_filled_markdown(struct arena *arena, struct str text,
                                const struct task_columns *columns)
{
    return filled(arena, text, columns, true);
}
