/* Anything that may happen to a ledger, in any order, beside a model of it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "money_testing.h"
#include "sift/chance/chance.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(whatever_happens_balances_are_what_the_entries_say),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
