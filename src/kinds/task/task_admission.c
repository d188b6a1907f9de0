/* Who may work: a test on some of the campaign's controls, unpaid, before the first paid item. What
 * was drawn for it is never given to the same person as work. */
#include "task_fair.h"

#include "base/check.h"
#include "base/id.h"
#include "commons/event/event.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "platform/clock/clock.h"
#include "urls.h"

/* A person and the test. */
struct standing {
    struct task_admission_get_row admission;
    struct task_test_last_row last;
    bool has_tried;
    enum task_entry entry;
    int64_t again_at;
};

static struct standing standing_in(struct request *r, struct campaign_id campaign_id,
                                   struct organisation_id organisation_id)
{
    struct standing s = { 0 };
    struct task_brought brought = { S(""), S("") };
    if (!task_admission_get(r->db, (struct task_admission_get){ campaign_id }, &s.admission))
        return s;
    if (s.admission.languages.size > 0)
        brought.languages = people_languages(r->db, me(r));
    if (s.admission.skills.size > 0)
        brought.skills = task_skills_of(r->db, organisation_id, me(r));
    s.has_tried = s.admission.test_items > 0 && me(r).value != 0 &&
                  task_test_last(r->db, (struct task_test_last){ campaign_id, me(r) }, &s.last);
    s.entry =
        task_entry_of(&s.admission, brought, s.has_tried ? &s.last : NULL, r->now, &s.again_at);
    return s;
}

static struct standing standing_of(struct request *r)
{
    return standing_in(r, scope_of(r)->campaign_id, scope_of(r)->organisation_id);
}

bool task_fits(struct request *r, struct campaign_id campaign_id,
               struct organisation_id organisation_id)
{
    struct task_worker_get_row worker;
    enum task_entry entry = standing_in(r, campaign_id, organisation_id).entry;
    bool works = task_worker_get(r->db, (struct task_worker_get){ campaign_id, me(r) }, &worker);
    return entry <= TASK_ENTRY_LATER && !(works && str_equal(worker.worker_state, S("stopped")));
}

static const char *const entry_names[] = { "free", "first",    "running", "later",
                                           "over", "language", "skill" };

/* The skill that the test gives; "" when it gives none. */
static struct str gives_text(struct request *r, const struct task_admission_get_row *admission)
{
    if (admission->gives_skill.value == 0)
        return S("");
    return task_skills_text(r->db, scope_of(r)->organisation_id,
                            id_text(r->arena, admission->gives_skill.value), S(""));
}

struct task_entry_view task_entry_view_of(struct request *r)
{
    struct standing s = standing_of(r);
    struct task_pace pace = task_pace_of(r->db, scope_of(r)->campaign_id);
    struct organisation_id house = scope_of(r)->organisation_id;
    return (struct task_entry_view){
        .has_test = s.admission.test_items > 0,
        .items = s.admission.test_items,
        .percent = s.admission.test_percent,
        .tries = s.admission.test_tries,
        .takes = pace.times >= TASK_TIMES_LEAST
                     ? task_hours_text(r->arena, pace.middle_us * s.admission.test_items)
                     : S(""),
        .state = str_from(entry_names[s.entry]),
        .has_tried = s.has_tried,
        .has_passed = s.has_tried && str_equal(s.last.test_state, S("passed")),
        .tries_left =
            s.has_tried ? s.admission.test_tries - s.last.test_try : s.admission.test_tries,
        .again_at = s.again_at,
        .asked = s.last.asked,
        .asked_right = s.last.asked_right,
        .languages = languages_text(r->arena, s.admission.languages, S(" or ")),
        .skills = task_skills_text(r->db, house, s.admission.skills, S(" or ")),
        .gives = gives_text(r, &s.admission),
    };
}

/* What somebody lacks who does not fit, and what to do. */
static struct str does_not_fit(struct request *r, const struct standing *s)
{
    if (s->entry == TASK_ENTRY_LANGUAGE)
        return str_printf(
            r->arena,
            "This work is for people who read %.*s well. If you do, say so under “Your account”.",
            STR_ARG(languages_text(r->arena, s->admission.languages, S(" or "))));
    return str_printf(r->arena,
                      "This work is for people with a skill that the organisation knows: %.*s. Its "
                      "team gives it, or it is earned in the test of another campaign.",
                      STR_ARG(task_skills_text(r->db, scope_of(r)->organisation_id,
                                               s->admission.skills, S(" or "))));
}

struct str task_turned_away(struct request *r, enum task_entry *entry)
{
    struct standing s = standing_of(r);
    if (entry != NULL)
        *entry = s.entry;
    switch (s.entry) {
    case TASK_ENTRY_FREE:
        return S("");
    case TASK_ENTRY_LANGUAGE:
    case TASK_ENTRY_SKILL:
        return does_not_fit(r, &s);
    case TASK_ENTRY_FIRST:
    case TASK_ENTRY_RUNNING:
        return str_printf(r->arena,
                          "This work begins with a test: %lld items, unpaid, and %lld percent of "
                          "them right.",
                          (long long)s.admission.test_items, (long long)s.admission.test_percent);
    case TASK_ENTRY_LATER:
        return S("Your test was not good enough for this work. You can try again a day after it.");
    default:
        return S("Your tests were not good enough for this work, and all tries are used up. On the "
                 "test’s page you see what was right, and why.");
    }
}

struct str task_test_lacks(struct sql *db, struct campaign_id campaign_id, int64_t controls)
{
    struct task_admission_get_row admission = { 0 };
    task_admission_get(db, (struct task_admission_get){ campaign_id }, &admission);
    int64_t needed = admission.test_items * admission.test_tries;
    if (controls >= needed)
        return S("");
    return str_printf(sql_arena(db),
                      "The test asks %lld items in each of %lld tries: %lld items with a known "
                      "answer are needed, and there are %lld.",
                      (long long)admission.test_items, (long long)admission.test_tries,
                      (long long)needed, (long long)controls);
}

struct task_tested_list task_tested_of(struct request *r)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_tests_all_row *rows;
    size_t count = task_tests_all(r->db, (struct task_tests_all){ campaign_id }, &rows);
    struct task_tested_list list = { arena_new(r->arena, struct task_tested_view, count), count };
    for (size_t i = 0; i < count; i++)
        list.items[i] = (struct task_tested_view){
            .who = task_pseudonym(r->arena, campaign_id, rows[i].person_id),
            .state = rows[i].test_state,
            .try = rows[i].test_try,
            .asked = rows[i].asked,
            .asked_right = rows[i].asked_right,
            .at = rows[i].ended_at > 0 ? rows[i].ended_at : rows[i].begun_at,
        };
    return list;
}

/* --- The page --------------------------------------------------------------------------------- */

static size_t answers_of(struct request *r, int64_t test_try, struct task_test_answers_row **rows)
{
    return task_test_answers(
        r->db, (struct task_test_answers){ scope_of(r)->campaign_id, me(r), test_try }, rows);
}

/* The first that is not answered yet; `count` when all are. */
static size_t open_place(const struct task_test_answers_row *rows, size_t count)
{
    size_t at = 0;
    while (at < count && rows[at].answered_at > 0)
        at++;
    return at;
}

static struct task_shown shown_in(const struct task_test_answers_row *row)
{
    return (struct task_shown){ row->shown, row->item_data, row->picture_blob, row->known_answer,
                                row->known_why };
}

static struct task_told_list told_list(struct request *r, const struct task_scheme *scheme,
                                       const struct task_test_answers_row *rows, size_t count)
{
    struct task_told_list list = { arena_new(r->arena, struct task_told_view, count), count };
    for (size_t i = 0; i < count; i++)
        list.items[i] =
            task_told_of(r, scheme, shown_in(&rows[i]), rows[i].answer, rows[i].is_right);
    return list;
}

static struct task_test_page_view test_view(struct request *r,
                                            const struct task_rules_get_row *rules)
{
    struct task_test_page_view view = { .campaign = campaign_head(r),
                                        .entry = task_entry_view_of(r),
                                        .practised = task_practised_of(r),
                                        .instructions =
                                            markdown_html(r->arena, rules->instructions),
                                        .instructions_source = rules->instructions,
                                        .may_work = campaign_takes_part(scope_of(r), r->now) };
    struct task_test_last_row last;
    struct task_test_answers_row *rows;
    if (!task_test_last(r->db, (struct task_test_last){ scope_of(r)->campaign_id, me(r) }, &last))
        return view;
    size_t count = answers_of(r, last.test_try, &rows), at = open_place(rows, count);
    struct task_scheme scheme = task_scheme_of(r->arena, rules);
    if (!str_equal(last.test_state, S("running"))) {
        view.answers = told_list(r, &scheme, rows, count);
        return view;
    }
    view.is_asked = view.may_work && at < count;
    if (!view.is_asked)
        return view;
    view.place = (int64_t)at + 1;
    view.count = (int64_t)count;
    view.task_item_id = rows[at].task_item_id;
    view.asked = task_asked_of(r, rules, &scheme, shown_in(&rows[at]));
    view.form =
        task_test_give_form(r, (struct task_test_give_in){ .campaign_id = scope_of(r)->campaign_id,
                                                           .task_item_id = view.task_item_id });
    task_parts_typed(r, &scheme,
                     task_test_give_field(&view.form, TASK_TEST_GIVE_FIELD_VALUES)->value,
                     view.asked.parts);
    return view;
}

struct reply task_test_page(struct request *r, const struct task_test_page_in *in)
{
    (void)in;
    struct task_rules_get_row rules = { 0 };
    task_rules_of(r, &rules);
    struct task_test_page_view view = test_view(r, &rules);
    return task_test_page_show(r, &view);
}

/* --- Commands --------------------------------------------------------------------------------- */

/* Draws so many of the controls the person has not had; false when there are too few. */
static bool draw(struct request *r, int64_t wanted, int64_t test_try)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_controls_fresh_row *rows;
    size_t count =
        task_controls_fresh(r->db, (struct task_controls_fresh){ campaign_id, me(r) }, &rows);
    if ((int64_t)count < wanted)
        return false;
    for (size_t i = 0; i < (size_t)wanted; i++) {
        uint32_t chance;
        random_bytes(&chance, sizeof chance);
        size_t from = i + chance % (count - i);
        struct task_item_id drawn = rows[from].task_item_id;
        rows[from] = rows[i];
        task_test_draw(r->db, (struct task_test_draw){ .campaign_id = campaign_id,
                                                       .person_id = me(r),
                                                       .task_item_id = drawn,
                                                       .test_try = test_try,
                                                       .place = (int64_t)i + 1 });
        task_answer_test(r->db, (struct task_answer_test){ .campaign_id = campaign_id,
                                                           .task_item_id = drawn,
                                                           .person_id = me(r),
                                                           .task_answer_id = { id_make(r->now) },
                                                           .taken_at = r->now });
    }
    return true;
}

struct reply task_test_begin(struct request *r, const struct task_test_begin_in *in)
{
    struct task_rules_get_row rules;
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    struct standing s = standing_of(r);
    if (!task_rules_of(r, &rules) || s.admission.test_items == 0)
        return reply_refused(r, 409, "no_test", "This campaign asks for no test.");
    if (s.entry == TASK_ENTRY_FREE)
        return reply_refused(r, 409, "passed", "You have passed the test already.");
    if (s.entry >= TASK_ENTRY_LATER)
        return reply_refused(r, 409, "not_again", str_c(r->arena, task_turned_away(r, NULL)));
    if (s.entry == TASK_ENTRY_FIRST) {
        int64_t test_try = s.has_tried ? s.last.test_try + 1 : 1;
        if (!draw(r, s.admission.test_items, test_try))
            return reply_refused(r, 409, "no_controls",
                                 "There are not enough items left to test you on: you have had "
                                 "most of those whose answers are known.");
        task_test_begin_try(r->db,
                            (struct task_test_begin_try){ .campaign_id = in->campaign_id,
                                                          .person_id = me(r),
                                                          .test_try = test_try,
                                                          .test_percent = s.admission.test_percent,
                                                          .asked = s.admission.test_items,
                                                          .begun_at = r->now });
    }
    struct task_test_page_view view = test_view(r, &rules);
    return task_test_begin_done(r, url_task_test_page(r->arena, in->campaign_id), "", &view);
}

/* All are answered: they are counted at once. */
static void end(struct request *r, const struct task_test_last_row *last,
                const struct task_test_answers_row *rows, size_t count)
{
    int64_t right = 0;
    for (size_t i = 0; i < count; i++)
        right += rows[i].is_right;
    bool passed = task_test_passes(right, (int64_t)count, last->test_percent);
    task_test_end(r->db, (struct task_test_end){ .test_state = passed ? S("passed") : S("failed"),
                                                 .asked_right = right,
                                                 .ended_at = r->now,
                                                 .campaign_id = scope_of(r)->campaign_id,
                                                 .person_id = me(r),
                                                 .test_try = last->test_try });
    if (passed)
        task_skill_earn(r->db, r->now, scope_of(r)->campaign_id, me(r));
    event_add(r->db, r->now, scope_of(r)->campaign_id,
              passed ? "task.test_passed" : "task.test_failed", (struct subject_id){ 0 }, me(r),
              S(""));
}

struct reply task_test_give(struct request *r, const struct task_test_give_in *in)
{
    struct task_rules_get_row rules;
    struct task_test_last_row last;
    struct task_test_answers_row *rows;
    if (!campaign_takes_part(scope_of(r), r->now))
        return campaign_not_now(r);
    if (!task_rules_of(r, &rules) ||
        !task_test_last(r->db, (struct task_test_last){ in->campaign_id, me(r) }, &last))
        return reply_not_found(r);
    size_t count = answers_of(r, last.test_try, &rows), at = 0;
    while (at < count && rows[at].task_item_id.value != in->task_item_id.value)
        at++;
    if (at == count)
        return reply_not_found(r);
    struct task_scheme scheme = task_scheme_of(r->arena, &rules);
    struct str answer;
    if (!task_judge_sent(r, &scheme, (struct task_sent){ in->answer, in->text, in->values },
                         &answer))
        return reply_problems(r);
    rows[at].is_right = task_answer_matches(r->arena, &scheme, rows[at].known_answer, answer);
    if (task_test_answer_set(
            r->db, (struct task_test_answer_set){ .answer = answer,
                                                  .is_right = rows[at].is_right,
                                                  .answered_at = r->now,
                                                  .campaign_id = in->campaign_id,
                                                  .person_id = me(r),
                                                  .task_item_id = in->task_item_id }) == 0)
        return reply_refused(r, 409, "answered", "You have answered this one already.");
    rows[at].answered_at = r->now;
    if (open_place(rows, count) == count)
        end(r, &last, rows, count);
    struct task_test_page_view view = test_view(r, &rules);
    return task_test_give_done(r, url_task_test_page(r->arena, in->campaign_id), "", &view);
}

/* --- The team says who may work --------------------------------------------------------------- */

struct form_view task_admission_form(struct request *r)
{
    struct task_admit_in in = task_admit_defaults();
    struct task_admission_get_row kept;
    in.campaign_id = scope_of(r)->campaign_id;
    if (task_admission_get(r->db, (struct task_admission_get){ in.campaign_id }, &kept)) {
        in.test_items = kept.test_items;
        in.test_percent = kept.test_percent;
        in.test_tries = kept.test_tries;
        in.languages = languages_text(r->arena, kept.languages, S(", "));
        in.skills = task_skills_text(r->db, scope_of(r)->organisation_id, kept.skills, S(", "));
        in.gives = gives_text(r, &kept);
    }
    return task_admit_form(r, in);
}

/* Reads languages and skills; a problem beside the field of each that is not known. */
static void read_admission(struct request *r, const struct task_admit_in *in,
                           struct task_admission_get_row *typed)
{
    struct organisation_id house = scope_of(r)->organisation_id;
    struct str wrong, given = S("");
    if (!languages_read(r->arena, in->languages, &typed->languages, &wrong))
        problem(r, "languages", "%.*s", STR_ARG(wrong));
    if (!task_skills_read(r, house, in->skills, &typed->skills, &wrong))
        problem(r, "skills", "%.*s", STR_ARG(wrong));
    if (!task_skills_read(r, house, in->gives, &given, &wrong))
        problem(r, "gives", "%.*s", STR_ARG(wrong));
    else if (given.size > 0 && !id_parse(given, &typed->gives_skill.value))
        problem(r, "gives", "A test gives one skill.");
    else if (given.size > 0 && in->test_items == 0)
        problem(r, "gives", "A skill is earned in a test: say how many items it has.");
}

struct reply task_admit(struct request *r, const struct task_admit_in *in)
{
    const struct scope *scope = scope_of(r);
    struct task_admission_get_row kept = { 0 };
    struct task_admission_get_row typed = { .test_items = in->test_items,
                                            .test_percent = in->test_percent,
                                            .test_tries = in->test_tries };
    const char *field;
    if (scope->state == CAMPAIGN_CLOSED || scope->state == CAMPAIGN_CANCELLED)
        return campaign_not_now(r);
    task_admission_get(r->db, (struct task_admission_get){ in->campaign_id }, &kept);
    read_admission(r, in, &typed);
    if (r->problems != NULL)
        return reply_problems(r);
    struct str wrong =
        task_judge_admission(&kept, &typed, campaign_is_frozen(scope->state), &field);
    if (wrong.size > 0) {
        problem(r, field, "%.*s", STR_ARG(wrong));
        return reply_problems(r);
    }
    task_admission_set(r->db, (struct task_admission_set){ .campaign_id = in->campaign_id,
                                                           .test_items = typed.test_items,
                                                           .test_percent = typed.test_percent,
                                                           .test_tries = typed.test_tries,
                                                           .languages = typed.languages,
                                                           .skills = typed.skills,
                                                           .gives_skill = typed.gives_skill,
                                                           .changed_at = r->now });
    struct task_desk_view view = task_desk_view_of(r);
    return task_admit_done(r, url_task_desk(r->arena, in->campaign_id), "Saved.", &view);
}
