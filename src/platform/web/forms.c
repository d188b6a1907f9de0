#include "base/check.h"
#include "base/id.h"
#include "platform/clock/clock.h"
#include "platform/web/inputs.h"
#include "platform/web/visit.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- Problems --------------------------------------------------------------------------------- */

void problem(struct request *r, const char *field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    check(size >= 0);
    char *message = arena_take_bytes(r->arena, (size_t)size + 1);
    va_start(arguments, format);
    vsnprintf(message, (size_t)size + 1, format, arguments);
    va_end(arguments);
    struct form_problem **last = &r->problems;
    while (*last != NULL)
        last = &(*last)->next;
    *last = arena_new(r->arena, struct form_problem, 1);
    (*last)->field = str_copy(r->arena, str_from(field));
    (*last)->message = text_mended(r->arena, str_from(message));
}

/* --- Making a form ---------------------------------------------------------------------------- */

static struct url action_of(struct arena *arena, const struct route *route, const void *in)
{
    struct buf out = { .arena = arena };
    struct str rest = str_slice(str_from(route->path), 1, SIZE_MAX);
    size_t value = 0;
    while (rest.size > 0) {
        struct str segment = str_cut(&rest, '/');
        buf_char(&out, '/');
        if (!str_starts(segment, S("{"))) {
            buf_add(&out, segment);
            continue;
        }
        while (!route->inputs[value].in_path)
            value++;
        const struct input *input = &route->inputs[value++];
        if (input->type == INPUT_INT)
            buf_int(&out, *(const int64_t *)((const char *)in + input->offset));
        else
            html_url_part(&out, input_text(arena, input, in));
    }
    return (struct url){ buf_str(&out) };
}

/* A page may hold the same form several times, for several things: only the one that was sent, to
   the same path, shows what was typed. */
static bool was_refused(struct request *r, const struct route *command, const void *defaults)
{
    if (r->form_route != command)
        return false;
    struct str sent = action_of(r->arena, command, r->form_in).text;
    return str_equal(sent, action_of(r->arena, command, defaults).text);
}

static void declare_options(struct arena *arena, struct form_field *field)
{
    size_t count = 0;
    while (field->input->choices[count] != NULL)
        count++;
    struct form_option *options = arena_new(arena, struct form_option, count);
    for (size_t i = 0; i < count; i++) {
        options[i].value = str_from(field->input->choices[i]);
        options[i].label = str_from(field->input->choice_labels[i]);
    }
    form_offer(field, options, count);
}

void form_offer(struct form_field *field, struct form_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        options[i].chosen = str_equal(options[i].value, field->value);
    field->options = options;
    field->option_count = count;
}

static void set_value(struct form_field *field, struct str text)
{
    field->value = text;
    if (field->input->type != INPUT_BOOL)
        return;
    field->checked = text.size > 0 && !str_equal(text, S("false"));
    field->value = S("on");
}

void form_restore(struct request *r, struct form_field *field, const void *defaults)
{
    set_value(field, input_text(r->arena, field->input, defaults));
}

static struct form_field make_field(struct request *r, const struct input *input,
                                    const void *defaults, const struct str *typed)
{
    struct form_field field = { .input = input };
    bool is_typed = typed != NULL && !input->in_path;
    struct str text = is_typed ? *typed : input_text(r->arena, input, defaults);
    bool may_fall_back = input_is_text(input->type) || input->type == INPUT_COLOUR;
    if (typed == NULL && text.size == 0 && input->fallback != NULL && may_fall_back)
        text = str_from(input->fallback);
    set_value(&field, text);
    if (input->type == INPUT_CHOICE)
        declare_options(r->arena, &field);
    return field;
}

static struct form_field *field_named(struct form_view *form, struct str name)
{
    for (size_t i = 0; i < form->field_count; i++)
        if (!form->fields[i].input->in_path &&
            str_equal(name, str_from(form->fields[i].input->name)))
            return &form->fields[i];
    return NULL;
}

/* The first problem of each field stands beside it; what belongs to no field stands above all. */
static void place_problems(struct form_view *form, const struct form_problem *problems)
{
    for (const struct form_problem *p = problems; p != NULL; p = p->next) {
        struct form_field *field = field_named(form, p->field);
        struct str *place = field == NULL ? &form->problem : &field->problem;
        if (place->size == 0)
            *place = p->message;
        form->problem_count++;
    }
}

struct str form_key(struct arena *arena)
{
    unsigned char bytes[FORM_KEY_SIZE / 2];
    random_bytes(bytes, sizeof bytes);
    return str_hex(arena, bytes, sizeof bytes);
}

static void note_key(struct visit *v, struct str key)
{
    if (v->form_key_count < FORM_KEYS_MAX)
        v->form_keys[v->form_key_count] = key;
    v->form_key_count++;
}

struct form_view form_make(struct request *r, const struct route *command, const void *defaults)
{
    bool refused = was_refused(r, command, defaults);
    struct form_view form = {
        .route = command,
        .action = action_of(r->arena, command, defaults),
        .fields = arena_new(r->arena, struct form_field, command->input_count),
        .field_count = command->input_count,
        .idempotency_key = form_key(r->arena),
    };
    for (size_t i = 0; i < form.field_count; i++) {
        const struct input *input = &command->inputs[i];
        form.fields[i] = make_field(r, input, defaults, refused ? &r->form_typed[i] : NULL);
        form.has_file |= input->type == INPUT_FILE;
    }
    if (refused)
        place_problems(&form, r->problems);
    if (r->visit != NULL) {
        note_key(r->visit, form.idempotency_key);
        r->visit->refused_shown |= refused;
    }
    return form;
}
