#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sift/chance/chance.h"
#include "sift/groups/groups.h"
#include "sift/table/table_testing.h"

static struct chance dice = { 1 };

static uint32_t below(uint32_t bound)
{
    return (uint32_t)(chance_bits(&dice) % bound);
}

/* A crowd as a list of votes, with whatever else the room wants to know. */
struct crowd {
    struct groups_vote *votes;
    size_t count;
    uint32_t people, statements;
    const bool *is_out;
};

static void give(struct crowd *c, uint32_t person, uint32_t statement, int vote)
{
    c->votes[c->count++] = (struct groups_vote){ person, statement, (int8_t)vote };
}

static struct crowd crowd_new(uint32_t people, uint32_t statements)
{
    return (struct crowd){ .votes = arena_new(arena, struct groups_vote,
                                              2 * (size_t)people * statements + 1),
                           .people = people,
                           .statements = statements };
}

/* `camps` camps that mostly vote alike; person p is of camp p % camps. */
static struct crowd camps(uint64_t seed, uint32_t people, uint32_t statements, uint32_t count)
{
    dice.state = seed;
    struct crowd c = crowd_new(people, statements);
    int8_t *line = arena_new(arena, int8_t, (size_t)statements * count);
    for (size_t i = 0; i < (size_t)statements * count; i++)
        line[i] = below(2) == 0 ? 1 : -1;
    for (uint32_t p = 0; p < people; p++)
        for (uint32_t s = 0; s < statements; s++)
            if (below(100) < 70)
                give(&c, p, s,
                     below(100) < 85 ? line[(size_t)s * count + p % count] : (int)below(3) - 1);
    return c;
}

struct outcome {
    struct opinions o;
    struct groups_plane plane;
    struct groups g;
    struct groups_counts counts;
};

static struct outcome work_out(const struct crowd *c, struct groups_wish wish)
{
    struct outcome r;
    r.o = opinions_make(arena, c->votes, c->count, c->people, c->statements, c->is_out);
    r.plane = groups_plane(arena, &r.o, NULL);
    r.g = groups_find(arena, &r.o, &r.plane, wish);
    r.counts = groups_count(arena, &r.o, r.g.of, r.g.count);
    return r;
}

static void shuffle(struct groups_vote *votes, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = below((uint32_t)i);
        struct groups_vote v = votes[k];
        votes[k] = votes[i - 1];
        votes[i - 1] = v;
    }
}

static uint32_t *permutation(uint32_t count)
{
    uint32_t *to = arena_new(arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++)
        to[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t k = below(i), was = to[k];
        to[k] = to[i - 1];
        to[i - 1] = was;
    }
    return to;
}

/* --- Opinions --------------------------------------------------------------------------------- */

static void rows_hold_the_last_vote_of_each_pair_in_order(void **state)
{
    struct crowd c = crowd_new(3, 4);
    give(&c, 2, 3, 1);
    give(&c, 0, 1, -1);
    give(&c, 2, 0, 0);
    give(&c, 2, 3, -1);
    give(&c, 0, 1, 1);
    give(&c, 0, 1, 0);
    struct opinions o = opinions_make(arena, c.votes, c.count, 3, 4, NULL);
    assert_int_equal(o.vote_count, 3);
    assert_int_equal(o.again_count, 3);
    assert_int_equal(o.row[0], 0);
    assert_int_equal(o.row[1], 1);
    assert_int_equal(o.row[2], 1);
    assert_int_equal(o.row[3], 3);
    assert_int_equal(o.statement[0], 1);
    assert_int_equal(o.vote[0], 0);
    assert_int_equal(o.statement[1], 0);
    assert_int_equal(o.statement[2], 3);
    assert_int_equal(o.vote[2], -1);
    assert_false(o.is_out[0]);
}

/* --- The plane -------------------------------------------------------------------------------- */

/* C'C v for the centred matrix, the plain way. */
static void check_axis(const struct outcome *r, int axis)
{
    uint32_t n = r->o.statement_count;
    double *image = arena_new(arena, double, n), length = 0;
    for (uint32_t p = 0; p < r->o.person_count; p++) {
        double sum = 0;
        for (int pass = 0; pass < 2; pass++)
            for (size_t i = r->o.row[p]; i < r->o.row[p + 1]; i++) {
                uint32_t s = r->o.statement[i];
                double x = r->o.is_out[s] ? 0 : r->o.vote[i] - r->plane.mean[s];
                if (pass == 0)
                    sum += x * r->plane.axis[axis][s];
                else
                    image[s] += x * sum;
            }
    }
    for (uint32_t s = 0; s < n; s++) {
        length += r->plane.axis[axis][s] * r->plane.axis[axis][s];
        if (fabs(image[s] - r->plane.eigenvalue[axis] * r->plane.axis[axis][s]) >
            1e-10 * (r->plane.variance + 1))
            fail_msg("axis %d is no eigenvector at %u", axis, s);
    }
    near(length, r->plane.eigenvalue[axis] > 0 ? 1 : 0);
}

static void axes_are_eigenvectors_of_what_was_voted(void **state)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        dice.state = seed;
        uint32_t people = 1 + below(60), statements = 1 + below(60);
        struct crowd c = camps(seed, people, statements, 1 + (uint32_t)seed % 4);
        bool *is_out = arena_new(arena, bool, statements);
        for (uint32_t s = 0; s < statements; s++)
            is_out[s] = below(8) == 0;
        c.is_out = is_out;
        struct outcome r = work_out(&c, (struct groups_wish){ 0 });
        assert_true(r.plane.is_converged);
        double across = 0;
        for (uint32_t s = 0; s < statements; s++)
            across += r.plane.axis[0][s] * r.plane.axis[1][s];
        near(across + 1, 1);
        assert_true(r.plane.eigenvalue[0] >= r.plane.eigenvalue[1]);
        assert_true(r.plane.eigenvalue[0] + r.plane.eigenvalue[1] <=
                    r.plane.variance * (1 + 1e-12) + 1e-12);
        check_axis(&r, 0);
        check_axis(&r, 1);
    }
}

static void the_plane_of_two_statements_is_known(void **state)
{
    /* Everybody votes the same on 1; statement 0 divides them alone: the axis is (1, 0). */
    struct crowd c = crowd_new(4, 2);
    for (uint32_t p = 0; p < 4; p++) {
        give(&c, p, 0, p < 2 ? 1 : -1);
        give(&c, p, 1, 1);
    }
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    near(r.plane.eigenvalue[0], 4);
    near(r.plane.axis[0][0], 1);
    near(r.plane.at[0][0], 1);
    near(r.plane.at[0][3], -1);
    assert_true(r.plane.eigenvalue[1] == 0 && r.plane.axis[1][0] == 0 && r.plane.at[1][2] == 0);
    near(r.plane.statement_at[0][0], sqrt(2));
    assert_true(r.plane.statement_at[0][1] == 0);
}

static void equal_directions_still_give_two_axes(void **state)
{
    /* Three statements, each dividing people alike and apart from the others: all values equal. */
    struct crowd c = crowd_new(8, 3);
    for (uint32_t p = 0; p < 8; p++)
        for (uint32_t s = 0; s < 3; s++)
            give(&c, p, s, (p >> s & 1) != 0 ? 1 : -1);
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    near(r.plane.eigenvalue[0], 8);
    near(r.plane.eigenvalue[1], 8);
    check_axis(&r, 0);
    check_axis(&r, 1);
}

static void many_statements_of_few_kinds_exhaust_the_search_and_end_it(void **state)
{
    /* Rank 1 and 2 in many columns: the iteration runs out of directions and goes on by chance. */
    for (uint32_t rank = 1; rank <= 2; rank++) {
        struct crowd c = crowd_new(20, 50);
        for (uint32_t p = 0; p < 20; p++)
            for (uint32_t s = 0; s < 50; s++)
                give(&c, p, s, (s % rank == 0 ? p % 2 : p / 2 % 2) == 0 ? 1 : -1);
        struct outcome r = work_out(&c, (struct groups_wish){ 0 });
        near(r.plane.eigenvalue[0], 20 * 50 / rank);
        near(r.plane.eigenvalue[1], rank == 1 ? 0 : 20 * 25);
        assert_true(r.plane.is_converged);
    }
}

static void a_plane_begun_at_the_last_one_keeps_its_directions(void **state)
{
    struct crowd c = camps(3, 80, 30, 2);
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    for (uint32_t s = 0; s < 30; s++)
        r.plane.axis[0][s] = -r.plane.axis[0][s];
    struct groups_plane again = groups_plane(arena, &r.o, &r.plane);
    assert_true(again.step_count <= r.plane.step_count);
    for (int a = 0; a < 2; a++)
        for (uint32_t s = 0; s < 30; s++)
            near(again.axis[a][s], r.plane.axis[a][s]);
    /* A start of its own direction, which the axis must be turned to. */
    struct groups_plane odd = r.plane;
    odd.axis[0] = arena_new(arena, double, 30);
    odd.axis[1] = arena_new(arena, double, 30);
    for (uint32_t s = 0; s < 30; s++) {
        odd.axis[0][s] = -0.5 * r.plane.axis[0][s];
        odd.axis[1][s] = 2 * r.plane.axis[0][s];
    }
    again = groups_plane(arena, &r.o, &odd);
    near(again.axis[0][5], -r.plane.axis[0][5]);
    /* A statement more, and a plane of nothing. */
    struct opinions more = opinions_make(arena, c.votes, c.count, 80, 31, NULL);
    again = groups_plane(arena, &more, &r.plane);
    near(again.axis[0][5], r.plane.axis[0][5]);
    struct opinions none = opinions_make(arena, NULL, 0, 0, 0, NULL);
    struct groups_plane empty = groups_plane(arena, &none, NULL);
    again = groups_plane(arena, &more, &empty);
    near(fabs(again.axis[0][5]), fabs(r.plane.axis[0][5]));
}

static void axes_too_near_one_another_are_said_to_be_inexact(void **state)
{
    /* Everybody votes on one statement only: the eigenvalues are n - d² / n for n votes, d more of
       one kind, here d = 0, 2, 4 …: the first two differ by 4 in 880². */
    enum { STATEMENTS = 440, VOTES = 880 };
    struct crowd c = { .votes = arena_new(arena, struct groups_vote, STATEMENTS * VOTES) };
    for (uint32_t i = 0; i < STATEMENTS * VOTES; i++)
        give(&c, i, i / VOTES, i % VOTES < VOTES / 2 + i / VOTES ? 1 : -1);
    struct opinions o =
        opinions_make(arena, c.votes, c.count, STATEMENTS * VOTES, STATEMENTS, NULL);
    struct groups_plane plane = groups_plane(arena, &o, NULL);
    assert_false(plane.is_converged);
    assert_int_equal(plane.step_count, 400);
    assert_true(plane.eigenvalue[0] > VOTES - 0.1 && plane.eigenvalue[0] < VOTES + 1e-6);
}

/* --- Groups ----------------------------------------------------------------------------------- */

static void camps_are_found(void **state)
{
    for (uint32_t k = 2; k <= 3; k++) {
        struct crowd c = camps(k, 150, 40, k);
        struct outcome r = work_out(&c, (struct groups_wish){ .seed = 7 });
        assert_int_equal(r.g.count, k);
        assert_int_equal(r.g.in_count, 150);
        for (uint32_t p = 0; p < 150; p++)
            assert_int_equal(r.g.of[p], r.g.of[p % k]);
        assert_true(r.g.silhouette_here > 0.5);
        assert_true(r.g.silhouette[k] == r.g.silhouette_here);
    }
}

static void nobody_one_person_and_equal_people_are_no_error(void **state)
{
    struct crowd c = crowd_new(0, 0);
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    assert_int_equal(r.g.count, 0);
    assert_true(isnan(r.g.silhouette_here));
    c = crowd_new(3, 2); /* people without votes */
    r = work_out(&c, (struct groups_wish){ .votes_min = 1 });
    assert_int_equal(r.g.in_count, 0);
    c = crowd_new(1, 1);
    give(&c, 0, 0, 1);
    r = work_out(&c, (struct groups_wish){ 0 });
    assert_int_equal(r.g.count, 1);
    assert_true(r.g.margin[0] == 1);
    c = crowd_new(30, 5); /* all equal */
    for (uint32_t i = 0; i < 150; i++)
        give(&c, i / 5, i % 5, 1);
    r = work_out(&c, (struct groups_wish){ 0 });
    assert_int_equal(r.g.count, 1);
    assert_int_equal(r.g.size[0], 30);
    r = work_out(&c, (struct groups_wish){ .k = 4 });
    assert_int_equal(r.g.count, 1);
    c = crowd_new(30, 5); /* two points: no third group */
    for (uint32_t i = 0; i < 150; i++)
        give(&c, i / 5, i % 5, i / 5 < 10 ? 1 : -1);
    r = work_out(&c, (struct groups_wish){ 0 });
    assert_int_equal(r.g.count, 2);
    assert_int_equal(r.g.size[0], 20);
    assert_true(isnan(r.g.silhouette[3]));
    near(r.g.silhouette_here, 1);
}

static void who_voted_little_is_out_unless_kept_or_few_are_in(void **state)
{
    struct crowd c = camps(4, 40, 20, 2);
    size_t kept = 0;
    for (size_t i = 0; i < c.count; i++) /* people 0 and 1 keep their votes on 0 to 2 only */
        if (c.votes[i].person > 1 || c.votes[i].statement < 3)
            c.votes[kept++] = c.votes[i];
    c.count = kept;
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    assert_int_equal(r.g.of[0], GROUPS_NONE);
    assert_true(isnan(r.g.margin[1]));
    assert_int_equal(r.g.in_count, 38);
    bool is_kept[40] = { true };
    r = work_out(&c, (struct groups_wish){ .is_kept = is_kept });
    assert_int_not_equal(r.g.of[0], GROUPS_NONE);
    assert_int_equal(r.g.of[1], GROUPS_NONE);
    r = work_out(&c, (struct groups_wish){ .votes_min = 21 });
    assert_int_equal(r.g.in_count, 15); /* nobody, so those who gave most */
    assert_int_equal(r.g.of[0], GROUPS_NONE);
}

static void order_and_numbers_of_people_statements_and_rows_change_nothing(void **state)
{
    for (uint64_t seed = 10; seed < 22; seed++) {
        uint32_t n = 30 + (uint32_t)seed * 3, m = 25;
        struct crowd c = camps(seed, n, m, 2 + (uint32_t)seed % 3), d = crowd_new(n, m);
        const uint32_t *person = permutation(n), *statement = permutation(m);
        for (size_t i = 0; i < c.count; i++)
            give(&d, person[c.votes[i].person], statement[c.votes[i].statement], c.votes[i].vote);
        shuffle(d.votes, d.count);
        struct outcome a = work_out(&c, (struct groups_wish){ .seed = seed }),
                       b = work_out(&d, (struct groups_wish){ .seed = seed });
        assert_int_equal(a.g.count, b.g.count);
        for (uint32_t p = 0; p < n; p++)
            for (uint32_t q = 0; q < n; q++)
                assert_int_equal(a.g.of[p] == a.g.of[q], b.g.of[person[p]] == b.g.of[person[q]]);
        for (uint32_t p = 0; p < n; p++)
            if (!isnan(a.g.margin[p]))
                near(a.g.margin[p], b.g.margin[person[p]]);
        double deviation;
        for (uint32_t s = 0; s < m; s++)
            near(groups_consensus(&a.counts, s, &deviation),
                 groups_consensus(&b.counts, statement[s], &deviation));
    }
}

static void groups_keep_their_numbers_while_votes_come_in(void **state)
{
    struct crowd c = camps(6, 120, 30, 3);
    struct outcome before = work_out(&c, (struct groups_wish){ 0 });
    assert_int_equal(before.g.count, 3);
    uint32_t *turned = arena_new(arena, uint32_t, 120); /* other numbers than by size */
    for (uint32_t p = 0; p < 120; p++)
        turned[p] = (before.g.of[p] + 1) % 3;
    turned[7] = GROUPS_NONE;
    for (uint32_t i = 0; i < 60; i++)
        give(&c, below(120), below(30), (int)below(3) - 1);
    for (uint32_t k = 0; k <= 3; k += 3) {
        struct outcome after =
            work_out(&c, (struct groups_wish){ .k = k, .before = turned, .before_count = 3 });
        assert_int_equal(after.g.count, 3);
        for (uint32_t p = 0; p < 120; p++)
            assert_int_equal(after.g.of[p],
                             turned[p] == GROUPS_NONE ? turned[p % 3 + 90] : turned[p]);
    }
    /* Fewer groups: those that remain keep low numbers; more: new ones come behind. */
    struct outcome fewer =
        work_out(&c, (struct groups_wish){ .k = 2, .before = turned, .before_count = 3 });
    assert_int_equal(fewer.g.count, 2);
    struct outcome more =
        work_out(&c, (struct groups_wish){ .k = 4, .before = turned, .before_count = 3 });
    assert_int_equal(more.g.count, 4);
    /* A start of which nobody is left, and one with a single group. */
    uint32_t *nobody = arena_new(arena, uint32_t, 120), *one = arena_new(arena, uint32_t, 120);
    for (uint32_t p = 0; p < 120; p++)
        nobody[p] = GROUPS_NONE;
    assert_int_equal(
        work_out(&c, (struct groups_wish){ .before = nobody, .before_count = 2 }).g.count, 3);
    assert_int_equal(work_out(&c, (struct groups_wish){ .before = one, .before_count = 1 }).g.count,
                     3);
}

static void a_worse_number_of_groups_from_last_time_is_given_up(void **state)
{
    struct crowd c = camps(6, 120, 30, 2);
    uint32_t *six = arena_new(arena, uint32_t, 120);
    for (uint32_t p = 0; p < 120; p++)
        six[p] = p % 6;
    struct outcome r = work_out(&c, (struct groups_wish){ .before = six, .before_count = 6 });
    assert_int_equal(r.g.count, 2);
}

static void centres_that_are_given_are_where_it_starts(void **state)
{
    struct crowd c = camps(8, 60, 30, 2);
    struct outcome r = work_out(&c, (struct groups_wish){ .k = 2 });
    const double x[3] = { r.g.centre[0][1], r.g.centre[0][0], 1e9 },
                 y[3] = { r.g.centre[1][1], r.g.centre[1][0], 1e9 };
    struct outcome again = work_out(&c, (struct groups_wish){ .k = 3, .start = { x, y } });
    assert_int_equal(again.g.count, 2); /* nobody is near the third */
    for (uint32_t p = 0; p < 60; p++)
        assert_int_equal(again.g.of[p], 1 - r.g.of[p]);
}

/* People so placed that at each step one of them changes to the group that was one person first. */
static void a_search_without_end_is_broken_off(void **state)
{
    enum { PEOPLE = 400, STEPS = 300 };
    struct crowd c = camps(1, PEOPLE, 8, 1);
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    double *at = r.plane.at[0], sum = at[0] = -1;
    for (int p = 1; p < PEOPLE - 1; p++)
        sum += at[p] = (sum / p - sum / (PEOPLE - p)) / 2 - 1e-5;
    at[PEOPLE - 1] = -sum;
    memset(r.plane.at[1], 0, PEOPLE * sizeof *r.plane.at[1]);
    const double x[2] = { -1, 1.0 / (PEOPLE - 1) }, y[2] = { 0 };
    struct groups g = groups_find(
        arena, &r.o, &r.plane, (struct groups_wish){ .k = 2, .votes_min = 1, .start = { x, y } });
    assert_int_equal(g.in_count, PEOPLE);
    assert_int_equal(g.size[g.of[0]], STEPS + 1);
    double mean = 0;
    for (int p = 0; p < PEOPLE; p++)
        mean += g.of[p] == g.of[0] ? at[p] / (STEPS + 1) : 0;
    assert_true(fabs(g.centre[0][g.of[0]] - mean) < 1e-12);
}

static void many_people_are_sampled_for_the_silhouette(void **state)
{
    struct crowd c = camps(9, 3000, 20, 2);
    struct outcome r = work_out(&c, (struct groups_wish){ .seed = 2 });
    assert_int_equal(r.g.count, 2);
    uint32_t right = 0;
    for (uint32_t p = 0; p < 3000; p++)
        right += r.g.of[p] == GROUPS_NONE || (r.g.of[p] == r.g.of[0]) == (p % 2 == 0);
    assert_in_range(right, 2900, 3000);
}

static void one_far_from_thousands_may_miss_the_sample(void **state)
{
    struct crowd c = crowd_new(3000, 1);
    for (uint32_t p = 0; p < 3000; p++)
        give(&c, p, 0, p == 0 ? 1 : -1);
    struct outcome r = work_out(&c, (struct groups_wish){ .k = 2 });
    assert_int_equal(r.g.count, 2);
    assert_int_equal(r.g.size[1], 1);
    assert_true(r.g.silhouette_here == 0);
}

static void groups_that_are_given_are_measured(void **state)
{
    struct crowd c = camps(5, 40, 20, 2);
    struct outcome r = work_out(&c, (struct groups_wish){ .k = 2 });
    r.g.of[3] = GROUPS_NONE;
    struct groups g = groups_given(arena, &r.o, &r.plane, r.g.of, 3);
    assert_int_equal(g.count, 3);
    assert_int_equal(g.in_count, 39);
    assert_int_equal(g.size[2], 0);
    assert_true(g.silhouette_here > 0.5 && isnan(g.margin[3]) && g.margin[0] > 0);
    for (uint32_t p = 0; p < 40; p++)
        r.g.of[p] = GROUPS_NONE;
    g = groups_given(arena, &r.o, &r.plane, r.g.of, 0);
    assert_int_equal(g.count, 0);
}

static void people_may_stand_above_one_another(void **state)
{
    struct crowd c = camps(1, 16, 8, 1);
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    for (uint32_t p = 0; p < 16; p++) {
        r.plane.at[0][p] = 1;
        r.plane.at[1][p] = (p * 5 % 16 < 8 ? 0 : 100) + p * 5 % 3;
    }
    struct groups g = groups_find(arena, &r.o, &r.plane, (struct groups_wish){ .votes_min = 1 });
    assert_int_equal(g.count, 2);
    for (uint32_t p = 0; p < 16; p++)
        assert_int_equal(g.of[p] == g.of[0], p * 5 % 16 < 8);
}

static void a_person_alone_in_a_group_has_no_silhouette(void **state)
{
    struct crowd c = crowd_new(3, 1);
    for (uint32_t p = 0; p < 3; p++)
        give(&c, p, 0, p == 2 ? 1 : -1);
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    assert_int_equal(r.g.count, 2);
    near(r.g.silhouette_here, 2.0 / 3);
}

static void one_person_stands_where_the_crowd_put_them(void **state)
{
    struct crowd c = camps(12, 60, 20, 2);
    bool *is_out = arena_new(arena, bool, 20);
    is_out[4] = true;
    c.is_out = is_out;
    struct outcome r = work_out(&c, (struct groups_wish){ .k = 2 });
    struct groups_vote *mine = arena_new(arena, struct groups_vote, 21);
    double at[2];
    for (uint32_t p = 0; p < 60; p++) {
        size_t count = 0;
        for (size_t i = 0; i < c.count; i++)
            if (c.votes[i].person == p)
                mine[count++] = c.votes[i];
        mine[count++] = (struct groups_vote){ p, 20, 1 }; /* a statement that came later */
        groups_stand(&r.plane, is_out, mine, count, at);
        near(at[0], r.plane.at[0][p]);
        near(at[1], r.plane.at[1][p]);
        assert_int_equal(groups_nearest(&r.g, at), r.g.of[p]);
    }
    groups_stand(&r.plane, NULL, NULL, 0, at);
    assert_true(at[0] == 0 && at[1] == 0);
    groups_stand(&r.plane, NULL, mine, 1, at);
    assert_true(at[0] != 0);
    r.g.size[groups_nearest(&r.g, at)] = 0; /* nobody is there */
    assert_int_not_equal(groups_nearest(&r.g, at), GROUPS_NONE);
    struct groups none = { 0 };
    assert_int_equal(groups_nearest(&none, at), GROUPS_NONE);
}

/* --- The map ---------------------------------------------------------------------------------- */

static void the_map_holds_every_group_and_escapes_names(void **state)
{
    struct crowd c = camps(2, 60, 20, 2);
    c.people++; /* one without votes */
    struct outcome r = work_out(&c, (struct groups_wish){ .k = 9 });
    struct str names[GROUPS_MAX];
    for (uint32_t g = 0; g < r.g.count; g++)
        names[g] = S("<a&b>\x01");
    struct str svg = groups_map_svg(arena, &r.o, &r.plane, &r.g, names);
    assert_true(str_starts(svg, S("<svg xmlns=")) && str_ends(svg, S("</svg>\n")));
    assert_true(str_find(svg, S("&lt;a&amp;b&gt;")) != SIZE_MAX);
    assert_true(str_find(svg, S("<a")) == SIZE_MAX && str_find(svg, S("\x01")) == SIZE_MAX);
    assert_true(str_find(svg, S("nan")) == SIZE_MAX && str_find(svg, S("inf")) == SIZE_MAX);
}

static void the_map_of_nobody_and_of_equal_people_is_a_picture_too(void **state)
{
    struct str names[] = { S("0") };
    struct crowd c = crowd_new(0, 0);
    struct outcome r = work_out(&c, (struct groups_wish){ 0 });
    struct str svg = groups_map_svg(arena, &r.o, &r.plane, &r.g, names);
    assert_true(str_find(svg, S("0 people in 0 groups")) != SIZE_MAX);
    c = crowd_new(5, 1);
    for (uint32_t p = 0; p < 5; p++)
        give(&c, p, 0, 1);
    r = work_out(&c, (struct groups_wish){ 0 });
    svg = groups_map_svg(arena, &r.o, &r.plane, &r.g, names);
    assert_true(str_find(svg, S("M400.0 280.0h0")) != SIZE_MAX);
    assert_true(str_find(svg, S("nan")) == SIZE_MAX && str_find(svg, S("inf")) == SIZE_MAX);
}

static size_t count_of(struct str text, struct str part)
{
    size_t count = 0;
    for (size_t at; (at = str_find(text, part)) != SIZE_MAX; count++)
        text = str_slice(text, at + part.size, text.size);
    return count;
}

static void a_picture_has_a_dot_for_each_or_for_as_many_as_are_wanted(void **state)
{
    struct crowd c = camps(2, 60, 20, 2);
    struct outcome r = work_out(&c, (struct groups_wish){ .k = 2 });
    struct groups_picture all = groups_picture(arena, &r.o, &r.plane, &r.g, 60);
    struct groups_picture some = groups_picture(arena, &r.o, &r.plane, &r.g, 20);
    size_t dots = 0;
    for (uint32_t g = 0; g < 2; g++) {
        assert_int_equal(count_of(all.of[g].dots, S("h0")), r.g.size[g]);
        assert_true(str_equal(all.of[g].hull, some.of[g].hull));
        assert_true(str_starts(all.of[g].hull, S("M")) && str_ends(all.of[g].hull, S("Z")));
        dots += count_of(some.of[g].dots, S("h0"));
    }
    assert_int_equal(dots, 20);
}

static void a_place_is_where_its_dot_is_and_never_outside_the_picture(void **state)
{
    struct crowd c = camps(2, 60, 20, 2);
    struct outcome r = work_out(&c, (struct groups_wish){ .k = 2 });
    struct groups_picture picture = groups_picture(arena, &r.o, &r.plane, &r.g, SIZE_MAX);
    double place[2];
    groups_picture_place(&picture, (double[]){ r.plane.at[0][0], r.plane.at[1][0] }, place);
    struct str dot = str_printf(arena, "M%.1f %.1fh0", place[0], place[1]);
    assert_true(str_find(picture.of[r.g.of[0]].dots, dot) != SIZE_MAX);
    groups_picture_place(&picture, (double[]){ 1e9, -1e9 }, place);
    assert_true(place[0] < GROUPS_PICTURE_WIDE && place[1] < GROUPS_PICTURE_HIGH);
    groups_picture_place(&picture, (double[]){ -1e9, 1e9 }, place);
    assert_true(place[0] > 0 && place[1] > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_hold_the_last_vote_of_each_pair_in_order),
        TEST(axes_are_eigenvectors_of_what_was_voted),
        TEST(the_plane_of_two_statements_is_known),
        TEST(equal_directions_still_give_two_axes),
        TEST(many_statements_of_few_kinds_exhaust_the_search_and_end_it),
        TEST(a_plane_begun_at_the_last_one_keeps_its_directions),
        TEST(axes_too_near_one_another_are_said_to_be_inexact),
        TEST(camps_are_found),
        TEST(nobody_one_person_and_equal_people_are_no_error),
        TEST(who_voted_little_is_out_unless_kept_or_few_are_in),
        TEST(order_and_numbers_of_people_statements_and_rows_change_nothing),
        TEST(groups_keep_their_numbers_while_votes_come_in),
        TEST(a_worse_number_of_groups_from_last_time_is_given_up),
        TEST(centres_that_are_given_are_where_it_starts),
        TEST(a_search_without_end_is_broken_off),
        TEST(many_people_are_sampled_for_the_silhouette),
        TEST(one_far_from_thousands_may_miss_the_sample),
        TEST(groups_that_are_given_are_measured),
        TEST(people_may_stand_above_one_another),
        TEST(a_person_alone_in_a_group_has_no_silhouette),
        TEST(one_person_stands_where_the_crowd_put_them),
        TEST(the_map_holds_every_group_and_escapes_names),
        TEST(a_picture_has_a_dot_for_each_or_for_as_many_as_are_wanted),
        TEST(a_place_is_where_its_dot_is_and_never_outside_the_picture),
        TEST(the_map_of_nobody_and_of_equal_people_is_a_picture_too),
    };
    return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
