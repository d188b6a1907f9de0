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

/* A picture made harmless: decoded and encoded again as WebP without metadata in a helper process
   (`manyhands-media`, no network, limited memory and time), scaled down to fit `side_px_max`.
   Accepts PNG, JPEG, WebP, GIF (first frame). On FAULT_REFUSED `fault.detail` is a sentence for the
   person who sent it. */
[[nodiscard]] bool picture_clean(struct arena *arena, struct str bytes, int side_px_max,
                                 struct str *webp, int *width_px, int *height_px,
                                 struct fault *fault);
