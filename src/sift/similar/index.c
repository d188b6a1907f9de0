/* The nearest of many vectors, and groups of near-duplicates.
 *
 * Computes: the SIMILAR_NEAREST vectors of the highest scores; leaders and who stands with them.
 * Model: exact. Lexical halves stand one after another in blocks and are compared with the query
 *     first. A pair whose lexical cosine is so low that no sentence half could bring it to the
 *     least score wanted (½·cos ≤ ½) is passed over without looking at the rest, which most are.
 *         Groups are those of the leader algorithm: in the order given, a text joins the nearest
 *     leader before it or becomes one. Unlike connected components of "alike" it keeps every
 *     member near its leader; unlike k-means it needs no number of groups. Where a group holds
 *     what must not be merged with a text (differ.c), the next nearest is tried.
 * Source: J. A. Hartigan, "Clustering Algorithms", 1975 (leader algorithm).
 * Cost: a look-up reads 512 bytes for each vector. Groups: as many for each pair of text and
 *     leader; they are compared in tiles that fit into the second cache. Rows are 1,045 bytes.
 * Limits: groups depend on the order of the texts; it should be that of time, so that the oldest
 *     leads. Above half a million vectors a look-up takes more than 20 ms.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/dense/dense.h"
#include "sift/similar/inside.h"
#include "sift/similar/similar.h"

#include <math.h>
#include <string.h>

enum { BLOCK_ROWS = 1024 };

struct block {
    int8_t lexical[BLOCK_ROWS][SIMILAR_HALF];
    int8_t sentence[BLOCK_ROWS][SIMILAR_HALF];
    int32_t lexical_length[BLOCK_ROWS], sentence_length[BLOCK_ROWS]; /* 0: there is no such half */
    int64_t id[BLOCK_ROWS];
};

struct similar_index {
    struct arena *arena;
    struct block **blocks;
    size_t block_count, block_capacity;
    uint32_t count; /* rows in use: 0 … count - 1 */

    /* id to row + 1, open addressing, at most three quarters full */
    uint32_t *slots;
    uint32_t slot_mask;
};

struct similar_index *similar_index_make(struct arena *arena)
{
    enum { SLOTS_FIRST = 64 };
    struct similar_index *index = arena_new(arena, struct similar_index, 1);
    *index = (struct similar_index){ .arena = arena,
                                     .slot_mask = SLOTS_FIRST - 1,
                                     .slots = arena_new(arena, uint32_t, SLOTS_FIRST) };
    return index;
}

size_t similar_count(const struct similar_index *index)
{
    return index->count;
}

/* --- Rows by id ------------------------------------------------------------------------------- */

static struct block *block_of(const struct similar_index *index, uint32_t row)
{
    return index->blocks[row / BLOCK_ROWS];
}

static int64_t id_of(const struct similar_index *index, uint32_t row)
{
    return block_of(index, row)->id[row % BLOCK_ROWS];
}

static uint32_t home_of(const struct similar_index *index, int64_t id)
{
    return (uint32_t)((uint64_t)id * 0x9E3779B97F4A7C15 >> 32) & index->slot_mask;
}

/* The slot of an id, or the free one where it belongs. */
static uint32_t slot_of(const struct similar_index *index, int64_t id)
{
    uint32_t at = home_of(index, id);
    while (index->slots[at] != 0 && id_of(index, index->slots[at] - 1) != id)
        at = (at + 1) & index->slot_mask;
    return at;
}

static void grow_slots(struct similar_index *index)
{
    check(index->slot_mask < UINT32_MAX / 4);
    index->slot_mask = index->slot_mask * 2 + 1;
    index->slots = arena_new(index->arena, uint32_t, (size_t)index->slot_mask + 1);
    for (uint32_t row = 0; row < index->count; row++)
        index->slots[slot_of(index, id_of(index, row))] = row + 1;
}

/* Frees a slot and moves back those behind it that stood past their home because of it. */
static void free_slot(struct similar_index *index, uint32_t hole)
{
    uint32_t mask = index->slot_mask;
    for (uint32_t at = (hole + 1) & mask; index->slots[at] != 0; at = (at + 1) & mask) {
        uint32_t home = home_of(index, id_of(index, index->slots[at] - 1));
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        index->slots[hole] = index->slots[at];
        hole = at;
    }
    index->slots[hole] = 0;
}

static void add_block(struct similar_index *index)
{
    if (index->block_count == index->block_capacity) {
        size_t capacity = index->block_capacity * 2 + 4;
        struct block **blocks = arena_new(index->arena, struct block *, capacity);
        if (index->block_count > 0)
            memcpy(blocks, index->blocks, index->block_count * sizeof(struct block *));
        index->blocks = blocks;
        index->block_capacity = capacity;
    }
    index->blocks[index->block_count++] =
        (struct block *)(void *)arena_take_bytes(index->arena, sizeof(struct block));
}

static void write_row(const struct similar_index *index, uint32_t row, int64_t id,
                      const struct similar_vector *v)
{
    struct block *block = block_of(index, row);
    uint32_t at = row % BLOCK_ROWS;
    memcpy(block->lexical[at], v->lexical, SIMILAR_HALF);
    memcpy(block->sentence[at], v->sentence, SIMILAR_HALF);
    block->lexical_length[at] = half_product(v->lexical, v->lexical);
    block->sentence_length[at] = v->has_sentence ? half_product(v->sentence, v->sentence) : 0;
    block->id[at] = id;
}

void similar_add(struct similar_index *index, int64_t id, const struct similar_vector *v)
{
    check(v->method == SIMILAR_METHOD);
    if (index->count >= index->slot_mask / 4 * 3)
        grow_slots(index);
    uint32_t slot = slot_of(index, id);
    if (index->slots[slot] == 0) {
        check(index->count < UINT32_MAX - 1);
        if (index->count == index->block_count * BLOCK_ROWS)
            add_block(index);
        index->slots[slot] = ++index->count;
    }
    write_row(index, index->slots[slot] - 1, id, v);
}

bool similar_get(const struct similar_index *index, int64_t id, struct similar_vector *v)
{
    uint32_t slot = slot_of(index, id);
    if (index->slots[slot] == 0)
        return false;
    uint32_t row = index->slots[slot] - 1, at = row % BLOCK_ROWS;
    const struct block *block = block_of(index, row);
    *v = (struct similar_vector){ .method = SIMILAR_METHOD,
                                  .has_sentence = block->sentence_length[at] > 0 };
    memcpy(v->lexical, block->lexical[at], SIMILAR_HALF);
    memcpy(v->sentence, block->sentence[at], SIMILAR_HALF);
    return true;
}

bool similar_remove(struct similar_index *index, int64_t id)
{
    uint32_t slot = slot_of(index, id);
    if (index->slots[slot] == 0)
        return false;
    uint32_t row = index->slots[slot] - 1, last = index->count - 1;
    struct block *to = block_of(index, row), *from = block_of(index, last);
    uint32_t i = row % BLOCK_ROWS, j = last % BLOCK_ROWS;
    free_slot(index, slot);
    if (row != last) {
        index->slots[slot_of(index, from->id[j])] = row + 1;
        memcpy(to->lexical[i], from->lexical[j], SIMILAR_HALF);
        memcpy(to->sentence[i], from->sentence[j], SIMILAR_HALF);
        to->lexical_length[i] = from->lexical_length[j];
        to->sentence_length[i] = from->sentence_length[j];
        to->id[i] = from->id[j];
    }
    index->count--;
    return true;
}

/* --- Looking up ------------------------------------------------------------------------------- */

struct query {
    const struct similar_vector *v;
    int32_t lexical_length, sentence_length;
    double least_both, least_lexical; /* lexical cosines below which a pair is passed over */
};

static struct query query_of(const struct similar_vector *v)
{
    check(v->method == SIMILAR_METHOD);
    return (struct query){ .v = v,
                           .lexical_length = half_product(v->lexical, v->lexical),
                           .sentence_length =
                               v->has_sentence ? half_product(v->sentence, v->sentence) : 0 };
}

static void ask_for(struct query *q, double least)
{
    const double rounding = 1e-9;
    q->least_both = least_lexical_cosine(least, true) - rounding;
    q->least_lexical = least_lexical_cosine(least, false) - rounding;
}

/* The score with a row, or -1 when its lexical cosine is too low for the least score asked for. */
static double score_with(const struct query *q, int32_t product, int32_t lexical_length,
                         int32_t sentence_length, const int8_t *sentence)
{
    bool sentences = q->sentence_length > 0 && sentence_length > 0;
    double lexical = cosine(product, q->lexical_length, lexical_length);
    if (lexical < (sentences ? q->least_both : q->least_lexical))
        return -1;
    double other = !sentences ? 0
                              : cosine(half_product(q->v->sentence, sentence), q->sentence_length,
                                       sentence_length);
    return score_of_cosines(lexical, other, sentences);
}

static bool is_better(struct similar_found a, struct similar_found b)
{
    return a.score > b.score || (a.score == b.score && a.id < b.id);
}

/* Puts one in its place; what falls out at the end is forgotten. */
static size_t insert(struct similar_found *found, size_t count, struct similar_found new)
{
    if (count == SIMILAR_NEAREST) {
        if (!is_better(new, found[count - 1]))
            return count;
        count--;
    }
    size_t at = count;
    for (; at > 0 && is_better(new, found[at - 1]); at--)
        found[at] = found[at - 1];
    found[at] = new;
    return count + 1;
}

size_t similar_nearest(const struct similar_index *index, const struct similar_vector *v,
                       double least, struct similar_found found[SIMILAR_NEAREST])
{
    struct query q = query_of(v);
    int32_t products[BLOCK_ROWS];
    size_t count = 0;
    ask_for(&q, fmax(least, 0));
    for (uint32_t from = 0; from < index->count; from += BLOCK_ROWS) {
        const struct block *block = block_of(index, from);
        uint32_t rows = index->count - from < BLOCK_ROWS ? index->count - from : BLOCK_ROWS;
        dense_dots_int8(v->lexical, block->lexical[0], rows, SIMILAR_HALF, products);
        for (uint32_t i = 0; i < rows; i++) {
            double score = score_with(&q, products[i], block->lexical_length[i],
                                      block->sentence_length[i], block->sentence[i]);
            if (score < least || score < 0)
                continue;
            count = insert(found, count, (struct similar_found){ block->id[i], score });
            if (count == SIMILAR_NEAREST)
                ask_for(&q, found[count - 1].score);
        }
    }
    return count;
}

/* --- Groups ----------------------------------------------------------------------------------- */

enum { TILE_ROWS = 512, QUERIES = 32 };

struct grouping {
    const struct similar_vector *vectors;
    const struct words *words;       /* NULL: nothing speaks against merging */
    int8_t (*lexical)[SIMILAR_HALF]; /* the leaders' halves, in the order they became leaders */
    int32_t *lexical_length, *sentence_length;
    uint32_t *leader; /* numbers of vectors */
    uint32_t leader_count;
    uint32_t *next, *last; /* by text, in its group: whom to ask as well; by leader: the last */
};

/* A text to be put somewhere, with the leaders near to it, best first. */
struct newcomer {
    struct query q;
    struct similar_member near[SIMILAR_LEADERS];
    uint32_t near_count;
};

/* Of equals the one that was there first stays before the other. */
static void note_leader(struct newcomer *n, struct similar_member new)
{
    uint32_t at = n->near_count < SIMILAR_LEADERS ? n->near_count++ : SIMILAR_LEADERS - 1;
    for (; at > 0 && n->near[at - 1].score < new.score; at--)
        n->near[at] = n->near[at - 1];
    n->near[at] = new;
}

/* Notes which of leaders from … to are near enough. */
static void compare(const struct grouping *g, struct newcomer *n, uint32_t from, uint32_t to,
                    double least)
{
    int32_t products[TILE_ROWS];
    dense_dots_int8(n->q.v->lexical, g->lexical[from], to - from, SIMILAR_HALF, products);
    for (uint32_t i = from; i < to; i++) {
        double score = score_with(&n->q, products[i - from], g->lexical_length[i],
                                  g->sentence_length[i], g->vectors[g->leader[i]].sentence);
        bool is_full = n->near_count == SIMILAR_LEADERS;
        if (score >= least && (!is_full || score > n->near[SIMILAR_LEADERS - 1].score))
            note_leader(n, (struct similar_member){ g->leader[i], score });
    }
}

static void lead(struct grouping *g, uint32_t number, const struct query *q)
{
    uint32_t at = g->leader_count++;
    memcpy(g->lexical[at], q->v->lexical, SIMILAR_HALF);
    g->lexical_length[at] = q->lexical_length;
    g->sentence_length[at] = q->sentence_length;
    g->leader[at] = number;
    g->last[number] = number;
}

/* Whether a text may be merged with all of a group. */
static bool may_join(const struct grouping *g, uint32_t number, uint32_t leader)
{
    uint32_t member = leader;
    do {
        if (similar_blocks(&g->words[member], &g->words[number]).difference !=
            SIMILAR_NO_DIFFERENCE)
            return false;
        member = g->next[member];
    } while (member != 0); /* which leads, if it is in any group */
    return true;
}

/* Who is equal to the leader need not be asked besides it. */
static void join(struct grouping *g, uint32_t number, struct similar_member group)
{
    if (group.score >= 1)
        return;
    g->next[g->last[group.leader]] = number;
    g->last[group.leader] = number;
}

static struct similar_member settle(struct grouping *g, uint32_t number, const struct newcomer *n)
{
    for (uint32_t i = 0; i < n->near_count; i++) {
        if (g->words != NULL && !may_join(g, number, n->near[i].leader))
            continue;
        join(g, number, n->near[i]);
        return n->near[i];
    }
    lead(g, number, &n->q);
    return (struct similar_member){ number, 1 };
}

/* Texts from … to: first with all leaders there are, tile by tile, then in their order with those
   that came from among themselves. */
static void group_some(struct grouping *g, uint32_t from, uint32_t to, double least,
                       struct similar_member *members)
{
    struct newcomer some[QUERIES];
    uint32_t before = g->leader_count;
    for (uint32_t i = from; i < to; i++) {
        some[i - from].q = query_of(&g->vectors[i]);
        some[i - from].near_count = 0;
        ask_for(&some[i - from].q, least);
    }
    for (uint32_t tile = 0; tile < before; tile += TILE_ROWS)
        for (uint32_t i = from; i < to; i++)
            compare(g, &some[i - from], tile, before - tile < TILE_ROWS ? before : tile + TILE_ROWS,
                    least);
    for (uint32_t i = from; i < to; i++) {
        if (g->leader_count > before)
            compare(g, &some[i - from], before, g->leader_count, least);
        members[i] = settle(g, i, &some[i - from]);
    }
}

struct similar_member *similar_groups(struct arena *arena, const struct similar_vector *vectors,
                                      const struct words *words, uint32_t count, double least)
{
    struct similar_member *members = arena_new(arena, struct similar_member, count);
    struct arena_mark mark = arena_mark(arena);
    struct grouping g = { .vectors = vectors,
                          .words = words,
                          .lexical = (int8_t(*)[SIMILAR_HALF])(void *)arena_take_bytes(
                              arena, (size_t)count * SIMILAR_HALF),
                          .lexical_length = arena_new(arena, int32_t, count),
                          .sentence_length = arena_new(arena, int32_t, count),
                          .leader = arena_new(arena, uint32_t, count),
                          .next = arena_new(arena, uint32_t, count),
                          .last = arena_new(arena, uint32_t, count) };
    for (uint32_t from = 0; from < count; from += QUERIES)
        group_some(&g, from, count - from < QUERIES ? count : from + QUERIES, fmax(least, 0),
                   members);
    arena_rewind(arena, mark);
    return members;
}
