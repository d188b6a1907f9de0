/* What people decided, and what was found last time, stays. */
#include "sift/themes/themes_testing.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned_texts_stay_together_and_apart),
        cmocka_unit_test(new_texts_join_the_theme_a_person_made),
        cmocka_unit_test(a_pin_of_one_text_is_a_theme),
        cmocka_unit_test(pins_hold_on_any_graph),
        cmocka_unit_test(themes_continue_those_of_last_time),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
