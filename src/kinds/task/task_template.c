/* Templates as owners write them and as workers see them. */
#include "task_inner.h"

#include "base/arena.h"

/* --- What an owner wrote ---------------------------------------------------------------------- */

static void judge_form(struct request *r, struct str source)
{
    struct task_form form;
    struct str trouble;
    if (!task_form_parse(r->arena, source, &form, &trouble))
        problem(r, "form", "%.*s", STR_ARG(trouble));
}

static bool is_form(const struct task_describe_in *in)
{
    return in->template == TASK_DESCRIBE_TEMPLATE_FORM;
}

void task_judge_template(struct request *r, const struct task_describe_in *in)
{
    struct str wrong = task_judge_columns(in->ask);
    size_t count;
    if (wrong.size > 0)
        problem(r, "ask", "Here, %.*s.", STR_ARG(wrong));
    if (in->template == TASK_DESCRIBE_TEMPLATE_CHOOSE &&
        task_split_choices(r->arena, in->choices, &count, &wrong) == NULL)
        problem(r, "choices", "%.*s", STR_ARG(wrong));
    if (is_form(in))
        judge_form(r, in->form);
}

/* The first column that a text names and the item lacks; "". */
static struct str lacks(struct arena *arena, struct str data, struct str ask, struct str form)
{
    struct task_columns columns;
    task_columns_read(arena, data, &columns);
    struct str missing = task_column_missing(ask, &columns);
    return missing.size > 0 ? missing : task_column_missing(form, &columns);
}

/* Items that are there already must have the columns that are named now, and a picture where one is
   drawn on. They may be many, so that
   it is done before the transaction. */
bool task_describe_prepare(struct request *r, const struct task_describe_in *in)
{
    struct str form = is_form(in) ? in->form : S("");
    struct task_item_id after = { 0 };
    struct task_items_in_state_row *rows;
    size_t count;
    bool is_box = in->template == TASK_DESCRIBE_TEMPLATE_BOX;
    if (!is_box && !task_names_columns(in->ask) && !task_names_columns(form))
        return true;
    while ((count = task_items_after(r->db, in->campaign_id, after, &rows)) > 0) {
        struct arena *arena = arena_make();
        for (size_t i = 0; i < count && r->problems == NULL; i++) {
            struct str name = lacks(arena, rows[i].item_data, in->ask, form);
            if (is_box && rows[i].picture_blob.size == 0)
                problem(r, "template", "The item “%.*s” has no picture to draw on.",
                        STR_ARG(rows[i].item_key));
            else if (name.size > 0)
                problem(r, is_form(in) ? "form" : "ask",
                        "The item “%.*s” has no column “%.*s”, which is named here.",
                        STR_ARG(rows[i].item_key), STR_ARG(utf8_clip(name, 60)));
        }
        arena_free(arena);
        if (r->problems != NULL)
            break;
        after = rows[count - 1].task_item_id;
    }
    return true;
}

struct str task_judge_rows(struct request *r, const struct task_rules_get_row *rules,
                           struct task_rows *rows)
{
    struct task_scheme scheme = task_scheme_of(r->arena, rules);
    bool is_box = scheme.template == TASK_BOX;
    bool names = task_names_columns(rules->ask) || task_names_columns(rules->form);
    for (size_t i = 0; i < rows->count; i++) {
        struct task_row *row = &rows->rows[i];
        struct str wrong = S("");
        if (is_box && row->picture.size == 0)
            return str_printf(r->arena, "Item %zu, “%.*s”, has no picture to draw on.", i + 1,
                              STR_ARG(row->key));
        if (row->known.size > 0)
            row->known = task_known_kept(r->arena, &scheme, row->known, &wrong);
        if (wrong.size > 0)
            return str_printf(r->arena, "Item %zu, “%.*s”, column “known”: %.*s", i + 1,
                              STR_ARG(row->key), STR_ARG(wrong));
        struct arena_mark mark = arena_mark(r->arena);
        struct str name = names ? lacks(r->arena, row->data, rules->ask, rules->form) : S("");
        if (name.size > 0)
            return str_printf(r->arena,
                              "Item %zu, “%.*s”, has no column “%.*s”, which the %s names.", i + 1,
                              STR_ARG(row->key), STR_ARG(utf8_clip(name, 60)),
                              scheme.template == TASK_FORM ? "form" : "line above it");
        arena_rewind(r->arena, mark);
    }
    return S("");
}

struct task_scheme task_scheme_here(struct request *r)
{
    struct task_rules_get_row rules = { .task_template = S("write") };
    task_rules_of(r, &rules);
    return task_scheme_of(r->arena, &rules);
}

/* --- What a worker sees ----------------------------------------------------------------------- */

static struct task_part_view field_view(struct request *r, const struct task_field *field,
                                        const struct task_columns *columns)
{
    struct task_part_view part = {
        .kind = str_from(task_field_kinds[field->kind]),
        .name = field->name,
        .label = task_filled(r->arena, field->label, columns),
        .required = field->is_required,
        .low = field->low,
        .high = field->high,
        .options = { arena_new(r->arena, struct task_option_view, field->choice_count),
                     field->choice_count },
    };
    for (size_t i = 0; i < field->choice_count; i++)
        part.options.items[i].label = field->choices[i];
    return part;
}

static struct task_part_list parts_of_form(struct request *r, const struct task_form *form,
                                           const struct task_columns *columns)
{
    struct task_part_list list = { arena_new(r->arena, struct task_part_view, form->part_count),
                                   form->part_count };
    for (size_t i = 0; i < list.count; i++) {
        const struct task_form_part *part = &form->parts[i];
        if (part->field != NULL) {
            list.items[i] = field_view(r, part->field, columns);
            continue;
        }
        struct str words = task_filled_markdown(r->arena, part->words, columns);
        list.items[i] = (struct task_part_view){ .kind = S("words"),
                                                 .words = markdown_html(r->arena, words),
                                                 .words_source = words };
    }
    return list;
}

/* A box is four numbers for whoever does not draw it, and "it is not there". */
static struct task_part_list parts_of_box(struct request *r)
{
    static const struct task_part_view parts[] = {
        { .kind = S("percent"), .name = S("left"), .label = S("Left, in percent") },
        { .kind = S("percent"), .name = S("top"), .label = S("Top, in percent") },
        { .kind = S("percent"), .name = S("width"), .label = S("Width, in percent") },
        { .kind = S("percent"), .name = S("height"), .label = S("Height, in percent") },
        { .kind = S("tick"), .name = S("absent"), .label = S("It is not there") },
    };
    size_t count = sizeof parts / sizeof parts[0];
    struct task_part_list list = { arena_new(r->arena, struct task_part_view, count), count };
    memcpy(list.items, parts, sizeof parts);
    for (size_t i = 0; i < count; i++)
        list.items[i].high = 100;
    return list;
}

struct task_part_list task_fill(struct request *r, const struct task_rules_get_row *rules,
                                const struct task_scheme *scheme, struct str item_data,
                                struct str *ask)
{
    struct task_columns columns = { 0 };
    task_columns_read(r->arena, item_data, &columns);
    *ask = task_filled(r->arena, rules->ask, &columns);
    if (scheme->template == TASK_BOX)
        return parts_of_box(r);
    if (scheme->template == TASK_FORM)
        return parts_of_form(r, &scheme->form, &columns);
    return (struct task_part_list){ 0 };
}

void task_item_fill(struct request *r, const struct task_rules_get_row *rules,
                    const struct task_scheme *scheme, struct task_item_view *item)
{
    struct task_item_get_row row = { .item_data = S("{}") };
    if (scheme->template == TASK_FORM || task_names_columns(rules->ask))
        task_item_get(r->db, (struct task_item_get){ scope_of(r)->campaign_id, item->task_item_id },
                      &row);
    item->parts = task_fill(r, rules, scheme, row.item_data, &item->ask);
}

/* "please choose one" as a sentence. */
static struct str sentence(struct request *r, struct str words)
{
    if (words.size == 0)
        return words;
    return str_printf(r->arena, "%.*s%.*s.", STR_ARG(text_upper(r->arena, str_slice(words, 0, 1))),
                      STR_ARG(str_slice(words, 1, words.size)));
}

void task_parts_typed(struct request *r, const struct task_scheme *scheme, struct str typed,
                      struct task_part_list parts)
{
    struct task_columns values;
    if (typed.size == 0 || !task_columns_read(r->arena, typed, &values))
        return;
    for (size_t i = 0; i < parts.count; i++) {
        struct task_part_view *part = &parts.items[i];
        const struct task_column *value =
            part->name.size > 0 ? task_column_named(&values, part->name) : NULL;
        const struct task_field *field = task_form_field(&scheme->form, part->name);
        part->value = value == NULL ? S("") : value->value;
        if (field != NULL)
            part->problem = sentence(r, task_field_judge(r->arena, field, part->value));
    }
}

bool task_box_view_of(struct str answer, struct task_box_view *view)
{
    struct task_box box;
    if (!task_box_read(answer, &box))
        return false;
    *view = (struct task_box_view){ box.x, box.y, box.width, box.height };
    return true;
}
