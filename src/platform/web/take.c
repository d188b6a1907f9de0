#include "platform/web/inputs.h"
#include "platform/web/take_json.h"
#include "platform/web/visit.h"

#include <jansson.h>

enum { JSON_FILE_BYTES_MAX = 10 * 1000 * 1000 };

/* Fields of every form that are the platform's own; `next` is passed over where it is not declared.
 */
static bool is_reserved(struct str name)
{
    return str_equal(name, S("csrf")) || str_equal(name, S("idempotency_key")) ||
           str_equal(name, S("next"));
}

/* What follows NAME and a dot in "NAME.KEY"; "" when it begins otherwise. */
static struct str key_of(struct str sent, const struct input *input)
{
    struct str name = str_from(input->name);
    bool has_key = str_starts(sent, name) && sent.size > name.size && sent.data[name.size] == '.';
    return has_key ? str_slice(sent, name.size + 1, SIZE_MAX) : (struct str){ 0 };
}

static bool is_declared(const struct route *route, struct str name)
{
    for (size_t i = 0; i < route->input_count; i++) {
        const struct input *input = &route->inputs[i];
        bool is_it = input->type == INPUT_FIELDS ? key_of(name, input).size > 0
                                                 : str_equal(name, str_from(input->name));
        if (!input->in_path && is_it)
            return true;
    }
    return false;
}

/* --- Path ------------------------------------------------------------------------------------- */

/* A path that does not parse leads nowhere: no problem is reported, there is just nothing there. */
static bool take_path(struct visit *v)
{
    unsigned value = 0;
    bool parsed = true;
    for (size_t i = 0; i < v->route->input_count; i++) {
        const struct input *input = &v->route->inputs[i];
        if (input->in_path)
            parsed &= input_set(&v->r, input, v->path_values[value++], &v->typed[i], v->in);
    }
    v->r.problems = NULL;
    return parsed;
}

/* --- Query and form --------------------------------------------------------------------------- */

struct fields {
    const struct http_field *items;
    size_t count;
};

/* What was sent under a name. A line sent several times (check boxes of one name) is its values
   with spaces between; of anything else only one is taken. */
static struct str value_of(struct visit *v, struct fields fields, const struct input *input)
{
    struct str name = str_from(input->name), value = { 0 };
    unsigned times = 0;
    for (size_t i = 0; i < fields.count; i++) {
        if (!str_equal(fields.items[i].name, name))
            continue;
        if (times++ == 0)
            value = fields.items[i].value;
        else if (input->type == INPUT_LINE)
            value =
                str_printf(v->r.arena, "%.*s %.*s", STR_ARG(value), STR_ARG(fields.items[i].value));
        else if (times == 2)
            problem(&v->r, input->name, "This was sent twice. Please give it once.");
    }
    return value;
}

static const struct http_upload *upload_of(const struct http_request *http, const char *name)
{
    for (size_t i = 0; i < http->upload_count; i++)
        if (str_equal(http->uploads[i].name, str_from(name)))
            return &http->uploads[i];
    return NULL;
}

/* An unticked check box sends nothing, so in a form nothing means false, whatever the default. */
static bool set_absent_box(struct visit *v, const struct input *input, struct str text)
{
    bool is_box = input->type == INPUT_BOOL && text.size == 0 && v->route->flags & ROUTE_COMMAND;
    if (is_box)
        *(bool *)((char *)v->in + input->offset) = false;
    return is_box;
}

/* All that was sent as NAME.KEY. */
static void take_keyed(struct visit *v, struct fields fields, const struct input *input,
                       struct str *typed)
{
    json_t *object = json_object();
    bool good = true;
    for (size_t i = 0; i < fields.count && good; i++) {
        struct str key = key_of(fields.items[i].name, input);
        if (key.size > 0)
            good = input_add_field(&v->r, input, object, key, fields.items[i].value);
    }
    input_set_fields(&v->r, input, object, typed, v->in);
}

static void take_fields(struct visit *v, struct fields fields)
{
    for (size_t i = 0; i < v->route->input_count; i++) {
        const struct input *input = &v->route->inputs[i];
        if (input->in_path)
            continue;
        if (input->type == INPUT_FIELDS) {
            take_keyed(v, fields, input, &v->typed[i]);
            continue;
        }
        struct str text = value_of(v, fields, input);
        if (input->type == INPUT_FILE && text.size == 0)
            input_set_file(&v->r, input, upload_of(v->http, input->name), v->in);
        else if (!set_absent_box(v, input, text))
            input_set(&v->r, input, text, &v->typed[i], v->in);
    }
}

static void refuse_unknown(struct visit *v, struct str name)
{
    const char *shown = str_c(v->r.arena, utf8_clip(text_mended(v->r.arena, name), 60));
    if (v->r.format == FORMAT_JSON)
        problem(&v->r, shown, "There is no input of this name.");
    else
        problem(&v->r, "",
                "The form has a field “%s” that is not known here. Please load the page "
                "again and send it once more.",
                shown);
}

static void refuse_unknown_fields(struct visit *v, struct fields fields)
{
    for (size_t i = 0; i < fields.count; i++)
        if (!is_declared(v->route, fields.items[i].name) && !is_reserved(fields.items[i].name))
            refuse_unknown(v, fields.items[i].name);
    if (!(v->route->flags & ROUTE_COMMAND))
        return;
    for (size_t i = 0; i < v->http->upload_count; i++)
        if (!is_declared(v->route, v->http->uploads[i].name))
            refuse_unknown(v, v->http->uploads[i].name);
}

static enum taken take_query(struct visit *v)
{
    struct fields fields = { v->http->query, v->http->query_count };
    take_fields(v, fields);
    if (v->r.format == FORMAT_JSON)
        refuse_unknown_fields(v, fields);
    return TAKEN;
}

static enum taken take_form(struct visit *v)
{
    const struct http_request *http = v->http;
    bool is_form = str_equal(http->content_type, S("application/x-www-form-urlencoded")) ||
                   str_equal(http->content_type, S("multipart/form-data"));
    bool is_empty = http->body.size == 0 && http->form_count == 0 && http->upload_count == 0;
    if (!is_form && !is_empty)
        return TAKEN_UNSUPPORTED;
    struct fields fields = { http->form, http->form_count };
    take_fields(v, fields);
    refuse_unknown_fields(v, fields);
    return TAKEN;
}

/* Programs may send files as a form does, without base 64. */
static bool is_form_with_files(const struct visit *v)
{
    bool takes_files = false;
    for (size_t i = 0; i < v->route->input_count; i++)
        takes_files |= v->route->inputs[i].type == INPUT_FILE;
    return takes_files && str_equal(v->http->content_type, S("multipart/form-data"));
}

static enum taken take_json(struct visit *v)
{
    bool is_json = str_equal(v->http->content_type, S("application/json"));
    bool is_empty =
        v->http->body.size == 0 && v->http->form_count == 0 && v->http->upload_count == 0;
    if (!is_json && !is_empty)
        return TAKEN_UNSUPPORTED;
    struct str body = is_empty ? S("{}") : v->http->body;
    return take_json_body(v, body) ? TAKEN : TAKEN_MALFORMED;
}

/* --- All -------------------------------------------------------------------------------------- */

/* The most a body for this route can need: every character escaped; files as they are in a form,
   and in base 64 in JSON, where larger ones are not taken: they would be in memory several times.
 */
int64_t route_body_bytes_max(const struct route *route, struct str content_type)
{
    bool is_form = str_equal(content_type, S("multipart/form-data"));
    int64_t most = 16384;
    for (size_t i = 0; i < route->input_count; i++) {
        const struct input *input = &route->inputs[i];
        int64_t file = input->max < JSON_FILE_BYTES_MAX ? input->max : JSON_FILE_BYTES_MAX;
        if (input->type == INPUT_FILE)
            most += (is_form ? input->max : file + file / 2) + 4096;
        else if (input_is_text(input->type))
            most += 12 * input->max;
    }
    return most;
}

static int64_t body_bytes(const struct http_request *http)
{
    int64_t size = (int64_t)http->body.size;
    for (size_t i = 0; i < http->upload_count; i++)
        size += (int64_t)http->uploads[i].bytes.size;
    return size;
}

enum taken take_inputs(struct visit *v)
{
    const struct route *route = v->route;
    v->in = arena_take(v->r.arena, route->input_size);
    v->typed = arena_new(v->r.arena, struct str, route->input_count);
    if (!take_path(v))
        return TAKEN_NOT_FOUND;
    if (!(route->flags & ROUTE_COMMAND))
        return take_query(v);
    if (body_bytes(v->http) > route_body_bytes_max(route, v->http->content_type))
        return TAKEN_TOO_LARGE;
    bool is_json = v->r.format == FORMAT_JSON && !is_form_with_files(v);
    return is_json ? take_json(v) : take_form(v);
}
