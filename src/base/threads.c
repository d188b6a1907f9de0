#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "base/check.h"

unsigned threads_processors(void)
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return 1;
    unsigned count = (unsigned)CPU_COUNT(&allowed);
    return count < THREADS_MAX ? count : THREADS_MAX;
}

struct share {
    void (*run)(void *context, unsigned n);
    void *context;
    unsigned n;
    bool begun;
    pthread_t thread;
};

static void *run_share(void *context)
{
    const struct share *share = context;
    share->run(share->context, share->n);
    return NULL;
}

void threads_run(unsigned count, void (*run)(void *context, unsigned n), void *context)
{
    struct share shares[THREADS_MAX];
    check(count >= 1 && count <= THREADS_MAX);
    for (unsigned n = 0; n + 1 < count; n++) {
        shares[n] = (struct share){ .run = run, .context = context, .n = n };
        shares[n].begun = pthread_create(&shares[n].thread, NULL, run_share, &shares[n]) == 0;
    }
    run(context, count - 1);
    for (unsigned n = 0; n + 1 < count; n++)
        if (shares[n].begun)
            pthread_join(shares[n].thread, NULL);
        else
            run(context, n);
}
