/* JSON written straight into a buffer, and times in RFC 3339. Reading is Jansson's. */
#pragma once
#include "base/buf.h"

void json_text(struct buf *out, struct str s); /* quoted, escaped; `s` valid UTF-8 */
void json_time(struct buf *out, int64_t at);   /* "2026-11-21T19:22:03.123456Z", null for 0 */
void json_id(struct buf *out, int64_t id);     /* 13 characters, null for 0 */
/* Shortest that reads back the same; null if not finite. Not called json_real: Jansson has one. */
void json_number(struct buf *out, double x);
/* RFC 3339 with any offset or Z, up to 6 decimals; false for anything else (leap seconds too, which
   our times cannot tell from the second after). */
bool json_parse_time(struct str s, int64_t *at);
