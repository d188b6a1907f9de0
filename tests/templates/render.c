/* Shows the page under test with the text given as argument in every field, for test_pagegen.py.
 * Arguments: the text, the number of things, and "open" or "shut". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "templates.h"

enum { FORM_FIELDS = 5, SECOND = 1000000 };

struct str web_csrf(struct request *r)
{
    return S("token\"<");
}

static struct form_view form_of(struct str text)
{
    static const struct input inputs[FORM_FIELDS] = {
        { .name = "box_id", .type = INPUT_ID, .in_path = true, .required = true },
        { .name = "title",
          .type = INPUT_LINE,
          .required = true,
          .max = 80,
          .label = "Title",
          .hint = "Short." },
        { .name = "text", .type = INPUT_MARKDOWN, .max = 500, .label = "Text" },
        { .name = "colour", .type = INPUT_CHOICE, .required = true, .label = "Colour" },
        { .name = "action", .type = INPUT_BOOL, .label = "Act" },
    };
    static struct form_option options[2] = {
        { .value = { "red", 3 }, .label = { "Red", 3 } },
        { .value = { "blue", 4 }, .label = { "Blue", 4 }, .chosen = true }
    };
    static struct form_field fields[FORM_FIELDS];
    for (size_t i = 0; i < FORM_FIELDS; i++)
        fields[i] = (struct form_field){ .input = &inputs[i], .value = text, .checked = true };
    fields[1].problem = S("Too short & bad.");
    fields[3].options = options;
    fields[3].option_count = 2;
    return (struct form_view){ .action = { S("/boxes/1/things") },
                               .fields = fields,
                               .field_count = FORM_FIELDS,
                               .problem_count = 1,
                               .idempotency_key = S("key") };
}

int main(int argc, char **argv)
{
    struct str text = str_from(argv[1]);
    struct arena *arena = arena_make();
    struct request r = { .arena = arena, .now = 1795289003 * (int64_t)SECOND };
    struct frame_view frame = { .site_name = S("Site & Co"), .now = r.now };
    size_t count = (size_t)strtoul(argv[2], NULL, 10);
    struct thing_page_view view = {
        .box_id = { 33 },
        .thing_id = { 34 },
        .title = text,
        .link = url_from_text(text),
        .body = { S("<b>bold</b>") },
        .is_open = strcmp(argv[3], "open") == 0,
        .count = 1234,
        .at = r.now - 7200 * (int64_t)SECOND,
        .form = form_of(text),
        .main = { .thing_id = { 35 }, .name = text, .state = S("new"), .score = 0.5 }
    };
    view.things.items = arena_new(arena, struct thing_view, count);
    view.things.count = count;
    for (size_t i = 0; i < count; i++)
        view.things.items[i] = (struct thing_view){ .thing_id = { (int64_t)i + 1 }, .name = text };
    struct buf out = { .arena = arena };
    thing_page_html(&out, &r, &frame, &view);
    fwrite(out.data, 1, out.size, stdout);
    arena_free(arena);
    return 0;
}
