#include "people.sql.h"
#include "people_routes.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "commons/event/event.h"
#include "people_inner.h"
#include "platform/config/config.h"
#include "platform/jobs/jobs.h"
#include "platform/mail/mail.h"
#include "urls.h"

/* The sentences people agree to; they are kept with each consent as proof. */
static const struct str notices_wording = { "Tell me by e-mail what happens to what I wrote", 46 };
static const struct str marketing_wording = { "Send me news and offers by e-mail", 33 };

static void consent_both(struct request *r, struct person_id person_id, bool notices,
                         bool marketing)
{
    struct organisation_id house = people_house(r->db);
    people_consent(r->db, r->now, person_id, house, S("notices"), notices, notices_wording);
    people_consent(r->db, r->now, person_id, house, S("marketing"), marketing, marketing_wording);
}

/* However many computers ask, a mailbox is not flooded and an account is not guessed at. What is
   counted is the address as typed, with an account or without: the answer does not tell. */
static const struct web_limit links_asked = { "links_asked", 5, 3600 };
static const struct web_limit wrong_passwords = { "wrong_passwords", 10, 900 };

static bool may_ask_link(struct request *r, struct str email)
{
    int64_t minutes = (web_limit_take(r, &links_asked, email) + 59) / 60;
    if (minutes > 0)
        problem(r, "email",
                "Several links have just been asked for this address. Look for the newest of these "
                "mails, or try again in %lld %s.",
                (long long)minutes, minutes == 1 ? "minute" : "minutes");
    return minutes == 0;
}

struct reply sign_up_person(struct request *r, const struct sign_up_person_in *in)
{
    if (!may_ask_link(r, in->email))
        return reply_problems(r);
    struct person_by_email_row known;
    bool is_known = person_by_email(
        r->db, (struct person_by_email){ .email_key = str_lower(r->arena, in->email) }, &known);
    if (is_known && str_equal(known.person_state, S("active"))) {
        people_mail_link(r->db, r->now, r->site->config->server_public_url, known.person_id,
                         in->email, people_next(r->arena, in->next).text, S("Your account"),
                         S("Somebody, probably you, asked for a new account with this address. You "
                           "have one already; this link signs you in."));
    } else {
        struct person_id person_id = people_of_address(r->db, r->now, in->email, in->display_name);
        person_rename(r->db, (struct person_rename){ in->display_name, person_id });
        consent_both(r, person_id, in->notices, in->marketing);
        people_mail_link(
            r->db, r->now, r->site->config->server_public_url, person_id, in->email,
            people_next(r->arena, in->next).text, S("Confirm your address"),
            S("Welcome. This link confirms that the address is yours and signs you in."));
    }
    return sign_up_person_done(r, url_mail_sent(r->arena), NULL);
}

struct reply sign_in_link(struct request *r, const struct sign_in_link_in *in)
{
    if (!may_ask_link(r, in->email))
        return reply_problems(r);
    struct person_by_email_row known;
    if (person_by_email(
            r->db, (struct person_by_email){ .email_key = str_lower(r->arena, in->email) }, &known))
        people_mail_link(r->db, r->now, r->site->config->server_public_url, known.person_id,
                         in->email, people_next(r->arena, in->next).text, S("Sign in"),
                         S("This link signs you in."));
    return sign_in_link_done(r, url_mail_sent(r->arena), NULL);
}

/* --- With a password: the slow part comes before the transaction ------------------------------ */

struct proven {
    struct person_id person_id; /* 0: address or password are wrong */
};

static char nobody_hash[crypto_pwhash_STRBYTES];

static void make_nobody_hash(void)
{
    struct arena *arena = arena_make();
    struct str hash = people_hash_password(arena, S("nobody's"));
    memcpy(nobody_hash, hash.data, hash.size);
    arena_free(arena);
}

bool sign_in_password_prepare(struct request *r, const struct sign_in_password_in *in)
{
    struct proven *proven = arena_new(r->arena, struct proven, 1);
    r->prepared = proven;
    /* A try counts until it has proven right, so that many at once are not more than the limit. */
    if (web_limit_take(r, &wrong_passwords, in->email) > 0) {
        problem(
            r, "",
            "Too many wrong passwords have been tried for this address. For a while only a link by "
            "e-mail signs you in.");
        return true;
    }
    struct person_by_email_row row;
    bool known = person_by_email(
        r->db, (struct person_by_email){ .email_key = str_lower(r->arena, in->email) }, &row);
    bool usable = known && row.password_hash.size > 0 && str_equal(row.person_state, S("active"));
    /* An unknown address costs the same time, so that it cannot be told apart. */
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_nobody_hash);
    bool fits =
        people_password_fits(usable ? row.password_hash : str_from(nobody_hash), in->password);
    if (usable && fits) {
        proven->person_id = row.person_id;
        web_limit_give_back(r, &wrong_passwords, in->email);
    } else {
        problem(r, "",
                "Address and password do not fit together. You can also ask for a link by e-mail.");
    }
    return true;
}

struct reply sign_in_password(struct request *r, const struct sign_in_password_in *in)
{
    const struct proven *proven = r->prepared;
    struct reply reply = sign_in_password_done(r, people_next(r->arena, in->next), NULL);
    people_sign_in(r, proven->person_id, (struct campaign_id){ 0 }, &reply);
    return reply;
}

static struct str *hash_chosen(struct request *r, struct str password)
{
    struct str *hash = arena_new(r->arena, struct str, 1);
    if (password.size == 0)
        return hash;
    struct str objection = people_judge_password(r->arena, password);
    if (objection.size > 0)
        problem(r, "password", "%.*s", STR_ARG(objection));
    else
        *hash = people_hash_password(r->arena, password);
    return hash;
}

bool welcome_sign_in_prepare(struct request *r, const struct welcome_sign_in_in *in)
{
    r->prepared = hash_chosen(r, in->password);
    return true;
}

struct reply welcome_sign_in(struct request *r, const struct welcome_sign_in_in *in)
{
    struct person_id person_id;
    struct str next;
    if (!people_use_link(r, in->token, &person_id, &next))
        return reply_refused(r, 410, "link_used",
                             "This link was used before, or it is too old. Ask for a new one.");
    person_confirm(r->db, (struct person_confirm){ r->now, person_id });
    const struct str *hash = r->prepared;
    if (hash->size > 0)
        person_set_password(r->db, (struct person_set_password){ *hash, person_id });
    struct reply reply = welcome_sign_in_done(r, people_next(r->arena, next), "You are signed in.");
    people_sign_in(r, person_id, (struct campaign_id){ 0 }, &reply);
    return reply;
}

struct reply sign_out(struct request *r, const struct sign_out_in *in)
{
    (void)in;
    session_delete(r->db, (struct session_delete){ { r->who.session } });
    struct reply reply = sign_out_done(r, url_home(r->arena), "You are signed out.");
    reply.cookie = web_session_cookie(r, S(""), 0);
    return reply;
}

/* --- The account ------------------------------------------------------------------------------ */

struct reply account_languages(struct request *r, const struct account_languages_in *in)
{
    struct str list, wrong;
    if (!languages_read(r->arena, in->languages, &list, &wrong)) {
        problem(r, "languages", "%.*s", STR_ARG(wrong));
        return reply_problems(r);
    }
    person_languages_set(r->db, (struct person_languages_set){ me(r), list, r->now });
    return account_languages_done(r, url_account(r->arena), "Your languages are saved.");
}

struct reply account_name(struct request *r, const struct account_name_in *in)
{
    person_rename(r->db, (struct person_rename){ in->display_name, me(r) });
    return account_name_done(r, url_account(r->arena), "Your name is changed.");
}

bool account_password_prepare(struct request *r, const struct account_password_in *in)
{
    r->prepared = hash_chosen(r, in->password);
    return true;
}

struct reply account_password(struct request *r, const struct account_password_in *in)
{
    (void)in;
    const struct str *hash = r->prepared;
    person_set_password(r->db, (struct person_set_password){ *hash, me(r) });
    session_delete_others(r->db, (struct session_delete_others){ me(r), { r->who.session } });
    return account_password_done(r, url_account(r->arena),
                                 "Your password is set. Other sessions have ended.");
}

struct reply account_consent(struct request *r, const struct account_consent_in *in)
{
    consent_both(r, me(r), in->notices, in->marketing);
    return account_consent_done(r, url_account(r->arena), "Your choice is kept.");
}

struct reply token_create(struct request *r, const struct token_create_in *in)
{
    struct access_token_count_row count;
    if (access_token_count(r->db, (struct access_token_count){ me(r) }, &count) &&
        count.token_count >= 50) {
        problem(r, "label", "You have 50 tokens. Revoke one that you no longer need.");
        return reply_problems(r);
    }
    static const struct {
        struct str name;
    } names[] = {
        { { "read", 4 } }, { { "participate", 11 } }, { { "moderate", 8 } }, { { "manage", 6 } }
    };
    unsigned bits = scope_bits_up_to(names[in->scope].name);
    struct access_token_id id;
    struct str token = people_make_token(r->db, r->now, me(r), in->label, bits, 365, &id);
    /* Shown in the answer itself: behind a redirect it would have to be kept somewhere meanwhile.
     */
    struct reply reply = account_page(r, token);
    reply.keep = true;
    return reply;
}

struct reply token_revoke(struct request *r, const struct token_revoke_in *in)
{
    if (access_token_delete(r->db, (struct access_token_delete){ in->access_token_id, me(r) }) == 0)
        return reply_not_found(r);
    return token_revoke_done(r, url_account(r->arena), "The token no longer works.");
}

struct reply account_erase(struct request *r, const struct account_erase_in *in)
{
    if (!in->sure) {
        problem(r, "sure", "Tick the box if you really want to erase your account.");
        return reply_problems(r);
    }
    if (people_is_last_owner(r->db, me(r))) {
        problem(r, "",
                "You are the only owner of an organisation. Make somebody else owner first.");
        return reply_problems(r);
    }
    people_erase(r->db, r->now, me(r));
    struct reply reply =
        account_erase_done(r, url_home(r->arena), "Your account and your words are erased.");
    reply.cookie = web_session_cookie(r, S(""), 0);
    return reply;
}
