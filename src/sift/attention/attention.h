/* Which texts a moderator should look at first, and why. Pure.
 *
 * Two sources: signals of low effort and spam that anybody can check (signals.c), and a model that
 * learns from the decisions of this organisation's own moderators (model.c). Both order a queue and
 * give reasons; neither rejects anything.
 */
#pragma once
#include "sift/similar/similar.h"

/* --- Signals (signals.c) ---------------------------------------------------------------------- */

enum attention_signal {
    ATTENTION_LINKS,    /* web or mail addresses */
    ATTENTION_REPEATED, /* "!!!!!!", "haha haha haha", one word again and again */
    ATTENTION_KEYBOARD, /* "asdfgh": keys that lie beside one another */
    ATTENTION_SHOUTING, /* CAPITALS ONLY */
    ATTENTION_SHORT,    /* one word or two */
    ATTENTION_SAID,     /* somebody said nearly the same before */
    ATTENTION_COPIED,   /* its author did, elsewhere */
    ATTENTION_TOO_FAST, /* written faster than people type */
    ATTENTION_SIGNAL_COUNT
};

struct attention_text {
    struct str text; /* valid UTF-8 */
    const struct words *words;
    const struct similar_vector *vector;
    double nearest;  /* similar_score with the nearest earlier text; 0: there is none */
    uint32_t copies; /* other texts of its author that say nearly the same */
    double seconds;  /* from opening the form to sending it; 0: not known */
};

struct attention_signals {
    double value[ATTENTION_SIGNAL_COUNT]; /* 0: nothing of it, to 1 */
    uint32_t links;
    struct str keys; /* what was pressed along a row of keys; points into the text */
};

/* O(length). */
struct attention_signals attention_signals(const struct attention_text *text);

/* --- Model (model.c) -------------------------------------------------------------------------- */

enum { ATTENTION_DECISIONS_MIN = 50, ATTENTION_WORDS_MAX = 3 };
#define ATTENTION_FORETOLD_MIN 0.55 /* a model that foretells worse is passed over */

struct attention_decision {
    struct attention_text text;
    bool refused;
};

struct attention_model;

/* Learns from decisions. The same decisions in any order give the same model. NULL when there are
   fewer than ATTENTION_DECISIONS_MIN, or fewer than a tenth as many on either side. O(count ·
   length) time; the model takes 0.3 MB of the arena. */
const struct attention_model *
attention_learn(struct arena *arena, const struct attention_decision *decisions, uint32_t count);

/* How well it would have foretold the decisions it learnt from, each left out in turn (in FOLDS
   parts): the chance that of a refused and an accepted text the refused one had more; 0.5 is
   guessing. */
double attention_foretold(const struct attention_model *model);

struct attention {
    double probability; /* that a moderator will refuse it; by signals alone without a model */
    struct attention_signals signals;
    struct str words[ATTENTION_WORDS_MAX]; /* its words that speak most for refusal, if any do */
    uint32_t word_count;
};

/* `model` may be NULL, and is passed over when it foretells no better than guessing. O(length). */
struct attention attention_to(const struct attention_model *model,
                              const struct attention_text *text);
