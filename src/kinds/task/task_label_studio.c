/* Tasks with their annotations as Label Studio reads and writes them (its "JSON format of annotated
 * tasks", labelstud.io/guide/task_format): the item is the object "item", what was answered the
 * controls "answer" and "caption". Who answered stands as a pseudonym in each result's "meta",
 * because "completed_by" must name somebody Label Studio knows, or the import fails. What the
 * engine found is a prediction, the known answer of a control an annotation that is the ground
 * truth.
 */
#include "task_inner.h"

#include "base/id.h"
#include "commons/organisation/organisation.h"
#include "platform/config/config.h"
#include "platform/json/json.h"

struct writing {
    struct request *r;
    struct buf out;
    bool is_choice;
};

struct given { /* what was said of an item, and by whom ("": the engine, or the owner) */
    struct str id, answer, caption, worker;
};

static void result(struct writing *w, const struct given *given, const char *control,
                   bool is_choice, struct str value)
{
    struct buf *out = &w->out;
    buf_add(out, S("{\"id\":"));
    json_text(out, str_printf(w->r->arena, "%.*s-%s", STR_ARG(given->id), control));
    buf_printf(out,
               ",\"from_name\":\"%s\",\"to_name\":\"item\",\"type\":\"%s\",\"value\":{\"%s\":[",
               control, is_choice ? "choices" : "textarea", is_choice ? "choices" : "text");
    json_text(out, value);
    buf_add(out, S("]}"));
    if (given->worker.size > 0) {
        buf_add(out, S(",\"meta\":{\"worker\":"));
        json_text(out, given->worker);
        buf_char(out, '}');
    }
    buf_char(out, '}');
}

static void results(struct writing *w, const struct given *given)
{
    buf_add(&w->out, S("\"result\":["));
    result(w, given, "answer", w->is_choice, given->answer);
    if (given->caption.size > 0) {
        buf_char(&w->out, ',');
        result(w, given, "caption", false, given->caption);
    }
    buf_char(&w->out, ']');
}

static void annotation(struct writing *w, const struct given *given, bool is_truth, int64_t at)
{
    buf_char(&w->out, '{');
    results(w, given);
    buf_printf(&w->out, ",\"was_cancelled\":false,\"ground_truth\":%s",
               is_truth ? "true" : "false");
    if (at > 0) {
        buf_add(&w->out, S(",\"created_at\":"));
        json_time(&w->out, at);
    }
    buf_char(&w->out, '}');
}

/* Answers that were rejected say nothing of the item. */
static bool counts(struct str answer_state)
{
    return !str_equal(answer_state, S("rejected")) && !str_equal(answer_state, S("upheld"));
}

static void annotations(struct writing *w, const struct task_items_in_state_row *item)
{
    struct request *r = w->r;
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_answers_of_item_row *rows;
    size_t count = task_answers_of_item(
        r->db, (struct task_answers_of_item){ campaign_id, item->task_item_id }, &rows);
    bool first = !item->is_control;
    if (item->is_control)
        annotation(w,
                   &(struct given){ .id = id_text(r->arena, item->task_item_id.value),
                                    .answer = item->known_answer },
                   true, 0);
    for (size_t i = 0; i < count; i++) {
        if (!counts(rows[i].answer_state) || rows[i].is_judgement)
            continue;
        if (!first)
            buf_char(&w->out, ',');
        first = false;
        annotation(
            w,
            &(struct given){ .id = id_text(r->arena, rows[i].task_answer_id.value),
                             .answer = rows[i].answer,
                             .caption = rows[i].caption,
                             .worker = task_pseudonym(r->arena, campaign_id, rows[i].person_id) },
            false, rows[i].given_at);
    }
}

static void data(struct writing *w, const struct task_items_in_state_row *item)
{
    struct request *r = w->r;
    buf_add(&w->out, S("{\"data\":{\"item\":"));
    json_text(&w->out, item->item_key);
    buf_add(&w->out, S(",\"text\":"));
    json_text(&w->out, item->shown);
    if (item->picture_blob.size > 0) {
        buf_add(&w->out, S(",\"image\":"));
        json_text(&w->out, str_join(r->arena, r->site->config->server_public_url,
                                    picture_url(r->arena, item->picture_blob).text));
    }
    buf_add(&w->out, S(",\"row\":"));
    buf_add(&w->out, item->item_data);
    buf_char(&w->out, '}');
}

static void task(struct writing *w, const struct task_items_in_state_row *item)
{
    data(w, item);
    buf_add(&w->out, S(",\"annotations\":["));
    annotations(w, item);
    buf_char(&w->out, ']');
    if (!item->is_control && item->answer.size > 0) {
        buf_add(&w->out, S(",\"predictions\":[{\"model_version\":\"manyhands\",\"score\":"));
        json_number(&w->out, item->confidence);
        buf_char(&w->out, ',');
        results(w, &(struct given){ .id = id_text(w->r->arena, item->task_item_id.value),
                                    .answer = item->answer,
                                    .caption = item->caption });
        buf_add(&w->out, S("}]"));
    }
    buf_char(&w->out, '}');
}

struct reply task_label_studio(struct request *r, const struct task_label_studio_in *in)
{
    struct writing w = { .r = r, .out = { .arena = r->arena } };
    struct task_rules_get_row rules;
    struct task_items_in_state_row *rows;
    struct task_item_id after = { 0 };
    size_t count;
    w.is_choice = task_rules_of(r, &rules) && str_equal(rules.task_template, S("choose"));
    buf_char(&w.out, '[');
    while ((count = task_items_after(r->db, in->campaign_id, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            buf_add(&w.out, after.value == 0 && i == 0 ? S("\n") : S(",\n"));
            task(&w, &rows[i]);
        }
        after = rows[count - 1].task_item_id;
    }
    buf_add(&w.out, S("\n]\n"));
    struct reply reply = reply_bytes(r, S("application/json"), buf_str(&w.out));
    reply.filename = S("label-studio.json");
    return reply;
}
