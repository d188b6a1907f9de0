/* Opinions: what people think of a campaign's subjects (agree, disagree, pass), and the map of who
 * thinks alike. Votes support; opinions map. Neither moves the other.
 *
 * One opinion of a person on a subject is one row; the unique key decides, and the last one counts.
 * The count of opinions beside a subject moves in the same transaction. The map is drawn by a job,
 * some time after opinions have changed, and begins at the last one, so that groups keep their
 * letters and nearly all their people. It is derived: of what is shown when it is drawn, nothing
 * else.
 *
 * The map tells of groups, never of people: a group of fewer than OPINION_TOLD_MIN is neither drawn
 * nor described, nor is what fewer of a group have said.
 */
#pragma once
#include "commons/event/event.h"
#include "commons/subject/subject.h"
#include "views.h"

enum {
    OPINION_TOLD_MIN = 5,    /* people of a group of whom something is told */
    OPINION_PEOPLE_MIN = 10, /* with enough opinions, before there is a map */
    OPINION_NEEDED_MAX = 7,  /* opinions that a place on the map takes, or all if there are fewer */
};

/* Job: draws the maps that are due. Context: the store. */
bool opinion_job(void *store, int64_t now, struct fault *fault);

/* --- For other rooms -------------------------------------------------------------------------- */

/* How a group of the kept map answered to a subject; told only of those that at least
   OPINION_TOLD_MIN of the group have judged. */
struct opinion_liking {
    struct subject_id subject_id;
    uint32_t group; /* below 64; its letter is 'A' + group */
    int64_t agree, seen;
};
/* All of a campaign, by ascending subject; none where no map is kept. In the snapshot's arena. */
size_t opinion_likings_of(struct sql *db, struct campaign_id campaign_id,
                          struct opinion_liking **list);

/* --- Listeners (app/wiring.c) ----------------------------------------------------------------- */

/* What is shown has changed, or the campaign has ended: its map, if there is one, is drawn anew. */
void opinion_spoil(struct sql *db, void *context, int64_t now, const struct event *event);
/* Removes a person's opinions, which together are a portrait. */
void opinion_erase_person(struct sql *db, struct person_id person_id);

/* --- Export, rebuild -------------------------------------------------------------------------- */

/* All opinions, as `manyhands groups` reads them: person,statement,vote,timestamp. */
struct str opinion_export_csv(struct sql *db, struct campaign_id campaign_id);
/* All opinions as JSON objects, comma-separated. */
void opinion_export_json(struct sql *db, struct campaign_id campaign_id, struct buf *out);
/* Recounts the opinions of each subject; returns how many counts were wrong. */
int64_t opinion_rebuild_counts(struct sql *db, struct campaign_id campaign_id);
/* Draws the kept map again from the opinions; one that differs is drawn from nothing but them.
   Returns how many differed (0 or 1). A map that new opinions have overtaken is left to the job. */
int64_t opinion_rebuild_map(struct sql *db, int64_t now, struct campaign_id campaign_id);
