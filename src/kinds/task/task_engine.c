/* What is believed of each item, from the answers to it: a mind for each campaign, in memory.
 *
 * A mind keeps nothing that is not in the answers: a server that takes the job over reads them all
 * and goes on. Choices are weighed by the live inference of sift (Dawid–Skene's model, settled from
 * a probability on); texts by their medoid, settled when the others are near it, or by judges
 * (task_texts.c). Workers are compared with what was settled and with controls, writers also with
 * how often they are picked; a 95 % interval says how much is known.
 */
#include "task_engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "sift/infer/medoid.h"
#include "sift/rank/votes.h"
#include "sift/table/table.h"

enum { ANSWERS_MAX = 200, COMPARED_LEAST = 10 };
/* What is believed of a crowd of which nothing is known, and how many answers that is worth. */
static const double crowd_at_first = 0.8, known_of_crowd = 5;
static const double text_agreement = 0.6, text_agreement_least = 0.35;

struct seen_item {
    bool is_settled;
    uint32_t given;
};

struct worker_seen {
    struct person_id person_id;
    uint32_t compared, right;
    uint32_t stood, picked; /* texts among others that judges picked from */
    double by_chance;       /* picks among them if everybody wrote equally well */
    double good;            /* of these texts, those that are good, as far as that is known */
    uint32_t judged;        /* picks of others' texts */
    double careful;         /* of these, made with care, as far as that is known */
    bool is_changed, is_stopped;
};

struct task_mind {
    struct campaign_id campaign_id;
    struct arena *arena;
    struct task_rules_get_row rules;
    struct task_scheme scheme;
    struct infer_live *live;     /* NULL where answers have no labels */
    struct names items, workers; /* by the eight bytes of their ids */
    struct names pairs;          /* of worker and item that were compared */
    struct seen_item *seen;
    struct worker_seen *known;
    uint32_t seen_capacity, known_capacity;
    double crowd; /* see know_crowd */
    /* What was weighed again, and whether anything was learnt since that began. */
    struct task_item_id looked;
    bool has_news;
    int64_t corrected_at; /* what it learnt from was put right then; 0: never */
    struct task_mind *next;
};

static struct str bytes_of(const int64_t *id)
{
    return (struct str){ (const char *)id, sizeof *id };
}

/* Room for one more in an array of the arena. */
static void *grown(struct arena *arena, void *old, uint32_t *capacity, uint32_t count, size_t size)
{
    if (count < *capacity)
        return old;
    uint32_t more = *capacity == 0 ? 64 : 2 * *capacity;
    char *fresh = arena_take(arena, more * size);
    memset(fresh, 0, more * size);
    if (*capacity > 0)
        memcpy(fresh, old, *capacity * size);
    *capacity = more;
    return fresh;
}

static uint32_t item_number(struct task_mind *mind, struct task_item_id id)
{
    uint32_t number = names_number(&mind->items, bytes_of(&id.value));
    mind->seen = grown(mind->arena, mind->seen, &mind->seen_capacity, number, sizeof *mind->seen);
    return number;
}

static uint32_t worker_number(struct task_mind *mind, struct person_id id)
{
    uint32_t number = names_number(&mind->workers, bytes_of(&id.value));
    mind->known =
        grown(mind->arena, mind->known, &mind->known_capacity, number, sizeof *mind->known);
    mind->known[number].person_id = id;
    return number;
}

struct task_mind *task_mind_make(struct campaign_id campaign_id,
                                 const struct task_rules_get_row *rules, struct fault *fault)
{
    struct arena *arena = arena_make();
    struct task_mind *mind = arena_new(arena, struct task_mind, 1);
    *mind = (struct task_mind){ .campaign_id = campaign_id,
                                .arena = arena,
                                .rules = *rules,
                                .items = { .arena = arena },
                                .workers = { .arena = arena },
                                .pairs = { .arena = arena } };
    mind->rules.task_template = str_copy(arena, rules->task_template);
    mind->rules.choices = str_copy(arena, rules->choices);
    mind->rules.form = str_copy(arena, rules->form);
    mind->scheme = task_scheme_of(arena, &mind->rules);
    mind->crowd = crowd_at_first;
    if (task_label_count(&mind->scheme) == 0)
        return mind;
    struct infer_live_options options = {
        .class_count = task_label_count(&mind->scheme),
        .certainty = (double)rules->certainty / 10000,
        .answers_least = (uint32_t)rules->answers_least,
        .answers_most = (uint32_t)rules->answers_most,
        .control = -1, /* what is settled is not paid for again */
        .seed = 1,
    };
    if (infer_live_make(arena, &options, &mind->live, fault))
        return mind;
    arena_free(arena);
    return NULL;
}

void task_mind_free(struct task_mind *mind)
{
    if (mind != NULL)
        arena_free(mind->arena);
}

/* --- Taking answers in ------------------------------------------------------------------------ */

/* Whether it is the first time that this worker is compared with this item. */
static bool is_first(struct task_mind *mind, uint32_t item, uint32_t worker)
{
    const uint32_t pair[2] = { item, worker }, before = mind->pairs.count;
    return names_number(&mind->pairs, (struct str){ (const char *)pair, sizeof pair }) >= before;
}

static void compare(struct task_mind *mind, uint32_t item, uint32_t worker, bool right)
{
    if (!is_first(mind, item, worker))
        return;
    mind->has_news = true;
    mind->known[worker].compared++;
    mind->known[worker].right += right;
    mind->known[worker].is_changed = true;
}

/* A text that stood among others, of which judges picked. */
static void stand(struct task_mind *mind, uint32_t item, uint32_t worker,
                  const struct task_verdict *verdict, size_t answer)
{
    struct worker_seen *w = &mind->known[worker];
    if (!is_first(mind, item, worker))
        return;
    mind->has_news = true;
    if (verdict->text_of[answer] == SIZE_MAX) {
        w->judged++;
        w->careful += verdict->good[answer];
        return;
    }
    w->stood++;
    w->picked += verdict->text_of[answer] == verdict->best;
    w->by_chance += 1 / (double)verdict->texts;
    w->good += verdict->good[answer];
    w->is_changed = true;
}

/* A share of picks as a share of good texts: who writes as well as the others is picked as often as
   by chance. 0 … 1. */
static double as_good(const struct worker_seen *w, double picks)
{
    double share = picks * w->stood / w->by_chance;
    return share < 1 ? share : 1;
}

/* The most that the picks of somebody's texts leave room for, at 95 %. */
static double good_at_most(const struct worker_seen *w)
{
    double low, high;
    rank_wilson_interval((struct rank_tally){ w->picked, w->stood - w->picked }, &low, &high);
    return w->stood > 0 ? as_good(w, high) : 1;
}

/* Texts of somebody's that are good, as far as that is known. */
static double good_texts(const struct worker_seen *w)
{
    double most = good_at_most(w) * w->stood;
    return w->good < most ? w->good : most;
}

/* What is expected of somebody of whom nothing is known: what those who work here are like. */
static void know_crowd(struct task_mind *mind)
{
    double all = known_of_crowd, good = crowd_at_first * all;
    for (uint32_t i = 0; i < mind->workers.count; i++) {
        const struct worker_seen *w = &mind->known[i];
        if (w->is_stopped)
            continue;
        good += w->right + good_texts(w);
        all += w->compared + w->stood;
    }
    mind->crowd = good / all;
}

/* Expected share of good answers, from what is known of somebody and a little of what the crowd is
   like: above 0, below 1. Who was stopped is believed nothing. */
static double quality_of(const struct task_mind *mind, uint32_t worker)
{
    static const double least = 0.05;
    const struct worker_seen *w = &mind->known[worker];
    if (w->is_stopped)
        return least;
    return (known_of_crowd * mind->crowd + w->right + good_texts(w)) /
           (known_of_crowd + w->compared + w->stood);
}

/* The same of picks: it begins with what is known of the person otherwise. */
static double care_of(const struct task_mind *mind, uint32_t worker)
{
    static const double known = 5;
    const struct worker_seen *w = &mind->known[worker];
    return (known * quality_of(mind, worker) + w->careful) / (known + w->judged);
}

static void feed_choices(struct task_mind *mind, struct arena *arena, uint32_t item,
                         const struct task_weighed *answers)
{
    struct fault fault = { 0 };
    for (size_t i = 0; i < answers->count; i++) {
        uint32_t worker = worker_number(mind, answers->rows[i].person_id);
        uint16_t label = task_label(arena, &mind->scheme, answers->rows[i].answer);
        if (label != UINT16_MAX &&
            infer_live_grow(mind->live, mind->items.count, mind->workers.count, &fault))
            infer_live_answer(mind->live, item, worker, label);
    }
}

/* A control's answers say nothing new about it, but something about the workers. */
static void feed_control(struct task_mind *mind, struct arena *arena,
                         const struct task_judged *judged, uint32_t item,
                         const struct task_weighed *answers)
{
    struct fault fault = { 0 };
    for (size_t i = 0; i < answers->count; i++)
        compare(mind, item, worker_number(mind, answers->rows[i].person_id),
                task_answer_matches(arena, &mind->scheme, judged->known_answer,
                                    answers->rows[i].answer));
    if (mind->live == NULL)
        return;
    feed_choices(mind, arena, item, answers);
    /* What is known of a form may be but some of its fields: then no one answer is the right one.
     */
    uint16_t truth = task_known_label(arena, &mind->scheme, judged->known_answer);
    if (truth != UINT16_MAX &&
        infer_live_grow(mind->live, mind->items.count, mind->workers.count, &fault))
        infer_live_gold(mind->live, item, truth);
}

/* --- Judging ---------------------------------------------------------------------------------- */

struct texts {
    struct arena *arena;
    const struct str *normal;
};

static double text_distance(size_t a, size_t b, void *context)
{
    const struct texts *t = context;
    return infer_text_distance(t->arena, t->normal[a], t->normal[b]);
}

/* The text in the middle, and how near the others are to it. */
static size_t judge_texts(struct arena *arena, const struct task_weighed *answers,
                          double *agreement)
{
    size_t count = answers->count;
    uint32_t *item = arena_new(arena, uint32_t, count), *worker = arena_new(arena, uint32_t, count);
    struct str *normal = arena_new(arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        normal[i] = infer_text_normal(arena, answers->rows[i].answer);
        worker[i] = (uint32_t)i;
    }
    struct texts texts = { arena, normal };
    struct infer_medoids found =
        infer_medoids(arena, count, item, worker, 1, (uint32_t)count, text_distance, &texts);
    *agreement = count > 1 ? found.agreement[0] : 0;
    return found.chosen[0];
}

/* The answer that was given and is most probable: of a form, with its texts. */
static size_t most_probable(const struct task_mind *mind, struct arena *arena, uint32_t item,
                            const struct task_weighed *answers)
{
    const double *posterior = infer_live_posterior(mind->live, item);
    size_t best = 0;
    double most = -1;
    for (size_t i = 0; i < answers->count; i++) {
        uint16_t label = task_label(arena, &mind->scheme, answers->rows[i].answer);
        double chance = label == UINT16_MAX ? 0 : posterior[label];
        if (chance > most) {
            most = chance;
            best = i;
        }
    }
    return best;
}

static void conclude(const struct task_mind *mind, struct task_judged *judged, bool sure, bool fair)
{
    const struct task_rules_get_row *rules = &mind->rules;
    bool is_fixed = rules->answers_least == rules->answers_most;
    int64_t given = judged->given;
    if (given >= rules->answers_least && (sure || (is_fixed && given >= rules->answers_most)))
        judged->item_state = S("settled");
    else if (given >= rules->answers_most)
        judged->item_state = fair ? S("settled") : S("undecided");
    else
        judged->item_state = S("open");
    judged->more = str_equal(judged->item_state, S("open")) && given >= judged->wanted;
}

/* What was settled stays so until there is three times as much doubt: few answers, more or fewer,
   always change something. */
static double doubt_allowed(const struct task_mind *mind, const struct task_judged *judged)
{
    static const double stays = 3, ends = 0.5;
    double doubt = 1 - (double)mind->rules.certainty / 10000;
    if (!str_equal(judged->from_state, S("settled")))
        return doubt;
    return stays * doubt < ends ? stays * doubt : ends;
}

/* Texts of which somebody else picks the best. Where even the best is rather bad, or there is none,
   another one is written first. */
static void judge_by_picks(struct task_mind *mind, struct arena *arena, struct task_judged *judged,
                           uint32_t item, const struct task_weighed *answers)
{
    double *quality = arena_new(arena, double, answers->count);
    for (size_t i = 0; i < answers->count; i++) {
        uint32_t worker = worker_number(mind, answers->rows[i].person_id);
        quality[i] =
            answers->rows[i].is_judgement ? care_of(mind, worker) : quality_of(mind, worker);
    }
    struct task_verdict verdict = task_weigh_texts(arena, answers, quality);
    if (verdict.best != SIZE_MAX) {
        judged->answer = answers->rows[verdict.best].answer;
        judged->caption = answers->rows[verdict.best].caption;
    }
    judged->confidence = verdict.confidence;
    judged->need = 1 - verdict.confidence;
    judged->judging = verdict.confidence >= 0.5;
    conclude(mind, judged, 1 - verdict.confidence <= doubt_allowed(mind, judged),
             verdict.confidence >= 0.5);
    if (!str_equal(judged->item_state, S("settled")) || verdict.judgements == 0)
        return;
    for (size_t i = 0; i < answers->count; i++)
        stand(mind, item, worker_number(mind, answers->rows[i].person_id), &verdict, i);
}

static void judge(struct task_mind *mind, struct arena *arena, struct task_judged *judged,
                  uint32_t item, const struct task_weighed *answers)
{
    judged->answer = judged->caption = S("");
    judged->confidence = judged->need = 0;
    if (answers->count == 0) {
        conclude(mind, judged, false, false);
        return;
    }
    if (mind->rules.judges) {
        judge_by_picks(mind, arena, judged, item, answers);
        return;
    }
    if (task_agrees(&mind->scheme)) {
        struct task_agreed agreed = task_agree(arena, &mind->scheme, answers->rows, answers->count);
        judged->answer = answers->rows[agreed.chosen].answer;
        judged->confidence = agreed.agreement;
        judged->need = 1 - agreed.agreement;
        conclude(mind, judged, agreed.sure, agreed.fair);
        return;
    }
    if (mind->live == NULL) {
        double agreement;
        size_t chosen = judge_texts(arena, answers, &agreement);
        judged->answer = answers->rows[chosen].answer;
        judged->caption = answers->rows[chosen].caption;
        judged->confidence = agreement;
        judged->need = 1 - agreement;
        conclude(mind, judged, agreement >= text_agreement, agreement >= text_agreement_least);
        return;
    }
    struct infer_live_state state = infer_live_state(mind->live, item);
    judged->answer = mind->scheme.template == TASK_CHOOSE
                         ? mind->scheme.choices[state.label]
                         : answers->rows[most_probable(mind, arena, item, answers)].answer;
    judged->confidence = state.confidence;
    judged->need = state.need > 1 ? 1 : state.need;
    conclude(mind, judged, state.status == INFER_SETTLED, false);
}

/* Those who answered a settled item are compared with it, once. */
static void compare_with(struct task_mind *mind, struct arena *arena,
                         const struct task_judged *judged, uint32_t item,
                         const struct task_weighed *answers)
{
    if (!str_equal(judged->item_state, S("settled")) || answers->count < 2 || mind->rules.judges)
        return;
    for (size_t i = 0; i < answers->count; i++)
        compare(mind, item, worker_number(mind, answers->rows[i].person_id),
                task_answer_matches(arena, &mind->scheme, judged->answer, answers->rows[i].answer));
}

void task_mind_weigh(struct task_mind *mind, struct arena *arena, struct task_judged *judged,
                     const struct task_weighed *answers)
{
    uint32_t item = item_number(mind, judged->task_item_id);
    if (judged->is_control) {
        feed_control(mind, arena, judged, item, answers);
        return;
    }
    if (mind->live != NULL) {
        struct fault fault = { 0 };
        if (infer_live_grow(mind->live, mind->items.count, mind->workers.count, &fault))
            feed_choices(mind, arena, item, answers);
    }
    judge(mind, arena, judged, item, answers);
    compare_with(mind, arena, judged, item, answers);
    mind->seen[item].given = (uint32_t)answers->count;
    mind->seen[item].is_settled = !str_equal(judged->item_state, S("open"));
}

bool task_mind_looks_again(const struct task_mind *mind, struct task_item_id *after)
{
    *after = mind->looked;
    return mind->rules.judges && (mind->has_news || mind->looked.value != 0);
}

void task_mind_looked(struct task_mind *mind, struct task_item_id last)
{
    if (mind->looked.value == 0)
        mind->has_news = false;
    mind->looked = last;
}

bool task_mind_next_changed(struct task_mind *mind, uint32_t *from, struct task_item_id *id)
{
    for (; mind->live != NULL && *from < mind->items.count; ++*from) {
        const struct seen_item *seen = &mind->seen[*from];
        if (seen->is_settled || seen->given < (uint32_t)mind->rules.answers_least ||
            infer_live_state(mind->live, *from).status != INFER_SETTLED)
            continue;
        memcpy(&id->value, mind->items.all[(*from)++].data, sizeof id->value);
        return true;
    }
    return false;
}

/* What was right or wrong, and what was picked or not, are each enough. */
static bool is_surely_below(const struct task_mind *mind, const struct worker_seen *w)
{
    double low, high, bar = (double)mind->rules.quality_least / 100;
    rank_wilson_interval((struct rank_tally){ w->right, w->compared - w->right }, &low, &high);
    if (w->compared >= COMPARED_LEAST && high < bar)
        return true;
    return w->stood >= COMPARED_LEAST && good_at_most(w) < bar;
}

bool task_mind_next_worker(struct task_mind *mind, uint32_t *from, struct task_rated *rated)
{
    if (*from == 0)
        know_crowd(mind);
    while (*from < mind->workers.count && !mind->known[*from].is_changed)
        ++*from;
    if (*from >= mind->workers.count)
        return false;
    struct worker_seen *w = &mind->known[(*from)++];
    w->is_changed = false;
    *rated = (struct task_rated){ .person_id = w->person_id,
                                  .compared = w->compared + w->stood,
                                  .right = w->right + (uint32_t)(good_texts(w) + 0.5) };
    rated->quality = (double)rated->right / rated->compared;
    rank_wilson_interval((struct rank_tally){ rated->right, rated->compared - rated->right },
                         &rated->low, &rated->high);
    rated->is_below = is_surely_below(mind, w);
    rated->is_stopped = !w->is_stopped && rated->is_below;
    w->is_stopped |= rated->is_stopped;
    return true;
}

/* --- All minds -------------------------------------------------------------------------------- */

struct task_minds {
    struct task_mind *first;
};

struct task_minds *task_minds_make(void)
{
    struct task_minds *minds = calloc(1, sizeof *minds);
    check(minds != NULL);
    return minds;
}

void task_minds_free(struct task_minds *minds)
{
    if (minds == NULL)
        return;
    for (struct task_mind *mind = minds->first, *next; mind != NULL; mind = next) {
        next = mind->next;
        task_mind_free(mind);
    }
    free(minds);
}

struct task_mind *task_minds_find(struct task_minds *minds, struct campaign_id campaign_id,
                                  int64_t corrected_at)
{
    for (struct task_mind *mind = minds->first; mind != NULL; mind = mind->next)
        if (mind->campaign_id.value == campaign_id.value) {
            if (mind->corrected_at == corrected_at)
                return mind;
            task_minds_drop(minds, campaign_id);
            return NULL;
        }
    return NULL;
}

void task_minds_add(struct task_minds *minds, struct task_mind *mind, int64_t corrected_at)
{
    mind->corrected_at = corrected_at;
    mind->next = minds->first;
    minds->first = mind;
}

void task_minds_drop(struct task_minds *minds, struct campaign_id campaign_id)
{
    for (struct task_mind **at = &minds->first; *at != NULL; at = &(*at)->next)
        if ((*at)->campaign_id.value == campaign_id.value) {
            struct task_mind *gone = *at;
            *at = gone->next;
            task_mind_free(gone);
            return;
        }
}
