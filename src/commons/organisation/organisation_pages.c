#include "organisation.sql.h"
#include "organisation_routes.h"

#include "commons/organisation/brand.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "urls.h"

struct reply setup(struct request *r, const struct setup_in *in)
{
    struct setup_view view = {
        .form =
            setup_organisation_form(r, (struct setup_organisation_in){ .token = in->token,
                                                                       .colour_1 = S("#1f5f8b"),
                                                                       .colour_2 = S("#e0a030") }),
    };
    return setup_show(r, &view);
}

struct reply organisation_brand(struct request *r, const struct organisation_brand_in *in)
{
    struct organisation_look look;
    if (!organisation_look(r->db, in->organisation_id, &look))
        return reply_not_found(r);
    struct buf out = { .arena = r->arena };
    brand_css(&out, look.colour_1, look.colour_2);
    struct reply reply = reply_bytes(r, S("text/css; charset=utf-8"), buf_str(&out));
    reply.shared = true;
    return reply;
}

struct reply organisation_edit(struct request *r, const struct organisation_edit_in *in)
{
    struct organisation_look look;
    if (!organisation_look(r->db, in->organisation_id, &look))
        return reply_not_found(r);
    struct organisation_edit_view view = {
        .organisation_id = in->organisation_id,
        .form = organisation_change_form(
            r, (struct organisation_change_in){ in->organisation_id, .name = look.name,
                                                .colour_1 = look.colour_1,
                                                .colour_2 = look.colour_2 }),
        .logo = picture_url(r->arena, look.logo_blob),
        .has_logo = look.logo_blob.size > 0,
    };
    return organisation_edit_show(r, &view);
}

struct reply team(struct request *r, const struct team_in *in)
{
    struct team_members_of_row *rows;
    size_t count = team_members_of(r->db, (struct team_members_of){ in->organisation_id }, &rows);
    struct team_member_view *members = arena_new(r->arena, struct team_member_view, count);
    for (size_t i = 0; i < count; i++)
        members[i] = (struct team_member_view){ .person_id = rows[i].person_id,
                                                .display_name = rows[i].display_name,
                                                .email = rows[i].email,
                                                .role = rows[i].role,
                                                .is_me = rows[i].person_id.value == me(r).value,
                                                .since = rows[i].created_at };
    struct team_view view = {
        .organisation_id = in->organisation_id,
        .members = { members, count },
        .form = team_add_form(r, (struct team_add_in){ .organisation_id = in->organisation_id }),
    };
    return team_show(r, &view);
}
