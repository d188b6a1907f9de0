/* Work divided among threads that begin and end with it. */
#pragma once

enum { THREADS_MAX = 64 };

/* How many processors this process may use, at least 1 and at most THREADS_MAX. */
unsigned threads_processors(void);

/* Calls run(context, n) for each n below `count` (1 … THREADS_MAX) at once, the last of them in the
   calling thread, and returns when all have returned. Where the system gives no thread, that
   share's turn comes after: every n is run once, whatever happens. */
void threads_run(unsigned count, void (*run)(void *context, unsigned n), void *context);
