#include "platform/web/etag.h"
#include "base/arena.h"
#include <string.h>

/* The upper and the lower half of a product, one over the other: every bit of both factors counts.
 */
static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static const uint64_t odd[] = { 0x2d358dccaa6c78a5, 0x8bb84b93962eacc9, 0x4b33a62ed433d4a3,
                                0x4d5a2da51de1aa47 };

enum { MIXED_SIZE = 32 };

static inline void mix(uint64_t sums[2], const char bytes[MIXED_SIZE])
{
    uint64_t words[4];
    memcpy(words, bytes, sizeof words);
    sums[0] = fold(words[0] ^ odd[0], words[1] ^ sums[0]);
    sums[1] = fold(words[2] ^ odd[1], words[3] ^ sums[1]);
}

/* A hash by multiplication, as in wyhash: every page is hashed whole, and this takes a hundredth of
   the time it takes to make it. There is no secret in it, so that the same content has the same
   version on every server and after a restart; who makes two pages alike on purpose sees the old
   one. */
struct str etag_of(struct arena *arena, struct str body)
{
    uint64_t sums[2] = { odd[2] ^ body.size, odd[3] };
    size_t at = 0;
    for (; body.size - at >= MIXED_SIZE; at += MIXED_SIZE)
        mix(sums, body.data + at);
    if (at < body.size) {
        char last[MIXED_SIZE] = { 0 };
        memcpy(last, body.data + at, body.size - at);
        mix(sums, last);
    }
    uint64_t hash[] = { fold(sums[0] ^ odd[0], sums[1] ^ odd[1]),
                        fold(sums[0] ^ odd[3], sums[1] ^ odd[2]) };
    return str_hex(arena, (const unsigned char *)hash, sizeof hash);
}

bool etag_matches(struct str header, struct str etag)
{
    if (etag.size == 0)
        return false;
    while (header.size > 0) {
        struct str one = str_trim(str_cut(&header, ','));
        if (str_starts(one, S("W/"))) /* a proxy that compresses weakens it */
            one = str_slice(one, 2, SIZE_MAX);
        if (one.size == etag.size + 2 && str_equal(str_slice(one, 1, one.size - 1), etag))
            return true;
        if (str_equal(one, S("*")))
            return true;
    }
    return false;
}
