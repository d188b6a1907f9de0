/* What the files of this room share. */
#pragma once
#include "commons/opinion/opinion.h"
#include "opinion.sql.h"
#include "opinion_routes.h"
#include "sift/groups/groups.h"

/* --- Pure, in opinion_rules.c ----------------------------------------------------------------- */

struct str stance_name(int64_t stance); /* "agree", "pass", "disagree" */

/* Opinions that a place on the map takes where `subject_count` subjects have some. */
int64_t opinion_needed(int64_t subject_count);

/* Which of the least judged subjects a person is asked about: the same one as long as nothing
   changes, and not the one that everybody else is asked about. `count` > 0. */
size_t opinion_choose(const struct opinion_next_row *rows, size_t count,
                      struct person_id person_id);

/* --- The chart: a map before it is kept. Pure, in opinion_chart.c ----------------------------- */

/* What it is drawn from. People and subjects are numbered by ascending id. */
struct opinion_facts {
    struct person_id *people;
    struct subject_id *subjects;
    bool *is_out; /* by subject: not shown. Nothing is told of it, and no opinion on it is there;
                     places know of it, as in Polis, since people have spent opinions on it */
    struct groups_vote *votes;
    size_t vote_count;
    uint32_t person_count, subject_count, shown_count;
    /* The kept map: axes by subject (0 for new ones), groups by person. */
    bool has_before;
    double *axis_before[2];
    uint32_t *group_before;
    uint32_t group_count_before;
};

enum said_list { LIST_COMMON, LIST_DIVISIVE, LIST_GROUP, LIST_COUNT };
extern const char *const said_list_names[LIST_COUNT];

struct chart_said {
    enum said_list list;
    uint32_t group, place, subject;
    bool agrees;
};
struct chart_share {
    uint32_t subject, group;
    struct groups_count count;
};
struct chart {
    int64_t opinion_total, people_enough;
    struct groups_plane plane;
    struct groups groups; /* count 0 where there are too few people */
    struct groups_picture picture;
    double shown_share;
    struct chart_said *said;
    size_t said_count;
    struct chart_share *shares;
    size_t share_count;
};
struct chart chart_draw(struct arena *arena, const struct opinion_facts *facts);

/* --- Reading and keeping, in opinion_keep.c --------------------------------------------------- */

/* What a campaign's map is drawn from now, and the map that is kept. */
struct opinion_facts facts_read(struct sql *db, struct arena *arena,
                                struct campaign_id campaign_id);
/* Puts a chart in place of the kept one, from which `facts` were read. */
void chart_keep(struct sql *db, struct campaign_id campaign_id, int64_t made_at, int64_t due_at,
                const struct opinion_facts *facts, const struct chart *chart);

/* --- Reading, for pages and commands ---------------------------------------------------------- */

/* The words of a subject of the request's campaign. */
bool subject_says(struct request *r, struct subject_id subject_id, struct subject_said *words);
/* A name for a person in files; the same in every file of the campaign, and nowhere else. */
struct str opinion_alias(struct arena *arena, struct str salt, struct person_id person_id);
