/* Subjects: whatever a campaign's people vote on and talk about.
 *
 * A kind adds a subject under the id of its contribution. State, author and category are facts; the
 * tally and the scores by which lists are sorted are derived from votes and comments: they move in
 * the same transaction, and subject_rebuild makes them anew.
 */
#pragma once
#include "commons/campaign/campaign.h"
#include "subject.sql.h"

/* Adds a shown subject, and counts it. */
void subject_add(struct sql *db, int64_t now, struct campaign_id campaign_id,
                 struct subject_id subject_id, struct person_id author_id,
                 struct category_id category_id);
/* Moves a subject from one state to another ("shown", "hidden", "withdrawn", "erased") and the
   campaign's counts with it; false when it was not in `from`. */
bool subject_move(struct sql *db, struct campaign_id campaign_id, struct subject_id subject_id,
                  struct str from, struct str to, struct str rule, struct str reason);
/* Has the scores of a subject computed once before the transaction commits. */
void subject_score_later(struct sql *db, struct campaign_id campaign_id,
                         struct subject_id subject_id);

/* Recomputes all tallies and scores of a campaign from the facts; returns how many were wrong. */
int64_t subject_rebuild(struct sql *db, struct campaign_id campaign_id);
