/* What a campaign's money and a person's earnings look like. */
#include "money_inner.h"

#include "base/id.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "platform/html/html.h"
#include "urls.h"

enum { TRANSFERS_PER_PAGE = 60 };

struct money_amount_view amount_view(struct arena *arena, int64_t minor, struct str currency)
{
    return (struct money_amount_view){ minor, currency,
                                       money_text(arena, (struct money){ minor, currency }) };
}

/* --- A campaign's money ----------------------------------------------------------------------- */

/* What people enter by hand can be taken back by hand; the rest goes its own way. */
bool entry_is_by_hand(struct str kind)
{
    return str_equal(kind, S("deposit")) || str_equal(kind, S("withdraw")) ||
           str_equal(kind, S("bonus"));
}

static struct money_transfer_view transfer_view(struct request *r, struct str currency,
                                                const struct ledger_before_row *row)
{
    return (struct money_transfer_view){
        .ledger_entry_id = row->ledger_entry_id,
        .kind = row->entry_kind,
        .label = entry_label(row->entry_kind),
        .made_at = row->made_at,
        .from_account = row->from_account,
        .from_name = row->from_name,
        .to_account = row->to_account,
        .to_name = row->to_name,
        .amount = amount_view(r->arena, row->amount, currency),
        .actor = row->actor,
        .actor_name = row->actor_name,
        .reason = row->entry_reason,
        .is_reversed = row->is_reversed,
        .may_reverse = entry_is_by_hand(row->entry_kind) && !row->is_reversed,
    };
}

static void fill_transfers(struct request *r, struct campaign_id campaign_id, struct str cursor,
                           struct money_view *view)
{
    int64_t below;
    if (!id_parse(cursor, &below))
        below = INT64_MAX;
    struct ledger_before_row *rows;
    size_t count =
        ledger_before(r->db,
                      (struct ledger_before){ .campaign_id = campaign_id,
                                              .ledger_entry_id = { below },
                                              .limit = TRANSFERS_PER_PAGE + LEDGER_TRANSFERS_MAX },
                      &rows);
    view->has_next = count > TRANSFERS_PER_PAGE;
    if (view->has_next) { /* an entry stays together */
        size_t kept = TRANSFERS_PER_PAGE;
        while (kept < count &&
               rows[kept].ledger_entry_id.value == rows[kept - 1].ledger_entry_id.value)
            kept++;
        view->has_next = kept < count;
        count = kept;
        view->next_cursor = id_text(r->arena, rows[count - 1].ledger_entry_id.value);
        view->next = url_from_text(str_printf(r->arena, "%.*s?cursor=%.*s",
                                              STR_ARG(url_money(r->arena, campaign_id).text),
                                              STR_ARG(view->next_cursor)));
    }
    view->transfers.items = arena_new(r->arena, struct money_transfer_view, count);
    view->transfers.count = count;
    for (size_t i = 0; i < count; i++)
        view->transfers.items[i] = transfer_view(r, view->currency, &rows[i]);
}

struct reply money(struct request *r, const struct money_in *in)
{
    struct campaign_id id = in->campaign_id;
    struct money_open_in opening = { .campaign_id = id, .currency = S("EUR") };
    struct money_view view = {
        .campaign = campaign_head(r),
        .open_form = money_open_form(r, opening),
        .deposit_form = money_deposit_form(r, (struct money_deposit_in){ .campaign_id = id }),
        .withdraw_form = money_withdraw_form(r, (struct money_withdraw_in){ .campaign_id = id }),
        .bonus_form = money_bonus_form(r, (struct money_bonus_in){ .campaign_id = id }),
    };
    view.has_ledger = ledger_currency(r->db, id, &view.currency);
    if (view.has_ledger) {
        struct ledger_totals totals = ledger_totals(r->db, id);
        struct money_amount_view shown[LEDGER_ACCOUNT_COUNT];
        for (int a = 0; a < LEDGER_ACCOUNT_COUNT; a++)
            shown[a] = amount_view(r->arena, totals.minor[a], view.currency);
        view.deposited = amount_view(r->arena, -totals.minor[LEDGER_OUTSIDE], view.currency);
        view.budget = shown[LEDGER_BUDGET];
        view.held = shown[LEDGER_HELD];
        view.earned = shown[LEDGER_EARNED];
        view.payout = shown[LEDGER_PAYOUT];
        view.paid = shown[LEDGER_PAID];
        view.fees = shown[LEDGER_FEES];
        fill_transfers(r, id, in->cursor, &view);
    }
    return money_show(r, &view);
}

static void write_transfer(struct buf *out, const struct ledger_export_row *row,
                           struct str currency)
{
    const int64_t concerned = row->concerns;
    const struct str cells[] = {
        id_text(out->arena, row->ledger_entry_id.value),
        text_iso(out->arena, row->made_at),
        row->entry_kind,
        concerned == 0 ? S("") : id_text(out->arena, concerned),
        row->from_account,
        row->from_person.value == 0 ? S("") : id_text(out->arena, row->from_person.value),
        row->to_account,
        row->to_person.value == 0 ? S("") : id_text(out->arena, row->to_person.value),
        money_number(out->arena, (struct money){ row->amount, currency }),
        currency,
        row->actor,
        row->person_id.value == 0 ? S("") : id_text(out->arena, row->person_id.value),
        row->entry_reason,
        row->reverses_id.value == 0 ? S("") : id_text(out->arena, row->reverses_id.value),
    };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        if (i > 0)
            buf_char(out, ',');
        text_csv_cell(out, cells[i]);
    }
    buf_add(out, S("\r\n"));
}

struct reply money_csv(struct request *r, const struct money_csv_in *in)
{
    struct str currency;
    if (!ledger_currency(r->db, in->campaign_id, &currency))
        return reply_not_found(r);
    struct buf out = { .arena = r->arena };
    buf_add(&out, S("entry,made_at,kind,about,from,from_person,to,to_person,amount,currency,actor,"
                    "person,reason,reverses\r\n"));
    struct ledger_export after = { .campaign_id = in->campaign_id };
    struct ledger_export_row *rows;
    size_t count;
    while ((count = ledger_export(r->db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            write_transfer(&out, &rows[i], currency);
        after.ledger_entry_id = rows[count - 1].ledger_entry_id;
        after.line = rows[count - 1].line;
    }
    struct reply reply = reply_bytes(r, S("text/csv; charset=utf-8"), buf_str(&out));
    reply.filename = S("ledger.csv");
    return reply;
}

/* --- What a person earned --------------------------------------------------------------------- */

enum { EARNINGS_MAX = 2000 }; /* campaigns on the page */

/* The campaign's line, made when there is none yet; NULL when the page is full. */
static struct earning_view *earning_for(struct request *r, struct earning_list *list,
                                        struct campaign_id campaign_id)
{
    struct earning_place_row place;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].campaign_id.value == campaign_id.value)
            return &list->items[i];
    if (list->count == EARNINGS_MAX ||
        !earning_place(r->db, (struct earning_place){ campaign_id }, &place))
        return NULL;
    struct money_amount_view nothing = amount_view(r->arena, 0, place.currency);
    struct earning_view *made = &list->items[list->count++];
    *made = (struct earning_view){ .campaign_id = campaign_id,
                                   .question = place.question,
                                   .organisation_name = place.name,
                                   .pending = nothing,
                                   .confirmed = nothing,
                                   .asked = nothing,
                                   .paid = nothing };
    return made;
}

/* What waits to be accepted stands in the campaign's account `held`; each kind knows whose it is.
 */
static void add_pending(struct request *r, struct earning_list *list)
{
    for (size_t k = 0; campaign_kinds[k] != NULL; k++) {
        struct campaign_pending *rows;
        size_t count = campaign_kinds[k]->pending == NULL
                           ? 0
                           : campaign_kinds[k]->pending(r->db, me(r), &rows);
        for (size_t i = 0; i < count; i++) {
            struct earning_view *e = earning_for(r, list, rows[i].campaign_id);
            if (e != NULL)
                e->pending =
                    amount_view(r->arena, e->pending.minor + rows[i].minor, e->pending.currency);
        }
    }
}

static struct earning_list earnings_list(struct request *r)
{
    struct earnings_of_person_row *rows;
    size_t count = earnings_of_person(r->db, (struct earnings_of_person){ me(r) }, &rows);
    struct earning_list list = { arena_new(r->arena, struct earning_view, EARNINGS_MAX), 0 };
    for (size_t i = 0; i < count; i++) {
        enum ledger_account account;
        struct earning_view *e = earning_for(r, &list, rows[i].campaign_id);
        if (e == NULL || !ledger_account_from_name(rows[i].account, &account))
            continue;
        struct money_amount_view amount =
            amount_view(r->arena, rows[i].balance, e->pending.currency);
        if (account == LEDGER_HELD)
            e->pending = amount;
        else if (account == LEDGER_EARNED)
            e->confirmed = amount;
        else if (account == LEDGER_PAYOUT)
            e->asked = amount;
        else if (account == LEDGER_PAID)
            e->paid = amount;
        e->may_ask = e->confirmed.minor > 0;
    }
    add_pending(r, &list);
    return list;
}

static struct my_payout_list payouts_list(struct request *r)
{
    struct payouts_of_person_row *rows;
    size_t count = payouts_of_person(r->db, (struct payouts_of_person){ me(r) }, &rows);
    struct my_payout_list list = { arena_new(r->arena, struct my_payout_view, count), count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = (struct my_payout_view){
            .campaign_id = rows[i].campaign_id,
            .payout_id = rows[i].payout_id,
            .question = rows[i].question,
            .amount = amount_view(r->arena, rows[i].amount, rows[i].currency),
            .state = rows[i].payout_state,
            .reason = rows[i].payout_reason,
            .requested_at = rows[i].requested_at,
            .settled_at = rows[i].settled_at,
            .may_withdraw = str_equal(rows[i].payout_state, S("requested")),
        };
    return list;
}

struct reply earnings(struct request *r, const struct earnings_in *in)
{
    (void)in;
    struct payout_details_get_row details = { 0 };
    bool has_details = payout_details_get(r->db, (struct payout_details_get){ me(r) }, &details);
    struct earnings_view view = {
        .campaigns = earnings_list(r),
        .payouts = payouts_list(r),
        .has_details = has_details,
        .holder = details.holder,
        .iban_masked = iban_masked(r->arena, details.iban),
        .details_form = payout_details_change_form(
            r, (struct payout_details_change_in){ .holder = details.holder, .bic = details.bic }),
    };
    return earnings_show(r, &view);
}
