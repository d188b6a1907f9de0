/* How many requests, and how long they took; shown at /metrics. */
#pragma once
#include "base/buf.h"

struct visit;
struct counters;

struct counters *counters_make(struct arena *arena);
/* Counts an answer about to be sent. Any thread. */
void counters_note(struct visit *v);
/* Prometheus text. */
void counters_print(const struct visit *v, struct buf *out);
