#include "platform/jobs/jobs.h"

#include "base/buf.h"
#include "jobs.sql.h"
#include "platform/clock/clock.h"

#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <libpq-fe.h>

static const int64_t SECOND = 1000000, HOUR = INT64_C(3600) * 1000000;

struct place {
    struct arena *arena;
    char folder[64];
    bool on_postgres;
    char schema[64];
    struct sql_store *store;
    struct fault fault;
};

static struct str schema_read(struct arena *arena)
{
    const char *root = getenv("SOURCE_ROOT");
    struct str path =
        str_printf(arena, "%s/src/platform/jobs/jobs_schema.sql", root == NULL ? "." : root);
    FILE *file = fopen(path.data, "re");
    struct buf text = { .arena = arena };
    for (int c = fgetc(file); c != EOF; c = fgetc(file))
        buf_char(&text, (char)c);
    fclose(file);
    return buf_str(&text);
}

/* MANYHANDS_TEST_POSTGRES names a server for tests; each test has a schema of its own there. */
static const char *postgres_url(void)
{
    const char *url = getenv("MANYHANDS_TEST_POSTGRES");
    return url != NULL && url[0] != '\0' ? url : NULL;
}

static void run_on_server(const char *statement)
{
    PGconn *server = PQconnectdb(postgres_url());
    PGresult *result = PQexec(server, statement);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQfinish(server);
}

static struct str store_url(struct place *p)
{
    static unsigned made;
    if (!p->on_postgres)
        return str_printf(p->arena, "sqlite:%s/test.db", p->folder);
    snprintf(p->schema, sizeof p->schema, "jobs_%d_%u", (int)getpid(), ++made);
    run_on_server(str_printf(p->arena, "CREATE SCHEMA %s", p->schema).data);
    return str_printf(p->arena, "%s%coptions=-csearch_path%%3D%s", postgres_url(),
                      strchr(postgres_url(), '?') != NULL ? '&' : '?', p->schema);
}

static int setup_on(void **state, bool on_postgres)
{
    struct place *p = calloc(1, sizeof *p);
    *state = p;
    p->on_postgres = on_postgres;
    p->arena = arena_make();
    snprintf(p->folder, sizeof p->folder, "/tmp/manyhands-jobs-XXXXXX");
    if (mkdtemp(p->folder) == NULL)
        return -1;
    struct sql_options options = { .url = store_url(p) };
    if (sql_store_open(options, &p->store, &p->fault) &&
        sql_run_schema(p->store, schema_read(p->arena), &p->fault))
        return 0;
    print_error("%s\n", p->fault.detail);
    return -1;
}

static int setup_sqlite(void **state)
{
    return setup_on(state, false);
}

static int setup_postgres(void **state)
{
    return setup_on(state, true);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    return remove(path);
}

static int teardown(void **state)
{
    struct place *p = *state;
    sql_store_close(p->store);
    if (p->on_postgres)
        run_on_server(str_printf(p->arena,
                                 "SET client_min_messages = error; DROP SCHEMA %s CASCADE",
                                 p->schema)
                          .data);
    nftw(p->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(p->arena);
    free(p);
    return 0;
}

/* --- A job that counts, and may wait or fail -------------------------------------------------- */

struct counting {
    struct sql_store *store;
    _Atomic int runs, at_once, at_once_max;
    _Atomic bool fails, waits; /* `waits`: runs until it is cleared */
    _Atomic int64_t fence;
    _Atomic bool held;
};

struct asking {
    struct job_lease lease;
    bool holds;
};

static bool ask(struct sql *db, void *context)
{
    struct asking *a = context;
    a->holds = job_lease_holds(db, a->lease);
    return true;
}

static bool count_run(void *context, int64_t now, struct fault *fault)
{
    struct counting *c = context;
    int at_once = atomic_fetch_add(&c->at_once, 1) + 1;
    if (at_once > atomic_load(&c->at_once_max))
        atomic_store(&c->at_once_max, at_once);
    struct asking asking = { .lease = job_lease_current() };
    if (sql_submit_wait(c->store, ask, &asking, fault) != SQL_KEPT)
        return false;
    atomic_store(&c->fence, asking.lease.fence);
    atomic_store(&c->held, asking.holds);
    atomic_fetch_add(&c->runs, 1);
    while (atomic_load(&c->waits))
        usleep(1000);
    atomic_fetch_sub(&c->at_once, 1);
    return atomic_load(&c->fails) ? fault_set(fault, FAULT_UNAVAILABLE, "no luck") : true;
}

static void wait_for_runs(struct counting *c, int runs)
{
    while (atomic_load(&c->runs) < runs) /* the test's own time-out ends it */
        usleep(1000);
}

static struct job_by_name_row row_of(struct place *p, const char *name)
{
    struct job_by_name_row row = { 0 };
    struct sql *db = sql_read_begin(p->store, p->arena, &p->fault);
    assert_non_null(db);
    job_by_name(db, (struct job_by_name){ str_from(name) }, &row);
    assert_true(sql_read_end(p->store, db));
    return row;
}

/* --- Tests ------------------------------------------------------------------------------------ */

static void a_job_runs_at_once_and_then_in_its_rhythm(void **state)
{
    struct place *p = *state;
    struct counting often = { .store = p->store }, rarely = { .store = p->store };
    struct job jobs[] = {
        { .name = "often",
          .every_us = 1000,
          .lease_us = HOUR,
          .run = count_run,
          .context = &often },
        { .name = "rarely",
          .every_us = HOUR,
          .lease_us = HOUR,
          .run = count_run,
          .context = &rarely },
    };
    struct job_runner *runner = jobs_start(p->store, jobs, 2);
    wait_for_runs(&often, 5);
    jobs_stop(runner);
    assert_int_equal(rarely.runs, 1);
    struct job_by_name_row row = row_of(p, "rarely");
    assert_int_equal(row.holder.size, 0);
    assert_int_equal(row.lease_until_at, 0);
    assert_true(row.next_run_at >= row.last_run_at + HOUR);
    assert_int_equal(row.last_error.size, 0);
    jobs_stop(NULL);
}

static void two_servers_never_run_one_job_together(void **state)
{
    struct place *p = *state;
    struct counting counting = { .store = p->store };
    struct job job = {
        .name = "shared", .every_us = 100, .lease_us = HOUR, .run = count_run, .context = &counting
    };
    struct job_runner *one = jobs_start(p->store, &job, 1), *two = jobs_start(p->store, &job, 1);
    wait_for_runs(&counting, 30);
    jobs_stop(one);
    jobs_stop(two);
    assert_int_equal(counting.at_once_max, 1);
    assert_int_equal(row_of(p, "shared").fence, counting.runs);
}

struct dead_server {
    const char *holder;
    int64_t lease_until_at;
};

static bool die_with_lease(struct sql *db, void *context)
{
    struct dead_server *dead = context;
    struct job_take_row row;
    job_insert(db, (struct job_insert){ S("left") });
    return job_take(db,
                    (struct job_take){ .holder = str_from(dead->holder),
                                       .lease_until_at = dead->lease_until_at,
                                       .job_name = S("left"),
                                       .now = 1 },
                    &row);
}

/* Serves until the job that somebody left has run; its fence then. */
static int64_t fence_of_what_was_left(struct place *p, int64_t every_us, int64_t lease_us)
{
    struct counting counting = { .store = p->store };
    struct job job = { .name = "left",
                       .every_us = every_us,
                       .lease_us = lease_us,
                       .run = count_run,
                       .context = &counting };
    struct job_runner *runner = jobs_start(p->store, &job, 1);
    wait_for_runs(&counting, 1);
    jobs_stop(runner);
    assert_true(counting.held);
    return counting.fence;
}

/* Whatever the dead server's clock said: a lease lasts as long as whoever waits for it measures. */
static void the_lease_of_a_dead_server_runs_out(void **state)
{
    struct place *p = *state;
    struct dead_server dead = { "elsewhere 7", clock_now() + 2 * HOUR };
    assert_int_equal(sql_submit_wait(p->store, die_with_lease, &dead, &p->fault), SQL_KEPT);
    int64_t begun = clock_monotonic();
    assert_int_equal(fence_of_what_was_left(p, HOUR, SECOND / 5), 2);
    assert_true(clock_monotonic() - begun >= SECOND / 5);
}

static void a_lease_is_not_taken_because_ones_own_clock_is_ahead(void **state)
{
    struct place *p = *state;
    struct dead_server alive = { "elsewhere 7", clock_now() - HOUR }; /* as it looks from there */
    assert_int_equal(sql_submit_wait(p->store, die_with_lease, &alive, &p->fault), SQL_KEPT);
    int64_t begun = clock_monotonic();
    assert_int_equal(fence_of_what_was_left(p, 1000, SECOND / 5), 2);
    assert_true(clock_monotonic() - begun >= SECOND / 5);
}

static void a_process_of_this_machine_that_is_gone_is_not_waited_for(void **state)
{
    struct place *p = *state;
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    struct dead_server dead = { str_printf(p->arena, "%s %d", host, (int)child).data,
                                clock_now() + HOUR };
    assert_int_equal(sql_submit_wait(p->store, die_with_lease, &dead, &p->fault), SQL_KEPT);
    assert_int_equal(fence_of_what_was_left(p, HOUR, HOUR), 2);
}

/* One whose clock was ahead ran the job and named the next time; another took it up and died. */
static bool run_ahead_then_die(struct sql *db, void *context)
{
    const struct dead_server *dead = context;
    struct job_take_row row;
    job_insert(db, (struct job_insert){ S("left") });
    job_give_back(
        db, (struct job_give_back){ .job_name = S("left"), .next_run_at = clock_now() + 2 * HOUR });
    return job_take(db,
                    (struct job_take){ .holder = str_from(dead->holder),
                                       .lease_until_at = dead->lease_until_at,
                                       .job_name = S("left"),
                                       .now = INT64_MAX },
                    &row);
}

static void a_time_named_by_a_clock_that_was_ahead_is_not_waited_for(void **state)
{
    struct place *p = *state;
    struct dead_server dead = { "elsewhere 7", clock_now() + SECOND / 5 };
    assert_int_equal(sql_submit_wait(p->store, run_ahead_then_die, &dead, &p->fault), SQL_KEPT);
    assert_int_equal(fence_of_what_was_left(p, SECOND, SECOND / 5), 2);
}

static void who_outlives_its_lease_is_told(void **state)
{
    struct place *p = *state;
    struct counting slow = { .store = p->store, .waits = true }, fresh = { .store = p->store };
    struct job slow_job = {
        .name = "slow", .every_us = HOUR, .lease_us = 1000, .run = count_run, .context = &slow
    };
    struct job fresh_job = slow_job;
    fresh_job.context = &fresh;
    struct job_runner *one = jobs_start(p->store, &slow_job, 1);
    wait_for_runs(&slow, 1);
    struct job_runner *two = jobs_start(p->store, &fresh_job, 1);
    wait_for_runs(&fresh, 1);
    struct asking asking = { .lease = { .name = "slow", .fence = slow.fence } };
    assert_int_equal(sql_submit_wait(p->store, ask, &asking, &p->fault), SQL_KEPT);
    assert_false(asking.holds);
    jobs_stop(two);
    struct job_by_name_row after_two = row_of(p, "slow");
    atomic_store(&slow.waits, false);
    jobs_stop(one); /* its give-back changes nothing */
    assert_int_equal(row_of(p, "slow").next_run_at, after_two.next_run_at);
    assert_int_equal(row_of(p, "slow").fence, 2);
}

static void a_failed_job_says_so_and_comes_again(void **state)
{
    struct place *p = *state;
    struct counting counting = { .store = p->store, .fails = true };
    struct job job = {
        .name = "weak", .every_us = 1000, .lease_us = HOUR, .run = count_run, .context = &counting
    };
    struct job_runner *runner = jobs_start(p->store, &job, 1);
    wait_for_runs(&counting, 3);
    jobs_stop(runner);
    assert_string_equal(str_c(p->arena, row_of(p, "weak").last_error), "no luck");
}

static void a_stop_waits_for_the_running_job(void **state)
{
    struct place *p = *state;
    for (int i = 0; i < 20; i++) {
        struct counting counting = { .store = p->store };
        struct job job = {
            .name = "ends", .every_us = 1, .lease_us = HOUR, .run = count_run, .context = &counting
        };
        struct job_runner *runner = jobs_start(p->store, &job, 1);
        if (i % 2 == 0)
            wait_for_runs(&counting, 1);
        jobs_stop(runner);
        assert_int_equal(counting.at_once, 0);
        assert_int_equal(row_of(p, "ends").lease_until_at, 0);
    }
}

#define EVERY_TEST(on)                                                                             \
    on(a_job_runs_at_once_and_then_in_its_rhythm) on(two_servers_never_run_one_job_together)       \
        on(the_lease_of_a_dead_server_runs_out) on(who_outlives_its_lease_is_told)                 \
            on(a_lease_is_not_taken_because_ones_own_clock_is_ahead)                               \
                on(a_process_of_this_machine_that_is_gone_is_not_waited_for)                       \
                    on(a_time_named_by_a_clock_that_was_ahead_is_not_waited_for)                   \
                        on(a_failed_job_says_so_and_comes_again)                                   \
                            on(a_stop_waits_for_the_running_job)
#define ON_SQLITE(test) { #test, test, setup_sqlite, teardown, NULL },
#define ON_POSTGRES(test) { "postgres_" #test, test, setup_postgres, teardown, NULL },

int main(void)
{
    const struct CMUnitTest on_sqlite[] = { EVERY_TEST(ON_SQLITE) };
    const struct CMUnitTest on_postgres[] = { EVERY_TEST(ON_POSTGRES) };
    int failed = cmocka_run_group_tests(on_sqlite, NULL, NULL);
    if (postgres_url() != NULL)
        failed += cmocka_run_group_tests(on_postgres, NULL, NULL);
    return failed;
}
