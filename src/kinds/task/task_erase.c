/* Somebody leaves: what is theirs goes, what an organisation has bought stays without them.
 *
 * An answer that was accepted has passed to the organisation; it stays, and its price stands in the
 * books. All others are erased with what was said about them, unpaid: what their prices were held
 * for is free again, and their items are judged anew from what is left. A text of theirs that
 * somebody else picked goes from the pick as well, which stays paid.
 */
#include "task_fair.h"

#include "base/arena.h"
#include "base/check.h"
#include "commons/record/record.h"
#include "commons/webhook/webhook.h"

/* One campaign that somebody leaves. */
struct leaving {
    struct sql *db;
    int64_t now;
    struct campaign_id campaign_id;
    struct person_id person_id;
    struct task_rules_get_row rules;
    struct ledger_posting *postings;
    size_t posting_count;
    int64_t given_erased; /* answers that count no more as given */
};

static void post_later(struct leaving *l, const char *kind,
                       const struct task_answers_leaving_row *row, struct ledger_transfer transfer)
{
    struct ledger_posting *posting = &l->postings[l->posting_count++];
    *posting = (struct ledger_posting){
        .entry = task_entry(l->campaign_id, row->task_answer_id, row->bucket, S("clock"),
                            (struct person_id){ 0 }),
        .transfer = transfer,
    };
    posting->entry.kind = kind;
}

/* Whether the price still stands in `held`: nobody accepted, nor is it too late for an appeal. */
static bool is_held(const struct leaving *l, const struct task_answers_leaving_row *row)
{
    return str_equal(row->answer_state, S("given")) ||
           str_equal(row->answer_state, S("appealed")) ||
           (str_equal(row->answer_state, S("rejected")) && row->accept_at > l->now);
}

/* The item has an answer less. Where the price is what it was, what was held for this answer is
   held for the next one; else the job that judges the item sees to its money. */
static bool goes_on_wanting(const struct leaving *l, const struct task_answers_leaving_row *row)
{
    return str_equal(row->item_state, S("open")) && !row->is_control &&
           row->price == l->rules.price;
}

static void erase_one(struct leaving *l, const struct task_answers_leaving_row *row)
{
    bool was_given = str_equal(row->answer_state, S("given"));
    bool again = was_given && goes_on_wanting(l, row);
    l->given_erased += was_given;
    task_answer_erase(l->db, (struct task_answer_erase){
                                 .to_state = was_given ? S("erased")
                                             : str_equal(row->answer_state, S("appealed"))
                                                 ? S("upheld")
                                                 : row->answer_state,
                                 .accept_at = row->accept_at < l->now ? row->accept_at : l->now,
                                 .campaign_id = l->campaign_id,
                                 .task_answer_id = row->task_answer_id });
    if (was_given)
        task_item_lose(l->db, (struct task_item_lose){ .more = again,
                                                       .answer = row->answer,
                                                       .caption = row->caption,
                                                       .campaign_id = l->campaign_id,
                                                       .task_item_id = row->task_item_id });
    if (l->rules.judges)
        task_picks_erase(l->db, (struct task_picks_erase){ l->campaign_id, row->task_item_id,
                                                           row->task_answer_id });
    if (is_held(l, row) && !again)
        post_later(l, "release", row,
                   (struct ledger_transfer){
                       .from = LEDGER_HELD, .to = LEDGER_BUDGET, .minor = row->price });
}

/* Other programs were told of items that have their answer, in somebody's words. */
static void take_back_news(struct leaving *l, const struct task_answers_leaving_row *rows,
                           size_t count)
{
    struct webhook_words *gone = arena_new(sql_arena(l->db), struct webhook_words, 2 * count);
    int64_t since = l->now;
    for (size_t i = 0; i < count; i++) {
        int64_t id = rows[i].task_item_id.value;
        gone[2 * i] = (struct webhook_words){ id, "answer", rows[i].answer };
        gone[2 * i + 1] = (struct webhook_words){ id, "caption", rows[i].caption };
        since = rows[i].given_at < since ? rows[i].given_at : since;
    }
    webhook_forget(l->db, l->campaign_id, TASK_NEWS_SETTLED, since, gone, 2 * count);
}

/* What was not accepted; how many there were. What was learnt from them is learnt anew from what is
   left. */
static size_t erase_answers(struct leaving *l)
{
    struct task_answers_leaving_row *rows;
    size_t count, total = 0;
    while ((count = task_answers_leaving(
                l->db, (struct task_answers_leaving){ l->campaign_id, l->person_id }, &rows)) > 0) {
        l->postings = arena_new(sql_arena(l->db), struct ledger_posting, count);
        l->posting_count = 0;
        take_back_news(l, rows, count);
        for (size_t i = 0; i < count; i++)
            erase_one(l, &rows[i]);
        bool moved = ledger_post_all(l->db, l->now, l->postings, l->posting_count);
        check(moved || sql_failed(l->db)); /* it was held all the time */
        total += count;
    }
    return total;
}

static void leave(struct leaving *l)
{
    task_try_forget(l->db, (struct task_try_forget){ l->campaign_id, l->person_id });
    task_test_forget(l->db, (struct task_test_forget){ l->campaign_id, l->person_id });
    if (!task_rules_get(l->db, (struct task_rules_get){ l->campaign_id }, &l->rules) ||
        erase_answers(l) == 0)
        return;
    task_worker_loses(l->db,
                      (struct task_worker_loses){ l->given_erased, l->campaign_id, l->person_id });
    struct task_corrected_last_row last = { 0 };
    task_corrected_last(l->db, (struct task_corrected_last){ l->campaign_id }, &last);
    task_correction_insert(
        l->db, (struct task_correction_insert){
                   .campaign_id = l->campaign_id,
                   .corrected_at = last.corrected_at < l->now ? l->now : last.corrected_at + 1 });
    record_append(l->db, &(struct record_news){ .campaign_id = l->campaign_id,
                                                .now = l->now,
                                                .actor = S("participant"),
                                                .action = "words.erased" });
}

void task_erase_person(struct sql *db, int64_t now, struct person_id person_id)
{
    struct campaign_id after = { 0 };
    struct campaign_ids_row *rows;
    size_t count;
    task_news_delete(db, (struct task_news_delete){ person_id });
    task_letter_delete(db, (struct task_letter_delete){ person_id });
    task_skills_forget(db, (struct task_skills_forget){ person_id });
    while ((count = campaign_ids(db, (struct campaign_ids){ after }, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            leave(&(struct leaving){
                .db = db, .now = now, .campaign_id = rows[i].campaign_id, .person_id = person_id });
        after = rows[count - 1].campaign_id;
    }
}
