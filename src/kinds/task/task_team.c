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

/* Each bucket's share of what is missing: what is held under a bucket is earned under it. */
static bool hold_by_bucket(struct sql *db, int64_t now, struct campaign_id campaign_id,
                           int64_t missing)
{
    struct task_item_buckets_row *rows;
    size_t count = task_item_buckets(db, (struct task_item_buckets){ campaign_id }, &rows);
    int64_t wanted = 0, left = missing;
    for (size_t i = 0; i < count; i++)
        wanted += rows[i].wanted;
    for (size_t i = 0; i < count && left > 0; i++) {
        int64_t share = i + 1 == count ? left : missing / wanted * rows[i].wanted;
        share = share < left ? share : left;
        if (share > 0 && !ledger_hold(db, now, of_campaign(campaign_id, rows[i].bucket), share))
            return false;
        left -= share;
    }
    return left == 0;
}

struct str task_fund(struct sql *db, int64_t now, struct campaign_id campaign_id)
{
    struct task_rules_get_row rules;
    struct task_held_due_row due = { 0 };
    struct str currency;
    if (!task_rules_get(db, (struct task_rules_get){ campaign_id }, &rules) ||
        !ledger_currency(db, campaign_id, &currency) ||
        !task_held_due(db, (struct task_held_due){ rules.price, campaign_id, now }, &due))
        return S("Describe the work first: what people do, and what it pays.");
    struct person_id nobody = { 0 };
    int64_t held = ledger_balance_of(db, campaign_id, LEDGER_HELD, nobody);
    int64_t budget = ledger_balance_of(db, campaign_id, LEDGER_BUDGET, nobody);
    int64_t missing = due.due + due.free * rules.price - held;
    if (missing > budget)
        return str_printf(
            sql_arena(db), "The budget has %.*s, and the answers that are wanted cost %.*s more.",
            STR_ARG(money_text(sql_arena(db), (struct money){ budget, currency })),
            STR_ARG(money_text(sql_arena(db), (struct money){ missing - budget, currency })));
    bool moved = missing == 0 ||
                 (missing > 0 ? hold_by_bucket(db, now, campaign_id, missing)
                              : ledger_release(db, now, of_campaign(campaign_id, 0), -missing));
    check(moved || sql_failed(db));
    return S("");
}

static struct str opening(struct sql *db, int64_t now, struct campaign_id campaign_id)
{
    struct task_item_counts_row counts = { 0 };
    task_item_counts(db, (struct task_item_counts){ campaign_id }, &counts);
    if (counts.items == counts.controls)
        return S("There are no items to work on. Add some first.");
    struct str lacking = task_test_lacks(db, campaign_id, counts.controls);
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
    bool frozen = task_rules_of(r, &kept) && campaign_is_frozen(scope->state);
    if (frozen && differs(&kept, &typed))
        problem(r, "",
                "The campaign has opened, and people rely on its rules: they may only become "
                "better for those who work.");
    if (frozen && price.minor < kept.price)
        problem(r, "price", "People rely on the price; it may only rise.");
    if (r->problems != NULL)
        return reply_problems(r);
    bool opened = ledger_open(r->db, r->now, in->campaign_id, in->currency);
    check(opened || sql_failed(r->db));
    task_rules_set(r->db, typed);
    if (!frozen)
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

/* The wrong entries of an archive, a sentence for each. */
static struct str wrong_entries(struct arena *arena, const struct archive *archive)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("Nothing was added."));
    for (size_t i = 0; i < archive->count; i++) {
        const struct archive_entry *entry = &archive->entries[i];
        if (entry->kind == ARCHIVE_WRONG)
            buf_printf(&out, " “%.*s”: %.*s", STR_ARG(utf8_clip(entry->path, 100)),
                       STR_ARG(entry->sentence));
    }
    if (archive->wrong_count >= ARCHIVE_WRONG_MAX)
        buf_add(&out, S(" There may be more."));
    return buf_str(&out);
}

/* The pictures are cleaned and stored here, so that the transaction has only rows to write. */
static struct str take_pictures(struct request *r, struct str zip, struct task_rows *rows)
{
    struct archive archive;
    struct fault fault = { 0 };
    struct str trouble = S("");
    bool done =
        archive_unpack(r->arena, r->site->blobs, zip, TASK_PICTURE_SIDE_PX, &archive, &fault);
    if (done && archive.wrong_count > 0)
        trouble = wrong_entries(r->arena, &archive);
    else if (done && task_rows_from_pictures(r->arena, &archive, rows, &trouble))
        done = archive_keep(&archive, &fault);
    if (!done && fault.kind == FAULT_REFUSED)
        trouble = str_copy(r->arena, str_from(fault.detail));
    else if (!done)
        trouble = S("The archive could not be taken in just now. Try again in a minute.");
    archive_end(&archive);
    return trouble;
}

bool task_items_add_prepare(struct request *r, const struct task_items_add_in *in)
{
    struct task_rows *rows = arena_new(r->arena, struct task_rows, 1);
    struct task_rules_get_row rules;
    bool is_form = task_rules_of(r, &rules) && str_equal(rules.task_template, S("form"));
    struct str trouble;
    if (archive_recognised(in->file.bytes))
        trouble = take_pictures(r, in->file.bytes, rows);
    else
        task_items_read(r->arena, in->file.bytes, !is_form, rows, &trouble);
    if (trouble.size > 0)
        problem(r, "file", "%.*s", STR_ARG(trouble));
    r->prepared = rows;
    return true;
}

static void add_row(struct buf *json, int64_t now, const struct task_row *row)
{
    uint8_t chance;
    const struct str texts[] = {
        row->key, row->shown, row->data, row->picture, row->known, row->why
    };
    random_bytes(&chance, sizeof chance);
    buf_add(json, json->size > 0 ? S(",[") : S("[["));
    buf_int(json, id_make(now));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        buf_char(json, ',');
        json_text(json, texts[i]);
    }
    buf_char(json, ',');
    buf_int(json, chance % TASK_BUCKETS);
    buf_char(json, ']');
}

/* Writes the rows that are controls, or those that are not; how many were new. */
static int64_t insert_rows(struct request *r, const struct task_rows *rows, bool controls,
                           int64_t wanted)
{
    enum { ROWS_TOGETHER = 500 };
    int64_t added = 0;
    struct arena_mark start = arena_mark(r->arena);
    struct buf json = { .arena = r->arena };
    size_t count = 0;
    for (size_t i = 0; i < rows->count && !sql_failed(r->db); i++) {
        const struct task_row *row = &rows->rows[i];
        if (!row->is_practice && (row->known.size > 0) == controls) {
            add_row(&json, r->now, row);
            count++;
        }
        if (count == 0 || (count < ROWS_TOGETHER && i + 1 < rows->count))
            continue;
        buf_char(&json, ']');
        added += task_items_insert(
            r->db, (struct task_items_insert){ .campaign_id = scope_of(r)->campaign_id,
                                               .is_control = controls,
                                               .wanted = wanted,
                                               .rows = buf_str(&json) });
        arena_rewind(r->arena, start);
        json = (struct buf){ .arena = r->arena };
        count = 0;
    }
    return added;
}

static void keep_practice(struct request *r, const struct task_rows *rows)
{
    for (size_t i = 0; i < rows->count && !sql_failed(r->db); i++)
        if (rows->rows[i].is_practice)
            task_practice_keep(r, &rows->rows[i]);
}

struct reply task_items_add(struct request *r, const struct task_items_add_in *in)
{
    struct task_rows *rows = r->prepared;
    enum campaign_state state = scope_of(r)->state;
    struct task_rules_get_row rules;
    if (state == CAMPAIGN_CLOSED || state == CAMPAIGN_CANCELLED)
        return campaign_not_now(r);
    if (!task_rules_of(r, &rules)) {
        problem(r, "", "Describe the work first; then add its items.");
        return reply_problems(r);
    }
    struct str wrong = task_judge_rows(r, &rules, rows);
    struct task_added_view view = { .practice = (int64_t)rows->practice };
    if (wrong.size == 0) {
        keep_practice(r, rows);
        view.controls = insert_rows(r, rows, true, TASK_CONTROL_WANTED);
        view.added = view.controls + insert_rows(r, rows, false, rules.answers_least);
        view.known_before = (int64_t)rows->count - view.added - view.practice;
    }
    if (wrong.size == 0 && state != CAMPAIGN_DRAFT)
        wrong = task_fund(r->db, r->now, in->campaign_id);
    if (wrong.size > 0) {
        problem(r, "file", "%.*s", STR_ARG(wrong));
        return reply_problems(r);
    }
    struct str notice = str_printf(
        r->arena, "%lld items added, %lld of them controls%s.%s", (long long)view.added,
        (long long)view.controls,
        view.practice == 0 ? ""
                           : str_c(r->arena, str_printf(r->arena, "; and %lld to practise on",
                                                        (long long)view.practice)),
        view.known_before > 0 ? " Those that were there already stay." : "");
    return task_items_add_done(r, url_task_desk(r->arena, in->campaign_id), str_c(r->arena, notice),
                               &view);
}

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
    return task_ask_again_done(r, url_task_item_page(r->arena, in->campaign_id, in->task_item_id),
                               "One more answer is wanted.");
}

struct reply task_item_set_aside(struct request *r, const struct task_item_set_aside_in *in)
{
    struct task_item_get_row item;
    if (!task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item))
        return reply_not_found(r);
    if (task_item_break(r->db, (struct task_item_break){ in->campaign_id, in->task_item_id }) == 0)
        return reply_refused(r, 409, "set_aside", "This item is set aside already.");
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
    struct task_answer_counts_row counts = { 0 };
    if (!task_rules_of(r, &rules) ||
        !task_answer_by_id(r->db, (struct task_answer_by_id){ campaign_id, in->task_answer_id },
                           &row))
        return reply_not_found(r);
    task_answer_counts(r->db, (struct task_answer_counts){ campaign_id }, &counts);
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
    task_note(r, in->overturn ? "task.rejection_overturned" : "task.rejection_upheld",
              in->task_answer_id.value, S(""), in->reason);
    return task_appeal_decide_done(r, url_task_desk(r->arena, campaign_id),
                                   in->overturn ? "The answer is paid." : "The rejection stands.");
}
