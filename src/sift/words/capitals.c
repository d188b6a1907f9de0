#include "sift/words/capitals.h"

#include <string.h>
#include <unicode/uchar.h>

#include "base/arena.h"
#include "sift/words/characters.h"

static bool is_capital(UChar32 c)
{
    return u_isupper(c) || u_istitle(c);
}

/* Where the word that begins at a place ends; counts its letters. */
static int32_t end_of_word(struct capitals *c, int32_t at)
{
    int32_t end = (int32_t)c->text.size, behind = at;
    for (; at < end; at = behind) {
        UChar32 character = character_next(c->text, &behind);
        enum character_category category = character_as_written(character);
        if (category == APOSTROPHE && !c->elides && behind < end) {
            int32_t next = behind;
            bool joins = character_as_written(character_next(c->text, &next)) == LETTER;
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
                                 character_category(c) != APOSTROPHE);
    return c == ':' || c == ';' || c == '\n' || u_hasBinaryProperty(c, UCHAR_S_TERM) ||
           (is_quote && !is_behind_word);
}

void capitals_find(struct capitals *c)
{
    enum { ABBREVIATION_MOST = 3 }; /* letters */
    bool begins = true, is_abbreviation = false;
    int32_t at = 0, end = (int32_t)c->text.size, word_end = 0;
    while (at < end) {
        int32_t from = at;
        UChar32 character = character_next(c->text, &at);
        enum character_category category = character_as_written(character);
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

struct str capitals_mark(const struct capitals *c)
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
