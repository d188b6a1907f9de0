/* Amounts: read, shown and reckoned with. */
#include "money_inner.h"
#include "sift/chance/chance.h"

#include "base/base_testing.h"

static struct str read_as(const char *typed, const char *currency)
{
    struct money amount;
    struct str problem = S("no problem");
    if (!money_parse(arena, str_from(typed), str_from(currency), &amount, &problem))
        return problem;
    return money_text(arena, amount);
}

static void assert_read(const char *typed, const char *currency, const char *expected)
{
    struct str got = read_as(typed, currency);
    if (!str_equal(got, str_from(expected)))
        fail_msg("\"%s\" in %s: expected \"%s\", got \"%.*s\"", typed, currency, expected,
                 STR_ARG(got));
}

static void amounts_are_read_as_people_write_them(void **state)
{
    (void)state;
    assert_read("5", "EUR", "5.00 EUR");
    assert_read("0.05", "EUR", "0.05 EUR");
    assert_read("0,05", "EUR", "0.05 EUR");
    assert_read(".5", "EUR", "0.50 EUR");
    assert_read(" 1,234.50 ", "EUR", "1234.50 EUR");
    assert_read("1.234,50", "EUR", "1234.50 EUR");
    assert_read("1 234,5", "EUR", "1234.50 EUR");
    assert_read("1\u202f234\u202f567,89", "EUR", "1234567.89 EUR");
    assert_read("1'234.50", "CHF", "1234.50 CHF");
    assert_read("1,234", "EUR", "1234.00 EUR");
    assert_read("1,234,567", "EUR", "1234567.00 EUR");
    assert_read("EUR 12", "EUR", "12.00 EUR");
    assert_read("12 eur", "EUR", "12.00 EUR");
    assert_read("1500", "JPY", "1500 JPY");
    assert_read("1,500", "JPY", "1500 JPY");
    assert_read("1.250", "KWD", "1.250 KWD");
    assert_read("0,125", "KWD", "0.125 KWD");
    assert_read("1,234.567", "KWD", "1234.567 KWD");
    assert_read("10000000000000", "EUR", "10000000000000.00 EUR");
}

static void currencies_are_those_of_iso_4217(void **state)
{
    (void)state;
    static const char *const unknown[] = { "",    "E",    "EU",  "eur", "XXX",
                                           "XAU", "EUR ", "ED ", "D A", "EURO" };
    size_t count = 0, by_digits[4] = { 0 };
    for (; currency_at(count).size > 0; count++) {
        assert_true(currency_known(currency_at(count)));
        by_digits[currency_digits(currency_at(count))]++;
        if (count > 0)
            assert_true(str_compare(currency_at(count - 1), currency_at(count)) < 0);
    }
    assert_int_equal(count, 152);
    assert_int_equal(by_digits[0], 16);
    assert_int_equal(by_digits[3], 7);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        assert_false(currency_known(str_from(unknown[i])));
}

static void amounts_that_say_nothing_or_two_things_are_refused(void **state)
{
    (void)state;
    static const char *const nothing[] = { "",       " ",         "EUR",    "five",  "-5",
                                           "+5",     "1e3",       "1..5",   "1,2,3", "1.",
                                           "5 5",    "12,34,567", "1.2.34", "5 USD", "0x10",
                                           "\u0665", "1,234 567" };
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        assert_read(nothing[i], "EUR", "Write an amount like 5.00.");
    assert_read("0.005", "EUR", "EUR has 2 digits behind the point, not more.");
    assert_read("0,234", "EUR", "EUR has 2 digits behind the point, not more.");
    assert_read("0.5", "JPY", "JPY has no smaller unit: write a whole number.");
    assert_read("1,234", "KWD",
                "This can be read in two ways. Write a point before the fraction, like 5.000, and "
                "nothing between thousands.");
    assert_read("10000000000000.01", "EUR", "That is too much: at most 10000000000000.00 EUR.");
    assert_read("99999999999999999999999999", "EUR",
                "That is too much: at most 10000000000000.00 EUR.");
}

static void what_is_shown_can_be_read(void **state)
{
    (void)state;
    static const int64_t values[] = { 0, 1, 9, 10, 99, 100, 999, 1000, 123456, MONEY_MINOR_MAX };
    struct str code, problem;
    for (size_t c = 0; (code = currency_at(c)).size > 0; c++)
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            struct money amount;
            struct str text = money_text(arena, (struct money){ values[i], code });
            assert_true(money_parse(arena, text, code, &amount, &problem));
            assert_int_equal(amount.minor, values[i]);
        }
    assert_true(str_equal(money_number(arena, (struct money){ -5, S("EUR") }), S("-0.05")));
    assert_true(str_equal(money_number(arena, (struct money){ INT64_MIN, S("JPY") }),
                          S("-9223372036854775808")));
}

/* Whatever is typed: what is taken is a whole number of minor units within bounds, and what it is
   shown as is read as the same. */
static void what_was_taken_is_what_is_shown(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0",    "1", "9", "12",     "123", "000",
                                          "1234", ".", ",", " ",      "'",   "\u00a0",
                                          "EUR",  "-", "e", "\u0660", "5" };
    static const char *const known[] = { "EUR", "JPY", "KWD" };
    struct chance dice = { 11 };
    int taken = 0;
    for (int i = 0; i < 300000; i++) {
        arena_reset(arena);
        struct buf typed = { .arena = arena };
        for (uint64_t n = chance_bits(&dice) % 9; n > 0; n--)
            buf_add(&typed, str_from(pieces[chance_bits(&dice) % 17]));
        struct str currency = str_from(known[i % 3]), problem = S("");
        struct money amount = { -1, S("") }, again;
        if (!money_parse(arena, buf_str(&typed), currency, &amount, &problem)) {
            assert_true(problem.size > 0 && amount.minor == -1);
            continue;
        }
        taken++;
        assert_true(amount.minor >= 0 && amount.minor <= MONEY_MINOR_MAX);
        assert_true(money_parse(arena, money_text(arena, amount), currency, &again, &problem));
        assert_int_equal(again.minor, amount.minor);
    }
    assert_true(taken > 10000 && taken < 200000);
}

static void reckoning_that_would_not_fit_is_refused(void **state)
{
    (void)state;
    struct money most = { INT64_MAX, S("EUR") }, one = { 1, S("EUR") }, yen = { 1, S("JPY") }, out;
    assert_false(money_add(most, one, &out));
    assert_false(money_subtract((struct money){ INT64_MIN, S("EUR") }, one, &out));
    assert_false(money_times(most, 2, &out));
    assert_false(money_share(most, 2, &out));
    assert_false(money_add(one, yen, &out));
    assert_false(money_subtract(one, yen, &out));
    assert_true(money_add(one, one, &out) && out.minor == 2);
    assert_true(money_times((struct money){ 5, S("EUR") }, 3, &out) && out.minor == 15);
    assert_true(money_share((struct money){ 100, S("EUR") }, 250, &out) && out.minor == 3);
    assert_true(money_share((struct money){ -100, S("EUR") }, 250, &out) && out.minor == -3);
    assert_true(money_share((struct money){ 199, S("EUR") }, 2000, &out) && out.minor == 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_as_people_write_them),
        cmocka_unit_test(currencies_are_those_of_iso_4217),
        cmocka_unit_test(amounts_that_say_nothing_or_two_things_are_refused),
        cmocka_unit_test(what_is_shown_can_be_read),
        cmocka_unit_test(what_was_taken_is_what_is_shown),
        cmocka_unit_test(reckoning_that_would_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
