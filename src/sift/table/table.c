#include "sift/table/table.h"

#include "base/arena.h"
#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Rows ------------------------------------------------------------------------------------- */

/* What ends a run of ordinary bytes in a cell. */
static const bool ends_run[256] = { [','] = true, ['\n'] = true, ['\r'] = true, ['"'] = true };

static bool broken(struct table *t, const char *why)
{
    return fault_set(&t->fault, FAULT_REFUSED, "line %zu: %s", t->line, why);
}

/* A cell in quotes; t->at stands behind the first of them, and then behind the last. */
static bool quoted_cell(struct table *t, struct str *cell)
{
    const char *from = t->at, *at = from;
    size_t doubled = 0;
    for (;;) {
        at = at == t->end ? NULL : memchr(at, '"', (size_t)(t->end - at));
        if (at == NULL)
            return broken(t, "a quotation mark is not closed");
        if (at + 1 == t->end || at[1] != '"')
            break;
        doubled++;
        at += 2;
    }
    *cell = (struct str){ from, (size_t)(at - from) };
    for (const char *c = from; (c = memchr(c, '\n', (size_t)(at - c))) != NULL; c++)
        t->lines_read++;
    t->at = at + 1;
    if (doubled == 0)
        return true;
    char *text = arena_take_bytes(t->arena, cell->size - doubled), *out = text;
    for (const char *c = from; c < at; c += *c == '"' ? 2 : 1)
        *out++ = *c;
    *cell = (struct str){ text, (size_t)(out - text) };
    return true;
}

/* How many bytes end a line here: 0, 1 (LF) or 2 (CRLF). */
static size_t line_end(const char *at, const char *end)
{
    if (at < end && *at == '\n')
        return 1;
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

/* The next cell; *last says whether the row ends behind it. */
static bool take_cell(struct table *t, struct str *cell, bool *last)
{
    const char *at = t->at, *end = t->end;
    if (at < end && *at == '"') {
        t->at++;
        if (!quoted_cell(t, cell))
            return false;
        at = t->at;
    } else {
        while (at < end && !ends_run[(unsigned char)*at])
            at++;
        *cell = (struct str){ t->at, (size_t)(at - t->at) };
    }
    *last = at == end || *at != ',';
    if (*last) {
        size_t ending = line_end(at, end);
        if (ending == 0 && at < end)
            return broken(t, "text and quotation marks do not fit together in a cell");
        t->lines_read++;
        t->at = at + ending;
    } else {
        t->at = at + 1;
    }
    return true;
}

static void pass_empty_lines(struct table *t)
{
    for (size_t ending; (ending = line_end(t->at, t->end)) > 0; t->at += ending)
        t->lines_read++;
    t->line = t->lines_read + 1;
}

bool table_next(struct table *t)
{
    pass_empty_lines(t);
    if (t->at == t->end)
        return false;
    size_t count = 0;
    for (bool last = false; !last; count++) {
        struct str cell;
        if (!take_cell(t, &cell, &last))
            return false;
        if (count < t->column_count)
            t->row[count] = cell;
    }
    if (count == t->column_count)
        return true;
    return fault_set(&t->fault, FAULT_REFUSED, "line %zu has %zu cells, the heading has %zu",
                     t->line, count, t->column_count);
}

bool table_begin(struct table *t, struct arena *arena, struct str bytes, struct fault *fault)
{
    enum { COLUMNS_MAX = 16384 };
    if (str_starts(bytes, S("\xEF\xBB\xBF")))
        bytes = str_slice(bytes, 3, SIZE_MAX);
    *t = (struct table){ .arena = arena, .at = bytes.data, .end = bytes.data + bytes.size };
    pass_empty_lines(t);
    if (t->at == t->end)
        return fault_set(fault, FAULT_REFUSED, "the table is empty");
    struct str *heading = arena_new(arena, struct str, COLUMNS_MAX);
    for (bool last = false; !last; t->column_count++) {
        if (t->column_count == COLUMNS_MAX)
            return fault_set(fault, FAULT_REFUSED, "the heading has more than %d columns",
                             COLUMNS_MAX);
        if (!take_cell(t, &heading[t->column_count], &last)) {
            *fault = t->fault;
            return false;
        }
    }
    t->heading = heading;
    t->row = arena_new(arena, struct str, t->column_count);
    t->cells = t->row;
    return true;
}

int table_column(const struct table *t, const char *names)
{
    struct str rest = str_from(names);
    while (rest.size > 0) {
        struct str name = str_cut(&rest, '|');
        for (size_t i = 0; i < t->column_count; i++)
            if (str_equal_nocase(str_trim(t->heading[i]), name))
                return (int)i;
    }
    return -1;
}

struct str table_heading(const struct table *t, size_t column)
{
    check(column < t->column_count);
    return str_trim(t->heading[column]);
}

void table_write_cell(FILE *out, struct str cell)
{
    bool quoted = false;
    for (size_t i = 0; i < cell.size; i++)
        quoted |= ends_run[(unsigned char)cell.data[i]];
    if (!quoted) {
        if (cell.size > 0) /* an empty one may be NULL, which fwrite must not be given */
            fwrite(cell.data, 1, cell.size, out);
        return;
    }
    putc('"', out);
    for (size_t i = 0; i < cell.size; i++) {
        if (cell.data[i] == '"')
            putc('"', out);
        putc(cell.data[i], out);
    }
    putc('"', out);
}

bool table_number(struct str cell, double *value)
{
    char text[64];
    if (cell.size == 0 || cell.size >= sizeof text)
        return false;
    for (size_t i = 0; i < cell.size; i++) /* what strtod takes besides: spaces, hex, inf, nan */
        if (strchr("0123456789+-.eE", cell.data[i]) == NULL || cell.data[i] == '\0')
            return false;
    memcpy(text, cell.data, cell.size);
    text[cell.size] = '\0';
    char *end;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

/* --- Names ------------------------------------------------------------------------------------ */

/* The upper and the lower half of a product, one over the other: every bit of both counts. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A slot tells names of up to eight bytes apart by itself; of longer ones it holds the last eight.
 */
struct names_slot {
    uint64_t word;
    uint32_t size, number; /* number + 1; 0: free */
};

/* The last eight bytes, or all of a shorter name: with its size they tell it from any other. */
static uint64_t last_word(struct str name)
{
    uint64_t word = 0;
    uint32_t low, high;
    const unsigned char *bytes = (const unsigned char *)name.data;
    if (name.size >= sizeof word) {
        memcpy(&word, bytes + name.size - sizeof word, sizeof word);
    } else if (name.size >= sizeof low) {
        memcpy(&low, bytes, sizeof low);
        memcpy(&high, bytes + name.size - sizeof high, sizeof high);
        word = (uint64_t)high << 32 | low;
    } else if (name.size > 0) {
        word =
            bytes[0] | (uint64_t)bytes[name.size / 2] << 8 | (uint64_t)bytes[name.size - 1] << 16;
    }
    return word;
}

/* By multiplication, eight bytes at a time; the last ones overlap those before. */
static uint32_t hash_of(struct str name, uint64_t last)
{
    const uint64_t odd = 0x9e3779b97f4a7c15;
    uint64_t h = name.size + odd, word;
    for (size_t at = 0; at + sizeof word < name.size; at += sizeof word) {
        memcpy(&word, name.data + at, sizeof word);
        h = fold(h ^ word, odd);
    }
    return (uint32_t)fold(h ^ last, odd);
}

static bool holds(const struct names *n, const struct names_slot *slot, struct str name,
                  uint64_t last)
{
    return slot->word == last && slot->size == name.size &&
           (name.size <= sizeof last || str_equal(n->all[slot->number - 1], name));
}

/* The slot that holds the name, or the free one where it belongs. */
static struct names_slot *slot_of(const struct names *n, struct str name)
{
    uint64_t last = last_word(name);
    uint32_t at = hash_of(name, last) & n->slot_mask;
    while (n->slots[at].number != 0 && !holds(n, &n->slots[at], name, last))
        at = (at + 1) & n->slot_mask;
    return &n->slots[at];
}

static void take_slot(struct names_slot *slot, struct str name, uint32_t number)
{
    *slot = (struct names_slot){ last_word(name), (uint32_t)name.size, number + 1 };
}

static void grow(struct names *n)
{
    enum { CAPACITY_FIRST = 192 };
    uint32_t capacity = n->capacity == 0 ? CAPACITY_FIRST : 2 * n->capacity;
    struct str *all = arena_new(n->arena, struct str, capacity);
    if (n->count > 0)
        memcpy(all, n->all, n->count * sizeof *all);
    n->all = all;
    n->capacity = capacity;
    n->slots = arena_new(n->arena, struct names_slot, capacity / 3 * 4);
    n->slot_mask = capacity / 3 * 4 - 1; /* 256, and then doubled */
    for (uint32_t i = 0; i < n->count; i++)
        take_slot(slot_of(n, n->all[i]), n->all[i], i);
}

uint32_t names_number(struct names *n, struct str name)
{
    if (n->count == n->capacity)
        grow(n);
    struct names_slot *slot = slot_of(n, name);
    if (slot->number == 0) {
        check(n->count < NAMES_NONE - 1 && name.size <= UINT32_MAX);
        n->all[n->count] = str_copy(n->arena, name);
        take_slot(slot, name, n->count++);
    }
    return slot->number - 1;
}

uint32_t names_find(const struct names *n, struct str name)
{
    return n->count == 0 ? NAMES_NONE : slot_of(n, name)->number - 1; /* 0 - 1 is NAMES_NONE */
}
