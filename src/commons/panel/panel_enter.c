/* How a panel's people come, and how they go. */
#include "panel_inner.h"

#include "base/id.h"
#include "commons/people/people.h"
#include "urls.h"

static const int64_t day_us = INT64_C(86400) * 1000000;

/* What a link leads to. */
struct entrance {
    struct panel_get_row panel;
    struct campaign_id campaign_id;
    struct panel_campaign_row campaign;
};

static bool is_open(const struct panel_campaign_row *campaign, int64_t now)
{
    return str_equal(campaign->campaign_state, S("open")) && now < campaign->closes_at;
}

/* Whoever worked here before may look at what became of it when the campaign is over. */
static bool was_here(struct request *r, const struct panel_link *link,
                     struct campaign_id campaign_id)
{
    struct panel_worker_get_row worker;
    struct panel_visit_get_row visit;
    return panel_worker_get(r->db, (struct panel_worker_get){ link->panel_id, link->worker },
                            &worker) &&
           panel_visit_get(r->db, (struct panel_visit_get){ campaign_id, worker.person_id },
                           &visit);
}

/* Judges a link of the panel in `e`; "" when it lets somebody in, else a sentence for them. */
static struct str judge(struct request *r, const struct panel_link *link, struct entrance *e)
{
    switch (panel_judge_link(r->arena, e->panel.panel_secret, link, r->now)) {
    case PANEL_NOT_SIGNED:
        return S("This link is not complete, or was changed on its way. Open it once more from "
                 "where you got it.");
    case PANEL_RAN_OUT:
        return S("This link has run out. Go back to where you got it and ask for a new one.");
    default:
        break;
    }
    struct str wrong =
        panel_find_campaign(r, &e->panel, link->campaign, &e->campaign_id, &e->campaign);
    if (wrong.size > 0)
        return wrong;
    if (!e->panel.is_on)
        return S("Nobody is let in through this panel at the moment.");
    if (!is_open(&e->campaign, r->now) && !was_here(r, link, e->campaign_id))
        return S("This work is not open now.");
    return S("");
}

struct reply panel_enter(struct request *r, const struct panel_enter_in *in)
{
    struct panel_link link = { in->panel_id, in->campaign, in->worker, in->until, in->signature };
    struct entrance e = { 0 };
    if (!panel_get(r->db, (struct panel_get){ in->panel_id }, &e.panel))
        return reply_not_found(r);
    struct str problem = judge(r, &link, &e);
    struct panel_enter_view view = {
        .is_welcome = problem.size == 0,
        .problem = problem,
        .panel_name = e.panel.panel_name,
        .question = e.campaign.question,
        .pays = e.panel.pays,
        .is_somebody = me(r).value != 0 && r->who.only_campaign == 0,
        .form = panel_start_form(r, (struct panel_start_in){ in->panel_id, in->campaign, in->worker,
                                                             in->until, in->signature }),
    };
    return panel_enter_show(r, &view);
}

struct reply panel_start(struct request *r, const struct panel_start_in *in)
{
    struct panel_link link = { in->panel_id, in->campaign, in->worker, in->until, in->signature };
    struct entrance e = { 0 };
    if (!panel_get(r->db, (struct panel_get){ in->panel_id }, &e.panel))
        return reply_not_found(r);
    struct str wrong = judge(r, &link, &e);
    if (wrong.size > 0)
        return reply_refused(r, 403, "not_let_in", str_c(r->arena, wrong));
    struct person_id person_id = panel_let_in(r, in->panel_id, &e.panel, e.campaign_id, in->worker);
    struct url work = campaign_kind(e.campaign.kind)->page(r->arena, e.campaign_id);
    struct reply reply = panel_start_done(r, work, NULL);
    people_sign_in(r, person_id, e.campaign_id, &reply);
    return reply;
}

struct reply panel_worker_add(struct request *r, const struct panel_worker_add_in *in)
{
    struct entrance e = { 0 };
    if (!panel_get(r->db, (struct panel_get){ in->panel_id }, &e.panel))
        return reply_not_found(r);
    if (!panel_worker_fits(in->worker))
        problem(r, "worker", "Use only letters, digits, - _ . and :, at most 64.");
    struct str wrong = panel_find_campaign(r, &e.panel, in->campaign, &e.campaign_id, &e.campaign);
    if (wrong.size > 0)
        problem(r, "campaign", "%.*s", STR_ARG(wrong));
    if (r->problems != NULL)
        return reply_problems(r);
    if (!e.panel.is_on)
        return reply_refused(r, 409, "switched_off",
                             "Nobody is let in through this panel at the moment.");
    struct panel_link link = { .panel_id = in->panel_id, .worker = in->worker };
    if (!is_open(&e.campaign, r->now) && !was_here(r, &link, e.campaign_id))
        return reply_refused(r, 409, "not_open", "This work is not open now.");
    struct person_id person_id = panel_let_in(r, in->panel_id, &e.panel, e.campaign_id, in->worker);
    struct panel_person_name_row name = { 0 };
    panel_person_name(r->db, (struct panel_person_name){ person_id }, &name);
    struct access_token_id id;
    struct panel_worker_view view = {
        .name = name.display_name,
        .campaign_id = e.campaign_id,
        .token = people_make_guest_token(r->db, r->now, person_id, S("panel"),
                                         scope_bits_up_to(S("participate")), 1, e.campaign_id, &id),
        .expires_at = r->now + day_us,
    };
    return panel_worker_add_done(r, url_panel_done(r->arena, e.campaign_id), NULL, &view);
}

/* --- Going back ------------------------------------------------------------------------------- */

static struct str address_for(const struct panel_of_worker_row *panel, struct str outcome)
{
    struct str own = str_equal(outcome, S("screened")) ? panel->screened_url
                     : str_equal(outcome, S("full"))   ? panel->full_url
                                                       : panel->done_url;
    return own.size > 0 ? own : panel->done_url;
}

struct reply panel_done(struct request *r, const struct panel_done_in *in)
{
    struct panel_of_worker_row panel;
    const struct campaign_kind *kind = campaign_kind(scope_of(r)->campaign.kind);
    struct panel_done_view view = { .campaign_id = in->campaign_id,
                                    .question = scope_of(r)->campaign.question };
    view.is_guest =
        kind->worked != NULL && panel_of_worker(r->db, (struct panel_of_worker){ me(r) }, &panel);
    if (!view.is_guest)
        return panel_done_show(r, &view);
    struct campaign_worked worked = kind->worked(r->db, in->campaign_id, me(r));
    view.panel_name = panel.panel_name;
    view.pays = panel.pays;
    view.outcome = panel_outcome(&worked);
    view.answers = worked.answers;
    view.return_address = panel_return_link(
        r->arena, address_for(&panel, view.outcome), panel.panel_secret, panel.panel_id,
        in->campaign_id, panel.worker_key, view.outcome, worked.answers, r->now / 1000000);
    view.back = url_from_text(view.return_address);
    return panel_done_show(r, &view);
}

/* --- Being forgotten -------------------------------------------------------------------------- */

struct reply panel_leave(struct request *r, const struct panel_leave_in *in)
{
    (void)in;
    struct panel_of_worker_row panel;
    if (!panel_of_worker(r->db, (struct panel_of_worker){ me(r) }, &panel))
        return reply_refused(
            r, 403, "no_guest",
            "Only who came through a panel leaves here. Others erase their account "
            "on its own page.");
    panel_erase_worker(r, panel.panel_id, me(r));
    struct reply reply =
        panel_leave_done(r, url_home(r->arena), "You and your words are erased here.");
    reply.cookie = web_session_cookie(r, S(""), 0);
    return reply;
}

struct reply panel_worker_erase(struct request *r, const struct panel_worker_erase_in *in)
{
    struct panel_worker_get_row worker;
    if (!panel_worker_get(r->db, (struct panel_worker_get){ in->panel_id, in->worker }, &worker))
        return reply_not_found(r);
    panel_erase_worker(r, in->panel_id, worker.person_id);
    return panel_worker_erase_done(r, url_home(r->arena), NULL);
}
