/* Events: news for other rooms, written in the transaction that makes it.
 *
 * A room that has news appends a row; the job in app/ hands each to whoever listens (one table
 * there), in a transaction of its own that also marks it handled. So news is never lost, never
 * handed on for something that was rolled back, and a listener acts once.
 */
#pragma once
#include "ids.h"
#include "platform/sql/sql.h"

/* Appends an event. `name` is like "idea.hidden"; ids may be 0. */
void event_add(struct sql *db, int64_t now, struct campaign_id campaign_id, const char *name,
               struct subject_id subject_id, struct person_id person_id, struct str about);

struct event {
    struct campaign_id campaign_id;
    int64_t event_id;
    struct str name;
    struct subject_id subject_id;
    struct person_id person_id;
    struct str about;
    int64_t created_at;
};

struct event_listener {
    const char *name; /* of the event; "*": any */
    void (*hear)(struct sql *db, void *context, int64_t now, const struct event *event);
};

struct event_office {
    struct sql_store *store;
    const struct event_listener *listeners; /* ends with a NULL name */
    void *context;                          /* handed to listeners */
};
/* Job: hands on what is waiting. An event whose listener fails is marked failed and logged. */
bool event_job(void *office, int64_t now, struct fault *fault);
