/* Which language a text is in: CLD2's guess with the likely one as a hint, corrected by the letters
 * it is written in. O(length). */
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "base/check.h"
#include "sift/words/characters.h"
#include "sift/words/language.h"
#include "sift/words/words.h"

/* Codes that other programs write differently. */
static const char *common_code(const char *code)
{
    static const struct {
        const char *from, *to;
    } others[] = { { "un", "und" },     { "iw", "he" }, { "jw", "jv" },
                   { "zh-Hant", "zh" }, { "nb", "no" }, { "nn", "no" } };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(code, others[i].from) == 0)
            return others[i].to;
    return code;
}

struct letters {
    UScriptCode most; /* the script of most letters; USCRIPT_COMMON when there are none */
    bool kana;
};

static struct letters letters_of(struct str text)
{
    enum { LOOKED_AT_BYTES = 2000, SCRIPTS_MAX = 256 };
    uint16_t seen[SCRIPTS_MAX] = { 0 };
    int most = USCRIPT_COMMON;
    int32_t end = (int32_t)(text.size < LOOKED_AT_BYTES ? text.size : LOOKED_AT_BYTES);
    for (int32_t at = 0; at < end;) {
        UErrorCode status = U_ZERO_ERROR;
        UChar32 c = character_next(text, &at);
        if (c < 0 || !u_isalpha(c))
            continue;
        UScriptCode script = uscript_getScript(c, &status);
        check(script >= 0 && (int)script < SCRIPTS_MAX);
        seen[script]++;
    }
    for (int i = USCRIPT_INHERITED + 1; i < SCRIPTS_MAX; i++)
        if (seen[i] > (most == USCRIPT_COMMON ? 0 : seen[most]))
            most = i;
    return (struct letters){ (UScriptCode)most,
                             seen[USCRIPT_HIRAGANA] + seen[USCRIPT_KATAKANA] > 0 };
}

/* `script` is one of letters, not USCRIPT_COMMON. */
static bool is_written_in(const char *language, UScriptCode script)
{
    enum { CODES = 8 };
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode codes[CODES] = { USCRIPT_COMMON }; /* which a failure leaves: written in nothing */
    uscript_getCode(language, codes, CODES, &status);
    for (int i = 0; i < CODES; i++)
        if (codes[i] == script)
            return true;
    return false;
}

const char *words_language(struct str text, const char *likely)
{
    check(text.size <= WORDS_TEXT_BYTES_MAX);
    if (likely != NULL && strcmp(likely, "und") == 0)
        likely = NULL;
    struct letters letters = letters_of(text);
    /* Without kana the same characters may be Chinese or Japanese. */
    if (likely != NULL && letters.most == USCRIPT_HAN && !letters.kana &&
        is_written_in(likely, USCRIPT_HAN))
        return likely;
    bool reliable = false;
    const char *guess = common_code(
        language_guess(text.data == NULL ? "" : text.data, (int)text.size, likely, &reliable));
    if (likely == NULL || strcmp(guess, likely) == 0)
        return likely == NULL ? guess : likely;
    if (reliable)
        return guess;
    return letters.most == USCRIPT_COMMON || is_written_in(likely, letters.most) ? likely : guess;
}
