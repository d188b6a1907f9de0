/* Inside the room: SQLite's connection, shared by sqlite.c and sqlite_writer.c. */
#pragma once
#include "platform/sql/sql_inner.h"
#include <sqlite3.h>

enum sqlite_fixed {
    SQLITE_BEGIN_READ,
    SQLITE_BEGIN_WRITE,
    SQLITE_COMMIT,
    SQLITE_ROLLBACK_ALL,
    SQLITE_SAVEPOINT_SET,
    SQLITE_SAVEPOINT_RELEASE,
    SQLITE_SAVEPOINT_ROLLBACK,
    SQLITE_FIXED_COUNT,
};

struct sqlite_db {
    struct sql base;
    sqlite3 *handle;
    sqlite3_stmt *fixed[SQLITE_FIXED_COUNT];
    sqlite3_stmt **kept; /* by query number */
    unsigned kept_count;
    char *rows; /* where sql_many collects before it knows how many there are */
    size_t rows_size_bytes;
};

enum { SQLITE_BUSY_WAIT_MS = 5000 };

/* Runs one of the fixed statements; fails like a query. */
bool sqlite_run_fixed(struct sqlite_db *c, enum sqlite_fixed which);
/* Marks the transaction as failed with SQLite's own words. */
bool sqlite_fail(struct sqlite_db *c, const char *what);
/* Whether SQLite has rolled the whole transaction back by itself (disk full, I/O error). */
bool sqlite_lost_transaction(const struct sqlite_db *c);
void *sqlite_writer_main(void *store);

/* sqlite_steward.c */
bool sqlite_script(struct sql *db, const char *text);
bool sqlite_lock_schema(struct sql *db);
bool sqlite_integrity(struct sql *db, struct fault *fault);
bool sqlite_copy(struct sql *db, struct str path, struct fault *fault);
