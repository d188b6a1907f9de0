/* Near-duplicates among many texts: `bench_similar FILE.csv ENCODER` builds everything for the
 * texts of the file, then looks some of them up as if they were being typed. ENCODER "-": without
 * one. Prints processor seconds and the greatest memory of this process.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/encode/encode.h"
#include "sift/similar/similar.h"
#include "sift/table/table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { TEXTS_MAX = 1 << 20, LOOKUPS = 1000, AT_ONCE = 64 };

struct bench {
    struct arena *arena, *scratch, *sorting;
    struct words_tools *tools;
    struct encoder *encoder;
    struct str *text;
    const char **language;
    uint32_t count;
    struct similar_counts *counts;
    struct similar_vector *vectors;
    struct similar_index *index;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void read_texts(struct bench *b, const char *path)
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

static void make_lexical(struct bench *b)
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

static void make_sentences(struct bench *b)
{
    static float embeddings[AT_ONCE * ENCODE_DIMENSIONS];
    for (uint32_t from = 0; from < b->count && b->encoder != NULL; from += AT_ONCE) {
        uint32_t some = b->count - from < AT_ONCE ? b->count - from : AT_ONCE;
        encoder_encode(b->encoder, some, b->text + from, embeddings);
        for (uint32_t i = 0; i < some; i++)
            similar_sentence(&b->vectors[from + i], embeddings + (size_t)i * ENCODE_DIMENSIONS);
    }
}

/* Everything from the text to the five nearest. */
static void look_up(struct bench *b, struct str text, double *took, double *scanning)
{
    double begun = seconds();
    struct similar_vector v = { 0 };
    struct similar_found found[SIMILAR_NEAREST];
    float embedding[ENCODE_DIMENSIONS];
    struct words words = words_split(b->tools, b->scratch, text, words_language(text, "en"));
    similar_lexical(b->sorting, b->counts, &words, &v);
    if (b->encoder != NULL) {
        encoder_encode(b->encoder, 1, &text, embedding);
        similar_sentence(&v, embedding);
    }
    double made = seconds();
    check(similar_nearest(b->index, &v, 0.3, found) > 0);
    *took = seconds() - begun;
    *scanning = seconds() - made;
    arena_reset(b->scratch);
}

static double memory_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

int main(int argc, char **argv)
{
    check(argc == 3);
    struct bench b = { .arena = arena_make(),
                       .scratch = arena_make(),
                       .sorting = arena_make(),
                       .tools = words_tools_open() };
    struct fault fault = { 0 };
    if (strcmp(argv[2], "-") != 0 && (b.encoder = encoder_open(argv[2], &fault)) == NULL)
        return fprintf(stderr, "%s\n", fault.detail), 1;
    read_texts(&b, argv[1]);
    double begun = seconds();
    make_lexical(&b);
    double lexical = seconds();
    make_sentences(&b);
    double sentences = seconds();
    b.index = similar_index_make(b.arena);
    for (uint32_t i = 0; i < b.count; i++)
        similar_add(b.index, i, &b.vectors[i]);
    double built = seconds();
    static double took[LOOKUPS], scanning[LOOKUPS];
    for (uint32_t i = 0; i < LOOKUPS; i++)
        look_up(&b, b.text[(size_t)i * b.count / LOOKUPS], &took[i], &scanning[i]);
    qsort(took, LOOKUPS, sizeof *took, by_value);
    qsort(scanning, LOOKUPS, sizeof *scanning, by_value);
    double memory = memory_mb(), before = seconds();
    struct similar_member *members = similar_groups(b.arena, b.vectors, b.count, SIMILAR_FIRES);
    double grouped = seconds();
    uint32_t leaders = 0;
    for (uint32_t i = 0; i < b.count; i++)
        leaders += members[i].leader == i;
    printf("%u %.2f %.2f %.2f %.3f %.3f %.3f %.3f %.0f %.2f %u %.0f\n", b.count, built - begun,
           lexical - begun, sentences - lexical, took[LOOKUPS / 2] * 1e3,
           took[LOOKUPS * 99 / 100] * 1e3, scanning[LOOKUPS / 2] * 1e3,
           scanning[LOOKUPS * 99 / 100] * 1e3, memory, grouped - before, leaders, memory_mb());
    encoder_close(b.encoder);
    words_tools_close(b.tools);
    arena_free(b.sorting);
    arena_free(b.scratch);
    arena_free(b.arena);
    return 0;
}
