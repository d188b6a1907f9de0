/* A form as its owner writes it: Markdown, and fields, each on a line of its own.
 *
 *     Look at **${title}**, found in ${year}.
 *
 *     What is it made of?
 *     [material] choice required: wood | metal | I cannot tell
 *
 *     How many parts can be seen?
 *     [parts] number 0..20
 *     [broken] tick: It is broken
 *     [remark] text
 *
 * A field's line is `[name] kind`, in any order with `required` and, for a number, its range; the
 * line right above it is its question (a tick's stands behind the colon, as do the choices). Names
 * are lower-case letters, digits and _. ${column} may stand in Markdown, questions and ticks. No
 * HTML of the owner's passes through.
 *
 * An answer is kept as a JSON object, sorted by name: choices and texts as texts, ticks as true or
 * false, numbers as numbers; what was left empty is left out. Pure.
 */
#pragma once
#include "kinds/task/task_columns.h"

#include <stdint.h>

enum {
    TASK_FORM_FIELDS_MAX = 20,
    TASK_FORM_CHOICES_MAX = 40,
    TASK_FORM_LABELS_MAX = 64, /* of the engine: different answers by choices, ticks and numbers */
    TASK_FORM_LINE_MAX = 500,  /* characters of an answer */
    TASK_FORM_TEXT_MAX = 5000,
};
#define TASK_FORM_NUMBER_MAX INT64_C(1000000000)

enum task_field_kind {
    TASK_FIELD_CHOICE,
    TASK_FIELD_TICK,
    TASK_FIELD_NUMBER, /* whole */
    TASK_FIELD_LINE,
    TASK_FIELD_TEXT,
    TASK_FIELD_KIND_COUNT
};
extern const char *const task_field_kinds[]; /* their names */

struct task_field {
    struct str name, label;
    enum task_field_kind kind;
    bool is_required;
    int64_t low, high; /* of a number */
    const struct str *choices;
    size_t choice_count;
};

/* Either Markdown or a field. */
struct task_form_part {
    struct str words;
    const struct task_field *field;
};

struct task_form {
    struct task_form_part *parts;
    size_t part_count;
    struct task_field *fields;
    size_t field_count;
};

/* Takes a form apart; what it names stays in `source`. False with a sentence that names the line.
 */
bool task_form_parse(struct arena *arena, struct str source, struct task_form *form,
                     struct str *trouble);
const struct task_field *task_form_field(const struct task_form *form, struct str name);

/* The text typed for one field, judged: "" or what is wrong with it. */
struct str task_field_judge(struct arena *arena, const struct task_field *field, struct str text);
/* What was sent, a JSON object of plain values, as the answer that is kept. Partial: fields that
   are not there are not missed, as in a known answer. False with a sentence that names the field.
 */
bool task_form_answer(struct arena *arena, const struct task_form *form, struct str values,
                      bool is_partial, struct str *answer, struct str *wrong);

/* How many different answers there are by choices, ticks and numbers; 0: none of these fields, or
   more than TASK_FORM_LABELS_MAX. */
uint32_t task_form_label_count(const struct task_form *form);
/* Which of them an answer is; UINT16_MAX for an answer of another form. */
uint16_t task_form_label(struct arena *arena, const struct task_form *form, struct str answer);
/* The label of what is known, when all of these fields are; else UINT16_MAX. */
uint16_t task_form_known_label(struct arena *arena, const struct task_form *form, struct str known);
/* Whether there are choices, ticks or numbers: only these count when answers are compared … */
bool task_form_is_counted(const struct task_form *form);
/* … as JSON; */
struct str task_form_counted(struct arena *arena, const struct task_form *form, struct str answer);
/* and where there are none, its texts, one below the other. */
struct str task_form_texts(struct arena *arena, const struct task_form *form, struct str answer);
/* Whether an answer is as is known: in each field that the known answer names. Of texts half of the
   letters may differ. */
bool task_form_fits(struct arena *arena, const struct task_form *form, struct str known,
                    struct str answer);

/* An answer as people read it: "Made of: wood; parts: 3; broken: yes". */
struct str task_form_words(struct arena *arena, const struct task_form *form, struct str answer);
/* What stands in one field, as text; "" for nothing. */
struct str task_form_value(struct arena *arena, struct str answer, struct str name);
