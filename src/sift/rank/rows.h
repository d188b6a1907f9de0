/* What is ranked, read from tables of text: votes, tallies, choices and marks. Pure. */
#pragma once
#include "sift/table/table.h"

enum rank_layout {
    RANK_TALLIES, /* item, up, down */
    RANK_VOTES,   /* item, voter, vote: up or down (or a number: its sign), else no vote */
    RANK_CHOICES, /* winner, loser, and voter if there is such a column */
    RANK_MARKS,   /* item, judge, score: a number */
    RANK_LABELS,  /* item, judge, score: any text, which gets a number */
};

struct rank_row {
    uint32_t item, other;    /* other: the loser of a choice */
    uint32_t person, origin; /* NAMES_NONE without such a column or with an empty cell */
    double value, down;      /* vote (1 or -1), mark, number of a label; tally: for and against */
    int64_t at_s;            /* seconds UTC since 1970; 0 without a column of times */
};

struct rank_rows {
    struct names items, people, origins, labels;
    struct rank_row *rows;
    size_t count;
    size_t passed_over; /* rows that `only` left out, or that are no vote */
    bool has_people, has_origins, has_times;
};

/* Whether the heading of `csv` is one of tallies: columns for votes for and against. */
bool rank_has_tallies(struct arena *arena, struct str csv);

/* Reads the rows of `csv` that say `only` ("COLUMN=VALUE", letter case aside; NULL: all). Column
   names: item|task|idea|entry|item id|idea id, voter|worker|person|judge|session id, vote|value,
   up|for|agree|wins, down|against|disagree|losses, winner|winner id, loser|loser id,
   score|mark|label|rating, time|created_at|created at|timestamp, origin|ip|address. Where a person
   votes on an item or marks it more than once, use rank_rows_latest. False after a fault that names
   the line. */
[[nodiscard]] bool rank_rows_read(struct arena *arena, struct str csv, enum rank_layout layout,
                                  const char *only, struct rank_rows *rows, struct fault *fault);

/* Keeps the last row of each person about each item; how many were dropped. Rows without a person
   stay. Expected O(rows). */
size_t rank_rows_latest(struct arena *arena, struct rank_rows *rows);

/* A moment as text holds it: seconds, milliseconds or microseconds since 1970, or
   "2017-06-29 15:20:59", with T and a fraction if one likes, UTC. */
bool rank_moment(struct str text, int64_t *at_s);
