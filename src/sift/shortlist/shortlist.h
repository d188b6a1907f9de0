/* A few of many entries, worth a person's time: they cover what the entries are about, and hold
 * what each opinion group likes best. Pure.
 *
 * Each pick says why it is there. What it is made of: themes (sift/themes), merit such as the lower
 * bound of an entry's support (sift/rank), support in each opinion group (sift/groups), and which
 * entries are near-duplicates of another (sift/similar).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SHORTLIST_NONE UINT32_MAX
enum { SHORTLIST_GROUPS_MAX = 64 };

struct shortlist_entries {
    uint32_t count;
    const uint32_t *theme; /* by entry, or SHORTLIST_NONE */
    const double *merit;   /* by entry, 0 to 1, for certain: a lower bound where few have judged */
    const uint32_t
        *leader; /* by entry: the one it is a near-duplicate of, or itself; NULL: none is */
    uint32_t group_count;      /* at most SHORTLIST_GROUPS_MAX; 0: no opinion groups are known */
    const double *group_merit; /* count × group_count, as merit within the group; 0: not judged */
};

struct shortlist_pick {
    uint32_t entry;
    uint64_t best_of_groups;  /* bit g: no entry has more merit in group g */
    bool is_first_of_theme;   /* no pick before it is of its theme */
    bool is_best_of_theme;    /* no entry of its theme has more merit */
    bool is_best_of_all;      /* no entry has more merit */
    uint32_t theme_size;      /* entries of its theme, near-duplicates too; 1 for one without */
    uint32_t duplicate_count; /* entries it stands for besides itself */
    double gain;              /* what it added to the worth of the list, 0 to 1 */
};

/* Picks up to `wanted` entries; returns how many. Best first: where the list is cut, what is left
   is a shortlist too, but for groups that come later. A near-duplicate of a pick is never picked.
 */
uint32_t shortlist_choose(const struct shortlist_entries *entries, uint32_t wanted,
                          struct shortlist_pick *picks);
