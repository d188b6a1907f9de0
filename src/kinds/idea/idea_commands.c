#include "idea_inner.h"

#include "base/id.h"
#include "commons/people/people.h"
#include "commons/record/record.h"
#include "commons/vote/vote.h"
#include "urls.h"

enum { BULK_MAX = 100, SUMMARY_CHARACTERS = 180 };

/* --- Words ------------------------------------------------------------------------------------ */

void idea_index(struct sql *db, struct campaign_id campaign_id, struct idea_id idea_id,
                struct str title, struct str text)
{
    idea_words_insert(
        db, (struct idea_words_insert){ .campaign_id = campaign_id,
                                        .idea_id = idea_id,
                                        .scope = id_text(sql_arena(db), campaign_id.value),
                                        .title = title,
                                        .text = text });
}

/* Keeps a version of the words and returns its commitment. */
static struct str keep_version(struct sql *db, int64_t now, struct campaign_id campaign_id,
                               struct idea_id idea_id, int64_t version, struct str title,
                               struct str text)
{
    struct arena *arena = sql_arena(db);
    struct str salt = record_salt(arena);
    idea_version_insert(db, (struct idea_version_insert){ .campaign_id = campaign_id,
                                                          .idea_id = idea_id,
                                                          .version = version,
                                                          .title = title,
                                                          .text = text,
                                                          .salt = salt,
                                                          .created_at = now });
    return record_commit(arena, salt, record_words(arena, title, text));
}

struct str idea_summary(struct arena *arena, struct str text)
{
    return markdown_plain(arena, text, SUMMARY_CHARACTERS);
}

struct idea_id idea_make(struct sql *db, int64_t now, int64_t created_at,
                         struct campaign_id campaign_id, struct person_id author_id,
                         struct str author_label, struct category_id category_id, struct str title,
                         struct str text, struct str *commitment)
{
    struct idea_id id = { id_make(now) };
    subject_add(db, created_at, campaign_id, subject_of(id), author_id, category_id);
    idea_insert(db, (struct idea_insert){ .campaign_id = campaign_id,
                                          .idea_id = id,
                                          .author_label = author_label,
                                          .title = title,
                                          .summary = idea_summary(sql_arena(db), text),
                                          .text = text });
    *commitment = keep_version(db, now, campaign_id, id, 1, title, text);
    idea_index(db, campaign_id, id, title, text);
    return id;
}

/* Writes what happened to an idea into record and outbox. */
static void note(struct request *r, const char *action, struct idea_id idea_id, struct str rule,
                 struct str reason, struct str commitment)
{
    const struct scope *scope = scope_of(r);
    record_append(r->db, &(struct record_news){ .campaign_id = scope->campaign_id,
                                                .now = r->now,
                                                .actor = role_name(scope->role),
                                                .action = action,
                                                .subject = id_text(r->arena, idea_id.value),
                                                .rule = rule,
                                                .reason = reason,
                                                .commitment = commitment });
    event_add(r->db, r->now, scope->campaign_id, action, subject_of(idea_id), me(r), S(""));
}

/* --- Taking part ------------------------------------------------------------------------------ */

static bool category_exists(struct request *r, struct category_id category_id)
{
    struct categories_of_row *rows;
    size_t count = categories_of(r->db, (struct categories_of){ scope_of(r)->campaign_id }, &rows);
    for (size_t i = 0; i < count; i++)
        if (rows[i].category_id.value == category_id.value)
            return true;
    return false;
}

/* Agrees to the campaign's present terms, or reports that one has to. */
static void agree(struct request *r, bool accepts)
{
    const struct scope *scope = scope_of(r);
    int64_t version = scope->campaign.terms_version;
    if (version == 0)
        return;
    struct terms_accepted_row row;
    if (terms_accepted(r->db, (struct terms_accepted){ scope->campaign_id, me(r), version }, &row))
        return;
    if (!accepts) {
        problem(r, "accept_terms", "Please read the terms of this campaign and agree to them.");
        return;
    }
    terms_accept(r->db, (struct terms_accept){ scope->campaign_id, me(r), version, r->now });
}

struct reply idea_submit(struct request *r, const struct idea_submit_in *in)
{
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    if (in->category_id.value != 0 && !category_exists(r, in->category_id))
        problem(r, "category_id", "Choose one of the categories.");
    agree(r, in->accept_terms);
    if (r->problems != NULL)
        return reply_problems(r);
    struct str commitment;
    struct idea_id id = idea_make(r->db, r->now, r->now, in->campaign_id, me(r), S(""),
                                  in->category_id, in->title, in->text, &commitment);
    ballot_open(r->db, in->campaign_id, me(r));
    note(r, "idea.submitted", id, S(""), S(""), commitment);
    struct idea_view view;
    struct idea_by_id_row row;
    if (!idea_load(r, id, &view, &row))
        return reply_not_found(r); /* the transaction has failed */
    return idea_submit_done(r, url_idea_page(r->arena, in->campaign_id, id),
                            "Your idea is there. Others can see it, vote and comment.", &view);
}

struct reply idea_change(struct request *r, const struct idea_change_in *in)
{
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    struct idea_view view;
    struct idea_by_id_row row;
    if (!idea_load(r, in->idea_id, &view, &row) || !str_equal(row.subject_state, S("shown")))
        return reply_not_found(r);
    if (!view.is_mine)
        return reply_refused(r, 403, "not_yours", "Only its author can change an idea.");
    struct url page = url_idea_page(r->arena, in->campaign_id, in->idea_id);
    if (str_equal(row.title, in->title) && str_equal(row.text, in->text))
        return idea_change_done(r, page, "Nothing was changed.", &view);
    int64_t version = row.version + 1;
    if (idea_change_words(r->db,
                          (struct idea_change_words){ .campaign_id = in->campaign_id,
                                                      .idea_id = in->idea_id,
                                                      .version = version,
                                                      .title = in->title,
                                                      .summary = idea_summary(r->arena, in->text),
                                                      .text = in->text,
                                                      .edited_at = r->now }) == 0)
        return reply_refused(r, 409, "changed_meanwhile",
                             "The idea was changed meanwhile. Look at it again.");
    struct str commitment =
        keep_version(r->db, r->now, in->campaign_id, in->idea_id, version, in->title, in->text);
    idea_words_delete(r->db, (struct idea_words_delete){ .idea_id = in->idea_id,
                                                         .campaign_id = in->campaign_id });
    idea_index(r->db, in->campaign_id, in->idea_id, in->title, in->text);
    note(r, "idea.changed", in->idea_id, S(""), S(""), commitment);
    idea_load(r, in->idea_id, &view, &row);
    return idea_change_done(r, page, "Changed. Earlier versions stay readable in its history.",
                            &view);
}

struct reply idea_withdraw(struct request *r, const struct idea_withdraw_in *in)
{
    struct idea_view view;
    struct idea_by_id_row row;
    if (!idea_load(r, in->idea_id, &view, &row))
        return reply_not_found(r);
    if (!view.is_mine)
        return reply_refused(r, 403, "not_yours", "Only its author can withdraw an idea.");
    if (!subject_move(r->db, in->campaign_id, subject_of(in->idea_id), S("shown"), S("withdrawn"),
                      S(""), S("")))
        return reply_refused(r, 409, "not_shown", "This idea is not shown any more.");
    note(r, "idea.withdrawn", in->idea_id, S(""), S(""), S(""));
    return idea_withdraw_done(r, url_campaign_page(r->arena, in->campaign_id),
                              "Your idea is withdrawn.");
}

/* --- Moderation ------------------------------------------------------------------------------- */

bool idea_hide_subject(struct request *r, struct subject_id subject_id, struct str rule,
                       struct str reason)
{
    if (!subject_move(r->db, scope_of(r)->campaign_id, subject_id, S("shown"), S("hidden"), rule,
                      reason))
        return false;
    note(r, "idea.hidden", (struct idea_id){ subject_id.value }, rule, reason, S(""));
    return true;
}

struct reply idea_hide(struct request *r, const struct idea_hide_in *in)
{
    struct str rule = str_from(moderation_rule_names[in->rule]);
    if (!idea_hide_subject(r, subject_of(in->idea_id), rule, in->reason))
        return reply_not_found(r);
    return idea_hide_done(r, url_idea_page(r->arena, in->campaign_id, in->idea_id),
                          "Hidden. Its author is told why.");
}

struct reply idea_show(struct request *r, const struct idea_show_in *in)
{
    if (!subject_move(r->db, in->campaign_id, subject_of(in->idea_id), S("hidden"), S("shown"),
                      S(""), S("")))
        return reply_not_found(r);
    note(r, "idea.shown", in->idea_id, S(""), S(""), S(""));
    return idea_show_done(r, url_idea_page(r->arena, in->campaign_id, in->idea_id), "Shown again.");
}

struct reply ideas_hide(struct request *r, const struct ideas_hide_in *in)
{
    struct str rest = in->idea_ids, rule = str_from(moderation_rule_names[in->rule]);
    int64_t hidden = 0, named = 0;
    while (rest.size > 0) {
        struct str text = str_trim(str_cut(&rest, ' '));
        struct idea_id idea_id;
        if (text.size == 0)
            continue;
        if (!id_parse(text, &idea_id.value) || ++named > BULK_MAX) {
            problem(r, "idea_ids", "Choose between 1 and %d ideas.", BULK_MAX);
            return reply_problems(r);
        }
        hidden += idea_hide_subject(r, subject_of(idea_id), rule, in->reason);
    }
    struct str notice =
        str_printf(r->arena, "%lld of %lld ideas hidden. Their authors are told why.",
                   (long long)hidden, (long long)named);
    return ideas_hide_done(r, url_idea_table(r->arena, in->campaign_id), str_c(r->arena, notice));
}

/* --- Import ----------------------------------------------------------------------------------- */

bool ideas_import_prepare(struct request *r, const struct ideas_import_in *in)
{
    struct idea_rows *rows = arena_new(r->arena, struct idea_rows, 1);
    struct str trouble;
    if (!idea_rows_read(r->arena, in->file.bytes, rows, &trouble))
        problem(r, "file", "%.*s", STR_ARG(trouble));
    r->prepared = rows;
    return true;
}

struct reply ideas_import(struct request *r, const struct ideas_import_in *in)
{
    const struct idea_rows *rows = r->prepared;
    if (scope_of(r)->state == CAMPAIGN_CLOSED || scope_of(r)->state == CAMPAIGN_CANCELLED)
        return campaign_not_now(r);
    struct idea_import_id id =
        idea_rows_keep(r->db, r->now, in->campaign_id, me(r), role_name(scope_of(r)->role), rows);
    size_t refused = rows->count - rows->accepted, n = 0;
    struct import_report_view view = {
        .idea_import_id = id,
        .campaign = campaign_head(r),
        .accepted = (int64_t)rows->accepted,
        .refused = (int64_t)refused,
        .rows = { arena_new(r->arena, struct import_row_view, refused), refused },
    };
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].refused.size > 0)
            view.rows.items[n++] = (struct import_row_view){ .line = rows->rows[i].line,
                                                             .outcome = S("refused"),
                                                             .reason = rows->rows[i].refused,
                                                             .title = rows->rows[i].title };
    struct str notice =
        str_printf(r->arena, "%zu ideas taken in, %zu rows refused.", rows->accepted, refused);
    return ideas_import_done(r, url_import_report(r->arena, in->campaign_id, id),
                             str_c(r->arena, notice), &view);
}
