/* Rows of votes, tallies, choices and marks. Every complaint names the line. O(bytes). */
#include "sift/rank/rows.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/rank/counter.h"

#include <math.h>
#include <string.h>

static const char *const item_names = "item|task|idea|entry|item id|idea id";
static const char *const person_names = "voter|worker|person|judge|session id|session";
static const char *const up_names = "up|for|agree|wins";
static const char *const down_names = "down|against|disagree|losses";
static const char *const mark_names = "score|mark|label|rating";
static const char *const time_names = "time|created_at|created at|timestamp";

struct columns {
    int item, other, person, origin, value, down, time, only;
    struct str only_value;
};

struct reading {
    struct table table;
    enum rank_layout layout;
    struct columns columns;
    struct rank_rows *rows;
    size_t capacity;
    struct arena *arena;
    struct fault *fault;
};

/* --- Cells ------------------------------------------------------------------------------------ */

/* `count` digits at the front of *text, taken off it. */
static bool take_digits(struct str *text, size_t count, int64_t *value)
{
    bool fits = text->size >= count && text->data[0] != '-' &&
                str_to_int64(str_slice(*text, 0, count), value);
    *text = str_slice(*text, count, SIZE_MAX);
    return fits;
}

static bool take_char(struct str *text, const char *any_of)
{
    bool fits = text->size > 0 && text->data[0] != '\0' && strchr(any_of, text->data[0]) != NULL;
    *text = str_slice(*text, 1, SIZE_MAX);
    return fits;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar: years begin with March here. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

bool rank_moment(struct str text, int64_t *at_s)
{
    int64_t number, part[6];
    if (str_to_int64(text, &number)) {
        int64_t size = number < 0 ? -(number + 1) : number;
        *at_s = size < 100000000000      ? number
                : size < 100000000000000 ? number / 1000
                                         : number / 1000000;
        return true;
    }
    static const char *const between[] = { "-", "-", " T", ":", ":" };
    for (int i = 0; i < 6; i++)
        if (!take_digits(&text, i == 0 ? 4 : 2, &part[i]) ||
            (i < 5 && !take_char(&text, between[i])))
            return false;
    if (str_starts(text, S(".")))
        for (text = str_slice(text, 1, SIZE_MAX);
             text.size > 0 && text.data[0] >= '0' && text.data[0] <= '9';)
            text = str_slice(text, 1, SIZE_MAX);
    if (text.size > 0 && !str_equal(text, S("Z")) && !str_equal(text, S(" UTC")))
        return false;
    if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31 || part[3] > 23 ||
        part[4] > 59 || part[5] > 60)
        return false;
    *at_s = days_of(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 + part[5];
    return true;
}

static bool any_of(struct str text, const char *words)
{
    struct str rest = str_from(words);
    while (rest.size > 0)
        if (str_equal_nocase(text, str_cut(&rest, '|')))
            return true;
    return false;
}

/* 1, -1, or 0 for no vote; false when it is none of these. */
static bool vote_of(struct str cell, double *vote)
{
    if (table_number(cell, vote))
        *vote = (*vote > 0) - (*vote < 0);
    else if (any_of(cell, "up|for|yes|agree|like|true"))
        *vote = 1;
    else if (any_of(cell, "down|against|no|disagree|dislike|false"))
        *vote = -1;
    else if (cell.size == 0 || any_of(cell, "pass|none|abstain|skip"))
        *vote = 0;
    else
        return false;
    return true;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static bool wrong(struct reading *r, const char *what, struct str cell)
{
    return fault_set(r->fault, FAULT_REFUSED, "line %zu: \"%.*s\" is no %s", r->table.line,
                     STR_ARG(str_slice(cell, 0, 60)), what);
}

static bool take_name(struct reading *r, struct names *names, int column, const char *what,
                      uint32_t *number)
{
    struct str cell = str_trim(r->table.cells[column]);
    if (cell.size == 0)
        return fault_set(r->fault, FAULT_REFUSED, "line %zu: the %s is missing", r->table.line,
                         what);
    *number = names_number(names, cell);
    return true;
}

/* The name in a column that need not be there, nor filled. */
static uint32_t name_if_any(struct reading *r, struct names *names, int column)
{
    struct str cell = column < 0 ? S("") : str_trim(r->table.cells[column]);
    return cell.size == 0 ? NAMES_NONE : names_number(names, cell);
}

static bool take_tally(struct reading *r, int column, double *value)
{
    struct str cell = str_trim(r->table.cells[column]);
    if (!table_number(cell, value) || *value < 0 || *value > 1e15)
        return wrong(r, "number of votes", cell);
    return true;
}

static bool take_tallies(struct reading *r, struct rank_row *row)
{
    return take_tally(r, r->columns.value, &row->value) &&
           take_tally(r, r->columns.down, &row->down);
}

static bool take_vote(struct reading *r, struct rank_row *row)
{
    struct str cell = str_trim(r->table.cells[r->columns.value]);
    if (!vote_of(cell, &row->value))
        return wrong(r, "vote", cell);
    return true;
}

static bool take_loser(struct reading *r, struct rank_row *row)
{
    row->value = 1;
    if (!take_name(r, &r->rows->items, r->columns.other, "loser", &row->other))
        return false;
    if (row->other == row->item)
        return fault_set(r->fault, FAULT_REFUSED, "line %zu: winner and loser are the same",
                         r->table.line);
    return true;
}

static bool take_mark(struct reading *r, struct rank_row *row)
{
    struct str cell = str_trim(r->table.cells[r->columns.value]);
    if (!table_number(cell, &row->value) || fabs(row->value) > 1e15)
        return wrong(r, "number", cell);
    return true;
}

static bool take_label(struct reading *r, struct rank_row *row)
{
    uint32_t label = 0;
    bool there = take_name(r, &r->rows->labels, r->columns.value, "label", &label);
    row->value = label;
    return there;
}

/* What a row says of its item. */
static bool (*const take_value[])(struct reading *r, struct rank_row *row) = {
    [RANK_TALLIES] = take_tallies, [RANK_VOTES] = take_vote,   [RANK_CHOICES] = take_loser,
    [RANK_MARKS] = take_mark,      [RANK_LABELS] = take_label,
};

static bool take_time(struct reading *r, struct rank_row *row)
{
    if (r->columns.time < 0)
        return true;
    struct str cell = str_trim(r->table.cells[r->columns.time]);
    if (!rank_moment(cell, &row->at_s))
        return wrong(r, "time", cell);
    return true;
}

static bool take_row(struct reading *r, struct rank_row *row)
{
    struct rank_rows *rows = r->rows;
    const char *item = r->layout == RANK_CHOICES ? "winner" : "item";
    if (!take_name(r, &rows->items, r->columns.item, item, &row->item) ||
        !take_value[r->layout](r, row) || !take_time(r, row))
        return false;
    row->person = name_if_any(r, &rows->people, r->columns.person);
    row->origin = name_if_any(r, &rows->origins, r->columns.origin);
    return true;
}

static void keep(struct reading *r, struct rank_row row)
{
    struct rank_rows *rows = r->rows;
    if (r->layout == RANK_VOTES && row.value == 0) {
        rows->passed_over++;
        return;
    }
    if (rows->count == r->capacity) {
        r->capacity = r->capacity == 0 ? 1024 : 2 * r->capacity;
        struct rank_row *larger =
            (struct rank_row *)arena_take_bytes(r->arena, r->capacity * sizeof *larger);
        if (rows->count > 0)
            memcpy(larger, rows->rows, rows->count * sizeof *larger);
        rows->rows = larger;
    }
    rows->rows[rows->count++] = row;
}

/* --- Columns ---------------------------------------------------------------------------------- */

static bool need(struct reading *r, int column, const char *names)
{
    if (column >= 0)
        return true;
    struct str first = str_from(names);
    first = str_cut(&first, '|');
    return fault_set(r->fault, FAULT_REFUSED, "there is no column \"%.*s\" (or %s)",
                     (int)first.size, first.data, names);
}

static bool find_only(struct reading *r, const char *only)
{
    r->columns.only = -1;
    if (only == NULL)
        return true;
    struct str value = str_from(only), column = str_cut(&value, '=');
    const char *name = str_c(r->arena, column);
    r->columns.only = table_column(&r->table, name);
    r->columns.only_value = value;
    if (r->columns.only < 0)
        return fault_set(r->fault, FAULT_REFUSED, "there is no column \"%s\"", name);
    return true;
}

static bool find_columns(struct reading *r, const char *only)
{
    struct table *t = &r->table;
    struct columns *c = &r->columns;
    bool choices = r->layout == RANK_CHOICES, tallies = r->layout == RANK_TALLIES;
    const char *item = choices ? "winner|winner id" : item_names;
    const char *value = tallies ? up_names : r->layout == RANK_VOTES ? "vote|value" : mark_names;
    const char *second = choices ? "loser|loser id" : down_names;
    bool judged = r->layout == RANK_MARKS || r->layout == RANK_LABELS;
    c->item = table_column(t, item);
    c->value = choices ? -1 : table_column(t, value);
    c->other = c->down = table_column(t, second);
    c->person = tallies ? -1 : table_column(t, person_names);
    c->origin = table_column(t, "origin|ip|address");
    c->time = tallies ? -1 : table_column(t, time_names);
    r->rows->has_people = c->person >= 0;
    r->rows->has_origins = c->origin >= 0;
    r->rows->has_times = c->time >= 0;
    return need(r, c->item, item) && (choices || need(r, c->value, value)) &&
           (!(choices || tallies) || need(r, c->down, second)) &&
           (!judged || need(r, c->person, person_names)) && find_only(r, only);
}

bool rank_has_tallies(struct arena *arena, struct str csv)
{
    struct table t;
    struct fault ignored = { 0 };
    return table_begin(&t, arena, csv, &ignored) && table_column(&t, up_names) >= 0 &&
           table_column(&t, down_names) >= 0;
}

static bool chosen(const struct reading *r)
{
    return r->columns.only < 0 || str_equal_nocase(str_trim(r->table.cells[r->columns.only]),
                                                   str_trim(r->columns.only_value));
}

bool rank_rows_read(struct arena *arena, struct str csv, enum rank_layout layout, const char *only,
                    struct rank_rows *rows, struct fault *fault)
{
    *rows = (struct rank_rows){
        .items.arena = arena, .people.arena = arena, .origins.arena = arena, .labels.arena = arena
    };
    struct reading r = { .layout = layout, .rows = rows, .arena = arena, .fault = fault };
    if (!table_begin(&r.table, arena, csv, fault) || !find_columns(&r, only))
        return false;
    while (table_next(&r.table)) {
        struct rank_row row = { .other = NAMES_NONE };
        if (!chosen(&r)) {
            rows->passed_over++;
            continue;
        }
        if (!take_row(&r, &row))
            return false;
        keep(&r, row);
    }
    if (r.table.fault.kind == FAULT_NONE)
        return true;
    *fault = r.table.fault;
    return false;
}

size_t rank_rows_latest(struct arena *arena, struct rank_rows *rows)
{
    check(rows->count < UINT32_MAX);
    struct arena_mark mark = arena_mark(arena);
    struct counter last = rank_counter_make(arena, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        *rank_counter_of(&last, rows->rows[i].person, rows->rows[i].item) = (uint32_t)i;
    size_t kept = 0, before = rows->count;
    for (size_t i = 0; i < before; i++) {
        struct rank_row row = rows->rows[i];
        if (row.person == NAMES_NONE || *rank_counter_of(&last, row.person, row.item) == i)
            rows->rows[kept++] = row;
    }
    rows->count = kept;
    arena_rewind(arena, mark);
    return before - kept;
}
