/* One input, from text to its typed member of the input struct. Pure, but for the problems it
 * reports. */
#pragma once
#include "platform/web/web.h"

struct json_t; /* Jansson's */

/* Checks `text` and writes the value at its offset in `in`. Empty text is the declared default, or
   nothing where the input is optional. A person's mistake becomes a problem beside the field; what
   was typed, made valid UTF-8, is left in *typed (passwords are not). False when there was one. */
bool input_set(struct request *r, const struct input *input, struct str text, struct str *typed,
               void *in);
/* The same for a file; `upload` may be NULL. */
bool input_set_file(struct request *r, const struct input *input, const struct http_upload *upload,
                    void *in);
/* Puts a text under a name into the object (a json_t) that becomes the value of an input of type
   INPUT_FIELDS. False, with a problem, when it cannot be read, stands there already, or is one too
   many. */
bool input_add_field(struct request *r, const struct input *input, struct json_t *object,
                     struct str name, struct str text);
/* Makes that object the input's value, and releases it. */
bool input_set_fields(struct request *r, const struct input *input, struct json_t *object,
                      struct str *typed, void *in);
/* The value in `in` as text, as a form shows it. */
struct str input_text(struct arena *arena, const struct input *input, const void *in);
/* Size of the member of this type. */
size_t input_size(enum input_type type);
bool input_is_text(enum input_type type); /* a struct str whose length is limited in code points */
/* Invalid bytes replaced by U+FFFD, controls but LF and TAB left out: fit to be shown again. */
struct str text_mended(struct arena *arena, struct str text);
