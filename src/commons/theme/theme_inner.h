/* What the files of this room share. */
#pragma once
#include "commons/theme/theme.h"
#include "sift/shortlist/shortlist.h"
#include "sift/themes/themes.h"
#include "theme.sql.h"
#include "theme_routes.h"

/* --- Decisions: pure (theme_rules.c) ---------------------------------------------------------- */

struct theme_deed {
    struct theme_act_id id, theme_id, undone_id; /* undone_id 0: an act of its own */
    struct str name;
    bool is_undone; /* filled by theme_decide */
};
struct theme_put {
    struct theme_act_id deed;
    struct subject_id subject_id;
};
struct theme_pin {
    struct subject_id subject_id;
    uint32_t theme; /* in decisions.themes */
};
struct theme_decisions {
    struct decided_theme {
        struct theme_act_id id;
        struct str name; /* "": it has none */
    } * themes;
    uint32_t theme_count;
    struct theme_pin *pins; /* by ascending subject, one for each */
    size_t pin_count;
};
/* What holds after all acts. Deeds by ascending id, puts by ascending deed. O(n · log n). */
struct theme_decisions theme_decide(struct arena *arena, struct theme_deed *deeds,
                                    size_t deed_count, const struct theme_put *puts,
                                    size_t put_count);
/* The theme a subject is pinned to, or THEMES_NONE. */
uint32_t theme_pinned(const struct theme_decisions *d, struct subject_id subject_id);

double theme_resolution(enum theme_grain grain);

/* --- In memory (theme_hold.c) ----------------------------------------------------------------- */

/* A campaign's texts at one revision. What has been taken does not change, and is given back. */
struct theme_holding {
    struct campaign_id campaign_id;
    int64_t revision;
    struct arena *arena;
    uint32_t count;
    const struct subject_id *subjects; /* by text, ascending */
    const struct themes_texts *texts;
    struct themes_graph graph;
    const uint32_t *leader; /* by text: the one it says nearly the same as, or itself */
    /* What themes are called by: those of the middle grain, without decisions. */
    const uint32_t *known_of;           /* by text */
    const struct subject_id *known_key; /* by known theme */

    struct theme_holding *next; /* below: the memory's own */
    unsigned users;
    uint64_t asked_at;
    size_t bytes;
    enum { HOLDING_MAKING, HOLDING_READY, HOLDING_FAILED } state;
};
/* NULL when nothing was ever compared in the campaign, or it cannot be read. May take seconds where
   the campaign has changed. */
const struct theme_holding *theme_take(struct theme_memory *memory, struct sql *db,
                                       struct campaign_id campaign_id);
void theme_give(struct theme_memory *memory, const struct theme_holding *holding);
/* The text of a subject, or THEMES_NONE. */
uint32_t theme_text_of(const struct theme_holding *holding, struct subject_id subject_id);

/* --- Finding (theme_find.c) ------------------------------------------------------------------- */

struct theme_numbers {
    bool is_shown;
    int64_t up, down, comment_count;
    double merit;
};
struct found_theme {
    struct subject_id key; /* one of its subjects, by which it is addressed */
    uint32_t number;       /* in themes.items; THEMES_NONE: one idea that is like no other */
    uint32_t decided;      /* in decisions.themes, or THEMES_NONE */
    struct str label;      /* its name, or what it is about */
    uint32_t size;         /* shown subjects */
    int64_t support;       /* votes for them */
    uint32_t quote;        /* the text that stands for it */
};
struct theme_answer {
    const struct theme_holding *held; /* NULL: there is nothing yet; the rest is empty */
    struct theme_decisions decisions;
    struct themes themes;
    struct theme_numbers *numbers; /* by text */
    struct found_theme *items;     /* the greatest first */
    uint32_t count;
    uint32_t *item_of; /* by text: place in items, or THEMES_NONE for one like no other */
    uint32_t shown_count, alone_count;
};
/* Finds the themes of the request's campaign; everything is in the request's arena, and `held` is
   to be given back (theme_done). */
struct theme_answer theme_find(struct request *r, enum theme_grain grain);
void theme_done(struct request *r, const struct theme_answer *answer);
/* The theme in which a subject is now, by itself (number THEMES_NONE) where it is like no other;
   NULL when it is not shown or not compared yet. */
const struct found_theme *theme_of(struct request *r, const struct theme_answer *answer,
                                   struct subject_id subject_id);
/* The shown texts of a theme, theme->size of them. */
uint32_t *theme_members(struct arena *arena, const struct theme_answer *answer,
                        const struct found_theme *theme, uint32_t *count);
/* The title of a subject; "" when it is not shown. */
struct str theme_title(struct request *r, struct subject_id subject_id);

/* Acts and puts of a campaign, in order. */
struct theme_history {
    struct theme_acts_after_row *rows;
    struct theme_deed *deeds; /* the same, as rules take them */
    size_t count;
    struct theme_put *puts;
    size_t put_count;
};
struct theme_history theme_history(struct sql *db, struct campaign_id campaign_id);

/* Whether a text surely belongs to its theme; else it lies between themes. */
bool theme_is_sure(const struct theme_answer *answer, uint32_t text);

/* --- Pages ------------------------------------------------------------------------------------ */

struct theme_card_view theme_card(struct request *r, const struct theme_answer *answer,
                                  const struct found_theme *theme, enum theme_grain grain);
/* A page of this room at a grain; the middle one is not named. */
struct url theme_at(struct request *r, struct url page, enum theme_grain grain);
