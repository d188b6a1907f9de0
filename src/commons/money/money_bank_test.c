/* Accounts, banks and the names and files they read. */
#include "money_inner.h"

#include "base/base_testing.h"

static void numbers_of_accounts_are_checked(void **state)
{
    (void)state;
    static const char *const right[] = { "DE89370400440532013000",
                                         "GB82WEST12345698765432",
                                         "NO9386011117947",
                                         "MT84MALT011000012345MTLCAST001S",
                                         "de89 3704 0044 0532 0130 00",
                                         "DE89-3704-0044-0532-0130-00",
                                         "DE89\u00a03704 0044 0532 0130 00" };
    static const char *const wrong[] = { "",
                                         "DE",
                                         "DE89370400440532013001",
                                         "DE8937040044053201300",
                                         "GB82WEST1234569876543Z",
                                         "ZZ89370400440532013000",
                                         "DE89370400440532O13000",
                                         "8937040044053201300012",
                                         "DE89370400440532013000DE89370400440532013000",
                                         "Ünïcödé" };
    struct str iban, problem;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        if (!iban_read(arena, str_from(right[i]), &iban, &problem))
            fail_msg("%s: %.*s", right[i], STR_ARG(problem));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (iban_read(arena, str_from(wrong[i]), &iban, &problem))
            fail_msg("%s was taken", wrong[i]);
    assert_true(str_equal(iban_masked(arena, S("DE89370400440532013000")), S("DE … 3000")));
}

static void every_single_mistyped_digit_is_noticed(void **state)
{
    (void)state;
    const struct str good = S("DE89370400440532013000");
    struct str iban, problem;
    for (size_t i = 2; i < good.size; i++)
        for (char digit = '0'; digit <= '9'; digit++) {
            char typed[32];
            memcpy(typed, good.data, good.size);
            typed[i] = digit;
            bool same = digit == good.data[i];
            assert_int_equal(iban_read(arena, (struct str){ typed, good.size }, &iban, &problem),
                             same);
        }
}

static void banks_have_eight_or_eleven_characters_or_are_not_named(void **state)
{
    (void)state;
    struct str bic;
    assert_true(bic_read(arena, S(""), &bic) && bic.size == 0);
    assert_true(bic_read(arena, S("cobadeff xxx"), &bic) && str_equal(bic, S("COBADEFFXXX")));
    assert_true(bic_read(arena, S("COBADEFF"), &bic));
    assert_false(bic_read(arena, S("COBADEF"), &bic));
    assert_false(bic_read(arena, S("C0BADEFF"), &bic));
    assert_false(bic_read(arena, S("COBADEFFXX"), &bic));
}

static void names_are_written_as_banks_carry_them(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "Änne Größer", "Anne Grosser" },
        { "Łukasz Żółć", "Lukasz Zolc" },
        { "Zoë <b>&amp;", "Zoe .b..amp." },
        { "O’Neill", "O'Neill" },
        { "Ærø Þór", "AEro THor" },
        { "ﬁne", "fine" },
        { "李", "." },
        { "  a  ", "a" },
        { "tab\there", "tab.here" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct str got = sepa_text(arena, str_from(pairs[i][0]), 70);
        if (!str_equal(got, str_from(pairs[i][1])))
            fail_msg("%s: \"%.*s\"", pairs[i][0], STR_ARG(got));
    }
    assert_int_equal(sepa_text(arena, S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), 12).size, 12);
}

static void what_stands_in_a_file_is_escaped(void **state)
{
    (void)state;
    struct sepa_line line = { .payee = { S("Ann"), S("NO93"), S("<&\">") },
                              .id = S("a<b"),
                              .minor = 5 };
    struct sepa_batch batch = { .id = S("b"),
                                .payer = { S("Us"), S("DE"), S("") },
                                .purpose = S("p"),
                                .currency = S("EUR"),
                                .lines = &line,
                                .count = 1 };
    struct str file = sepa_xml(arena, &batch);
    assert_true(str_find(file, S("<BICFI>&lt;&amp;&quot;&gt;</BICFI>")) != SIZE_MAX);
    assert_true(str_find(file, S("<EndToEndId>a&lt;b</EndToEndId>")) != SIZE_MAX);
    assert_true(str_find(file, S("<InstdAmt Ccy=\"EUR\">0.05</InstdAmt>")) != SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_accounts_are_checked),
        cmocka_unit_test(every_single_mistyped_digit_is_noticed),
        cmocka_unit_test(banks_have_eight_or_eleven_characters_or_are_not_named),
        cmocka_unit_test(names_are_written_as_banks_carry_them),
        cmocka_unit_test(what_stands_in_a_file_is_escaped),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
