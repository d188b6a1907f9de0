#include "campaign_routes.h"

#include "base/id.h"
#include "commons/campaign/campaign.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "platform/json/json.h"
#include "urls.h"

enum { CARDS_PER_PAGE = 24, ENTRIES_PER_PAGE = 100, SUMMARY_CHARACTERS = 160 };

/* --- Lists of campaigns ----------------------------------------------------------------------- */

/* A list is read below an id; the cursor is that id as text. */
static int64_t below(struct str cursor)
{
    int64_t id;
    return id_parse(cursor, &id) ? id : INT64_MAX;
}

static struct campaign_card_view card(struct request *r, struct campaign_id campaign_id,
                                      struct str kind, struct str question, struct str brief,
                                      struct str state, struct str organisation_name,
                                      struct str cover_blob, int64_t closes_at)
{
    struct campaign_count_get_row count = { 0 };
    campaign_count_get(r->db, (struct campaign_count_get){ campaign_id }, &count);
    return (struct campaign_card_view){
        .campaign_id = campaign_id,
        .kind = kind,
        .question = question,
        .summary = markdown_plain(r->arena, brief, SUMMARY_CHARACTERS),
        .state = state,
        .organisation_name = organisation_name,
        .cover = picture_url(r->arena, cover_blob),
        .has_cover = cover_blob.size > 0,
        .closes_at = closes_at,
        .idea_count = count.subject_count,
        .person_count = count.person_count,
        .vote_count = count.vote_count,
    };
}

/* "/?kind=task&fits=true&cursor=…" */
static struct url home_url(struct request *r, int kind, bool fits, struct str cursor)
{
    return url_from_text(str_printf(r->arena, "/?kind=%s%s%s%.*s", campaign_filter_names[kind],
                                    fits ? "&fits=true" : "", cursor.size > 0 ? "&cursor=" : "",
                                    STR_ARG(cursor)));
}

static void add_filter(struct request *r, struct link_list *filters, const struct home_in *in,
                       int kind, bool fits, struct str label)
{
    filters->items[filters->count++] = (struct link_view){
        .label = label,
        .link = home_url(r, kind, fits, S("")),
        .chosen = (int)in->kind == kind && in->fits == fits,
    };
}

/* Nothing to choose while there is no paid work. */
static struct link_list home_filters(struct request *r, const struct home_in *in)
{
    struct link_list filters = { 0 };
    if (!campaign_has_kind(r->db, (struct campaign_has_kind){ S("task") },
                           &(struct campaign_has_kind_row){ 0 }))
        return filters;
    filters.items = arena_new(r->arena, struct link_view, 8);
    for (int kind = 0; campaign_filter_names[kind] != NULL; kind++)
        add_filter(r, &filters, in, kind, false, str_from(campaign_filter_labels[kind]));
    if (me(r).value != 0)
        add_filter(r, &filters, in, CAMPAIGN_FILTER_TASK, true, S("Work that fits you"));
    return filters;
}

static bool fits(struct request *r, const struct campaign_list_public_row *row)
{
    const struct campaign_kind *kind = campaign_kind(row->kind);
    return kind->fits == NULL || kind->fits(r, row->campaign_id, row->organisation_id);
}

struct reply home(struct request *r, const struct home_in *in)
{
    struct organisation_look house = { 0 };
    struct home_view view = { .has_organisation = organisation_house(r->db, &house) };
    view.title = view.has_organisation ? house.name : S("Manyhands");
    view.organisation_id = house.organisation_id;
    view.may_manage = view.has_organisation &&
                      organisation_role(r->db, house.organisation_id, me(r)) >= ROLE_MODERATOR;

    struct campaign_list_public_row *rows;
    size_t count = campaign_list_public(
        r->db,
        (struct campaign_list_public){ .campaign_id = { below(in->cursor) },
                                       .kind = in->kind == CAMPAIGN_FILTER_ANY
                                                   ? S("")
                                                   : str_from(campaign_filter_names[in->kind]),
                                       .limit = CARDS_PER_PAGE + 1 },
        &rows);
    view.filters = home_filters(r, in);
    view.has_next = count > CARDS_PER_PAGE;
    if (view.has_next) {
        count = CARDS_PER_PAGE;
        view.next_cursor = id_text(r->arena, rows[count - 1].campaign_id.value);
        view.next = home_url(r, (int)in->kind, in->fits, view.next_cursor);
    }
    view.open.items = arena_new(r->arena, struct campaign_card_view, count);
    view.past.items = arena_new(r->arena, struct campaign_card_view, count);
    for (size_t i = 0; i < count; i++) {
        enum campaign_state state = campaign_state_from_name(rows[i].campaign_state);
        if (in->fits && !fits(r, &rows[i]))
            continue;
        struct campaign_card_list *list =
            state == CAMPAIGN_CLOSED || state == CAMPAIGN_CANCELLED ? &view.past : &view.open;
        list->items[list->count++] =
            card(r, rows[i].campaign_id, rows[i].kind, rows[i].question, rows[i].brief,
                 rows[i].campaign_state, rows[i].name, rows[i].cover_blob, rows[i].closes_at);
    }
    struct reply reply = home_show(r, &view);
    reply.shared = true;
    return reply;
}

struct reply organisation_manage(struct request *r, const struct organisation_manage_in *in)
{
    struct organisation_look look;
    if (!organisation_look(r->db, in->organisation_id, &look))
        return reply_not_found(r);
    enum role role = scope_of(r)->role;
    struct organisation_manage_view view = {
        .organisation_id = in->organisation_id,
        .name = look.name,
        .role = role_name(role),
        .may_own = role >= ROLE_OWNER,
        .may_manage = role >= ROLE_MANAGER,
        .has_money =
            organisation_has_money(r->db, (struct organisation_has_money){ in->organisation_id },
                                   &(struct organisation_has_money_row){ 0 }),
    };
    struct campaign_list_team_row *rows;
    size_t count =
        campaign_list_team(r->db,
                           (struct campaign_list_team){ .organisation_id = in->organisation_id,
                                                        .campaign_id = { below(in->cursor) },
                                                        .limit = CARDS_PER_PAGE + 1 },
                           &rows);
    view.has_next = count > CARDS_PER_PAGE;
    if (view.has_next) {
        count = CARDS_PER_PAGE;
        view.next_cursor = id_text(r->arena, rows[count - 1].campaign_id.value);
        struct url here = url_organisation_manage(r->arena, in->organisation_id);
        view.next = url_from_text(str_printf(r->arena, "%.*s?cursor=%.*s", STR_ARG(here.text),
                                             STR_ARG(view.next_cursor)));
    }
    view.campaigns =
        (struct campaign_card_list){ arena_new(r->arena, struct campaign_card_view, count), count };
    for (size_t i = 0; i < count; i++)
        view.campaigns.items[i] =
            card(r, rows[i].campaign_id, rows[i].kind, rows[i].question, rows[i].brief,
                 rows[i].campaign_state, rows[i].name, rows[i].cover_blob, rows[i].closes_at);
    return organisation_manage_show(r, &view);
}

/* --- One campaign ----------------------------------------------------------------------------- */

struct reply campaign_new(struct request *r, const struct campaign_new_in *in)
{
    static const int64_t month_us = 30LL * 86400 * 1000000, minute_us = 60LL * 1000000;
    struct campaign_new_view view = {
        .form = campaign_create_form(
            r, (struct campaign_create_in){ .organisation_id = in->organisation_id,
                                            .closes_at =
                                                (r->now + month_us) / minute_us * minute_us }),
    };
    return campaign_new_show(r, &view);
}

static struct str categories_text(struct request *r)
{
    struct categories_of_row *rows;
    size_t count = categories_of(r->db, (struct categories_of){ scope_of(r)->campaign_id }, &rows);
    struct buf out = { .arena = r->arena };
    for (size_t i = 0; i < count; i++) {
        buf_add(&out, rows[i].name);
        buf_char(&out, '\n');
    }
    return buf_str(&out);
}

/* What cannot be typed shows what holds, also after somebody else has moved the closing time. */
static void restore_frozen(struct request *r, struct form_view *form,
                           const struct campaign_change_in *kept)
{
    static const enum campaign_change_field_name frozen[] = {
        CAMPAIGN_CHANGE_FIELD_QUESTION,      CAMPAIGN_CHANGE_FIELD_OPENS_AT,
        CAMPAIGN_CHANGE_FIELD_CLOSES_AT,     CAMPAIGN_CHANGE_FIELD_VOTES_PER_PERSON,
        CAMPAIGN_CHANGE_FIELD_VOTES_AGAINST,
    };
    for (size_t i = 0; i < sizeof frozen / sizeof frozen[0]; i++)
        form_restore(r, campaign_change_field(form, frozen[i]), kept);
}

struct reply campaign_edit(struct request *r, const struct campaign_edit_in *in)
{
    const struct campaign_scope_row *c = &scope_of(r)->campaign;
    struct campaign_brief_row brief = { 0 };
    struct terms_get_row terms = { 0 };
    campaign_brief(r->db, (struct campaign_brief){ in->campaign_id }, &brief);
    terms_get(r->db, (struct terms_get){ in->campaign_id, c->terms_version }, &terms);
    struct campaign_change_in kept = { .campaign_id = in->campaign_id,
                                       .question = c->question,
                                       .brief = brief.brief,
                                       .opens_at = c->opens_at,
                                       .closes_at = c->closes_at,
                                       .votes_per_person = c->votes_per_person,
                                       .votes_against = c->votes_against,
                                       .maps_opinions = c->maps_opinions,
                                       .categories = categories_text(r),
                                       .terms = terms.text };
    struct campaign_edit_view view = {
        .campaign = campaign_head(r),
        .is_frozen = campaign_is_frozen(scope_of(r)->state),
        .form = campaign_change_form(r, kept),
    };
    if (view.is_frozen)
        restore_frozen(r, &view.form, &kept);
    return campaign_edit_show(r, &view);
}

static struct str caution_of(struct request *r, bool may_open)
{
    const struct campaign_kind *kind = campaign_kind(scope_of(r)->campaign.kind);
    return may_open && kind->caution != NULL
               ? kind->caution(r->db, r->now, scope_of(r)->campaign_id)
               : S("");
}

struct reply campaign_manage(struct request *r, const struct campaign_manage_in *in)
{
    const struct scope *scope = scope_of(r);
    bool manages = scope->role >= ROLE_MANAGER;
    bool may[CAMPAIGN_ACTION_COUNT];
    for (int a = 0; a < CAMPAIGN_ACTION_COUNT; a++) {
        enum campaign_state next;
        may[a] = manages && campaign_next_state(scope->state, (enum campaign_action)a, &next);
    }
    static const int64_t week_us = 7LL * 86400 * 1000000;
    struct campaign_manage_view view = {
        .campaign = campaign_head(r),
        .may_open = may[CAMPAIGN_ACT_OPEN],
        .may_pause = may[CAMPAIGN_ACT_PAUSE],
        .may_resume = may[CAMPAIGN_ACT_RESUME],
        .may_extend = may[CAMPAIGN_ACT_EXTEND],
        .may_close = may[CAMPAIGN_ACT_CLOSE],
        .may_cancel = may[CAMPAIGN_ACT_CANCEL],
        .may_withdraw = may[CAMPAIGN_ACT_WITHDRAW],
        .caution = caution_of(r, may[CAMPAIGN_ACT_OPEN]),
        .open_form = campaign_open_form(r, (struct campaign_open_in){ in->campaign_id }),
        .pause_form =
            campaign_pause_form(r, (struct campaign_pause_in){ .campaign_id = in->campaign_id }),
        .extend_form = campaign_extend_form(
            r, (struct campaign_extend_in){ .campaign_id = in->campaign_id,
                                            .closes_at = scope->campaign.closes_at + week_us }),
        .close_form =
            campaign_close_form(r, (struct campaign_close_in){ .campaign_id = in->campaign_id }),
        .cancel_form =
            campaign_cancel_form(r, (struct campaign_cancel_in){ .campaign_id = in->campaign_id }),
    };
    return campaign_manage_show(r, &view);
}

struct reply terms_page(struct request *r, const struct terms_page_in *in)
{
    const struct scope *scope = scope_of(r);
    int64_t version = in->version > 0 ? in->version : scope->campaign.terms_version;
    struct terms_get_row terms = { 0 };
    bool found = terms_get(r->db, (struct terms_get){ in->campaign_id, version }, &terms);
    if (!found && in->version > 0)
        return reply_not_found(r);
    struct terms_versions_of_row *rows;
    size_t count = terms_versions_of(r->db, (struct terms_versions_of){ in->campaign_id }, &rows);
    struct terms_version_view *versions = arena_new(r->arena, struct terms_version_view, count);
    for (size_t i = 0; i < count; i++)
        versions[i] = (struct terms_version_view){ rows[i].terms_version, rows[i].created_at };
    struct terms_page_view view = {
        .campaign = campaign_head(r),
        .has_terms = found,
        .version = version,
        .text = markdown_html(r->arena, terms.text),
        .text_source = terms.text,
        .created_at = terms.created_at,
        .versions = { versions, count },
    };
    return terms_page_show(r, &view);
}

struct reply picture(struct request *r, const struct picture_in *in)
{
    struct reply reply = reply_blob(r, in->name, S("image/webp"));
    reply.immutable = reply.status == 200;
    return reply;
}

/* --- The record ------------------------------------------------------------------------------- */

struct reply record_page(struct request *r, const struct record_page_in *in)
{
    const struct scope *scope = scope_of(r);
    int64_t before = INT64_MAX;
    if (in->cursor.size > 0 && !str_to_int64(in->cursor, &before))
        return reply_not_found(r);
    struct record_entry *entries;
    size_t count = record_before(r->db, in->campaign_id, before, ENTRIES_PER_PAGE + 1, &entries);
    struct record_page_view view = {
        .campaign_id = in->campaign_id,
        .kind = scope->campaign.kind,
        .question = scope->campaign.question,
        .state = scope->campaign.campaign_state,
        .idea_count = campaign_head(r).idea_count,
        .maps_opinions = scope->campaign.maps_opinions,
        .has_next = count > ENTRIES_PER_PAGE,
    };
    view.entry_count = record_head(r->db, in->campaign_id, &view.head_hash);
    if (view.has_next) {
        count = ENTRIES_PER_PAGE;
        view.next_cursor = str_printf(r->arena, "%lld", (long long)entries[count - 1].seq);
        struct url here = url_record_page(r->arena, in->campaign_id);
        view.next = url_from_text(str_printf(r->arena, "%.*s?cursor=%.*s", STR_ARG(here.text),
                                             STR_ARG(view.next_cursor)));
    }
    view.entries =
        (struct record_entry_list){ arena_new(r->arena, struct record_entry_view, count), count };
    for (size_t i = 0; i < count; i++)
        view.entries.items[i] =
            (struct record_entry_view){ .seq = entries[i].seq,
                                        .at = entries[i].happened_at,
                                        .actor = entries[i].actor,
                                        .action = entries[i].action,
                                        .sentence = record_sentence(entries[i].action),
                                        .subject = entries[i].subject,
                                        .rule = entries[i].rule,
                                        .rule_label = moderation_rule_label(entries[i].rule),
                                        .reason = entries[i].reason,
                                        .commitment = entries[i].commitment,
                                        .previous = entries[i].previous_hash,
                                        .hash = entries[i].entry_hash };
    struct reply reply = record_page_show(r, &view);
    reply.shared = true;
    return reply;
}

struct reply record_file(struct request *r, const struct record_file_in *in)
{
    struct str file = campaign_record_file(r->db, in->campaign_id, scope_of(r)->campaign.kind);
    return reply_bytes(r, S("application/json"), file);
}
