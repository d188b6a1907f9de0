/* A page's version by its content. */
#pragma once
#include "base/str.h"

struct str etag_of(struct arena *arena, struct str body); /* 32 hex digits */
/* Whether an If-None-Match header names this version (given without quotes; empty: never). */
bool etag_matches(struct str header, struct str etag);
