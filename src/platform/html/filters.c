/* What templates make of numbers and times. */
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "platform/html/html.h"

static const int64_t SECOND_US = 1000000;

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* Pages show many of these, so they are put together without printf. */
enum { SHORT_MAX = 64 };

struct words {
    char text[SHORT_MAX];
    size_t size;
};

static void add(struct words *w, const char *text)
{
    size_t size = strlen(text);
    check(w->size + size <= SHORT_MAX);
    memcpy(w->text + w->size, text, size);
    w->size += size;
}

/* `n` ≥ 0 with at least `width` digits. */
static void add_digits(struct words *w, uint64_t n, unsigned width)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    for (; n > 0 || width > 0; n /= 10, width -= width > 0)
        digits[--at] = (char)('0' + n % 10);
    add(w, digits + at);
}

static struct str kept(struct arena *arena, const struct words *w)
{
    return str_copy(arena, (struct str){ w->text, w->size });
}

/* With a comma between the thousands. */
static void add_number(struct words *w, int64_t n)
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
    while (size > 0)
        w->text[w->size++] = reversed[--size];
}

struct str text_number(struct arena *arena, int64_t n)
{
    struct words w = { .size = 0 };
    add_number(&w, n);
    return kept(arena, &w);
}

struct str text_plural(struct arena *arena, int64_t n, struct str one, struct str many)
{
    struct words w = { .size = 0 };
    add_number(&w, n);
    add(&w, " ");
    return str_join(arena, (struct str){ w.text, w.size }, n == 1 ? one : many);
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

static void add_date(struct words *w, const struct moment *m)
{
    add_digits(w, m->day, 1);
    add(w, " ");
    add(w, month_name(m->month));
    add(w, " ");
    add_digits(w, (uint64_t)m->year, 1);
}

static void add_clock(struct words *w, const struct moment *m)
{
    add_digits(w, m->hour, 2);
    add(w, ":");
    add_digits(w, m->minute, 2);
}

/* "2026-11-21T19:22" */
static void add_iso(struct words *w, const struct moment *m)
{
    add_digits(w, (uint64_t)m->year, 4);
    add(w, "-");
    add_digits(w, m->month, 2);
    add(w, "-");
    add_digits(w, m->day, 2);
    add(w, "T");
    add_clock(w, m);
}

struct str text_date(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    struct words w = { .size = 0 };
    add_date(&w, &m);
    return kept(arena, &w);
}

struct str text_datetime(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    struct words w = { .size = 0 };
    add_date(&w, &m);
    add(&w, ", ");
    add_clock(&w, &m);
    add(&w, " UTC");
    return kept(arena, &w);
}

struct str text_iso(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    struct words w = { .size = 0 };
    add_iso(&w, &m);
    add(&w, ":");
    add_digits(&w, m.second, 2);
    add(&w, "Z");
    return kept(arena, &w);
}

struct str text_local_input(struct arena *arena, int64_t at)
{
    if (at == 0)
        return (struct str){ 0 };
    struct moment m = moment_of(at);
    struct words w = { .size = 0 };
    add_iso(&w, &m);
    return kept(arena, &w);
}

/* The largest whole unit of a span: "3 hours", "1 minute". Before a deadline months say too little,
   so there days go up to a hundred. */
static void add_span(struct words *w, int64_t seconds, bool before_deadline)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {
        { 365 * (int64_t)DAY_S, " year", " years" },
        { 30 * (int64_t)DAY_S, " month", " months" },
        { DAY_S, " day", " days" },
        { HOUR_S, " hour", " hours" },
        { MINUTE_S, " minute", " minutes" },
    };
    size_t i = before_deadline && seconds >= DAY_S && seconds < 100 * (int64_t)DAY_S ? 2 : 0;
    while (seconds < units[i].seconds)
        i++;
    int64_t n = seconds / units[i].seconds;
    add_digits(w, (uint64_t)n, 1);
    add(w, n == 1 ? units[i].one : units[i].many);
}

struct str text_ago(struct arena *arena, int64_t at, int64_t now)
{
    if (at == 0)
        return (struct str){ 0 };
    int64_t seconds = (now - at) / SECOND_US;
    if (seconds < MINUTE_S) /* a clock a little behind, too */
        return S("just now");
    struct words w = { .size = 0 };
    add_span(&w, seconds, false);
    add(&w, " ago");
    return kept(arena, &w);
}

struct str text_left(struct arena *arena, int64_t at, int64_t now)
{
    if (at == 0)
        return (struct str){ 0 };
    if (at <= now)
        return S("ended");
    int64_t seconds = (at - now) / SECOND_US;
    if (seconds < MINUTE_S)
        return S("less than a minute left");
    struct words w = { .size = 0 };
    add_span(&w, seconds, true);
    add(&w, " left");
    return kept(arena, &w);
}

void text_csv_cell(struct buf *out, struct str s)
{
    buf_char(out, '"');
    if (s.size > 0 && (s.data[0] == '=' || s.data[0] == '+' || s.data[0] == '-' ||
                       s.data[0] == '@' || s.data[0] == '\t' || s.data[0] == '\r'))
        buf_char(out, '\'');
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] == '"')
            buf_char(out, '"');
        buf_char(out, s.data[i]);
    }
    buf_char(out, '"');
}
