/* Themes of a campaign: what its shown subjects are about, and a shortlist that covers them.
 *
 * Themes are found anew whenever they are asked for (sift/themes), from what the likenesses of the
 * campaign say; who is near whom is kept in memory for each campaign and revision. Facts are the
 * decisions of people alone: acts that name a theme, join two, or move subjects. An act puts
 * subjects into a theme for good, so that they stay together in every later run and at every grain;
 * acts are only added, and taken back by a further one.
 *
 * A theme is addressed by one of its subjects: the page of a subject's theme exists as long as the
 * subject is shown, however themes fall.
 */
#pragma once
#include "commons/event/event.h"
#include "commons/subject/subject.h"

struct likeness;
struct theme_memory;

/* Holds graphs up to `bytes_max` in all, those not asked for longest go first; one that is in use
   stays. Any thread may use it. */
struct theme_memory *theme_memory_open(struct likeness *likeness, size_t bytes_max);
void theme_memory_close(struct theme_memory *memory); /* NULL is allowed */

/* --- Export, import --------------------------------------------------------------------------- */

/* All acts as JSON objects, comma-separated. */
void theme_export_json(struct sql *db, struct campaign_id campaign_id, struct buf *out);

/* What people decided, subject by subject, for files with a line for each. */
struct theme_names {
    size_t count;
    const struct theme_placed {
        struct subject_id subject_id;
        struct str name;
    } * items; /* by ascending subject */
};
struct theme_names theme_names(struct sql *db, struct campaign_id campaign_id);
struct str theme_name_of(const struct theme_names *names, struct subject_id subject_id); /* or "" */

/* Puts subjects into themes by name, as a file says: one act for each name. */
enum { THEME_NAME_MAX = 80 }; /* characters */
void theme_import(struct sql *db, int64_t now, struct campaign_id campaign_id,
                  struct person_id person_id, const struct theme_placed *items, size_t count);
