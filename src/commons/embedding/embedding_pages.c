/* What owners see of the service, and agree to. */
#include "embedding_inner.h"
#include "embedding_routes.h"

#include "base/arena.h"
#include "commons/people/people.h"
#include "urls.h"

static struct str configured_host(const struct config *config)
{
    return embedding_is_configured(config) ? str_url_host(config->embeddings_url) : S("");
}

/* The model as it is configured now; false before its first start. */
static bool model_now(struct sql *db, const struct config *config,
                      struct embedding_model_latest_row *row)
{
    return embedding_model_latest(db, row) && str_equal(row->url, config->embeddings_url) &&
           str_equal(row->model, config->embeddings_model);
}

struct str embedding_host_of(struct sql *db, const struct config *config,
                             struct campaign_id campaign_id)
{
    struct embedding_head_method_row head;
    bool is_sent =
        embedding_is_configured(config) &&
        embedding_head_method(db, (struct embedding_head_method){ campaign_id }, &head) &&
        head.method >= LIKENESS_READER_LEAST;
    return is_sent ? configured_host(config) : S("");
}

struct str embedding_trouble(struct sql *db, struct arena *arena, const struct config *config)
{
    struct embedding_model_latest_row row;
    if (!embedding_is_configured(config) || !model_now(db, config, &row) || row.failures == 0)
        return S("");
    return str_printf(arena, "the last try failed, number %lld in a row: %.*s",
                      (long long)row.failures, STR_ARG(row.trouble));
}

struct reply comparing(struct request *r, const struct comparing_in *in)
{
    const struct config *config = r->site->config;
    struct comparing_view view = {
        .organisation_id = in->organisation_id,
        .has_encoder = likeness_has_encoder(likeness_of(r)),
        .has_service = embedding_is_configured(config),
        .host = configured_host(config),
        .model = config->embeddings_model,
    };
    struct embedding_consent_get_row consent;
    if (embedding_consent_get(r->db, (struct embedding_consent_get){ in->organisation_id },
                              &consent)) {
        view.is_agreed = str_equal(consent.host, view.host);
        view.agreed_by = consent.display_name;
        view.agreed_at = consent.created_at;
        view.agreed_host = consent.host;
    }
    struct embedding_waiting_row waiting = { 0 };
    embedding_waiting(r->db, (struct embedding_waiting){ in->organisation_id }, &waiting);
    view.texts_waiting = waiting.text_count;
    struct embedding_model_latest_row model;
    if (view.is_agreed && model_now(r->db, config, &model) && model.failures > 0) {
        view.trouble = model.trouble;
        view.tried_at = model.tried_at;
        view.next_at = model.next_at;
    }
    view.form = comparing_change_form(
        r, (struct comparing_change_in){ .organisation_id = in->organisation_id,
                                         .sends_texts = view.is_agreed,
                                         .host = view.host });
    return comparing_show(r, &view);
}

static void withdraw(struct request *r, struct organisation_id organisation_id)
{
    struct embedding_campaigns_of_row *rows;
    size_t count;
    embedding_consent_withdraw(r->db, (struct embedding_consent_withdraw){ organisation_id });
    while ((count = embedding_campaigns_of(
                r->db, (struct embedding_campaigns_of){ organisation_id }, &rows)) > 0)
        for (size_t i = 0; i < count; i++)
            likeness_appoint(r->db, r->now, rows[i].campaign_id, 0);
}

struct reply comparing_change(struct request *r, const struct comparing_change_in *in)
{
    struct url page = url_comparing(r->arena, in->organisation_id);
    if (!in->sends_texts) {
        withdraw(r, in->organisation_id);
        return comparing_change_done(r, page, "Nothing is sent any more.");
    }
    struct str host = configured_host(r->site->config);
    if (host.size == 0)
        problem(r, "sends_texts", "This server's configuration names no service.");
    else if (!str_equal(in->host, host))
        problem(r, "sends_texts", "The service is at %.*s now. Look again before you agree.",
                STR_ARG(host));
    if (r->problems != NULL)
        return reply_problems(r);
    embedding_consent_set(r->db,
                          (struct embedding_consent_set){ .organisation_id = in->organisation_id,
                                                          .host = host,
                                                          .person_id = me(r),
                                                          .created_at = r->now });
    return comparing_change_done(r, page, "Agreed. Texts are sent from now on.");
}
