/* How a theme is told: its words, its quotations, its picture. */
#include "sift/themes/themes_testing.h"

static void labels_are_words_of_the_topic(void **state)
{
    (void)state;
    const struct sample *s = make_sample(TEXTS_MAX, TOPICS, 6);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .resolution = 0.5 });
    themes_describe(arena, texts, &graph, &t);
    for (uint32_t i = 0; i < t.count; i++) {
        const struct theme *theme = &t.items[i];
        uint32_t topic = s->topic[theme->quotes[0]];
        assert_true(theme->term_count > 0 && theme->quote_count == THEMES_QUOTES_MAX);
        assert_int_equal(t.of[theme->quotes[1]], i);
        bool is_its_own = false;
        for (int w = 0; w < TOPIC_WORDS; w++)
            is_its_own |=
                str_find(theme->terms[0].words, str_from(topic_words[topic][w])) != SIZE_MAX;
        assert_true(is_its_own);
    }
}

static void a_pair_of_words_takes_the_place_of_its_words(void **state)
{
    (void)state;
    struct sample *s = make_sample(60, TOPICS, 7);
    struct words_tools *tools = words_tools_open();
    static const char *const places[] = { "airport", "hospital", "museum", "station", "school",
                                          "theatre", "stadium",  "market", "factory", "barn",
                                          "church",  "depot",    "hotel",  "garage",  "kiosk" };
    for (int i = 0; i < 30; i++)
        add_text(s, tools,
                 str_c(arena, str_printf(arena, "solar panels on the %s roof %s", places[i % 15],
                                         places[(i * 7 + 1) % 15])),
                 9);
    words_tools_close(tools);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    uint32_t pin[TEXTS_MAX];
    for (uint32_t i = 0; i < s->count; i++)
        pin[i] = i < 60 ? THEMES_NONE : 1;
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .pin = pin });
    themes_describe(arena, texts, &graph, &t);
    const struct theme *theme = &t.items[t.of[60]];
    assert_true(str_equal(theme->terms[0].words, S("solar panels")));
    for (uint32_t i = 1; i < theme->term_count; i++) {
        assert_false(str_equal(theme->terms[i].words, S("solar")));
        assert_false(str_equal(theme->terms[i].words, S("panels")));
    }
}

static void both_words_give_way_to_their_pair(void **state)
{
    (void)state;
    /* Both words are rarer elsewhere than their pair is, so they are looked at before it. */
    struct sample *s = arena_new(arena, struct sample, 1);
    struct words_tools *tools = words_tools_open();
    static const char *const texts_of[] = { "night buses", "Night buses", "Nights buses",
                                            "buses night" };
    for (int i = 0; i < 40; i++)
        add_text(s, tools, i < 20 ? texts_of[i * i % 4] : "roses in the park", 0);
    for (int i = 0; i < 8; i++)
        add_text(s, tools, "buses by night", 0);
    words_tools_close(tools);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    uint32_t pin[TEXTS_MAX];
    for (uint32_t i = 0; i < s->count; i++)
        pin[i] = i >= 20 && i < 40;
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .pin = pin });
    themes_describe(arena, texts, &graph, &t);
    const struct theme *theme = &t.items[t.of[0]];
    assert_int_equal(theme->size, 28);
    assert_true(str_equal(theme->terms[0].words, S("night buses")));
    assert_int_equal(theme->term_count, 1);
}

static void themes_without_spaces_have_labels_too(void **state)
{
    (void)state;
    struct sample *s = arena_new(arena, struct sample, 1);
    struct words_tools *tools = words_tools_open();
    static const char *const parts[] = { "很好", "太少", "北区", "要修", "孩子", "周末", "早上" };
    for (int i = 0; i < 42; i++) {
        const char *text =
            str_c(arena, str_printf(arena, "%s %s %s", parts[i % 7],
                                    i % 2 ? "自行车道安全" : "图书馆借书", parts[i / 6]));
        add_text_in(s, tools, "zh", text, (uint32_t)i % 2);
    }
    words_tools_close(tools);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .resolution = 0.5 });
    themes_describe(arena, texts, &graph, &t);
    assert_true(t.count >= 2);
    const struct theme *theme = &t.items[t.of[1]];
    assert_true(str_find(S("自行车道安全"), theme->terms[0].words) != SIZE_MAX);
    assert_true(theme->terms[0].words.size > strlen("自行")); /* overlapping pairs are joined */
}

struct text_in {
    const char *language, *text;
};

/* What a theme that a person made of these texts, each three times, is about. */
static struct theme theme_of(const struct text_in *in, uint32_t count)
{
    struct sample *s = arena_new(arena, struct sample, 1);
    struct words_tools *tools = words_tools_open();
    uint32_t pin[TEXTS_MAX] = { 0 };
    for (uint32_t i = 0; i < 3 * count; i++)
        add_text_in(s, tools, in[i % count].language, in[i % count].text, 0);
    words_tools_close(tools);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .pin = pin });
    themes_describe(arena, texts, &graph, &t);
    assert_int_equal(t.count, 1);
    return t.items[0];
}

/* Whether a theme's terms are these, in any order. */
static void assert_terms(struct theme theme, const char *const *terms, uint32_t count)
{
    assert_int_equal(theme.term_count, count);
    for (uint32_t i = 0; i < count; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < count; k++)
            is_there |= str_equal(theme.terms[k].words, str_from(terms[i]));
        if (!is_there)
            fail_msg("\"%s\" is missing", terms[i]);
    }
}

static void numbers_signs_and_function_words_are_no_labels_and_end_a_pair(void **state)
{
    (void)state;
    static const struct text_in texts[] = { { "en", "oaks 50 benches" },
                                            { "en", "oaks for benches" },
                                            { "en", "oaks without benches" },
                                            { "en", "oaks $ benches" } };
    static const char *const terms[] = { "oaks", "benches" };
    assert_terms(theme_of(texts, 4), terms, 2);
}

static void characters_make_no_pair_with_a_word_beside_them(void **state)
{
    (void)state;
    static const struct text_in texts[] = { { "zh", "公园 WiFi 公园" } };
    static const char *const terms[] = { "公园", "wifi" };
    assert_terms(theme_of(texts, 1), terms, 2);
}

static void what_is_a_function_word_in_one_language_may_be_a_label_in_another(void **state)
{
    (void)state;
    static const struct text_in texts[] = {
        { "en", "die" }, { "en", "die" }, { "en", "metal die" }, { "de", "metal die" }
    };
    struct theme theme = theme_of(texts, 4);
    static const char *const terms[] = { "die", "metal" };
    assert_terms(theme, terms, 2);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(theme.terms[i].texts, str_equal(theme.terms[i].words, S("die")) ? 9 : 6);
    static const struct text_in pairs[] = { { "en", "metal die" }, { "de", "metal die" } };
    static const char *const pair[] = { "metal die" };
    theme = theme_of(pairs, 2);
    assert_terms(theme, pair, 1);
    assert_int_equal(theme.terms[0].texts, 3);
}

static void a_term_is_written_as_most_write_it(void **state)
{
    (void)state;
    static const struct text_in texts[] = { { "en", "trees 1 tree 2 tree" } };
    static const char *const terms[] = { "tree" };
    assert_true(str_equal(theme_of(texts, 1).terms[0].words, str_from(terms[0])));
}

static void the_words_of_a_single_text_are_its_theme_s(void **state)
{
    (void)state;
    const struct sample *s = make_sample(3, 3, 8);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    const uint32_t pin[] = { 0, 1, 2 };
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .pin = pin });
    themes_describe(arena, texts, &graph, &t);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(t.items[i].term_count > 0 && t.items[i].terms[0].texts == 1);
}

static size_t times_in(struct str text, struct str wanted)
{
    size_t times = 0, at;
    while ((at = str_find(text, wanted)) != SIZE_MAX) {
        times++;
        text = str_slice(text, at + wanted.size, text.size);
    }
    return times;
}

static bool holds(struct str text, const char *wanted)
{
    return times_in(text, str_from(wanted)) == 1;
}

static void a_picture_shows_the_greatest_themes_with_their_sizes(void **state)
{
    (void)state;
    struct theme items[] = { { .size = 4 }, { .size = 2 } };
    uint32_t of[] = { 0, 0, 1, 0, THEMES_NONE, 1, 0 };
    double strength[] = { 1, .9, .8, .3, 0, .5, .7 };
    struct themes t = {
        .count = 2, .text_count = 7, .items = items, .of = of, .strength = strength
    };
    struct str labels[] = { S("bikes & <lanes>"), S("water\x01") };
    struct str svg = themes_svg(arena, &t, labels);
    assert_true(holds(svg, "<desc id=\"d\">7 texts in 2 themes. bikes &amp; &lt;lanes&gt;: 4, of "
                           "which 1 between themes. water: 2, of which 0 between themes.</desc>"));
    assert_int_equal(times_in(svg, S("<rect")), 1 + 2 * 2);
    assert_true(holds(svg, "1 like no other."));
    assert_true(holds(svg, "width=\"688.0\"")); /* the greatest is as long as there is room */
    assert_true(holds(svg, "width=\"516.0\"")); /* three of its four are sure */
    assert_int_equal(times_in(svg, S("smaller themes")), 0);
}

static void a_picture_of_many_themes_counts_those_it_leaves_out(void **state)
{
    (void)state;
    enum { THEMES = 30 };
    struct theme items[THEMES];
    uint32_t of[THEMES];
    double strength[THEMES];
    struct str labels[THEMES];
    char longer[200];
    memset(longer, 'x', sizeof longer);
    for (uint32_t i = 0; i < THEMES; i++) {
        items[i] = (struct theme){ .size = 1 };
        of[i] = i;
        strength[i] = 1;
        labels[i] = i == 0 ? (struct str){ longer, sizeof longer } : S("word\xFF");
    }
    struct themes t = {
        .count = THEMES, .text_count = THEMES, .items = items, .of = of, .strength = strength
    };
    struct str svg = themes_svg(arena, &t, labels);
    assert_true(holds(svg, "14 more are in 14 smaller themes."));
    assert_int_equal(times_in(svg, S("x\xE2\x80\xA6")), 2); /* in the words and in the picture */
    assert_true(utf8_valid(svg));
    struct str none = themes_svg(arena, &(struct themes){ 0 }, NULL);
    assert_true(holds(none, "0 texts in 0 themes."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_words_of_the_topic),
        cmocka_unit_test(a_pair_of_words_takes_the_place_of_its_words),
        cmocka_unit_test(both_words_give_way_to_their_pair),
        cmocka_unit_test(themes_without_spaces_have_labels_too),
        cmocka_unit_test(numbers_signs_and_function_words_are_no_labels_and_end_a_pair),
        cmocka_unit_test(characters_make_no_pair_with_a_word_beside_them),
        cmocka_unit_test(what_is_a_function_word_in_one_language_may_be_a_label_in_another),
        cmocka_unit_test(a_term_is_written_as_most_write_it),
        cmocka_unit_test(the_words_of_a_single_text_are_its_theme_s),
        cmocka_unit_test(a_picture_shows_the_greatest_themes_with_their_sizes),
        cmocka_unit_test(a_picture_of_many_themes_counts_those_it_leaves_out),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
