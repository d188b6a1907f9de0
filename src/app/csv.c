#include "app/csv.h"

#include <string.h>

static const size_t file_bytes_max = (size_t)4 << 30;

bool csv_open(struct arena *arena, const char *path, struct table *table)
{
    struct str bytes;
    struct fault fault = { 0 };
    if (!read_file(arena, path, file_bytes_max, &bytes))
        return false;
    if (table_begin(table, arena, bytes, &fault))
        return true;
    complain("%s: %s", path, fault.detail);
    return false;
}

int csv_need_column(const char *path, const struct table *table, const char *names)
{
    int column = table_column(table, names);
    if (column < 0)
        complain("%s: there is no column \"%.*s\"", path, (int)strcspn(names, "|"), names);
    return column;
}

bool csv_ended_well(const char *path, const struct table *table)
{
    if (table->fault.kind == FAULT_NONE)
        return true;
    complain("%s: %s", path, table->fault.detail);
    return false;
}

size_t csv_rows_most(const struct table *table)
{
    size_t lines = 1;
    for (const char *at = table->at; (at = memchr(at, '\n', (size_t)(table->end - at))) != NULL;
         at++)
        lines++;
    return lines;
}
