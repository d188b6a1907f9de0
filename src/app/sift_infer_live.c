/* manyhands infer --status, --next, --replay: answers taken one after another, as a server takes
 * them.
 */
#include "app/sift_infer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"

static struct infer_live *begin(struct arena *arena, const struct request_to_infer *r,
                                uint32_t items, uint32_t workers, uint32_t classes, uint64_t seed)
{
    struct infer_live_options options = { .class_count = classes,
                                          .certainty = r->certainty,
                                          .answers_least = (uint32_t)r->least,
                                          .answers_most = (uint32_t)r->most,
                                          .control = r->control > 0 ? r->control : -1,
                                          .seed = seed };
    struct infer_live *live;
    struct fault fault = { 0 };
    if (infer_live_make(arena, &options, &live, &fault) &&
        infer_live_grow(live, items, workers, &fault))
        return live;
    complain("%s: %s", r->path, fault.detail);
    return NULL;
}

/* --- As things stand -------------------------------------------------------------------------- */

struct row {
    uint32_t item; /* as numbered in the sheet */
    uint32_t place;
    struct infer_live_state state;
};

static int by_need(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->state.need != y->state.need)
        return x->state.need > y->state.need ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static void write_row(const struct sheet *sheet, const struct order *order, const struct row *row)
{
    table_write_cell(stdout, sheet->items.all[row->item]);
    putchar(',');
    if (row->state.answers > 0)
        table_write_cell(stdout, order->label_names[row->state.label]);
    printf(",%.6g,%u,%s\n", row->state.confidence, row->state.answers,
           infer_live_status_name(row->state.status));
}

static struct row row_of(const struct sheet *sheet, const struct order *order,
                         const struct infer_live *live, uint32_t item)
{
    return (struct row){ item, order->item[item], infer_live_state(live, order->item[item]) };
}

static void write_all(const struct sheet *sheet, const struct order *order,
                      const struct infer_live *live, const struct request_to_infer *r)
{
    bool next = strcmp(r->live, "next") == 0;
    uint32_t items = sheet->items.count;
    struct row *rows = arena_new(sheet->arena, struct row, items);
    for (uint32_t i = 0; i < items; i++)
        rows[i] = row_of(sheet, order, live, i);
    if (next)
        qsort(rows, items, sizeof *rows, by_need);
    for (uint32_t i = 0; i < items && !(next && (i >= r->wanted || rows[i].state.need == 0)); i++)
        write_row(sheet, order, &rows[i]);
}

/* What one worker is best asked, one after another. */
static void write_next_for(const struct sheet *sheet, const struct order *order,
                           struct infer_live *live, const struct request_to_infer *r,
                           uint32_t worker)
{
    uint32_t *number = arena_new(sheet->arena, uint32_t, sheet->items.count), place;
    for (uint32_t i = 0; i < sheet->items.count; i++)
        number[order->item[i]] = i;
    for (int64_t n = 0; n < r->wanted && infer_live_next(live, worker, &place); n++) {
        struct row row = row_of(sheet, order, live, number[place]);
        write_row(sheet, order, &row);
        infer_live_assign(live, place, worker);
    }
}

static void write_summary(const struct infer_live *live, const struct request_to_infer *r)
{
    struct infer_live_summary sum = infer_live_summary(live);
    fprintf(stderr, "%u settled, %u open, %u undecided; %.2f answers an item\n", sum.settled,
            sum.open, sum.undecided, (double)sum.answers / sum.items);
    if (sum.seemed > 0)
        fprintf(stderr,
                "of %u labels that seemed %.4g sure, %.2f %% are in doubt now; %.4g is asked for\n",
                sum.seemed, r->certainty, 100 * sum.doubted, sum.certainty);
}

static int stand(const struct sheet *sheet, const struct order *order,
                 const struct request_to_infer *r, const uint16_t *gold)
{
    uint32_t worker = INFER_LIVE_NOBODY;
    if (r->of_worker != NULL) {
        worker = names_find(&sheet->workers, str_from(r->of_worker));
        if (worker == NAMES_NONE)
            return complain("%s: there is no worker \"%s\"", r->path, r->of_worker);
    }
    struct infer_live *live = begin(sheet->arena, r, sheet->items.count, sheet->workers.count,
                                    sheet->labels.count, (uint64_t)r->seed);
    if (live == NULL)
        return 1;
    for (uint32_t i = 0; gold != NULL && i < sheet->items.count; i++)
        infer_live_gold(live, i, gold[i]);
    for (size_t a = 0; a < sheet->count; a++)
        infer_live_answer(live, order->item[sheet->item[a]], order->worker[sheet->worker[a]],
                          (uint16_t)order->label[sheet->label[a]]);
    infer_live_refresh(live, 0, 0);
    puts("item,label,confidence,answers,status");
    if (r->of_worker != NULL)
        write_next_for(sheet, order, live, r, order->worker[worker]);
    else
        write_all(sheet, order, live, r);
    write_summary(live, r);
    return fflush(stdout) == 0 ? 0 : complain("standard output: %s", strerror(errno));
}

/* --- Replay ----------------------------------------------------------------------------------- */

/* Mean and standard deviation of what is reported. */
struct figure {
    double sum, squares;
    unsigned count;
};

static void add(struct figure *f, double value)
{
    f->sum += value;
    f->squares += value * value;
    f->count++;
}

static double mean(struct figure f)
{
    return f.sum / f.count;
}

static double deviation(struct figure f)
{
    double left = f.squares - f.sum * f.sum / f.count;
    return f.count > 1 ? sqrt(fmax(left, 0) / (f.count - 1)) : 0;
}

struct replay {
    const struct request_to_infer *r;
    struct infer_answers answers;
    const uint16_t *gold, *truth;
    struct figure given, settled, sure, right, right_all;
};

static void shuffle(struct chance *chance, size_t *order, size_t from, size_t end)
{
    for (size_t a = end; a > from + 1; a--) {
        size_t other = from + chance_bits(chance) % (a - from);
        size_t kept = order[a - 1];
        order[a - 1] = order[other];
        order[other] = kept;
    }
}

/* Gives an answer that was not given yet, if there is one, in the order drawn. */
static void give(const struct replay *p, struct infer_live *live, uint32_t item,
                 const size_t *order, size_t *at)
{
    size_t answer = order[at[item]++];
    infer_live_answer(live, item, p->answers.worker[answer], p->answers.label[answer]);
    if (at[item] == p->answers.first[item + 1])
        infer_live_close(live, item, true);
}

static double accuracy(struct arena *arena, const struct replay *p, const struct infer_live *live)
{
    uint16_t *label = arena_new(arena, uint16_t, p->answers.item_count);
    for (uint32_t i = 0; i < p->answers.item_count; i++)
        label[i] = infer_live_state(live, i).label;
    return infer_accuracy(label, p->truth, p->answers.item_count);
}

static bool once(struct replay *p, uint64_t seed)
{
    struct arena *arena = arena_make();
    const struct infer_answers *a = &p->answers;
    struct chance chance = { seed };
    struct infer_live *live =
        begin(arena, p->r, a->item_count, a->worker_count, a->class_count, chance_bits(&chance));
    size_t *order = arena_new(arena, size_t, a->answer_count);
    size_t *at = arena_new(arena, size_t, a->item_count);
    for (size_t n = 0; n < a->answer_count; n++)
        order[n] = n;
    for (uint32_t i = 0; live != NULL && i < a->item_count; i++) {
        shuffle(&chance, order, a->first[i], a->first[i + 1]);
        at[i] = a->first[i];
        if (p->gold != NULL)
            infer_live_gold(live, i, p->gold[i]);
    }
    for (uint32_t item; live != NULL && infer_live_next(live, INFER_LIVE_NOBODY, &item);
         infer_live_refresh(live, 0, 0))
        do
            give(p, live, item, order, at);
        while (infer_live_next(live, INFER_LIVE_NOBODY, &item));
    if (live != NULL) {
        struct infer_live_summary sum = infer_live_summary(live);
        add(&p->given, (double)sum.answers / sum.items);
        add(&p->settled, (double)sum.settled / sum.items);
        add(&p->sure, sum.certainty);
        if (p->truth != NULL) {
            add(&p->right, accuracy(arena, p, live));
            for (uint32_t i = 0; i < a->item_count; i++)
                while (at[i] < a->first[i + 1])
                    give(p, live, i, order, at);
            infer_live_refresh(live, 0, 0);
            add(&p->right_all, accuracy(arena, p, live));
        }
    }
    arena_free(arena);
    return live != NULL;
}

static void write_figure(const char *name, struct figure f)
{
    if (f.count > 0)
        printf("%s,%.4f,%.4f\n", name, mean(f), deviation(f));
}

static int replay(const struct sheet *sheet, const struct order *order,
                  const struct request_to_infer *r, const uint16_t *gold, const uint16_t *truth)
{
    uint32_t *item = arena_new(sheet->arena, uint32_t, sheet->count);
    uint32_t *worker = arena_new(sheet->arena, uint32_t, sheet->count);
    uint16_t *label = arena_new(sheet->arena, uint16_t, sheet->count);
    for (size_t a = 0; a < sheet->count; a++) {
        item[a] = order->item[sheet->item[a]];
        worker[a] = order->worker[sheet->worker[a]];
        label[a] = (uint16_t)order->label[sheet->label[a]];
    }
    struct replay p = { .r = r, .gold = gold, .truth = truth };
    p.answers = infer_answers_make(sheet->arena, sheet->count, item, worker, label,
                                   sheet->items.count, sheet->workers.count, sheet->labels.count);
    for (int64_t n = 0; n < r->wanted; n++)
        if (!once(&p, (uint64_t)(r->seed + n)))
            return 1;
    puts("figure,mean,deviation");
    write_figure("answers an item", p.given);
    write_figure("accuracy", p.right);
    write_figure("accuracy with all answers", p.right_all);
    write_figure("settled", p.settled);
    write_figure("certainty asked for", p.sure);
    printf("answers an item there are,%.4f,0.0000\n",
           (double)p.answers.answer_count / p.answers.item_count);
    return fflush(stdout) == 0 ? 0 : complain("standard output: %s", strerror(errno));
}

int infer_while_coming(const struct sheet *sheet, const struct order *order,
                       const struct request_to_infer *r, const uint16_t *gold,
                       const uint16_t *truth)
{
    if (sheet->count == 0)
        return complain("%s: there are no answers", r->path);
    if (strcmp(r->live, "replay") == 0)
        return replay(sheet, order, r, gold, truth);
    return stand(sheet, order, r, gold);
}
