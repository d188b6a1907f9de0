/* Themes of many texts: `bench_themes FILE.csv ENCODER` makes the vectors of the texts of the file
 * ("-": by words alone), then their graph, then finds and describes themes at several resolutions.
 * Prints processor seconds and the greatest memory of this process.
 */
#include "sift/similar/many_testing.h"
#include "sift/themes/themes.h"

int main(int argc, char **argv)
{
    static const double resolutions[] = { 0.5, 2, 8 };
    check(argc == 3);
    struct many b;
    if (!many_open(&b, argv[1], argv[2]))
        return 1;
    make_lexical(&b);
    make_sentences(&b, 1);
    double begun = seconds();
    struct themes_texts *texts = themes_texts_make(b.arena);
    for (uint32_t i = 0; i < b.count; i++) {
        struct words words = words_split(b.tools, b.scratch, b.text[i], b.language[i]);
        themes_texts_add(texts, &words, &b.vectors[i]);
        arena_reset(b.scratch);
    }
    struct themes_graph graph = themes_graph(b.arena, texts, 1);
    double joined = seconds();
    printf("%u %.2f", b.count, joined - begun);
    for (size_t i = 0; i < sizeof resolutions / sizeof resolutions[0]; i++) {
        double before = seconds();
        struct themes themes = themes_find(
            b.arena, &graph, (struct themes_wish){ .resolution = resolutions[i], .seed = 1 });
        double found = seconds();
        themes_describe(b.arena, texts, &graph, &themes);
        printf(" %u %.2f %.2f", themes.count, found - before, seconds() - found);
    }
    printf(" %.0f\n", memory_mb());
    many_close(&b);
    return 0;
}
