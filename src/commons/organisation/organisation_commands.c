#include "organisation.sql.h"
#include "organisation_routes.h"

#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "platform/config/config.h"
#include "platform/mail/mail.h"
#include "urls.h"

enum { LOGO_PX = 512 };

/* What is made before the transaction: a password's hash, a stored logo. */
struct founding {
    struct str password_hash, logo_blob;
};

bool setup_organisation_prepare(struct request *r, const struct setup_organisation_in *in)
{
    struct founding *founding = arena_new(r->arena, struct founding, 1);
    r->prepared = founding;
    struct str objection = people_judge_password(r->arena, in->password);
    if (objection.size > 0)
        problem(r, "password", "%.*s", STR_ARG(objection));
    else
        founding->password_hash = people_hash_password(r->arena, in->password);
    picture_take(r, "logo", in->logo, LOGO_PX, &founding->logo_blob);
    return true;
}

struct reply setup_organisation(struct request *r, const struct setup_organisation_in *in)
{
    const struct founding *founding = r->prepared;
    struct person_id owner;
    if (!people_add_confirmed(r->db, r->now, in->email, in->display_name, founding->password_hash,
                              &owner)) {
        problem(r, "email", "There is an account with this address already.");
        return reply_problems(r);
    }
    organisation_make(r->db, r->now, in->organisation_name, founding->logo_blob, in->colour_1,
                      in->colour_2, owner);
    struct reply reply =
        setup_organisation_done(r, url_home(r->arena), "Welcome. Your organisation is set up.");
    people_sign_in(r, owner, (struct campaign_id){ 0 }, &reply);
    return reply;
}

bool organisation_change_prepare(struct request *r, const struct organisation_change_in *in)
{
    struct str *logo_blob = arena_new(r->arena, struct str, 1);
    r->prepared = logo_blob;
    picture_take(r, "logo", in->logo, LOGO_PX, logo_blob);
    return true;
}

struct reply organisation_change(struct request *r, const struct organisation_change_in *in)
{
    struct organisation_look look;
    if (!organisation_look(r->db, in->organisation_id, &look))
        return reply_not_found(r);
    const struct str *logo_blob = r->prepared;
    organisation_change_look(r->db,
                             (struct organisation_change_look){
                                 .organisation_id = in->organisation_id,
                                 .name = in->name,
                                 .logo_blob = logo_blob->size > 0 ? *logo_blob : look.logo_blob,
                                 .colour_1 = in->colour_1,
                                 .colour_2 = in->colour_2 });
    return organisation_change_done(r, url_organisation_edit(r->arena, in->organisation_id),
                                    "The look is changed.");
}

struct reply team_add(struct request *r, const struct team_add_in *in)
{
    static const enum role roles[] = { ROLE_MODERATOR, ROLE_MANAGER, ROLE_OWNER };
    enum role role = roles[in->role];
    struct organisation_look look;
    if (!organisation_look(r->db, in->organisation_id, &look))
        return reply_not_found(r);
    size_t at = str_find(in->email, S("@"));
    struct person_id person_id =
        people_of_address(r->db, r->now, in->email, str_slice(in->email, 0, at));
    if (person_id.value == me(r).value) {
        problem(r, "email", "You are in the team already; another owner can change your role.");
        return reply_problems(r);
    }
    team_member_set(r->db, (struct team_member_set){ .organisation_id = in->organisation_id,
                                                     .person_id = person_id,
                                                     .role = role_name(role),
                                                     .created_at = r->now });
    struct url desk = url_organisation_manage(r->arena, in->organisation_id);
    people_mail_link(
        r->db, r->now, r->site->config->server_public_url, person_id, in->email, desk.text,
        str_printf(r->arena, "%.*s: you are in the team", STR_ARG(look.name)),
        str_printf(r->arena, "%.*s has made you %.*s of the team of %.*s. This link signs you in.",
                   STR_ARG(r->who.name), STR_ARG(role_name(role)), STR_ARG(look.name)));
    return team_add_done(r, url_team(r->arena, in->organisation_id), "Added, and told by e-mail.");
}

struct reply team_remove(struct request *r, const struct team_remove_in *in)
{
    struct team_owner_count_row owners;
    if (organisation_role(r->db, in->organisation_id, in->person_id) == ROLE_OWNER &&
        team_owner_count(r->db, (struct team_owner_count){ in->organisation_id }, &owners) &&
        owners.owner_count <= 1)
        return reply_refused(r, 409, "last_owner",
                             "An organisation needs an owner. Name another one first.");
    if (team_member_delete(r->db,
                           (struct team_member_delete){ in->organisation_id, in->person_id }) == 0)
        return reply_not_found(r);
    return team_remove_done(r, url_team(r->arena, in->organisation_id), "Taken out of the team.");
}
