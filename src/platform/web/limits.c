#include "platform/web/limits.h"
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/config/config.h"
#include "platform/web/visit.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

enum { WAYS = 4, SETS = 16384, LOCKS = 64 };
/* Commands that declare no rate of their own share this one. */
enum { COMMANDS_DEFAULT = 300, COMMANDS_DEFAULT_SECONDS = 60 };

struct entry {
    uint64_t key;
    int64_t due; /* when the requests so far would have arrived at the exact rate */
};

struct limits {
    pthread_mutex_t locks[LOCKS];
    unsigned char hash_key[crypto_shorthash_KEYBYTES]; /* so that nobody can aim at an entry */
    struct entry sets[SETS][WAYS];
};

struct limits *limits_make(void)
{
    struct limits *limits = calloc(1, sizeof *limits);
    check(limits != NULL);
    random_bytes(limits->hash_key, sizeof limits->hash_key);
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&limits->locks[i], NULL);
    return limits;
}

void limits_free(struct limits *limits)
{
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&limits->locks[i]);
    free(limits);
}

static struct entry *entry_for(struct entry set[WAYS], uint64_t key)
{
    struct entry *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].due < oldest->due)
            oldest = &set[i];
    }
    *oldest = (struct entry){ .key = key };
    return oldest;
}

static int64_t each_us(int count, int seconds)
{
    return (int64_t)seconds * 1000000 / count;
}

static bool entry_take(struct entry *entry, int count, int seconds, int64_t now, int64_t *wait_us)
{
    int64_t window_us = (int64_t)seconds * 1000000;
    int64_t due = (entry->due > now ? entry->due : now) + each_us(count, seconds);
    *wait_us = due - now - window_us;
    if (*wait_us > 0)
        return false;
    entry->due = due;
    return true;
}

static uint64_t hash_of(const struct limits *limits, struct str key)
{
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key.data, key.size,
                     limits->hash_key);
    return hash;
}

bool limits_take(struct limits *limits, struct str key, int count, int seconds, int64_t now,
                 int64_t *wait_seconds)
{
    uint64_t hash = hash_of(limits, key);
    size_t set = hash % SETS;
    pthread_mutex_t *lock = &limits->locks[set % LOCKS];
    int64_t wait_us;
    pthread_mutex_lock(lock);
    bool taken = entry_take(entry_for(limits->sets[set], hash), count, seconds, now, &wait_us);
    pthread_mutex_unlock(lock);
    *wait_seconds = taken ? 0 : (wait_us + 999999) / 1000000;
    return taken;
}

void limits_give_back(struct limits *limits, struct str key, int count, int seconds)
{
    uint64_t hash = hash_of(limits, key);
    size_t set = hash % SETS;
    pthread_mutex_t *lock = &limits->locks[set % LOCKS];
    pthread_mutex_lock(lock);
    entry_for(limits->sets[set], hash)->due -= each_us(count, seconds);
    pthread_mutex_unlock(lock);
}

struct str limits_address(struct arena *arena, struct str address)
{
    unsigned char bytes[16];
    if (inet_pton(AF_INET6, str_c(arena, address), bytes) != 1)
        return address;
    return str_hex(arena, bytes, 8);
}

static struct str key_of(struct visit *v, const struct route *route)
{
    const char *group = route->rate_count > 0 ? route->name : "*";
    if (v->r.who.person != 0)
        return str_printf(v->r.arena, "%s p%" PRId64, group, v->r.who.person);
    struct str address = limits_address(v->r.arena, v->http->address);
    return str_printf(v->r.arena, "%s a%.*s", group, STR_ARG(address));
}

static bool are_on(const struct site *site)
{
    return site->config == NULL || site->config->server_rate_limits;
}

bool limits_pass(struct visit *v)
{
    const struct route *route = v->route;
    bool is_limited = route->rate_count > 0 || route->flags & ROUTE_COMMAND;
    if (!is_limited || !are_on(v->site) || v->limit_counted)
        return true;
    v->limit_counted = true;
    int count = route->rate_count > 0 ? route->rate_count : COMMANDS_DEFAULT;
    int seconds = route->rate_count > 0 ? route->rate_seconds : COMMANDS_DEFAULT_SECONDS;
    int64_t wait_seconds;
    if (limits_take(v->site->web->limits, key_of(v, route), count, seconds, v->r.now,
                    &wait_seconds))
        return true;
    v->reply = reply_refused(&v->r, 429, "too_many",
                             "That was more often than this may be done. Please wait a little and "
                             "try again.");
    v->reply.retry_after_seconds = wait_seconds;
    return false;
}

/* --- Limits of the app's own ------------------------------------------------------------------ */

static struct str own_key(struct request *r, const struct web_limit *limit, struct str key)
{
    struct str lower = str_lower(r->arena, key);
    return str_printf(r->arena, "%s k%.*s", limit->name, STR_ARG(lower));
}

int64_t web_limit_take(struct request *r, const struct web_limit *limit, struct str key)
{
    struct visit *v = r->visit;
    if (!are_on(v->site))
        return 0;
    if (v->limit != limit)
        limits_take(v->site->web->limits, own_key(r, limit, key), limit->count, limit->seconds,
                    r->now, &v->limit_wait_seconds);
    v->limit = limit;
    return v->limit_wait_seconds;
}

void web_limit_give_back(struct request *r, const struct web_limit *limit, struct str key)
{
    if (are_on(r->visit->site))
        limits_give_back(r->visit->site->web->limits, own_key(r, limit, key), limit->count,
                         limit->seconds);
}
