/* What the files of this room share. */
#pragma once
#include "commons/webhook/webhook.h"
#include "platform/fetch/fetch.h"
#include "views.h"
#include "webhook.sql.h"

enum {
    WEBHOOK_TRIES_MAX = 10,
    WEBHOOK_ENDPOINTS_MAX = 20,
    WEBHOOK_ANSWER_MAX = 200, /* characters of an answer that are kept */
};
#define WEBHOOK_SECOND_US INT64_C(1000000)
#define WEBHOOK_DAY_US (INT64_C(86400) * WEBHOOK_SECOND_US)
#define WEBHOOK_FAILING_US_MAX (3 * WEBHOOK_DAY_US) /* then it is switched off */

/* --- Rules: pure (webhook_rules.c) ------------------------------------------------------------ */

/* A kind of news, and what the ids of its event are called in it. */
struct webhook_kind {
    const char *name;
    const char *subject, *about; /* NULL: not told */
    const char *meaning;
};
const struct webhook_kind *webhook_kind_at(size_t n); /* NULL behind the last */
const struct webhook_kind *webhook_kind_named(struct str name);

/* Reads which kinds somebody wants: names, or beginnings like "idea.*", by lines, spaces or commas;
   none: all. False with a sentence that names the one that is not known. */
bool webhook_read_kinds(struct arena *arena, struct str typed, struct str *kinds,
                        struct str *problem);
/* Whether `kinds`, as read, hold this one. A test is always wanted. */
bool webhook_wants(struct str kinds, struct str kind);

/* How long after a failed try the next one comes; 0 when there is none. */
int64_t webhook_retry_us(int64_t tries);
/* How long an endpoint rests that failed so often in a row. */
int64_t webhook_rest_us(int64_t failures);

/* News without words that are gone; the same string where none of them stands in it. What is said
   of an id stands between it and the next id that is named. */
struct str webhook_without(struct arena *arena, struct str news, const struct webhook_words *gone,
                           size_t count);

/* The first characters of whatever bytes came, as one line of text. */
struct str webhook_clip(struct arena *arena, struct str body);

/* "whsec_" and 32 random bytes in base 64. */
struct str webhook_secret_make(struct arena *arena);
/* The header webhook-signature: "v1,…", and a second one by the old secret unless it is empty. */
struct str webhook_signature(struct arena *arena, struct str secret, struct str old_secret,
                             struct str message_id, int64_t seconds, struct str body);
struct str webhook_message_id(struct arena *arena, struct webhook_delivery_id id);

/* --- Shared ----------------------------------------------------------------------------------- */

struct fetch_rules webhook_fetch_rules(const struct site *site);
/* {"type":…,"timestamp":…,"data":…} */
struct str webhook_news(struct arena *arena, const char *kind, int64_t at, struct str data);

/* What became of a try (webhook_keep.c). */
struct webhook_try {
    struct webhook_endpoint_id webhook_endpoint_id;
    struct organisation_id organisation_id;
    struct webhook_deliveries_due_row delivery;
    struct str url;
    const struct site *site;
    int64_t now;
    struct fetch_answer answer;
    int64_t rest_us; /* filled in: 0 when it went well */
};
/* A command: keeps it, and switches the endpoint off where that follows. Context: the try. */
bool webhook_keep(struct sql *db, void *context);

/* The page of an endpoint; `secret` is shown in it, "" for none. False when there is no such one.
 */
bool webhook_page_fill(struct request *r, struct organisation_id organisation_id,
                       struct webhook_endpoint_id id, struct str secret,
                       struct webhook_page_view *view);
