/* What the files of this room share. */
#pragma once
#include "commons/money/money.h"
#include "money.sql.h"

/* --- Accounts: pure (money_rules.c) ----------------------------------------------------------- */

/* Whether there is one for each person, and none of the campaign's. */
bool account_is_personal(enum ledger_account account);
/* Whether the campaign's own balance is spread over slots. */
bool account_is_spread(enum ledger_account account);
/* The least it may hold. */
int64_t account_least(enum ledger_account account);
/* The slot of an account that a key chooses; 0 where it has only that: what belongs to one person.
 */
int ledger_slot(enum ledger_account account, struct person_id person_id, int64_t key);

/* How an amount that comes in from outside is laid into the slots: alike, the rest into one's own.
 */
void slots_spread(int64_t amount, int own, int64_t share[LEDGER_SLOTS]);
/* How an amount is taken when one's own slot has too little: the fullest others give half of what
   they have, or what is lacking, so that it is long until the next time. False when all together
   have too little. */
bool slots_draw(const int64_t balance[LEDGER_SLOTS], int own, int64_t amount,
                int64_t change[LEDGER_SLOTS]);

/* What an entry does to each account, all of its transfers taken together. */
struct ledger_moves {
    struct ledger_move {
        enum ledger_account account;
        struct person_id person_id;
        int64_t change;
    } items[2 * LEDGER_TRANSFERS_MAX];
    size_t count;
};
struct ledger_moves ledger_moves(const struct ledger_transfer *transfers, size_t count);
