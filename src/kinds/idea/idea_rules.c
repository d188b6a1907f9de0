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

static size_t words_of(struct str text, struct str words[WORDS_MAX])
{
    size_t count = 0;
    for (struct str word; count < WORDS_MAX && (word = next_word(&text)).size > 0;)
        words[count++] = word;
    return count;
}

struct str idea_match(struct arena *arena, enum sql_store_kind kind, struct campaign_id campaign_id,
                      struct str typed)
{
    struct str words[WORDS_MAX];
    size_t count = words_of(typed, words);
    if (count == 0)
        return S("");
    char campaign[ID_TEXT_SIZE + 1];
    id_print(campaign_id.value, campaign);
    struct buf out = { .arena = arena };
    if (kind == SQL_SQLITE)
        buf_printf(&out, "scope : \"%s\" AND {title text} : (", campaign);
    for (size_t i = 0; i < count; i++) {
        bool is_beginning = i + 1 == count;
        if (kind == SQL_SQLITE)
            buf_printf(&out, "%s\"%.*s\"%s", i == 0 ? "" : " AND ", STR_ARG(words[i]),
                       is_beginning ? "*" : "");
        else
            buf_printf(&out, "%s'%.*s'%s", i == 0 ? "" : " & ", STR_ARG(words[i]),
                       is_beginning ? ":*" : "");
    }
    if (kind == SQL_SQLITE)
        buf_char(&out, ')');
    return buf_str(&out);
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
