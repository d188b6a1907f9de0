/* Character n-grams of words. O(length). */
#include <unicode/uscript.h>

#include "sift/words/characters.h"
#include "sift/words/words.h"

static bool begins_with_hangul(struct str word)
{
    int32_t at = 0;
    UErrorCode status = U_ZERO_ERROR;
    return uscript_getScript(character_next(word, &at), &status) == USCRIPT_HANGUL;
}

void words_grams(const struct words_token *token, void (*take)(struct str gram, void *context),
                 void *context)
{
    enum { CHARACTERS_MAX = 64 }; /* longer words are addresses and noise: their beginning counts */
    struct str word = token->word;
    if (token->kind != WORDS_WORD || word.size == 0)
        return;
    bool hangul = begins_with_hangul(word);
    size_t shortest = hangul ? 1 : 3, longest = hangul ? 2 : 5;
    char text[CHARACTERS_MAX * 4 + 8];
    size_t starts[CHARACTERS_MAX + 3], count = 0, size = 0;
    if (!hangul) {
        text[size++] = '<';
        starts[count++] = 0;
    }
    for (size_t i = 0; i < word.size; i++) {
        bool begins = ((unsigned char)word.data[i] & 0xC0) != 0x80;
        if (begins && count > CHARACTERS_MAX)
            break;
        if (begins)
            starts[count++] = size;
        text[size++] = word.data[i];
    }
    if (!hangul) {
        starts[count++] = size;
        text[size++] = '>';
    }
    starts[count] = size;
    for (size_t length = shortest; length <= longest && length <= count; length++)
        for (size_t i = 0; i + length <= count; i++)
            take((struct str){ text + starts[i], starts[i + length] - starts[i] }, context);
}
