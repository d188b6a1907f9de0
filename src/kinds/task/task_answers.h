/* What answers look like and how they are compared, by template:
 *
 *     choose      one of the choices        the engine's labels
 *     describe    a line, and a caption     the text in the middle
 *     write       a line                    the text in the middle
 *     rate        "4"                       the median
 *     transcribe  lines, as typed           the text in the middle, letter by letter
 *     box         "x y w h", or "none"      the box in the middle, by what both share
 *     form        a JSON object             labels where they are few; see task_form.h
 *
 * Pure.
 */
#pragma once
#include "base/buf.h"
#include "kinds/task/task_form.h"
#include "task.sql.h"

enum task_template {
    TASK_CHOOSE,
    TASK_DESCRIBE,
    TASK_WRITE,
    TASK_RATE,
    TASK_TRANSCRIBE,
    TASK_BOX,
    TASK_FORM,
};

/* A campaign's template, taken apart. */
struct task_scheme {
    enum task_template template;
    const struct str *choices; /* of 'choose' */
    size_t choice_count;
    int64_t scale; /* of 'rate' */
    struct task_form form;
};
/* What the rules say, which were judged when they were kept. Their texts stay in `rules`. */
struct task_scheme task_scheme_of(struct arena *arena, const struct task_rules_get_row *rules);

/* What was sent for an answer; which of it counts depends on the template. */
struct task_sent {
    struct str answer, text, values; /* values: a JSON object */
};
/* The answer as it is kept; else what is wrong with it, and beside which input. */
struct str task_answer_kept(struct arena *arena, const struct task_scheme *scheme,
                            struct task_sent sent, const char **field, struct str *wrong);
/* The same of a known answer, as a file of items says it. */
struct str task_known_kept(struct arena *arena, const struct task_scheme *scheme, struct str known,
                           struct str *wrong);
/* Whether an answer is as is known, or as was found. */
bool task_answer_matches(struct arena *arena, const struct task_scheme *scheme, struct str known,
                         struct str answer);
/* An answer as people read it. */
struct str task_answer_words(struct arena *arena, const struct task_scheme *scheme,
                             struct str answer);

/* An answer as files have it. CSV: the columns that a template has besides the answer itself (a
   box's numbers in percent, a form's fields); JSON: a value of its own type. */
void task_columns_heading(struct buf *out, const struct task_scheme *scheme);
void task_columns_cells(struct arena *arena, struct buf *out, const struct task_scheme *scheme,
                        struct str answer);
void task_answer_json(struct buf *out, const struct task_scheme *scheme, struct str answer);

/* A rectangle on a picture, in thousandths of its sides. */
struct task_box {
    int64_t x, y, width, height;
};
/* False for what is no box: "none" too. */
bool task_box_read(struct str answer, struct task_box *box);

/* --- Comparing -------------------------------------------------------------------------------- */

/* How many labels the engine has for the answers; 0: they are compared by task_agree, or, where
   there are but texts to be described or written, by the engine itself. */
uint32_t task_label_count(const struct task_scheme *scheme);
/* The label of an answer, and of what is known; UINT16_MAX for none. */
uint16_t task_label(struct arena *arena, const struct task_scheme *scheme, struct str answer);
uint16_t task_known_label(struct arena *arena, const struct task_scheme *scheme, struct str known);

/* What follows from the answers to an item where there are no labels. */
struct task_agreed {
    size_t chosen;    /* whose answer it is */
    double agreement; /* 0 … 1 */
    bool sure, fair;  /* settled; settled when no more answers can be asked for */
};
bool task_agrees(const struct task_scheme *scheme); /* whether the next is for this template */
struct task_agreed task_agree(struct arena *arena, const struct task_scheme *scheme,
                              const struct task_answers_weighed_row *rows, size_t count);

/* The ratings of an item: the lower one of two in the middle; their mean; and in which interval the
   median lies in 95 of 100 cases (of the whole scale, while there are fewer than six). */
struct task_ratings {
    int64_t median, low, high;
    double mean;
    double near; /* share of the answers that lie at most one step from the median */
};
struct task_ratings task_ratings(struct arena *arena, int64_t scale,
                                 const struct task_answers_weighed_row *rows, size_t count);
