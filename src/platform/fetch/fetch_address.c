/* Which addresses may be asked. The blocks are those of the IANA registries of special-purpose
   addresses (RFC 6890), and the few public ones behind which a cloud answers its own machines. */
#include <netinet/in.h>
#include <string.h>

#include "base/check.h"
#include "platform/fetch/fetch.h"

enum { V4_BYTES = 4, V6_BYTES = 16 };

struct block {
    uint8_t bytes[V6_BYTES];
    int bits;
    bool is_private; /* may be allowed; what is not can never be a server one means */
    const char *what;
};

static const struct block v4_blocks[] = {
    { { 127 }, 8, true, "an address of this machine" },
    { { 10 }, 8, true, "a private address" },
    { { 172, 16 }, 12, true, "a private address" },
    { { 192, 168 }, 16, true, "a private address" },
    { { 169, 254, 169, 254 }, 32, false, "a cloud's metadata" },
    { { 169, 254 }, 16, true, "a link-local address" },
    { { 100, 100, 100, 200 }, 32, false, "a cloud's metadata" },
    { { 100, 64 }, 10, true, "an address of a carrier's network" },
    { { 168, 63, 129, 16 }, 32, false, "a cloud's metadata" },
    { { 0 }, 8, false, "no address of a server" },
    { { 192, 0, 0 }, 24, false, "a reserved address" },
    { { 192, 0, 2 }, 24, false, "an address for examples" },
    { { 198, 51, 100 }, 24, false, "an address for examples" },
    { { 203, 0, 113 }, 24, false, "an address for examples" },
    { { 192, 88, 99 }, 24, false, "a reserved address" },
    { { 198, 18 }, 15, false, "an address for measurements" },
    { { 224 }, 4, false, "a multicast address" },
    { { 240 }, 4, false, "a reserved address" },
};

static const struct block v6_blocks[] = {
    { { [15] = 1 }, 128, true, "an address of this machine" },
    { { 0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, 0x54 }, 128, false, "a cloud's metadata" },
    { { 0xfc }, 7, true, "a private address" },
    { { 0xfe, 0x80 }, 10, true, "a link-local address" },
    { { 0xfe, 0xc0 }, 10, true, "a private address" },
    { { 0xff }, 8, false, "a multicast address" },
    { { 0x20, 0x01 }, 23, false, "a reserved address" }, /* Teredo and ORCHID among them */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32, false, "an address for examples" },
    { { 0x20, 0x02 }, 16, false, "an IPv4 address in disguise" }, /* 6to4 */
    { { 0x3f, 0xff }, 20, false, "an address for examples" },
};

/* The rest of what is given out as public. */
static const struct block v6_public = { { 0x20 }, 3, false, "" };
static const struct block v6_nat64 = { { 0x00, 0x64, 0xff, 0x9b }, 96, false, "" };

static bool is_within(const uint8_t *address, const struct block *block)
{
    int whole = block->bits / 8, rest = block->bits % 8;
    if (memcmp(address, block->bytes, (size_t)whole) != 0)
        return false;
    uint8_t mask = (uint8_t)(0xff00 >> rest);
    return rest == 0 || ((address[whole] ^ block->bytes[whole]) & mask) == 0;
}

static const struct block *find(const uint8_t *address, const struct block *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_within(address, &blocks[i]))
            return &blocks[i];
    return NULL;
}

static const char *judge_v4(const uint8_t *address, bool allow_private)
{
    const struct block *block = find(address, v4_blocks, sizeof v4_blocks / sizeof v4_blocks[0]);
    return block == NULL || (block->is_private && allow_private) ? NULL : block->what;
}

static const char *judge_v6(const uint8_t *address, bool allow_private)
{
    if (is_within(address, &v6_nat64)) /* a translator's: what it stands for decides */
        return judge_v4(address + V6_BYTES - V4_BYTES, false);
    const struct block *block = find(address, v6_blocks, sizeof v6_blocks / sizeof v6_blocks[0]);
    if (block != NULL)
        return block->is_private && allow_private ? NULL : block->what;
    /* IPv4 addresses written as IPv6 are among these. */
    return is_within(address, &v6_public) ? NULL : "no public address";
}

const char *fetch_judge_address(const struct sockaddr *address, bool allow_private)
{
    if (address->sa_family == AF_INET)
        return judge_v4((const uint8_t *)&((const struct sockaddr_in *)address)->sin_addr,
                        allow_private);
    if (address->sa_family == AF_INET6)
        return judge_v6((const uint8_t *)&((const struct sockaddr_in6 *)address)->sin6_addr,
                        allow_private);
    return "no address of the internet";
}
