#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/http/inside.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { PHASE_BITS = 3, PHASE_MASK = (1 << PHASE_BITS) - 1, IDLE_CROWDED_MS = 1000 };

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t watch_make(enum phase phase, int64_t deadline_ms)
{
    return (deadline_ms << PHASE_BITS) | phase;
}

void seat_watch(struct seat *seat, enum phase phase, int64_t deadline_ms)
{
    atomic_store_explicit(&seat->watch, watch_make(phase, deadline_ms), memory_order_relaxed);
}

enum phase seat_phase(const struct seat *seat)
{
    return (enum phase)(atomic_load_explicit(&seat->watch, memory_order_relaxed) & PHASE_MASK);
}

/* --- Counting by address ---------------------------------------------------------------------- */

/* IPv4 as it is mapped into IPv6; a Unix socket has no address, its connections count together. */
static void peer_key(const struct sockaddr *address, unsigned char key[PEER_KEY_SIZE])
{
    memset(key, 0, PEER_KEY_SIZE);
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        key[10] = key[11] = 0xFF;
        memcpy(key + 12, &v4.sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        memcpy(key, &v6.sin6_addr, IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ? 16 : 8);
    }
}

/* FNV-1a, begun with a random number so that nobody can choose addresses that share a chain. */
static uint32_t *peer_chain(struct seats *seats, const unsigned char key[PEER_KEY_SIZE])
{
    uint32_t hash = seats->hash_key;
    for (int i = 0; i < PEER_KEY_SIZE; i++)
        hash = (hash ^ key[i]) * 16777619u;
    return &seats->chains[(hash ^ hash >> 15) & seats->chain_mask];
}

static struct peer *peer_find(struct seats *seats, const unsigned char key[PEER_KEY_SIZE])
{
    for (uint32_t i = *peer_chain(seats, key); i != NO_SEAT; i = seats->peers[i].next)
        if (memcmp(seats->peers[i].key, key, PEER_KEY_SIZE) == 0)
            return &seats->peers[i];
    return NULL;
}

static uint32_t peer_join(struct seats *seats, const struct sockaddr *address)
{
    unsigned char key[PEER_KEY_SIZE];
    peer_key(address, key);
    struct peer *peer = peer_find(seats, key);
    if (peer == NULL) { /* there are as many peers as seats, so one is free */
        uint32_t *chain = peer_chain(seats, key);
        peer = &seats->peers[seats->first_free_peer];
        seats->first_free_peer = peer->next;
        memcpy(peer->key, key, PEER_KEY_SIZE);
        peer->next = *chain;
        *chain = (uint32_t)(peer - seats->peers);
    }
    peer->count++;
    return (uint32_t)(peer - seats->peers);
}

static void peer_leave(struct seats *seats, uint32_t index)
{
    struct peer *peer = &seats->peers[index];
    check(peer->count > 0);
    if (--peer->count > 0)
        return;
    uint32_t *link = peer_chain(seats, peer->key);
    while (*link != index)
        link = &seats->peers[*link].next;
    *link = peer->next;
    peer->next = seats->first_free_peer;
    seats->first_free_peer = index;
}

static void address_print(const struct sockaddr *address, char text[ADDRESS_SIZE_MAX])
{
    unsigned char key[sizeof(struct in6_addr)];
    text[0] = '\0';
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        if (!IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
            inet_ntop(AF_INET6, &v6.sin6_addr, text, ADDRESS_SIZE_MAX);
            return;
        }
    }
    peer_key(address, key);
    if (address->sa_family == AF_INET || address->sa_family == AF_INET6)
        inet_ntop(AF_INET, key + 12, text, ADDRESS_SIZE_MAX);
}

/* --- Seats ------------------------------------------------------------------------------------ */

void seats_make(struct seats *seats, struct http_server *server, uint32_t size,
                unsigned per_address_max)
{
    uint32_t chain_count = 16;
    while (chain_count < size)
        chain_count *= 2;
    *seats = (struct seats){ .size = size, .per_address_max = per_address_max };
    seats->all = calloc(size, sizeof *seats->all);
    seats->peers = calloc(size, sizeof *seats->peers);
    seats->chains = malloc(chain_count * sizeof *seats->chains);
    check(seats->all != NULL && seats->peers != NULL && seats->chains != NULL);
    check(pthread_mutex_init(&seats->lock, NULL) == 0);
    memset(seats->chains, 0xFF, chain_count * sizeof *seats->chains); /* all NO_SEAT */
    seats->chain_mask = chain_count - 1;
    random_bytes(&seats->hash_key, sizeof seats->hash_key);
    for (uint32_t i = 0; i < size; i++) {
        seats->all[i].server = server;
        seats->all[i].next_free = seats->peers[i].next = i + 1 < size ? i + 1 : NO_SEAT;
    }
}

void seats_free(struct seats *seats)
{
    pthread_mutex_destroy(&seats->lock);
    free(seats->all);
    free(seats->peers);
    free(seats->chains);
}

bool seats_admit(struct seats *seats, const struct sockaddr *address, bool trusted)
{
    unsigned char key[PEER_KEY_SIZE];
    peer_key(address, key);
    pthread_mutex_lock(&seats->lock);
    bool admitted = seats->open_count < seats->size;
    if (admitted && seats->per_address_max > 0 && !trusted) {
        const struct peer *peer = peer_find(seats, key);
        admitted = peer == NULL || peer->count < seats->per_address_max;
    }
    seats->refused_count += !admitted;
    pthread_mutex_unlock(&seats->lock);
    return admitted;
}

struct seat *seats_take(struct seats *seats, const struct sockaddr *address, bool trusted,
                        int socket)
{
    struct seat *seat = NULL;
    pthread_mutex_lock(&seats->lock);
    if (seats->first_free != NO_SEAT) {
        uint32_t index = seats->first_free;
        seat = &seats->all[index];
        seats->first_free = seat->next_free;
        if (index >= seats->used_high)
            seats->used_high = index + 1;
        seats->open_count++;
        seat->peer = peer_join(seats, address);
        seat->socket = socket;
        seat->trusted = trusted;
        address_print(address, seat->address);
    } else {
        seats->refused_count++;
    }
    pthread_mutex_unlock(&seats->lock);
    return seat;
}

void seats_return(struct seats *seats, struct seat *seat)
{
    pthread_mutex_lock(&seats->lock);
    seat_watch(seat, PHASE_EMPTY, 0);
    seat->socket = -1;
    peer_leave(seats, seat->peer);
    seats->open_count--;
    seat->next_free = seats->first_free;
    seats->first_free = (uint32_t)(seat - seats->all);
    pthread_mutex_unlock(&seats->lock);
}

/* --- Deadlines -------------------------------------------------------------------------------- */

/* The connection's thread sees the end of the stream, and closes. The socket is still this
   connection's: libmicrohttpd closes it only after seats_return, which needs the lock held here. If
   the connection has gone on to another phase meanwhile, it is left alone. */
static bool seat_shut(struct seat *seat, int64_t watch)
{
    if (!atomic_compare_exchange_strong(&seat->watch, &watch, watch_make(PHASE_DROPPED, 0)))
        return false;
    shutdown(seat->socket, SHUT_RDWR);
    return true;
}

static bool is_overdue(int64_t watch, int64_t at_ms, int64_t idle_ms, bool crowded)
{
    int64_t deadline_ms = watch >> PHASE_BITS;
    if (crowded && (watch & PHASE_MASK) == PHASE_IDLE)
        deadline_ms -= idle_ms > IDLE_CROWDED_MS ? idle_ms - IDLE_CROWDED_MS : 0;
    return watch >> PHASE_BITS != 0 && deadline_ms <= at_ms;
}

void seats_enforce(struct seats *seats, int64_t at_ms, int64_t idle_ms)
{
    pthread_mutex_lock(&seats->lock);
    uint32_t high = seats->used_high;
    bool crowded = seats->open_count > seats->size - seats->size / 8;
    pthread_mutex_unlock(&seats->lock);

    for (uint32_t i = 0; i < high; i++) {
        struct seat *seat = &seats->all[i];
        int64_t watch = atomic_load_explicit(&seat->watch, memory_order_relaxed);
        if (!is_overdue(watch, at_ms, idle_ms, crowded))
            continue;
        pthread_mutex_lock(&seats->lock);
        if (seat_shut(seat, watch) && (watch & PHASE_MASK) != PHASE_IDLE)
            atomic_fetch_add_explicit(&seats->drop_count, 1, memory_order_relaxed);
        pthread_mutex_unlock(&seats->lock);
    }
}

size_t seats_drain(struct seats *seats, int64_t at_ms, int64_t header_ms, int64_t fresh_ms)
{
    size_t busy = 0;
    pthread_mutex_lock(&seats->lock);
    for (uint32_t i = 0; i < seats->used_high; i++) {
        struct seat *seat = &seats->all[i];
        int64_t watch = atomic_load_explicit(&seat->watch, memory_order_relaxed);
        int64_t opened_ms = (watch >> PHASE_BITS) - header_ms;
        enum phase phase = (enum phase)(watch & PHASE_MASK);
        if (phase == PHASE_EMPTY || phase == PHASE_DROPPED)
            continue;
        if (phase == PHASE_IDLE || (phase == PHASE_FRESH && opened_ms + fresh_ms < at_ms))
            seat_shut(seat, watch);
        else
            busy++;
    }
    pthread_mutex_unlock(&seats->lock);
    return busy;
}
