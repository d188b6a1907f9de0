/* A few threads with a bounded queue, for work that may wait. */
#pragma once
#include <stdbool.h>

struct pool_task {
    void (*run)(struct pool_task *task);
    struct pool_task *next; /* the pool's */
};

struct pool;
struct pool *pool_start(unsigned threads, unsigned queue_length_max);
/* False when the queue is full: nothing happens. The task lives until it has run. */
[[nodiscard]] bool pool_submit(struct pool *pool, struct pool_task *task);
unsigned pool_waiting(struct pool *pool);
/* Finishes what waits, then ends the threads. */
void pool_stop(struct pool *pool);
