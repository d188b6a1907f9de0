/* The encoder's file, and texts in batches.
 *
 * The file is compared with a fingerprint of 64 bits that stands here, so that only the one file
 * this code was written for is ever used: places and counts in it need no further checks. The
 * fingerprint is against damage and mix-ups, not against malice (whoever can write the file can
 * write the program), and therefore need not be a cryptographic one: it runs as fast as the file is
 * read, and no single damaged word goes unnoticed, for each step is one-to-one in the word and in
 * what was before. The file is read, not looked at through the mapping, so that a disk's failure is
 * a fault and not the end of the process, and so that its pages are not counted as the process's
 * own.
 */
#include "sift/encode/encode.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/threads.h"
#include "sift/encode/inside.h"

/* As tools/encodergen.py writes it. */
enum {
    BOUNDARY = 64,
    NODES = 18293,
    PIECES = 8000,
    TOKENS = 8002,
    FILE_BYTES = 28325632,
};
static const uint64_t FINGERPRINT = 0xc5c39f8dab856f1f;

enum { LANES = 8, BUFFER_BYTES = 256 * 1024 };

struct fingerprint {
    uint64_t lanes[LANES];
};

static void fingerprint_add(struct fingerprint *f, const char *bytes, size_t size)
{
    for (size_t at = 0; at + BOUNDARY <= size; at += BOUNDARY)
        for (size_t l = 0; l < LANES; l++) {
            uint64_t word;
            memcpy(&word, bytes + at + l * sizeof word, sizeof word);
            f->lanes[l] = (f->lanes[l] ^ word) * 0x9e3779b97f4a7c15;
            f->lanes[l] ^= f->lanes[l] >> 32;
        }
}

static uint64_t fingerprint_end(const struct fingerprint *f)
{
    uint64_t all = 0;
    for (size_t l = 0; l < LANES; l++) {
        all = (all ^ f->lanes[l]) * 0xd6e8feb86659fd93;
        all ^= all >> 32;
    }
    return all;
}

/* Where reading fails the rest is missing, and the fingerprint is another one. */
static bool is_whole(FILE *file, const char *path, struct fault *fault)
{
    struct stat status = { 0 }; /* which it stays where its size cannot be told */
    (void)fstat(fileno(file), &status);
    if (status.st_size != FILE_BYTES)
        return fault_set(fault, FAULT_BROKEN,
                         "%s is not the encoder's file, or another version's, or part of it", path);
    char *buffer = malloc(BUFFER_BYTES);
    check(buffer != NULL);
    struct fingerprint f = { { 0 } };
    size_t got;
    while ((got = fread(buffer, 1, BUFFER_BYTES, file)) > 0)
        fingerprint_add(&f, buffer, got);
    free(buffer);
    if (fingerprint_end(&f) != FINGERPRINT)
        return fault_set(fault, FAULT_BROKEN, "%s is damaged, or another version's", path);
    return true;
}

/* Walks through the sections of the file, in its order. */
struct sections {
    const char *at;
};

static const void *section(struct sections *s, size_t bytes)
{
    const char *found = s->at;
    s->at += (bytes + BOUNDARY - 1) / BOUNDARY * BOUNDARY;
    return found;
}

static const float *floats(struct sections *s, size_t count)
{
    return section(s, count * sizeof(float));
}

static struct norm norm(struct sections *s, uint32_t width)
{
    struct norm n = { .scale = floats(s, width) };
    n.shift = floats(s, width);
    return n;
}

static struct linear linear(struct sections *s, uint32_t rows, uint32_t columns)
{
    struct linear l = { { rows, columns, floats(s, dense_panels_size(rows, columns)) }, NULL };
    l.bias = floats(s, columns);
    return l;
}

static void find_sections(struct encoder *e)
{
    struct sections s = { e->mapping };
    section(&s, BOUNDARY);
    e->vocabulary.nodes = section(&s, NODES * sizeof(struct piece_node));
    e->vocabulary.scores = section(&s, PIECES * sizeof(double));
    e->vocabulary.lengths = section(&s, PIECES);
    e->model.embeddings = floats(&s, (size_t)TOKENS * INPUT);
    e->model.positions = floats(&s, (size_t)ENCODE_PIECES_MAX * INPUT);
    for (uint32_t i = 0; i < LAYERS; i++) {
        struct layer *l = &e->model.layers[i];
        l->width = i == 0 ? INPUT : WIDTH;
        l->before_attention = norm(&s, l->width);
        l->question_key_value = linear(&s, l->width, 3 * l->width);
        l->attended = linear(&s, l->width, WIDTH);
        if (i == 0) /* the width changes here, so what goes past attention has to as well */
            l->straight = linear(&s, l->width, WIDTH);
        l->before_hidden = norm(&s, WIDTH);
        l->hidden = linear(&s, WIDTH, HIDDEN);
        l->out = linear(&s, HIDDEN, WIDTH);
    }
    e->model.top = linear(&s, WIDTH, WIDTH);
    check(s.at == e->mapping + FILE_BYTES);
}

static struct encoder *map(int file, const char *path, struct fault *fault)
{
    void *mapping = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, file, 0);
    if (mapping == MAP_FAILED) {
        fault_set(fault, FAULT_UNAVAILABLE, "%s cannot be mapped: %s", path,
                  strerrordesc_np(errno));
        return NULL;
    }
    struct encoder *e = calloc(1, sizeof *e);
    check(e != NULL);
    e->mapping = mapping;
    e->size = FILE_BYTES;
    e->kernels = dense_kernels();
    find_sections(e);
    return e;
}

struct encoder *encoder_open(const char *path, struct fault *fault)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        fault_set(fault, FAULT_SETUP, "%s: %s", path, strerrordesc_np(errno));
        return NULL;
    }
    struct encoder *e = is_whole(file, path, fault) ? map(fileno(file), path, fault) : NULL;
    (void)fclose(file); /* was only read */
    return e;
}

void encoder_close(struct encoder *encoder)
{
    if (encoder == NULL)
        return;
    munmap((void *)(uintptr_t)encoder->mapping, encoder->size);
    free(encoder);
}

void encoder_rest(const struct encoder *encoder)
{
    /* A hint: where the system does not take it, the pages merely stay. */
    (void)madvise((void *)(uintptr_t)encoder->mapping, encoder->size, MADV_DONTNEED);
}

bool encoder_use(struct encoder *encoder, const char *instructions)
{
    const struct dense_kernels *found = dense_kernels_named(instructions);
    if (found != NULL)
        encoder->kernels = found;
    return found != NULL;
}

uint32_t encoder_pieces(const struct encoder *encoder, struct str text,
                        uint16_t pieces[ENCODE_PIECES_MAX])
{
    struct arena *arena = arena_make();
    uint32_t count = divide(divider_make(arena), &encoder->vocabulary, text, pieces);
    arena_free(arena);
    return count;
}

/* Takes texts from `first` on while they fit; returns how many. An empty one ends it. */
static size_t gather(const struct encoder *e, struct divider *d, struct batch *b, size_t count,
                     const struct str *texts)
{
    size_t taken = 0;
    b->text_count = b->piece_count = 0;
    while (taken < count && b->text_count < BATCH_TEXTS &&
           b->piece_count + ENCODE_PIECES_MAX <= BATCH_PIECES && texts[taken].size > 0) {
        b->start[b->text_count++] = b->piece_count;
        b->piece_count += divide(d, &e->vocabulary, texts[taken], b->pieces + b->piece_count);
        taken++;
    }
    b->start[b->text_count] = b->piece_count;
    return taken;
}

void encoder_encode(const struct encoder *encoder, size_t count, const struct str *texts,
                    float *vectors)
{
    if (count == 0)
        return;
    struct arena *arena = arena_make();
    struct divider *divider = divider_make(arena);
    struct scratch scratch = scratch_make(arena, BATCH_PIECES);
    struct batch *batch = arena_new(arena, struct batch, 1);
    for (size_t done = 0; done < count;) {
        float *to = vectors + done * ENCODE_DIMENSIONS;
        size_t taken = gather(encoder, divider, batch, count - done, texts + done);
        if (taken == 0) {
            memset(to, 0, ENCODE_DIMENSIONS * sizeof *to);
            taken = 1;
        } else {
            model_run(encoder, batch, scratch, to);
        }
        done += taken;
    }
    arena_free(arena);
}

/* What threads that encode together share; `next` is the first text nobody has taken. */
struct pile {
    const struct encoder *encoder;
    size_t count;
    const struct str *texts;
    float *vectors;
    atomic_size_t next;
};

/* Enough texts for some batches, few enough that threads end at about the same time. */
enum { TAKEN_AT_ONCE = 32 };

static void encode_from_pile(void *context, unsigned n)
{
    struct pile *p = context;
    size_t from;
    while ((from = atomic_fetch_add(&p->next, TAKEN_AT_ONCE)) < p->count) {
        size_t some = p->count - from < TAKEN_AT_ONCE ? p->count - from : TAKEN_AT_ONCE;
        encoder_encode(p->encoder, some, p->texts + from, p->vectors + from * ENCODE_DIMENSIONS);
    }
}

void encoder_encode_by(const struct encoder *encoder, unsigned threads, size_t count,
                       const struct str *texts, float *vectors)
{
    struct pile pile = { encoder, count, texts, vectors, 0 };
    threads_run(threads, encode_from_pile, &pile);
}
