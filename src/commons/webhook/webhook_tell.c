/* From what happened to deliveries that wait. */
#include "webhook_inner.h"

#include "base/id.h"
#include "platform/config/config.h"
#include "platform/json/json.h"

struct fetch_rules webhook_fetch_rules(const struct site *site)
{
    return (struct fetch_rules){ .allow_http = site->config->fetch_allow_http,
                                 .allow_private = site->config->fetch_allow_private };
}

struct str webhook_news(struct arena *arena, const char *kind, int64_t at, struct str data)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("{\"type\":"));
    json_text(&out, str_from(kind));
    buf_add(&out, S(",\"timestamp\":"));
    json_time(&out, at);
    buf_add(&out, S(",\"data\":"));
    buf_add(&out, data);
    buf_char(&out, '}');
    return buf_str(&out);
}

static void queue(struct sql *db, int64_t now, struct organisation_id house,
                  struct campaign_id campaign_id, const char *kind, struct str news)
{
    struct webhook_listening_row *rows;
    size_t count = webhook_listening(db, (struct webhook_listening){ house }, &rows);
    for (size_t i = 0; i < count; i++)
        if (webhook_wants(rows[i].kinds, str_from(kind)))
            webhook_delivery_insert(db, (struct webhook_delivery_insert){
                                            .campaign_id = campaign_id,
                                            .webhook_delivery_id = { id_make(now) },
                                            .webhook_endpoint_id = rows[i].webhook_endpoint_id,
                                            .news_kind = str_from(kind),
                                            .news = news,
                                            .created_at = now });
}

static struct organisation_id house_of(struct sql *db, struct campaign_id campaign_id)
{
    struct webhook_campaign_house_row row = { 0 };
    webhook_campaign_house(db, (struct webhook_campaign_house){ campaign_id }, &row);
    return row.organisation_id;
}

bool webhook_is_wanted(struct sql *db, struct campaign_id campaign_id, const char *kind)
{
    struct webhook_listening_row *rows;
    size_t count =
        webhook_listening(db, (struct webhook_listening){ house_of(db, campaign_id) }, &rows);
    for (size_t i = 0; i < count; i++)
        if (webhook_wants(rows[i].kinds, str_from(kind)))
            return true;
    return false;
}

void webhook_tell(struct sql *db, int64_t now, struct campaign_id campaign_id, const char *kind,
                  struct str data)
{
    queue(db, now, house_of(db, campaign_id), campaign_id, kind,
          webhook_news(sql_arena(db), kind, now, data));
}

/* --- Events ----------------------------------------------------------------------------------- */

static void member(struct buf *out, const char *name, int64_t id)
{
    buf_add(out, out->size > 1 ? S(",") : S(""));
    json_text(out, str_from(name));
    buf_char(out, ':');
    json_id(out, id);
}

/* The event's ids under their names; who did it is left out. */
static struct str data_of(struct arena *arena, const struct webhook_kind *kind,
                          const struct event *event)
{
    struct buf out = { .arena = arena };
    int64_t about = 0;
    buf_char(&out, '{');
    if (event->campaign_id.value != 0)
        member(&out, "campaign_id", event->campaign_id.value);
    if (kind->subject != NULL)
        member(&out, kind->subject, event->subject_id.value);
    if (kind->about != NULL && id_parse(event->about, &about))
        member(&out, kind->about, about);
    buf_char(&out, '}');
    return buf_str(&out);
}

/* Whose news it is: the campaign's organisation, or that of a batch of payouts. */
static struct organisation_id house_of_event(struct sql *db, const struct event *event)
{
    struct webhook_batch_house_row row = { 0 };
    int64_t about;
    if (event->campaign_id.value != 0)
        return house_of(db, event->campaign_id);
    if (str_starts(event->name, S("payout.")) && id_parse(event->about, &about))
        webhook_batch_house(db, (struct webhook_batch_house){ { about } }, &row);
    return row.organisation_id;
}

void webhook_hear(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context;
    const struct webhook_kind *kind = webhook_kind_named(event->name);
    if (kind == NULL)
        return;
    struct organisation_id house = house_of_event(db, event);
    if (house.value == 0)
        return;
    struct str data = data_of(sql_arena(db), kind, event);
    queue(db, now, house, event->campaign_id, kind->name,
          webhook_news(sql_arena(db), kind->name, event->created_at, data));
}
