/* Entries are kept and balances moved. */
#include "money_inner.h"

#include "base/check.h"
#include "base/id.h"

/* --- The ledger ------------------------------------------------------------------------------- */

static void add(struct sql *db, struct campaign_id campaign_id, const struct ledger_move *move,
                int slot, int64_t amount)
{
    ledger_balance_add(db,
                       (struct ledger_balance_add){ .campaign_id = campaign_id,
                                                    .account = ledger_account_name(move->account),
                                                    .person_id = move->person_id,
                                                    .slot = slot,
                                                    .amount = amount });
}

/* The campaign's own accounts are there from the start, so that moving them only ever updates. */
bool ledger_open(struct sql *db, int64_t now, struct campaign_id campaign_id, struct str currency)
{
    struct ledger_insert row = { .campaign_id = campaign_id,
                                 .currency = currency,
                                 .created_at = now };
    struct str kept;
    if (!currency_known(currency))
        return false;
    if (ledger_insert(db, row) == 0)
        return ledger_currency(db, campaign_id, &kept) && str_equal(kept, currency);
    for (int a = 0; a < LEDGER_ACCOUNT_COUNT; a++) {
        enum ledger_account account = (enum ledger_account)a;
        if (account_is_personal(account))
            continue;
        struct ledger_move move = { .account = account };
        for (int slot = 0; slot < (account_is_spread(account) ? LEDGER_SLOTS : 1); slot++)
            add(db, campaign_id, &move, slot, 0);
    }
    return !sql_failed(db);
}

bool ledger_currency(struct sql *db, struct campaign_id campaign_id, struct str *currency)
{
    struct ledger_get_row row;
    if (!ledger_get(db, (struct ledger_get){ campaign_id }, &row))
        return false;
    *currency = row.currency;
    return true;
}

int64_t ledger_balance_of(struct sql *db, struct campaign_id campaign_id,
                          enum ledger_account account, struct person_id person_id)
{
    struct ledger_balance_sum_row row = { 0 };
    ledger_balance_sum(db,
                       (struct ledger_balance_sum){ .campaign_id = campaign_id,
                                                    .account = ledger_account_name(account),
                                                    .person_id = person_id },
                       &row);
    return row.total;
}

struct ledger_totals ledger_totals(struct sql *db, struct campaign_id campaign_id)
{
    struct ledger_totals totals = { 0 };
    struct ledger_balance_totals_row *rows;
    size_t count = ledger_balance_totals(db, (struct ledger_balance_totals){ campaign_id }, &rows);
    for (size_t i = 0; i < count; i++) {
        enum ledger_account account;
        if (ledger_account_from_name(rows[i].account, &account))
            totals.minor[account] = rows[i].total;
    }
    return totals;
}

/* --- Moving balances -------------------------------------------------------------------------- */

static bool take(struct sql *db, struct campaign_id campaign_id, const struct ledger_move *move,
                 int slot, int64_t amount)
{
    return ledger_balance_take(db, (struct ledger_balance_take){
                                       .campaign_id = campaign_id,
                                       .account = ledger_account_name(move->account),
                                       .person_id = move->person_id,
                                       .slot = slot,
                                       .amount = amount,
                                       .balance_min = account_least(move->account) }) == 1;
}

/* One's own slot has too little: the others help out. */
static bool draw(struct sql *db, struct campaign_id campaign_id, const struct ledger_move *move,
                 int own)
{
    struct ledger_balance_slots key = { .campaign_id = campaign_id,
                                        .account = ledger_account_name(move->account),
                                        .person_id = move->person_id };
    struct ledger_balance_slots_row *rows;
    size_t count = ledger_balance_slots(db, key, &rows);
    int64_t balance[LEDGER_SLOTS] = { 0 }, change[LEDGER_SLOTS];
    for (size_t i = 0; i < count; i++)
        if (rows[i].slot >= 0 && rows[i].slot < LEDGER_SLOTS)
            balance[rows[i].slot] = rows[i].balance;
    if (!slots_draw(balance, own, -move->change, change))
        return false;
    for (int slot = 0; slot < LEDGER_SLOTS; slot++) {
        if (change[slot] > 0)
            add(db, campaign_id, move, slot, change[slot]);
        else if (change[slot] < 0 && !take(db, campaign_id, move, slot, -change[slot]))
            sql_run_again(
                db); /* it was there a moment ago: a guarded command sees others' doings */
    }
    return !sql_failed(db);
}

static bool debit(struct sql *db, struct campaign_id campaign_id, const struct ledger_move *move)
{
    if (take(db, campaign_id, move, move->slot, -move->change))
        return true;
    return account_is_spread(move->account) && move->person_id.value == 0 && !sql_failed(db) &&
           draw(db, campaign_id, move, move->slot);
}

static void credit(struct sql *db, struct campaign_id campaign_id, const struct ledger_move *move,
                   bool is_spread)
{
    int64_t share[LEDGER_SLOTS];
    if (!is_spread || !account_is_spread(move->account) || move->person_id.value != 0) {
        add(db, campaign_id, move, move->slot, move->change);
        return;
    }
    slots_spread(move->change, move->slot, share);
    for (int slot = 0; slot < LEDGER_SLOTS; slot++)
        if (share[slot] > 0)
            add(db, campaign_id, move, slot, share[slot]);
}

/* Moves the balances back. */
static void undo(struct sql *db, struct campaign_id campaign_id, const struct ledger_moves *moves,
                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ledger_move back = moves->items[i];
        back.change = -back.change;
        if (back.change > 0)
            credit(db, campaign_id, &back, false);
        else if (back.change < 0 && !debit(db, campaign_id, &back))
            sql_run_again(db); /* it was put there a moment ago */
    }
}

/* All or nothing, in the order of the moves, which is the same for everybody: two who each wanted
   what the other has just moved would wait for each other. */
static bool move_all(struct sql *db, struct campaign_id campaign_id,
                     const struct ledger_moves *moves)
{
    bool is_spread =
        moves->count > 0 && moves->items[0].account == LEDGER_OUTSIDE && moves->items[0].change < 0;
    for (size_t i = 0; i < moves->count; i++) {
        const struct ledger_move *move = &moves->items[i];
        if (move->change > 0) {
            credit(db, campaign_id, move, is_spread);
        } else if (move->change < 0 && !debit(db, campaign_id, move)) {
            undo(db, campaign_id, moves, i);
            return false;
        }
    }
    return !sql_failed(db);
}

/* --- Entries ---------------------------------------------------------------------------------- */

/* False when what it reverses or pays was reversed or paid before. */
static bool keep_head(struct sql *db, int64_t now, const struct ledger_entry *entry)
{
    struct ledger_entry_insert_once row = { .campaign_id = entry->campaign_id,
                                            .ledger_entry_id = entry->ledger_entry_id,
                                            .entry_kind = str_from(entry->kind),
                                            .concerns = entry->about_id,
                                            .actor = entry->actor,
                                            .person_id = entry->person_id,
                                            .entry_reason = entry->reason,
                                            .reverses_id = entry->reverses_id,
                                            .made_at = now };
    if (entry->reverses_id.value != 0 || str_equal(row.entry_kind, S("pay")))
        return ledger_entry_insert_once(db, row) > 0;
    ledger_entry_insert(db, (struct ledger_entry_insert){ .campaign_id = row.campaign_id,
                                                          .ledger_entry_id = row.ledger_entry_id,
                                                          .entry_kind = row.entry_kind,
                                                          .concerns = row.concerns,
                                                          .actor = row.actor,
                                                          .person_id = row.person_id,
                                                          .entry_reason = row.entry_reason,
                                                          .made_at = now });
    return true;
}

static bool keep_entry(struct sql *db, int64_t now, struct ledger_entry entry,
                       const struct ledger_transfer *transfers, size_t count)
{
    if (entry.ledger_entry_id.value == 0)
        entry.ledger_entry_id.value = id_make(now);
    if (!keep_head(db, now, &entry))
        return false;
    for (size_t i = 0; i < count; i++)
        ledger_transfer_insert(db, (struct ledger_transfer_insert){
                                       .campaign_id = entry.campaign_id,
                                       .ledger_entry_id = entry.ledger_entry_id,
                                       .line = (int64_t)i,
                                       .from_account = ledger_account_name(transfers[i].from),
                                       .from_person = transfers[i].from_person,
                                       .to_account = ledger_account_name(transfers[i].to),
                                       .to_person = transfers[i].to_person,
                                       .amount = transfers[i].minor });
    return true;
}

static int64_t slot_key(const struct ledger_entry *entry)
{
    return entry->slot_key != 0 ? entry->slot_key : entry->about_id;
}

bool ledger_post(struct sql *db, int64_t now, struct ledger_entry entry,
                 const struct ledger_transfer *transfers, size_t count)
{
    struct ledger_move room[2 * LEDGER_TRANSFERS_MAX];
    struct ledger_moves moves = { .items = room };
    check(count > 0 && count <= LEDGER_TRANSFERS_MAX && entry.kind != NULL);
    for (size_t i = 0; i < count; i++)
        ledger_moves_add(&moves, &transfers[i], slot_key(&entry));
    ledger_moves_settle(&moves);
    if (!move_all(db, entry.campaign_id, &moves))
        return false;
    if (!keep_entry(db, now, entry, transfers, count)) {
        undo(db, entry.campaign_id, &moves, moves.count);
        return false;
    }
    return !sql_failed(db);
}

bool ledger_post_all(struct sql *db, int64_t now, const struct ledger_posting *postings,
                     size_t count)
{
    struct ledger_moves moves = { .items =
                                      arena_new(sql_arena(db), struct ledger_move, 2 * count) };
    for (size_t i = 0; i < count; i++) {
        const struct ledger_entry *entry = &postings[i].entry;
        check(entry->kind != NULL && entry->reverses_id.value == 0 &&
              entry->campaign_id.value == postings[0].entry.campaign_id.value);
        ledger_moves_add(&moves, &postings[i].transfer, slot_key(entry));
    }
    ledger_moves_settle(&moves);
    if (count > 0 && !move_all(db, postings[0].entry.campaign_id, &moves))
        return false;
    for (size_t i = 0; i < count; i++)
        check(keep_entry(db, now, postings[i].entry, &postings[i].transfer, 1));
    return !sql_failed(db);
}

static bool post_one(struct sql *db, int64_t now, struct ledger_entry entry, const char *kind,
                     struct ledger_transfer transfer)
{
    if (transfer.minor <= 0 || transfer.minor > MONEY_MINOR_MAX)
        return false;
    if (entry.kind == NULL)
        entry.kind = kind;
    return ledger_post(db, now, entry, &transfer, 1);
}

bool ledger_deposit(struct sql *db, int64_t now, struct ledger_entry entry, int64_t minor)
{
    return post_one(
        db, now, entry, "deposit",
        (struct ledger_transfer){ .from = LEDGER_OUTSIDE, .to = LEDGER_BUDGET, .minor = minor });
}

bool ledger_withdraw(struct sql *db, int64_t now, struct ledger_entry entry, int64_t minor)
{
    return post_one(
        db, now, entry, "withdraw",
        (struct ledger_transfer){ .from = LEDGER_BUDGET, .to = LEDGER_OUTSIDE, .minor = minor });
}

bool ledger_hold(struct sql *db, int64_t now, struct ledger_entry entry, int64_t minor)
{
    return post_one(db, now, entry, "hold",
                    (struct ledger_transfer){ .from = LEDGER_BUDGET,
                                              .to = LEDGER_HELD,
                                              .to_person = entry.held_for,
                                              .minor = minor });
}

bool ledger_release(struct sql *db, int64_t now, struct ledger_entry entry, int64_t minor)
{
    return post_one(db, now, entry, "release",
                    (struct ledger_transfer){ .from = LEDGER_HELD,
                                              .from_person = entry.held_for,
                                              .to = LEDGER_BUDGET,
                                              .minor = minor });
}

bool ledger_earn(struct sql *db, int64_t now, struct ledger_entry entry, struct person_id earner,
                 int64_t minor)
{
    return post_one(db, now, entry, "earn",
                    (struct ledger_transfer){ .from = LEDGER_HELD,
                                              .from_person = entry.held_for,
                                              .to = LEDGER_EARNED,
                                              .to_person = earner,
                                              .minor = minor });
}

bool ledger_fee(struct sql *db, int64_t now, struct ledger_entry entry, int64_t minor)
{
    return post_one(db, now, entry, "fee",
                    (struct ledger_transfer){ .from = LEDGER_HELD,
                                              .from_person = entry.held_for,
                                              .to = LEDGER_FEES,
                                              .minor = minor });
}

bool ledger_reverse(struct sql *db, int64_t now, struct ledger_entry entry,
                    struct ledger_entry_id reversed)
{
    struct ledger_entry_get_row before;
    struct ledger_transfers_of_row *rows;
    struct ledger_transfer transfers[LEDGER_TRANSFERS_MAX];
    if (!ledger_entry_get(db, (struct ledger_entry_get){ entry.campaign_id, reversed }, &before) ||
        before.reverses_id.value != 0)
        return false;
    size_t count =
        ledger_transfers_of(db, (struct ledger_transfers_of){ entry.campaign_id, reversed }, &rows);
    for (size_t i = 0; i < count; i++) {
        transfers[i] = (struct ledger_transfer){ .from_person = rows[i].to_person,
                                                 .to_person = rows[i].from_person,
                                                 .minor = rows[i].amount };
        if (!ledger_account_from_name(rows[i].to_account, &transfers[i].from) ||
            !ledger_account_from_name(rows[i].from_account, &transfers[i].to))
            return false;
    }
    entry.reverses_id = reversed;
    if (entry.kind == NULL)
        entry.kind = "reverse";
    if (entry.about_id == 0)
        entry.about_id = before.concerns;
    return count > 0 && ledger_post(db, now, entry, transfers, count);
}

struct ledger_entry_id ledger_standing(struct sql *db, struct campaign_id campaign_id,
                                       const char *kind, int64_t about_id)
{
    struct ledger_entry_standing_row row = { 0 };
    ledger_entry_standing(db,
                          (struct ledger_entry_standing){ .campaign_id = campaign_id,
                                                          .concerns = about_id,
                                                          .entry_kind = str_from(kind) },
                          &row);
    return row.ledger_entry_id;
}
