/* For tests: the pieces and vectors of texts.
 *
 *   encode_texts FILE [INSTRUCTIONS] <TEXTS >VECTORS
 *
 * Each text comes as its size (four bytes) and its bytes; for each goes out the number of its
 * pieces (four bytes), the pieces (two bytes each) and the vector.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "sift/encode/encode.h"

enum { TEXTS_MAX = 100000 };

int main(int count, char **arguments)
{
    struct fault fault = { 0 };
    struct encoder *encoder = encoder_open(count > 1 ? arguments[1] : "", &fault);
    if (encoder == NULL || (count > 2 && !encoder_use(encoder, arguments[2]))) {
        fprintf(stderr, "encode_texts: %s\n", encoder == NULL ? fault.detail : arguments[2]);
        return 1;
    }
    struct arena *arena = arena_make();
    struct str *texts = arena_new(arena, struct str, TEXTS_MAX);
    size_t text_count = 0;
    uint32_t size;
    while (text_count < TEXTS_MAX && fread(&size, sizeof size, 1, stdin) == 1) {
        char *bytes = arena_take_bytes(arena, size);
        if (fread(bytes, 1, size, stdin) != size)
            return 1;
        texts[text_count++] = (struct str){ bytes, size };
    }
    float *vectors = arena_new(arena, float, text_count *ENCODE_DIMENSIONS);
    encoder_encode(encoder, text_count, texts, vectors);
    for (size_t i = 0; i < text_count; i++) {
        uint16_t pieces[ENCODE_PIECES_MAX];
        uint32_t n = encoder_pieces(encoder, texts[i], pieces);
        fwrite(&n, sizeof n, 1, stdout);
        fwrite(pieces, sizeof pieces[0], n, stdout);
        fwrite(vectors + i * ENCODE_DIMENSIONS, sizeof *vectors, ENCODE_DIMENSIONS, stdout);
    }
    arena_free(arena);
    encoder_close(encoder);
    return ferror(stdout) ? 1 : 0;
}
