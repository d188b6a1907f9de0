

#include "theme_inner.h"

#include "base/base_testing.h"

#define ID(n) ((struct theme_act_id){ n })
#define SUBJECT(n) ((struct subject_id){ n })
#define DECIDE(deeds, puts)                                                                        \
    theme_decide(arena, deeds, sizeof(deeds) / sizeof(deeds)[0], puts,                             \
                 sizeof(puts) / sizeof(puts)[0])

static void assert_pin(const struct theme_decisions *d, int64_t subject, int64_t theme)
{
    uint32_t pinned = theme_pinned(d, SUBJECT(subject));
    assert_int_equal(pinned == THEMES_NONE ? 0 : d->themes[pinned].id.value, theme);
}

static void nothing_decided_pins_nothing(void **state)
{
    (void)state;
    struct theme_decisions d = theme_decide(arena, NULL, 0, NULL, 0);
    assert_int_equal(d.theme_count, 0);
    assert_pin(&d, 7, 0);
}

static void the_last_name_and_the_last_place_count(void **state)
{
    (void)state;
    struct theme_deed deeds[] = { { ID(1), ID(1), ID(0), S("Cycling") },
                                  { ID(2), ID(2), ID(0), S("Trees") },
                                  { ID(3), ID(1), ID(0), S("Bicycles") },
                                  { ID(4), ID(2), ID(0), S("") } };
    struct theme_put puts[] = { { ID(1), SUBJECT(10) },
                                { ID(1), SUBJECT(11) },
                                { ID(2), SUBJECT(12) },
                                { ID(4), SUBJECT(10) } };
    struct theme_decisions d = DECIDE(deeds, puts);
    assert_int_equal(d.theme_count, 2);
    assert_string_equal(str_c(arena, d.themes[0].name), "Bicycles");
    assert_string_equal(str_c(arena, d.themes[1].name), "Trees");
    assert_int_equal(d.pin_count, 3);
    assert_pin(&d, 10, 2);
    assert_pin(&d, 11, 1);
    assert_pin(&d, 12, 2);
}

static void an_act_that_is_taken_back_leaves_what_was_before(void **state)
{
    (void)state;
    struct theme_deed deeds[] = { { ID(1), ID(1), ID(0), S("Cycling") },
                                  { ID(2), ID(2), ID(0), S("Trees") },
                                  { ID(3), ID(2), ID(0), S("") },
                                  { ID(4), ID(2), ID(3), S("") },
                                  { ID(5), ID(2), ID(2), S("") } };
    struct theme_put puts[] = { { ID(1), SUBJECT(10) },
                                { ID(2), SUBJECT(12) },
                                { ID(3), SUBJECT(10) } };
    struct theme_decisions d = DECIDE(deeds, puts);
    assert_true(deeds[1].is_undone && deeds[2].is_undone && !deeds[0].is_undone);
    assert_int_equal(d.theme_count, 1);
    assert_pin(&d, 10, 1);
    assert_pin(&d, 12, 0);
}

static void what_is_taken_back_must_stand_before(void **state)
{
    (void)state;
    struct theme_deed deeds[] = { { ID(1), ID(1), ID(2), S("") },
                                  { ID(2), ID(2), ID(0), S("Trees") },
                                  { ID(3), ID(3), ID(99), S("") } };
    struct theme_put puts[] = { { ID(2), SUBJECT(12) }, { ID(77), SUBJECT(13) } };
    struct theme_decisions d = DECIDE(deeds, puts);
    assert_pin(&d, 12, 2);
    assert_pin(&d, 13, 0);
}

static void finer_grains_have_a_higher_resolution(void **state)
{
    (void)state;
    for (int g = THEME_GRAIN_BROADEST; g < THEME_GRAIN_FINEST; g++)
        assert_true(theme_resolution((enum theme_grain)g) <
                    theme_resolution((enum theme_grain)(g + 1)));
    assert_true(theme_resolution(THEME_GRAIN_BROADEST) == 0.5);
    assert_true(theme_resolution(THEME_GRAIN_FINEST) == 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_decided_pins_nothing),
        cmocka_unit_test(the_last_name_and_the_last_place_count),
        cmocka_unit_test(an_act_that_is_taken_back_leaves_what_was_before),
        cmocka_unit_test(what_is_taken_back_must_stand_before),
        cmocka_unit_test(finer_grains_have_a_higher_resolution),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
