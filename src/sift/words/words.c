/* Words of a text.
 *
 * Computes: the language, and tokens with their stems, numbers and flags; character n-grams.
 * Model: the text is normalised by NFKC_Casefold (compatibility forms become one, letter case goes,
 *     invisible characters vanish), and cut where the class of characters changes: letters with
 *     their marks and digits are a word, digits with the points between them a number. Runs of Han
 *     and kana become single characters and overlapping pairs. Runs of Thai, Lao, Khmer and Burmese
 *     are cut by ICU's dictionaries. Stems are Snowball's. The language is CLD2's guess with the
 *     likely one as a hint, which also decides where the guess is unsure. Folding loses capitals;
 *     therefore a control character is put before each word whose capital is to be remembered.
 * Source: Unicode Standard Annexes 15 (normalisation), 29 (words; these rules are coarser and
 *     quicker) and 24 (scripts); M. F. Porter, "Snowball", 2001; D. Sites, "Compact Language
 *     Detector 2", 2013.
 * Cost: O(length) time and memory.
 * Limits: compounds are not taken apart. Two languages in one text count as one. CLD2 knows 83
 *     languages and is often unsure below twenty letters.
 */
#include "sift/words/words.h"

#include "base/arena.h"
#include "base/check.h"
#include "sift/words/capitals.h"
#include "sift/words/characters.h"
#include "sift/words/fold.h"
#include "sift/words/lexicon.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { LANGUAGES_MAX = 256, CODE_BYTES_MAX = 16 };

struct tongue {
    char language[CODE_BYTES_MAX];
    struct sb_stemmer *stemmer; /* NULL where there is none */
    struct lexicon *lexicon;
};

struct words_tools {
    struct arena *arena;
    const UNormalizer2 *folding;
    UBreakIterator *dictionary; /* opened when the first such script comes */
    struct tongue tongues[LANGUAGES_MAX];
    size_t tongue_count;
};

struct words_tools *words_tools_open(void)
{
    struct arena *arena = arena_make();
    struct words_tools *tools = arena_new(arena, struct words_tools, 1);
    UErrorCode status = U_ZERO_ERROR;
    tools->arena = arena;
    tools->folding = unorm2_getNFKCCasefoldInstance(&status);
    check(U_SUCCESS(status));
    return tools;
}

void words_tools_close(struct words_tools *tools)
{
    if (tools == NULL)
        return;
    for (size_t i = 0; i < tools->tongue_count; i++)
        sb_stemmer_delete(tools->tongues[i].stemmer);
    if (tools->dictionary != NULL)
        ubrk_close(tools->dictionary);
    arena_free(tools->arena);
}

/* What a language needs; the last place serves all that come when the table is full, without
   stemmer and lists. */
static const struct tongue *tongue_of(struct words_tools *tools, const char *language)
{
    for (size_t i = 0; i < tools->tongue_count; i++)
        if (strcmp(tools->tongues[i].language, language) == 0)
            return &tools->tongues[i];
    bool known = tools->tongue_count < LANGUAGES_MAX - 1 && strlen(language) < CODE_BYTES_MAX;
    if (!known)
        language = "und";
    struct tongue *tongue = &tools->tongues[tools->tongue_count];
    tools->tongue_count += known;
    memcpy(tongue->language, language, strlen(language) + 1);
    tongue->stemmer = sb_stemmer_new(language, "UTF_8");
    tongue->lexicon = lexicon_make(tools->arena, language);
    return tongue;
}

/* --- Cutting ---------------------------------------------------------------------------------- */

struct cutter {
    struct words_tools *tools;
    struct arena *arena;
    const struct tongue *tongue;
    bool is_english;
    struct units text;
    int32_t at;
    const struct str *names; /* as many as there are marks */
    struct str name;         /* of the word that begins here */
    struct words_token *items;
    size_t count, capacity;
};

static struct words_token *new_token(struct cutter *c)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity * 2 + 16;
        struct words_token *items = arena_new(c->arena, struct words_token, capacity);
        if (c->count > 0)
            memcpy(items, c->items, c->count * sizeof *items);
        c->items = items;
        c->capacity = capacity;
    }
    return &c->items[c->count++];
}

static struct str encoded(struct arena *arena, const UChar *from, int32_t size)
{
    char *bytes = arena_take_bytes(arena, (size_t)size * 3 + 1);
    int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(bytes, size * 3, &length, from, size, &status);
    check(U_SUCCESS(status));
    return (struct str){ bytes, (size_t)length };
}

static struct str stem_of(const struct cutter *c, struct str word)
{
    if (c->tongue->stemmer == NULL)
        return word;
    const sb_symbol *stem =
        sb_stemmer_stem(c->tongue->stemmer, (const sb_symbol *)word.data, (int)word.size);
    check(stem != NULL);
    struct str found = { (const char *)stem, (size_t)sb_stemmer_length(c->tongue->stemmer) };
    if (str_starts(word, found))
        return (struct str){ word.data, found.size };
    return str_copy(c->arena, found);
}

static struct words_token *add(struct cutter *c, enum words_kind kind, struct str word)
{
    struct words_token *token = new_token(c);
    struct lexicon_entry entry = lexicon_find(c->tongue->lexicon, word);
    *token = (struct words_token){ .word = word,
                                   .stem = kind == WORDS_WORD ? stem_of(c, word) : word,
                                   .kind = kind,
                                   .function_word = entry.function_word,
                                   .negation = entry.negation,
                                   .has_number = entry.has_number,
                                   .number = entry.number };
    return token;
}

/* The character at a place, its class, and the place behind it; SPACE at the end. */
static enum character_category peek(const struct cutter *c, int32_t at, UChar32 *character,
                                    int32_t *behind)
{
    *behind = at;
    *character = 0;
    if (at >= c->text.size)
        return SPACE;
    U16_NEXT_UNSAFE(c->text.data, *behind, *character); /* ICU wrote it, so it is well-formed */
    return character_category(*character);
}

static enum character_category category_at(const struct cutter *c, int32_t at)
{
    UChar32 character;
    int32_t behind;
    return peek(c, at, &character, &behind);
}

/* Letters, marks and digits; an apostrophe between letters where words do not part there. */
static void take_word(struct cutter *c)
{
    int32_t from = c->at, behind;
    UChar32 character;
    bool parts = lexicon_has_elision(c->tongue->lexicon);
    for (;;) {
        enum character_category category = peek(c, c->at, &character, &behind);
        bool joins = category == APOSTROPHE && !parts && category_at(c, behind) == LETTER;
        if (joins)
            c->text.data[c->at] = '\'';
        else if (category != LETTER && category != MARK && category != DIGIT)
            break;
        c->at = behind;
    }
    int32_t size = c->at - from;
    const UChar *word = c->text.data + from;
    if (c->is_english && size > 2 && word[size - 1] == 's' && word[size - 2] == '\'')
        size -= 2;
    add(c, WORDS_WORD, encoded(c->arena, word, size))->name = c->name;
    c->name = (struct str){ 0 };
}

/* What the digits of "1.000,5" say: of two kinds of points the last begins the fraction; one kind
   does if it stands once, unless three digits follow and the language parts thousands with it. */
static double value_of(const struct cutter *c, struct str digits)
{
    char group = lexicon_has_decimal_comma(c->tongue->lexicon) ? '.' : ',';
    size_t last = SIZE_MAX, stops = 0, commas = 0;
    for (size_t i = 0; i < digits.size; i++) {
        stops += digits.data[i] == '.';
        commas += digits.data[i] == ',';
        if (digits.data[i] == '.' || digits.data[i] == ',')
            last = i;
    }
    bool grouped = stops + commas == 1
                       ? digits.size - last == 4 && digits.data[last] == group
                       : stops + commas > 0 && (digits.data[last] == '.' ? stops : commas) > 1;
    char plain[64];
    size_t size = 0;
    for (size_t i = 0; i < digits.size && size < sizeof plain - 1; i++) {
        if (digits.data[i] != '.' && digits.data[i] != ',')
            plain[size++] = digits.data[i];
        else if (i == last && !grouped)
            plain[size++] = '.';
    }
    plain[size] = '\0';
    return strtod(plain, NULL);
}

static void take_number(struct cutter *c)
{
    int32_t from = c->at, behind;
    size_t size = 0;
    for (;;) {
        UChar32 character;
        enum character_category category = peek(c, c->at, &character, &behind);
        bool inside = category == POINT && category_at(c, behind) == DIGIT;
        if (category != DIGIT && !inside)
            break;
        if (category == DIGIT) /* of whatever script */
            c->text.data[from + (int32_t)size++] = (UChar)('0' + u_charDigitValue(character));
        else
            c->text.data[from + (int32_t)size++] = (UChar)character;
        c->at = behind;
    }
    struct str digits = encoded(c->arena, c->text.data + from, (int32_t)size);
    struct words_token *token = add(c, WORDS_NUMBER, digits);
    token->has_number = true;
    token->number = value_of(c, digits);
}

static void take_sign(struct cutter *c)
{
    UChar32 character;
    int32_t from = c->at;
    peek(c, from, &character, &c->at);
    add(c, WORDS_SIGN, encoded(c->arena, c->text.data + from, c->at - from));
}

/* A character, and the pair that it begins. Single hiragana are particles and endings. */
static void take_dense(struct cutter *c)
{
    UChar32 character, next;
    int32_t from = c->at, second, behind;
    peek(c, from, &character, &second);
    struct words_token *token =
        add(c, WORDS_CHARACTER, encoded(c->arena, c->text.data + from, second - from));
    token->function_word |= character >= 0x3041 && character <= 0x309F;
    if (peek(c, second, &next, &behind) == DENSE)
        add(c, WORDS_PAIR, encoded(c->arena, c->text.data + from, behind - from));
    c->at = second;
}

static void take_by_dictionary(struct cutter *c)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar32 character;
    int32_t from = c->at, behind = from;
    while (peek(c, c->at, &character, &behind) == DICTIONARY)
        c->at = behind;
    if (c->tools->dictionary == NULL)
        c->tools->dictionary = ubrk_open(UBRK_WORD, "th", NULL, 0, &status);
    check(U_SUCCESS(status));
    ubrk_setText(c->tools->dictionary, c->text.data + from, c->at - from, &status);
    check(U_SUCCESS(status));
    int32_t begin = 0;
    for (int32_t end; (end = ubrk_next(c->tools->dictionary)) != UBRK_DONE; begin = end)
        add(c, WORDS_WORD, encoded(c->arena, c->text.data + from + begin, end - begin));
}

static void cut(struct cutter *c)
{
    while (c->at < c->text.size) {
        UChar32 character;
        int32_t behind;
        switch (peek(c, c->at, &character, &behind)) {
        case LETTER:
            take_word(c);
            break;
        case DIGIT:
            take_number(c);
            break;
        case SIGN:
            take_sign(c);
            break;
        case DENSE:
            take_dense(c);
            break;
        case DICTIONARY:
            take_by_dictionary(c);
            break;
        default:
            c->at = behind;
            if (character == CAPITAL_MARK && c->names != NULL)
                c->name = *c->names++;
        }
    }
}

struct words words_split(struct words_tools *tools, struct arena *arena, struct str text,
                         const char *language)
{
    check(text.size <= WORDS_TEXT_BYTES_MAX);
    if (language == NULL)
        language = "und";
    const struct tongue *tongue = tongue_of(tools, language);
    struct capitals capitals = { .arena = arena,
                                 .text = str_copy(arena, text),
                                 .elides = lexicon_has_elision(tongue->lexicon) };
    capitals_find(&capitals);
    struct cutter c = { .tools = tools,
                        .arena = arena,
                        .tongue = tongue,
                        .is_english = strcmp(language, "en") == 0,
                        .text = fold(tools->folding, arena, capitals_mark(&capitals), language),
                        .names = capitals.count > 0 ? capitals.items : NULL };
    cut(&c);
    return (struct words){ language, c.items, c.count };
}

/* --- Copies ----------------------------------------------------------------------------------- */

/* A copy of the text from the first name to the last, so that what lies between stays. */
static void copy_names(struct arena *arena, const struct words *words, struct words_token *items)
{
    struct str span = { 0 };
    for (size_t i = 0; i < words->count; i++) {
        struct str name = words->items[i].name;
        if (span.data == NULL)
            span = name;
        else if (name.data != NULL)
            span.size = (size_t)(name.data - span.data) + name.size;
    }
    struct str copy = str_copy(arena, span);
    for (size_t i = 0; i < words->count; i++)
        if (items[i].name.data != NULL)
            items[i].name.data = copy.data + (items[i].name.data - span.data);
}

struct words words_copy(struct arena *arena, const struct words *words)
{
    struct words copy = { words->language, arena_new(arena, struct words_token, words->count),
                          words->count };
    for (size_t i = 0; i < words->count; i++) {
        struct words_token *t = &copy.items[i];
        *t = words->items[i];
        bool is_beginning = t->stem.data == t->word.data;
        t->word = str_copy(arena, t->word);
        if (is_beginning)
            t->stem.data = t->word.data;
        else
            t->stem = str_copy(arena, t->stem);
    }
    copy_names(arena, words, copy.items);
    return copy;
}
