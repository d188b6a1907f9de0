/* What is done with a batch of payouts. Its state says what may follow, and changes by a
   conditional update: whatever hangs on it happens once, however often and at the same moment it is
   asked for.

       made ──two approvals──> approved ──> paid          made, approved ──> dissolved */
#include "money_inner.h"

#include "base/id.h"
#include "commons/event/event.h"
#include "commons/people/people.h"
#include "urls.h"

static struct ledger_entry entry_about(struct request *r, const char *kind,
                                       const struct payouts_of_batch_row *payout, struct str reason)
{
    return (struct ledger_entry){ .campaign_id = payout->campaign_id,
                                  .kind = kind,
                                  .about_id = payout->payout_id.value,
                                  .actor = role_name(scope_of(r)->role),
                                  .person_id = me(r),
                                  .reason = reason };
}

static void tell(struct request *r, const char *event, const struct payouts_of_batch_row *payout)
{
    event_add(r->db, r->now, payout->campaign_id, event, (struct subject_id){ 0 },
              payout->person_id, id_text(r->arena, payout->payout_id.value));
}

static bool move(struct request *r, struct organisation_id organisation_id,
                 struct payout_batch_id payout_batch_id, struct str from, struct str to)
{
    bool pays = str_equal(to, S("paid"));
    struct payout_batch_move batch = { .organisation_id = organisation_id,
                                       .payout_batch_id = payout_batch_id,
                                       .batch_state = to,
                                       .from_state = from,
                                       .paid_by = pays ? me(r) : (struct person_id){ 0 },
                                       .paid_at = pays ? r->now : 0 };
    return payout_batch_move(r->db, batch) == 1;
}

/* --- Who pays --------------------------------------------------------------------------------- */

struct reply payer_change(struct request *r, const struct payer_change_in *in)
{
    struct str iban, bic;
    if (!account_typed(r, in->iban, in->bic, &iban, &bic))
        return reply_problems(r);
    payer_set(r->db, (struct payer_set){ .organisation_id = in->organisation_id,
                                         .holder = in->holder,
                                         .iban = iban,
                                         .bic = bic,
                                         .changed_at = r->now });
    return payer_change_done(r, url_payouts(r->arena, in->organisation_id), "Kept.");
}

/* --- Making ----------------------------------------------------------------------------------- */

/* One line for each person; payouts come person by person. */
static int64_t put_lines(struct request *r, struct organisation_id organisation_id,
                         struct payout_batch_id payout_batch_id,
                         const struct payouts_to_batch_row *rows, size_t count, int64_t *total)
{
    int64_t lines = 0;
    for (size_t i = 0; i < count;) {
        const struct payouts_to_batch_row *first = &rows[i];
        int64_t amount = 0;
        for (; i < count && rows[i].person_id.value == first->person_id.value; i++) {
            amount += rows[i].amount;
            payout_put(r->db, (struct payout_put){ .campaign_id = rows[i].campaign_id,
                                                   .payout_id = rows[i].payout_id,
                                                   .payout_batch_id = payout_batch_id,
                                                   .payout_state = S("batched"),
                                                   .from_state = S("requested") });
        }
        payout_line_insert(r->db, (struct payout_line_insert){ .organisation_id = organisation_id,
                                                               .payout_batch_id = payout_batch_id,
                                                               .person_id = first->person_id,
                                                               .holder = first->holder,
                                                               .iban = first->iban,
                                                               .bic = first->bic,
                                                               .amount = amount });
        *total += amount;
        lines++;
    }
    return lines;
}

struct reply payout_batch_make(struct request *r, const struct payout_batch_make_in *in)
{
    struct str currency = text_upper(r->arena, in->currency);
    struct payer_get_row payer;
    struct payouts_to_batch_row *rows;
    if (!payer_get(r->db, (struct payer_get){ in->organisation_id }, &payer))
        return reply_refused(r, 409, "no_payer", "Say first which account you pay from.");
    size_t count =
        payouts_to_batch(r->db, (struct payouts_to_batch){ in->organisation_id, currency }, &rows);
    if (count == 0)
        return reply_refused(r, 409, "nothing_asked", "Nothing is asked for in this currency.");
    struct payout_batch_id id = { id_make(r->now) };
    payout_batch_insert(r->db, (struct payout_batch_insert){ .organisation_id = in->organisation_id,
                                                             .payout_batch_id = id,
                                                             .currency = currency,
                                                             .holder = payer.holder,
                                                             .iban = payer.iban,
                                                             .bic = payer.bic,
                                                             .made_by = me(r),
                                                             .made_at = r->now });
    int64_t total = 0;
    int64_t lines = put_lines(r, in->organisation_id, id, rows, count, &total);
    event_add(r->db, r->now, (struct campaign_id){ 0 }, "payout.batched", (struct subject_id){ 0 },
              me(r), id_text(r->arena, id.value));
    struct payout_batch_row_view view = { .payout_batch_id = id,
                                          .amount = amount_view(r->arena, total, currency),
                                          .line_count = lines,
                                          .state = S("made"),
                                          .made_at = r->now,
                                          .made_by_name = r->who.name };
    return payout_batch_make_done(r, url_payout_batch_page(r->arena, in->organisation_id, id),
                                  "The batch is made. Two people have to approve it.", &view);
}

/* --- Approving -------------------------------------------------------------------------------- */

/* Whether this person may approve; else `*refusal` says why not. */
static bool may_approve(struct request *r, const struct payout_batch_approve_in *in,
                        struct reply *refusal)
{
    struct payout_batch_get_row batch;
    struct payout_line_of_row line;
    if (!payout_batch_get(
            r->db, (struct payout_batch_get){ in->organisation_id, in->payout_batch_id }, &batch)) {
        *refusal = reply_not_found(r);
        return false;
    }
    if (!str_equal(batch.batch_state, S("made"))) {
        *refusal = reply_refused(r, 409, "not_waiting", "It does not wait for an approval.");
        return false;
    }
    if (payout_line_of(r->db,
                       (struct payout_line_of){ in->organisation_id, in->payout_batch_id, me(r) },
                       &line)) {
        *refusal =
            reply_refused(r, 409, "pays_you", "It pays you too, so others have to approve it.");
        return false;
    }
    return true;
}

struct reply payout_batch_approve(struct request *r, const struct payout_batch_approve_in *in)
{
    struct reply refusal;
    struct payout_approvals_row *rows;
    if (!may_approve(r, in, &refusal))
        return refusal;
    payout_approval_insert(r->db,
                           (struct payout_approval_insert){ .organisation_id = in->organisation_id,
                                                            .payout_batch_id = in->payout_batch_id,
                                                            .person_id = me(r),
                                                            .approved_at = r->now });
    size_t count = payout_approvals(
        r->db, (struct payout_approvals){ in->organisation_id, in->payout_batch_id }, &rows);
    bool is_enough = count >= PAYOUT_APPROVALS;
    if (is_enough)
        move(r, in->organisation_id, in->payout_batch_id, S("made"), S("approved"));
    event_add(r->db, r->now, (struct campaign_id){ 0 }, "payout.approved", (struct subject_id){ 0 },
              me(r), id_text(r->arena, in->payout_batch_id.value));
    return payout_batch_approve_done(
        r, url_payout_batch_page(r->arena, in->organisation_id, in->payout_batch_id),
        is_enough ? "Approved by two people: it can be paid."
                  : "Approved. Another person has to as well.");
}

struct reply payout_batch_dissolve(struct request *r, const struct payout_batch_dissolve_in *in)
{
    struct payouts_of_batch_row *rows;
    struct organisation_id organisation_id = in->organisation_id;
    if (!move(r, organisation_id, in->payout_batch_id, S("made"), S("dissolved")) &&
        !move(r, organisation_id, in->payout_batch_id, S("approved"), S("dissolved")))
        return reply_refused(r, 409, "not_waiting", "It was paid, or taken apart before.");
    size_t count = payouts_of_batch(r->db, (struct payouts_of_batch){ in->payout_batch_id }, &rows);
    for (size_t i = 0; i < count; i++)
        payout_put(r->db, (struct payout_put){ .campaign_id = rows[i].campaign_id,
                                               .payout_id = rows[i].payout_id,
                                               .payout_batch_id = { 0 },
                                               .payout_state = S("requested"),
                                               .from_state = S("batched") });
    event_add(r->db, r->now, (struct campaign_id){ 0 }, "payout.dissolved",
              (struct subject_id){ 0 }, me(r), id_text(r->arena, in->payout_batch_id.value));
    return payout_batch_dissolve_done(r, url_payouts(r->arena, organisation_id),
                                      "Taken apart. Its requests wait again.");
}

/* --- Paying, and what comes back -------------------------------------------------------------- */

static bool pay(struct request *r, const struct payouts_of_batch_row *payout)
{
    const struct ledger_transfer transfer = { .from = LEDGER_PAYOUT,
                                              .from_person = payout->person_id,
                                              .to = LEDGER_PAID,
                                              .to_person = payout->person_id,
                                              .minor = payout->amount };
    struct payout_settle settle = { .campaign_id = payout->campaign_id,
                                    .payout_id = payout->payout_id,
                                    .payout_state = S("paid"),
                                    .settled_at = r->now,
                                    .from_state = S("batched") };
    if (payout_settle(r->db, settle) != 1 ||
        !ledger_post(r->db, r->now, entry_about(r, "pay", payout, S("")), &transfer, 1))
        return false;
    tell(r, "payout.paid", payout);
    return true;
}

struct reply payout_batch_pay(struct request *r, const struct payout_batch_pay_in *in)
{
    struct payout_batch_get_row batch;
    struct payouts_of_batch_row *rows;
    struct url page = url_payout_batch_page(r->arena, in->organisation_id, in->payout_batch_id);
    if (!payout_batch_get(
            r->db, (struct payout_batch_get){ in->organisation_id, in->payout_batch_id }, &batch))
        return reply_not_found(r);
    if (str_equal(batch.batch_state, S("paid")))
        return payout_batch_pay_done(r, page, "It was marked as paid before.");
    if (!move(r, in->organisation_id, in->payout_batch_id, S("approved"), S("paid")))
        return reply_refused(r, 409, "not_approved",
                             "Two people of the team have to approve the batch first.");
    size_t count = payouts_of_batch(r->db, (struct payouts_of_batch){ in->payout_batch_id }, &rows);
    for (size_t i = 0; i < count; i++)
        if (!pay(r, &rows[i]))
            return reply_refused(r, 409, "ledger_differs",
                                 "The ledger does not hold what this batch pays. Ask whoever runs "
                                 "this site to look at `manyhands ledger check`.");
    payout_lines_paid(r->db,
                      (struct payout_lines_paid){ in->organisation_id, in->payout_batch_id });
    return payout_batch_pay_done(r, page, "Marked as paid; everybody is told by e-mail.");
}

/* The payment and the request before it are both reversed: the money is earned again. */
static bool take_back(struct request *r, const struct payouts_of_batch_row *payout,
                      struct str reason)
{
    struct payout_settle settle = { .campaign_id = payout->campaign_id,
                                    .payout_id = payout->payout_id,
                                    .payout_state = S("returned"),
                                    .payout_reason = reason,
                                    .settled_at = r->now,
                                    .from_state = S("paid") };
    static const char *const kinds[] = { "pay", "ask" };
    if (payout_settle(r->db, settle) != 1)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!ledger_reverse(
                r->db, r->now, entry_about(r, "return", payout, reason),
                ledger_standing(r->db, payout->campaign_id, kinds[i], payout->payout_id.value)))
            return false;
    tell(r, "payout.returned", payout);
    return true;
}

struct reply payout_line_return(struct request *r, const struct payout_line_return_in *in)
{
    struct payout_line_of_row line;
    struct payouts_of_batch_row *rows;
    if (!payout_line_of(
            r->db,
            (struct payout_line_of){ in->organisation_id, in->payout_batch_id, in->person_id },
            &line))
        return reply_not_found(r);
    if (payout_line_returned(r->db, (struct payout_line_returned){ in->organisation_id,
                                                                   in->payout_batch_id,
                                                                   in->person_id }) == 0)
        return reply_refused(r, 409, "not_paid", "It was not paid, or has come back before.");
    size_t count = payouts_of_batch(r->db, (struct payouts_of_batch){ in->payout_batch_id }, &rows);
    for (size_t i = 0; i < count; i++)
        if (rows[i].person_id.value == in->person_id.value && !take_back(r, &rows[i], in->reason))
            return reply_refused(r, 409, "ledger_differs",
                                 "The ledger does not hold what this line paid. Ask whoever runs "
                                 "this site to look at `manyhands ledger check`.");
    return payout_line_return_done(
        r, url_payout_batch_page(r->arena, in->organisation_id, in->payout_batch_id),
        "Taken back; the person is told and can ask again.");
}
