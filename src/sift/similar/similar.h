/* How alike two texts are; the nearest of many; groups of near-duplicates; and what speaks against
 * merging two. Pure.
 *
 * A text becomes one vector of SIMILAR_BYTES bytes, that may be kept: a sentence half (what the
 * encoder makes of an English text, zeros for others) and a lexical half (its words, stems and
 * character n-grams, weighed by how rare they are among the texts there are).
 *
 *     struct similar_counts *counts = similar_counts_make(arena);
 *     struct words words = words_split(tools, arena, text, language);
 *     struct similar_vector v = { 0 };
 *     similar_lexical(scratch, counts, &words, &v);
 *     similar_sentence(&v, embedding);              // English, and there is an encoder
 *     struct similar_found found[SIMILAR_NEAREST];
 *     size_t n = similar_nearest(index, &v, SIMILAR_FIRES, found);
 *     similar_add(index, id, &v);
 *     similar_counts_add(counts, scratch, &words);
 *
 * One index and one set of counts belong to one campaign; an index takes any number of readers or
 * one writer. similar.c says how scores are reckoned and what they mean.
 */
#pragma once
#include "base/str.h"
#include "sift/words/words.h"

struct arena;

enum {
    SIMILAR_METHOD = 1,  /* grows when vectors of before are no longer comparable */
    SIMILAR_HALF = 512,  /* dimensions of each half */
    SIMILAR_SCALE = 180, /* what 1.0 is in a byte */
    SIMILAR_NEAREST = 5,
};
#define SIMILAR_FIRES 0.70 /* from here on two texts are called near-duplicates */

struct similar_vector {
    uint8_t method;       /* SIMILAR_METHOD */
    uint8_t has_sentence; /* 1: the sentence half is filled */
    uint8_t reserved[2];
    int8_t sentence[SIMILAR_HALF]; /* each half that is filled has length √½ · SIMILAR_SCALE */
    int8_t lexical[SIMILAR_HALF];
};
enum { SIMILAR_BYTES = sizeof(struct similar_vector) };

/* --- In how many texts a feature occurs ------------------------------------------------------- */

/* Lives in the arena: 11 to 43 bytes for each different feature. `scratch` is an arena that is left
   as it was found, here and below. */
struct similar_counts;
struct similar_counts *similar_counts_make(struct arena *arena);
/* Counts a text, or takes it out again (which must have been counted with the same words).
   O(length · log length). */
void similar_counts_add(struct similar_counts *counts, struct arena *scratch,
                        const struct words *words);
void similar_counts_remove(struct similar_counts *counts, struct arena *scratch,
                           const struct words *words);
uint32_t similar_counts_texts(const struct similar_counts *counts);

/* --- Vectors ---------------------------------------------------------------------------------- */

/* Fills the lexical half by what is counted so far, and leaves the sentence half.
   O(length · log length). */
void similar_lexical(struct arena *scratch, const struct similar_counts *counts,
                     const struct words *words, struct similar_vector *v);
/* Fills the sentence half from an embedding of SIMILAR_HALF numbers; zeros leave it empty. */
void similar_sentence(struct similar_vector *v, const float *embedding);
/* Brings an embedding of another length (1 … SIMILAR_FOLD_MOST) to SIMILAR_HALF numbers: shorter
   ones exactly, of longer ones cosines change by about .04 (fold.c). O(count · log count). */
enum { SIMILAR_FOLD_MOST = 8192 };
void similar_fold(const float *embedding, size_t count, float folded[SIMILAR_HALF]);
/* 0 (nothing in common) to 1 (the same): see similar.c. */
double similar_score(const struct similar_vector *a, const struct similar_vector *b);

/* --- Index ------------------------------------------------------------------------------------ */

struct similar_index;
struct similar_index *similar_index_make(struct arena *arena);
/* Adds a vector under an id, or replaces the one that is there. O(SIMILAR_HALF). */
void similar_add(struct similar_index *index, int64_t id, const struct similar_vector *v);
/* False when there is none. Its place is used again. */
bool similar_remove(struct similar_index *index, int64_t id);
size_t similar_count(const struct similar_index *index);
/* The vector under an id; false when there is none. */
bool similar_get(const struct similar_index *index, int64_t id, struct similar_vector *v);

struct similar_found {
    int64_t id;
    double score;
};
/* The up to SIMILAR_NEAREST nearest whose score is at least `least`, best first, those of equal
   score by id. Exact: O(count · SIMILAR_HALF). */
size_t similar_nearest(const struct similar_index *index, const struct similar_vector *v,
                       double least, struct similar_found found[SIMILAR_NEAREST]);

/* --- Many at once ----------------------------------------------------------------------------- */

/* Groups of near-duplicates: for each of `count` vectors the number of the one that leads its
   group (its own, if it leads) and its score with that. The first of a group leads it; each other
   joins the nearest leader before it whose score is at least `least`, else it leads a group of its
   own. So all members are as near to their leader as is asked, and chains of small steps do not
   fold ideas that have nothing to do with each other. Given the `words` of each text (NULL: do not
   look), none joins a group of which any member must not be merged with it; of its leaders the
   SIMILAR_LEADERS nearest are asked. O(count · groups · SIMILAR_HALF) time, with words and besides
   O(members²) for each group; O(count) memory in the arena. */
enum { SIMILAR_LEADERS = 16 };
struct similar_member {
    uint32_t leader;
    double score;
};
struct similar_member *similar_groups(struct arena *arena, const struct similar_vector *vectors,
                                      const struct words *words, uint32_t count, double least);

/* --- What speaks against merging -------------------------------------------------------------- */

enum similar_difference {
    SIMILAR_NO_DIFFERENCE,
    SIMILAR_NUMBERS,  /* 3 lanes, 4 lanes */
    SIMILAR_UNITS,    /* 5 minutes, 5 hours */
    SIMILAR_NEGATION, /* with parking, without parking */
    SIMILAR_NAMES,    /* benches in Rose Park, benches in Oak Park */
};
struct similar_block {
    enum similar_difference difference;
    struct str in_a, in_b; /* the words; empty where a text has none; they point into the words.
                              Names are as they were written. */
};
/* The first difference for which two texts must not be offered for merging, however alike. */
struct similar_block similar_blocks(const struct words *a, const struct words *b);
/* "numbers", "units", "negation", "names"; "" for none. */
const char *similar_difference_name(enum similar_difference difference);
