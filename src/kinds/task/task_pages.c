/* What everybody sees of a campaign of tasks, and what workers see of their own work. */
#include "task_fair.h"

#include <sodium.h>

#include "base/id.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "urls.h"

enum { ANSWERS_PER_PAGE = 50 };

/* --- Shared ----------------------------------------------------------------------------------- */

bool task_rules_of(struct request *r, struct task_rules_get_row *rules)
{
    return task_rules_get(r->db, (struct task_rules_get){ scope_of(r)->campaign_id }, rules);
}

struct str task_money(struct request *r, int64_t minor)
{
    struct str currency;
    if (!ledger_currency(r->db, scope_of(r)->campaign_id, &currency))
        return S("");
    return money_text(r->arena, (struct money){ minor, currency });
}

struct str task_pseudonym(struct arena *arena, struct campaign_id campaign_id,
                          struct person_id person_id)
{
    unsigned char digest[8];
    const int64_t both[2] = { campaign_id.value, person_id.value };
    crypto_generichash(digest, sizeof digest, (const unsigned char *)both, sizeof both, NULL, 0);
    return str_join(arena, S("w-"), str_hex(arena, digest, 4));
}

struct ledger_entry task_entry(struct campaign_id campaign_id, struct task_answer_id answer_id,
                               int64_t bucket, struct str actor, struct person_id person_id)
{
    return (struct ledger_entry){ .campaign_id = campaign_id,
                                  .about_id = answer_id.value,
                                  .actor = actor,
                                  .person_id = person_id,
                                  .slot_key = bucket + LEDGER_SLOTS };
}

struct task_worker_view task_worker_view_of(struct request *r, bool *has_worked)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_worker_get_row row = { 0 };
    struct task_earnings_row earned = { 0 };
    *has_worked = me(r).value != 0 &&
                  task_worker_get(r->db, (struct task_worker_get){ campaign_id, me(r) }, &row);
    if (!*has_worked)
        return (struct task_worker_view){ 0 };
    task_earnings(r->db, (struct task_earnings){ campaign_id, me(r) }, &earned);
    return (struct task_worker_view){
        .state = row.worker_state,
        .state_reason = row.state_reason,
        .given = row.given,
        .controls = row.controls,
        .controls_right = row.controls_right,
        .hourly = row.given >= 5 ? task_money(r, task_hourly(earned.accepted + earned.pending, 1,
                                                             row.worked_us))
                                 : S(""),
        .earned = task_money(r, earned.accepted),
        .pending = task_money(r, earned.pending),
    };
}

struct campaign_worked task_worked(struct sql *db, struct campaign_id campaign_id,
                                   struct person_id person_id)
{
    struct task_worker_get_row row = { 0 };
    struct task_item_is_left_row left;
    task_worker_get(db, (struct task_worker_get){ campaign_id, person_id }, &row);
    return (struct campaign_worked){
        .answers = row.given,
        .is_stopped = str_equal(row.worker_state, S("stopped")),
        .is_over = !task_item_is_left(db, (struct task_item_is_left){ campaign_id }, &left),
    };
}

/* --- The campaign's page ---------------------------------------------------------------------- */

struct reply task_page(struct request *r, const struct task_page_in *in)
{
    const struct scope *scope = scope_of(r);
    struct campaign_brief_row brief = { 0 };
    campaign_brief(r->db, (struct campaign_brief){ in->campaign_id }, &brief);
    struct task_page_view view = {
        .campaign = campaign_head(r),
        .brief = markdown_html(r->arena, brief.brief),
        .signed_in = me(r).value != 0,
        .is_preview = scope->state == CAMPAIGN_DRAFT,
        .may_work = campaign_takes_part(scope, r->now),
    };
    struct task_rules_get_row rules;
    view.has_work = task_rules_of(r, &rules);
    view.worker = task_worker_view_of(r, &view.has_worked);
    if (!view.has_work)
        return task_page_show(r, &view);
    struct task_numbers items = task_counts_of(r->db, in->campaign_id);
    struct task_intake_totals_row coming = { 0 };
    struct task_worker_totals_row totals = { 0 };
    task_intake_totals(r->db, (struct task_intake_totals){ in->campaign_id }, &coming);
    task_worker_totals(r->db, (struct task_worker_totals){ in->campaign_id }, &totals);
    view.ask = rules.ask;
    view.instructions = markdown_html(r->arena, rules.instructions);
    view.instructions_source = rules.instructions;
    view.price = task_money(r, rules.price);
    int64_t hourly = task_hourly(rules.price, totals.given, totals.worked_us);
    view.hourly = totals.given >= 20 ? task_money(r, hourly) : S("");
    struct task_pace pace = task_pace_of(r->db, in->campaign_id);
    view.hourly_practice = pace.times >= TASK_TIMES_LEAST
                               ? task_money(r, task_hourly(rules.price, 1, pace.middle_us))
                               : S("");
    view.practised = task_practised_of(r);
    view.entry = task_entry_view_of(r);
    view.lease_minutes = rules.lease_seconds / 60;
    view.accept_hours = rules.accept_seconds / 3600;
    view.reject_percent = rules.reject_percent;
    view.control_every = rules.control_every;
    view.open_items =
        items.items + coming.work_left - items.settled - items.undecided - items.broken;
    return task_page_show(r, &view);
}

/* --- One's own work --------------------------------------------------------------------------- */

static struct task_done_view done_view(struct request *r, const struct task_scheme *scheme,
                                       const struct task_answers_mine_row *row)
{
    bool judged = row->is_control;
    struct task_box_view box = { 0 };
    return (struct task_done_view){
        .task_answer_id = row->task_answer_id,
        .shown = row->shown,
        .picture = picture_url(r->arena, row->picture_blob),
        .has_picture = row->picture_blob.size > 0,
        .answer = row->answer,
        .words = task_answer_words(r->arena, scheme, row->answer),
        .has_box = scheme->template == TASK_BOX && task_box_view_of(row->answer, &box),
        .box = box,
        .caption = row->caption,
        .is_judgement = row->is_judgement,
        .picked = row->pick.value != 0,
        .is_decorative = task_is_decorative(row->answer, row->is_judgement, row->pick),
        .state = row->answer_state,
        .price = task_money(r, row->price),
        .given_at = row->given_at,
        .accept_at = str_equal(row->answer_state, S("given")) ? row->accept_at : 0,
        .is_known = judged,
        .is_right = judged && task_answer_matches(r->arena, scheme, row->known_answer, row->answer),
        .right_answer = judged ? task_answer_words(r->arena, scheme, row->known_answer) : S(""),
        .why = judged ? row->known_why : S(""),
        .rule = task_rejection_label(row->reject_rule),
        .reason = row->reject_reason,
        .appeal = row->appeal,
        .appeal_answer = row->appeal_answer,
        .may_appeal = str_equal(row->answer_state, S("rejected")) && r->now < row->accept_at,
    };
}

struct reply task_mine(struct request *r, const struct task_mine_in *in)
{
    struct task_mine_view view = { .campaign = campaign_head(r) };
    struct task_rules_get_row rules;
    bool has_worked;
    int64_t below = INT64_MAX;
    if (!task_rules_of(r, &rules) || (in->cursor.size > 0 && !id_parse(in->cursor, &below)))
        return reply_not_found(r);
    view.worker = task_worker_view_of(r, &has_worked);
    struct task_scheme scheme = task_scheme_of(r->arena, &rules);
    struct task_answers_mine_row *rows;
    size_t count = task_answers_mine(r->db,
                                     (struct task_answers_mine){ .campaign_id = in->campaign_id,
                                                                 .person_id = me(r),
                                                                 .task_answer_id = { below },
                                                                 .limit = ANSWERS_PER_PAGE + 1 },
                                     &rows);
    view.has_next = count > ANSWERS_PER_PAGE;
    if (view.has_next) {
        count = ANSWERS_PER_PAGE;
        view.next_cursor = id_text(r->arena, rows[count - 1].task_answer_id.value);
        struct url here = url_task_mine(r->arena, in->campaign_id);
        view.next = url_from_text(str_printf(r->arena, "%.*s?cursor=%.*s", STR_ARG(here.text),
                                             STR_ARG(view.next_cursor)));
    }
    view.answers.items = arena_new(r->arena, struct task_done_view, count);
    view.answers.count = count;
    for (size_t i = 0; i < count; i++)
        view.answers.items[i] = done_view(r, &scheme, &rows[i]);
    return task_mine_show(r, &view);
}

struct reply task_appealing(struct request *r, const struct task_appealing_in *in)
{
    struct task_answer_by_id_row row;
    struct task_rules_get_row rules;
    if (!task_answer_by_id(r->db, (struct task_answer_by_id){ in->campaign_id, in->task_answer_id },
                           &row) ||
        row.person_id.value != me(r).value || !task_rules_of(r, &rules))
        return reply_not_found(r);
    struct task_scheme scheme = task_scheme_of(r->arena, &rules);
    struct task_appealing_view view = {
        .campaign = campaign_head(r),
        .answer = task_answer_words(r->arena, &scheme, row.answer),
        .rule = task_rejection_label(row.reject_rule),
        .reason = row.reject_reason,
        .form =
            task_appeal_form(r, (struct task_appeal_in){ .campaign_id = in->campaign_id,
                                                         .task_answer_id = in->task_answer_id }),
    };
    return task_appealing_show(r, &view);
}

struct reply task_appeal(struct request *r, const struct task_appeal_in *in)
{
    struct task_answer_by_id_row row;
    if (!task_answer_by_id(r->db, (struct task_answer_by_id){ in->campaign_id, in->task_answer_id },
                           &row) ||
        row.person_id.value != me(r).value)
        return reply_not_found(r);
    if (task_answer_appeal(r->db, (struct task_answer_appeal){ .appeal = in->text,
                                                               .campaign_id = in->campaign_id,
                                                               .task_answer_id = in->task_answer_id,
                                                               .person_id = me(r),
                                                               .now = r->now }) == 0)
        return reply_refused(r, 409, "no_appeal",
                             "Only a rejection can be appealed against, once and within 14 days.");
    return task_appeal_done(r, url_task_mine(r->arena, in->campaign_id),
                            "Your appeal is with the team. Somebody else decides it.");
}
