#include "platform/jobs/jobs.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "platform/clock/clock.h"

struct ticker {
    int64_t (*tick)(void *context);
    void *context;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t stop_asked;
    bool stopping; /* under the mutex */
};

static void *run(void *context)
{
    struct ticker *t = context;
    pthread_mutex_lock(&t->mutex);
    while (!t->stopping) {
        pthread_mutex_unlock(&t->mutex);
        int64_t rest_us = t->tick(t->context);
        int64_t until = clock_monotonic() + rest_us;
        pthread_mutex_lock(&t->mutex);
        while (!t->stopping && clock_condition_wait(&t->stop_asked, &t->mutex, until))
            continue;
    }
    pthread_mutex_unlock(&t->mutex);
    return NULL;
}

struct ticker *ticker_start(int64_t (*tick)(void *context), void *context)
{
    struct ticker *t = calloc(1, sizeof *t);
    check(t != NULL);
    t->tick = tick;
    t->context = context;
    clock_condition_init(&t->stop_asked);
    pthread_mutex_init(&t->mutex, NULL);
    check(pthread_create(&t->thread, NULL, run, t) == 0);
    return t;
}

void ticker_stop(struct ticker *t)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->mutex);
    t->stopping = true;
    pthread_cond_broadcast(&t->stop_asked);
    pthread_mutex_unlock(&t->mutex);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->stop_asked);
    pthread_mutex_destroy(&t->mutex);
    free(t);
}
