#include "kinds/task/task_form.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "sift/infer/medoid.h"

enum { NAME_MAX_LENGTH = 40, LABEL_MAX = 200, LABEL_SHORT = 60, COMPARED_MAX = 1000 };

const char *const task_field_kinds[] = { "choice", "tick", "number", "line", "text", NULL };

/* --- Taking a form apart ---------------------------------------------------------------------- */

struct parsing {
    struct arena *arena;
    struct task_form *form;
    struct str words; /* Markdown that no part holds yet */
    struct str last;  /*   its last line, which may be a question */
    size_t line;
    struct str *trouble;
};

static bool wrong(struct parsing *p, const char *sentence)
{
    *p->trouble = str_printf(p->arena, "Line %zu: %s.", p->line, sentence);
    return false;
}

static bool wrong_word(struct parsing *p, struct str word, const char *sentence)
{
    *p->trouble = str_printf(p->arena, "Line %zu: “%.*s” %s.", p->line,
                             STR_ARG(utf8_clip(word, 60)), sentence);
    return false;
}

/* The next word of *rest, white space around it left out. */
static struct str next_word(struct str *rest)
{
    *rest = str_trim(*rest);
    size_t end = 0;
    while (end < rest->size && rest->data[end] != ' ' && rest->data[end] != '\t')
        end++;
    struct str word = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end, rest->size);
    return word;
}

static bool is_name(struct str s)
{
    if (s.size == 0 || s.size > NAME_MAX_LENGTH || s.data[0] < 'a' || s.data[0] > 'z')
        return false;
    for (size_t i = 0; i < s.size; i++)
        if (!((s.data[i] >= 'a' && s.data[i] <= 'z') || (s.data[i] >= '0' && s.data[i] <= '9') ||
              s.data[i] == '_'))
            return false;
    return true;
}

/* A field's line is "[…]", white space, and something; a link has "(" or ":" behind the bracket. */
static bool is_field_line(struct str line)
{
    size_t end = str_find(line, S("]"));
    return str_starts(line, S("[")) && end != SIZE_MAX && end + 1 < line.size &&
           (line.data[end + 1] == ' ' || line.data[end + 1] == '\t');
}

/* "material_used" as a label: "Material used". */
static struct str label_of_name(struct arena *arena, struct str name)
{
    char *label = arena_take_bytes(arena, name.size);
    for (size_t i = 0; i < name.size; i++)
        label[i] = name.data[i] == '_' ? ' ' : name.data[i];
    label[0] = (char)(label[0] - 'a' + 'A');
    return (struct str){ label, name.size };
}

static bool take_range(struct parsing *p, struct str word, struct task_field *field)
{
    size_t dots = str_find(word, S(".."));
    if (dots == SIZE_MAX || !str_to_int64(str_slice(word, 0, dots), &field->low) ||
        !str_to_int64(str_slice(word, dots + 2, word.size), &field->high) ||
        field->low < -TASK_FORM_NUMBER_MAX || field->high > TASK_FORM_NUMBER_MAX ||
        field->low >= field->high)
        return wrong_word(p, word, "is no range of whole numbers; it looks like 0..100");
    return true;
}

static bool take_choices(struct parsing *p, struct str rest, struct task_field *field)
{
    struct str *choices = arena_new(p->arena, struct str, TASK_FORM_CHOICES_MAX);
    while (rest.size > 0) {
        struct str choice = str_trim(str_cut(&rest, '|'));
        if (choice.size == 0)
            continue;
        if (field->choice_count == TASK_FORM_CHOICES_MAX)
            return wrong(p, "at most 40 answers can be offered");
        if (utf8_length(choice) > LABEL_MAX)
            return wrong(p, "an answer to choose has at most 200 characters");
        for (size_t i = 0; i < field->choice_count; i++)
            if (str_equal_nocase(choices[i], choice))
                return wrong_word(p, choice, "stands there twice");
        choices[field->choice_count++] = choice;
    }
    field->choices = choices;
    return field->choice_count >= 2 ||
           wrong(p, "two answers to choose from follow a colon: choice: yes | no");
}

/* The words before the colon: kind, required, range. */
static bool take_head(struct parsing *p, struct str head, struct task_field *field)
{
    field->kind = TASK_FIELD_KIND_COUNT;
    bool has_range = false;
    for (struct str word; (word = next_word(&head)).size > 0;) {
        int kind = 0;
        while (task_field_kinds[kind] != NULL && !str_equal(word, str_from(task_field_kinds[kind])))
            kind++;
        if (task_field_kinds[kind] != NULL && field->kind != TASK_FIELD_KIND_COUNT)
            return wrong_word(p, word, "is a second kind; a field has one");
        if (task_field_kinds[kind] != NULL)
            field->kind = (enum task_field_kind)kind;
        else if (str_equal(word, S("required")))
            field->is_required = true;
        else if (str_find(word, S("..")) == SIZE_MAX)
            return wrong_word(p, word, "is none of choice, tick, number, line, text and required");
        else if (!take_range(p, word, field))
            return false;
        else
            has_range = true;
    }
    if (field->kind == TASK_FIELD_KIND_COUNT)
        return wrong(p, "say what kind of field it is: choice, tick, number, line or text");
    if (has_range != (field->kind == TASK_FIELD_NUMBER))
        return wrong(p, has_range ? "only a number has a range"
                                  : "a number says from what to what: number 0..100");
    return true;
}

static bool take_tail(struct parsing *p, bool has_colon, struct str tail, struct task_field *field)
{
    switch (field->kind) {
    case TASK_FIELD_CHOICE:
        return take_choices(p, tail, field);
    case TASK_FIELD_TICK:
        field->label = tail;
        return tail.size > 0 || wrong(p, "what is ticked follows a colon: tick: It is broken");
    default:
        return !has_colon || wrong(p, "nothing follows this kind of field; its question stands on "
                                      "the line above");
    }
}

/* --- Parts ------------------------------------------------------------------------------------ */

static struct task_form_part *part_add(struct parsing *p)
{
    return &p->form->parts[p->form->part_count++];
}

/* Markdown before a field, or at the end. */
static void words_end(struct parsing *p)
{
    struct str words = str_trim(p->words);
    if (words.size > 0)
        part_add(p)->words = words;
    p->words = p->last = S("");
}

/* The line right above a field, when it is a plain one, is its question. */
static void take_question(struct parsing *p, struct task_field *field)
{
    struct str last = str_trim(p->last);
    bool is_plain = last.size > 0 && str_find(S("#>-*+|`=_"), str_slice(last, 0, 1)) == SIZE_MAX;
    if (field->kind == TASK_FIELD_TICK || !is_plain)
        return;
    field->label = last;
    p->words.size -= (size_t)(p->words.data + p->words.size - p->last.data);
}

static bool take_field(struct parsing *p, struct str line)
{
    struct task_form *form = p->form;
    struct str tail = str_slice(line, 1, line.size);
    struct str name = str_trim(str_cut(&tail, ']'));
    bool has_colon = str_find(tail, S(":")) != SIZE_MAX;
    struct str head = str_cut(&tail, ':');
    if (!is_name(name))
        return wrong_word(p, name,
                          "is no name: it has lower-case letters, digits and _, begins with "
                          "a letter and is no longer than 40");
    if (task_form_field(form, name) != NULL)
        return wrong_word(p, name, "is the name of an earlier field");
    if (form->field_count == TASK_FORM_FIELDS_MAX)
        return wrong(p, "a form has at most 20 fields");
    struct task_field *field = &form->fields[form->field_count];
    *field = (struct task_field){ .name = name, .label = label_of_name(p->arena, name) };
    if (!take_head(p, head, field) || !take_tail(p, has_colon, str_trim(tail), field))
        return false;
    take_question(p, field);
    if (utf8_length(field->label) > LABEL_MAX)
        return wrong(p, "a question has at most 200 characters");
    form->field_count++;
    words_end(p);
    part_add(p)->field = field;
    return true;
}

/* A line of Markdown joins those before it. */
static bool take_words(struct parsing *p, struct str line)
{
    if (p->words.size == 0)
        p->words = line;
    p->words.size = (size_t)(line.data + line.size - p->words.data);
    p->last = line;
    return true;
}

bool task_form_parse(struct arena *arena, struct str source, struct task_form *form,
                     struct str *trouble)
{
    struct parsing p = { .arena = arena, .form = form, .trouble = trouble };
    *form = (struct task_form){
        .parts = arena_new(arena, struct task_form_part, 2 * TASK_FORM_FIELDS_MAX + 1),
        .fields = arena_new(arena, struct task_field, TASK_FORM_FIELDS_MAX),
    };
    *trouble = S("");
    for (struct str rest = source; rest.size > 0;) {
        const char *begin = rest.data;
        struct str line = { begin, str_cut(&rest, '\n').size }; /* an empty one has a place, too */
        p.line++;
        struct str fault = task_judge_columns(line);
        if (fault.size > 0)
            return wrong(&p, str_c(arena, fault));
        if (!(is_field_line(line) ? take_field(&p, line) : take_words(&p, line)))
            return false;
    }
    words_end(&p);
    if (form->field_count == 0)
        *trouble = S("A form needs a field: a line such as “[answer] choice: yes | no”.");
    return form->field_count > 0;
}

const struct task_field *task_form_field(const struct task_form *form, struct str name)
{
    for (size_t i = 0; i < form->field_count; i++)
        if (str_equal(form->fields[i].name, name))
            return &form->fields[i];
    return NULL;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static bool is_one_of(struct str text, const char *const *words)
{
    while (*words != NULL && !str_equal(text, str_from(*words)))
        words++;
    return *words != NULL;
}

static bool read_tick(struct str text, bool *is_ticked)
{
    static const char *const yes[] = { "true", "on", "1", "yes", NULL };
    static const char *const no[] = { "false", "off", "0", "no", "", NULL };
    *is_ticked = is_one_of(text, yes);
    return *is_ticked || is_one_of(text, no);
}

static bool is_choice(const struct task_field *field, struct str text)
{
    for (size_t i = 0; i < field->choice_count; i++)
        if (str_equal(field->choices[i], text))
            return true;
    return false;
}

static struct str judge_text(struct arena *arena, struct str text, size_t most)
{
    if (utf8_length(text) <= most)
        return S("");
    return str_printf(arena, "use at most %zu characters; you have %zu", most, utf8_length(text));
}

struct str task_field_judge(struct arena *arena, const struct task_field *field, struct str text)
{
    bool is_ticked;
    int64_t number;
    text = str_trim(text);
    if (field->kind == TASK_FIELD_TICK && !read_tick(text, &is_ticked))
        return S("say true or false");
    if (field->kind == TASK_FIELD_TICK)
        return field->is_required && !is_ticked ? S("please tick this") : S("");
    if (text.size == 0 && field->is_required)
        return field->kind == TASK_FIELD_CHOICE ? S("please choose one") : S("please fill this in");
    if (text.size == 0)
        return S("");
    switch (field->kind) {
    case TASK_FIELD_CHOICE:
        return is_choice(field, text) ? S("") : S("this is not one of the choices");
    case TASK_FIELD_NUMBER:
        if (str_to_int64(text, &number) && number >= field->low && number <= field->high)
            return S("");
        return str_printf(arena, "use a whole number from %" PRId64 " to %" PRId64, field->low,
                          field->high);
    case TASK_FIELD_LINE:
        return str_find(text, S("\n")) != SIZE_MAX ? S("use one line")
                                                   : judge_text(arena, text, TASK_FORM_LINE_MAX);
    default:
        return judge_text(arena, text, TASK_FORM_TEXT_MAX);
    }
}

/* What was typed as it is kept; NULL for nothing. */
static json_t *kept_value(const struct task_field *field, struct str text)
{
    bool is_ticked = false;
    int64_t number = 0;
    if (field->kind == TASK_FIELD_TICK && read_tick(text, &is_ticked))
        return json_boolean(is_ticked);
    if (text.size == 0)
        return NULL;
    if (field->kind == TASK_FIELD_NUMBER && str_to_int64(text, &number))
        return json_integer(number);
    return json_stringn(text.data, text.size);
}

static struct str dumped(struct arena *arena, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    check(text != NULL);
    struct str copy = str_copy(arena, str_from(text));
    free(text);
    json_decref(object);
    return copy;
}

static struct str typed_in(const struct task_columns *values, struct str name)
{
    for (size_t i = 0; i < values->count; i++)
        if (str_equal(values->items[i].name, name))
            return str_trim(values->items[i].value);
    return S("");
}

static struct str unknown_field(struct arena *arena, const struct task_form *form,
                                const struct task_columns *values)
{
    for (size_t i = 0; i < values->count; i++)
        if (task_form_field(form, values->items[i].name) == NULL)
            return str_printf(arena, "There is no field “%.*s”.",
                              STR_ARG(utf8_clip(values->items[i].name, 60)));
    return S("");
}

/* A tick that a known answer does not name is not known; in an answer it is not ticked. */
static bool is_skipped(const struct task_columns *values, const struct task_field *field,
                       bool is_partial)
{
    for (size_t i = 0; is_partial && i < values->count; i++)
        if (str_equal(values->items[i].name, field->name))
            return false;
    return is_partial;
}

bool task_form_answer(struct arena *arena, const struct task_form *form, struct str values,
                      bool is_partial, struct str *answer, struct str *wrong)
{
    struct task_columns typed = { 0 };
    *answer = *wrong = S("");
    if (values.size > 0 && !task_columns_read(arena, values, &typed))
        *wrong = S("This is no object of fields.");
    else
        *wrong = unknown_field(arena, form, &typed);
    if (wrong->size > 0)
        return false;
    json_t *object = json_object();
    for (size_t i = 0; i < form->field_count && wrong->size == 0; i++) {
        const struct task_field *field = &form->fields[i];
        if (is_skipped(&typed, field, is_partial))
            continue;
        struct str text = typed_in(&typed, field->name);
        struct str fault = task_field_judge(arena, field, text);
        json_t *value = fault.size > 0 ? NULL : kept_value(field, text);
        if (fault.size > 0)
            *wrong = str_printf(arena, "%.*s: %.*s.", STR_ARG(field->name), STR_ARG(fault));
        else if (value != NULL)
            check(json_object_set_new(object, str_c(arena, field->name), value) == 0);
    }
    if (wrong->size == 0 && json_object_size(object) == 0)
        *wrong = S("Nothing is filled in.");
    *answer = dumped(arena, object);
    return wrong->size == 0;
}

/* --- Comparing -------------------------------------------------------------------------------- */

static bool is_counted(const struct task_field *field)
{
    return field->kind <= TASK_FIELD_NUMBER;
}

/* How many answers a field has: empty is one, but for ticks. */
static uint64_t radix(const struct task_field *field)
{
    switch (field->kind) {
    case TASK_FIELD_CHOICE:
        return field->choice_count + 1;
    case TASK_FIELD_TICK:
        return 2;
    case TASK_FIELD_NUMBER:
        return (uint64_t)(field->high - field->low) + 2;
    default:
        return 1;
    }
}

uint32_t task_form_label_count(const struct task_form *form)
{
    uint64_t count = 1;
    for (size_t i = 0; i < form->field_count && count <= TASK_FORM_LABELS_MAX; i++)
        count *= radix(&form->fields[i]);
    return count > 1 && count <= TASK_FORM_LABELS_MAX ? (uint32_t)count : 0;
}

/* Which answer of a field's it is; its radix for none. */
static uint64_t digit(const struct task_field *field, const json_t *value)
{
    uint64_t nothing = radix(field) - 1;
    if (field->kind == TASK_FIELD_TICK)
        return json_is_true(value);
    if (value == NULL)
        return nothing;
    if (field->kind == TASK_FIELD_NUMBER) {
        int64_t number = json_integer_value(value);
        bool fits = json_is_integer(value) && number >= field->low && number <= field->high;
        return fits ? (uint64_t)(number - field->low) : radix(field);
    }
    struct str text = { json_string_value(value), json_string_length(value) };
    for (size_t i = 0; i < field->choice_count; i++)
        if (str_equal(field->choices[i], text))
            return i;
    return radix(field);
}

uint16_t task_form_label(struct arena *arena, const struct task_form *form, struct str answer)
{
    json_t *object = json_loadb(answer.data, answer.size, 0, NULL);
    uint64_t label = 0;
    bool fits = json_is_object(object);
    for (size_t i = 0; i < form->field_count && fits; i++) {
        const struct task_field *field = &form->fields[i];
        if (!is_counted(field))
            continue;
        uint64_t one = digit(field, json_object_get(object, str_c(arena, field->name)));
        fits = one < radix(field);
        label = label * radix(field) + one;
    }
    json_decref(object);
    return fits && label < UINT16_MAX ? (uint16_t)label : UINT16_MAX;
}

uint16_t task_form_known_label(struct arena *arena, const struct task_form *form, struct str known)
{
    json_t *object = json_loadb(known.data, known.size, 0, NULL);
    bool is_whole = object != NULL;
    for (size_t i = 0; i < form->field_count; i++)
        is_whole &= !is_counted(&form->fields[i]) ||
                    json_object_get(object, str_c(arena, form->fields[i].name)) != NULL;
    json_decref(object);
    return is_whole ? task_form_label(arena, form, known) : UINT16_MAX;
}

bool task_form_is_counted(const struct task_form *form)
{
    bool is_any = false;
    for (size_t i = 0; i < form->field_count; i++)
        is_any |= is_counted(&form->fields[i]);
    return is_any;
}

struct str task_form_counted(struct arena *arena, const struct task_form *form, struct str answer)
{
    json_t *object = json_loadb(answer.data, answer.size, 0, NULL);
    for (size_t i = 0; i < form->field_count; i++)
        if (!is_counted(&form->fields[i]))
            json_object_del(object, str_c(arena, form->fields[i].name));
    return object == NULL ? S("") : dumped(arena, object);
}

struct str task_form_texts(struct arena *arena, const struct task_form *form, struct str answer)
{
    struct buf out = { .arena = arena };
    for (size_t i = 0; i < form->field_count; i++)
        if (!is_counted(&form->fields[i])) {
            buf_add(&out, task_form_value(arena, answer, form->fields[i].name));
            buf_char(&out, '\n');
        }
    return buf_str(&out);
}

static bool value_fits(struct arena *arena, const struct task_field *field, const json_t *known,
                       const json_t *given)
{
    static const double near = 0.5; /* of its letters may differ: people say it differently */
    if (known == NULL || is_counted(field))
        return known == NULL || json_equal(known, given);
    struct str a = { json_string_value(known), json_string_length(known) };
    struct str b = { json_string_value(given), json_string_length(given) };
    a = utf8_clip(a, COMPARED_MAX); /* a product of lengths is what it takes */
    b = utf8_clip(b, COMPARED_MAX);
    return infer_text_distance(arena, infer_text_normal(arena, a), infer_text_normal(arena, b)) <=
           near;
}

bool task_form_fits(struct arena *arena, const struct task_form *form, struct str known,
                    struct str answer)
{
    json_t *right = json_loadb(known.data, known.size, 0, NULL);
    json_t *given = json_loadb(answer.data, answer.size, 0, NULL);
    bool fits = right != NULL && given != NULL;
    for (size_t i = 0; i < form->field_count && fits; i++) {
        const char *name = str_c(arena, form->fields[i].name);
        fits = value_fits(arena, &form->fields[i], json_object_get(right, name),
                          json_object_get(given, name));
    }
    json_decref(right);
    json_decref(given);
    return fits;
}

/* --- For people ------------------------------------------------------------------------------- */

struct str task_form_value(struct arena *arena, struct str answer, struct str name)
{
    struct task_columns values;
    task_columns_read(arena, answer, &values);
    const struct task_column *column = task_column_named(&values, name);
    return column == NULL ? S("") : column->value;
}

/* The question, unless it is long or another for each item. */
static struct str short_label(struct arena *arena, const struct task_field *field)
{
    if (task_names_columns(field->label) || utf8_length(field->label) > LABEL_SHORT)
        return label_of_name(arena, field->name);
    bool ends = str_ends(field->label, S("?")) || str_ends(field->label, S(":"));
    return str_slice(field->label, 0, field->label.size - ends);
}

struct str task_form_words(struct arena *arena, const struct task_form *form, struct str answer)
{
    struct buf out = { .arena = arena };
    struct task_columns values;
    if (!task_columns_read(arena, answer, &values))
        return answer;
    for (size_t i = 0; i < form->field_count; i++) {
        const struct task_field *field = &form->fields[i];
        const struct task_column *value = task_column_named(&values, field->name);
        if (value == NULL)
            continue;
        struct str shown = value->value;
        if (field->kind == TASK_FIELD_TICK)
            shown = str_equal(shown, S("true")) ? S("yes") : S("no");
        if (out.size > 0)
            buf_add(&out, S("; "));
        buf_add(&out, short_label(arena, field));
        buf_add(&out, S(": "));
        buf_add(&out, shown);
    }
    return buf_str(&out);
}
