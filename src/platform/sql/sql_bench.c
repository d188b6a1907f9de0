/* How many durable commands a second, with how many people waiting; and what a read costs.
 *
 *     bench_sql [FOLDER | postgresql://URL]     (default: a new folder in the current one)
 *
 * The command is like a vote: one row goes in, a counter moves, a derived number is computed before
 * the commit. On PostgreSQL the tables must not exist yet (take a database made for this).
 */
#include "base/check.h"
#include "testing.sql.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

extern const char testing_schema_text[];

enum { SECONDS = 3, WAITING_MAX = 512, ROWS = 1000 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

/* --- Writing ---------------------------------------------------------------------------------- */

struct load;
struct visitor {
    struct sql_command command;
    struct load *load;
    double since_s;
};
struct load {
    struct sql_store *store;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    atomic_bool is_stopping;
    unsigned active;
    uint64_t kept, refused;
    double waited_s, waited_longest_s;
    struct visitor visitors[WAITING_MAX];
};
static atomic_int_least64_t next_id = 1000000;

static void score(struct sql *db, const int64_t key[2])
{
    tally_add(db, (struct tally_add){ .tally_key = key[0], .total = 1 });
}

static bool vote(struct sql *db, void *context)
{
    int64_t id = atomic_fetch_add(&next_id, 1);
    int64_t on = id % ROWS;
    struct fruit_insert row = { .fruit_id = { id }, .name = S("a vote"), .amount = 1, .now = id };
    if (fruit_insert(db, row) == 1) {
        fruit_set_amount(db, (struct fruit_set_amount){ id, { on } });
        sql_before_commit(db, score, (int64_t[]){ on, 0 });
    }
    return true;
}

static void again(struct visitor *visitor)
{
    visitor->since_s = now_s();
    sql_submit(visitor->load->store, &visitor->command);
}

static void voted(enum sql_outcome outcome, const struct fault *fault, void *context)
{
    struct visitor *visitor = context;
    struct load *load = visitor->load;
    double waited_s = now_s() - visitor->since_s;
    pthread_mutex_lock(&load->lock);
    load->kept += outcome == SQL_KEPT;
    load->refused += outcome != SQL_KEPT;
    load->waited_s += waited_s;
    if (waited_s > load->waited_longest_s)
        load->waited_longest_s = waited_s;
    bool is_last = atomic_load(&load->is_stopping);
    if (is_last && --load->active == 0)
        pthread_cond_signal(&load->ended);
    pthread_mutex_unlock(&load->lock);
    if (!is_last)
        again(visitor);
}

static void measure_writing(struct sql_store *store, unsigned waiting, const char *how)
{
    static struct load load;
    load = (struct load){ .store = store, .active = waiting };
    pthread_mutex_init(&load.lock, NULL);
    pthread_cond_init(&load.ended, NULL);
    double start_s = now_s(), cpu_start_s = cpu_s();
    for (unsigned i = 0; i < waiting; i++) {
        struct visitor *visitor = &load.visitors[i];
        visitor->load = &load;
        visitor->command = (struct sql_command){ .run = vote, .done = voted, .context = visitor };
        again(visitor);
    }
    sleep(SECONDS);
    atomic_store(&load.is_stopping, true);
    pthread_mutex_lock(&load.lock);
    while (load.active > 0)
        pthread_cond_wait(&load.ended, &load.lock);
    pthread_mutex_unlock(&load.lock);
    double took_s = now_s() - start_s;
    printf("%-18s %4u waiting: %8.0f kept/s, mean %7.3f ms, longest %7.1f ms, CPU %5.1f us each, "
           "%ju not kept\n",
           how, waiting, (double)load.kept / took_s,
           load.waited_s * 1e3 / (double)(load.kept + load.refused), load.waited_longest_s * 1e3,
           (cpu_s() - cpu_start_s) * 1e6 / (double)load.kept, (uintmax_t)load.refused);
    fflush(stdout);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static bool fill(struct sql *db, void *context)
{
    for (int64_t id = 0; id < ROWS; id++)
        fruit_insert(db, (struct fruit_insert){ .fruit_id = { id },
                                                .name = S("a name of the usual length, or so") });
    return true;
}

/* Like a page: one list of fifty, five single rows. */
static void measure_reading(struct sql_store *store)
{
    struct arena *arena = arena_make();
    double start_s = now_s();
    unsigned count = 0;
    for (; now_s() - start_s < SECONDS; count++) {
        struct fruit_list_row *rows;
        struct fruit_by_id_row row;
        struct sql *db = sql_read_begin(store, arena, NULL);
        check(db != NULL);
        check(fruit_list(db, (struct fruit_list){ { count % 900 }, .limit = 50 }, &rows) == 50);
        for (int64_t i = 0; i < 5; i++)
            check(fruit_by_id(db, (struct fruit_by_id){ { (count + i) % ROWS } }, &row));
        check(sql_read_end(store, db));
        arena_reset(arena);
    }
    printf("a read of 50 rows and 5 times one: %.1f us\n", SECONDS * 1e6 / count);
    arena_free(arena);
}

/* --- Both ------------------------------------------------------------------------------------- */

static struct sql_store *open_store(const char *url, unsigned batch_max)
{
    struct sql_store *store;
    struct fault fault = { 0 };
    if (!sql_store_open((struct sql_options){ .url = str_from(url), .batch_max = batch_max },
                        &store, &fault)) {
        fprintf(stderr, "%s\n", fault.detail);
        exit(1);
    }
    return store;
}

int main(int argc, char **argv)
{
    bool is_postgres = argc > 1 && strncmp(argv[1], "postgres", 8) == 0;
    char folder[256], url[512];
    snprintf(folder, sizeof folder, "%s/bench-XXXXXX", argc > 1 && !is_postgres ? argv[1] : ".");
    if (!is_postgres)
        check(mkdtemp(folder) != NULL);
    snprintf(url, sizeof url, "sqlite:%s/bench.db", folder);
    const char *place = is_postgres ? argv[1] : url;
    struct sql_store *store = open_store(place, 0);
    check(sql_run_schema(store, str_from(testing_schema_text), NULL));
    check(sql_submit_wait(store, fill, NULL, NULL) == SQL_KEPT);
    measure_reading(store);
    static const unsigned waiting[] = { 1, 64, WAITING_MAX };
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++)
        measure_writing(store, waiting[i], is_postgres ? "8 workers" : "many a commit");
    sql_store_close(store);
    if (is_postgres)
        return 0;
    store = open_store(place, 1);
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++)
        measure_writing(store, waiting[i], "one a commit");
    sql_store_close(store);
    printf("files are in %s\n", folder);
    return 0;
}
