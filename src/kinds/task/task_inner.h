/* What the files of this room share. */
#pragma once
#include "commons/money/money.h"
#include "commons/panel/panel.h"
#include "kinds/task/task.h"
#include "platform/blobs/blobs.h"
#include "task.sql.h"
#include "task_answers.h"
#include "task_routes.h"

/* --- Rules: pure (task_rules.c) --------------------------------------------------------------- */

enum {
    TASK_CHOICES_MAX = 40,
    TASK_BUCKETS = 16,
    TASK_TEXT_MAX = 5000,
    TASK_PICTURE_SIDE_PX = 1600,
    HUNDREDTHS = 100,      /* of a percent, in which certainties are kept */
    TASK_AT_HAND_MAX = 10, /* items that somebody may be given at once */
};
#define TASK_CONTROL_WANTED INT64_C(1000000000)
/* Of items that have their answer, told to other programs. */
#define TASK_NEWS_SETTLED "task.item_settled"
#define TASK_APPEAL_US (INT64_C(14) * 86400 * 1000000)
/* The longest time for an answer that counts as work: who goes to lunch is not slow. */
#define TASK_WORKED_US_MAX (INT64_C(10) * 60 * 1000000)

/* One choice a line, trimmed. NULL with a sentence when there are fewer than 2, too many, one is
   empty of words or stands there twice. */
struct str *task_split_choices(struct arena *arena, struct str text, size_t *count,
                               struct str *problem);
/* What is wrong with the numbers of `in`, beside which field; "" when nothing. */
struct str task_judge_description(const struct task_describe_in *in, const char **field);
/* Whether two descriptions, as typed or as kept, have items judged in the same way. */
#define TASK_ASK_THE_SAME(a, b)                                                                    \
    (str_equal((a)->task_template, (b)->task_template) && str_equal((a)->choices, (b)->choices) && \
     str_equal((a)->form, (b)->form) && str_equal((a)->ask, (b)->ask) && (a)->scale == (b)->scale)
/* Whether people may be asked to pick the best of several texts. */
bool task_may_judge(enum task_describe_template template);
/* What is wrong with an answer by a template; "" when nothing. `choices` are those of 'choose'. */
struct str task_judge_answer(struct str task_template, struct str answer, const struct str *choices,
                             size_t choice_count);
/* Whether an answer to a control is right. Of texts several may be known, with | between them. */
bool task_answer_fits(struct arena *arena, struct str task_template, struct str known,
                      struct str answer);
/* What an hour of work at `price` an answer brings, from answers and the time they took; 0 when it
   is not known. */
int64_t task_hourly(int64_t minor, int64_t answers, int64_t worked_us);
/* Whether so many may be rejected, one more included. */
bool task_may_reject(int64_t rejected, int64_t given, int64_t percent);

/* A place in the file of items. */
struct task_row {
    struct str key, shown, data, known, why;
    struct str picture; /* a blob's name, or "" */
    bool is_practice;
};
struct task_rows {
    struct task_row *rows;
    size_t count, controls, practice;
};
/* Reads and judges a file of items, CSV or JSON. Pure. False with a sentence that names row and
   column. */
bool task_rows_read(struct arena *arena, struct str csv, struct task_rows *rows,
                    struct str *trouble);
/* The same of an unpacked archive: an item for each picture, named after its file, with what the
   row of the archive's CSV file says that names it. */
bool task_rows_from_pictures(struct arena *arena, const struct archive *archive,
                             struct task_rows *rows, struct str *trouble);

/* The same of a file by itself, CSV or JSON, which may do without words to show where a form shows
   what its columns say. */
bool task_items_read(struct arena *arena, struct str file, bool needs_text, struct task_rows *rows,
                     struct str *trouble);

/* The language a text is surely in, by its code; "" when one cannot be sure. */
struct str task_language_surely(struct str text);
/* The language of a text, where it is surely none of those expected (languages.h): "" too for short
   ones, and where nothing is expected. */
struct str task_language_other(struct arena *arena, struct str expected, struct str text);

/* --- Templates -------------------------------------------------------------------------------- */

/* How answers of the request's campaign are read; as texts, while its work was not described. */
struct task_scheme task_scheme_here(struct request *r);
/* Reports what is wrong with a template's own settings. */
void task_judge_template(struct request *r, const struct task_describe_in *in);
/* Judges items by the template: known answers become what is kept. "" or what is wrong. */
struct str task_judge_rows(struct request *r, const struct task_rules_get_row *rules,
                           struct task_rows *rows);
/* The line above an item with what its columns say, a JSON object, and the fields to be filled in:
   of a form or a box. */
struct task_part_list task_fill(struct request *r, const struct task_rules_get_row *rules,
                                const struct task_scheme *scheme, struct str item_data,
                                struct str *ask);
/* The same of an item that somebody has. */
void task_item_fill(struct request *r, const struct task_rules_get_row *rules,
                    const struct task_scheme *scheme, struct task_item_view *item);
/* Puts what was typed, a JSON object, into the fields, with what is wrong beside each. */
void task_parts_typed(struct request *r, const struct task_scheme *scheme, struct str typed,
                      struct task_part_list parts);
/* False when the answer is no box. */
bool task_box_view_of(struct str answer, struct task_box_view *view);

/* --- Exports ---------------------------------------------------------------------------------- */

/* The next items of a campaign, some hundreds, in order of id; 0 at the end. */
size_t task_items_after(struct sql *db, struct campaign_id campaign_id, struct task_item_id after,
                        struct task_items_in_state_row **rows);

/* --- Counts that are kept (task_counts.c) ----------------------------------------------------- */

/* Items, without controls but for the last two: how many there are, and how they stand. */
struct task_numbers {
    int64_t items, settled, undecided, broken, controls, pictures;
};
/* What changes in each bucket, collected for one transaction and kept together. */
struct task_moves {
    struct task_numbers buckets[TASK_BUCKETS];
};
void task_moves_state(struct task_moves *moves, int64_t bucket, struct str from, struct str to);
void task_moves_added(struct task_moves *moves, int64_t bucket, bool is_control, bool is_picture);
void task_moves_keep(struct sql *db, struct campaign_id campaign_id,
                     const struct task_moves *moves);
/* One item goes from the state it was read in to another. */
void task_state_moved(struct sql *db, struct campaign_id campaign_id,
                      const struct task_item_get_row *item, struct str to);
/* Sets an item aside that was read in this transaction, and was not set aside then. */
void task_item_set_broken(struct sql *db, struct campaign_id campaign_id,
                          struct task_item_id item_id, const struct task_item_get_row *item);
struct task_numbers task_counts_of(struct sql *db, struct campaign_id campaign_id);
struct task_moves task_counts_by_bucket(struct sql *db, struct campaign_id campaign_id);

/* --- Shared by pages and commands ------------------------------------------------------------- */

/* The rules of the request's campaign; false when the work was not described yet. */
bool task_rules_of(struct request *r, struct task_rules_get_row *rules);
/* "0.05 EUR" in the campaign's currency; "" without one. */
struct str task_money(struct request *r, int64_t minor);
/* What was sent for an answer, as it is kept; false with a problem beside its input. */
bool task_judge_sent(struct request *r, const struct task_scheme *scheme, struct task_sent sent,
                     struct str *kept);
/* What is chosen from by a key: the choices, or the steps of a scale. */
struct task_option_list task_options_of(struct request *r, const struct task_scheme *scheme);
/* How the person who asks works here. */
struct task_worker_view task_worker_view_of(struct request *r, bool *has_worked);
/* Whether an answer says that the picture needs no text: it was left empty on purpose. */
static inline bool task_is_decorative(struct str answer, bool is_judgement,
                                      struct task_answer_id pick)
{
    return answer.size == 0 && (!is_judgement || pick.value > 0);
}
/* A name for a person that says nothing of who it is, the same throughout a campaign. */
struct str task_pseudonym(struct arena *arena, struct campaign_id campaign_id,
                          struct person_id person_id);
/* An entry of the ledger about an answer. */
struct ledger_entry task_entry(struct campaign_id campaign_id, struct task_answer_id answer_id,
                               int64_t bucket, struct str actor, struct person_id person_id);
struct task_desk_view task_desk_view_of(struct request *r);
/* Says in the record and to listeners what the team did about an answer or item: without words, for
   those are a worker's. */
void task_note(struct request *r, const char *action, int64_t subject, struct str rule,
               struct str reason);

/* The texts of an item, each once, beginning with another one for each person, so that none is
   always the first. */
struct task_text_list task_texts_for(struct request *r, struct task_item_id item_id);

/* campaign_kind.worked */
struct campaign_worked task_worked(struct sql *db, struct campaign_id campaign_id,
                                   struct person_id person_id);

/* campaign_kind.pending */
size_t task_pending(struct sql *db, struct person_id person_id, struct campaign_pending **rows);

/* Holds what the wanted answers cost, those to items that are still to come included, or gives back
   what is held beyond; "" or what is missing. */
struct str task_fund(struct sql *db, int64_t now, struct campaign_id campaign_id);
/* What would be missing if so many items more came; "" when nothing. */
struct str task_lacks_money(struct sql *db, int64_t now, struct campaign_id campaign_id,
                            int64_t items);
/* What the team is told when what it wants has to wait until all items are there; "" when none are
   still to come. */
struct str task_still_coming(struct sql *db, struct campaign_id campaign_id);
