#include "commons/people/languages.h"

#include "base/base_testing.h"

static void names_and_codes_are_read_and_kept_in_one_order(void **state)
{
    (void)state;
    struct str list, problem;
    assert_true(languages_read(arena, S("german, EN;\nGerman, fr"), &list, &problem));
    assert_str(list, "de en fr");
    assert_str(languages_text(arena, list, S(", ")), "German, English, French");
    assert_true(languages_read(arena, S(" , "), &list, &problem));
    assert_int_equal(list.size, 0);
    assert_int_equal(languages_text(arena, list, S(", ")).size, 0);
}

static void a_language_that_is_not_known_is_named(void **state)
{
    (void)state;
    struct str list, problem;
    assert_false(languages_read(arena, S("English, Klingon"), &list, &problem));
    assert_true(str_starts(problem, S("“Klingon” is not a language we know.")));
}

static void at_most_twenty_are_kept(void **state)
{
    (void)state;
    struct str list, problem;
    assert_false(languages_read(arena,
                                S("ar,az,bg,bn,bs,ca,cs,cy,da,de,el,en,es,et,eu,fa,fi,fr,ga,gl,gu"),
                                &list, &problem));
    assert_str(problem, "At most 20 languages can be named.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_codes_are_read_and_kept_in_one_order),
        cmocka_unit_test(a_language_that_is_not_known_is_named),
        cmocka_unit_test(at_most_twenty_are_kept),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
