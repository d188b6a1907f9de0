/* What makes the work fair and fitting: practice, what an hour brings, who may work, and what is
 * made good when the team was wrong. */
#pragma once
#include "task_inner.h"

/* --- Rules: pure (task_fair_rules.c) ---------------------------------------------------------- */

enum { TASK_TIMES_LEAST = 5 }; /* fewer say nothing about how long the work takes */

/* How long an answer takes: of the times known so far, a quarter lies below `quick_us` and a
   quarter above `slow_us`. */
struct task_pace {
    int64_t times; /* how many are known */
    int64_t quick_us, middle_us, slow_us;
};
/* Which of `count` sorted times, the first being 0, stands at a quarter (1, 2, 3) of them. */
int64_t task_time_place(int64_t count, int quarter);
/* The time that counts for an answer, from when it was shown to when it was given. */
int64_t task_time_counted(int64_t shown_at, int64_t answered_at);

enum task_floor {
    TASK_FLOOR_NONE,      /* the organisation has set none */
    TASK_FLOOR_ELSEWHERE, /* it is in another currency */
    TASK_FLOOR_UNKNOWN,   /* nobody knows yet what an hour brings */
    TASK_FLOOR_KEPT,
    TASK_FLOOR_BELOW,
};
/* How an hour's pay stands to the organisation's floor; `hourly` 0: not known. */
enum task_floor task_floor_of(struct money floor, struct money hourly);
/* "40 minutes", "3.5 hours", "1,200 hours": of work. */
struct str task_hours_text(struct arena *arena, int64_t work_us);

/* Lists in a text, a space between two. Whether one has something of what is wanted (which may be
   nothing); and whether all of one is in the other. */
bool task_any_of(struct str wanted, struct str has);
bool task_all_of(struct str list, struct str other);

/* Where somebody stands before the work. */
enum task_entry {
    TASK_ENTRY_FREE,     /* nothing is asked, or the test was passed */
    TASK_ENTRY_FIRST,    /* the test may begin */
    TASK_ENTRY_RUNNING,  /* it has begun */
    TASK_ENTRY_LATER,    /* it was failed, and another try is possible from a time on */
    TASK_ENTRY_OVER,     /* it was failed for good */
    TASK_ENTRY_LANGUAGE, /* none of theirs is asked for */
    TASK_ENTRY_SKILL,    /* they have none that is asked for */
};
/* What somebody brings. */
struct task_brought {
    struct str languages, skills; /* lists */
};
#define TASK_TEST_AGAIN_US (INT64_C(86400) * 1000000)
/* By the campaign's admission, what the person brings, and their last try (NULL: none). `again_at`
   is set for TASK_ENTRY_LATER. A test that is asked no more keeps nobody out. */
enum task_entry task_entry_of(const struct task_admission_get_row *admission,
                              struct task_brought brought, const struct task_test_last_row *last,
                              int64_t now, int64_t *again_at);
bool task_test_passes(int64_t right, int64_t asked, int64_t percent);
/* What is wrong with an admission that is to be kept in place of another; "" when nothing. Once the
   campaign has opened it may only become easier to get in. */
struct str task_judge_admission(const struct task_admission_get_row *kept,
                                const struct task_admission_get_row *typed, bool frozen,
                                const char **field);

/* When a mail about a rejection goes out: collected for some minutes, and a day after the last one
   at the earliest. `due_at` 0: none is waiting; `sent_at` 0: none was sent yet. */
int64_t task_letter_due(int64_t due_at, int64_t sent_at, int64_t now);

/* --- Practice (task_practice.c) --------------------------------------------------------------- */

/* An item whose answer is known. */
struct task_shown {
    struct str words, item_data, picture_blob, known_answer, known_why;
};
/* It with what its form asks, for practice and tests. */
struct task_asked_view task_asked_of(struct request *r, const struct task_rules_get_row *rules,
                                     const struct task_scheme *scheme, struct task_shown shown);
/* What somebody answered, and what is right. */
struct task_told_view task_told_of(struct request *r, const struct task_scheme *scheme,
                                   struct task_shown shown, struct str answer, bool is_right);
/* How long the work takes those who practise it. */
struct task_pace task_pace_of(struct sql *db, struct campaign_id campaign_id);
/* What practice there is, and how the person who asks did. */
struct task_practised_view task_practised_of(struct request *r);

/* --- Pay (task_pay.c) ------------------------------------------------------------------------- */

struct task_estimate_view task_estimate_of(struct request *r,
                                           const struct task_rules_get_row *rules, int64_t to_do);
/* Fills in the organisation's floor, with the form that sets it. */
void task_floor_show(struct request *r, struct organisation_id organisation_id,
                     struct task_house_view *view);
/* What whoever opens the campaign should know of its pay; "" when nothing. */
struct str task_caution(struct sql *db, int64_t now, struct campaign_id campaign_id);

/* --- Tests (task_admission.c)
 * ---------------------------------------------------------------------- */

/* What is asked of people before they may work, and where the one who asks stands. */
struct task_entry_view task_entry_view_of(struct request *r);
/* Why the person who asks is given no work; "" when they may work. `entry` may be NULL. */
struct str task_turned_away(struct request *r, enum task_entry *entry);
/* What a test still needs before the campaign opens; "" when nothing. */
struct str task_test_lacks(struct sql *db, struct campaign_id campaign_id, int64_t controls);
struct task_tested_list task_tested_of(struct request *r);
/* The form that says who may work, filled in with what holds. */
struct form_view task_admission_form(struct request *r);

/* --- Amends (task_amends.c) ------------------------------------------------------------------- */

/* What was put right about an item, and which rejections that has made wrong. */
struct task_amends_view task_amends_of(struct request *r, struct task_item_id item_id);

/* --- Letters (task_letters.c) ----------------------------------------------------------------- */

/* Sends the mails about rejections that are due. */
bool task_send_letters(struct sql_store *store, struct str public_url, int64_t now,
                       struct fault *fault);

/* --- Skills (task_skills.c) ------------------------------------------------------------------- */

/* The ids that stand for names, a comma between two, as a list; false with a sentence that names
   the first which is none of the organisation's. */
bool task_skills_read(struct request *r, struct organisation_id organisation_id, struct str typed,
                      struct str *list, struct str *wrong);
/* The names of a list of ids. */
struct str task_skills_text(struct sql *db, struct organisation_id organisation_id, struct str list,
                            struct str between);
/* What a person has, as a list of ids. */
struct str task_skills_of(struct sql *db, struct organisation_id organisation_id,
                          struct person_id person_id);
/* What passing the campaign's test earns. */
void task_skill_earn(struct sql *db, int64_t now, struct campaign_id campaign_id,
                     struct person_id person_id);
/* Whether somebody may work in the campaign, or may once a test is passed: campaign_kind.fits. */
bool task_fits(struct request *r, struct campaign_id campaign_id,
               struct organisation_id organisation_id);
