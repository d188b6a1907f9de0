#include "commons/talk/talk.h"

#include "base/id.h"
#include "commons/event/event.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "commons/vote/vote.h"
#include "platform/config/config.h"
#include "platform/json/json.h"
#include "platform/mail/mail.h"
#include "talk.sql.h"
#include "talk_routes.h"
#include "urls.h"

/* --- Reading ---------------------------------------------------------------------------------- */

static struct comment_view comment_of(struct request *r, const struct comment_thread_row *row)
{
    const struct scope *scope = scope_of(r);
    bool shown = str_equal(row->comment_state, S("shown"));
    bool hidden = str_equal(row->comment_state, S("hidden"));
    bool is_mine = me(r).value != 0 && me(r).value == row->author_id.value;
    bool open = campaign_takes_part(scope, r->now);
    bool readable = shown || (hidden && (is_mine || scope->role >= ROLE_MODERATOR));
    struct str text = readable ? row->text : S("");
    return (struct comment_view){
        .comment_id = row->comment_id,
        .parent_id = row->parent_id,
        .depth = row->depth,
        .author_name = row->display_name,
        .author_is_team = row->role.size > 0,
        .state = row->comment_state,
        .text = markdown_html(r->arena, text),
        .text_source = text,
        .hidden_rule = moderation_rule_label(row->hidden_rule),
        .hidden_reason = row->hidden_reason,
        .created_at = row->created_at,
        .is_mine = is_mine,
        .may_reply = shown && open && me(r).value != 0,
        .may_withdraw = shown && is_mine,
        .may_hide = shown && scope->role >= ROLE_MODERATOR,
        .may_show = hidden && scope->role >= ROLE_MODERATOR,
    };
}

struct comment_list talk_read(struct request *r, struct subject_id subject_id, struct str cursor,
                              struct str *next_cursor)
{
    struct comment_thread_row *rows;
    size_t count =
        comment_thread(r->db,
                       (struct comment_thread){ .organisation_id = scope_of(r)->organisation_id,
                                                .campaign_id = scope_of(r)->campaign_id,
                                                .subject_id = subject_id,
                                                .thread_key = cursor,
                                                .limit = TALK_PER_PAGE + 1 },
                       &rows);
    *next_cursor = S("");
    if (count > TALK_PER_PAGE) {
        count = TALK_PER_PAGE;
        *next_cursor = rows[count - 1].thread_key;
    }
    struct comment_list list = { arena_new(r->arena, struct comment_view, count), count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = comment_of(r, &rows[i]);
    return list;
}

struct form_view talk_form(struct request *r, struct subject_id subject_id)
{
    return comment_add_form(r, (struct comment_add_in){ .campaign_id = scope_of(r)->campaign_id,
                                                        .subject_id = subject_id });
}

static struct str author_name(struct request *r, struct person_id person_id)
{
    struct comment_author_row row;
    return comment_author(r->db, (struct comment_author){ person_id }, &row) ? row.display_name
                                                                             : S("");
}

struct reply comment_new(struct request *r, const struct comment_new_in *in)
{
    struct subject_by_id_row subject;
    if (!subject_by_id(r->db, (struct subject_by_id){ in->campaign_id, in->subject_id },
                       &subject) ||
        !str_equal(subject.subject_state, S("shown")))
        return reply_not_found(r);
    struct comment_new_view view = {
        .question = scope_of(r)->campaign.question,
        .back = subject_url(r, in->subject_id),
        .form = comment_add_form(r, (struct comment_add_in){ .campaign_id = in->campaign_id,
                                                             .subject_id = in->subject_id,
                                                             .parent_id = in->parent_id }),
    };
    struct comment_by_id_row parent;
    if (in->parent_id.value != 0 &&
        comment_by_id(r->db,
                      (struct comment_by_id){ in->campaign_id, in->subject_id, in->parent_id },
                      &parent) &&
        str_equal(parent.comment_state, S("shown"))) {
        view.is_answer = true;
        view.answered_author = author_name(r, parent.author_id);
        view.answered_text = markdown_html(r->arena, parent.text);
    }
    return comment_new_show(r, &view);
}

struct reply comment_hiding(struct request *r, const struct comment_hiding_in *in)
{
    struct comment_by_id_row c;
    if (!comment_by_id(
            r->db, (struct comment_by_id){ in->campaign_id, in->subject_id, in->comment_id }, &c))
        return reply_not_found(r);
    struct comment_hiding_view view = {
        .question = scope_of(r)->campaign.question,
        .back = subject_url(r, in->subject_id),
        .author_name = author_name(r, c.author_id),
        .text = markdown_html(r->arena, c.text),
        .form = comment_hide_form(r, (struct comment_hide_in){ .campaign_id = in->campaign_id,
                                                               .subject_id = in->subject_id,
                                                               .comment_id = in->comment_id }),
    };
    return comment_hiding_show(r, &view);
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void note(struct request *r, const char *action, struct comment_id comment_id,
                 struct subject_id subject_id, struct str rule, struct str reason,
                 struct str commitment)
{
    struct str id = id_text(r->arena, comment_id.value);
    record_append(r->db, &(struct record_news){ .campaign_id = scope_of(r)->campaign_id,
                                                .now = r->now,
                                                .actor = role_name(scope_of(r)->role),
                                                .action = action,
                                                .subject = id,
                                                .rule = rule,
                                                .reason = reason,
                                                .commitment = commitment });
    event_add(r->db, r->now, scope_of(r)->campaign_id, action, subject_id, me(r), id);
}

static void count_comment(struct request *r, struct subject_id subject_id, int64_t more)
{
    subject_add_comments(r->db,
                         (struct subject_add_comments){ .campaign_id = scope_of(r)->campaign_id,
                                                        .subject_id = subject_id,
                                                        .more = more });
    campaign_count(r->db, scope_of(r)->campaign_id, me(r),
                   (struct campaign_delta){ .comments = more });
}

struct reply comment_add(struct request *r, const struct comment_add_in *in)
{
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    struct subject_by_id_row subject;
    if (!subject_by_id(r->db, (struct subject_by_id){ in->campaign_id, in->subject_id },
                       &subject) ||
        !str_equal(subject.subject_state, S("shown")))
        return reply_not_found(r);

    struct comment_by_id_row parent = { 0 };
    if (in->parent_id.value != 0 &&
        (!comment_by_id(r->db,
                        (struct comment_by_id){ in->campaign_id, in->subject_id, in->parent_id },
                        &parent) ||
         !str_equal(parent.comment_state, S("shown")))) {
        problem(r, "parent_id", "The comment you answer is no longer there.");
        return reply_problems(r);
    }
    /* Past the greatest depth an answer stands beside the comment it answers. */
    bool is_deepest = in->parent_id.value != 0 && parent.depth >= TALK_DEPTH_MAX;
    struct str place = is_deepest
                           ? str_slice(parent.thread_key, 0, parent.thread_key.size - ID_TEXT_SIZE)
                           : parent.thread_key;
    struct comment_id id = { id_make(r->now) };
    struct str salt = record_salt(r->arena);
    int64_t depth = in->parent_id.value == 0 ? 0 : is_deepest ? TALK_DEPTH_MAX : parent.depth + 1;
    comment_insert(r->db, (struct comment_insert){
                              .campaign_id = in->campaign_id,
                              .subject_id = in->subject_id,
                              .comment_id = id,
                              .parent_id = in->parent_id,
                              .thread_key = str_join(r->arena, place, id_text(r->arena, id.value)),
                              .depth = depth,
                              .author_id = me(r),
                              .text = in->text,
                              .salt = salt,
                              .created_at = r->now });
    ballot_open(r->db, in->campaign_id, me(r));
    count_comment(r, in->subject_id, 1);
    struct str words = record_words(r->arena, S(""), in->text);
    note(r, "comment.added", id, in->subject_id, S(""), S(""),
         record_commit(r->arena, salt, words));
    struct comment_view view = { .comment_id = id,
                                 .parent_id = in->parent_id,
                                 .depth = depth,
                                 .author_name = r->who.name,
                                 .author_is_team = scope_of(r)->role >= ROLE_MODERATOR,
                                 .state = S("shown"),
                                 .text_source = in->text,
                                 .created_at = r->now,
                                 .is_mine = true,
                                 .may_reply = true,
                                 .may_withdraw = true };
    return comment_add_done(r, subject_url(r, in->subject_id), "Your comment is there.", &view);
}

/* Moves a comment between states and the counts with it; false when it was not in `from`. */
static bool move_comment(struct request *r, struct subject_id subject_id,
                         struct comment_id comment_id, struct str from, struct str to,
                         struct str rule, struct str reason)
{
    if (comment_set_state(r->db,
                          (struct comment_set_state){ .campaign_id = scope_of(r)->campaign_id,
                                                      .subject_id = subject_id,
                                                      .comment_id = comment_id,
                                                      .from_state = from,
                                                      .comment_state = to,
                                                      .hidden_rule = rule,
                                                      .hidden_reason = reason }) == 0)
        return false;
    int64_t shown = str_equal(to, S("shown")) - str_equal(from, S("shown"));
    if (shown != 0)
        count_comment(r, subject_id, shown);
    return true;
}

struct reply comment_withdraw(struct request *r, const struct comment_withdraw_in *in)
{
    struct comment_by_id_row c;
    if (!comment_by_id(
            r->db, (struct comment_by_id){ in->campaign_id, in->subject_id, in->comment_id }, &c))
        return reply_not_found(r);
    if (c.author_id.value != me(r).value)
        return reply_refused(r, 403, "not_yours", "Only its author can withdraw a comment.");
    if (!move_comment(r, in->subject_id, in->comment_id, S("shown"), S("withdrawn"), S(""), S("")))
        return reply_refused(r, 409, "not_shown", "This comment is not shown any more.");
    note(r, "comment.withdrawn", in->comment_id, in->subject_id, S(""), S(""), S(""));
    return comment_withdraw_done(r, subject_url(r, in->subject_id), "Your comment is withdrawn.");
}

bool talk_hide(struct request *r, struct subject_id subject_id, struct comment_id comment_id,
               struct str rule, struct str reason)
{
    if (!move_comment(r, subject_id, comment_id, S("shown"), S("hidden"), rule, reason))
        return false;
    note(r, "comment.hidden", comment_id, subject_id, rule, reason, S(""));
    return true;
}

struct reply comment_hide(struct request *r, const struct comment_hide_in *in)
{
    struct str rule = str_from(moderation_rule_names[in->rule]);
    if (!talk_hide(r, in->subject_id, in->comment_id, rule, in->reason))
        return reply_not_found(r);
    return comment_hide_done(r, subject_url(r, in->subject_id), "Hidden. Its author is told why.");
}

struct reply comment_show(struct request *r, const struct comment_show_in *in)
{
    if (!move_comment(r, in->subject_id, in->comment_id, S("hidden"), S("shown"), S(""), S("")))
        return reply_not_found(r);
    note(r, "comment.shown", in->comment_id, in->subject_id, S(""), S(""), S(""));
    return comment_show_done(r, subject_url(r, in->subject_id), "Shown again.");
}

/* --- Elsewhere -------------------------------------------------------------------------------- */

void talk_openings(struct sql *db, struct campaign_id campaign_id, struct buf *out, bool *first)
{
    struct comment_export after = { .campaign_id = campaign_id };
    struct comment_export_row *rows;
    size_t count;
    while ((count = comment_export(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            if (str_equal(rows[i].comment_state, S("shown")))
                record_opening(out, first, rows[i].salt,
                               record_words(out->arena, S(""), rows[i].text));
        after.subject_id = rows[count - 1].subject_id;
        after.comment_id = rows[count - 1].comment_id;
    }
}

void talk_erase_person(struct sql *db, int64_t now, struct person_id person_id)
{
    struct comment_list_of_author_row *rows;
    size_t count;
    while ((count = comment_list_of_author(db, (struct comment_list_of_author){ person_id },
                                           &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            comment_erase(db, (struct comment_erase){ .campaign_id = rows[i].campaign_id,
                                                      .subject_id = rows[i].subject_id,
                                                      .comment_id = rows[i].comment_id });
            if (str_equal(rows[i].comment_state, S("shown"))) {
                subject_add_comments(
                    db, (struct subject_add_comments){ .campaign_id = rows[i].campaign_id,
                                                       .subject_id = rows[i].subject_id,
                                                       .more = -1 });
                campaign_count(db, rows[i].campaign_id, person_id,
                               (struct campaign_delta){ .comments = -1 });
            }
            record_append(db, &(struct record_news){
                                  .campaign_id = rows[i].campaign_id,
                                  .now = now,
                                  .actor = S("participant"),
                                  .action = "words.erased",
                                  .subject = id_text(sql_arena(db), rows[i].comment_id.value) });
        }
    }
}

void talk_tell_author(struct sql *db, void *context, int64_t now, const struct event *event)
{
    const struct site *site = context;
    struct comment_id comment_id;
    struct comment_author_address_row author;
    if (!id_parse(event->about, &comment_id.value) ||
        !comment_author_address(
            db,
            (struct comment_author_address){ event->campaign_id, event->subject_id, comment_id },
            &author) ||
        !str_equal(author.person_state, S("active")))
        return;
    struct arena *arena = sql_arena(db);
    bool hidden = str_equal(event->name, S("comment.hidden"));
    struct url page =
        campaign_kind(author.kind)->subject_url(arena, event->campaign_id, event->subject_id);
    struct str why = hidden ? str_printf(arena, "Rule: %.*s\nReason: %.*s\n\n",
                                         STR_ARG(moderation_rule_label(author.hidden_rule)),
                                         STR_ARG(author.hidden_reason))
                            : S("");
    struct mail mail = {
        .to = author.email,
        .subject = hidden ? S("Your comment was hidden") : S("Your comment is shown again"),
        .text =
            str_printf(arena, "Your comment in \"%.*s\" %s:\n\n%.*s\n\n%.*s%.*s%.*s\n",
                       STR_ARG(author.question),
                       hidden ? "was hidden by the team" : "is shown again", STR_ARG(author.text),
                       STR_ARG(why), STR_ARG(site->config->server_public_url), STR_ARG(page.text)),
    };
    mail_queue(db, now, &mail);
}

void talk_export(struct sql *db, struct campaign_id campaign_id, struct buf *out)
{
    struct comment_export after = { .campaign_id = campaign_id };
    struct comment_export_row *rows;
    size_t count;
    bool first = true;
    while ((count = comment_export(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            buf_add(out, first ? S("\n{\"comment_id\":") : S(",\n{\"comment_id\":"));
            first = false;
            json_id(out, rows[i].comment_id.value);
            buf_add(out, S(",\"idea_id\":"));
            json_id(out, rows[i].subject_id.value);
            buf_add(out, S(",\"parent_id\":"));
            json_id(out, rows[i].parent_id.value);
            buf_add(out, S(",\"state\":"));
            json_text(out, rows[i].comment_state);
            buf_add(out, S(",\"text\":"));
            json_text(out, rows[i].text);
            buf_add(out, S(",\"created_at\":"));
            json_time(out, rows[i].created_at);
            buf_char(out, '}');
        }
        after.subject_id = rows[count - 1].subject_id;
        after.comment_id = rows[count - 1].comment_id;
    }
}
