#include "platform/clock/clock.h"

#include "base/check.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static int64_t offset_us;
static pthread_once_t offset_once = PTHREAD_ONCE_INIT;

static void offset_read(void)
{
    int64_t seconds = 0;
    const char *text = getenv("MANYHANDS_CLOCK_OFFSET_S");
    if (text != NULL && str_to_int64(str_from(text), &seconds))
        check(!__builtin_mul_overflow(seconds, INT64_C(1000000), &offset_us));
}

static int64_t read_us(clockid_t which)
{
    struct timespec t;
    check(clock_gettime(which, &t) == 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_now(void)
{
    pthread_once(&offset_once, offset_read);
    return read_us(CLOCK_REALTIME) + offset_us;
}

int64_t clock_monotonic(void)
{
    return read_us(CLOCK_MONOTONIC);
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    check(pthread_condattr_init(&attributes) == 0);
    check(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    check(pthread_cond_init(condition, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

bool clock_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until_us)
{
    struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
    int result = pthread_cond_timedwait(condition, mutex, &until);
    check(result == 0 || result == ETIMEDOUT);
    return result == 0;
}

void random_bytes(void *bytes, size_t size)
{
    unsigned char *to = bytes;
    while (size > 0) {
        ssize_t got = getrandom(to, size, 0);
        check(got > 0 || errno == EINTR);
        if (got > 0) {
            to += got;
            size -= (size_t)got;
        }
    }
}
