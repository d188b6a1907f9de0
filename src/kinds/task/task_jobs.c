/* What happens later: items come back, answers are accepted, and what was answered is judged. */
#include "task_engine.h"

#include "base/arena.h"
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

enum { BATCH = 500, BATCHES_MAX = 40, CHANGED_MAX = 500 };

struct errand {
    struct task_office *office;
    struct arena *arena;
    struct campaign_id campaign_id;
    enum campaign_state state;
    struct job_lease lease;
    int64_t now;
    size_t done; /* of the last command */
    struct task_judged *judged;
    size_t judged_count;
    struct task_rated *rated;
    size_t rated_count;
    int64_t price, quality_least;
};

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
    for (size_t i = 0; i < e->done; i++) {
        if (task_answer_move(db, (struct task_answer_move){ S("expired"), e->campaign_id,
                                                            rows[i].task_answer_id, S("out") }) ==
            0)
            continue;
        task_item_count_out(
            db, (struct task_item_count_out){ -1, e->campaign_id, rows[i].task_item_id });
        if (rows[i].is_control) {
            bool released = ledger_release(db, e->now,
                                           task_entry(e->campaign_id, rows[i].task_answer_id, 0,
                                                      S("clock"), (struct person_id){ 0 }),
                                           rows[i].price);
            check(released || sql_failed(db)); /* it was held when it was given out */
        }
    }
    return e->done > 0;
}

static bool accept(struct sql *db, void *context)
{
    struct errand *e = context;
    struct task_answers_due_row *rows;
    e->done = task_answers_due(db, (struct task_answers_due){ e->campaign_id, e->now }, &rows);
    for (size_t i = 0; i < e->done; i++) {
        if (task_answer_move(db, (struct task_answer_move){ S("accepted"), e->campaign_id,
                                                            rows[i].task_answer_id, S("given") }) ==
            0)
            continue;
        bool paid = ledger_earn(db, e->now,
                                task_entry(e->campaign_id, rows[i].task_answer_id, rows[i].bucket,
                                           S("clock"), (struct person_id){ 0 }),
                                panel_earner(db, rows[i].person_id), rows[i].price);
        check(paid || sql_failed(db)); /* what is wanted is held */
    }
    return e->done > 0;
}

/* Nobody is given anything any more: what is held beyond what was given is free again. */
static bool settle_up(struct sql *db, void *context)
{
    struct errand *e = context;
    struct task_held_due_row due = { 0 };
    struct person_id nobody = { 0 };
    task_held_due(db, (struct task_held_due){ .campaign_id = e->campaign_id, .now = e->now }, &due);
    int64_t rest = ledger_balance_of(db, e->campaign_id, LEDGER_HELD, nobody) - due.due;
    e->done = 0;
    return rest > 0 && ledger_release(db, e->now,
                                      task_entry(e->campaign_id, (struct task_answer_id){ 0 }, 0,
                                                 S("clock"), nobody),
                                      rest);
}

static bool run_while_full(struct errand *e, bool (*run)(struct sql *, void *), struct fault *fault)
{
    do
        if (sql_submit_wait(e->office->store, run, e, fault) == SQL_UNAVAILABLE)
            return false;
    while (e->done == BATCH);
    return true;
}

/* --- Judging ---------------------------------------------------------------------------------- */

static void weigh(struct sql *db, struct errand *e, struct task_mind *mind,
                  struct task_judged *judged)
{
    struct task_weighed answers;
    struct task_answers_weighed_row *rows;
    answers.count = task_answers_weighed(
        db, (struct task_answers_weighed){ e->campaign_id, judged->task_item_id }, &rows);
    answers.rows = rows;
    task_mind_weigh(mind, e->arena, judged, &answers);
}

/* A new mind learns from all answers there are. */
static bool learn(struct sql *db, struct errand *e, struct task_mind *mind)
{
    struct task_item_id after = { 0 };
    struct task_items_in_state_row *rows;
    size_t count;
    while ((count = task_items_in_state(db,
                                        (struct task_items_in_state){ .campaign_id = e->campaign_id,
                                                                      .task_item_id = after,
                                                                      .item_state = S(""),
                                                                      .limit = BATCH },
                                        &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            if (rows[i].given > 0)
                weigh(db, e, mind,
                      &(struct task_judged){ .task_item_id = rows[i].task_item_id,
                                             .is_control = rows[i].is_control,
                                             .known_answer = rows[i].known_answer,
                                             .given = rows[i].given,
                                             .wanted = rows[i].wanted });
        after = rows[count - 1].task_item_id;
    }
    return !sql_failed(db);
}

static struct task_mind *mind_of(struct sql *db, struct errand *e, struct fault *fault)
{
    struct task_rules_get_row rules;
    struct task_mind *mind = task_minds_find(e->office->minds, e->campaign_id);
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
    task_minds_add(e->office->minds, mind);
    return mind;
}

/* Items that were answered since, and those that their workers' other answers have settled. */
static void judge_items(struct sql *db, struct errand *e, struct task_mind *mind)
{
    struct task_items_to_judge_row *rows;
    size_t count =
        task_items_to_judge(db, (struct task_items_to_judge){ e->campaign_id, { 0 } }, &rows);
    e->done = count;
    e->judged = arena_new(e->arena, struct task_judged, count + CHANGED_MAX);
    e->judged_count = count;
    for (size_t i = 0; i < count; i++) {
        e->judged[i] = (struct task_judged){ .task_item_id = rows[i].task_item_id,
                                             .is_control = rows[i].is_control,
                                             .known_answer = rows[i].known_answer,
                                             .given = rows[i].given,
                                             .wanted = rows[i].wanted,
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
        *judged = (struct task_judged){
            .task_item_id = id, .given = item.given, .wanted = item.wanted, .bucket = item.bucket
        };
        weigh(db, e, mind, judged);
    }
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

static void keep_item(struct sql *db, struct errand *e, struct task_judged *judged)
{
    if (judged->is_control) {
        task_item_judged(
            db, (struct task_item_judged){ judged->given, e->campaign_id, judged->task_item_id });
        return;
    }
    struct str state = judged->item_state;
    bool more = judged->more && e->state == CAMPAIGN_OPEN;
    if (more && !ledger_hold(db, e->now,
                             task_entry(e->campaign_id, (struct task_answer_id){ 0 },
                                        judged->bucket, S("clock"), (struct person_id){ 0 }),
                             e->price)) {
        more = false; /* the budget is used up */
        state = S("undecided");
    }
    int64_t kept = task_item_judge(db, (struct task_item_judge){
                                           .item_state = state,
                                           .answer = judged->answer,
                                           .caption = judged->caption,
                                           .confidence = judged->confidence,
                                           .need = (int64_t)(judged->need * 1000000),
                                           .settled_at = str_equal(state, S("open")) ? 0 : e->now,
                                           .judged = judged->given,
                                           .more = more,
                                           .campaign_id = e->campaign_id,
                                           .task_item_id = judged->task_item_id,
                                           .wanted = judged->wanted,
                                       });
    if (kept == 0) { /* it was set aside, or asked for again meanwhile */
        if (more) {
            bool released =
                ledger_release(db, e->now,
                               task_entry(e->campaign_id, (struct task_answer_id){ 0 },
                                          judged->bucket, S("clock"), (struct person_id){ 0 }),
                               e->price);
            check(released || sql_failed(db));
        }
        task_item_judged(
            db, (struct task_item_judged){ judged->given, e->campaign_id, judged->task_item_id });
    }
}

static void keep_worker(struct sql *db, const struct errand *e, const struct task_rated *rated)
{
    task_worker_rate(db, (struct task_worker_rate){ .quality = rated->quality,
                                                    .quality_low = rated->low,
                                                    .quality_high = rated->high,
                                                    .campaign_id = e->campaign_id,
                                                    .person_id = rated->person_id });
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

static bool keep(struct sql *db, void *context)
{
    struct errand *e = context;
    if (!job_lease_holds(db, e->lease))
        return false;
    for (size_t i = 0; i < e->judged_count; i++)
        keep_item(db, e, &e->judged[i]);
    task_tell_settled(db, e->now, e->campaign_id, e->judged, e->judged_count);
    for (size_t i = 0; i < e->rated_count; i++)
        keep_worker(db, e, &e->rated[i]);
    return true;
}

static bool judge_once(struct errand *e, struct fault *fault)
{
    struct sql *db = sql_read_begin(e->office->store, e->arena, fault);
    if (db == NULL)
        return false;
    struct task_mind *mind = mind_of(db, e, fault);
    e->judged_count = e->rated_count = e->done = 0;
    if (mind != NULL) {
        judge_items(db, e, mind);
        rate_workers(e, mind);
    }
    bool ok = sql_read_end(e->office->store, db) && fault->kind == FAULT_NONE;
    enum sql_outcome outcome = SQL_KEPT;
    if (ok && e->judged_count + e->rated_count > 0)
        outcome = sql_submit_wait(e->office->store, keep, e, fault);
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
    bool ok = db != NULL;
    if (ok) {
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
    return ok;
}
