/* Drawing the map later, keeping it, and checking what is kept. */
#include "opinion_inner.h"

#include <math.h>
#include <string.h>

#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

/* A map is drawn at most this often, and takes at most a twentieth of the time. */
static const int64_t PAUSE_US = 15LL * 1000000;
enum { PAUSE_TIMES = 20 };

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
    if (subject == facts->subject_count)
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

static struct opinion_facts read_facts(struct sql *db, struct arena *arena,
                                       struct campaign_id campaign_id)
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

static void keep_chart(struct sql *db, struct campaign_id campaign_id, int64_t made_at,
                       int64_t due_at, const struct opinion_facts *facts, const struct chart *chart)
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

/* --- The job ---------------------------------------------------------------------------------- */

struct drawing {
    struct job_lease lease;
    struct campaign_id campaign_id;
    int64_t began_at, due_at;
    struct opinion_facts facts;
    struct chart chart;
};

static bool begin(struct sql *db, void *context)
{
    const struct drawing *d = context;
    opinion_map_begin(db, (struct opinion_map_begin){ d->campaign_id });
    return job_lease_holds(db, d->lease);
}

static bool keep(struct sql *db, void *context)
{
    const struct drawing *d = context;
    if (!job_lease_holds(db, d->lease))
        return false; /* another server has taken over */
    keep_chart(db, d->campaign_id, d->began_at, d->due_at, &d->facts, &d->chart);
    return true;
}

static bool read_all(struct sql_store *store, struct arena *arena, struct drawing *d,
                     struct fault *fault)
{
    struct sql *db = sql_read_begin(store, arena, fault);
    if (db == NULL)
        return false;
    d->facts = read_facts(db, arena, d->campaign_id);
    if (sql_read_end(store, db))
        return true;
    return fault_set(fault, FAULT_UNAVAILABLE, "opinions could not be read");
}

/* Drawn from one snapshot, after saying so: what is given from then on spoils the map, which is
   then due again. */
static bool draw(struct sql_store *store, struct campaign_id campaign_id, struct fault *fault)
{
    struct arena *arena = arena_make();
    struct drawing d = { .lease = job_lease_current(),
                         .campaign_id = campaign_id,
                         .began_at = clock_now() };
    bool ok =
        sql_submit_wait(store, begin, &d, fault) == SQL_KEPT && read_all(store, arena, &d, fault);
    if (ok) {
        d.chart = chart_draw(arena, &d.facts);
        int64_t pause = PAUSE_TIMES * (clock_now() - d.began_at);
        d.due_at = clock_now() + (pause > PAUSE_US ? pause : PAUSE_US);
        ok = sql_submit_wait(store, keep, &d, fault) != SQL_UNAVAILABLE;
    }
    arena_free(arena);
    return ok;
}

bool opinion_job(void *context, int64_t now, struct fault *fault)
{
    struct sql_store *store = context;
    struct arena *arena = arena_make();
    struct sql *db = sql_read_begin(store, arena, fault);
    struct opinion_map_due_row *due = NULL;
    size_t count = db == NULL ? 0 : opinion_map_due(db, (struct opinion_map_due){ now }, &due);
    bool ok = db != NULL;
    if (ok && !sql_read_end(store, db))
        ok = fault_set(fault, FAULT_UNAVAILABLE, "maps could not be read");
    for (size_t i = 0; ok && i < count; i++)
        ok = draw(store, due[i].campaign_id, fault);
    arena_free(arena);
    return ok;
}

/* --- Rebuilding ------------------------------------------------------------------------------- */

int64_t opinion_rebuild_counts(struct sql *db, struct campaign_id campaign_id)
{
    int64_t wrong = 0;
    struct opinion_counts_wrong_row *rows;
    size_t count;
    while ((count = opinion_counts_wrong(db, (struct opinion_counts_wrong){ campaign_id }, &rows)) >
           0) {
        for (size_t i = 0; i < count; i++)
            subject_set_opinions(db,
                                 (struct subject_set_opinions){ .opinion_count = rows[i].true_count,
                                                                .campaign_id = campaign_id,
                                                                .subject_id = rows[i].subject_id });
        wrong += (int64_t)count;
    }
    return wrong;
}

/* The same up to what a plane that begins at itself still moves. */
static bool is_near(double kept, double drawn)
{
    return fabs(kept - drawn) <= 1e-4 * fmax(1, fabs(drawn));
}

static bool same_groups(struct sql *db, struct campaign_id campaign_id, const struct chart *chart)
{
    struct opinion_groups_of_row *rows;
    size_t count = opinion_groups_of(db, (struct opinion_groups_of){ campaign_id }, &rows);
    bool same = count == chart->groups.count;
    for (size_t k = 0; same && k < count; k++)
        same = rows[k].group_number == (int64_t)k && rows[k].group_size == chart->groups.size[k] &&
               is_near(rows[k].centre_x, chart->groups.centre[0][k]) &&
               is_near(rows[k].centre_y, chart->groups.centre[1][k]);
    return same;
}

static bool same_members(const struct opinion_facts *facts, const struct chart *chart)
{
    for (uint32_t p = 0; p < facts->person_count; p++)
        if (facts->group_before[p] !=
            (chart->groups.count == 0 ? GROUPS_NONE : chart->groups.of[p]))
            return false;
    return true;
}

static bool same_axes(struct sql *db, struct campaign_id campaign_id,
                      const struct opinion_facts *facts, const struct chart *chart)
{
    struct opinion_axes after = { .campaign_id = campaign_id };
    struct opinion_axes_row *rows;
    size_t count, total = 0;
    bool same = true;
    while (same && (count = opinion_axes(db, after, &rows)) > 0) {
        for (size_t i = 0; same && i < count; i++) {
            size_t s = total + i;
            same = chart->groups.count > 0 && s < facts->subject_count &&
                   rows[i].subject_id.value == facts->subjects[s].value &&
                   is_near(rows[i].stance_mean, chart->plane.mean[s]) &&
                   is_near(rows[i].axis_x, chart->plane.axis[0][s]) &&
                   is_near(rows[i].axis_y, chart->plane.axis[1][s]);
        }
        total += count;
        after.subject_id = rows[count - 1].subject_id;
    }
    return same && total == (chart->groups.count > 0 ? facts->subject_count : 0);
}

static bool same_words(struct sql *db, struct campaign_id campaign_id,
                       const struct opinion_facts *facts, const struct chart *chart)
{
    struct opinion_said_of_row *said;
    struct opinion_shares_of_row *shares;
    if (opinion_said_of(db, (struct opinion_said_of){ campaign_id }, &said) != chart->said_count ||
        opinion_shares_of(db, (struct opinion_shares_of){ campaign_id }, &shares) !=
            chart->share_count)
        return false;
    bool same = true;
    for (size_t i = 0; same && i < chart->said_count; i++) {
        const struct chart_said *drawn = &chart->said[i];
        same = str_equal(said[i].list_name, str_from(said_list_names[drawn->list])) &&
               said[i].group_number == drawn->group && said[i].place == drawn->place &&
               said[i].subject_id.value == facts->subjects[drawn->subject].value &&
               said[i].agrees == drawn->agrees;
    }
    for (size_t i = 0; same && i < chart->share_count; i++) {
        const struct chart_share *drawn = &chart->shares[i];
        same = shares[i].subject_id.value == facts->subjects[drawn->subject].value &&
               shares[i].group_number == drawn->group && shares[i].agree == drawn->count.agree &&
               shares[i].disagree == drawn->count.disagree && shares[i].seen == drawn->count.seen;
    }
    return same;
}

static bool is_kept(struct sql *db, struct campaign_id campaign_id,
                    const struct opinion_map_get_row *map, const struct opinion_facts *facts,
                    const struct chart *chart)
{
    return map->opinion_total == chart->opinion_total &&
           map->subject_total == facts->subject_count && map->subject_shown == facts->shown_count &&
           map->people_total == facts->person_count && map->people_enough == chart->people_enough &&
           is_near(map->shown_share, chart->shown_share) && same_members(facts, chart) &&
           same_groups(db, campaign_id, chart) && same_axes(db, campaign_id, facts, chart) &&
           same_words(db, campaign_id, facts, chart);
}

/* Draws it with no regard to what is kept. */
static void draw_afresh(struct sql *db, int64_t now, struct campaign_id campaign_id,
                        struct opinion_facts *facts)
{
    facts->has_before = false;
    struct opinion_members_row *rows;
    size_t count;
    while ((count = opinion_members(db, (struct opinion_members){ .campaign_id = campaign_id },
                                    &rows)) > 0)
        for (size_t i = 0; i < count; i++)
            opinion_member_delete(db,
                                  (struct opinion_member_delete){ campaign_id, rows[i].person_id });
    facts->group_count_before = 0;
    for (uint32_t p = 0; p < facts->person_count; p++)
        facts->group_before[p] = GROUPS_NONE;
    struct chart chart = chart_draw(sql_arena(db), facts);
    keep_chart(db, campaign_id, now, 0, facts, &chart);
}

int64_t opinion_rebuild_map(struct sql *db, int64_t now, struct campaign_id campaign_id)
{
    struct opinion_map_get_row map;
    if (!opinion_map_get(db, (struct opinion_map_get){ campaign_id }, &map) ||
        !str_equal(map.map_state, S("made")))
        return 0;
    struct opinion_facts facts = read_facts(db, sql_arena(db), campaign_id);
    struct chart chart = chart_draw(sql_arena(db), &facts);
    if (is_kept(db, campaign_id, &map, &facts, &chart))
        return 0;
    draw_afresh(db, now, campaign_id, &facts);
    return 1;
}
