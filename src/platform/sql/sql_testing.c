#include "platform/sql/sql_testing.h"
#include "base/check.h"
#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- A store for each test -------------------------------------------------------------------- */

const char *trial_postgres_url(void)
{
    const char *url = getenv("MANYHANDS_TEST_POSTGRES");
    return url != NULL && url[0] != '\0' ? url : NULL;
}

void trial_open(struct trial *t, struct sql_options options)
{
    struct fault fault = { 0 };
    options.url = str_from(t->url);
    if (!sql_store_open(options, &t->store, &fault))
        fail_msg("%s", fault.detail);
}

void trial_close(struct trial *t)
{
    sql_store_close(t->store);
    t->store = NULL;
}

static struct trial *make_trial(enum sql_store_kind kind)
{
    struct trial *t = calloc(1, sizeof *t);
    check(t != NULL);
    t->kind = kind;
    t->arena = arena_make();
    snprintf(t->folder, sizeof t->folder, "/tmp/sql-test-XXXXXX");
    check(mkdtemp(t->folder) != NULL);
    return t;
}

static int begin(void **state, struct trial *t)
{
    struct fault fault = { 0 };
    trial_open(t, (struct sql_options){ .connections = 4 });
    if (!sql_run_schema(t->store, str_from(testing_schema_text), &fault))
        fail_msg("%s", fault.detail);
    *state = t;
    return 0;
}

int trial_begin_sqlite(void **state)
{
    struct trial *t = make_trial(SQL_SQLITE);
    snprintf(t->url, sizeof t->url, "sqlite:%s/test.db", t->folder);
    return begin(state, t);
}

static void run_on_server(const char *text)
{
    PGconn *conn = PQconnectdb(trial_postgres_url());
    PGresult *result = PQexec(conn, text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
}

/* A schema of its own stands for a database of its own: it is made much faster. */
int trial_begin_postgres(void **state)
{
    static unsigned made;
    struct trial *t = make_trial(SQL_POSTGRES);
    const char *url = trial_postgres_url();
    char text[128];
    snprintf(t->schema, sizeof t->schema, "trial_%d_%u", (int)getpid(), ++made);
    snprintf(text, sizeof text, "CREATE SCHEMA %s", t->schema);
    run_on_server(text);
    snprintf(t->url, sizeof t->url, "%s%coptions=-csearch_path%%3D%s", url,
             strchr(url, '?') != NULL ? '&' : '?', t->schema);
    return begin(state, t);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    return remove(path);
}

int trial_end(void **state)
{
    struct trial *t = *state;
    trial_close(t);
    if (t->kind == SQL_POSTGRES) {
        char text[160];
        snprintf(text, sizeof text, "SET client_min_messages = error; DROP SCHEMA %s CASCADE",
                 t->schema);
        run_on_server(text);
    }
    nftw(t->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(t->arena);
    free(t);
    return 0;
}

/* --- Common commands -------------------------------------------------------------------------- */

bool put_fruit(struct sql *db, void *context)
{
    fruit_insert(db, (struct fruit_insert){
                         .fruit_id = { *(int64_t *)context }, .name = S("apple"), .amount = 1 });
    return true;
}

bool put_fruit_and_change_my_mind(struct sql *db, void *context)
{
    put_fruit(db, context);
    return false;
}

bool put_fruit_and_fail(struct sql *db, void *context)
{
    put_fruit(db, context);
    fruit_insert_strictly(db,
                          (struct fruit_insert_strictly){ .fruit_id = { *(int64_t *)context } });
    return true;
}

int64_t count_fruits(struct trial *t)
{
    struct fault fault = { 0 };
    struct sql *db = sql_read_begin(t->store, t->arena, &fault);
    if (db == NULL)
        fail_msg("%s", fault.detail);
    struct fruit_count_row row;
    assert_true(fruit_count(db, &row));
    assert_true(sql_read_end(t->store, db));
    return row.fruits;
}

bool has_fruit(struct trial *t, int64_t id)
{
    struct fruit_by_id_row row;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    assert_non_null(db);
    bool found = fruit_by_id(db, (struct fruit_by_id){ { id } }, &row);
    assert_true(sql_read_end(t->store, db));
    return found;
}

void must(struct trial *t, enum sql_outcome expected, bool (*run)(struct sql *, void *),
          void *context)
{
    struct fault fault = { 0 };
    enum sql_outcome outcome = sql_submit_wait(t->store, run, context, &fault);
    if (outcome != expected)
        fail_msg("outcome %d, expected %d: %s", outcome, expected, fault.detail);
}

/* --- A writer that stands still --------------------------------------------------------------- */

static bool gate_run(struct sql *db, void *context)
{
    struct gate *gate = context;
    pthread_mutex_lock(&gate->lock);
    gate->is_entered = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->is_open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
    return false;
}

static void gate_done(enum sql_outcome outcome, const struct fault *fault, void *context)
{
    struct gate *gate = context;
    pthread_mutex_lock(&gate->lock);
    gate->is_left = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

void gate_shut(struct gate *gate, struct trial *t)
{
    *gate = (struct gate){ .command = { .run = gate_run, .done = gate_done, .context = gate } };
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
    sql_submit(t->store, &gate->command);
    pthread_mutex_lock(&gate->lock);
    while (!gate->is_entered)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_open = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->is_left)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
}

/* --- Many at once ----------------------------------------------------------------------------- */

void crowd_init(struct crowd *crowd)
{
    *crowd = (struct crowd){ 0 };
    pthread_mutex_init(&crowd->lock, NULL);
    pthread_cond_init(&crowd->changed, NULL);
}

static bool pending_run(struct sql *db, void *context)
{
    struct pending *pending = context;
    return pending->run(db, &pending->id);
}

static void pending_done(enum sql_outcome outcome, const struct fault *fault, void *context)
{
    struct pending *pending = context;
    struct crowd *crowd = pending->crowd;
    pthread_mutex_lock(&crowd->lock);
    pending->outcome = outcome;
    if (fault != NULL)
        pending->fault = *fault;
    crowd->kept += outcome == SQL_KEPT;
    crowd->dropped += outcome == SQL_DROPPED;
    crowd->unavailable += outcome == SQL_UNAVAILABLE;
    crowd->answered++;
    pthread_cond_broadcast(&crowd->changed);
    pthread_mutex_unlock(&crowd->lock);
}

void crowd_submit(struct crowd *crowd, struct trial *t, struct pending *pending,
                  bool (*run)(struct sql *, void *), int64_t id)
{
    *pending = (struct pending){ .run = run, .id = id, .crowd = crowd };
    pending->command =
        (struct sql_command){ .run = pending_run, .done = pending_done, .context = pending };
    sql_submit(t->store, &pending->command);
}

void crowd_wait(struct crowd *crowd, unsigned count)
{
    pthread_mutex_lock(&crowd->lock);
    while (crowd->answered < count)
        pthread_cond_wait(&crowd->changed, &crowd->lock);
    pthread_mutex_unlock(&crowd->lock);
}
