/* Money: amounts, and a campaign's ledger.
 *
 * An amount is a whole number of the smallest units of its currency, never a fraction. The ledger
 * is double-entry and append-only: an entry says what happened and why; its transfers each take
 * from one account what they give to another, so the sum over all accounts is always 0. Nothing is
 * changed later; a mistake is answered by an entry that reverses it. Balances are derived from the
 * transfers (ledger_rebuild), and kept because they decide: no account but `outside` is ever below
 * 0.
 *
 *     outside ──deposit──> budget ──hold──> held ──earn──> earned ──ask──> payout ──pay──> paid
 *             <─withdraw──        <─release─    ──fee──> fees    <─decline,─       <─return─
 *
 * Where many act at once (budget, held, fees) a balance is spread over slots (docs/decisions/0020).
 */
#pragma once
#include "base/buf.h"
#include "commons/event/event.h"
#include "ids.h"
#include "platform/sql/sql.h"

/* --- Amounts: pure ---------------------------------------------------------------------------- */

struct money {
    int64_t minor;       /* cents of EUR, yen of JPY, fils of KWD */
    struct str currency; /* ISO 4217, "EUR" */
};

/* The most that is ever in one account, entered or typed: ten million million euros. */
#define MONEY_MINOR_MAX INT64_C(1000000000000000)

/* Whether it is a currency people are paid in (ISO 4217, upper case). */
bool currency_known(struct str currency);
/* Digits behind the point: JPY 0, EUR 2, KWD 3; 2 for one that is not known. */
int currency_digits(struct str currency);
/* The n-th currency, for forms; "" behind the last. */
struct str currency_at(size_t n);

/* Reads what people type: "5", "0.05", "0,05", "1,234.50", "1.234,50", "1 234.50", with the
   currency before or behind it if it is this one. A last separator with one to three digits behind
   it that could mean either is refused, as are fractions of a minor unit, signs, and more than
   MONEY_MINOR_MAX. False with a sentence that says what to do. */
bool money_parse(struct arena *arena, struct str typed, struct str currency, struct money *amount,
                 struct str *problem);
/* "1234.50 EUR", whatever the place. */
struct str money_text(struct arena *arena, struct money amount);
/* "1234.50": for files and form fields. */
struct str money_number(struct arena *arena, struct money amount);

/* False when the currencies differ or the result would not fit; nothing is written then. */
[[nodiscard]] bool money_add(struct money a, struct money b, struct money *sum);
[[nodiscard]] bool money_subtract(struct money a, struct money b, struct money *rest);
[[nodiscard]] bool money_times(struct money a, int64_t times, struct money *product);
/* A share in hundredths of a percent, rounded half away from zero: 250 is 2.5 %. */
[[nodiscard]] bool money_share(struct money a, int64_t basis_points, struct money *share);

/* --- The ledger of a campaign ----------------------------------------------------------------- */

enum ledger_account {
    LEDGER_OUTSIDE, /* where deposits come from; the only one that owes */
    LEDGER_BUDGET,  /* to be spent */
    LEDGER_HELD,    /* set aside for what was asked for or given, and is not accepted yet */
    LEDGER_EARNED,  /* a person's: accepted, not asked for */
    LEDGER_PAYOUT,  /* a person's: asked for, on its way */
    LEDGER_PAID,    /* a person's: paid */
    LEDGER_FEES,    /* kept by the house */
};
enum { LEDGER_ACCOUNT_COUNT = LEDGER_FEES + 1 };
enum { LEDGER_SLOTS = 64, LEDGER_TRANSFERS_MAX = 64 };

struct str ledger_account_name(enum ledger_account account); /* "held" */
/* False for a name that is none of them. */
bool ledger_account_from_name(struct str name, enum ledger_account *account);

/* What an entry is. */
struct ledger_entry {
    struct campaign_id campaign_id;
    struct ledger_entry_id ledger_entry_id; /* 0: one is made */
    const char *kind; /* "earn"; payouts have "ask", "unask", "decline", "pay" and "return" for
                         themselves */
    int64_t about_id; /* what it is about (an answer, a lease, a payout), or 0 */
    struct str actor; /* a role: "owner", "manager", "participant", "clock" */
    struct person_id person_id; /* who did it, or 0 */
    struct str reason;
    struct ledger_entry_id reverses_id; /* set by ledger_reverse */
    struct person_id held_for; /* by ledger_hold, release, earn and fee: what is held stands in this
                                  person's own account `held`; 0: in the campaign's */
    int64_t slot_key; /* chooses the slot of budget, held and fees; 0: about_id. What was held under
                         a key is best released or earned under the same. */
};

struct ledger_transfer {
    enum ledger_account from;
    struct person_id from_person; /* of earned, payout and paid; of held if one likes; else 0 */
    enum ledger_account to;
    struct person_id to_person;
    int64_t minor; /* 1 … MONEY_MINOR_MAX, in the campaign's currency */
};

/* Gives a campaign its ledger; the currency is chosen once. False when it has one in another. */
[[nodiscard]] bool ledger_open(struct sql *db, int64_t now, struct campaign_id campaign_id,
                               struct str currency);
/* The currency of a campaign; false when it has no ledger. */
bool ledger_currency(struct sql *db, struct campaign_id campaign_id, struct str *currency);

/* Keeps an entry with 1 to LEDGER_TRANSFERS_MAX transfers and moves the balances, in the caller's
   transaction. False, and nothing has changed, when an account would go below 0 (there is not
   enough), when deposits would exceed MONEY_MINOR_MAX, when the campaign has no ledger, or what the
   entry reverses or pays was reversed or paid before. A failed database gives false too
   (sql_failed). Writes one row for each account it touches where there is enough in the slots. */
[[nodiscard]] bool ledger_post(struct sql *db, int64_t now, struct ledger_entry entry,
                               const struct ledger_transfer *transfers, size_t count);

/* Several entries of one campaign at once, each with one transfer: all or none, as ledger_post.
   What they move is added up first, so a hundred answers paid from one slot move it once. None
   reverses or pays. A command that keeps several entries does so here: balances move in the same
   order for everybody, so that no two commands wait for each other. */
struct ledger_posting {
    struct ledger_entry entry; /* with its kind */
    struct ledger_transfer transfer;
};
[[nodiscard]] bool ledger_post_all(struct sql *db, int64_t now,
                                   const struct ledger_posting *postings, size_t count);

/* The usual entries; kinds "deposit", "withdraw", "hold", "release", "earn", "fee" unless
   entry.kind says otherwise. As ledger_post. */
[[nodiscard]] bool ledger_deposit(struct sql *db, int64_t now, struct ledger_entry entry,
                                  int64_t minor); /* outside → budget */
[[nodiscard]] bool ledger_withdraw(struct sql *db, int64_t now, struct ledger_entry entry,
                                   int64_t minor); /* budget → outside */
[[nodiscard]] bool ledger_hold(struct sql *db, int64_t now, struct ledger_entry entry,
                               int64_t minor); /* budget → held */
[[nodiscard]] bool ledger_release(struct sql *db, int64_t now, struct ledger_entry entry,
                                  int64_t minor); /* held → budget */
[[nodiscard]] bool ledger_earn(struct sql *db, int64_t now, struct ledger_entry entry,
                               struct person_id earner, int64_t minor); /* held → earned */
[[nodiscard]] bool ledger_fee(struct sql *db, int64_t now, struct ledger_entry entry,
                              int64_t minor); /* held → fees */

/* Reverses an entry by one with the opposite transfers: kind "reverse" unless entry.kind says
   otherwise, about what it reverses unless entry.about_id is set. False as ledger_post, and when
   there is no such entry or it is itself a reversal. */
[[nodiscard]] bool ledger_reverse(struct sql *db, int64_t now, struct ledger_entry entry,
                                  struct ledger_entry_id reversed);
/* The newest entry of a kind about something that stands, for it to be reversed; value 0: none. */
struct ledger_entry_id ledger_standing(struct sql *db, struct campaign_id campaign_id,
                                       const char *kind, int64_t about_id);

/* What is in an account, in minor units; `person_id` 0 for those of the campaign. */
int64_t ledger_balance_of(struct sql *db, struct campaign_id campaign_id,
                          enum ledger_account account, struct person_id person_id);
/* All accounts of a campaign, those of people added up. */
struct ledger_totals {
    int64_t minor[LEDGER_ACCOUNT_COUNT];
};
struct ledger_totals ledger_totals(struct sql *db, struct campaign_id campaign_id);

/* --- Proof ------------------------------------------------------------------------------------ */

/* Recomputes a campaign's balances from its transfers and puts right those that differ; returns how
   many did. One that would be below 0 stays as it is. */
int64_t ledger_rebuild(struct sql *db, struct campaign_id campaign_id);

struct ledger_proof {
    int64_t campaigns, entries, transfers; /* that were looked at */
    int64_t findings;
};
/* Proves all ledgers: balances are what the transfers say, add up to 0 and are not below it, each
   reversal is the opposite of what it reverses, each payout stands where its state says, and
   batches hold what their lines say. Appends a line for each thing that is not so. */
struct ledger_proof ledger_prove(struct sql *db, struct buf *out);
/* Job, nightly: the same; fails, and logs "ledger.differs", when there are findings. Context: the
   store. */
bool ledger_job(void *store, int64_t now, struct fault *fault);

/* --- Listeners (app/wiring.c) ----------------------------------------------------------------- */

/* Tells a person of a bonus, and of a payout that was paid, declined or came back. Context: the
   site. */
void money_tell_person(struct sql *db, void *context, int64_t now, const struct event *event);
/* Forgets where a person wanted to be paid. Books stay: entries, and the lines that banks were
   given. */
void money_erase_person(struct sql *db, struct person_id person_id);
