/* What speaks against merging two texts. */
#include "sift/similar/similar.h"
#include "sift/words/words_testing.h"

static void differ(const char *language, const char *a, const char *b,
                   enum similar_difference difference, const char *in_a, const char *in_b)
{
    struct words x = split(a, language), y = split(b, language);
    struct similar_block found = similar_blocks(&x, &y), turned = similar_blocks(&y, &x);
    if (found.difference != difference || turned.difference != difference)
        fail_msg("%s / %s: %s", a, b, similar_difference_name(found.difference));
    assert_string_equal(str_c(arena, found.in_a), in_a);
    assert_string_equal(str_c(arena, found.in_b), in_b);
    struct similar_block own = similar_blocks(&x, &x);
    assert_int_equal(own.difference, SIMILAR_NO_DIFFERENCE);
}

/* Two texts and the first difference between them; none where only the texts are given. */
struct pair {
    const char *language, *a, *b;
    enum similar_difference difference;
    const char *in_a, *in_b;
};

static void differ_all(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct pair *p = &pairs[i];
        bool differs = p->difference != SIMILAR_NO_DIFFERENCE;
        differ(p->language, p->a, p->b, p->difference, differs ? p->in_a : "",
               differs ? p->in_b : "");
    }
}

static void numbers_that_differ_block(void **state)
{
    static const struct pair pairs[] = {
        { "en", "Build 3 lanes", "Build 4 lanes", SIMILAR_NUMBERS, "3", "4" },
        { "en", "Build 3 lanes", "Build three lanes" },
        { "en", "Build two lanes", "Build three lanes", SIMILAR_NUMBERS, "two", "three" },
        { "en", "Build lanes", "Build 3 lanes", SIMILAR_NUMBERS, "", "3" },
        { "en", "1,000 trees", "1000 trees" },
        { "de", "1.000 Bäume", "1000 Bäume" },
        { "de", "zwei Bänke", "drei Bänke", SIMILAR_NUMBERS, "zwei", "drei" },
        { "fr", "deux bancs", "2 bancs" },
        { "zh", "种三棵树", "种两棵树", SIMILAR_NUMBERS, "三", "两" },
        { "en", "Line u3 north", "Line u5 north", SIMILAR_NUMBERS, "u3", "u5" },
        { "en", "Line u3 north", "Line u3 and u5 north", SIMILAR_NUMBERS, "u3", "u5" },
        { "en", "covid19 tests", "covid-19 tests" },
        { "en", "size a4 paper", "size 3 paper", SIMILAR_NUMBERS, "", "3" },
        { "en", "line u3 north", "line s5 north" },
        { "en", "less co2 in town", "less emissions in town" },
    };
    differ_all(pairs, sizeof pairs / sizeof pairs[0]);
}

static void units_that_differ_block(void **state)
{
    static const struct pair pairs[] = {
        { "en", "every 5 minutes", "every 5 hours", SIMILAR_UNITS, "minutes", "hours" },
        { "en", "every 5 min", "every five minutes" },
        { "en", "tickets for $5", "tickets for 5 €", SIMILAR_UNITS, "$", "€" },
        { "en", "tickets for $5", "tickets for 5 dollars" },
        { "en", "save 20%", "save 20 trees", SIMILAR_UNITS, "%", "20" },
        { "de", "20 % mehr", "20 Prozent mehr" },
        { "en", "5 seats, 5 km", "5 km, 5 seats" },
        { "en", "5 internationalisations-of-everything", "5 x" },
        { "en", "5 pneumonoultramicroscopicsilicovolcanoconioses", "5 x" },
        { "en", "₿5 and 7", "5 and 7 and 7" },
        { "en", "4 mm", "a4" },
    };
    differ_all(pairs, sizeof pairs / sizeof pairs[0]);
}

static void negation_in_one_only_blocks(void **state)
{
    static const struct pair pairs[] = {
        { "en", "Cars may park here", "Cars may not park here", SIMILAR_NEGATION, "", "not" },
        { "en", "Don't close it", "Never close it" },
        { "de", "mit Autos", "ohne Autos", SIMILAR_NEGATION, "", "ohne" },
        { "fr", "on ferme", "on ne ferme pas", SIMILAR_NEGATION, "", "ne" },
        { "ja", "車を入れる", "車を入れない", SIMILAR_NEGATION, "", "ない" },
    };
    differ_all(pairs, sizeof pairs / sizeof pairs[0]);
    assert_string_equal(similar_difference_name(SIMILAR_NEGATION), "negation");
    assert_string_equal(similar_difference_name(SIMILAR_NO_DIFFERENCE), "");
}

static void names_that_differ_block(void **state)
{
    static const struct pair pairs[] = {
        { "en", "Benches in Rose Park", "Benches in Oak Park", SIMILAR_NAMES, "Rose Park",
          "Oak Park" },
        { "en", "Put benches into Rose Park", "We want seats for Oak Park", SIMILAR_NAMES,
          "Rose Park", "Oak Park" },
        { "en", "Trees by St. Mary church", "Trees by St. John church", SIMILAR_NAMES, "Mary",
          "John" },
        { "en", "Trees in Rose Park", "Trees in Rose Garden", SIMILAR_NAMES, "Rose Park",
          "Rose Garden" },
        { "en", "Plant trees in Rose/Park", "Plant trees in Oak/Park", SIMILAR_NAMES, "Rose",
          "Oak" },
        { "en", "Trees for Two parks near Rose", "Trees for 2 parks near Lily", SIMILAR_NAMES,
          "Rose", "Lily" },
        { "en", "\u3164 Rose Park needs trees", "\u3164 Oak Park needs trees", SIMILAR_NAMES,
          "Rose Park", "Oak Park" }, /* an invisible letter stands before */
        { "en", "More buses on Monday", "More buses on Tuesday", SIMILAR_NAMES, "Monday",
          "Tuesday" },
        { "fr", "Des bancs au parc Monceau", "Des bancs au parc Montsouris", SIMILAR_NAMES,
          "Monceau", "Montsouris" },
        { "fr", "Une fontaine place de l'Église", "Une fontaine place de l'Hôtel", SIMILAR_NAMES,
          "Église", "Hôtel" },
        { "ru", "Больше деревьев на улице Пушкина", "Больше деревьев на улице Гоголя",
          SIMILAR_NAMES, "Пушкина", "Гоголя" },
    };
    differ_all(pairs, sizeof pairs / sizeof pairs[0]);
}

static void names_of_one_thing_do_not_block(void **state)
{
    static const char *const same[][2] = {
        { "Benches in Rose Park", "Benches in rose park" },
        { "Benches in Rose Park", "Rose Park needs benches" },
        { "Benches in Rose Park", "Benches in the park" }, /* less is said, nothing else */
        { "A library as in the United States", "A library as in the US" },
        { "A library as in the USA", "A library as in the United States of America" },
        { "A library as in the United States today", "A library as in the US" },
        { "Food from Iraq", "Some Iraqi food" },
        { "Open until 1 Jan please", "Open until 1 January please" },
        { "Lamps on Cherry Street", "Lamps on Cherry Sreet" },
        { "A lamp by Philips here", "A lamp by Phillips here" },
        { "Lamps at Heinrich House", "Lamps at Heinrech House" },
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        differ("en", same[i][0], same[i][1], SIMILAR_NO_DIFFERENCE, "", "");
    differ("en", "Food from Iraq", "Food from Iran", SIMILAR_NAMES, "Iraq", "Iran");
}

static void capitals_that_say_nothing_do_not_block(void **state)
{
    static const char *const same[][2] = {
        { "MORE BENCHES IN THE PARK", "MORE SEATS IN THE PARK" },
        { "More Benches In Rose Park", "More Seats In Rose Park" },
        { "More Benches in Rose Park", "More Seats in Rose Park" },
        { "More benches in Rose Park", "More Seats in Rose Hall" },
        { "More Benches In 3 Parks", "More Seats In 3 Parks" },
        { "We need benches. Please do it", "We need benches. Kindly do it" },
        { "I think I like trees", "As I said, I like trees" },
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        differ("en", same[i][0], same[i][1], SIMILAR_NO_DIFFERENCE, "", "");
    differ("en", "A text with Two numbers", "A text with Both numbers", SIMILAR_NUMBERS, "two", "");
}

static void german_nouns_are_no_names_by_themselves(void **state)
{
    static const struct pair pairs[] = {
        { "de", "Bänke im Stadtpark", "Sitze im Stadtpark" },
        { "de", "Fahrradweg am Fluss", "Radweg am Fluss" },
        { "de", "Bänke im Rosenpark", "Bänke im Stadtpark", SIMILAR_NAMES, "Rosenpark",
          "Stadtpark" },
        { "de", "Bänke im Rosenpark", "Sitze im Stadtpark" },
        { "de", "Bänke am Alten Markt", "Bänke am Neuen Hafen", SIMILAR_NAMES, "Alten Markt",
          "Neuen Hafen" },
        { "de", "Ein Baum in der Rosa-Luxemburg-Straße", "Ein Baum in der Anna-Seghers-Straße",
          SIMILAR_NAMES, "Rosa-Luxemburg-Straße", "Anna-Seghers-Straße" },
        { "de", "Bänke am Alten Markt", "Große bequeme Sitze am Neuen Hafen" },
        { "de", "Bänke am Alten Markt", "Bänke am Markt" },
        { "de", "Bänke am Alten Markt", "Sitze am Markt" },
        { "de", "Bänke am Spielplatz", "Bänke am Platz" },
        { "de", "Bänke am BusBahnhof", "Bänke am Bahnhof" },
        { "de", "\u3164 Rose braucht Wasser", "\u3164 Tulpe braucht Wasser" },
        { "und", "Bancos no Porto", "Bancos no Faro" },
        { "lb", "Bänken am Rousepark", "Bänken am Stadpark", SIMILAR_NAMES, "Rousepark",
          "Stadpark" },
    };
    differ_all(pairs, sizeof pairs / sizeof pairs[0]);
    struct words english = split("Benches in Rose Park", "en");
    struct words german = split("Benches in Oak Hall", "de");
    assert_int_equal(similar_blocks(&english, &german).difference, SIMILAR_NAMES);
    assert_int_equal(similar_blocks(&german, &english).difference, SIMILAR_NAMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_that_differ_block),
        cmocka_unit_test(units_that_differ_block),
        cmocka_unit_test(negation_in_one_only_blocks),
        cmocka_unit_test(names_that_differ_block),
        cmocka_unit_test(names_of_one_thing_do_not_block),
        cmocka_unit_test(capitals_that_say_nothing_do_not_block),
        cmocka_unit_test(german_nouns_are_no_names_by_themselves),
    };
    return cmocka_run_group_tests(tests, open_tools, close_tools);
}
