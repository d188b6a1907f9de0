/* What the server and its helper program `manyhands-media` agree on.
 *
 * `manyhands-media picture SIDE_PX_MAX` reads a picture from standard input until its end. With
 * MEDIA_DONE it has written a header and the WebP file to standard output; with MEDIA_REFUSED one
 * sentence for the person who sent the picture to standard error. Any other end is a failure.
 *
 * `manyhands-media archive SIDE_PX_MAX` reads a ZIP archive from standard input, which is a file,
 * and writes records to standard output: for each entry that is no folder and no litter a
 * MEDIA_BEGIN with its name, then what became of it; MEDIA_END after the last. With MEDIA_REFUSED
 * the archive as a whole is refused, for the reason on standard error.
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

/* --- Archives --------------------------------------------------------------------------------- */

enum {
    MEDIA_ENTRIES_MAX = 20000,
    MEDIA_ENTRY_BYTES_MAX = 25 * 1000 * 1000,      /* unpacked */
    MEDIA_UNPACKED_BYTES_MAX = 1000 * 1000 * 1000, /* all entries together */
    MEDIA_RATIO_MAX = 100,                         /* unpacked to packed, of an entry … */
    MEDIA_RATIO_FROM_BYTES = 1000 * 1000,          /* … that is larger than this */
    MEDIA_WRONG_MAX = 10,                          /* then no more entries are looked at */
    MEDIA_NAME_BYTES_MAX = 65535,                  /* of ZIP */
    MEDIA_ENTRY_CPU_SECONDS_MAX = 10,
    MEDIA_ARCHIVE_CPU_SECONDS_MAX = 15 * 60,
};

enum media_kind {
    MEDIA_BEGIN = 1, /* the entry's name, in UTF-8 */
    MEDIA_PICTURE,   /* WebP */
    MEDIA_TABLE,     /* the bytes of an entry whose name ends in .csv, as they are */
    MEDIA_WRONG,     /* a sentence for the person who sent it */
    MEDIA_END,
};

struct media_record { /* before `size` bytes */
    char magic[4];    /* MEDIA_RECORD_MAGIC */
    uint32_t kind, size;
    uint32_t width_px, height_px;
};
#define MEDIA_RECORD_MAGIC "MHR1"
