/* The text that a list of items is kept as; see task_intake.h. */
#include "task_intake.h"

#include "base/check.h"
#include "base/id.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"

/* --- Writing ---------------------------------------------------------------------------------- */

/* What a row takes at most but for quotes and the like, so that room is made once. */
static size_t room_for(const struct task_rows *rows)
{
    enum { AROUND_ROW = 64 };
    size_t size = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct task_row *row = &rows->rows[i];
        size += row->key.size + row->shown.size + row->data.size + row->data.size / 4 +
                row->picture.size + row->known.size + row->why.size + AROUND_ROW;
    }
    return size;
}

static void add_row(struct buf *json, int64_t now, const struct task_row *row)
{
    uint8_t chance;
    const struct str texts[] = {
        row->key, row->shown, row->data, row->picture, row->known, row->why
    };
    random_bytes(&chance, sizeof chance);
    buf_char(json, '[');
    buf_int(json, id_make(now));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        buf_char(json, ',');
        json_text(json, texts[i]);
    }
    buf_char(json, ',');
    buf_int(json, chance % TASK_BUCKETS);
    buf_char(json, ']');
}

static char kind_of(const struct task_row *row)
{
    if (row->is_practice)
        return 'p';
    return row->known.size > 0 ? 'c' : 'i';
}

/* How many rows the line that begins with `first` has: those of its kind from there on. */
static int64_t rows_of_line(const struct task_rows *rows, size_t first)
{
    char kind = kind_of(&rows->rows[first]);
    int64_t count = 0;
    size_t bytes = 0;
    for (size_t i = first; i < rows->count && count < TASK_LINE_ROWS && bytes < TASK_LINE_BYTES;
         i++) {
        const struct task_row *row = &rows->rows[i];
        if (kind_of(row) != kind)
            continue;
        count++;
        bytes += row->shown.size + row->data.size + row->known.size + row->why.size;
    }
    return count;
}

static void write_kind(struct buf *out, int64_t now, const struct task_rows *rows, char kind)
{
    int64_t left = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct task_row *row = &rows->rows[i];
        if (kind_of(row) != kind)
            continue;
        bool is_first = left == 0;
        if (is_first) {
            left = rows_of_line(rows, i);
            buf_printf(out, "%c %lld [", kind, (long long)left);
        } else {
            buf_char(out, ',');
        }
        add_row(out, now, row);
        if (--left == 0)
            buf_add(out, S("]\n"));
    }
    check(left == 0);
}

struct str task_list_write(struct arena *arena, int64_t now, const struct task_rows *rows)
{
    struct buf out = { .arena = arena };
    buf_reserve(&out, room_for(rows));
    for (const char *kind = "pci"; *kind != '\0'; kind++)
        write_kind(&out, now, rows, *kind);
    return buf_str(&out);
}

/* --- Reading ---------------------------------------------------------------------------------- */

bool task_line_next(struct str *rest, struct task_line *line)
{
    size_t end = str_find(*rest, S("\n")), at = 2;
    if (end == SIZE_MAX)
        return false;
    *line = (struct task_line){ .kind = rest->data[0] };
    for (; at < end && rest->data[at] >= '0' && rest->data[at] <= '9'; at++)
        line->rows = line->rows * 10 + (rest->data[at] - '0');
    check(at + 1 < end && rest->data[at] == ' '); /* a blob is what was written, or not there */
    line->json = str_slice(*rest, at + 1, end);
    *rest = str_slice(*rest, end + 1, rest->size);
    return true;
}

struct str task_list_portion(struct str list, int64_t rows_max, size_t bytes_max, int64_t *rows)
{
    struct str rest = list;
    struct task_line line;
    size_t size = 0;
    *rows = 0;
    while (task_line_next(&rest, &line)) {
        size_t with_it = list.size - rest.size;
        if (size > 0 && (*rows + line.rows > rows_max || with_it > bytes_max))
            break;
        *rows += line.rows;
        size = with_it;
    }
    return str_slice(list, 0, size);
}
