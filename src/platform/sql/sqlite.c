/* SQLite: connections, and the queries on them.
 *
 * The file is in WAL mode with synchronous=FULL: a commit is durable when it returns, readers never
 * wait for the writer, and each sees one snapshot. Statements are prepared once per connection and
 * found by the query's number, so a query costs no allocation but its rows.
 */
#include "base/check.h"
#include "platform/sql/sqlite_inner.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_KEPT_BYTES = 256 * 1024, ROWS_FIRST = 16 };

static const char *const fixed_texts[SQLITE_FIXED_COUNT] = {
    [SQLITE_BEGIN_READ] = "BEGIN",
    [SQLITE_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQLITE_COMMIT] = "COMMIT",
    [SQLITE_ROLLBACK_ALL] = "ROLLBACK",
    [SQLITE_SAVEPOINT_SET] = "SAVEPOINT command",
    [SQLITE_SAVEPOINT_RELEASE] = "RELEASE command",
    [SQLITE_SAVEPOINT_ROLLBACK] = "ROLLBACK TO command",
};

/* cache_size is in KiB when negative. A reader needs little: what it misses, the system's own
   cache has. No mmap_size: it was no faster here, and a disk's error would come as a signal, not as
   an answer. secure_delete: what a person had erased is overwritten, not only forgotten. */
static const char common_pragmas[] = "PRAGMA synchronous = FULL;"
                                     "PRAGMA secure_delete = ON;"
                                     "PRAGMA foreign_keys = ON;"
                                     "PRAGMA temp_store = MEMORY;"
                                     "PRAGMA trusted_schema = OFF;";
static const char writer_pragmas[] = "PRAGMA cache_size = -8000;"
                                     "PRAGMA journal_size_limit = 67108864;";
static const char reader_pragmas[] = "PRAGMA cache_size = -2000;"
                                     "PRAGMA query_only = ON;";

static struct sqlite_db *of(struct sql *db)
{
    return (struct sqlite_db *)db;
}

/* --- Failures --------------------------------------------------------------------------------- */

static enum fault_kind kind_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
        return FAULT_REFUSED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return FAULT_BROKEN;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return FAULT_SETUP;
    default:
        return FAULT_UNAVAILABLE;
    }
}

bool sqlite_fail(struct sqlite_db *c, const char *what)
{
    int code = sqlite3_extended_errcode(c->handle);
    return sql_fail(&c->base, kind_of(code), "%s: %s (SQLite %d)", what, sqlite3_errmsg(c->handle),
                    code);
}

bool sqlite_lost_transaction(const struct sqlite_db *c)
{
    return sqlite3_get_autocommit(c->handle) != 0;
}

/* --- Connections ------------------------------------------------------------------------------ */

static void set_up_library(void)
{
    /* Counting every allocation would make all threads meet at one lock. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

/* A new database belongs to its owner alone; an existing one keeps its mode. The file is never
   opened by us when it exists: closing it would drop the locks SQLite holds on it. */
static void make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

static bool run_pragmas(struct sqlite_db *c)
{
    const char *role = c->base.role == SQL_READER ? reader_pragmas : writer_pragmas;
    return sqlite3_exec(c->handle, common_pragmas, NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_exec(c->handle, role, NULL, NULL, NULL) == SQLITE_OK;
}

static bool is_wal(sqlite3 *handle)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(handle, "PRAGMA journal_mode = WAL", -1, &statement, NULL) != SQLITE_OK)
        return false;
    bool is = sqlite3_step(statement) == SQLITE_ROW &&
              strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    sqlite3_finalize(statement);
    return is;
}

static bool open_handle(struct sqlite_db *c, const char *path, struct fault *fault)
{
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    make_file(path);
    if (sqlite3_open_v2(path, &c->handle, flags, NULL) != SQLITE_OK)
        return fault_set(fault, FAULT_SETUP, "cannot open the database %s: %s", path,
                         c->handle == NULL ? "out of memory" : sqlite3_errmsg(c->handle));
    sqlite3_extended_result_codes(c->handle, 1);
    sqlite3_busy_timeout(c->handle, SQLITE_BUSY_WAIT_MS);
    sqlite3_db_config(c->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (c->base.role != SQL_READER && !is_wal(c->handle))
        return fault_set(
            fault, kind_of(sqlite3_errcode(c->handle)) == FAULT_BROKEN ? FAULT_BROKEN : FAULT_SETUP,
            "cannot use %s as a database in WAL mode (a local disk, and the right to "
            "write there, are needed): %s",
            path, sqlite3_errmsg(c->handle));
    if (!run_pragmas(c))
        return fault_set(fault, kind_of(sqlite3_errcode(c->handle)), "cannot set up %s: %s", path,
                         sqlite3_errmsg(c->handle));
    return true;
}

static bool prepare_fixed(struct sqlite_db *c, struct fault *fault)
{
    for (int i = 0; i < SQLITE_FIXED_COUNT; i++)
        if (sqlite3_prepare_v3(c->handle, fixed_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &c->fixed[i], NULL) != SQLITE_OK)
            return fault_set(fault, FAULT_BROKEN, "%s: %s", fixed_texts[i],
                             sqlite3_errmsg(c->handle));
    return true;
}

static void sqlite_disconnect(struct sql *db)
{
    struct sqlite_db *c = of(db);
    for (int i = 0; i < SQLITE_FIXED_COUNT; i++)
        sqlite3_finalize(c->fixed[i]);
    for (unsigned i = 0; i < c->kept_count; i++)
        sqlite3_finalize(c->kept[i]);
    sqlite3_close(c->handle);
    free(c->kept);
    free(c->rows);
    sql_teardown(db);
    free(c);
}

static struct sql *sqlite_connect(struct sql_store *store, enum sql_role role, struct fault *fault)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_library);
    struct sqlite_db *c = calloc(1, sizeof *c);
    check(c != NULL);
    sql_setup(&c->base, &sqlite_driver, store, role);
    if (open_handle(c, store->place, fault) && prepare_fixed(c, fault))
        return &c->base;
    sqlite_disconnect(&c->base);
    return NULL;
}

/* --- Transactions ----------------------------------------------------------------------------- */

bool sqlite_run_fixed(struct sqlite_db *c, enum sqlite_fixed which)
{
    int result = sqlite3_step(c->fixed[which]);
    if (result != SQLITE_DONE)
        sqlite_fail(c, fixed_texts[which]);
    sqlite3_reset(c->fixed[which]);
    return result == SQLITE_DONE;
}

static bool sqlite_begin(struct sql *db)
{
    return sqlite_run_fixed(of(db),
                            db->role == SQL_READER ? SQLITE_BEGIN_READ : SQLITE_BEGIN_WRITE);
}

static bool sqlite_commit(struct sql *db)
{
    if (sqlite_run_fixed(of(db), SQLITE_COMMIT))
        return true;
    db->driver->rollback(db);
    return false;
}

static void sqlite_rollback(struct sql *db)
{
    if (!sqlite_lost_transaction(of(db)))
        sqlite_run_fixed(of(db), SQLITE_ROLLBACK_ALL);
}

/* --- Queries ---------------------------------------------------------------------------------- */

static sqlite3_stmt *prepare_kept(struct sqlite_db *c, const struct sql_query *query)
{
    if (query->number >= c->kept_count) {
        unsigned count = query->number >= sql_query_count ? query->number + 64 : sql_query_count;
        c->kept = realloc(c->kept, count * sizeof(sqlite3_stmt *));
        check(c->kept != NULL);
        memset(c->kept + c->kept_count, 0, (count - c->kept_count) * sizeof(sqlite3_stmt *));
        c->kept_count = count;
    }
    if (sqlite3_prepare_v3(c->handle, query->sqlite, -1, SQLITE_PREPARE_PERSISTENT,
                           &c->kept[query->number], NULL) != SQLITE_OK)
        sqlite_fail(c, query->name);
    return c->kept[query->number];
}

/* The query's statement, or NULL with the transaction failed. */
static sqlite3_stmt *statement_of(struct sqlite_db *c, const struct sql_query *query)
{
    if (query->number < c->kept_count && c->kept[query->number] != NULL)
        return c->kept[query->number];
    if (query->number != SQL_NOT_KEPT)
        return prepare_kept(c, query);
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(c->handle, query->sqlite, -1, &statement, NULL) != SQLITE_OK)
        sqlite_fail(c, query->name);
    return statement;
}

static bool sqlite_prepare(struct sql *db, const struct sql_query *query)
{
    sqlite3_stmt *statement = statement_of(of(db), query);
    return statement != NULL &&
           (sqlite3_column_count(statement) == (int)query->column_count ||
            sql_fail(db, FAULT_SETUP, "%s gives %d columns, not %zu", query->name,
                     sqlite3_column_count(statement), query->column_count));
}

/* Ready for the next use, or gone if it is not kept. */
static void put_back(const struct sql_query *query, sqlite3_stmt *statement)
{
    if (query->number == SQL_NOT_KEPT)
        sqlite3_finalize(statement);
    else
        sqlite3_reset(statement);
}

static int bind_one(sqlite3_stmt *statement, int index, enum sql_type type, const void *value)
{
    const struct str *s = value;
    switch (type) {
    case SQL_INT:
        return sqlite3_bind_int64(statement, index, *(const int64_t *)value);
    case SQL_BOOL:
        return sqlite3_bind_int(statement, index, *(const bool *)value);
    case SQL_REAL:
        return sqlite3_bind_double(statement, index, *(const double *)value);
    case SQL_TEXT: /* a NULL pointer would be a NULL; the empty text is not */
        return sqlite3_bind_text64(statement, index, s->data != NULL ? s->data : "", s->size,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case SQL_BYTES:
        return sqlite3_bind_blob64(statement, index, s->data != NULL ? s->data : "", s->size,
                                   SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

/* The values stay where they are: each use of the statement binds all of them anew. */
static bool bind_all(sqlite3_stmt *statement, const struct sql_query *query, const void *params)
{
    int used = sqlite3_bind_parameter_count(statement); /* the other store may use more */
    for (int i = 0; i < used; i++) {
        const struct sql_field *field = &query->params[i];
        const char *value = (const char *)params + field->offset;
        if (bind_one(statement, i + 1, field->type, value) != SQLITE_OK)
            return false;
    }
    return true;
}

static sqlite3_stmt *start(struct sqlite_db *c, const struct sql_query *query, const void *params)
{
    sqlite3_stmt *statement = statement_of(c, query);
    if (statement == NULL || bind_all(statement, query, params))
        return statement;
    sqlite_fail(c, query->name);
    put_back(query, statement);
    return NULL;
}

static struct str keep_bytes(struct arena *arena, const void *bytes, int size)
{
    return size > 0 ? str_copy(arena, (struct str){ bytes, (size_t)size }) : (struct str){ 0 };
}

static void read_row(struct sqlite_db *c, sqlite3_stmt *statement, const struct sql_query *query,
                     void *row)
{
    for (size_t i = 0; i < query->column_count; i++) {
        const struct sql_field *field = &query->columns[i];
        void *to = (char *)row + field->offset;
        int column = (int)i;
        switch (field->type) {
        case SQL_INT:
            *(int64_t *)to = sqlite3_column_int64(statement, column);
            break;
        case SQL_BOOL:
            *(bool *)to = sqlite3_column_int(statement, column) != 0;
            break;
        case SQL_REAL:
            *(double *)to = sqlite3_column_double(statement, column);
            break;
        case SQL_TEXT: {
            const void *text = sqlite3_column_text(statement, column);
            *(struct str *)to =
                keep_bytes(c->base.arena, text, sqlite3_column_bytes(statement, column));
            break;
        }
        case SQL_BYTES: {
            const void *bytes = sqlite3_column_blob(statement, column);
            *(struct str *)to =
                keep_bytes(c->base.arena, bytes, sqlite3_column_bytes(statement, column));
            break;
        }
        }
    }
}

static int64_t sqlite_exec_query(struct sql *db, const struct sql_query *query, const void *params)
{
    struct sqlite_db *c = of(db);
    sqlite3_stmt *statement = start(c, query, params);
    if (statement == NULL)
        return 0;
    int64_t changed = 0;
    if (sqlite3_step(statement) == SQLITE_DONE)
        changed = sqlite3_changes64(c->handle);
    else
        sqlite_fail(c, query->name);
    put_back(query, statement);
    return changed;
}

static bool sqlite_one_query(struct sql *db, const struct sql_query *query, const void *params,
                             void *row)
{
    struct sqlite_db *c = of(db);
    sqlite3_stmt *statement = start(c, query, params);
    if (statement == NULL)
        return false;
    int result = sqlite3_step(statement);
    bool found = result == SQLITE_ROW;
    if (found) {
        read_row(c, statement, query, row);
        result = sqlite3_step(statement); /* also finishes an INSERT … RETURNING */
        check(result != SQLITE_ROW);
    }
    if (result != SQLITE_DONE) {
        sqlite_fail(c, query->name);
        memset(row, 0, query->row_size);
        found = false;
    }
    put_back(query, statement);
    return found;
}

static char *room_for_row(struct sqlite_db *c, const struct sql_query *query, size_t count)
{
    size_t needed = (count + 1) * query->row_size;
    if (needed > c->rows_size_bytes) {
        size_t size = c->rows_size_bytes * 2;
        size_t least = query->row_size * ROWS_FIRST;
        c->rows_size_bytes = size > least ? size : least;
        c->rows = realloc(c->rows, c->rows_size_bytes);
        check(c->rows != NULL);
    }
    char *row = c->rows + count * query->row_size;
    memset(row, 0, query->row_size);
    return row;
}

static void *keep_rows(struct sqlite_db *c, size_t size_bytes)
{
    void *rows = arena_take(c->base.arena, size_bytes);
    memcpy(rows, c->rows, size_bytes);
    if (c->rows_size_bytes > ROWS_KEPT_BYTES) {
        free(c->rows);
        c->rows = NULL;
        c->rows_size_bytes = 0;
    }
    return rows;
}

static size_t sqlite_many_query(struct sql *db, const struct sql_query *query, const void *params,
                                void **rows)
{
    struct sqlite_db *c = of(db);
    sqlite3_stmt *statement = start(c, query, params);
    if (statement == NULL)
        return 0;
    size_t count = 0;
    int result;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        read_row(c, statement, query, room_for_row(c, query, count));
        count++;
    }
    if (result != SQLITE_DONE) {
        sqlite_fail(c, query->name);
        count = 0;
    }
    put_back(query, statement);
    if (count > 0)
        *rows = keep_rows(c, count * query->row_size);
    return count;
}

const struct sql_driver sqlite_driver = {
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .exec = sqlite_exec_query,
    .one = sqlite_one_query,
    .many = sqlite_many_query,
    .prepare = sqlite_prepare,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .script = sqlite_script,
    .lock_schema = sqlite_lock_schema,
    .integrity = sqlite_integrity,
    .copy = sqlite_copy,
    .writer_main = sqlite_writer_main,
};
