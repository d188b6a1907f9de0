/* What the files of this room share. */
#pragma once
#include "commons/likeness/likeness.h"
#include "commons/moderation/moderation.h"
#include "moderation.sql.h"
#include "moderation_routes.h"
#include "sift/attention/attention.h"

/* --- Decisions: pure (moderation_rules.c) ----------------------------------------------------- */

/* Only so many are put in order, the newest; the page says so. */
enum { MODERATION_ORDERED_MAX = 2000 };

/* Which words are meant: of a contribution, or of a comment under it. */
struct moderation_key {
    struct subject_id subject_id;
    struct comment_id comment_id; /* 0: the contribution itself */
    int64_t version;              /* 0: the present one */
};
/* "SUBJECT_VERSION" or "SUBJECT-COMMENT_VERSION"; the version may be left out. */
struct str moderation_key_write(struct arena *arena, struct moderation_key key);
bool moderation_key_read(struct str text, struct moderation_key *key);

/* Which words need eyes first: those a moderator is likelier to hide, then the newer ones. */
struct moderation_weight {
    uint32_t row; /* by age, the newest first */
    double attention;
};
void moderation_order(struct moderation_weight *weights, size_t count);

struct moderation_reason {
    const char *sign;
    struct str words;
    bool is_nearest; /* it is about the nearest earlier contribution */
};
enum { MODERATION_REASONS_MAX = ATTENTION_SIGNAL_COUNT + 1 };
/* Why, in plain words, what says most first. What a model says is a reason above `usual`. */
size_t moderation_reasons(struct arena *arena, const struct attention *attention, int64_t copies,
                          struct str nearest, double usual,
                          struct moderation_reason reasons[MODERATION_REASONS_MAX]);

/* --- What is said (moderation_text.c) --------------------------------------------------------- */

/* False when there is no such contribution or comment, or its words were erased. */
bool moderation_said(struct sql *db, struct str kind, struct campaign_id campaign_id,
                     struct moderation_key key, struct subject_said *said);
/* As sift takes it. `language` of the campaign may be "", and so may `sentence`. */
struct attention_text moderation_text(struct words_tools *tools, struct arena *arena,
                                      const struct subject_said *said, struct str language,
                                      double nearest, int64_t copies, struct str sentence);

/* --- What was decided (moderation_keep.c) ----------------------------------------------------- */

/* Keeps a decision ('fine', 'hidden', 'shown') with what is known of the words, which then wait no
   more. */
void moderation_keep(struct sql *db, int64_t now, struct campaign_id campaign_id,
                     struct moderation_key key, struct str verdict, struct person_id person_id);

/* --- What was learnt (moderation_learn.c) ----------------------------------------------------- */

/* What one organisation's decisions taught at some moment. Does not change. */
struct moderation_taught {
    uint32_t decisions, hidden;          /* that it was learnt from, or is too little */
    const struct attention_model *model; /* NULL: too few, or nearly all the same */

    unsigned users; /* below: the memory's own */
    int64_t last_id, at_us, took_us;
    struct arena *arena;
};
/* What is known of an organisation's decisions, learnt anew where there are newer ones and it is
   older than `patience_us`. To be given back; NULL when they cannot be read. */
struct moderation_taught *moderation_taught_take(struct moderation_memory *memory, struct sql *db,
                                                 struct organisation_id organisation_id,
                                                 int64_t patience_us);
void moderation_taught_give(struct moderation_memory *memory, struct moderation_taught *taught);
/* Brings up to date what is in memory. */
bool moderation_refresh(struct moderation_memory *memory, struct sql_store *store,
                        struct fault *fault);

/* --- Weights worked out before (moderation_sheet.c) ------------------------------------------- */

struct moderation_sheets;
struct moderation_sheet;
struct moderation_sheets *moderation_sheets_open(void);
void moderation_sheets_close(struct moderation_sheets *sheets);
struct moderation_sheets *moderation_sheets_of(struct moderation_memory *memory);
/* The campaign's sheet with what was learnt at that moment, to be freed; NULL: there is none. */
struct moderation_sheet *moderation_sheet_take(struct moderation_sheets *sheets,
                                               struct campaign_id campaign_id, int64_t learnt_us);
void moderation_sheet_free(struct moderation_sheet *sheet); /* NULL is allowed */
/* A new one, to be put away once at most MODERATION_ORDERED_MAX weights are noted. */
struct moderation_sheet *moderation_sheet_new(struct campaign_id campaign_id, int64_t learnt_us);
void moderation_sheet_note(struct moderation_sheet *sheet, struct moderation_key key,
                           bool is_looked_up, double attention);
void moderation_sheet_put(struct moderation_sheets *sheets, struct moderation_sheet *sheet);
/* False when it is not there, has other words now or was compared since; `sheet` may be NULL. */
bool moderation_sheet_find(const struct moderation_sheet *sheet, struct moderation_key key,
                           bool is_looked_up, double *attention);

/* --- What waits (moderation_weigh.c) ---------------------------------------------------------- */

struct moderation_desk {
    struct sql *db;
    struct arena *arena;
    const struct campaign_memory *memory;
    struct campaign_id campaign_id;
    struct moderation_campaign_row campaign;
    struct words_tools *tools;
    struct moderation_taught *taught; /* NULL: decisions cannot be read */
    int64_t waiting_count;            /* of all, those not in order too */
    struct moderation_newest_row *rows;
    size_t row_count;
    struct moderation_weight *weights; /* in order; their rows are those above */
    size_t count;
    double usual; /* above it what a model says is a reason; 1: there is none, or it is not used */
};
/* Reads and orders what waits; rows live in `arena`, which is the connection's as well. To be
   closed, unless false: there is no such campaign. */
bool moderation_desk_open(struct moderation_desk *desk, const struct campaign_memory *memory,
                          struct sql *db, struct arena *arena, struct campaign_id campaign_id);
void moderation_desk_close(struct moderation_desk *desk);
/* What one of the rows says and how much it needs eyes; false when its words are gone. */
bool moderation_weigh(struct moderation_desk *desk, const struct moderation_newest_row *row,
                      struct subject_said *said, struct attention *attention);
