/* CSV files as the commands of sift read them: whatever is wrong is complained of with the file's
 * name. */
#pragma once
#include "app/app.h"
#include "sift/table/table.h"

/* Opens a file ("-": standard input) and reads its heading; false after a complaint. */
bool csv_open(struct arena *arena, const char *path, struct table *table);
/* The column with one of these names (separated by |), or -1 after a complaint. */
int csv_need_column(const char *path, const struct table *table, const char *names);
/* Whether the table ended because there are no more rows; false after a complaint. */
bool csv_ended_well(const char *path, const struct table *table);
/* At least as many as there are rows left. */
size_t csv_rows_most(const struct table *table);
