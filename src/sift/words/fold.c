/* Folding: NFKC_Casefold, and a shorter way for ASCII. O(length). */
#include "sift/words/fold.h"

#include <string.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "base/check.h"

static UChar *units_new(struct arena *arena, size_t count)
{
    return (UChar *)(void *)arena_take_bytes(arena, count * sizeof(UChar));
}

static struct units decoded(struct arena *arena, struct str text)
{
    struct units u = { units_new(arena, text.size + 1), 0 };
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8WithSub(u.data, (int32_t)text.size + 1, &u.size, text.data, (int32_t)text.size,
                         0xFFFD, NULL, &status);
    check(U_SUCCESS(status));
    return u;
}

static struct units folded(const UNormalizer2 *folding, struct arena *arena, struct units in)
{
    struct units out = { .size = 2 * in.size + 32 };
    UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
    while (status == U_BUFFER_OVERFLOW_ERROR) {
        int32_t room = out.size;
        status = U_ZERO_ERROR;
        out.data = units_new(arena, (size_t)room);
        out.size = unorm2_normalize(folding, in.data, in.size, out.data, room, &status);
    }
    check(U_SUCCESS(status));
    return out;
}

/* In Turkish and Azerbaijani the capital of the dotless i is I. */
static void lower_dotless(struct units u)
{
    for (int32_t i = 0; i < u.size; i++)
        u.data[i] = u.data[i] == 'I' ? 0x131 : u.data[i] == 0x130 ? 'i' : u.data[i];
}

static bool is_ascii(struct str text)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.size; i++)
        all |= (unsigned char)text.data[i];
    return all < 0x80;
}

/* Points of Hebrew and Arabic, and the stroke that only makes a word wider: most people leave them
   out. */
static bool is_optional(UChar c)
{
    return (c >= 0x591 && c <= 0x5C7 && c != 0x5BE) || (c >= 0x64B && c <= 0x65F) || c == 0x670 ||
           c == 0x640;
}

struct units fold(const UNormalizer2 *folding, struct arena *arena, struct str text,
                  const char *language)
{
    bool dotless = strcmp(language, "tr") == 0 || strcmp(language, "az") == 0;
    struct units u;
    if (is_ascii(text) && !dotless) {
        u = (struct units){ units_new(arena, text.size), (int32_t)text.size };
        for (size_t i = 0; i < text.size; i++) {
            char c = text.data[i];
            u.data[i] = (UChar)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        }
        return u;
    }
    u = decoded(arena, text);
    if (dotless)
        lower_dotless(u);
    u = folded(folding, arena, u);
    int32_t kept = 0;
    for (int32_t i = 0; i < u.size; i++)
        if (!is_optional(u.data[i]))
            u.data[kept++] = u.data[i];
    u.size = kept;
    return u;
}
