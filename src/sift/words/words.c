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
#include "sift/words/language.h"
#include "sift/words/lexicon.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
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

/* --- Characters ------------------------------------------------------------------------------- */

/* The character at a place of UTF-8, and the place behind it; negative where it is none. */
static UChar32 next_character(struct str text, int32_t *at)
{
    UChar32 c;
    U8_NEXT(text.data, *at, (int32_t)text.size, c);
    return c;
}

enum category {
    SPACE, /* whatever parts words */
    LETTER,
    MARK,
    DIGIT,
    SIGN,
    APOSTROPHE,
    POINT,      /* full stop and comma: inside of numbers */
    DENSE,      /* Han and kana */
    DICTIONARY, /* Thai and its like */
};

static enum category category_of_letter(UChar32 c)
{
    if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT)
        return DICTIONARY;
    UErrorCode status = U_ZERO_ERROR;
    switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_BOPOMOFO:
        return DENSE;
    default:
        return c == 0x30FC ? DENSE : LETTER; /* the mark that makes a vowel of kana long */
    }
}

static enum category category_of_other(UChar32 c)
{
    enum { TYPOGRAPHIC_APOSTROPHE = 0x2019, MODIFIER_APOSTROPHE = 0x2BC, PER_MILLE = 0x2030 };
    switch (u_charType(c)) {
    case U_UPPERCASE_LETTER:
    case U_LOWERCASE_LETTER:
    case U_TITLECASE_LETTER:
    case U_OTHER_LETTER:
        return category_of_letter(c);
    case U_MODIFIER_LETTER:
        return c == MODIFIER_APOSTROPHE ? APOSTROPHE : category_of_letter(c);
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_COMBINING_SPACING_MARK:
        return category_of_letter(c) == DICTIONARY ? DICTIONARY : MARK;
    case U_DECIMAL_DIGIT_NUMBER:
        return DIGIT;
    case U_CURRENCY_SYMBOL:
        return SIGN;
    default:
        return c == TYPOGRAPHIC_APOSTROPHE ? APOSTROPHE : c == PER_MILLE ? SIGN : SPACE;
    }
}

static enum category category_of(UChar32 c)
{
    if (c >= 0x80)
        return category_of_other(c);
    if (c >= 'a' && c <= 'z')
        return LETTER;
    if (c >= '0' && c <= '9')
        return DIGIT;
    switch (c) {
    case '\'':
        return APOSTROPHE;
    case '.':
    case ',':
        return POINT;
    case '%':
    case '$':
        return SIGN;
    default:
        return SPACE;
    }
}

/* Points of Hebrew and Arabic, and the stroke that only makes a word wider: most people leave them
   out. */
static bool is_optional(UChar c)
{
    return (c >= 0x591 && c <= 0x5C7 && c != 0x5BE) || (c >= 0x64B && c <= 0x65F) || c == 0x670 ||
           c == 0x640;
}

/* --- Normalising ------------------------------------------------------------------------------ */

struct units {
    UChar *data;
    int32_t size;
};

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

static struct units folded(const struct words_tools *tools, struct arena *arena, struct units in)
{
    struct units out = { .size = 2 * in.size + 32 };
    UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
    while (status == U_BUFFER_OVERFLOW_ERROR) {
        int32_t room = out.size;
        status = U_ZERO_ERROR;
        out.data = units_new(arena, (size_t)room);
        out.size = unorm2_normalize(tools->folding, in.data, in.size, out.data, room, &status);
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

/* --- Capitals --------------------------------------------------------------------------------- */

enum { CAPITAL_MARK = 1 }; /* a control character: folding leaves it, and it parts words */

struct capitals {
    struct arena *arena;
    struct str text;
    bool elides; /* apostrophes part words */
    struct str *items;
    size_t count, capacity;
    size_t upper, lower; /* letters */
};

static enum category category_as_written(UChar32 c)
{
    return category_of(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool is_capital(UChar32 c)
{
    return u_isupper(c) || u_istitle(c);
}

/* Where the word that begins at a place ends; counts its letters. */
static int32_t end_of_word(struct capitals *c, int32_t at)
{
    int32_t end = (int32_t)c->text.size, behind = at;
    for (; at < end; at = behind) {
        UChar32 character = next_character(c->text, &behind);
        enum category category = category_as_written(character);
        if (category == APOSTROPHE && !c->elides && behind < end) {
            int32_t next = behind;
            bool joins = category_as_written(next_character(c->text, &next)) == LETTER;
            category = joins ? MARK : SPACE;
        } else if (category == LETTER) {
            c->upper += is_capital(character);
            c->lower += u_islower(character);
        }
        if (category != LETTER && category != MARK && category != DIGIT)
            break;
    }
    return at;
}

static void add_capital(struct capitals *c, int32_t from, int32_t to)
{
    if (c->count == c->capacity) {
        size_t capacity = c->capacity * 2 + 8;
        struct str *items = arena_new(c->arena, struct str, capacity);
        if (c->count > 0)
            memcpy(items, c->items, c->count * sizeof *items);
        c->items = items;
        c->capacity = capacity;
    }
    c->items[c->count++] = str_slice(c->text, (size_t)from, (size_t)to);
}

/* Whether a new sentence may begin behind a character. A quotation mark right behind a word closes
   what is quoted. */
static bool ends_sentence(UChar32 c, bool is_behind_word)
{
    bool is_quote = c == '"' || (c >= 0x80 && u_hasBinaryProperty(c, UCHAR_QUOTATION_MARK) &&
                                 category_of(c) != APOSTROPHE);
    return c == ':' || c == ';' || c == '\n' || u_hasBinaryProperty(c, UCHAR_S_TERM) ||
           (is_quote && !is_behind_word);
}

/* Words with a capital that do not begin a sentence. The point behind a single capital ("J. Doe",
   "U.S. Army") ends none, nor does that behind a short word with a capital within ("by St. Mary").
 */
static void find_capitals(struct capitals *c)
{
    enum { ABBREVIATION_MOST = 3 }; /* letters */
    bool begins = true, is_abbreviation = false;
    int32_t at = 0, end = (int32_t)c->text.size, word_end = 0;
    while (at < end) {
        int32_t from = at;
        UChar32 character = next_character(c->text, &at);
        enum category category = category_as_written(character);
        if (category == LETTER || category == DIGIT) {
            size_t before = c->upper + c->lower;
            at = word_end = end_of_word(c, from);
            size_t letters = c->upper + c->lower - before;
            if (is_capital(character) && !begins)
                add_capital(c, from, at);
            is_abbreviation = is_capital(character) && letters <= (begins ? 1 : ABBREVIATION_MOST);
            begins = false;
        } else if (ends_sentence(character, from == word_end))
            begins |= character != '.' || !is_abbreviation;
        else if (category == DENSE || category == DICTIONARY || category == SIGN)
            begins = false;
    }
    if (c->upper > c->lower)
        c->count = 0;
}

/* The text with a mark before each capital that was found, and no others. */
static struct str mark_capitals(const struct capitals *c)
{
    if (c->count == 0)
        return c->text;
    char *marked = arena_take_bytes(c->arena, c->text.size + c->count);
    size_t size = 0, next = 0;
    for (size_t i = 0; i < c->text.size; i++) {
        if (next < c->count && c->text.data + i == c->items[next].data) {
            marked[size++] = CAPITAL_MARK;
            next++;
        }
        marked[size++] = c->text.data[i] == CAPITAL_MARK ? ' ' : c->text.data[i];
    }
    return (struct str){ marked, size };
}

/* --- Folding ---------------------------------------------------------------------------------- */

static struct units normal(const struct words_tools *tools, struct arena *arena, struct str text,
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
    u = folded(tools, arena, u);
    int32_t kept = 0;
    for (int32_t i = 0; i < u.size; i++)
        if (!is_optional(u.data[i]))
            u.data[kept++] = u.data[i];
    u.size = kept;
    return u;
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
static enum category peek(const struct cutter *c, int32_t at, UChar32 *character, int32_t *behind)
{
    *behind = at;
    *character = 0;
    if (at >= c->text.size)
        return SPACE;
    U16_NEXT_UNSAFE(c->text.data, *behind, *character); /* ICU wrote it, so it is well-formed */
    return category_of(*character);
}

static enum category category_at(const struct cutter *c, int32_t at)
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
        enum category category = peek(c, c->at, &character, &behind);
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
        enum category category = peek(c, c->at, &character, &behind);
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
    find_capitals(&capitals);
    struct cutter c = { .tools = tools,
                        .arena = arena,
                        .tongue = tongue,
                        .is_english = strcmp(language, "en") == 0,
                        .text = normal(tools, arena, mark_capitals(&capitals), language),
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

/* --- Language --------------------------------------------------------------------------------- */

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
        UChar32 c = next_character(text, &at);
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

/* --- Character n-grams ------------------------------------------------------------------------ */

static bool begins_with_hangul(struct str word)
{
    int32_t at = 0;
    UErrorCode status = U_ZERO_ERROR;
    return uscript_getScript(next_character(word, &at), &status) == USCRIPT_HANGUL;
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
