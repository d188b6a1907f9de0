/* Results as files. */
#include "task_inner.h"

#include "base/id.h"
#include "platform/html/html.h"
#include "platform/json/json.h"

enum { BATCH = 500 };

size_t task_items_after(struct sql *db, struct campaign_id campaign_id, struct task_item_id after,
                        struct task_items_in_state_row **rows)
{
    return task_items_in_state(db,
                               (struct task_items_in_state){ .campaign_id = campaign_id,
                                                             .task_item_id = after,
                                                             .item_state = S(""),
                                                             .limit = BATCH },
                               rows);
}

struct reply task_results_csv(struct request *r, const struct task_results_csv_in *in)
{
    struct buf out = { .arena = r->arena };
    struct task_items_in_state_row *rows;
    struct task_item_id after = { 0 };
    size_t count;
    buf_add(&out, S("task,text,state,answer,caption,confidence,answers\r\n"));
    while ((count = task_items_after(r->db, in->campaign_id, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const struct task_items_in_state_row *row = &rows[i];
            if (row->is_control)
                continue;
            const struct str texts[] = { row->item_key, row->shown, row->item_state, row->answer,
                                         row->caption };
            for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
                text_csv_cell(&out, texts[t]);
                buf_char(&out, ',');
            }
            buf_printf(&out, "%.4f,%lld\r\n", row->confidence, (long long)row->given);
        }
        after = rows[count - 1].task_item_id;
    }
    struct reply reply = reply_bytes(r, S("text/csv; charset=utf-8"), buf_str(&out));
    reply.filename = S("results.csv");
    return reply;
}

/* The key of an item; rows come by item, so it is looked up when the item changes. */
struct key_cache {
    struct task_item_id id;
    struct str key;
};

static struct str key_of(struct request *r, struct campaign_id campaign_id, struct task_item_id id,
                         struct key_cache *cache)
{
    struct task_item_get_row item;
    if (cache->id.value != id.value &&
        task_item_get(r->db, (struct task_item_get){ campaign_id, id }, &item))
        *cache = (struct key_cache){ id, item.item_key };
    return cache->key;
}

/* What an answer is: a person's own, or the pick of another's. */
static struct str role_of(bool is_judgement)
{
    return is_judgement ? S("judgement") : S("answer");
}

struct reply task_answers_csv(struct request *r, const struct task_answers_csv_in *in)
{
    struct buf out = { .arena = r->arena };
    struct task_answers_all after = { .campaign_id = in->campaign_id };
    struct task_answers_all_row *rows;
    struct key_cache cache = { 0 };
    size_t count;
    buf_add(&out, S("task,worker,label,caption,state,given_at,role\r\n"));
    while ((count = task_answers_all(r->db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const struct str texts[] = {
                key_of(r, in->campaign_id, rows[i].task_item_id, &cache),
                task_pseudonym(r->arena, in->campaign_id, rows[i].person_id),
                rows[i].answer,
                rows[i].caption,
                rows[i].answer_state,
                text_iso(r->arena, rows[i].given_at),
                role_of(rows[i].is_judgement),
            };
            for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
                if (t > 0)
                    buf_char(&out, ',');
                text_csv_cell(&out, texts[t]);
            }
            buf_add(&out, S("\r\n"));
        }
        after.task_item_id = rows[count - 1].task_item_id;
        after.person_id = rows[count - 1].person_id;
    }
    struct reply reply = reply_bytes(r, S("text/csv; charset=utf-8"), buf_str(&out));
    reply.filename = S("answers.csv");
    return reply;
}

static void member(struct buf *out, const char *name, struct str value)
{
    buf_printf(out, ",\"%s\":", name);
    json_text(out, value);
}

static void write_answers(struct request *r, struct buf *out, struct campaign_id campaign_id,
                          struct task_item_id item_id)
{
    struct task_answers_of_item_row *rows;
    size_t count =
        task_answers_of_item(r->db, (struct task_answers_of_item){ campaign_id, item_id }, &rows);
    for (size_t i = 0; i < count; i++) {
        buf_add(out, i > 0 ? S(",{\"worker\":") : S("{\"worker\":"));
        json_text(out, task_pseudonym(r->arena, campaign_id, rows[i].person_id));
        member(out, "answer", rows[i].answer);
        member(out, "caption", rows[i].caption);
        member(out, "state", rows[i].answer_state);
        member(out, "role", role_of(rows[i].is_judgement));
        buf_add(out, S(",\"given_at\":"));
        json_time(out, rows[i].given_at);
        buf_char(out, '}');
    }
}

struct reply task_results_json(struct request *r, const struct task_results_json_in *in)
{
    struct buf out = { .arena = r->arena };
    struct task_items_in_state_row *rows;
    struct task_item_id after = { 0 };
    size_t count;
    bool first = true;
    buf_char(&out, '[');
    while ((count = task_items_after(r->db, in->campaign_id, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const struct task_items_in_state_row *row = &rows[i];
            buf_add(&out, first ? S("\n{\"task\":") : S(",\n{\"task\":"));
            first = false;
            json_text(&out, row->item_key);
            buf_add(&out, S(",\"data\":"));
            buf_add(&out, row->item_data);
            member(&out, "state", row->is_control ? S("control") : row->item_state);
            member(&out, "answer", row->is_control ? row->known_answer : row->answer);
            member(&out, "caption", row->caption);
            buf_add(&out, S(",\"confidence\":"));
            json_number(&out, row->confidence);
            buf_add(&out, S(",\"answers\":["));
            write_answers(r, &out, in->campaign_id, row->task_item_id);
            buf_add(&out, S("]}"));
        }
        after = rows[count - 1].task_item_id;
    }
    buf_add(&out, S("\n]\n"));
    struct reply reply = reply_bytes(r, S("application/json"), buf_str(&out));
    reply.filename = S("results.json");
    return reply;
}
