#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "sift/chance/chance.h"
#include "sift/rank/rank.h"
#include "sift/table/table_testing.h"

static struct rank_rows read_rows(const char *csv, enum rank_layout layout, const char *only)
{
    struct rank_rows rows;
    struct fault fault = { 0 };
    assert_true(rank_rows_read(arena, str_from(csv), layout, only, &rows, &fault));
    return rows;
}

static void assert_refused(const char *csv, enum rank_layout layout, const char *only,
                           const char *why)
{
    struct rank_rows rows;
    struct fault fault = { 0 };
    assert_false(rank_rows_read(arena, str_from(csv), layout, only, &rows, &fault));
    assert_int_equal(fault.kind, FAULT_REFUSED);
    assert_string_equal(fault.detail, why);
}

/* --- Rows ------------------------------------------------------------------------------------- */

static void each_layout_is_read(void **state)
{
    struct rank_rows r = read_rows("Winner ID,Loser ID,Session ID,Valid\n1,2,a,TRUE\n2,1,a,FALSE\n"
                                   "3,1,,true\n",
                                   RANK_CHOICES, "Valid=TRUE");
    assert_true(r.count == 2 && r.passed_over == 1 && r.items.count == 3 && r.people.count == 1);
    assert_true(r.rows[1].item == 2 && r.rows[1].other == 0 && r.rows[1].person == NAMES_NONE);
    assert_false(r.has_times || r.has_origins);
    r = read_rows("item,voter,vote,ip,time\nx,a,up,10.0.0.1,2017-06-29 15:20:59 UTC\nx,b,-1,,0\n"
                  "y,b,pass,,1\ny,c,,,1\ny,d,No,,1\ny,e,0,,1\n",
                  RANK_VOTES, NULL);
    assert_true(r.count == 3 && r.passed_over == 3 && r.has_times && r.has_origins);
    assert_true(r.rows[0].value == 1 && r.rows[0].at_s == 1498749659 && r.rows[0].origin == 0);
    assert_true(r.rows[1].value == -1 && r.rows[1].origin == NAMES_NONE && r.rows[2].value == -1);
    r = read_rows("idea,for,against\nx,3,4.5\n", RANK_TALLIES, NULL);
    assert_true(r.rows[0].value == 3 && r.rows[0].down == 4.5 && !r.has_people);
    r = read_rows("item,judge,score\nx,a,3\nx,b,-1e2\n", RANK_MARKS, NULL);
    assert_true(r.rows[1].value == -100 && r.rows[1].person == 1);
    r = read_rows("item,judge,label\nx,a,cat\nx,b,dog\ny,b,cat\n", RANK_LABELS, NULL);
    assert_true(r.rows[2].value == 0 && r.labels.count == 2);
    assert_true(rank_has_tallies(arena, S("item,up,down\n")));
    assert_false(rank_has_tallies(arena, S("item,up\n")));
    assert_false(rank_has_tallies(arena, S("item,down\n")));
    assert_false(rank_has_tallies(arena, S("")));
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    assert_refused("", RANK_VOTES, NULL, "the table is empty");
    assert_refused("item,vote\n", RANK_CHOICES, NULL,
                   "there is no column \"winner\" (or winner|winner id)");
    assert_refused("winner\n", RANK_CHOICES, NULL,
                   "there is no column \"loser\" (or loser|loser id)");
    assert_refused("item\n", RANK_VOTES, NULL, "there is no column \"vote\" (or vote|value)");
    assert_refused("item,up\n", RANK_TALLIES, NULL,
                   "there is no column \"down\" (or down|against|disagree|losses)");
    assert_refused(
        "item,score\n", RANK_MARKS, NULL,
        "there is no column \"voter\" (or voter|worker|person|judge|session id|session)");
    assert_refused("winner,loser\na,b\n", RANK_CHOICES, "Valid=TRUE",
                   "there is no column \"Valid\"");
    assert_refused("winner,loser\na,b\na,a\n", RANK_CHOICES, NULL,
                   "line 3: winner and loser are the same");
    assert_refused("winner,loser\n,b\n", RANK_CHOICES, NULL, "line 2: the winner is missing");
    assert_refused("winner,loser\nb,\n", RANK_CHOICES, NULL, "line 2: the loser is missing");
    assert_refused("item,vote\n,1\n", RANK_VOTES, NULL, "line 2: the item is missing");
    assert_refused("item,vote\nx,maybe\n", RANK_VOTES, NULL, "line 2: \"maybe\" is no vote");
    assert_refused("item,judge,score\nx,a,NaN\n", RANK_MARKS, NULL, "line 2: \"NaN\" is no number");
    assert_refused("item,judge,score\nx,a,1e300\n", RANK_MARKS, NULL,
                   "line 2: \"1e300\" is no number");
    assert_refused("item,judge,label\nx,a,\n", RANK_LABELS, NULL, "line 2: the label is missing");
    assert_refused("item,up,down\nx,-1,2\n", RANK_TALLIES, NULL,
                   "line 2: \"-1\" is no number of votes");
    assert_refused("item,up,down\nx,1,1e16\n", RANK_TALLIES, NULL,
                   "line 2: \"1e16\" is no number of votes");
    assert_refused("item,up,down\nx,1,z\n", RANK_TALLIES, NULL,
                   "line 2: \"z\" is no number of votes");
    assert_refused("item,vote,time\nx,1,noon\n", RANK_VOTES, NULL, "line 2: \"noon\" is no time");
    assert_refused("item,vote\nx\n", RANK_VOTES, NULL, "line 2 has 1 cells, the heading has 2");
}

static void moments_are_read_in_several_ways(void **state)
{
    static const struct {
        const char *text;
        int64_t at_s;
    } good[] = { { "0", 0 },
                 { "1498749659", 1498749659 },
                 { "1498749659123", 1498749659 },
                 { "1498749659123456", 1498749659 },
                 { "-5", -5 },
                 { "1970-01-01 00:00:00", 0 },
                 { "2000-02-29T12:00:00Z", 951825600 },
                 { "2017-06-29 15:20:59.123 UTC", 1498749659 },
                 { "2017-06-29 15:20:59.5", 1498749659 } };
    static const char *const bad[] = { "",
                                       "noon",
                                       "2017-06-29",
                                       "2017/06-29 15:20:59",
                                       "2017-06-29 15:20:5",
                                       "2017-06-29 15:20:59 CET",
                                       "2017-13-29 15:20:59",
                                       "2017-00-29 15:20:59",
                                       "2017-06-00 15:20:59",
                                       "2017-06-32 15:20:59",
                                       "2017-06-29 24:20:59",
                                       "2017-06-29 15:60:59",
                                       "2017-06-29 15:20:61",
                                       "2017-06--9 15:20:59",
                                       "x017-06-29 15:20:59" };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t at_s = -1;
        assert_true(rank_moment(str_from(good[i].text), &at_s));
        assert_int_equal(at_s, good[i].at_s);
    }
    int64_t at_s;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rank_moment(str_from(bad[i]), &at_s));
}

static void the_last_vote_on_an_item_counts(void **state)
{
    struct rank_rows r = read_rows("item,voter,vote\nx,a,up\nx,b,up\ny,a,up\nx,a,down\nx,,up\n"
                                   "x,,up\n",
                                   RANK_VOTES, NULL);
    assert_int_equal(rank_rows_latest(arena, &r), 1);
    assert_int_equal(r.count, 5);
    assert_true(r.rows[0].person == 1 && r.rows[2].value == -1);
}

static void mutated_tables_are_read_or_refused(void **state)
{
    static const char *const seeds[] = {
        "item,voter,vote,ip,time\nx,a,up,10.0.0.1,2017-06-29 15:20:59 UTC\n\"y "
        "\"\"z\"\"\",b,-1,,0\n",
        "Winner ID,Loser ID,Session ID,Valid\n1,2,a,TRUE\n2,1,a,FALSE\n",
        "item,up,down\nx,3,4.5\ny,1e3,0\n", "item,judge,score\nx,a,3\nx,b,-1e2\n"
    };
    static const enum rank_layout layouts[] = { RANK_VOTES, RANK_CHOICES, RANK_TALLIES,
                                                RANK_MARKS };
    static const char bytes[] = ",\"\n\r-019eE.:TZ \0\xFFxu";
    struct chance chance = { 13 };
    int read = 0, refused = 0;
    for (int round = 0; round < 20000; round++) {
        struct arena_mark mark = arena_mark(arena);
        size_t which = chance_bits(&chance) % 4, size = strlen(seeds[which]);
        char *text = (char *)memcpy(malloc(size), seeds[which], size);
        for (uint64_t n = chance_bits(&chance) % 4; n > 0; n--)
            text[chance_bits(&chance) % size] = bytes[chance_bits(&chance) % (sizeof bytes - 1)];
        struct rank_rows rows;
        struct fault fault = { 0 };
        size_t kept = chance_bits(&chance) % 3 == 0 ? chance_bits(&chance) % size : size;
        if (rank_rows_read(arena, (struct str){ text, kept }, layouts[which], NULL, &rows,
                           &fault)) {
            read++;
            rank_rows_latest(arena, &rows);
            rank_screen(arena, &rows, RANK_SCREEN_VOTES);
        } else {
            refused++;
            assert_true(fault.kind == FAULT_REFUSED && fault.detail[0] != '\0');
        }
        free(text);
        arena_rewind(arena, mark);
    }
    assert_true(read > 2000 && refused > 2000);
}

/* --- Screening -------------------------------------------------------------------------------- */

/* 2,000 honest votes of 400 people on ten items over ten days. */
static void add_honest(struct buf *csv, uint64_t seed)
{
    struct chance chance = { seed };
    buf_add(csv, S("item,voter,vote,ip,time\n"));
    for (int k = 0; k < 2000; k++)
        buf_printf(csv, "i%d,v%d,%s,o%d,%d\n", (int)(chance_bits(&chance) % 10), k % 400,
                   chance_uniform(&chance) < 0.7 ? "up" : "down", k % 400,
                   1000000000 + (int)(chance_bits(&chance) % 864000));
}

static size_t count_of(const struct rank_rows *rows, const uint8_t *suspicions, uint8_t which)
{
    size_t found = 0;
    for (size_t i = 0; i < rows->count; i++)
        found += (suspicions[i] & which) != 0;
    return found;
}

static void honest_votes_are_not_suspected(void **state)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct buf csv = { .arena = arena };
        add_honest(&csv, seed);
        buf_char(&csv, '\0');
        struct rank_rows rows = read_rows(csv.data, RANK_VOTES, NULL);
        uint8_t *suspicions = rank_screen(arena, &rows, RANK_SCREEN_VOTES);
        assert_int_equal(count_of(&rows, suspicions, 7), 0);
        assert_int_equal(rank_screened(arena, &rows, suspicions).count, rows.count);
    }
}

static void planted_votes_are_found_and_why(void **state)
{
    struct buf csv = { .arena = arena };
    add_honest(&csv, 3);
    for (int k = 0; k < 40; k++) /* in four minutes, each from elsewhere */
        buf_printf(&csv, "i9,fresh%d,up,f%d,%d\n", k, k, 1000400000 + 6 * k);
    for (int k = 0; k < 8; k++) /* over eight days, from one place, and for another item too */
        buf_printf(&csv, "i8,near%d,up,here,%d\ni1,near%d,up,o%d,%d\n", k, 1000000000 + 86400 * k,
                   k, k, 1000000000 + 86400 * k);
    buf_char(&csv, '\0');
    struct rank_rows rows = read_rows(csv.data, RANK_VOTES, NULL);
    uint8_t *suspicions = rank_screen(arena, &rows, RANK_SCREEN_VOTES);
    for (size_t i = 0; i < 2000; i++)
        assert_true((suspicions[i] & ~RANK_BURST) == 0);
    for (size_t i = 2000; i < 2040; i++)
        assert_int_equal(suspicions[i], RANK_BURST | RANK_ONE_ENTRY);
    for (size_t k = 0; k < 8; k++) {
        assert_int_equal(suspicions[2040 + 2 * k], k < 3 ? 0 : RANK_ORIGIN);
        assert_int_equal(suspicions[2041 + 2 * k], 0);
    }
    assert_true(count_of(&rows, suspicions, RANK_BURST) <= 42);
    struct rank_rows kept = rank_screened(arena, &rows, suspicions);
    assert_int_equal(kept.count, rows.count - count_of(&rows, suspicions, 7));
}

static void a_rush_on_everything_is_no_burst(void **state)
{
    struct chance chance = { 5 };
    struct buf csv = { .arena = arena };
    add_honest(&csv, 4);
    for (int k = 0; k < 1000; k++)
        buf_printf(&csv, "i%d,v%d,up,,%d\n", (int)(chance_bits(&chance) % 10), k % 400,
                   1000400000 + (int)(chance_bits(&chance) % 500));
    buf_char(&csv, '\0');
    struct rank_rows rows = read_rows(csv.data, RANK_VOTES, NULL);
    assert_int_equal(count_of(&rows, rank_screen(arena, &rows, RANK_SCREEN_VOTES), RANK_BURST), 0);
    /* All within a minute: nothing to compare with. */
    struct buf quick = { .arena = arena };
    buf_add(&quick, S("item,voter,vote,time\n"));
    for (int k = 0; k < 100; k++)
        buf_printf(&quick, "i%d,v%d,up,%d\ni2,v%d,up,%d\n", k % 2, k, k % 60, k, k % 60);
    buf_char(&quick, '\0');
    rows = read_rows(quick.data, RANK_VOTES, NULL);
    assert_int_equal(count_of(&rows, rank_screen(arena, &rows, RANK_SCREEN_VOTES), 7), 0);
}

static void bursts_of_choices_are_measured_by_what_was_shown(void **state)
{
    struct chance chance = { 6 };
    struct buf csv = { .arena = arena };
    buf_add(&csv, S("winner,loser,voter,time\n"));
    for (int k = 0; k < 2000; k++) { /* item 9 comes late and is then in every pair for a while */
        int a = k >= 1000 && k < 1100 ? 9 : (int)(chance_bits(&chance) % (k < 1000 ? 9 : 10));
        int b = a == 9 ? k % 9 : (a + 1 + (int)(chance_bits(&chance) % 8)) % 9;
        bool first = chance_uniform(&chance) < 0.6;
        buf_printf(&csv, "i%d,i%d,v%d,%d\n", first ? a : b, first ? b : a, k % 90, 1000000 + 5 * k);
    }
    size_t honest = csv.size;
    buf_char(&csv, '\0');
    struct rank_rows rows = read_rows(csv.data, RANK_CHOICES, NULL);
    assert_int_equal(count_of(&rows, rank_screen(arena, &rows, RANK_SCREEN_CHOICES), 7), 0);
    csv.size = honest;
    for (int k = 0; k < 60; k++)
        buf_printf(&csv, "i3,i%d,f%d,%d\n", 4 + k % 5, k, 1002000 + k);
    buf_char(&csv, '\0');
    rows = read_rows(csv.data, RANK_CHOICES, NULL);
    uint8_t *suspicions = rank_screen(arena, &rows, RANK_SCREEN_CHOICES);
    for (size_t i = 2000; i < 2060; i++)
        assert_int_equal(suspicions[i], RANK_BURST);
    /* Honest choices of the same item within ten minutes of them are caught as well. */
    assert_true(count_of(&rows, suspicions, RANK_BURST) < 120);
}

static void who_always_chooses_the_same_is_noticed(void **state)
{
    struct buf csv = { .arena = arena };
    buf_add(&csv, S("winner,loser,voter\n"));
    for (int k = 0; k < 5; k++)
        buf_printf(&csv, "x,i%d,stuffer\nx,i%d,fan\n", k, k);
    buf_add(&csv, S("i1,x,fan\nx,i1,new\nx,i2,\n"));
    buf_char(&csv, '\0');
    struct rank_rows rows = read_rows(csv.data, RANK_CHOICES, NULL);
    uint8_t *suspicions = rank_screen(arena, &rows, RANK_SCREEN_CHOICES);
    assert_int_equal(count_of(&rows, suspicions, RANK_ONE_ENTRY), 5);
    assert_int_equal(suspicions[0], RANK_ONE_ENTRY);
    assert_int_equal(suspicions[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_layout_is_read),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(moments_are_read_in_several_ways),
        cmocka_unit_test(the_last_vote_on_an_item_counts),
        cmocka_unit_test(mutated_tables_are_read_or_refused),
        cmocka_unit_test(honest_votes_are_not_suspected),
        cmocka_unit_test(planted_votes_are_found_and_why),
        cmocka_unit_test(a_rush_on_everything_is_no_burst),
        cmocka_unit_test(bursts_of_choices_are_measured_by_what_was_shown),
        cmocka_unit_test(who_always_chooses_the_same_is_noticed),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
