/* What became of a try, kept; and what follows for the endpoint. */
#include "webhook_inner.h"

#include "base/id.h"
#include "base/log.h"
#include "platform/config/config.h"
#include "platform/mail/mail.h"
#include "urls.h"

static bool went_well(const struct fetch_answer *answer)
{
    return answer->outcome == FETCH_ANSWERED && answer->status >= 200 && answer->status <= 299;
}

static void tell_owners(struct sql *db, const struct webhook_try *t, struct str reason)
{
    struct arena *arena = sql_arena(db);
    struct webhook_owners_row *owners;
    size_t count = webhook_owners(db, (struct webhook_owners){ t->organisation_id }, &owners);
    struct str page =
        str_join(arena, t->site->config->server_public_url,
                 url_webhook_page(arena, t->organisation_id, t->webhook_endpoint_id).text);
    for (size_t i = 0; i < count; i++) {
        struct mail mail = {
            .to = owners[i].email,
            .subject =
                str_printf(arena, "%.*s: a webhook was switched off", STR_ARG(owners[i].name)),
            .text = str_printf(arena,
                               "%.*s\n\nIts address: %.*s\n\nWhat is waiting stays and is sent "
                               "when you switch it on again; what happens meanwhile is not told."
                               "\n\n%.*s\n",
                               STR_ARG(reason), STR_ARG(t->url), STR_ARG(page)),
        };
        mail_queue(db, t->now, &mail);
    }
}

static void switch_off(struct sql *db, const struct webhook_try *t, struct str reason)
{
    if (webhook_switch_off(db, (struct webhook_switch_off){ reason, t->webhook_endpoint_id }) == 1)
        tell_owners(db, t, reason);
}

static void keep_failure(struct sql *db, struct webhook_try *t)
{
    struct webhook_endpoint_failed_row row = { 0 };
    webhook_endpoint_failed(db, (struct webhook_endpoint_failed){ t->now, t->webhook_endpoint_id },
                            &row);
    t->rest_us = webhook_rest_us(row.failures);
    if (t->answer.status == 410)
        switch_off(db, t, S("The webhook answered that it is gone (410), so it was switched off."));
    else if (row.failing_since_at > 0 && t->now - row.failing_since_at >= WEBHOOK_FAILING_US_MAX)
        switch_off(db, t,
                   S("The webhook has taken nothing for three days, so it was switched off."));
}

bool webhook_keep(struct sql *db, void *context)
{
    struct webhook_try *t = context;
    const struct fetch_answer *answer = &t->answer;
    bool good = went_well(answer);
    int64_t delay = good ? 0 : webhook_retry_us(t->delivery.tries + 1);
    struct str said = answer->outcome == FETCH_ANSWERED ? webhook_clip(sql_arena(db), answer->body)
                                                        : answer->trouble;
    struct webhook_keep_try kept = {
        .delivery_state = good        ? S("delivered")
                          : delay > 0 ? S("waiting")
                                      : S("failed"),
        .next_try_at = delay > 0 ? t->now + delay : 0,
        .tried_at = t->now,
        .last_status = answer->status,
        .last_answer = webhook_clip(sql_arena(db), said),
        .campaign_id = t->delivery.campaign_id,
        .webhook_delivery_id = t->delivery.webhook_delivery_id,
        .tries = t->delivery.tries,
    };
    t->rest_us = 0;
    webhook_keep_try(db, kept);
    if (good)
        webhook_endpoint_worked(db, (struct webhook_endpoint_worked){ t->webhook_endpoint_id });
    else
        keep_failure(db, t);
    return true;
}

int64_t webhook_failing(struct sql *db)
{
    struct webhook_failing_count_row row = { 0 };
    webhook_failing_count(db, &row);
    return row.endpoint_count;
}

/* --- Later ------------------------------------------------------------------------------------ */

void webhook_forget(struct sql *db, struct campaign_id campaign_id, const char *kind, int64_t since,
                    const struct webhook_words *gone, size_t count)
{
    struct webhook_told_row *rows;
    struct webhook_told next = { campaign_id,
                                 { id_least(since - WEBHOOK_DAY_US) },
                                 str_from(kind) };
    size_t found;
    while ((found = webhook_told(db, next, &rows)) > 0) {
        for (size_t i = 0; i < found; i++) {
            struct str news = webhook_without(sql_arena(db), rows[i].news, gone, count);
            if (news.data != rows[i].news.data)
                webhook_told_change(db, (struct webhook_told_change){
                                            news, campaign_id, rows[i].webhook_delivery_id });
        }
        next.webhook_delivery_id = rows[found - 1].webhook_delivery_id;
    }
}

static bool forget_old(struct sql *db, void *context)
{
    webhook_delete_old(db, (struct webhook_delete_old){ *(int64_t *)context });
    return true;
}

bool webhook_clean_up(struct sql_store *store, int64_t now, struct fault *fault)
{
    int64_t oldest = now - 30 * WEBHOOK_DAY_US;
    return sql_submit_wait(store, forget_old, &oldest, fault) == SQL_KEPT;
}
