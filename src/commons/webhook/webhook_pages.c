/* What the team sees of its webhooks. */
#include "webhook_inner.h"
#include "webhook_routes.h"

#include "commons/organisation/organisation.h"

static struct webhook_kind_list kind_views(struct arena *arena)
{
    struct webhook_kind_list list = { 0 };
    while (webhook_kind_at(list.count) != NULL)
        list.count++;
    list.items = arena_new(arena, struct webhook_kind_view, list.count);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = (struct webhook_kind_view){ str_from(webhook_kind_at(i)->name),
                                                    str_from(webhook_kind_at(i)->meaning) };
    return list;
}

struct reply webhooks(struct request *r, const struct webhooks_in *in)
{
    struct organisation_look look = { 0 };
    struct webhook_endpoints_of_row *rows;
    size_t count =
        webhook_endpoints_of(r->db, (struct webhook_endpoints_of){ in->organisation_id }, &rows);
    struct webhook_endpoint_view *endpoints =
        arena_new(r->arena, struct webhook_endpoint_view, count);
    for (size_t i = 0; i < count; i++)
        endpoints[i] =
            (struct webhook_endpoint_view){ .webhook_endpoint_id = rows[i].webhook_endpoint_id,
                                            .address = rows[i].url,
                                            .description = rows[i].description,
                                            .kinds = rows[i].kinds,
                                            .is_on = rows[i].is_on,
                                            .off_reason = rows[i].off_reason,
                                            .failing_since_at = rows[i].failing_since_at,
                                            .created_at = rows[i].created_at };
    organisation_look(r->db, in->organisation_id, &look);
    struct webhooks_view view = {
        .organisation_id = in->organisation_id,
        .name = look.name,
        .endpoints = { endpoints, count },
        .kinds = kind_views(r->arena),
        .form =
            webhook_add_form(r, (struct webhook_add_in){ .organisation_id = in->organisation_id }),
    };
    return webhooks_show(r, &view);
}

static struct webhook_delivery_list delivery_views(struct request *r, struct webhook_endpoint_id id)
{
    struct webhook_deliveries_of_row *rows;
    size_t count = webhook_deliveries_of(r->db, (struct webhook_deliveries_of){ id }, &rows);
    struct webhook_delivery_list list = { arena_new(r->arena, struct webhook_delivery_view, count),
                                          count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = (struct webhook_delivery_view){
            .webhook_delivery_id = rows[i].webhook_delivery_id,
            .message_id = webhook_message_id(r->arena, rows[i].webhook_delivery_id),
            .kind = rows[i].news_kind,
            .state = rows[i].delivery_state,
            .tries = rows[i].tries,
            .status = rows[i].last_status,
            .answer = rows[i].last_answer,
            .news = rows[i].news,
            .created_at = rows[i].created_at,
            .tried_at = rows[i].tried_at,
            .next_try_at = rows[i].next_try_at,
        };
    return list;
}

bool webhook_page_fill(struct request *r, struct organisation_id organisation_id,
                       struct webhook_endpoint_id id, struct str secret,
                       struct webhook_page_view *view)
{
    struct webhook_endpoint_get_row row;
    if (!webhook_endpoint_get(r->db, (struct webhook_endpoint_get){ organisation_id, id }, &row))
        return false;
    *view = (struct webhook_page_view){
        .organisation_id = organisation_id,
        .endpoint = { .webhook_endpoint_id = id,
                      .address = row.url,
                      .description = row.description,
                      .kinds = row.kinds,
                      .is_on = row.is_on,
                      .off_reason = row.off_reason,
                      .failing_since_at = row.failing_since_at,
                      .created_at = row.created_at },
        .secret = secret,
        .old_secret_until_at = row.old_secret_until_at > r->now ? row.old_secret_until_at : 0,
        .deliveries = delivery_views(r, id),
        .change_form =
            webhook_change_form(r, (struct webhook_change_in){ organisation_id, id, row.url,
                                                               row.description, row.kinds }),
    };
    return true;
}

struct reply webhook_page(struct request *r, const struct webhook_page_in *in)
{
    struct webhook_page_view view;
    if (!webhook_page_fill(r, in->organisation_id, in->webhook_endpoint_id, S(""), &view))
        return reply_not_found(r);
    return webhook_page_show(r, &view);
}
