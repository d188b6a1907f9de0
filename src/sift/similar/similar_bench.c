/* Near-duplicates among many texts: `bench_similar FILE.csv ENCODER` builds everything for the
 * texts of the file, then looks some of them up as if they were being typed. ENCODER "-": without
 * one. Prints processor seconds and the greatest memory of this process; of two threads that share
 * the encoder, the seconds that passed.
 */
#include "sift/similar/many_testing.h"

#include <stdlib.h>

enum { LOOKUPS = 1000 };

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Everything from the text to the five nearest. */
static void look_up(struct many *b, const struct similar_index *index, struct str text,
                    double *took, double *scanning)
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
    check(similar_nearest(index, &v, 0.3, found) > 0);
    *took = seconds() - begun;
    *scanning = seconds() - made;
    arena_reset(b->scratch);
}

int main(int argc, char **argv)
{
    check(argc == 3);
    struct many b;
    if (!many_open(&b, argv[1], argv[2]))
        return 1;
    double begun = seconds();
    make_lexical(&b);
    double lexical = seconds();
    make_sentences(&b, 1);
    double sentences = seconds();
    struct similar_index *index = similar_index_make(b.arena);
    for (uint32_t i = 0; i < b.count; i++)
        similar_add(index, i, &b.vectors[i]);
    double built = seconds();
    static double took[LOOKUPS], scanning[LOOKUPS];
    for (uint32_t i = 0; i < LOOKUPS; i++)
        look_up(&b, index, b.text[(size_t)i * b.count / LOOKUPS], &took[i], &scanning[i]);
    qsort(took, LOOKUPS, sizeof *took, by_value);
    qsort(scanning, LOOKUPS, sizeof *scanning, by_value);
    double memory = memory_mb(), before = seconds();
    struct similar_member *members =
        similar_groups(b.arena, b.vectors, NULL, b.count, SIMILAR_FIRES);
    double grouped = seconds();
    uint32_t leaders = 0;
    for (uint32_t i = 0; i < b.count; i++)
        leaders += members[i].leader == i;
    double most = memory_mb(), alone = sentences - lexical;
    double passed = seconds_by(CLOCK_MONOTONIC);
    make_sentences(&b, 2);
    double by_two = seconds_by(CLOCK_MONOTONIC) - passed;
    printf("%u %.2f %.2f %.2f %.3f %.3f %.3f %.3f %.0f %.2f %u %.0f %.2f %.2f\n", b.count,
           built - begun, lexical - begun, alone, took[LOOKUPS / 2] * 1e3,
           took[LOOKUPS * 99 / 100] * 1e3, scanning[LOOKUPS / 2] * 1e3,
           scanning[LOOKUPS * 99 / 100] * 1e3, memory, grouped - before, leaders, most,
           built - begun - alone + by_two, by_two);
    many_close(&b);
    return 0;
}
