/* Which texts are one theme. */
#include "sift/themes/themes_testing.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_are_found_without_being_told_how_many),
        cmocka_unit_test(a_greater_resolution_gives_more_themes),
        cmocka_unit_test(the_order_of_the_texts_has_no_say),
        cmocka_unit_test(texts_without_words_are_nowhere_but_may_be_themes),
        cmocka_unit_test(texts_of_the_same_words_are_parted_by_what_they_mean),
        cmocka_unit_test(few_texts_are_no_trouble),
        cmocka_unit_test(equal_texts_are_one_theme_and_empty_ones_are_alone),
        cmocka_unit_test(a_long_chain_that_pulls_one_way_is_one_theme),
        cmocka_unit_test(themes_of_very_many_ties_are_found_at_once),
        cmocka_unit_test(likeness_is_that_of_the_books),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
