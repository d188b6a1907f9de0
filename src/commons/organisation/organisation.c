#include "commons/organisation/organisation.h"

#include <sodium.h>

#include "base/check.h"
#include "base/id.h"
#include "organisation.sql.h"
#include "platform/blobs/blobs.h"
#include "platform/clock/clock.h"
#include "urls.h"

struct str role_name(enum role role)
{
    static const struct str names[] = {
        { "nobody", 6 }, { "participant", 11 }, { "moderator", 9 }, { "manager", 7 }, { "owner", 5 }
    };
    return names[role];
}

enum role role_from_name(struct str name)
{
    for (enum role role = ROLE_MODERATOR; role <= ROLE_OWNER; role++)
        if (str_equal(name, role_name(role)))
            return role;
    return ROLE_NOBODY;
}

enum role organisation_role(struct sql *db, struct organisation_id organisation_id,
                            struct person_id person_id)
{
    if (person_id.value == 0)
        return ROLE_NOBODY;
    struct team_member_role_row row;
    if (!team_member_role(db, (struct team_member_role){ organisation_id, person_id }, &row))
        return ROLE_PERSON;
    return role_from_name(row.role);
}

bool organisation_look(struct sql *db, struct organisation_id organisation_id,
                       struct organisation_look *look)
{
    struct organisation_by_id_row row;
    if (!organisation_by_id(db, (struct organisation_by_id){ organisation_id }, &row))
        return false;
    *look = (struct organisation_look){ organisation_id, row.name, row.logo_blob, row.colour_1,
                                        row.colour_2 };
    return true;
}

bool organisation_house(struct sql *db, struct organisation_look *look)
{
    struct organisation_first_row row;
    if (!organisation_first(db, &row))
        return false;
    *look = (struct organisation_look){ row.organisation_id, row.name, row.logo_blob, row.colour_1,
                                        row.colour_2 };
    return true;
}

struct url organisation_brand_url(struct arena *arena, const struct organisation_look *look)
{
    struct url base = url_organisation_brand(arena, look->organisation_id);
    return url_from_text(str_printf(arena, "%.*s?v=%.*s%.*s", STR_ARG(base.text),
                                    STR_ARG(str_slice(look->colour_1, 1, 7)),
                                    STR_ARG(str_slice(look->colour_2, 1, 7))));
}

struct organisation_id organisation_make(struct sql *db, int64_t now, struct str name,
                                         struct str logo_blob, struct str colour_1,
                                         struct str colour_2, struct person_id owner)
{
    struct organisation_id id = { id_make(now) };
    organisation_insert(db, (struct organisation_insert){ .organisation_id = id,
                                                          .name = name,
                                                          .logo_blob = logo_blob,
                                                          .colour_1 = colour_1,
                                                          .colour_2 = colour_2,
                                                          .created_at = now });
    team_member_set(db, (struct team_member_set){ .organisation_id = id,
                                                  .person_id = owner,
                                                  .role = role_name(ROLE_OWNER),
                                                  .created_at = now });
    installation_delete(db, (struct installation_delete){ S("first_run_token") });
    return id;
}

/* --- The first run ---------------------------------------------------------------------------- */

static struct str hash_hex(struct arena *arena, struct str token)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)token.data, token.size);
    return str_hex(arena, hash, sizeof hash);
}

struct str organisation_first_run_token(struct sql *db)
{
    struct organisation_look house;
    if (organisation_house(db, &house))
        return S("");
    unsigned char bytes[15];
    random_bytes(bytes, sizeof bytes);
    struct str token = str_hex(sql_arena(db), bytes, sizeof bytes);
    installation_set(
        db, (struct installation_set){ S("first_run_token"), hash_hex(sql_arena(db), token) });
    return token;
}

bool organisation_first_run(struct sql *db, struct str token)
{
    struct installation_get_row row;
    struct organisation_look house;
    return !organisation_house(db, &house) &&
           installation_get(db, (struct installation_get){ S("first_run_token") }, &row) &&
           str_equal(row.value, hash_hex(sql_arena(db), token));
}

/* --- Pictures --------------------------------------------------------------------------------- */

bool picture_take(struct request *r, const char *field, struct http_upload upload, int side_px_max,
                  struct str *blob)
{
    *blob = S("");
    if (upload.bytes.size == 0)
        return true;
    struct str webp;
    int width_px, height_px;
    struct fault fault = { 0 };
    char name[BLOB_NAME_SIZE + 1];
    if (!picture_clean(r->arena, upload.bytes, side_px_max, &webp, &width_px, &height_px, &fault) ||
        !blob_put(r->site->blobs, webp, name, &fault)) {
        if (fault.kind == FAULT_REFUSED)
            problem(r, field, "%s", fault.detail);
        else
            problem(r, field, "The picture could not be taken in just now. Try again in a minute.");
        return false;
    }
    *blob = str_copy(r->arena, str_from(name));
    return true;
}

struct url picture_url(struct arena *arena, struct str blob)
{
    return blob.size == 0 ? (struct url){ 0 } : url_picture(arena, blob);
}
