#include "platform/sql/sql.h"
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/sql/sql_inner.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUEUE_LENGTH_DEFAULT = 4096,
    BATCH_DEFAULT = 512,
    WORKERS_DEFAULT = 8,
    WORKERS_MAX = 256,
    READERS_MAX = 64,
    READER_WAIT_US = 5000000,
};

static _Thread_local bool is_writer_thread;

/* --- Queries ---------------------------------------------------------------------------------- */

int64_t sql_exec(struct sql *db, const struct sql_query *query, const void *params)
{
    return db->failed ? 0 : db->driver->exec(db, query, params);
}

void sql_send(struct sql *db, const struct sql_query *query, const void *params)
{
    check(db->role != SQL_READER);
    if (db->failed)
        return;
    if (db->driver->send != NULL)
        db->driver->send(db, query, params);
    else
        db->driver->exec(db, query, params);
}

bool sql_one(struct sql *db, const struct sql_query *query, const void *params, void *row)
{
    memset(row, 0, query->row_size);
    return !db->failed && db->driver->one(db, query, params, row);
}

size_t sql_many(struct sql *db, const struct sql_query *query, const void *params, void **rows)
{
    *rows = NULL;
    return db->failed ? 0 : db->driver->many(db, query, params, rows);
}

void sql_run_again(struct sql *db)
{
    if (db->failed)
        return;
    db->may_retry = true;
    sql_fail(db, FAULT_UNAVAILABLE, "others have changed meanwhile what a command had read");
}

bool sql_failed(const struct sql *db)
{
    return db->failed;
}

const struct fault *sql_fault(const struct sql *db)
{
    return &db->fault;
}

void sql_use_arena(struct sql *db, struct arena *arena)
{
    db->arena = arena;
}

struct arena *sql_arena(const struct sql *db)
{
    return db->arena;
}

bool sql_fail(struct sql *db, enum fault_kind kind, const char *format, ...)
{
    if (db->failed)
        return false;
    db->failed = true;
    char detail[sizeof db->fault.detail];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return fault_set(&db->fault, kind, "%s", detail);
}

void sql_before_commit(struct sql *db, void (*work)(struct sql *, const int64_t[2]),
                       const int64_t key[2])
{
    check(db->role == SQL_WRITER);
    sql_works_add(&db->works, work, key);
}

/* --- Connections ------------------------------------------------------------------------------ */

void sql_setup(struct sql *db, const struct sql_driver *driver, struct sql_store *store,
               enum sql_role role)
{
    db->driver = driver;
    db->store = store;
    db->role = role;
    if (role != SQL_READER)
        db->own_arena = arena_make();
    db->arena = db->own_arena;
}

void sql_teardown(struct sql *db)
{
    arena_free(db->own_arena);
    sql_works_free(&db->works);
}

void sql_renew(struct sql *db)
{
    db->failed = db->may_retry = false;
    db->fault.kind = FAULT_NONE;
    db->fault.detail[0] = '\0';
    if (db->own_arena != NULL) {
        arena_reset(db->own_arena);
        db->arena = db->own_arena;
    }
}

/* Takes a free reader, or the right to make one (NULL); false when all stay in use. */
static bool take_reader(struct sql_store *store, struct sql **db)
{
    int64_t until = clock_monotonic() + READER_WAIT_US;
    pthread_mutex_lock(&store->readers_lock);
    while (store->readers_free == NULL && store->readers_made >= READERS_MAX &&
           clock_condition_wait(&store->reader_returned, &store->readers_lock, until))
        continue;
    *db = store->readers_free;
    bool may_make = *db == NULL && store->readers_made < READERS_MAX;
    if (*db != NULL)
        store->readers_free = (*db)->next;
    else if (may_make)
        store->readers_made++;
    pthread_mutex_unlock(&store->readers_lock);
    return *db != NULL || may_make;
}

/* Gives a reader back; NULL: one that was taken or promised is gone. */
static void return_reader(struct sql_store *store, struct sql *db)
{
    pthread_mutex_lock(&store->readers_lock);
    if (db != NULL) {
        db->next = store->readers_free;
        store->readers_free = db;
    } else {
        store->readers_made--;
    }
    pthread_cond_signal(&store->reader_returned);
    pthread_mutex_unlock(&store->readers_lock);
}

struct sql *sql_read_begin(struct sql_store *store, struct arena *arena, struct fault *fault)
{
    struct sql *db;
    if (!take_reader(store, &db)) {
        fault_set(fault, FAULT_UNAVAILABLE, "all %d read connections are in use", READERS_MAX);
        return NULL;
    }
    if (db == NULL)
        db = store->driver->connect(store, SQL_READER, fault);
    if (db == NULL) {
        return_reader(store, NULL);
        return NULL;
    }
    sql_renew(db);
    if (!store->driver->begin(db)) {
        fault_set(fault, db->fault.kind, "%s", db->fault.detail);
        store->driver->disconnect(db);
        return_reader(store, NULL);
        return NULL;
    }
    db->arena = arena;
    return db;
}

bool sql_read_end(struct sql_store *store, struct sql *db)
{
    bool succeeded = !db->failed;
    if (succeeded)
        store->driver->commit(db);
    else
        store->driver->rollback(db);
    return_reader(store, db);
    return succeeded;
}

/* --- Commands --------------------------------------------------------------------------------- */

void sql_submit(struct sql_store *store, struct sql_command *command)
{
    if (sql_queue_put(&store->queue, command))
        return;
    struct fault fault;
    fault_set(&fault, FAULT_UNAVAILABLE, "%u commands are waiting already",
              store->queue.length_max);
    command->done(SQL_UNAVAILABLE, &fault, command->context);
}

struct waiter {
    bool (*run)(struct sql *, void *);
    void *context;
    struct fault *fault;
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool is_answered;
    enum sql_outcome outcome;
};

static bool waiter_run(struct sql *db, void *context)
{
    struct waiter *waiter = context;
    return waiter->run(db, waiter->context);
}

static void waiter_done(enum sql_outcome outcome, const struct fault *fault, void *context)
{
    struct waiter *waiter = context;
    pthread_mutex_lock(&waiter->lock);
    waiter->outcome = outcome;
    if (waiter->fault != NULL && fault != NULL)
        *waiter->fault = *fault;
    waiter->is_answered = true;
    pthread_cond_signal(&waiter->answered);
    pthread_mutex_unlock(&waiter->lock);
}

static enum sql_outcome submit_wait(struct sql_store *store, bool (*run)(struct sql *, void *),
                                    void *context, bool guarded, struct fault *fault)
{
    check(!is_writer_thread);
    struct waiter waiter = { .run = run, .context = context, .fault = fault };
    pthread_mutex_init(&waiter.lock, NULL);
    pthread_cond_init(&waiter.answered, NULL);
    struct sql_command command = {
        .run = waiter_run, .done = waiter_done, .context = &waiter, .guarded = guarded
    };
    sql_submit(store, &command);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.is_answered)
        pthread_cond_wait(&waiter.answered, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    pthread_cond_destroy(&waiter.answered);
    pthread_mutex_destroy(&waiter.lock);
    return waiter.outcome;
}

enum sql_outcome sql_submit_wait(struct sql_store *store, bool (*run)(struct sql *, void *),
                                 void *context, struct fault *fault)
{
    return submit_wait(store, run, context, false, fault);
}

enum sql_outcome sql_submit_wait_guarded(struct sql_store *store, bool (*run)(struct sql *, void *),
                                         void *context, struct fault *fault)
{
    return submit_wait(store, run, context, true, fault);
}

unsigned sql_queue_length(const struct sql_store *store)
{
    struct sql_queue *queue = (struct sql_queue *)&store->queue;
    pthread_mutex_lock(&queue->lock);
    unsigned length = queue->length;
    pthread_mutex_unlock(&queue->lock);
    return length;
}

void sql_mark_writer_thread(void)
{
    is_writer_thread = true;
}

struct sql *sql_writer_connection(struct sql_store *store)
{
    return store->writer_connections[atomic_fetch_add(&store->writer_next, 1)];
}

/* --- The store -------------------------------------------------------------------------------- */

static bool read_url(struct sql_store *store, struct str url, struct fault *fault)
{
    struct str place = url;
    if (str_starts(url, S("sqlite:"))) {
        place = str_slice(url, 7, url.size);
        store->kind = SQL_SQLITE;
        store->driver = &sqlite_driver;
    } else if (str_starts(url, S("postgresql://")) || str_starts(url, S("postgres://"))) {
        store->kind = SQL_POSTGRES;
        store->driver = &postgres_driver;
    } else {
        return fault_set(fault, FAULT_SETUP,
                         "the database is given as sqlite:PATH or postgresql://…, not \"%.*s\"",
                         STR_ARG(url));
    }
    if (place.size == 0 || str_equal(place, S(":memory:")))
        return fault_set(fault, FAULT_SETUP, "the database needs a file: sqlite:PATH");
    store->place = strndup(place.data, place.size);
    check(store->place != NULL);
    return true;
}

static void free_store(struct sql_store *store)
{
    for (struct sql *db = store->readers_free, *next; db != NULL; db = next) {
        next = db->next;
        store->driver->disconnect(db);
    }
    for (unsigned i = 0; i < store->writer_count; i++)
        if (store->writer_connections[i] != NULL)
            store->driver->disconnect(store->writer_connections[i]);
    sql_queue_free(&store->queue);
    pthread_mutex_destroy(&store->readers_lock);
    pthread_rwlock_destroy(&store->right_of_way);
    pthread_cond_destroy(&store->reader_returned);
    free(store->writer_connections);
    free(store->writers);
    free(store->place);
    free(store);
}

static bool connect_writers(struct sql_store *store, struct fault *fault)
{
    for (unsigned i = 0; i < store->writer_count; i++) {
        store->writer_connections[i] = store->driver->connect(store, SQL_WRITER, fault);
        if (store->writer_connections[i] == NULL)
            return false;
    }
    return true;
}

bool sql_store_open(struct sql_options options, struct sql_store **opened, struct fault *fault)
{
    struct sql_store *store = calloc(1, sizeof *store);
    check(store != NULL);
    store->batch_max = options.batch_max != 0 ? options.batch_max : BATCH_DEFAULT;
    sql_queue_init(&store->queue,
                   options.queue_length_max != 0 ? options.queue_length_max : QUEUE_LENGTH_DEFAULT);
    pthread_mutex_init(&store->readers_lock, NULL);
    pthread_rwlockattr_t writers_first;
    pthread_rwlockattr_init(&writers_first);
    pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&store->right_of_way, &writers_first);
    pthread_rwlockattr_destroy(&writers_first);
    clock_condition_init(&store->reader_returned);
    if (!read_url(store, options.url, fault)) {
        free_store(store);
        return false;
    }
    unsigned workers = options.connections != 0 ? options.connections : WORKERS_DEFAULT;
    workers = workers < WORKERS_MAX ? workers : WORKERS_MAX;
    store->writer_count = store->kind == SQL_SQLITE ? 1 : workers;
    store->writer_connections = calloc(store->writer_count, sizeof(struct sql *));
    store->writers = calloc(store->writer_count, sizeof(pthread_t));
    check(store->writer_connections != NULL && store->writers != NULL);
    if (!connect_writers(store, fault)) {
        free_store(store);
        return false;
    }
    for (unsigned i = 0; i < store->writer_count; i++)
        check(pthread_create(&store->writers[i], NULL, store->driver->writer_main, store) == 0);
    *opened = store;
    return true;
}

void sql_store_close(struct sql_store *store)
{
    if (store == NULL)
        return;
    sql_queue_close(&store->queue);
    for (unsigned i = 0; i < store->writer_count; i++)
        pthread_join(store->writers[i], NULL);
    free_store(store);
}

enum sql_store_kind sql_store_kind(const struct sql_store *store)
{
    return store->kind;
}

uint64_t sql_store_generation(const struct sql_store *store)
{
    return atomic_load(&store->generation);
}

/* --- Tasks on a connection of their own ------------------------------------------------------- */

bool sql_integrity(struct sql_store *store, struct fault *fault)
{
    struct sql *db = store->driver->connect(store, SQL_STEWARD, fault);
    if (db == NULL)
        return false;
    bool whole = store->driver->integrity(db, fault);
    store->driver->disconnect(db);
    return whole;
}

bool sql_check_list(struct sql_store *store, const struct sql_query *const *list, unsigned count,
                    struct fault *fault)
{
    struct sql *db = store->driver->connect(store, SQL_STEWARD, fault);
    if (db == NULL)
        return false;
    bool well = true;
    for (unsigned i = 0; i < count && well; i++)
        well = store->driver->prepare(db, list[i]);
    if (!well)
        fault_set(fault, FAULT_SETUP, "%s", db->fault.detail);
    store->driver->disconnect(db);
    return well;
}

bool sql_check_queries(struct sql_store *store, struct fault *fault)
{
    return sql_check_list(store, sql_queries, sql_query_count, fault);
}

bool sql_copy(struct sql_store *store, struct str path, struct fault *fault)
{
    struct sql *db = store->driver->connect(store, SQL_STEWARD, fault);
    if (db == NULL)
        return false;
    bool copied = store->driver->copy(db, path, fault);
    store->driver->disconnect(db);
    return copied;
}
