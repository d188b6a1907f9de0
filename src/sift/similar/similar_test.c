#include "sift/words/words_testing.h"

#include "sift/chance/chance.h"
#include "sift/similar/inside.h"
#include "sift/similar/similar.h"

#include <stdlib.h>
#include <string.h>

static struct arena *scratch;

static int open_scratch(void **state)
{
    scratch = arena_make();
    return open_tools(state);
}

static int close_scratch(void **state)
{
    arena_free(scratch);
    return close_tools(state);
}

static struct similar_vector vector(const struct similar_counts *counts, const char *text,
                                    const char *language)
{
    struct similar_vector v = { 0 };
    struct words words = split(text, language);
    similar_lexical(scratch, counts, &words, &v);
    return v;
}

/* A sentence half that points mostly one way. */
static void give_sentence(struct similar_vector *v, int way, float other)
{
    float embedding[SIMILAR_HALF] = { 0 };
    embedding[way] = 1;
    embedding[way + 100] = other;
    similar_sentence(v, embedding);
}

static double score(const char *a, const char *b, const char *language)
{
    struct similar_counts *counts = similar_counts_make(arena);
    struct similar_vector x = vector(counts, a, language), y = vector(counts, b, language);
    return similar_score(&x, &y);
}

/* --- Vectors and scores ----------------------------------------------------------------------- */

static void the_same_text_scores_one_and_nothing_in_common_nearly_none(void **state)
{
    assert_true(score("Plant trees in the park", "plant TREES in the park!", "en") == 1);
    assert_true(score("Plant trees in the park", "Longer opening hours", "en") < .35);
    assert_true(score("", "", "en") == 0);
    assert_true(score("Plant trees", "", "en") == 0);
    assert_true(score("学校附近种树", "学校附近种树", "zh") == 1);
}

static void closer_texts_score_higher(void **state)
{
    const char *text = "More safe bike lanes near the school";
    double near_one = score(text, "Safer bike lanes by the school", "en");
    double same_topic = score(text, "A bike shop near the station", "en");
    double other = score(text, "Open the library on Sunday", "en");
    assert_true(near_one > same_topic && same_topic > other);
    assert_true(near_one > .6);
    assert_true(score("Fahrradwege", "Fahrradweg", "de") > score("Fahrradwege", "Feldwege", "de"));
    assert_true(score("Fahrradweg bauen", "Fahrrad-Weg bauen", "de") > .5); /* through n-grams */
    assert_true(score("자전거 도로를", "자전거 도로가", "ko") > .6);
    assert_true(score("日曜日に図書館を開ける", "図書館を日曜日も開けて", "ja") > .5);
}

static void a_score_is_the_same_from_both_sides_and_within_bounds(void **state)
{
    struct chance dice = { 3 };
    static const char *const words[] = { "bike", "lane", "the", "school", "tree", "plant", "a" };
    for (int round = 0; round < 300; round++) {
        struct similar_counts *counts = similar_counts_make(arena);
        struct similar_vector v[2];
        for (int i = 0; i < 2; i++) {
            struct str text = { 0 };
            for (uint64_t n = chance_bits(&dice) % 6; n > 0; n--)
                text = str_printf(arena, "%.*s %s", STR_ARG(text), words[chance_bits(&dice) % 7]);
            v[i] = vector(counts, str_c(arena, text), "en");
            if (chance_bits(&dice) % 2 == 0)
                give_sentence(&v[i], (int)(chance_bits(&dice) % 3), 1);
        }
        double s = similar_score(&v[0], &v[1]);
        assert_true(s >= 0 && s <= 1 && s == similar_score(&v[1], &v[0]));
    }
}

static void sentence_halves_count_only_where_both_have_one(void **state)
{
    struct similar_counts *counts = similar_counts_make(arena);
    struct similar_vector a = vector(counts, "doctor", "en"), b = vector(counts, "physician", "en");
    double lexical = similar_score(&a, &b);
    give_sentence(&a, 1, 0);
    assert_true(a.has_sentence == 1);
    near(similar_score(&a, &b), lexical);
    give_sentence(&b, 1, 0);
    double both = similar_score(&a, &b);
    assert_true(both >= .5 && both < .6);
    give_sentence(&b, 2, 0);
    assert_true(similar_score(&a, &b) < .1);
    float zeros[SIMILAR_HALF] = { 0 };
    similar_sentence(&b, zeros);
    assert_true(b.has_sentence == 0);
    near(similar_score(&a, &b), lexical);
}

static void halves_have_equal_length_whatever_the_text(void **state)
{
    struct similar_counts *counts = similar_counts_make(arena);
    static const char *const texts[] = { "a", "bike", "学", "5",
                                         "An idea of many more words 学校" };
    for (size_t i = 0; i < 5; i++) {
        struct similar_vector v = vector(counts, texts[i], "en");
        double wanted = (double)SIMILAR_SCALE * SIMILAR_SCALE / 2;
        assert_true(fabs(half_product(v.lexical, v.lexical) / wanted - 1) < .05);
    }
    assert_int_equal(SIMILAR_BYTES, 4 + 2 * SIMILAR_HALF);
}

static void rare_words_weigh_more_than_those_that_all_texts_have(void **state)
{
    struct similar_counts *counts = similar_counts_make(arena);
    for (int i = 0; i < 500; i++) {
        struct words words = split(str_c(arena, str_printf(arena, "park number%d", i)), "en");
        similar_counts_add(counts, scratch, &words);
    }
    struct similar_vector a = vector(counts, "park fountain", "en");
    struct similar_vector rare = vector(counts, "fountain bench", "en");
    struct similar_vector common = vector(counts, "park bench", "en");
    assert_true(similar_score(&a, &rare) > similar_score(&a, &common) + .1);
}

static void counts_taken_out_again_leave_no_trace(void **state)
{
    struct similar_counts *counts = similar_counts_make(arena), *other = similar_counts_make(arena);
    struct words kept = split("more trees, more shade", "en");
    similar_counts_add(counts, scratch, &kept);
    similar_counts_add(other, scratch, &kept);
    for (int i = 0; i < 300; i++) {
        struct words gone = split(str_c(arena, str_printf(arena, "tree %d of word%d", i, i)), "en");
        similar_counts_add(counts, scratch, &gone);
    }
    for (int i = 0; i < 300; i++) {
        struct words gone = split(str_c(arena, str_printf(arena, "tree %d of word%d", i, i)), "en");
        similar_counts_remove(counts, scratch, &gone);
    }
    assert_int_equal(similar_counts_texts(counts), 1);
    struct similar_vector a = vector(counts, "trees of shade", "en");
    struct similar_vector b = vector(other, "trees of shade", "en");
    assert_memory_equal(&a, &b, sizeof a);
}

/* What a campaign does, against making all vectors when all texts are known. */
static void vectors_made_one_by_one_are_near_to_those_of_a_batch(void **state)
{
    enum { COUNT = 600 };
    static const char *const things[] = { "benches", "bike lanes", "trees", "fountains", "lamps" };
    static const char *const places[] = { "park", "school", "market", "station", "library" };
    struct chance dice = { 29 };
    struct similar_counts *counts = similar_counts_make(arena);
    struct similar_vector *early = arena_new(arena, struct similar_vector, COUNT);
    struct similar_vector *late = arena_new(arena, struct similar_vector, COUNT);
    const char **texts = arena_new(arena, const char *, COUNT);
    for (int i = 0; i < COUNT; i++) {
        uint64_t draw = chance_bits(&dice);
        const char *thing = things[draw % 5], *place = places[draw / 5 % 5];
        int number = (int)(draw / 25 % 40);
        switch (draw / 1000 % 3) {
        case 0:
            texts[i] =
                str_c(arena, str_printf(arena, "More %s at the %s %d", thing, place, number));
            break;
        case 1:
            texts[i] =
                str_c(arena, str_printf(arena, "We need %s near %s %d", thing, place, number));
            break;
        default:
            texts[i] = str_c(arena, str_printf(arena, "%s for our %s %d", thing, place, number));
        }
        struct words words = split(texts[i], "en");
        similar_lexical(scratch, counts, &words, &early[i]);
        similar_counts_add(counts, scratch, &words);
    }
    for (int i = 0; i < COUNT; i++)
        late[i] = vector(counts, texts[i], "en");
    double sum = 0, worst = 0;
    for (int i = 0; i < COUNT; i++) {
        int k = (int)(chance_bits(&dice) % COUNT);
        double apart =
            fabs(similar_score(&early[i], &early[k]) - similar_score(&late[i], &late[k]));
        sum += apart;
        worst = fmax(worst, apart);
    }
    assert_true(sum / COUNT < .03);
    assert_true(worst < .2);
}

static void texts_of_many_features_are_no_trouble(void **state)
{
    char *text = arena_take_bytes(arena, 60001);
    for (int i = 0; i < 60000; i++)
        text[i] = i % 30 == 29 ? ' ' : (char)('a' + (i * 7 + i / 30) % 26);
    text[60000] = '\0';
    struct similar_counts *counts = similar_counts_make(arena);
    struct words words = split(text, "en");
    similar_counts_add(counts, scratch, &words);
    struct similar_vector v = vector(counts, text, "en");
    assert_true(similar_score(&v, &v) == 1);
}

/* --- Index ------------------------------------------------------------------------------------ */

static struct similar_vector random_vector(struct chance *dice)
{
    struct similar_vector v = { .method = SIMILAR_METHOD };
    float values[SIMILAR_HALF];
    for (int i = 0; i < SIMILAR_HALF; i++)
        values[i] = (float)(i / 64 == (int)(dice->state >> 7 & 3)) +
                    (float)chance_uniform(dice) * (float)(chance_bits(dice) % 3);
    similar_sentence(&v, values);
    memcpy(v.lexical, v.sentence, SIMILAR_HALF);
    v.has_sentence = chance_bits(dice) % 3 > 0;
    if (!v.has_sentence)
        memset(v.sentence, 0, SIMILAR_HALF);
    if (chance_bits(dice) % 20 == 0)
        memset(v.lexical, 0, SIMILAR_HALF);
    return v;
}

static int best_first(const void *a, const void *b)
{
    const struct similar_found *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* What one finds who compares with every vector. */
static size_t plain_nearest(const struct similar_vector *vectors, const bool *there, size_t count,
                            const struct similar_vector *v, double least,
                            struct similar_found *found)
{
    size_t all = 0;
    struct similar_found *each = arena_new(arena, struct similar_found, count);
    for (size_t i = 0; i < count; i++) {
        double s = there[i] ? similar_score(v, &vectors[i]) : -1;
        if (s >= least && s >= 0)
            each[all++] = (struct similar_found){ (int64_t)i * 977 - 5000, s };
    }
    qsort(each, all, sizeof *each, best_first);
    size_t kept = all < SIMILAR_NEAREST ? all : SIMILAR_NEAREST;
    memcpy(found, each, kept * sizeof *each);
    return kept;
}

static void the_index_finds_what_comparing_all_finds_after_any_changes(void **state)
{
    enum { COUNT = 2600, ROUNDS = 12 };
    struct chance dice = { 17 };
    struct similar_index *index = similar_index_make(arena);
    struct similar_vector *vectors = arena_new(arena, struct similar_vector, COUNT);
    bool *there = arena_new(arena, bool, COUNT);
    size_t in = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int change = 0; change < 900; change++) {
            size_t i = chance_bits(&dice) % COUNT;
            int64_t id = (int64_t)i * 977 - 5000;
            bool adds =
                round < ROUNDS / 2 ? chance_bits(&dice) % 4 > 0 : chance_bits(&dice) % 4 == 0;
            if (adds) {
                in += !there[i];
                there[i] = true;
                vectors[i] = random_vector(&dice);
                similar_add(index, id, &vectors[i]);
            } else {
                assert_int_equal(similar_remove(index, id), there[i]);
                in -= there[i];
                there[i] = false;
            }
        }
        assert_int_equal(similar_count(index), in);
        for (size_t i = 0; i < COUNT; i++) {
            struct similar_vector kept;
            assert_int_equal(similar_get(index, (int64_t)i * 977 - 5000, &kept), there[i]);
            if (there[i])
                assert_memory_equal(&kept, &vectors[i], sizeof kept);
        }
        for (int question = 0; question < 20; question++) {
            struct similar_vector v =
                question % 2 ? vectors[chance_bits(&dice) % COUNT] : random_vector(&dice);
            v.method = SIMILAR_METHOD;
            static const double leasts[] = { 0, -1, .5, .7, .9 };
            double least = leasts[question % 5];
            struct similar_found found[SIMILAR_NEAREST], wanted[SIMILAR_NEAREST];
            size_t count = similar_nearest(index, &v, least, found);
            assert_int_equal(count, plain_nearest(vectors, there, COUNT, &v, least, wanted));
            for (size_t i = 0; i < count; i++) {
                assert_int_equal(found[i].id, wanted[i].id);
                assert_true(found[i].score == wanted[i].score);
            }
        }
    }
}

static void an_index_of_many_thousands_finds_each(void **state)
{
    enum { COUNT = 9000 };
    struct chance dice = { 31 };
    struct similar_index *index = similar_index_make(arena);
    struct similar_vector v, kept;
    for (int i = 0; i < COUNT; i++) {
        v = random_vector(&dice);
        similar_add(index, i, &v);
    }
    assert_true(similar_get(index, COUNT - 1, &kept));
    assert_memory_equal(&kept, &v, sizeof v);
    assert_int_equal(similar_count(index), COUNT);
}

static void an_empty_index_finds_nothing(void **state)
{
    struct similar_index *index = similar_index_make(arena);
    struct similar_vector v = { .method = SIMILAR_METHOD };
    struct similar_found found[SIMILAR_NEAREST];
    assert_int_equal(similar_nearest(index, &v, 0, found), 0);
    assert_false(similar_remove(index, 1));
    similar_add(index, 1, &v);
    assert_int_equal(similar_nearest(index, &v, 0, found), 1);
    assert_int_equal(similar_nearest(index, &v, .1, found), 0);
    assert_true(similar_remove(index, 1));
    assert_int_equal(similar_count(index), 0);
}

/* --- Groups ----------------------------------------------------------------------------------- */

static void every_member_is_near_its_leader_and_leaders_are_apart(void **state)
{
    enum { COUNT = 1500 };
    struct chance dice = { 23 };
    struct similar_vector *vectors = arena_new(arena, struct similar_vector, COUNT);
    for (int i = 0; i < COUNT; i++)
        vectors[i] = i % 3 == 2 ? vectors[chance_bits(&dice) % (uint64_t)i] : random_vector(&dice);
    struct similar_member *members = similar_groups(arena, vectors, NULL, COUNT, .9);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t leader = members[i].leader;
        assert_true(leader <= i && members[leader].leader == leader);
        double best = -1;
        for (uint32_t k = 0; k < i; k++)
            if (members[k].leader == k)
                best = fmax(best, similar_score(&vectors[i], &vectors[k]));
        if (leader == i)
            assert_true(best < .9);
        else
            assert_true(members[i].score == best && best >= .9);
    }
    assert_non_null(similar_groups(arena, vectors, NULL, 0, .9));
}

static void chains_of_small_steps_do_not_fold_what_is_far_apart(void **state)
{
    struct similar_vector v[3];
    for (int i = 0; i < 3; i++) { /* 45° between neighbours, 90° between the ends */
        float values[SIMILAR_HALF] = { [0] = i<2, [1] = i> 0 };
        v[i] = (struct similar_vector){ 0 };
        similar_sentence(&v[i], values);
        memcpy(v[i].lexical, v[i].sentence, SIMILAR_HALF);
    }
    struct similar_member *members = similar_groups(arena, v, NULL, 3, .7);
    assert_int_equal(members[1].leader, 0);
    assert_int_equal(members[2].leader, 2);
}

static void what_must_not_be_merged_is_in_no_group_together(void **state)
{
    static const char *const texts[] = {
        "More benches in the park",
        "More benches in Rose Park",
        "More benches in Oak Park",
        "More benches in Oak Park now",
        "Plant 3 trees",
        "Plant 4 trees",
        "Plant three trees",
        "Plant 4 trees",
        "Plant four trees",
        "More new benches in Rose Park",
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    static const uint32_t wanted[COUNT] = { 0, 0, 2, 2, 4, 5, 4, 5, 5, 0 };
    struct similar_counts *counts = similar_counts_make(arena);
    struct similar_vector *vectors = arena_new(arena, struct similar_vector, COUNT);
    struct words words[COUNT];
    for (int i = 0; i < COUNT; i++) {
        vectors[i] = vector(counts, texts[i], "en");
        words[i] = split(texts[i], "en");
    }
    struct similar_member *members = similar_groups(arena, vectors, words, COUNT, .6);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(members[i].leader, wanted[i]);
    members = similar_groups(arena, vectors, NULL, COUNT, .6);
    assert_int_equal(members[2].leader, 0);
    assert_int_equal(members[5].leader, 4);
}

/* Whoever is refused by the nearest leaders leads. */
static void only_the_nearest_leaders_are_asked(void **state)
{
    enum { COUNT = SIMILAR_LEADERS + 2 };
    struct similar_vector v[COUNT];
    struct words words[COUNT];
    struct similar_counts *counts = similar_counts_make(arena);
    for (int i = 0; i < COUNT; i++) { /* all alike but for their numbers; the last as the first */
        const char *text = str_c(arena, str_printf(arena, "Plant %d trees", i % (COUNT - 1) + 30));
        words[i] = split(text, "en");
        v[i] = vector(counts, "Plant trees", "en");
    }
    struct similar_member *members = similar_groups(arena, v, words, COUNT, .9);
    for (uint32_t i = 0; i < COUNT - 1; i++)
        assert_int_equal(members[i].leader, i);
    assert_int_equal(members[COUNT - 1].leader, 0);
    words[COUNT - 1] = words[COUNT - 2];
    members = similar_groups(arena, v, words, COUNT, .9); /* of equals the first are asked */
    assert_int_equal(members[COUNT - 1].leader, COUNT - 1);
}

/* The nearest are kept, whichever order they come in. */
static void of_many_leaders_the_nearest_is_joined(void **state)
{
    enum { LEADERS = 2 * SIMILAR_LEADERS, COUNT = LEADERS + 1 };
    struct similar_vector v[COUNT];
    struct words words[COUNT];
    for (int i = 0; i < COUNT; i++) { /* each nearer to the last; all differ in a number */
        v[i] = (struct similar_vector){ .method = SIMILAR_METHOD };
        give_sentence(&v[i], 0, i == LEADERS ? 0 : (float)(LEADERS - i) / LEADERS);
        memcpy(v[i].lexical, v[i].sentence, SIMILAR_HALF);
        words[i] = split(str_c(arena, str_printf(arena, "Plant %d trees", 30 + i)), "en");
    }
    words[LEADERS] = words[LEADERS - 1];
    struct similar_member *members = similar_groups(arena, v, words, COUNT, .5);
    assert_int_equal(members[LEADERS].leader, LEADERS - 1);
    words[LEADERS] = words[0]; /* the farthest, which is not asked */
    members = similar_groups(arena, v, words, COUNT, .5);
    assert_int_equal(members[LEADERS].leader, LEADERS);
    struct similar_vector turned[COUNT]; /* the nearest first: later ones find no place */
    for (int i = 0; i < COUNT; i++)
        turned[i] = v[i == LEADERS ? i : LEADERS - 1 - i];
    members = similar_groups(arena, turned, words, COUNT, .5);
    assert_int_equal(members[LEADERS].leader, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_text_scores_one_and_nothing_in_common_nearly_none),
        cmocka_unit_test(closer_texts_score_higher),
        cmocka_unit_test(a_score_is_the_same_from_both_sides_and_within_bounds),
        cmocka_unit_test(sentence_halves_count_only_where_both_have_one),
        cmocka_unit_test(halves_have_equal_length_whatever_the_text),
        cmocka_unit_test(rare_words_weigh_more_than_those_that_all_texts_have),
        cmocka_unit_test(counts_taken_out_again_leave_no_trace),
        cmocka_unit_test(vectors_made_one_by_one_are_near_to_those_of_a_batch),
        cmocka_unit_test(texts_of_many_features_are_no_trouble),
        cmocka_unit_test(the_index_finds_what_comparing_all_finds_after_any_changes),
        cmocka_unit_test(an_index_of_many_thousands_finds_each),
        cmocka_unit_test(an_empty_index_finds_nothing),
        cmocka_unit_test(every_member_is_near_its_leader_and_leaders_are_apart),
        cmocka_unit_test(chains_of_small_steps_do_not_fold_what_is_far_apart),
        cmocka_unit_test(what_must_not_be_merged_is_in_no_group_together),
        cmocka_unit_test(only_the_nearest_leaders_are_asked),
        cmocka_unit_test(of_many_leaders_the_nearest_is_joined),
    };
    return cmocka_run_group_tests(tests, open_scratch, close_scratch);
}
