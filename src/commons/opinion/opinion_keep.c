/* What a map is drawn from is read, and the map that was drawn is kept. */
#include "opinion_inner.h"

#include <string.h>

/* --- Reading what it is drawn from ------------------------------------------------------------ */

/* Room for one more; whatever it holds moves to a place twice as large. */
static void *grown(struct arena *arena, void *items, size_t item_size, size_t count)
{
    enum { FIRST = 1024 };
    bool is_full = count == 0 || (count >= FIRST && (count & (count - 1)) == 0);
    if (!is_full)
        return items;
    size_t capacity = count == 0 ? FIRST : 2 * count;
    void *more = arena_take_bytes(arena, capacity * item_size);
    if (count > 0)
        memcpy(more, items, count * item_size);
    return more;
}

static void read_subjects(struct sql *db, struct arena *arena, struct campaign_id campaign_id,
                          struct opinion_facts *facts)
{
    struct opinion_subjects after = { .campaign_id = campaign_id };
    struct opinion_subjects_row *rows;
    size_t count;
    while ((count = opinion_subjects(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            facts->subjects =
                grown(arena, facts->subjects, sizeof *facts->subjects, facts->subject_count);
            facts->is_out =
                grown(arena, facts->is_out, sizeof *facts->is_out, facts->subject_count);
            facts->is_out[facts->subject_count] = !str_equal(rows[i].subject_state, S("shown"));
            facts->shown_count += !facts->is_out[facts->subject_count];
            facts->subjects[facts->subject_count++] = rows[i].subject_id;
        }
        after.subject_id = rows[count - 1].subject_id;
    }
}

/* The place of an id in an ascending list; `count` where it is not there. */
static uint32_t place_in(const int64_t *ids, uint32_t count, int64_t id)
{
    uint32_t from = 0, to = count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (ids[middle] < id)
            from = middle + 1;
        else
            to = middle;
    }
    return from < count && ids[from] == id ? from : count;
}

static void add_opinion(struct arena *arena, struct opinion_facts *facts,
                        const struct opinion_page_row *row)
{
    uint32_t subject =
        place_in(&facts->subjects->value, facts->subject_count, row->subject_id.value);
    if (subject == facts->subject_count || facts->is_out[subject])
        return;
    if (facts->person_count == 0 ||
        facts->people[facts->person_count - 1].value != row->person_id.value) {
        facts->people = grown(arena, facts->people, sizeof *facts->people, facts->person_count);
        facts->people[facts->person_count++] = row->person_id;
    }
    facts->votes = grown(arena, facts->votes, sizeof *facts->votes, facts->vote_count);
    facts->votes[facts->vote_count++] =
        (struct groups_vote){ facts->person_count - 1, subject, (int8_t)row->stance };
}

static void read_opinions(struct sql *db, struct arena *arena, struct arena *scratch,
                          struct campaign_id campaign_id, struct opinion_facts *facts)
{
    struct opinion_page after = { .campaign_id = campaign_id };
    struct opinion_page_row *rows;
    size_t count;
    while (facts->subject_count > 0 && (count = opinion_page(db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++)
            add_opinion(arena, facts, &rows[i]);
        after.person_id = rows[count - 1].person_id;
        after.subject_id = rows[count - 1].subject_id;
        arena_reset(scratch);
    }
}

/* The kept map, told in the numbers of today's people and subjects. */
static void read_before(struct sql *db, struct arena *arena, struct campaign_id campaign_id,
                        struct opinion_facts *facts)
{
    struct opinion_axes axes = { .campaign_id = campaign_id };
    struct opinion_axes_row *axis;
    for (int a = 0; a < 2; a++)
        facts->axis_before[a] = arena_new(arena, double, facts->subject_count);
    size_t count;
    while ((count = opinion_axes(db, axes, &axis)) > 0) {
        for (size_t i = 0; i < count; i++) {
            uint32_t s =
                place_in(&facts->subjects->value, facts->subject_count, axis[i].subject_id.value);
            if (s == facts->subject_count)
                continue;
            facts->axis_before[0][s] = axis[i].axis_x;
            facts->axis_before[1][s] = axis[i].axis_y;
            facts->has_before = true;
        }
        axes.subject_id = axis[count - 1].subject_id;
    }
    facts->group_before = arena_new(arena, uint32_t, facts->person_count);
    for (uint32_t p = 0; p < facts->person_count; p++)
        facts->group_before[p] = GROUPS_NONE;
    struct opinion_members members = { .campaign_id = campaign_id };
    struct opinion_members_row *member;
    while ((count = opinion_members(db, members, &member)) > 0) {
        for (size_t i = 0; i < count; i++) {
            uint32_t group = (uint32_t)member[i].group_number;
            uint32_t p =
                place_in(&facts->people->value, facts->person_count, member[i].person_id.value);
            if (p == facts->person_count || group >= GROUPS_MAX)
                continue;
            facts->group_before[p] = group;
            if (group >= facts->group_count_before)
                facts->group_count_before = group + 1;
        }
        members.person_id = member[count - 1].person_id;
    }
}

struct opinion_facts facts_read(struct sql *db, struct arena *arena, struct campaign_id campaign_id)
{
    struct opinion_facts facts = { 0 };
    struct arena *scratch = arena_make(), *usual = sql_arena(db);
    sql_use_arena(db, scratch);
    read_subjects(db, arena, campaign_id, &facts);
    read_opinions(db, arena, scratch, campaign_id, &facts);
    if (facts.person_count > 0)
        read_before(db, arena, campaign_id, &facts);
    sql_use_arena(db, usual);
    arena_free(scratch);
    return facts;
}

/* --- Keeping it ------------------------------------------------------------------------------- */

static void keep_groups(struct sql *db, struct campaign_id campaign_id, const struct chart *chart)
{
    opinion_groups_clear(db, (struct opinion_groups_clear){ campaign_id });
    for (uint32_t k = 0; k < chart->groups.count; k++) {
        const struct groups_outline *outline = &chart->picture.of[k];
        bool is_drawn = chart->groups.size[k] >= OPINION_TOLD_MIN;
        opinion_group_insert(
            db, (struct opinion_group_insert){ .campaign_id = campaign_id,
                                               .group_number = k,
                                               .group_size = chart->groups.size[k],
                                               .centre_x = chart->groups.centre[0][k],
                                               .centre_y = chart->groups.centre[1][k],
                                               .name_x = outline->x,
                                               .name_y = outline->y,
                                               .hull = is_drawn ? outline->hull : S(""),
                                               .dots = is_drawn ? outline->dots : S(""),
                                               .hollow = is_drawn ? outline->between : S("") });
    }
}

/* Writes who has come to a group, has changed it or is in none any more; most stay. */
static void keep_members(struct sql *db, struct campaign_id campaign_id,
                         const struct opinion_facts *facts, const struct chart *chart)
{
    for (uint32_t p = 0; p < facts->person_count; p++) {
        uint32_t before = facts->group_before[p];
        uint32_t now = chart->groups.count == 0 ? GROUPS_NONE : chart->groups.of[p];
        if (now == before)
            continue;
        if (now == GROUPS_NONE)
            opinion_member_delete(db,
                                  (struct opinion_member_delete){ campaign_id, facts->people[p] });
        else
            opinion_member_set(
                db, (struct opinion_member_set){ campaign_id, facts->people[p], (int64_t)now });
    }
}

static void keep_axes(struct sql *db, struct campaign_id campaign_id,
                      const struct opinion_facts *facts, const struct chart *chart)
{
    opinion_axes_clear(db, (struct opinion_axes_clear){ campaign_id });
    for (uint32_t s = 0; chart->groups.count > 0 && s < facts->subject_count; s++)
        opinion_axis_insert(db, (struct opinion_axis_insert){ .campaign_id = campaign_id,
                                                              .subject_id = facts->subjects[s],
                                                              .stance_mean = chart->plane.mean[s],
                                                              .axis_x = chart->plane.axis[0][s],
                                                              .axis_y = chart->plane.axis[1][s] });
}

static void keep_words(struct sql *db, struct campaign_id campaign_id,
                       const struct opinion_facts *facts, const struct chart *chart)
{
    opinion_said_clear(db, (struct opinion_said_clear){ campaign_id });
    opinion_shares_clear(db, (struct opinion_shares_clear){ campaign_id });
    for (size_t i = 0; i < chart->said_count; i++) {
        const struct chart_said *said = &chart->said[i];
        opinion_said_insert(
            db, (struct opinion_said_insert){ .campaign_id = campaign_id,
                                              .list_name = str_from(said_list_names[said->list]),
                                              .group_number = said->group,
                                              .place = said->place,
                                              .subject_id = facts->subjects[said->subject],
                                              .agrees = said->agrees });
    }
    for (size_t i = 0; i < chart->share_count; i++) {
        const struct chart_share *share = &chart->shares[i];
        opinion_share_insert(
            db, (struct opinion_share_insert){ .campaign_id = campaign_id,
                                               .subject_id = facts->subjects[share->subject],
                                               .group_number = share->group,
                                               .agree = share->count.agree,
                                               .disagree = share->count.disagree,
                                               .seen = share->count.seen });
    }
}

void chart_keep(struct sql *db, struct campaign_id campaign_id, int64_t made_at, int64_t due_at,
                const struct opinion_facts *facts, const struct chart *chart)
{
    keep_groups(db, campaign_id, chart);
    keep_members(db, campaign_id, facts, chart);
    keep_axes(db, campaign_id, facts, chart);
    keep_words(db, campaign_id, facts, chart);
    opinion_map_keep(db,
                     (struct opinion_map_keep){
                         .campaign_id = campaign_id,
                         .due_at = due_at,
                         .made_at = made_at,
                         .opinion_total = chart->opinion_total,
                         .subject_total = facts->subject_count,
                         .subject_shown = facts->shown_count,
                         .people_total = facts->person_count,
                         .people_enough = chart->people_enough,
                         .shown_share = chart->shown_share,
                         .silhouette = chart->groups.count > 1 ? chart->groups.silhouette_here : 0,
                         .picture_scale = chart->picture.scale,
                         .picture_x = chart->picture.x,
                         .picture_y = chart->picture.y });
}
