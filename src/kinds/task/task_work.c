/* Working: taking items, answering them, giving them back.
 *
 * Many do so at once, so each command locks in one order (docs/decisions/0022): the answer in hand,
 * its item, the items that are taken then (which passes over those that somebody holds), the
 * worker, and last, all together, the balances.
 */
#include "task_fair.h"

#include "base/check.h"
#include "base/id.h"
#include "commons/event/event.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "platform/clock/clock.h"
#include "urls.h"

enum {
    AGAIN_SECONDS = 5,
    REPORTS_MAX = 3,
    TRIES_MAX = 8,
    POSTINGS_MAX = TASK_AT_HAND_MAX + 1, /* controls taken, and one answer paid or given back */
};

/* --- What one has ----------------------------------------------------------------------------- */

struct desk {
    struct request *r;
    struct campaign_id campaign_id;
    struct task_rules_get_row rules;
    struct task_scheme scheme;
    struct task_worker_get_row worker;
    struct task_item_list items; /* out with this person */
    struct task_answers_out_row *out;
    struct ledger_posting postings[POSTINGS_MAX];
    size_t posting_count;
    struct str turned_away; /* why nothing more is given; or "" */
};

struct task_text_list task_texts_for(struct request *r, struct task_item_id item_id)
{
    struct task_texts_row *rows;
    size_t count =
        task_texts(r->db, (struct task_texts){ scope_of(r)->campaign_id, item_id }, &rows);
    struct task_text_list list = { arena_new(r->arena, struct task_text_view, count), 0 };
    uint64_t first = (uint64_t)me(r).value + (uint64_t)item_id.value;
    for (size_t i = 0; i < count; i++) {
        const struct task_texts_row *row = &rows[(i + first) % count];
        bool is_new = true;
        for (size_t k = 0; is_new && k < list.count; k++)
            is_new = !str_equal(list.items[k].text, row->answer);
        if (!is_new)
            continue;
        list.items[list.count] = (struct task_text_view){
            .task_answer_id = row->task_answer_id,
            .text = row->answer,
            .caption = row->caption,
            .key = list.count < 9 ? str_printf(r->arena, "%zu", list.count + 1) : S(""),
        };
        list.count++;
    }
    return list;
}

static struct task_item_view item_view(const struct desk *desk, struct task_item_id id,
                                       int64_t fence, int64_t price, int64_t until,
                                       struct str shown, struct str picture, bool judging)
{
    struct request *r = desk->r;
    return (struct task_item_view){
        .task_item_id = id,
        .fence = fence,
        .shown = shown,
        .picture = picture_url(r->arena, picture),
        .image = picture_url(r->arena, picture).text,
        .has_picture = picture.size > 0,
        .price = money_text(r->arena, (struct money){ price, desk->rules.currency }),
        .until_at = until,
        .judging = judging,
        .texts = judging ? task_texts_for(r, id) : (struct task_text_list){ 0 }
    };
}

static bool desk_load(struct request *r, struct desk *desk)
{
    *desk = (struct desk){ .r = r, .campaign_id = scope_of(r)->campaign_id };
    if (!task_rules_of(r, &desk->rules))
        return false;
    desk->scheme = task_scheme_of(r->arena, &desk->rules);
    task_worker_get(r->db, (struct task_worker_get){ desk->campaign_id, me(r) }, &desk->worker);
    desk->turned_away = task_turned_away(r, NULL);
    size_t count =
        task_answers_out(r->db, (struct task_answers_out){ desk->campaign_id, me(r) }, &desk->out);
    const struct task_answers_out_row *rows = desk->out;
    desk->items.items = arena_new(r->arena, struct task_item_view, count + TASK_AT_HAND_MAX);
    desk->items.count = count;
    for (size_t i = 0; i < count; i++)
        desk->items.items[i] =
            item_view(desk, rows[i].task_item_id, rows[i].fence, rows[i].price, rows[i].until_at,
                      rows[i].shown, rows[i].picture_blob, rows[i].is_judgement);
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

/* Takes the item that needs an answer most from one of the buckets, beginning with a random one. */
static bool take_from_buckets(struct desk *desk, bool control, struct task_item_take_row *item)
{
    int64_t first = draw() % TASK_BUCKETS;
    for (int64_t i = 0; i < TASK_BUCKETS; i++)
        if (task_item_take(desk->r->db,
                           (struct task_item_take){ .campaign_id = desk->campaign_id,
                                                    .is_control = control,
                                                    .bucket = (first + i) % TASK_BUCKETS,
                                                    .person_id = me(desk->r) },
                           item))
            return true;
    return false;
}

static void post_later(struct desk *desk, const char *kind, struct task_answer_id answer_id,
                       int64_t bucket, struct ledger_transfer transfer)
{
    check(desk->posting_count < POSTINGS_MAX);
    struct ledger_posting *posting = &desk->postings[desk->posting_count++];
    *posting = (struct ledger_posting){
        .entry = task_entry(desk->campaign_id, answer_id, bucket, S("participant"), me(desk->r)),
        .transfer = transfer,
    };
    posting->entry.kind = kind;
}

/* All that was decided about money, at the end: the balances are what most people wait for. */
static void post_now(struct desk *desk)
{
    struct request *r = desk->r;
    if (!ledger_post_all(r->db, r->now, desk->postings, desk->posting_count))
        sql_run_again(r->db); /* it was there a moment ago: somebody else has it in his hands */
    desk->posting_count = 0;
}

/* Answers to controls are paid, too, but nobody knows beforehand how many there will be: each is
   held when it is given out, as long as there is something to pay it and those before it from. */
static bool can_hold_control(const struct desk *desk)
{
    return ledger_balance_of(desk->r->db, desk->campaign_id, LEDGER_BUDGET,
                             (struct person_id){ 0 }) >=
           desk->rules.price * ((int64_t)desk->posting_count + 1);
}

/* Takes one for the person, who may be asking on two connections and have got it on the other. */
static bool find_one(struct desk *desk, bool control, struct task_item_take_row *item,
                     struct task_answer_take_row *taken)
{
    struct request *r = desk->r;
    for (int tries = 0; tries < TRIES_MAX && take_from_buckets(desk, control, item); tries++) {
        struct task_answer_take take = {
            .campaign_id = desk->campaign_id,
            .task_item_id = item->task_item_id,
            .person_id = me(r),
            .task_answer_id = { id_make(r->now) },
            .price = desk->rules.price,
            .taken_at = r->now,
            .until_at = r->now + desk->rules.lease_seconds * 1000000,
            .is_control = control,
            .is_judgement = item->judging,
        };
        if (task_answer_take(r->db, take, taken))
            return true;
        task_item_come_back(r->db,
                            (struct task_item_come_back){ desk->campaign_id, item->task_item_id });
    }
    return false;
}

static bool take_one(struct desk *desk, bool control)
{
    const struct request *r = desk->r;
    struct task_item_take_row item;
    struct task_answer_take_row taken;
    if ((control && !can_hold_control(desk)) || !find_one(desk, control, &item, &taken))
        return false;
    if (control)
        post_later(desk, "hold", taken.task_answer_id, item.bucket,
                   (struct ledger_transfer){
                       .from = LEDGER_BUDGET, .to = LEDGER_HELD, .minor = desk->rules.price });
    desk->items.items[desk->items.count++] = item_view(
        desk, item.task_item_id, taken.fence, desk->rules.price,
        r->now + desk->rules.lease_seconds * 1000000, item.shown, item.picture_blob, item.judging);
    return true;
}

/* Now and then one whose answer is known; not to those who only wait for work. */
static bool draws_control(const struct desk *desk)
{
    struct task_item_is_wanted_row wanted;
    return desk->rules.control_every > 0 && draw() % desk->rules.control_every == 0 &&
           task_item_is_wanted(desk->r->db, (struct task_item_is_wanted){ desk->campaign_id },
                               &wanted);
}

/* Fills up to `count` items at hand. */
static void top_up(struct desk *desk, int64_t count)
{
    struct request *r = desk->r;
    if (!campaign_takes_part(scope_of(r), r->now) || is_stopped(desk) || desk->turned_away.size > 0)
        return;
    while ((int64_t)desk->items.count < count && !sql_failed(r->db)) {
        if (!(draws_control(desk) && take_one(desk, true)) && !take_one(desk, false))
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
    if (desk->turned_away.size > 0)
        return desk->turned_away;
    struct task_item_is_left_row left;
    if (!task_item_is_left(r->db, (struct task_item_is_left){ desk->campaign_id }, &left))
        return S("Everything is done. Thank you!");
    *again_seconds = AGAIN_SECONDS;
    return S("All items that are left are with others just now. Some may come back.");
}

struct task_option_list task_options_of(struct request *r, const struct task_scheme *scheme)
{
    bool is_scale = scheme->template == TASK_RATE;
    size_t count = is_scale ? (size_t)scheme->scale : scheme->choice_count;
    struct task_option_list list = { arena_new(r->arena, struct task_option_view, count), count };
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct task_option_view){
            .label = is_scale ? str_printf(r->arena, "%zu", i + 1) : scheme->choices[i],
            .key = i < 9                ? str_printf(r->arena, "%zu", i + 1)
                   : i == 9 && is_scale ? S("0")
                                        : S(""),
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
    for (size_t i = 0; i < desk->items.count; i++)
        task_item_fill(r, &desk->rules, &desk->scheme, &desk->items.items[i]);
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
    view.choices = task_options_of(r, &desk.scheme);
    view.scale_low = desk.rules.scale_low;
    view.scale_high = desk.rules.scale_high;
    if (view.has_item) {
        view.give_form = task_give_form(r, (struct task_give_in){
                                               .campaign_id = in->campaign_id,
                                               .task_item_id = view.item.task_item_id,
                                               .fence = view.item.fence,
                                               .count = 2,
                                           });
        task_parts_typed(r, &desk.scheme,
                         task_give_field(&view.give_form, TASK_GIVE_FIELD_VALUES)->value,
                         view.item.parts);
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
    if (desk.turned_away.size > 0 && r->format == FORMAT_HTML)
        return reply_see(r, url_task_test_page(r->arena, in->campaign_id), "");
    if (desk.turned_away.size > 0)
        return reply_refused(r, 403, "turned_away", str_c(r->arena, desk.turned_away));
    if (task_worker_add(r->db, (struct task_worker_add){ in->campaign_id, me(r), r->now }) > 0)
        campaign_count(r->db, in->campaign_id, me(r), (struct campaign_delta){ .people = 1 });
    top_up(&desk, in->count);
    post_now(&desk);
    struct task_work_view view = work_view(&desk);
    return task_take_done(r, url_task_work(r->arena, in->campaign_id), "", &view);
}

/* The text that is picked is one of those that were offered, or none. Its words become the answer
   of who picks it. */
static bool judge_pick(struct request *r, const struct task_give_in *in, struct str *answer)
{
    struct task_text_list texts = task_texts_for(r, in->task_item_id);
    *answer = S("");
    for (size_t i = 0; i < texts.count; i++)
        if (texts.items[i].task_answer_id.value == in->task_answer_id.value) {
            *answer = texts.items[i].text;
            return true;
        }
    if (in->task_answer_id.value != 0)
        problem(r, "task_answer_id", "Pick one of the texts, or say that none is good.");
    return in->task_answer_id.value == 0;
}

bool task_judge_sent(struct request *r, const struct task_scheme *scheme, struct task_sent sent,
                     struct str *kept)
{
    const char *field;
    struct str wrong;
    *kept = task_answer_kept(r->arena, scheme, sent, &field, &wrong);
    if (wrong.size > 0)
        problem(r, field, "%.*s", STR_ARG(wrong));
    return wrong.size == 0;
}

/* The answer as it is kept; false when it cannot be, and the problem is reported. */
static bool judge_answer(struct request *r, const struct task_scheme *scheme,
                         const struct task_give_in *in, struct str *kept)
{
    if (!in->decorative || scheme->template != TASK_DESCRIBE)
        return task_judge_sent(r, scheme, (struct task_sent){ in->answer, in->text, in->values },
                               kept);
    *kept = S("");
    if (in->answer.size > 0)
        problem(r, "answer", "What is only decoration needs no text: leave it empty.");
    return in->answer.size == 0;
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

/* What somebody answers, and how it stands with them: `state` is "" when they never had it. */
struct given_answer {
    struct str state;
    struct task_answer_id answer_id;
    bool is_control, is_judgement;
    int64_t fence, price, taken_at, bucket;
    struct str known_answer;
};

/* Usually it is among what is out, and loaded already; false when there is no such item. */
static bool load_given(const struct desk *desk, struct task_item_id item_id,
                       struct given_answer *given)
{
    struct request *r = desk->r;
    for (size_t i = 0; i < desk->items.count; i++) {
        const struct task_answers_out_row *out = &desk->out[i];
        if (out->task_item_id.value != item_id.value)
            continue;
        *given = (struct given_answer){ S("out"),          out->task_answer_id, out->is_control,
                                        out->is_judgement, out->fence,          out->price,
                                        out->taken_at,     out->bucket,         out->known_answer };
        return true;
    }
    struct task_answer_get_row row;
    struct task_item_get_row item;
    if (!task_item_get(r->db, (struct task_item_get){ desk->campaign_id, item_id }, &item))
        return false;
    task_answer_get(r->db, (struct task_answer_get){ desk->campaign_id, item_id, me(r) }, &row);
    *given = (struct given_answer){ row.answer_state, row.task_answer_id, row.is_control,
                                    row.is_judgement, row.fence,          row.price,
                                    row.taken_at,     item.bucket,        item.known_answer };
    return true;
}

/* Counts an answer on its item: one that was out, or one whose time ran out while nobody else took
   the item. */
static bool count_answer(const struct desk *desk, struct task_item_id item_id,
                         const struct given_answer *given)
{
    struct sql *db = desk->r->db;
    if (str_equal(given->state, S("out")))
        return task_item_count_given(
                   db, (struct task_item_count_given){ desk->campaign_id, item_id }) > 0;
    return !given->is_control &&
           task_item_count_late(db, (struct task_item_count_late){ desk->campaign_id, item_id }) >
               0;
}

/* The item is no longer among those at hand. */
static void put_down(struct desk *desk, struct task_item_id item_id)
{
    for (size_t i = 0; i < desk->items.count; i++)
        if (desk->items.items[i].task_item_id.value == item_id.value)
            desk->items.items[i] = desk->items.items[--desk->items.count];
}

static void count_work(const struct desk *desk, const struct given_answer *given, struct str answer,
                       bool is_accepted)
{
    struct request *r = desk->r;
    int64_t worked = r->now - given->taken_at;
    task_worker_count(
        r->db, (struct task_worker_count){
                   .accepted = is_accepted,
                   .control = given->is_control,
                   .right = given->is_control && task_answer_matches(r->arena, &desk->scheme,
                                                                     given->known_answer, answer),
                   .worked_us = worked < TASK_WORKED_US_MAX ? worked : TASK_WORKED_US_MAX,
                   .campaign_id = desk->campaign_id,
                   .person_id = me(r),
               });
}

struct reply task_give(struct request *r, const struct task_give_in *in)
{
    struct desk desk;
    struct given_answer given;
    if (!desk_load(r, &desk) || !load_given(&desk, in->task_item_id, &given))
        return reply_not_found(r);
    bool had_it = str_equal(given.state, S("out")) || str_equal(given.state, S("expired"));
    if (given.fence != in->fence || !had_it)
        return not_theirs(r, given.fence != 0 && given.fence != in->fence);
    struct str answer;
    if (given.is_judgement ? !judge_pick(r, in, &answer)
                           : !judge_answer(r, &desk.scheme, in, &answer))
        return reply_problems(r);
    bool at_once = desk.rules.accept_seconds == 0;
    if (task_answer_give(r->db, (struct task_answer_give){
                                    .to_state = at_once ? S("accepted") : S("given"),
                                    .answer = answer,
                                    .caption = given.is_judgement ? S("") : in->caption,
                                    .pick = given.is_judgement ? in->task_answer_id
                                                               : (struct task_answer_id){ 0 },
                                    .given_at = r->now,
                                    .accept_at = r->now + desk.rules.accept_seconds * 1000000,
                                    .campaign_id = in->campaign_id,
                                    .task_item_id = in->task_item_id,
                                    .person_id = me(r),
                                    .fence = in->fence,
                                    .from_state = given.state,
                                }) == 0)
        sql_run_again(r->db); /* its time ran out at this very moment, or it was sent twice */
    else if (!count_answer(&desk, in->task_item_id, &given))
        return not_theirs(r, true);
    if (at_once)
        post_later(&desk, "earn", given.answer_id, given.bucket,
                   (struct ledger_transfer){
                       .from = LEDGER_HELD,
                       .to = LEDGER_EARNED,
                       .to_person = r->who.only_campaign == 0 ? me(r) : panel_earner(r->db, me(r)),
                       .minor = given.price });
    put_down(&desk, in->task_item_id);
    desk.worker.given++;
    top_up(&desk, in->count);
    count_work(&desk, &given, answer, at_once);
    post_now(&desk);
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
    task_item_come_back(r->db, (struct task_item_come_back){ in->campaign_id, in->task_item_id });
    if (in->reason == TASK_SKIP_REASON_BROKEN) {
        task_item_report(r->db, (struct task_item_report){ in->campaign_id, in->task_item_id });
        task_item_get(r->db, (struct task_item_get){ in->campaign_id, in->task_item_id }, &item);
        if (item.reports >= REPORTS_MAX && !str_equal(item.item_state, S("broken")))
            task_item_set_broken(r->db, in->campaign_id, in->task_item_id, &item);
    }
    if (!desk_load(r, &desk))
        return reply_not_found(r);
    if (row.is_control)
        post_later(&desk, "release", row.task_answer_id, item.bucket,
                   (struct ledger_transfer){
                       .from = LEDGER_HELD, .to = LEDGER_BUDGET, .minor = row.price });
    top_up(&desk, in->count);
    post_now(&desk);
    struct task_work_view view = work_view(&desk);
    return task_skip_done(r, url_task_work(r->arena, in->campaign_id), "Given back.", &view);
}
