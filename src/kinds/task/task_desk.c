/* What the team sees: how the work goes, its items, its people. */
#include "task_fair.h"

#include "base/id.h"
#include "commons/people/people.h"
#include "urls.h"

enum { ITEMS_PER_PAGE = 100 };

static int percent_of(double share)
{
    return (int)(share * 100 + 0.5);
}

/* --- The desk --------------------------------------------------------------------------------- */

static struct task_describe_in
describe_defaults(struct request *r, const struct task_rules_get_row *rules, struct str currency)
{
    struct task_describe_in in = task_describe_defaults();
    in.campaign_id = scope_of(r)->campaign_id;
    in.judges = true;
    if (rules == NULL)
        return in;
    for (int i = 0; task_describe_template_names[i] != NULL; i++)
        if (str_equal(rules->task_template, str_from(task_describe_template_names[i])))
            in.template = (enum task_describe_template)i;
    in.ask = rules->ask;
    in.instructions = rules->instructions;
    in.choices = rules->choices;
    in.form = rules->form;
    in.scale = rules->scale;
    in.scale_low = rules->scale_low;
    in.scale_high = rules->scale_high;
    in.currency = currency;
    in.price = money_number(r->arena, (struct money){ rules->price, currency });
    in.answers_least = rules->answers_least;
    in.answers_most = rules->answers_most;
    in.certainty = rules->certainty / HUNDREDTHS;
    in.lease_minutes = rules->lease_seconds / 60;
    in.accept_hours = rules->accept_seconds / 3600;
    in.reject_percent = rules->reject_percent;
    in.control_every = rules->control_every;
    in.quality_least = rules->quality_least;
    in.judges = rules->judges;
    return in;
}

static struct task_appeal_row_list appeals(struct request *r)
{
    struct task_scheme scheme = task_scheme_here(r);
    struct task_answers_appealed_row *rows;
    size_t count = task_answers_appealed(
        r->db, (struct task_answers_appealed){ scope_of(r)->campaign_id }, &rows);
    struct task_appeal_row_list list = { arena_new(r->arena, struct task_appeal_row_view, count),
                                         count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = (struct task_appeal_row_view){
            .task_answer_id = rows[i].task_answer_id,
            .shown = rows[i].shown,
            .answer = rows[i].answer,
            .words = task_answer_words(r->arena, &scheme, rows[i].answer),
            .rule = task_rejection_label(rows[i].reject_rule),
            .reason = rows[i].reject_reason,
            .appeal = rows[i].appeal,
            .may_decide =
                scope_of(r)->role >= ROLE_MANAGER && rows[i].judged_by.value != me(r).value,
        };
    return list;
}

static void fill_money(struct request *r, const struct task_rules_get_row *rules,
                       const struct task_worker_totals_row *worked, struct task_desk_view *view)
{
    static const int64_t second_us = 1000000;
    struct ledger_totals totals = ledger_totals(r->db, scope_of(r)->campaign_id);
    int64_t to_do = view->to_do;
    view->price = task_money(r, rules->price);
    view->cost_least = task_money(r, to_do * rules->answers_least * rules->price);
    view->cost_most = task_money(r, to_do * rules->answers_most * rules->price);
    view->hourly_fast = task_money(r, task_hourly(rules->price, 1, 10 * second_us));
    view->hourly_middle = task_money(r, task_hourly(rules->price, 1, 30 * second_us));
    view->hourly_slow = task_money(r, task_hourly(rules->price, 1, 60 * second_us));
    view->control_every = rules->control_every;
    view->budget = task_money(r, totals.minor[LEDGER_BUDGET]);
    view->held = task_money(r, totals.minor[LEDGER_HELD]);
    view->earned = task_money(r, totals.minor[LEDGER_EARNED] + totals.minor[LEDGER_PAYOUT] +
                                     totals.minor[LEDGER_PAID]);
    view->is_short = totals.minor[LEDGER_BUDGET] + totals.minor[LEDGER_HELD] +
                         totals.minor[LEDGER_EARNED] + totals.minor[LEDGER_PAYOUT] +
                         totals.minor[LEDGER_PAID] <
                     to_do * rules->answers_least * rules->price;
    view->hourly = worked->given >= 20
                       ? task_money(r, task_hourly(rules->price, worked->given, worked->worked_us))
                       : S("");
    view->estimate = task_estimate_of(r, rules, to_do);
}

/* How many items and answers there are, and how they stand. */
static void fill_numbers(struct request *r, const struct task_worker_totals_row *worked,
                         struct task_desk_view *view)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_numbers items = task_counts_of(r->db, campaign_id);
    struct task_intake_totals_row coming = { 0 };
    struct task_out_count_row out = { 0 };
    task_intake_totals(r->db, (struct task_intake_totals){ campaign_id }, &coming);
    task_out_count(r->db, (struct task_out_count){ campaign_id }, &out);
    view->has_pictures = items.pictures > 0 && task_scheme_here(r).template <= TASK_WRITE;
    view->items = items.items + items.controls;
    view->controls = items.controls;
    view->to_do = items.items + coming.work_left;
    view->coming = coming.rows_all - coming.rows_in;
    view->coming_all = coming.rows_all;
    view->coming_in = coming.rows_in;
    view->settled = items.settled;
    view->undecided = items.undecided;
    view->broken = items.broken;
    view->out = out.out_count;
    view->given = worked->given;
    view->accepted = worked->accepted;
    view->rejected = worked->rejected;
    view->people = worked->people;
}

struct task_desk_view task_desk_view_of(struct request *r)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_desk_view view = { .campaign = campaign_head(r),
                                   .may_describe = scope_of(r)->role >= ROLE_MANAGER };
    struct task_rules_get_row rules;
    struct task_worker_totals_row worked = { 0 };
    struct str currency = S("");
    view.has_work = task_rules_of(r, &rules) && ledger_currency(r->db, campaign_id, &currency);
    task_worker_totals(r->db, (struct task_worker_totals){ campaign_id }, &worked);
    fill_numbers(r, &worked, &view);
    if (view.has_work)
        fill_money(r, &rules, &worked, &view);
    view.practised = task_practised_of(r);
    view.entry = task_entry_view_of(r);
    view.admission_form = task_admission_form(r);
    view.appeals = appeals(r);
    view.work_form =
        task_describe_form(r, describe_defaults(r, view.has_work ? &rules : NULL, currency));
    view.items_form =
        task_items_add_form(r, (struct task_items_add_in){ .campaign_id = campaign_id });
    return view;
}

struct reply task_desk(struct request *r, const struct task_desk_in *in)
{
    (void)in;
    struct task_desk_view view = task_desk_view_of(r);
    return task_desk_show(r, &view);
}

/* --- Items ------------------------------------------------------------------------------------ */

static struct str state_text(int state)
{
    return state == TASK_ITEM_STATE_ANY ? S("") : str_from(task_item_state_names[state]);
}

struct reply task_items(struct request *r, const struct task_items_in *in)
{
    struct task_items_view view = { .campaign = campaign_head(r) };
    int64_t after = 0;
    if (in->cursor.size > 0 && !id_parse(in->cursor, &after))
        return reply_not_found(r);
    struct task_items_in_state_row *rows;
    size_t count =
        task_items_in_state(r->db,
                            (struct task_items_in_state){ .campaign_id = in->campaign_id,
                                                          .task_item_id = { after },
                                                          .item_state = state_text(in->state),
                                                          .limit = ITEMS_PER_PAGE + 1 },
                            &rows);
    struct str here = url_task_items(r->arena, in->campaign_id).text;
    const char *state = task_item_state_names[in->state];
    view.has_next = count > ITEMS_PER_PAGE;
    if (view.has_next) {
        count = ITEMS_PER_PAGE;
        view.next_cursor = id_text(r->arena, rows[count - 1].task_item_id.value);
        view.next = url_from_text(str_printf(r->arena, "%.*s?state=%s&cursor=%.*s", STR_ARG(here),
                                             state, STR_ARG(view.next_cursor)));
    }
    view.states.items = arena_new(r->arena, struct link_view, 8);
    for (int i = 0; task_item_state_names[i] != NULL; i++)
        view.states.items[view.states.count++] = (struct link_view){
            .label = str_from(task_item_state_labels[i]),
            .link = url_from_text(
                str_printf(r->arena, "%.*s?state=%s", STR_ARG(here), task_item_state_names[i])),
            .chosen = i == (int)in->state,
        };
    view.items =
        (struct task_item_row_list){ arena_new(r->arena, struct task_item_row_view, count), count };
    struct task_scheme scheme = task_scheme_here(r);
    for (size_t i = 0; i < count; i++) {
        struct str answer = rows[i].is_control ? rows[i].known_answer : rows[i].answer;
        view.items.items[i] = (struct task_item_row_view){
            .task_item_id = rows[i].task_item_id,
            .item_key = rows[i].item_key,
            .shown = utf8_clip(rows[i].shown, 160),
            .picture = picture_url(r->arena, rows[i].picture_blob),
            .image = picture_url(r->arena, rows[i].picture_blob).text,
            .has_picture = rows[i].picture_blob.size > 0,
            .state = rows[i].item_state,
            .is_control = rows[i].is_control,
            .wanted = rows[i].wanted,
            .given = rows[i].given,
            .reports = rows[i].reports,
            .answer = answer,
            .words = task_answer_words(r->arena, &scheme, answer),
            .caption = rows[i].caption,
            .confidence = rows[i].confidence,
            .percent = percent_of(rows[i].confidence),
        };
    }
    return task_items_show(r, &view);
}

static struct task_given_list given_of(struct request *r, const struct task_scheme *scheme,
                                       struct task_item_id item_id)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_answers_of_item_row *rows;
    size_t count =
        task_answers_of_item(r->db, (struct task_answers_of_item){ campaign_id, item_id }, &rows);
    struct task_given_list list = { arena_new(r->arena, struct task_given_view, count), count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = (struct task_given_view){
            .task_answer_id = rows[i].task_answer_id,
            .who = task_pseudonym(r->arena, campaign_id, rows[i].person_id),
            .state = rows[i].answer_state,
            .answer = rows[i].answer,
            .words = task_answer_words(r->arena, scheme, rows[i].answer),
            .caption = rows[i].caption,
            .is_judgement = rows[i].is_judgement,
            .picked = rows[i].pick.value != 0,
            .is_decorative = task_is_decorative(rows[i].answer, rows[i].is_judgement, rows[i].pick),
            .given_at = rows[i].given_at,
            .price = task_money(r, rows[i].price),
            .may_reject =
                scope_of(r)->role >= ROLE_MANAGER && str_equal(rows[i].answer_state, S("given")),
        };
    for (size_t i = 0; i < count && scheme->template == TASK_BOX; i++)
        list.items[i].has_box = task_box_view_of(rows[i].answer, &list.items[i].box);
    return list;
}

/* "Mean 3.8; the median lies from 3 to 5." */
static struct str rating_detail(struct request *r, const struct task_scheme *scheme,
                                struct task_item_id item_id)
{
    struct task_answers_weighed_row *rows;
    size_t count = task_answers_weighed(
        r->db, (struct task_answers_weighed){ scope_of(r)->campaign_id, item_id, item_id }, &rows);
    if (scheme->template != TASK_RATE || count == 0)
        return S("");
    struct task_ratings ratings = task_ratings(r->arena, scheme->scale, rows, count);
    return str_printf(r->arena, "Mean %.2f; with 95 %% certainty the median lies from %d to %d.",
                      ratings.mean, (int)ratings.low, (int)ratings.high);
}

struct reply task_item_page(struct request *r, const struct task_item_page_in *in)
{
    struct task_item_get_row item;
    if (!task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item))
        return reply_not_found(r);
    struct task_scheme scheme = task_scheme_here(r);
    struct str answer = item.is_control ? item.known_answer : item.answer;
    struct task_box_view box = { 0 };
    struct task_item_page_view view = {
        .campaign = campaign_head(r),
        .item = { .task_item_id = in->task_item_id,
                  .item_key = item.item_key,
                  .shown = item.shown,
                  .picture = picture_url(r->arena, item.picture_blob),
                  .image = picture_url(r->arena, item.picture_blob).text,
                  .has_picture = item.picture_blob.size > 0,
                  .state = item.item_state,
                  .is_control = item.is_control,
                  .wanted = item.wanted,
                  .given = item.given,
                  .reports = item.reports,
                  .answer = answer,
                  .words = task_answer_words(r->arena, &scheme, answer),
                  .has_box = scheme.template == TASK_BOX && task_box_view_of(answer, &box),
                  .box = box,
                  .detail = rating_detail(r, &scheme, in->task_item_id),
                  .caption = item.caption,
                  .confidence = item.confidence,
                  .percent = percent_of(item.confidence) },
        .answers = given_of(r, &scheme, in->task_item_id),
        .may_reject = scope_of(r)->role >= ROLE_MANAGER,
        .may_ask = scope_of(r)->role >= ROLE_MANAGER && !item.is_control &&
                   !str_equal(item.item_state, S("broken")),
    };
    view.amends = task_amends_of(r, in->task_item_id);
    view.correct_form = task_control_correct_form(
        r, (struct task_control_correct_in){ .campaign_id = in->campaign_id,
                                             .task_item_id = in->task_item_id,
                                             .known = item.known_answer,
                                             .why = item.known_why });
    view.fault_form =
        task_form_fault_form(r, (struct task_form_fault_in){ .campaign_id = in->campaign_id,
                                                             .task_item_id = in->task_item_id });
    view.reject_form =
        task_reject_form(r, (struct task_reject_in){ .campaign_id = in->campaign_id });
    return task_item_page_show(r, &view);
}

/* --- People ----------------------------------------------------------------------------------- */

struct reply task_workers(struct request *r, const struct task_workers_in *in)
{
    struct task_rules_get_row rules = { 0 };
    task_rules_of(r, &rules);
    struct task_workers_all_row *rows;
    size_t count = task_workers_all(r->db, (struct task_workers_all){ in->campaign_id }, &rows);
    struct task_workers_view view = {
        .campaign = campaign_head(r),
        .workers = { arena_new(r->arena, struct task_worker_row_view, count), count },
        .tested = task_tested_of(r),
    };
    for (size_t i = 0; i < count; i++)
        view.workers.items[i] = (struct task_worker_row_view){
            .person_id = rows[i].person_id,
            .who = task_pseudonym(r->arena, in->campaign_id, rows[i].person_id),
            .state = rows[i].worker_state,
            .state_reason = rows[i].state_reason,
            .given = rows[i].given,
            .controls = rows[i].controls,
            .controls_right = rows[i].controls_right,
            .known = rows[i].quality >= 0,
            .quality = percent_of(rows[i].quality),
            .quality_low = percent_of(rows[i].quality_low),
            .quality_high = percent_of(rows[i].quality_high),
            .hourly = rows[i].given >= 5 ? task_money(r, task_hourly(rules.price, rows[i].given,
                                                                     rows[i].worked_us))
                                         : S(""),
        };
    return task_workers_show(r, &view);
}
