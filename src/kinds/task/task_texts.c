/* Which of several people's texts describes an item best, and how surely it is a good one. Pure.
 *
 * Writers write, and where that leaves doubt others, who have written nothing of this item, pick
 * the best text or say that none is good. The model:
 *
 *   each text is good or not; that of a writer of quality q is with probability q. Others who wrote
 *   the same multiply its odds by q' / (1 − q'), nearly the same by less, down to nothing when two
 *   texts differ in `related` of their letters; a writer below one half makes nothing better
 *
 *   a judge of quality q takes care with probability q and then picks any of the good texts, or
 *   none if there is none; else picks anything, or none, by chance
 *
 * From what was picked follows by Bayes how probable it is that each text is good, summed over all
 * ways in which texts may be good or not, and that each judge took care. Texts that differ in less
 * than `same` of their letters are one text.
 *
 * Limits: TEXTS_MAX texts are weighed so, the others are as good as their writers. People who copy
 * each other are believed until judges have found them out. Takes O(answers² × length² + 2^texts ×
 * answers) an item.
 */
#include "task_engine.h"

#include "base/arena.h"
#include "sift/infer/medoid.h"

enum { TEXTS_MAX = 10 };
static const double same = 0.2, related = 0.6;

struct weighing {
    struct arena *arena;
    const struct task_weighed *answers;
    const double *quality;    /* of who gave each answer */
    struct str *normal;       /* of each answer that is a text */
    size_t *text_of;          /* the first answer with the same text; SIZE_MAX: a judgement */
    double *odds;             /* that a text is good, as far as its writers go; of first answers */
    size_t texts[TEXTS_MAX];  /* first answers */
    unsigned text_count, all; /* how many of these; how many texts there are */
};

static double odds_of(double share)
{
    return share / (1 - share);
}

static double support(double quality)
{
    return quality > 0.5 ? odds_of(quality) : 1;
}

static void find_texts(struct weighing *w)
{
    for (size_t i = 0; i < w->answers->count; i++) {
        const struct task_answers_weighed_row *row = &w->answers->rows[i];
        w->text_of[i] = SIZE_MAX;
        if (row->is_judgement)
            continue;
        w->normal[i] = infer_text_normal(w->arena, row->answer);
        w->text_of[i] = i;
        for (size_t k = 0; k < i && w->text_of[i] == i; k++)
            if (w->text_of[k] == k &&
                infer_text_distance(w->arena, w->normal[k], w->normal[i]) < same)
                w->text_of[i] = k;
        if (w->text_of[i] == i && w->all++ < TEXTS_MAX)
            w->texts[w->text_count++] = i;
    }
}

/* What the writers say, by having written this and nothing else. */
static void weigh_writers(struct weighing *w)
{
    for (size_t i = 0; i < w->answers->count; i++)
        w->odds[i] = w->text_of[i] == i ? odds_of(w->quality[i]) : 1;
    for (size_t i = 0; i < w->answers->count; i++) {
        double more = support(w->quality[i]) - 1;
        for (size_t k = 0; w->text_of[i] != SIZE_MAX && k < w->answers->count; k++) {
            if (w->text_of[k] != k || k == i)
                continue;
            double apart =
                w->text_of[i] == k ? 0 : infer_text_distance(w->arena, w->normal[k], w->normal[i]);
            if (apart < related)
                w->odds[k] *= 1 + (1 - apart / related) * more;
        }
    }
}

enum { NO_TEXT = -1, NOT_THERE = -2 };

/* The number of the text that is picked; NO_TEXT: none is good; NOT_THERE: one that was rejected
   since, or is beyond those that are weighed. */
static int picked_text(const struct weighing *w, const struct task_answers_weighed_row *judgement)
{
    if (judgement->pick.value == 0)
        return NO_TEXT;
    for (size_t i = 0; i < w->answers->count; i++)
        for (unsigned t = 0; t < w->text_count; t++)
            if (w->text_of[i] == w->texts[t] &&
                w->answers->rows[i].task_answer_id.value == judgement->pick.value)
                return (int)t;
    return NOT_THERE;
}

/* Probability of a pick by somebody who takes care, when the texts of the mask `good` are good. */
static double careful_pick(unsigned good, int picked)
{
    if (picked == NO_TEXT)
        return good == 0 ? 1 : 0;
    return good >> picked & 1U ? 1.0 / __builtin_popcount(good) : 0;
}

static double prior_of(const struct weighing *w, unsigned good)
{
    double chance = 1;
    for (unsigned t = 0; t < w->text_count; t++) {
        double odds = w->odds[w->texts[t]];
        chance *= (good >> t & 1U ? odds : 1) / (1 + odds);
    }
    return chance;
}

/* Adds up what each judge's pick and each text's goodness is worth over all that may be. */
static void weigh_judges(const struct weighing *w, const int *picked, double *good_share)
{
    size_t count = w->answers->count;
    double *care = arena_new(w->arena, double, count), total = 0;
    double any = 1.0 / (w->text_count + 1);
    for (unsigned good = 0; good < 1U << w->text_count; good++) {
        double chance = prior_of(w, good);
        for (size_t i = 0; i < count; i++) {
            if (picked[i] == NOT_THERE)
                continue;
            double careful = w->quality[i] * careful_pick(good, picked[i]);
            double pick = careful + (1 - w->quality[i]) * any;
            care[i] = careful / pick;
            chance *= pick;
        }
        total += chance;
        for (unsigned t = 0; t < w->text_count; t++)
            good_share[w->texts[t]] += good >> t & 1U ? chance : 0;
        for (size_t i = 0; i < count; i++)
            if (picked[i] != NOT_THERE)
                good_share[i] += chance * care[i];
    }
    for (size_t i = 0; i < count; i++)
        good_share[i] /= total;
}

struct task_verdict task_weigh_texts(struct arena *arena, const struct task_weighed *answers,
                                     const double *quality)
{
    size_t count = answers->count;
    double *good = arena_new(arena, double, count);
    int *picked = arena_new(arena, int, count);
    struct weighing w = { .arena = arena,
                          .answers = answers,
                          .quality = quality,
                          .normal = arena_new(arena, struct str, count),
                          .text_of = arena_new(arena, size_t, count),
                          .odds = arena_new(arena, double, count) };
    struct task_verdict verdict = { .best = SIZE_MAX, .good = good, .text_of = w.text_of };
    find_texts(&w);
    weigh_writers(&w);
    for (size_t i = 0; i < count; i++) {
        picked[i] = answers->rows[i].is_judgement ? picked_text(&w, &answers->rows[i]) : NOT_THERE;
        verdict.judgements += picked[i] != NOT_THERE;
    }
    weigh_judges(&w, picked, good);
    verdict.texts = w.all;
    for (size_t i = 0; i < count; i++) {
        size_t text = w.text_of[i];
        if (text == i && w.all > TEXTS_MAX && good[i] == 0)
            good[i] = w.odds[i] / (1 + w.odds[i]);
        else if (text != SIZE_MAX)
            good[i] = good[text];
        if (text == i && (verdict.best == SIZE_MAX || good[i] > good[verdict.best]))
            verdict.best = i;
    }
    if (verdict.best != SIZE_MAX)
        verdict.confidence = good[verdict.best];
    return verdict;
}
