/* manyhands groups: opinion groups from a CSV file of votes. */
#include "app/commands.h"
#include "app/csv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sift/groups/groups.h"

static const char *const with_value = "show k seed min-votes keep agree groups start comments";
static const char *const person_names = "person|participant|voter-id|voter|user|pid";
static const char *const statement_names = "statement|comment-id|comment|item|tid|idea_id";

struct timed_vote {
    struct groups_vote vote;
    uint32_t place; /* in the file: decides between equal times */
    double time;
};

/* People sorted into named groups, by a file or by us. */
struct grouping {
    uint32_t *of;
    uint32_t count;
    struct str names[GROUPS_MAX];
};

struct work {
    struct arena *arena;
    const char *path; /* of the file being read, for complaints */
    struct names people, statements;
    struct timed_vote *votes;
    size_t count, capacity;
    double agree; /* the number that means agreement */
    bool *is_out;
    struct str *texts;
    struct opinions opinions;
    struct groups_plane plane;
    struct groups groups;
    struct grouping named;
    struct groups_counts counts;
};

/* --- Reading ---------------------------------------------------------------------------------- */

static bool open_table(struct work *w, const char *path, struct table *t)
{
    w->path = path;
    return csv_open(w->arena, path, t);
}

static bool read_vote(const struct work *w, struct str cell, int8_t *vote)
{
    static const char *const words[] = { "disagree", "pass", "agree" };
    for (int i = 0; i < 3; i++)
        if (str_equal_nocase(cell, str_from(words[i]))) {
            *vote = (int8_t)(i - 1);
            return true;
        }
    double number;
    if (!table_number(cell, &number) || (number != 0 && fabs(number) != 1))
        return false;
    *vote = (int8_t)(number * w->agree);
    return true;
}

static void add_vote(struct work *w, struct timed_vote vote)
{
    if (w->count == w->capacity) {
        w->capacity = w->capacity == 0 ? 4096 : 2 * w->capacity;
        void *more = arena_take_bytes(w->arena, w->capacity * sizeof *w->votes);
        if (w->count > 0)
            memcpy(more, w->votes, w->count * sizeof *w->votes);
        w->votes = more;
    }
    w->votes[w->count++] = vote;
}

static bool no_vote(const struct work *w, const struct table *t, struct str cell)
{
    complain("%s: line %zu: \"%.*s\" is no vote (1, 0, -1, agree, pass or disagree)", w->path,
             t->line, STR_ARG(cell));
    return false;
}

static bool no_name(const struct work *w, const struct table *t)
{
    complain("%s: line %zu names no person or no statement", w->path, t->line);
    return false;
}

/* A row that is one vote. */
static bool take_row(struct work *w, const struct table *t, const int columns[4])
{
    struct str person = str_trim(t->cells[columns[0]]), statement = str_trim(t->cells[columns[1]]);
    struct timed_vote v = { .place = (uint32_t)w->count, .time = 0 };
    if (person.size == 0 || statement.size == 0)
        return no_name(w, t);
    if (!read_vote(w, str_trim(t->cells[columns[2]]), &v.vote.vote))
        return no_vote(w, t, t->cells[columns[2]]);
    if (columns[3] >= 0 && !table_number(str_trim(t->cells[columns[3]]), &v.time))
        return complain("%s: line %zu: \"%.*s\" is no time", w->path, t->line,
                        STR_ARG(t->cells[columns[3]])) == 0;
    v.vote.person = names_number(&w->people, person);
    v.vote.statement = names_number(&w->statements, statement);
    add_vote(w, v);
    return true;
}

/* A row that is all votes of one person: those columns are statements that have a number. */
static bool take_wide_row(struct work *w, const struct table *t, int person,
                          const uint32_t *statements)
{
    struct str name = str_trim(t->cells[person]);
    if (name.size == 0)
        return no_name(w, t);
    struct timed_vote v = { .vote.person = names_number(&w->people, name) };
    for (size_t i = 0; i < t->column_count; i++) {
        struct str cell = str_trim(t->cells[i]);
        if (statements[i] == NAMES_NONE || cell.size == 0)
            continue;
        if (!read_vote(w, cell, &v.vote.vote))
            return no_vote(w, t, t->cells[i]);
        v.vote.statement = statements[i];
        v.place = (uint32_t)w->count;
        add_vote(w, v);
    }
    return true;
}

static bool read_wide(struct work *w, struct table *t, int person)
{
    uint32_t *statements = arena_new(w->arena, uint32_t, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        int64_t number;
        struct str name = table_heading(t, i);
        bool is_statement = (int)i != person && str_to_int64(name, &number) && number >= 0;
        statements[i] = is_statement ? names_number(&w->statements, name) : NAMES_NONE;
    }
    while (table_next(t))
        if (!take_wide_row(w, t, person, statements))
            return false;
    return csv_ended_well(w->path, t);
}

static int by_time(const void *a, const void *b)
{
    const struct timed_vote *v = a, *u = b;
    if (v->time != u->time)
        return v->time < u->time ? -1 : 1;
    return v->place < u->place ? -1 : 1;
}

static bool read_votes(struct work *w, const char *path)
{
    struct table t;
    if (!open_table(w, path, &t))
        return false;
    bool is_wide = table_column(&t, "vote") < 0 && table_column(&t, "0|1") >= 0;
    int columns[4] = { csv_need_column(w->path, &t, person_names) };
    if (is_wide)
        return columns[0] >= 0 && read_wide(w, &t, columns[0]);
    columns[1] = csv_need_column(w->path, &t, statement_names);
    columns[2] = csv_need_column(w->path, &t, "vote");
    columns[3] = table_column(&t, "timestamp|modified");
    if (columns[0] < 0 || columns[1] < 0 || columns[2] < 0)
        return false;
    bool in_order = true;
    while (table_next(&t)) {
        if (!take_row(w, &t, columns))
            return false;
        in_order &= w->count < 2 || w->votes[w->count - 2].time <= w->votes[w->count - 1].time;
    }
    if (!in_order)
        qsort(w->votes, w->count, sizeof *w->votes, by_time);
    return csv_ended_well(w->path, &t);
}

/* Texts of statements, and which are moderated away. */
static bool read_comments(struct work *w, const char *path)
{
    struct table t;
    w->is_out = arena_new(w->arena, bool, w->statements.count);
    w->texts = arena_new(w->arena, struct str, w->statements.count);
    if (path == NULL)
        return true;
    if (!open_table(w, path, &t))
        return false;
    int statement = csv_need_column(w->path, &t, statement_names);
    int out = table_column(&t, "moderated"), state = table_column(&t, "state");
    int text = table_column(&t, "title|text|comment-body|txt");
    if (statement < 0)
        return false;
    while (table_next(&t)) {
        uint32_t number = names_find(&w->statements, str_trim(t.cells[statement]));
        if (number == NAMES_NONE)
            continue;
        w->is_out[number] = (out >= 0 && str_equal(str_trim(t.cells[out]), S("-1"))) ||
                            (state >= 0 && !str_equal(str_trim(t.cells[state]), S("shown")));
        w->texts[number] = text < 0 ? S("") : t.cells[text];
    }
    return csv_ended_well(w->path, &t);
}

/* Numbers groups in the order of their names. */
static void order_names(struct work *w, const struct names *found, struct grouping *g)
{
    uint32_t number[GROUPS_MAX];
    g->count = found->count;
    for (uint32_t i = 0; i < found->count; i++) {
        number[i] = 0;
        for (uint32_t k = 0; k < found->count; k++)
            number[i] += str_compare(found->all[k], found->all[i]) < 0;
        g->names[number[i]] = found->all[i];
    }
    for (uint32_t p = 0; p < w->people.count; p++)
        if (g->of[p] != GROUPS_NONE)
            g->of[p] = number[g->of[p]];
}

static bool read_grouping(struct work *w, const char *path, struct grouping *g)
{
    struct table t;
    struct names found = { .arena = w->arena };
    if (!open_table(w, path, &t))
        return false;
    int person = csv_need_column(w->path, &t, person_names),
        group = csv_need_column(w->path, &t, "group|group-id");
    if (person < 0 || group < 0)
        return false;
    g->of = arena_new(w->arena, uint32_t, w->people.count);
    for (uint32_t p = 0; p < w->people.count; p++)
        g->of[p] = GROUPS_NONE;
    while (table_next(&t)) {
        struct str name = str_trim(t.cells[group]);
        uint32_t number = names_find(&w->people, str_trim(t.cells[person]));
        if (name.size == 0 || number == NAMES_NONE)
            continue;
        g->of[number] = names_number(&found, name);
        if (found.count > GROUPS_MAX)
            return complain("%s: there are more than %d groups", path, GROUPS_MAX) == 0;
    }
    if (!csv_ended_well(w->path, &t))
        return false;
    order_names(w, &found, g);
    return true;
}

/* --- Computing -------------------------------------------------------------------------------- */

static bool read_kept(struct work *w, const char *list, const bool **is_kept)
{
    *is_kept = NULL;
    if (list == NULL)
        return true;
    bool *kept = arena_new(w->arena, bool, w->people.count);
    struct str rest = str_from(list);
    while (rest.size > 0) {
        struct str name = str_trim(str_cut(&rest, ','));
        uint32_t person = names_find(&w->people, name);
        if (person == NAMES_NONE)
            return complain("--keep: \"%.*s\" has no votes", STR_ARG(name)) == 0;
        kept[person] = true;
    }
    *is_kept = kept;
    return true;
}

/* Names for the groups that were found: last time's, and numbers that are free. */
static void name_groups(struct work *w, const struct grouping *before)
{
    struct grouping *named = &w->named;
    named->of = w->groups.of;
    named->count = w->groups.count;
    uint32_t next = 0;
    for (uint32_t g = 0; g < named->count; g++) {
        if (g < before->count) {
            named->names[g] = before->names[g];
            continue;
        }
        for (bool taken = true; taken;) {
            named->names[g] = str_printf(w->arena, "%u", next++);
            taken = false;
            for (uint32_t k = 0; k < before->count; k++)
                taken |= str_equal(before->names[k], named->names[g]);
        }
    }
}

static bool find_groups(struct work *w, const struct invocation *in)
{
    int64_t k, seed, votes_min;
    struct groups_wish wish = { 0 };
    struct grouping before = { 0 };
    const char *start = option(in, "start");
    if (!whole_number(in, "k", 1, GROUPS_MAX, 0, &k) ||
        !whole_number(in, "seed", 0, INT64_MAX, 1, &seed) ||
        !whole_number(in, "min-votes", 1, UINT32_MAX, 0, &votes_min) ||
        !read_kept(w, option(in, "keep"), &wish.is_kept))
        return false;
    if (start != NULL && !read_grouping(w, start, &before))
        return false;
    wish.k = (uint32_t)k;
    wish.seed = (uint64_t)seed;
    wish.votes_min = (uint32_t)votes_min;
    wish.before = before.of;
    wish.before_count = before.count;
    w->groups = groups_find(w->arena, &w->opinions, &w->plane, wish);
    name_groups(w, &before);
    return true;
}

/* Groups that a file names: nothing is looked for, places and margins are ours. */
static bool take_groups(struct work *w, const char *path)
{
    if (!read_grouping(w, path, &w->named))
        return false;
    w->groups = groups_given(w->arena, &w->opinions, &w->plane, w->named.of, w->named.count);
    return true;
}

static bool compute(struct work *w, const struct invocation *in)
{
    const char *given = option(in, "groups");
    struct groups_vote *votes = arena_new(w->arena, struct groups_vote, w->count);
    for (size_t i = 0; i < w->count; i++)
        votes[i] = w->votes[i].vote;
    w->opinions =
        opinions_make(w->arena, votes, w->count, w->people.count, w->statements.count, w->is_out);
    w->plane = groups_plane(w->arena, &w->opinions, NULL);
    if (given != NULL ? !take_groups(w, given) : !find_groups(w, in))
        return false;
    w->counts = groups_count(w->arena, &w->opinions, w->named.of, w->named.count);
    return true;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void write_name(struct str name)
{
    table_write_cell(stdout, name);
    putchar(',');
}

static struct str group_name(const struct work *w, uint32_t group)
{
    return group == GROUPS_NONE ? S("") : w->named.names[group];
}

static int show_people(const struct work *w)
{
    puts("person,group,x,y,votes,margin,between");
    for (uint32_t p = 0; p < w->people.count; p++) {
        write_name(w->people.all[p]);
        write_name(group_name(w, w->named.of[p]));
        printf("%.10g,%.10g,%zu,", w->plane.at[0][p], w->plane.at[1][p],
               w->opinions.row[p + 1] - w->opinions.row[p]);
        double margin = w->groups.margin[p];
        if (isnan(margin))
            puts(",");
        else
            printf("%.4f,%s\n", margin, margin < GROUPS_BETWEEN ? "yes" : "no");
    }
    return 0;
}

static int show_statements(const struct work *w)
{
    printf("statement,agree,disagree,seen,out,consensus,deviation,mean,axis_1,axis_2,x,y");
    for (uint32_t g = 0; g < w->named.count; g++)
        for (int i = 0; i < 3; i++) {
            static const char *const what[] = { "agree", "disagree", "seen" };
            printf(",%s_", what[i]);
            table_write_cell(stdout, w->named.names[g]);
        }
    putchar('\n');
    for (uint32_t s = 0; s < w->statements.count; s++) {
        const struct groups_count *n = &w->counts.all[s];
        double deviation, consensus = groups_consensus(&w->counts, s, &deviation);
        write_name(w->statements.all[s]);
        printf("%u,%u,%u,%s,%.17g,%.6g,%.17g,%.17g,%.17g,%.10g,%.10g", n->agree, n->disagree,
               n->seen, w->opinions.is_out[s] ? "yes" : "no", consensus, deviation,
               w->plane.mean[s], w->plane.axis[0][s], w->plane.axis[1][s],
               w->plane.statement_at[0][s], w->plane.statement_at[1][s]);
        for (uint32_t g = 0; g < w->named.count; g++) {
            n = &w->counts.by_group[(size_t)g * w->statements.count + s];
            printf(",%u,%u,%u", n->agree, n->disagree, n->seen);
        }
        putchar('\n');
    }
    return 0;
}

static void write_said(const struct work *w, struct str group, const struct groups_said *said)
{
    write_name(group);
    write_name(w->statements.all[said->statement]);
    printf("%s,%s,%u,%u,%.10g,%.4f,%.4f,%.10g,", said->agrees ? "agree" : "disagree",
           said->is_best ? "yes" : "no", said->votes, said->seen, said->share, said->low,
           said->high, said->share_z);
    if (group.size > 0)
        printf("%.10g,%.10g,", said->ratio, said->ratio_z);
    else
        printf(",,");
    table_write_cell(stdout, w->texts[said->statement]);
    putchar('\n');
}

/* Rows without a group are what a majority of everybody says. */
static int show_representatives(const struct work *w)
{
    struct groups_said list[GROUPS_SAID_MAX];
    puts("group,statement,for,best,votes,seen,share,low,high,z,ratio,ratio_z,text");
    for (uint32_t g = 0; g < w->named.count; g++) {
        size_t count = groups_representatives(&w->counts, w->opinions.is_out, g, list);
        for (size_t i = 0; i < count; i++)
            write_said(w, w->named.names[g], &list[i]);
    }
    for (int agrees = 1; agrees >= 0; agrees--) {
        size_t count = groups_majorities(&w->counts, w->opinions.is_out, agrees == 1, list);
        for (size_t i = 0; i < count; i++)
            write_said(w, S(""), &list[i]);
    }
    return 0;
}

static int show_summary(const struct work *w)
{
    uint32_t between = 0;
    for (uint32_t p = 0; p < w->people.count; p++)
        between += w->groups.margin[p] < GROUPS_BETWEEN;
    puts("what,value");
    printf("people,%u\nstatements,%u\nvotes,%zu\n", w->people.count, w->statements.count,
           w->opinions.vote_count);
    printf("votes replaced by later ones,%zu\n", w->opinions.again_count);
    printf("people in groups,%u\npeople between groups,%u\n", w->groups.in_count, between);
    if (w->plane.variance > 0)
        printf("share of differences the plane shows,%.4f\n",
               (w->plane.eigenvalue[0] + w->plane.eigenvalue[1]) / w->plane.variance);
    printf("axes are exact,%s\ngroups,%u\n", w->plane.is_converged ? "yes" : "no", w->groups.count);
    if (!isnan(w->groups.silhouette_here))
        printf("silhouette,%.4f\n", w->groups.silhouette_here);
    for (int k = 2; k <= GROUPS_K_MAX; k++)
        if (!isnan(w->groups.silhouette[k]))
            printf("silhouette of %d groups,%.4f\n", k, w->groups.silhouette[k]);
    for (uint32_t g = 0; g < w->groups.count; g++) {
        table_write_cell(stdout,
                         str_printf(w->arena, "people in group %.*s", STR_ARG(w->named.names[g])));
        printf(",%u\n", w->groups.size[g]);
    }
    return 0;
}

static int show_map(const struct work *w)
{
    struct str svg = groups_map_svg(w->arena, &w->opinions, &w->plane, &w->groups, w->named.names);
    fwrite(svg.data, 1, svg.size, stdout);
    return 0;
}

static const struct view {
    const char *name;
    int (*show)(const struct work *w);
} views[] = {
    { "people", show_people },
    { "statements", show_statements },
    { "representatives", show_representatives },
    { "summary", show_summary },
    { "map", show_map },
};

static const struct view *view_named(const char *name)
{
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        if (strcmp(views[i].name, name) == 0)
            return &views[i];
    return NULL;
}

int run_groups(struct invocation *in)
{
    const char *path = operand(in, 0, with_value), *show = option(in, "show");
    int64_t agree;
    if (!only_options(in, with_value))
        return 2;
    if (path == NULL || operand(in, 1, with_value) != NULL)
        return complain("`manyhands groups VOTES.csv`; see --help") + 1;
    const struct view *view = view_named(show == NULL ? "people" : show);
    if (view == NULL)
        return complain("--show people, statements, representatives, summary or map") + 1;
    if (!whole_number(in, "agree", -1, 1, 1, &agree) || agree == 0)
        return complain("--agree is 1 or -1: the number that means agreement") + 1;
    struct work w = { .arena = in->arena, .agree = (double)agree };
    w.people.arena = w.statements.arena = in->arena;
    if (!read_votes(&w, path) || !read_comments(&w, option(in, "comments")) || !compute(&w, in))
        return 1;
    int status = view->show(&w);
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain("the output could not be written");
    return status;
}
