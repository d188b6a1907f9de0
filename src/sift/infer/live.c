/* What is believed while answers come in: Dawid and Skene's model with a crowd behind the workers,
 * by incremental EM.
 *
 * Model: worker w gives answer l to an item of class k with a probability pi[w][l][k]; each
 * worker's column over l is drawn from a Dirichlet distribution around the crowd's, which is
 * learned as well. Its strength is 3 answers, so a new worker is taken to be like the others and
 * soon to be themselves. The crowd's column counts a worker's answers by how many tables they fill
 * in a Chinese restaurant, a · ln(1 + n / a): each of many workers matters, and nobody matters more
 * by having answered more. That itself begins with 20 answers of which the right one is five times
 * as frequent as any other.
 *
 * An answer takes the item's posterior out of the soft counts of its workers and of the crowd,
 * computes it anew from what these say without it, and adds it again: the E and the M step of one
 * item. Then the same is done for one other item in turn, so that what was believed early is looked
 * at again once for as many answers as there are items.
 *
 * Sources: A. P. Dawid & A. M. Skene, Applied Statistics 28 (1979); R. M. Neal & G. E. Hinton, "A
 * view of the EM algorithm that justifies incremental, sparse, and other variants", in Learning in
 * Graphical Models (1998); the hierarchy: B. Carpenter, "Multilevel Bayesian models of categorical
 * data annotation" (2008); tables: Y. W. Teh, "A hierarchical Bayesian language model based on
 * Pitman–Yor processes", ACL 2006 (there for language).
 * Cost: O(answers to the item × classes) an answer, as much for the one that is looked at again;
 * a refresh O(answers × classes) a pass. Memory: workers × classes² + items × classes doubles, 8
 * bytes an answer.
 * Limits: as all of this family, it takes errors to be independent given the class; live_next.c
 * finds out by looking back where that makes it too sure.
 */
#include "sift/infer/live_inside.h"

#include "base/arena.h"
#include "base/check.h"

#include <math.h>
#include <string.h>

enum { NUMBERS_MAX = 1 << 28, ROOM_LEAST = 16, SAFE_FACTORS = 16, PASSES = 100 };
static const double worker_strength = 3, crowd_strength = 10, right_to_wrong = 5;
/* Probabilities below this are none: they would cost time and tell nothing. */
static const double posterior_least = 1e-10;

/* --- Memory ----------------------------------------------------------------------------------- */

/* A larger array with what was in the smaller one; the smaller one is lost, which is less than what
   is kept, since rooms double. */
static void *enlarge(struct arena *arena, const void *old, size_t size, size_t count, size_t room)
{
    char *fresh = arena_take_array(arena, size, room);
    if (count > 0)
        memcpy(fresh, old, size * count);
    return fresh;
}

static uint32_t room_for(uint32_t wanted, uint32_t room)
{
    if (room < ROOM_LEAST)
        room = ROOM_LEAST;
    while (room < wanted)
        room *= 2;
    return room;
}

static void enlarge_items(struct infer_live *live, uint32_t wanted)
{
    uint32_t room = room_for(wanted, live->item_room), count = live->item_count;
    size_t classes = live->options.class_count;
    if (room == live->item_room)
        return;
    live->items = enlarge(live->arena, live->items, sizeof *live->items, count, room);
    live->posterior =
        enlarge(live->arena, live->posterior, classes * sizeof *live->posterior, count, room);
    for (int l = IN_OPEN; l <= IN_SETTLED; l++)
        live->lists[l].items = enlarge(live->arena, live->lists[l].items, sizeof(uint32_t),
                                       live->lists[l].count, room);
    live->frontier = arena_new(live->arena, uint32_t, room);
    live->item_room = room;
}

static void enlarge_workers(struct infer_live *live, uint32_t wanted)
{
    uint32_t room = room_for(wanted, live->worker_room), count = live->worker_count;
    size_t classes = live->options.class_count;
    if (room == live->worker_room)
        return;
    live->counts =
        enlarge(live->arena, live->counts, classes * classes * sizeof(double), count, room);
    live->columns = enlarge(live->arena, live->columns, classes * sizeof(double), count, room);
    live->open = enlarge(live->arena, live->open, sizeof *live->open, count, room);
    live->worker_room = room;
}

bool infer_live_grow(struct infer_live *live, uint32_t items, uint32_t workers, struct fault *fault)
{
    double classes = live->options.class_count;
    if (items * classes > NUMBERS_MAX || workers * classes * classes > NUMBERS_MAX)
        return fault_set(fault, FAULT_REFUSED,
                         "%u items and %u workers with %u classes are more than fit into memory",
                         items, workers, live->options.class_count);
    if (workers > live->worker_count) {
        enlarge_workers(live, workers);
        live->worker_count = workers;
    }
    if (items > live->item_count)
        enlarge_items(live, items);
    while (live->item_count < items) {
        uint32_t i = live->item_count++;
        live->items[i].gold = INFER_NOT_GOLD;
        for (uint32_t k = 0; k < live->options.class_count; k++)
            live_posterior(live, i)[k] = 1 / classes;
        live_place(live, i);
    }
    return true;
}

bool infer_live_make(struct arena *arena, const struct infer_live_options *options,
                     struct infer_live **live, struct fault *fault)
{
    uint32_t classes = options->class_count;
    if (classes == 0 || classes > INFER_LIVE_CLASSES_MAX)
        return fault_set(fault, FAULT_REFUSED, "there must be 1 to %d classes, not %u",
                         INFER_LIVE_CLASSES_MAX, classes);
    if (!(options->certainty > 0.5 && options->certainty < 1))
        return fault_set(fault, FAULT_REFUSED, "certainty is above 0.5 and below 1, not %g",
                         options->certainty);
    struct infer_live *l = *live = arena_new(arena, struct infer_live, 1);
    l->arena = arena;
    l->options = *options;
    if (l->options.answers_least == 0)
        l->options.answers_least = 3;
    if (l->options.control == 0)
        l->options.control = 0.05;
    l->crowd = arena_new(arena, double, (size_t)classes *classes);
    l->crowd_columns = arena_new(arena, double, classes);
    l->totals = arena_new(arena, double, classes);
    l->scratch = arena_new(arena, double, 2 * (size_t)classes);
    return true;
}

static struct given *take_room(struct infer_live *live, uint8_t room)
{
    struct given *found = live->free[room];
    if (found == NULL)
        return arena_new(live->arena, struct given, (size_t)2 << room);
    memcpy(&live->free[room], found, sizeof live->free[room]);
    return found;
}

static void give_room(struct infer_live *live, struct given *given, uint8_t room)
{
    memcpy(given, &live->free[room], sizeof live->free[room]);
    live->free[room] = given;
}

/* --- Counts ----------------------------------------------------------------------------------- */

static double right_share(uint32_t classes)
{
    return right_to_wrong / (right_to_wrong + classes - 1);
}

/* Tables that n answers fill. */
static double tables(double n, double strength)
{
    return n > 0 ? strength * log1p(n / strength) : 0;
}

/* Adds `sign` times the item's posterior to the counts of those who answered it. */
static void count_item(struct infer_live *live, uint32_t item, double sign)
{
    const struct live_item *it = &live->items[item];
    const double *p = live_posterior(live, item);
    uint32_t classes = live->options.class_count;
    double right = right_share(classes);
    if (live_answers(it) == 0 && it->gold == INFER_NOT_GOLD)
        return;
    for (uint32_t k = 0; k < classes; k++)
        live->totals[k] += sign * p[k];
    for (uint32_t n = 0; n < it->count; n++) {
        struct given g = it->given[n];
        if (g.label == INFER_WAITING)
            continue;
        double *counts = live->counts + ((size_t)g.worker * classes + g.label) * classes;
        double *columns = live->columns + (size_t)g.worker * classes;
        for (uint32_t k = 0; k < classes; k++) {
            if (p[k] == 0)
                continue;
            double strength = worker_strength * (g.label == k ? right : right / right_to_wrong);
            double before = tables(counts[k], strength);
            counts[k] += sign * p[k];
            columns[k] += sign * p[k];
            double added = tables(counts[k], strength) - before;
            live->crowd[g.label * classes + k] += added;
            live->crowd_columns[k] += added;
        }
    }
}

double live_likelihood(const struct infer_live *live, uint32_t worker, uint32_t answer,
                       uint32_t truth)
{
    uint32_t classes = live->options.class_count;
    double share = right_share(classes) / (answer == truth ? 1 : right_to_wrong);
    double crowd = (live->crowd[answer * classes + truth] + crowd_strength * classes * share) /
                   (live->crowd_columns[truth] + crowd_strength * classes);
    size_t column = (size_t)worker * classes;
    return (live->counts[(column + answer) * classes + truth] + worker_strength * crowd) /
           (live->columns[column + truth] + worker_strength);
}

/* --- Posteriors ------------------------------------------------------------------------------- */

/* Divides by the largest. */
static void scale(double *p, uint32_t count)
{
    double most = 0;
    for (uint32_t k = 0; k < count; k++)
        most = fmax(most, p[k]);
    for (uint32_t k = 0; k < count; k++)
        p[k] /= most;
}

static void normalise_live(double *p, uint32_t count)
{
    double sum = 0;
    scale(p, count);
    for (uint32_t k = 0; k < count; k++) {
        p[k] = p[k] < posterior_least ? 0 : p[k];
        sum += p[k];
    }
    for (uint32_t k = 0; k < count; k++)
        p[k] /= sum;
}

/* An item's posterior from counts that it is not in. */
static void believe(struct infer_live *live, uint32_t item)
{
    const struct live_item *it = &live->items[item];
    uint32_t classes = live->options.class_count;
    double *p = live_posterior(live, item);
    if (it->gold != INFER_NOT_GOLD) {
        for (uint32_t k = 0; k < classes; k++)
            p[k] = k == it->gold;
        return;
    }
    bool none = live_answers(it) == 0;
    for (uint32_t k = 0; k < classes; k++)
        p[k] = none ? 1 : live->totals[k] + 1;
    for (uint32_t n = 0; n < it->count; n++) {
        struct given g = it->given[n];
        if (g.label == INFER_WAITING)
            continue;
        for (uint32_t k = 0; k < classes; k++)
            p[k] *= live_likelihood(live, g.worker, g.label, k);
        if (n % SAFE_FACTORS == SAFE_FACTORS - 1)
            scale(p, classes);
    }
    normalise_live(p, classes);
}

/* Computes an item's belief anew; its answers may change between the two halves. */
static void forget(struct infer_live *live, uint32_t item)
{
    count_item(live, item, -1);
}
static void learn(struct infer_live *live, uint32_t item)
{
    believe(live, item);
    count_item(live, item, 1);
    live_look_back(live, item);
    live_place(live, item);
}

/* --- Answers ---------------------------------------------------------------------------------- */

static uint32_t find(const struct live_item *item, uint32_t worker)
{
    uint32_t n = 0;
    while (n < item->count && item->given[n].worker != worker)
        n++;
    return n;
}

static void put(struct infer_live *live, struct live_item *item, struct given given)
{
    if (item->given == NULL) {
        item->given = take_room(live, item->room);
    } else if (item->count == 2U << item->room) {
        struct given *larger = take_room(live, item->room + 1);
        memcpy(larger, item->given, item->count * sizeof *larger);
        give_room(live, item->given, item->room++);
        item->given = larger;
    }
    item->given[item->count++] = given;
    live->open[given.worker] += item->list == IN_OPEN;
}

static void drop(struct infer_live *live, struct live_item *item, uint32_t n)
{
    live->open[item->given[n].worker] -= item->list == IN_OPEN;
    memmove(item->given + n, item->given + n + 1, (--item->count - n) * sizeof *item->given);
    if (item->count == 0) {
        give_room(live, item->given, item->room);
        item->given = NULL;
        item->room = 0;
    }
}

static struct live_item *known(const struct infer_live *live, uint32_t item, uint32_t worker)
{
    check(item < live->item_count && worker < live->worker_count);
    return &live->items[item];
}

static void look_again(struct infer_live *live)
{
    uint32_t i = live->cursor = (live->cursor + 1) % live->item_count;
    if (live_answers(&live->items[i]) > 0) {
        forget(live, i);
        learn(live, i);
    }
}

void infer_live_answer(struct infer_live *live, uint32_t item, uint32_t worker, uint16_t label)
{
    struct live_item *it = known(live, item, worker);
    check(label < live->options.class_count);
    uint32_t n = find(it, worker);
    forget(live, item);
    if (n == it->count) {
        put(live, it, (struct given){ worker, label });
        live->answer_count++;
    } else {
        live->answer_count += it->given[n].label == INFER_WAITING;
        it->waiting -= it->given[n].label == INFER_WAITING;
        it->given[n].label = label;
    }
    learn(live, item);
    look_again(live);
    live_reopen(live);
}

void infer_live_assign(struct infer_live *live, uint32_t item, uint32_t worker)
{
    struct live_item *it = known(live, item, worker);
    if (find(it, worker) < it->count)
        return;
    put(live, it, (struct given){ worker, INFER_WAITING });
    it->waiting++;
    live_place(live, item);
}

void infer_live_withdraw(struct infer_live *live, uint32_t item, uint32_t worker)
{
    struct live_item *it = known(live, item, worker);
    uint32_t n = find(it, worker);
    if (n == it->count)
        return;
    forget(live, item);
    it->waiting -= it->given[n].label == INFER_WAITING;
    live->answer_count -= it->given[n].label != INFER_WAITING;
    drop(live, it, n);
    learn(live, item);
    live_reopen(live);
}

void infer_live_gold(struct infer_live *live, uint32_t item, uint16_t class)
{
    check(item < live->item_count);
    check(class < live->options.class_count || class == INFER_NOT_GOLD);
    forget(live, item);
    live->items[item].gold = class;
    learn(live, item);
    live_reopen(live);
}

void infer_live_close(struct infer_live *live, uint32_t item, bool closed)
{
    check(item < live->item_count);
    live->items[item].closed = closed;
    live_place(live, item);
}

/* --- Telling ---------------------------------------------------------------------------------- */

uint16_t live_label(const struct infer_live *live, uint32_t item)
{
    const double *p = live_posterior(live, item);
    uint32_t best = 0;
    for (uint32_t k = 1; k < live->options.class_count; k++)
        if (p[k] > p[best])
            best = k;
    return (uint16_t)best;
}

const double *infer_live_posterior(const struct infer_live *live, uint32_t item)
{
    check(item < live->item_count);
    return live_posterior(live, item);
}

double infer_live_quality(const struct infer_live *live, uint32_t worker)
{
    check(worker < live->worker_count);
    double quality = 0, all = 0;
    for (uint32_t k = 0; k < live->options.class_count; k++) {
        quality += (live->totals[k] + 1) * live_likelihood(live, worker, k, k);
        all += live->totals[k] + 1;
    }
    return quality / all;
}

/* --- Anew ------------------------------------------------------------------------------------- */

static void forget_all(struct infer_live *live)
{
    size_t classes = live->options.class_count, workers = live->worker_count;
    if (workers > 0) {
        memset(live->counts, 0, workers * classes * classes * sizeof *live->counts);
        memset(live->columns, 0, workers * classes * sizeof *live->columns);
    }
    memset(live->crowd, 0, classes * classes * sizeof *live->crowd);
    memset(live->crowd_columns, 0, classes * sizeof *live->crowd_columns);
    memset(live->totals, 0, classes * sizeof *live->totals);
}

/* The shares of an item's answers. */
static void start(struct infer_live *live, uint32_t item)
{
    const struct live_item *it = &live->items[item];
    uint32_t classes = live->options.class_count;
    double *p = live_posterior(live, item);
    bool none = live_answers(it) == 0;
    for (uint32_t k = 0; k < classes; k++)
        p[k] = it->gold != INFER_NOT_GOLD ? k == it->gold : none;
    for (uint32_t n = 0; n < it->count && it->gold == INFER_NOT_GOLD; n++)
        if (it->given[n].label != INFER_WAITING)
            p[it->given[n].label]++;
    normalise_live(p, classes);
    count_item(live, item, 1);
}

/* Looks at every item again; returns by how much the posterior moved that moved most. */
static double pass(struct infer_live *live)
{
    uint32_t classes = live->options.class_count;
    double moved = 0, *before = live->scratch;
    for (uint32_t i = 0; i < live->item_count; i++) {
        if (live_answers(&live->items[i]) == 0)
            continue;
        double *p = live_posterior(live, i);
        memcpy(before, p, classes * sizeof *p);
        forget(live, i);
        believe(live, i);
        count_item(live, i, 1);
        for (uint32_t k = 0; k < classes; k++)
            moved = fmax(moved, fabs(p[k] - before[k]));
    }
    return moved;
}

unsigned infer_live_refresh(struct infer_live *live, unsigned passes_most, double tolerance)
{
    unsigned passes = 0, most = passes_most == 0 ? PASSES : passes_most;
    double moved = INFINITY, wanted = tolerance == 0 ? 1e-6 : tolerance;
    forget_all(live);
    for (uint32_t i = 0; i < live->item_count; i++)
        start(live, i);
    for (; passes < most && moved > wanted; passes++)
        moved = pass(live);
    for (uint32_t i = 0; i < live->item_count; i++) {
        live_look_back(live, i);
        live_place(live, i);
    }
    live_reopen(live);
    return passes;
}
