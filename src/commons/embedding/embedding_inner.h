/* What the files of this room share. */
#pragma once
#include "commons/embedding/embedding.h"
#include "embedding.sql.h"

/* --- Rules: pure (embedding_rules.c) ---------------------------------------------------------- */

struct embedding_vectors {
    size_t count, dimensions;
    float *values; /* count × dimensions, row by row */
};

/* Sentences of everyday life in several languages. Models differ in what all their vectors have in
   common; the mean over these is taken for it. */
enum { EMBEDDING_REFERENCES = 32 };
extern const char *const embedding_references[EMBEDDING_REFERENCES];

bool embedding_is_configured(const struct config *config);
/* What is asked: {"model":…,"input":[…]}, with "dimensions" unless they are 0. */
struct str embedding_question(struct arena *arena, struct str model, int64_t dimensions,
                              const struct str *texts, size_t count);
/* Reads an answer to `count` texts, as OpenAI's ("data", by "index") or Ollama's ("embeddings")
   are; `dimensions` 0: any. False with a sentence in *trouble, which lives in the arena. */
bool embedding_read_answer(struct arena *arena, struct str body, size_t count, size_t dimensions,
                           struct embedding_vectors *vectors, struct str *trouble);
/* The mean of some vectors, as it is kept. */
struct str embedding_centre(struct arena *arena, const struct embedding_vectors *vectors);
/* What likeness keeps of vector `n`: measured from the centre, folded; "" when nothing is left. */
struct str embedding_sentence(struct arena *arena, struct str centre,
                              const struct embedding_vectors *vectors, size_t n);
/* How long the service rests that failed so often in a row: 5 s to 10 min. */
int64_t embedding_rest_us(int64_t failures);

/* --- Asking (embedding_ask.c) ----------------------------------------------------------------- */

enum embedding_outcome {
    EMBEDDING_MADE,
    EMBEDDING_REFUSED, /* these texts: 400, 413 or 422 */
    EMBEDDING_FAILED,
    EMBEDDING_STOPPED,
};
/* Asks for some texts; waits for the answer. `trouble` is set unless they were made. */
enum embedding_outcome embedding_ask(struct arena *arena, const struct config *config,
                                     const _Atomic bool *stop, const struct str *texts,
                                     size_t count, size_t dimensions,
                                     struct embedding_vectors *vectors, struct str *trouble);
