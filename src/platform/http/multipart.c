/* multipart/form-data (RFC 7578, RFC 2046 section 5.1), as browsers write it and nothing looser: no
 * preamble, no folded headers, no transfer encodings, CR LF everywhere. Nothing is copied but
 * escaped names: fields and uploads point into the body.
 */
#include "platform/http/inside.h"

#include <string.h>

enum { BOUNDARY_SIZE_MAX = 70, PART_HEAD_SIZE_MAX = 4096 };

struct part {
    struct str name, filename, content_type, bytes;
    bool has_name, has_filename;
};

/* --- Parameters: ; name=value or ; name="value" ----------------------------------------------- */

static bool is_plain(char c)
{
    return c > 0x20 && c < 0x7F && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* In a quoted text, \" and \\ stand for the second character (older programs). A backslash before
   anything else stands for itself. */
static bool is_escape(struct str text, size_t at)
{
    return text.data[at] == '\\' && at + 1 < text.size &&
           (text.data[at + 1] == '"' || text.data[at + 1] == '\\');
}

static struct str unescape_backslash(struct arena *arena, struct str text)
{
    if (str_find(text, S("\\")) == SIZE_MAX)
        return text;
    char *out = arena_take(arena, text.size);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        i += is_escape(text, i);
        out[size++] = text.data[i];
    }
    return (struct str){ out, size };
}

static bool quoted_take(struct arena *arena, struct str *rest, struct str *value)
{
    size_t end = 1;
    while (end < rest->size && rest->data[end] != '"')
        end += is_escape(*rest, end) ? 2 : 1;
    if (end >= rest->size)
        return false;
    *value = unescape_backslash(arena, str_slice(*rest, 1, end));
    *rest = str_slice(*rest, end + 1, rest->size);
    return true;
}

static void skip_blanks(struct str *rest)
{
    while (rest->size > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t'))
        *rest = str_slice(*rest, 1, rest->size);
}

static struct str token_take(struct str *rest)
{
    size_t size = 0;
    while (size < rest->size && is_plain(rest->data[size]))
        size++;
    struct str token = str_slice(*rest, 0, size);
    *rest = str_slice(*rest, size, rest->size);
    return token;
}

/* Takes one parameter; false when what stands there is none. */
static bool parameter_take(struct arena *arena, struct str *rest, struct str *name,
                           struct str *value)
{
    skip_blanks(rest);
    if (rest->size == 0 || rest->data[0] != ';')
        return false;
    *rest = str_slice(*rest, 1, rest->size);
    skip_blanks(rest);
    *name = token_take(rest);
    if (name->size == 0 || rest->size < 2 || rest->data[0] != '=')
        return false;
    *rest = str_slice(*rest, 1, rest->size);
    if (rest->data[0] == '"')
        return quoted_take(arena, rest, value);
    *value = token_take(rest);
    return value->size > 0;
}

static bool boundary_read(struct arena *arena, struct str content_type, struct str *boundary)
{
    struct str rest = content_type;
    str_cut(&rest, ';');
    if (rest.data == NULL)
        return false;
    rest = str_slice(content_type, content_type.size - rest.size - 1, content_type.size);
    *boundary = (struct str){ 0 };
    struct str name, value;
    while (rest.size > 0) {
        if (!parameter_take(arena, &rest, &name, &value))
            return false;
        if (!str_equal_nocase(name, S("boundary")))
            continue;
        if (boundary->size > 0 || value.size == 0 || value.size > BOUNDARY_SIZE_MAX)
            return false;
        *boundary = value;
    }
    for (size_t i = 0; i < boundary->size; i++)
        if (boundary->data[i] < 0x20 || boundary->data[i] >= 0x7F)
            return false;
    return boundary->size > 0 && boundary->data[boundary->size - 1] != ' ';
}

/* --- One part --------------------------------------------------------------------------------- */

/* Browsers write a quotation mark in a name as %22 and line breaks as %0D %0A, and leave other
   percent signs alone. A name has no line break here. */
static struct str unescape_quote(struct arena *arena, struct str text)
{
    if (str_find(text, S("%22")) == SIZE_MAX)
        return text;
    char *out = arena_take(arena, text.size);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool quote = str_starts(str_slice(text, i, text.size), S("%22"));
        out[size++] = quote ? '"' : text.data[i];
        i += quote ? 2 : 0;
    }
    return (struct str){ out, size };
}

static struct str last_segment(struct str path)
{
    size_t from = path.size;
    while (from > 0 && path.data[from - 1] != '/' && path.data[from - 1] != '\\')
        from--;
    return str_slice(path, from, path.size);
}

static bool disposition_read(struct arena *arena, struct str value, struct part *part)
{
    struct str name, text;
    if (part->has_name || !str_equal_nocase(token_take(&value), S("form-data")))
        return false;
    while (value.size > 0) {
        if (!parameter_take(arena, &value, &name, &text))
            return false;
        if (str_equal_nocase(name, S("name"))) {
            if (part->has_name)
                return false;
            part->has_name = true;
            part->name = unescape_quote(arena, text);
        } else if (str_equal_nocase(name, S("filename"))) {
            if (part->has_filename)
                return false;
            part->has_filename = true;
            part->filename = last_segment(unescape_quote(arena, text));
        }
    }
    return part->has_name && part->name.size > 0;
}

static bool part_header_read(struct arena *arena, struct str line, struct part *part)
{
    struct str value = line, name = str_cut(&value, ':');
    if (name.size == 0 || name.size == line.size || !is_plain(name.data[name.size - 1]) ||
        !is_plain(name.data[0]))
        return false;
    for (size_t i = 0; i < line.size; i++)
        if ((unsigned char)line.data[i] < 0x20 && line.data[i] != '\t')
            return false;
    value = str_trim(value);
    if (str_equal_nocase(name, S("content-disposition")))
        return disposition_read(arena, value, part);
    if (str_equal_nocase(name, S("content-type")))
        part->content_type = str_lower(arena, str_trim(str_cut(&value, ';')));
    if (str_equal_nocase(name, S("content-transfer-encoding")))
        return str_equal_nocase(value, S("binary")) || str_equal_nocase(value, S("8bit")) ||
               str_equal_nocase(value, S("7bit"));
    return true;
}

/* Headers up to the empty line; *rest begins with the first of them, and is left at the content. */
static bool part_head_read(struct arena *arena, struct str *rest, struct part *part)
{
    struct str head = str_slice(*rest, 0, PART_HEAD_SIZE_MAX);
    for (;;) {
        size_t end = str_find(head, S("\r\n"));
        if (end == SIZE_MAX)
            return false;
        struct str line = str_slice(head, 0, end);
        head = str_slice(head, end + 2, head.size);
        *rest = str_slice(*rest, end + 2, rest->size);
        if (line.size == 0)
            return part->has_name;
        if (!part_header_read(arena, line, part))
            return false;
    }
}

/* --- The whole body --------------------------------------------------------------------------- */

struct found { /* what was read so far, with room for the most there may be */
    struct http_field *fields;
    struct http_upload *uploads;
    size_t field_count, upload_count;
};

static bool part_keep(struct found *found, const struct part *part)
{
    if (part->has_filename) {
        if (found->upload_count == UPLOAD_COUNT_MAX)
            return false;
        found->uploads[found->upload_count++] =
            (struct http_upload){ .name = part->name,
                                  .filename = part->filename,
                                  .content_type = part->content_type,
                                  .bytes = part->bytes };
        return true;
    }
    if (found->field_count == FIELD_COUNT_MAX)
        return false;
    found->fields[found->field_count++] =
        (struct http_field){ .name = part->name, .value = part->bytes };
    return true;
}

/* *rest begins behind a delimiter. After the last one only a line break may follow. */
static bool at_end(struct str rest)
{
    return str_equal(rest, S("--")) || str_equal(rest, S("--\r\n"));
}

bool multipart_read(struct arena *arena, struct str content_type, struct str body,
                    struct http_request *request)
{
    struct str boundary;
    if (!boundary_read(arena, content_type, &boundary))
        return false;
    struct str delimiter = str_join(arena, S("\r\n--"), boundary);
    struct str first = str_slice(delimiter, 2, delimiter.size);
    if (!str_starts(body, first))
        return false;
    struct found found = { .fields = arena_new(arena, struct http_field, FIELD_COUNT_MAX),
                           .uploads = arena_new(arena, struct http_upload, UPLOAD_COUNT_MAX) };
    struct str rest = str_slice(body, first.size, body.size);
    while (!at_end(rest)) {
        struct part part = { 0 };
        if (!str_starts(rest, S("\r\n")))
            return false;
        rest = str_slice(rest, 2, rest.size);
        if (!part_head_read(arena, &rest, &part))
            return false;
        size_t end = str_find(rest, delimiter);
        if (end == SIZE_MAX)
            return false;
        part.bytes = str_slice(rest, 0, end);
        rest = str_slice(rest, end + delimiter.size, rest.size);
        if (!part_keep(&found, &part))
            return false;
    }
    request->form = found.fields;
    request->form_count = found.field_count;
    request->uploads = found.uploads;
    request->upload_count = found.upload_count;
    return true;
}
