/* What the files of `manyhands-media` share. */
#pragma once
#include "platform/blobs/media_protocol.h"

#include <stdbool.h>
#include <stddef.h>

/* --- The program (media_main.c) --------------------------------------------------------------- */

/* Ends at once with MEDIA_REFUSED and a sentence for people, or, unless it holds, with
   MEDIA_FAILED. */
_Noreturn void media_refuse(const char *sentence);
void media_ensure(bool holds, const char *what);
/* To standard output, all of it. */
void media_write(const void *bytes, size_t size);

/* --- Pictures (media_picture.c) --------------------------------------------------------------- */

struct media_input {
    unsigned char *bytes;
    size_t size;
};
struct media_picture {
    unsigned char *webp; /* to be given to media_picture_free */
    size_t size;
    uint32_t width_px, height_px;
};

/* Loads the decoders; before the cage is closed. */
void media_picture_prepare(void);
/* Decodes a picture and encodes it again as WebP without metadata, scaled down to fit the side.
   NULL, or a sentence that says why not; then there is nothing to free. */
const char *media_picture_clean(struct media_input in, int side_px_max,
                                struct media_picture *picture);
void media_picture_free(struct media_picture *picture);

/* --- Archives (media_archive.c) --------------------------------------------------------------- */

/* The program `archive`; closes the cage itself, ends with MEDIA_DONE. */
_Noreturn void media_archive(int side_px_max);
