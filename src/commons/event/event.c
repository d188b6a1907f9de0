#include "commons/event/event.h"

#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "event.sql.h"

static const int64_t kept_us = 30LL * 86400 * 1000000;

void event_add(struct sql *db, int64_t now, struct campaign_id campaign_id, const char *name,
               struct subject_id subject_id, struct person_id person_id, struct str about)
{
    event_insert(db, (struct event_insert){ .campaign_id = campaign_id,
                                            .event_id = { id_make(now) },
                                            .event_name = str_from(name),
                                            .subject_id = subject_id,
                                            .person_id = person_id,
                                            .about = about,
                                            .created_at = now });
}

struct handing {
    const struct event_office *office;
    const struct event *event;
    int64_t now;
    struct str state;
};

static bool hand_on(struct sql *db, void *context)
{
    struct handing *h = context;
    struct event_finish finish = { .event_state = h->state,
                                   .campaign_id = h->event->campaign_id,
                                   .event_id = { h->event->event_id } };
    if (event_finish(db, finish) == 0)
        return false; /* another server was quicker */
    if (!str_equal(h->state, S("handled")))
        return true;
    for (const struct event_listener *l = h->office->listeners; l->name != NULL; l++)
        if (strcmp(l->name, "*") == 0 || str_equal(h->event->name, str_from(l->name)))
            l->hear(db, h->office->context, h->now, h->event);
    return true;
}

static bool forget_old(struct sql *db, void *context)
{
    event_delete_old(db, (struct event_delete_old){ *(int64_t *)context - kept_us });
    return true;
}

/* Loads what waits; events live in `arena`. */
static bool waiting(const struct event_office *office, struct arena *arena, struct event **events,
                    size_t *count, struct fault *fault)
{
    struct sql *db = sql_read_begin(office->store, arena, fault);
    if (db == NULL)
        return false;
    struct event_waiting_row *rows;
    *count = event_waiting(db, &rows);
    *events = arena_new(arena, struct event, *count);
    for (size_t i = 0; i < *count; i++)
        (*events)[i] = (struct event){ .campaign_id = rows[i].campaign_id,
                                       .event_id = rows[i].event_id.value,
                                       .name = rows[i].event_name,
                                       .subject_id = rows[i].subject_id,
                                       .person_id = rows[i].person_id,
                                       .about = rows[i].about,
                                       .created_at = rows[i].created_at };
    if (sql_read_end(office->store, db))
        return true;
    return fault_set(fault, FAULT_UNAVAILABLE, "events could not be read");
}

bool event_job(void *context, int64_t now, struct fault *fault)
{
    const struct event_office *office = context;
    struct arena *arena = arena_make();
    struct event *events = NULL;
    size_t count = 0;
    bool ok = waiting(office, arena, &events, &count, fault);
    for (size_t i = 0; ok && i < count; i++) {
        struct handing h = { office, &events[i], now, S("handled") };
        struct fault why = { 0 };
        if (sql_submit_wait(office->store, hand_on, &h, &why) != SQL_UNAVAILABLE)
            continue;
        if (why.kind == FAULT_UNAVAILABLE) {
            *fault = why;
            ok = false;
            break;
        }
        log_event(LOG_ERROR, "event.failed", LOG_TEXT("name", events[i].name),
                  LOG_TEXT("why", str_from(why.detail)), LOG_END);
        h.state = S("failed");
        ok = sql_submit_wait(office->store, hand_on, &h, fault) != SQL_UNAVAILABLE;
    }
    if (ok && count == 0)
        ok = sql_submit_wait(office->store, forget_old, &now, fault) != SQL_UNAVAILABLE;
    arena_free(arena);
    return ok;
}
