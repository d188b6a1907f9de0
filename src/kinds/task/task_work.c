/* Working: taking items, answering them, giving them back. */
#include "task_inner.h"

#include "base/check.h"
#include "base/id.h"
#include "commons/event/event.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "platform/clock/clock.h"
#include "urls.h"

enum { AGAIN_SECONDS = 5, REPORTS_MAX = 3, TRIES_MAX = 8 };

/* --- What one has ----------------------------------------------------------------------------- */

struct desk {
    struct request *r;
    struct campaign_id campaign_id;
    struct task_rules_get_row rules;
    struct task_worker_get_row worker;
    struct task_item_list items; /* out with this person */
};

static struct task_item_view item_view(struct request *r, struct task_item_id id, int64_t fence,
                                       int64_t price, int64_t until, struct str shown,
                                       struct str picture)
{
    return (struct task_item_view){ .task_item_id = id,
                                    .fence = fence,
                                    .shown = shown,
                                    .picture = picture_url(r->arena, picture),
                                    .image = picture_url(r->arena, picture).text,
                                    .has_picture = picture.size > 0,
                                    .price = task_money(r, price),
                                    .until_at = until };
}

static bool desk_load(struct request *r, struct desk *desk)
{
    *desk = (struct desk){ .r = r, .campaign_id = scope_of(r)->campaign_id };
    if (!task_rules_of(r, &desk->rules))
        return false;
    task_worker_get(r->db, (struct task_worker_get){ desk->campaign_id, me(r) }, &desk->worker);
    struct task_answers_out_row *rows;
    size_t count =
        task_answers_out(r->db, (struct task_answers_out){ desk->campaign_id, me(r) }, &rows);
    desk->items.items = arena_new(r->arena, struct task_item_view, count + TASK_AT_HAND_MAX);
    desk->items.count = count;
    for (size_t i = 0; i < count; i++)
        desk->items.items[i] = item_view(r, rows[i].task_item_id, rows[i].fence, rows[i].price,
                                         rows[i].until_at, rows[i].shown, rows[i].picture_blob);
    return true;
}

static bool is_stopped(const struct desk *desk)
{
    return str_equal(desk->worker.worker_state, S("stopped"));
}

/* --- Giving out ------------------------------------------------------------------------------- */

static uint32_t draw(void)
{
    uint32_t number;
    random_bytes(&number, sizeof number);
    return number;
}

/* The item that needs an answer most in one of the buckets, beginning with a random one. */
static bool pick(struct desk *desk, bool control, struct task_item_pick_row *item)
{
    int64_t first = draw() % TASK_BUCKETS;
    for (int64_t i = 0; i < TASK_BUCKETS; i++)
        if (task_item_pick(desk->r->db,
                           (struct task_item_pick){ .campaign_id = desk->campaign_id,
                                                    .is_control = control,
                                                    .bucket = (first + i) % TASK_BUCKETS,
                                                    .person_id = me(desk->r) },
                           item))
            return true;
    return false;
}

/* Answers to controls are paid, too, but nobody knows beforehand how many there will be: each is
   held when it is given out, as long as there is something to pay it from. */
static bool can_hold_control(const struct desk *desk)
{
    return ledger_balance_of(desk->r->db, desk->campaign_id, LEDGER_BUDGET,
                             (struct person_id){ 0 }) >= desk->rules.price;
}

/* Gives it to the person, who may be asking on two connections; false when somebody was faster. */
static bool give_out(struct desk *desk, struct task_item_id item_id, bool control,
                     struct task_answer_take_row *taken)
{
    struct request *r = desk->r;
    struct task_item_count_out out = { 1, desk->campaign_id, item_id };
    if (task_item_count_out(r->db, out) == 0)
        return false;
    if (task_answer_take(
            r->db,
            (struct task_answer_take){ .campaign_id = desk->campaign_id,
                                       .task_item_id = item_id,
                                       .person_id = me(r),
                                       .task_answer_id = { id_make(r->now) },
                                       .price = desk->rules.price,
                                       .taken_at = r->now,
                                       .until_at = r->now + desk->rules.lease_seconds * 1000000,
                                       .is_control = control },
            taken))
        return true;
    out.more = -1;
    task_item_count_out(r->db, out);
    return false;
}

static bool take_one(struct desk *desk, bool control)
{
    struct request *r = desk->r;
    struct task_item_pick_row item;
    struct task_answer_take_row taken;
    if (control && !can_hold_control(desk))
        return false;
    bool is_out = false;
    for (int tries = 0; !is_out && tries < TRIES_MAX; tries++) {
        if (!pick(desk, control, &item))
            return false;
        is_out = give_out(desk, item.task_item_id, control, &taken);
    }
    if (!is_out)
        return false;
    if (control && !ledger_hold(r->db, r->now,
                                task_entry(desk->campaign_id, taken.task_answer_id, 0,
                                           S("participant"), me(r)),
                                desk->rules.price))
        sql_run_again(r->db); /* it was there a moment ago */
    desk->items.items[desk->items.count++] =
        item_view(r, item.task_item_id, taken.fence, desk->rules.price,
                  r->now + desk->rules.lease_seconds * 1000000, item.shown, item.picture_blob);
    return true;
}

/* Fills up to `count` items at hand. */
static void top_up(struct desk *desk, int64_t count)
{
    struct request *r = desk->r;
    if (!campaign_takes_part(scope_of(r), r->now) || is_stopped(desk))
        return;
    while ((int64_t)desk->items.count < count && !sql_failed(r->db)) {
        bool control = desk->rules.control_every > 0 && draw() % desk->rules.control_every == 0;
        if (!(control && take_one(desk, true)) && !take_one(desk, false))
            return;
    }
}

/* --- What is shown ---------------------------------------------------------------------------- */

static struct str why_nothing(const struct desk *desk, int64_t *again_seconds)
{
    const struct request *r = desk->r;
    *again_seconds = 0;
    if (is_stopped(desk))
        return desk->worker.state_reason;
    if (!campaign_takes_part(scope_of(r), r->now))
        return S("The campaign takes no more answers.");
    struct task_item_is_left_row left;
    if (!task_item_is_left(r->db, (struct task_item_is_left){ desk->campaign_id }, &left))
        return S("Everything is done. Thank you!");
    *again_seconds = AGAIN_SECONDS;
    return S("All items that are left are with others just now. Some may come back.");
}

static struct task_option_list options_of(struct request *r, struct str choices)
{
    size_t count;
    struct str problem;
    const struct str *labels = task_split_choices(r->arena, choices, &count, &problem);
    struct task_option_list list = { NULL, labels == NULL ? 0 : count };
    list.items = arena_new(r->arena, struct task_option_view, list.count);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct task_option_view){
            .label = labels[i],
            .key = i < 9 ? str_printf(r->arena, "%zu", i + 1) : S(""),
        };
    return list;
}

/* What follows an act: the items at hand. Instructions do not change, and are not said again. */
static struct task_work_view work_view(const struct desk *desk)
{
    struct request *r = desk->r;
    struct task_work_view view = { .campaign = { .campaign_id = desk->campaign_id,
                                                 .kind = S("task"),
                                                 .question = scope_of(r)->campaign.question,
                                                 .state = scope_of(r)->campaign.campaign_state },
                                   .template = desk->rules.task_template,
                                   .ask = desk->rules.ask,
                                   .items = desk->items,
                                   .has_item = desk->items.count > 0 };
    view.worker.state = desk->worker.worker_state;
    view.worker.given = desk->worker.given;
    if (view.has_item)
        view.item = desk->items.items[0];
    else
        view.nothing = why_nothing(desk, &view.again_seconds);
    return view;
}

struct reply task_work(struct request *r, const struct task_work_in *in)
{
    struct desk desk;
    if (!desk_load(r, &desk))
        return reply_not_found(r);
    struct task_work_view view = work_view(&desk);
    bool has_worked;
    view.campaign = campaign_head(r);
    view.worker = task_worker_view_of(r, &has_worked);
    view.instructions = markdown_html(r->arena, desk.rules.instructions);
    view.instructions_source = desk.rules.instructions;
    view.choices = options_of(r, desk.rules.choices);
    if (view.has_item) {
        view.give_form = task_give_form(r, (struct task_give_in){
                                               .campaign_id = in->campaign_id,
                                               .task_item_id = view.item.task_item_id,
                                               .fence = view.item.fence,
                                               .count = 2,
                                           });
        view.skip_form = task_skip_form(r, (struct task_skip_in){
                                               .campaign_id = in->campaign_id,
                                               .task_item_id = view.item.task_item_id,
                                               .fence = view.item.fence,
                                               .count = 2,
                                           });
    }
    return task_work_show(r, &view);
}

/* --- Commands --------------------------------------------------------------------------------- */

struct reply task_take(struct request *r, const struct task_take_in *in)
{
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    struct desk desk;
    if (!desk_load(r, &desk))
        return reply_not_found(r);
    if (task_worker_add(r->db, (struct task_worker_add){ in->campaign_id, me(r), r->now }) > 0)
        campaign_count(r->db, in->campaign_id, me(r), (struct campaign_delta){ .people = 1 });
    top_up(&desk, in->count);
    struct task_work_view view = work_view(&desk);
    return task_take_done(r, url_task_work(r->arena, in->campaign_id), "", &view);
}

static bool judge_answer(struct request *r, const struct task_rules_get_row *rules,
                         struct str answer)
{
    size_t count = 0;
    struct str problem_text, *choices = NULL;
    if (str_equal(rules->task_template, S("choose")))
        choices = task_split_choices(r->arena, rules->choices, &count, &problem_text);
    struct str wrong = task_judge_answer(rules->task_template, answer, choices, count);
    if (wrong.size > 0)
        problem(r, "answer", "%.*s", STR_ARG(wrong));
    return wrong.size == 0;
}

/* Why an answer is not taken, for the person who worked on it. */
static struct reply not_theirs(struct request *r, bool had_it)
{
    return had_it ? reply_refused(r, 409, "ran_out",
                                  "The time for this item had run out, and it went to others. It "
                                  "was not counted; nothing else is lost.")
                  : reply_refused(r, 409, "not_yours",
                                  "You do not have this item, or have answered it already.");
}

/* Counts an answer on its item: one that was out, or one whose time ran out while nobody else took
   the item. */
static bool count_answer(struct request *r, struct task_item_id item_id,
                         const struct task_answer_get_row *row)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    if (str_equal(row->answer_state, S("out")))
        return task_item_count_given(r->db,
                                     (struct task_item_count_given){ campaign_id, item_id }) > 0;
    return !row->is_control &&
           task_item_count_late(r->db, (struct task_item_count_late){ campaign_id, item_id }) > 0;
}

static void accept_at_once(struct request *r, const struct task_answer_get_row *row, int64_t bucket)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_answer_move move = { S("accepted"), campaign_id, row->task_answer_id, S("given") };
    struct person_id earner = r->who.only_campaign == 0 ? me(r) : panel_earner(r->db, me(r));
    if (task_answer_move(r->db, move) == 0 ||
        !ledger_earn(r->db, r->now,
                     task_entry(campaign_id, row->task_answer_id, bucket, S("clock"), me(r)),
                     earner, row->price))
        sql_run_again(r->db); /* what is wanted is held: somebody else has it in his hands */
}

struct reply task_give(struct request *r, const struct task_give_in *in)
{
    struct desk desk;
    struct task_answer_get_row row;
    struct task_item_get_row item;
    if (!desk_load(r, &desk) ||
        !task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item))
        return reply_not_found(r);
    if (!judge_answer(r, &desk.rules, in->answer))
        return reply_problems(r);
    if (!task_answer_get(
            r->db, (struct task_answer_get){ in->campaign_id, in->task_item_id, me(r) }, &row))
        return not_theirs(r, false);
    bool expired = str_equal(row.answer_state, S("expired"));
    if (row.fence != in->fence || !(expired || str_equal(row.answer_state, S("out"))))
        return not_theirs(r, row.fence != in->fence);
    if (task_answer_give(r->db, (struct task_answer_give){
                                    .answer = in->answer,
                                    .caption = in->caption,
                                    .given_at = r->now,
                                    .accept_at = r->now + desk.rules.accept_seconds * 1000000,
                                    .campaign_id = in->campaign_id,
                                    .task_item_id = in->task_item_id,
                                    .person_id = me(r),
                                    .fence = in->fence,
                                    .from_state = row.answer_state,
                                }) == 0)
        sql_run_again(r->db); /* its time ran out at this very moment, or it was sent twice */
    else if (!count_answer(r, in->task_item_id, &row))
        return not_theirs(r, true);
    int64_t worked = r->now - row.taken_at;
    task_worker_count(
        r->db, (struct task_worker_count){
                   .control = item.is_control,
                   .right = item.is_control && task_answer_fits(r->arena, desk.rules.task_template,
                                                                item.known_answer, in->answer),
                   .worked_us = worked < TASK_WORKED_US_MAX ? worked : TASK_WORKED_US_MAX,
                   .campaign_id = in->campaign_id,
                   .person_id = me(r),
               });
    if (desk.rules.accept_seconds == 0)
        accept_at_once(r, &row, item.bucket);
    for (size_t i = 0; i < desk.items.count; i++)
        if (desk.items.items[i].task_item_id.value == in->task_item_id.value)
            desk.items.items[i] = desk.items.items[--desk.items.count];
    desk.worker.given++;
    top_up(&desk, in->count);
    struct task_work_view view = work_view(&desk);
    return task_give_done(r, url_task_work(r->arena, in->campaign_id), "", &view);
}

struct reply task_skip(struct request *r, const struct task_skip_in *in)
{
    struct desk desk;
    struct task_answer_get_row row;
    struct task_item_get_row item = { 0 };
    if (!desk_load(r, &desk) ||
        !task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item))
        return reply_not_found(r);
    if (!task_answer_get(
            r->db, (struct task_answer_get){ in->campaign_id, in->task_item_id, me(r) }, &row) ||
        task_answer_skip(r->db, (struct task_answer_skip){
                                    .skip_reason = str_from(task_skip_reason_names[in->reason]),
                                    .campaign_id = in->campaign_id,
                                    .task_item_id = in->task_item_id,
                                    .person_id = me(r),
                                    .fence = in->fence }) == 0)
        return not_theirs(r, false);
    task_item_count_out(r->db,
                        (struct task_item_count_out){ -1, in->campaign_id, in->task_item_id });
    if (row.is_control) {
        bool released = ledger_release(
            r->db, r->now,
            task_entry(in->campaign_id, row.task_answer_id, 0, S("participant"), me(r)), row.price);
        check(released || sql_failed(r->db));
    }
    if (in->reason == TASK_SKIP_REASON_BROKEN) {
        task_item_report(r->db, (struct task_item_report){ in->campaign_id, in->task_item_id });
        task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item);
        if (item.reports >= REPORTS_MAX)
            task_item_break(r->db, (struct task_item_break){ in->campaign_id, in->task_item_id });
    }
    if (!desk_load(r, &desk))
        return reply_not_found(r);
    top_up(&desk, in->count);
    struct task_work_view view = work_view(&desk);
    return task_skip_done(r, url_task_work(r->arena, in->campaign_id), "Given back.", &view);
}
