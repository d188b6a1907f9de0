/* What the team changes about its webhooks. */
#include "webhook_inner.h"
#include "webhook_routes.h"

#include "base/id.h"
#include "platform/json/json.h"
#include "urls.h"

/* Judges what was typed; reports what is wrong beside its field. */
static bool typed_well(struct request *r, struct str address, struct str typed, struct str *kinds)
{
    struct fetch_rules rules = webhook_fetch_rules(r->site);
    struct str wrong = fetch_judge_url(r->arena, &rules, address);
    if (wrong.size > 0)
        problem(r, "address", "%.*s", STR_ARG(wrong));
    if (!webhook_read_kinds(r->arena, typed, kinds, &wrong))
        problem(r, "kinds", "%.*s", STR_ARG(wrong));
    return r->problems == NULL;
}

/* The endpoint's page with its new secret, shown in the answer itself: behind a redirect it would
   have to be kept somewhere meanwhile. */
static struct reply shown_with(struct request *r, const struct webhook_page_view *view)
{
    struct reply reply = webhook_page_show(r, view);
    reply.keep = true;
    return reply;
}

struct reply webhook_add(struct request *r, const struct webhook_add_in *in)
{
    struct str kinds;
    struct webhook_endpoint_count_row count = { 0 };
    struct webhook_page_view view;
    if (!typed_well(r, in->address, in->kinds, &kinds))
        return reply_problems(r);
    webhook_endpoint_count(r->db, (struct webhook_endpoint_count){ in->organisation_id }, &count);
    if (count.endpoint_count >= WEBHOOK_ENDPOINTS_MAX) {
        problem(r, "", "There are %d webhooks. Remove one that is no longer needed.",
                WEBHOOK_ENDPOINTS_MAX);
        return reply_problems(r);
    }
    struct webhook_endpoint_insert row = { .webhook_endpoint_id = { id_make(r->now) },
                                           .organisation_id = in->organisation_id,
                                           .url = in->address,
                                           .description = in->description,
                                           .secret = webhook_secret_make(r->arena),
                                           .kinds = kinds,
                                           .created_at = r->now };
    webhook_endpoint_insert(r->db, row);
    if (!webhook_page_fill(r, in->organisation_id, row.webhook_endpoint_id, row.secret, &view))
        return reply_not_found(r);
    if (r->format == FORMAT_HTML)
        return shown_with(r, &view);
    return webhook_add_done(
        r, url_webhook_page(r->arena, in->organisation_id, row.webhook_endpoint_id), "", &view);
}

struct reply webhook_rotate(struct request *r, const struct webhook_rotate_in *in)
{
    struct webhook_page_view view;
    struct webhook_endpoint_rotate row = { .old_secret_until_at = r->now + WEBHOOK_DAY_US,
                                           .secret = webhook_secret_make(r->arena),
                                           .organisation_id = in->organisation_id,
                                           .webhook_endpoint_id = in->webhook_endpoint_id };
    if (webhook_endpoint_rotate(r->db, row) == 0 ||
        !webhook_page_fill(r, in->organisation_id, in->webhook_endpoint_id, row.secret, &view))
        return reply_not_found(r);
    if (r->format == FORMAT_HTML)
        return shown_with(r, &view);
    return webhook_rotate_done(
        r, url_webhook_page(r->arena, in->organisation_id, in->webhook_endpoint_id), "", &view);
}

static struct url page_of(struct request *r, struct organisation_id organisation_id,
                          struct webhook_endpoint_id id)
{
    return url_webhook_page(r->arena, organisation_id, id);
}

struct reply webhook_change(struct request *r, const struct webhook_change_in *in)
{
    struct str kinds;
    if (!typed_well(r, in->address, in->kinds, &kinds))
        return reply_problems(r);
    if (webhook_endpoint_change(r->db, (struct webhook_endpoint_change){
                                           .url = in->address,
                                           .description = in->description,
                                           .kinds = kinds,
                                           .organisation_id = in->organisation_id,
                                           .webhook_endpoint_id = in->webhook_endpoint_id }) == 0)
        return reply_not_found(r);
    return webhook_change_done(r, page_of(r, in->organisation_id, in->webhook_endpoint_id),
                               "Saved.");
}

struct reply webhook_switch(struct request *r, const struct webhook_switch_in *in)
{
    if (webhook_endpoint_switch(r->db,
                                (struct webhook_endpoint_switch){ in->on, in->organisation_id,
                                                                  in->webhook_endpoint_id }) == 0)
        return reply_not_found(r);
    return webhook_switch_done(r, page_of(r, in->organisation_id, in->webhook_endpoint_id),
                               in->on ? "Switched on. What waits is sent now."
                                      : "Switched off. It hears nothing until you switch it on.");
}

/* Whether it is there, for what does not change it. */
static bool is_there(struct request *r, struct organisation_id organisation_id,
                     struct webhook_endpoint_id id)
{
    struct webhook_endpoint_get_row row;
    return webhook_endpoint_get(r->db, (struct webhook_endpoint_get){ organisation_id, id }, &row);
}

struct reply webhook_test(struct request *r, const struct webhook_test_in *in)
{
    if (!is_there(r, in->organisation_id, in->webhook_endpoint_id))
        return reply_not_found(r);
    struct buf data = { .arena = r->arena };
    buf_add(&data, S("{\"webhook_endpoint_id\":"));
    json_id(&data, in->webhook_endpoint_id.value);
    buf_char(&data, '}');
    webhook_delivery_insert(
        r->db, (struct webhook_delivery_insert){
                   .webhook_delivery_id = { id_make(r->now) },
                   .webhook_endpoint_id = in->webhook_endpoint_id,
                   .news_kind = S("webhook.test"),
                   .news = webhook_news(r->arena, "webhook.test", r->now, buf_str(&data)),
                   .created_at = r->now });
    return webhook_test_done(r, page_of(r, in->organisation_id, in->webhook_endpoint_id),
                             "A test is on its way. Load the page again to see what came back.");
}

struct reply webhook_again(struct request *r, const struct webhook_again_in *in)
{
    if (!is_there(r, in->organisation_id, in->webhook_endpoint_id) ||
        webhook_delivery_again(r->db,
                               (struct webhook_delivery_again){ r->now, in->webhook_endpoint_id,
                                                                in->webhook_delivery_id }) == 0)
        return reply_not_found(r);
    return webhook_again_done(r, page_of(r, in->organisation_id, in->webhook_endpoint_id),
                              "It is sent again.");
}

struct reply webhook_remove(struct request *r, const struct webhook_remove_in *in)
{
    if (webhook_endpoint_delete(r->db, (struct webhook_endpoint_delete){
                                           in->organisation_id, in->webhook_endpoint_id }) == 0)
        return reply_not_found(r);
    webhook_deliveries_delete(r->db, (struct webhook_deliveries_delete){ in->webhook_endpoint_id });
    return webhook_remove_done(r, url_webhooks(r->arena, in->organisation_id),
                               "The webhook is removed.");
}
