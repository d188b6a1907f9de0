/* Decisions kept, and what waits for one. */
#include "moderation_inner.h"

#include "base/buf.h"
#include "base/id.h"
#include "platform/json/json.h"

/* What the encoder made of the words, where it is known and of the present method. */
static struct moderation_likeness_row sentence_of(struct sql *db, struct campaign_id campaign_id,
                                                  struct moderation_key key)
{
    struct moderation_likeness_row row = { 0 };
    if (key.comment_id.value == 0)
        moderation_likeness(db, (struct moderation_likeness){ campaign_id, key.subject_id }, &row);
    return row;
}

void moderation_keep(struct sql *db, int64_t now, struct campaign_id campaign_id,
                     struct moderation_key key, struct str verdict, struct person_id person_id)
{
    struct moderation_waiting_get_row waiting = { 0 };
    struct moderation_likeness_row likeness = sentence_of(db, campaign_id, key);
    moderation_waiting_get(
        db, (struct moderation_waiting_get){ campaign_id, key.subject_id, key.comment_id },
        &waiting);
    moderation_insert(db, (struct moderation_insert){ .campaign_id = campaign_id,
                                                      .subject_id = key.subject_id,
                                                      .comment_id = key.comment_id,
                                                      .moderation_id = { id_make(now) },
                                                      .verdict = verdict,
                                                      .version = key.version,
                                                      .person_id = person_id,
                                                      .decided_at = now,
                                                      .nearest_score = waiting.nearest_score,
                                                      .copy_count = waiting.copy_count,
                                                      .method = likeness.method,
                                                      .sentence = likeness.sentence });
    moderation_waiting_delete(
        db, (struct moderation_waiting_delete){ campaign_id, key.subject_id, key.comment_id });
}

/* --- Listeners -------------------------------------------------------------------------------- */

/* What an event is about: comments stand in `about`. */
static bool key_of(const struct event *event, struct moderation_key *key)
{
    *key = (struct moderation_key){ .subject_id = event->subject_id };
    return !str_starts(event->name, S("comment.")) ||
           id_parse(event->about, &key->comment_id.value);
}

/* The words as they are now. */
static bool present(struct sql *db, struct campaign_id campaign_id, struct moderation_key *key)
{
    struct moderation_campaign_row campaign;
    struct subject_said said;
    if (!moderation_campaign(db, (struct moderation_campaign){ campaign_id }, &campaign) ||
        !moderation_said(db, campaign.kind, campaign_id, *key, &said))
        return false;
    key->version = said.version;
    return true;
}

void moderation_hear_words(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context, (void)now;
    struct moderation_key key;
    if (!key_of(event, &key))
        return;
    if (key.comment_id.value != 0)
        moderation_await_comment(
            db, (struct moderation_await_comment){ .came_at = event->created_at,
                                                   .campaign_id = event->campaign_id,
                                                   .subject_id = key.subject_id,
                                                   .comment_id = key.comment_id });
    else if (key.subject_id.value == 0)
        moderation_await_new(db,
                             (struct moderation_await_new){ .came_at = event->created_at,
                                                            .campaign_id = event->campaign_id });
    else if (present(db, event->campaign_id, &key))
        moderation_await_subject(
            db, (struct moderation_await_subject){ .version = key.version,
                                                   .came_at = event->created_at,
                                                   .campaign_id = event->campaign_id,
                                                   .subject_id = key.subject_id });
}

/* What was decided on the page of what waits stands there already. */
void moderation_hear_decision(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context, (void)now;
    struct moderation_key key;
    struct moderation_latest_row latest;
    struct str verdict = str_ends(event->name, S(".hidden")) ? S("hidden") : S("shown");
    if (!key_of(event, &key) || !present(db, event->campaign_id, &key))
        return;
    bool decided =
        moderation_latest(
            db, (struct moderation_latest){ event->campaign_id, key.subject_id, key.comment_id },
            &latest) &&
        str_equal(latest.verdict, verdict);
    if (!decided)
        moderation_keep(db, event->created_at, event->campaign_id, key, verdict, event->person_id);
}

void moderation_hear_gone(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context, (void)now;
    struct moderation_key key;
    if (key_of(event, &key))
        moderation_waiting_delete(db, (struct moderation_waiting_delete){
                                          event->campaign_id, key.subject_id, key.comment_id });
}

void moderation_erase_person(struct sql *db, struct person_id person_id)
{
    moderation_forget_sentences(db, (struct moderation_forget_sentences){ .author_id = person_id });
    moderation_forget_subjects(db, (struct moderation_forget_subjects){ person_id });
    moderation_forget_comments(db, (struct moderation_forget_comments){ person_id });
}

/* --- Rebuilding, export ----------------------------------------------------------------------- */

/* Whether a contribution waits as it should; puts it right. */
static bool is_right(struct sql *db, struct str kind, struct campaign_id campaign_id,
                     const struct moderation_shown_after_row *row)
{
    struct subject_said said = { 0 };
    struct moderation_key key = { .subject_id = row->subject_id };
    if (!moderation_said(db, kind, campaign_id, key, &said))
        return row->waiting_version == 0;
    int64_t waits = row->decided_version < said.version ? said.version : 0;
    if (waits == row->waiting_version)
        return true;
    if (waits == 0)
        moderation_waiting_delete(
            db, (struct moderation_waiting_delete){ campaign_id, row->subject_id, { 0 } });
    else
        moderation_await_subject(
            db, (struct moderation_await_subject){ .version = waits,
                                                   .came_at = id_time(row->subject_id.value),
                                                   .campaign_id = campaign_id,
                                                   .subject_id = row->subject_id });
    return false;
}

int64_t moderation_rebuild(struct sql *db, struct campaign_id campaign_id)
{
    struct moderation_campaign_row campaign;
    if (!moderation_campaign(db, (struct moderation_campaign){ campaign_id }, &campaign))
        return 0;
    int64_t wrong =
        moderation_waiting_clear_gone(db, (struct moderation_waiting_clear_gone){ campaign_id });
    struct moderation_shown_after after = { .campaign_id = campaign_id };
    struct moderation_shown_after_row *rows;
    size_t count;
    while ((count = moderation_shown_after(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            wrong += !is_right(db, campaign.kind, campaign_id, &rows[i]);
        after.subject_id = rows[count - 1].subject_id;
    }
    return wrong + moderation_await_comments(db, (struct moderation_await_comments){ campaign_id });
}

void moderation_export_json(struct sql *db, struct campaign_id campaign_id, struct buf *out)
{
    struct moderation_export after = { .campaign_id = campaign_id };
    struct moderation_export_row *rows;
    size_t count;
    bool first = true;
    while ((count = moderation_export(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            buf_add(out, first ? S("\n{\"idea_id\":") : S(",\n{\"idea_id\":"));
            first = false;
            json_id(out, rows[i].subject_id.value);
            buf_add(out, S(",\"comment_id\":"));
            json_id(out, rows[i].comment_id.value);
            buf_add(out, S(",\"verdict\":"));
            json_text(out, rows[i].verdict);
            buf_printf(out, ",\"version\":%lld,\"decided_at\":", (long long)rows[i].version);
            json_time(out, rows[i].decided_at);
            buf_char(out, '}');
        }
        after.moderation_id = rows[count - 1].moderation_id;
    }
}
