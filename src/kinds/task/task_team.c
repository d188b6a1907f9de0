/* What the team does: describing the work, adding items, judging answers and appeals. */
#include "task_fair.h"

#include "base/check.h"
#include "base/id.h"
#include "commons/event/event.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "urls.h"

/* --- Money ------------------------------------------------------------------------------------ */

static struct ledger_entry of_campaign(struct campaign_id campaign_id, int64_t bucket)
{
    return task_entry(campaign_id, (struct task_answer_id){ 0 }, bucket, S("clock"),
                      (struct person_id){ 0 });
}

/* Answers wanted in each bucket, those to items that are still to come included. Before the
   campaign opens all items want the same, and counting them is enough. */
static void wanted_by_bucket(struct sql *db, struct campaign_id campaign_id, int64_t each,
                             int64_t coming, int64_t wanted[TASK_BUCKETS])
{
    if (each > 0) {
        struct task_moves kept = task_counts_by_bucket(db, campaign_id);
        for (size_t i = 0; i < TASK_BUCKETS; i++)
            wanted[i] = (kept.buckets[i].items - kept.buckets[i].broken) * each;
    } else {
        struct task_item_buckets_row *rows;
        size_t count = task_item_buckets(db, (struct task_item_buckets){ campaign_id }, &rows);
        for (size_t i = 0; i < count; i++)
            wanted[rows[i].bucket] = rows[i].wanted;
    }
    for (int64_t i = 0; i < TASK_BUCKETS; i++)
        wanted[i] += (coming + i) / TASK_BUCKETS;
}

/* What the money of a campaign has to cover. */
struct needs {
    struct str currency;
    int64_t budget;
    int64_t missing; /* from what is held; below 0: so much is held beyond */
    int64_t each;    /* answers wanted of each item while the campaign has not opened; else 0 */
    int64_t coming;  /* answers wanted of items that are still to come */
};

static bool has_opened(struct sql *db, struct campaign_id campaign_id)
{
    struct task_campaign_state_row row = { 0 };
    if (!task_campaign_state(db, (struct task_campaign_state){ campaign_id }, &row))
        return true;
    enum campaign_state state = campaign_state_from_name(row.campaign_state);
    return state != CAMPAIGN_DRAFT && state != CAMPAIGN_SCHEDULED;
}

/* What has to be held for work, in minor units. */
static int64_t due_of(struct sql *db, int64_t now, struct campaign_id campaign_id,
                      const struct task_rules_get_row *rules, const struct needs *needs)
{
    struct task_held_due_row due = { 0 };
    if (needs->each == 0) {
        task_held_due(db, (struct task_held_due){ rules->price, campaign_id, now }, &due);
    } else {
        struct task_numbers items = task_counts_of(db, campaign_id);
        due.free = (items.items - items.broken) * needs->each;
    }
    return due.due + (due.free + needs->coming) * rules->price;
}

/* False when the work was not described. */
static bool needs_of(struct sql *db, int64_t now, struct campaign_id campaign_id,
                     int64_t more_items, struct needs *needs)
{
    struct task_rules_get_row rules;
    struct task_intake_totals_row coming = { 0 };
    struct person_id nobody = { 0 };
    *needs = (struct needs){ 0 };
    if (!task_rules_get(db, (struct task_rules_get){ campaign_id }, &rules) ||
        !ledger_currency(db, campaign_id, &needs->currency))
        return false;
    task_intake_totals(db, (struct task_intake_totals){ campaign_id }, &coming);
    needs->each = has_opened(db, campaign_id) ? 0 : rules.answers_least;
    needs->coming = (coming.work_left + more_items) * rules.answers_least;
    needs->budget = ledger_balance_of(db, campaign_id, LEDGER_BUDGET, nobody);
    needs->missing = due_of(db, now, campaign_id, &rules, needs) -
                     ledger_balance_of(db, campaign_id, LEDGER_HELD, nobody);
    return true;
}

static struct str words_for(struct sql *db, const struct needs *needs)
{
    if (needs->missing <= needs->budget)
        return S("");
    return str_printf(
        sql_arena(db), "The budget has %.*s, and the answers that are wanted cost %.*s more.",
        STR_ARG(money_text(sql_arena(db), (struct money){ needs->budget, needs->currency })),
        STR_ARG(money_text(sql_arena(db),
                           (struct money){ needs->missing - needs->budget, needs->currency })));
}

/* Each bucket's share of what is missing: what is held under a bucket is earned under it. */
static bool hold_by_bucket(struct sql *db, int64_t now, struct campaign_id campaign_id,
                           const struct needs *needs)
{
    int64_t wanted[TASK_BUCKETS] = { 0 }, all = 0, left = needs->missing;
    wanted_by_bucket(db, campaign_id, needs->each, needs->coming, wanted);
    for (size_t i = 0; i < TASK_BUCKETS; i++)
        all += wanted[i];
    for (int64_t i = 0; i < TASK_BUCKETS && left > 0; i++) {
        bool is_last = all == wanted[i];
        int64_t share = is_last ? left : left / all * wanted[i];
        all -= wanted[i];
        if (share > 0 && !ledger_hold(db, now, of_campaign(campaign_id, i), share))
            return false;
        left -= share;
    }
    return left == 0;
}

struct str task_fund(struct sql *db, int64_t now, struct campaign_id campaign_id)
{
    struct needs needs;
    if (!needs_of(db, now, campaign_id, 0, &needs))
        return S("Describe the work first: what people do, and what it pays.");
    struct str lacking = words_for(db, &needs);
    if (lacking.size > 0)
        return lacking;
    bool moved =
        needs.missing == 0 ||
        (needs.missing > 0 ? hold_by_bucket(db, now, campaign_id, &needs)
                           : ledger_release(db, now, of_campaign(campaign_id, 0), -needs.missing));
    check(moved || sql_failed(db));
    return S("");
}

struct str task_lacks_money(struct sql *db, int64_t now, struct campaign_id campaign_id,
                            int64_t items)
{
    struct needs needs;
    return needs_of(db, now, campaign_id, items, &needs) ? words_for(db, &needs) : S("");
}

static struct str opening(struct sql *db, int64_t now, struct campaign_id campaign_id)
{
    struct task_numbers items = task_counts_of(db, campaign_id);
    struct task_intake_totals_row coming = { 0 };
    task_intake_totals(db, (struct task_intake_totals){ campaign_id }, &coming);
    if (items.items + coming.work_left == 0)
        return S("There are no items to work on. Add some first.");
    struct str lacking = task_test_lacks(db, campaign_id, items.controls);
    return lacking.size > 0 ? lacking : task_fund(db, now, campaign_id);
}

/* --- The kind --------------------------------------------------------------------------------- */

static struct url page_of_subject(struct arena *arena, struct campaign_id campaign_id,
                                  struct subject_id subject_id)
{
    return url_task_item_page(arena, campaign_id, (struct task_item_id){ subject_id.value });
}

/* Nothing here is voted on, talked about or compared. */
static bool said_nothing(struct sql *db, struct campaign_id campaign_id,
                         struct subject_id subject_id, struct subject_said *said)
{
    (void)db, (void)campaign_id, (void)subject_id, (void)said;
    return false;
}

static bool hid_nothing(struct request *r, struct subject_id subject_id, struct str rule,
                        struct str reason)
{
    (void)r, (void)subject_id, (void)rule, (void)reason;
    return false;
}

static int64_t gave_nothing(struct sql *db, struct campaign_id campaign_id,
                            struct person_id person_id)
{
    (void)db, (void)campaign_id, (void)person_id;
    return 0;
}

static int64_t people_at_work(struct sql *db, struct campaign_id campaign_id)
{
    struct task_worker_totals_row totals = { 0 };
    task_worker_totals(db, (struct task_worker_totals){ campaign_id }, &totals);
    return totals.people;
}

static size_t no_words(struct sql *db, struct campaign_id campaign_id, struct subject_id from,
                       int64_t limit, struct subject_words **rows)
{
    (void)db, (void)campaign_id, (void)from, (void)limit, (void)rows;
    return 0;
}

static void no_openings(struct sql *db, struct campaign_id campaign_id, struct buf *out,
                        bool *first)
{
    (void)db, (void)campaign_id, (void)out, (void)first;
}

const struct campaign_kind task_kind = {
    .name = "task",
    .page = url_task_page,
    .opening = opening,
    .caution = task_caution,
    .fits = task_fits,
    .subject_url = page_of_subject,
    .said = said_nothing,
    .hide = hid_nothing,
    .count_of = gave_nothing,
    .people = people_at_work,
    .words = no_words,
    .worked = task_worked,
    .pending = task_pending,
    .openings = no_openings,
};

/* --- Describing the work ---------------------------------------------------------------------- */

/* Before anybody works everything may change; after that only the price, upwards. */
static bool differs(const struct task_rules_get_row *kept, const struct task_rules_set *typed)
{
    return !str_equal(kept->task_template, typed->task_template) ||
           !str_equal(kept->choices, typed->choices) || !str_equal(kept->form, typed->form) ||
           kept->scale != typed->scale || !str_equal(kept->scale_low, typed->scale_low) ||
           !str_equal(kept->scale_high, typed->scale_high) ||
           kept->answers_least != typed->answers_least ||
           kept->answers_most != typed->answers_most || kept->judges != typed->judges ||
           kept->certainty != typed->certainty || kept->accept_seconds > typed->accept_seconds ||
           kept->reject_percent < typed->reject_percent;
}

static struct task_rules_set rules_typed(struct request *r, const struct task_describe_in *in,
                                         int64_t price)
{
    bool is_rate = in->template == TASK_DESCRIBE_TEMPLATE_RATE;
    return (struct task_rules_set){
        .campaign_id = in->campaign_id,
        .task_template = str_from(task_describe_template_names[in->template]),
        .ask = in->ask,
        .instructions = in->instructions,
        .choices = in->template == TASK_DESCRIBE_TEMPLATE_CHOOSE ? in->choices : S(""),
        .form = in->template == TASK_DESCRIBE_TEMPLATE_FORM ? in->form : S(""),
        .scale = in->scale,
        .scale_low = is_rate ? in->scale_low : S(""),
        .scale_high = is_rate ? in->scale_high : S(""),
        .price = price,
        .answers_least = in->answers_least,
        .answers_most = in->answers_most,
        .certainty = in->certainty * HUNDREDTHS,
        .lease_seconds = in->lease_minutes * 60,
        .accept_seconds = in->accept_hours * 3600,
        .reject_percent = in->reject_percent,
        .control_every = in->control_every,
        .quality_least = in->quality_least,
        .judges = in->judges && task_may_judge(in->template),
        .changed_at = r->now,
    };
}

struct reply task_describe(struct request *r, const struct task_describe_in *in)
{
    const struct scope *scope = scope_of(r);
    struct str wrong, kept_currency;
    struct money price = { 0 };
    const char *field;
    if (scope->state == CAMPAIGN_CLOSED || scope->state == CAMPAIGN_CANCELLED)
        return campaign_not_now(r);
    task_judge_template(r, in);
    wrong = task_judge_description(in, &field);
    if (wrong.size > 0)
        problem(r, field, "%.*s", STR_ARG(wrong));
    if (!currency_known(in->currency))
        problem(r, "currency", "Give a currency by its three letters, such as EUR.");
    else if (!money_parse(r->arena, in->price, in->currency, &price, &wrong))
        problem(r, "price", "%.*s", STR_ARG(wrong));
    else if (price.minor < 1)
        problem(r, "price", "Work is paid: give more than nothing.");
    else if (ledger_currency(r->db, in->campaign_id, &kept_currency) &&
             !str_equal(kept_currency, in->currency))
        problem(r, "currency", "The campaign's money is in %.*s already.", STR_ARG(kept_currency));
    struct task_rules_set typed = rules_typed(r, in, price.minor);
    struct task_rules_get_row kept;
    bool was_described = task_rules_of(r, &kept);
    bool frozen = was_described && campaign_is_frozen(scope->state);
    if (frozen && differs(&kept, &typed))
        problem(r, "",
                "The campaign has opened, and people rely on its rules: they may only become "
                "better for those who work.");
    if (frozen && price.minor < kept.price)
        problem(r, "price", "People rely on the price; it may only rise.");
    struct str coming = was_described && !TASK_ASK_THE_SAME(&kept, &typed)
                            ? task_still_coming(r->db, in->campaign_id)
                            : S("");
    if (coming.size > 0)
        problem(r, "", "%.*s", STR_ARG(coming));
    if (r->problems != NULL)
        return reply_problems(r);
    bool opened = ledger_open(r->db, r->now, in->campaign_id, in->currency);
    check(opened || sql_failed(r->db));
    task_rules_set(r->db, typed);
    if (!frozen && was_described && kept.answers_least != in->answers_least)
        task_item_want(r->db, (struct task_item_want){ in->answers_least, in->campaign_id });
    wrong = campaign_is_frozen(scope->state) ? task_fund(r->db, r->now, in->campaign_id) : S("");
    if (wrong.size > 0) {
        problem(r, "price", "%.*s", STR_ARG(wrong));
        return reply_problems(r);
    }
    struct task_desk_view view = task_desk_view_of(r);
    return task_describe_done(r, url_task_desk(r->arena, in->campaign_id), "Saved.", &view);
}

/* --- Items ------------------------------------------------------------------------------------ */

struct reply task_ask_again(struct request *r, const struct task_ask_again_in *in)
{
    struct task_item_get_row item;
    struct task_rules_get_row rules;
    if (!task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item) ||
        item.is_control || !task_rules_of(r, &rules))
        return reply_not_found(r);
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    if (!ledger_hold(r->db, r->now,
                     task_entry(in->campaign_id, (struct task_answer_id){ 0 }, item.bucket,
                                role_name(scope_of(r)->role), me(r)),
                     rules.price))
        return reply_refused(r, 409, "no_budget", "The budget does not cover one more answer.");
    if (task_item_ask(r->db, (struct task_item_ask){ in->campaign_id, in->task_item_id }) == 0)
        return reply_refused(r, 409, "set_aside", "This item was set aside.");
    task_state_moved(r->db, in->campaign_id, &item, S("open"));
    return task_ask_again_done(r, url_task_item_page(r->arena, in->campaign_id, in->task_item_id),
                               "One more answer is wanted.");
}

struct reply task_item_set_aside(struct request *r, const struct task_item_set_aside_in *in)
{
    struct task_item_get_row item;
    if (!task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item))
        return reply_not_found(r);
    if (str_equal(item.item_state, S("broken")))
        return reply_refused(r, 409, "set_aside", "This item is set aside already.");
    task_item_set_broken(r->db, in->campaign_id, in->task_item_id, &item);
    if (scope_of(r)->state != CAMPAIGN_DRAFT)
        task_fund(r->db, r->now, in->campaign_id); /* what it would have cost is free again */
    return task_item_set_aside_done(r,
                                    url_task_item_page(r->arena, in->campaign_id, in->task_item_id),
                                    "Set aside. Nobody is given it any more.");
}

/* --- Judging answers -------------------------------------------------------------------------- */

void task_note(struct request *r, const char *action, int64_t subject, struct str rule,
               struct str reason)
{
    record_append(r->db, &(struct record_news){ .campaign_id = scope_of(r)->campaign_id,
                                                .now = r->now,
                                                .actor = role_name(scope_of(r)->role),
                                                .action = action,
                                                .subject = id_text(r->arena, subject),
                                                .rule = rule,
                                                .reason = reason });
    event_add(r->db, r->now, scope_of(r)->campaign_id, action, (struct subject_id){ subject },
              me(r), S(""));
}

struct reply task_reject(struct request *r, const struct task_reject_in *in)
{
    struct campaign_id campaign_id = in->campaign_id;
    struct task_rules_get_row rules;
    struct task_answer_by_id_row row;
    struct task_worker_totals_row counts = { 0 };
    if (!task_rules_of(r, &rules) ||
        !task_answer_by_id(r->db, (struct task_answer_by_id){ campaign_id, in->task_answer_id },
                           &row))
        return reply_not_found(r);
    task_worker_totals(r->db, (struct task_worker_totals){ campaign_id }, &counts);
    if (!task_may_reject(counts.rejected, counts.given, rules.reject_percent)) {
        struct str sentence = str_printf(
            r->arena, "At most %lld percent of the answers may be rejected, and %lld of %lld are.",
            (long long)rules.reject_percent, (long long)counts.rejected, (long long)counts.given);
        return reply_refused(r, 409, "too_many_rejected", str_c(r->arena, sentence));
    }
    struct str rule = str_from(task_rejection_names[in->rule]);
    if (task_answer_reject(
            r->db, (struct task_answer_reject){ .reject_rule = rule,
                                                .reject_reason = in->reason,
                                                .judged_by = me(r),
                                                .accept_at = r->now + TASK_APPEAL_US,
                                                .campaign_id = campaign_id,
                                                .task_answer_id = in->task_answer_id }) == 0)
        return reply_refused(r, 409, "not_open", "This answer was judged already.");
    /* Its money stays held until no appeal is possible; another answer needs its own. */
    bool again = !row.is_control && str_equal(row.item_state, S("open")) &&
                 ledger_hold(r->db, r->now,
                             task_entry(campaign_id, in->task_answer_id, row.bucket,
                                        role_name(scope_of(r)->role), me(r)),
                             rules.price);
    task_item_count_rejected(
        r->db, (struct task_item_count_rejected){ again, campaign_id, row.task_item_id });
    task_worker_judged(r->db, (struct task_worker_judged){ .rejected = 1,
                                                           .campaign_id = campaign_id,
                                                           .person_id = row.person_id });
    task_note(r, "task.rejected", in->task_answer_id.value, rule, in->reason);
    return task_reject_done(r, url_task_item_page(r->arena, campaign_id, row.task_item_id),
                            "Rejected. The worker reads why, and may appeal.");
}

struct reply task_appeal_decide(struct request *r, const struct task_appeal_decide_in *in)
{
    struct campaign_id campaign_id = in->campaign_id;
    struct task_answer_by_id_row row;
    if (!task_answer_by_id(r->db, (struct task_answer_by_id){ campaign_id, in->task_answer_id },
                           &row))
        return reply_not_found(r);
    if (row.judged_by.value == me(r).value)
        return reply_refused(
            r, 403, "own_rejection",
            "You rejected this answer. Somebody else of the team decides the appeal.");
    if (task_answer_decide(r->db, (struct task_answer_decide){
                                      .to_state = in->overturn ? S("accepted") : S("upheld"),
                                      .appeal_answer = in->reason,
                                      .campaign_id = campaign_id,
                                      .task_answer_id = in->task_answer_id }) == 0)
        return reply_refused(r, 409, "no_appeal",
                             "There is no open appeal against this rejection.");
    struct ledger_entry entry = task_entry(campaign_id, in->task_answer_id, row.bucket,
                                           role_name(scope_of(r)->role), me(r));
    struct person_id earner = panel_earner(r->db, row.person_id);
    bool moved = in->overturn ? ledger_earn(r->db, r->now, entry, earner, row.price)
                              : ledger_release(r->db, r->now, entry, row.price);
    check(moved || sql_failed(r->db)); /* it was held all the time */
    if (in->overturn)
        task_worker_judged(r->db, (struct task_worker_judged){ .accepted = 1,
                                                               .rejected = -1,
                                                               .campaign_id = campaign_id,
                                                               .person_id = row.person_id });
    task_note(r, in->overturn ? "task.rejection_overturned" : "task.rejection_upheld",
              in->task_answer_id.value, S(""), in->reason);
    return task_appeal_decide_done(r, url_task_desk(r->arena, campaign_id),
                                   in->overturn ? "The answer is paid." : "The rejection stands.");
}
