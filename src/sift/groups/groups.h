/* Opinion groups: who thinks alike, from votes of agree, disagree and pass. Pure.
 *
 *     struct opinions o = opinions_make(arena, votes, count, people, statements, is_out);
 *     struct groups_plane plane = groups_plane(arena, &o, NULL);
 *     struct groups g = groups_find(arena, &o, &plane, (struct groups_wish){ .seed = 1 });
 *     struct groups_counts counts = groups_count(arena, &o, g.of, g.count);
 *     struct groups_said list[GROUPS_SAID_MAX];
 *     size_t n = groups_representatives(&counts, o.is_out, group, list);
 *
 * People and statements are numbers from 0 (see names in sift/table). A vote is 1 (agree), 0 (pass)
 * or -1 (disagree). Everything is deterministic: the same votes and seed give the same groups, in
 * whatever order people, statements and rows come. Nothing here holds people × statements numbers:
 * memory is proportional to the votes.
 */
#pragma once
#include "base/str.h"

enum {
    GROUPS_MAX = 64,     /* groups that may be given or asked for */
    GROUPS_K_MAX = 5,    /* groups that are looked for when none are asked for */
    GROUPS_SAID_MAX = 5, /* representative statements of a group */
};
#define GROUPS_NONE UINT32_MAX

struct groups_vote {
    uint32_t person, statement;
    int8_t vote;
};

/* --- Opinions: the sparse matrix (opinions.c) ------------------------------------------------- */

/* Row of person p: votes[row[p]] to votes[row[p + 1] - 1], by ascending statement. */
struct opinions {
    uint32_t person_count, statement_count;
    size_t vote_count;
    size_t again_count; /* votes that a later one of the same person replaced */
    const size_t *row;  /* person_count + 1 */
    const uint32_t *statement;
    const int8_t *vote;
    const bool *is_out; /* by statement: moderated away; has no part in map and lists */
};

/* Sorts `count` votes into rows; of several by one person on one statement the last counts.
   `is_out` may be NULL. Numbers beyond the counts and other votes than 1, 0 and -1 are a bug of the
   caller. O(votes + people + statements). */
struct opinions opinions_make(struct arena *arena, const struct groups_vote *votes, size_t count,
                              uint32_t person_count, uint32_t statement_count, const bool *is_out);

/* --- The plane: two principal components (plane.c) -------------------------------------------- */

struct groups_plane {
    uint32_t statement_count;
    double *mean;            /* by statement, of the votes it got; 0 when it is out or has none */
    double *axis[2];         /* by statement: unit vectors, or all 0 where nothing varies */
    double eigenvalue[2];    /* sums of squares along the axes */
    double variance;         /* sum of squares in all directions */
    double *at[2];           /* by person: where they stand */
    double *statement_at[2]; /* by statement: where one would stand who agreed to it alone */
    uint32_t step_count;     /* of the iteration */
    bool is_converged;
};

/* The plane in which opinions differ most. With `before` (may be NULL; of the same or fewer
   statements, numbered alike) the iteration starts there and the axes keep their directions. */
struct groups_plane groups_plane(struct arena *arena, const struct opinions *o,
                                 const struct groups_plane *before);

/* Where one person stands in a plane that is known, with votes that may be newer than it: at most
   one on each statement, of which the plane may know fewer. O(votes + statements). */
void groups_stand(const struct groups_plane *plane, const bool *is_out,
                  const struct groups_vote *votes, size_t count, double at[2]);

/* --- Groups (kmeans.c) ------------------------------------------------------------------------ */

struct groups_wish {
    uint32_t k;          /* how many groups; 0: 2 to 5, by silhouette */
    uint32_t votes_min;  /* who gave fewer votes is left out; 0: 7 (or all statements, if fewer) */
    const bool *is_kept; /* by person: stays in with fewer votes too; may be NULL */
    const uint32_t *before; /* by person: the group last time or GROUPS_NONE; may be NULL */
    uint32_t before_count;
    const double *start[2]; /* k centres to start from instead of chance; may be NULL */
    uint64_t seed;
};

struct groups {
    uint32_t count;                      /* 0 when nobody is in, 1 when all stand at one point */
    uint32_t *of;                        /* by person: the group, or GROUPS_NONE */
    double centre[2][GROUPS_MAX];        /* by group */
    uint32_t size[GROUPS_MAX];           /* by group: people */
    uint32_t in_count;                   /* people in some group */
    double silhouette[GROUPS_K_MAX + 1]; /* by k, -1 to 1; NAN for a k that was not tried */
    double silhouette_here;              /* of these groups; under .25: hardly separate */
    double *margin; /* by person: (b - a) / b for distances a to the own and b to the next centre;
                       0: between two groups, 1: at the centre; NAN outside */
};

/* Under this margin a person is called "between". */
#define GROUPS_BETWEEN 0.2

/* k-means on the plane. Groups are numbered by size, or as `before` was. */
struct groups groups_find(struct arena *arena, const struct opinions *o,
                          const struct groups_plane *plane, struct groups_wish wish);

/* Groups that are known already (`of`, by person, GROUPS_NONE for outside), with the rest of it. */
struct groups groups_given(struct arena *arena, const struct opinions *o,
                           const struct groups_plane *plane, const uint32_t *of, uint32_t count);

/* The group whose centre is nearest to a place; GROUPS_NONE when there are none. */
uint32_t groups_nearest(const struct groups *g, const double at[2]);

/* --- What groups say (represent.c) ------------------------------------------------------------ */

struct groups_count {
    uint32_t agree, disagree, seen;
};

struct groups_counts {
    uint32_t group_count, statement_count;
    struct groups_count *by_group; /* [group * statement_count + statement] */
    struct groups_count *all;      /* by statement: everybody, in a group or not */
};

struct groups_counts groups_count(struct arena *arena, const struct opinions *o,
                                  const uint32_t *group_of, uint32_t group_count);

/* How one group stands to one statement, for the direction in which it differs most. */
struct groups_said {
    uint32_t statement;
    bool agrees;  /* or disagrees */
    bool is_best; /* the agreement that stands for the group best; listed first */
    uint32_t votes, seen;
    double share;     /* (votes + 1) / (seen + 2) */
    double low, high; /* 95 % interval of votes / seen */
    double share_z;   /* against one half */
    double ratio;     /* share here over the share of all other groups */
    double ratio_z;   /* against the other groups */
};

struct groups_said groups_said(const struct groups_counts *c, uint32_t group, uint32_t statement);

/* The statements that tell a group from the others, agreements first. `list` has room for
   GROUPS_SAID_MAX; returns how many. `is_out` may be NULL. */
size_t groups_representatives(const struct groups_counts *c, const bool *is_out, uint32_t group,
                              struct groups_said *list);

/* Group-informed consensus: how likely it is that one member of each group all agree, the product
   of (agree + 1) / (seen + 2); *deviation is its standard deviation under the same prior. */
double groups_consensus(const struct groups_counts *c, uint32_t statement, double *deviation);

/* What a majority of everybody agrees (or disagrees) with, by share times z, best first. */
size_t groups_majorities(const struct groups_counts *c, const bool *is_out, bool agrees,
                         struct groups_said *list);

/* --- The map (map.c) -------------------------------------------------------------------------- */

enum { GROUPS_PICTURE_WIDE = 800, GROUPS_PICTURE_HIGH = 560 };

/* A group on the picture, as data of SVG paths: points are `M… h0`, to be stroked with round caps.
 */
struct groups_outline {
    struct str hull, dots;
    struct str between; /* of the dots, those between groups */
    double x, y;        /* the centre */
};
struct groups_picture {
    double scale, x, y; /* how the plane lies on it */
    struct groups_outline of[GROUPS_MAX];
};

/* The plane laid on a picture of GROUPS_PICTURE_WIDE × GROUPS_PICTURE_HIGH, for whoever draws it.
   Of more than `dots_max` people only every second, third … is a dot; hulls hold all of them. */
struct groups_picture groups_picture(struct arena *arena, const struct opinions *o,
                                     const struct groups_plane *plane, const struct groups *g,
                                     size_t dots_max);
/* Where a place of the plane is on the picture; moved to its edge where it would be outside. */
void groups_picture_place(const struct groups_picture *picture, const double at[2],
                          double place[2]);

/* A picture of the plane: people as dots in their group's colour, groups as hulls with their names
   (`names`, by group; their sizes stand beside). Valid SVG without script, readable without colour.
   O(people log people). */
struct str groups_map_svg(struct arena *arena, const struct opinions *o,
                          const struct groups_plane *plane, const struct groups *g,
                          const struct str *names);
