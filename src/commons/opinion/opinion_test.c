#include <math.h>

#include "opinion_inner.h"
#include "sift/chance/chance.h"

#include "base/base_testing.h"

/* --- Rules ------------------------------------------------------------------------------------ */

static void a_place_takes_seven_opinions_or_all_there_are(void **state)
{
    (void)state;
    assert_int_equal(opinion_needed(0), 7);
    assert_int_equal(opinion_needed(4), 4);
    assert_int_equal(opinion_needed(500), 7);
}

static void people_are_asked_about_different_subjects_and_each_about_the_same_again(void **state)
{
    (void)state;
    struct opinion_next_row rows[16] = { 0 };
    size_t asked[16] = { 0 };
    for (int64_t i = 0; i < 16; i++)
        rows[i].subject_id.value = 1000 + i;
    for (int64_t person = 1; person <= 1600; person++) {
        size_t one = opinion_choose(rows, 16, (struct person_id){ person });
        assert_int_equal(opinion_choose(rows, 16, (struct person_id){ person }), one);
        asked[one]++;
    }
    for (size_t i = 0; i < 16; i++)
        assert_true(asked[i] > 60 && asked[i] < 140); /* 100 each, give or take four deviations */
}

static void what_is_left_does_not_change_what_is_asked(void **state)
{
    (void)state;
    struct opinion_next_row rows[8] = { 0 };
    for (int64_t i = 0; i < 8; i++)
        rows[i].subject_id.value = 50 + i;
    struct person_id person = { 7 };
    int64_t asked = rows[opinion_choose(rows, 8, person)].subject_id.value;
    rows[7 - (asked - 50)].subject_id.value = 99; /* another one takes the place of one not asked */
    if (rows[opinion_choose(rows, 8, person)].subject_id.value != 99)
        assert_int_equal(rows[opinion_choose(rows, 8, person)].subject_id.value, asked);
}

/* --- The chart -------------------------------------------------------------------------------- */

enum { SUBJECTS = 16 };

/* Camps of these sizes. Of subject 0 to 3 everybody thinks the same; on the others the camps
   alternate. Somebody answers otherwise than their camp once in ten times. */
static struct opinion_facts camps(const uint32_t *sizes, uint32_t count)
{
    struct chance dice = { 5 };
    struct opinion_facts facts = { .subject_count = SUBJECTS, .shown_count = SUBJECTS };
    for (uint32_t c = 0; c < count; c++)
        facts.person_count += sizes[c];
    facts.people = arena_new(arena, struct person_id, facts.person_count);
    facts.subjects = arena_new(arena, struct subject_id, SUBJECTS);
    facts.is_out = arena_new(arena, bool, SUBJECTS);
    facts.votes = arena_new(arena, struct groups_vote, (size_t)facts.person_count * SUBJECTS);
    facts.group_before = arena_new(arena, uint32_t, facts.person_count);
    uint32_t person = 0;
    for (uint32_t c = 0; c < count; c++)
        for (uint32_t i = 0; i < sizes[c]; i++, person++) {
            facts.people[person].value = person + 1;
            facts.group_before[person] = GROUPS_NONE;
            for (uint32_t s = 0; s < SUBJECTS; s++) {
                int line = s < 4 || s % count == c ? 1 : -1;
                bool differs = chance_uniform(&dice) < 0.1;
                facts.votes[facts.vote_count++] =
                    (struct groups_vote){ person, s, (int8_t)(differs ? -line : line) };
            }
        }
    for (uint32_t s = 0; s < SUBJECTS; s++)
        facts.subjects[s].value = s + 1;
    return facts;
}

static bool tells_of(const struct chart *chart, enum said_list list, uint32_t subject)
{
    for (size_t i = 0; i < chart->said_count; i++)
        if (chart->said[i].list == list && chart->said[i].subject == subject)
            return true;
    return false;
}

static void camps_are_told_apart_and_what_they_have_in_common_is_found(void **state)
{
    (void)state;
    struct opinion_facts facts = camps((const uint32_t[]){ 20, 14 }, 2);
    struct chart chart = chart_draw(arena, &facts);
    assert_int_equal(chart.groups.count, 2);
    assert_int_equal(chart.groups.size[0], 20);
    assert_int_equal(chart.groups.size[1], 14);
    assert_int_equal(chart.people_enough, 34);
    for (uint32_t s = 0; s < SUBJECTS; s++) {
        assert_int_equal(tells_of(&chart, LIST_COMMON, s), s < 4);
        assert_false(s < 4 && tells_of(&chart, LIST_DIVISIVE, s));
        assert_false(s < 4 && tells_of(&chart, LIST_GROUP, s));
    }
    assert_true(chart.shown_share > 0.3 && chart.shown_share <= 1);
}

static void with_fewer_than_ten_people_nothing_is_drawn(void **state)
{
    (void)state;
    struct opinion_facts facts = camps((const uint32_t[]){ 5, 4 }, 2);
    struct chart chart = chart_draw(arena, &facts);
    assert_int_equal(chart.people_enough, 9);
    assert_int_equal(chart.groups.count, 0);
    assert_int_equal(chart.said_count + chart.share_count, 0);
    facts = camps((const uint32_t[]){ 5, 5 }, 2);
    assert_int_equal(chart_draw(arena, &facts).groups.count, 2);
    facts = (struct opinion_facts){ 0 };
    assert_int_equal(chart_draw(arena, &facts).people_enough, 0);
}

static void of_a_group_of_four_nothing_is_told(void **state)
{
    (void)state;
    struct opinion_facts facts = camps((const uint32_t[]){ 20, 4 }, 2);
    struct chart chart = chart_draw(arena, &facts);
    assert_int_equal(chart.groups.count, 2);
    assert_int_equal(chart.groups.size[1], 4);
    for (size_t i = 0; i < chart.said_count; i++)
        assert_false(chart.said[i].list == LIST_GROUP && chart.said[i].group == 1);
    for (size_t i = 0; i < chart.share_count; i++) {
        assert_int_equal(chart.shares[i].group, 0);
        assert_true(chart.shares[i].count.seen >= OPINION_TOLD_MIN);
    }
}

static void what_is_hidden_is_in_no_list(void **state)
{
    (void)state;
    struct opinion_facts facts = camps((const uint32_t[]){ 20, 14 }, 2);
    size_t kept = 0;
    facts.is_out[0] = facts.is_out[5] = true;
    facts.shown_count = SUBJECTS - 2;
    for (size_t i = 0; i < facts.vote_count; i++)
        if (!facts.is_out[facts.votes[i].statement])
            facts.votes[kept++] = facts.votes[i];
    facts.vote_count = kept;
    struct chart chart = chart_draw(arena, &facts);
    assert_int_equal(chart.opinion_total, (int64_t)kept);
    assert_int_equal(chart.groups.count, 2);
    for (enum said_list list = 0; list < LIST_COUNT; list++)
        assert_false(tells_of(&chart, list, 0) || tells_of(&chart, list, 5));
}

/* What a chart leaves for the next one. */
static void keep(struct opinion_facts *facts, const struct chart *chart)
{
    facts->has_before = true;
    facts->axis_before[0] = chart->plane.axis[0];
    facts->axis_before[1] = chart->plane.axis[1];
    facts->group_before = chart->groups.of;
    facts->group_count_before = chart->groups.count;
}

static void a_chart_that_begins_at_itself_is_the_same(void **state)
{
    (void)state;
    struct opinion_facts facts = camps((const uint32_t[]){ 15, 13, 11 }, 3);
    struct chart first = chart_draw(arena, &facts);
    keep(&facts, &first);
    struct chart again = chart_draw(arena, &facts);
    assert_int_equal(again.groups.count, first.groups.count);
    assert_int_equal(again.said_count, first.said_count);
    for (uint32_t p = 0; p < facts.person_count; p++)
        assert_int_equal(again.groups.of[p], first.groups.of[p]);
    for (uint32_t s = 0; s < SUBJECTS; s++)
        assert_true(fabs(again.plane.axis[0][s] - first.plane.axis[0][s]) < 1e-6);
}

static void groups_keep_their_numbers_when_the_smaller_one_outgrows_the_other(void **state)
{
    (void)state;
    struct opinion_facts facts = camps((const uint32_t[]){ 16, 12 }, 2);
    struct chart first = chart_draw(arena, &facts);
    struct opinion_facts later = camps((const uint32_t[]){ 16, 30 }, 2);
    keep(&later, &first);
    later.group_before = arena_new(arena, uint32_t, later.person_count);
    for (uint32_t p = 0; p < later.person_count; p++)
        later.group_before[p] = p < facts.person_count ? first.groups.of[p] : GROUPS_NONE;
    struct chart second = chart_draw(arena, &later);
    assert_int_equal(second.groups.size[0], 16);
    assert_int_equal(second.groups.size[1], 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_takes_seven_opinions_or_all_there_are),
        cmocka_unit_test(people_are_asked_about_different_subjects_and_each_about_the_same_again),
        cmocka_unit_test(what_is_left_does_not_change_what_is_asked),
        cmocka_unit_test(camps_are_told_apart_and_what_they_have_in_common_is_found),
        cmocka_unit_test(with_fewer_than_ten_people_nothing_is_drawn),
        cmocka_unit_test(of_a_group_of_four_nothing_is_told),
        cmocka_unit_test(what_is_hidden_is_in_no_list),
        cmocka_unit_test(a_chart_that_begins_at_itself_is_the_same),
        cmocka_unit_test(groups_keep_their_numbers_when_the_smaller_one_outgrows_the_other),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
