/* Inside the room: what the door's functions and the two drivers share.
 *
 * sql.c             the door: opening, queries with the sticky failure, readers
 * sql_queue.c       commands waiting for a writer
 * sql_work.c        what sql_before_commit asked for, each once
 * sql_migrate.c     migrations and schema texts, over either driver
 * sql_marks.c       the blocks marked for one store
 * sqlite.c          SQLite: connections and queries; sqlite_writer.c: the one writer thread;
 *                   sqlite_steward.c: scripts, the integrity check, copies
 * postgres.c        PostgreSQL: connections; postgres_query.c: queries; postgres_worker.c: workers
 * testing/          the tests' own tables and queries; sql_testing.h: what the tests share
 */
#pragma once
#include "platform/sql/sql.h"
#include <pthread.h>
#include <stdatomic.h>

/* --- Work before a commit --------------------------------------------------------------------- */

struct sql_work {
    void (*work)(struct sql *db, const int64_t key[2]);
    int64_t key[2];
    unsigned chain; /* the next in the same slot, index + 1 */
};

/* Each function and key once, in the order they were asked for. Entries leave only from the end
   (sql_works_cut), so that a command rolled back takes its own along. */
struct sql_works {
    struct sql_work *items;
    unsigned *slots; /* index + 1 of the newest item; a power of two of them */
    unsigned count, capacity;
};
void sql_works_add(struct sql_works *works, void (*work)(struct sql *, const int64_t[2]),
                   const int64_t key[2]);
void sql_works_cut(struct sql_works *works, unsigned count);
/* Runs all, also those asked for meanwhile; false when the transaction failed. Empties the list. */
bool sql_works_run(struct sql_works *works, struct sql *db);
void sql_works_free(struct sql_works *works);

/* --- One connection --------------------------------------------------------------------------- */

enum sql_role {
    SQL_READER,  /* sees, changes nothing */
    SQL_WRITER,  /* runs commands */
    SQL_STEWARD, /* migrations, integrity, copies: opened for one task */
};

struct sql {
    const struct sql_driver *driver;
    struct sql_store *store;
    enum sql_role role;
    struct sql *next; /* among the free readers */
    struct arena *arena;
    struct arena *own_arena; /* NULL for readers */
    struct sql_works works;
    bool failed;
    bool guarded;   /* of the command it runs: see sql_command */
    bool may_retry; /* the failure is one that another try of the transaction may cure */
    struct fault fault;
};

struct sql_driver {
    struct sql *(*connect)(struct sql_store *store, enum sql_role role, struct fault *fault);
    void (*disconnect)(struct sql *db);

    int64_t (*exec)(struct sql *db, const struct sql_query *query, const void *params);
    /* NULL: no quicker than exec. */
    void (*send)(struct sql *db, const struct sql_query *query, const void *params);
    bool (*one)(struct sql *db, const struct sql_query *query, const void *params, void *row);
    size_t (*many)(struct sql *db, const struct sql_query *query, const void *params, void **rows);

    /* Prepares it without running, and sees that it gives the columns it says. */
    bool (*prepare)(struct sql *db, const struct sql_query *query);

    /* A snapshot for readers, else a serialisable write transaction. These fail like a query. */
    bool (*begin)(struct sql *db);
    bool (*commit)(struct sql *db);
    void (*rollback)(struct sql *db);

    /* Several statements without parameters. */
    bool (*script)(struct sql *db, const char *text);
    /* Keeps other servers from migrating at the same time, until disconnect. */
    bool (*lock_schema)(struct sql *db);
    bool (*integrity)(struct sql *db, struct fault *fault);
    bool (*copy)(struct sql *db, struct str path, struct fault *fault);

    /* The threads that run commands; the argument is the store. */
    void *(*writer_main)(void *store);
};
extern const struct sql_driver sqlite_driver;
extern const struct sql_driver postgres_driver;

/* Fills what all drivers' connections have in common. */
void sql_setup(struct sql *db, const struct sql_driver *driver, struct sql_store *store,
               enum sql_role role);
void sql_teardown(struct sql *db);
/* Forgets the last transaction's failure, rows and work. */
void sql_renew(struct sql *db);
/* Makes the transaction a failed one (the first fault stays); always false. */
bool sql_fail(struct sql *db, enum fault_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- Commands waiting ------------------------------------------------------------------------- */

struct sql_queue {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct sql_command *first, *last;
    unsigned length, length_max;
    unsigned takers_idle;
    bool is_closing;
};
void sql_queue_init(struct sql_queue *queue, unsigned length_max);
void sql_queue_free(struct sql_queue *queue);
bool sql_queue_put(struct sql_queue *queue, struct sql_command *command); /* false: full */
/* Waits for a command and takes up to `count_max` of those waiting, oldest first; NULL when the
   queue is closing and empty. */
struct sql_command *sql_queue_take(struct sql_queue *queue, unsigned count_max);
void sql_queue_close(struct sql_queue *queue);

/* --- The store -------------------------------------------------------------------------------- */

struct sql_store {
    const struct sql_driver *driver;
    enum sql_store_kind kind;
    char *place; /* SQLite: the file's path; PostgreSQL: the URL */
    unsigned batch_max;
    struct sql_queue queue;
    atomic_uint_least64_t generation;
    pthread_t *writers;
    struct sql **writer_connections; /* made before the threads start, so that opening can fail */
    unsigned writer_count;
    atomic_uint writer_next;       /* which of them the next thread takes */
    pthread_rwlock_t right_of_way; /* PostgreSQL: see postgres_worker.c */

    pthread_mutex_t readers_lock;
    pthread_cond_t reader_returned;
    struct sql *readers_free;
    unsigned readers_made;
};

/* For a starting writer thread: its connection. */
struct sql *sql_writer_connection(struct sql_store *store);
/* The calling thread runs commands: waiting for one here would be waiting for oneself. */
void sql_mark_writer_thread(void);

/* --- Texts and migrations --------------------------------------------------------------------- */

/* The text as one store sees it: its marked blocks opened, the other's blanked. malloc'ed. */
char *sql_open_marks(struct str text, enum sql_store_kind kind);

/* sql_migrate with a list of its own, for tests. */
bool sql_migrate_list(struct sql_store *store, const struct sql_migration *list, unsigned count,
                      int64_t now, unsigned *applied, struct fault *fault);

/* sql_check_queries with a list of its own, for tests. */
bool sql_check_list(struct sql_store *store, const struct sql_query *const *list, unsigned count,
                    struct fault *fault);

/* The number of a query whose statement is not kept prepared. */
enum { SQL_NOT_KEPT = 0x7fffffff };
