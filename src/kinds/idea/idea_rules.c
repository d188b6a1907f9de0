/* Pure decisions about ideas. */
#include "kinds/idea/idea.h"

#include <string.h>

#include "base/id.h"

enum { WORDS_MAX = 12 };

/* --- Words ------------------------------------------------------------------------------------ */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* The next run of letters and digits; empty at the end. */
static struct str next_word(struct str *rest)
{
    size_t from = 0;
    while (from < rest->size && !is_word_byte(rest->data[from]))
        from++;
    size_t to = from;
    while (to < rest->size && is_word_byte(rest->data[to]))
        to++;
    struct str word = str_slice(*rest, from, to);
    *rest = str_slice(*rest, to, rest->size);
    return word;
}

/* Words that say nothing about what an idea is about. */
static bool is_common(struct str word)
{
    static const char *const common[] = { "the",  "and", "for",  "with", "our", "that",
                                          "this", "are", "a",    "an",   "of",  "to",
                                          "in",   "on",  "at",   "is",   "be",  "we",
                                          "it",   "or",  "from", "more", "all", "by" };
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
        if (str_equal_nocase(word, str_from(common[i])))
            return true;
    return false;
}

static size_t words_of(struct str text, bool skip_common, struct str words[WORDS_MAX])
{
    size_t count = 0;
    for (struct str word; count < WORDS_MAX && (word = next_word(&text)).size > 0;)
        if (!(skip_common && is_common(word)))
            words[count++] = word;
    return count;
}

struct str idea_match(struct arena *arena, enum sql_store_kind kind, struct campaign_id campaign_id,
                      struct str typed, bool any)
{
    struct str words[WORDS_MAX];
    size_t count = words_of(typed, any, words);
    if (count == 0)
        return S("");
    char campaign[ID_TEXT_SIZE + 1];
    id_print(campaign_id.value, campaign);
    struct buf out = { .arena = arena };
    if (kind == SQL_SQLITE)
        buf_printf(&out, "scope : \"%s\" AND {title text} : (", campaign);
    for (size_t i = 0; i < count; i++) {
        /* Where any word will do, the finished ones do; a beginning would collect the lists of all
           words it could become, up to every idea there is. */
        bool is_beginning = i + 1 == count && (!any || count == 1);
        if (kind == SQL_SQLITE)
            buf_printf(&out, "%s\"%.*s\"%s",
                       i == 0 ? ""
                       : any  ? " OR "
                              : " AND ",
                       STR_ARG(words[i]), is_beginning ? "*" : "");
        else
            buf_printf(&out, "%s'%.*s'%s",
                       i == 0 ? ""
                       : any  ? " | "
                              : " & ",
                       STR_ARG(words[i]), is_beginning ? ":*" : "");
    }
    if (kind == SQL_SQLITE)
        buf_char(&out, ')');
    return buf_str(&out);
}

double idea_alikeness(struct arena *arena, struct str a, struct str b)
{
    (void)arena;
    struct str left[WORDS_MAX], right[WORDS_MAX];
    size_t left_count = words_of(a, true, left), right_count = words_of(b, true, right), shared = 0;
    for (size_t i = 0; i < left_count; i++) {
        for (size_t j = 0; j < right_count; j++) {
            /* The last word may still be growing. */
            bool same = str_equal_nocase(left[i], right[j]) ||
                        (i + 1 == left_count && left[i].size >= 3 &&
                         str_equal_nocase(left[i], str_slice(right[j], 0, left[i].size)));
            if (same) {
                shared++;
                break;
            }
        }
    }
    size_t all = left_count + right_count - shared;
    return all == 0 ? 0 : (double)shared / (double)all;
}

/* --- Places in lists -------------------------------------------------------------------------- */

struct str idea_cursor(struct arena *arena, double score, int64_t id)
{
    uint64_t bits;
    memcpy(&bits, &score, sizeof bits);
    char text[ID_TEXT_SIZE + 1];
    id_print(id, text);
    return str_printf(arena, "%016llx_%s", (unsigned long long)bits, text);
}

bool idea_cursor_read(struct str cursor, double *score, int64_t *id)
{
    unsigned char bytes[8];
    if (cursor.size != 16 + 1 + ID_TEXT_SIZE || cursor.data[16] != '_' ||
        !str_unhex(str_slice(cursor, 0, 16), bytes, sizeof bytes))
        return false;
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bits = bits << 8 | bytes[i];
    memcpy(score, &bits, sizeof *score);
    return *score == *score && id_parse(str_slice(cursor, 17, cursor.size), id);
}
