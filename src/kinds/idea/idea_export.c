/* Everything of a campaign as CSV or JSON, and the words for the record's openings. */
#include "idea_inner.h"

#include "base/id.h"
#include "commons/moderation/moderation.h"
#include "commons/opinion/opinion.h"
#include "commons/record/record.h"
#include "commons/talk/talk.h"
#include "commons/theme/theme.h"
#include "platform/html/html.h"
#include "platform/json/json.h"
#include "urls.h"

struct str idea_export_csv(struct sql *db, struct campaign_id campaign_id)
{
    struct buf out = { .arena = sql_arena(db) };
    struct categories_of_row *categories;
    size_t category_count = categories_of(db, (struct categories_of){ campaign_id }, &categories);
    buf_add(&out, S("idea_id,title,text,author,category,state,rule,reason,created_at,version,up,"
                    "down,comments,theme\r\n"));
    struct theme_names themes = theme_names(db, campaign_id);
    struct idea_export after = { .campaign_id = campaign_id };
    struct idea_export_row *rows;
    size_t count;
    while ((count = idea_export(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            const struct idea_export_row *row = &rows[i];
            text_csv_cell(&out, id_text(out.arena, row->subject_id.value));
            const struct str texts[] = {
                row->title,
                row->text,
                row->author_label,
                idea_category_name(categories, category_count, row->category_id),
                row->subject_state,
                row->hidden_rule,
                row->hidden_reason,
                text_iso(out.arena, row->created_at)
            };
            for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++) {
                buf_char(&out, ',');
                text_csv_cell(&out, texts[j]);
            }
            buf_printf(&out, ",%lld,%lld,%lld,%lld,", (long long)row->version, (long long)row->up,
                       (long long)row->down, (long long)row->comment_count);
            text_csv_cell(&out, theme_name_of(&themes, row->subject_id));
            buf_add(&out, S("\r\n"));
        }
        after.subject_id = rows[count - 1].subject_id;
    }
    return buf_str(&out);
}

static void idea_json_object(struct buf *out, const struct idea_export_row *row,
                             struct str category)
{
    buf_add(out, S("\n{\"idea_id\":"));
    json_id(out, row->subject_id.value);
    const struct {
        const char *name;
        struct str value;
    } texts[] = { { "title", row->title },         { "text", row->text },
                  { "author", row->author_label }, { "category", category },
                  { "state", row->subject_state }, { "rule", row->hidden_rule },
                  { "reason", row->hidden_reason } };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        buf_printf(out, ",\"%s\":", texts[i].name);
        json_text(out, texts[i].value);
    }
    buf_add(out, S(",\"created_at\":"));
    json_time(out, row->created_at);
    buf_printf(out, ",\"version\":%lld,\"up\":%lld,\"down\":%lld,\"comment_count\":%lld}",
               (long long)row->version, (long long)row->up, (long long)row->down,
               (long long)row->comment_count);
}

struct str idea_export_json(struct sql *db, struct campaign_id campaign_id)
{
    struct buf out = { .arena = sql_arena(db) };
    struct categories_of_row *categories;
    size_t category_count = categories_of(db, (struct categories_of){ campaign_id }, &categories);
    buf_add(&out, S("{\"campaign_id\":"));
    json_id(&out, campaign_id.value);
    buf_add(&out, S(",\"ideas\":["));
    struct idea_export after = { .campaign_id = campaign_id };
    struct idea_export_row *rows;
    size_t count;
    bool first = true;
    while ((count = idea_export(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            if (!first)
                buf_char(&out, ',');
            first = false;
            idea_json_object(&out, &rows[i],
                             idea_category_name(categories, category_count, rows[i].category_id));
        }
        after.subject_id = rows[count - 1].subject_id;
    }
    buf_add(&out, S("\n],\"comments\":["));
    talk_export(db, campaign_id, &out);
    buf_add(&out, S("\n],\"opinions\":["));
    opinion_export_json(db, campaign_id, &out);
    buf_add(&out, S("\n],\"theme_acts\":["));
    theme_export_json(db, campaign_id, &out);
    buf_add(&out, S("\n],\"moderation\":["));
    moderation_export_json(db, campaign_id, &out);
    buf_add(&out, S("\n]}\n"));
    return buf_str(&out);
}

void idea_rebuild_words(struct sql *db, struct campaign_id campaign_id)
{
    idea_words_clear(db, (struct idea_words_clear){ campaign_id });
    struct idea_export after = { .campaign_id = campaign_id };
    struct idea_export_row *rows;
    size_t count;
    while ((count = idea_export(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            struct idea_id idea_id = { rows[i].subject_id.value };
            idea_index(db, campaign_id, idea_id, rows[i].title, rows[i].text);
            idea_set_summary(
                db, (struct idea_set_summary){ .summary = idea_summary(sql_arena(db), rows[i].text),
                                               .campaign_id = campaign_id,
                                               .idea_id = idea_id });
        }
        after.subject_id = rows[count - 1].subject_id;
    }
}

/* --- The kind --------------------------------------------------------------------------------- */

static void openings(struct sql *db, struct campaign_id campaign_id, struct buf *out, bool *first)
{
    struct idea_version_page after = { .campaign_id = campaign_id };
    struct idea_version_page_row *rows;
    size_t count;
    while ((count = idea_version_page(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            record_opening(out, first, rows[i].salt,
                           record_words(out->arena, rows[i].title, rows[i].text));
        after.idea_id = rows[count - 1].idea_id;
        after.version = rows[count - 1].version;
    }
    talk_openings(db, campaign_id, out, first);
}

static struct url page_of_subject(struct arena *arena, struct campaign_id campaign_id,
                                  struct subject_id subject_id)
{
    return url_idea_page(arena, campaign_id, (struct idea_id){ subject_id.value });
}

static bool said_of_subject(struct sql *db, struct campaign_id campaign_id,
                            struct subject_id subject_id, struct subject_said *said)
{
    struct idea_said_row row;
    if (!idea_said(db, (struct idea_said){ campaign_id, { subject_id.value } }, &row))
        return false;
    *said = (struct subject_said){ .title = row.title,
                                   .text = row.text,
                                   .author_id = row.author_id,
                                   .author_name = row.author_name,
                                   .version = row.version };
    return true;
}

static int64_t count_of_person(struct sql *db, struct campaign_id campaign_id,
                               struct person_id person_id)
{
    struct idea_count_of_row row = { 0 };
    idea_count_of(db, (struct idea_count_of){ .author_id = person_id, .campaign_id = campaign_id },
                  &row);
    return row.idea_count;
}

static size_t words(struct sql *db, struct campaign_id campaign_id, struct subject_id from,
                    int64_t limit, struct subject_words **rows)
{
    struct idea_words_from_row *found;
    size_t count =
        idea_words_from(db, (struct idea_words_from){ campaign_id, from, limit }, &found);
    *rows = arena_new(sql_arena(db), struct subject_words, count);
    for (size_t i = 0; i < count; i++)
        (*rows)[i] =
            (struct subject_words){ found[i].subject_id, found[i].title, found[i].summary };
    return count;
}

const struct campaign_kind idea_kind = {
    .name = "idea",
    .page = url_campaign_page,
    .subject_url = page_of_subject,
    .said = said_of_subject,
    .hide = idea_hide_subject,
    .count_of = count_of_person,
    .words = words,
    .openings = openings,
};
