#include "sift/words/words_testing.h"

#include "base/buf.h"
#include "sift/chance/chance.h"

#include <string.h>

/* All words with a space behind each. */
static const char *spoken(struct words words)
{
    struct buf b = { .arena = arena };
    for (size_t i = 0; i < words.count; i++) {
        buf_add(&b, words.items[i].word);
        buf_char(&b, ' ');
    }
    return str_c(arena, buf_str(&b));
}

static void says(const char *text, const char *language, const char *wanted)
{
    assert_string_equal(spoken(split(text, language)), wanted);
}

static void stems_to(const char *word, const char *language, const char *stem)
{
    struct words words = split(word, language);
    assert_int_equal(words.count, 1);
    assert_string_equal(str_c(arena, words.items[0].stem), stem);
}

static void words_are_folded_and_parted(void **state)
{
    says("More TREES, please: in the Old-Town!", "en", "more trees please in the old town ");
    says("Die Straße; über ALLES", "de", "die strasse über alles ");
    says("u\xCC\x88"
         "ber \xEF\xAC\x81nden \xC2\xAD x",
         "de", "über finden x "); /* combining marks, a ligature, a soft hyphen */
    says("Больше ДЕРЕВЬЕВ", "ru", "больше деревьев ");
    says("ISPARTA İstanbul Dİ", "tr", "ısparta istanbul di ");
    says("מִשְׂחָק الأشـجارِ", "he", "משחק الأشجار "); /* points and strokes that most leave out */
    says("בֵּית־סֵפֶר", "he", "בית ספר ");            /* a hyphen among the points */
    says("QIZIL", "az", "qızıl ");
    says("", "en", "");
    says("… !? \n", "en", "");
    says("नमस्ते दुनिया", "hi", "नमस्ते दुनिया "); /* marks stay in their words */
    assert_int_equal(words_split(tools, arena, (struct str){ 0 }, NULL).count, 0);
    assert_string_equal(split("a", NULL).language, "und");
}

static void apostrophes_join_or_part_as_the_language_has_it(void **state)
{
    says("The city's park isn’t 'nice' don\xCA\xBCt", "en", "the city park isn't nice don't ");
    says("l'idée d’aujourd'hui n'est", "fr", "l idée d aujourd hui n est ");
    says("dell'acqua", "it", "dell acqua ");
    says("rock 'n' roll'", "de", "rock n roll ");
    says("'s", "en", "s ");
}

static void words_without_spaces_become_characters_and_pairs(void **state)
{
    says("学校附近", "zh", "学 学校 校 校附 附 附近 近 ");
    says("ｶﾀｶﾅー。木", "ja", "カ カタ タ タカ カ カナ ナ ナー ー 木 "); /* narrow forms widen */
    says("ㄅㄆ", "zh", "ㄅ ㄅㄆ ㄆ ");
    says("人々", "ja", "人 人々 々 ");
    assert_false(split("人々", "ja").items[2].function_word); /* the one before, again */
    struct words words = split("木をcar", "ja");
    assert_int_equal(words.items[0].kind, WORDS_CHARACTER);
    assert_int_equal(words.items[1].kind, WORDS_PAIR);
    assert_true(words.items[2].function_word); /* wo, a particle */
    assert_false(words.items[0].function_word);
    assert_int_equal(words.items[3].kind, WORDS_WORD);
    says("สร้างทางจักรยาน a ทาง", "th", "สร้าง ทาง จักรยาน a ทาง ");
    says("자전거 도로", "ko", "자전거 도로 ");
}

static void stems_are_those_of_the_language(void **state)
{
    stems_to("cities", "en", "citi");
    stems_to("Häuser", "de", "haus");
    stems_to("деревьев", "ru", "дерев");
    stems_to("الأشجار", "ar", "اشجار");
    stems_to("cities", "und", "cities");
    stems_to("cities", "xx", "cities");
    stems_to("cities", "a-language-of-many-letters", "cities");
}

static void languages_beyond_those_there_is_room_for_have_no_stemmer(void **state)
{
    struct words_tools *few = words_tools_open();
    for (int i = 0; i < 300; i++) {
        const char *name = str_c(arena, str_printf(arena, "q%d", i));
        assert_int_equal(words_split(few, arena, S("two cities"), name).count, 2);
    }
    assert_string_equal(spoken(words_split(few, arena, S("cities"), "en")), "cities ");
    assert_true(str_equal(words_split(few, arena, S("cities"), "en").items[0].stem, S("cities")));
    words_tools_close(few);
    words_tools_close(NULL); /* as free() does */
}

static void number_is(const char *text, const char *language, double value)
{
    struct words words = split(text, language);
    assert_int_equal(words.count, 1);
    assert_true(words.items[0].has_number);
    near(words.items[0].number, value);
}

static void numbers_are_read_as_the_language_writes_them(void **state)
{
    number_is("3", "en", 3);
    number_is("٣", "ar", 3);
    number_is("３", "ja", 3);
    number_is("1,000", "en", 1000);
    number_is("1.000", "en", 1);
    number_is("1.000", "de", 1000);
    number_is("1,000", "de", 1);
    number_is("2.5", "de", 2.5);
    number_is("1,000.5", "en", 1000.5);
    number_is("1.000,5", "en", 1000.5);
    number_is("1,000,50.5.5", "en", 10005055);
    number_is("1.000.000", "en", 1e6);
    number_is("1,000,000", "en", 1e6);
    number_is("1,000,000", "de", 1e6);
    number_is("1.00", "en", 1);
    number_is("1,00", "de", 1);
    number_is("1.2,3,4", "en", 1234);
    number_is("1.000.000,25", "de", 1e6 + .25);
    number_is("1,000,000.125", "en", 1e6 + .125);
    number_is("three", "en", 3);
    number_is("drei", "de", 3);
    number_is("三", "zh", 3);
    says("20.", "en", "20 ");
    says("30km co2 50% 5€ 7‰", "en", "30 km co2 50 % 5 € 7 ‰ ");
    assert_int_equal(split("€", "en").items[0].kind, WORDS_SIGN);
    assert_int_equal(split("9", "en").items[0].kind, WORDS_NUMBER);
    assert_false(split("one", "en").items[0].has_number);
    char digits[200];
    memset(digits, '9', sizeof digits);
    struct words words = words_split(tools, arena, (struct str){ digits, sizeof digits }, "en");
    assert_true(words.items[0].number > 1e60);
}

static bool negated(const char *text, const char *language)
{
    struct words words = split(text, language);
    bool found = false;
    for (size_t i = 0; i < words.count; i++) {
        assert_false(words.items[i].negation && words.items[i].function_word);
        found |= words.items[i].negation;
    }
    return found;
}

static void negations_are_told_and_are_no_function_words(void **state)
{
    static const char *const pairs[][3] = {
        { "en", "Cars may enter", "Cars mustn't enter" },
        { "en", "with parking", "without parking" },
        { "de", "eine Straße", "keine Straße" },
        { "fr", "je veux", "n'en parlons plus" },
        { "es", "más coches", "nunca más coches" },
        { "it", "la strada", "senza strada" },
        { "nl", "wel een weg", "geen weg" },
        { "pt", "em casa", "não em casa" },
        { "sv", "en väg", "ingen väg" },
        { "pl", "jest droga", "nie ma drogi" },
        { "da", "en vej", "ikke en vej" },
        { "ru", "дорога", "без дороги" },
        { "zh", "要停车", "不要停车" },
        { "ja", "食べる", "食べない" },
        { "ar", "طريق", "بدون طريق" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_false(negated(pairs[i][1], pairs[i][0]));
        assert_true(negated(pairs[i][2], pairs[i][0]));
    }
    assert_true(split("the", "en").items[0].function_word);
    assert_false(split("tree", "en").items[0].function_word);
    assert_false(split("the", "de").items[0].function_word);
}

static void language_is_guessed_with_the_likely_one_as_a_hint(void **state)
{
    static const char *const known[][2] = {
        { "en", "We would like more benches in the park near the school" },
        { "de", "Wir wünschen uns mehr Bänke im Park bei der Schule" },
        { "fr", "Nous voudrions plus de bancs dans le parc près de l'école" },
        { "es", "Queremos más bancos en el parque cerca de la escuela" },
        { "ru", "Мы хотим больше скамеек в парке рядом со школой" },
        { "zh", "我们希望学校附近的公园里有更多的长椅" },
        { "zh", "我們希望學校附近的公園裡有更多的長椅" },
        { "ja", "学校の近くの公園にもっとベンチがほしいです" },
        { "ar", "نريد المزيد من المقاعد في الحديقة بالقرب من المدرسة" },
        { "he", "אנחנו רוצים עוד ספסלים בפארק ליד בית הספר" },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct str text = str_from(known[i][1]);
        assert_string_equal(words_language(text, NULL), known[i][0]);
        assert_string_equal(words_language(text, "und"), known[i][0]);
        assert_string_equal(words_language(text, known[i][0]), known[i][0]);
        assert_string_equal(words_language(text, "en"), known[i][0]);
    }
    assert_string_equal(words_language(S("Taxi"), "de"), "de");
    assert_string_equal(words_language(S("Taxi"), "fr"), "fr");
    assert_string_equal(words_language(S("123"), "fr"), "fr"); /* in no letters at all */
    assert_string_equal(words_language(S("123"), NULL), "und");
    assert_string_equal(words_language((struct str){ 0 }, "sv"), "sv");
    /* too short to be sure, but not in letters that are used for the likely language */
    assert_string_not_equal(words_language(S("парк"), "de"), "de");
    assert_string_not_equal(words_language(S("ნახვა"), "de"), "de");
    assert_string_not_equal(words_language(S("парк"), "no-such-language"), "no-such-language");
    /* Han alone is what the likely language says; with kana it is Japanese. */
    assert_string_equal(words_language(S("学校"), "zh"), "zh");
    assert_string_equal(words_language(S("学校"), "ja"), "ja");
    assert_string_equal(words_language(S("学校に木を植える"), "zh"), "ja");
    /* Of a long text the letters of its beginning decide. */
    struct buf text = { .arena = arena };
    for (int i = 0; i < 1000; i++)
        buf_add(&text, S("学校 "));
    buf_add(&text, S("に木を植える"));
    assert_string_equal(words_language(buf_str(&text), "zh"), "zh");
}

struct seen {
    struct buf text;
    size_t count;
};

/* Names with "|" behind each. */
static void names_are(const char *text, const char *language, const char *wanted)
{
    struct words words = split(text, language);
    struct buf b = { .arena = arena };
    for (size_t i = 0; i < words.count; i++)
        if (words.items[i].name.size > 0)
            buf_printf(&b, "%.*s|", STR_ARG(words.items[i].name));
    assert_string_equal(str_c(arena, buf_str(&b)), wanted);
}

static void capitals_within_sentences_are_remembered(void **state)
{
    names_are("Benches in Rose Park. More of them: In all, \"Our\" Town; New\nThings", "en",
              "Rose|Park|Town|");
    names_are("The U.S. Army and Dr. Doe, J. R. Smith", "en", "U|S|Army|Dr|Doe|J|R|Smith|");
    names_are("Near the McDonald's of O'Brien, iPhone 3D X2", "en", "McDonald's|O'Brien|X2|");
    names_are("la place de l'Église, Île", "fr", "Église|Île|");
    names_are("улица Пушкина? Да", "ru", "Пушкина|");
    names_are("the ǅungla Zebra\u2019s \u201CFirst\u201D", "en", "ǅungla|Zebra\u2019s|");
    names_are("在 Rose Park 种树。More", "zh", "Rose|Park|");
    names_are("ALL OF THIS IS LOUD, not That", "en", "");
    names_are("a \x01Rose in \x01the \x01Park\x01", "en", "Rose|Park|");
    names_are("no capitals \x01here", "en", "");
    names_are("so 'Quoted' and Ends'", "en", "Quoted|Ends|");
    names_are("'Quoted' first", "en", "");
    names_are("3 Trees for € Rose", "en", "Trees|Rose|");
    names_are("of A B C D E F G H I J K L M N O P Q R so that there are small letters too", "en",
              "A|B|C|D|E|F|G|H|I|J|K|L|M|N|O|P|Q|R|");
}

static void capitals_change_no_word(void **state)
{
    says("Bänke im \xC3\x84u\xC3\x9F"
         "eren Park der \xEF\xBC\xA1lten Stadt",
         "de", "bänke im äusseren park der alten stadt ");
    says("a Big \x01 CITY'S Rose", "en", "a big city rose ");
    says("bir ISPARTA ve İstanbul", "tr", "bir ısparta ve istanbul ");
}

static void copied_words_stand_by_themselves(void **state)
{
    struct arena *other = arena_make();
    static const char *const texts[] = { "", "no names", "Trees in Rose Park and Oak-Park",
                                         "Bäume in der Rosa-Luxemburg-Straße, ÄPFEL" };
    for (size_t i = 0; i < 4; i++) {
        struct words words = words_split(tools, other, str_from(texts[i]), "de");
        struct words copy = words_copy(arena, &words), again = words_copy(arena, &copy);
        const char *wanted = spoken(words);
        arena_reset(other);
        memset(arena_take_bytes(other, 4096), 'x', 4096);
        assert_string_equal(spoken(copy), wanted);
        assert_string_equal(spoken(again), wanted);
        for (size_t k = 0; k + 1 < copy.count; k++) {
            ptrdiff_t apart = copy.items[k + 1].name.data - copy.items[k].name.data;
            if (copy.items[k].name.size > 0 && copy.items[k + 1].name.size > 0)
                assert_true(again.items[k + 1].name.data - again.items[k].name.data == apart);
            assert_true(str_equal(copy.items[k].stem, again.items[k].stem));
        }
    }
    arena_free(other);
}

static void note(struct str gram, void *context)
{
    struct seen *seen = context;
    buf_add(&seen->text, gram);
    buf_char(&seen->text, ' ');
    seen->count++;
}

static const char *grams(const char *text, const char *language)
{
    struct seen seen = { .text.arena = arena };
    struct words words = split(text, language);
    for (size_t i = 0; i < words.count; i++)
        words_grams(&words.items[i], note, &seen);
    return str_c(arena, buf_str(&seen.text));
}

static void grams_are_three_to_five_characters_of_a_word(void **state)
{
    assert_string_equal(grams("tree", "en"), "<tr tre ree ee> <tre tree ree> <tree tree> ");
    assert_string_equal(grams("a", "en"), "<a> ");
    assert_string_equal(grams("öl", "de"), "<öl öl> <öl> ");
    assert_string_equal(grams("도로", "ko"), "도 로 도로 ");
    assert_string_equal(grams("5 % 学校", "zh"), "");
    struct words_token empty = { .kind = WORDS_WORD };
    struct seen seen = { .text.arena = arena };
    words_grams(&empty, note, &seen);
    assert_int_equal(seen.count, 0);
}

static void long_words_have_only_the_grams_of_their_beginning(void **state)
{
    char text[4000];
    for (size_t i = 0; i < sizeof text; i += 4)
        memcpy(text + i, "\xF0\x90\x90\xA8", 4); /* Deseret, four bytes each */
    struct seen seen = { .text.arena = arena };
    struct words words = words_split(tools, arena, (struct str){ text, sizeof text }, "en");
    assert_int_equal(words.count, 1);
    words_grams(&words.items[0], note, &seen);
    assert_in_range(seen.count, 180, 200);
    memcpy(text, "\xED\x95\x9C\xEA\xB8\x80", 6);
    memcpy(text + 6, "ab", 2);
    seen.count = 0;
    words = words_split(tools, arena, (struct str){ text, sizeof text }, "en");
    words_grams(&words.items[0], note, &seen);
    assert_in_range(seen.count, 100, 140);
}

/* Whatever the bytes, every word is UTF-8 and all that makes it stands in the text's reach. */
static void any_bytes_give_whole_words(void **state)
{
    struct chance dice = { 5 };
    static const char *const languages[] = { "en", "de", "fr", "zh", "th", "tr", "und" };
    static const char *const parts[] = { "a",  "Z", "9",  ".",    ",",    "'",           "学",
                                         "ー", "ท", "ี",   "\xFF", "\xC3", "é",           "́",
                                         " ",  "%", "한", "٣",    "ﷺ",    "\xE2\x80\x99" };
    for (int round = 0; round < 3000; round++) {
        struct buf b = { .arena = arena };
        for (uint64_t length = chance_bits(&dice) % 40; length > 0; length--)
            if (round % 2 == 0)
                buf_add(&b, str_from(parts[chance_bits(&dice) % (sizeof parts / sizeof parts[0])]));
            else
                buf_char(&b, (char)(chance_bits(&dice) % 2 == 0 ? 0x80 + chance_bits(&dice) % 128
                                                                : chance_bits(&dice) % 128));
        const char *language = languages[chance_bits(&dice) % 7];
        struct words words = words_split(tools, arena, buf_str(&b), language);
        for (size_t i = 0; i < words.count; i++) {
            assert_true(words.items[i].word.size > 0);
            assert_true(utf8_valid(words.items[i].name));
            assert_true(utf8_valid(words.items[i].word));
            struct seen seen = { .text.arena = arena };
            words_grams(&words.items[i], note, &seen);
            assert_true(utf8_valid(buf_str(&seen.text)));
        }
        assert_non_null(words_language(buf_str(&b), "en"));
        arena_reset(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_folded_and_parted),
        cmocka_unit_test(apostrophes_join_or_part_as_the_language_has_it),
        cmocka_unit_test(words_without_spaces_become_characters_and_pairs),
        cmocka_unit_test(stems_are_those_of_the_language),
        cmocka_unit_test(languages_beyond_those_there_is_room_for_have_no_stemmer),
        cmocka_unit_test(numbers_are_read_as_the_language_writes_them),
        cmocka_unit_test(negations_are_told_and_are_no_function_words),
        cmocka_unit_test(language_is_guessed_with_the_likely_one_as_a_hint),
        cmocka_unit_test(capitals_within_sentences_are_remembered),
        cmocka_unit_test(capitals_change_no_word),
        cmocka_unit_test(copied_words_stand_by_themselves),
        cmocka_unit_test(grams_are_three_to_five_characters_of_a_word),
        cmocka_unit_test(long_words_have_only_the_grams_of_their_beginning),
        cmocka_unit_test(any_bytes_give_whole_words),
    };
    return cmocka_run_group_tests(tests, open_tools, close_tools);
}
