/* manyhands themes: what many texts are about, from CSV to CSV. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/corpus.h"
#include "app/csv.h"
#include "base/threads.h"
#include "sift/rank/rank.h"
#include "sift/shortlist/shortlist.h"
#include "sift/themes/themes.h"

static const char *const with_value = "resolution seed truth shortlist language threads";

struct wish {
    const char *truth;
    double resolution;
    int64_t seed, shortlist;
    bool labels, svg;
    struct corpus_wish corpus;
};

/* What a row may say besides its text. */
struct rows {
    struct arena *arena;
    struct wish *wish;
    struct corpus *corpus;
    int theme, truth, up, down; /* columns or -1; -2 before the first row */
    struct names themes, truths;
    uint32_t *pin, *truth_of;
    struct rank_tally *tally;
};

/* --- Reading ---------------------------------------------------------------------------------- */

static bool find_columns(struct rows *r, const struct table *table)
{
    r->theme = table_column(table, "theme");
    r->up = table_column(table, "up|votes|agrees");
    r->down = table_column(table, "down|disagrees");
    r->truth =
        r->wish->truth != NULL ? csv_need_column(r->corpus->path, table, r->wish->truth) : -1;
    r->pin = arena_new(r->arena, uint32_t, r->corpus->capacity);
    r->truth_of = arena_new(r->arena, uint32_t, r->corpus->capacity);
    r->tally = arena_new(r->arena, struct rank_tally, r->corpus->capacity);
    return r->wish->truth == NULL || r->truth >= 0;
}

static bool read_count(const struct rows *r, const struct table *table, int column, double *count)
{
    if (column < 0)
        return true;
    struct str cell = str_trim(table->cells[column]);
    if (table_number(cell, count) && *count >= 0)
        return true;
    return complain("%s: line %zu: \"%.*s\" is no number of votes", r->corpus->path, table->line,
                    STR_ARG(cell)) == 0;
}

static bool read_row(void *context, const struct table *table)
{
    struct rows *r = context;
    if (r->theme == -2 && !find_columns(r, table))
        return false;
    uint32_t i = r->corpus->count - 1;
    struct str theme = r->theme >= 0 ? str_trim(table->cells[r->theme]) : (struct str){ 0 };
    r->pin[i] = theme.size > 0 ? names_number(&r->themes, theme) : THEMES_NONE;
    if (r->truth >= 0)
        r->truth_of[i] = names_number(&r->truths, str_trim(table->cells[r->truth]));
    return read_count(r, table, r->up, &r->tally[i].up) &&
           read_count(r, table, r->down, &r->tally[i].down);
}

/* --- Telling ---------------------------------------------------------------------------------- */

struct answer {
    const struct corpus *corpus;
    const struct rows *rows;
    struct themes themes;
};

/* A theme's name: the one a person gave it, or its terms. */
static struct str label_of(const struct answer *a, uint32_t theme)
{
    const struct theme *t = &a->themes.items[theme];
    if (t->pin != THEMES_NONE)
        return a->rows->themes.all[t->pin];
    struct str label = { 0 };
    for (uint32_t i = 0; i < t->term_count; i++)
        label = i == 0 ? t->terms[i].words
                       : str_printf(a->rows->arena, "%.*s, %.*s", STR_ARG(label),
                                    STR_ARG(t->terms[i].words));
    return label;
}

static struct str *label_all(const struct answer *a)
{
    struct str *labels = arena_new(a->rows->arena, struct str, a->themes.count);
    for (uint32_t t = 0; t < a->themes.count; t++)
        labels[t] = label_of(a, t);
    return labels;
}

static void write_texts(const struct answer *a)
{
    const struct str *labels = label_all(a);
    fputs("id,theme,strength,label,text\n", stdout);
    for (uint32_t i = 0; i < a->corpus->count; i++) {
        uint32_t theme = a->themes.of[i];
        table_write_cell(stdout, a->corpus->id[i]);
        if (theme == THEMES_NONE)
            fputs(",,,,", stdout);
        else {
            printf(",%u,%.3f,", theme + 1, a->themes.strength[i]);
            table_write_cell(stdout, labels[theme]);
            putchar(',');
        }
        table_write_cell(stdout, a->corpus->text[i]);
        putchar('\n');
    }
}

static void write_labels(const struct answer *a)
{
    fputs("theme,texts,cohesion,label,quote\n", stdout);
    for (uint32_t t = 0; t < a->themes.count; t++) {
        const struct theme *theme = &a->themes.items[t];
        printf("%u,%u,%.3f,", t + 1, theme->size, theme->cohesion);
        table_write_cell(stdout, label_of(a, t));
        putchar(',');
        table_write_cell(stdout, a->corpus->text[theme->quotes[0]]);
        putchar('\n');
    }
}

static void write_svg(const struct answer *a)
{
    struct str svg = themes_svg(a->rows->arena, &a->themes, label_all(a));
    fwrite(svg.data, 1, svg.size, stdout);
}

/* Why an entry is on the list, in words. */
static struct str reason_of(const struct answer *a, const struct shortlist_pick *p)
{
    struct arena *arena = a->rows->arena;
    uint32_t theme = a->themes.of[p->entry];
    struct str why = { 0 };
    if (p->is_best_of_all && a->rows->up >= 0)
        why = S("the best supported of all; ");
    else if (p->is_best_of_theme && p->theme_size > 1 && a->rows->up >= 0)
        why = S("the best supported of its theme; ");
    if (theme == THEMES_NONE)
        why = str_join(arena, why, S("like no other"));
    else
        why = str_printf(arena, "%.*s%s %u texts on %.*s", STR_ARG(why),
                         p->is_first_of_theme ? "stands for" : "another of", p->theme_size,
                         STR_ARG(label_of(a, theme)));
    if (p->duplicate_count > 0)
        why = str_printf(arena, "%.*s; %u say nearly the same", STR_ARG(why), p->duplicate_count);
    return why;
}

static void write_shortlist(const struct answer *a, uint32_t wanted)
{
    struct arena *arena = a->rows->arena;
    uint32_t count = a->corpus->count;
    struct words *words = arena_new(arena, struct words, count);
    for (uint32_t i = 0; i < count; i++) {
        struct words some = corpus_words(a->corpus, i);
        words[i] = words_copy(arena, &some);
        arena_reset(a->corpus->scratch);
    }
    struct similar_member *members =
        similar_groups(arena, a->corpus->vectors, words, count, SIMILAR_FIRES);
    double *merit = arena_new(arena, double, count);
    uint32_t *leader = arena_new(arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        double high;
        rank_wilson_interval(a->rows->tally[i], &merit[i], &high);
        leader[i] = members[i].leader;
    }
    struct shortlist_pick *picks = arena_new(arena, struct shortlist_pick, wanted);
    uint32_t picked = shortlist_choose(
        &(struct shortlist_entries){
            .count = count, .theme = a->themes.of, .merit = merit, .leader = leader },
        wanted, picks);
    fputs("place,id,theme,why,text\n", stdout);
    for (uint32_t i = 0; i < picked; i++) {
        uint32_t entry = picks[i].entry, theme = a->themes.of[entry];
        printf("%u,", i + 1);
        table_write_cell(stdout, a->corpus->id[entry]);
        printf(theme == THEMES_NONE ? ",," : ",%u,", theme + 1);
        table_write_cell(stdout, reason_of(a, &picks[i]));
        putchar(',');
        table_write_cell(stdout, a->corpus->text[entry]);
        putchar('\n');
    }
}

static void tell_sums(const struct answer *a)
{
    uint32_t alone = 0;
    for (uint32_t i = 0; i < a->corpus->count; i++)
        alone += a->themes.of[i] == THEMES_NONE;
    fprintf(stderr, "%u themes in %u texts, %u like no other; modularity %.3f\n", a->themes.count,
            a->corpus->count, alone, a->themes.modularity);
    if (a->rows->truth < 0)
        return;
    struct themes_likeness like =
        themes_likeness(a->rows->arena, a->themes.of, a->rows->truth_of, a->corpus->count);
    fprintf(stderr, "against %s, %u of them: NMI %.4f, adjusted Rand index %.4f\n",
            a->rows->wish->truth, a->rows->truths.count, like.mutual_information,
            like.adjusted_rand);
}

/* --- The command ------------------------------------------------------------------------------ */

static void find_themes(struct answer *a, const struct corpus *corpus, const struct rows *rows)
{
    struct themes_texts *texts = themes_texts_make(corpus->arena);
    for (uint32_t i = 0; i < corpus->count; i++) {
        struct words words = corpus_words(corpus, i);
        themes_texts_add(texts, &words, &corpus->vectors[i]);
        arena_reset(corpus->scratch);
    }
    const struct wish *wish = rows->wish;
    struct themes_graph graph = themes_graph(corpus->arena, texts, (uint64_t)wish->seed);
    *a = (struct answer){ .corpus = corpus, .rows = rows };
    a->themes = themes_find(corpus->arena, &graph,
                            (struct themes_wish){ .resolution = wish->resolution,
                                                  .seed = (uint64_t)wish->seed,
                                                  .pin = rows->theme >= 0 ? rows->pin : NULL });
    themes_describe(corpus->arena, texts, &graph, &a->themes);
}

static int sift(struct corpus *corpus, struct rows *rows)
{
    const struct wish *wish = rows->wish;
    if (!corpus_read(corpus, read_row, rows))
        return 1;
    if (corpus->count == 0)
        return complain("%s: there are no texts", corpus->path);
    corpus_find_languages(corpus, wish->corpus.language);
    corpus_make_vectors(corpus, &wish->corpus);
    struct answer answer;
    find_themes(&answer, corpus, rows);
    if (wish->shortlist > 0)
        write_shortlist(&answer, (uint32_t)wish->shortlist);
    else if (wish->labels)
        write_labels(&answer);
    else if (wish->svg)
        write_svg(&answer);
    else
        write_texts(&answer);
    tell_sums(&answer);
    return fflush(stdout) == 0 ? 0 : complain("standard output: %s", strerror(errno));
}

int run_themes(struct invocation *in)
{
    struct wish wish = { .truth = option(in, "truth"),
                         .resolution = 2,
                         .labels = flag(in, "labels"),
                         .svg = flag(in, "svg"),
                         .corpus = { .language = option(in, "language"),
                                     .encoder = in->config->sift_encoder,
                                     .lexical = flag(in, "lexical") } };
    const char *path = operand(in, 0, with_value), *resolution = option(in, "resolution");
    if (!only_options(in, "resolution seed truth shortlist language threads labels svg lexical"))
        return 2;
    if (path == NULL || operand(in, 1, with_value) != NULL)
        return complain("themes takes one file; `manyhands themes --help` tells more") + 1;
    if (resolution != NULL && (!table_number(str_from(resolution), &wish.resolution) ||
                               wish.resolution < 0.1 || wish.resolution > 100))
        return complain("--resolution takes a number from 0.1 to 100; 0.5 is broad, 8 narrow") + 1;
    if (!whole_number(in, "seed", 0, INT64_MAX, 0, &wish.seed) ||
        !whole_number(in, "shortlist", 0, 100000, 0, &wish.shortlist) ||
        !whole_number(in, "threads", 1, THREADS_MAX, threads_processors(), &wish.corpus.threads))
        return 2;
    if ((wish.shortlist > 0) + wish.labels + wish.svg > 1)
        return complain("--shortlist, --labels and --svg are different answers; ask for one") + 1;
    struct corpus corpus;
    corpus_open(&corpus, in->arena, path);
    struct rows rows = { .arena = in->arena,
                         .wish = &wish,
                         .corpus = &corpus,
                         .theme = -2,
                         .truth = -1,
                         .up = -1,
                         .themes = { .arena = in->arena },
                         .truths = { .arena = in->arena } };
    int status = sift(&corpus, &rows);
    corpus_close(&corpus);
    return status;
}
