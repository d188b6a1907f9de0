/* Payouts of an organisation: what is asked for, and the batches it is paid in. */
#include "money_inner.h"

#include "base/id.h"
#include "commons/people/people.h"
#include "platform/html/html.h"
#include "urls.h"

/* --- Requests and batches --------------------------------------------------------------------- */

static struct payout_sum_view *sum_in(struct arena *arena, struct payout_sum_list *sums,
                                      struct str currency)
{
    for (size_t i = 0; i < sums->count; i++)
        if (str_equal(sums->items[i].amount.currency, currency))
            return &sums->items[i];
    sums->items[sums->count] =
        (struct payout_sum_view){ .amount = amount_view(arena, 0, currency) };
    return &sums->items[sums->count++];
}

static void fill_requests(struct request *r, struct organisation_id organisation_id,
                          struct payouts_view *view)
{
    struct payouts_requested_row *rows;
    size_t count = payouts_requested(r->db, (struct payouts_requested){ organisation_id }, &rows);
    view->requests.items = arena_new(r->arena, struct payout_request_view, count);
    view->requests.count = count;
    view->sums.items = arena_new(r->arena, struct payout_sum_view, count);
    for (size_t i = 0; i < count; i++) {
        view->requests.items[i] = (struct payout_request_view){
            .campaign_id = rows[i].campaign_id,
            .payout_id = rows[i].payout_id,
            .person_name = rows[i].display_name,
            .question = rows[i].question,
            .amount = amount_view(r->arena, rows[i].amount, rows[i].currency),
            .requested_at = rows[i].requested_at,
            .has_details = rows[i].has_details,
        };
        if (!rows[i].has_details)
            continue;
        struct payout_sum_view *sum = sum_in(r->arena, &view->sums, rows[i].currency);
        sum->request_count++;
        sum->amount = amount_view(r->arena, sum->amount.minor + rows[i].amount, rows[i].currency);
    }
}

static void fill_batches(struct request *r, struct organisation_id organisation_id,
                         struct payouts_view *view)
{
    struct payout_batches_row *rows;
    size_t count = payout_batches(r->db, (struct payout_batches){ organisation_id }, &rows);
    view->batches.items = arena_new(r->arena, struct payout_batch_row_view, count);
    view->batches.count = count;
    for (size_t i = 0; i < count; i++)
        view->batches.items[i] = (struct payout_batch_row_view){
            .payout_batch_id = rows[i].payout_batch_id,
            .amount = amount_view(r->arena, rows[i].total, rows[i].currency),
            .line_count = rows[i].line_count,
            .state = rows[i].batch_state,
            .made_at = rows[i].made_at,
            .made_by_name = rows[i].made_by_name,
        };
}

struct reply payouts(struct request *r, const struct payouts_in *in)
{
    struct organisation_look look;
    struct payer_get_row payer = { 0 };
    if (!organisation_look(r->db, in->organisation_id, &look))
        return reply_not_found(r);
    struct payouts_view view = {
        .organisation_id = in->organisation_id,
        .name = look.name,
        .has_payer = payer_get(r->db, (struct payer_get){ in->organisation_id }, &payer),
        .payer_holder = payer.holder,
        .payer_iban_masked = iban_masked(r->arena, payer.iban),
        .payer_form = payer_change_form(
            r, (struct payer_change_in){ .organisation_id = in->organisation_id,
                                         .holder = payer.holder.size > 0 ? payer.holder : look.name,
                                         .bic = payer.bic }),
    };
    fill_requests(r, in->organisation_id, &view);
    fill_batches(r, in->organisation_id, &view);
    return payouts_show(r, &view);
}

/* --- One batch -------------------------------------------------------------------------------- */

struct approvals {
    struct payout_approval_list list;
    bool is_mine; /* the reader's is among them */
};

static struct approvals approvals_of(struct request *r, struct organisation_id organisation_id,
                                     struct payout_batch_id payout_batch_id)
{
    struct payout_approvals_row *rows;
    size_t count = payout_approvals(
        r->db, (struct payout_approvals){ organisation_id, payout_batch_id }, &rows);
    struct approvals approvals = {
        .list = { arena_new(r->arena, struct payout_approval_view, count), count }
    };
    for (size_t i = 0; i < count; i++) {
        approvals.list.items[i] =
            (struct payout_approval_view){ rows[i].person_name, rows[i].approved_at };
        approvals.is_mine |= rows[i].person_id.value == me(r).value;
    }
    return approvals;
}

/* Why the reader may not approve a batch that waits; "" when they may. */
static struct str why_not(struct request *r, const struct approvals *approvals, bool is_paid_by_it)
{
    if (is_paid_by_it)
        return S("It pays you too, so others have to approve it.");
    if (approvals->is_mine)
        return S("You have approved it; another person has to as well.");
    return S("");
}

static int64_t fill_lines(struct request *r, const struct payout_batch_page_in *in,
                          struct payout_batch_page_view *view, bool *is_paid_by_it)
{
    struct payout_lines_row *rows;
    size_t count = payout_lines(
        r->db, (struct payout_lines){ in->organisation_id, in->payout_batch_id }, &rows);
    struct str currency = view->amount.currency;
    int64_t total = 0;
    view->lines =
        (struct payout_line_list){ arena_new(r->arena, struct payout_line_view, count), count };
    for (size_t i = 0; i < count; i++) {
        total += rows[i].amount;
        *is_paid_by_it |= rows[i].person_id.value == me(r).value;
        view->lines.items[i] = (struct payout_line_view){
            .person_id = rows[i].person_id,
            .person_name = rows[i].person_name,
            .holder = rows[i].holder,
            .iban_masked = iban_masked(r->arena, rows[i].iban),
            .amount = amount_view(r->arena, rows[i].amount, currency),
            .state = rows[i].line_state,
            .may_return = str_equal(rows[i].line_state, S("paid")),
        };
    }
    return total;
}

struct reply payout_batch_page(struct request *r, const struct payout_batch_page_in *in)
{
    struct payout_batch_get_row batch;
    if (!payout_batch_get(
            r->db, (struct payout_batch_get){ in->organisation_id, in->payout_batch_id }, &batch))
        return reply_not_found(r);
    bool is_made = str_equal(batch.batch_state, S("made"));
    bool is_approved = str_equal(batch.batch_state, S("approved"));
    bool is_paid = str_equal(batch.batch_state, S("paid")), is_paid_by_it = false;
    struct approvals approvals = approvals_of(r, in->organisation_id, in->payout_batch_id);
    struct payout_batch_page_view view = {
        .organisation_id = in->organisation_id,
        .payout_batch_id = in->payout_batch_id,
        .state = batch.batch_state,
        .amount = { .currency = batch.currency },
        .payer_holder = batch.holder,
        .payer_iban_masked = iban_masked(r->arena, batch.iban),
        .made_at = batch.made_at,
        .made_by_name = batch.made_by_name,
        .paid_at = batch.paid_at,
        .paid_by_name = batch.paid_by_name,
        .approvals = approvals.list,
        .may_dissolve = is_made || is_approved,
        .may_export = is_approved || is_paid,
        .has_xml = str_equal(batch.currency, S("EUR")),
        .may_pay = is_approved,
    };
    int64_t total = fill_lines(r, in, &view, &is_paid_by_it);
    view.amount = amount_view(r->arena, total, batch.currency);
    if (is_made) {
        view.missing_count = PAYOUT_APPROVALS - (int64_t)approvals.list.count;
        view.why_not = why_not(r, &approvals, is_paid_by_it);
        view.may_approve = view.why_not.size == 0;
    }
    return payout_batch_page_show(r, &view);
}

/* --- Files for the bank ----------------------------------------------------------------------- */

static struct sepa_batch file_of(struct request *r, struct organisation_id organisation_id,
                                 struct payout_batch_id payout_batch_id,
                                 const struct payout_batch_get_row *batch)
{
    struct payout_lines_row *rows;
    struct organisation_look look = { 0 };
    organisation_look(r->db, organisation_id, &look);
    size_t count =
        payout_lines(r->db, (struct payout_lines){ organisation_id, payout_batch_id }, &rows);
    struct str id = id_text(r->arena, payout_batch_id.value);
    struct sepa_batch file = {
        .id = id,
        .made_at = batch->made_at,
        .payer = { batch->holder, batch->iban, batch->bic },
        .purpose = str_printf(r->arena, "%.*s, payout %.*s", STR_ARG(look.name), STR_ARG(id)),
        .currency = batch->currency,
        .lines = arena_new(r->arena, struct sepa_line, count),
        .count = count,
    };
    for (size_t i = 0; i < count; i++)
        file.lines[i] = (struct sepa_line){
            .payee = { rows[i].holder, rows[i].iban, rows[i].bic },
            .id = str_printf(r->arena, "%.*s-%zu", STR_ARG(id), i + 1),
            .minor = rows[i].amount,
        };
    return file;
}

/* Whether there is a batch that the bank may see; else `*refusal` says why not. */
static bool load_exportable(struct request *r, struct organisation_id organisation_id,
                            struct payout_batch_id payout_batch_id,
                            struct payout_batch_get_row *batch, struct reply *refusal)
{
    if (!payout_batch_get(r->db, (struct payout_batch_get){ organisation_id, payout_batch_id },
                          batch)) {
        *refusal = reply_not_found(r);
        return false;
    }
    if (str_equal(batch->batch_state, S("approved")) || str_equal(batch->batch_state, S("paid")))
        return true;
    *refusal = reply_refused(r, 409, "not_approved",
                             "Two people of the team have to approve the batch first.");
    return false;
}

struct reply payout_batch_xml(struct request *r, const struct payout_batch_xml_in *in)
{
    struct payout_batch_get_row batch;
    struct reply reply;
    if (!load_exportable(r, in->organisation_id, in->payout_batch_id, &batch, &reply))
        return reply;
    if (!str_equal(batch.currency, S("EUR")))
        return reply_refused(r, 409, "not_euros", "SEPA carries euros only; take the table.");
    struct sepa_batch file = file_of(r, in->organisation_id, in->payout_batch_id, &batch);
    reply = reply_bytes(r, S("application/xml"), sepa_xml(r->arena, &file));
    reply.filename = str_printf(r->arena, "payout-%.*s.xml", STR_ARG(file.id));
    return reply;
}

struct reply payout_batch_csv(struct request *r, const struct payout_batch_csv_in *in)
{
    struct payout_batch_get_row batch;
    struct reply reply;
    if (!load_exportable(r, in->organisation_id, in->payout_batch_id, &batch, &reply))
        return reply;
    struct sepa_batch file = file_of(r, in->organisation_id, in->payout_batch_id, &batch);
    reply = reply_bytes(r, S("text/csv; charset=utf-8"), sepa_csv(r->arena, &file));
    reply.filename = str_printf(r->arena, "payout-%.*s.csv", STR_ARG(file.id));
    return reply;
}
