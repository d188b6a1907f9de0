/* Readers that are appointed: what they have to read, and what they have made of it. */
#include "likeness_inner.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/id.h"

void likeness_appoint(struct sql *db, int64_t now, struct campaign_id campaign_id, int64_t reader)
{
    check(reader == 0 || reader >= LIKENESS_READER_LEAST);
    likeness_appoint_method(
        db, (struct likeness_appoint_method){ .method = reader, .campaign_id = campaign_id });
    if (reader == 0) /* what others have read takes the place of what our encoder had */
        likeness_due_add_all(
            db, (struct likeness_due_add_all){ .mark = id_make(now), .campaign_id = campaign_id });
}

/* Fills in what of one campaign waits; false when nothing does. */
static bool read_campaign(struct sql *db, int64_t reader,
                          const struct likeness_unread_heads_row *head, size_t most,
                          struct likeness_to_read *to)
{
    struct campaign_id campaign_id = head->campaign_id;
    struct likeness_unread_some_row *rows;
    size_t count = likeness_unread_some(db,
                                        (struct likeness_unread_some){ .campaign_id = campaign_id,
                                                                       .complete = head->complete,
                                                                       .method = reader,
                                                                       .limit = (int64_t)most },
                                        &rows);
    to->texts = arena_new(sql_arena(db), struct likeness_unread, count);
    for (size_t i = 0; i < count; i++) {
        struct likeness_unread *text = &to->texts[to->count];
        *text = (struct likeness_unread){ .campaign_id = campaign_id,
                                          .subject_id = rows[i].subject_id,
                                          .revision = rows[i].revision };
        /* What is not shown any more is due, and about to be taken out. */
        to->count += likeness_words(db, rows[i].kind, campaign_id, rows[i].subject_id, &text->text);
    }
    return count > 0;
}

struct likeness_to_read likeness_to_read(struct sql *db, int64_t reader, size_t most)
{
    struct likeness_to_read to = { 0 };
    struct likeness_unread_heads_row *heads;
    size_t count = likeness_unread_heads(db, (struct likeness_unread_heads){ reader }, &heads);
    to.complete = arena_new(sql_arena(db), struct likeness_all_read, count);
    for (size_t i = 0; i < count && to.count == 0; i++)
        if (!read_campaign(db, reader, &heads[i], most, &to))
            to.complete[to.complete_count++] =
                (struct likeness_all_read){ heads[i].campaign_id, heads[i].revision };
    return to;
}

void likeness_was_read(struct sql *db, int64_t reader, const struct likeness_unread *text,
                       struct str sentence)
{
    check(sentence.size == 0 || sentence.size == SIMILAR_HALF);
    struct likeness_head_next_row head;
    if (!likeness_head_next(db, (struct likeness_head_next){ text->campaign_id }, &head) ||
        head.method != reader)
        return;
    likeness_read(db, (struct likeness_read){ .revision = head.revision,
                                              .method = reader,
                                              .sentence = sentence,
                                              .campaign_id = text->campaign_id,
                                              .subject_id = text->subject_id,
                                              .revision_read = text->revision });
}

void likeness_read_all(struct sql *db, int64_t reader, struct likeness_all_read all)
{
    likeness_complete(db, (struct likeness_complete){ .revision = all.revision,
                                                      .campaign_id = all.campaign_id,
                                                      .method = reader });
}
