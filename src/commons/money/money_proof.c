/* Balances are proved and rebuilt from the transfers. */
#include "money_inner.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/id.h"
#include "base/log.h"

/* --- Rebuild ---------------------------------------------------------------------------------- */

static void keep_balance(struct sql *db, struct campaign_id campaign_id,
                         const struct ledger_wrong_row *row, enum ledger_account account)
{
    ledger_balance_clear(db, (struct ledger_balance_clear){ .campaign_id = campaign_id,
                                                            .account = row->account,
                                                            .person_id = row->person_id });
    int64_t share[LEDGER_SLOTS] = { row->truth };
    bool is_spread = account_is_spread(account) && row->person_id.value == 0;
    if (is_spread)
        slots_spread(row->truth, 0, share);
    for (int slot = 0; slot < (is_spread ? LEDGER_SLOTS : 1); slot++)
        ledger_balance_add(db, (struct ledger_balance_add){ .campaign_id = campaign_id,
                                                            .account = row->account,
                                                            .person_id = row->person_id,
                                                            .slot = slot,
                                                            .amount = share[slot] });
}

int64_t ledger_rebuild(struct sql *db, struct campaign_id campaign_id)
{
    enum { PAGE = 500 };
    int64_t wrong = 0;
    size_t count, mended;
    do {
        struct ledger_wrong_row *rows;
        count = ledger_wrong(db, (struct ledger_wrong){ campaign_id }, &rows);
        mended = 0;
        for (size_t i = 0; i < count; i++) {
            enum ledger_account account;
            if (!ledger_account_from_name(rows[i].account, &account) ||
                rows[i].truth < account_least(account))
                continue;
            keep_balance(db, campaign_id, &rows[i], account);
            mended++;
        }
        wrong += (int64_t)(mended > 0 ? mended : count);
    } while (count == PAGE && mended > 0);
    return wrong;
}

/* --- Proof ------------------------------------------------------------------------------------ */

/* What is being proved, and where findings go. */
struct proving {
    struct sql *db;
    struct buf *out;
    struct campaign_id campaign_id;
    struct ledger_proof *proof;
};

static void __attribute__((format(printf, 2, 3))) find(struct proving *p, const char *format, ...)
{
    va_list arguments;
    char line[400];
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    char id[ID_TEXT_SIZE + 1];
    id_print(p->campaign_id.value, id);
    if (p->campaign_id.value != 0)
        buf_printf(p->out, "campaign %s: ", id);
    buf_printf(p->out, "%s\n", line);
    p->proof->findings++;
}

static const char *shown(struct proving *p, int64_t id)
{
    return str_c(p->out->arena, id_text(p->out->arena, id));
}

/* "held", or "earned of 0…". */
static const char *account_shown(struct proving *p, struct str account, struct person_id person_id)
{
    if (person_id.value == 0)
        return str_c(p->out->arena, account);
    return str_c(p->out->arena, str_printf(p->out->arena, "%.*s of %s", STR_ARG(account),
                                           shown(p, person_id.value)));
}

static void prove_balances(struct proving *p)
{
    struct ledger_wrong_row *wrong;
    size_t count = ledger_wrong(p->db, (struct ledger_wrong){ p->campaign_id }, &wrong);
    for (size_t i = 0; i < count; i++)
        find(p, "%s: kept is %" PRId64 ", the transfers say %" PRId64,
             account_shown(p, wrong[i].account, wrong[i].person_id), wrong[i].kept, wrong[i].truth);
    struct ledger_owing_row *owing;
    count = ledger_owing(p->db, (struct ledger_owing){ p->campaign_id }, &owing);
    for (size_t i = 0; i < count; i++)
        find(p, "%s: the transfers leave %" PRId64 ", which is below 0",
             account_shown(p, owing[i].account, owing[i].person_id), owing[i].truth);
    struct ledger_negative_slots_row *negative;
    count =
        ledger_negative_slots(p->db, (struct ledger_negative_slots){ p->campaign_id }, &negative);
    for (size_t i = 0; i < count; i++)
        find(p, "%s: slot %" PRId64 " holds %" PRId64 ", which is below 0",
             account_shown(p, negative[i].account, negative[i].person_id), negative[i].slot,
             negative[i].balance);
    struct ledger_size_row size = { 0 };
    ledger_size(p->db, (struct ledger_size){ p->campaign_id }, &size);
    if (size.total != 0)
        find(p, "all balances add up to %" PRId64 ", not to 0", size.total);
    p->proof->entries += size.entry_count;
    p->proof->transfers += size.transfer_count;
}

static void prove_entries(struct proving *p)
{
    struct ledger_empty_entries_row *empty;
    size_t count =
        ledger_empty_entries(p->db, (struct ledger_empty_entries){ p->campaign_id }, &empty);
    for (size_t i = 0; i < count; i++)
        find(p, "entry %s has no transfers", shown(p, empty[i].ledger_entry_id.value));
    struct ledger_lost_transfers_row *lost;
    count = ledger_lost_transfers(p->db, (struct ledger_lost_transfers){ p->campaign_id }, &lost);
    for (size_t i = 0; i < count; i++)
        find(p, "transfers of entry %s, which is not there",
             shown(p, lost[i].ledger_entry_id.value));
    struct ledger_wrong_reversals_row *wrong;
    count =
        ledger_wrong_reversals(p->db, (struct ledger_wrong_reversals){ p->campaign_id }, &wrong);
    for (size_t i = 0; i < count; i++)
        find(p, "entry %s is not the opposite of what it reverses",
             shown(p, wrong[i].ledger_entry_id.value));
}

static void prove_payouts(struct proving *p)
{
    struct ledger_wrong_payouts_row *wrong;
    size_t count =
        ledger_wrong_payouts(p->db, (struct ledger_wrong_payouts){ p->campaign_id }, &wrong);
    for (size_t i = 0; i < count; i++)
        find(p,
             "payout %s of %" PRId64 " is %.*s, but %" PRId64 " of it is on its way and %" PRId64
             " is paid",
             shown(p, wrong[i].payout_id.value), wrong[i].amount, STR_ARG(wrong[i].payout_state),
             wrong[i].waiting, wrong[i].paid_out);
    struct ledger_lost_pays_row *lost;
    count = ledger_lost_pays(p->db, (struct ledger_lost_pays){ p->campaign_id }, &lost);
    for (size_t i = 0; i < count; i++)
        find(p, "entry %s pays a payout that is not there",
             shown(p, lost[i].ledger_entry_id.value));
}

static void prove_batches(struct proving *p)
{
    struct payout_wrong_lines_row *rows;
    size_t count = payout_wrong_lines(p->db, &rows);
    for (size_t i = 0; i < count; i++)
        find(p, "batch %s: the line of %s says %" PRId64 ", its payouts are %" PRId64,
             shown(p, rows[i].payout_batch_id.value), shown(p, rows[i].person_id.value),
             rows[i].amount, rows[i].truth);
}

struct ledger_proof ledger_prove(struct sql *db, struct buf *out)
{
    struct ledger_proof proof = { 0 };
    struct proving p = { .db = db, .out = out, .proof = &proof };
    struct ledger_campaigns_row *rows;
    struct campaign_id after = { 0 };
    size_t count;
    while ((count = ledger_campaigns(db, (struct ledger_campaigns){ after }, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            p.campaign_id = rows[i].campaign_id;
            prove_balances(&p);
            prove_entries(&p);
            prove_payouts(&p);
        }
        proof.campaigns += (int64_t)count;
        after = rows[count - 1].campaign_id;
    }
    p.campaign_id = (struct campaign_id){ 0 };
    prove_batches(&p);
    return proof;
}

bool ledger_job(void *store, int64_t now, struct fault *fault)
{
    (void)now;
    struct arena *arena = arena_make();
    struct buf out = { .arena = arena };
    struct sql *db = sql_read_begin(store, arena, fault);
    struct ledger_proof proof = { 0 };
    if (db != NULL)
        proof = ledger_prove(db, &out);
    bool ok = db != NULL;
    if (db != NULL && !sql_read_end(store, db))
        ok = fault_set(fault, FAULT_UNAVAILABLE, "the ledgers could not be read");
    if (ok && proof.findings > 0) {
        struct str rest = buf_str(&out);
        log_event(LOG_ERROR, "ledger.differs", LOG_INT("findings", proof.findings),
                  LOG_TEXT("first", str_cut(&rest, '\n')), LOG_END);
        ok = fault_set(fault, FAULT_BROKEN,
                       "%lld things in the ledgers do not hold; see `manyhands ledger check`",
                       (long long)proof.findings);
    }
    arena_free(arena);
    return ok;
}
