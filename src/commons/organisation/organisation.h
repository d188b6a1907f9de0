/* Organisations: a brand with its look and its team.
 *
 * An installation holds one organisation or many. The first is made by `manyhands setup` or by the
 * page behind a one-time token that the server prints when it finds none.
 */
#pragma once
#include "ids.h"
#include "platform/web/web.h"

/* What a person is to an organisation; each role may do what the ones before it may. */
enum role { ROLE_NOBODY, ROLE_PERSON, ROLE_MODERATOR, ROLE_MANAGER, ROLE_OWNER };
struct str role_name(enum role role); /* "nobody", "participant", "moderator", "manager", "owner" */
enum role role_from_name(struct str name); /* of a team; ROLE_NOBODY for any other word */
/* The role of a person in an organisation: at least ROLE_PERSON for anybody signed in. */
enum role organisation_role(struct sql *db, struct organisation_id organisation_id,
                            struct person_id person_id);

struct organisation_look {
    struct organisation_id organisation_id;
    struct str name, logo_blob, colour_1, colour_2;
};
/* False when there is no such organisation. */
bool organisation_look(struct sql *db, struct organisation_id organisation_id,
                       struct organisation_look *look);
/* The installation's first; false before the first run. */
bool organisation_house(struct sql *db, struct organisation_look *look);
/* An organisation's stylesheet, its address changing with the colours. */
struct url organisation_brand_url(struct arena *arena, const struct organisation_look *look);

/* Creates an organisation with its first owner. */
struct organisation_id organisation_make(struct sql *db, int64_t now, struct str name,
                                         struct str logo_blob, struct str colour_1,
                                         struct str colour_2, struct person_id owner);

/* The first run: makes a token, keeps its hash, returns the token to print; "" when an organisation
   exists already. */
struct str organisation_first_run_token(struct sql *db);
/* Whether this is the token, and the first run still to be done. */
bool organisation_first_run(struct sql *db, struct str token);

/* Reads a sent picture in prepare: cleans it and stores it; false with a problem beside `field`,
   true with *blob "" when none was sent. */
bool picture_take(struct request *r, const char *field, struct http_upload upload, int side_px_max,
                  struct str *blob);
/* The address of a stored picture; "" gives an empty url. */
struct url picture_url(struct arena *arena, struct str blob);
