/* Drawing the map later, and checking the one that is kept. */
#include "opinion_inner.h"

#include <math.h>

#include "platform/clock/clock.h"
#include "platform/jobs/jobs.h"

/* A map is drawn at most this often, and takes at most a twentieth of the time. */
static const int64_t PAUSE_US = 15LL * 1000000;
enum { PAUSE_TIMES = 20 };

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
    chart_keep(db, d->campaign_id, d->began_at, d->due_at, &d->facts, &d->chart);
    return true;
}

static bool read_all(struct sql_store *store, struct arena *arena, struct drawing *d,
                     struct fault *fault)
{
    struct sql *db = sql_read_begin(store, arena, fault);
    if (db == NULL)
        return false;
    d->facts = facts_read(db, arena, d->campaign_id);
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
    enum sql_outcome begun = sql_submit_wait(store, begin, &d, fault);
    if (begun == SQL_DROPPED)
        fault_set(fault, FAULT_UNAVAILABLE, "another server draws the maps");
    bool ok = begun == SQL_KEPT && read_all(store, arena, &d, fault);
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
    if (facts->subjects == NULL)
        return chart->said_count + chart->share_count == 0;
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
    chart_keep(db, campaign_id, now, 0, facts, &chart);
}

int64_t opinion_rebuild_map(struct sql *db, int64_t now, struct campaign_id campaign_id)
{
    struct opinion_map_get_row map;
    if (!opinion_map_get(db, (struct opinion_map_get){ campaign_id }, &map) ||
        !str_equal(map.map_state, S("made")))
        return 0;
    struct opinion_facts facts = facts_read(db, sql_arena(db), campaign_id);
    struct chart chart = chart_draw(sql_arena(db), &facts);
    if (is_kept(db, campaign_id, &map, &facts, &chart))
        return 0;
    draw_afresh(db, now, campaign_id, &facts);
    return 1;
}
