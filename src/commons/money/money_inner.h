/* What the files of this room share. */
#pragma once
#include "commons/campaign/campaign.h"
#include "commons/money/money.h"
#include "money.sql.h"
#include "money_routes.h"

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

/* What entries do to each balance. `items` has room for two moves a transfer. */
struct ledger_moves {
    struct ledger_move {
        enum ledger_account account;
        struct person_id person_id;
        int slot;
        int64_t change;
    } * items;
    size_t count;
};
void ledger_moves_add(struct ledger_moves *moves, const struct ledger_transfer *transfer,
                      int64_t slot_key);
/* All moves of a balance taken together, in the order of accounts, people and slots. */
void ledger_moves_settle(struct ledger_moves *moves);

/* --- Banks: pure (money_bank.c) --------------------------------------------------------------- */

/* Reads an IBAN with or without spaces: form, length by country, check digits. False with a
   sentence of what is wrong. */
bool iban_read(struct arena *arena, struct str typed, struct str *iban, struct str *problem);
struct str iban_masked(struct arena *arena, struct str iban); /* "DE … 3000" */
/* Reads a BIC, or none. */
bool bic_read(struct arena *arena, struct str typed, struct str *bic);
/* What banks carry of a text (EPC217-08): Latin letters without marks, digits and / - ? : ( ) . , '
   + space; a point for anything else. At most `size_max` characters. */
struct str sepa_text(struct arena *arena, struct str text, size_t size_max);

/* --- Files for the bank (money_sepa.c) -------------------------------------------------------- */

struct sepa_party {
    struct str holder, iban, bic; /* bic may be empty */
};
struct sepa_batch {
    struct str id; /* at most 35 characters */
    int64_t made_at;
    struct sepa_party payer;
    struct str purpose; /* what stands on the statement */
    struct str currency;
    struct sepa_line {
        struct sepa_party payee;
        struct str id; /* end to end */
        int64_t minor;
    } * lines;
    size_t count;
};
/* An ISO 20022 credit transfer, pain.001.001.09. */
struct str sepa_xml(struct arena *arena, const struct sepa_batch *batch);
struct str sepa_csv(struct arena *arena, const struct sepa_batch *batch);

/* --- Pages ------------------------------------------------------------------------------------ */

/* What an entry's kind means: "Paid in"; the kind itself where this room does not know it. */
struct str entry_label(struct str kind);
struct money_amount_view amount_view(struct arena *arena, int64_t minor, struct str currency);

/* Whose approval a batch takes: two different people's. */
enum { PAYOUT_APPROVALS = 2 };
/* Whether an entry of this kind was entered by hand, and may be taken back so. */
bool entry_is_by_hand(struct str kind);
/* Reads an account's number and bank; reports problems at "iban" and "bic". */
bool account_typed(struct request *r, struct str iban_typed, struct str bic_typed, struct str *iban,
                   struct str *bic);
