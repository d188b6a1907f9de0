#include "base/id.h"

#include "base/arena.h"
#include "base/check.h"

#include <stdatomic.h>
#include <string.h>

enum { COUNTER_BITS = 14, NODE_BITS = 6 };
static const int64_t EPOCH_MS = 1577836800000; /* 2020-01-01T00:00:00Z */
static const char DIGITS[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* The last id without its node: milliseconds and counter side by side, so that one compare and swap
   moves both, and a counter that runs over borrows the next millisecond. */
static _Atomic int64_t last_ticks;
static _Atomic unsigned own_node;

void id_set_node(unsigned node)
{
    check(node < 1U << NODE_BITS);
    atomic_store(&own_node, node);
}

int64_t id_make(int64_t now)
{
    int64_t now_ms = now / 1000 - EPOCH_MS;
    int64_t now_ticks = now_ms > 0 ? now_ms << COUNTER_BITS : 0;
    int64_t last = atomic_load(&last_ticks), next;
    do {
        next = now_ticks > last ? now_ticks : last + 1;
    } while (!atomic_compare_exchange_weak(&last_ticks, &last, next));
    int64_t ms = next >> COUNTER_BITS, counter = next & ((1 << COUNTER_BITS) - 1);
    check(ms < INT64_C(1) << 43);
    return ms << (NODE_BITS + COUNTER_BITS) | (int64_t)atomic_load(&own_node) << COUNTER_BITS |
           counter;
}

int64_t id_time(int64_t id)
{
    return ((id >> (NODE_BITS + COUNTER_BITS)) + EPOCH_MS) * 1000;
}

int64_t id_least(int64_t at)
{
    int64_t ms = at / 1000 - EPOCH_MS;
    return ms > 0 ? ms << (NODE_BITS + COUNTER_BITS) : 0;
}

void id_print(int64_t id, char text[ID_TEXT_SIZE + 1])
{
    uint64_t rest = (uint64_t)id;
    for (int i = ID_TEXT_SIZE - 1; i >= 0; i--, rest >>= 5)
        text[i] = DIGITS[rest & 31];
    text[ID_TEXT_SIZE] = '\0';
}

struct str id_text(struct arena *arena, int64_t id)
{
    char *text = arena_take(arena, ID_TEXT_SIZE + 1);
    id_print(id, text);
    return (struct str){ text, ID_TEXT_SIZE };
}

bool id_parse(struct str text, int64_t *id)
{
    if (text.size != ID_TEXT_SIZE)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < ID_TEXT_SIZE; i++) {
        char c = text.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        const char *digit = c == '\0' ? NULL : strchr(DIGITS, c);
        if (digit == NULL || value > UINT64_MAX >> 5)
            return false;
        value = value << 5 | (uint64_t)(digit - DIGITS);
    }
    if (value == 0 || value > INT64_MAX)
        return false;
    *id = (int64_t)value;
    return true;
}
