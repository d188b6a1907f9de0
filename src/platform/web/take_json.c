#include "platform/web/take_json.h"
#include "platform/web/inputs.h"
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

enum { DEPTH_MAX = 8 };

/* Brackets opened within one another; checked before parsing, so that nobody can make it deep. */
static bool too_deep(struct str body)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < body.size; i++) {
        char c = body.data[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > DEPTH_MAX)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

static struct str json_str(struct arena *arena, const json_t *value)
{
    return str_copy(arena, (struct str){ json_string_value(value), json_string_length(value) });
}

static bool wrong_type(struct visit *v, const struct input *input, const char *wanted)
{
    problem(&v->r, input->name, "This must be %s.", wanted);
    return false;
}

static bool take_file(struct visit *v, const struct input *input, const json_t *value)
{
    const json_t *filename = json_object_get(value, "filename");
    const json_t *base64 = json_object_get(value, "base64");
    if (json_object_size(value) != 2 || !json_is_string(filename) || !json_is_string(base64))
        return wrong_type(v, input, "an object with filename and base64, both strings");
    size_t size = 0, room = json_string_length(base64);
    unsigned char *bytes = arena_take(v->r.arena, room);
    if (sodium_base642bin(bytes, room, json_string_value(base64), room, "\r\n", &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return wrong_type(v, input, "base 64 as in RFC 4648, section 4");
    struct http_upload upload = { .name = str_from(input->name),
                                  .filename = json_str(v->r.arena, filename),
                                  .content_type = S("application/octet-stream"),
                                  .bytes = { (char *)bytes, size } };
    return input_set_file(&v->r, input, &upload, v->in);
}

/* A value under a key, as a form would have sent it. */
static struct str plain_text(struct arena *arena, const json_t *value)
{
    if (json_is_integer(value))
        return str_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_real(value))
        return str_printf(arena, "%.15g", json_real_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? S("true") : S("false");
    return json_str(arena, value);
}

static bool take_keyed(struct visit *v, const struct input *input, json_t *value, struct str *typed)
{
    if (value != NULL && !json_is_null(value) && !json_is_object(value))
        return wrong_type(v, input, "an object");
    json_t *object = json_object(), *one;
    const char *key;
    bool good = true;
    json_object_foreach(value, key, one)
    {
        bool is_plain = json_is_string(one) || json_is_number(one) || json_is_boolean(one);
        if (!is_plain && !json_is_null(one) && good)
            good = wrong_type(v, input, "an object of texts, numbers and truth values");
        else if (is_plain && good)
            good =
                input_add_field(&v->r, input, object, str_from(key), plain_text(v->r.arena, one));
    }
    return input_set_fields(&v->r, input, object, typed, v->in) && good;
}

/* Numbers and truth values go on as text, so that one place decides about limits and defaults. */
static bool take_value(struct visit *v, const struct input *input, const json_t *value,
                       struct str *typed)
{
    struct str text = { 0 };
    if (value == NULL || json_is_null(value)) {
        if (input->type == INPUT_FILE)
            return input_set_file(&v->r, input, NULL, v->in);
        if (input->type == INPUT_BOOL && input->fallback == NULL)
            return true;
    } else if (input->type == INPUT_FILE) {
        return take_file(v, input, value);
    } else if (input->type == INPUT_INT) {
        if (!json_is_integer(value))
            return wrong_type(v, input, "a whole number");
        text = str_printf(v->r.arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (input->type == INPUT_BOOL) {
        if (!json_is_boolean(value))
            return wrong_type(v, input, "true or false");
        text = json_is_true(value) ? S("true") : S("false");
    } else {
        if (!json_is_string(value))
            return wrong_type(v, input, "a string");
        text = json_str(v->r.arena, value);
    }
    return input_set(&v->r, input, text, typed, v->in);
}

static bool is_input(const struct route *route, const char *name)
{
    for (size_t i = 0; i < route->input_count; i++)
        if (!route->inputs[i].in_path && strcmp(route->inputs[i].name, name) == 0)
            return true;
    return false;
}

static void take_object(struct visit *v, json_t *object)
{
    for (size_t i = 0; i < v->route->input_count; i++) {
        const struct input *input = &v->route->inputs[i];
        if (input->type == INPUT_FIELDS)
            take_keyed(v, input, json_object_get(object, input->name), &v->typed[i]);
        else if (!input->in_path)
            take_value(v, input, json_object_get(object, input->name), &v->typed[i]);
    }
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (!is_input(v->route, name)) {
            struct str shown = utf8_clip(text_mended(v->r.arena, str_from(name)), 60);
            problem(&v->r, str_c(v->r.arena, shown), "There is no input of this name.");
        }
    }
}

bool take_json_body(struct visit *v, struct str body)
{
    json_error_t error = { 0 };
    json_t *object = NULL;
    if (too_deep(body))
        snprintf(error.text, sizeof error.text, "nested more than %d deep", DEPTH_MAX);
    else
        object = json_loadb(body.data, body.size, JSON_REJECT_DUPLICATES, &error);
    if (object != NULL && !json_is_object(object))
        snprintf(error.text, sizeof error.text, "not an object");
    bool taken = json_is_object(object);
    if (taken)
        take_object(v, object);
    else
        v->reply.sentence =
            str_printf(v->r.arena, "The body is not a JSON object: %s.", error.text);
    json_decref(object);
    return taken;
}
