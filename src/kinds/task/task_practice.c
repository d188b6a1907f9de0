/* Practice: items whose answers are known, to try one's hand at before work that is paid. Nothing
 * here counts for or against anybody; the times say how long the work takes. */
#include "task_fair.h"

#include "base/check.h"
#include "base/id.h"
#include "commons/organisation/organisation.h"
#include "commons/people/people.h"
#include "urls.h"

static int64_t time_at(struct sql *db, struct campaign_id campaign_id, int64_t count, int quarter)
{
    struct task_time_at_row row = { 0 };
    task_time_at(db, (struct task_time_at){ campaign_id, task_time_place(count, quarter) }, &row);
    return row.took_us;
}

struct task_pace task_pace_of(struct sql *db, struct campaign_id campaign_id)
{
    struct task_times_count_row count = { 0 };
    task_times_count(db, (struct task_times_count){ campaign_id }, &count);
    struct task_pace pace = { .times = count.times };
    if (count.times < TASK_TIMES_LEAST)
        return pace;
    pace.quick_us = time_at(db, campaign_id, count.times, 1);
    pace.middle_us = time_at(db, campaign_id, count.times, 2);
    pace.slow_us = time_at(db, campaign_id, count.times, 3);
    return pace;
}

static bool may_practise(struct request *r)
{
    const struct scope *scope = scope_of(r);
    return campaign_takes_part(scope, r->now) ||
           (scope->role >= ROLE_MODERATOR && scope->state != CAMPAIGN_CLOSED &&
            scope->state != CAMPAIGN_CANCELLED);
}

struct task_practised_view task_practised_of(struct request *r)
{
    struct task_practice_counts_row counts = { 0 };
    task_practice_counts(r->db, (struct task_practice_counts){ scope_of(r)->campaign_id, me(r) },
                         &counts);
    return (struct task_practised_view){ .items = counts.items,
                                         .tried = counts.tried,
                                         .tried_right = counts.tried_right,
                                         .may_practise = counts.items > 0 && may_practise(r) };
}

/* --- The page --------------------------------------------------------------------------------- */

static bool last_try(struct request *r, struct task_try_last_row *row)
{
    return task_try_last(r->db, (struct task_try_last){ scope_of(r)->campaign_id, me(r) }, row);
}

struct task_told_view task_told_of(struct request *r, const struct task_scheme *scheme,
                                   struct task_shown shown, struct str answer, bool is_right)
{
    struct task_told_view view = {
        .shown = shown.words,
        .picture = picture_url(r->arena, shown.picture_blob),
        .has_picture = shown.picture_blob.size > 0,
        .answer = task_answer_words(r->arena, scheme, answer),
        .is_right = is_right,
        .right_answer = task_answer_words(r->arena, scheme, shown.known_answer),
        .why = shown.known_why,
    };
    if (scheme->template == TASK_BOX && view.has_picture) {
        view.has_box = task_box_view_of(answer, &view.box);
        view.has_right_box = task_box_view_of(shown.known_answer, &view.right_box);
    }
    return view;
}

static struct task_shown shown_in(const struct task_try_last_row *row)
{
    return (struct task_shown){ row->shown, row->item_data, row->picture_blob, row->known_answer,
                                row->known_why };
}

static struct task_practice_view practice_view(struct request *r,
                                               const struct task_rules_get_row *rules)
{
    struct task_try_last_row last;
    struct task_practice_view view = { .campaign = campaign_head(r),
                                       .practised = task_practised_of(r),
                                       .instructions = markdown_html(r->arena, rules->instructions),
                                       .instructions_source = rules->instructions,
                                       .may_work = campaign_takes_part(scope_of(r), r->now) };
    view.is_over = view.practised.tried >= view.practised.items;
    bool has_tried = last_try(r, &last);
    view.is_asked = has_tried && last.answered_at == 0 && view.practised.may_practise;
    view.is_told = has_tried && last.answered_at > 0;
    if (has_tried)
        view.task_practice_id = last.task_practice_id;
    struct task_scheme scheme = task_scheme_of(r->arena, rules);
    if (view.is_told)
        view.told = task_told_of(r, &scheme, shown_in(&last), last.answer, last.is_right);
    if (!view.is_asked)
        return view;
    view.asked = task_asked_of(r, rules, &scheme, shown_in(&last));
    view.form = task_practise_form(
        r, (struct task_practise_in){ .campaign_id = scope_of(r)->campaign_id,
                                      .task_practice_id = last.task_practice_id });
    task_parts_typed(r, &scheme, task_practise_field(&view.form, TASK_PRACTISE_FIELD_VALUES)->value,
                     view.asked.parts);
    return view;
}

struct task_asked_view task_asked_of(struct request *r, const struct task_rules_get_row *rules,
                                     const struct task_scheme *scheme, struct task_shown shown)
{
    struct task_asked_view view = {
        .template = scheme->template == TASK_RATE ? S("choose") : rules->task_template,
        .shown = shown.words,
        .picture = picture_url(r->arena, shown.picture_blob),
        .has_picture = shown.picture_blob.size > 0,
        .choices = task_options_of(r, scheme),
    };
    view.parts = task_fill(r, rules, scheme, shown.item_data, &view.ask);
    return view;
}

struct reply task_practice(struct request *r, const struct task_practice_in *in)
{
    (void)in;
    struct task_rules_get_row rules = { 0 };
    task_rules_of(r, &rules);
    struct task_practice_view view = practice_view(r, &rules);
    return task_practice_show(r, &view);
}

/* --- Commands --------------------------------------------------------------------------------- */

struct reply task_practice_go(struct request *r, const struct task_practice_go_in *in)
{
    struct task_rules_get_row rules;
    struct task_try_last_row last;
    struct task_practice_next_row next;
    if (!may_practise(r))
        return campaign_not_now(r);
    if (!task_rules_of(r, &rules) ||
        !task_practice_next(r->db, (struct task_practice_next){ me(r), in->campaign_id }, &next))
        return reply_refused(r, 409, "no_practice", "There is nothing to practise on here.");
    if (!last_try(r, &last) || last.answered_at > 0)
        task_try_begin(r->db, (struct task_try_begin){ .campaign_id = in->campaign_id,
                                                       .person_id = me(r),
                                                       .task_try_id = { id_make(r->now) },
                                                       .task_practice_id = next.task_practice_id,
                                                       .is_first = next.tries == 0,
                                                       .shown_at = r->now });
    struct task_practice_view view = practice_view(r, &rules);
    return task_practice_go_done(r, url_task_practice(r->arena, in->campaign_id), "", &view);
}

struct reply task_practise(struct request *r, const struct task_practise_in *in)
{
    struct task_rules_get_row rules;
    struct task_try_last_row last;
    if (!may_practise(r))
        return campaign_not_now(r);
    if (!task_rules_of(r, &rules) || !last_try(r, &last) ||
        last.task_practice_id.value != in->task_practice_id.value)
        return reply_not_found(r);
    struct task_scheme scheme = task_scheme_of(r->arena, &rules);
    struct str answer;
    if (!task_judge_sent(r, &scheme, (struct task_sent){ in->answer, in->text, in->values },
                         &answer))
        return reply_problems(r);
    bool right = task_answer_matches(r->arena, &scheme, last.known_answer, answer);
    if (task_try_answer(
            r->db, (struct task_try_answer){ .answer = answer,
                                             .is_right = right,
                                             .answered_at = r->now,
                                             .took_us = task_time_counted(last.shown_at, r->now),
                                             .campaign_id = in->campaign_id,
                                             .person_id = me(r),
                                             .task_try_id = last.task_try_id }) == 0)
        return reply_refused(r, 409, "answered", "You have answered this one already.");
    struct task_practice_view view = practice_view(r, &rules);
    return task_practise_done(r, url_task_practice(r->arena, in->campaign_id), "", &view);
}
