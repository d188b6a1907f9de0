/* Tasks with their annotations as Label Studio reads and writes them (its "JSON format of annotated
 * tasks", labelstud.io/guide/task_format): the item is the object "item", what was answered the
 * controls "answer" and "caption", or a form's fields by name. Who answered stands as a pseudonym
 * in each result's "meta", because "completed_by" must name somebody Label Studio knows, or the
 * import fails. What the engine found is a prediction, the known answer of a control an annotation
 * that is the ground truth.
 */
#include "task_inner.h"

#include "base/id.h"
#include "commons/organisation/organisation.h"
#include "platform/config/config.h"
#include "platform/json/json.h"

struct writing {
    struct request *r;
    struct buf out;
    struct task_scheme scheme;
    bool is_first; /* of the results of an annotation */
};

struct given { /* what was said of an item, and by whom ("": the engine, or the owner) */
    struct str id, answer, caption, worker;
};

/* One result: `type` of a control's, whose value the caller writes and result_end closes. */
static void result_begin(struct writing *w, const struct given *given, struct str control,
                         const char *type)
{
    struct buf *out = &w->out;
    buf_add(out, w->is_first ? S("{\"id\":") : S(",{\"id\":"));
    w->is_first = false;
    json_text(out, str_printf(w->r->arena, "%.*s-%.*s", STR_ARG(given->id), STR_ARG(control)));
    buf_add(out, S(",\"from_name\":"));
    json_text(out, control);
    buf_printf(out, ",\"to_name\":\"item\",\"type\":\"%s\",\"value\":{\"", type);
}

static void result_end(struct writing *w, const struct given *given)
{
    buf_char(&w->out, '}');
    if (given->worker.size > 0) {
        buf_add(&w->out, S(",\"meta\":{\"worker\":"));
        json_text(&w->out, given->worker);
        buf_char(&w->out, '}');
    }
    buf_char(&w->out, '}');
}

static void text_result(struct writing *w, const struct given *given, struct str control,
                        bool is_choice, struct str value)
{
    result_begin(w, given, control, is_choice ? "choices" : "textarea");
    buf_add(&w->out, is_choice ? S("choices\":[") : S("text\":["));
    json_text(&w->out, value);
    buf_char(&w->out, ']');
    result_end(w, given);
}

static void number_result(struct writing *w, const struct given *given, struct str control,
                          const char *type, struct str number)
{
    result_begin(w, given, control, type);
    buf_printf(&w->out, "%s\":%.*s", type, STR_ARG(number));
    result_end(w, given);
}

/* A box that is not there is no result. */
static void box_result(struct writing *w, const struct given *given)
{
    struct task_box box;
    if (!task_box_read(given->answer, &box))
        return;
    result_begin(w, given, S("answer"), "rectanglelabels");
    buf_printf(&w->out,
               "x\":%.1f,\"y\":%.1f,\"width\":%.1f,\"height\":%.1f,\"rotation\":0,"
               "\"rectanglelabels\":[\"object\"]",
               (double)box.x / 10, (double)box.y / 10, (double)box.width / 10,
               (double)box.height / 10);
    result_end(w, given);
}

/* Each field that was filled in is a control of its own. */
static void form_results(struct writing *w, const struct given *given)
{
    for (size_t i = 0; i < w->scheme.form.field_count; i++) {
        const struct task_field *field = &w->scheme.form.fields[i];
        struct str value = task_form_value(w->r->arena, given->answer, field->name);
        if (value.size == 0)
            continue;
        if (field->kind == TASK_FIELD_NUMBER)
            number_result(w, given, field->name, "number", value);
        else
            text_result(w, given, field->name, field->kind <= TASK_FIELD_TICK, value);
    }
}

static void results(struct writing *w, const struct given *given)
{
    w->is_first = true;
    buf_add(&w->out, S("\"result\":["));
    if (w->scheme.template == TASK_FORM)
        form_results(w, given);
    else if (w->scheme.template == TASK_BOX)
        box_result(w, given);
    else if (w->scheme.template == TASK_RATE)
        number_result(w, given, S("answer"), "rating", given->answer);
    else
        text_result(w, given, S("answer"), w->scheme.template == TASK_CHOOSE, given->answer);
    if (given->caption.size > 0)
        text_result(w, given, S("caption"), false, given->caption);
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
    struct task_items_in_state_row *rows;
    struct task_item_id after = { 0 };
    size_t count;
    w.scheme = task_scheme_here(r);
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
