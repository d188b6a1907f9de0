/* Signals of low effort and spam.
 *
 * Computes: for each signal a value from 0 (nothing of it) to 1.
 * Model: counts with thresholds that a person would name: see each function.
 * Source: features as in N. Jindal, B. Liu, "Opinion spam and analysis", WSDM 2008, and S. M. Mola-
 *     Velasco, "Wikipedia vandalism detection", PAN 2010 (capitals, repeated characters, links,
 *     keyboard runs).
 * Cost: O(length) time, no memory.
 * Limits: every one of them is met by honest people too, which is why they order a queue and no
 *     more. Capitals and keys are those of Latin letters.
 */
#include "sift/attention/attention.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

static double within(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* --- Links ------------------------------------------------------------------------------------ */

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/* Whether the bytes at `at` begin a link or are the @ of a mail address. */
static bool is_link(struct str text, size_t at)
{
    static const char *const beginnings[] = { "http://", "https://", "www." };
    struct str rest = str_slice(text, at, text.size);
    bool begins = at == 0 || !is_name_byte(text.data[at - 1]);
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        struct str beginning = str_from(beginnings[i]);
        if (begins && str_equal_nocase(str_slice(rest, 0, beginning.size), beginning))
            return true;
    }
    if (text.data[at] != '@' || at == 0 || !is_name_byte(text.data[at - 1]))
        return false;
    size_t end = 1;
    while (end < rest.size && is_name_byte(rest.data[end]))
        end++;
    return end > 1 && end + 1 < rest.size && rest.data[end] == '.' &&
           is_name_byte(rest.data[end + 1]);
}

static uint32_t count_links(struct str text)
{
    uint32_t count = 0;
    for (size_t at = 0; at < text.size; at++) {
        if (!is_link(text, at))
            continue;
        count++;
        while (at + 1 < text.size && text.data[at + 1] != ' ' && text.data[at + 1] != '\n')
            at++; /* what follows is of the same address, "https://www." for instance */
    }
    return count;
}

/* --- Repetition ------------------------------------------------------------------------------- */

/* The longest run of one character. */
static size_t longest_run(struct str text)
{
    size_t longest = 0, run = 0;
    struct str last = { 0 };
    while (text.size > 0) {
        struct str next = utf8_clip(text, 1);
        run = str_equal(next, last) ? run + 1 : 1;
        if (next.data[0] != ' ' && next.data[0] != '\n' && run > longest)
            longest = run;
        last = next;
        text = str_slice(text, next.size, text.size);
    }
    return longest;
}

/* The share of words that are the same as the one before them or the one before that. */
static double share_repeated(const struct words *words)
{
    size_t again = 0;
    for (size_t i = 1; i < words->count; i++)
        again += str_equal(words->items[i].stem, words->items[i - 1].stem) ||
                 (i > 1 && str_equal(words->items[i].stem, words->items[i - 2].stem));
    return words->count > 3 ? (double)again / (double)(words->count - 1) : 0;
}

/* --- Keyboard --------------------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The keys that lie right of each letter, on keyboards that begin with qwerty, qwertz and azerty.
 */
static const char *const right_of['z' - 'a' + 1] = {
    "sz", "n", "v", "f",  "r", "g", "h",  "j", "o", "k", "l", "m",  "",
    "m",  "p", "",  "ws", "t", "d", "yz", "i", "b", "e", "c", "ux", "xue",
};

static bool lies_right(char a, char b)
{
    return a >= 'a' && a <= 'z' && b != 0 && strchr(right_of[a - 'a'], b) != NULL;
}

/* 1 or -1 when b lies right or left of a in some row of keys, else 0. */
static int step_between(char a, char b)
{
    a = lower(a);
    b = lower(b);
    return lies_right(a, b) ? 1 : lies_right(b, a) ? -1 : 0;
}

/* The longest run of keys in one direction. */
static struct str longest_walk(struct str text)
{
    struct str longest = { 0 };
    size_t from = 0;
    int direction = 0;
    for (size_t i = 1; i <= text.size; i++) {
        int step = i < text.size ? step_between(text.data[i - 1], text.data[i]) : 0;
        if (step == 0 || (direction != 0 && step != direction)) {
            if (i - from > longest.size)
                longest = str_slice(text, from, i);
            from = step == 0 ? i : i - 1;
        }
        direction = step;
    }
    return longest;
}

/* --- All -------------------------------------------------------------------------------------- */

static double shouting(struct str text)
{
    enum { LETTERS_MIN = 12 };
    size_t upper = 0, letters = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool is_upper = text.data[i] >= 'A' && text.data[i] <= 'Z';
        upper += is_upper;
        letters += is_upper || (text.data[i] >= 'a' && text.data[i] <= 'z');
    }
    return letters < LETTERS_MIN ? 0 : within((double)upper / (double)letters * 2.5 - 1.25);
}

struct attention_signals attention_signals(const struct attention_text *text)
{
    /* A run of three or four happens in words ("poiu", "rewe"), of six in none. */
    enum { RUN_FREE = 3, RUN_FULL = 8, WALK_FREE = 4, WALK_FULL = 6, WORDS_FEW = 3 };
    /* Fast typists reach ten characters a second for a while, nobody twenty. */
    static const double SPEED_FREE = 10, SPEED_FULL = 20, SECONDS_LEAST = 0.1;
    static const double SAID_FREE = 0.45, SAID_FULL = 0.85; /* .70: a near-duplicate */
    struct attention_signals s = { .links = count_links(text->text),
                                   .keys = longest_walk(text->text) };
    double run = (double)longest_run(text->text), walk = (double)s.keys.size;
    double speed = (double)utf8_length(text->text) /
                   (text->seconds > SECONDS_LEAST ? text->seconds : SECONDS_LEAST);
    s.value[ATTENTION_LINKS] = fmin(s.links / 3.0, 1);
    s.value[ATTENTION_REPEATED] = within((run - RUN_FREE) / (RUN_FULL - RUN_FREE));
    double again = share_repeated(text->words) * 1.5 - 0.25;
    if (again > s.value[ATTENTION_REPEATED])
        s.value[ATTENTION_REPEATED] = fmin(again, 1);
    s.value[ATTENTION_KEYBOARD] = within((walk - WALK_FREE + 1) / (WALK_FULL - WALK_FREE + 1));
    s.value[ATTENTION_SHOUTING] = shouting(text->text);
    s.value[ATTENTION_SHORT] =
        within((WORDS_FEW - (double)text->words->count) / (double)(WORDS_FEW - 1));
    s.value[ATTENTION_SAID] = within((text->nearest - SAID_FREE) / (SAID_FULL - SAID_FREE));
    s.value[ATTENTION_COPIED] = fmin(text->copies / 3.0, 1);
    if (text->seconds > 0)
        s.value[ATTENTION_TOO_FAST] = within((speed - SPEED_FREE) / (SPEED_FULL - SPEED_FREE));
    if (s.value[ATTENTION_KEYBOARD] == 0)
        s.keys = (struct str){ 0 };
    return s;
}
