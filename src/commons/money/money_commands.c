/* What changes a campaign's money, and what a person asks for. */
#include "money_inner.h"

#include "base/id.h"
#include "commons/event/event.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "platform/config/config.h"
#include "platform/mail/mail.h"
#include "urls.h"

/* An entry made by whoever asks. */
static struct ledger_entry entry_by(struct request *r, const char *kind, int64_t about_id,
                                    struct str reason)
{
    return (struct ledger_entry){ .campaign_id = scope_of(r)->campaign_id,
                                  .kind = kind,
                                  .about_id = about_id,
                                  .actor = role_name(scope_of(r)->role),
                                  .person_id = me(r),
                                  .reason = reason };
}

static void tell(struct request *r, const char *event, struct person_id person_id, int64_t about)
{
    event_add(r->db, r->now, scope_of(r)->campaign_id, event, (struct subject_id){ 0 }, person_id,
              about == 0 ? S("") : id_text(r->arena, about));
}

/* --- A campaign's money ----------------------------------------------------------------------- */

struct reply money_open(struct request *r, const struct money_open_in *in)
{
    struct str currency = text_upper(r->arena, in->currency), kept;
    if (!currency_known(currency))
        problem(r, "currency", "Write a currency's three letters, like EUR or USD.");
    else if (ledger_currency(r->db, in->campaign_id, &kept) && !str_equal(kept, currency))
        problem(r, "currency", "This campaign's money is in %.*s, which stays so.", STR_ARG(kept));
    else if (!ledger_open(r->db, r->now, in->campaign_id, currency))
        problem(r, "currency", "The ledger could not be opened.");
    if (r->problems != NULL)
        return reply_problems(r);
    tell(r, "money.opened", me(r), 0);
    return money_open_done(r, url_money(r->arena, in->campaign_id), "The campaign has a ledger.");
}

/* What was typed as an amount above 0 of the campaign's currency; else `*refusal` says what is
   wrong. */
static bool amount_typed(struct request *r, struct str typed, struct money *amount,
                         struct reply *refusal)
{
    struct str currency, wrong;
    if (!ledger_currency(r->db, scope_of(r)->campaign_id, &currency)) {
        *refusal = reply_refused(r, 409, "no_ledger",
                                 "This campaign has no ledger. Choose its currency first.");
        return false;
    }
    if (!money_parse(r->arena, typed, currency, amount, &wrong))
        problem(r, "amount", "%.*s", STR_ARG(wrong));
    else if (amount->minor == 0)
        problem(r, "amount", "Write an amount above 0.");
    if (r->problems != NULL)
        *refusal = reply_problems(r);
    return r->problems == NULL;
}

static struct reply too_little(struct request *r, struct str currency)
{
    struct money there = { ledger_balance_of(r->db, scope_of(r)->campaign_id, LEDGER_BUDGET,
                                             (struct person_id){ 0 }),
                           currency };
    problem(r, "amount", "The budget holds %.*s.", STR_ARG(money_text(r->arena, there)));
    return reply_problems(r);
}

struct reply money_deposit(struct request *r, const struct money_deposit_in *in)
{
    struct money amount;
    struct reply refusal;
    if (!amount_typed(r, in->amount, &amount, &refusal))
        return refusal;
    if (!ledger_deposit(r->db, r->now, entry_by(r, "deposit", 0, in->reason), amount.minor)) {
        struct money most = { MONEY_MINOR_MAX, amount.currency };
        problem(r, "amount", "A ledger holds at most %.*s.", STR_ARG(money_text(r->arena, most)));
        return reply_problems(r);
    }
    tell(r, "money.deposited", me(r), 0);
    return money_deposit_done(r, url_money(r->arena, in->campaign_id), "Added to the budget.");
}

struct reply money_withdraw(struct request *r, const struct money_withdraw_in *in)
{
    struct money amount;
    struct reply refusal;
    if (!amount_typed(r, in->amount, &amount, &refusal))
        return refusal;
    if (!ledger_withdraw(r->db, r->now, entry_by(r, "withdraw", 0, in->reason), amount.minor))
        return too_little(r, amount.currency);
    tell(r, "money.withdrawn", me(r), 0);
    return money_withdraw_done(r, url_money(r->arena, in->campaign_id), "Taken out of the budget.");
}

struct reply money_bonus(struct request *r, const struct money_bonus_in *in)
{
    struct money amount;
    struct reply refusal;
    if (!amount_typed(r, in->amount, &amount, &refusal))
        return refusal;
    size_t at = str_find(in->email, S("@"));
    struct person_id person_id =
        people_of_address(r->db, r->now, in->email, str_slice(in->email, 0, at));
    if (person_id.value == me(r).value) {
        problem(r, "email", "Nobody gives a bonus to themselves; ask another of the team.");
        return reply_problems(r);
    }
    struct ledger_entry entry = entry_by(r, "bonus", person_id.value, in->reason);
    entry.ledger_entry_id.value = id_make(r->now);
    const struct ledger_transfer transfer = {
        .from = LEDGER_BUDGET, .to = LEDGER_EARNED, .to_person = person_id, .minor = amount.minor
    };
    if (!ledger_post(r->db, r->now, entry, &transfer, 1))
        return too_little(r, amount.currency);
    tell(r, "money.bonus", person_id, entry.ledger_entry_id.value);
    return money_bonus_done(r, url_money(r->arena, in->campaign_id), "Given, and told by e-mail.");
}

struct reply money_reverse(struct request *r, const struct money_reverse_in *in)
{
    struct ledger_entry_get_row row;
    if (!ledger_entry_get(r->db, (struct ledger_entry_get){ in->campaign_id, in->ledger_entry_id },
                          &row))
        return reply_not_found(r);
    if (!entry_is_by_hand(row.entry_kind))
        return reply_refused(r, 409, "not_by_hand",
                             "Only deposits, withdrawals and bonuses are taken back here.");
    if (!ledger_reverse(r->db, r->now, entry_by(r, "reverse", 0, in->reason), in->ledger_entry_id))
        return reply_refused(
            r, 409, "not_reversible",
            "It was taken back before, or what it brought has been spent or asked for.");
    tell(r, "money.reversed", me(r), in->ledger_entry_id.value);
    return money_reverse_done(r, url_money(r->arena, in->campaign_id), "Taken back.");
}

/* --- What a person asks for ------------------------------------------------------------------- */

bool account_typed(struct request *r, struct str iban_typed, struct str bic_typed, struct str *iban,
                   struct str *bic)
{
    struct str wrong;
    if (!iban_read(r->arena, iban_typed, iban, &wrong))
        problem(r, "iban", "%.*s", STR_ARG(wrong));
    if (!bic_read(r->arena, bic_typed, bic))
        problem(r, "bic", "A BIC has 8 or 11 letters and digits, like COBADEFFXXX.");
    return r->problems == NULL;
}

/* Somebody else might have changed where the money goes. */
static void tell_of_change(struct request *r, struct str iban)
{
    struct money_person_row person;
    if (!money_person(r->db, (struct money_person){ me(r) }, &person) || person.email.size == 0)
        return;
    struct str page =
        str_join(r->arena, r->site->config->server_public_url, url_earnings(r->arena).text);
    struct mail mail = {
        .to = person.email,
        .subject = S("Where you are paid has changed"),
        .text = str_printf(r->arena,
                           "What you earn is paid to %.*s from now on.\n\nIf you have not changed "
                           "that, change your password and look at it:\n%.*s\n",
                           STR_ARG(iban_masked(r->arena, iban)), STR_ARG(page)),
    };
    mail_queue(r->db, r->now, &mail);
}

struct reply payout_details_change(struct request *r, const struct payout_details_change_in *in)
{
    struct str iban, bic;
    struct payout_details_get_row before = { 0 };
    if (!account_typed(r, in->iban, in->bic, &iban, &bic))
        return reply_problems(r);
    payout_details_get(r->db, (struct payout_details_get){ me(r) }, &before);
    if (!str_equal(before.iban, iban))
        tell_of_change(r, iban);
    payout_details_set(r->db, (struct payout_details_set){ .person_id = me(r),
                                                           .holder = in->holder,
                                                           .iban = iban,
                                                           .bic = bic,
                                                           .changed_at = r->now });
    return payout_details_change_done(r, url_earnings(r->arena), "Kept.");
}

struct reply payout_ask(struct request *r, const struct payout_ask_in *in)
{
    struct str currency;
    struct payout_details_get_row details;
    int64_t amount = ledger_balance_of(r->db, in->campaign_id, LEDGER_EARNED, me(r));
    if (!ledger_currency(r->db, in->campaign_id, &currency) || amount == 0)
        return reply_refused(r, 409, "nothing_earned", "There is nothing to be paid yet.");
    if (!payout_details_get(r->db, (struct payout_details_get){ me(r) }, &details))
        return reply_refused(r, 409, "no_details",
                             "Tell us where to pay first, under your earnings.");
    struct payout_id payout_id = { id_make(r->now) };
    const struct ledger_transfer transfer = { .from = LEDGER_EARNED,
                                              .from_person = me(r),
                                              .to = LEDGER_PAYOUT,
                                              .to_person = me(r),
                                              .minor = amount };
    if (!ledger_post(r->db, r->now, entry_by(r, "ask", payout_id.value, S("")), &transfer, 1))
        return reply_refused(r, 409, "nothing_earned", "There is nothing to be paid yet.");
    payout_insert(r->db, (struct payout_insert){ .campaign_id = in->campaign_id,
                                                 .payout_id = payout_id,
                                                 .person_id = me(r),
                                                 .amount = amount,
                                                 .requested_at = r->now });
    tell(r, "payout.asked", me(r), payout_id.value);
    struct my_payout_view view = { .campaign_id = in->campaign_id,
                                   .payout_id = payout_id,
                                   .question = scope_of(r)->campaign.question,
                                   .amount = amount_view(r->arena, amount, currency),
                                   .state = S("requested"),
                                   .requested_at = r->now,
                                   .may_withdraw = true };
    return payout_ask_done(r, url_earnings(r->arena),
                           "Asked for. You are told by e-mail when it is paid.", &view);
}

/* Ends a request that is in no batch: its money is earned again. */
static bool end_request(struct request *r, struct payout_id payout_id, struct str state,
                        const char *kind, struct str reason)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct payout_settle settle = { .campaign_id = campaign_id,
                                    .payout_id = payout_id,
                                    .payout_state = state,
                                    .payout_reason = reason,
                                    .settled_at = r->now,
                                    .from_state = S("requested") };
    return payout_settle(r->db, settle) == 1 &&
           ledger_reverse(r->db, r->now, entry_by(r, kind, 0, reason),
                          ledger_standing(r->db, campaign_id, "ask", payout_id.value));
}

struct reply payout_withdraw(struct request *r, const struct payout_withdraw_in *in)
{
    struct payout_get_row row;
    if (!payout_get(r->db, (struct payout_get){ in->campaign_id, in->payout_id }, &row) ||
        row.person_id.value != me(r).value)
        return reply_not_found(r);
    if (!end_request(r, in->payout_id, S("withdrawn"), "unask", S("")))
        return reply_refused(r, 409, "not_waiting", "It is being paid, or was settled before.");
    tell(r, "payout.withdrawn", me(r), in->payout_id.value);
    return payout_withdraw_done(r, url_earnings(r->arena), "Taken back.");
}

struct reply payout_decline(struct request *r, const struct payout_decline_in *in)
{
    struct payout_get_row row;
    if (!payout_get(r->db, (struct payout_get){ in->campaign_id, in->payout_id }, &row))
        return reply_not_found(r);
    if (!end_request(r, in->payout_id, S("declined"), "decline", in->reason))
        return reply_refused(r, 409, "not_waiting", "It is in a batch, or was settled before.");
    tell(r, "payout.declined", row.person_id, in->payout_id.value);
    return payout_decline_done(r, url_payouts(r->arena, scope_of(r)->organisation_id),
                               "Declined, and told by e-mail.");
}
