#include "platform/sql/sql_testing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "money_inner.h"

static struct arena *arena;
static const int64_t now = INT64_C(1700000000000000);
static const struct campaign_id campaign = { 77 };
static const struct person_id ann = { 501 }, ben = { 502 };

/* --- Amounts ---------------------------------------------------------------------------------- */

static struct str read_as(const char *typed, const char *currency)
{
    struct money amount;
    struct str problem = S("no problem");
    if (!money_parse(arena, str_from(typed), str_from(currency), &amount, &problem))
        return problem;
    return money_text(arena, amount);
}

static void assert_read(const char *typed, const char *currency, const char *expected)
{
    struct str got = read_as(typed, currency);
    if (!str_equal(got, str_from(expected)))
        fail_msg("\"%s\" in %s: expected \"%s\", got \"%.*s\"", typed, currency, expected,
                 STR_ARG(got));
}

static void amounts_are_read_as_people_write_them(void **state)
{
    (void)state;
    assert_read("5", "EUR", "5.00 EUR");
    assert_read("0.05", "EUR", "0.05 EUR");
    assert_read("0,05", "EUR", "0.05 EUR");
    assert_read(".5", "EUR", "0.50 EUR");
    assert_read(" 1,234.50 ", "EUR", "1234.50 EUR");
    assert_read("1.234,50", "EUR", "1234.50 EUR");
    assert_read("1 234,5", "EUR", "1234.50 EUR");
    assert_read("1\u202f234\u202f567,89", "EUR", "1234567.89 EUR");
    assert_read("1'234.50", "CHF", "1234.50 CHF");
    assert_read("1,234", "EUR", "1234.00 EUR");
    assert_read("1,234,567", "EUR", "1234567.00 EUR");
    assert_read("EUR 12", "EUR", "12.00 EUR");
    assert_read("12 eur", "EUR", "12.00 EUR");
    assert_read("1500", "JPY", "1500 JPY");
    assert_read("1,500", "JPY", "1500 JPY");
    assert_read("1.250", "KWD", "1.250 KWD");
    assert_read("0,125", "KWD", "0.125 KWD");
    assert_read("1,234.567", "KWD", "1234.567 KWD");
    assert_read("10000000000000", "EUR", "10000000000000.00 EUR");
}

static void amounts_that_say_nothing_or_two_things_are_refused(void **state)
{
    (void)state;
    static const char *const nothing[] = { "",       " ",         "EUR",    "five",  "-5",
                                           "+5",     "1e3",       "1..5",   "1,2,3", "1.",
                                           "5 5",    "12,34,567", "1.2.34", "5 USD", "0x10",
                                           "\u0665", "1,234 567" };
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        assert_read(nothing[i], "EUR", "Write an amount like 5.00.");
    assert_read("0.005", "EUR", "EUR has 2 digits behind the point, not more.");
    assert_read("0,234", "EUR", "EUR has 2 digits behind the point, not more.");
    assert_read("0.5", "JPY", "JPY has no smaller unit: write a whole number.");
    assert_read("1,234", "KWD",
                "This can be read in two ways. Write a point before the fraction, like 5.000, and "
                "nothing between thousands.");
    assert_read("10000000000000.01", "EUR", "That is too much: at most 10000000000000.00 EUR.");
    assert_read("99999999999999999999999999", "EUR",
                "That is too much: at most 10000000000000.00 EUR.");
}

static void what_is_shown_can_be_read(void **state)
{
    (void)state;
    static const int64_t values[] = { 0, 1, 9, 10, 99, 100, 999, 1000, 123456, MONEY_MINOR_MAX };
    struct str code, problem;
    for (size_t c = 0; (code = currency_at(c)).size > 0; c++)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            struct money amount;
            struct str text = money_text(arena, (struct money){ values[i], code });
            assert_true(money_parse(arena, text, code, &amount, &problem));
            assert_int_equal(amount.minor, values[i]);
        }
    assert_true(str_equal(money_number(arena, (struct money){ -5, S("EUR") }), S("-0.05")));
    assert_true(str_equal(money_number(arena, (struct money){ INT64_MIN, S("JPY") }),
                          S("-9223372036854775808")));
}

static void reckoning_that_would_not_fit_is_refused(void **state)
{
    (void)state;
    struct money most = { INT64_MAX, S("EUR") }, one = { 1, S("EUR") }, yen = { 1, S("JPY") }, out;
    assert_false(money_add(most, one, &out));
    assert_false(money_subtract((struct money){ INT64_MIN, S("EUR") }, one, &out));
    assert_false(money_times(most, 2, &out));
    assert_false(money_share(most, 2, &out));
    assert_false(money_add(one, yen, &out));
    assert_false(money_subtract(one, yen, &out));
    assert_true(money_add(one, one, &out) && out.minor == 2);
    assert_true(money_times((struct money){ 5, S("EUR") }, 3, &out) && out.minor == 15);
    assert_true(money_share((struct money){ 100, S("EUR") }, 250, &out) && out.minor == 3);
    assert_true(money_share((struct money){ -100, S("EUR") }, 250, &out) && out.minor == -3);
    assert_true(money_share((struct money){ 199, S("EUR") }, 2000, &out) && out.minor == 40);
}

/* --- Slots ------------------------------------------------------------------------------------ */

static void slots_are_chosen_evenly(void **state)
{
    (void)state;
    int hits[LEDGER_SLOTS] = { 0 };
    for (int64_t i = 0; i < 16000; i++)
        hits[ledger_slot(LEDGER_HELD, (struct person_id){ 0 },
                         id_make(1700000000000000 + i * 50))]++;
    for (int i = 0; i < LEDGER_SLOTS; i++)
        assert_true(hits[i] > 500 && hits[i] < 1500);
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
    assert_int_equal(share[0], 62);
    assert_int_equal(share[7], 70);
}

/* --- On a database ---------------------------------------------------------------------------- */

static int begin(void **state, int (*trial_begin)(void **))
{
    if (trial_begin == trial_begin_postgres && trial_postgres_url() == NULL)
        return 0;
    struct fault fault = { 0 };
    if (trial_begin(state) != 0)
        return 1;
    struct trial *t = *state;
    if (!sql_run_schema(t->store, str_from(sql_schema_text), &fault))
        fail_msg("%s", fault.detail);
    return 0;
}

static int begin_sqlite(void **state)
{
    return begin(state, trial_begin_sqlite);
}

static int begin_postgres(void **state)
{
    return begin(state, trial_begin_postgres);
}

static int end(void **state)
{
    return *state == NULL ? 0 : trial_end(state);
}

static struct trial *trial_of(void **state)
{
    if (*state == NULL)
        skip();
    return *state;
}

static struct ledger_entry entry(int64_t about)
{
    return (struct ledger_entry){ .campaign_id = campaign, .about_id = about, .actor = S("owner") };
}

static void assert_balance(struct sql *db, enum ledger_account account, struct person_id person,
                           int64_t expected)
{
    assert_int_equal(ledger_balance_of(db, campaign, account, person), expected);
}

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

/* --- All -------------------------------------------------------------------------------------- */

static int make_arena(void **state)
{
    (void)state;
    arena = arena_make();
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

#define ON_BOTH(test)                                                                              \
    { #test, test, begin_sqlite, end, NULL },                                                      \
    {                                                                                              \
        "postgres_" #test, test, begin_postgres, end, NULL                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_as_people_write_them),
        cmocka_unit_test(amounts_that_say_nothing_or_two_things_are_refused),
        cmocka_unit_test(what_is_shown_can_be_read),
        cmocka_unit_test(reckoning_that_would_not_fit_is_refused),
        cmocka_unit_test(slots_are_chosen_evenly),
        cmocka_unit_test(a_slot_with_too_little_takes_from_the_others),
        cmocka_unit_test(what_comes_from_outside_is_laid_into_all_slots),
        ON_BOTH(an_answer_is_held_and_earned),
        ON_BOTH(a_budget_is_spent_to_the_last_cent_and_no_further),
        ON_BOTH(what_is_refused_changes_nothing),
        ON_BOTH(an_entry_is_reversed_once),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
