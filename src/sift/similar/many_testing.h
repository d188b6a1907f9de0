/* What benchmarks of many texts share: the texts of a CSV file, their words and vectors, and what
 * that took.
 */
#pragma once
#include "base/arena.h"
#include "base/check.h"
#include "sift/encode/encode.h"
#include "sift/similar/similar.h"
#include "sift/table/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { TEXTS_MAX = 1 << 20, AT_ONCE = 4096 };

struct many {
    struct arena *arena, *scratch, *sorting;
    struct words_tools *tools;
    struct encoder *encoder;
    struct str *text;
    const char **language;
    uint32_t count;
    struct similar_counts *counts;
    struct similar_vector *vectors;
};

static inline double seconds_by(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline double seconds(void)
{
    return seconds_by(CLOCK_PROCESS_CPUTIME_ID);
}

static inline void read_texts(struct many *b, const char *path)
{
    int file = open(path, O_RDONLY);
    struct stat status;
    struct table table;
    struct fault fault = { 0 };
    check(file >= 0 && fstat(file, &status) == 0);
    char *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    check(bytes != MAP_FAILED);
    check(table_begin(&table, b->arena, (struct str){ bytes, (size_t)status.st_size }, &fault));
    int column = table_column(&table, "text");
    check(column >= 0);
    b->text = arena_new(b->arena, struct str, TEXTS_MAX);
    while (table_next(&table) && b->count < TEXTS_MAX)
        b->text[b->count++] = table.cells[column];
}

static inline void make_lexical(struct many *b)
{
    b->language = arena_new(b->arena, const char *, b->count);
    b->vectors = arena_new(b->arena, struct similar_vector, b->count);
    b->counts = similar_counts_make(b->arena);
    for (uint32_t i = 0; i < b->count; i++) {
        b->language[i] = words_language(b->text[i], "en");
        struct words words = words_split(b->tools, b->scratch, b->text[i], b->language[i]);
        similar_counts_add(b->counts, b->sorting, &words);
        arena_reset(b->scratch);
    }
    for (uint32_t i = 0; i < b->count; i++) {
        struct words words = words_split(b->tools, b->scratch, b->text[i], b->language[i]);
        similar_lexical(b->sorting, b->counts, &words, &b->vectors[i]);
        arena_reset(b->scratch);
    }
}

static inline void make_sentences(struct many *b, unsigned threads)
{
    static float embeddings[AT_ONCE * ENCODE_DIMENSIONS];
    for (uint32_t from = 0; from < b->count && b->encoder != NULL; from += AT_ONCE) {
        uint32_t some = b->count - from < AT_ONCE ? b->count - from : AT_ONCE;
        encoder_encode_by(b->encoder, threads, some, b->text + from, embeddings);
        for (uint32_t i = 0; i < some; i++)
            similar_sentence(&b->vectors[from + i], embeddings + (size_t)i * ENCODE_DIMENSIONS);
    }
}

static inline double memory_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* Opens what is needed, reads a file; "-" as encoder: none. False after a complaint. */
static inline bool many_open(struct many *b, const char *path, const char *encoder)
{
    struct fault fault = { 0 };
    *b = (struct many){ .arena = arena_make(),
                        .scratch = arena_make(),
                        .sorting = arena_make(),
                        .tools = words_tools_open() };
    if (strcmp(encoder, "-") != 0 && (b->encoder = encoder_open(encoder, &fault)) == NULL) {
        fprintf(stderr, "%s\n", fault.detail);
        return false;
    }
    read_texts(b, path);
    return true;
}

static inline void many_close(struct many *b)
{
    encoder_close(b->encoder);
    words_tools_close(b->tools);
    arena_free(b->sorting);
    arena_free(b->scratch);
    arena_free(b->arena);
}
