/* Reading files of items: what CSV, JSON and archives of pictures share. Pure. */
#pragma once
#include "sift/table/table.h"
#include "task_inner.h"

enum { TASK_ITEMS_MAX = 1000000, TASK_COLUMNS_MAX = 64 };

/* What the columns that mean something may be called, letter case aside. */
#define TASK_KEY_NAMES "id|key|item"
#define TASK_SHOWN_NAMES "text|question|title"
#define TASK_KNOWN_NAMES "known|gold|answer"
#define TASK_WHY_NAMES "why|explanation"

struct task_reading {
    struct arena *arena;
    bool needs_text; /* each item has words to show */
    struct names keys;
    struct task_rows *rows;
    size_t room;
};

/* "yes" in the column `practice`; false when it is neither that nor "no". */
bool task_says_yes(struct str cell, bool *yes);
struct task_row *task_row_add(struct task_reading *reading);
/* What is wrong with an item: "column “id”: …", or "". */
struct str task_row_judge(const struct task_reading *reading, const struct task_row *row);
/* Gives an item without a key one that the same file gives it again, and one without words its key;
   false when another has the key. */
bool task_row_settle(struct task_reading *reading, struct task_row *row);

/* A JSON array of objects, or objects one behind the other, as in JSON Lines. */
bool task_file_is_json(struct str file);
bool task_json_read(struct task_reading *reading, struct str file, struct str *trouble);
