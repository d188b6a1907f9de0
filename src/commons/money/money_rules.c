/* Pure: amounts as they are typed, shown and reckoned with, and how an account is spread. */
#include "money_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/check.h"

/* --- Currencies ------------------------------------------------------------------------------- */

/* ISO 4217's currencies of countries, without funds, metals and tests; four bytes each. */
static const char codes[] =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD "
    "FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD "
    "JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK "
    "MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR "
    "PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL "
    "THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF "
    "XPF YER ZAR ZMW ZWG ";
/* Those that are not divided by 100. */
static const struct str without_minor = {
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF", 63
};
static const struct str by_thousand = { "BHD IQD JOD KWD LYD OMR TND", 27 };
enum { CODE_SIZE = 3, CODE_STEP = CODE_SIZE + 1, CURRENCY_DIGITS_MAX = 3 };

struct str currency_at(size_t n)
{
    return n < (sizeof codes - 1) / CODE_STEP ? (struct str){ codes + n * CODE_STEP, CODE_SIZE }
                                              : S("");
}

/* A code stands in a list where it begins at a step; no other three bytes are a code. */
static bool is_among(struct str list, struct str currency)
{
    size_t at = str_find(list, currency);
    return currency.size == CODE_SIZE && at != SIZE_MAX && at % CODE_STEP == 0;
}

bool currency_known(struct str currency)
{
    return is_among((struct str){ codes, sizeof codes - 1 }, currency);
}

int currency_digits(struct str currency)
{
    return is_among(without_minor, currency) ? 0 : is_among(by_thousand, currency) ? 3 : 2;
}

static int64_t minor_per_major(struct str currency)
{
    static const int64_t powers[CURRENCY_DIGITS_MAX + 1] = { 1, 10, 100, 1000 };
    return powers[currency_digits(currency)];
}

/* --- What people type ------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes one character of grouping from the front: a space, one that does not break (U+00A0,
   U+202F), an apostrophe, a point or a comma. Its size in bytes, 0 for none. */
static size_t separator_at(struct str text)
{
    static const struct str known[] = { { " ", 1 },      { "\u00a0", 2 }, { "\u202f", 3 },
                                        { "\u2019", 3 }, { "'", 1 },      { ".", 1 },
                                        { ",", 1 } };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_starts(text, known[i]))
            return known[i].size;
    return 0;
}

enum { RUNS_MAX = 8 };

/* Digits in runs, with what stands between them: "1.234,50" is 1 . 234 , 50. */
struct typed_number {
    struct str runs[RUNS_MAX];
    struct str between[RUNS_MAX]; /* before the run of the same place */
    size_t count;
};

static bool split_runs(struct str text, struct typed_number *number)
{
    struct str between = S("");
    while (number->count < RUNS_MAX) {
        size_t digits = 0;
        while (digits < text.size && is_digit(text.data[digits]))
            digits++;
        if (digits == 0 && number->count > 0)
            return false;
        number->between[number->count] = between;
        number->runs[number->count++] = str_slice(text, 0, digits);
        text = str_slice(text, digits, text.size);
        if (text.size == 0)
            return true;
        size_t separator = separator_at(text);
        if (separator == 0)
            return false;
        between = str_slice(text, 0, separator);
        text = str_slice(text, separator, text.size);
    }
    return false;
}

/* Runs 1 … count - 1 are groups of three behind one and the same separator. */
static bool is_grouped(const struct typed_number *number, size_t count)
{
    if (count > 1 && (number->runs[0].size == 0 || number->runs[0].size > 3))
        return false;
    for (size_t i = 1; i < count; i++)
        if (number->runs[i].size != 3 || !str_equal(number->between[i], number->between[1]))
            return false;
    return true;
}

static bool is_point(struct str separator)
{
    return str_equal(separator, S(".")) || str_equal(separator, S(","));
}

enum reading { READ, READ_NOT, READ_BOTH_WAYS };

/* How many of the runs are whole units; the last is the fraction when it is not among them. */
static enum reading count_whole(const struct typed_number *number, int digits, size_t *whole)
{
    size_t last = number->count - 1;
    bool may_be_groups = is_grouped(number, number->count);
    bool may_be_fraction = last > 0 && is_point(number->between[last]) &&
                           is_grouped(number, last) &&
                           (last < 2 || !str_equal(number->between[last], number->between[1]));
    /* "0,234" is no thousand. */
    if (may_be_groups && may_be_fraction && str_equal(number->runs[0], S("0")))
        may_be_groups = false;
    /* "1.234" dinars have a fraction; "1,234" dinars might have. */
    if (may_be_groups && may_be_fraction && digits == 3) {
        if (str_equal(number->between[last], S(",")))
            return READ_BOTH_WAYS;
        may_be_groups = false;
    }
    *whole = may_be_groups ? number->count : last;
    return may_be_groups || may_be_fraction ? READ : READ_NOT;
}

static bool add_digits(struct str run, int64_t *minor)
{
    for (size_t i = 0; i < run.size; i++) {
        *minor = *minor * 10 + (run.data[i] - '0');
        if (*minor > MONEY_MINOR_MAX)
            return false;
    }
    return true;
}

static bool to_minor(const struct typed_number *number, size_t whole, int digits, int64_t *minor)
{
    *minor = 0;
    for (size_t i = 0; i < number->count; i++)
        if (!add_digits(number->runs[i], minor))
            return false;
    int behind = whole < number->count ? (int)number->runs[whole].size : 0;
    for (; behind < digits; behind++)
        if (!add_digits(S("0"), minor))
            return false;
    return true;
}

static struct str without_currency(struct str typed, struct str currency)
{
    typed = str_trim(typed);
    if (str_equal_nocase(str_slice(typed, 0, currency.size), currency))
        typed = str_slice(typed, currency.size, typed.size);
    else if (typed.size > currency.size &&
             str_equal_nocase(str_slice(typed, typed.size - currency.size, typed.size), currency))
        typed = str_slice(typed, 0, typed.size - currency.size);
    return str_trim(typed);
}

bool money_parse(struct arena *arena, struct str typed, struct str currency, struct money *amount,
                 struct str *problem)
{
    int digits = currency_digits(currency);
    struct typed_number number = { 0 };
    size_t whole = 0;
    struct money example = { 5 * minor_per_major(currency), currency };
    enum reading reading = READ_NOT;
    if (split_runs(without_currency(typed, currency), &number) &&
        (number.count > 1 || number.runs[0].size > 0))
        reading = count_whole(&number, digits, &whole);
    if (reading != READ) {
        struct str number_shown = money_number(arena, example);
        *problem =
            reading == READ_NOT
                ? str_printf(arena, "Write an amount like %.*s.", STR_ARG(number_shown))
                : str_printf(arena,
                             "This can be read in two ways. Write a point before the fraction, "
                             "like %.*s, and nothing between thousands.",
                             STR_ARG(number_shown));
        return false;
    }
    if (whole < number.count && number.runs[whole].size > (size_t)digits) {
        *problem = digits == 0
                       ? str_printf(arena, "%.*s has no smaller unit: write a whole number.",
                                    STR_ARG(currency))
                       : str_printf(arena, "%.*s has %d digits behind the point, not more.",
                                    STR_ARG(currency), digits);
        return false;
    }
    int64_t minor;
    if (!to_minor(&number, whole, digits, &minor)) {
        *problem =
            str_printf(arena, "That is too much: at most %.*s.",
                       STR_ARG(money_text(arena, (struct money){ MONEY_MINOR_MAX, currency })));
        return false;
    }
    *amount = (struct money){ minor, currency };
    return true;
}

/* --- Showing ---------------------------------------------------------------------------------- */

struct str money_number(struct arena *arena, struct money amount)
{
    int digits = currency_digits(amount.currency);
    int64_t unit = minor_per_major(amount.currency);
    const char *sign = amount.minor < 0 ? "-" : "";
    uint64_t minor = amount.minor < 0 ? 0 - (uint64_t)amount.minor : (uint64_t)amount.minor;
    unsigned long long major = minor / (uint64_t)unit, rest = minor % (uint64_t)unit;
    if (digits == 0)
        return str_printf(arena, "%s%llu", sign, major);
    return str_printf(arena, "%s%llu.%0*llu", sign, major, digits, rest);
}

struct str money_text(struct arena *arena, struct money amount)
{
    return str_printf(arena, "%.*s %.*s", STR_ARG(money_number(arena, amount)),
                      STR_ARG(amount.currency));
}

/* --- Reckoning -------------------------------------------------------------------------------- */

bool money_add(struct money a, struct money b, struct money *sum)
{
    int64_t minor;
    if (!str_equal(a.currency, b.currency) || __builtin_add_overflow(a.minor, b.minor, &minor))
        return false;
    *sum = (struct money){ minor, a.currency };
    return true;
}

bool money_subtract(struct money a, struct money b, struct money *rest)
{
    int64_t minor;
    if (!str_equal(a.currency, b.currency) || __builtin_sub_overflow(a.minor, b.minor, &minor))
        return false;
    *rest = (struct money){ minor, a.currency };
    return true;
}

bool money_times(struct money a, int64_t times, struct money *product)
{
    int64_t minor;
    if (__builtin_mul_overflow(a.minor, times, &minor))
        return false;
    *product = (struct money){ minor, a.currency };
    return true;
}

bool money_share(struct money a, int64_t basis_points, struct money *share)
{
    enum { WHOLE = 10000 };
    struct money times;
    if (!money_times(a, basis_points, &times))
        return false;
    int64_t half = times.minor < 0 ? -WHOLE / 2 : WHOLE / 2, rounded;
    if (__builtin_add_overflow(times.minor, half, &rounded))
        return false;
    *share = (struct money){ rounded / WHOLE, a.currency };
    return true;
}

/* --- Accounts --------------------------------------------------------------------------------- */

static const struct str account_names[LEDGER_ACCOUNT_COUNT] = {
    [LEDGER_OUTSIDE] = { "outside", 7 }, [LEDGER_BUDGET] = { "budget", 6 },
    [LEDGER_HELD] = { "held", 4 },       [LEDGER_EARNED] = { "earned", 6 },
    [LEDGER_PAYOUT] = { "payout", 6 },   [LEDGER_PAID] = { "paid", 4 },
    [LEDGER_FEES] = { "fees", 4 },
};

struct str ledger_account_name(enum ledger_account account)
{
    return account_names[account];
}

bool ledger_account_from_name(struct str name, enum ledger_account *account)
{
    for (int i = 0; i < LEDGER_ACCOUNT_COUNT; i++) {
        if (!str_equal(name, account_names[i]))
            continue;
        *account = (enum ledger_account)i;
        return true;
    }
    return false;
}

bool account_is_personal(enum ledger_account account)
{
    return account == LEDGER_EARNED || account == LEDGER_PAYOUT || account == LEDGER_PAID;
}

bool account_is_spread(enum ledger_account account)
{
    return account == LEDGER_BUDGET || account == LEDGER_HELD || account == LEDGER_FEES;
}

int64_t account_least(enum ledger_account account)
{
    return account == LEDGER_OUTSIDE ? -MONEY_MINOR_MAX : 0;
}

int ledger_slot(enum ledger_account account, struct person_id person_id, int64_t key)
{
    enum { SLOT_BITS = 6 };
    _Static_assert(1 << SLOT_BITS == LEDGER_SLOTS, "the bits taken are those of the slots");
    if (!account_is_spread(account) || person_id.value != 0)
        return 0;
    /* Ids of one moment differ in few bits: a product with an odd number near 2^64/phi spreads them
       over the highest. */
    return (int)(((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - SLOT_BITS));
}

void slots_spread(int64_t amount, int own, int64_t share[LEDGER_SLOTS])
{
    for (int i = 0; i < LEDGER_SLOTS; i++)
        share[i] = amount / LEDGER_SLOTS;
    share[own] += amount % LEDGER_SLOTS;
}

static int fullest(const int64_t balance[LEDGER_SLOTS], int except)
{
    int best = except == 0 ? 1 : 0;
    for (int i = 0; i < LEDGER_SLOTS; i++)
        if (i != except && balance[i] > balance[best])
            best = i;
    return best;
}

bool slots_draw(const int64_t balance[LEDGER_SLOTS], int own, int64_t amount,
                int64_t change[LEDGER_SLOTS])
{
    int64_t left[LEDGER_SLOTS], total = 0;
    for (int i = 0; i < LEDGER_SLOTS; i++)
        total += left[i] = balance[i];
    if (total < amount)
        return false;
    while (left[own] < amount) {
        int from = fullest(left, own);
        int64_t lacking = amount - left[own], half = left[from] / 2;
        int64_t taken = lacking > half ? lacking : half;
        if (taken > left[from])
            taken = left[from];
        left[from] -= taken;
        left[own] += taken;
    }
    left[own] -= amount;
    for (int i = 0; i < LEDGER_SLOTS; i++)
        change[i] = left[i] - balance[i];
    return true;
}

static bool owner_fits(enum ledger_account account, struct person_id person_id)
{
    return account == LEDGER_HELD || account_is_personal(account) == (person_id.value != 0);
}

static void add_move(struct ledger_moves *moves, enum ledger_account account,
                     struct person_id person_id, int64_t slot_key, int64_t change)
{
    moves->items[moves->count++] =
        (struct ledger_move){ account, person_id, ledger_slot(account, person_id, slot_key),
                              change };
}

void ledger_moves_add(struct ledger_moves *moves, const struct ledger_transfer *t, int64_t slot_key)
{
    check(t->from != t->to || t->from_person.value != t->to_person.value);
    check(owner_fits(t->from, t->from_person) && owner_fits(t->to, t->to_person));
    check(t->minor > 0 && t->minor <= MONEY_MINOR_MAX);
    add_move(moves, t->from, t->from_person, slot_key, -t->minor);
    add_move(moves, t->to, t->to_person, slot_key, t->minor);
}

static int by_balance(const void *one, const void *other)
{
    const struct ledger_move *a = one, *b = other;
    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    if (a->person_id.value != b->person_id.value)
        return a->person_id.value < b->person_id.value ? -1 : 1;
    return a->slot - b->slot;
}

void ledger_moves_settle(struct ledger_moves *moves)
{
    size_t count = 0;
    qsort(moves->items, moves->count, sizeof moves->items[0], by_balance);
    for (size_t i = 0; i < moves->count; i++) {
        if (count > 0 && by_balance(&moves->items[count - 1], &moves->items[i]) == 0)
            moves->items[count - 1].change += moves->items[i].change;
        else
            moves->items[count++] = moves->items[i];
    }
    moves->count = count;
}

struct str entry_label(struct str kind)
{
    static const struct {
        const char *kind, *label;
    } known[] = {
        { "deposit", "Paid in" },
        { "withdraw", "Taken out" },
        { "hold", "Set aside" },
        { "release", "Set free" },
        { "earn", "Earned" },
        { "fee", "Fee" },
        { "bonus", "Bonus" },
        { "ask", "Payout asked for" },
        { "unask", "Payout taken back" },
        { "decline", "Payout declined" },
        { "pay", "Paid out" },
        { "return", "Returned by the bank" },
        { "reverse", "Taken back" },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_equal(kind, str_from(known[i].kind)))
            return str_from(known[i].label);
    return kind;
}
