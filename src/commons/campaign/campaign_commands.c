#include "campaign_routes.h"

#include "base/id.h"
#include "commons/campaign/campaign.h"
#include "commons/event/event.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "urls.h"

enum { COVER_PX = 1600 };

/* --- The draft -------------------------------------------------------------------------------- */

bool campaign_create_prepare(struct request *r, const struct campaign_create_in *in)
{
    r->prepared = arena_new(r->arena, struct str, 1);
    picture_take(r, "cover", in->cover, COVER_PX, r->prepared);
    return true;
}

bool campaign_change_prepare(struct request *r, const struct campaign_change_in *in)
{
    r->prepared = arena_new(r->arena, struct str, 1);
    picture_take(r, "cover", in->cover, COVER_PX, r->prepared);
    return true;
}

static void keep_terms(struct request *r, struct campaign_id campaign_id, int64_t version,
                       struct str text)
{
    terms_insert(r->db, (struct terms_insert){ .campaign_id = campaign_id,
                                               .terms_version = version,
                                               .text = text,
                                               .created_at = r->now });
    record_append(r->db,
                  &(struct record_news){
                      .campaign_id = campaign_id,
                      .now = r->now,
                      .actor = role_name(scope_of(r)->role),
                      .action = "terms.published",
                      .details = str_printf(r->arena, "{\"version\":%lld}", (long long)version) });
}

/* Makes the categories those named: kept ones keep their id, so that ideas stay in them. */
static void keep_categories(struct request *r, struct campaign_id campaign_id,
                            const struct str *names, size_t count)
{
    struct categories_of_row *old;
    size_t old_count = categories_of(r->db, (struct categories_of){ campaign_id }, &old);
    bool *kept = arena_new(r->arena, bool, old_count);
    for (size_t i = 0; i < count; i++) {
        size_t j = 0;
        while (j < old_count && !str_equal(old[j].name, names[i]))
            j++;
        if (j < old_count) {
            kept[j] = true;
            category_place(r->db,
                           (struct category_place){ (int64_t)i, campaign_id, old[j].category_id });
        } else {
            category_insert(r->db, (struct category_insert){ .campaign_id = campaign_id,
                                                             .category_id = { id_make(r->now) },
                                                             .position = (int64_t)i,
                                                             .name = names[i] });
        }
    }
    for (size_t j = 0; j < old_count; j++)
        if (!kept[j])
            category_delete(r->db, (struct category_delete){ campaign_id, old[j].category_id });
}

/* Checks what both commands share; false with problems reported. */
static bool settings_good(struct request *r, int64_t opens_at, int64_t closes_at,
                          struct str categories, struct str **names, size_t *name_count)
{
    const char *field;
    struct str wrong = campaign_judge_times(opens_at, closes_at, r->now, &field);
    if (wrong.size > 0)
        problem(r, field, "%.*s", STR_ARG(wrong));
    *names = campaign_split_categories(r->arena, categories, name_count, &wrong);
    if (*names == NULL)
        problem(r, "categories", "%.*s", STR_ARG(wrong));
    return r->problems == NULL;
}

static struct campaign_head_view head_after(struct request *r, struct campaign_id campaign_id)
{
    struct scope *scope = arena_new(r->arena, struct scope, 1);
    if (scope_load(r, campaign_id, scope))
        r->scope = scope;
    return scope->campaign_id.value == 0 ? (struct campaign_head_view){ 0 } : campaign_head(r);
}

struct reply campaign_create(struct request *r, const struct campaign_create_in *in)
{
    struct str *names;
    size_t name_count;
    if (!settings_good(r, in->opens_at, in->closes_at, in->categories, &names, &name_count))
        return reply_problems(r);
    struct campaign_id id = { id_make(r->now) };
    const char *kind = campaign_create_kind_names[in->kind];
    int64_t terms_version = in->terms.size > 0 ? 1 : 0;
    const struct str *cover_blob = r->prepared;
    campaign_insert(r->db, (struct campaign_insert){ .campaign_id = id,
                                                     .organisation_id = in->organisation_id,
                                                     .kind = str_from(kind),
                                                     .question = in->question,
                                                     .brief = in->brief,
                                                     .cover_blob = *cover_blob,
                                                     .opens_at = in->opens_at,
                                                     .closes_at = in->closes_at,
                                                     .votes_per_person = in->votes_per_person,
                                                     .votes_against = in->votes_against,
                                                     .maps_opinions = in->maps_opinions,
                                                     .terms_version = terms_version,
                                                     .created_at = r->now });
    for (int64_t slot = 0; slot < CAMPAIGN_COUNT_SLOTS; slot++)
        campaign_count_insert(r->db, (struct campaign_count_insert){ id, slot });
    record_append(r->db, &(struct record_news){ .campaign_id = id,
                                                .now = r->now,
                                                .actor = role_name(scope_of(r)->role),
                                                .action = "campaign.created" });
    if (terms_version > 0)
        keep_terms(r, id, terms_version, in->terms);
    keep_categories(r, id, names, name_count);
    event_add(r->db, r->now, id, "campaign.created", (struct subject_id){ 0 }, me(r), S(""));
    struct campaign_head_view view = head_after(r, id);
    return campaign_create_done(r, url_campaign_manage(r->arena, id),
                                "The draft is saved. Only your team sees it until you open it.",
                                &view);
}

struct reply campaign_change(struct request *r, const struct campaign_change_in *in)
{
    const struct scope *scope = scope_of(r);
    const struct campaign_scope_row *c = &scope->campaign;
    int64_t opens = campaign_time_typed(c->opens_at, in->opens_at);
    int64_t closes = campaign_time_typed(c->closes_at, in->closes_at);
    if (scope->state == CAMPAIGN_CLOSED || scope->state == CAMPAIGN_CANCELLED)
        return campaign_not_now(r);
    const char *frozen = campaign_frozen_change(
        scope->state,
        &(struct campaign_settings){ c->question, c->opens_at, c->closes_at, c->votes_per_person,
                                     c->votes_against },
        &(struct campaign_settings){ in->question, opens, closes, in->votes_per_person,
                                     in->votes_against });
    if (frozen != NULL)
        problem(r, frozen, "The campaign has opened, and people rely on this; it stays as it is.%s",
                str_equal(str_from(frozen), S("closes_at")) ? " To close later, extend it." : "");
    struct str *names;
    size_t name_count;
    int64_t opens_at = campaign_is_frozen(scope->state) ? 0 : opens;
    if (!settings_good(r, opens_at, closes, in->categories, &names, &name_count) || frozen != NULL)
        return reply_problems(r);

    struct terms_get_row terms = { 0 };
    terms_get(r->db, (struct terms_get){ in->campaign_id, c->terms_version }, &terms);
    int64_t terms_version = c->terms_version + (str_equal(terms.text, in->terms) ? 0 : 1);
    const struct str *cover_blob = r->prepared;
    campaign_change_draft(r->db,
                          (struct campaign_change_draft){
                              .campaign_id = in->campaign_id,
                              .question = in->question,
                              .brief = in->brief,
                              .cover_blob = cover_blob->size > 0 ? *cover_blob : c->cover_blob,
                              .opens_at = opens,
                              .closes_at = closes,
                              .votes_per_person = in->votes_per_person,
                              .votes_against = in->votes_against,
                              .maps_opinions = in->maps_opinions,
                              .terms_version = terms_version,
                              .changed_at = r->now });
    if (terms_version != c->terms_version)
        keep_terms(r, in->campaign_id, terms_version, in->terms);
    keep_categories(r, in->campaign_id, names, name_count);
    if (scope->state != CAMPAIGN_DRAFT)
        record_append(r->db, &(struct record_news){ .campaign_id = in->campaign_id,
                                                    .now = r->now,
                                                    .actor = role_name(scope->role),
                                                    .action = "campaign.changed" });
    event_add(r->db, r->now, in->campaign_id, "campaign.changed", (struct subject_id){ 0 }, me(r),
              S(""));
    struct campaign_head_view view = head_after(r, in->campaign_id);
    return campaign_change_done(r, url_campaign_manage(r->arena, in->campaign_id), "Saved.", &view);
}

/* --- The life cycle --------------------------------------------------------------------------- */

/* Runs an action for the person who asks; false when it does not fit the state. */
static bool act(struct request *r, enum campaign_action action, struct str reason)
{
    return campaign_act(r->db, r->now, scope_of(r)->campaign_id, action,
                        role_name(scope_of(r)->role), reason);
}

static struct reply not_in_this_state(struct request *r)
{
    struct str sentence = str_printf(r->arena, "That cannot be done now: the campaign is %.*s.",
                                     STR_ARG(campaign_state_name(scope_of(r)->state)));
    return reply_refused(r, 409, "wrong_state", str_c(r->arena, sentence));
}

struct reply campaign_open(struct request *r, const struct campaign_open_in *in)
{
    const struct scope *scope = scope_of(r);
    const char *field;
    bool later = scope->state == CAMPAIGN_DRAFT && scope->campaign.opens_at > r->now;
    struct str wrong = campaign_judge_times(later ? scope->campaign.opens_at : 0,
                                            scope->campaign.closes_at, r->now, &field);
    enum campaign_state next;
    enum campaign_action action = later ? CAMPAIGN_ACT_SCHEDULE : CAMPAIGN_ACT_OPEN;
    if (!campaign_next_state(scope->state, action, &next))
        return not_in_this_state(r);
    const struct campaign_kind *kind = campaign_kind(scope->campaign.kind);
    if (wrong.size == 0 && kind->opening != NULL)
        wrong = kind->opening(r->db, r->now, in->campaign_id);
    if (wrong.size > 0) {
        problem(r, "", "%.*s", STR_ARG(wrong));
        return reply_problems(r);
    }
    act(r, action, S(""));
    struct campaign_head_view view = head_after(r, in->campaign_id);
    return campaign_open_done(r, url_campaign_manage(r->arena, in->campaign_id),
                              later ? "It opens by itself at its time." : "The campaign is open.",
                              &view);
}

/* The other actions differ in little; each has its own typed handler. */
#define LIFE_COMMAND(name, action, reason, notice)                                                 \
    struct reply name(struct request *r, const struct name##_in *in)                               \
    {                                                                                              \
        if (!act(r, action, reason))                                                               \
            return not_in_this_state(r);                                                           \
        struct campaign_head_view view = head_after(r, in->campaign_id);                           \
        return name##_done(r, url_campaign_manage(r->arena, in->campaign_id), notice, &view);      \
    }

LIFE_COMMAND(campaign_withdraw, CAMPAIGN_ACT_WITHDRAW, S(""), "The campaign is a draft again.")
LIFE_COMMAND(campaign_pause, CAMPAIGN_ACT_PAUSE, in->reason,
             "Paused. Everyone can read the reason.")
LIFE_COMMAND(campaign_resume, CAMPAIGN_ACT_RESUME, S(""), "People can take part again.")
LIFE_COMMAND(campaign_close, CAMPAIGN_ACT_CLOSE, in->reason, "The campaign is closed.")
LIFE_COMMAND(campaign_cancel, CAMPAIGN_ACT_CANCEL, in->reason, "The campaign is cancelled.")

struct reply campaign_extend(struct request *r, const struct campaign_extend_in *in)
{
    const struct scope *scope = scope_of(r);
    enum campaign_state next;
    if (!campaign_next_state(scope->state, CAMPAIGN_ACT_EXTEND, &next))
        return not_in_this_state(r);
    const char *field;
    struct str wrong = campaign_judge_times(0, in->closes_at, r->now, &field);
    if (wrong.size == 0 && in->closes_at <= scope->campaign.closes_at)
        wrong = S("Extending means closing later. Choose a time after the present closing time.");
    if (wrong.size > 0) {
        problem(r, "closes_at", "%.*s", STR_ARG(wrong));
        return reply_problems(r);
    }
    campaign_set_closing(r->db,
                         (struct campaign_set_closing){ in->closes_at, r->now, in->campaign_id });
    act(r, CAMPAIGN_ACT_EXTEND, in->reason);
    struct campaign_head_view view = head_after(r, in->campaign_id);
    return campaign_extend_done(r, url_campaign_manage(r->arena, in->campaign_id),
                                "The closing time is moved. The record says why.", &view);
}
