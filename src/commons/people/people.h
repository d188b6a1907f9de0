/* People: accounts, sessions, tokens for programs, consent.
 *
 * Always true:
 *  - An address counts only when its owner has followed a mailed link; a password is chosen after
 * that, so nobody can prepare an account for somebody else's address.
 *  - Whether an address has an account is told to its owner by mail, never to whoever asks.
 *  - Five links an hour may be asked for an address, and ten wrong passwords tried in a quarter of
 * an hour, from however many computers. A mailed link works all the same.
 *  - Tokens are 32 random bytes, shown once; the database holds their SHA-256 only.
 *  - Consent is appended with the sentence that was shown; the newest row of a purpose holds.
 */
#pragma once
#include "commons/people/languages.h"
#include "ids.h"
#include "platform/web/web.h"

/* What a bearer token may be used for; a bit each. A session has all. */
enum scope_bit { SCOPE_READ = 1, SCOPE_PARTICIPATE = 2, SCOPE_MODERATE = 4, SCOPE_MANAGE = 8 };
/* The bit of a scope's name; 0 for an unknown one. */
unsigned scope_bit(struct str name);
/* All bits up to a scope: whoever may manage may read. */
unsigned scope_bits_up_to(struct str name);
/* "read participate" */
struct str scope_names(struct arena *arena, unsigned bits);

/* Who makes this request; value 0: nobody. */
struct person_id me(const struct request *r);

/* web_hooks.authenticate. */
void people_authenticate(struct request *r, struct str session, struct str bearer);

/* The account of an address, made unconfirmed when there is none. */
struct person_id people_of_address(struct sql *db, int64_t now, struct str email,
                                   struct str display_name);
/* Makes an account that needs no confirmation: the operator vouches for the address (setup,
   import). False when the address is taken. `password_hash` may be empty. */
bool people_add_confirmed(struct sql *db, int64_t now, struct str email, struct str display_name,
                          struct str password_hash, struct person_id *person_id);

/* Makes an account without an address, for somebody whom another house knows: nobody can sign in to
   it but by a session or token that is made for it. `key` is what is to be unique, not an address.
 */
struct person_id people_add_pseudonym(struct sql *db, int64_t now, struct str key,
                                      struct str display_name);

/* Queues a mail with a link that signs in once within a day and leads to `next`. `opening` is the
   first paragraph of the mail. */
void people_mail_link(struct sql *db, int64_t now, struct str public_url,
                      struct person_id person_id, struct str email, struct str next,
                      struct str subject, struct str opening);

/* Starts a session in place of the one the browser may have, and sets its cookie. `only`: the one
   campaign a guest may work in, for a day; value 0: no guest, for a month. */
void people_sign_in(struct request *r, struct person_id person_id, struct campaign_id only,
                    struct reply *reply);
/* A new bearer token (43 characters), kept for `days`. */
struct str people_make_token(struct sql *db, int64_t now, struct person_id person_id,
                             struct str label, unsigned scopes, int days,
                             struct access_token_id *id);
/* The same for a guest, who may work in one campaign only (value -1: in none). */
struct str people_make_guest_token(struct sql *db, int64_t now, struct person_id person_id,
                                   struct str label, unsigned scopes, int days,
                                   struct campaign_id only, struct access_token_id *id);
/* Ends all tokens of a person. */
void people_end_tokens(struct sql *db, struct person_id person_id);

/* Argon2id (19 MiB, 2 passes: about 45 ms). Slow: only in prepare, jobs and the command line. */
struct str people_hash_password(struct arena *arena, struct str password);
bool people_password_fits(struct str password_hash, struct str password);
/* "" when good enough, else a sentence about what is wrong (zxcvbn). Slow as well. */
struct str people_judge_password(struct arena *arena, struct str password);

/* Appends a consent; unchanged consents write nothing. */
void people_consent(struct sql *db, int64_t now, struct person_id person_id,
                    struct organisation_id organisation_id, struct str purpose, bool granted,
                    struct str wording);
bool people_consents(struct sql *db, struct person_id person_id,
                     struct organisation_id organisation_id, struct str purpose);

/* The installation's first organisation (value 0 before the first run). */
struct organisation_id people_house(struct sql *db);
/* Whether a mailed link can still be used. */
bool people_link_works(struct request *r, struct str token);

/* Uses a mailed link up; false when it was used, is too old or unknown. */
bool people_use_link(struct request *r, struct str token, struct person_id *person_id,
                     struct str *next);
/* What languages a person reads and writes, as a list (languages.h); "" when they have not said. */
struct str people_languages(struct sql *db, struct person_id person_id);
/* Whether an organisation would have no owner without this person. */
bool people_is_last_owner(struct sql *db, struct person_id person_id);
/* Removes name, address, sessions, tokens and team roles, and announces `person.erased`, on which
   the rooms that hold words remove them. */
void people_erase(struct sql *db, int64_t now, struct person_id person_id);

/* Periodic job: removes expired sessions and links. */
bool people_clean_up(void *store, int64_t now, struct fault *fault);

/* A path of this site to go on to after signing in: `next` when it is one, else "/". */
struct url people_next(struct arena *arena, struct str next);
