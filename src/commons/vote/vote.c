#include "commons/vote/vote.h"

#include "commons/people/people.h"
#include "urls.h"
#include "vote.sql.h"
#include "vote_routes.h"

void ballot_open(struct sql *db, struct campaign_id campaign_id, struct person_id person_id)
{
    if (ballot_insert(db, (struct ballot_insert){ campaign_id, person_id }) == 1)
        campaign_count(db, campaign_id, person_id, (struct campaign_delta){ .people = 1 });
}

int64_t votes_left(struct request *r)
{
    const struct scope *scope = scope_of(r);
    int64_t budget = scope->campaign.votes_per_person;
    if (budget == 0 || me(r).value == 0)
        return -1;
    struct ballot_get_row ballot = { 0 };
    ballot_get(r->db, (struct ballot_get){ scope->campaign_id, me(r) }, &ballot);
    return ballot.spent < budget ? budget - ballot.spent : 0;
}

int64_t vote_mine(struct request *r, struct subject_id subject_id)
{
    struct vote_of_person_row row;
    if (me(r).value == 0 ||
        !vote_of_person(r->db,
                        (struct vote_of_person){ .campaign_id = scope_of(r)->campaign_id,
                                                 .subject_id = subject_id,
                                                 .person_id = me(r) },
                        &row))
        return 0;
    return row.direction;
}

struct vote_box_view vote_box(struct request *r, struct subject_id subject_id, bool shown,
                              int64_t up, int64_t down, int64_t my_vote, int64_t left)
{
    const struct scope *scope = scope_of(r);
    bool open = shown && campaign_takes_part(scope, r->now);
    return (struct vote_box_view){
        .campaign_id = scope->campaign_id,
        .subject_id = subject_id,
        .up = up,
        .down = down,
        .my_vote = my_vote,
        .may_vote = open && me(r).value != 0 && (my_vote != 0 || left != 0),
        .signed_in = me(r).value != 0,
        .is_open = open,
        .against_allowed = scope->campaign.votes_against,
        .votes_left = left,
    };
}

/* --- Commands --------------------------------------------------------------------------------- */

static struct reply voted(struct request *r, struct subject_id subject_id, int64_t up, int64_t down,
                          int64_t my_vote, bool is_withdrawal)
{
    struct vote_box_view view = vote_box(r, subject_id, true, up, down, my_vote, votes_left(r));
    struct url back = subject_url(r, subject_id);
    return is_withdrawal ? vote_withdraw_done(r, back, NULL, &view)
                         : vote_give_done(r, back, NULL, &view);
}

static bool load_shown(struct request *r, struct subject_id subject_id,
                       struct subject_by_id_row *subject)
{
    struct subject_by_id key = { scope_of(r)->campaign_id, subject_id };
    return subject_by_id(r->db, key, subject) && str_equal(subject->subject_state, S("shown"));
}

/* Moves the tally by what the vote changed, and the numbers that were loaded with it. */
static void move_tally(struct request *r, struct subject_id subject_id, int64_t more_up,
                       int64_t more_down, struct subject_by_id_row *subject)
{
    if (more_up == 0 && more_down == 0)
        return;
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    subject_add_votes(r->db, (struct subject_add_votes){ .campaign_id = campaign_id,
                                                         .subject_id = subject_id,
                                                         .more_up = more_up,
                                                         .more_down = more_down });
    subject->up += more_up;
    subject->down += more_down;
    subject_score_later(r->db, campaign_id, subject_id);
}

/* Asked before anything is written: a command that changes its mind late costs its neighbours. */
static bool budget_is_spent(struct request *r, struct subject_id subject_id)
{
    return votes_left(r) == 0 && vote_mine(r, subject_id) == 0;
}

static bool spend_vote(struct request *r)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct ballot_spend spend = { .campaign_id = campaign_id,
                                  .person_id = me(r),
                                  .budget = scope_of(r)->campaign.votes_per_person };
    if (ballot_spend(r->db, spend) == 1)
        return true;
    ballot_open(r->db, campaign_id, me(r)); /* the first vote has no ballot yet */
    return ballot_spend(r->db, spend) == 1;
}

static struct reply no_votes_left(struct request *r)
{
    return reply_refused(r, 409, "no_votes_left",
                         "You have given all your votes. Take one back to give it here.");
}

struct reply vote_give(struct request *r, const struct vote_give_in *in)
{
    const struct scope *scope = scope_of(r);
    if (!campaign_takes_part(scope, r->now))
        return campaign_not_now(r);
    int64_t direction = in->direction == VOTE_GIVE_DIRECTION_UP ? 1 : -1;
    if (direction < 0 && !scope->campaign.votes_against)
        return reply_refused(r, 409, "no_votes_against", "This campaign has no votes against.");
    struct subject_by_id_row subject;
    if (!load_shown(r, in->subject_id, &subject))
        return reply_not_found(r);
    if (budget_is_spent(r, in->subject_id))
        return no_votes_left(r);

    bool is_new = vote_insert(r->db, (struct vote_insert){ .campaign_id = in->campaign_id,
                                                           .subject_id = in->subject_id,
                                                           .person_id = me(r),
                                                           .direction = direction,
                                                           .created_at = r->now }) == 1;
    bool is_turned = !is_new && vote_turn(r->db, (struct vote_turn){ .campaign_id = in->campaign_id,
                                                                     .subject_id = in->subject_id,
                                                                     .person_id = me(r),
                                                                     .direction = direction,
                                                                     .created_at = r->now }) == 1;
    int64_t more = is_new || is_turned, taken = is_turned;
    move_tally(r, in->subject_id, direction > 0 ? more : -taken, direction > 0 ? -taken : more,
               &subject);
    if (is_new && !spend_vote(r))
        return no_votes_left(r);
    if (is_new)
        campaign_count(r->db, in->campaign_id, me(r), (struct campaign_delta){ .votes = 1 });
    return voted(r, in->subject_id, subject.up, subject.down, direction, false);
}

struct reply vote_withdraw(struct request *r, const struct vote_withdraw_in *in)
{
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    struct subject_by_id_row subject;
    if (!load_shown(r, in->subject_id, &subject))
        return reply_not_found(r);
    struct vote_delete_row old = { 0 };
    bool had = vote_delete(r->db,
                           (struct vote_delete){ .campaign_id = in->campaign_id,
                                                 .subject_id = in->subject_id,
                                                 .person_id = me(r) },
                           &old);
    move_tally(r, in->subject_id, had && old.direction > 0 ? -1 : 0,
               had && old.direction < 0 ? -1 : 0, &subject);
    if (had) {
        ballot_return(r->db, (struct ballot_return){ in->campaign_id, me(r) });
        campaign_count(r->db, in->campaign_id, me(r), (struct campaign_delta){ .votes = -1 });
    }
    return voted(r, in->subject_id, subject.up, subject.down, 0, true);
}

int64_t ballot_rebuild(struct sql *db, struct campaign_id campaign_id)
{
    int64_t wrong = 0;
    struct ballot_wrong_row *rows;
    size_t count;
    while ((count = ballot_wrong(db, (struct ballot_wrong){ campaign_id }, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            ballot_set(db, (struct ballot_set){ .spent = rows[i].true_spent,
                                                .campaign_id = campaign_id,
                                                .person_id = rows[i].person_id });
        wrong += (int64_t)count;
    }
    return wrong;
}
