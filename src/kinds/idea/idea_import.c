/* Taking ideas in from CSV: the whole file is read and judged before anything is written. */
#include "idea_inner.h"

#include <csv.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/id.h"
#include "commons/record/record.h"
#include "commons/theme/theme.h"

enum column {
    COLUMN_NONE,
    COLUMN_TITLE,
    COLUMN_TEXT,
    COLUMN_CATEGORY,
    COLUMN_AUTHOR,
    COLUMN_AUTHOR_ID,
    COLUMN_MODERATED,
    COLUMN_TIMESTAMP,
    COLUMN_THEME
};
enum { COLUMNS_MAX = 64 };

static const struct {
    const char *heading;
    enum column column;
} headings[] = {
    { "title", COLUMN_TITLE },         { "idea", COLUMN_TITLE },
    { "comment-body", COLUMN_TITLE },  { "text", COLUMN_TEXT },
    { "description", COLUMN_TEXT },    { "category", COLUMN_CATEGORY },
    { "author", COLUMN_AUTHOR },       { "author-id", COLUMN_AUTHOR_ID },
    { "moderated", COLUMN_MODERATED }, { "timestamp", COLUMN_TIMESTAMP },
    { "theme", COLUMN_THEME },
};

struct reader {
    struct arena *arena;
    enum column columns[COLUMNS_MAX];
    size_t column_count, at;
    bool past_heading, too_many;
    struct idea_row row;
    struct str moderated;
    struct idea_rows *out;
    size_t capacity;
    int64_t line;
};

/* --- Judging a row: pure ---------------------------------------------------------------------- */

/* One line, white space folded; what a title may hold. */
static struct str folded(struct arena *arena, struct str s)
{
    struct buf out = { .arena = arena };
    bool gap = false;
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c <= ' ' || c == 0x7f) {
            gap = out.size > 0;
            continue;
        }
        if (gap)
            buf_char(&out, ' ');
        gap = false;
        buf_char(&out, (char)c);
    }
    return buf_str(&out);
}

/* A form would not take these either; PostgreSQL cannot even hold a zero byte. */
static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static struct str objection(struct arena *arena, const struct idea_row *row, struct str moderated)
{
    if (!utf8_valid(row->title) || !utf8_valid(row->text) || !utf8_valid(row->category) ||
        !utf8_valid(row->author_label) || !utf8_valid(row->theme))
        return S("is not valid UTF-8");
    if (str_equal(moderated, S("-1")))
        return S("was moderated out where it comes from");
    if (moderated.size > 0 && !str_equal(moderated, S("0")) && !str_equal(moderated, S("1")))
        return str_printf(arena, "moderated must be -1, 0 or 1, not \"%.*s\"",
                          STR_ARG(utf8_clip(moderated, 20)));
    if (has_control(row->text))
        return S("text holds control characters");
    size_t title = utf8_length(row->title), text = utf8_length(row->text);
    if (title < IDEA_TITLE_MIN)
        return str_printf(arena, "title has %zu characters, at least %d are needed", title,
                          IDEA_TITLE_MIN);
    if (title > IDEA_TITLE_MAX && text > 0)
        return str_printf(arena, "title has %zu characters, at most %d are allowed", title,
                          IDEA_TITLE_MAX);
    if (text > IDEA_TEXT_MAX)
        return str_printf(arena, "text has %zu characters, at most %d are allowed", text,
                          IDEA_TEXT_MAX);
    if (utf8_length(row->category) > 60)
        return S("category has more than 60 characters");
    if (utf8_length(row->theme) > THEME_NAME_MAX)
        return str_printf(arena, "theme has more than %d characters", THEME_NAME_MAX);
    return S("");
}

/* A statement that is too long for a title becomes the text, and its beginning the title. */
static void shorten_title(struct reader *reader)
{
    struct idea_row *row = &reader->row;
    if (utf8_length(row->title) <= IDEA_TITLE_MAX || row->text.size > 0)
        return;
    row->text = row->title;
    struct str head = utf8_clip(row->title, IDEA_TITLE_MAX - 1);
    size_t end = head.size;
    while (end > head.size / 2 && head.data[end - 1] != ' ')
        end--;
    row->title = str_join(reader->arena, str_trim(str_slice(head, 0, end)), S("…"));
}

/* --- Reading ---------------------------------------------------------------------------------- */

static enum column column_of(struct str heading)
{
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
        if (str_equal_nocase(str_trim(heading), str_from(headings[i].heading)))
            return headings[i].column;
    return COLUMN_NONE;
}

static void on_field(void *bytes, size_t size, void *context)
{
    struct reader *reader = context;
    struct str value = str_copy(reader->arena, (struct str){ bytes, size });
    if (!reader->past_heading) {
        if (reader->column_count == 0 && str_starts(value, S("\xef\xbb\xbf")))
            value = str_slice(value, 3, value.size); /* byte order mark */
        if (reader->column_count < COLUMNS_MAX)
            reader->columns[reader->column_count++] = column_of(value);
        return;
    }
    enum column column =
        reader->at < reader->column_count ? reader->columns[reader->at] : COLUMN_NONE;
    reader->at++;
    switch (column) {
    case COLUMN_TITLE:
        reader->row.title = folded(reader->arena, value);
        break;
    case COLUMN_TEXT:
        reader->row.text = str_trim(value);
        break;
    case COLUMN_CATEGORY:
        reader->row.category = folded(reader->arena, value);
        break;
    case COLUMN_AUTHOR:
        reader->row.author_label = utf8_clip(folded(reader->arena, value), 60);
        break;
    case COLUMN_AUTHOR_ID:
        reader->row.author_label = str_printf(reader->arena, "Participant %.*s",
                                              STR_ARG(utf8_clip(folded(reader->arena, value), 40)));
        break;
    case COLUMN_MODERATED:
        reader->moderated = str_trim(value);
        break;
    case COLUMN_TIMESTAMP:
        if (str_to_int64(str_trim(value), &reader->row.created_at) && reader->row.created_at > 0 &&
            reader->row.created_at < INT64_MAX / 1000)
            reader->row.created_at *= 1000;
        else
            reader->row.created_at = 0;
        break;
    case COLUMN_THEME:
        reader->row.theme = folded(reader->arena, value);
        break;
    case COLUMN_NONE:
        break;
    }
}

static void on_row(int terminator, void *context)
{
    (void)terminator;
    struct reader *reader = context;
    reader->line++;
    if (!reader->past_heading) {
        reader->past_heading = true;
        return;
    }
    struct idea_rows *out = reader->out;
    if (out->count == IDEA_IMPORT_ROWS_MAX) {
        reader->too_many = true;
        return;
    }
    if (out->count == reader->capacity) {
        size_t capacity = reader->capacity == 0 ? 256 : reader->capacity * 2;
        struct idea_row *rows = arena_new(reader->arena, struct idea_row, capacity);
        for (size_t i = 0; i < out->count; i++)
            rows[i] = out->rows[i];
        out->rows = rows;
        reader->capacity = capacity;
    }
    struct idea_row *row = &reader->row;
    row->line = reader->line;
    row->refused = objection(reader->arena, row, reader->moderated);
    if (row->refused.size == 0) {
        shorten_title(reader);
        out->accepted++;
    } else if (!utf8_valid(row->title)) {
        row->title = S("");
    }
    out->rows[out->count++] = *row;
    reader->row = (struct idea_row){ 0 };
    reader->moderated = S("");
    reader->at = 0;
}

bool idea_rows_read(struct arena *arena, struct str csv, struct idea_rows *rows,
                    struct str *trouble)
{
    *rows = (struct idea_rows){ 0 };
    struct reader reader = { .arena = arena, .out = rows };
    struct csv_parser parser;
    check(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) == 0);
    size_t read = csv_parse(&parser, csv.data, csv.size, on_field, on_row, &reader);
    bool whole = read == csv.size && csv_fini(&parser, on_field, on_row, &reader) == 0;
    csv_free(&parser);
    if (!whole) {
        *trouble = str_printf(
            arena,
            "The file stops being CSV after line %lld: a quotation mark is open or stands "
            "inside a word. Nothing was taken in.",
            (long long)reader.line);
        return false;
    }
    bool has_title = false;
    for (size_t i = 0; i < reader.column_count; i++)
        has_title |= reader.columns[i] == COLUMN_TITLE;
    if (!has_title) {
        *trouble = S("The first line names no column \"title\". Nothing was taken in.");
        return false;
    }
    if (reader.too_many) {
        *trouble =
            str_printf(arena, "The file has more than %d rows. Split it. Nothing was taken in.",
                       IDEA_IMPORT_ROWS_MAX);
        return false;
    }
    return true;
}

/* --- Keeping ---------------------------------------------------------------------------------- */

struct categories {
    struct categories_of_row rows[100];
    size_t count;
};

static struct category_id category_named(struct sql *db, int64_t now,
                                         struct campaign_id campaign_id, struct str name,
                                         struct categories *known)
{
    if (name.size == 0)
        return (struct category_id){ 0 };
    for (size_t i = 0; i < known->count; i++)
        if (str_equal_nocase(known->rows[i].name, name))
            return known->rows[i].category_id;
    if (known->count == sizeof known->rows / sizeof known->rows[0])
        return (struct category_id){ 0 };
    struct category_id id = { id_make(now) };
    category_insert(db, (struct category_insert){ campaign_id, id, (int64_t)known->count, name });
    known->rows[known->count++] = (struct categories_of_row){ .category_id = id, .name = name };
    return id;
}

/* What has no time counts as new. */
static int older_first(const void *a, const void *b)
{
    const struct idea_row *x = *(const struct idea_row *const *)a;
    const struct idea_row *y = *(const struct idea_row *const *)b;
    int64_t x_at = x->created_at > 0 ? x->created_at : INT64_MAX;
    int64_t y_at = y->created_at > 0 ? y->created_at : INT64_MAX;
    if (x_at != y_at)
        return x_at < y_at ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* The rows in order of their time, so that ids, which lists of the newest go by, follow it. */
static const struct idea_row **by_age(struct arena *arena, const struct idea_rows *rows)
{
    const struct idea_row **order = arena_new(arena, const struct idea_row *, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        order[i] = &rows->rows[i];
    qsort(order, rows->count, sizeof *order, older_first);
    return order;
}

struct idea_import_id idea_rows_keep(struct sql *db, int64_t now, struct campaign_id campaign_id,
                                     struct person_id importer, struct str actor,
                                     const struct idea_rows *rows)
{
    struct arena *arena = sql_arena(db);
    struct idea_import_id import_id = { id_make(now) };
    struct categories *known = arena_new(arena, struct categories, 1);
    struct categories_of_row *existing;
    known->count = categories_of(db, (struct categories_of){ campaign_id }, &existing);
    for (size_t i = 0; i < known->count; i++)
        known->rows[i] = existing[i];

    struct theme_placed *placed = arena_new(arena, struct theme_placed, rows->count);
    size_t placed_count = 0;
    const struct idea_row **order = by_age(arena, rows);
    for (size_t i = 0; i < rows->count; i++) {
        const struct idea_row *row = order[i];
        idea_import_row_insert(
            db, (struct idea_import_row_insert){ .campaign_id = campaign_id,
                                                 .idea_import_id = import_id,
                                                 .line = row->line,
                                                 .reason = row->refused,
                                                 .title = utf8_clip(row->title, IDEA_TITLE_MAX) });
        if (row->refused.size > 0)
            continue;
        struct str commitment;
        struct category_id category_id = category_named(db, now, campaign_id, row->category, known);
        struct str label = row->author_label.size > 0 ? row->author_label : S("Imported");
        int64_t created_at = row->created_at > 0 && row->created_at < now ? row->created_at : now;
        struct idea_id id = idea_make(db, now, created_at, campaign_id, importer, label,
                                      category_id, row->title, row->text, &commitment);
        record_append(db, &(struct record_news){ .campaign_id = campaign_id,
                                                 .now = now,
                                                 .actor = actor,
                                                 .action = "idea.imported",
                                                 .subject = id_text(arena, id.value),
                                                 .commitment = commitment });
        if (row->theme.size > 0)
            placed[placed_count++] = (struct theme_placed){ subject_of(id), row->theme };
    }
    theme_import(db, now, campaign_id, importer, placed, placed_count);
    size_t refused = rows->count - rows->accepted;
    idea_import_insert(db,
                       (struct idea_import_insert){ campaign_id, import_id, now,
                                                    (int64_t)rows->accepted, (int64_t)refused });
    record_append(db, &(struct record_news){
                          .campaign_id = campaign_id,
                          .now = now,
                          .actor = actor,
                          .action = "ideas.imported",
                          .details = str_printf(arena, "{\"accepted\":%zu,\"refused\":%zu}",
                                                rows->accepted, refused) });
    event_add(db, now, campaign_id, "ideas.imported", (struct subject_id){ 0 }, importer, S(""));
    return import_id;
}
