#include <string.h>

#include "likeness_inner.h"

#include "base/base_testing.h"

static void a_title_that_says_little_is_compared_with_its_summary(void **state)
{
    (void)state;
    assert_str(likeness_text(arena, S("More benches"), S("")), "More benches");
    assert_str(likeness_text(arena, S("More benches"), S("By the pond")),
               "More benches. By the pond");
    assert_str(likeness_text(arena, S("Why not benches?"), S("By it")), "Why not benches? By it");
    assert_str(likeness_text(arena, S("Benches that face the water"), S("For old people")),
               "Benches that face the water");
}

static void a_difference_is_said_from_the_view_of_who_types(void **state)
{
    (void)state;
    struct similar_block none = { 0 };
    assert_str(likeness_difference(arena, none), "");
    struct similar_block numbers = { SIMILAR_NUMBERS, S("3"), S("4") };
    assert_str(likeness_difference(arena, numbers),
               "The numbers differ: 3 in yours, 4 in this one.");
    struct similar_block only_there = { SIMILAR_NEGATION, S(""), S("without") };
    assert_str(likeness_difference(arena, only_there), "This one says “without”, yours does not.");
    struct similar_block only_here = { SIMILAR_NUMBERS, S("30"), S("") };
    assert_str(likeness_difference(arena, only_here), "Yours says “30”, this one does not.");
    struct similar_block units = { SIMILAR_UNITS, S("minutes"), S("hours") };
    assert_str(likeness_difference(arena, units),
               "The units differ: minutes in yours, hours in this one.");
    struct similar_block names = { SIMILAR_NAMES, S("Rose Park"), S("Oak Park") };
    assert_str(likeness_difference(arena, names),
               "The names differ: Rose Park in yours, Oak Park in this one.");
}

static void a_campaign_is_in_the_language_of_its_question(void **state)
{
    (void)state;
    assert_str(likeness_language(arena, S("Was braucht unsere Stadt für die Kinder und Familien?"),
                                 S("Schreibt uns, was fehlt und was besser werden soll.")),
               "de");
    assert_str(likeness_language(arena, S("What should our town do for its children?"),
                                 S("Tell us what is missing and what should become better.")),
               "en");
    assert_str(likeness_language(arena, S(""), S("")), "");
}

static void without_an_encoder_only_the_language_is_kept(void **state)
{
    (void)state;
    struct likeness *likeness = likeness_open(NULL, 1 << 20);
    struct likeness_made made = likeness_make(
        likeness, arena, S("More benches that face the water, for old people to rest"), S("en"));
    assert_string_equal(made.language, "en");
    assert_int_equal(made.sentence.size, 0);
    assert_int_equal(made.method, 0);
    likeness_close(likeness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_that_says_little_is_compared_with_its_summary),
        cmocka_unit_test(a_difference_is_said_from_the_view_of_who_types),
        cmocka_unit_test(a_campaign_is_in_the_language_of_its_question),
        cmocka_unit_test(without_an_encoder_only_the_language_is_kept),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
