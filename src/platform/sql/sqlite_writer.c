/* SQLite's one writer: many commands, one commit.
 *
 * The writer takes whatever is waiting (it never waits for more), runs each command in one
 * transaction, does the work asked for before the commit, commits, and only then answers all of
 * them: one fsync for hundreds of people.
 *
 * A command that fails or changes its mind harms nobody else. Most of those have changed nothing
 * yet, so commands run without savepoints at first: a savepoint copies every page that is touched.
 * When one does leave traces, the transaction is rolled back and the batch runs again, each command
 * in a savepoint of its own; and so do the next batches, for such commands seldom come alone.
 *
 * Dropped commands are answered after the commit as well: what they saw (a name taken, an answer
 * given before) may be the work of a neighbour in the batch, which is not true before it is kept.
 *
 * On a full disk SQLite may roll back the whole transaction in the middle of a command. Then that
 * command is answered, and the others of the batch run once more, without it.
 */
#include "base/check.h"
#include "base/log.h"
#include "platform/sql/sqlite_inner.h"
#include <stdlib.h>

enum {
    CHECKPOINT_PAGES = 2000, /* 8 MB: larger is faster for a while, and then slower for longer */
    WAL_PAGES_MAX = 40000,   /* beyond it readers that never pause are waited for */
    CHECKPOINT_WAIT_MS = 200,
    CAREFUL_BATCHES = 32,
};

/* What keeps a command that is not kept from harming its neighbours. */
enum guard {
    GUARD_ALONE,      /* it has none: the transaction is its own */
    GUARD_HOPE,       /* that it leaves no traces; else the batch runs again with savepoints */
    GUARD_SAVEPOINTS, /* each command has its own */
};

struct entry {
    struct sql_command *command; /* NULL: answered */
    bool is_kept;
};

struct writer {
    struct sql_store *store;
    struct sqlite_db *c;
    struct entry *batch;
    unsigned count;
    enum guard guard;
    unsigned careful_batches; /* still to be run with savepoints */
    int wal_pages, checkpoint_due_pages;
    bool checkpoint_is_failing;
};

static void answer(struct entry *entry, enum sql_outcome outcome, const struct fault *fault)
{
    struct sql_command *command = entry->command;
    entry->command = NULL;
    command->done(outcome, fault, command->context);
}

static void answer_rest(struct writer *w, const struct fault *fault)
{
    for (unsigned i = 0; i < w->count; i++)
        if (w->batch[i].command != NULL)
            answer(&w->batch[i], SQL_UNAVAILABLE, fault);
}

/* --- One command ---------------------------------------------------------------------------- */

/* Back to before the command. False when the transaction as a whole is gone or must go. */
static bool undo(struct writer *w, unsigned works_before, int64_t changes_before)
{
    struct sqlite_db *c = w->c;
    sql_works_cut(&c->base.works, works_before);
    if (sqlite_lost_transaction(c))
        return false;
    switch (w->guard) {
    case GUARD_ALONE:
        return sqlite_run_fixed(c, SQLITE_ROLLBACK_ALL);
    case GUARD_HOPE:
        return sqlite3_total_changes64(c->handle) == changes_before;
    default:
        return sqlite_run_fixed(c, SQLITE_SAVEPOINT_ROLLBACK) &&
               sqlite_run_fixed(c, SQLITE_SAVEPOINT_RELEASE);
    }
}

/* Runs one command inside the batch's transaction; false when the whole transaction is lost. A
   failed command is answered here if nothing of it can still change. */
static bool run_command(struct writer *w, struct entry *entry)
{
    struct sqlite_db *c = w->c;
    sql_renew(&c->base);
    unsigned works_before = c->base.works.count;
    int64_t changes_before = sqlite3_total_changes64(c->handle);
    bool has_savepoint = w->guard == GUARD_SAVEPOINTS;
    if (has_savepoint && !sqlite_run_fixed(c, SQLITE_SAVEPOINT_SET))
        return false;
    entry->is_kept = entry->command->run(&c->base, entry->command->context) && !c->base.failed;
    if (entry->is_kept && has_savepoint)
        entry->is_kept = sqlite_run_fixed(c, SQLITE_SAVEPOINT_RELEASE);
    if (entry->is_kept)
        return true;
    bool is_intact = undo(w, works_before, changes_before);
    bool runs_again = !is_intact && w->guard == GUARD_HOPE && !sqlite_lost_transaction(c);
    if (c->base.failed && !runs_again)
        answer(entry, SQL_UNAVAILABLE, &c->base.fault);
    return is_intact;
}

/* --- A batch -------------------------------------------------------------------------------- */

enum attempt { ATTEMPT_ENDED, ATTEMPT_LOST, ATTEMPT_FAILED };

static void forget_answered(struct writer *w)
{
    unsigned left = 0;
    for (unsigned i = 0; i < w->count; i++)
        if (w->batch[i].command != NULL)
            w->batch[left++] = w->batch[i];
    w->count = left;
}

static bool any_kept(const struct writer *w)
{
    for (unsigned i = 0; i < w->count; i++)
        if (w->batch[i].command != NULL && w->batch[i].is_kept)
            return true;
    return false;
}

/* Commits what was kept. False with the connection's fault; nothing was kept then. */
static bool finish_transaction(struct writer *w)
{
    struct sql *db = &w->c->base;
    sql_renew(db);
    if (!any_kept(w)) {
        sqlite_driver.rollback(db);
        return true;
    }
    if (!sql_works_run(&db->works, db)) {
        sqlite_driver.rollback(db);
        return false;
    }
    if (!sqlite_driver.commit(db))
        return false;
    atomic_fetch_add(&w->store->generation, 1);
    return true;
}

static enum attempt try_batch(struct writer *w)
{
    struct sql *db = &w->c->base;
    sql_renew(db);
    sql_works_cut(&db->works, 0);
    if (!sqlite_driver.begin(db))
        return ATTEMPT_FAILED;
    for (unsigned i = 0; i < w->count; i++) {
        if (!run_command(w, &w->batch[i])) {
            sqlite_driver.rollback(db);
            return ATTEMPT_LOST;
        }
    }
    return finish_transaction(w) ? ATTEMPT_ENDED : ATTEMPT_FAILED;
}

static enum attempt try_rest(struct writer *w)
{
    forget_answered(w);
    return w->count > 0 ? try_batch(w) : ATTEMPT_ENDED;
}

static enum guard choose_guard(struct writer *w)
{
    if (w->count == 1)
        return GUARD_ALONE;
    if (w->careful_batches == 0)
        return GUARD_HOPE;
    w->careful_batches--;
    return GUARD_SAVEPOINTS;
}

static void run_batch(struct writer *w)
{
    w->guard = choose_guard(w);
    enum attempt result = try_batch(w);
    if (result == ATTEMPT_LOST && w->guard == GUARD_HOPE) {
        w->guard = GUARD_SAVEPOINTS;
        w->careful_batches = CAREFUL_BATCHES;
        result = try_rest(w);
    }
    if (result == ATTEMPT_LOST)
        result = try_rest(w);
    struct fault fault = w->c->base.fault;
    if (result != ATTEMPT_ENDED) {
        answer_rest(w, &fault);
        return;
    }
    for (unsigned i = 0; i < w->count; i++)
        if (w->batch[i].command != NULL)
            answer(&w->batch[i], w->batch[i].is_kept ? SQL_KEPT : SQL_DROPPED, NULL);
}

/* --- Checkpoints ---------------------------------------------------------------------------- */

/* The WAL has grown to this size (called by SQLite within COMMIT; the checkpoint itself waits until
   the batch is answered, so that nobody waits for it). */
static int wal_grew(void *context, sqlite3 *handle, const char *name, int pages)
{
    struct writer *w = context;
    if (pages < w->wal_pages)
        w->checkpoint_due_pages = CHECKPOINT_PAGES; /* it began anew */
    w->wal_pages = pages;
    return SQLITE_OK;
}

static void checkpoint_when_due(struct writer *w)
{
    if (w->wal_pages < w->checkpoint_due_pages)
        return;
    sqlite3 *handle = w->c->handle;
    int mode = w->wal_pages < WAL_PAGES_MAX ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
    sqlite3_busy_timeout(handle, CHECKPOINT_WAIT_MS);
    int result = sqlite3_wal_checkpoint_v2(handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_WAIT_MS);
    w->checkpoint_due_pages = w->wal_pages + CHECKPOINT_PAGES;
    bool is_failing = result != SQLITE_OK && result != SQLITE_BUSY;
    if (is_failing && !w->checkpoint_is_failing) /* the WAL keeps everything: a warning, once */
        log_event(LOG_WARN, "sql.checkpoint_failed",
                  LOG_TEXT("detail", str_from(sqlite3_errmsg(handle))), LOG_END);
    w->checkpoint_is_failing = is_failing;
}

/* --- The thread ----------------------------------------------------------------------------- */

void *sqlite_writer_main(void *argument)
{
    struct sql_store *store = argument;
    struct writer w = { .store = store, .checkpoint_due_pages = CHECKPOINT_PAGES };
    w.c = (struct sqlite_db *)sql_writer_connection(store);
    w.batch = calloc(store->batch_max, sizeof w.batch[0]);
    check(w.batch != NULL);
    sql_mark_writer_thread();
    sqlite3_wal_hook(w.c->handle, wal_grew, &w);
    struct sql_command *command;
    while ((command = sql_queue_take(&store->queue, store->batch_max)) != NULL) {
        w.count = 0;
        for (; command != NULL; command = command->next)
            w.batch[w.count++] = (struct entry){ .command = command };
        run_batch(&w);
        checkpoint_when_due(&w);
    }
    sqlite3_wal_hook(w.c->handle, NULL, NULL);
    free(w.batch);
    return NULL;
}
