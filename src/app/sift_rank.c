/* manyhands rank: rankings of votes, choices and marks in CSV files. */
#include "app/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sift/rank/rank.h"

static const size_t file_bytes_max = (size_t)2 << 30;
static const char *const with_value = "method only prior draws seed agreement next by";

struct request_rank {
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

/* An integer option between two bounds; `otherwise` when it is not given. */
static bool whole_number(const struct invocation *in, const char *name, int64_t min, int64_t max,
                         int64_t otherwise, int64_t *value)
{
    const char *text = option(in, name);
    *value = otherwise;
    if (text == NULL || (str_to_int64(str_from(text), value) && *value >= min && *value <= max))
        return true;
    complain("--%s is a whole number from %lld to %lld", name, (long long)min, (long long)max);
    return false;
}

/* `count` positive numbers between commas. */
static bool take_prior(struct request_rank *q, int count)
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

/* --- Output ----------------------------------------------------------------------------------- */

static void print_place(const struct rank_scores *s, const struct names *items, uint32_t i)
{
    printf("%u,", s->rank[i]);
    table_write_cell(stdout, items->all[i]);
    printf(",%.6f,%.6f,%.6f,%u,%u", s->score[i], s->low[i], s->high[i], s->rank_low[i],
           s->rank_high[i]);
}

static void print_ranking(const struct rank_scores *s, const struct names *items,
                          const struct rank_tally *tallies, const char *tally_columns)
{
    printf("rank,item,score,low,high,rank_low,rank_high,%s\n", tally_columns);
    for (uint32_t k = 0; k < s->count; k++) {
        uint32_t i = s->order[k];
        print_place(s, items, i);
        printf(",%.10g,%.10g\n", tallies[i].up, tallies[i].down);
    }
}

/* --- Votes ------------------------------------------------------------------------------------ */

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

static int rank_by_votes(struct request_rank *q, enum rank_votes_method method)
{
    struct arena *arena = q->in->arena;
    enum rank_layout layout = rank_has_tallies(arena, q->csv) ? RANK_TALLIES : RANK_VOTES;
    struct rank_rows rows;
    struct fault fault = { 0 };
    if (!take_prior(q, 2))
        return 2;
    if (!rank_rows_read(arena, q->csv, layout, q->only, &rows, &fault))
        return complain("%s", fault.detail);
    size_t repeated = layout == RANK_VOTES ? rank_rows_latest(arena, &rows) : 0;
    if (repeated > 0)
        complain("%zu votes were given anew; the last of each voter on an item counts", repeated);
    struct rank_tally *tallies = tallies_of(arena, &rows, layout);
    struct rank_tally prior = q->has_prior ? (struct rank_tally){ q->prior[0], q->prior[1] }
                                           : rank_votes_prior(tallies, rows.items.count);
    struct rank_scores s = rank_votes(arena, method, tallies, rows.items.count, prior, q->draws);
    print_ranking(&s, &rows.items, tallies, "up,down");
    return 0;
}

/* --- Choices ---------------------------------------------------------------------------------- */

static struct rank_choice *choices_of(struct arena *arena, const struct rank_rows *rows)
{
    struct rank_choice *choices = arena_new(arena, struct rank_choice, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        choices[i] =
            (struct rank_choice){ rows->rows[i].item, rows->rows[i].other, rows->rows[i].person };
    return choices;
}

static int rank_by_choices(struct request_rank *q, bool wiki)
{
    struct arena *arena = q->in->arena;
    struct rank_rows rows;
    struct fault fault = { 0 };
    if (!take_prior(q, 1))
        return 2;
    if (!rank_rows_read(arena, q->csv, RANK_CHOICES, q->only, &rows, &fault))
        return complain("%s", fault.detail);
    bool weighted = !wiki && !flag(q->in, "unweighted");
    if (weighted && !rows.has_people)
        return complain("there is no column voter to weigh choices by; add one, or --unweighted");
    struct rank_choice *choices = choices_of(arena, &rows);
    uint32_t items = rows.items.count;
    struct rank_tally *tallies = rank_choice_tallies(arena, choices, rows.count, NULL, items);
    struct rank_scores s;
    if (wiki) {
        s = rank_votes(arena, RANK_WIKI, tallies, items, (struct rank_tally){ 1, 1 }, q->draws);
    } else {
        double *weights = weighted ? rank_choice_weights(arena, choices, rows.count) : NULL;
        uint32_t parts = rank_choice_parts(arena, choices, rows.count, items);
        if (parts > 1)
            complain("no choice connects %u parts of the items; between them the prior decides",
                     parts);
        s = rank_bradley_terry(arena, choices, rows.count, weights, items,
                               q->has_prior ? q->prior[0] : 1, q->draws)
                .scores;
    }
    print_ranking(&s, &rows.items, tallies, "wins,losses");
    return 0;
}

/* --- Which ------------------------------------------------------------------------------------ */

static int run_method(struct request_rank *q, const char *method)
{
    if (strcmp(method, "wilson") == 0)
        return rank_by_votes(q, RANK_WILSON);
    if (strcmp(method, "bayes") == 0)
        return rank_by_votes(q, RANK_BAYES);
    if (strcmp(method, "wiki") == 0)
        return rank_by_choices(q, true);
    if (strcmp(method, "bradley-terry") == 0)
        return rank_by_choices(q, false);
    return usage("--method is wilson, bayes, wiki, bradley-terry or jury");
}

int run_rank(struct invocation *in)
{
    struct request_rank q = { .in = in, .only = option(in, "only") };
    const char *path = operand(in, 0, with_value), *method = option(in, "method");
    int64_t draws, seed;
    if (!only_options(in, "method only prior draws seed agreement next by unweighted screen "
                          "judges") ||
        !whole_number(in, "draws", 40, 100000, RANK_DRAWS.count, &draws) ||
        !whole_number(in, "seed", 0, INT64_MAX, (int64_t)RANK_DRAWS.seed, &seed))
        return 2;
    if (path == NULL)
        return usage("which file?");
    if (method == NULL)
        return usage("which --method?");
    q.draws = (struct rank_draws){ (uint32_t)draws, (uint64_t)seed };
    if (!read_file(in->arena, path, file_bytes_max, &q.csv))
        return 1;
    return run_method(&q, method);
}
