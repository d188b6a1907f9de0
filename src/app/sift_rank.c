/* manyhands rank: rankings of votes, choices and marks in CSV files. */
#include "app/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sift/rank/rank.h"

static const size_t file_bytes_max = (size_t)2 << 30;
static const char *const with_value = "method only prior draws seed agreement next by";

struct rank_request {
    struct invocation *in;
    struct str csv;
    const char *only;
    bool has_prior;
    double prior[2];
    struct rank_draws draws;
};

/* --- Options ---------------------------------------------------------------------------------- */

static int usage(const char *sentence)
{
    return complain("%s; see `manyhands rank --help`", sentence) + 1;
}

/* `count` positive numbers between commas. */
static bool take_prior(struct rank_request *q, int count)
{
    const char *text = option(q->in, "prior");
    q->has_prior = text != NULL;
    struct str rest = str_from(text);
    for (int i = 0; i < count && q->has_prior; i++)
        if (!table_number(str_cut(&rest, ','), &q->prior[i]) || q->prior[i] < 1e-6 ||
            q->prior[i] > 1e6)
            return complain(count == 1 ? "--prior is a number from 0.000001 to 1000000 here"
                                       : "--prior is two such numbers here: FOR,AGAINST") == 0;
    return rest.size == 0 || complain("--prior has too many numbers") == 0;
}

/* --- Rankings of votes and choices ------------------------------------------------------------ */

struct method {
    const char *name;
    bool choices;
    enum rank_votes_method score; /* not used by bradley-terry */
    bool bradley_terry;
};
static const struct method methods[] = {
    { "wilson", false, RANK_WILSON, false },
    { "bayes", false, RANK_BAYES, false },
    { "wiki", true, RANK_WIKI, false },
    { "bradley-terry", true, RANK_WIKI, true },
};

struct ranking {
    struct rank_scores scores;
    struct rank_tally *tallies;
};

static struct rank_tally *tallies_of(struct arena *arena, const struct rank_rows *rows,
                                     enum rank_layout layout)
{
    struct rank_tally *tallies = arena_new(arena, struct rank_tally, rows->items.count);
    for (size_t i = 0; i < rows->count; i++) {
        const struct rank_row *row = &rows->rows[i];
        tallies[row->item].up += layout == RANK_TALLIES ? row->value : row->value > 0;
        tallies[row->item].down += layout == RANK_TALLIES ? row->down : row->value < 0;
    }
    return tallies;
}

static struct rank_choice *choices_of(struct arena *arena, const struct rank_rows *rows)
{
    struct rank_choice *choices = arena_new(arena, struct rank_choice, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        choices[i] =
            (struct rank_choice){ rows->rows[i].item, rows->rows[i].other, rows->rows[i].person };
    return choices;
}

static struct ranking rank_choices(const struct rank_request *q, const struct method *method,
                                   const struct rank_rows *rows)
{
    struct arena *arena = q->in->arena;
    uint32_t items = rows->items.count;
    struct rank_choice *choices = choices_of(arena, rows);
    struct ranking r = { .tallies = rank_choice_tallies(arena, choices, rows->count, NULL, items) };
    if (!method->bradley_terry) {
        r.scores = rank_votes(arena, method->score, r.tallies, items, (struct rank_tally){ 1, 1 },
                              q->draws);
        return r;
    }
    uint32_t parts = rank_choice_parts(arena, choices, rows->count, items);
    if (parts > 1)
        complain("no choice connects %u parts of the items; between them the prior decides", parts);
    double *weights =
        flag(q->in, "unweighted") ? NULL : rank_choice_weights(arena, choices, rows->count);
    r.scores = rank_bradley_terry(arena, choices, rows->count, weights, items,
                                  q->has_prior ? q->prior[0] : 1, q->draws)
                   .scores;
    return r;
}

static struct ranking rank_kept(const struct rank_request *q, const struct method *method,
                                const struct rank_rows *rows, enum rank_layout layout)
{
    if (method->choices)
        return rank_choices(q, method, rows);
    struct arena *arena = q->in->arena;
    struct ranking r = { .tallies = tallies_of(arena, rows, layout) };
    struct rank_tally prior = q->has_prior ? (struct rank_tally){ q->prior[0], q->prior[1] }
                                           : rank_votes_prior(r.tallies, rows->items.count);
    r.scores = rank_votes(arena, method->score, r.tallies, rows->items.count, prior, q->draws);
    return r;
}

static void print_ranking(const struct ranking *r, const struct names *items, bool choices)
{
    const struct rank_scores *s = &r->scores;
    printf("rank,item,score,low,high,rank_low,rank_high,%s\n", choices ? "wins,losses" : "up,down");
    for (uint32_t k = 0; k < s->count; k++) {
        uint32_t i = s->order[k];
        printf("%u,", s->rank[i]);
        table_write_cell(stdout, items->all[i]);
        printf(",%.6f,%.6f,%.6f,%u,%u,%.10g,%.10g\n", s->score[i], s->low[i], s->high[i],
               s->rank_low[i], s->rank_high[i], r->tallies[i].up, r->tallies[i].down);
    }
}

/* --- Screening -------------------------------------------------------------------------------- */

struct suspects {
    uint32_t votes, burst, origin, one_entry;
};

static struct suspects *count_suspects(struct arena *arena, const struct rank_rows *rows,
                                       const uint8_t *suspicions)
{
    struct suspects *by_item = arena_new(arena, struct suspects, rows->items.count);
    for (size_t i = 0; i < rows->count; i++) {
        struct suspects *s = &by_item[rows->rows[i].item];
        s->votes++;
        s->burst += (suspicions[i] & RANK_BURST) != 0;
        s->origin += (suspicions[i] & RANK_ORIGIN) != 0;
        s->one_entry += (suspicions[i] & RANK_ONE_ENTRY) != 0;
    }
    return by_item;
}

static void print_both(const struct ranking *raw, const struct ranking *screened,
                       const struct names *items, const struct suspects *suspects)
{
    const struct rank_scores *a = &raw->scores, *b = &screened->scores;
    puts("rank,item,score,rank_low,rank_high,screened_rank,screened_score,screened_rank_low,"
         "screened_rank_high,votes,burst,origin,one_entry");
    for (uint32_t k = 0; k < a->count; k++) {
        uint32_t i = a->order[k];
        printf("%u,", a->rank[i]);
        table_write_cell(stdout, items->all[i]);
        printf(",%.6f,%u,%u,%u,%.6f,%u,%u,%u,%u,%u,%u\n", a->score[i], a->rank_low[i],
               a->rank_high[i], b->rank[i], b->score[i], b->rank_low[i], b->rank_high[i],
               suspects[i].votes, suspects[i].burst, suspects[i].origin, suspects[i].one_entry);
    }
}

static void print_screened(const struct rank_request *q, const struct method *method,
                           const struct rank_rows *rows, const struct ranking *raw)
{
    struct arena *arena = q->in->arena;
    uint8_t *suspicions =
        rank_screen(arena, rows, method->choices ? RANK_SCREEN_CHOICES : RANK_SCREEN_VOTES);
    struct rank_rows kept = rank_screened(arena, rows, suspicions);
    struct ranking screened = rank_kept(q, method, &kept, RANK_VOTES);
    if (!rows->has_times)
        complain("there is no column of times, so bursts are not looked for");
    if (!rows->has_origins)
        complain("there is no column of origins, so shared ones are not looked for");
    complain("%zu of %zu votes look suspicious; a suspicion is no proof", rows->count - kept.count,
             rows->count);
    print_both(raw, &screened, &rows->items, count_suspects(arena, rows, suspicions));
}

static int run_ranking(struct rank_request *q, const struct method *method)
{
    struct arena *arena = q->in->arena;
    bool screen = flag(q->in, "screen");
    enum rank_layout layout = method->choices                   ? RANK_CHOICES
                              : rank_has_tallies(arena, q->csv) ? RANK_TALLIES
                                                                : RANK_VOTES;
    struct rank_rows rows;
    struct fault fault = { 0 };
    if (!take_prior(q, method->choices ? 1 : 2))
        return 2;
    if (!rank_rows_read(arena, q->csv, layout, q->only, &rows, &fault))
        return complain("%s", fault.detail);
    if (screen && layout == RANK_TALLIES)
        return complain("--screen needs the single votes, not tallies");
    if (!rows.has_people && (screen || (method->bradley_terry && !flag(q->in, "unweighted"))))
        return complain("there is no column voter, which %s needs",
                        screen ? "--screen" : "bradley-terry (but for --unweighted)");
    size_t repeated = layout == RANK_VOTES && rows.has_people ? rank_rows_latest(arena, &rows) : 0;
    if (repeated > 0)
        complain("%zu votes were given anew; the last of each voter on an item counts", repeated);
    struct ranking r = rank_kept(q, method, &rows, layout);
    if (screen)
        print_screened(q, method, &rows, &r);
    else
        print_ranking(&r, &rows.items, method->choices);
    return 0;
}

/* --- Juries ----------------------------------------------------------------------------------- */

static struct rank_mark *marks_of(struct arena *arena, const struct rank_rows *rows)
{
    struct rank_mark *marks = arena_new(arena, struct rank_mark, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        marks[i] =
            (struct rank_mark){ rows->rows[i].item, rows->rows[i].person, rows->rows[i].value };
    return marks;
}

/* Rows of marks, each with a judge; a judge's last on an item counts. */
static bool read_marks(struct rank_request *q, enum rank_layout layout, struct rank_rows *rows)
{
    struct fault fault = { 0 };
    if (!rank_rows_read(q->in->arena, q->csv, layout, q->only, rows, &fault))
        return complain("%s", fault.detail) == 0;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].person == NAMES_NONE)
            return complain("a mark on \"%.*s\" has no judge",
                            STR_ARG(rows->items.all[rows->rows[i].item])) == 0;
    size_t repeated = rank_rows_latest(q->in->arena, rows);
    if (repeated > 0)
        complain("%zu marks were given anew; the last of each judge on an item counts", repeated);
    return true;
}

static void print_judges(const struct rank_jury *r, const struct names *judges)
{
    puts("judge,marks,severity,spread,noise");
    for (uint32_t i = 0; i < judges->count; i++) {
        table_write_cell(stdout, judges->all[i]);
        printf(",%u,%.6f,%.6f,%.6f\n", r->judge_marks[i], r->severity[i], r->spread[i],
               r->noise[i]);
    }
}

/* Adjusted and raw side by side. */
static void print_jury(struct arena *arena, const struct rank_jury *r, const struct names *items)
{
    const struct rank_scores *s = &r->scores;
    uint32_t *raw_rank = arena_new(arena, uint32_t, s->count + 1);
    rank_order(arena, r->raw, s->count, raw_rank);
    puts("rank,item,score,low,high,rank_low,rank_high,raw_rank,raw,marks");
    for (uint32_t k = 0; k < s->count; k++) {
        uint32_t i = s->order[k];
        printf("%u,", s->rank[i]);
        table_write_cell(stdout, items->all[i]);
        printf(",%.6f,%.6f,%.6f,%u,%u,%u,%.6f,%u\n", s->score[i], s->low[i], s->high[i],
               s->rank_low[i], s->rank_high[i], raw_rank[i], r->raw[i], r->marks[i]);
    }
}

static int run_jury(struct rank_request *q)
{
    struct arena *arena = q->in->arena;
    struct rank_rows rows;
    if (!read_marks(q, RANK_MARKS, &rows))
        return 1;
    struct rank_jury r = rank_jury(arena, marks_of(arena, &rows), rows.count, rows.items.count,
                                   rows.people.count, q->draws);
    if (r.parts > 1)
        complain("no mark connects %u parts of items and judges; between them the prior decides",
                 r.parts);
    if (flag(q->in, "judges"))
        print_judges(&r, &rows.people);
    else
        print_jury(arena, &r, &rows.items);
    return 0;
}

static int run_agreement(struct rank_request *q, const char *name)
{
    static const char *const names[] = { "nominal", "ordinal", "interval" };
    int level = 0;
    while (level < 3 && strcmp(names[level], name) != 0)
        level++;
    if (level == 3)
        return usage("--agreement is nominal, ordinal or interval");
    struct rank_rows rows;
    if (!read_marks(q, level == RANK_NOMINAL ? RANK_LABELS : RANK_MARKS, &rows))
        return 1;
    struct arena *arena = q->in->arena;
    struct rank_alpha r = rank_agreement(arena, marks_of(arena, &rows), rows.count,
                                         rows.items.count, (enum rank_level)level, q->draws);
    if (!r.defined)
        return complain("alpha is not defined: no item has two marks, or all of them are equal");
    printf("level,alpha,low,high,items,marks\n%s,%.6f,%.6f,%.6f,%u,%zu\n", name, r.alpha, r.low,
           r.high, r.items, r.marks);
    return 0;
}

/* --- The next pairs --------------------------------------------------------------------------- */

static uint32_t pairs_by_gain(struct arena *arena, const struct rank_rows *rows,
                              struct rank_next_pair *pairs, uint32_t wanted)
{
    /* One voter more than there are: somebody new, for whom the pairs are, and who also stands
       for those without a name. */
    uint32_t nobody = rows->people.count;
    struct rank_crowd crowd = rank_crowd_make(arena, rows->items.count, nobody + 1);
    for (size_t i = 0; i < rows->count; i++) {
        const struct rank_row *row = &rows->rows[i];
        bool named = row->person != NAMES_NONE;
        rank_crowd_learn(
            &crowd, (struct rank_choice){ row->item, row->other, named ? row->person : nobody });
    }
    return rank_next_gain(arena, &crowd, nobody, pairs, wanted);
}

static int run_next(struct rank_request *q)
{
    struct arena *arena = q->in->arena;
    const char *by = option(q->in, "by");
    bool gain = by != NULL && strcmp(by, "gain") == 0;
    int64_t wanted;
    struct rank_rows rows;
    struct fault fault = { 0 };
    if (by != NULL && !gain && strcmp(by, "catch-up") != 0)
        return usage("--by is catch-up or gain");
    if (!whole_number(q->in, "next", 1, 10000, 1, &wanted))
        return 2;
    if (!rank_rows_read(arena, q->csv, RANK_CHOICES, q->only, &rows, &fault))
        return complain("%s", fault.detail);
    struct rank_next_pair *pairs = arena_new(arena, struct rank_next_pair, (size_t)wanted);
    uint32_t found =
        gain ? pairs_by_gain(arena, &rows, pairs, (uint32_t)wanted)
             : rank_next_catch_up(arena, choices_of(arena, &rows), rows.count, rows.items.count,
                                  q->draws.seed, pairs, (uint32_t)wanted);
    puts(gain ? "left,right,gain" : "left,right");
    for (uint32_t i = 0; i < found; i++) {
        table_write_cell(stdout, rows.items.all[pairs[i].a]);
        putchar(',');
        table_write_cell(stdout, rows.items.all[pairs[i].b]);
        if (gain)
            printf(",%.6f", pairs[i].gain);
        putchar('\n');
    }
    return 0;
}

/* --- Which ------------------------------------------------------------------------------------ */

static int run_what(struct rank_request *q)
{
    const char *method = option(q->in, "method"), *agreement = option(q->in, "agreement");
    if (agreement != NULL)
        return run_agreement(q, agreement);
    if (option(q->in, "next") != NULL)
        return run_next(q);
    if (method != NULL && strcmp(method, "jury") == 0)
        return run_jury(q);
    for (size_t i = 0; method != NULL && i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(method, methods[i].name) == 0)
            return run_ranking(q, &methods[i]);
    return usage("--method is wilson, bayes, wiki, bradley-terry or jury");
}

int run_rank(struct invocation *in)
{
    struct rank_request q = { .in = in, .only = option(in, "only") };
    const char *path = operand(in, 0, with_value);
    int64_t draws, seed;
    if (!only_options(in, "method only prior draws seed agreement next by unweighted screen "
                          "judges") ||
        !whole_number(in, "draws", 40, 100000, RANK_DRAWS.count, &draws) ||
        !whole_number(in, "seed", 0, INT64_MAX, (int64_t)RANK_DRAWS.seed, &seed))
        return 2;
    if (path == NULL)
        return usage("which file?");
    q.draws = (struct rank_draws){ (uint32_t)draws, (uint64_t)seed };
    if (!read_file(in->arena, path, file_bytes_max, &q.csv))
        return 1;
    return run_what(&q);
}
