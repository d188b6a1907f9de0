/* Saying what one thinks, and taking it back. */
#include "opinion_inner.h"

#include "commons/people/people.h"
#include "commons/record/record.h"
#include "commons/vote/vote.h"
#include "urls.h"

enum { NOTICE_TITLE_CHARACTERS = 80 };

bool subject_says(struct request *r, struct subject_id subject_id, struct subject_said *words)
{
    const struct scope *scope = scope_of(r);
    return campaign_kind(scope->campaign.kind)->said(r->db, scope->campaign_id, subject_id, words);
}

/* The map is there from the first opinion. Most find it spoilt already and write nothing, so that
   people who answer at the same moment do not meet in its row. */
static void spoil(struct sql *db, struct campaign_id campaign_id)
{
    struct opinion_map_get_row map;
    if (!opinion_map_get(db, (struct opinion_map_get){ campaign_id }, &map))
        opinion_map_insert(db,
                           (struct opinion_map_insert){ campaign_id, record_salt(sql_arena(db)) });
    else if (!str_equal(map.map_state, S("stale")))
        opinion_map_spoil(db, (struct opinion_map_spoil){ campaign_id });
}

void opinion_spoil(struct sql *db, void *context, int64_t now, const struct event *event)
{
    (void)context;
    (void)now;
    opinion_map_spoil(db, (struct opinion_map_spoil){ event->campaign_id });
}

/* A shown subject of a campaign that asks for opinions now; else *refusal says why not. */
static bool may_judge(struct request *r, struct subject_id subject_id, struct subject_said *words,
                      struct reply *refusal)
{
    const struct scope *scope = scope_of(r);
    struct subject_by_id_row subject;
    if (!scope->campaign.maps_opinions) {
        *refusal = reply_not_found(r);
    } else if (!campaign_takes_part(scope, r->now)) {
        *refusal = campaign_not_now(r);
    } else if (!subject_by_id(r->db, (struct subject_by_id){ scope->campaign_id, subject_id },
                              &subject) ||
               !str_equal(subject.subject_state, S("shown")) ||
               !subject_says(r, subject_id, words)) {
        *refusal = reply_not_found(r);
    } else {
        return true;
    }
    return false;
}

static void keep(struct request *r, struct subject_id subject_id, int64_t stance)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    bool is_new = opinion_insert(r->db, (struct opinion_insert){ .campaign_id = campaign_id,
                                                                 .person_id = me(r),
                                                                 .subject_id = subject_id,
                                                                 .stance = stance,
                                                                 .given_at = r->now }) == 1;
    bool is_turned =
        !is_new && opinion_turn(r->db, (struct opinion_turn){ .stance = stance,
                                                              .given_at = r->now,
                                                              .campaign_id = campaign_id,
                                                              .person_id = me(r),
                                                              .subject_id = subject_id }) == 1;
    if (is_new) {
        subject_add_opinions(r->db, (struct subject_add_opinions){ .more = 1,
                                                                   .campaign_id = campaign_id,
                                                                   .subject_id = subject_id });
        ballot_open(r->db, campaign_id, me(r));
    }
    if (is_new || is_turned)
        spoil(r->db, campaign_id);
}

static const char *notice_of(struct request *r, int64_t stance, struct str title)
{
    static const char *const said[] = { "You disagree with", "You passed on", "You agree with" };
    struct str head = utf8_clip(title, NOTICE_TITLE_CHARACTERS);
    return str_c(r->arena, str_printf(r->arena, "%s “%.*s%s”.", said[stance + 1], STR_ARG(head),
                                      head.size < title.size ? "…" : ""));
}

struct reply opinion_give(struct request *r, const struct opinion_give_in *in)
{
    struct subject_said words;
    struct reply refusal;
    if (!may_judge(r, in->subject_id, &words, &refusal))
        return refusal;
    if (words.author_id.value == me(r).value)
        return reply_refused(r, 409, "own_subject",
                             "This is your own. Others say what they think of it.");
    int64_t stance = in->opinion == OPINION_GIVE_OPINION_AGREE      ? 1
                     : in->opinion == OPINION_GIVE_OPINION_DISAGREE ? -1
                                                                    : 0;
    keep(r, in->subject_id, stance);
    struct opinion_view view = { in->campaign_id, in->subject_id, stance_name(stance) };
    struct url back = in->back == OPINION_GIVE_BACK_MINE
                          ? url_opinions_mine(r->arena, in->campaign_id)
                          : url_opinions(r->arena, in->campaign_id);
    return opinion_give_done(r, back, notice_of(r, stance, words.title), &view);
}

struct reply opinion_withdraw(struct request *r, const struct opinion_withdraw_in *in)
{
    struct subject_said words;
    struct reply refusal;
    if (!may_judge(r, in->subject_id, &words, &refusal))
        return refusal;
    struct opinion_delete mine = { in->campaign_id, me(r), in->subject_id };
    if (opinion_delete(r->db, mine) == 1) {
        subject_add_opinions(r->db, (struct subject_add_opinions){ .more = -1,
                                                                   .campaign_id = in->campaign_id,
                                                                   .subject_id = in->subject_id });
        spoil(r->db, in->campaign_id);
    }
    struct opinion_view view = { in->campaign_id, in->subject_id, S("") };
    return opinion_withdraw_done(r, url_opinions_mine(r->arena, in->campaign_id),
                                 "Taken back. You will be asked about it again.", &view);
}

/* --- Erasing ---------------------------------------------------------------------------------- */

static void erase_in(struct sql *db, struct campaign_id campaign_id, struct person_id person_id)
{
    struct opinion_subjects_of after = { .campaign_id = campaign_id, .person_id = person_id };
    struct opinion_subjects_of_row *rows;
    size_t count;
    bool had = false;
    while ((count = opinion_subjects_of(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            subject_add_opinions(
                db, (struct subject_add_opinions){
                        .more = -1, .campaign_id = campaign_id, .subject_id = rows[i].subject_id });
        after.subject_id = rows[count - 1].subject_id;
        had = true;
    }
    if (!had)
        return;
    opinion_delete_of(db, (struct opinion_delete_of){ campaign_id, person_id });
    opinion_member_delete(db, (struct opinion_member_delete){ campaign_id, person_id });
    opinion_map_spoil(db, (struct opinion_map_spoil){ campaign_id });
}

void opinion_erase_person(struct sql *db, struct person_id person_id)
{
    struct campaign_id after = { 0 };
    struct opinion_maps_row *rows;
    size_t count;
    /* Their ideas go as well, and with them what others have said of these. */
    opinion_map_spoil_of(db, (struct opinion_map_spoil_of){ person_id });
    while ((count = opinion_maps(db, (struct opinion_maps){ after }, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            erase_in(db, rows[i].campaign_id, person_id);
        after = rows[count - 1].campaign_id;
    }
}
