/* Time and randomness from outside. Only conductors ask; everything else is told.
 * MANYHANDS_CLOCK_OFFSET_S (tests) shifts the wall clock. */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By how much servers' clocks may differ. A time further ahead than this was written by a clock
   that was wrong, and is not waited for: nothing stands still for an hour because a clock did. */
#define CLOCKS_DIFFER_US_MAX (INT64_C(60) * 1000000)

int64_t clock_now(void);       /* microseconds since 1970-01-01 UTC */
int64_t clock_monotonic(void); /* microseconds, never backwards, for durations */
/* A condition variable that can be waited for until a time of clock_monotonic(). */
void clock_condition_init(pthread_cond_t *condition);
/* Waits under `mutex` until the condition is signalled, or until `until_us`; false when that time
   is over. As with every condition variable, what was waited for may not be so yet. */
bool clock_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until_us);
/* `size` bytes from the kernel; a failure stops the process. */
void random_bytes(void *bytes, size_t size);
