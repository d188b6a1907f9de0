/* Words of a text in any language: which language it is in, its words as they are compared (NFKC,
 * case folded), their stems, numbers, negations, and character n-grams. Pure.
 *
 *     struct words_tools *tools = words_tools_open();
 *     const char *language = words_language(text, "de");
 *     struct words words = words_split(tools, arena, text, language);
 *     for (size_t i = 0; i < words.count; i++)
 *         use(words.items[i].stem);
 *     words_tools_close(tools);
 *
 * A language is named by its ISO 639 code ("en", "de", "zh"); "und" is one that is not known. Texts
 * may hold anything: bytes that are no UTF-8 end a word.
 */
#pragma once
#include "base/str.h"

/* The longest text, and what takes longer ones may cut them to. */
enum { WORDS_TEXT_BYTES_MAX = 1 << 20 };

/* Stemmers, lists of words, and ICU's rules, opened as they are needed. For one thread at a time.
 */
struct words_tools;
struct words_tools *words_tools_open(void);
void words_tools_close(struct words_tools *tools); /* NULL is allowed */

enum words_kind {
    WORDS_WORD,      /* letters, and digits behind them ("co2") */
    WORDS_NUMBER,    /* begins with a digit: "3", "1,000.5"; digits of all scripts become ASCII */
    WORDS_SIGN,      /* percent and currency signs */
    WORDS_CHARACTER, /* one character of a run of Han or kana, which has no spaces */
    WORDS_PAIR,      /* two that stand beside each other in such a run */
};

struct words_token {
    struct str word; /* folded; of English words without a final 's */
    struct str stem; /* the word itself where the language has no stemmer */
    struct str name; /* as written, if it has a capital that is not due to where it stands; or "" */
    enum words_kind kind;
    bool function_word; /* "the", "for": says little by itself; in the languages that have a list */
    bool negation;      /* "not", "without", "n't": turns what the sentence says */
    bool has_number;    /* a number, in digits or as a word ("three") */
    double number;
};

/* Names of a text point into one copy of it, so that what lies between two is to be seen. A capital
   is due to its place at the start of a sentence; in a text with more capitals than small letters
   none says anything. Whether it says that the word is a name depends on the language, too. */
struct words {
    const char *language; /* the one that was given, or "und" */
    struct words_token *items;
    size_t count;
};

/* The language of a text. `likely` is what the campaign is in, or NULL: it counts as a hint, and is
   the answer for texts too short to tell, unless they are written in letters it does not use. The
   result stays valid as long as `likely` does. */
const char *words_language(struct str text, const char *likely);

/* The words in their order. A character and the pair it begins stand behind each other. `language`
   NULL is "und". Everything but the language's name is in the arena. At most WORDS_TEXT_BYTES_MAX.
 */
struct words words_split(struct words_tools *tools, struct arena *arena, struct str text,
                         const char *language);

/* The same words, all in another arena. */
struct words words_copy(struct arena *arena, const struct words *words);

/* The character n-grams of a token: of words all of 3 to 5 characters of "<word>"; of Hangul
   words single characters and pairs. None of other kinds, which are short enough. `take` sees each
   in a place that it must not keep. */
void words_grams(const struct words_token *token, void (*take)(struct str gram, void *context),
                 void *context);
