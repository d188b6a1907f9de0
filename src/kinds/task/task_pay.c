/* What the work will cost and bring, and the floor that an organisation sets under it. */
#include "task_fair.h"

#include "base/arena.h"
#include "base/check.h"
#include "commons/organisation/organisation.h"
#include "urls.h"

enum { ANSWERS_LEAST = 20 }; /* fewer say nothing about what an hour brings */

/* What an hour brings: from the work itself once there is enough of it, before that from practice.
 */
static int64_t hourly_of(struct sql *db, struct campaign_id campaign_id, int64_t price,
                         bool *from_work)
{
    struct task_worker_totals_row totals = { 0 };
    task_worker_totals(db, (struct task_worker_totals){ campaign_id }, &totals);
    *from_work = totals.given >= ANSWERS_LEAST;
    if (*from_work)
        return task_hourly(price, totals.given, totals.worked_us);
    return task_hourly(price, 1, task_pace_of(db, campaign_id).middle_us);
}

static struct money floor_of(struct sql *db, struct campaign_id campaign_id)
{
    struct task_house_of_campaign_row row = { 0 };
    task_house_of_campaign(db, (struct task_house_of_campaign){ campaign_id }, &row);
    return (struct money){ row.floor_minor, row.floor_currency };
}

struct task_estimate_view task_estimate_of(struct request *r,
                                           const struct task_rules_get_row *rules, int64_t to_do)
{
    static const double hour_seconds = 3600;
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct task_pace pace = task_pace_of(r->db, campaign_id);
    struct money floor = floor_of(r->db, campaign_id);
    struct task_estimate_view view = { .times = pace.times,
                                       .is_known = pace.times >= TASK_TIMES_LEAST };
    struct str currency;
    if (!ledger_currency(r->db, campaign_id, &currency))
        return view;
    if (view.is_known) {
        view.seconds = (pace.middle_us + 500000) / 1000000;
        view.hourly = task_money(r, task_hourly(rules->price, 1, pace.middle_us));
        view.hourly_slow = task_money(r, task_hourly(rules->price, 1, pace.slow_us));
        view.hourly_quick = task_money(r, task_hourly(rules->price, 1, pace.quick_us));
        view.hours_least = task_hours_text(r->arena, to_do * rules->answers_least * pace.middle_us);
        view.hours_most = task_hours_text(r->arena, to_do * rules->answers_most * pace.middle_us);
    }
    struct money hourly = { hourly_of(r->db, campaign_id, rules->price, &view.from_work),
                            currency };
    enum task_floor stands = task_floor_of(floor, hourly);
    view.hourly_now = task_money(r, hourly.minor);
    view.has_floor = stands != TASK_FLOOR_NONE;
    view.floor = view.has_floor ? money_text(r->arena, floor) : S("");
    view.is_elsewhere = stands == TASK_FLOOR_ELSEWHERE;
    view.is_below = stands == TASK_FLOOR_BELOW;
    if (view.has_floor && !view.is_elsewhere)
        view.floor_seconds = (int64_t)((double)rules->price * hour_seconds / (double)floor.minor);
    return view;
}

struct str task_caution(struct sql *db, int64_t now, struct campaign_id campaign_id)
{
    (void)now;
    struct task_rules_get_row rules;
    struct str currency;
    bool from_work;
    if (!task_rules_get(db, (struct task_rules_get){ campaign_id }, &rules) ||
        !ledger_currency(db, campaign_id, &currency))
        return S("");
    struct money floor = floor_of(db, campaign_id);
    struct money hourly = { hourly_of(db, campaign_id, rules.price, &from_work), currency };
    struct arena *arena = sql_arena(db);
    switch (task_floor_of(floor, hourly)) {
    case TASK_FLOOR_BELOW:
        return str_printf(
            arena,
            "%s, an hour brings %.*s. Your organisation wants at least %.*s: a higher "
            "price, or an easier task, would be fair.",
            from_work ? "As the work goes" : "As practice went", STR_ARG(money_text(arena, hourly)),
            STR_ARG(money_text(arena, floor)));
    case TASK_FLOOR_UNKNOWN:
        return str_printf(
            arena,
            "Your organisation wants an hour to bring at least %.*s. Nobody knows yet "
            "whether it does: try the practice items yourself.",
            STR_ARG(money_text(arena, floor)));
    case TASK_FLOOR_ELSEWHERE:
        return str_printf(arena,
                          "Your organisation’s floor of %.*s an hour is in another currency than "
                          "this campaign, so the two are not compared.",
                          STR_ARG(money_text(arena, floor)));
    default:
        return S("");
    }
}

/* --- What waits for somebody ------------------------------------------------------------------ */

size_t task_pending(struct sql *db, struct person_id person_id, struct campaign_pending **rows)
{
    struct task_pending_of_person_row *found;
    if (panel_earner(db, person_id).value != person_id.value)
        return 0; /* it will be the panel's */
    size_t count = task_pending_of_person(db, (struct task_pending_of_person){ person_id }, &found);
    size_t kept = 0;
    *rows = arena_new(sql_arena(db), struct campaign_pending, count);
    for (size_t i = 0; i < count; i++)
        if (found[i].minor > 0)
            (*rows)[kept++] = (struct campaign_pending){ found[i].campaign_id, found[i].minor };
    return kept;
}

/* --- What an organisation asks ---------------------------------------------------------------- */

void task_floor_show(struct request *r, struct organisation_id organisation_id,
                     struct task_house_view *view)
{
    struct task_house_get_row kept = { 0 };
    task_house_get(r->db, (struct task_house_get){ organisation_id }, &kept);
    struct money floor = { kept.floor_minor, kept.floor_currency };
    struct task_floor_set_in typed = task_floor_set_defaults();
    typed.organisation_id = organisation_id;
    if (floor.currency.size > 0)
        typed.currency = floor.currency;
    typed.floor = floor.minor > 0 ? money_number(r->arena, floor) : S("0");
    view->has_floor = floor.minor > 0;
    view->floor = view->has_floor ? money_text(r->arena, floor) : S("");
    view->form = task_floor_set_form(r, typed);
}

struct reply task_floor_set(struct request *r, const struct task_floor_set_in *in)
{
    struct money floor = { 0 };
    struct str wrong;
    if (!currency_known(in->currency))
        problem(r, "currency", "Give a currency by its three letters, such as EUR.");
    else if (!money_parse(r->arena, in->floor, in->currency, &floor, &wrong))
        problem(r, "floor", "%.*s", STR_ARG(wrong));
    if (r->problems != NULL)
        return reply_problems(r);
    task_house_set(r->db, (struct task_house_set){ .organisation_id = in->organisation_id,
                                                   .floor_minor = floor.minor,
                                                   .floor_currency = in->currency,
                                                   .changed_at = r->now });
    return task_floor_set_done(r, url_task_house(r->arena, in->organisation_id),
                               floor.minor > 0 ? "Saved. Campaigns below it carry a warning."
                                               : "Saved. There is no floor.");
}
