/* With the encoder's data file beside this program, else most is skipped. That pieces and vectors
 * are those of the package stands in tests/encoder/oracle.py.
 */
#include "sift/encode/encode.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/threads.h"
#include "sift/chance/chance.h"
#include "sift/dense/dense.h"
#include "sift/table/table_testing.h"

enum { VECTOR_BYTES = ENCODE_DIMENSIONS * sizeof(float), FILE_BYTES = 28325632 };

static struct chance dice = { 3 };
static struct encoder *encoder;
static char beside[4096];

static uint32_t below(uint32_t bound)
{
    return (uint32_t)(chance_bits(&dice) >> 33) % bound;
}

/* The data file is looked for beside the test program. */
static int open_encoder(void **state)
{
    ssize_t size = readlink("/proc/self/exe", beside, sizeof beside - 32);
    assert_true(size > 0);
    beside[size] = 0;
    char *slash = strrchr(beside, '/');
    assert_non_null(slash);
    snprintf(slash, 32, "/encoder-en.bin");
    struct fault fault = { 0 };
    encoder = encoder_open(beside, &fault);
    if (encoder == NULL && fault.kind != FAULT_SETUP)
        fail_msg("%s", fault.detail);
    return make_arena(state);
}

static int close_encoder(void **state)
{
    encoder_close(encoder);
    encoder_close(NULL);
    return drop_arena(state);
}

#define NEEDS_FILE                                                                                 \
    do {                                                                                           \
        if (encoder == NULL)                                                                       \
            skip();                                                                                \
    } while (0)

static float *vectors_of(size_t count, const struct str *texts)
{
    float *vectors = arena_new(arena, float, (count + 1) * ENCODE_DIMENSIONS);
    vectors[count * ENCODE_DIMENSIONS] = 77;
    encoder_encode(encoder, count, texts, vectors);
    assert_true(vectors[count * ENCODE_DIMENSIONS] == 77);
    return vectors;
}

static double likeness(const char *a, const char *b)
{
    struct str both[2] = { str_from(a), str_from(b) };
    float *v = vectors_of(2, both);
    return dense_dot(v, v + ENCODE_DIMENSIONS, ENCODE_DIMENSIONS);
}

static void assert_pieces(struct str text, size_t count, const uint16_t *expected)
{
    uint16_t pieces[ENCODE_PIECES_MAX];
    assert_int_equal(encoder_pieces(encoder, text, pieces), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pieces[i], expected[i]);
}
#define PIECES(text, ...)                                                                          \
    assert_pieces(S(text), sizeof(uint16_t[]){ __VA_ARGS__ } / sizeof(uint16_t),                   \
                  (uint16_t[]){ __VA_ARGS__ })

static void texts_are_divided_as_the_package_divides_them(void **state)
{
    NEEDS_FILE;
    uint16_t none[ENCODE_PIECES_MAX];
    assert_int_equal(encoder_pieces(encoder, (struct str){ 0 }, none), 0);
    PIECES("Plant trees!", 3592, 17, 2410, 7, 78);
    PIECES(" ", 30, 30);
    PIECES("  a", 30, 30, 11);
    PIECES("\t", 30, 0);
    PIECES("10:30 :)", 320, 4177, 658);
    PIECES("”5", 30, 4464);
    PIECES("的的a的", 30, 0, 86, 0);
    PIECES("👍🏽 ok", 30, 0, 2303);
    PIECES("ﬁne", 839);
    PIECES("é", 30, 1133);
    PIECES("\xff"
           "x",
           30, 0, 152);
    PIECES("ｗｉｄｅ", 2309);
}

static void texts_that_mean_alike_lie_closer(void **state)
{
    NEEDS_FILE;
    double alike = likeness("How old are you?", "What is your age?");
    double apart = likeness("How old are you?", "The swimming pool needs a new roof.");
    assert_true(alike > 0.75 && apart < 0.4);
    assert_true(fabs(likeness("Benches in the shade", "Benches in the shade") - 1) < 1e-5);
}

/* Texts of all sizes, some empty, some far beyond what is read. */
enum { MANY = 150 };
static struct str *many_texts(void)
{
    static const char *const words[] = { "tree",  "bicycle", "the", "a",   "Zürich", "🚲",
                                         "plant", "library", "is",  "for", "qzx",    "的的" };
    struct str *texts = arena_new(arena, struct str, MANY);
    for (size_t i = 0; i < MANY; i++) {
        struct buf text = { .arena = arena };
        size_t count = i % 10 == 0 ? below(200) : below(12);
        for (size_t w = 0; w < count; w++)
            buf_printf(&text, "%s ", words[below(sizeof words / sizeof words[0])]);
        texts[i] = buf_str(&text);
    }
    return texts;
}

static void a_text_gives_the_same_bits_in_any_company(void **state)
{
    NEEDS_FILE;
    struct str *texts = many_texts();
    float *all = vectors_of(MANY, texts);
    for (size_t i = 0; i < MANY; i++)
        assert_memory_equal(vectors_of(1, texts + i), all + i * ENCODE_DIMENSIONS, VECTOR_BYTES);
    for (int round = 0; round < 3; round++) {
        size_t order[MANY];
        struct str shuffled[MANY];
        for (size_t i = 0; i < MANY; i++) {
            size_t j = below((uint32_t)i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (size_t i = 0; i < MANY; i++)
            shuffled[i] = texts[order[i]];
        float *found = vectors_of(MANY, shuffled);
        for (size_t i = 0; i < MANY; i++)
            assert_memory_equal(found + i * ENCODE_DIMENSIONS, all + order[i] * ENCODE_DIMENSIONS,
                                VECTOR_BYTES);
    }
    encoder_encode(encoder, 0, NULL, NULL);
}

/* More than stand in one batch. */
static void hundreds_of_short_texts_are_encoded(void **state)
{
    NEEDS_FILE;
    enum { SHORT = 200 };
    struct str texts[SHORT];
    for (size_t i = 0; i < SHORT; i++)
        texts[i] = i % 2 == 0 ? S("a") : S("the");
    float *v = vectors_of(SHORT, texts);
    for (size_t i = 2; i < SHORT; i++)
        assert_memory_equal(v + i * ENCODE_DIMENSIONS, v + i % 2 * ENCODE_DIMENSIONS, VECTOR_BYTES);
}

static void vectors_have_length_one_and_empty_texts_none(void **state)
{
    NEEDS_FILE;
    struct str *texts = many_texts();
    float *v = vectors_of(MANY, texts);
    size_t empty = 0;
    for (size_t i = 0; i < MANY; i++, v += ENCODE_DIMENSIONS) {
        double length = dense_dot(v, v, ENCODE_DIMENSIONS);
        assert_true(fabs(length - (texts[i].size > 0)) < 1e-5);
        empty += texts[i].size == 0;
    }
    assert_true(empty > 0);
}

static void any_bytes_are_encoded(void **state)
{
    NEEDS_FILE;
    for (int round = 0; round < 150; round++) {
        struct arena_mark mark = arena_mark(arena);
        size_t size = 1 + below(round % 10 == 0 ? 6000 : 60);
        char *bytes = arena_take(arena, size);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)below(256);
        struct str text = { bytes, size };
        float *v = vectors_of(1, &text);
        assert_true(fabs(dense_dot(v, v, ENCODE_DIMENSIONS) - 1) < 1e-5);
        arena_rewind(arena, mark);
    }
}

static void a_character_may_be_cut_off_at_every_byte(void **state)
{
    NEEDS_FILE;
    const struct str whole = S("\xf0\x9f\x8c\xb3"), none = S("\xef\xbf\xbd");
    float *of_none = vectors_of(1, &none);
    for (size_t size = 1; size < whole.size; size++) {
        struct str part = str_slice(whole, 0, size);
        assert_memory_equal(vectors_of(1, &part), of_none, ENCODE_DIMENSIONS * sizeof(float));
    }
}

/* Runs without a place to cut: in the normal form, and between pieces. */
static void endless_runs_take_no_endless_memory(void **state)
{
    NEEDS_FILE;
    enum { RUN = 3000000 };
    char *bytes = arena_take(arena, RUN);
    uint16_t pieces[ENCODE_PIECES_MAX];
    for (size_t i = 0; i + 1 < RUN; i += 2)
        memcpy(bytes + i, "\xcc\x82", 2);
    assert_true(encoder_pieces(encoder, (struct str){ bytes, RUN }, pieces) >= 1);
    memset(bytes, 'a', RUN);
    assert_int_equal(encoder_pieces(encoder, (struct str){ bytes, RUN }, pieces),
                     ENCODE_PIECES_MAX);
    memset(bytes, ' ', RUN);
    assert_int_equal(encoder_pieces(encoder, (struct str){ bytes, RUN }, pieces),
                     ENCODE_PIECES_MAX);
    for (size_t i = 0; i + 2 < RUN; i += 3)
        memcpy(bytes + i, "\xe7\x9a\x84", 3);
    assert_int_equal(encoder_pieces(encoder, (struct str){ bytes, RUN }, pieces), 2);
    memset(bytes, '!', RUN);
    memset(bytes + 10000, 'b', RUN - 10000);
    assert_true(encoder_pieces(encoder, (struct str){ bytes, RUN }, pieces) > 1);
}

struct share {
    const struct str *texts;
    float *vectors;
};

static void *encode_share(void *context)
{
    struct share *s = context;
    encoder_encode(encoder, MANY, s->texts, s->vectors);
    return NULL;
}

static void threads_share_an_encoder(void **state)
{
    NEEDS_FILE;
    enum { THREADS = 4 };
    struct str *texts = many_texts();
    float *expected = vectors_of(MANY, texts);
    struct share shares[THREADS];
    pthread_t threads[THREADS];
    for (size_t t = 0; t < THREADS; t++) {
        shares[t] = (struct share){ texts, arena_take(arena, (size_t)MANY * VECTOR_BYTES) };
        assert_int_equal(pthread_create(&threads[t], NULL, encode_share, &shares[t]), 0);
    }
    for (size_t t = 0; t < THREADS; t++) {
        assert_int_equal(pthread_join(threads[t], NULL), 0);
        assert_memory_equal(shares[t].vectors, expected, (size_t)MANY * VECTOR_BYTES);
    }
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    NEEDS_FILE;
    struct str *texts = many_texts();
    texts[3].size = texts[MANY - 1].size = 0;
    float *expected = vectors_of(MANY, texts), *found = vectors_of(MANY, texts);
    static const struct trial {
        unsigned threads;
        size_t count;
    } trials[] = { { 1, 33 }, { 2, MANY }, { 7, 70 }, { THREADS_MAX, 40 }, { 2, 1 }, { 3, 0 } };
    for (size_t t = 0; t < sizeof trials / sizeof trials[0]; t++) {
        memset(found, 0x55, (size_t)MANY * VECTOR_BYTES);
        encoder_encode_by(encoder, trials[t].threads, trials[t].count, texts, found);
        assert_memory_equal(found, expected, trials[t].count * VECTOR_BYTES);
        assert_true(found[MANY * ENCODE_DIMENSIONS] == 77);
    }
}

static void all_instructions_agree(void **state)
{
    NEEDS_FILE;
    struct str texts[] = { S("Plant trees along the high street."), S("ünknown 的 thing") };
    float *expected = vectors_of(2, texts);
    static const char *const names[] = { "plain", "sse2", "avx2", "avx512", "neon" };
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        assert_int_equal(encoder_use(encoder, names[n]), dense_kernels_named(names[n]) != NULL);
        float *found = vectors_of(2, texts);
        for (size_t i = 0; i < 2 * (size_t)ENCODE_DIMENSIONS; i++)
            assert_true(fabsf(found[i] - expected[i]) < 1e-5F);
    }
    assert_true(encoder_use(encoder, dense_instructions()));
}

/* --- The file --------------------------------------------------------------------------------- */

static void assert_refused(const char *path, enum fault_kind kind, const char *words)
{
    struct fault fault = { 0 };
    assert_null(encoder_open(path, &fault));
    assert_int_equal(fault.kind, kind);
    assert_non_null(strstr(fault.detail, path));
    if (strstr(fault.detail, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", fault.detail, words);
}

static void what_is_no_encoder_is_refused(void **state)
{
    assert_refused("/nonexistent/encoder-en.bin", FAULT_SETUP, "No such file");
    assert_refused("/", FAULT_BROKEN, "is not the encoder's file");
    assert_refused("/dev/null", FAULT_BROKEN, "is not the encoder's file");
    char path[] = "/tmp/encoder-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, FILE_BYTES), 0);
    assert_refused(path, FAULT_BROKEN, "is damaged");
    close(file);
    unlink(path);
}

static void a_single_flipped_bit_is_found(void **state)
{
    NEEDS_FILE;
    char path[] = "/tmp/encoder-XXXXXX";
    int file = mkstemp(path), whole = open(beside, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0 && whole >= 0);
    char *bytes = arena_take_bytes(arena, FILE_BYTES);
    assert_int_equal(read(whole, bytes, FILE_BYTES), FILE_BYTES);
    assert_int_equal(write(file, bytes, FILE_BYTES), FILE_BYTES);
    for (int round = 0; round < 12; round++) {
        off_t at = round == 0 ? 0 : round == 1 ? FILE_BYTES - 1 : (off_t)below(FILE_BYTES);
        char flipped = (char)(bytes[at] ^ 1 << below(8));
        assert_int_equal(pwrite(file, &flipped, 1, at), 1);
        assert_refused(path, FAULT_BROKEN, "is damaged");
        assert_int_equal(pwrite(file, bytes + at, 1, at), 1);
    }
    struct fault fault = { 0 };
    struct encoder *again = encoder_open(path, &fault);
    assert_non_null(again);
    encoder_close(again);
    close(whole);
    close(file);
    unlink(path);
}

static void a_full_address_space_is_a_fault(void **state)
{
    NEEDS_FILE;
    unsigned long pages = 0;
    FILE *sizes = fopen("/proc/self/statm", "r");
    assert_non_null(sizes);
    char line[100];
    assert_non_null(fgets(line, sizeof line, sizes));
    pages = strtoul(line, NULL, 10);
    fclose(sizes);
    struct rlimit before, narrow;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    narrow = before;
    narrow.rlim_cur = pages * (unsigned long)getpagesize() + 8 * 1024 * 1024;
    assert_int_equal(setrlimit(RLIMIT_AS, &narrow), 0);
    struct fault fault = { 0 };
    struct encoder *none = encoder_open(beside, &fault);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_null(none);
    assert_int_equal(fault.kind, FAULT_UNAVAILABLE);
}

/* Resident kilobytes of the encoder's file. */
static unsigned long resident_of_file(void)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    char line[4096];
    unsigned long sum = 0;
    bool is_file = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, "-") != NULL && strstr(line, " r") != NULL)
            is_file = strstr(line, ".bin") != NULL;
        if (is_file && strncmp(line, "Rss:", 4) == 0)
            sum += strtoul(line + 4, NULL, 10);
    }
    fclose(maps);
    return sum;
}

static void at_rest_it_holds_no_memory_and_wakes_up_the_same(void **state)
{
    NEEDS_FILE;
    struct str text = S("Benches in the shade, please");
    static float before[ENCODE_DIMENSIONS], after[ENCODE_DIMENSIONS];
    encoder_encode(encoder, 1, &text, before);
    assert_true(resident_of_file() > 10000);
    encoder_rest(encoder);
    assert_true(resident_of_file() < 1000);
    encoder_encode(encoder, 1, &text, after);
    assert_memory_equal(before, after, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_divided_as_the_package_divides_them),
        cmocka_unit_test(texts_that_mean_alike_lie_closer),
        cmocka_unit_test(a_text_gives_the_same_bits_in_any_company),
        cmocka_unit_test(hundreds_of_short_texts_are_encoded),
        cmocka_unit_test(vectors_have_length_one_and_empty_texts_none),
        cmocka_unit_test(any_bytes_are_encoded),
        cmocka_unit_test(a_character_may_be_cut_off_at_every_byte),
        cmocka_unit_test(endless_runs_take_no_endless_memory),
        cmocka_unit_test(threads_share_an_encoder),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(all_instructions_agree),
        cmocka_unit_test(what_is_no_encoder_is_refused),
        cmocka_unit_test(a_single_flipped_bit_is_found),
        cmocka_unit_test(at_rest_it_holds_no_memory_and_wakes_up_the_same),
        cmocka_unit_test(a_full_address_space_is_a_fault),
    };
    return cmocka_run_group_tests(tests, open_encoder, close_encoder);
}
