/* Many texts for the sifting commands: read from CSV, in which language each is, their vectors. */
#pragma once
#include "base/arena.h"
#include "sift/similar/similar.h"
#include "sift/table/table.h"
#include "sift/words/words.h"

struct corpus {
    struct arena *arena, *scratch; /* scratch is reset after each text */
    struct words_tools *tools;
    const char *path;
    uint32_t count, capacity;
    struct str *text, *id;
    const char **language;          /* NULL until corpus_find_languages */
    struct similar_vector *vectors; /* from corpus_make_vectors */
    struct similar_counts *counts;
};

/* What the commands that take texts can be told of them. */
struct corpus_wish {
    const char *language; /* what most texts are in; NULL: what all of them together look like */
    struct str encoder;   /* [sift] encoder */
    bool lexical;         /* without the encoder */
    int64_t threads;      /* that share the encoder, 1 … THREADS_MAX */
};

void corpus_open(struct corpus *c, struct arena *arena, const char *path);
void corpus_close(struct corpus *c);

/* Room for so many texts. */
void corpus_make_room(struct corpus *c, size_t texts);
/* Adds a text found at `line`; `language` NULL: not known. False after a complaint. */
bool corpus_add(struct corpus *c, struct str text, struct str id, const char *language,
                size_t line);
/* Reads a file with the column text (idea, title) and optionally id and language, and leaves room
   for one text more. `row`, unless NULL, sees each row after its text was added, and may say no
   after a complaint. False after a complaint. */
bool corpus_read(struct corpus *c, bool (*row)(void *context, const struct table *table),
                 void *context);
/* The text's language where the table says it, otherwise NULL. */
const char *corpus_language(struct corpus *c, const struct table *table, int column);

/* Gives each text without a language the one it seems to be in, `likely` or that of most of them
   being a hint. */
void corpus_find_languages(struct corpus *c, const char *likely);
/* A text's words, in the scratch arena. */
struct words corpus_words(const struct corpus *c, uint32_t text);
/* Makes the vectors of all texts: by the encoder where there is one (else says once that there is
   none, unless nobody asked for it), and by words. */
void corpus_make_vectors(struct corpus *c, const struct corpus_wish *wish);
