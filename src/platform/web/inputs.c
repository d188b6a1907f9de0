#include "platform/web/inputs.h"
#include "base/check.h"
#include "base/id.h"
#include "platform/json/json.h"
#include "platform/mail/mail.h"
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

size_t input_size(enum input_type type)
{
    switch (type) {
    case INPUT_BOOL:
        return sizeof(bool);
    case INPUT_CHOICE:
        return sizeof(unsigned);
    case INPUT_INT:
    case INPUT_TIME:
    case INPUT_ID:
        return sizeof(int64_t);
    case INPUT_FILE:
        return sizeof(struct http_upload);
    default:
        return sizeof(struct str);
    }
}

bool input_is_text(enum input_type type)
{
    return input_size(type) == sizeof(struct str) && type != INPUT_COLOUR;
}

static void *member(const struct input *input, void *in)
{
    return (char *)in + input->offset;
}

/* --- Cleaning --------------------------------------------------------------------------------- */

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* C0 and C1 controls and DEL; the C1 are two bytes, C2 80 … C2 9F. LF and TAB are let through. */
static bool has_controls(struct str s)
{
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = s.data[i];
        if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
            return true;
        if (c == 0xc2 && i + 1 < s.size && (unsigned char)s.data[i + 1] < 0xa0)
            return true;
    }
    return false;
}

/* White space trimmed at both ends and folded to one space within. */
static struct str one_line(struct arena *arena, struct str s)
{
    s = str_trim(s);
    char *out = arena_take(arena, s.size);
    size_t size = 0;
    for (size_t i = 0; i < s.size; i++) {
        bool space = is_space(s.data[i]);
        if (!space)
            out[size++] = s.data[i];
        else if (i + 1 < s.size && !is_space(s.data[i + 1]))
            out[size++] = ' ';
    }
    return (struct str){ out, size };
}

/* CRLF and lone CR made LF; white space at the end taken off. */
static struct str lines(struct arena *arena, struct str s)
{
    char *out = arena_take(arena, s.size);
    size_t size = 0;
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == '\r' && i + 1 < s.size && s.data[i + 1] == '\n')
            continue;
        out[size++] = s.data[i] == '\r' ? '\n' : s.data[i];
    }
    while (size > 0 && is_space(out[size - 1]))
        size--;
    return (struct str){ out, size };
}

struct str text_mended(struct arena *arena, struct str text)
{
    struct buf out = { .arena = arena };
    while (text.size > 0) {
        size_t size = 1;
        while (size < 4 && size < text.size && !utf8_valid(str_slice(text, 0, size)))
            size++;
        struct str piece = str_slice(text, 0, size);
        if (!utf8_valid(piece)) {
            buf_add(&out, S("\xef\xbf\xbd"));
            size = 1;
        } else if (!has_controls(piece)) {
            buf_add(&out, piece);
        }
        text = str_slice(text, size, SIZE_MAX);
    }
    return buf_str(&out);
}

/* --- Texts ------------------------------------------------------------------------------------ */

static bool wrong(struct request *r, const struct input *input, const char *message)
{
    problem(r, input->name, "%s", message);
    return false;
}

static bool length_fits(struct request *r, const struct input *input, struct str s)
{
    int64_t points = (int64_t)utf8_length(s);
    if (points > input->max)
        problem(r, input->name, "Use at most %" PRId64 " characters; you have %" PRId64 ".",
                input->max, points);
    else if (points < input->min && input->min == input->max)
        problem(r, input->name, "Use exactly %" PRId64 " characters; you have %" PRId64 ".",
                input->min, points);
    else if (points < input->min)
        problem(r, input->name, "Use at least %" PRId64 " characters; you have %" PRId64 ".",
                input->min, points);
    return points >= input->min && points <= input->max;
}

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.size; i++) {
        char c = s.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return true;
}

static struct str email(struct arena *arena, struct str s)
{
    struct str domain = s;
    struct str local = str_cut(&domain, '@');
    return str_printf(arena, "%.*s@%.*s", STR_ARG(local), STR_ARG(str_lower(arena, domain)));
}

static bool set_text(struct request *r, const struct input *input, struct str text, struct str *out)
{
    switch (input->type) {
    case INPUT_TEXT:
    case INPUT_MARKDOWN:
        *out = lines(r->arena, text);
        break;
    case INPUT_PASSWORD:
        *out = text;
        break;
    default:
        *out = one_line(r->arena, text);
    }
    if (has_controls(*out))
        return wrong(r, input, "There are control characters in this text. Please take them out.");
    if (!length_fits(r, input, *out))
        return false;
    if (input->type == INPUT_TOKEN && !is_token(*out))
        return wrong(r, input, "Use only letters, digits, - and _.");
    if (input->type == INPUT_EMAIL) {
        if (!mail_address_valid(*out))
            return wrong(r, input, "This is no e-mail address. It looks like name@example.org.");
        *out = email(r->arena, *out);
    }
    return true;
}

static bool set_colour(struct request *r, const struct input *input, struct str text,
                       struct str *out)
{
    unsigned char rgb[3];
    if (text.size != 7 || text.data[0] != '#' || !str_unhex(str_slice(text, 1, 7), rgb, 3))
        return wrong(r, input, "Use a colour like #1f5f8b.");
    *out = str_lower(r->arena, text);
    return true;
}

/* --- The others ------------------------------------------------------------------------------- */

static bool set_int(struct request *r, const struct input *input, struct str text, int64_t *out)
{
    if (str_to_int64(text, out) && *out >= input->min && *out <= input->max)
        return true;
    problem(r, input->name, "Use a whole number from %" PRId64 " to %" PRId64 ".", input->min,
            input->max);
    return false;
}

static bool set_bool(struct request *r, const struct input *input, struct str text, bool *out)
{
    static const char *const yes[] = { "on", "true", "1", "yes" };
    static const char *const no[] = { "off", "false", "0", "no" };
    for (size_t i = 0; i < 4; i++) {
        *out = str_equal(text, str_from(yes[i]));
        if (*out || str_equal(text, str_from(no[i])))
            return true;
    }
    return wrong(r, input, "Say true or false.");
}

static bool set_choice(struct request *r, const struct input *input, struct str text, unsigned *out)
{
    for (*out = 0; input->choices[*out] != NULL; ++*out)
        if (str_equal(text, str_from(input->choices[*out])))
            return true;
    *out = 0;
    return wrong(r, input, "This is not one of the choices. Please choose again.");
}

/* YYYY-MM-DDTHH:MM, with or without seconds, as a browser's datetime-local sends it: taken as UTC.
 */
static bool parse_local_time(struct arena *arena, struct str text, int64_t *at)
{
    bool has_seconds = text.size == 19;
    if (text.size != 16 && !has_seconds)
        return false;
    return json_parse_time(str_join(arena, text, has_seconds ? S("Z") : S(":00Z")), at);
}

static bool set_time(struct request *r, const struct input *input, struct str text, int64_t *out)
{
    if (json_parse_time(text, out) || parse_local_time(r->arena, text, out))
        return true;
    return wrong(r, input, "Use a date and time like 2026-11-21T19:22.");
}

static bool set_id(struct request *r, const struct input *input, struct str text, int64_t *out)
{
    return id_parse(text, out) ||
           wrong(r, input, "This is not one of the choices. Please choose again.");
}

static bool set_value(struct request *r, const struct input *input, struct str text, void *at)
{
    switch (input->type) {
    case INPUT_INT:
        return set_int(r, input, text, at);
    case INPUT_BOOL:
        return set_bool(r, input, text, at);
    case INPUT_CHOICE:
        return set_choice(r, input, text, at);
    case INPUT_TIME:
        return set_time(r, input, text, at);
    case INPUT_ID:
        return set_id(r, input, text, at);
    case INPUT_COLOUR:
        return set_colour(r, input, text, at);
    case INPUT_FILE:
        return wrong(r, input, "Please send a file here, not text.");
    default:
        return set_text(r, input, text, at);
    }
}

/* --- Presence --------------------------------------------------------------------------------- */

static const char *missing(enum input_type type)
{
    switch (type) {
    case INPUT_CHOICE:
    case INPUT_ID:
        return "Please choose one.";
    case INPUT_TIME:
        return "Please give a date and a time.";
    case INPUT_FILE:
        return "Please choose a file.";
    default:
        return "Please fill this in.";
    }
}

/* Passwords may be made of spaces; of everything else, only spaces is nothing. */
static bool is_empty(const struct input *input, struct str text)
{
    return input->type == INPUT_PASSWORD ? text.size == 0 : str_trim(text).size == 0;
}

bool input_set(struct request *r, const struct input *input, struct str text, struct str *typed,
               void *in)
{
    bool readable = utf8_valid(text);
    if (input->type != INPUT_PASSWORD)
        *typed = readable && !has_controls(text) ? text : text_mended(r->arena, text);
    if (!readable)
        return wrong(r, input,
                     "Some characters here could not be read (the text is not valid "
                     "UTF-8). Please type it again.");
    if (!is_empty(input, text)) {
        bool trims = !input_is_text(input->type);
        return set_value(r, input, trims ? str_trim(text) : text, member(input, in));
    }
    if (input->fallback != NULL)
        return set_value(r, input, str_from(input->fallback), member(input, in));
    if (input->required)
        return wrong(r, input, missing(input->type));
    return true;
}

bool input_set_file(struct request *r, const struct input *input, const struct http_upload *upload,
                    void *in)
{
    if (upload == NULL || (upload->bytes.size == 0 && upload->filename.size == 0))
        return !input->required || wrong(r, input, missing(INPUT_FILE));
    if ((int64_t)upload->bytes.size > input->max) {
        problem(r, input->name,
                "This file is too large: it has %.1f MB, and at most %.1f MB are taken.",
                (double)upload->bytes.size / 1e6, (double)input->max / 1e6);
        return false;
    }
    struct http_upload *file = member(input, in);
    *file = *upload;
    file->filename = utf8_clip(text_mended(r->arena, upload->filename), 255);
    return true;
}

/* --- Fields whose names are not known beforehand ---------------------------------------------- */

enum { FIELDS_MAX = 64, FIELD_NAME_MAX = 64 };

bool input_add_field(struct request *r, const struct input *input, json_t *object, struct str name,
                     struct str text)
{
    bool readable = utf8_valid(text) && utf8_valid(name);
    struct str kept = lines(r->arena, text);
    bool clean = readable && !has_controls(kept) && !has_controls(name);
    const char *key = str_c(r->arena, text_mended(r->arena, name));
    if (!clean)
        kept = text_mended(r->arena, kept);
    if (json_object_size(object) == FIELDS_MAX || name.size == 0 || name.size > FIELD_NAME_MAX)
        return wrong(r, input, "Use at most 64 fields, with names of 1 to 64 letters.");
    if (json_object_get(object, key) != NULL)
        return wrong(r, input, "A field was sent twice. Please give it once.");
    check(json_object_set_new(object, key, json_stringn(str_c(r->arena, kept), kept.size)) == 0);
    if (!readable)
        return wrong(r, input,
                     "Some characters here could not be read (the text is not valid "
                     "UTF-8). Please type it again.");
    return clean ||
           wrong(r, input, "There are control characters in this text. Please take them out.");
}

bool input_set_fields(struct request *r, const struct input *input, json_t *object,
                      struct str *typed, void *in)
{
    size_t count = json_object_size(object);
    char *dumped = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    check(dumped != NULL);
    *typed = count > 0 ? str_copy(r->arena, str_from(dumped)) : (struct str){ 0 };
    free(dumped);
    json_decref(object);
    *(struct str *)member(input, in) = *typed;
    if (count == 0)
        return !input->required || wrong(r, input, missing(input->type));
    return length_fits(r, input, *typed);
}

/* --- Back to text ----------------------------------------------------------------------------- */

static struct str int_text(struct arena *arena, const struct input *input, int64_t value)
{
    /* Zero where zero is not allowed, or where nothing need be said, means "not yet given". */
    bool unset = value == 0 && (input->min > 0 || (!input->required && input->fallback == NULL));
    return unset ? (struct str){ 0 } : str_printf(arena, "%" PRId64, value);
}

struct str input_text(struct arena *arena, const struct input *input, const void *in)
{
    const void *at = (const char *)in + input->offset;
    switch (input->type) {
    case INPUT_INT:
        return int_text(arena, input, *(const int64_t *)at);
    case INPUT_BOOL:
        return *(const bool *)at ? S("true") : (struct str){ 0 };
    case INPUT_CHOICE:
        return str_from(input->choices[*(const unsigned *)at]);
    case INPUT_TIME:
        return text_local_input(arena, *(const int64_t *)at);
    case INPUT_ID:
        return *(const int64_t *)at == 0 ? (struct str){ 0 } : id_text(arena, *(const int64_t *)at);
    case INPUT_FILE:
    case INPUT_PASSWORD:
        return (struct str){ 0 };
    default:
        return *(const struct str *)at;
    }
}
