#include "commons/people/people.h"

#include <sodium.h>
#include <zxcvbn.h>

#include "base/check.h"
#include "base/id.h"
#include "commons/event/event.h"
#include "people.sql.h"
#include "platform/clock/clock.h"
#include "platform/mail/mail.h"

enum { TOKEN_BYTES = 32, TOKEN_CHARACTERS = 43, PASSWORD_MEMORY_BYTES = 19 * 1024 * 1024 };
static const int64_t day_us = 86400LL * 1000000;
static const int session_days = 30, guest_days = 1;

static const struct {
    struct str name;
    unsigned bit;
} scopes[] = {
    { { "read", 4 }, SCOPE_READ },
    { { "participate", 11 }, SCOPE_PARTICIPATE },
    { { "moderate", 8 }, SCOPE_MODERATE },
    { { "manage", 6 }, SCOPE_MANAGE },
};

unsigned scope_bit(struct str name)
{
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++)
        if (str_equal(scopes[i].name, name))
            return scopes[i].bit;
    return 0;
}

unsigned scope_bits_up_to(struct str name)
{
    unsigned bit = scope_bit(name);
    return bit == 0 ? 0 : (bit << 1) - 1;
}

struct str scope_names(struct arena *arena, unsigned bits)
{
    struct buf out = { .arena = arena };
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        if ((bits & scopes[i].bit) == 0)
            continue;
        if (out.size > 0)
            buf_char(&out, ' ');
        buf_add(&out, scopes[i].name);
    }
    return buf_str(&out);
}

struct person_id me(const struct request *r)
{
    return (struct person_id){ r->who.person };
}

/* --- Tokens ----------------------------------------------------------------------------------- */

static struct str token_make(struct arena *arena)
{
    unsigned char bytes[TOKEN_BYTES];
    random_bytes(bytes, sizeof bytes);
    char *text = arena_new(arena, char, TOKEN_CHARACTERS + 1);
    sodium_bin2base64(text, TOKEN_CHARACTERS + 1, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (struct str){ text, TOKEN_CHARACTERS };
}

static struct str token_hash(struct arena *arena, struct str token)
{
    unsigned char *hash = arena_new(arena, unsigned char, crypto_hash_sha256_BYTES);
    crypto_hash_sha256(hash, (const unsigned char *)token.data, token.size);
    return (struct str){ (char *)hash, crypto_hash_sha256_BYTES };
}

void people_authenticate(struct request *r, struct str session, struct str bearer)
{
    r->who = (struct identity){ 0 };
    if (bearer.size == TOKEN_CHARACTERS) {
        struct access_token_person_row row;
        if (!access_token_person(
                r->db,
                (struct access_token_person){ .token_hash = token_hash(r->arena, bearer),
                                              .expires_at = r->now },
                &row))
            return;
        r->who = (struct identity){ .person = row.person_id.value,
                                    .name = row.display_name,
                                    .scopes = (unsigned)row.scopes,
                                    .by_token = true,
                                    .only_campaign = row.only_campaign_id.value };
    } else if (session.size == TOKEN_CHARACTERS) {
        struct session_person_row row;
        if (!session_person(r->db,
                            (struct session_person){ .token_hash = token_hash(r->arena, session),
                                                     .expires_at = r->now },
                            &row))
            return;
        r->who = (struct identity){ .person = row.person_id.value,
                                    .session = row.session_id.value,
                                    .name = row.display_name,
                                    .scopes = ~0u,
                                    .only_campaign = row.only_campaign_id.value };
    }
}

void people_sign_in(struct request *r, struct person_id person_id, struct campaign_id only,
                    struct reply *reply)
{
    int64_t lasts_us = (only.value == 0 ? session_days : guest_days) * day_us;
    struct str token = token_make(r->arena);
    if (r->who.session != 0)
        session_delete(r->db, (struct session_delete){ { r->who.session } });
    session_insert(r->db, (struct session_insert){ .session_id = { id_make(r->now) },
                                                   .token_hash = token_hash(r->arena, token),
                                                   .person_id = person_id,
                                                   .only_campaign_id = only,
                                                   .created_at = r->now,
                                                   .expires_at = r->now + lasts_us });
    reply->cookie = web_session_cookie(r, token, lasts_us / 1000000);
}

struct str people_make_guest_token(struct sql *db, int64_t now, struct person_id person_id,
                                   struct str label, unsigned bits, int days,
                                   struct campaign_id only, struct access_token_id *id)
{
    struct str token = token_make(sql_arena(db));
    *id = (struct access_token_id){ id_make(now) };
    access_token_insert(
        db, (struct access_token_insert){ .access_token_id = *id,
                                          .token_hash = token_hash(sql_arena(db), token),
                                          .person_id = person_id,
                                          .label = label,
                                          .scopes = bits,
                                          .only_campaign_id = only,
                                          .created_at = now,
                                          .expires_at = now + days * day_us });
    return token;
}

struct str people_make_token(struct sql *db, int64_t now, struct person_id person_id,
                             struct str label, unsigned bits, int days, struct access_token_id *id)
{
    return people_make_guest_token(db, now, person_id, label, bits, days, (struct campaign_id){ 0 },
                                   id);
}

void people_end_tokens(struct sql *db, struct person_id person_id)
{
    access_token_delete_of_person(db, (struct access_token_delete_of_person){ person_id });
}

bool people_link_works(struct request *r, struct str token)
{
    struct mail_link_by_hash_row row;
    return mail_link_by_hash(r->db, (struct mail_link_by_hash){ token_hash(r->arena, token) },
                             &row) &&
           row.used_at == 0 && row.expires_at > r->now;
}

bool people_use_link(struct request *r, struct str token, struct person_id *person_id,
                     struct str *next)
{
    struct str hash = token_hash(r->arena, token);
    struct mail_link_by_hash_row row;
    if (mail_link_use(r->db, (struct mail_link_use){ .used_at = r->now, .token_hash = hash }) !=
            1 ||
        !mail_link_by_hash(r->db, (struct mail_link_by_hash){ hash }, &row))
        return false;
    *person_id = row.person_id;
    *next = row.next_path;
    return true;
}

struct organisation_id people_house(struct sql *db)
{
    struct person_house_row row;
    return person_house(db, &row) ? row.organisation_id : (struct organisation_id){ 0 };
}

/* --- Accounts --------------------------------------------------------------------------------- */

static bool person_add(struct sql *db, int64_t now, struct str email, struct str display_name,
                       struct str password_hash, bool confirmed, struct person_id *person_id)
{
    *person_id = (struct person_id){ id_make(now) };
    return person_insert(db, (struct person_insert){ .person_id = *person_id,
                                                     .email = email,
                                                     .email_key = str_lower(sql_arena(db), email),
                                                     .display_name = display_name,
                                                     .password_hash = password_hash,
                                                     .person_state =
                                                         confirmed ? S("active") : S("unconfirmed"),
                                                     .created_at = now,
                                                     .confirmed_at = confirmed ? now : 0 }) == 1;
}

bool people_add_confirmed(struct sql *db, int64_t now, struct str email, struct str display_name,
                          struct str password_hash, struct person_id *person_id)
{
    return person_add(db, now, email, display_name, password_hash, true, person_id);
}

struct person_id people_add_pseudonym(struct sql *db, int64_t now, struct str key,
                                      struct str display_name)
{
    struct person_id person_id = { id_make(now) };
    check(str_find(key, S("@")) == SIZE_MAX); /* no address has it */
    person_insert(db, (struct person_insert){ .person_id = person_id,
                                              .email_key = key,
                                              .display_name = display_name,
                                              .person_state = S("active"),
                                              .created_at = now,
                                              .confirmed_at = now });
    return person_id;
}

struct person_id people_of_address(struct sql *db, int64_t now, struct str email,
                                   struct str display_name)
{
    struct person_by_email_row row;
    if (person_by_email(
            db, (struct person_by_email){ .email_key = str_lower(sql_arena(db), email) }, &row))
        return row.person_id;
    struct person_id person_id;
    person_add(db, now, email, display_name, S(""), false, &person_id);
    return person_id;
}

void people_mail_link(struct sql *db, int64_t now, struct str public_url,
                      struct person_id person_id, struct str email, struct str next,
                      struct str subject, struct str opening)
{
    struct arena *arena = sql_arena(db);
    struct str token = token_make(arena);
    mail_link_insert(db, (struct mail_link_insert){ .token_hash = token_hash(arena, token),
                                                    .person_id = person_id,
                                                    .next_path = next,
                                                    .created_at = now,
                                                    .expires_at = now + day_us });
    struct mail mail = {
        .to = email,
        .subject = subject,
        .text =
            str_printf(arena,
                       "%.*s\n\n%.*s/welcome/%.*s\n\n"
                       "The link works once and for 24 hours. If you did not ask for it, ignore "
                       "this mail: nothing happens.\n",
                       STR_ARG(opening), STR_ARG(public_url), STR_ARG(token)),
    };
    mail_queue(db, now, &mail);
}

bool people_is_last_owner(struct sql *db, struct person_id person_id)
{
    struct person_sole_ownerships_row row;
    return person_sole_ownerships(db, (struct person_sole_ownerships){ person_id }, &row) &&
           row.organisation_count > 0;
}

void people_erase(struct sql *db, int64_t now, struct person_id person_id)
{
    char id[ID_TEXT_SIZE + 1];
    id_print(person_id.value, id);
    struct person_by_id_row person;
    if (person_by_id(db, (struct person_by_id){ person_id }, &person))
        mail_forget(db, person.email);
    person_erase(db, (struct person_erase){ .email_key = str_printf(sql_arena(db), "erased:%s", id),
                                            .person_id = person_id });
    session_delete_others(db, (struct session_delete_others){ person_id, { 0 } });
    access_token_delete_of_person(db, (struct access_token_delete_of_person){ person_id });
    mail_link_delete_of_person(db, (struct mail_link_delete_of_person){ person_id });
    person_languages_delete(db, (struct person_languages_delete){ person_id });
    person_leave_teams(db, (struct person_leave_teams){ person_id });
    event_add(db, now, (struct campaign_id){ 0 }, "person.erased", (struct subject_id){ 0 },
              person_id, S(""));
}

struct str people_languages(struct sql *db, struct person_id person_id)
{
    struct person_languages_get_row row;
    return person_languages_get(db, (struct person_languages_get){ person_id }, &row)
               ? row.languages
               : S("");
}

/* --- Passwords -------------------------------------------------------------------------------- */

struct str people_hash_password(struct arena *arena, struct str password)
{
    char *hash = arena_new(arena, char, crypto_pwhash_STRBYTES);
    /* The limits are constants that fit any machine we run on; failure means no memory. */
    check(crypto_pwhash_str(hash, password.data, password.size, 2, PASSWORD_MEMORY_BYTES) == 0);
    return str_from(hash);
}

bool people_password_fits(struct str password_hash, struct str password)
{
    char hash[crypto_pwhash_STRBYTES] = { 0 };
    if (password_hash.size == 0 || password_hash.size >= sizeof hash)
        return false;
    for (size_t i = 0; i < password_hash.size; i++)
        hash[i] = password_hash.data[i];
    return crypto_pwhash_str_verify(hash, password.data, password.size) == 0;
}

struct str people_judge_password(struct arena *arena, struct str password)
{
    /* zxcvbn's time grows quickly with length; the first 60 bytes decide enough. */
    struct str head = str_slice(password, 0, 60);
    double guesses_log2 = ZxcvbnMatch(str_c(arena, head), NULL, NULL);
    if (guesses_log2 < 32)
        return S(
            "This password is too easy to guess. Add a word or two that do not belong together.");
    return S("");
}

/* --- Consent ---------------------------------------------------------------------------------- */

bool people_consents(struct sql *db, struct person_id person_id,
                     struct organisation_id organisation_id, struct str purpose)
{
    struct consent_newest_row row;
    return consent_newest(db, (struct consent_newest){ person_id, organisation_id, purpose },
                          &row) &&
           row.granted;
}

void people_consent(struct sql *db, int64_t now, struct person_id person_id,
                    struct organisation_id organisation_id, struct str purpose, bool granted,
                    struct str wording)
{
    if (people_consents(db, person_id, organisation_id, purpose) == granted)
        return;
    consent_insert(db, (struct consent_insert){ .consent_id = { id_make(now) },
                                                .person_id = person_id,
                                                .organisation_id = organisation_id,
                                                .purpose = purpose,
                                                .granted = granted,
                                                .wording = wording,
                                                .created_at = now });
}

/* --- Later ------------------------------------------------------------------------------------ */

static bool clean_up(struct sql *db, void *context)
{
    int64_t now = *(int64_t *)context;
    session_delete_old(db, (struct session_delete_old){ now });
    mail_link_delete_old(db, (struct mail_link_delete_old){ now - 30 * day_us });
    return true;
}

bool people_clean_up(void *store, int64_t now, struct fault *fault)
{
    return sql_submit_wait(store, clean_up, &now, fault) == SQL_KEPT;
}

struct url people_next(struct arena *arena, struct str next)
{
    (void)arena;
    if (str_starts(next, S("/")) && !str_starts(next, S("//")) && !str_starts(next, S("/\\")))
        return url_from_text(next);
    return url_from_text(S("/"));
}
