/* Rules of fairness: what an hour brings, who may work. Pure. */
#include "task_fair.h"

#include "base/arena.h"

static const int64_t minute_us = INT64_C(60000000), hour_us = INT64_C(3600000000);

/* --- Time and pay ----------------------------------------------------------------------------- */

int64_t task_time_place(int64_t count, int quarter)
{
    return count == 0 ? 0 : ((count - 1) * quarter + 2) / 4;
}

int64_t task_time_counted(int64_t shown_at, int64_t answered_at)
{
    int64_t took = answered_at - shown_at;
    if (took < 0) /* another server's clock */
        return 0;
    return took < TASK_WORKED_US_MAX ? took : TASK_WORKED_US_MAX;
}

enum task_floor task_floor_of(struct money floor, struct money hourly)
{
    if (floor.minor == 0)
        return TASK_FLOOR_NONE;
    if (!str_equal(floor.currency, hourly.currency))
        return TASK_FLOOR_ELSEWHERE;
    if (hourly.minor == 0)
        return TASK_FLOOR_UNKNOWN;
    return hourly.minor < floor.minor ? TASK_FLOOR_BELOW : TASK_FLOOR_KEPT;
}

struct str task_hours_text(struct arena *arena, int64_t work_us)
{
    if (work_us < 2 * hour_us) {
        int64_t minutes = (work_us + minute_us - 1) / minute_us;
        return str_printf(arena, "%lld %s", (long long)minutes,
                          minutes == 1 ? "minute" : "minutes");
    }
    int64_t tenths = (work_us * 10 + hour_us / 2) / hour_us;
    if (tenths < 100)
        return str_printf(arena, "%lld.%lld hours", (long long)(tenths / 10),
                          (long long)(tenths % 10));
    return str_printf(arena, "%lld hours", (long long)((tenths + 5) / 10));
}

/* --- Who may work ----------------------------------------------------------------------------- */

static bool stands_in(struct str word, struct str list)
{
    while (list.size > 0)
        if (str_equal(str_cut(&list, ' '), word))
            return true;
    return false;
}

bool task_any_of(struct str wanted, struct str has)
{
    if (wanted.size == 0)
        return true;
    while (wanted.size > 0)
        if (stands_in(str_cut(&wanted, ' '), has))
            return true;
    return false;
}

bool task_all_of(struct str list, struct str other)
{
    while (list.size > 0)
        if (!stands_in(str_cut(&list, ' '), other))
            return false;
    return true;
}

enum task_entry task_entry_of(const struct task_admission_get_row *admission,
                              struct task_brought brought, const struct task_test_last_row *last,
                              int64_t now, int64_t *again_at)
{
    *again_at = 0;
    if (!task_any_of(admission->languages, brought.languages))
        return TASK_ENTRY_LANGUAGE;
    if (!task_any_of(admission->skills, brought.skills))
        return TASK_ENTRY_SKILL;
    if (admission->test_items == 0)
        return TASK_ENTRY_FREE;
    if (last == NULL)
        return TASK_ENTRY_FIRST;
    if (str_equal(last->test_state, S("passed")))
        return TASK_ENTRY_FREE;
    if (str_equal(last->test_state, S("running")))
        return TASK_ENTRY_RUNNING;
    if (last->test_try >= admission->test_tries)
        return TASK_ENTRY_OVER;
    if (now >= last->ended_at + TASK_TEST_AGAIN_US)
        return TASK_ENTRY_FIRST;
    *again_at = last->ended_at + TASK_TEST_AGAIN_US;
    return TASK_ENTRY_LATER;
}

bool task_test_passes(int64_t right, int64_t asked, int64_t percent)
{
    return right * 100 >= asked * percent;
}

struct str task_judge_admission(const struct task_admission_get_row *kept,
                                const struct task_admission_get_row *typed, bool frozen,
                                const char **field)
{
    if (!frozen)
        return S("");
    *field = "languages";
    if (typed->languages.size > 0 &&
        (kept->languages.size == 0 || !task_all_of(kept->languages, typed->languages)))
        return S("The campaign has opened: more languages may be taken, not fewer.");
    *field = "skills";
    if (typed->skills.size > 0 &&
        (kept->skills.size == 0 || !task_all_of(kept->skills, typed->skills)))
        return S("The campaign has opened: more skills may be taken, not fewer.");
    if (typed->test_items == 0)
        return S("");
    *field = "test_items";
    if (typed->test_items > kept->test_items)
        return S("The campaign has opened: the test may only become shorter, or end.");
    *field = "test_percent";
    if (typed->test_percent > kept->test_percent)
        return S("The campaign has opened: the bar may only become lower.");
    *field = "test_tries";
    if (typed->test_tries < kept->test_tries)
        return S("The campaign has opened: people may only be given more tries.");
    return S("");
}

/* --- Mails ------------------------------------------------------------------------------------ */

int64_t task_letter_due(int64_t due_at, int64_t sent_at, int64_t now)
{
    static const int64_t day_us = INT64_C(86400) * 1000000;
    if (due_at > 0)
        return due_at;
    int64_t collected = now + 10 * minute_us;
    return sent_at > 0 && sent_at + day_us > collected ? sent_at + day_us : collected;
}
