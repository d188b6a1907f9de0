/* The blocks marked for one store: docs/architecture.md, section SQL. */
#include "base/check.h"
#include "platform/sql/sql_inner.h"
#include <stdlib.h>
#include <string.h>

/* How far a text, a quoted name or a comment that begins here goes; 0: none begins. */
static size_t span_at(struct str text, size_t at)
{
    struct str rest = str_slice(text, at, text.size);
    if (str_starts(rest, S("--"))) {
        size_t end = str_find(rest, S("\n"));
        return end == SIZE_MAX ? rest.size : end;
    }
    if (str_starts(rest, S("/*"))) {
        size_t end = str_find(rest, S("*/"));
        return end == SIZE_MAX ? rest.size : end + 2;
    }
    if (rest.data[0] != '\'' && rest.data[0] != '"')
        return 0;
    struct str inside = str_slice(rest, 1, rest.size);
    size_t end = str_find(inside, rest.data[0] == '\'' ? S("'") : S("\""));
    return end == SIZE_MAX ? rest.size : end + 2;
}

/* Blanks all but line ends, so that errors still name the right line. */
static void blank(char *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (from[i] != '\n')
            from[i] = ' ';
}

static void open_block(char *from, size_t size, struct str mine)
{
    struct str block = { from, size };
    if (!str_ends(block, S("*/")))
        return; /* never closed: the database will say so */
    if (str_starts(str_slice(block, 2, size), mine)) {
        blank(from, 2 + mine.size);
        blank(from + size - 2, 2);
    } else if (str_starts(block, S("/*sqlite")) || str_starts(block, S("/*postgres"))) {
        blank(from, size);
    }
}

char *sql_open_marks(struct str text, enum sql_store_kind kind)
{
    struct str mine = kind == SQL_SQLITE ? S("sqlite") : S("postgres");
    char *out = malloc(text.size + 1);
    check(out != NULL);
    memcpy(out, text.data != NULL ? text.data : "", text.size);
    out[text.size] = '\0';
    for (size_t at = 0; at < text.size;) {
        size_t span = span_at(text, at);
        if (span >= 4 && out[at] == '/')
            open_block(out + at, span, mine);
        at += span > 0 ? span : 1;
    }
    return out;
}
