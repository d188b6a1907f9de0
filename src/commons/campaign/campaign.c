#include "commons/campaign/campaign.h"

#include "base/check.h"
#include "base/id.h"
#include "commons/event/event.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "platform/json/json.h"
#include "urls.h"

/* --- Scope ------------------------------------------------------------------------------------ */

const struct scope *scope_of(const struct request *r)
{
    check(r->scope != NULL);
    return r->scope;
}

bool scope_load(struct request *r, struct campaign_id campaign_id, struct scope *scope)
{
    if (!campaign_scope(r->db,
                        (struct campaign_scope){ .person_id = me(r), .campaign_id = campaign_id },
                        &scope->campaign))
        return false;
    scope->campaign_id = campaign_id;
    scope->organisation_id = scope->campaign.organisation_id;
    scope->state = campaign_state_from_name(scope->campaign.campaign_state);
    scope->role = role_from_name(scope->campaign.role);
    if (scope->role == ROLE_NOBODY && r->who.person != 0)
        scope->role = ROLE_PERSON;
    return true;
}

bool campaign_takes_part(const struct scope *scope, int64_t now)
{
    return scope->state == CAMPAIGN_OPEN && now < scope->campaign.closes_at;
}

struct reply campaign_not_now(struct request *r)
{
    const struct scope *scope = scope_of(r);
    switch (scope->state) {
    case CAMPAIGN_DRAFT:
    case CAMPAIGN_SCHEDULED:
        return reply_refused(r, 409, "not_open_yet", "This campaign is not open yet.");
    case CAMPAIGN_PAUSED:
        return reply_refused(r, 409, "paused",
                             str_c(r->arena, str_printf(r->arena, "This campaign is paused: %.*s",
                                                        STR_ARG(scope->campaign.state_reason))));
    case CAMPAIGN_CANCELLED:
        return reply_refused(r, 409, "cancelled", "This campaign was cancelled.");
    default:
        return reply_refused(r, 409, "closed", "This campaign is closed.");
    }
}

struct campaign_head_view campaign_head(struct request *r)
{
    const struct scope *scope = scope_of(r);
    const struct campaign_scope_row *c = &scope->campaign;
    struct campaign_count_get_row count = { 0 };
    campaign_count_get(r->db, (struct campaign_count_get){ scope->campaign_id }, &count);
    return (struct campaign_head_view){
        .campaign_id = scope->campaign_id,
        .organisation_id = scope->organisation_id,
        .kind = c->kind,
        .question = c->question,
        .state = c->campaign_state,
        .state_reason = c->state_reason,
        .cover = picture_url(r->arena, c->cover_blob),
        .has_cover = c->cover_blob.size > 0,
        .opens_at = c->opens_at,
        .closes_at = c->closes_at,
        .idea_count = count.subject_count,
        .person_count = count.person_count,
        .vote_count = count.vote_count,
        .comment_count = count.talk_count,
        .votes_per_person = c->votes_per_person,
        .votes_against = c->votes_against,
        .maps_opinions = c->maps_opinions,
        .has_money = c->has_money,
        .is_open = campaign_takes_part(scope, r->now),
        .may_manage = scope->role >= ROLE_MANAGER,
        .may_moderate = scope->role >= ROLE_MODERATOR,
    };
}

/* --- Kinds ------------------------------------------------------------------------------------ */

const struct campaign_kind *campaign_kind(struct str name)
{
    for (size_t i = 0; campaign_kinds[i] != NULL; i++)
        if (str_equal(name, str_from(campaign_kinds[i]->name)))
            return campaign_kinds[i];
    check(!"a kind of this program");
    return NULL;
}

struct url subject_url(struct request *r, struct subject_id subject_id)
{
    const struct scope *scope = scope_of(r);
    return campaign_kind(scope->campaign.kind)
        ->subject_url(r->arena, scope->campaign_id, subject_id);
}

struct str campaign_record_file(struct sql *db, struct campaign_id campaign_id, struct str kind)
{
    struct buf out = { .arena = sql_arena(db) };
    struct str head;
    record_head(db, campaign_id, &head);
    buf_add(&out, S("{\"campaign\":"));
    json_id(&out, campaign_id.value);
    buf_add(&out, S(",\n\"format\":\"manyhands-record-1\",\n\"head\":"));
    json_text(&out, head);
    buf_add(&out, S(",\n\"entries\":["));
    struct record_entry *entries;
    size_t count;
    for (int64_t seq = 1; (count = record_from(db, campaign_id, seq, 1000, &entries)) > 0;
         seq += (int64_t)count) {
        for (size_t i = 0; i < count; i++) {
            buf_add(&out, seq == 1 && i == 0 ? S("\n") : S(",\n"));
            record_write_entry(&out, campaign_id, &entries[i]);
        }
    }
    buf_add(&out, S("\n],\n\"openings\":{\n"));
    bool first = true;
    campaign_kind(kind)->openings(db, campaign_id, &out, &first);
    buf_add(&out, S("\n}}\n"));
    return buf_str(&out);
}

/* --- Numbers ---------------------------------------------------------------------------------- */

void campaign_count(struct sql *db, struct campaign_id campaign_id, struct person_id person_id,
                    struct campaign_delta delta)
{
    campaign_count_add(db,
                       (struct campaign_count_add){ .campaign_id = campaign_id,
                                                    .slot = person_id.value % CAMPAIGN_COUNT_SLOTS,
                                                    .subjects = delta.subjects,
                                                    .people = delta.people,
                                                    .votes = delta.votes,
                                                    .comments = delta.comments });
}

int campaign_rebuild(struct sql *db, struct campaign_id campaign_id)
{
    struct campaign_count_from_facts_row facts;
    struct campaign_count_get_row kept;
    if (!campaign_count_from_facts(db, (struct campaign_count_from_facts){ campaign_id }, &facts) ||
        !campaign_count_get(db, (struct campaign_count_get){ campaign_id }, &kept))
        return 0;
    const struct campaign_kind *kind = campaign_kind(facts.kind);
    if (kind->people != NULL)
        facts.person_count += kind->people(db, campaign_id);
    if (facts.subject_count == kept.subject_count && facts.person_count == kept.person_count &&
        facts.vote_count == kept.vote_count && facts.talk_count == kept.talk_count)
        return 0;
    campaign_count_clear(db, (struct campaign_count_clear){ campaign_id });
    campaign_count(db, campaign_id, (struct person_id){ 0 },
                   (struct campaign_delta){ facts.subject_count, facts.person_count,
                                            facts.vote_count, facts.talk_count });
    return 1;
}

/* --- Life ------------------------------------------------------------------------------------- */

static struct str opening_details(struct arena *arena, const struct campaign_scope_row *c)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("{\"closes_at\":"));
    json_time(&out, c->closes_at);
    buf_add(&out, S(",\"question\":"));
    json_text(&out, c->question);
    buf_add(&out, S(",\"terms_version\":"));
    buf_int(&out, c->terms_version);
    buf_add(&out, S(",\"votes_against\":"));
    buf_add(&out, c->votes_against ? S("true") : S("false"));
    buf_add(&out, S(",\"votes_per_person\":"));
    buf_int(&out, c->votes_per_person);
    buf_char(&out, '}');
    return buf_str(&out);
}

static struct str closing_details(struct sql *db, struct campaign_id campaign_id)
{
    struct campaign_count_get_row n = { 0 };
    campaign_count_get(db, (struct campaign_count_get){ campaign_id }, &n);
    return str_printf(sql_arena(db),
                      "{\"comments\":%lld,\"ideas\":%lld,\"people\":%lld,\"votes\":%lld}",
                      (long long)n.talk_count, (long long)n.subject_count,
                      (long long)n.person_count, (long long)n.vote_count);
}

static const char *const action_events[CAMPAIGN_ACTION_COUNT] = {
    [CAMPAIGN_ACT_OPEN] = "campaign.opened",        [CAMPAIGN_ACT_SCHEDULE] = "campaign.scheduled",
    [CAMPAIGN_ACT_WITHDRAW] = "campaign.withdrawn", [CAMPAIGN_ACT_PAUSE] = "campaign.paused",
    [CAMPAIGN_ACT_RESUME] = "campaign.resumed",     [CAMPAIGN_ACT_EXTEND] = "campaign.extended",
    [CAMPAIGN_ACT_CLOSE] = "campaign.closed",       [CAMPAIGN_ACT_CANCEL] = "campaign.cancelled",
};

bool campaign_act(struct sql *db, int64_t now, struct campaign_id campaign_id,
                  enum campaign_action action, struct str actor, struct str reason)
{
    struct campaign_scope_row c;
    if (!campaign_scope(db, (struct campaign_scope){ { 0 }, campaign_id }, &c))
        return false;
    enum campaign_state state = campaign_state_from_name(c.campaign_state), next;
    if (!campaign_next_state(state, action, &next))
        return false;
    bool says_why = action == CAMPAIGN_ACT_PAUSE || action == CAMPAIGN_ACT_CANCEL;
    campaign_set_state(db, (struct campaign_set_state){ .campaign_state = campaign_state_name(next),
                                                        .state_reason = says_why ? reason : S(""),
                                                        .changed_at = now,
                                                        .campaign_id = campaign_id,
                                                        .from_state = c.campaign_state });
    bool ends = action == CAMPAIGN_ACT_CLOSE || action == CAMPAIGN_ACT_CANCEL;
    if (ends && now < c.closes_at) /* pages say when it closed, not when it would have */
        campaign_set_closing(db, (struct campaign_set_closing){ now, now, campaign_id });
    struct str details = S("");
    if (action == CAMPAIGN_ACT_OPEN) {
        campaign_set_opening(db, (struct campaign_set_opening){ now, campaign_id });
        details = opening_details(sql_arena(db), &c);
    } else if (action == CAMPAIGN_ACT_EXTEND) {
        struct buf out = { .arena = sql_arena(db) };
        buf_add(&out, S("{\"closes_at\":"));
        json_time(&out, c.closes_at);
        buf_char(&out, '}');
        details = buf_str(&out);
    } else if (ends) {
        details = closing_details(db, campaign_id);
    }
    record_append(db, &(struct record_news){ .campaign_id = campaign_id,
                                             .now = now,
                                             .actor = actor,
                                             .action = action_events[action],
                                             .reason = reason,
                                             .details = details });
    event_add(db, now, campaign_id, action_events[action], (struct subject_id){ 0 },
              (struct person_id){ 0 }, S(""));
    return true;
}

/* --- The clock -------------------------------------------------------------------------------- */

static bool act_on_due(struct sql *db, void *context)
{
    int64_t now = *(int64_t *)context;
    struct campaign_due_row *due;
    size_t count =
        campaign_due(db, (struct campaign_due){ .opens_at = now, .closes_at = now }, &due);
    for (size_t i = 0; i < count; i++) {
        bool opens = str_equal(due[i].campaign_state, S("scheduled"));
        campaign_act(db, now, due[i].campaign_id, opens ? CAMPAIGN_ACT_OPEN : CAMPAIGN_ACT_CLOSE,
                     S("clock"),
                     opens ? S("Its opening time has come.") : S("Its closing time has come."));
    }
    return count > 0;
}

bool campaign_job(void *store, int64_t now, struct fault *fault)
{
    return sql_submit_wait(store, act_on_due, &now, fault) != SQL_UNAVAILABLE;
}
