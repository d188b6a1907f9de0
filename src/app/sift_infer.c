/* manyhands infer: one truth from many workers' answers, from CSV to CSV. */
#include "app/sift_infer.h"

#include "app/commands.h"
#include "app/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/threads.h"

/* --- Reading ---------------------------------------------------------------------------------- */

static int complain_of(const char *path, const struct fault *fault)
{
    return complain("%s: %s", path, fault->detail);
}

static bool read_answers(struct sheet *sheet, const char *path)
{
    struct table table;
    if (!csv_open(sheet->arena, path, &table))
        return false;
    int item = csv_need_column(path, &table, "item|task"),
        worker = csv_need_column(path, &table, "worker"),
        label = csv_need_column(path, &table, "label");
    if (item < 0 || worker < 0 || label < 0)
        return false;
    size_t capacity = csv_rows_most(&table);
    sheet->item = arena_new(sheet->arena, uint32_t, capacity);
    sheet->worker = arena_new(sheet->arena, uint32_t, capacity);
    sheet->label = arena_new(sheet->arena, uint32_t, capacity);
    for (; table_next(&table); sheet->count++) {
        sheet->item[sheet->count] = names_number(&sheet->items, table.cells[item]);
        sheet->worker[sheet->count] = names_number(&sheet->workers, table.cells[worker]);
        sheet->label[sheet->count] = names_number(&sheet->labels, table.cells[label]);
    }
    return csv_ended_well(path, &table);
}

/* Known classes by item, as numbered in the sheet; NAMES_NONE where none is known. */
static bool read_known(struct sheet *sheet, const char *path, uint32_t **known)
{
    struct table table;
    *known = NULL;
    if (path == NULL)
        return true;
    if (!csv_open(sheet->arena, path, &table))
        return false;
    int item = csv_need_column(path, &table, "item|task"),
        truth = csv_need_column(path, &table, "truth|gold|label");
    if (item < 0 || truth < 0)
        return false;
    *known = arena_new(sheet->arena, uint32_t, sheet->items.count);
    memset(*known, 0xFF, sheet->items.count * sizeof **known);
    while (table_next(&table)) {
        uint32_t found = names_find(&sheet->items, table.cells[item]);
        if (found != NAMES_NONE)
            (*known)[found] = names_number(&sheet->labels, table.cells[truth]);
    }
    return csv_ended_well(path, &table);
}

/* --- An order that does not depend on the order of rows --------------------------------------- */

struct named {
    struct str name;
    double value;
    uint32_t number;
};

static int by_value(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return x->value < y->value ? -1 : x->value > y->value ? 1 : str_compare(x->name, y->name);
}

/* For each name, its place among them: by number where all are numbers, otherwise bytewise. */
static uint32_t *places(const struct names *names)
{
    struct named *all = arena_new(names->arena, struct named, names->count);
    uint32_t *place = arena_new(names->arena, uint32_t, names->count);
    bool numbers = true;
    for (uint32_t i = 0; i < names->count; i++) {
        all[i] = (struct named){ .name = names->all[i], .number = i };
        numbers = numbers && table_number(all[i].name, &all[i].value);
    }
    for (uint32_t i = 0; i < names->count && !numbers; i++)
        all[i].value = 0;
    qsort(all, names->count, sizeof *all, by_value);
    for (uint32_t i = 0; i < names->count; i++)
        place[all[i].number] = i;
    return place;
}

static struct order order_of(struct sheet *sheet)
{
    struct order order = { places(&sheet->items), places(&sheet->workers), places(&sheet->labels),
                           arena_new(sheet->arena, struct str, sheet->labels.count) };
    for (uint32_t i = 0; i < sheet->labels.count; i++)
        order.label_names[order.label[i]] = sheet->labels.all[i];
    return order;
}

static struct infer_answers ordered(struct sheet *sheet, const struct order *order)
{
    uint16_t *label = arena_new(sheet->arena, uint16_t, sheet->count);
    for (size_t a = 0; a < sheet->count; a++) {
        sheet->item[a] = order->item[sheet->item[a]];
        sheet->worker[a] = order->worker[sheet->worker[a]];
        label[a] = (uint16_t)order->label[sheet->label[a]];
    }
    return infer_answers_make(sheet->arena, sheet->count, sheet->item, sheet->worker, label,
                              sheet->items.count, sheet->workers.count, sheet->labels.count);
}

static uint16_t *known_by_place(const struct sheet *sheet, const struct order *order,
                                const uint32_t *known)
{
    if (known == NULL)
        return NULL;
    uint16_t *classes = arena_new(sheet->arena, uint16_t, sheet->items.count);
    for (uint32_t i = 0; i < sheet->items.count; i++)
        classes[order->item[i]] =
            known[i] == NAMES_NONE ? INFER_NOT_GOLD : (uint16_t)order->label[known[i]];
    return classes;
}

/* --- Telling ---------------------------------------------------------------------------------- */

static void write_items(const struct sheet *sheet, const struct order *order,
                        const struct infer_result *result)
{
    fputs(result->difficulty != NULL ? "item,label,confidence,difficulty\n"
                                     : "item,label,confidence\n",
          stdout);
    for (uint32_t i = 0; i < sheet->items.count; i++) {
        uint32_t place = order->item[i];
        table_write_cell(stdout, sheet->items.all[i]);
        putchar(',');
        table_write_cell(stdout, order->label_names[result->label[place]]);
        printf(",%.6g", result->confidence[place]);
        if (result->difficulty != NULL)
            printf(",%.6g", result->difficulty[place]);
        putchar('\n');
    }
}

/* What is written of each worker: a heading and a number. `place` says where the number stands, or
   is NULL where it stands under the worker's own. */
static bool write_workers(const char *path, const struct sheet *sheet, const uint32_t *given,
                          const uint32_t *place, const char *heading, const double *number)
{
    if (path == NULL)
        return true;
    FILE *out = fopen(path, "we");
    if (out == NULL)
        return complain("%s: %s", path, strerror(errno)), false;
    fprintf(out, "worker,answers,%s\n", heading);
    for (uint32_t i = 0; i < sheet->workers.count; i++) {
        uint32_t at = place == NULL ? i : place[i];
        table_write_cell(out, sheet->workers.all[i]);
        fprintf(out, ",%u,%.6g\n", given[at], number[at]);
    }
    bool whole = fflush(out) == 0 && ferror(out) == 0;
    whole = fclose(out) == 0 && whole;
    if (!whole)
        complain("%s: %s", path, strerror(errno));
    return whole;
}

static uint32_t *answers_each(const struct sheet *sheet, size_t count, const uint32_t *worker)
{
    uint32_t *given = arena_new(sheet->arena, uint32_t, sheet->workers.count);
    for (size_t a = 0; a < count; a++)
        given[worker[a]]++;
    return given;
}

static void tell(const struct sheet *sheet, const struct infer_answers *answers,
                 const struct infer_result *result, const uint16_t *truth)
{
    if (answers->replaced > 0)
        fprintf(stderr, "%zu answers were replaced by a later one of the same worker\n",
                answers->replaced);
    if (result->reason[0] != '\0')
        fprintf(stderr, "%s\n", result->reason);
    if (!result->converged)
        fprintf(stderr, "not settled after %u iterations\n", result->iterations);
    if (truth != NULL)
        fprintf(stderr, "accuracy %.4f, F1 %.4f\n",
                infer_accuracy(result->label, truth, answers->item_count),
                infer_f1(sheet->arena, result->label, truth, answers->item_count,
                         answers->class_count));
}

static int finish(bool written)
{
    if (!written)
        return 1;
    return fflush(stdout) == 0 ? 0 : complain("standard output: %s", strerror(errno));
}

/* --- Classes, numbers, texts ------------------------------------------------------------------ */

static int infer_classes(struct sheet *sheet, const struct request_to_infer *r,
                         enum infer_method method)
{
    uint32_t *gold, *truth;
    if (!read_known(sheet, r->gold, &gold) || !read_known(sheet, r->truth, &truth))
        return 1;
    if (sheet->labels.count > INFER_CLASSES_MAX)
        return complain("%s: there are more than %d different labels", r->path, INFER_CLASSES_MAX);
    struct order order = order_of(sheet);
    if (r->live != NULL)
        return infer_while_coming(sheet, &order, r, known_by_place(sheet, &order, gold),
                                  known_by_place(sheet, &order, truth));
    struct infer_answers answers = ordered(sheet, &order);
    struct infer_options options = { .method = method,
                                     .seed = (uint64_t)r->seed,
                                     .threads = (unsigned)r->threads,
                                     .gold = known_by_place(sheet, &order, gold) };
    struct infer_result result;
    struct fault fault = { 0 };
    if (!infer(sheet->arena, &answers, &options, &result, &fault))
        return complain_of(r->path, &fault);
    write_items(sheet, &order, &result);
    tell(sheet, &answers, &result, known_by_place(sheet, &order, truth));
    return finish(write_workers(r->workers, sheet,
                                answers_each(sheet, answers.answer_count, answers.worker),
                                order.worker, "quality", result.quality));
}

static int infer_values(struct sheet *sheet, const struct request_to_infer *r,
                        enum infer_number_method method)
{
    double *by_label = arena_new(sheet->arena, double, sheet->labels.count);
    double *value = arena_new(sheet->arena, double, sheet->count);
    for (uint32_t l = 0; l < sheet->labels.count; l++)
        if (!table_number(sheet->labels.all[l], &by_label[l]))
            return complain("%s: \"%.*s\" is not a number", r->path,
                            STR_ARG(utf8_clip(sheet->labels.all[l], 40)));
    for (size_t a = 0; a < sheet->count; a++)
        value[a] = by_label[sheet->label[a]];
    struct infer_numbers result;
    struct fault fault = { 0 };
    if (!infer_numbers(sheet->arena, method, sheet->count, sheet->item, sheet->worker, value,
                       sheet->items.count, sheet->workers.count, &result, &fault))
        return complain_of(r->path, &fault);
    fputs("item,value,lower,upper\n", stdout);
    for (uint32_t i = 0; i < sheet->items.count; i++) {
        table_write_cell(stdout, sheet->items.all[i]);
        printf(",%.10g,%.6g,%.6g\n", result.value[i], result.lower[i], result.upper[i]);
    }
    return finish(write_workers(r->workers, sheet, answers_each(sheet, sheet->count, sheet->worker),
                                NULL, "deviation", result.deviation));
}

struct texts {
    struct arena *arena;
    const uint32_t *label;
    struct str *normal; /* by label */
};

static double apart(size_t a, size_t b, void *context)
{
    const struct texts *t = context;
    return infer_text_distance(t->arena, t->normal[t->label[a]], t->normal[t->label[b]]);
}

static int infer_texts(struct sheet *sheet, const struct request_to_infer *r)
{
    struct texts texts = { sheet->arena, sheet->label,
                           arena_new(sheet->arena, struct str, sheet->labels.count) };
    if (sheet->count == 0)
        return complain("%s: there are no answers", r->path);
    for (uint32_t l = 0; l < sheet->labels.count; l++)
        texts.normal[l] = infer_text_normal(sheet->arena, sheet->labels.all[l]);
    struct infer_medoids result =
        infer_medoids(sheet->arena, sheet->count, sheet->item, sheet->worker, sheet->items.count,
                      sheet->workers.count, apart, &texts);
    fputs("item,label,agreement\n", stdout);
    for (uint32_t i = 0; i < sheet->items.count; i++) {
        table_write_cell(stdout, sheet->items.all[i]);
        putchar(',');
        table_write_cell(stdout, sheet->labels.all[sheet->label[result.chosen[i]]]);
        printf(",%.6g\n", result.agreement[i]);
    }
    return finish(write_workers(r->workers, sheet, answers_each(sheet, sheet->count, sheet->worker),
                                NULL, "quality", result.quality));
}

/* --- Boxes ------------------------------------------------------------------------------------ */

static bool read_box(const char *path, const struct table *table, const int column[4],
                     struct infer_box *box)
{
    static const char *const names[] = { "x", "y", "width", "height" };
    double *const sides[] = { &box->x, &box->y, &box->width, &box->height };
    for (int i = 0; i < 4; i++) {
        struct str cell = table->cells[column[i]];
        if (!table_number(cell, sides[i]) || (i >= 2 && *sides[i] < 0)) {
            complain("%s: line %zu: \"%.*s\" is no %s of a box", path, table->line,
                     STR_ARG(utf8_clip(cell, 40)), names[i]);
            return false;
        }
    }
    return true;
}

static bool read_boxes(struct sheet *sheet, const char *path, struct infer_box **boxes)
{
    struct table table;
    if (!csv_open(sheet->arena, path, &table))
        return false;
    int item = csv_need_column(path, &table, "item|task"),
        worker = csv_need_column(path, &table, "worker");
    int column[] = { csv_need_column(path, &table, "x"), csv_need_column(path, &table, "y"),
                     csv_need_column(path, &table, "width"),
                     csv_need_column(path, &table, "height") };
    if (item < 0 || worker < 0 || column[0] < 0 || column[1] < 0 || column[2] < 0 || column[3] < 0)
        return false;
    size_t capacity = csv_rows_most(&table);
    sheet->item = arena_new(sheet->arena, uint32_t, capacity);
    sheet->worker = arena_new(sheet->arena, uint32_t, capacity);
    *boxes = arena_new(sheet->arena, struct infer_box, capacity);
    for (; table_next(&table); sheet->count++) {
        sheet->item[sheet->count] = names_number(&sheet->items, table.cells[item]);
        sheet->worker[sheet->count] = names_number(&sheet->workers, table.cells[worker]);
        if (!read_box(path, &table, column, &(*boxes)[sheet->count]))
            return false;
    }
    return csv_ended_well(path, &table);
}

static double boxes_apart(size_t a, size_t b, void *context)
{
    const struct infer_box *boxes = context;
    return infer_box_distance(boxes[a], boxes[b]);
}

static int infer_boxes(struct sheet *sheet, const struct request_to_infer *r)
{
    struct infer_box *boxes;
    if (!read_boxes(sheet, r->path, &boxes))
        return 1;
    if (sheet->count == 0)
        return complain("%s: there are no answers", r->path);
    struct infer_medoids result =
        infer_medoids(sheet->arena, sheet->count, sheet->item, sheet->worker, sheet->items.count,
                      sheet->workers.count, boxes_apart, boxes);
    fputs("item,x,y,width,height,agreement\n", stdout);
    for (uint32_t i = 0; i < sheet->items.count; i++) {
        struct infer_box box = boxes[result.chosen[i]];
        table_write_cell(stdout, sheet->items.all[i]);
        printf(",%.10g,%.10g,%.10g,%.10g,%.6g\n", box.x, box.y, box.width, box.height,
               result.agreement[i]);
    }
    return finish(write_workers(r->workers, sheet, answers_each(sheet, sheet->count, sheet->worker),
                                NULL, "quality", result.quality));
}

/* --- The command ------------------------------------------------------------------------------ */

static int complain_of_method(void)
{
    fputs("manyhands: --method is one of", stderr);
    for (int i = 0; i < INFER_METHOD_COUNT; i++)
        fprintf(stderr, " %s", infer_method_name((enum infer_method)i));
    for (int i = 0; i < INFER_NUMBER_METHOD_COUNT; i++)
        fprintf(stderr, " %s", infer_number_method_name((enum infer_number_method)i));
    fputs(" text\n", stderr);
    return 2;
}

static bool share_option(const struct invocation *in, const char *name, double otherwise,
                         double *value)
{
    const char *text = option(in, name);
    *value = otherwise;
    if (text == NULL || (table_number(str_from(text), value) && *value >= 0 && *value <= 1))
        return true;
    complain("--%s takes a number from 0 to 1", name);
    return false;
}

/* What is asked for with answers that still come in; false after a complaint. */
static bool read_live(const struct invocation *in, struct request_to_infer *r)
{
    static const char *const kinds[] = { "status", "next", "replay" };
    bool asked[] = { flag(in, "status"), option(in, "next") != NULL, option(in, "replay") != NULL };
    for (int i = 0; i < 3; i++) {
        if (asked[i] && r->live != NULL) {
            complain("--%s and --%s do not go together", r->live, kinds[i]);
            return false;
        }
        r->live = asked[i] ? kinds[i] : r->live;
    }
    r->of_worker = option(in, "for");
    if (r->of_worker != NULL && !asked[1]) {
        complain("--for goes with --next");
        return false;
    }
    if (r->live == NULL && (option(in, "certainty") != NULL || option(in, "least") != NULL ||
                            option(in, "most") != NULL || option(in, "control") != NULL)) {
        complain("--certainty, --least, --most and --control go with --status, --next or --replay");
        return false;
    }
    return (asked[0] || !(asked[1] || asked[2]) ||
            whole_number(in, r->live, 1, UINT32_MAX, 0, &r->wanted)) &&
           whole_number(in, "threads", 1, THREADS_MAX, 1, &r->threads) &&
           whole_number(in, "least", 1, UINT32_MAX, 3, &r->least) &&
           whole_number(in, "most", 1, UINT32_MAX, 0, &r->most) &&
           share_option(in, "certainty", 0.99, &r->certainty) &&
           share_option(in, "control", 0.05, &r->control);
}

int run_infer(struct invocation *in)
{
    static const char with_value[] =
        "method truth gold workers seed threads next for replay certainty least most control";
    static const char known[] = "method truth gold workers seed threads next for replay certainty "
                                "least most control status boxes";
    struct sheet sheet = { .arena = in->arena,
                           .items.arena = in->arena,
                           .workers.arena = in->arena,
                           .labels.arena = in->arena };
    struct request_to_infer r = { .path = operand(in, 0, with_value),
                                  .gold = option(in, "gold"),
                                  .truth = option(in, "truth"),
                                  .workers = option(in, "workers"),
                                  .seed = 1 };
    const char *seed = option(in, "seed"), *name = option(in, "method");
    enum infer_method method = INFER_AUTO;
    enum infer_number_method number_method = INFER_MEAN;
    bool of_numbers = name != NULL && infer_number_method_named(str_from(name), &number_method);
    bool of_texts = name != NULL && strcmp(name, "text") == 0, of_boxes = flag(in, "boxes");
    if (!only_options(in, known))
        return 2;
    if (name != NULL && !of_numbers && !of_texts && !infer_method_named(str_from(name), &method))
        return complain_of_method();
    if (r.path == NULL || operand(in, 1, with_value) != NULL)
        return complain("infer takes one file; `manyhands infer --help` tells more") + 1;
    if (seed != NULL && !str_to_int64(str_from(seed), &r.seed))
        return complain("--seed takes a whole number") + 1;
    if ((of_numbers || of_texts || of_boxes) && (r.gold != NULL || r.truth != NULL))
        return complain("--gold and --truth are for classes") + 1;
    if (!read_live(in, &r))
        return 2;
    if (name != NULL && (r.live != NULL || of_boxes))
        return complain("--method does not go with --%s", of_boxes ? "boxes" : r.live) + 1;
    if (of_boxes && r.live != NULL)
        return complain("--boxes and --%s do not go together", r.live) + 1;
    if (r.live != NULL && (r.workers != NULL || (r.truth != NULL && strcmp(r.live, "replay") != 0)))
        return complain("--workers does not go with --%s, --truth with --replay only", r.live) + 1;
    if (of_boxes)
        return infer_boxes(&sheet, &r);
    if (!read_answers(&sheet, r.path))
        return 1;
    if (of_numbers)
        return infer_values(&sheet, &r, number_method);
    return of_texts ? infer_texts(&sheet, &r) : infer_classes(&sheet, &r, method);
}
