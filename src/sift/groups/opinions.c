/* The votes as a sparse matrix, by person.
 *
 * Computes: rows of (statement, vote), ascending, one entry for each pair; of repeated votes the
 * last.
 * How: two stable counting sorts, first by statement, then by person.
 * Cost: O(votes + people + statements) time; 16 bytes a vote while sorting, 5 kept.
 * Limits: 2^32 - 1 people and statements.
 */
#include "sift/groups/groups.h"

#include "base/arena.h"
#include "base/check.h"

/* Where each of `count` keys begins, from how often it came; starts[count] is the total. */
static void sum_up(size_t *starts, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i <= count; i++) {
        size_t here = starts[i];
        starts[i] = total;
        total += here;
    }
}

/* The votes' positions, sorted by statement, then stably by person; row[] is filled. */
static uint32_t *sort(struct arena *arena, const struct groups_vote *votes, size_t count,
                      const struct opinions *o, size_t *row)
{
    size_t *column = arena_new(arena, size_t, (size_t)o->statement_count + 1);
    for (size_t i = 0; i < count; i++) {
        check(votes[i].person < o->person_count && votes[i].statement < o->statement_count);
        check(votes[i].vote >= -1 && votes[i].vote <= 1);
        column[votes[i].statement]++;
        row[votes[i].person]++;
    }
    sum_up(column, o->statement_count);
    sum_up(row, o->person_count);
    uint32_t *by_statement = arena_new(arena, uint32_t, count);
    uint32_t *sorted = arena_new(arena, uint32_t, count);
    for (size_t i = 0; i < count; i++)
        by_statement[column[votes[i].statement]++] = (uint32_t)i;
    size_t *next = arena_new(arena, size_t, o->person_count);
    for (size_t p = 0; p < o->person_count; p++)
        next[p] = row[p];
    for (size_t i = 0; i < count; i++)
        sorted[next[votes[by_statement[i]].person]++] = by_statement[i];
    return sorted;
}

struct opinions opinions_make(struct arena *arena, const struct groups_vote *votes, size_t count,
                              uint32_t person_count, uint32_t statement_count, const bool *is_out)
{
    check(count < UINT32_MAX);
    struct opinions o = { .person_count = person_count, .statement_count = statement_count };
    size_t *row = arena_new(arena, size_t, (size_t)person_count + 1);
    uint32_t *statement = arena_new(arena, uint32_t, count);
    int8_t *vote = arena_new(arena, int8_t, count);
    bool *out = arena_new(arena, bool, statement_count);
    for (uint32_t s = 0; is_out != NULL && s < statement_count; s++)
        out[s] = is_out[s];

    struct arena *scratch = arena_make();
    const uint32_t *sorted = sort(scratch, votes, count, &o, row);
    size_t kept = 0;
    for (uint32_t p = 0; p < person_count; p++) {
        size_t from = row[p];
        row[p] = kept;
        for (size_t i = from; i < row[p + 1]; i++) {
            const struct groups_vote *v = &votes[sorted[i]];
            bool again = kept > row[p] && statement[kept - 1] == v->statement;
            kept -= again;
            statement[kept] = v->statement;
            vote[kept++] = v->vote;
        }
    }
    row[person_count] = kept;
    arena_free(scratch);
    o.vote_count = kept;
    o.again_count = count - kept;
    o.row = row;
    o.statement = statement;
    o.vote = vote;
    o.is_out = out;
    return o;
}
