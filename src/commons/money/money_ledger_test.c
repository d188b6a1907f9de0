/* The ledger, entry by entry, and with many at once. */
#include "base/id.h"
#include "money_testing.h"

/* --- Slots ------------------------------------------------------------------------------------ */

static void slots_are_chosen_evenly(void **state)
{
    (void)state;
    int hits[LEDGER_SLOTS] = { 0 };
    for (int64_t i = 0; i < 16000; i++)
        hits[ledger_slot(LEDGER_HELD, (struct person_id){ 0 },
                         id_make(1700000000000000 + i * 50))]++;
    for (int i = 0; i < LEDGER_SLOTS; i++)
        assert_true(hits[i] > 125 && hits[i] < 375); /* 250 each */
    assert_int_equal(ledger_slot(LEDGER_HELD, ann, 12345), 0);
}

static void a_slot_with_too_little_takes_from_the_others(void **state)
{
    (void)state;
    int64_t balance[LEDGER_SLOTS] = { 3, 10, 8 }, change[LEDGER_SLOTS];
    assert_true(slots_draw(balance, 0, 5, change));
    assert_int_equal(change[1], -5); /* half of the fullest, though 2 would do */
    assert_int_equal(change[0], 0);
    assert_true(slots_draw(balance, 0, 21, change));
    for (int i = 0; i < LEDGER_SLOTS; i++)
        assert_int_equal(balance[i] + change[i], 0);
    assert_false(slots_draw(balance, 0, 22, change));
}

static void what_comes_from_outside_is_laid_into_all_slots(void **state)
{
    (void)state;
    int64_t share[LEDGER_SLOTS], sum = 0;
    slots_spread(1000, 7, share);
    for (int i = 0; i < LEDGER_SLOTS; i++)
        sum += share[i];
    assert_int_equal(sum, 1000);
    assert_int_equal(share[0], 15);
    assert_int_equal(share[7], 55);
}

/* --- Entries ---------------------------------------------------------------------------------- */

static bool one_answer(struct sql *db, void *context)
{
    struct person_id none = { 0 };
    (void)context;
    assert_false(ledger_deposit(db, now, entry(0), 10000)); /* there is no ledger yet */
    assert_false(ledger_open(db, now, campaign, S("XXX")));
    assert_true(ledger_open(db, now, campaign, S("EUR")));
    assert_true(ledger_open(db, now, campaign, S("EUR")));
    assert_false(ledger_open(db, now, campaign, S("USD")));
    assert_true(ledger_deposit(db, now, entry(0), 10000));
    assert_true(ledger_hold(db, now, entry(900), 5));
    assert_balance(db, LEDGER_BUDGET, none, 9995);
    assert_balance(db, LEDGER_HELD, none, 5);
    assert_false(ledger_earn(db, now, entry(900), ann, 6));
    assert_true(ledger_earn(db, now, entry(900), ann, 5));
    assert_balance(db, LEDGER_HELD, none, 0);
    assert_balance(db, LEDGER_EARNED, ann, 5);
    assert_balance(db, LEDGER_EARNED, ben, 0);
    assert_balance(db, LEDGER_OUTSIDE, none, -10000);
    return !sql_failed(db);
}

static void an_answer_is_held_and_earned(void **state)
{
    must(trial_of(state), SQL_KEPT, one_answer, NULL);
}

static bool all_is_held(struct sql *db, void *context)
{
    (void)context;
    assert_true(ledger_open(db, now, campaign, S("EUR")));
    assert_true(ledger_deposit(db, now, entry(0), 1003));
    int64_t held = 0;
    while (ledger_hold(db, now, entry(1000 + held), 5))
        held++;
    assert_int_equal(held, 200);
    assert_true(ledger_hold(db, now, entry(5000), 3));
    assert_false(ledger_hold(db, now, entry(5001), 1));
    assert_balance(db, LEDGER_BUDGET, (struct person_id){ 0 }, 0);
    assert_balance(db, LEDGER_HELD, (struct person_id){ 0 }, 1003);
    assert_true(ledger_release(db, now, entry(5002), 1003)); /* of all slots at once */
    assert_balance(db, LEDGER_BUDGET, (struct person_id){ 0 }, 1003);
    return !sql_failed(db);
}

static void a_budget_is_spent_to_the_last_cent_and_no_further(void **state)
{
    must(trial_of(state), SQL_KEPT, all_is_held, NULL);
}

static bool refusals(struct sql *db, void *context)
{
    (void)context;
    assert_true(ledger_open(db, now, campaign, S("EUR")));
    assert_true(ledger_deposit(db, now, entry(0), 100));
    assert_true(ledger_hold(db, now, entry(1), 10));
    /* the first transfer alone would do, the second would not */
    const struct ledger_transfer transfers[] = {
        { .from = LEDGER_BUDGET, .to = LEDGER_FEES, .minor = 90 },
        { .from = LEDGER_HELD, .to = LEDGER_EARNED, .to_person = ann, .minor = 11 },
    };
    struct ledger_entry both = entry(1);
    both.kind = "both";
    assert_false(ledger_post(db, now, both, transfers, 2));
    assert_balance(db, LEDGER_BUDGET, (struct person_id){ 0 }, 90);
    assert_balance(db, LEDGER_HELD, (struct person_id){ 0 }, 10);
    assert_balance(db, LEDGER_FEES, (struct person_id){ 0 }, 0);
    assert_int_equal(ledger_standing(db, campaign, "both", 1).value, 0);
    assert_false(ledger_deposit(db, now, entry(0), MONEY_MINOR_MAX - 99));
    assert_true(ledger_deposit(db, now, entry(0), MONEY_MINOR_MAX - 100));
    assert_false(ledger_hold(db, now, entry(2), 0));
    assert_false(ledger_hold(db, now, entry(2), -5));
    assert_false(ledger_deposit(db, now, entry(2), MONEY_MINOR_MAX + 1));
    return !sql_failed(db);
}

static void what_is_refused_changes_nothing(void **state)
{
    must(trial_of(state), SQL_KEPT, refusals, NULL);
}

static struct ledger_posting posting(const char *kind, int64_t about,
                                     struct ledger_transfer transfer)
{
    struct ledger_posting posting = { entry(about), transfer };
    posting.entry.kind = kind;
    return posting;
}

static bool together(struct sql *db, void *context)
{
    (void)context;
    assert_true(ledger_open(db, now, campaign, S("EUR")));
    assert_true(ledger_deposit(db, now, entry(0), 100));
    assert_true(ledger_hold(db, now, entry(1), 10));
    /* What the second gives back the third takes; neither would do alone. */
    struct ledger_posting postings[] = {
        posting("earn", 1,
                (struct ledger_transfer){
                    .from = LEDGER_HELD, .to = LEDGER_EARNED, .to_person = ann, .minor = 4 }),
        posting("release", 2,
                (struct ledger_transfer){ .from = LEDGER_HELD, .to = LEDGER_BUDGET, .minor = 6 }),
        posting("hold", 3,
                (struct ledger_transfer){ .from = LEDGER_BUDGET, .to = LEDGER_HELD, .minor = 96 }),
    };
    assert_true(ledger_post_all(db, now, postings, 3));
    assert_true(ledger_post_all(db, now, postings, 0));
    assert_balance(db, LEDGER_BUDGET, (struct person_id){ 0 }, 0);
    assert_balance(db, LEDGER_HELD, (struct person_id){ 0 }, 96);
    assert_balance(db, LEDGER_EARNED, ann, 4);
    assert_true(ledger_standing(db, campaign, "earn", 1).value != 0);
    assert_true(ledger_standing(db, campaign, "hold", 3).value != 0);
    /* The last has too little, so none is kept. */
    postings[0].transfer.minor = 1;
    postings[1].transfer.minor = 1;
    assert_false(ledger_post_all(db, now, postings, 3));
    assert_balance(db, LEDGER_BUDGET, (struct person_id){ 0 }, 0);
    assert_balance(db, LEDGER_HELD, (struct person_id){ 0 }, 96);
    assert_balance(db, LEDGER_EARNED, ann, 4);
    assert_int_equal(ledger_rebuild(db, campaign), 0);
    return !sql_failed(db);
}

static void several_entries_are_kept_together_or_not_at_all(void **state)
{
    must(trial_of(state), SQL_KEPT, together, NULL);
}

static bool reversals(struct sql *db, void *context)
{
    (void)context;
    assert_true(ledger_open(db, now, campaign, S("EUR")));
    assert_true(ledger_deposit(db, now, entry(0), 100));
    assert_true(ledger_hold(db, now, entry(1), 10));
    assert_true(ledger_earn(db, now, entry(1), ann, 10));
    struct ledger_entry_id earned = ledger_standing(db, campaign, "earn", 1);
    assert_true(earned.value != 0);
    assert_false(ledger_reverse(db, now, entry(0), (struct ledger_entry_id){ 12345 }));
    assert_true(ledger_reverse(db, now, entry(0), earned));
    assert_balance(db, LEDGER_EARNED, ann, 0);
    assert_balance(db, LEDGER_HELD, (struct person_id){ 0 }, 10);
    assert_false(ledger_reverse(db, now, entry(0), earned));
    assert_int_equal(ledger_standing(db, campaign, "earn", 1).value, 0);
    struct ledger_entry_id reversal = { id_make(now) };
    assert_true(ledger_earn(db, now, entry(1), ann, 10));
    struct ledger_entry again = entry(0);
    again.ledger_entry_id = reversal;
    assert_true(ledger_reverse(db, now, again, ledger_standing(db, campaign, "earn", 1)));
    assert_false(ledger_reverse(db, now, entry(0), reversal)); /* what was reversed is done anew */
    assert_balance(db, LEDGER_HELD, (struct person_id){ 0 }, 10);
    return !sql_failed(db);
}

static void an_entry_is_reversed_once(void **state)
{
    must(trial_of(state), SQL_KEPT, reversals, NULL);
}

/* --- Many at once ----------------------------------------------------------------------------- */

enum { ASKING = 400, THERE = 300, PRICE = 5 };

static bool open_with_budget(struct sql *db, void *context)
{
    (void)context;
    return ledger_open(db, now, campaign, S("EUR")) &&
           ledger_deposit(db, now, entry(0), (int64_t)THERE * PRICE);
}

static bool hold_one(struct sql *db, void *context)
{
    return ledger_hold(db, now, entry(*(int64_t *)context), PRICE);
}

static bool all_is_spent(struct sql *db, void *context)
{
    (void)context;
    assert_balance(db, LEDGER_BUDGET, (struct person_id){ 0 }, 0);
    assert_balance(db, LEDGER_HELD, (struct person_id){ 0 }, (int64_t)THERE * PRICE);
    assert_int_equal(ledger_rebuild(db, campaign), 0);
    return true;
}

static void a_budget_for_300_takes_300_of_400_that_ask_at_once(void **state)
{
    struct trial *t = trial_of(state);
    static struct pending asking[ASKING];
    struct crowd crowd;
    must(t, SQL_KEPT, open_with_budget, NULL);
    crowd_init(&crowd);
    for (int i = 0; i < ASKING; i++)
        crowd_submit(&crowd, t, &asking[i], hold_one, 9000 + i);
    crowd_wait(&crowd, ASKING);
    assert_int_equal(crowd.unavailable, 0);
    assert_int_equal(crowd.kept, THERE);
    assert_int_equal(crowd.dropped, ASKING - THERE);
    must(t, SQL_KEPT, all_is_spent, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_chosen_evenly),
        cmocka_unit_test(a_slot_with_too_little_takes_from_the_others),
        cmocka_unit_test(what_comes_from_outside_is_laid_into_all_slots),
        ON_BOTH(an_answer_is_held_and_earned),
        ON_BOTH(a_budget_is_spent_to_the_last_cent_and_no_further),
        ON_BOTH(what_is_refused_changes_nothing),
        ON_BOTH(several_entries_are_kept_together_or_not_at_all),
        ON_BOTH(an_entry_is_reversed_once),
        ON_BOTH(a_budget_for_300_takes_300_of_400_that_ask_at_once),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
