#include "platform/json/json.h"

#include "base/id.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t SECOND_US = 1000000, DAY_US = INT64_C(86400) * 1000000;

/* Escapes what RFC 8259 demands, in the form RFC 8785 (canonical JSON) prescribes, since the public
   record hashes what is written here. JSON never stands inside HTML: it has its own type and
   nosniff. */
static void add_escaped(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_add(out, S("\\\""));
        break;
    case '\\':
        buf_add(out, S("\\\\"));
        break;
    case '\b':
        buf_add(out, S("\\b"));
        break;
    case '\f':
        buf_add(out, S("\\f"));
        break;
    case '\n':
        buf_add(out, S("\\n"));
        break;
    case '\r':
        buf_add(out, S("\\r"));
        break;
    case '\t':
        buf_add(out, S("\\t"));
        break;
    default:
        buf_printf(out, "\\u%04x", c);
    }
}

static bool is_special(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

void json_text(struct buf *out, struct str s)
{
    buf_reserve(out, s.size + 2);
    buf_char(out, '"');
    size_t plain_from = 0;
    for (size_t i = 0; i < s.size; i++) {
        if (!is_special((unsigned char)s.data[i]))
            continue;
        buf_add(out, str_slice(s, plain_from, i));
        add_escaped(out, (unsigned char)s.data[i]);
        plain_from = i + 1;
    }
    buf_add(out, str_slice(s, plain_from, s.size));
    buf_char(out, '"');
}

/* Days since 1970-01-01 and back, proleptic Gregorian (Howard Hinnant, "chrono-Compatible Low-Level
   Date Algorithms"): years begin in March, so that the leap day comes last. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

void json_time(struct buf *out, int64_t at)
{
    if (at == 0) {
        buf_add(out, S("null"));
        return;
    }
    int64_t days = at / DAY_US, in_day = at % DAY_US;
    if (in_day < 0) {
        days--;
        in_day += DAY_US;
    }
    int64_t year, seconds = in_day / SECOND_US;
    int month, day;
    date_from_days(days, &year, &month, &day);
    buf_printf(out, "\"%04lld-%02d-%02dT%02d:%02d:%02d.%06dZ\"", (long long)year, month, day,
               (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60),
               (int)(in_day % SECOND_US));
}

void json_id(struct buf *out, int64_t id)
{
    if (id == 0) {
        buf_add(out, S("null"));
        return;
    }
    char text[ID_TEXT_SIZE + 1];
    id_print(id, text);
    buf_char(out, '"');
    buf_add(out, (struct str){ text, ID_TEXT_SIZE });
    buf_char(out, '"');
}

void json_number(struct buf *out, double x)
{
    if (!isfinite(x)) {
        buf_add(out, S("null"));
        return;
    }
    /* The program never calls setlocale, so the decimal sign is a point. */
    char text[40];
    for (int digits = 1; digits <= 17; digits++) { /* 17 always suffice for a double */
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    buf_add(out, str_from(text));
}

/* Takes exactly `digits` digits from the front of *rest. */
static bool take_number(struct str *rest, size_t digits, int64_t least, int64_t most,
                        int64_t *value)
{
    struct str part = str_slice(*rest, 0, digits);
    if (part.size != digits || part.data[0] == '-' || !str_to_int64(part, value))
        return false;
    *rest = str_slice(*rest, digits, rest->size);
    return *value >= least && *value <= most;
}

static bool take_char(struct str *rest, struct str any_of)
{
    if (rest->size == 0 || memchr(any_of.data, rest->data[0], any_of.size) == NULL)
        return false;
    *rest = str_slice(*rest, 1, rest->size);
    return true;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct str *rest, int64_t *days)
{
    int64_t year, month, day;
    if (!take_number(rest, 4, 0, 9999, &year) || !take_char(rest, S("-")) ||
        !take_number(rest, 2, 1, 12, &month) || !take_char(rest, S("-")) ||
        !take_number(rest, 2, 1, days_in_month(year, month), &day))
        return false;
    *days = days_from_date(year, (int)month, (int)day);
    return true;
}

static bool take_fraction(struct str *rest, int64_t *micros)
{
    *micros = 0;
    if (!take_char(rest, S(".")))
        return true;
    int64_t digit, unit = SECOND_US / 10;
    if (!take_number(rest, 1, 0, 9, &digit))
        return false;
    do {
        *micros += digit * unit;
        unit /= 10;
    } while (unit > 0 && take_number(rest, 1, 0, 9, &digit));
    return true; /* a seventh decimal is left over, and refused as such */
}

static bool take_offset(struct str *rest, int64_t *seconds)
{
    *seconds = 0;
    if (take_char(rest, S("Zz")))
        return true;
    bool west = rest->size > 0 && rest->data[0] == '-';
    int64_t hours, minutes;
    if (!take_char(rest, S("+-")) || !take_number(rest, 2, 0, 23, &hours) ||
        !take_char(rest, S(":")) || !take_number(rest, 2, 0, 59, &minutes))
        return false;
    *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

bool json_parse_time(struct str s, int64_t *at)
{
    int64_t days, hours, minutes, seconds, micros, offset;
    if (!take_date(&s, &days) || !take_char(&s, S("Tt")) || !take_number(&s, 2, 0, 23, &hours) ||
        !take_char(&s, S(":")) || !take_number(&s, 2, 0, 59, &minutes) || !take_char(&s, S(":")) ||
        !take_number(&s, 2, 0, 59, &seconds) || !take_fraction(&s, &micros) ||
        !take_offset(&s, &offset) || s.size != 0)
        return false;
    *at = days * DAY_US + (hours * 3600 + minutes * 60 + seconds - offset) * SECOND_US + micros;
    return true;
}
