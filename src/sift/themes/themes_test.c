#include "sift/themes/themes.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sift/chance/chance.h"
#include "sift/table/table_testing.h"

/* Texts of a few topics: each topic has words of its own, and all share some. */
enum { TOPICS = 4, TOPIC_WORDS = 8, TEXTS_MAX = 400 };
static const char *const topic_words[TOPICS][TOPIC_WORDS] = {
    { "bicycle", "lanes", "cyclists", "helmets", "pedals", "traffic", "junction", "kerb" },
    { "library", "books", "reading", "shelves", "novels", "quiet", "borrow", "authors" },
    { "river", "swimming", "water", "bathing", "bank", "fish", "currents", "meadow" },
    { "music", "concert", "stage", "bands", "choir", "festival", "guitars", "singing" },
};
static const char *const shared_words[] = { "the", "we", "want", "more", "for", "our", "town" };

struct sample {
    struct themes_texts *texts;
    struct words words[TEXTS_MAX];
    struct similar_vector vectors[TEXTS_MAX];
    uint32_t topic[TEXTS_MAX];
    uint32_t count;
};

/* The vector of a text among others that never had its words. */
static struct similar_vector vector_of(const struct words *words)
{
    static const struct similar_counts *nothing;
    struct similar_vector v = { 0 };
    if (nothing == NULL)
        nothing = similar_counts_make(arena);
    similar_lexical(arena, nothing, words, &v);
    return v;
}

static void add_text_in(struct sample *s, struct words_tools *tools, const char *language,
                        const char *text, uint32_t topic)
{
    s->words[s->count] = words_split(tools, arena, str_from(text), language);
    s->vectors[s->count] = vector_of(&s->words[s->count]);
    s->topic[s->count++] = topic;
}

static void add_text(struct sample *s, struct words_tools *tools, const char *text, uint32_t topic)
{
    add_text_in(s, tools, "en", text, topic);
}

/* `count` texts of the first `topics` topics, six words each, four of them of their topic. */
static struct sample *make_sample(uint32_t count, uint32_t topics, uint64_t seed)
{
    struct sample *s = arena_new(arena, struct sample, 1);
    struct words_tools *tools = words_tools_open();
    struct chance chance = { seed };
    for (uint32_t i = 0; i < count; i++) {
        struct buf text = { .arena = arena };
        uint32_t topic = (uint32_t)(chance_bits(&chance) % topics);
        for (int w = 0; w < 6; w++) {
            uint64_t pick = chance_bits(&chance);
            buf_printf(&text, "%s ",
                       w < 4 ? topic_words[topic][pick % TOPIC_WORDS]
                             : shared_words[pick % (sizeof shared_words / sizeof *shared_words)]);
        }
        add_text(s, tools, str_c(arena, buf_str(&text)), topic);
    }
    words_tools_close(tools);
    return s;
}

/* Adds the texts in an order: text i is the sample's order[i]; NULL: as they are. */
static struct themes_texts *add_all(const struct sample *s, const uint32_t *order)
{
    struct themes_texts *texts = themes_texts_make(arena);
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t from = order != NULL ? order[i] : i;
        themes_texts_add(texts, &s->words[from], &s->vectors[from]);
    }
    return texts;
}

static void topics_are_found_without_being_told_how_many(void **state)
{
    (void)state;
    const struct sample *s = make_sample(TEXTS_MAX, TOPICS, 1);
    struct themes_graph graph = themes_graph(arena, add_all(s, NULL), 1);
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .resolution = 0.5 });
    struct themes_likeness like = themes_likeness(arena, t.of, s->topic, s->count);
    assert_true(like.adjusted_rand > 0.95);
    assert_true(like.mutual_information > 0.95);
    for (uint32_t i = 0; i < s->count; i++)
        assert_true(t.strength[i] >= 0 && t.strength[i] <= 1 + 1e-12);
    for (uint32_t i = 1; i < t.count; i++)
        assert_true(t.items[i].size <= t.items[i - 1].size);
}

static void a_greater_resolution_gives_more_themes(void **state)
{
    (void)state;
    const struct sample *s = make_sample(TEXTS_MAX, TOPICS, 2);
    struct themes_graph graph = themes_graph(arena, add_all(s, NULL), 1);
    uint32_t broad = themes_find(arena, &graph, (struct themes_wish){ .resolution = 0.5 }).count;
    uint32_t narrow = themes_find(arena, &graph, (struct themes_wish){ .resolution = 8 }).count;
    assert_true(narrow > broad);
}

static void the_order_of_the_texts_has_no_say(void **state)
{
    (void)state;
    const struct sample *s = make_sample(200, TOPICS, 3);
    struct chance chance = { 7 };
    uint32_t order[TEXTS_MAX];
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t j = (uint32_t)(chance_bits(&chance) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
    struct themes_texts *texts = add_all(s, NULL), *turned = add_all(s, order);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    struct themes_graph other = themes_graph(arena, turned, 1);
    struct themes a = themes_find(arena, &graph, (struct themes_wish){ .seed = 5 });
    struct themes b = themes_find(arena, &other, (struct themes_wish){ .seed = 5 });
    themes_describe(arena, texts, &graph, &a);
    themes_describe(arena, turned, &other, &b);
    assert_int_equal(a.count, b.count);
    assert_true(a.modularity == b.modularity);
    for (uint32_t i = 0; i < s->count; i++) {
        assert_int_equal(b.of[i], a.of[order[i]]);
        assert_true(b.strength[i] == a.strength[order[i]]);
    }
    for (uint32_t t = 0; t < a.count; t++) {
        assert_int_equal(a.items[t].term_count, b.items[t].term_count);
        for (uint32_t i = 0; i < a.items[t].term_count; i++)
            assert_true(str_equal(a.items[t].terms[i].words, b.items[t].terms[i].words));
        assert_int_equal(a.items[t].quotes[0], order[b.items[t].quotes[0]]);
    }
}

static void pinned_texts_stay_together_and_apart(void **state)
{
    (void)state;
    const struct sample *s = make_sample(200, TOPICS, 4);
    struct themes_graph graph = themes_graph(arena, add_all(s, NULL), 1);
    uint32_t pin[TEXTS_MAX];
    /* Someone joined topics 0 and 1, and split topic 2 by the parity of the numbers. */
    for (uint32_t i = 0; i < s->count; i++)
        pin[i] = s->topic[i] < 2 ? 77 : s->topic[i] == 2 ? 100 + i % 2 : THEMES_NONE;
    for (double resolution = 0.5; resolution <= 8; resolution *= 2) {
        struct themes t = themes_find(arena, &graph,
                                      (struct themes_wish){ .resolution = resolution, .pin = pin });
        uint32_t theme_of[200];
        memset(theme_of, 0xff, sizeof theme_of);
        for (uint32_t i = 0; i < s->count; i++) {
            if (pin[i] == THEMES_NONE)
                continue;
            assert_true(t.of[i] != THEMES_NONE);
            assert_int_equal(t.items[t.of[i]].pin, pin[i]);
            if (theme_of[pin[i]] == THEMES_NONE)
                theme_of[pin[i]] = t.of[i];
            assert_int_equal(t.of[i], theme_of[pin[i]]);
        }
        assert_true(theme_of[77] != theme_of[100] && theme_of[100] != theme_of[101]);
    }
}

static void new_texts_join_the_theme_a_person_made(void **state)
{
    (void)state;
    const struct sample *s = make_sample(200, TOPICS, 5);
    struct themes_graph graph = themes_graph(arena, add_all(s, NULL), 1);
    uint32_t pin[TEXTS_MAX], joined = 0, fresh = 0;
    for (uint32_t i = 0; i < s->count; i++)
        pin[i] = s->topic[i] == 1 && i < 150 ? 3 : THEMES_NONE;
    struct themes t =
        themes_find(arena, &graph, (struct themes_wish){ .resolution = 1, .pin = pin });
    for (uint32_t i = 150; i < s->count; i++) {
        fresh += s->topic[i] == 1;
        joined += s->topic[i] == 1 && t.of[i] != THEMES_NONE && t.items[t.of[i]].pin == 3;
    }
    assert_true(fresh > 5 && joined >= fresh - 1);
}

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

static void texts_without_words_are_nowhere_but_may_be_themes(void **state)
{
    (void)state;
    struct sample *s = arena_new(arena, struct sample, 1);
    struct words_tools *tools = words_tools_open();
    for (int i = 0; i < 3; i++)
        add_text(s, tools, "…", 0);
    words_tools_close(tools);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    for (size_t d = 0; d < 3 * (size_t)THEMES_DIMENSIONS; d++)
        assert_true(graph.place[d] == 0);
    const uint32_t pin[] = { 4, THEMES_NONE, 5 };
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .pin = pin });
    themes_describe(arena, texts, &graph, &t);
    assert_int_equal(t.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(t.items[i].term_count, 0);
        assert_int_equal(t.items[i].quote_count, 1);
        assert_int_equal(pin[t.items[i].quotes[0]], t.items[i].pin);
        assert_true(t.items[i].cohesion == 0);
    }
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

static void texts_of_the_same_words_are_parted_by_what_they_mean(void **state)
{
    (void)state;
    struct sample *s = make_sample(200, 2, 21);
    struct themes_graph by_words = themes_graph(arena, add_all(s, NULL), 1);
    struct chance chance = { 22 };
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t meaning = (uint32_t)(chance_bits(&chance) % 2);
        s->topic[i] = 2 * s->topic[i] + meaning;
        s->vectors[i].has_sentence = 1;
        for (uint32_t d = 0; d < SIMILAR_HALF; d++)
            s->vectors[i].sentence[d] =
                (int8_t)((d % 2 == meaning ? 4 : 0) + (int)(2 * chance_normal(&chance)));
    }
    struct themes_graph by_both = themes_graph(arena, add_all(s, NULL), 1);
    struct themes_wish wish = { .resolution = 0.5 };
    struct themes t = themes_find(arena, &by_words, wish);
    assert_true(themes_likeness(arena, t.of, s->topic, s->count).adjusted_rand < 0.6);
    t = themes_find(arena, &by_both, wish);
    assert_true(themes_likeness(arena, t.of, s->topic, s->count).adjusted_rand > 0.95);
}

static void few_texts_are_no_trouble(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= 6; count++) {
        const struct sample *s = make_sample(count, 1, count + 1);
        struct themes_texts *texts = add_all(s, NULL);
        assert_int_equal(themes_texts_count(texts), count);
        struct themes_graph graph = themes_graph(arena, texts, 1);
        struct themes t = themes_find(arena, &graph, (struct themes_wish){ 0 });
        themes_describe(arena, texts, &graph, &t);
        uint32_t in_themes = 0;
        for (uint32_t i = 0; i < t.count; i++)
            in_themes += t.items[i].size;
        for (uint32_t i = 0; i < count; i++)
            in_themes += t.of[i] == THEMES_NONE;
        assert_int_equal(in_themes, count);
    }
}

static void equal_texts_are_one_theme_and_empty_ones_are_alone(void **state)
{
    (void)state;
    struct sample *s = arena_new(arena, struct sample, 1);
    struct words_tools *tools = words_tools_open();
    for (int i = 0; i < 20; i++)
        add_text(s, tools, i < 5 ? "" : i < 12 ? "swimming in the river" : "more books to read", 0);
    words_tools_close(tools);
    struct themes_texts *texts = add_all(s, NULL);
    struct themes_graph graph = themes_graph(arena, texts, 1);
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .resolution = 0.5 });
    themes_describe(arena, texts, &graph, &t);
    assert_int_equal(t.of[5], t.of[11]);
    assert_int_equal(t.of[12], t.of[19]);
    assert_true(t.of[5] != t.of[12]);
    assert_true(t.items[t.of[5]].cohesion > 1 - 1e-6);
}

static void a_pin_of_one_text_is_a_theme(void **state)
{
    (void)state;
    const struct sample *s = make_sample(3, 3, 8);
    struct themes_graph graph = themes_graph(arena, add_all(s, NULL), 1);
    uint32_t pin[3] = { 1, 2, 0 };
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .pin = pin });
    assert_int_equal(t.count, 3);
    assert_int_equal(t.items[t.of[0]].pin, 1);
    assert_int_equal(t.items[t.of[2]].pin, 0);
}

/* A random graph of `count` nodes, each with up to three neighbours. */
static struct themes_graph make_graph(uint32_t count, struct chance *chance)
{
    static float place[64 * THEMES_DIMENSIONS];
    bool is_joined[64][64] = { 0 };
    for (uint32_t e = 0; e < 3 * count; e++) {
        uint64_t a = chance_bits(chance) % count, b = chance_bits(chance) % count;
        is_joined[a][b] = is_joined[b][a] = a != b;
    }
    uint32_t *order = arena_new(arena, uint32_t, count);
    size_t *first = arena_new(arena, size_t, count + 1);
    uint32_t *neighbour = arena_new(arena, uint32_t, (size_t)count * count);
    float *weight = arena_new(arena, float, (size_t)count *count);
    size_t edges = 0;
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
        for (uint32_t j = 0; j < count; j++) {
            weight[edges] = (float)(1 + i * j % 3);
            neighbour[edges] = j;
            edges += is_joined[i][j];
        }
        first[i + 1] = edges;
    }
    return (struct themes_graph){ count, order, first, neighbour, weight, place };
}

static void pins_hold_on_any_graph(void **state)
{
    (void)state;
    struct chance chance = { 12 };
    for (int trial = 0; trial < 300; trial++) {
        enum { PINS = 4 };
        uint32_t count = 4 + (uint32_t)(chance_bits(&chance) % 60), pin[64];
        struct themes_graph graph = make_graph(count, &chance);
        for (uint32_t i = 0; i < count; i++)
            pin[i] = chance_uniform(&chance) < 0.4 ? (uint32_t)(chance_bits(&chance) % PINS)
                                                   : THEMES_NONE;
        struct themes t = themes_find(
            arena, &graph,
            (struct themes_wish){ 0.5 + 4 * chance_uniform(&chance), chance_bits(&chance), pin });
        uint32_t theme_of[PINS];
        memset(theme_of, 0xff, sizeof theme_of);
        for (uint32_t i = 0; i < count; i++) {
            if (pin[i] == THEMES_NONE)
                continue;
            assert_int_equal(t.items[t.of[i]].pin, pin[i]);
            assert_true(theme_of[pin[i]] == THEMES_NONE || theme_of[pin[i]] == t.of[i]);
            theme_of[pin[i]] = t.of[i];
        }
        assert_true(t.modularity <= 1 && t.modularity >= -8);
    }
}

/* A graph of `count` nodes that lie nowhere, joined where the weight of a pair is above 0. */
static struct themes_graph graph_of(uint32_t count, float (*weight_of)(uint32_t a, uint32_t b))
{
    uint32_t *order = arena_new(arena, uint32_t, count);
    size_t *first = arena_new(arena, size_t, count + 1), edges = 0;
    uint32_t *neighbour = arena_new(arena, uint32_t, (size_t)count * count);
    float *weight = arena_new(arena, float, (size_t)count *count);
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
        for (uint32_t j = 0; j < count; j++) {
            weight[edges] = i == j ? 0 : weight_of(i, j);
            neighbour[edges] = j;
            edges += weight[edges] > 0;
        }
        first[i + 1] = edges;
    }
    const float *place = arena_new(arena, float, (size_t)count *THEMES_DIMENSIONS);
    return (struct themes_graph){ count, order, first, neighbour, weight, place };
}

/* Each is tied most to the one behind it. */
static float pull_of_chain(uint32_t a, uint32_t b)
{
    return a + 1 == b || b + 1 == a ? 1 + 0.001F * (float)(a + b) : 0;
}

static void a_long_chain_that_pulls_one_way_is_one_theme(void **state)
{
    (void)state;
    struct themes_graph graph = graph_of(600, pull_of_chain);
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .resolution = 1e-9 });
    assert_int_equal(t.count, 1);
    assert_int_equal(t.items[0].size, 600);
}

/* Two halves with all ties within, and one between. */
static float tie_of_halves(uint32_t a, uint32_t b)
{
    return a % 2 == b % 2 || a + b == 1;
}

static void themes_of_very_many_ties_are_found_at_once(void **state)
{
    (void)state;
    struct themes_graph graph = graph_of(800, tie_of_halves);
    assert_true(graph.first[800] > 1 << 18);
    struct themes t = themes_find(arena, &graph, (struct themes_wish){ .resolution = 1 });
    assert_int_equal(t.count, 2);
    for (uint32_t i = 0; i < 800; i++)
        assert_int_equal(t.of[i], t.of[i % 2]);
}

static void likeness_is_that_of_the_books(void **state)
{
    (void)state;
    /* Reckoned by hand: H(a) = H(b) = ln 2, H(a, b) = 1.5 ln 2 for a 4-thing example. */
    uint32_t a[] = { 0, 0, 1, 1 }, b[] = { 0, 1, 1, 1 };
    struct themes_likeness like = themes_likeness(arena, a, b, 4);
    double hb = -(0.25 * log(0.25) + 0.75 * log(0.75)), both = 1.5 * log(2);
    near(like.mutual_information, 2 * (log(2) + hb - both) / (log(2) + hb));
    near(like.adjusted_rand, (1 - 2 * 3 / 6.0) / ((2 + 3) / 2.0 - 2 * 3 / 6.0));
    like = themes_likeness(arena, a, a, 4);
    near(like.mutual_information, 1);
    near(like.adjusted_rand, 1);
    like = themes_likeness(arena, a, a, 0);
    near(like.adjusted_rand, 1);
    uint32_t one[] = { 0, 0 }, none[] = { THEMES_NONE, THEMES_NONE }, two[] = { 4, 9 };
    near(themes_likeness(arena, one, one, 2).mutual_information, 1);
    near(themes_likeness(arena, none, two, 2).mutual_information, 1);
    near(themes_likeness(arena, two, none, 2).adjusted_rand, 1);
    uint32_t half[] = { 3, 3, 3 }, alone[] = { THEMES_NONE, THEMES_NONE, 5 };
    near(themes_likeness(arena, half, alone, 3).adjusted_rand, 0);
    near(themes_likeness(arena, half, half, 1).adjusted_rand, 1);
}

static void themes_continue_those_of_last_time(void **state)
{
    (void)state;
    uint32_t of[] = { 0, 0, 0, 0, 1, 1, 1, 2, 2, THEMES_NONE };
    uint32_t earlier[] = { 5, 5, 5, 9, 9, 9, THEMES_NONE, 5 };
    struct theme items[3] = { { .size = 4 }, { .size = 3 }, { .size = 2 } };
    struct themes t = { .count = 3, .text_count = 10, .items = items, .of = of };
    uint32_t *continued = themes_continue(arena, &t, earlier, 8);
    assert_int_equal(continued[0], 5);
    assert_int_equal(continued[1], 9);
    assert_int_equal(continued[2], THEMES_NONE); /* 5 went on already */
    /* Two halves of one theme are as like it: the first continues it. */
    uint32_t halves[] = { 3, 3, THEMES_NONE, THEMES_NONE, 3, 3 };
    continued = themes_continue(arena, &t, halves, 6);
    assert_int_equal(continued[0], THEMES_NONE);
    assert_int_equal(continued[1], 3);
    uint32_t of_halves[] = { 0, 0, 1, 1, 1, 2 }, whole[] = { 0, 0, 0, 0, 1, 1 };
    t.of = of_halves;
    continued = themes_continue(arena, &t, whole, 6);
    assert_int_equal(continued[0], 0);
    assert_int_equal(continued[1], THEMES_NONE);
    assert_int_equal(continued[2], 1);
    continued = themes_continue(arena, &t, NULL, 0);
    assert_int_equal(continued[0], THEMES_NONE);
    /* Texts in no theme, now or then, say nothing; two halves of another size: the greater one. */
    uint32_t mixed[] = { 2, THEMES_NONE, 2, 0, 0, 0, 1, 1 };
    uint32_t then[] = { 7, 7, 7, THEMES_NONE, 4, 4, 4, 4 };
    t = (struct themes){ .count = 3, .text_count = 8, .items = items, .of = mixed };
    continued = themes_continue(arena, &t, then, 8);
    assert_int_equal(continued[0], THEMES_NONE);
    assert_int_equal(continued[1], 4);
    assert_int_equal(continued[2], 7);
    uint32_t turned[] = { 1, 1, 0, 0 }, of_then[] = { 8, 8, 3, 3 };
    t = (struct themes){ .count = 2, .text_count = 4, .items = items, .of = turned };
    continued = themes_continue(arena, &t, of_then, 4);
    assert_true(continued[0] == 3 && continued[1] == 8);
    uint32_t all_one[] = { 0, 0, 0, 0 }, of_two[] = { 1, 1, 6, 6 };
    t = (struct themes){ .count = 1, .text_count = 4, .items = items, .of = all_one };
    assert_int_equal(themes_continue(arena, &t, of_two, 4)[0], 1); /* of two that are as like it */
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
        cmocka_unit_test(topics_are_found_without_being_told_how_many),
        cmocka_unit_test(a_greater_resolution_gives_more_themes),
        cmocka_unit_test(the_order_of_the_texts_has_no_say),
        cmocka_unit_test(pinned_texts_stay_together_and_apart),
        cmocka_unit_test(new_texts_join_the_theme_a_person_made),
        cmocka_unit_test(labels_are_words_of_the_topic),
        cmocka_unit_test(a_pair_of_words_takes_the_place_of_its_words),
        cmocka_unit_test(themes_without_spaces_have_labels_too),
        cmocka_unit_test(numbers_signs_and_function_words_are_no_labels_and_end_a_pair),
        cmocka_unit_test(characters_make_no_pair_with_a_word_beside_them),
        cmocka_unit_test(what_is_a_function_word_in_one_language_may_be_a_label_in_another),
        cmocka_unit_test(a_term_is_written_as_most_write_it),
        cmocka_unit_test(texts_without_words_are_nowhere_but_may_be_themes),
        cmocka_unit_test(the_words_of_a_single_text_are_its_theme_s),
        cmocka_unit_test(texts_of_the_same_words_are_parted_by_what_they_mean),
        cmocka_unit_test(few_texts_are_no_trouble),
        cmocka_unit_test(equal_texts_are_one_theme_and_empty_ones_are_alone),
        cmocka_unit_test(a_pin_of_one_text_is_a_theme),
        cmocka_unit_test(both_words_give_way_to_their_pair),
        cmocka_unit_test(pins_hold_on_any_graph),
        cmocka_unit_test(a_long_chain_that_pulls_one_way_is_one_theme),
        cmocka_unit_test(themes_of_very_many_ties_are_found_at_once),
        cmocka_unit_test(likeness_is_that_of_the_books),
        cmocka_unit_test(a_picture_shows_the_greatest_themes_with_their_sizes),
        cmocka_unit_test(a_picture_of_many_themes_counts_those_it_leaves_out),
        cmocka_unit_test(themes_continue_those_of_last_time),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
