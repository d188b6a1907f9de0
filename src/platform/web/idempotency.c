/* One key, one act: the answer is kept under the key the client chose, in the same transaction. */
#include "base/log.h"
#include "platform/web/visit.h"
#include "web.sql.h"
#include <sodium.h>

enum { KEY_SIZE_MAX = 100, FORGET_AT_ONCE = 500 };
static const int64_t keep_us = INT64_C(2) * 24 * 3600 * 1000000;

/* --- The key and what it stands for ----------------------------------------------------------- */

static struct str sent_key(struct visit *v)
{
    if (v->r.format == FORMAT_JSON)
        return http_header(v->x, S("idempotency-key"));
    for (size_t i = 0; i < v->http->form_count; i++)
        if (str_equal(v->http->form[i].name, S("idempotency_key")))
            return v->http->form[i].value;
    return (struct str){ 0 };
}

static bool is_key(struct str key)
{
    for (size_t i = 0; i < key.size; i++)
        if (key.data[i] < ' ' || key.data[i] > '~')
            return false;
    return key.size <= KEY_SIZE_MAX;
}

/* Each part with its size before it, so that no two different requests look the same. */
static void hash_part(crypto_hash_sha256_state *state, struct str part)
{
    uint64_t size = part.size;
    crypto_hash_sha256_update(state, (const unsigned char *)&size, sizeof size);
    crypto_hash_sha256_update(state, (const unsigned char *)part.data, part.size);
}

static void hash_request(struct visit *v)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    hash_part(&state, str_from(v->route->name));
    hash_part(&state, v->http->path);
    if (v->r.format == FORMAT_JSON)
        hash_part(&state, v->http->body);
    for (size_t i = 0; i < v->http->form_count; i++) {
        const struct http_field *field = &v->http->form[i];
        if (str_equal(field->name, S("csrf")) || str_equal(field->name, S("idempotency_key")))
            continue;
        hash_part(&state, field->name);
        hash_part(&state, field->value);
    }
    for (size_t i = 0; i < v->http->upload_count; i++) {
        hash_part(&state, v->http->uploads[i].name);
        hash_part(&state, v->http->uploads[i].bytes);
    }
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(v->request_hash, sizeof v->request_hash, hash, sizeof hash);
}

bool idempotency_read_key(struct visit *v)
{
    v->idempotency_key = sent_key(v);
    if (v->idempotency_key.size == 0)
        return true;
    if (!is_key(v->idempotency_key)) {
        v->reply = reply_refused(&v->r, 400, "malformed",
                                 "An idempotency key has 1 to 100 printable ASCII characters.");
        return false;
    }
    return true;
}

void idempotency_hash(struct visit *v)
{
    if (v->idempotency_key.size > 0)
        hash_request(v);
}

/* --- Within the command ----------------------------------------------------------------------- */

static bool has_key(const struct visit *v)
{
    return v->idempotency_key.size > 0 && v->r.who.person != 0;
}

static struct campaign_id campaign_of(struct visit *v)
{
    if (v->site->hooks.campaign == NULL)
        return (struct campaign_id){ 0 };
    return (struct campaign_id){ v->site->hooks.campaign(&v->r, v->in) };
}

static void reply_again(struct visit *v, const struct idempotency_find_row *row)
{
    v->replayed = true;
    v->reply = (struct reply){ .status = (int)row->answer_status,
                               .location = { row->answer_location },
                               .notice = row->answer_notice };
    if (v->r.format == FORMAT_JSON) {
        v->reply.content_type = S("application/json");
        v->reply.body = row->answer_body;
    }
}

bool idempotency_replay(struct visit *v)
{
    struct idempotency_find_row row;
    if (!has_key(v) ||
        !idempotency_find(v->r.db,
                          (struct idempotency_find){ .campaign_id = campaign_of(v),
                                                     .person_id = { v->r.who.person },
                                                     .idempotency_key = v->idempotency_key },
                          &row))
        return false;
    if (str_equal(row.request_hash, str_from(v->request_hash)))
        reply_again(v, &row);
    else
        v->reply = reply_refused(&v->r, 409, "key_used_differently",
                                 "This idempotency key was used for another request. Use a fresh "
                                 "key for each act.");
    return true;
}

void idempotency_keep_reply(struct visit *v)
{
    bool is_json = v->r.format == FORMAT_JSON;
    /* A page as the answer shows what may be shown only once; it is kept nowhere. */
    if (!has_key(v) || (!is_json && v->reply.status == 200))
        return;
    idempotency_keep(v->r.db, (struct idempotency_keep){ .campaign_id = campaign_of(v),
                                                         .person_id = { v->r.who.person },
                                                         .idempotency_key = v->idempotency_key,
                                                         .request_hash = str_from(v->request_hash),
                                                         .answer_status = v->reply.status,
                                                         .answer_location = v->reply.location.text,
                                                         .answer_notice = v->reply.notice,
                                                         .answer_body = is_json ? v->reply.body
                                                                                : (struct str){ 0 },
                                                         .created_at = v->r.now });
}

/* --- Forgetting ------------------------------------------------------------------------------- */

struct forgetting {
    int64_t before;
    size_t count;
};

static bool forget_some(struct sql *db, void *context)
{
    struct forgetting *forgetting = context;
    struct idempotency_old_row *rows;
    forgetting->count = idempotency_old(
        db, (struct idempotency_old){ .created_at = forgetting->before, .limit = FORGET_AT_ONCE },
        &rows);
    for (size_t i = 0; i < forgetting->count; i++)
        idempotency_forget(
            db, (struct idempotency_forget){ .campaign_id = rows[i].campaign_id,
                                             .person_id = rows[i].person_id,
                                             .idempotency_key = rows[i].idempotency_key });
    return true;
}

void web_forget_person(struct sql *db, int64_t campaign_id, int64_t person_id)
{
    idempotency_forget_person(db,
                              (struct idempotency_forget_person){ { campaign_id }, { person_id } });
}

bool web_forget_keys(void *site, int64_t now, struct fault *fault)
{
    struct forgetting forgetting = { .before = now - keep_us };
    do {
        enum sql_outcome outcome =
            sql_submit_wait(((struct site *)site)->store, forget_some, &forgetting, fault);
        if (outcome != SQL_KEPT)
            return false;
    } while (forgetting.count == FORGET_AT_ONCE);
    return true;
}
