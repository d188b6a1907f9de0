#include "platform/web/etag.h"
#include "base/arena.h"
#include <sodium.h>

struct str etag_of(struct arena *arena, struct str body)
{
    /* No secret: the same content has the same version on every server and after a restart. */
    static const unsigned char key[crypto_shorthash_siphashx24_KEYBYTES] = "manyhands etags";
    unsigned char hash[crypto_shorthash_siphashx24_BYTES];
    crypto_shorthash_siphashx24(hash, (const unsigned char *)body.data, body.size, key);
    return str_hex(arena, hash, sizeof hash);
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
