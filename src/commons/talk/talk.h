/* Talk: comments under a subject, in threads.
 *
 * A comment's thread key is its ancestors' ids and its own, so that sorting by it gives the reading
 * order. Withdrawn, hidden and erased comments keep their place and say what happened; only shown
 * ones count.
 */
#pragma once
#include "commons/event/event.h"
#include "commons/subject/subject.h"
#include "views.h"

enum { TALK_DEPTH_MAX = 4, TALK_PER_PAGE = 100 };

/* A page of the discussion after `cursor` ("" from the start); *next_cursor "" at the end. */
struct comment_list talk_read(struct request *r, struct subject_id subject_id, struct str cursor,
                              struct str *next_cursor);
/* The form for a comment on a subject. */
struct form_view talk_form(struct request *r, struct subject_id subject_id);
/* Hides a shown comment of the request's campaign by a rule and with a reason, in record and outbox
   as well; false when it is not shown. */
bool talk_hide(struct request *r, struct subject_id subject_id, struct comment_id comment_id,
               struct str rule, struct str reason);
/* Writes the words of all comments that were not erased, for record.json. */
void talk_openings(struct sql *db, struct campaign_id campaign_id, struct buf *out, bool *first);
/* Removes what a person wrote; the places stay. Heard on `person.erased`. */
void talk_erase_person(struct sql *db, int64_t now, struct person_id person_id);
/* comment.hidden, comment.shown: the author is told, always. Context: struct site. */
void talk_tell_author(struct sql *db, void *context, int64_t now, const struct event *event);
/* Writes the comments of a campaign as JSON objects, comma-separated, for the export. */
void talk_export(struct sql *db, struct campaign_id campaign_id, struct buf *out);
