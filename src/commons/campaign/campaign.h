/* Campaigns: one open call of one kind, with a life.
 *
 *     draft ──open──> open ──close──> closed
 *       │ └─schedule─> scheduled ─(clock)─> open
 *       │                  └─withdraw─> draft
 *     open <─resume─ paused <─pause─ open        any but closed ──cancel──> cancelled
 *
 * The table of transitions in campaign_rules.c is the only place that says what may follow what.
 * Whatever changes a campaign after its draft stands in its public record.
 *
 * Kinds (idea, …) are modules on top; `campaign_kinds` (filled in app/) lists them.
 */
#pragma once
#include "campaign.sql.h"
#include "commons/organisation/organisation.h"
#include "views.h"

/* --- Life cycle: pure ------------------------------------------------------------------------- */

enum campaign_state {
    CAMPAIGN_DRAFT,
    CAMPAIGN_SCHEDULED,
    CAMPAIGN_OPEN,
    CAMPAIGN_PAUSED,
    CAMPAIGN_CLOSED,
    CAMPAIGN_CANCELLED,
};
enum { CAMPAIGN_STATE_COUNT = CAMPAIGN_CANCELLED + 1 };

enum campaign_action {
    CAMPAIGN_ACT_OPEN,     /* at once */
    CAMPAIGN_ACT_SCHEDULE, /* its opening time lies ahead */
    CAMPAIGN_ACT_WITHDRAW,
    CAMPAIGN_ACT_PAUSE,
    CAMPAIGN_ACT_RESUME,
    CAMPAIGN_ACT_EXTEND, /* a later closing time */
    CAMPAIGN_ACT_CLOSE,
    CAMPAIGN_ACT_CANCEL,
};
enum { CAMPAIGN_ACTION_COUNT = CAMPAIGN_ACT_CANCEL + 1 };

struct str campaign_state_name(enum campaign_state state);
enum campaign_state campaign_state_from_name(struct str name); /* an unknown name is a bug */
/* What follows `action` in `state`; false when it is not allowed there. */
bool campaign_next_state(enum campaign_state state, enum campaign_action action,
                         enum campaign_state *next);

/* What an owner types; times in microseconds UTC, 0 for none. */
struct campaign_settings {
    struct str question;
    int64_t opens_at, closes_at, votes_per_person;
    bool votes_against;
};
/* What is wrong with the times of a campaign that is to be saved (or opened) now; "" when nothing.
   `field` receives the input it is about. */
struct str campaign_judge_times(int64_t opens_at, int64_t closes_at, int64_t now,
                                const char **field);
/* Whether what people rely on stays as it is: the campaign has opened. */
bool campaign_is_frozen(enum campaign_state state);
/* The first such setting that differs although it is frozen; NULL when none does. */
const char *campaign_frozen_change(enum campaign_state state,
                                   const struct campaign_settings *before,
                                   const struct campaign_settings *after);
/* A time that came back from a form, which shows and sends whole minutes: within the kept time's
   minute it is the kept time, to the microsecond. */
int64_t campaign_time_typed(int64_t kept, int64_t typed);
/* Splits one category a line; trims, drops empty lines. NULL with *problem when there are too many,
   a name is too long, or one comes twice. */
struct str *campaign_split_categories(struct arena *arena, struct str text, size_t *count,
                                      struct str *problem);

/* --- What a request works on ------------------------------------------------------------------ */

struct scope {
    struct organisation_id organisation_id; /* 0: of no organisation */
    struct campaign_id campaign_id;         /* 0: of no campaign */
    enum role role;                         /* of r->who in this organisation */
    enum campaign_state state;
    struct campaign_scope_row campaign; /* when campaign_id is set */
};
/* Loaded by the app's authorise before any handler runs. */
const struct scope *scope_of(const struct request *r);
/* Loads campaign, organisation and role; false when there is no such campaign. */
bool scope_load(struct request *r, struct campaign_id campaign_id, struct scope *scope);
/* Whether the campaign takes ideas, votes and comments now. */
bool campaign_takes_part(const struct scope *scope, int64_t now);
/* A refusal that says why it does not (not yet open, paused with reason, closed, cancelled). */
struct reply campaign_not_now(struct request *r);

/* The campaign for a view. */
struct campaign_head_view campaign_head(struct request *r);

/* --- Numbers ---------------------------------------------------------------------------------- */

struct campaign_delta {
    int64_t subjects, people, votes, comments;
};
enum { CAMPAIGN_COUNT_SLOTS = 16 };
/* Moves a campaign's counts; `person_id` chooses the slot. */
void campaign_count(struct sql *db, struct campaign_id campaign_id, struct person_id person_id,
                    struct campaign_delta delta);

/* --- For the command line, jobs and kinds ----------------------------------------------------- */

/* Runs an action of the life cycle as `actor` (a role); false when it is not allowed in the present
 * state. */
bool campaign_act(struct sql *db, int64_t now, struct campaign_id campaign_id,
                  enum campaign_action action, struct str actor, struct str reason);
/* Job: opens and closes what is due. Context: the store. */
bool campaign_job(void *store, int64_t now, struct fault *fault);
/* Recounts from the facts; returns how many slots' sums were wrong (0 or 1). */
int campaign_rebuild(struct sql *db, struct campaign_id campaign_id);

/* What a contribution says. */
struct subject_said {
    struct str title, text;     /* text is Markdown */
    struct person_id author_id; /* 0: nobody here; it was taken in from elsewhere */
    struct str author_name;
    int64_t version; /* of the words: 1, 2, … */
};

/* What it says in short, in a list of contributions. */
struct subject_words {
    struct subject_id subject_id;
    struct str title, summary;
};
/* What somebody has done in a campaign where people work. */
struct campaign_worked {
    int64_t answers;
    bool is_stopped; /* is asked no more */
    bool is_over;    /* there is nothing left to do for anybody */
};
/* What somebody would earn in a campaign by what waits there to be accepted. */
struct campaign_pending {
    struct campaign_id campaign_id;
    int64_t minor;
};
struct campaign_kind {
    const char *name;
    /* The page that shows a campaign to everybody. */
    struct url (*page)(struct arena *arena, struct campaign_id campaign_id);
    /* Called when somebody opens or schedules a campaign: "", or a sentence about what it still
       needs, and then nothing has changed. May be NULL. */
    struct str (*opening)(struct sql *db, int64_t now, struct campaign_id campaign_id);
    /* What somebody should know before opening it, though nothing stands in the way: "" or a
       sentence. May be NULL. */
    struct str (*caution)(struct sql *db, int64_t now, struct campaign_id campaign_id);
    /* Whether the campaign is for the person who asks, as far as it says whom it is for. May be
       NULL: it is for everybody. */
    bool (*fits)(struct request *r, struct campaign_id campaign_id,
                 struct organisation_id organisation_id);
    struct url (*subject_url)(struct arena *arena, struct campaign_id campaign_id,
                              struct subject_id subject_id);
    /* What one contribution says; false when there is none. */
    bool (*said)(struct sql *db, struct campaign_id campaign_id, struct subject_id subject_id,
                 struct subject_said *said);
    /* Hides a shown contribution of the request's campaign by a rule and with a reason, in record
       and outbox as well; false when it is not shown. */
    bool (*hide)(struct request *r, struct subject_id subject_id, struct str rule,
                 struct str reason);
    /* How many shown contributions a person gave. */
    int64_t (*count_of)(struct sql *db, struct campaign_id campaign_id, struct person_id person_id);
    /* People who have taken part otherwise than by voting; NULL: nobody can. */
    int64_t (*people)(struct sql *db, struct campaign_id campaign_id);
    /* Title and summary of shown contributions, in order of id from `from` on; at most `limit`,
       which is at most 500. */
    size_t (*words)(struct sql *db, struct campaign_id campaign_id, struct subject_id from,
                    int64_t limit, struct subject_words **rows);
    /* What somebody has done; NULL where panels send nobody, since nobody works. */
    struct campaign_worked (*worked)(struct sql *db, struct campaign_id campaign_id,
                                     struct person_id person_id);
    /* What waits for a person, the newest campaign first, at most 1,000 of them; NULL: nothing is
       ever paid. */
    size_t (*pending)(struct sql *db, struct person_id person_id, struct campaign_pending **rows);
    /* Writes the words of all contributions for record.json (record_opening). */
    void (*openings)(struct sql *db, struct campaign_id campaign_id, struct buf *out, bool *first);
};
/* What rooms above keep in memory while the program serves: `site.app` points to it. */
struct campaign_memory {
    struct likeness *likeness;
    struct theme_memory *themes;
    struct moderation_memory *moderation;
};

extern const struct campaign_kind *const campaign_kinds[]; /* in app/wiring.c; ends with NULL */
const struct campaign_kind *campaign_kind(struct str name);
/* The record with the words that can be shown, as `manyhands verify` reads it:
   {"campaign":…,"format":…,"head":…,"entries":[…],"openings":{…}} */
struct str campaign_record_file(struct sql *db, struct campaign_id campaign_id, struct str kind);
/* The page of a subject of the request's campaign. */
struct url subject_url(struct request *r, struct subject_id subject_id);
