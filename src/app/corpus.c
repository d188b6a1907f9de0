#include "app/corpus.h"

#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/csv.h"
#include "app/encoder.h"
#include "base/buf.h"
#include "sift/encode/encode.h"

void corpus_open(struct corpus *c, struct arena *arena, const char *path)
{
    *c = (struct corpus){
        .arena = arena, .scratch = arena_make(), .tools = words_tools_open(), .path = path
    };
}

void corpus_close(struct corpus *c)
{
    words_tools_close(c->tools);
    arena_free(c->scratch);
}

void corpus_make_room(struct corpus *c, size_t texts)
{
    c->capacity = texts < UINT32_MAX / 2 ? (uint32_t)texts : UINT32_MAX / 2;
    c->text = arena_new(c->arena, struct str, c->capacity);
    c->id = arena_new(c->arena, struct str, c->capacity);
    c->language = arena_new(c->arena, const char *, c->capacity);
}

bool corpus_add(struct corpus *c, struct str text, struct str id, const char *language, size_t line)
{
    if (text.size > WORDS_TEXT_BYTES_MAX)
        return complain("%s: line %zu: a text is longer than %d bytes", c->path, line,
                        WORDS_TEXT_BYTES_MAX),
               false;
    if (c->count == c->capacity)
        return complain("%s: there are more texts than can be compared", c->path), false;
    c->text[c->count] = text;
    c->id[c->count] = id;
    c->language[c->count++] = language;
    return true;
}

const char *corpus_language(struct corpus *c, const struct table *table, int column)
{
    struct str name = column < 0 ? (struct str){ 0 } : str_trim(table->cells[column]);
    return name.size == 0 ? NULL : str_c(c->arena, str_lower(c->arena, name));
}

bool corpus_read(struct corpus *c, bool (*row)(void *context, const struct table *table),
                 void *context)
{
    struct table table;
    if (!csv_open(c->arena, c->path, &table))
        return false;
    int text = csv_need_column(c->path, &table, "text|idea|title|comment-body");
    int id = table_column(&table, "id"), language = table_column(&table, "language|lang");
    if (text < 0)
        return false;
    corpus_make_room(c, csv_rows_most(&table) + 1);
    while (table_next(&table)) {
        struct str name =
            id >= 0 ? str_trim(table.cells[id]) : str_printf(c->arena, "%u", c->count + 1);
        if (!corpus_add(c, table.cells[text], name, corpus_language(c, &table, language),
                        table.line) ||
            (row != NULL && !row(context, &table)))
            return false;
    }
    return csv_ended_well(c->path, &table);
}

/* What the texts together seem to be in. */
static const char *language_of_all(const struct corpus *c)
{
    enum { ENOUGH_BYTES = 20000 };
    struct buf all = { .arena = c->scratch };
    for (uint32_t i = 0; i < c->count && all.size < ENOUGH_BYTES; i++) {
        buf_add(&all, utf8_clip(c->text[i], 1000));
        buf_char(&all, '\n');
    }
    const char *language = words_language(buf_str(&all), NULL);
    arena_reset(c->scratch);
    return language;
}

void corpus_find_languages(struct corpus *c, const char *likely)
{
    if (likely == NULL)
        likely = language_of_all(c);
    for (uint32_t i = 0; i < c->count; i++)
        if (c->language[i] == NULL)
            c->language[i] = words_language(c->text[i], likely);
}

struct words corpus_words(const struct corpus *c, uint32_t text)
{
    return words_split(c->tools, c->scratch, c->text[text], c->language[text]);
}

/* The sentence halves of English texts, some at a time: as many as keep threads busy until the last
   of them has ended. */
static void encode_sentences(struct corpus *c, const struct encoder *encoder, unsigned threads)
{
    enum { AT_ONCE = 4096 };
    size_t room = c->count < AT_ONCE ? c->count : AT_ONCE;
    struct str *texts = arena_new(c->arena, struct str, room);
    uint32_t *numbers = arena_new(c->arena, uint32_t, room);
    float *embeddings = arena_new(c->arena, float, room *ENCODE_DIMENSIONS);
    size_t waiting = 0;
    for (uint32_t i = 0; i <= c->count; i++) {
        if (waiting == room || i == c->count) {
            encoder_encode_by(encoder, threads, waiting, texts, embeddings);
            for (size_t k = 0; k < waiting; k++)
                similar_sentence(&c->vectors[numbers[k]], embeddings + k * ENCODE_DIMENSIONS);
            waiting = 0;
        }
        if (i < c->count && strcmp(c->language[i], "en") == 0) {
            texts[waiting] = c->text[i];
            numbers[waiting++] = i;
        }
    }
}

/* Counts all texts, then makes their vectors. */
void corpus_make_vectors(struct corpus *c, const struct corpus_wish *wish)
{
    struct fault fault = { 0 };
    struct encoder *encoder = wish->lexical ? NULL : encoder_found(c->arena, wish->encoder, &fault);
    if (encoder == NULL && !wish->lexical)
        fprintf(stderr, "by words alone, for there is no sentence encoder: %s\n", fault.detail);
    c->counts = similar_counts_make(c->arena);
    c->vectors = arena_new(c->arena, struct similar_vector, c->count);
    struct arena *sorting = arena_make();
    for (uint32_t i = 0; i < c->count; i++) {
        struct words words = corpus_words(c, i);
        similar_counts_add(c->counts, sorting, &words);
        arena_reset(c->scratch);
    }
    for (uint32_t i = 0; i < c->count; i++) {
        struct words words = corpus_words(c, i);
        similar_lexical(sorting, c->counts, &words, &c->vectors[i]);
        arena_reset(c->scratch);
    }
    arena_free(sorting);
    if (encoder != NULL)
        encode_sentences(c, encoder, (unsigned)wish->threads);
    encoder_close(encoder);
}
