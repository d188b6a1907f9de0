/* ALT texts as files: a table of files and their texts, and lines to be pasted into pages. */
#include "task_inner.h"

#include "platform/html/html.h"

#include <jansson.h>

/* What writes one picture with its text. */
typedef void line_writer(struct buf *out, struct str file, struct str alt);

/* The file a picture came as, which its data says. */
static struct str file_of(struct arena *arena, struct str item_data)
{
    json_t *data = json_loadb(item_data.data, item_data.size, 0, NULL);
    const char *file = json_string_value(json_object_get(data, "file"));
    struct str found = file == NULL ? S("") : str_copy(arena, str_from(file));
    json_decref(data);
    return found;
}

/* An empty text says that a picture only decorates: one that has no text yet is left out. */
static struct str written(struct request *r, struct campaign_id campaign_id, line_writer *write,
                          struct str heading)
{
    struct buf out = { .arena = r->arena };
    struct task_items_in_state_row *rows;
    struct task_item_id after = { 0 };
    size_t count;
    buf_add(&out, heading);
    while ((count = task_items_after(r->db, campaign_id, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const struct task_items_in_state_row *row = &rows[i];
            struct str alt = row->is_control ? row->known_answer : row->answer;
            bool is_told = alt.size > 0 || str_equal(row->item_state, S("settled"));
            if (row->picture_blob.size > 0 && is_told)
                write(&out, file_of(r->arena, row->item_data), alt);
        }
        after = rows[count - 1].task_item_id;
    }
    return buf_str(&out);
}

static void csv_line(struct buf *out, struct str file, struct str alt)
{
    text_csv_cell(out, file);
    buf_char(out, ',');
    text_csv_cell(out, alt);
    buf_add(out, S("\r\n"));
}

static void html_line(struct buf *out, struct str file, struct str alt)
{
    html_picture(out, file, alt);
    buf_char(out, '\n');
}

struct reply task_alt_csv(struct request *r, const struct task_alt_csv_in *in)
{
    struct str body = written(r, in->campaign_id, csv_line, S("file,alt\r\n"));
    struct reply reply = reply_bytes(r, S("text/csv; charset=utf-8"), body);
    reply.filename = S("alt.csv");
    return reply;
}

struct reply task_alt_html(struct request *r, const struct task_alt_html_in *in)
{
    struct str body = written(r, in->campaign_id, html_line, S(""));
    struct reply reply = reply_bytes(r, S("text/html; charset=utf-8"), body);
    reply.filename = S("alt.html");
    return reply;
}
