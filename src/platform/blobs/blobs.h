/* Files kept by their content: the name is the SHA-256 of the bytes, so a file is stored once and
 * never changes. Written to a temporary file, fsynced, renamed, folder fsynced. The folder tree is
 * ab/cd/abcd…. Any thread may use a store. */
#pragma once
#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

struct blob_store;
enum { BLOB_NAME_SIZE = 64 }; /* hex digits */

[[nodiscard]] bool blob_store_open(struct str folder, struct blob_store **store,
                                   struct fault *fault);
void blob_store_close(struct blob_store *store);
/* Stores bytes; `name` receives 64 hex digits and a terminator. */
[[nodiscard]] bool blob_put(struct blob_store *store, struct str bytes,
                            char name[BLOB_NAME_SIZE + 1], struct fault *fault);
/* Stores the file at `path`, which is gone afterwards (moved if on the same file system, else
   copied and removed). On a fault it stays where it was. */
[[nodiscard]] bool blob_put_file(struct blob_store *store, const char *path,
                                 char name[BLOB_NAME_SIZE + 1], struct fault *fault);
/* An open file descriptor and size for reading; -1 where there is none. */
int blob_open(struct blob_store *store, struct str name, int64_t *size_bytes);
bool blob_exists(struct blob_store *store, struct str name);
/* Removes one that nobody names any more, or that is gone already. The caller knows that the same
   bytes are nobody else's. */
[[nodiscard]] bool blob_remove(struct blob_store *store, struct str name, struct fault *fault);

/* A picture made harmless: decoded and encoded again as WebP without metadata in a helper process
   (`manyhands-media`, no network, limited memory and time), scaled down to fit `side_px_max`.
   Accepts PNG, JPEG, WebP, GIF (first frame). On FAULT_REFUSED `fault.detail` is a sentence for the
   person who sent it. */
[[nodiscard]] bool picture_clean(struct arena *arena, struct str bytes, int side_px_max,
                                 struct str *webp, int *width_px, int *height_px,
                                 struct fault *fault);

/* --- Many at once ----------------------------------------------------------------------------- */

/* Blobs that are stored together or not at all, with two syncs of the file system instead of four
   for each. Added ones are written, but not there yet; those that were not kept go with
   blob_batch_end. */
struct blob_batch;
struct blob_batch *blob_batch_begin(struct blob_store *store);
[[nodiscard]] bool blob_batch_add(struct blob_batch *batch, struct str bytes,
                                  char name[BLOB_NAME_SIZE + 1], struct fault *fault);
[[nodiscard]] bool blob_batch_keep(struct blob_batch *batch, struct fault *fault);
void blob_batch_end(struct blob_batch *batch); /* always; NULL is allowed */

/* --- Archives of pictures --------------------------------------------------------------------- */

/* A ZIP archive, unpacked in one helper process: at most 20,000 entries of at most 25 MB, 1 GB all
   together; nothing encrypted, no archives within. Folders, links and the litter of desktop systems
   are passed over. Names are only names: they may climb, and lead nowhere. */
enum { ARCHIVE_BYTES_MAX = 200 * 1000 * 1000, ARCHIVE_WRONG_MAX = 10 };

enum archive_kind { ARCHIVE_PICTURE, ARCHIVE_TABLE, ARCHIVE_WRONG };
struct archive_entry {
    enum archive_kind kind;
    struct str path;               /* in the archive; valid UTF-8 without control characters */
    struct str bytes;              /* of a table (its name ends in .csv), as they are */
    struct str sentence;           /* what is wrong, for the person who sent it */
    char blob[BLOB_NAME_SIZE + 1]; /* of a picture; there when the archive is kept */
    int width_px, height_px;
};
struct archive {
    struct archive_entry *entries; /* in the arena */
    size_t count, wrong_count;     /* after ARCHIVE_WRONG_MAX wrong ones no more were looked at */
    struct blob_batch *pictures;
};

/* Whether bytes begin as a ZIP archive does. */
bool archive_recognised(struct str bytes);
/* Cleans all pictures as picture_clean does, and reads the tables. Wrong entries are listed, not
   faults; on FAULT_REFUSED `fault.detail` is a sentence about the archive as a whole. Takes minutes
   for hundreds of large pictures; two at once, FAULT_UNAVAILABLE for a third. archive_end follows
   in any case. */
[[nodiscard]] bool archive_unpack(struct arena *arena, struct blob_store *store, struct str bytes,
                                  int side_px_max, struct archive *archive, struct fault *fault);
/* Stores the pictures. */
[[nodiscard]] bool archive_keep(struct archive *archive, struct fault *fault);
void archive_end(struct archive *archive);
