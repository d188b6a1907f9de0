/* The page of the map. */
#include "opinion_inner.h"

#include <math.h>

#include "commons/people/people.h"
#include "urls.h"

/* Below this silhouette the line between groups could run elsewhere as well. */
static const double FAINT = 0.25;

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
    struct subject_said words = { 0 };
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
