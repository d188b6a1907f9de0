/* Votes for and against a subject.
 *
 * One vote of a person on a subject is one row; the unique key decides. The ballot counts what a
 * person has given in the campaign, against its budget. Tally, ballot and counts move only when a
 * row goes in or out, in the same transaction.
 */
#pragma once
#include "commons/subject/subject.h"
#include "views.h"

/* Notes that a person takes part in a campaign: makes the ballot, and counts the person once. */
void ballot_open(struct sql *db, struct campaign_id campaign_id, struct person_id person_id);

/* Votes a person has left in the request's campaign; -1: no limit or nobody. */
int64_t votes_left(struct request *r);

/* The vote control of a subject, for a view; `shown`: the subject can be voted on. */
struct vote_box_view vote_box(struct request *r, struct subject_id subject_id, bool shown,
                              int64_t up, int64_t down, int64_t my_vote, int64_t left);
/* The reader's own vote: 1, 0, -1. */
int64_t vote_mine(struct request *r, struct subject_id subject_id);

/* Recounts ballots from the votes; returns how many were wrong. */
int64_t ballot_rebuild(struct sql *db, struct campaign_id campaign_id);
