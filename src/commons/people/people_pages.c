#include "people.sql.h"
#include "people_routes.h"

#include "people_inner.h"
#include "urls.h"

/* The installation's name on pages about accounts; they stand outside any campaign. */
static struct str house_name(struct request *r)
{
    struct person_house_row row;
    return person_house(r->db, &row) ? row.name : S("Manyhands");
}

struct reply sign_up(struct request *r, const struct sign_up_in *in)
{
    struct sign_up_view view = {
        .organisation_name = house_name(r),
        .form = sign_up_person_form(r, (struct sign_up_person_in){ .next = in->next }),
    };
    return sign_up_show(r, &view);
}

struct reply mail_sent(struct request *r, const struct mail_sent_in *in)
{
    (void)in;
    struct mail_sent_view view = { .organisation_name = house_name(r) };
    return mail_sent_show(r, &view);
}

struct reply sign_in(struct request *r, const struct sign_in_in *in)
{
    struct sign_in_view view = {
        .organisation_name = house_name(r),
        .password_form = sign_in_password_form(r, (struct sign_in_password_in){ .next = in->next }),
        .link_form = sign_in_link_form(r, (struct sign_in_link_in){ .next = in->next }),
        .sign_up = url_sign_up(r->arena),
    };
    return sign_in_show(r, &view);
}

struct reply welcome(struct request *r, const struct welcome_in *in)
{
    struct welcome_view view = {
        .works = people_link_works(r, in->token),
        .form = welcome_sign_in_form(r, (struct welcome_sign_in_in){ .token = in->token }),
    };
    return welcome_show(r, &view);
}

struct reply account_page(struct request *r, struct str new_token)
{
    struct person_by_id_row person;
    if (!person_by_id(r->db, (struct person_by_id){ me(r) }, &person))
        return reply_not_found(r);

    struct consents_of_row *given;
    size_t given_count = consents_of(r->db, (struct consents_of){ me(r) }, &given);
    struct consent_given_view *consents =
        arena_new(r->arena, struct consent_given_view, given_count);
    for (size_t i = 0; i < given_count; i++)
        consents[i] = (struct consent_given_view){ .organisation_name = given[i].name,
                                                   .purpose = given[i].purpose,
                                                   .granted = given[i].granted,
                                                   .wording = given[i].wording,
                                                   .created_at = given[i].created_at };

    struct access_tokens_of_row *kept;
    size_t kept_count = access_tokens_of(r->db, (struct access_tokens_of){ me(r) }, &kept);
    struct access_token_view *tokens = arena_new(r->arena, struct access_token_view, kept_count);
    for (size_t i = 0; i < kept_count; i++)
        tokens[i] =
            (struct access_token_view){ .access_token_id = kept[i].access_token_id,
                                        .label = kept[i].label,
                                        .scopes = scope_names(r->arena, (unsigned)kept[i].scopes),
                                        .created_at = kept[i].created_at,
                                        .expires_at = kept[i].expires_at };

    struct str languages = languages_text(r->arena, people_languages(r->db, me(r)), S(", "));
    struct organisation_id house = people_house(r->db);
    struct account_view view = {
        .display_name = person.display_name,
        .email = person.email,
        .has_password = person.password_hash.size > 0,
        .has_earnings = person_has_earnings(r->db, (struct person_has_earnings){ me(r) },
                                            &(struct person_has_earnings_row){ 0 }),
        .created_at = person.created_at,
        .name_form =
            account_name_form(r, (struct account_name_in){ .display_name = person.display_name }),
        .languages = languages,
        .languages_form =
            account_languages_form(r, (struct account_languages_in){ .languages = languages }),
        .password_form = account_password_form(r, (struct account_password_in){}),
        .consent_form = account_consent_form(
            r,
            (struct account_consent_in){
                .notices = people_consents(r->db, me(r), house, S("notices")),
                .marketing = people_consents(r->db, me(r), house, S("marketing")) }),
        .consents = { consents, given_count },
        .token_form = token_create_form(r, (struct token_create_in){}),
        .tokens = { tokens, kept_count },
        .new_token = new_token,
        .erase_form = account_erase_form(r, (struct account_erase_in){}),
    };
    return account_show(r, &view);
}

struct reply account(struct request *r, const struct account_in *in)
{
    (void)in;
    return account_page(r, S(""));
}
