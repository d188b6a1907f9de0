/* What the team sees and changes of its panels. */
#include "panel_inner.h"

#include "base/id.h"
#include "commons/money/money.h"
#include "commons/people/people.h"
#include "platform/config/config.h"
#include "urls.h"

enum { TOKEN_DAYS = 365 };

struct reply panels(struct request *r, const struct panels_in *in)
{
    struct organisation_look look = { 0 };
    struct panels_of_row *rows;
    size_t count = panels_of(r->db, (struct panels_of){ in->organisation_id }, &rows);
    struct panel_row_view *list = arena_new(r->arena, struct panel_row_view, count);
    for (size_t i = 0; i < count; i++)
        list[i] = (struct panel_row_view){ .panel_id = rows[i].panel_id,
                                           .name = rows[i].panel_name,
                                           .pays = rows[i].pays,
                                           .is_on = rows[i].is_on,
                                           .workers = rows[i].worker_count,
                                           .created_at = rows[i].created_at };
    organisation_look(r->db, in->organisation_id, &look);
    struct panels_view view = {
        .organisation_id = in->organisation_id,
        .name = look.name,
        .panels = { list, count },
        .form = panel_add_form(r, (struct panel_add_in){ .organisation_id = in->organisation_id }),
    };
    return panels_show(r, &view);
}

/* What a panel that pays its people has earned in a campaign. */
static void fill_money(struct sql *db, struct panel_campaign_view *view, struct person_id account)
{
    struct str currency;
    if (!ledger_currency(db, view->campaign_id, &currency))
        return;
    struct money earned = { ledger_balance_of(db, view->campaign_id, LEDGER_EARNED, account),
                            currency };
    struct money paid = { ledger_balance_of(db, view->campaign_id, LEDGER_PAID, account),
                          currency };
    view->has_money = true;
    view->earned = money_text(sql_arena(db), earned);
    view->paid = money_text(sql_arena(db), paid);
    view->is_owed = earned.minor > 0;
}

static struct panel_campaign_list campaigns_of(struct request *r, struct panel_id panel_id,
                                               const struct panel_get_row *panel)
{
    struct panel_campaigns_row *rows;
    size_t count = panel_campaigns(r->db, (struct panel_campaigns){ panel_id }, &rows);
    struct panel_campaign_list list = { arena_new(r->arena, struct panel_campaign_view, count),
                                        count };
    for (size_t i = 0; i < count; i++) {
        list.items[i] = (struct panel_campaign_view){ .campaign_id = rows[i].campaign_id,
                                                      .question = rows[i].question,
                                                      .state = rows[i].campaign_state,
                                                      .workers = rows[i].workers,
                                                      .answers = rows[i].answers };
        if (str_equal(panel->pays, S("panel")))
            fill_money(r->db, &list.items[i], panel->account_id);
    }
    return list;
}

/* The panel's page; secret and token are shown in it, "" for none. False when there is none. */
static bool fill_page(struct request *r, struct organisation_id organisation_id,
                      struct panel_id panel_id, struct str secret, struct str token,
                      struct panel_page_view *view)
{
    struct panel_get_row row;
    if (!panel_get(r->db, (struct panel_get){ panel_id }, &row) ||
        row.organisation_id.value != organisation_id.value)
        return false;
    *view = (struct panel_page_view){
        .organisation_id = organisation_id,
        .panel = { panel_id, row.panel_name, row.pays, row.is_on, row.worker_count,
                   row.created_at },
        .done_address = row.done_url,
        .screened_address = row.screened_url,
        .full_address = row.full_url,
        .enter_address = str_join(r->arena, r->site->config->server_public_url,
                                  url_panel_enter(r->arena, panel_id).text),
        .secret = secret,
        .token = token,
        .campaigns = campaigns_of(r, panel_id, &row),
        .change_form = panel_change_form(
            r, (struct panel_change_in){ organisation_id, panel_id, row.panel_name, row.done_url,
                                         row.screened_url, row.full_url }),
        .forget_form =
            panel_forget_form(r, (struct panel_forget_in){ organisation_id, panel_id, S("") }),
    };
    return true;
}

struct reply panel_page(struct request *r, const struct panel_page_in *in)
{
    struct panel_page_view view;
    if (!fill_page(r, in->organisation_id, in->panel_id, S(""), S(""), &view))
        return reply_not_found(r);
    return panel_page_show(r, &view);
}

/* --- Commands --------------------------------------------------------------------------------- */

/* What is shown only now stands in the answer itself: behind a redirect it would have to be kept.
 */
static struct reply shown_with(struct request *r, const struct panel_page_view *view)
{
    struct reply reply = panel_page_show(r, view);
    reply.keep = true;
    return reply;
}

static bool addresses_fit(struct request *r, struct str done, struct str screened, struct str full)
{
    struct str wrong = panel_judge_return(done);
    if (wrong.size > 0)
        problem(r, "done_address", "%.*s", STR_ARG(wrong));
    wrong = panel_judge_return(screened);
    if (wrong.size > 0)
        problem(r, "screened_address", "%.*s", STR_ARG(wrong));
    wrong = panel_judge_return(full);
    if (wrong.size > 0)
        problem(r, "full_address", "%.*s", STR_ARG(wrong));
    return r->problems == NULL;
}

struct reply panel_add(struct request *r, const struct panel_add_in *in)
{
    if (!addresses_fit(r, in->done_address, in->screened_address, in->full_address))
        return reply_problems(r);
    struct panel_id panel_id = { id_make(r->now) };
    struct str key = str_printf(r->arena, "panel:%.*s", STR_ARG(id_text(r->arena, panel_id.value)));
    struct panel_insert row = {
        .panel_id = panel_id,
        .organisation_id = in->organisation_id,
        .panel_name = in->name,
        .panel_secret = panel_secret_make(r->arena),
        .pays = str_from(panel_pays_names[in->pays]),
        .done_url = in->done_address,
        .screened_url = in->screened_address,
        .full_url = in->full_address,
        .account_id = people_add_pseudonym(r->db, r->now, key, in->name),
        .created_at = r->now,
    };
    struct panel_page_view view;
    panel_insert(r->db, row);
    if (!fill_page(r, in->organisation_id, panel_id, row.panel_secret, S(""), &view))
        return reply_not_found(r);
    if (r->format == FORMAT_HTML)
        return shown_with(r, &view);
    return panel_add_done(r, url_panel_page(r->arena, in->organisation_id, panel_id), "", &view);
}

struct reply panel_change(struct request *r, const struct panel_change_in *in)
{
    if (!addresses_fit(r, in->done_address, in->screened_address, in->full_address))
        return reply_problems(r);
    if (panel_change_settings(
            r->db, (struct panel_change_settings){ .panel_name = in->name,
                                                   .done_url = in->done_address,
                                                   .screened_url = in->screened_address,
                                                   .full_url = in->full_address,
                                                   .organisation_id = in->organisation_id,
                                                   .panel_id = in->panel_id }) == 0)
        return reply_not_found(r);
    return panel_change_done(r, url_panel_page(r->arena, in->organisation_id, in->panel_id),
                             "Saved.");
}

struct reply panel_switch(struct request *r, const struct panel_switch_in *in)
{
    if (panel_set_on(r->db, (struct panel_set_on){ in->on, in->organisation_id, in->panel_id }) ==
        0)
        return reply_not_found(r);
    return panel_switch_done(r, url_panel_page(r->arena, in->organisation_id, in->panel_id),
                             in->on ? "Its people are let in."
                                    : "Nobody is let in any more. Who is in may finish.");
}

struct reply panel_rotate(struct request *r, const struct panel_rotate_in *in)
{
    struct panel_page_view view;
    struct str secret = panel_secret_make(r->arena);
    if (panel_set_secret(
            r->db, (struct panel_set_secret){ secret, in->organisation_id, in->panel_id }) == 0 ||
        !fill_page(r, in->organisation_id, in->panel_id, secret, S(""), &view))
        return reply_not_found(r);
    if (r->format == FORMAT_HTML)
        return shown_with(r, &view);
    return panel_rotate_done(r, url_panel_page(r->arena, in->organisation_id, in->panel_id), "",
                             &view);
}

struct reply panel_token(struct request *r, const struct panel_token_in *in)
{
    struct panel_get_row row;
    struct panel_page_view view;
    struct access_token_id id;
    if (!panel_get(r->db, (struct panel_get){ in->panel_id }, &row) ||
        row.organisation_id.value != in->organisation_id.value)
        return reply_not_found(r);
    people_end_tokens(r->db, row.account_id);
    struct str token = people_make_guest_token(r->db, r->now, row.account_id, S("panel"),
                                               scope_bits_up_to(S("participate")), TOKEN_DAYS,
                                               (struct campaign_id){ -1 }, &id);
    fill_page(r, in->organisation_id, in->panel_id, S(""), token, &view);
    if (r->format == FORMAT_HTML)
        return shown_with(r, &view);
    return panel_token_done(r, url_panel_page(r->arena, in->organisation_id, in->panel_id), "",
                            &view);
}

struct reply panel_forget(struct request *r, const struct panel_forget_in *in)
{
    struct panel_get_row row;
    struct panel_worker_get_row worker;
    if (!panel_get(r->db, (struct panel_get){ in->panel_id }, &row) ||
        row.organisation_id.value != in->organisation_id.value)
        return reply_not_found(r);
    if (!panel_worker_get(r->db, (struct panel_worker_get){ in->panel_id, in->worker }, &worker)) {
        problem(r, "worker", "Nobody came from this panel under that name.");
        return reply_problems(r);
    }
    panel_erase_worker(r, in->panel_id, worker.person_id);
    return panel_forget_done(r, url_panel_page(r->arena, in->organisation_id, in->panel_id),
                             "Erased: the worker, and their words.");
}

struct reply panel_settle(struct request *r, const struct panel_settle_in *in)
{
    struct panel_get_row row;
    struct panel_campaign_row campaign;
    if (!panel_get(r->db, (struct panel_get){ in->panel_id }, &row) ||
        row.organisation_id.value != in->organisation_id.value ||
        !panel_campaign(r->db, (struct panel_campaign){ in->campaign }, &campaign) ||
        campaign.organisation_id.value != in->organisation_id.value)
        return reply_not_found(r);
    int64_t owed = ledger_balance_of(r->db, in->campaign, LEDGER_EARNED, row.account_id);
    struct ledger_entry entry = { .campaign_id = in->campaign,
                                  .kind = "panel",
                                  .about_id = in->panel_id.value,
                                  .actor = role_name(scope_of(r)->role),
                                  .person_id = me(r),
                                  .reason = in->reason };
    struct ledger_transfer transfer = { .from = LEDGER_EARNED,
                                        .from_person = row.account_id,
                                        .to = LEDGER_PAID,
                                        .to_person = row.account_id,
                                        .minor = owed };
    if (owed == 0 || !ledger_post(r->db, r->now, entry, &transfer, 1))
        return reply_refused(r, 409, "nothing_owed",
                             "Nothing is owed to the panel in this campaign.");
    return panel_settle_done(r, url_panel_page(r->arena, in->organisation_id, in->panel_id),
                             "Entered.");
}
