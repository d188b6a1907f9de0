/* What is asked, what one has answered, and the map. */
#include "opinion_inner.h"

#include <math.h>

#include "base/id.h"
#include "commons/people/people.h"
#include "urls.h"

enum { ASKED_AMONG = 16, ANSWERS_PER_PAGE = 50 };
/* Below this silhouette the line between groups could run elsewhere as well. */
static const double FAINT = 0.25;

/* --- Asking ----------------------------------------------------------------------------------- */

/* Leaves out what the person gave themselves; rows move up. What somebody took in from elsewhere
   is not theirs, though it stands under their name. */
static size_t without_own(struct request *r, struct opinion_next_row *rows, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct subject_words words;
        if (rows[i].author_id.value == me(r).value &&
            (!subject_says(r, rows[i].subject_id, &words) || words.author_id.value == me(r).value))
            continue;
        rows[kept++] = rows[i];
    }
    return kept;
}

/* The subject a person is asked about next; false when they have judged all. */
static bool find_next(struct request *r, struct subject_id *subject_id)
{
    struct opinion_next after = { .campaign_id = scope_of(r)->campaign_id,
                                  .person_id = me(r),
                                  .after_count = -1,
                                  .limit = ASKED_AMONG };
    struct opinion_next_row *rows;
    size_t count;
    while ((count = opinion_next(r->db, after, &rows)) > 0) {
        after.after_count = rows[count - 1].opinion_count;
        after.after_id = rows[count - 1].subject_id;
        count = without_own(r, rows, count);
        if (count == 0)
            continue;
        *subject_id = rows[opinion_choose(rows, count, me(r))].subject_id;
        return true;
    }
    return false;
}

/* How far the reader is: opinions given, subjects there are to judge. */
struct progress {
    int64_t given, total;
};

static struct progress progress_of(struct request *r)
{
    const struct scope *scope = scope_of(r);
    struct opinion_given_row given = { 0 };
    struct campaign_count_get_row count = { 0 };
    opinion_given(r->db,
                  (struct opinion_given){ .campaign_id = scope->campaign_id, .person_id = me(r) },
                  &given);
    campaign_count_get(r->db, (struct campaign_count_get){ scope->campaign_id }, &count);
    int64_t own = campaign_kind(scope->campaign.kind)->count_of(r->db, scope->campaign_id, me(r));
    return (struct progress){ given.given, count.subject_count - own };
}

static int64_t needed_now(struct request *r)
{
    struct opinion_map_get_row map = { 0 };
    opinion_map_get(r->db, (struct opinion_map_get){ scope_of(r)->campaign_id }, &map);
    return opinion_needed(map.subject_shown);
}

struct reply opinions(struct request *r, const struct opinions_in *in)
{
    (void)in;
    const struct scope *scope = scope_of(r);
    if (!scope->campaign.maps_opinions)
        return reply_not_found(r);
    struct progress progress = progress_of(r);
    struct opinions_view view = { .campaign = campaign_head(r),
                                  .given = progress.given,
                                  .total = progress.total,
                                  .needed = needed_now(r) };
    struct subject_words words;
    view.has_question = campaign_takes_part(scope, r->now) && find_next(r, &view.subject_id) &&
                        subject_says(r, view.subject_id, &words);
    if (view.has_question) {
        view.title = words.title;
        view.text = markdown_html(r->arena, words.text);
        view.text_source = words.text;
    }
    return opinions_show(r, &view);
}

struct reply opinions_mine(struct request *r, const struct opinions_mine_in *in)
{
    const struct scope *scope = scope_of(r);
    if (!scope->campaign.maps_opinions)
        return reply_not_found(r);
    struct subject_id before = { INT64_MAX };
    if (in->cursor.size > 0 && !id_parse(in->cursor, &before.value))
        return reply_not_found(r);
    struct opinion_list_mine_row *rows;
    size_t count = opinion_list_mine(r->db,
                                     (struct opinion_list_mine){ .campaign_id = in->campaign_id,
                                                                 .person_id = me(r),
                                                                 .before_id = before,
                                                                 .limit = ANSWERS_PER_PAGE + 1 },
                                     &rows);
    struct progress progress = progress_of(r);
    struct opinions_mine_view view = { .campaign = campaign_head(r),
                                       .given = progress.given,
                                       .total = progress.total,
                                       .has_next = count > ANSWERS_PER_PAGE };
    if (view.has_next) {
        count = ANSWERS_PER_PAGE;
        view.next_cursor = id_text(r->arena, rows[count - 1].subject_id.value);
        struct str here = url_opinions_mine(r->arena, in->campaign_id).text;
        view.next = url_from_text(
            str_printf(r->arena, "%.*s?cursor=%.*s", STR_ARG(here), STR_ARG(view.next_cursor)));
    }
    view.answers.items = arena_new(r->arena, struct opinion_answer_view, count);
    for (size_t i = 0; i < count; i++) {
        struct subject_words words = { 0 };
        subject_says(r, rows[i].subject_id, &words);
        view.answers.items[view.answers.count++] =
            (struct opinion_answer_view){ .subject_id = rows[i].subject_id,
                                          .title = words.title,
                                          .link = subject_url(r, rows[i].subject_id),
                                          .opinion = stance_name(rows[i].stance),
                                          .given_at = rows[i].given_at };
    }
    return opinions_mine_show(r, &view);
}

/* --- The map ---------------------------------------------------------------------------------- */

struct kept_map {
    struct opinion_map_get_row map;
    struct opinion_groups_of_row *groups;
    struct opinion_said_of_row *said;
    struct opinion_shares_of_row *shares;
    size_t group_count, said_count, share_count;
};

static struct str letter(struct arena *arena, int64_t number)
{
    return str_printf(arena, "%c", (char)('A' + number));
}

static int64_t per_cent(int64_t part, int64_t whole)
{
    return whole > 0 ? (int64_t)lround(100.0 * (double)part / (double)whole) : 0;
}

static struct opinion_share_view share_of(struct arena *arena, const struct kept_map *kept,
                                          struct subject_id subject_id, int64_t group)
{
    struct opinion_share_view view = { .letter = letter(arena, group), .number = group };
    for (size_t i = 0; i < kept->share_count; i++) {
        const struct opinion_shares_of_row *row = &kept->shares[i];
        if (row->subject_id.value != subject_id.value || row->group_number != group)
            continue;
        view.is_told = true;
        view.agree = per_cent(row->agree, row->seen);
        view.disagree = per_cent(row->disagree, row->seen);
        view.pass = 100 - view.agree - view.disagree;
        view.pass = view.pass > 0 ? view.pass : 0; /* both halves rounded up */
        view.seen = row->seen;
    }
    return view;
}

static struct opinion_statement_view statement_of(struct request *r, const struct kept_map *kept,
                                                  const struct opinion_said_of_row *said)
{
    struct subject_words words = { 0 };
    subject_says(r, said->subject_id, &words);
    struct opinion_statement_view view = { .subject_id = said->subject_id,
                                           .title = words.title,
                                           .link = subject_url(r, said->subject_id),
                                           .agrees = said->agrees };
    view.shares.items = arena_new(r->arena, struct opinion_share_view, kept->group_count);
    for (size_t k = 0; k < kept->group_count; k++)
        if (kept->groups[k].group_size >= OPINION_TOLD_MIN)
            view.shares.items[view.shares.count++] =
                share_of(r->arena, kept, said->subject_id, kept->groups[k].group_number);
    return view;
}

static bool is_shown(struct request *r, struct subject_id subject_id)
{
    struct subject_by_id_row row;
    return subject_by_id(r->db, (struct subject_by_id){ scope_of(r)->campaign_id, subject_id },
                         &row) &&
           str_equal(row.subject_state, S("shown"));
}

/* One list of the map; what was hidden after it was drawn is left out. */
static struct opinion_statement_list list_of(struct request *r, const struct kept_map *kept,
                                             enum said_list name, int64_t group)
{
    struct opinion_statement_list list = {
        arena_new(r->arena, struct opinion_statement_view, kept->said_count), 0
    };
    for (size_t i = 0; i < kept->said_count; i++)
        if (str_equal(kept->said[i].list_name, str_from(said_list_names[name])) &&
            kept->said[i].group_number == group && is_shown(r, kept->said[i].subject_id))
            list.items[list.count++] = statement_of(r, kept, &kept->said[i]);
    return list;
}

static struct opinion_group_list groups_of(struct request *r, const struct kept_map *kept)
{
    struct opinion_group_list list = {
        arena_new(r->arena, struct opinion_group_view, kept->group_count), kept->group_count
    };
    for (size_t k = 0; k < kept->group_count; k++) {
        const struct opinion_groups_of_row *row = &kept->groups[k];
        list.items[k] = (struct opinion_group_view){
            .letter = letter(r->arena, row->group_number),
            .number = row->group_number,
            .size = row->group_size,
            .is_small = row->group_size < OPINION_TOLD_MIN,
            .name_x = lround(row->name_x),
            .name_y = lround(row->name_y),
            .hull = row->hull,
            .dots = row->dots,
            .hollow = row->hollow,
            .says = list_of(r, kept, LIST_GROUP, row->group_number),
        };
    }
    return list;
}

/* --- Where the reader stands ------------------------------------------------------------------ */

/* The reader's place, with what they have said up to now; returns how many opinions it rests on. */
static int64_t stand(struct request *r, const struct kept_map *kept, double at[2])
{
    struct opinion_standing_row *rows;
    size_t count = opinion_standing(
        r->db,
        (struct opinion_standing){ .campaign_id = scope_of(r)->campaign_id, .person_id = me(r) },
        &rows);
    size_t statements = (size_t)kept->map.subject_total, shown = (size_t)kept->map.subject_shown;
    if (count > shown) /* of what has been shown again since */
        count = shown;
    struct groups_plane plane = { .statement_count = (uint32_t)statements,
                                  .mean = arena_new(r->arena, double, statements),
                                  .axis = { arena_new(r->arena, double, statements),
                                            arena_new(r->arena, double, statements) } };
    struct groups_vote *votes = arena_new(r->arena, struct groups_vote, count);
    bool *is_out = arena_new(r->arena, bool, statements);
    for (size_t s = shown; s < statements; s++)
        is_out[s] = true;
    for (uint32_t i = 0; i < count; i++) { /* numbered as the reader has them */
        plane.mean[i] = rows[i].stance_mean;
        plane.axis[0][i] = rows[i].axis_x;
        plane.axis[1][i] = rows[i].axis_y;
        votes[i] = (struct groups_vote){ 0, i, (int8_t)rows[i].stance };
    }
    groups_stand(&plane, is_out, votes, count, at);
    return (int64_t)count;
}

/* The nearest group, and the next nearest; their numbers, -1 for none. Returns the margin. */
static double nearest(const struct kept_map *kept, const double at[2], int64_t number[2])
{
    double away[2] = { INFINITY, INFINITY };
    number[0] = number[1] = -1;
    for (size_t k = 0; k < kept->group_count; k++) {
        double d = hypot(at[0] - kept->groups[k].centre_x, at[1] - kept->groups[k].centre_y);
        if (d < away[0]) {
            away[1] = away[0];
            number[1] = number[0];
            away[0] = d;
            number[0] = kept->groups[k].group_number;
        } else if (d < away[1]) {
            away[1] = d;
            number[1] = kept->groups[k].group_number;
        }
    }
    return number[1] < 0 ? 1 : (away[1] - away[0]) / away[1];
}

static void place_reader(struct request *r, const struct kept_map *kept,
                         struct opinion_map_view *view)
{
    double at[2], place[2];
    int64_t number[2];
    view->you_missing = view->needed - stand(r, kept, at);
    if (view->you_missing > 0 || !view->has_groups)
        return;
    view->you_missing = 0;
    view->you_are_placed = true;
    struct groups_picture picture = { .scale = kept->map.picture_scale,
                                      .x = kept->map.picture_x,
                                      .y = kept->map.picture_y };
    groups_picture_place(&picture, at, place);
    view->you_x = lround(place[0]);
    view->you_y = lround(place[1]);
    view->you_are_between = nearest(kept, at, number) < GROUPS_BETWEEN;
    view->your_group = letter(r->arena, number[0]);
    if (number[1] >= 0)
        view->your_other_group = letter(r->arena, number[1]);
    for (size_t k = 0; k < view->groups.count; k++)
        view->groups.items[k].is_yours = view->groups.items[k].number == number[0];
}

struct reply opinion_map(struct request *r, const struct opinion_map_in *in)
{
    const struct scope *scope = scope_of(r);
    if (!scope->campaign.maps_opinions)
        return reply_not_found(r);
    struct kept_map kept = { 0 };
    opinion_map_get(r->db, (struct opinion_map_get){ in->campaign_id }, &kept.map);
    kept.group_count =
        opinion_groups_of(r->db, (struct opinion_groups_of){ in->campaign_id }, &kept.groups);
    kept.said_count =
        opinion_said_of(r->db, (struct opinion_said_of){ in->campaign_id }, &kept.said);
    kept.share_count =
        opinion_shares_of(r->db, (struct opinion_shares_of){ in->campaign_id }, &kept.shares);
    int64_t missing = OPINION_PEOPLE_MIN - kept.map.people_enough;
    struct opinion_map_view view = {
        .campaign = campaign_head(r),
        .signed_in = me(r).value != 0,
        .has_groups = kept.group_count > 0,
        .is_behind = kept.map.made_at > 0 && !str_equal(kept.map.map_state, S("made")),
        .made_at = kept.map.made_at,
        .opinions = kept.map.opinion_total,
        .people = kept.map.people_total,
        .people_placed = kept.map.people_enough,
        .people_missing = missing > 0 ? missing : 0,
        .ideas = kept.map.subject_shown,
        .needed = opinion_needed(kept.map.subject_shown),
        .shown_percent = lround(100 * kept.map.shown_share),
        .is_faint = kept.group_count > 1 && kept.map.silhouette < FAINT,
        .groups = groups_of(r, &kept),
        .common = list_of(r, &kept, LIST_COMMON, 0),
        .divisive = list_of(r, &kept, LIST_DIVISIVE, 0),
    };
    if (view.signed_in)
        place_reader(r, &kept, &view);
    struct reply reply = opinion_map_show(r, &view);
    reply.shared = true;
    return reply;
}

struct reply opinions_csv(struct request *r, const struct opinions_csv_in *in)
{
    struct reply reply =
        reply_bytes(r, S("text/csv; charset=utf-8"), opinion_export_csv(r->db, in->campaign_id));
    reply.filename = S("opinions.csv");
    return reply;
}
