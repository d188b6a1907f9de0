/* Which items are settled, how sure one must be of that, and what is asked next.
 *
 * Settled: the posterior reaches the certainty asked for, by enough answers. What is asked for is
 * calibrated by looking back. An item's posterior at the moment it seems settled is a forecast: the
 * label will stay. If the model is right the forecast holds on average whatever comes later
 * (posteriors are martingales), so the share of labels that do not stay,
 *     e = mean over items that ever seemed settled of 1 - P(label then | what is known now),
 * must not exceed the 1 - certainty that was accepted. What is known now grows by itself, since
 * workers become better known, and by controls: items drawn by chance that are asked as often again
 * after they seem settled. Where e is greater, log-odds are too large by the factor
 * logit(1 - e) / logit(certainty), and the bar is raised by its inverse; items below it are opened
 * again. Forecasts are always those at the nominal certainty, so raising the bar does not feed
 * back. e is taken with 20 items that did as promised; of the controls, which are fewer, it is a
 * lower bound (the root of a Poisson count has a deviation of 1/2; 1.6 deviations).
 *
 * Next: the largest doubt (entropy) over 1 + answers and assignments; of the 16 first, for a worker
 * who is known, the largest times the share of the doubt that their answer is expected to take
 * (mutual information of class and answer).
 *
 * Sources: forecasts: A. P. Dawid, "The well-calibrated Bayesian", JASA 77 (1982); asking where it
 * pays: V. S. Sheng, F. Provost & P. G. Ipeirotis, "Get another label?", KDD 2008. The looking
 * back, the bound and the constants were found by trial (docs/decisions). Cost: O(log items) to
 * place an item; a bar that rises opens items at O(log items) each. A worker's gain O(classes²) for
 * each of 16 items, up to 16 classes. Limits: labels that stay may be wrong all the same. Where
 * everybody errs in the same way nothing here can notice; known items (gold) can. With few items
 * (fewer than 50) looking back sees little.
 */
#include "sift/infer/live_inside.h"

#include "base/check.h"
#include "sift/chance/chance.h"

#include <math.h>

enum { LOOKED_AT = 16, CLASSES_FOR_GAIN = 16, ITEMS_AS_PROMISED = 20 };
static const double stretch_most = 4, control_roots = 0.8, doubt_least = 0.1;

/* --- Heaps ------------------------------------------------------------------------------------ */

static bool before(const struct infer_live *live, uint32_t a, uint32_t b)
{
    const struct live_item *x = &live->items[a], *y = &live->items[b];
    if (x->key != y->key)
        return x->key > y->key;
    return x->count != y->count ? x->count < y->count : a < b;
}

static void set(struct infer_live *live, struct live_heap *heap, uint32_t place, uint32_t item)
{
    heap->items[place] = item;
    live->items[item].place = place;
}

static void rise(struct infer_live *live, struct live_heap *heap, uint32_t item)
{
    uint32_t place = live->items[item].place;
    while (place > 0 && before(live, item, heap->items[(place - 1) / 2])) {
        set(live, heap, place, heap->items[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    set(live, heap, place, item);
}

static void sink(struct infer_live *live, struct live_heap *heap, uint32_t item)
{
    uint32_t place = live->items[item].place;
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && before(live, heap->items[child + 1], heap->items[child]))
            child++;
        if (!before(live, heap->items[child], item))
            break;
        set(live, heap, place, heap->items[child]);
        place = child;
    }
    set(live, heap, place, item);
}

/* Everybody who answered the item, or has it, has one open item more (or fewer). */
static void count_open(struct infer_live *live, const struct live_item *item, uint32_t more)
{
    for (uint32_t n = 0; n < item->count; n++)
        live->open[item->given[n].worker] += more;
}

static void leave(struct infer_live *live, uint32_t item)
{
    struct live_item *it = &live->items[item];
    struct live_heap *heap = &live->lists[it->list];
    uint32_t last = heap->items[--heap->count];
    if (last != item) {
        set(live, heap, it->place, last);
        rise(live, heap, last);
        sink(live, heap, last);
    }
    if (it->list == IN_OPEN)
        count_open(live, it, UINT32_MAX); /* one fewer, modulo 2^32 */
    it->list = IN_NO_LIST;
}

static void enter(struct infer_live *live, uint32_t item, enum live_list list)
{
    struct live_item *it = &live->items[item];
    struct live_heap *heap = &live->lists[list];
    it->list = (uint8_t)list;
    set(live, heap, heap->count++, item);
    rise(live, heap, item);
    if (list == IN_OPEN)
        count_open(live, it, 1);
}

/* --- Settled ---------------------------------------------------------------------------------- */

static double logit(double p)
{
    return log(p / (1 - p));
}

/* The share of first labels that do not stay. */
static double not_kept(const struct infer_live *live)
{
    double promised = 1 - live->options.certainty;
    double all =
        (live->doubted + ITEMS_AS_PROMISED * promised) / (live->seemed + ITEMS_AS_PROMISED);
    double root = sqrt(fmax(live->controls_doubted, 0)) - control_roots;
    double of_controls = root > 0 ? root * root / live->controls : 0;
    return fmax(all, of_controls);
}

double infer_live_certainty(const struct infer_live *live)
{
    double certainty = live->options.certainty, e = not_kept(live);
    if (e <= 1 - certainty)
        return certainty;
    double nominal = logit(certainty), reached = logit(1 - e);
    double stretch = reached * stretch_most > nominal ? nominal / reached : stretch_most;
    return 1 / (1 + exp(-nominal * stretch));
}

static bool reaches(const struct infer_live *live, uint32_t item, double certainty)
{
    return live_answers(&live->items[item]) >= live->options.answers_least &&
           live_posterior(live, item)[live_label(live, item)] >= certainty;
}

static bool is_settled(const struct infer_live *live, uint32_t item, double certainty)
{
    return live->items[item].gold != INFER_NOT_GOLD || reaches(live, item, certainty);
}

static bool is_drawn(const struct infer_live *live, uint32_t item)
{
    struct chance chance = { live->options.seed ^ ((uint64_t)item + 1) * 0x9e3779b97f4a7c15 };
    return chance_uniform(&chance) < live->options.control;
}

void live_look_back(struct infer_live *live, uint32_t item)
{
    struct live_item *it = &live->items[item];
    live->doubted -= it->doubted;
    live->controls_doubted -= it->drawn ? it->doubted : 0;
    it->doubted = 0;
    if (it->seemed &&
        (live_answers(it) < live->options.answers_least || it->gold != INFER_NOT_GOLD)) {
        it->seemed = false; /* what it seemed by was withdrawn, or is known */
        live->seemed--;
        live->controls -= it->drawn;
        it->drawn = false;
    } else if (!it->seemed && it->gold == INFER_NOT_GOLD &&
               reaches(live, item, live->options.certainty)) {
        it->seemed = true;
        it->first_label = live_label(live, item);
        it->first_answers = live_answers(it);
        it->drawn = is_drawn(live, item);
        live->seemed++;
        live->controls += it->drawn;
    }
    if (!it->seemed)
        return;
    it->doubted = 1 - live_posterior(live, item)[it->first_label];
    live->doubted += it->doubted;
    live->controls_doubted += it->drawn ? it->doubted : 0;
}

/* --- Which list ------------------------------------------------------------------------------- */

static bool may_be_asked(const struct infer_live *live, const struct live_item *item)
{
    uint32_t most = live->options.answers_most;
    return !item->closed && item->gold == INFER_NOT_GOLD && (most == 0 || item->count < most);
}

static bool is_asked_on(const struct live_item *item)
{
    return item->drawn && item->count / 2 < item->first_answers;
}

static double entropy(const double *p, uint32_t classes)
{
    double sum = 0;
    for (uint32_t k = 0; k < classes; k++)
        sum -= p[k] > 0 ? p[k] * log(p[k]) : 0;
    return sum;
}

/* What one more answer is worth to the item, for nobody in particular. Those below the least number
   of answers and controls are asked although they leave little doubt. */
static double need(const struct infer_live *live, uint32_t item)
{
    double doubt = entropy(live_posterior(live, item), live->options.class_count);
    return fmax(doubt, doubt_least) / (1 + live->items[item].count);
}

static enum live_list list_of(const struct infer_live *live, uint32_t item, double certainty)
{
    const struct live_item *it = &live->items[item];
    bool settled = is_settled(live, item, certainty);
    if (may_be_asked(live, it) && (!settled || is_asked_on(it)))
        return IN_OPEN;
    return settled && it->gold == INFER_NOT_GOLD ? IN_SETTLED : IN_NO_LIST;
}

static void place(struct infer_live *live, uint32_t item, double certainty)
{
    struct live_item *it = &live->items[item];
    enum live_list list = list_of(live, item, certainty);
    if (it->list != IN_NO_LIST)
        leave(live, item);
    if (list == IN_OPEN)
        it->key = need(live, item);
    else
        it->key = 1 - live_posterior(live, item)[live_label(live, item)];
    if (list != IN_NO_LIST)
        enter(live, item, list);
}

void live_place(struct infer_live *live, uint32_t item)
{
    place(live, item, infer_live_certainty(live));
}

void live_reopen(struct infer_live *live)
{
    const struct live_heap *settled = &live->lists[IN_SETTLED];
    double certainty = infer_live_certainty(live);
    while (settled->count > 0 && !is_settled(live, settled->items[0], certainty)) {
        uint32_t before_it = settled->count;
        place(live, settled->items[0], certainty);
        check(settled->count < before_it);
    }
}

/* --- Next ------------------------------------------------------------------------------------- */

/* What is expected of a worker's answers, and how uncertain they are given the class. */
struct habits {
    uint32_t worker; /* INFER_LIVE_NOBODY: nothing is known */
    double likelihood[CLASSES_FOR_GAIN * CLASSES_FOR_GAIN];
    double noise[CLASSES_FOR_GAIN];
};

static void learn_habits(const struct infer_live *live, uint32_t worker, struct habits *habits)
{
    uint32_t classes = live->options.class_count;
    habits->worker = classes > CLASSES_FOR_GAIN ? INFER_LIVE_NOBODY : worker;
    if (habits->worker == INFER_LIVE_NOBODY)
        return;
    for (uint32_t k = 0; k < classes; k++) {
        habits->noise[k] = 0;
        for (uint32_t l = 0; l < classes; l++) {
            double p = live_likelihood(live, worker, l, k);
            habits->likelihood[l * classes + k] = p;
            habits->noise[k] -= p * log(p);
        }
    }
}

/* The mutual information of an item's class and a worker's answer, in nats. */
static double information(const double *p, uint32_t classes, const struct habits *habits)
{
    double gain = 0;
    for (uint32_t l = 0; l < classes; l++) {
        double answer = 0;
        for (uint32_t k = 0; k < classes; k++)
            answer += p[k] * habits->likelihood[l * classes + k];
        gain -= answer * log(answer) + p[l] * habits->noise[l];
    }
    return gain;
}

/* The item's need, times the share of its doubt that this worker's answer is expected to take. */
static double worth(const struct infer_live *live, uint32_t item, const struct habits *habits)
{
    uint32_t classes = live->options.class_count;
    const double *p = live_posterior(live, item);
    double key = live->items[item].key;
    double doubt = habits->worker == INFER_LIVE_NOBODY ? 0 : entropy(p, classes);
    return doubt > 0 ? key * information(p, classes, habits) / doubt : key;
}

static bool has(const struct live_item *item, uint32_t worker)
{
    for (uint32_t n = 0; n < item->count; n++)
        if (item->given[n].worker == worker)
            return true;
    return false;
}

/* The frontier is a heap of places in the open list: those whose parents were passed. */
static void frontier_add(struct infer_live *live, uint32_t *count, uint32_t place)
{
    const uint32_t *items = live->lists[IN_OPEN].items;
    uint32_t at = (*count)++;
    for (; at > 0 && before(live, items[place], items[live->frontier[(at - 1) / 2]]);
         at = (at - 1) / 2)
        live->frontier[at] = live->frontier[(at - 1) / 2];
    live->frontier[at] = place;
}

static uint32_t frontier_take(struct infer_live *live, uint32_t *count)
{
    const uint32_t *items = live->lists[IN_OPEN].items;
    uint32_t first = live->frontier[0], last = live->frontier[--*count], at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= *count)
            break;
        if (child + 1 < *count &&
            before(live, items[live->frontier[child + 1]], items[live->frontier[child]]))
            child++;
        if (!before(live, items[live->frontier[child]], items[last]))
            break;
        live->frontier[at] = live->frontier[child];
        at = child;
    }
    live->frontier[at] = last;
    return first;
}

/* The best of the first that suit. */
static bool search(struct infer_live *live, uint32_t worker, uint32_t *found)
{
    const struct live_heap *open = &live->lists[IN_OPEN];
    uint32_t count = 0, looked_at = 0;
    double best = -INFINITY;
    struct habits habits = { 0 };
    learn_habits(live, worker, &habits);
    if (open->count > 0)
        frontier_add(live, &count, 0);
    while (count > 0 && looked_at < LOOKED_AT) {
        uint32_t at = frontier_take(live, &count), item = open->items[at];
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < open->count; child++)
            frontier_add(live, &count, child);
        if (worker != INFER_LIVE_NOBODY && has(&live->items[item], worker))
            continue;
        double value = worth(live, item, &habits);
        if (value > best) {
            best = value;
            *found = item;
        }
        looked_at++;
    }
    return looked_at > 0;
}

bool infer_live_next(struct infer_live *live, uint32_t worker, uint32_t *item)
{
    check(worker == INFER_LIVE_NOBODY || worker < live->worker_count);
    double certainty = infer_live_certainty(live);
    for (;;) {
        uint32_t count = live->lists[IN_OPEN].count;
        bool none = worker != INFER_LIVE_NOBODY && live->open[worker] == count;
        if (none || !search(live, worker, item))
            return false;
        if (list_of(live, *item, certainty) == IN_OPEN)
            return true;
        place(live, *item, certainty); /* the bar has fallen since it was placed */
    }
}

/* --- Telling ---------------------------------------------------------------------------------- */

const char *infer_live_status_name(enum infer_live_status status)
{
    static const char *const names[] = { "open", "settled", "undecided" };
    check(status < INFER_LIVE_STATUS_COUNT);
    return names[status];
}

struct infer_live_state infer_live_state(const struct infer_live *live, uint32_t item)
{
    check(item < live->item_count);
    const struct live_item *it = &live->items[item];
    double certainty = infer_live_certainty(live);
    bool settled = is_settled(live, item, certainty);
    bool asked = list_of(live, item, certainty) == IN_OPEN;
    uint16_t label = live_label(live, item);
    return (struct infer_live_state){
        .label = label,
        .confidence = live_posterior(live, item)[label],
        .answers = live_answers(it),
        .waiting = it->waiting,
        .status = settled                                   ? INFER_SETTLED
                  : !asked && live_answers(it) == it->count ? INFER_UNDECIDED
                                                            : INFER_OPEN,
        .asked_on = settled && asked,
        .need = asked ? need(live, item) : 0,
    };
}

struct infer_live_summary infer_live_summary(const struct infer_live *live)
{
    struct infer_live_summary sum = { .items = live->item_count,
                                      .answers = live->answer_count,
                                      .certainty = infer_live_certainty(live),
                                      .seemed = live->seemed,
                                      .controls = live->controls };
    for (uint32_t i = 0; i < live->item_count; i++) {
        enum infer_live_status status = infer_live_state(live, i).status;
        sum.open += status == INFER_OPEN;
        sum.settled += status == INFER_SETTLED;
        sum.undecided += status == INFER_UNDECIDED;
    }
    sum.doubted = sum.seemed > 0 ? live->doubted / sum.seemed : 0;
    sum.controls_doubted = sum.controls > 0 ? live->controls_doubted / sum.controls : 0;
    return sum;
}
