/* What the files of this room share. */
#pragma once
#include "platform/blobs/blobs.h"

/* A file without a name that holds the bytes, on the store's disk, open for reading only; -1 (see
   errno) when there is no room. */
int blob_scratch(struct blob_store *store, struct str bytes);
