/* manyhands similar: near-duplicates among texts, from CSV to CSV. */
#include "app/commands.h"
#include "app/corpus.h"
#include "app/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/threads.h"
#include "sift/similar/similar.h"
#include "sift/words/words.h"

struct wish {
    const char *path, *to;
    double threshold;
    bool pairs, nearest;
    struct corpus_wish corpus;
};

/* --- Reading ---------------------------------------------------------------------------------- */

/* Columns a and b: text 2n is the n-th pair's a, 2n + 1 its b. */
static bool read_pairs(struct corpus *c)
{
    struct table table;
    if (!csv_open(c->arena, c->path, &table))
        return false;
    int a = csv_need_column(c->path, &table, "a"), b = csv_need_column(c->path, &table, "b");
    int language = table_column(&table, "language|lang");
    if (a < 0 || b < 0)
        return false;
    corpus_make_room(c, csv_rows_most(&table) * 2);
    while (table_next(&table)) {
        const char *in = corpus_language(c, &table, language);
        if (!corpus_add(c, table.cells[a], (struct str){ 0 }, in, table.line) ||
            !corpus_add(c, table.cells[b], (struct str){ 0 }, in, table.line))
            return false;
    }
    return csv_ended_well(c->path, &table);
}

/* --- Telling ---------------------------------------------------------------------------------- */

/* "numbers: 3 / 4", or nothing. */
static void write_difference(const struct corpus *c, uint32_t a, uint32_t b)
{
    struct words in_a = corpus_words(c, a), in_b = corpus_words(c, b);
    struct similar_block block = similar_blocks(&in_a, &in_b);
    if (block.difference != SIMILAR_NO_DIFFERENCE)
        table_write_cell(stdout, str_printf(c->scratch, "%s: %.*s / %.*s",
                                            similar_difference_name(block.difference),
                                            STR_ARG(block.in_a), STR_ARG(block.in_b)));
    arena_reset(c->scratch);
}

static void write_pairs(const struct corpus *c)
{
    fputs("a,b,score,differs\n", stdout);
    for (uint32_t i = 0; i < c->count; i += 2) {
        table_write_cell(stdout, c->text[i]);
        putchar(',');
        table_write_cell(stdout, c->text[i + 1]);
        printf(",%.6f,", similar_score(&c->vectors[i], &c->vectors[i + 1]));
        write_difference(c, i, i + 1);
        putchar('\n');
    }
}

static void write_member(const struct corpus *c, uint32_t text, double score, uint32_t other)
{
    table_write_cell(stdout, c->id[text]);
    printf(",%.4f,", score);
    if (text != other)
        write_difference(c, other, text);
    putchar(',');
    table_write_cell(stdout, c->text[text]);
    putchar('\n');
}

/* Groups of two and more, in the order of their leaders; members in that of the file. */
static void write_groups(const struct corpus *c, double threshold)
{
    struct similar_member *members =
        similar_groups(c->arena, c->vectors, NULL, c->count, threshold);
    uint32_t *next = arena_new(c->arena, uint32_t, c->count); /* of the same group; 0: none */
    uint32_t *last = arena_new(c->arena, uint32_t, c->count);
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t leader = members[i].leader;
        if (leader != i)
            next[last[leader]] = i;
        last[leader] = i;
    }
    fputs("group,id,score,differs,text\n", stdout);
    uint32_t group = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        if (members[i].leader != i || next[i] == 0)
            continue;
        group++;
        for (uint32_t member = i;; member = next[member]) {
            printf("%u,", group);
            write_member(c, member, members[member].score, i);
            if (next[member] == 0)
                break;
        }
    }
    fprintf(stderr, "%u groups of near-duplicates in %u texts\n", group, c->count);
}

/* The nearest to the last text, which is the one that was asked for. */
static void write_nearest(struct corpus *c, double threshold)
{
    struct similar_index *index = similar_index_make(c->arena);
    uint32_t asked = c->count - 1;
    for (uint32_t i = 0; i < asked; i++)
        similar_add(index, i, &c->vectors[i]);
    struct similar_found found[SIMILAR_NEAREST];
    size_t count = similar_nearest(index, &c->vectors[asked], threshold, found);
    fputs("id,score,differs,text\n", stdout);
    for (size_t i = 0; i < count; i++)
        write_member(c, (uint32_t)found[i].id, found[i].score, asked);
}

/* For each text the nearest among the others. */
static void write_neighbours(const struct corpus *c, double threshold)
{
    struct similar_index *index = similar_index_make(c->arena);
    struct similar_found found[SIMILAR_NEAREST];
    for (uint32_t i = 0; i < c->count; i++)
        similar_add(index, i, &c->vectors[i]);
    fputs("id,nearest,score,differs\n", stdout);
    for (uint32_t i = 0; i < c->count; i++) {
        similar_remove(index, i);
        size_t count = similar_nearest(index, &c->vectors[i], threshold, found);
        similar_add(index, i, &c->vectors[i]);
        for (size_t k = 0; k < count; k++) {
            table_write_cell(stdout, c->id[i]);
            putchar(',');
            table_write_cell(stdout, c->id[found[k].id]);
            printf(",%.4f,", found[k].score);
            write_difference(c, i, (uint32_t)found[k].id);
            putchar('\n');
        }
    }
}

/* --- The command ------------------------------------------------------------------------------ */

static int compare(struct corpus *c, const struct wish *wish)
{
    corpus_make_vectors(c, &wish->corpus);
    if (wish->pairs)
        write_pairs(c);
    else if (wish->to != NULL)
        write_nearest(c, wish->threshold);
    else if (wish->nearest)
        write_neighbours(c, wish->threshold);
    else
        write_groups(c, wish->threshold);
    return fflush(stdout) == 0 ? 0 : complain("standard output: %s", strerror(errno));
}

static int read_and_compare(struct corpus *c, const struct wish *wish)
{
    if (!(wish->pairs ? read_pairs(c) : corpus_read(c, NULL, NULL)))
        return 1;
    if (c->count == 0)
        return complain("%s: there are no texts", c->path);
    corpus_find_languages(c, wish->corpus.language);
    if (wish->to != NULL) {
        struct str to = str_from(wish->to);
        if (!corpus_add(c, to, (struct str){ 0 }, words_language(to, c->language[0]), 0))
            return 1;
    }
    return compare(c, wish);
}

int run_similar(struct invocation *in)
{
    static const char with_value[] = "to threshold language threads";
    struct wish wish = { .path = operand(in, 0, with_value),
                         .to = option(in, "to"),
                         .pairs = flag(in, "pairs"),
                         .nearest = flag(in, "nearest"),
                         .corpus = { .language = option(in, "language"),
                                     .encoder = in->config->sift_encoder,
                                     .lexical = flag(in, "lexical") } };
    const char *threshold = option(in, "threshold");
    if (!only_options(in, "to threshold language threads pairs nearest lexical"))
        return 2;
    if (wish.path == NULL || operand(in, 1, with_value) != NULL)
        return complain("similar takes one file; `manyhands similar --help` tells more") + 1;
    wish.threshold = wish.to != NULL || wish.nearest ? 0 : SIMILAR_FIRES;
    if (threshold != NULL && (!table_number(str_from(threshold), &wish.threshold) ||
                              wish.threshold < 0 || wish.threshold > 1))
        return complain("--threshold takes a number from 0 to 1") + 1;
    if (!whole_number(in, "threads", 1, THREADS_MAX, threads_processors(), &wish.corpus.threads))
        return 2;
    if (wish.pairs + wish.nearest + (wish.to != NULL) > 1)
        return complain("--pairs, --nearest and --to exclude each other") + 1;
    if (wish.to != NULL && strlen(wish.to) > WORDS_TEXT_BYTES_MAX)
        return complain("--to takes at most %d bytes", WORDS_TEXT_BYTES_MAX) + 1;
    struct corpus corpus;
    corpus_open(&corpus, in->arena, wish.path);
    int status = read_and_compare(&corpus, &wish);
    corpus_close(&corpus);
    return status;
}
