#include "idea_inner.h"

#include "base/id.h"
#include "commons/embedding/embedding.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "commons/talk/talk.h"
#include "commons/vote/vote.h"
#include "platform/config/config.h"
#include "urls.h"

struct subject_id subject_of(struct idea_id idea_id)
{
    return (struct subject_id){ idea_id.value };
}

/* An idea that is not shown is a place without words, except for its author and the team. */
static bool may_read_words(struct request *r, const struct idea_by_id_row *row, bool is_mine)
{
    if (str_equal(row->subject_state, S("shown")))
        return true;
    return is_mine || scope_of(r)->role >= ROLE_MODERATOR;
}

bool idea_load(struct request *r, struct idea_id idea_id, struct idea_view *view,
               struct idea_by_id_row *row)
{
    const struct scope *scope = scope_of(r);
    if (!idea_by_id(r->db, (struct idea_by_id){ scope->campaign_id, idea_id }, row))
        return false;
    bool is_mine =
        row->author_label.size == 0 && me(r).value != 0 && me(r).value == row->author_id.value;
    bool readable = may_read_words(r, row, is_mine);
    struct categories_of_row *categories = NULL;
    size_t count = 0;
    if (row->category_id.value != 0)
        count = categories_of(r->db, (struct categories_of){ scope->campaign_id }, &categories);
    bool shown = str_equal(row->subject_state, S("shown"));
    *view = (struct idea_view){
        .idea_id = idea_id,
        .campaign_id = scope->campaign_id,
        .title = readable ? row->title : S(""),
        .text = markdown_html(r->arena, readable ? row->text : S("")),
        .text_source = readable ? row->text : S(""),
        .state = row->subject_state,
        .author_name = row->author_label.size > 0 ? row->author_label : row->display_name,
        .category_id = row->category_id,
        .category_name = idea_category_name(categories, count, row->category_id),
        .created_at = row->created_at,
        .edited_at = row->edited_at,
        .version = row->version,
        .comment_count = row->comment_count,
        .hidden_rule = moderation_rule_label(row->hidden_rule),
        .hidden_reason = row->hidden_reason,
        .is_mine = is_mine,
        .vote = vote_box(r, subject_of(idea_id), shown, row->up, row->down,
                         vote_mine(r, subject_of(idea_id)), votes_left(r)),
    };
    return true;
}

struct reply idea_page(struct request *r, const struct idea_page_in *in)
{
    const struct scope *scope = scope_of(r);
    struct idea_page_view view = { .campaign = campaign_head(r), .signed_in = me(r).value != 0 };
    struct idea_by_id_row row;
    if (!idea_load(r, in->idea_id, &view.idea, &row))
        return reply_not_found(r);
    bool shown = str_equal(row.subject_state, S("shown"));
    bool open = campaign_takes_part(scope, r->now);
    view.comments = talk_read(r, subject_of(in->idea_id), in->cursor, &view.next_cursor);
    view.may_comment = shown && open && me(r).value != 0;
    if (view.may_comment)
        view.comment_form = talk_form(r, subject_of(in->idea_id));
    view.may_edit = shown && open && view.idea.is_mine;
    view.may_withdraw = shown && view.idea.is_mine;
    view.may_hide = shown && scope->role >= ROLE_MODERATOR;
    if (view.may_hide)
        view.hide_form = idea_hide_form(
            r, (struct idea_hide_in){ .campaign_id = in->campaign_id, .idea_id = in->idea_id });
    view.may_show = str_equal(row.subject_state, S("hidden")) && scope->role >= ROLE_MODERATOR;
    struct url here = url_idea_page(r->arena, in->campaign_id, in->idea_id);
    view.share = str_join(r->arena, r->site->config->server_public_url, here.text);
    view.has_next = view.next_cursor.size > 0;
    if (view.has_next)
        view.next = url_from_text(str_printf(r->arena, "%.*s?cursor=%.*s", STR_ARG(here.text),
                                             STR_ARG(view.next_cursor)));
    struct reply reply = idea_page_show(r, &view);
    reply.shared = true;
    return reply;
}

struct reply idea_new(struct request *r, const struct idea_new_in *in)
{
    const struct scope *scope = scope_of(r);
    if (!campaign_takes_part(scope, r->now))
        return campaign_not_now(r);
    struct idea_new_view view = {
        .campaign = campaign_head(r),
        .form = idea_submit_form(r, (struct idea_submit_in){ .campaign_id = in->campaign_id }),
        .alike = idea_alike_found(r),
        .similar = url_idea_similar(r->arena, in->campaign_id),
        .sent_to = embedding_host_of(r->db, r->site->config, in->campaign_id),
        .terms_version = scope->campaign.terms_version,
    };
    struct terms_accepted_row accepted;
    view.has_terms =
        scope->campaign.terms_version > 0 &&
        !terms_accepted(r->db,
                        (struct terms_accepted){ .campaign_id = in->campaign_id,
                                                 .person_id = me(r),
                                                 .terms_version = scope->campaign.terms_version },
                        &accepted);

    struct categories_of_row *rows;
    size_t count = categories_of(r->db, (struct categories_of){ in->campaign_id }, &rows);
    struct form_field *field = idea_submit_field(&view.form, IDEA_SUBMIT_FIELD_CATEGORY_ID);
    field->options = arena_new(r->arena, struct form_option, count);
    field->option_count = count;
    for (size_t i = 0; i < count; i++) {
        struct str value = id_text(r->arena, rows[i].category_id.value);
        field->options[i] =
            (struct form_option){ value, rows[i].name, str_equal(value, field->value) };
    }
    return idea_new_show(r, &view);
}

struct reply idea_edit(struct request *r, const struct idea_edit_in *in)
{
    struct idea_view idea;
    struct idea_by_id_row row;
    if (!idea_load(r, in->idea_id, &idea, &row) || !idea.is_mine)
        return reply_not_found(r);
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    struct idea_edit_view view = {
        .campaign = campaign_head(r),
        .idea_id = in->idea_id,
        .form = idea_change_form(r, (struct idea_change_in){ .campaign_id = in->campaign_id,
                                                             .idea_id = in->idea_id,
                                                             .title = row.title,
                                                             .text = row.text }),
    };
    return idea_edit_show(r, &view);
}

struct reply idea_history(struct request *r, const struct idea_history_in *in)
{
    struct idea_history_view view = { .campaign = campaign_head(r), .idea_id = in->idea_id };
    struct idea_view idea;
    struct idea_by_id_row row;
    if (!idea_load(r, in->idea_id, &idea, &row))
        return reply_not_found(r);
    view.title = idea.title;
    if (!may_read_words(r, &row, idea.is_mine))
        return idea_history_show(r, &view);
    struct idea_versions_of_row *rows;
    size_t count =
        idea_versions_of(r->db, (struct idea_versions_of){ in->campaign_id, in->idea_id }, &rows);
    view.versions =
        (struct idea_version_list){ arena_new(r->arena, struct idea_version_view, count), count };
    for (size_t i = 0; i < count; i++) {
        struct str words = record_words(r->arena, rows[i].title, rows[i].text);
        view.versions.items[i] = (struct idea_version_view){
            .version = rows[i].version,
            .title = rows[i].title,
            .text = markdown_html(r->arena, rows[i].text),
            .text_source = rows[i].text,
            .created_at = rows[i].created_at,
            .commitment =
                rows[i].salt.size > 0 ? record_commit(r->arena, rows[i].salt, words) : S(""),
        };
    }
    return idea_history_show(r, &view);
}

struct reply idea_import(struct request *r, const struct idea_import_in *in)
{
    struct idea_import_view view = {
        .campaign = campaign_head(r),
        .form = ideas_import_form(r, (struct ideas_import_in){ .campaign_id = in->campaign_id }),
    };
    return idea_import_show(r, &view);
}

struct reply import_report(struct request *r, const struct import_report_in *in)
{
    struct idea_import_get_row import;
    if (!idea_import_get(r->db, (struct idea_import_get){ in->campaign_id, in->idea_import_id },
                         &import))
        return reply_not_found(r);
    struct idea_import_refused_row *rows;
    size_t count = idea_import_refused(
        r->db, (struct idea_import_refused){ in->campaign_id, in->idea_import_id }, &rows);
    struct import_report_view view = {
        .idea_import_id = in->idea_import_id,
        .campaign = campaign_head(r),
        .accepted = import.accepted,
        .refused = import.refused,
        .rows = { arena_new(r->arena, struct import_row_view, count), count },
    };
    for (size_t i = 0; i < count; i++)
        view.rows.items[i] = (struct import_row_view){ .line = rows[i].line,
                                                       .outcome = S("refused"),
                                                       .reason = rows[i].reason,
                                                       .title = rows[i].title };
    return import_report_show(r, &view);
}

struct reply export_csv(struct request *r, const struct export_csv_in *in)
{
    struct reply reply =
        reply_bytes(r, S("text/csv; charset=utf-8"), idea_export_csv(r->db, in->campaign_id));
    reply.filename = S("ideas.csv");
    return reply;
}

struct reply export_json(struct request *r, const struct export_json_in *in)
{
    struct reply reply =
        reply_bytes(r, S("application/json"), idea_export_json(r->db, in->campaign_id));
    reply.filename = S("campaign.json");
    return reply;
}
