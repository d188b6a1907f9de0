/* Items from a CSV file, or from an archive of pictures with or without one: all of it is read and
 * judged before anything is written. Pure. */
#include "task_import.h"

#include <sodium.h>

#include "base/arena.h"
#include "base/check.h"
#include "platform/json/json.h"

enum { KEY_MAX = 100, KNOWN_MAX = 3000 };

struct columns {
    int file, key, shown, known, why, practice;
};

/* What a file of items is read with. */
struct reading {
    struct arena *arena;
    struct task_reading all;
    struct table table;
    struct columns columns;
    struct names *files; /* of the pictures; NULL: the file stands alone */
    struct names lasts;  /* their names without folders, */
    uint32_t *of_last;   /*   and which picture it was first */
    struct task_rows *rows;
};

static bool find_columns(struct reading *r, struct str *trouble)
{
    const struct table *t = &r->table;
    r->columns = (struct columns){ .file = r->files == NULL ? -1 : table_column(t, "file"),
                                   .key = table_column(t, TASK_KEY_NAMES),
                                   .shown = table_column(t, TASK_SHOWN_NAMES),
                                   .known = table_column(t, TASK_KNOWN_NAMES),
                                   .why = table_column(t, TASK_WHY_NAMES),
                                   .practice = table_column(t, "practice") };
    if (r->files != NULL && r->columns.file < 0)
        *trouble = S("The CSV file has no column “file”: what stands there names the picture.");
    else if (r->all.needs_text && r->columns.shown < 0)
        *trouble = S("The file has no column “text”: what stands there is shown to people.");
    else if (t->column_count > TASK_COLUMNS_MAX)
        *trouble = S("The file has more than 64 columns.");
    return trouble->size == 0;
}

static struct str cell(const struct table *t, int column)
{
    return column < 0 ? S("") : str_trim(t->cells[column]);
}

/* The whole row as a JSON object: it comes out with the results. A picture's begins with its file,
   as the archive has it. */
static struct str row_data(struct reading *r, struct str file)
{
    const struct table *t = &r->table;
    struct buf out = { .arena = r->arena };
    if (file.size > 0) {
        buf_add(&out, S("{\"file\":"));
        json_text(&out, file);
    }
    for (size_t i = 0; t->cells != NULL && i < t->column_count; i++) {
        if (file.size > 0 && i == (size_t)r->columns.file)
            continue;
        buf_char(&out, out.size == 0 ? '{' : ',');
        json_text(&out, table_heading(t, i));
        buf_char(&out, ':');
        json_text(&out, t->cells[i]);
    }
    buf_char(&out, '}');
    return buf_str(&out);
}

bool task_says_yes(struct str cell, bool *yes)
{
    static const char *const yeses[] = { "yes", "y", "true", "1", "x" };
    static const char *const noes[] = { "", "no", "n", "false", "0" };
    for (size_t i = 0; i < sizeof yeses / sizeof yeses[0]; i++) {
        *yes = str_equal_nocase(cell, str_from(yeses[i]));
        if (*yes || str_equal_nocase(cell, str_from(noes[i])))
            return true;
    }
    return false;
}

/* What is wrong with a row, or "". */
static struct str judge(struct reading *r, const struct task_row *row)
{
    const struct table *t = &r->table;
    for (size_t i = 0; i < t->column_count; i++)
        if (!utf8_valid(t->cells[i]))
            return str_printf(r->arena, "column “%.*s”: this is not UTF-8 text",
                              STR_ARG(table_heading(t, i)));
    return task_row_judge(&r->all, row);
}

struct str task_row_judge(const struct task_reading *reading, const struct task_row *row)
{
    if (row->shown.size == 0 && reading->needs_text)
        return S("column “text”: there is nothing to show");
    if (utf8_length(row->shown) > TASK_TEXT_MAX)
        return S("column “text”: longer than 5,000 characters");
    if (row->key.size > KEY_MAX)
        return S("column “id”: longer than 100 letters");
    if (row->why.size > 0 && row->known.size == 0)
        return S("column “why”: there is an explanation, but no known answer");
    if (row->is_practice && row->known.size == 0)
        return S("column “practice”: an item to practise on needs its known answer");
    if (utf8_length(row->known) > KNOWN_MAX || utf8_length(row->why) > 1000)
        return S("column “known” or “why”: longer than 3,000 or 1,000 characters");
    return S("");
}

static bool key_is_new(struct reading *r, struct str key)
{
    uint32_t before = r->all.keys.count;
    return names_number(&r->all.keys, key) == before;
}

struct task_row *task_row_add(struct task_reading *r)
{
    struct task_rows *rows = r->rows;
    if (rows->count == r->room) {
        r->room = r->room == 0 ? 256 : 2 * r->room;
        struct task_row *grown = arena_new(r->arena, struct task_row, r->room);
        if (rows->count > 0)
            memcpy(grown, rows->rows, rows->count * sizeof *grown);
        rows->rows = grown;
    }
    return &rows->rows[rows->count++];
}

/* Reads the current row's cells and judges them; false with what is wrong. */
static bool row_read(struct reading *r, struct task_row *row, struct str *wrong)
{
    const struct table *t = &r->table;
    const struct columns *c = &r->columns;
    row->key = str_copy(r->arena, cell(t, c->key));
    row->shown = str_copy(r->arena, cell(t, c->shown));
    row->known = str_copy(r->arena, cell(t, c->known));
    row->why = str_copy(r->arena, cell(t, c->why));
    if (!task_says_yes(cell(t, c->practice), &row->is_practice)) {
        *wrong = S("column “practice”: yes or no is asked here");
        return false;
    }
    *wrong = judge(r, row);
    return wrong->size == 0;
}

/* "Line 7, column …" */
static bool line_wrong(struct reading *r, struct str wrong, struct str *trouble)
{
    *trouble = str_printf(r->arena, "Line %zu, %.*s.", r->table.line, STR_ARG(wrong));
    return false;
}

static bool table_start(struct reading *r, struct str csv, struct str *trouble)
{
    struct fault fault = { 0 };
    if (!table_begin(&r->table, r->arena, csv, &fault)) {
        *trouble = str_copy(r->arena, str_from(fault.detail));
        return false;
    }
    return find_columns(r, trouble);
}

static bool table_sound(struct reading *r, struct str *trouble)
{
    if (r->table.fault.kind != FAULT_NONE)
        *trouble = str_copy(r->arena, str_from(r->table.fault.detail));
    return trouble->size == 0;
}

/* --- A file of its own ------------------------------------------------------------------------ */

/* "row 7-3fa2c1": the same file adds nothing a second time, but the seventh row of another one is
   another item. */
static struct str key_of_row(struct arena *arena, size_t number, struct str data)
{
    unsigned char digest[crypto_generichash_BYTES_MIN];
    crypto_generichash(digest, sizeof digest, (const unsigned char *)data.data, data.size, NULL, 0);
    return str_printf(arena, "row %zu-%.*s", number, STR_ARG(str_hex(arena, digest, 3)));
}

static void count_row(struct task_rows *rows, const struct task_row *row)
{
    rows->practice += row->is_practice;
    rows->controls += !row->is_practice && row->known.size > 0;
}

bool task_row_settle(struct task_reading *r, struct task_row *row)
{
    uint32_t before = r->keys.count;
    if (row->key.size > 0 && names_number(&r->keys, row->key) < before)
        return false;
    if (row->key.size == 0)
        row->key = key_of_row(r->arena, r->rows->count, row->data);
    if (row->shown.size == 0)
        row->shown = row->key;
    count_row(r->rows, row);
    return true;
}

static bool table_rows_read(struct reading *r, struct str csv, struct str *trouble)
{
    if (!table_start(r, csv, trouble))
        return false;
    while (table_next(&r->table)) {
        struct str wrong;
        if (r->rows->count == TASK_ITEMS_MAX) {
            *trouble = S("At most 1,000,000 items fit into one file.");
            return false;
        }
        struct task_row *row = task_row_add(&r->all);
        if (!row_read(r, row, &wrong))
            return line_wrong(r, wrong, trouble);
        row->data = row_data(r, S(""));
        if (!task_row_settle(&r->all, row))
            return line_wrong(r, S("column “id”: the same stands in an earlier row"), trouble);
    }
    if (table_sound(r, trouble) && r->rows->count == 0)
        *trouble = S("The file has no rows below its heading.");
    return trouble->size == 0;
}

bool task_items_read(struct arena *arena, struct str file, bool needs_text, struct task_rows *rows,
                     struct str *trouble)
{
    struct reading r = { .arena = arena,
                         .all = { .arena = arena,
                                  .needs_text = needs_text,
                                  .keys = { .arena = arena },
                                  .rows = rows },
                         .rows = rows };
    *rows = (struct task_rows){ 0 };
    *trouble = S("");
    return task_file_is_json(file) ? task_json_read(&r.all, file, trouble)
                                   : table_rows_read(&r, file, trouble);
}

bool task_rows_read(struct arena *arena, struct str csv, struct task_rows *rows,
                    struct str *trouble)
{
    return task_items_read(arena, csv, true, rows, trouble);
}

/* --- Pictures --------------------------------------------------------------------------------- */

static struct str last_segment(struct str path)
{
    size_t from = path.size;
    while (from > 0 && path.data[from - 1] != '/' && path.data[from - 1] != '\\')
        from--;
    return str_slice(path, from, path.size);
}

/* The file's name without its ending: "dogs/rex.jpeg" is "rex". */
static struct str key_of_path(struct str path)
{
    struct str name = last_segment(path);
    size_t end = name.size;
    while (end > 0 && name.data[end - 1] != '.')
        end--;
    return end > 1 ? str_slice(name, 0, end - 1) : name;
}

/* What the whole archive lies in, as when a folder was packed: "pictures/", or "". */
static struct str common_folder(const struct archive *archive)
{
    struct str folder = S("");
    for (size_t i = 0; i < archive->count; i++) {
        struct str path = archive->entries[i].path;
        size_t slash = str_find(path, S("/"));
        struct str first = slash == SIZE_MAX ? S("") : str_slice(path, 0, slash + 1);
        if (i == 0)
            folder = first;
        else if (!str_equal(folder, first))
            return S("");
    }
    return folder;
}

/* The one table, at the root of the archive; NULL where there is none. */
static const struct archive_entry *find_table(struct reading *r, const struct archive *archive,
                                              struct str folder, struct str *trouble)
{
    const struct archive_entry *table = NULL;
    for (size_t i = 0; i < archive->count; i++) {
        const struct archive_entry *entry = &archive->entries[i];
        if (entry->kind != ARCHIVE_TABLE)
            continue;
        struct str inside = str_slice(entry->path, folder.size, entry->path.size);
        if (table != NULL || str_find(inside, S("/")) != SIZE_MAX)
            *trouble = str_printf(r->arena,
                                  "“%.*s”: one CSV file may lie beside the pictures, outside of "
                                  "folders.",
                                  STR_ARG(entry->path));
        table = entry;
    }
    return table;
}

/* An item for each picture, without the table's words yet. */
static bool pictures_take(struct reading *r, const struct archive *archive, struct str folder,
                          struct str *trouble)
{
    for (size_t i = 0; i < archive->count && trouble->size == 0; i++) {
        const struct archive_entry *entry = &archive->entries[i];
        if (entry->kind != ARCHIVE_PICTURE)
            continue;
        struct task_row *row = task_row_add(&r->all);
        struct str file = str_slice(entry->path, folder.size, entry->path.size);
        *row = (struct task_row){ .key = key_of_path(file), .picture = str_from(entry->blob) };
        uint32_t number = r->files->count, lasts = r->lasts.count;
        if (names_number(&r->lasts, last_segment(file)) == lasts)
            r->of_last[lasts] = number;
        if (names_number(r->files, file) < number)
            *trouble = str_printf(r->arena, "“%.*s” is in the archive twice.", STR_ARG(file));
        else if (row->key.size == 0 || row->key.size > KEY_MAX)
            *trouble = str_printf(r->arena, "“%.*s”: a name of 1 to 100 letters is needed.",
                                  STR_ARG(file));
    }
    if (r->rows->count == 0 && trouble->size == 0)
        *trouble = S("There is no picture in the archive.");
    return trouble->size == 0;
}

/* The picture a row names: by its path, or by its name alone. */
static uint32_t picture_named(const struct reading *r, struct str file)
{
    uint32_t found = names_find(r->files, file), last = names_find(&r->lasts, file);
    return found != NAMES_NONE || last == NAMES_NONE ? found : r->of_last[last];
}

static bool words_add(struct reading *r, struct str *trouble)
{
    const struct str *files = r->files->all;
    check(files != NULL); /* there is a picture, or we were not here */
    while (table_next(&r->table)) {
        struct str file = cell(&r->table, r->columns.file), wrong;
        struct task_row typed = { 0 };
        if (!row_read(r, &typed, &wrong))
            return line_wrong(r, wrong, trouble);
        uint32_t number = picture_named(r, file);
        if (number == NAMES_NONE)
            return line_wrong(r,
                              str_printf(r->arena, "column “file”: there is no picture “%.*s”",
                                         STR_ARG(utf8_clip(file, 100))),
                              trouble);
        struct task_row *row = &r->rows->rows[number];
        if (row->data.size > 0)
            return line_wrong(r, S("column “file”: an earlier row names the same picture"),
                              trouble);
        typed.picture = row->picture;
        typed.key = typed.key.size > 0 ? typed.key : row->key;
        *row = typed;
        row->data = row_data(r, files[number]);
        count_row(r->rows, row);
    }
    return table_sound(r, trouble);
}

/* Pictures that no row names, and that no two items have one name. */
static bool rows_finish(struct reading *r, struct str *trouble)
{
    const struct str *files = r->files->all;
    check(files != NULL); /* there is a picture, or we were not here */
    r->table = (struct table){ 0 };
    for (size_t i = 0; i < r->rows->count && trouble->size == 0; i++) {
        struct task_row *row = &r->rows->rows[i];
        if (row->data.size == 0)
            row->data = row_data(r, files[i]);
        if (!key_is_new(r, row->key))
            *trouble = str_printf(r->arena,
                                  "“%.*s”: two items would be called “%.*s”, after their files "
                                  "without folder and ending.",
                                  STR_ARG(files[i]), STR_ARG(row->key));
    }
    return trouble->size == 0;
}

bool task_rows_from_pictures(struct arena *arena, const struct archive *archive,
                             struct task_rows *rows, struct str *trouble)
{
    struct names files = { .arena = arena };
    struct reading r = { .arena = arena,
                         .all = { .arena = arena, .keys = files, .rows = rows },
                         .lasts = files,
                         .of_last = arena_new(arena, uint32_t, archive->count),
                         .files = &files,
                         .rows = rows };
    *rows = (struct task_rows){ 0 };
    *trouble = S("");
    struct str folder = common_folder(archive);
    const struct archive_entry *table = find_table(&r, archive, folder, trouble);
    if (trouble->size > 0 || !pictures_take(&r, archive, folder, trouble))
        return false;
    if (table != NULL && (!table_start(&r, table->bytes, trouble) || !words_add(&r, trouble)))
        return false;
    return rows_finish(&r, trouble);
}
