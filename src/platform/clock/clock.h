/* Time and randomness from outside. Only conductors ask; everything else is told.
 * MANYHANDS_CLOCK_OFFSET_S (tests) shifts the wall clock. */
#pragma once
#include <stddef.h>
#include <stdint.h>

int64_t clock_now(void);       /* microseconds since 1970-01-01 UTC */
int64_t clock_monotonic(void); /* microseconds, never backwards, for durations */
/* `size` bytes from the kernel; a failure stops the process. */
void random_bytes(void *bytes, size_t size);
