/* PostgreSQL's workers: each runs one command at a time in a SERIALIZABLE transaction (READ
 * COMMITTED where the command is guarded, see sql.h).
 *
 * A conflict with another transaction, or a connection lost before COMMIT was sent, undoes
 * everything: the command runs again from the start, after a pause that grows and is never the same
 * for two. Where everybody wants the same row (the record of one campaign), pauses alone let a few
 * lose again and again; so a command that has lost some times gets the right of way: it runs while
 * no other of this server does. A connection lost during COMMIT leaves the outcome open; then the
 * person is asked to try again, and the idempotency key tells what happened.
 */
#include "platform/sql/postgres_inner.h"
#include <time.h>

enum {
    TRIES_MAX = 16,
    TRIES_TOGETHER = 4, /* from then on alone */
    PATIENCE_MS = 5000, /* after this long no new try begins */
    PAUSE_FIRST_US = 1000,
    PAUSE_MAX_US = 250000,
};

struct worker {
    struct sql_store *store;
    struct sql *db;
    uint64_t chance; /* only for pauses */
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pause_before(struct worker *w, unsigned try)
{
    int64_t longest = (int64_t)PAUSE_FIRST_US << (try < 10 ? try : 10);
    longest = longest < PAUSE_MAX_US ? longest : PAUSE_MAX_US;
    w->chance ^= w->chance << 13;
    w->chance ^= w->chance >> 7;
    w->chance ^= w->chance << 17;
    int64_t pause_us = (int64_t)(w->chance % (uint64_t)longest);
    nanosleep(&(struct timespec){ .tv_nsec = pause_us * 1000 }, NULL);
}

enum attempt { ATTEMPT_KEPT, ATTEMPT_DROPPED, ATTEMPT_FAILED };

static enum attempt try_command(struct worker *w, struct sql_command *command)
{
    struct sql *db = w->db;
    sql_renew(db);
    sql_works_cut(&db->works, 0);
    db->guarded = command->guarded;
    if (!db->driver->begin(db))
        return ATTEMPT_FAILED;
    bool is_wanted = command->run(db, command->context);
    if (!db->failed && !is_wanted) {
        db->driver->rollback(db);
        return ATTEMPT_DROPPED;
    }
    if (!db->failed && sql_works_run(&db->works, db) && db->driver->commit(db))
        return ATTEMPT_KEPT;
    db->driver->rollback(db);
    return ATTEMPT_FAILED;
}

static void run_command(struct worker *w, struct sql_command *command)
{
    int64_t until_ms = now_ms() + PATIENCE_MS;
    enum attempt result;
    for (unsigned try = 1;; try++) {
        if (try <= TRIES_TOGETHER)
            pthread_rwlock_rdlock(&w->store->right_of_way);
        else
            pthread_rwlock_wrlock(&w->store->right_of_way);
        result = try_command(w, command);
        pthread_rwlock_unlock(&w->store->right_of_way);
        if (result != ATTEMPT_FAILED || !w->db->may_retry || try == TRIES_MAX ||
            now_ms() >= until_ms)
            break;
        pause_before(w, try);
    }
    if (result == ATTEMPT_KEPT)
        atomic_fetch_add(&w->store->generation, 1);
    enum sql_outcome outcome = result == ATTEMPT_KEPT      ? SQL_KEPT
                               : result == ATTEMPT_DROPPED ? SQL_DROPPED
                                                           : SQL_UNAVAILABLE;
    struct fault fault = w->db->fault;
    command->done(outcome, result == ATTEMPT_FAILED ? &fault : NULL, command->context);
}

void *postgres_writer_main(void *argument)
{
    struct worker w = { .store = argument };
    w.db = sql_writer_connection(w.store);
    w.chance = (uint64_t)(uintptr_t)w.db ^ (uint64_t)now_ms() ^ 0x9e3779b97f4a7c15u;
    sql_mark_writer_thread();
    struct sql_command *command;
    while ((command = sql_queue_take(&w.store->queue, 1)) != NULL)
        run_command(&w, command);
    return NULL;
}
