/* What an item's row says, and texts that name its columns: "Who wrote ${title}?".
 *
 * A name is everything up to the brace, letter case aside; "\${" stands for the two characters
 * themselves. Pure.
 */
#pragma once
#include "base/str.h"

struct arena;

struct task_column {
    struct str name, value;
};
struct task_columns {
    struct task_column *items;
    size_t count;
};

/* Reads an item's data, a JSON object: texts as they are, null as nothing, the rest as JSON has it.
   False when it is no object. */
bool task_columns_read(struct arena *arena, struct str data, struct task_columns *columns);
/* The column of this name, or of one of several with | between them; NULL when there is none. */
const struct task_column *task_column_named(const struct task_columns *columns, struct str names);

/* Whether a text names columns. */
bool task_names_columns(struct str text);
/* What is wrong with how a text names them; "" when nothing. */
struct str task_judge_columns(struct str text);
/* The first name in a text that is no column; "" when all are. */
struct str task_column_missing(struct str text, const struct task_columns *columns);

/* The text with what the columns say in place of their names: plain, to be escaped by whoever shows
   it; and for Markdown, where nothing a column says is taken for markup. */
struct str task_filled(struct arena *arena, struct str text, const struct task_columns *columns);
struct str task_filled_markdown(struct arena *arena, struct str text,
                                const struct task_columns *columns);
