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

/* What the answers to an item say beyond the median. */
static struct task_ratings ratings_of(struct request *r, const struct task_scheme *scheme,
                                      struct task_item_id item_id)
{
    struct task_answers_weighed_row *rows;
    size_t count = task_answers_weighed(
        r->db, (struct task_answers_weighed){ scope_of(r)->campaign_id, item_id, item_id }, &rows);
    return task_ratings(r->arena, scheme->scale, rows, count);
}

static void write_ratings(struct request *r, struct buf *out, const struct task_scheme *scheme,
                          const struct task_items_in_state_row *row)
{
    if (row->given == 0) {
        buf_add(out, S(",,,"));
        return;
    }
    struct task_ratings ratings = ratings_of(r, scheme, row->task_item_id);
    buf_printf(out, ",%.4f,%d,%d", ratings.mean, (int)ratings.low, (int)ratings.high);
}

struct reply task_results_csv(struct request *r, const struct task_results_csv_in *in)
{
    struct buf out = { .arena = r->arena };
    struct task_items_in_state_row *rows;
    struct task_item_id after = { 0 };
    struct task_scheme scheme = task_scheme_here(r);
    size_t count;
    buf_add(&out, S("task,text,state,answer,caption,confidence,answers"));
    if (scheme.template == TASK_RATE)
        buf_add(&out, S(",mean,median_low,median_high"));
    task_columns_heading(&out, &scheme);
    buf_add(&out, S("\r\n"));
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
            buf_printf(&out, "%.4f,%lld", row->confidence, (long long)row->given);
            if (scheme.template == TASK_RATE)
                write_ratings(r, &out, &scheme, row);
            task_columns_cells(r->arena, &out, &scheme, row->answer);
            buf_add(&out, S("\r\n"));
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
    struct task_scheme scheme = task_scheme_here(r);
    size_t count;
    buf_add(&out, S("task,worker,label,caption,state,given_at,role"));
    task_columns_heading(&out, &scheme);
    buf_add(&out, S("\r\n"));
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
            task_columns_cells(r->arena, &out, &scheme, rows[i].answer);
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

static void member_answer(struct buf *out, const struct task_scheme *scheme, struct str answer)
{
    buf_add(out, S(",\"answer\":"));
    task_answer_json(out, scheme, answer);
}

static void write_answers(struct request *r, struct buf *out, const struct task_scheme *scheme,
                          struct task_item_id item_id)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_answers_of_item_row *rows;
    size_t count =
        task_answers_of_item(r->db, (struct task_answers_of_item){ campaign_id, item_id }, &rows);
    for (size_t i = 0; i < count; i++) {
        buf_add(out, i > 0 ? S(",{\"worker\":") : S("{\"worker\":"));
        json_text(out, task_pseudonym(r->arena, campaign_id, rows[i].person_id));
        member_answer(out, scheme, rows[i].answer);
        member(out, "caption", rows[i].caption);
        member(out, "state", rows[i].answer_state);
        member(out, "role", role_of(rows[i].is_judgement));
        buf_add(out, S(",\"given_at\":"));
        json_time(out, rows[i].given_at);
        buf_char(out, '}');
    }
}

static void write_item(struct request *r, struct buf *out, const struct task_scheme *scheme,
                       const struct task_items_in_state_row *row)
{
    buf_add(out, S("{\"task\":"));
    json_text(out, row->item_key);
    buf_add(out, S(",\"data\":"));
    buf_add(out, row->item_data);
    member(out, "state", row->is_control ? S("control") : row->item_state);
    member_answer(out, scheme, row->is_control ? row->known_answer : row->answer);
    if (scheme->template == TASK_RATE && row->given > 0) {
        struct task_ratings ratings = ratings_of(r, scheme, row->task_item_id);
        buf_add(out, S(",\"mean\":"));
        json_number(out, ratings.mean);
        buf_printf(out, ",\"median_low\":%d,\"median_high\":%d", (int)ratings.low,
                   (int)ratings.high);
    }
    member(out, "caption", row->caption);
    buf_add(out, S(",\"confidence\":"));
    json_number(out, row->confidence);
    buf_add(out, S(",\"answers\":["));
    write_answers(r, out, scheme, row->task_item_id);
    buf_add(out, S("]}"));
}

/* Every item, with `between` between two of them. */
static void write_items(struct request *r, struct buf *out, struct str between)
{
    struct task_scheme scheme = task_scheme_here(r);
    struct task_items_in_state_row *rows;
    struct task_item_id after = { 0 };
    size_t count;
    while ((count = task_items_after(r->db, scope_of(r)->campaign_id, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            if (after.value != 0 || i > 0)
                buf_add(out, between);
            write_item(r, out, &scheme, &rows[i]);
        }
        after = rows[count - 1].task_item_id;
    }
}

struct reply task_results_json(struct request *r, const struct task_results_json_in *in)
{
    struct buf out = { .arena = r->arena };
    (void)in;
    buf_add(&out, S("[\n"));
    write_items(r, &out, S(",\n"));
    buf_add(&out, S("\n]\n"));
    struct reply reply = reply_bytes(r, S("application/json"), buf_str(&out));
    reply.filename = S("results.json");
    return reply;
}

struct reply task_results_jsonl(struct request *r, const struct task_results_jsonl_in *in)
{
    struct buf out = { .arena = r->arena };
    (void)in;
    write_items(r, &out, S("\n"));
    buf_char(&out, '\n');
    struct reply reply = reply_bytes(r, S("application/jsonl"), buf_str(&out));
    reply.filename = S("results.jsonl");
    return reply;
}
