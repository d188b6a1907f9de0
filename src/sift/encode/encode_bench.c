/* Texts a second of the encoder in one thread, by each set of instructions, with the ratio to plain
 * C; and how long one text takes. The texts are sentences of twelve words on the average, made of
 * everyday words by a seeded draw.
 *
 *   bench_encode FILE      the encoder's file
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sift/chance/chance.h"
#include "sift/dense/dense.h"
#include "sift/encode/encode.h"

enum { TEXTS = 1000 };

static double now_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct str *sentences(struct arena *arena)
{
    static const char *const words[] = {
        "the",     "a",      "we",       "should",  "more",     "street",    "school",  "build",
        "bicycle", "path",   "children", "energy",  "of",       "for",       "in",      "and",
        "people",  "could",  "solar",    "roofs",   "swimming", "pool",      "library", "open",
        "evening", "trees",  "benches",  "plant",   "buses",    "electric",  "with",    "to",
        "market",  "garden", "old",      "factory", "repair",   "neighbour", "free",    "at",
    };
    static struct chance dice = { 12 };
    struct str *texts = arena_new(arena, struct str, TEXTS);
    for (size_t i = 0; i < TEXTS; i++) {
        struct buf text = { .arena = arena };
        size_t count = 8 + (chance_bits(&dice) >> 33) % 9;
        for (size_t w = 0; w < count; w++)
            buf_printf(&text, "%s%s", w > 0 ? " " : "",
                       words[(chance_bits(&dice) >> 33) % (sizeof words / sizeof words[0])]);
        buf_char(&text, '.');
        texts[i] = buf_str(&text);
    }
    return texts;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int count, char **arguments)
{
    struct fault fault = { 0 };
    double opened = now_s(CLOCK_MONOTONIC);
    struct encoder *encoder = encoder_open(count > 1 ? arguments[1] : "", &fault);
    if (encoder == NULL) {
        fprintf(stderr, "bench_encode: %s\n", fault.detail);
        return 1;
    }
    printf("encode.open %.1f ms -\n", (now_s(CLOCK_MONOTONIC) - opened) * 1e3);
    struct arena *arena = arena_make();
    const struct str *texts = sentences(arena);
    float *vectors = arena_new(arena, float, (size_t)TEXTS *ENCODE_DIMENSIONS);
    static const char *const names[] = { "plain", "sse2", "neon", "avx2", "avx512" };
    double plain = 0;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        if (!encoder_use(encoder, names[n]))
            continue;
        encoder_encode(encoder, 50, texts, vectors);
        double started = now_s(CLOCK_PROCESS_CPUTIME_ID);
        encoder_encode(encoder, TEXTS, texts, vectors);
        double speed = TEXTS / (now_s(CLOCK_PROCESS_CPUTIME_ID) - started);
        plain = n == 0 ? speed : plain;
        printf("encode.%s %.0f texts/s %.1f\n", names[n], speed, speed / plain);
    }
    (void)encoder_use(encoder, dense_instructions());
    double took[TEXTS];
    for (size_t i = 0; i < TEXTS; i++) {
        double started = now_s(CLOCK_PROCESS_CPUTIME_ID);
        encoder_encode(encoder, 1, texts + i, vectors);
        took[i] = (now_s(CLOCK_PROCESS_CPUTIME_ID) - started) * 1e3;
    }
    qsort(took, TEXTS, sizeof took[0], by_size);
    printf("encode.single.p50 %.2f ms -\nencode.single.p99 %.2f ms -\n", took[TEXTS / 2],
           took[TEXTS * 99 / 100]);
    uint16_t pieces[ENCODE_PIECES_MAX];
    size_t piece_count = 0;
    double started = now_s(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < TEXTS; i++)
        piece_count += encoder_pieces(encoder, texts[i], pieces);
    printf("encode.pieces %.1f us -\n# %.1f pieces in a text\n",
           (now_s(CLOCK_PROCESS_CPUTIME_ID) - started) * 1e6 / TEXTS, (double)piece_count / TEXTS);
    arena_free(arena);
    encoder_close(encoder);
    return 0;
}
