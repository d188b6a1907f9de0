/* What the server and its helper program `manyhands-media` agree on.
 *
 * `manyhands-media picture SIDE_PX_MAX` reads a picture from standard input until its end. With
 * MEDIA_DONE it has written a header and the WebP file to standard output; with MEDIA_REFUSED one
 * sentence for the person who sent the picture to standard error. Any other end is a failure.
 */
#pragma once
#include <stdint.h>

enum { MEDIA_DONE = 0, MEDIA_REFUSED = 3, MEDIA_FAILED = 4 };

enum {
    MEDIA_INPUT_BYTES_MAX = 128 * 1024 * 1024,
    MEDIA_OUTPUT_BYTES_MAX = 64 * 1024 * 1024,
    MEDIA_SIDE_PX_MAX = 16383, /* of WebP */
};

struct media_header {
    char magic[4]; /* MEDIA_MAGIC */
    uint32_t width_px, height_px;
};
#define MEDIA_MAGIC "MHM1"
