#include "sift/attention/attention.h"

#include <string.h>

#include "sift/chance/chance.h"
#include "sift/words/words_testing.h"

static struct attention_text text_of(const char *sentence)
{
    struct words *words = arena_new(arena, struct words, 1);
    struct similar_vector *vector = arena_new(arena, struct similar_vector, 1);
    *words = split(sentence, "en");
    return (struct attention_text){ .text = str_from(sentence), .words = words, .vector = vector };
}

static struct attention_signals signals_of(const char *sentence)
{
    struct attention_text text = text_of(sentence);
    return attention_signals(&text);
}

static void an_honest_sentence_gives_no_signal(void **state)
{
    (void)state;
    static const char *const honest[] = {
        "We need more bicycle lanes near the school, and better lights at night.",
        "Bücher ausleihen sollte auch am Sonntag möglich sein.",
        "Could the library open on Sundays? My children would love that!!!",
        "A free bus for pensioners, as in other towns.",
        "图书馆星期天也应该开门，孩子们可以去看书。",
        "NASA and the EU did it, so can we.",
    };
    for (size_t i = 0; i < sizeof honest / sizeof honest[0]; i++) {
        struct attention_signals s = signals_of(honest[i]);
        for (int j = 0; j < ATTENTION_SIGNAL_COUNT; j++)
            if (s.value[j] != 0)
                fail_msg("\"%s\" has signal %d: %g", honest[i], j, s.value[j]);
        struct attention_text text = text_of(honest[i]);
        near(attention_to(NULL, &text).probability, 0);
    }
}

static void each_signal_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum attention_signal signal;
    } seen[] = {
        { "Cheap watches at https://example.com and www.example.org now", ATTENTION_LINKS },
        { "write to seller@example.com please", ATTENTION_LINKS },
        { "Noooooooooooo", ATTENTION_REPEATED },
        { "buy buy buy buy buy buy buy", ATTENTION_REPEATED },
        { "vote me vote me vote me vote me", ATTENTION_REPEATED },
        { "asdfghjkl is my idea", ATTENTION_KEYBOARD },
        { "Qwertz and nothing else to say here", ATTENTION_KEYBOARD },
        { "poiuy what else", ATTENTION_KEYBOARD },
        { "THIS IS WHAT EVERYBODY MUST READ NOW", ATTENTION_SHOUTING },
        { "good", ATTENTION_SHORT },
        { "", ATTENTION_SHORT },
    };
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) {
        struct attention_signals s = signals_of(seen[i].text);
        if (!(s.value[seen[i].signal] > 0 && s.value[seen[i].signal] <= 1))
            fail_msg("\"%s\" lacks signal %d", seen[i].text, seen[i].signal);
        struct attention_text text = text_of(seen[i].text);
        assert_true(attention_to(NULL, &text).probability > 0.1);
    }
    assert_int_equal(signals_of(seen[0].text).links, 2);
    assert_int_equal(signals_of("see https://www.example.com").links, 1);
    assert_int_equal(signals_of("@home is no address, nor is me@ or a@b").links, 0);
    assert_true(str_equal(signals_of("asdfghjkl is mine").keys, S("asdfghjkl")));
    struct attention_text broken = text_of("");
    broken.text = S("asdf\0ghjkl"); /* a zero byte is on no keyboard */
    assert_true(str_equal(attention_signals(&broken).keys, S("ghjkl")));
}

static void what_the_author_did_is_a_signal(void **state)
{
    (void)state;
    struct attention_text text = text_of("We need more bicycle lanes near the school.");
    text.copies = 3;
    near(attention_signals(&text).value[ATTENTION_COPIED], 1);
    text.nearest = 0.65;
    near(attention_signals(&text).value[ATTENTION_SAID], 0.5);
    text.seconds = 43 / 15.0;
    near(attention_signals(&text).value[ATTENTION_TOO_FAST], 0.5);
    text.seconds = 1e-9;
    near(attention_signals(&text).value[ATTENTION_TOO_FAST], 1);
    text.seconds = 60;
    near(attention_signals(&text).value[ATTENTION_TOO_FAST], 0);
}

/* What a queue may look like: a fifth of it advertises. */
static struct attention_decision *make_decisions(uint32_t count, uint64_t seed, double share)
{
    static const char *const asked[] = { "more trees in", "a crossing near", "benches for",
                                         "better lights at", "a playground in" };
    static const char *const places[] = { "the park", "our school", "the station", "the old town",
                                          "the market" };
    static const char *const sold[] = { "cheap watches", "casino bonus", "fast loans",
                                        "miracle pills", "lucky lottery" };
    static const char *const how[] = { "order today", "click here", "limited offer",
                                       "best price online", "free delivery" };
    struct chance chance = { seed };
    struct attention_decision *d = arena_new(arena, struct attention_decision, count);
    for (uint32_t i = 0; i < count; i++) {
        d[i].refused = chance_uniform(&chance) < share;
        uint64_t a = chance_bits(&chance) % 5, b = chance_bits(&chance) % 5;
        const char *text = str_c(
            arena, str_printf(arena, "%s %s %u", d[i].refused ? sold[a] : asked[a],
                              d[i].refused ? how[b] : places[b], (unsigned)(seed * count + i)));
        d[i].text = text_of(text);
    }
    return d;
}

static void fifty_decisions_teach_what_moderators_refuse(void **state)
{
    (void)state;
    const struct attention_model *model = attention_learn(arena, make_decisions(50, 1, 0.3), 50);
    assert_non_null(model);
    assert_true(attention_foretold(model) > 0.9);
    struct attention_decision *later = make_decisions(100, 2, 0.3);
    double least_refused = 1, most_accepted = 0;
    int refused = 0, explained = 0;
    for (int i = 0; i < 100; i++) {
        struct attention a = attention_to(model, &later[i].text);
        assert_true(a.probability > 0 && a.probability < 1);
        if (later[i].refused) {
            least_refused = fmin(least_refused, a.probability);
            explained += a.word_count > 0;
            refused++;
        } else {
            most_accepted = fmax(most_accepted, a.probability);
        }
    }
    assert_true(least_refused > most_accepted);
    assert_true(refused > 20 && explained >= 0.8 * refused);
}

static void words_give_the_reason(void **state)
{
    (void)state;
    const struct attention_model *model = attention_learn(arena, make_decisions(300, 3, 0.3), 300);
    struct attention_text text = text_of("casino casino bonus for the park");
    struct attention a = attention_to(model, &text);
    assert_true(a.word_count >= 2 && a.word_count <= ATTENTION_WORDS_MAX);
    assert_true(str_equal(a.words[0], S("casino")) || str_equal(a.words[0], S("bonus")));
    for (uint32_t i = 0; i < a.word_count; i++)
        assert_false(str_equal(a.words[i], S("park")));
    text = text_of("casino bonus watches loans pills lottery delivery");
    assert_int_equal(attention_to(model, &text).word_count, ATTENTION_WORDS_MAX);
}

static void the_order_of_decisions_has_no_say(void **state)
{
    (void)state;
    struct attention_decision *d = make_decisions(120, 4, 0.4);
    struct attention_decision *turned = arena_new(arena, struct attention_decision, 120);
    /* The same text was once refused and once not. */
    d[1].text = d[0].text;
    d[1].refused = !d[0].refused;
    for (int i = 0; i < 120; i++)
        turned[i] = d[(i * 7 + 5) % 120];
    const struct attention_model *a = attention_learn(arena, d, 120);
    const struct attention_model *b = attention_learn(arena, turned, 120);
    assert_true(attention_foretold(a) == attention_foretold(b));
    for (int i = 0; i < 120; i++)
        assert_true(attention_to(a, &d[i].text).probability ==
                    attention_to(b, &d[i].text).probability);
}

static void too_little_teaches_nothing(void **state)
{
    (void)state;
    assert_null(attention_learn(arena, NULL, 0));
    assert_null(attention_learn(arena, make_decisions(49, 5, 0.5), 49));
    assert_null(attention_learn(arena, make_decisions(200, 6, 0.001), 200));
    assert_null(attention_learn(arena, make_decisions(200, 7, 0.999), 200));
}

static void decisions_by_chance_are_not_believed(void **state)
{
    (void)state;
    struct attention_decision *d = make_decisions(400, 8, 0);
    struct chance chance = { 9 };
    for (int i = 0; i < 400; i++)
        d[i].refused = chance_uniform(&chance) < 0.5;
    const struct attention_model *model = attention_learn(arena, d, 400);
    assert_true(attention_foretold(model) > 0.4 && attention_foretold(model) < 0.6);
    if (attention_foretold(model) < 0.55)
        near(attention_to(model, &d[0].text).probability, 0);
}

static void sentences_count_where_they_are_known(void **state)
{
    (void)state;
    /* The same words for both sides: only what the encoder makes of them differs. */
    struct attention_decision *d = make_decisions(100, 10, 0);
    for (int i = 0; i < 100; i++) {
        struct similar_vector v = { .has_sentence = 1 };
        v.sentence[i % 2] = 127;
        d[i].refused = i % 2;
        d[i].text.vector = memcpy(arena_new(arena, struct similar_vector, 1), &v, sizeof v);
    }
    const struct attention_model *model = attention_learn(arena, d, 100);
    assert_true(attention_foretold(model) > 0.95);
}

static void links_are_addresses_of_pages_and_of_people(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t links;
    } told[] = {
        { "www.example.org", 1 },
        { "notwww.example.org", 0 },
        { "(www.example.org)\nand", 1 },
        { "https://www.a.org is one", 1 },
        { "a@b.example", 1 },
        { "A9@B-9.example, too", 1 },
        { "@home", 0 },
        { "a @ b.example", 0 },
        { "_@b.example", 0 },
        { "a@", 0 },
        { "a@b", 0 },
        { "a@b.", 0 },
        { "a@b, c", 0 },
        { "a@b._c", 0 },
        { "a@.example", 0 },
        { ":@b.example [@b.example {@b.example /@b.example `@b.example", 0 },
    };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (signals_of(told[i].text).links != told[i].links)
            fail_msg("%s: %u", told[i].text, signals_of(told[i].text).links);
}

static void no_signal_is_more_than_all(void **state)
{
    (void)state;
    struct attention_text text =
        text_of("a@b.de a@b.de a@b.de a@b.de buy buy buy buy buy buy buy buy "
                "buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy");
    text.copies = 9;
    text.nearest = 1;
    struct attention_signals s = attention_signals(&text);
    for (int j = 0; j < ATTENTION_SIGNAL_COUNT; j++)
        assert_true(s.value[j] >= 0 && s.value[j] <= 1);
    assert_true(s.value[ATTENTION_LINKS] == 1 && s.value[ATTENTION_COPIED] == 1);
    assert_int_equal(s.links, 4);
    s = signals_of(
        "buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy buy");
    assert_true(s.value[ATTENTION_REPEATED] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_sentence_gives_no_signal),
        cmocka_unit_test(each_signal_is_seen),
        cmocka_unit_test(what_the_author_did_is_a_signal),
        cmocka_unit_test(links_are_addresses_of_pages_and_of_people),
        cmocka_unit_test(no_signal_is_more_than_all),
        cmocka_unit_test(fifty_decisions_teach_what_moderators_refuse),
        cmocka_unit_test(words_give_the_reason),
        cmocka_unit_test(the_order_of_decisions_has_no_say),
        cmocka_unit_test(too_little_teaches_nothing),
        cmocka_unit_test(decisions_by_chance_are_not_believed),
        cmocka_unit_test(sentences_count_where_they_are_known),
    };
    return cmocka_run_group_tests(tests, open_tools, close_tools);
}
