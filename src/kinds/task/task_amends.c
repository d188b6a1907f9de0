/* What is made good when the team was wrong: a known answer that was not right, a form that was at
 * fault. Counts are taken again, tests that would have been passed are passed, and answers that
 * were rejected because of it are paid. Who was stopped is let go on by the job (task_jobs.c),
 * which judges everybody anew. */
#include "task_fair.h"

#include "base/check.h"
#include "base/id.h"
#include "commons/event/event.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "urls.h"

/* --- A known answer that was wrong ------------------------------------------------------------ */

struct correction {
    struct request *r;
    struct task_rules_get_row rules;
    struct task_scheme scheme;
    struct task_item_id item_id;
    struct str before, after;
};

static bool fits(const struct correction *c, struct str known, struct str said)
{
    return task_answer_matches(c->r->arena, &c->scheme, known, said);
}

/* Workers' counts of right controls. */
static void recount_workers(const struct correction *c)
{
    struct campaign_id campaign_id = scope_of(c->r)->campaign_id;
    struct person_id after = { 0 };
    struct task_control_answers_row *rows;
    size_t count;
    while ((count = task_control_answers(
                c->r->db, (struct task_control_answers){ campaign_id, c->item_id, after }, &rows)) >
           0) {
        for (size_t i = 0; i < count; i++) {
            int more = fits(c, c->after, rows[i].answer) - fits(c, c->before, rows[i].answer);
            if (more != 0)
                task_worker_recount(
                    c->r->db, (struct task_worker_recount){ more, campaign_id, rows[i].person_id });
        }
        after = rows[count - 1].person_id;
    }
}

/* One person's test: who would have passed it has passed; who has passed stays. */
static void recount_test(const struct correction *c, const struct task_control_tests_row *row)
{
    struct campaign_id campaign_id = scope_of(c->r)->campaign_id;
    bool right = fits(c, c->after, row->answer);
    if (right == row->is_right)
        return;
    task_test_answer_recount(c->r->db, (struct task_test_answer_recount){
                                           right, campaign_id, row->person_id, c->item_id });
    if (str_equal(row->test_state, S("running")))
        return;
    int64_t now_right = row->asked_right + (right ? 1 : -1);
    bool passes = str_equal(row->test_state, S("failed")) &&
                  task_test_passes(now_right, row->asked, row->test_percent);
    task_test_end(c->r->db,
                  (struct task_test_end){ .test_state = passes ? S("passed") : row->test_state,
                                          .asked_right = now_right,
                                          .ended_at = row->ended_at,
                                          .campaign_id = campaign_id,
                                          .person_id = row->person_id,
                                          .test_try = row->test_try });
    if (passes)
        task_skill_earn(c->r->db, c->r->now, campaign_id, row->person_id);
    if (passes)
        event_add(c->r->db, c->r->now, campaign_id, "task.test_passed_after_all",
                  (struct subject_id){ 0 }, row->person_id, S(""));
}

static void recount_tests(const struct correction *c)
{
    struct person_id after = { 0 };
    struct task_control_tests_row *rows;
    size_t count;
    while ((count = task_control_tests(
                c->r->db,
                (struct task_control_tests){ scope_of(c->r)->campaign_id, c->item_id, after },
                &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            recount_test(c, &rows[i]);
        after = rows[count - 1].person_id;
    }
}

/* What the item is now, for a correction; false when it is no control of the campaign. */
static bool correction_of(struct request *r, struct task_item_id item_id, struct correction *c,
                          struct task_item_get_row *item)
{
    *c = (struct correction){ .r = r, .item_id = item_id };
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    if (!task_rules_of(r, &c->rules))
        return false;
    c->scheme = task_scheme_of(r->arena, &c->rules);
    return task_item_get(r->db, (struct task_item_get){ campaign_id, item_id }, item);
}

/* The known answer as it is kept. */
static struct str judge_known(const struct correction *c, struct str known)
{
    struct str wrong, kept = task_known_kept(c->r->arena, &c->scheme, known, &wrong);
    if (wrong.size > 0)
        problem(c->r, "known", "%.*s", STR_ARG(wrong));
    else if (str_equal(kept, c->before))
        problem(c->r, "known", "This is what stands there already.");
    return kept;
}

struct reply task_control_correct(struct request *r, const struct task_control_correct_in *in)
{
    struct correction c;
    struct task_item_get_row item;
    if (!correction_of(r, in->task_item_id, &c, &item))
        return reply_not_found(r);
    if (!item.is_control)
        return reply_refused(r, 409, "no_control", "The answer to this item is not known.");
    c.before = item.known_answer;
    c.after = judge_known(&c, in->known);
    if (r->problems != NULL)
        return reply_problems(r);
    task_item_correct(r->db, (struct task_item_correct){ .known_answer = c.after,
                                                         .known_why = in->why,
                                                         .campaign_id = in->campaign_id,
                                                         .task_item_id = in->task_item_id });
    task_correction_insert(r->db,
                           (struct task_correction_insert){ .campaign_id = in->campaign_id,
                                                            .task_item_id = in->task_item_id,
                                                            .corrected_at = r->now,
                                                            .known_before = item.known_answer,
                                                            .reason = in->reason,
                                                            .corrected_by = me(r) });
    recount_workers(&c);
    recount_tests(&c);
    task_note(r, "task.control_corrected", in->task_item_id.value, S(""), in->reason);
    return task_control_correct_done(
        r, url_task_item_page(r->arena, in->campaign_id, in->task_item_id),
        "Put right. Everybody who answered it is counted anew; rejections that may follow from it "
        "stand below.");
}

/* --- What is owed ----------------------------------------------------------------------------- */

/* Rejections that a correction has made wrong: of people whose answer to the item was right all the
   time. With `all`, every rejected answer to the item. */
static size_t owed(const struct correction *c, bool all, struct task_rejected_of_item_row **found)
{
    struct task_rejected_of_item_row *rows;
    size_t kept = 0;
    size_t count = task_rejected_of_item(
        c->r->db, (struct task_rejected_of_item){ scope_of(c->r)->campaign_id, c->item_id }, &rows);
    for (size_t i = 0; i < count; i++) {
        bool wronged = !fits(c, c->before, rows[i].said) && fits(c, c->after, rows[i].said);
        if (all ? rows[i].task_item_id.value == c->item_id.value : wronged)
            rows[kept++] = rows[i];
    }
    *found = rows;
    return kept;
}

static bool load_owed(struct request *r, struct task_item_id item_id, bool all,
                      struct task_rejected_of_item_row **rows, size_t *count)
{
    struct correction c;
    struct task_item_get_row item;
    struct task_correction_last_row last = { 0 };
    *count = 0;
    if (!correction_of(r, item_id, &c, &item))
        return false;
    bool corrected = task_correction_last(
        r->db, (struct task_correction_last){ scope_of(r)->campaign_id, item_id }, &last);
    c.before = last.known_before;
    c.after = item.known_answer;
    if (all || corrected)
        *count = owed(&c, all, rows);
    return true;
}

struct task_amends_view task_amends_of(struct request *r, struct task_item_id item_id)
{
    struct task_amends_view view = { .may_amend = scope_of(r)->role >= ROLE_MANAGER };
    struct task_rejected_of_item_row *rows;
    struct task_correction_last_row last = { 0 };
    size_t count;
    int64_t sum = 0;
    view.is_corrected = task_correction_last(
        r->db, (struct task_correction_last){ scope_of(r)->campaign_id, item_id }, &last);
    view.known_before = last.known_before;
    view.reason = last.reason;
    view.corrected_at = last.corrected_at;
    if (load_owed(r, item_id, true, &rows, &count))
        view.rejected = (int64_t)count;
    if (!load_owed(r, item_id, false, &rows, &count))
        return view;
    view.owed.items = arena_new(r->arena, struct task_owed_view, count);
    view.owed.count = count;
    for (size_t i = 0; i < count; i++) {
        sum += rows[i].price;
        view.owed.items[i] = (struct task_owed_view){
            .task_answer_id = rows[i].task_answer_id,
            .who = task_pseudonym(r->arena, scope_of(r)->campaign_id, rows[i].person_id),
            .shown = utf8_clip(rows[i].shown, 160),
            .answer = rows[i].answer,
            .rule = task_rejection_label(rows[i].reject_rule),
            .reason = rows[i].reject_reason,
            .price = task_money(r, rows[i].price),
        };
    }
    view.sum = task_money(r, sum);
    return view;
}

/* --- Paying it -------------------------------------------------------------------------------- */

/* Whether the price still stands in `held`: an appeal is open, or possible. */
static bool is_held(const struct request *r, const struct task_rejected_of_item_row *row)
{
    return str_equal(row->answer_state, S("appealed")) ||
           (str_equal(row->answer_state, S("rejected")) && row->accept_at > r->now);
}

/* Each person hears once. */
static void tell(struct request *r, struct task_item_id item_id,
                 const struct task_rejected_of_item_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t sum = 0;
        bool told = false;
        for (size_t k = 0; k < count; k++)
            if (rows[k].person_id.value == rows[i].person_id.value) {
                told |= k < i;
                sum += rows[k].price;
            }
        if (!told)
            event_add(r->db, r->now, scope_of(r)->campaign_id, "task.paid_after_all",
                      (struct subject_id){ item_id.value }, rows[i].person_id, task_money(r, sum));
    }
}

/* Pays rejected answers; false when the budget lacks what is no longer held. */
static bool pay(struct request *r, struct task_item_id item_id,
                const struct task_rejected_of_item_row *rows, size_t count, struct str reason)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct str actor = role_name(scope_of(r)->role);
    for (size_t i = 0; i < count && !sql_failed(r->db); i++) {
        const struct task_rejected_of_item_row *row = &rows[i];
        struct ledger_entry entry =
            task_entry(campaign_id, row->task_answer_id, row->bucket, actor, me(r));
        if (!is_held(r, row) && !ledger_hold(r->db, r->now, entry, row->price))
            return false;
        int64_t moved = task_answer_make_good(
            r->db, (struct task_answer_make_good){ .appeal_answer = reason,
                                                   .judged_by = me(r),
                                                   .campaign_id = campaign_id,
                                                   .task_answer_id = row->task_answer_id,
                                                   .from_state = row->answer_state });
        bool paid =
            ledger_earn(r->db, r->now, entry, panel_earner(r->db, row->person_id), row->price);
        check((moved == 1 && paid) || sql_failed(r->db)); /* it was read in this transaction */
        task_worker_judged(r->db, (struct task_worker_judged){ .accepted = 1,
                                                               .rejected = -1,
                                                               .campaign_id = campaign_id,
                                                               .person_id = row->person_id });
        task_note(r, "task.rejection_amended", row->task_answer_id.value, S(""), reason);
    }
    tell(r, item_id, rows, count);
    return true;
}

static struct reply pay_owed(struct request *r, struct task_item_id item_id, bool all,
                             struct str reason, int64_t *paid)
{
    struct task_rejected_of_item_row *rows;
    size_t count;
    if (!load_owed(r, item_id, all, &rows, &count))
        return reply_not_found(r);
    if (count == 0)
        return reply_refused(r, 409, "nothing_owed", "No rejected answer is left to be paid.");
    if (!pay(r, item_id, rows, count, reason))
        return reply_refused(r, 409, "no_budget",
                             "The budget does not cover these answers: their money is no longer "
                             "held. Add to it, then pay them.");
    *paid = (int64_t)count;
    return (struct reply){ 0 };
}

struct reply task_amends_pay(struct request *r, const struct task_amends_pay_in *in)
{
    struct task_correction_last_row last = { 0 };
    int64_t paid;
    task_correction_last(r->db, (struct task_correction_last){ in->campaign_id, in->task_item_id },
                         &last);
    struct reply refusal = pay_owed(r, in->task_item_id, false, last.reason, &paid);
    if (refusal.status != 0)
        return refusal;
    return task_amends_pay_done(r, url_task_item_page(r->arena, in->campaign_id, in->task_item_id),
                                "Paid, and their workers are told.");
}

struct reply task_form_fault(struct request *r, const struct task_form_fault_in *in)
{
    int64_t paid;
    struct reply refusal = pay_owed(r, in->task_item_id, true, in->reason, &paid);
    if (refusal.status != 0)
        return refusal;
    task_note(r, "task.form_at_fault", in->task_item_id.value, S(""), in->reason);
    return task_form_fault_done(r, url_task_item_page(r->arena, in->campaign_id, in->task_item_id),
                                "All rejected answers to this item are paid, and their workers are "
                                "told.");
}
