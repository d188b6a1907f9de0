/* What the files of this room share. */
#pragma once
#include "sift/dense/dense.h"
#include "sift/encode/encode.h"

struct arena;

enum { LAYERS = 2, HEADS = 4, INPUT = 256, WIDTH = ENCODE_DIMENSIONS, HIDDEN = 1536 };

/* A place in the tree of all pieces; its children stand together, by ascending symbol. */
struct piece_node {
    uint32_t symbol, first_child;
    uint16_t child_count;
    uint16_t piece; /* that ends here; 0 is none */
};

struct vocabulary {
    const struct piece_node *nodes; /* the first is the root */
    const double *scores;           /* of each piece, the logarithm of its frequency */
    const uint8_t *lengths;         /* of each piece in symbols */
};

/* y = (x - mean) / deviation · scale + shift. */
struct norm {
    const float *scale, *shift;
};

/* y = x · matrix + bias. */
struct linear {
    struct dense_panels matrix;
    const float *bias;
};

struct layer {
    uint32_t width; /* of what comes in; what goes out has WIDTH */
    struct norm before_attention, before_hidden;
    struct linear question_key_value, attended, straight, hidden, out;
};

struct model {
    const float *embeddings, *positions;
    struct layer layers[LAYERS];
    struct linear top;
};

struct encoder {
    const char *mapping;
    size_t size;
    const struct dense_kernels *kernels;
    struct vocabulary vocabulary;
    struct model model;
};

/* Room for dividing one text after another. */
struct divider;
struct divider *divider_make(struct arena *arena);
uint32_t divide(struct divider *d, const struct vocabulary *v, struct str text,
                uint16_t pieces[ENCODE_PIECES_MAX]);

/* Some texts, cut into pieces, one after the other. */
enum { BATCH_PIECES = 256, BATCH_TEXTS = 64 };
struct batch {
    uint32_t text_count, piece_count;
    uint32_t start[BATCH_TEXTS + 1]; /* of each text's pieces; and the end */
    uint16_t pieces[BATCH_PIECES];
};

/* What a pass works in: floats for `pieces` pieces. */
struct scratch {
    float *state, *normed, *wide;
};
struct scratch scratch_make(struct arena *arena, uint32_t pieces);
/* The vectors of a batch, whose texts have a piece each at least. */
void model_run(const struct encoder *encoder, const struct batch *batch, struct scratch scratch,
               float *vectors);
