/* What happens later: items come back, answers are accepted, and what was answered is judged.
 *
 * Everybody else works meanwhile, so a command here changes few rows and is soon over. It locks as
 * they do (task_work.c): answers, items, workers, and last, all together, the balances; counts of
 * items, which those who answer do not touch, after that.
 */
#include "task_engine.h"
#include "task_fair.h"
#include "task_intake.h"

#include "base/arena.h"
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

enum {
    TIMED_BATCH = 100, /* of answers that ran out of time, or are due: as in task.sql */
    BATCH = 500,
    BATCHES_MAX = 40,
    CHANGED_MAX = 500,
    AGAIN = 200,
    KEPT_AT_ONCE = 50,
};

struct errand {
    struct task_office *office;
    struct arena *arena;
    struct campaign_id campaign_id;
    enum campaign_state state;
    struct job_lease lease;
    int64_t now;
    size_t done; /* of the last command */
    struct task_judged *judged;
    size_t judged_count, judged_kept;
    struct task_rated *rated;
    size_t rated_count, rated_kept;
    int64_t price, quality_least;
    int64_t corrected_at; /* when a known answer was last put right; 0: never */
};

static struct ledger_posting posting(const struct errand *e, const char *kind,
                                     struct task_answer_id answer_id, int64_t bucket,
                                     struct ledger_transfer transfer)
{
    struct ledger_posting posting = {
        .entry = task_entry(e->campaign_id, answer_id, bucket, S("clock"), (struct person_id){ 0 }),
        .transfer = transfer,
    };
    posting.entry.kind = kind;
    return posting;
}

/* --- Time ------------------------------------------------------------------------------------- */

static bool take_back(struct sql *db, void *context)
{
    struct errand *e = context;
    struct task_answers_overdue_row *rows;
    struct task_rules_get_row rules = { 0 };
    task_rules_get(db, (struct task_rules_get){ e->campaign_id }, &rules);
    int64_t latest = e->now + rules.lease_seconds * 1000000 + CLOCKS_DIFFER_US_MAX;
    e->done = task_answers_overdue(
        db, (struct task_answers_overdue){ e->campaign_id, e->now, latest }, &rows);
    struct ledger_posting *postings = arena_new(sql_arena(db), struct ledger_posting, e->done);
    size_t expired = 0, count = 0;
    /* All answers before any item: another answer to one of them may come in at this moment. */
    for (size_t i = 0; i < e->done; i++) {
        struct task_answer_move move = { S("expired"), e->campaign_id, rows[i].task_answer_id,
                                         S("out") };
        if (task_answer_move(db, move) > 0)
            rows[expired++] = rows[i];
    }
    for (size_t i = 0; i < expired; i++) {
        task_item_come_back(db,
                            (struct task_item_come_back){ e->campaign_id, rows[i].task_item_id });
        if (rows[i].is_control)
            postings[count++] =
                posting(e, "release", rows[i].task_answer_id, rows[i].bucket,
                        (struct ledger_transfer){
                            .from = LEDGER_HELD, .to = LEDGER_BUDGET, .minor = rows[i].price });
    }
    bool released = ledger_post_all(db, e->now, postings, count);
    check(released || sql_failed(db)); /* it was held when they were given out */
    return e->done > 0;
}

static bool accept(struct sql *db, void *context)
{
    struct errand *e = context;
    struct task_answers_due_row *rows;
    e->done = task_answers_due(db, (struct task_answers_due){ e->campaign_id, e->now }, &rows);
    struct ledger_posting *postings = arena_new(sql_arena(db), struct ledger_posting, e->done);
    size_t count = 0;
    for (size_t i = 0; i < e->done; i++) {
        struct task_answer_move move = { S("accepted"), e->campaign_id, rows[i].task_answer_id,
                                         S("given") };
        if (task_answer_move(db, move) == 0)
            continue;
        rows[count] = rows[i]; /* those that are accepted now */
        postings[count++] =
            posting(e, "earn", rows[i].task_answer_id, rows[i].bucket,
                    (struct ledger_transfer){ .from = LEDGER_HELD,
                                              .to = LEDGER_EARNED,
                                              .to_person = panel_earner(db, rows[i].person_id),
                                              .minor = rows[i].price });
    }
    for (size_t i = 0; i < count; i++)
        task_worker_judged(db, (struct task_worker_judged){ .accepted = 1,
                                                            .campaign_id = e->campaign_id,
                                                            .person_id = rows[i].person_id });
    bool paid = ledger_post_all(db, e->now, postings, count);
    check(paid || sql_failed(db)); /* what is wanted is held */
    return e->done > 0;
}

/* Nobody is given anything any more: what is held beyond what was given is free again. */
static bool settle_up(struct sql *db, void *context)
{
    struct errand *e = context;
    struct task_held_due_row due = { 0 };
    struct person_id nobody = { 0 };
    int64_t held = ledger_balance_of(db, e->campaign_id, LEDGER_HELD, nobody);
    e->done = 0;
    if (held == 0)
        return false;
    task_held_due(db, (struct task_held_due){ 0, e->campaign_id, e->now }, &due);
    int64_t rest = held - due.due;
    return rest > 0 && ledger_release(db, e->now,
                                      task_entry(e->campaign_id, (struct task_answer_id){ 0 }, 0,
                                                 S("clock"), nobody),
                                      rest);
}

static bool run_while_full(struct errand *e, bool (*run)(struct sql *, void *), struct fault *fault)
{
    do
        if (sql_submit_wait_guarded(e->office->store, run, e, fault) == SQL_UNAVAILABLE)
            return false;
    while (e->done == TIMED_BATCH);
    return true;
}

/* --- Judging ---------------------------------------------------------------------------------- */

static struct task_weighed answers_to(struct sql *db, const struct errand *e,
                                      struct task_item_id first, struct task_item_id last)
{
    struct task_answers_weighed_row *rows;
    size_t count = task_answers_weighed(
        db, (struct task_answers_weighed){ e->campaign_id, first, last }, &rows);
    return (struct task_weighed){ .rows = rows, .count = count };
}

static void weigh(struct sql *db, struct errand *e, struct task_mind *mind,
                  struct task_judged *judged)
{
    struct task_weighed answers = answers_to(db, e, judged->task_item_id, judged->task_item_id);
    task_mind_weigh(mind, e->arena, judged, &answers);
}

/* The first of the answers that are left, as many as are to one item. */
static struct task_weighed next_item(struct task_weighed *left, struct task_item_id item_id)
{
    struct task_weighed answers = { .rows = left->rows };
    while (answers.count < left->count &&
           left->rows[answers.count].task_item_id.value == item_id.value)
        answers.count++;
    left->rows += answers.count;
    left->count -= answers.count;
    return answers;
}

/* A new mind learns from all answers there are: many items at once, for everybody waits for it. */
static bool learn(struct sql *db, struct errand *e, struct task_mind *mind)
{
    struct task_items_in_state page = { .campaign_id = e->campaign_id,
                                        .item_state = S(""),
                                        .limit = BATCH };
    struct task_items_in_state_row *rows;
    struct arena *own = sql_arena(db), *arena = arena_make();
    size_t count;
    sql_use_arena(db, arena);
    while ((count = task_items_in_state(db, page, &rows)) > 0) {
        struct task_weighed left =
            answers_to(db, e, rows[0].task_item_id, rows[count - 1].task_item_id);
        for (size_t i = 0; i < count; i++) {
            struct task_weighed answers = next_item(&left, rows[i].task_item_id);
            struct task_judged judged = { .task_item_id = rows[i].task_item_id,
                                          .is_control = rows[i].is_control,
                                          .known_answer = rows[i].known_answer,
                                          .given = rows[i].given,
                                          .wanted = rows[i].wanted };
            if (rows[i].given > 0)
                task_mind_weigh(mind, arena, &judged, &answers);
        }
        page.task_item_id = rows[count - 1].task_item_id;
        arena_reset(arena);
    }
    sql_use_arena(db, own);
    arena_free(arena);
    return !sql_failed(db);
}

static struct task_mind *mind_of(struct sql *db, struct errand *e, struct fault *fault)
{
    struct task_rules_get_row rules;
    struct task_corrected_last_row corrected = { 0 };
    task_corrected_last(db, (struct task_corrected_last){ e->campaign_id }, &corrected);
    e->corrected_at = corrected.corrected_at;
    struct task_mind *mind =
        task_minds_find(e->office->minds, e->campaign_id, corrected.corrected_at);
    if (!task_rules_get(db, (struct task_rules_get){ e->campaign_id }, &rules))
        return NULL;
    e->price = rules.price;
    e->quality_least = rules.quality_least;
    if (mind != NULL)
        return mind;
    mind = task_mind_make(e->campaign_id, &rules, fault);
    if (mind == NULL)
        return NULL;
    if (!learn(db, e, mind)) {
        task_mind_free(mind);
        return NULL;
    }
    task_minds_add(e->office->minds, mind, corrected.corrected_at);
    return mind;
}

/* Items that were answered since, and those that their workers' other answers have settled. */
static void judge_items(struct sql *db, struct errand *e, struct task_mind *mind)
{
    struct task_items_to_judge_row *rows;
    size_t count =
        task_items_to_judge(db, (struct task_items_to_judge){ e->campaign_id, { 0 } }, &rows);
    e->done = count;
    e->judged = arena_new(e->arena, struct task_judged, count + CHANGED_MAX + AGAIN);
    e->judged_count = count;
    for (size_t i = 0; i < count; i++) {
        e->judged[i] = (struct task_judged){ .task_item_id = rows[i].task_item_id,
                                             .is_control = rows[i].is_control,
                                             .known_answer = rows[i].known_answer,
                                             .from_state = rows[i].item_state,
                                             .given = rows[i].given,
                                             .wanted = rows[i].wanted,
                                             .out_count = rows[i].out_count,
                                             .bucket = rows[i].bucket };
        weigh(db, e, mind, &e->judged[i]);
    }
    uint32_t from = 0;
    struct task_item_id id;
    while (e->judged_count < count + CHANGED_MAX && task_mind_next_changed(mind, &from, &id)) {
        struct task_item_get_row item;
        if (!task_item_get(db, (struct task_item_get){ e->campaign_id, id }, &item) ||
            !str_equal(item.item_state, S("open")))
            continue;
        struct task_judged *judged = &e->judged[e->judged_count++];
        *judged = (struct task_judged){ .task_item_id = id,
                                        .from_state = item.item_state,
                                        .given = item.given,
                                        .wanted = item.wanted,
                                        .out_count = item.out_count,
                                        .bucket = item.bucket };
        weigh(db, e, mind, judged);
    }
}

/* Some of those that are settled are weighed again by what is known of their workers now; who was
   believed too much is not believed for good. */
static void look_again(struct sql *db, struct errand *e, struct task_mind *mind)
{
    struct task_items_in_state_row *rows;
    struct task_items_in_state next = { .campaign_id = e->campaign_id,
                                        .item_state = S("settled"),
                                        .limit = AGAIN };
    if (e->state != CAMPAIGN_OPEN || !task_mind_looks_again(mind, &next.task_item_id))
        return;
    size_t count = task_items_in_state(db, next, &rows);
    for (size_t i = 0; i < count; i++) {
        struct task_judged *judged = &e->judged[e->judged_count];
        *judged = (struct task_judged){ .task_item_id = rows[i].task_item_id,
                                        .given = rows[i].given,
                                        .wanted = rows[i].wanted,
                                        .bucket = rows[i].bucket,
                                        .out_count = rows[i].out_count,
                                        .from_state = rows[i].item_state };
        weigh(db, e, mind, judged);
        e->judged_count += !str_equal(judged->item_state, S("settled"));
    }
    task_mind_looked(mind, count > 0 ? rows[count - 1].task_item_id : (struct task_item_id){ 0 });
}

static void rate_workers(struct errand *e, struct task_mind *mind)
{
    struct task_rated rated;
    uint32_t from = 0, count = 0;
    e->rated = arena_new(e->arena, struct task_rated, BATCH);
    while (count < BATCH && task_mind_next_worker(mind, &from, &rated))
        e->rated[count++] = rated;
    e->rated_count = count;
}

/* Whether one more answer is wanted, and to be paid for. An item that opens again, after a
   rejection, has no answers to come but those that are out. */
static bool wants_more(const struct errand *e, const struct task_judged *judged)
{
    bool opens =
        str_equal(judged->item_state, S("open")) && !str_equal(judged->from_state, S("open"));
    return e->state == CAMPAIGN_OPEN && (opens ? judged->out_count == 0 : judged->more);
}

/* Keeps what was found of an item; true when one more answer is wanted, which is to be paid for. */
static bool keep_item(struct sql *db, const struct errand *e, const struct task_judged *judged,
                      struct task_moves *moves)
{
    bool more = wants_more(e, judged);
    struct task_item_judge found = {
        .item_state = judged->item_state,
        .answer = judged->answer,
        .caption = judged->caption,
        .confidence = judged->confidence,
        .need = (int64_t)(judged->need * 1000000),
        .settled_at = str_equal(judged->item_state, S("open")) ? 0 : e->now,
        .judged = judged->given,
        .judging = judged->judging,
        .more = more,
        .campaign_id = e->campaign_id,
        .task_item_id = judged->task_item_id,
        .from_state = judged->from_state,
        .wanted = judged->wanted,
    };
    bool is_judged = !judged->is_control && !str_equal(judged->from_state, S("broken"));
    if (is_judged && task_item_judge(db, found) > 0) {
        task_moves_state(moves, judged->bucket, judged->from_state, judged->item_state);
        return more;
    }
    /* A control, or it was set aside, asked for again or lost an answer meanwhile. */
    task_item_judged(
        db, (struct task_item_judged){ judged->given, e->campaign_id, judged->task_item_id });
    return false;
}

/* Holds what one more answer to each costs; those that the budget does not cover stay undecided. */
static void pay_for_more(struct sql *db, const struct errand *e,
                         const struct task_judged *const *more, size_t count,
                         struct task_moves *moves)
{
    struct ledger_posting *postings = arena_new(sql_arena(db), struct ledger_posting, count);
    for (size_t i = 0; i < count; i++)
        postings[i] = posting(e, "hold", (struct task_answer_id){ 0 }, more[i]->bucket,
                              (struct ledger_transfer){
                                  .from = LEDGER_BUDGET, .to = LEDGER_HELD, .minor = e->price });
    if (ledger_post_all(db, e->now, postings, count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (ledger_post_all(db, e->now, &postings[i], 1))
            continue;
        task_item_give_up(
            db, (struct task_item_give_up){ e->now, e->campaign_id, more[i]->task_item_id });
        task_moves_state(moves, more[i]->bucket, more[i]->item_state, S("undecided"));
    }
}

static void keep_worker(struct sql *db, const struct errand *e, const struct task_rated *rated)
{
    task_worker_rate(db, (struct task_worker_rate){ .quality = rated->quality,
                                                    .quality_low = rated->low,
                                                    .quality_high = rated->high,
                                                    .campaign_id = e->campaign_id,
                                                    .person_id = rated->person_id });
    if (e->corrected_at > 0 && !rated->is_below &&
        task_worker_lift(db, (struct task_worker_lift){ e->campaign_id, rated->person_id }) > 0)
        event_add(db, e->now, e->campaign_id, "task.stop_lifted", (struct subject_id){ 0 },
                  rated->person_id, S(""));
    if (!rated->is_stopped)
        return;
    struct str reason = str_printf(
        sql_arena(db),
        "Of %u of your answers that could be compared with what is known or what others agree on, "
        "%u "
        "were right. %lld percent are needed here, so you are asked no more. What you answered is "
        "paid. Under “My answers” you see the controls with their explanations.",
        rated->compared, rated->right, (long long)e->quality_least);
    task_worker_stop(db, (struct task_worker_stop){ .worker_state = S("stopped"),
                                                    .state_reason = reason,
                                                    .campaign_id = e->campaign_id,
                                                    .person_id = rated->person_id });
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The next few items, then the next few workers. */
static bool keep(struct sql *db, void *context)
{
    const struct errand *e = context;
    const struct task_judged *more[KEPT_AT_ONCE];
    struct task_moves moves = { 0 };
    size_t count = 0;
    if (!job_lease_holds(db, e->lease))
        return false;
    size_t items = least(e->judged_count - e->judged_kept, KEPT_AT_ONCE);
    for (size_t i = 0; i < items; i++) {
        const struct task_judged *judged = &e->judged[e->judged_kept + i];
        if (keep_item(db, e, judged, &moves))
            more[count++] = judged;
    }
    size_t workers = least(e->rated_count - e->rated_kept, KEPT_AT_ONCE);
    for (size_t i = 0; i < workers; i++)
        keep_worker(db, e, &e->rated[e->rated_kept + i]);
    pay_for_more(db, e, more, count, &moves);
    task_moves_keep(db, e->campaign_id, &moves);
    task_tell_settled(db, e->now, e->campaign_id, e->judged + e->judged_kept, items);
    return true;
}

static enum sql_outcome keep_all(struct errand *e, struct fault *fault)
{
    enum sql_outcome outcome = SQL_KEPT;
    while (outcome == SQL_KEPT &&
           (e->judged_kept < e->judged_count || e->rated_kept < e->rated_count)) {
        outcome = sql_submit_wait_guarded(e->office->store, keep, e, fault);
        e->judged_kept = least(e->judged_count, e->judged_kept + KEPT_AT_ONCE);
        e->rated_kept = least(e->rated_count, e->rated_kept + KEPT_AT_ONCE);
    }
    return outcome;
}

static bool judge_once(struct errand *e, struct fault *fault)
{
    struct sql *db = sql_read_begin(e->office->store, e->arena, fault);
    if (db == NULL)
        return false;
    struct task_mind *mind = mind_of(db, e, fault);
    e->judged_count = e->rated_count = e->judged_kept = e->rated_kept = e->done = 0;
    if (mind != NULL) {
        judge_items(db, e, mind);
        if (e->done < BATCH)
            look_again(db, e, mind);
        rate_workers(e, mind);
    }
    bool ok = sql_read_end(e->office->store, db) && fault->kind == FAULT_NONE;
    enum sql_outcome outcome = SQL_KEPT;
    if (ok)
        outcome = keep_all(e, fault);
    if (!ok || outcome != SQL_KEPT) { /* what it learnt was not kept: it begins anew */
        task_minds_drop(e->office->minds, e->campaign_id);
        e->done = 0;
    }
    return ok && outcome != SQL_UNAVAILABLE;
}

/* --- The job ---------------------------------------------------------------------------------- */

static bool serve(struct errand *e, struct fault *fault)
{
    if (!run_while_full(e, take_back, fault) || !run_while_full(e, accept, fault))
        return false;
    for (int i = 0; i < BATCHES_MAX; i++) {
        if (!judge_once(e, fault))
            return false;
        if (e->done < BATCH)
            break;
    }
    bool over = e->state == CAMPAIGN_CLOSED || e->state == CAMPAIGN_CANCELLED;
    return !over || sql_submit_wait(e->office->store, settle_up, e, fault) != SQL_UNAVAILABLE;
}

bool task_job(void *context, int64_t now, struct fault *fault)
{
    struct task_office *office = context;
    struct arena *arena = arena_make();
    struct task_campaigns_row *rows = NULL;
    struct sql *db = sql_read_begin(office->store, arena, fault);
    size_t count = 0;
    bool ok = db != NULL, has_letters = false;
    if (ok) {
        struct task_letters_due_row *due;
        has_letters = task_letters_due(db, (struct task_letters_due){ now }, &due) > 0;
        count = task_campaigns(db, (struct task_campaigns){ { 0 } }, &rows);
        ok = sql_read_end(office->store, db);
    }
    for (size_t i = 0; i < count && ok; i++) {
        struct errand errand = { .office = office,
                                 .arena = arena_make(),
                                 .campaign_id = rows[i].campaign_id,
                                 .state = campaign_state_from_name(rows[i].campaign_state),
                                 .lease = job_lease_current(),
                                 .now = now };
        ok = serve(&errand, fault);
        arena_free(errand.arena);
    }
    arena_free(arena);
    if (ok && has_letters)
        ok = task_send_letters(office->store, office->public_url, now, fault);
    return ok && task_bring_in(office, now, fault);
}
