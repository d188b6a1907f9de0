/* Lists of items on their way in.
 *
 * What was sent is checked as a whole before anything is kept. A short list goes in with the
 * command that brings it; of a long one the first rows do, and the rest stands in a file until the
 * job has brought it in, a portion in each transaction, so that nobody waits long for the one
 * writer that SQLite has. Where it stands is kept with the items it has brought: whatever dies in
 * between, nothing is lost and nothing comes twice.
 *
 * The list as it is kept is text, so that a part of it is read without the rest: a line holds a
 * letter (`p` to practise on, `c` controls, `i` items to be worked on), how many rows it has, and
 * the rows as the JSON that task_items_insert takes, ids and buckets included.
 */
#pragma once
#include "task_inner.h"

enum {
    TASK_LINE_ROWS = 500,
    TASK_LINE_BYTES = 256 * 1024, /* no row is added to a line that has so many */
    TASK_ROWS_AT_ONCE = 5000, /* a list with more rows than that, or more bytes, is a long one */
    TASK_BYTES_AT_ONCE = 8 * 1000 * 1000,
    TASK_PORTION_ROWS = 1000, /* of a long list in one transaction: some 30 ms on SQLite */
    TASK_PORTION_BYTES = 1000 * 1000,
    TASK_LISTS_MAX = 20, /* that wait in one campaign */
};

struct task_line {
    char kind;
    int64_t rows;
    struct str json;
};

/* Those to practise on first, then controls: they are few, and needed before the others. */
struct str task_list_write(struct arena *arena, int64_t now, const struct task_rows *rows);
/* Takes the first line off *rest; false when there is no whole one. Pure. */
bool task_line_next(struct str *rest, struct task_line *line);
/* The whole lines a list begins with that have at most so many rows and bytes; one in any case, if
   there is a whole one. Pure. */
struct str task_list_portion(struct str list, int64_t rows_max, size_t bytes_max, int64_t *rows);

/* What came of lines. */
struct task_taken {
    int64_t items, controls, practice; /* that were not there before; practice: all */
};
/* Brings whole lines in, in the caller's transaction; those whose key is there already are passed
   over. `wanted`: answers to each item. */
struct task_taken task_lines_take(struct sql *db, struct campaign_id campaign_id, int64_t wanted,
                                  struct str lines);

/* Job: brings lists in for about a second. */
bool task_bring_in(const struct task_office *office, int64_t now, struct fault *fault);
