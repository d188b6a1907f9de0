/* Where the rooms meet: hooks of the platform, kinds of campaigns, listeners of events, jobs. */
#include "app/app.h"

#include <string.h>

#include "base/check.h"
#include "base/id.h"
#include "commons/campaign/campaign.h"
#include "commons/event/event.h"
#include "commons/likeness/likeness.h"
#include "commons/moderation/moderation.h"
#include "commons/money/money.h"
#include "commons/opinion/opinion.h"
#include "commons/organisation/organisation.h"
#include "commons/panel/panel.h"
#include "commons/people/people.h"
#include "commons/talk/talk.h"
#include "commons/webhook/webhook.h"
#include "kinds/idea/idea.h"
#include "kinds/task/task.h"
#include "platform/jobs/jobs.h"
#include "platform/mail/mail.h"
#include "urls.h"
#include "views.h"

const struct campaign_kind *const campaign_kinds[] = { &idea_kind, &task_kind, NULL };

/* --- Who listens to which news ---------------------------------------------------------------- */

/* What programs were answered repeats what a person wrote. */
static void erase_answers(struct sql *db, struct person_id person_id)
{
    struct campaign_id after = { 0 };
    struct campaign_ids_row *rows;
    size_t count;
    web_forget_person(db, 0, person_id.value);
    while ((count = campaign_ids(db, (struct campaign_ids){ after }, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            web_forget_person(db, rows[i].campaign_id.value, person_id.value);
        after = rows[count - 1].campaign_id;
    }
}

static void erase_words(struct sql *db, void *context, int64_t now, const struct event *event)
{
    talk_erase_person(db, now, event->person_id);
    opinion_erase_person(db, event->person_id);
    money_erase_person(db, event->person_id);
    task_erase_person(db, now, event->person_id);
    idea_erase_person(db, context, now, event);
    moderation_erase_person(db, event->person_id);
    erase_answers(db, event->person_id);
}

static const struct event_listener listeners[] = {
    { "idea.hidden", idea_tell_author },
    { "idea.shown", idea_tell_author },
    { "idea.hidden", opinion_spoil },
    { "idea.shown", opinion_spoil },
    { "idea.withdrawn", opinion_spoil },
    { "campaign.closed", opinion_spoil },
    { "comment.added", idea_tell_of_comment },
    { "comment.hidden", talk_tell_author },
    { "comment.shown", talk_tell_author },
    { "person.erased", erase_words },
    { "money.bonus", money_tell_person },
    { "task.rejected", task_collect_rejection },
    { "task.rejection_overturned", task_tell_of_appeal },
    { "task.rejection_upheld", task_tell_of_appeal },
    { "task.stop_lifted", task_tell_good_news },
    { "task.test_passed_after_all", task_tell_good_news },
    { "task.paid_after_all", task_tell_good_news },
    { "payout.paid", money_tell_person },
    { "payout.returned", money_tell_person },
    { "payout.declined", money_tell_person },
    /* what is alike is looked at again */
    { "idea.submitted", likeness_hear },
    { "idea.changed", likeness_hear },
    { "idea.hidden", likeness_hear },
    { "idea.shown", likeness_hear },
    { "idea.withdrawn", likeness_hear },
    { "ideas.imported", likeness_hear },
    { "campaign.changed", likeness_hear },
    /* what nobody on the team has looked at yet */
    { "idea.submitted", moderation_hear_words },
    { "idea.changed", moderation_hear_words },
    { "ideas.imported", moderation_hear_words },
    { "comment.added", moderation_hear_words },
    { "idea.hidden", moderation_hear_decision },
    { "idea.shown", moderation_hear_decision },
    { "comment.hidden", moderation_hear_decision },
    { "comment.shown", moderation_hear_decision },
    { "idea.withdrawn", moderation_hear_gone },
    { "comment.withdrawn", moderation_hear_gone },
    { "*", webhook_hear },
    { NULL, NULL },
};

/* --- Permission ------------------------------------------------------------------------------- */

/* The value of an id input by name; 0 when the route has none. */
static int64_t id_input(const struct route *route, const void *in, const char *name)
{
    for (size_t i = 0; i < route->input_count; i++) {
        const struct input *input = &route->inputs[i];
        if (input->type == INPUT_ID && strcmp(input->name, name) == 0)
            return *(const int64_t *)((const char *)in + input->offset);
    }
    return 0;
}

static struct str token_input(const struct route *route, const void *in)
{
    for (size_t i = 0; i < route->input_count; i++)
        if (route->inputs[i].type == INPUT_TOKEN && strcmp(route->inputs[i].name, "token") == 0)
            return *(const struct str *)((const char *)in + route->inputs[i].offset);
    return S("");
}

static bool allows(const struct permission *p, enum role role)
{
    const bool by_role[] = { p->nobody, p->participant, p->moderator, p->manager, p->owner };
    return by_role[role];
}

/* Loads what the request is about; false when it does not exist. */
static bool load(struct request *r, const void *in, struct scope *scope)
{
    struct campaign_id campaign_id = { id_input(r->route, in, "campaign_id") };
    const char *kind = r->route->campaigns;
    if (campaign_id.value != 0)
        return scope_load(r, campaign_id, scope) &&
               (kind == NULL || str_equal(scope->campaign.kind, str_from(kind)));
    scope->organisation_id.value = id_input(r->route, in, "organisation_id");
    struct organisation_look look;
    if (scope->organisation_id.value != 0) {
        scope->role = organisation_role(r->db, scope->organisation_id, me(r));
        return organisation_look(r->db, scope->organisation_id, &look);
    }
    scope->role = me(r).value != 0 ? ROLE_PERSON : ROLE_NOBODY;
    return true;
}

/* Who came through a panel works in one campaign, and has no account to speak of. */
static bool allows_guest(const struct permission *p, const struct request *r)
{
    const struct scope *scope = r->scope;
    bool is_work = strcmp(p->name, "participate") == 0;
    return p->guest && (!is_work || scope->campaign_id.value == r->who.only_campaign);
}

static enum verdict authorise_panel(struct request *r, const void *in)
{
    if (panel_has_account(r->db, (struct panel_id){ id_input(r->route, in, "panel_id") }, me(r)))
        return VERDICT_YES;
    return me(r).value == 0 ? VERDICT_SIGN_IN : VERDICT_NO;
}

static enum verdict authorise(struct request *r, const void *in)
{
    const struct permission *permission = permission_named(r->route->permission);
    struct scope *scope = arena_new(r->arena, struct scope, 1);
    r->scope = scope;
    if (!load(r, in, scope))
        return VERDICT_NOT_FOUND;
    if (strcmp(permission->name, "panel") == 0)
        return authorise_panel(r, in);
    if (strcmp(permission->name, "first_run") == 0)
        return organisation_first_run(r->db, token_input(r->route, in)) ? VERDICT_YES
                                                                        : VERDICT_NOT_FOUND;
    /* A draft is nobody's business but the team's. */
    if (scope->campaign_id.value != 0 && scope->state == CAMPAIGN_DRAFT &&
        scope->role < ROLE_MODERATOR)
        return VERDICT_NOT_FOUND;
    if (!allows(permission, scope->role))
        return scope->role == ROLE_NOBODY ? VERDICT_SIGN_IN : VERDICT_NO;
    if (r->who.only_campaign != 0 && !allows_guest(permission, r))
        return VERDICT_NO;
    if (r->who.by_token && (r->who.scopes & scope_bit(str_from(r->route->scope))) == 0)
        return VERDICT_NO;
    return VERDICT_YES;
}

static int64_t campaign_of(const struct request *r, const void *in)
{
    return id_input(r->route, in, "campaign_id");
}

/* --- The frame of every page ------------------------------------------------------------------ */

static void frame(struct request *r, struct frame_view *view)
{
    const struct scope *scope = r->scope;
    struct organisation_look look = { 0 };
    bool found = scope != NULL && scope->organisation_id.value != 0
                     ? organisation_look(r->db, scope->organisation_id, &look)
                     : organisation_house(r->db, &look);
    view->site_name = found ? look.name : S("Manyhands");
    view->organisation_name = view->site_name;
    view->organisation_home = url_home(r->arena);
    view->signed_in = r->who.person != 0;
    view->person_name = r->who.name;
    view->now = r->now;
    view->is_guest = r->who.only_campaign > 0;
    view->done = url_panel_done(r->arena, (struct campaign_id){ r->who.only_campaign });
    if (!found)
        return;
    view->has_brand = true;
    view->brand_css = organisation_brand_url(r->arena, &look);
    view->has_logo = look.logo_blob.size > 0;
    view->logo = picture_url(r->arena, look.logo_blob);
    enum role role = scope != NULL && scope->organisation_id.value == look.organisation_id.value
                         ? scope->role
                         : organisation_role(r->db, look.organisation_id, me(r));
    view->may_manage = role >= ROLE_MODERATOR;
    view->desk = url_organisation_manage(r->arena, look.organisation_id);
}

static struct url sign_in_url(struct request *r, struct str next)
{
    struct buf out = { .arena = r->arena };
    buf_add(&out, url_sign_in(r->arena).text);
    buf_add(&out, S("?next="));
    html_url_part(&out, next);
    return url_from_text(buf_str(&out));
}

const struct web_hooks app_hooks = {
    .authenticate = people_authenticate,
    .authorise = authorise,
    .frame = frame,
    .campaign = campaign_of,
    .sign_in = sign_in_url,
};

/* --- Jobs ------------------------------------------------------------------------------------- */

enum { SECOND_US = 1000000 };

static bool send_mail(void *context, int64_t now, struct fault *fault)
{
    return mail_job(context, now, fault);
}

static bool clean_up(void *context, int64_t now, struct fault *fault)
{
    struct site *site = context;
    return people_clean_up(site->store, now, fault) && web_forget_keys(site, now, fault) &&
           webhook_clean_up(site->store, now, fault);
}

static struct event_office office;

/* What listeners left to be done follows at once, under the same lease: another one would cost an
   idle server two writes a second. */
static bool hand_on_events(void *context, int64_t now, struct fault *fault)
{
    struct site *site = context;
    const struct campaign_memory *memory = site->app;
    struct likeness_office likeness = { .store = site->store, .likeness = memory->likeness };
    struct moderation_office moderation = { site->store, memory->likeness, memory->moderation };
    return event_job(&office, now, fault) && likeness_job(&likeness, now, fault) &&
           moderation_job(&moderation, now, fault);
}

struct job_runner *app_start_jobs(struct site *site)
{
    static struct mailer mailer;
    office = (struct event_office){ .store = site->store, .listeners = listeners, .context = site };
    mailer = (struct mailer){ .store = site->store, .config = site->config };
    static struct task_office tasks;
    tasks = (struct task_office){ .store = site->store,
                                  .minds = task_minds_make(),
                                  .blobs = site->blobs,
                                  .public_url = site->config->server_public_url };
    static struct job jobs[7];
    jobs[0] = (struct job){ .name = "campaigns",
                            .every_us = 5LL * SECOND_US,
                            .lease_us = 60LL * SECOND_US,
                            .run = campaign_job,
                            .context = site->store };
    jobs[1] = (struct job){ .name = "events",
                            .every_us = 1LL * SECOND_US,
                            .lease_us = 60LL * SECOND_US,
                            .run = hand_on_events,
                            .context = site };
    jobs[2] = (struct job){ .name = "mail",
                            .every_us = 2LL * SECOND_US,
                            .lease_us = 300LL * SECOND_US,
                            .run = send_mail,
                            .context = &mailer };
    jobs[3] = (struct job){ .name = "clean_up",
                            .every_us = 3600LL * SECOND_US,
                            .lease_us = 300LL * SECOND_US,
                            .run = clean_up,
                            .context = site };
    jobs[4] = (struct job){ .name = "opinions",
                            .every_us = 5LL * SECOND_US,
                            .lease_us = 600LL * SECOND_US,
                            .run = opinion_job,
                            .context = site->store };
    jobs[5] = (struct job){ .name = "tasks",
                            .every_us = 1LL * SECOND_US,
                            .lease_us = 30LL * SECOND_US,
                            .run = task_job,
                            .context = &tasks };
    jobs[6] = (struct job){ .name = "ledger",
                            .every_us = 86400LL * SECOND_US,
                            .lease_us = 3600LL * SECOND_US,
                            .run = ledger_job,
                            .context = site->store };
    return jobs_start(site->store, jobs, 7);
}
