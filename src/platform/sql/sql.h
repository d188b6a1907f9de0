/* Databases: one door over SQLite (embedded) and PostgreSQL (at scale).
 *
 * SQL stands in `.sql` files as named queries. tools/sqlgen.py prepares each against the real
 * schema at build time and emits, for a query `idea_insert`, a parameter struct of that name, a row
 * struct `idea_insert_row`, and one function on the generic engine below. Nobody else calls
 * sql_exec, sql_send, sql_one or sql_many, and no SQL is put together from strings.
 *
 * Always true:
 *  - A transaction that failed stays failed. After the first fault every further query on it does
 *    nothing and finds nothing, so a handler needs no check after each query; the conductor asks
 *    sql_failed() before it keeps anything, rolls back and answers 503.
 *  - Commands run serialisably. On SQLite one writer thread runs them one after another and
 *    commits many together (and runs all of them again when one that is not kept left traces); on
 *    PostgreSQL each is a SERIALIZABLE transaction on a pooled connection, run again on 40001,
 *    40P01 and (before COMMIT was sent) a lost connection.
 *  - A command's `done` is called only after its commit is durable, or it was not kept.
 *  - Rows and their texts live in the arena the connection was told to use.
 */
#pragma once
#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

/* --- What the generator emits, and the engine that runs it -------------------------------- */

enum sql_type {
    SQL_INT,   /* int64_t; also times (…_at, microseconds UTC) and one-field id structs */
    SQL_BOOL,  /* bool, kept as 0 or 1 */
    SQL_REAL,  /* double */
    SQL_TEXT,  /* struct str */
    SQL_BYTES, /* struct str */
};

struct sql_field {
    const char *name;
    enum sql_type type;
    size_t offset; /* in the parameter or row struct */
};

struct sql_query {
    const char *name;
    const char *sqlite;   /* placeholders ?1 … */
    const char *postgres; /* placeholders $1 … */
    const struct sql_field *params;
    size_t param_count;
    const struct sql_field *columns;
    size_t column_count;
    size_t row_size;
    unsigned number; /* 0 … sql_query_count - 1, unique in the program: indexes statement caches */
};
extern const unsigned sql_query_count;              /* generated */
extern const struct sql_query *const sql_queries[]; /* generated: all, for tests and doctor */

struct sql; /* one connection, used by one thread at a time */

/* Runs a query that gives no rows; returns how many rows it changed. */
int64_t sql_exec(struct sql *db, const struct sql_query *query, const void *params);
/* The same where nobody asks how many: on PostgreSQL it travels with the next query that is waited
   for, or with COMMIT, and a failure shows there. In commands only. */
void sql_send(struct sql *db, const struct sql_query *query, const void *params);
/* At most one row; false when there is none. Two rows are a bug. */
bool sql_one(struct sql *db, const struct sql_query *query, const void *params, void *row);
/* All rows (every such query has a LIMIT), as an array in the connection's arena. */
size_t sql_many(struct sql *db, const struct sql_query *query, const void *params, void **rows);

/* Fails the transaction so that it runs again from the start, as after a conflict: somebody has
   changed meanwhile what a guarded command had read. On SQLite nobody can: a bug. */
void sql_run_again(struct sql *db);
/* Whether this transaction (or read) has failed; the fault says how. */
bool sql_failed(const struct sql *db);
const struct fault *sql_fault(const struct sql *db);
/* Where rows and texts of the next queries go. */
void sql_use_arena(struct sql *db, struct arena *arena);
struct arena *sql_arena(const struct sql *db);

/* --- A database ----------------------------------------------------------------------------- */

enum sql_store_kind { SQL_SQLITE, SQL_POSTGRES };

struct sql_store; /* a database, with its connections and its writer */

struct sql_options {
    struct str url;            /* "sqlite:PATH" or "postgresql://…" (libpq connection URI) */
    unsigned connections;      /* PostgreSQL: command workers; 0: 8 */
    unsigned queue_length_max; /* commands waiting; 0: 4096 */
    unsigned batch_max;        /* SQLite: commands per commit; 0: 512; 1: one by one (benchmark) */
};

[[nodiscard]] bool sql_store_open(struct sql_options options, struct sql_store **store,
                                  struct fault *fault);
/* Waits until every accepted command has been answered, then closes. */
void sql_store_close(struct sql_store *store);
enum sql_store_kind sql_store_kind(const struct sql_store *store);
/* Rises with every commit made through this store: a cheap "has anything changed here". */
uint64_t sql_store_generation(const struct sql_store *store);

/* Borrows a read connection (made on first need, then kept; any thread; several at once) and
   begins one consistent snapshot. NULL with a fault when none can be had. */
struct sql *sql_read_begin(struct sql_store *store, struct arena *arena, struct fault *fault);
/* Ends the snapshot and gives the connection back; true when no query failed. */
bool sql_read_end(struct sql_store *store, struct sql *db);

/* --- Commands -------------------------------------------------------------------------------- */

enum sql_outcome {
    SQL_KEPT,        /* committed and durable */
    SQL_DROPPED,     /* `run` said so: rolled back, nothing happened */
    SQL_UNAVAILABLE, /* the database failed, or the queue was full: rolled back; say "try again" */
};

struct sql_command {
    /* Does the work inside the transaction; true keeps it, false rolls it back. May be called
       again from the start after a conflict, so it begins by resetting what it filled before. */
    bool (*run)(struct sql *db, void *context);
    /* Called once, on a thread of the store; must not wait for anything slow. */
    void (*done)(enum sql_outcome outcome, const struct fault *fault, void *context);
    void *context;
    /* Whatever it reads may be out of date when it writes: its keys and the conditions of its
       UPDATEs decide, each followed by a look at how many rows it changed. On PostgreSQL such a
       command need not be SERIALIZABLE (docs/decisions/0022). */
    bool guarded;
    struct sql_command *next; /* the store's */
};

/* Hands a command over; the struct lives until `done`. When the queue is full, `done` is called
   at once with SQL_UNAVAILABLE. */
void sql_submit(struct sql_store *store, struct sql_command *command);
/* The same, waiting for the outcome: for jobs, tests and the command line. */
[[nodiscard]] enum sql_outcome sql_submit_wait(struct sql_store *store,
                                               bool (*run)(struct sql *, void *), void *context,
                                               struct fault *fault);
/* The same for a guarded command. */
[[nodiscard]] enum sql_outcome sql_submit_wait_guarded(struct sql_store *store,
                                                       bool (*run)(struct sql *, void *),
                                                       void *context, struct fault *fault);
/* Commands waiting now, for /metrics. */
unsigned sql_queue_length(const struct sql_store *store);

/* Work to be done once before the surrounding group of commands commits (SQLite) or before this
   command commits (PostgreSQL), however often it was asked for with the same function and key:
   a tally touched by a hundred votes of one batch has its score computed once.
   Runs inside the transaction with `db`'s own arena; must not fail for reasons of input. */
void sql_before_commit(struct sql *db, void (*work)(struct sql *db, const int64_t key[2]),
                       const int64_t key[2]);

/* --- Migrations ------------------------------------------------------------------------------ */

struct sql_migration {
    unsigned number;  /* 1, 2, … without gaps */
    const char *name; /* "0001_first" */
    const char *text; /* statements; markers as in docs/architecture.md, section SQL */
};
extern const struct sql_migration sql_migrations[]; /* generated from src/app/migrations */
extern const unsigned sql_migration_count;

/* All rooms' schema files, one after another: for sql_run_schema. */
extern const char sql_schema_text[]; /* generated */

/* Applies what is missing, each migration in one transaction; refuses a database that is newer
   than this program. `applied` (may be NULL) counts them. */
[[nodiscard]] bool sql_migrate(struct sql_store *store, int64_t now, unsigned *applied,
                               struct fault *fault);
/* The number of the newest migration in the database; 0 for an empty one. */
[[nodiscard]] bool sql_version(struct sql_store *store, unsigned *number, struct fault *fault);
/* Runs a schema text (for tests: the schema files instead of the migrations). */
[[nodiscard]] bool sql_run_schema(struct sql_store *store, struct str text, struct fault *fault);
/* The database's own integrity check (SQLite: integrity_check and foreign_key_check). */
[[nodiscard]] bool sql_integrity(struct sql_store *store, struct fault *fault);
/* Prepares every query of sql_queries[] on the database as it is: for tests and doctor. */
[[nodiscard]] bool sql_check_queries(struct sql_store *store, struct fault *fault);
/* A consistent copy into a new file (SQLite: VACUUM INTO; PostgreSQL: refused, use pg_dump). */
[[nodiscard]] bool sql_copy(struct sql_store *store, struct str path, struct fault *fault);
