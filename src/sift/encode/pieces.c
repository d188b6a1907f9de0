/* Divides a text into pieces of a vocabulary (SentencePiece's unigram model, Kudo 2018).
 *
 * Model: each piece has a score, the logarithm of its frequency; of all ways to divide a text the
 * one with the greatest sum is taken (Viterbi, from the left to the right). The text is brought to
 * the normal form NFKC first; spaces become U+2581 and one stands in front. Where no piece begins,
 * one symbol counts as unknown; unknown ones in a row are one piece, number 0.
 *
 * The package whose vectors are to be met has its ways, which are kept to: the sum 0 counts as "not
 * reached yet", a place that is not reached counts as reached with sum 0 by an unknown symbol, an
 * unknown symbol costs nothing, and of equal sums the shorter last piece wins.
 *
 * O(symbols · longest piece), and never more memory than struct divider: where no piece reaches
 * beyond a place, every division has a boundary there, so that what stands before it is settled and
 * can be told. Only in runs without such a place that are longer than RUN_MAX symbols, or than
 * RAW_MAX units of combining characters, a cut is made that the package would not make.
 */
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "base/check.h"
#include "sift/encode/inside.h"

enum {
    SPACE = 0x2581,
    PIECE_MAX = 16,
    RUN_MAX = 8192,
    RAW_MAX = 512,
    RAW_ENOUGH = 256, /* from here on the next place where the normal form can be cut is taken */
    EXPANSION = 18,   /* the most that NFKC makes of one unit */
};

/* A text, symbol by symbol, in its normal form. */
struct reader {
    const UNormalizer2 *nfkc;
    struct str text;
    size_t at;
    bool is_begun;
    int32_t normal_at, normal_size;
    UChar raw[RAW_MAX + 2], normal[EXPANSION * (RAW_MAX + 2)];
};

struct divider {
    struct reader reader;
    /* From the last place where everything was settled on: */
    size_t filled;
    uint32_t symbols[RUN_MAX + PIECE_MAX];
    double best[RUN_MAX + PIECE_MAX + 1];    /* sum of the best way to each place */
    uint16_t piece[RUN_MAX + PIECE_MAX + 1]; /* the last one of that way */
    uint16_t backwards[RUN_MAX + PIECE_MAX]; /* the best way, from its end */
};

struct divider *divider_make(struct arena *arena)
{
    struct divider *d = (struct divider *)arena_take_bytes(arena, sizeof *d);
    UErrorCode error = U_ZERO_ERROR;
    d->reader.nfkc = unorm2_getNFKCInstance(&error);
    check(U_SUCCESS(error));
    return d;
}

/* The next character of the text, U+FFFD for what is none; moves `at` behind it. */
static UChar32 character(struct str text, size_t *at)
{
    enum { LONGEST = 4 };
    size_t left = text.size - *at;
    const uint8_t *bytes = (const uint8_t *)text.data + *at;
    int32_t i = 0, length = left < LONGEST ? (int32_t)left : LONGEST;
    UChar32 c;
    U8_NEXT(bytes, i, length, c);
    *at += (size_t)i;
    return c < 0 ? 0xfffd : c;
}

/* Normalises some more of the text; false at its end. */
static bool refill(struct reader *r)
{
    int32_t size = 0;
    while (r->at < r->text.size) {
        size_t behind = r->at;
        UChar32 c = character(r->text, &behind);
        if (size >= RAW_MAX || (size >= RAW_ENOUGH && unorm2_hasBoundaryBefore(r->nfkc, c)))
            break;
        U16_APPEND_UNSAFE(r->raw, size, c);
        r->at = behind;
    }
    UErrorCode error = U_ZERO_ERROR;
    r->normal_size = unorm2_normalize(r->nfkc, r->raw, size, r->normal,
                                      (int32_t)(sizeof r->normal / sizeof *r->normal), &error);
    check(U_SUCCESS(error));
    r->normal_at = 0;
    return r->normal_size > 0;
}

static bool next_symbol(struct reader *r, uint32_t *symbol)
{
    if (!r->is_begun && r->text.size > 0) {
        r->is_begun = true;
        *symbol = SPACE;
        return true;
    }
    if (r->normal_at == r->normal_size && !refill(r))
        return false;
    UChar32 c;
    U16_NEXT_UNSAFE(r->normal, r->normal_at, c);
    *symbol = c == ' ' ? SPACE : (uint32_t)c;
    return true;
}

static const struct piece_node *child_of(const struct vocabulary *v, const struct piece_node *node,
                                         uint32_t symbol)
{
    const struct piece_node *low = v->nodes + node->first_child, *high = low + node->child_count;
    while (low < high) {
        const struct piece_node *middle = low + (high - low) / 2;
        if (middle->symbol == symbol)
            return middle;
        if (middle->symbol < symbol)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void reached(struct divider *d, size_t end, double sum, uint16_t piece)
{
    if (d->best[end] == 0 || sum >= d->best[end]) {
        d->best[end] = sum;
        d->piece[end] = piece;
    }
}

/* Goes on from a place with every piece that begins there; returns where the longest one ends. */
static size_t go_on(struct divider *d, const struct vocabulary *v, size_t from)
{
    const struct piece_node *node = v->nodes;
    size_t longest = 0;
    for (size_t at = from; at < d->filled; at++) {
        node = child_of(v, node, d->symbols[at]);
        if (node == NULL)
            break;
        if (node->piece == 0)
            continue;
        longest = at + 1;
        reached(d, longest, d->best[from] + v->scores[node->piece], node->piece);
    }
    if (longest == 0) {
        longest = from + 1;
        reached(d, longest, d->best[from], 0);
    }
    return longest;
}

/* Tells the best way to `end` and begins anew there; what lies beyond was not reached from before.
 */
static uint32_t settle(struct divider *d, const struct vocabulary *v, size_t end, uint32_t count,
                       uint16_t *pieces, bool *after_unknown)
{
    size_t back = 0;
    for (size_t at = end; at > 0; at -= v->lengths[d->piece[at]])
        d->backwards[back++] = d->piece[at];
    while (back > 0 && count < ENCODE_PIECES_MAX) {
        uint16_t piece = d->backwards[--back];
        if (piece != 0 || !*after_unknown)
            pieces[count++] = piece;
        *after_unknown = piece == 0;
    }
    d->filled -= end;
    memmove(d->symbols, d->symbols + end, d->filled * sizeof *d->symbols);
    d->best[0] = d->best[end];
    memset(d->best + 1, 0, d->filled * sizeof *d->best);
    memset(d->piece + 1, 0, d->filled * sizeof *d->piece);
    return count;
}

static void look_ahead(struct divider *d, size_t from)
{
    while (d->filled < from + PIECE_MAX && next_symbol(&d->reader, &d->symbols[d->filled])) {
        d->filled++;
        d->best[d->filled] = 0;
        d->piece[d->filled] = 0;
    }
}

uint32_t divide(struct divider *d, const struct vocabulary *v, struct str text,
                uint16_t pieces[ENCODE_PIECES_MAX])
{
    struct reader *r = &d->reader;
    r->text = text;
    r->at = 0;
    r->is_begun = false;
    r->normal_at = r->normal_size = 0;
    d->filled = 0;
    d->best[0] = 0;
    uint32_t count = 0;
    bool after_unknown = false;
    size_t at = 0, reach = 0;
    while (count < ENCODE_PIECES_MAX) {
        look_ahead(d, at);
        if (at == d->filled)
            break;
        size_t longest = go_on(d, v, at++);
        reach = longest > reach ? longest : reach;
        if (reach <= at || at == RUN_MAX) {
            count = settle(d, v, at, count, pieces, &after_unknown);
            at = reach = 0;
        }
    }
    return count;
}
