#include "platform/sql/sql_testing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "money_inner.h"
#include "sift/chance/chance.h"

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

static void currencies_are_those_of_iso_4217(void **state)
{
    (void)state;
    static const char *const unknown[] = { "",    "E",    "EU",  "eur", "XXX",
                                           "XAU", "EUR ", "ED ", "D A", "EURO" };
    size_t count = 0, by_digits[4] = { 0 };
    for (; currency_at(count).size > 0; count++) {
        assert_true(currency_known(currency_at(count)));
        by_digits[currency_digits(currency_at(count))]++;
        if (count > 0)
            assert_true(str_compare(currency_at(count - 1), currency_at(count)) < 0);
    }
    assert_int_equal(count, 152);
    assert_int_equal(by_digits[0], 16);
    assert_int_equal(by_digits[3], 7);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_false(currency_known(str_from(unknown[i])));
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

/* Whatever is typed: what is taken is a whole number of minor units within bounds, and what it is
   shown as is read as the same. */
static void what_was_taken_is_what_is_shown(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0",    "1", "9", "12",     "123", "000",
                                          "1234", ".", ",", " ",      "'",   "\u00a0",
                                          "EUR",  "-", "e", "\u0660", "5" };
    static const char *const known[] = { "EUR", "JPY", "KWD" };
    struct chance dice = { 11 };
    int taken = 0;
    for (int i = 0; i < 300000; i++) {
        arena_reset(arena);
        struct buf typed = { .arena = arena };
        for (uint64_t n = chance_bits(&dice) % 9; n > 0; n--)
            buf_add(&typed, str_from(pieces[chance_bits(&dice) % 17]));
        struct str currency = str_from(known[i % 3]), problem = S("");
        struct money amount = { -1, S("") }, again;
        if (!money_parse(arena, buf_str(&typed), currency, &amount, &problem)) {
            assert_true(problem.size > 0 && amount.minor == -1);
            continue;
        }
        taken++;
        assert_true(amount.minor >= 0 && amount.minor <= MONEY_MINOR_MAX);
        assert_true(money_parse(arena, money_text(arena, amount), currency, &again, &problem));
        assert_int_equal(again.minor, amount.minor);
    }
    assert_true(taken > 10000 && taken < 200000);
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

/* --- Anything that may happen, in any order ----------------------------------------------------
 */

/* What the ledger should hold, kept as simply as can be. Person 0 is the campaign itself. */
enum { PEOPLE = 6, RECENT = 64, PAYOUTS = 64, STEPS_AT_ONCE = 250 };

struct model {
    struct chance dice;
    int64_t balance[LEDGER_ACCOUNT_COUNT][PEOPLE + 1];
    struct made {
        struct ledger_entry_id id;
        struct ledger_transfer transfer;
        bool is_reversed;
    } recent[RECENT]; /* entries that may be reversed, the last ones */
    size_t made_count;
    struct asked {
        int64_t id, amount;
        int person; /* 0: free */
        bool is_paid;
    } payouts[PAYOUTS];
    int64_t steps, refused, ids;
};

static uint64_t below(struct chance *dice, uint64_t count)
{
    return chance_bits(dice) % count;
}

static struct person_id person(int n)
{
    return (struct person_id){ n == 0 ? 0 : 500 + n };
}

static int number(struct person_id person_id)
{
    return person_id.value == 0 ? 0 : (int)person_id.value - 500;
}

static int64_t *in_model(struct model *m, enum ledger_account account, struct person_id of)
{
    return &m->balance[account][number(of)];
}

/* Moves the model's money; false, and nothing moves, when it would not be there. */
static bool model_move(struct model *m, const struct ledger_transfer *t)
{
    int64_t *from = in_model(m, t->from, t->from_person);
    if (*from - t->minor < account_least(t->from))
        return false;
    *from -= t->minor;
    *in_model(m, t->to, t->to_person) += t->minor;
    return true;
}

static struct ledger_entry next_entry(struct model *m, const char *kind)
{
    m->ids += 7;
    return (struct ledger_entry){ .campaign_id = campaign,
                                  .ledger_entry_id = { m->ids },
                                  .kind = kind,
                                  .about_id = (int64_t)(chance_uniform(&m->dice) * 1e12) + 1,
                                  .actor = S("clock") };
}

static void agree(struct model *m, bool expected, bool got)
{
    assert_int_equal(got, expected);
    m->refused += !expected;
}

static void do_transfer(struct sql *db, struct model *m, const char *kind,
                        struct ledger_transfer transfer)
{
    struct ledger_entry made = next_entry(m, kind);
    bool expected = model_move(m, &transfer);
    agree(m, expected, ledger_post(db, now, made, &transfer, 1));
    if (expected)
        m->recent[m->made_count++ % RECENT] =
            (struct made){ made.ledger_entry_id, transfer, false };
}

static void do_reverse(struct sql *db, struct model *m)
{
    struct made *made = &m->recent[below(&m->dice, RECENT)];
    if (made->id.value == 0)
        return;
    struct ledger_transfer back = { .from = made->transfer.to,
                                    .from_person = made->transfer.to_person,
                                    .to = made->transfer.from,
                                    .to_person = made->transfer.from_person,
                                    .minor = made->transfer.minor };
    bool expected = !made->is_reversed && model_move(m, &back);
    agree(m, expected, ledger_reverse(db, now, next_entry(m, "reverse"), made->id));
    made->is_reversed |= expected;
}

static void do_ask(struct sql *db, struct model *m, int who, int64_t amount)
{
    struct asked *payout = &m->payouts[below(&m->dice, PAYOUTS)];
    if (payout->person != 0)
        return;
    struct ledger_transfer transfer = { .from = LEDGER_EARNED,
                                        .from_person = person(who),
                                        .to = LEDGER_PAYOUT,
                                        .to_person = person(who),
                                        .minor = amount };
    struct ledger_entry made = next_entry(m, "ask");
    bool expected = model_move(m, &transfer);
    made.about_id = m->ids;
    agree(m, expected, ledger_post(db, now, made, &transfer, 1));
    if (!expected)
        return;
    *payout = (struct asked){ .id = m->ids, .amount = amount, .person = who };
    payout_insert(db, (struct payout_insert){ .campaign_id = campaign,
                                              .payout_id = { m->ids },
                                              .person_id = person(who),
                                              .amount = amount,
                                              .requested_at = now });
}

static void settle(struct sql *db, const struct asked *payout, struct str from, struct str to)
{
    struct payout_settle change = { .campaign_id = campaign,
                                    .payout_id = { payout->id },
                                    .payout_state = to,
                                    .settled_at = now,
                                    .from_state = from };
    assert_int_equal(payout_settle(db, change), 1);
}

static bool reverse_standing(struct sql *db, struct model *m, const char *kind, int64_t payout)
{
    struct ledger_entry made = next_entry(m, "return");
    made.about_id = 0;
    return ledger_reverse(db, now, made, ledger_standing(db, campaign, kind, payout));
}

/* Pays a payout, or tries to a second time; then perhaps the bank returns it, or it is declined. */
static void do_payout(struct sql *db, struct model *m)
{
    struct asked *payout = &m->payouts[below(&m->dice, PAYOUTS)];
    if (payout->person == 0)
        return;
    struct person_id who = person(payout->person);
    bool is_returned = below(&m->dice, 2) == 0;
    if (is_returned) {
        if (payout->is_paid) {
            *in_model(m, LEDGER_PAID, who) -= payout->amount;
            *in_model(m, LEDGER_PAYOUT, who) += payout->amount;
            assert_true(reverse_standing(db, m, "pay", payout->id));
        }
        *in_model(m, LEDGER_PAYOUT, who) -= payout->amount;
        *in_model(m, LEDGER_EARNED, who) += payout->amount;
        assert_true(reverse_standing(db, m, "ask", payout->id));
        assert_false(reverse_standing(db, m, "ask", payout->id));
        settle(db, payout, payout->is_paid ? S("paid") : S("requested"), S("returned"));
        *payout = (struct asked){ 0 };
        return;
    }
    struct ledger_transfer transfer = { .from = LEDGER_PAYOUT,
                                        .from_person = who,
                                        .to = LEDGER_PAID,
                                        .to_person = who,
                                        .minor = payout->amount };
    struct ledger_entry made = next_entry(m, "pay");
    made.about_id = payout->id;
    bool expected = !payout->is_paid && model_move(m, &transfer);
    agree(m, expected, ledger_post(db, now, made, &transfer, 1));
    if (expected)
        settle(db, payout, S("requested"), S("paid"));
    payout->is_paid = true;
}

static void one_step(struct sql *db, struct model *m)
{
    int who = 1 + (int)below(&m->dice, PEOPLE);
    int64_t amount = 1 + (int64_t)below(&m->dice, 40);
    struct person_id whose = person(below(&m->dice, 2) == 0 ? who : 0);
    m->steps++;
    switch (below(&m->dice, 14)) {
    case 0:
        do_transfer(db, m, "deposit",
                    (struct ledger_transfer){
                        .from = LEDGER_OUTSIDE, .to = LEDGER_BUDGET, .minor = amount * 4 });
        break;
    case 1:
        do_transfer(db, m, "withdraw",
                    (struct ledger_transfer){
                        .from = LEDGER_BUDGET, .to = LEDGER_OUTSIDE, .minor = amount });
        break;
    case 2: /* an answer is wanted, or given */
    case 3:
    case 4:
        do_transfer(
            db, m, "hold",
            (struct ledger_transfer){
                .from = LEDGER_BUDGET, .to = LEDGER_HELD, .to_person = whose, .minor = amount });
        break;
    case 5: /* rejected */
        do_transfer(
            db, m, "release",
            (struct ledger_transfer){
                .from = LEDGER_HELD, .from_person = whose, .to = LEDGER_BUDGET, .minor = amount });
        break;
    case 6: /* accepted */
    case 7:
        do_transfer(db, m, "earn",
                    (struct ledger_transfer){ .from = LEDGER_HELD,
                                              .from_person = whose,
                                              .to = LEDGER_EARNED,
                                              .to_person = person(who),
                                              .minor = amount });
        break;
    case 8: /* a rejection is overturned */
        do_transfer(db, m, "appeal",
                    (struct ledger_transfer){ .from = LEDGER_BUDGET,
                                              .to = LEDGER_EARNED,
                                              .to_person = person(who),
                                              .minor = amount });
        break;
    case 9:
        do_transfer(db, m, "fee",
                    (struct ledger_transfer){ .from = LEDGER_HELD,
                                              .from_person = whose,
                                              .to = LEDGER_FEES,
                                              .minor = 1 + amount / 20 });
        break;
    case 10:
        do_reverse(db, m);
        break;
    case 11:
        do_ask(db, m, who, amount);
        break;
    default:
        do_payout(db, m);
        break;
    }
}

static void assert_like_model(struct sql *db, struct model *m)
{
    int64_t sum = 0;
    for (int a = 0; a < LEDGER_ACCOUNT_COUNT; a++)
        for (int who = 0; who <= PEOPLE; who++) {
            int64_t kept = ledger_balance_of(db, campaign, (enum ledger_account)a, person(who));
            assert_int_equal(kept, m->balance[a][who]);
            assert_true(kept >= 0 || a == LEDGER_OUTSIDE);
            sum += kept;
        }
    assert_int_equal(sum, 0);
}

struct walk {
    struct model now, before; /* a command that runs again begins where it began */
    struct arena *arena;
};

static bool some_steps(struct sql *db, void *context)
{
    struct walk *walk = context;
    walk->now = walk->before;
    arena_reset(walk->arena);
    sql_use_arena(db, walk->arena);
    if (walk->now.steps == 0)
        assert_true(ledger_open(db, now, campaign, S("EUR")));
    for (int i = 0; i < STEPS_AT_ONCE; i++)
        one_step(db, &walk->now);
    assert_like_model(db, &walk->now);
    return !sql_failed(db);
}

static bool prove(struct sql *db, void *context)
{
    struct walk *walk = context;
    struct buf out = { .arena = walk->arena };
    sql_use_arena(db, walk->arena);
    struct ledger_proof proof = ledger_prove(db, &out);
    if (proof.findings > 0)
        fail_msg("%.*s", STR_ARG(buf_str(&out)));
    assert_int_equal(ledger_rebuild(db, campaign), 0);
    printf("            %lld steps, %lld refused, %lld entries\n", (long long)walk->now.steps,
           (long long)walk->now.refused, (long long)proof.entries);
    return true;
}

static bool rebuild_from_nothing(struct sql *db, void *context)
{
    struct walk *walk = context;
    sql_use_arena(db, walk->arena);
    for (int a = 0; a < LEDGER_ACCOUNT_COUNT; a++)
        for (int who = 0; who <= PEOPLE; who++)
            ledger_balance_clear(db, (struct ledger_balance_clear){
                                         .campaign_id = campaign,
                                         .account = ledger_account_name((enum ledger_account)a),
                                         .person_id = person(who) });
    assert_true(ledger_rebuild(db, campaign) > 5);
    assert_like_model(db, &walk->now);
    return true;
}

static void whatever_happens_balances_are_what_the_entries_say(void **state)
{
    struct trial *t = trial_of(state);
    static struct walk walk;
    const char *asked = getenv("MANYHANDS_LEDGER_STEPS");
    int64_t steps = t->kind == SQL_SQLITE ? 100000 : 10000;
    if (asked != NULL)
        str_to_int64(str_from(asked), &steps);
    walk = (struct walk){ .arena = arena_make() };
    walk.before.dice = (struct chance){ 20 };
    while (walk.before.steps < steps) {
        must(t, SQL_KEPT, some_steps, &walk);
        walk.before = walk.now;
    }
    assert_true(walk.now.refused > steps / 100 && walk.now.refused < steps / 2);
    must(t, SQL_KEPT, prove, &walk);
    must(t, SQL_KEPT, rebuild_from_nothing, &walk);
    must(t, SQL_KEPT, prove, &walk);
    arena_free(walk.arena);
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

/* --- Banks ------------------------------------------------------------------------------------ */

static void numbers_of_accounts_are_checked(void **state)
{
    (void)state;
    static const char *const right[] = { "DE89370400440532013000",
                                         "GB82WEST12345698765432",
                                         "NO9386011117947",
                                         "MT84MALT011000012345MTLCAST001S",
                                         "de89 3704 0044 0532 0130 00",
                                         "DE89-3704-0044-0532-0130-00",
                                         "DE89\u00a03704 0044 0532 0130 00" };
    static const char *const wrong[] = { "",
                                         "DE",
                                         "DE89370400440532013001",
                                         "DE8937040044053201300",
                                         "GB82WEST1234569876543Z",
                                         "ZZ89370400440532013000",
                                         "DE89370400440532O13000",
                                         "8937040044053201300012",
                                         "DE89370400440532013000DE89370400440532013000",
                                         "Ünïcödé" };
    struct str iban, problem;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        if (!iban_read(arena, str_from(right[i]), &iban, &problem))
            fail_msg("%s: %.*s", right[i], STR_ARG(problem));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (iban_read(arena, str_from(wrong[i]), &iban, &problem))
            fail_msg("%s was taken", wrong[i]);
    assert_true(str_equal(iban_masked(arena, S("DE89370400440532013000")), S("DE … 3000")));
}

static void every_single_mistyped_digit_is_noticed(void **state)
{
    (void)state;
    const struct str good = S("DE89370400440532013000");
    struct str iban, problem;
    for (size_t i = 2; i < good.size; i++)
        for (char digit = '0'; digit <= '9'; digit++) {
            char typed[32];
            memcpy(typed, good.data, good.size);
            typed[i] = digit;
            bool same = digit == good.data[i];
            assert_int_equal(iban_read(arena, (struct str){ typed, good.size }, &iban, &problem),
                             same);
        }
}

static void banks_have_eight_or_eleven_characters_or_are_not_named(void **state)
{
    (void)state;
    struct str bic;
    assert_true(bic_read(arena, S(""), &bic) && bic.size == 0);
    assert_true(bic_read(arena, S("cobadeff xxx"), &bic) && str_equal(bic, S("COBADEFFXXX")));
    assert_true(bic_read(arena, S("COBADEFF"), &bic));
    assert_false(bic_read(arena, S("COBADEF"), &bic));
    assert_false(bic_read(arena, S("C0BADEFF"), &bic));
    assert_false(bic_read(arena, S("COBADEFFXX"), &bic));
}

static void names_are_written_as_banks_carry_them(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "Änne Größer", "Anne Grosser" },
        { "Łukasz Żółć", "Lukasz Zolc" },
        { "Zoë <b>&amp;", "Zoe .b..amp." },
        { "O’Neill", "O'Neill" },
        { "Ærø Þór", "AEro THor" },
        { "ﬁne", "fine" },
        { "李", "." },
        { "  a  ", "a" },
        { "tab\there", "tab.here" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct str got = sepa_text(arena, str_from(pairs[i][0]), 70);
        if (!str_equal(got, str_from(pairs[i][1])))
            fail_msg("%s: \"%.*s\"", pairs[i][0], STR_ARG(got));
    }
    assert_int_equal(sepa_text(arena, S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 12).size, 12);
}

static void what_stands_in_a_file_is_escaped(void **state)
{
    (void)state;
    struct sepa_line line = { .payee = { S("Ann"), S("NO93"), S("<&\">") },
                              .id = S("a<b"),
                              .minor = 5 };
    struct sepa_batch batch = { .id = S("b"),
                                .payer = { S("Us"), S("DE"), S("") },
                                .purpose = S("p"),
                                .currency = S("EUR"),
                                .lines = &line,
                                .count = 1 };
    struct str file = sepa_xml(arena, &batch);
    assert_true(str_find(file, S("<BICFI>&lt;&amp;&quot;&gt;</BICFI>")) != SIZE_MAX);
    assert_true(str_find(file, S("<EndToEndId>a&lt;b</EndToEndId>")) != SIZE_MAX);
    assert_true(str_find(file, S("<InstdAmt Ccy=\"EUR\">0.05</InstdAmt>")) != SIZE_MAX);
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
        cmocka_unit_test(currencies_are_those_of_iso_4217),
        cmocka_unit_test(amounts_that_say_nothing_or_two_things_are_refused),
        cmocka_unit_test(what_is_shown_can_be_read),
        cmocka_unit_test(what_was_taken_is_what_is_shown),
        cmocka_unit_test(reckoning_that_would_not_fit_is_refused),
        cmocka_unit_test(slots_are_chosen_evenly),
        cmocka_unit_test(a_slot_with_too_little_takes_from_the_others),
        cmocka_unit_test(what_comes_from_outside_is_laid_into_all_slots),
        ON_BOTH(an_answer_is_held_and_earned),
        ON_BOTH(a_budget_is_spent_to_the_last_cent_and_no_further),
        ON_BOTH(what_is_refused_changes_nothing),
        ON_BOTH(several_entries_are_kept_together_or_not_at_all),
        ON_BOTH(an_entry_is_reversed_once),
        ON_BOTH(a_budget_for_300_takes_300_of_400_that_ask_at_once),
        ON_BOTH(whatever_happens_balances_are_what_the_entries_say),
        cmocka_unit_test(numbers_of_accounts_are_checked),
        cmocka_unit_test(every_single_mistyped_digit_is_noticed),
        cmocka_unit_test(banks_have_eight_or_eleven_characters_or_are_not_named),
        cmocka_unit_test(names_are_written_as_banks_carry_them),
        cmocka_unit_test(what_stands_in_a_file_is_escaped),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
