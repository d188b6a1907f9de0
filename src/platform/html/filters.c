/* What templates make of numbers and times. */
#include <inttypes.h>

#include "base/arena.h"
#include "platform/html/html.h"

static const int64_t SECOND_US = 1000000;

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

struct str text_number(struct arena *arena, int64_t n)
{
    char reversed[32];
    size_t size = 0;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    for (unsigned digits = 0; digits == 0 || rest > 0; digits++, rest /= 10) {
        if (digits > 0 && digits % 3 == 0)
            reversed[size++] = ',';
        reversed[size++] = (char)('0' + rest % 10);
    }
    if (n < 0)
        reversed[size++] = '-';
    char *text = arena_take(arena, size);
    for (size_t i = 0; i < size; i++)
        text[i] = reversed[size - 1 - i];
    return (struct str){ text, size };
}

struct str text_plural(struct arena *arena, int64_t n, struct str one, struct str many)
{
    struct str number = text_number(arena, n), word = n == 1 ? one : many;
    return str_printf(arena, "%.*s %.*s", STR_ARG(number), STR_ARG(word));
}

int64_t number_percent_of(int64_t n, int64_t total)
{
    if (n <= 0 || total <= 0)
        return 0;
    return n >= total ? 100 : (int64_t)(100.0 * (double)n / (double)total);
}

struct str text_upper(struct arena *arena, struct str s)
{
    char *text = arena_take(arena, s.size);
    for (size_t i = 0; i < s.size; i++)
        text[i] = s.data[i] >= 'a' && s.data[i] <= 'z' ? (char)(s.data[i] - 'a' + 'A') : s.data[i];
    return (struct str){ text, s.size };
}

struct moment {
    int64_t year;
    unsigned month, day, hour, minute, second;
};

/* Days since 1970 to a date of the Gregorian calendar, counted in eras of 400 years that begin on
   1 March (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). gmtime_r would take the
   C library's lock on every call. */
static struct moment moment_of(int64_t at)
{
    int64_t seconds = at / SECOND_US - (at % SECOND_US < 0 ? 1 : 0);
    int64_t days = seconds / DAY_S - (seconds % DAY_S < 0 ? 1 : 0);
    unsigned of_day = (unsigned)(seconds - days * DAY_S);
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned of_era = (unsigned)(days - era * 146097);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; /* March is 0 */
    struct moment m = {
        .year = (int64_t)year + era * 400 + (month >= 10 ? 1 : 0),
        .month = month < 10 ? month + 3 : month - 9,
        .day = of_year - (153 * month + 2) / 5 + 1,
        .hour = of_day / HOUR_S,
        .minute = of_day / MINUTE_S % 60,
        .second = of_day % 60,
    };
    return m;
}

static const char *month_name(unsigned month)
{
    static const char *const names[] = { "January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December" };
    return names[month - 1];
}

struct str text_date(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    return str_printf(arena, "%u %s %" PRId64, m.day, month_name(m.month), m.year);
}

struct str text_datetime(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    return str_printf(arena, "%u %s %" PRId64 ", %02u:%02u UTC", m.day, month_name(m.month), m.year,
                      m.hour, m.minute);
}

struct str text_iso(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    return str_printf(arena, "%04" PRId64 "-%02u-%02uT%02u:%02u:%02uZ", m.year, m.month, m.day,
                      m.hour, m.minute, m.second);
}

struct str text_local_input(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    return str_printf(arena, "%04" PRId64 "-%02u-%02uT%02u:%02u", m.year, m.month, m.day, m.hour,
                      m.minute);
}

/* The largest whole unit of a span: "3 hours", "1 minute". */
static struct str span(struct arena *arena, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {
        { 365 * (int64_t)DAY_S, "year", "years" },
        { 30 * (int64_t)DAY_S, "month", "months" },
        { DAY_S, "day", "days" },
        { HOUR_S, "hour", "hours" },
        { MINUTE_S, "minute", "minutes" },
        { 1, "second", "seconds" },
    };
    size_t i = 0;
    while (seconds < units[i].seconds)
        i++;
    int64_t n = seconds / units[i].seconds;
    return str_printf(arena, "%" PRId64 " %s", n, n == 1 ? units[i].one : units[i].many);
}

struct str text_ago(struct arena *arena, int64_t at, int64_t now)
{
    if (at == 0)
        return (struct str){ 0 };
    int64_t seconds = (now - at) / SECOND_US;
    if (seconds < MINUTE_S) /* a clock a little behind, too */
        return S("just now");
    return str_join(arena, span(arena, seconds), S(" ago"));
}

struct str text_left(struct arena *arena, int64_t at, int64_t now)
{
    if (at == 0)
        return (struct str){ 0 };
    int64_t seconds = (at - now) / SECOND_US;
    if (at <= now)
        return S("ended");
    if (seconds < MINUTE_S)
        return S("less than a minute left");
    /* Months say too little before a deadline. */
    if (seconds < 100 * (int64_t)DAY_S && seconds >= DAY_S)
        return str_join(arena, text_plural(arena, seconds / DAY_S, S("day"), S("days")),
                        S(" left"));
    return str_join(arena, span(arena, seconds), S(" left"));
}
