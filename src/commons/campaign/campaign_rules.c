/* Pure decisions about campaigns: values in, verdict out. */
#include "commons/campaign/campaign.h"

#include "base/check.h"

enum { CATEGORIES_MAX = 20, CATEGORY_CHARACTERS_MAX = 60 };

static const struct str state_names[CAMPAIGN_STATE_COUNT] = {
    [CAMPAIGN_DRAFT] = { "draft", 5 },   [CAMPAIGN_SCHEDULED] = { "scheduled", 9 },
    [CAMPAIGN_OPEN] = { "open", 4 },     [CAMPAIGN_PAUSED] = { "paused", 6 },
    [CAMPAIGN_CLOSED] = { "closed", 6 }, [CAMPAIGN_CANCELLED] = { "cancelled", 9 },
};

static const struct {
    enum campaign_state from;
    enum campaign_action action;
    enum campaign_state to;
} transitions[] = {
    { CAMPAIGN_DRAFT, CAMPAIGN_ACT_OPEN, CAMPAIGN_OPEN },
    { CAMPAIGN_DRAFT, CAMPAIGN_ACT_SCHEDULE, CAMPAIGN_SCHEDULED },
    { CAMPAIGN_DRAFT, CAMPAIGN_ACT_CANCEL, CAMPAIGN_CANCELLED },
    { CAMPAIGN_SCHEDULED, CAMPAIGN_ACT_OPEN, CAMPAIGN_OPEN },
    { CAMPAIGN_SCHEDULED, CAMPAIGN_ACT_WITHDRAW, CAMPAIGN_DRAFT },
    { CAMPAIGN_SCHEDULED, CAMPAIGN_ACT_CANCEL, CAMPAIGN_CANCELLED },
    { CAMPAIGN_OPEN, CAMPAIGN_ACT_PAUSE, CAMPAIGN_PAUSED },
    { CAMPAIGN_OPEN, CAMPAIGN_ACT_EXTEND, CAMPAIGN_OPEN },
    { CAMPAIGN_OPEN, CAMPAIGN_ACT_CLOSE, CAMPAIGN_CLOSED },
    { CAMPAIGN_OPEN, CAMPAIGN_ACT_CANCEL, CAMPAIGN_CANCELLED },
    { CAMPAIGN_PAUSED, CAMPAIGN_ACT_RESUME, CAMPAIGN_OPEN },
    { CAMPAIGN_PAUSED, CAMPAIGN_ACT_EXTEND, CAMPAIGN_PAUSED },
    { CAMPAIGN_PAUSED, CAMPAIGN_ACT_CLOSE, CAMPAIGN_CLOSED },
    { CAMPAIGN_PAUSED, CAMPAIGN_ACT_CANCEL, CAMPAIGN_CANCELLED },
};

struct str campaign_state_name(enum campaign_state state)
{
    return state_names[state];
}

enum campaign_state campaign_state_from_name(struct str name)
{
    for (int state = 0; state < CAMPAIGN_STATE_COUNT; state++)
        if (str_equal(name, state_names[state]))
            return state;
    check(!"a campaign state of this program");
    return CAMPAIGN_DRAFT;
}

bool campaign_next_state(enum campaign_state state, enum campaign_action action,
                         enum campaign_state *next)
{
    for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++) {
        if (transitions[i].from != state || transitions[i].action != action)
            continue;
        *next = transitions[i].to;
        return true;
    }
    return false;
}

struct str campaign_judge_times(int64_t opens_at, int64_t closes_at, int64_t now,
                                const char **field)
{
    static const int64_t years_us = 5LL * 366 * 86400 * 1000000;
    *field = "closes_at";
    if (closes_at <= now)
        return S("The closing time lies in the past. Choose a later one.");
    if (opens_at > 0 && closes_at <= opens_at)
        return S("The campaign would close before it opens. Choose a later closing time.");
    if (closes_at > now + years_us)
        return S("The closing time is more than five years away. Choose an earlier one.");
    return S("");
}

bool campaign_is_frozen(enum campaign_state state)
{
    return state != CAMPAIGN_DRAFT && state != CAMPAIGN_SCHEDULED;
}

const char *campaign_frozen_change(enum campaign_state state,
                                   const struct campaign_settings *before,
                                   const struct campaign_settings *after)
{
    if (!campaign_is_frozen(state))
        return NULL;
    if (!str_equal(before->question, after->question))
        return "question";
    if (before->opens_at != after->opens_at)
        return "opens_at";
    if (before->closes_at != after->closes_at)
        return "closes_at";
    if (before->votes_per_person != after->votes_per_person)
        return "votes_per_person";
    if (before->votes_against != after->votes_against)
        return "votes_against";
    return NULL;
}

int64_t campaign_time_typed(int64_t kept, int64_t typed)
{
    static const int64_t minute_us = 60LL * 1000000;
    return kept / minute_us == typed / minute_us ? kept : typed;
}

struct str *campaign_split_categories(struct arena *arena, struct str text, size_t *count,
                                      struct str *problem)
{
    struct str *names = arena_new(arena, struct str, CATEGORIES_MAX);
    *count = 0;
    while (text.size > 0) {
        struct str name = str_trim(str_cut(&text, '\n'));
        if (name.size == 0)
            continue;
        if (*count == CATEGORIES_MAX) {
            *problem = str_printf(arena, "Use at most %d categories.", CATEGORIES_MAX);
            return NULL;
        }
        if (utf8_length(name) > CATEGORY_CHARACTERS_MAX) {
            *problem =
                str_printf(arena, "The category \"%.*s\" is too long: at most %d characters.",
                           STR_ARG(utf8_clip(name, 30)), CATEGORY_CHARACTERS_MAX);
            return NULL;
        }
        for (size_t i = 0; i < *count; i++) {
            if (str_equal_nocase(names[i], name)) {
                *problem =
                    str_printf(arena, "The category \"%.*s\" stands there twice.", STR_ARG(name));
                return NULL;
            }
        }
        names[(*count)++] = name;
    }
    return names;
}
