/* Migrations: the database knows which it has had, by number and by the hash of their text. */
#include "base/check.h"
#include "platform/sql/sql_inner.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char table_text[] =
    "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT NOT NULL PRIMARY KEY, "
    "name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/* --- Queries: of this table only, which no schema file declares ------------------------------- */

struct migration_row {
    int64_t number;
    struct str name, sha256;
    int64_t applied_at;
};
static const struct sql_field row_fields[] = {
    { "number", SQL_INT, offsetof(struct migration_row, number) },
    { "name", SQL_TEXT, offsetof(struct migration_row, name) },
    { "sha256", SQL_TEXT, offsetof(struct migration_row, sha256) },
    { "applied_at", SQL_INT, offsetof(struct migration_row, applied_at) },
};
enum { ROW_FIELDS = sizeof row_fields / sizeof row_fields[0] };

static const struct sql_query table_exists = {
    .name = "migration_table_exists",
    .sqlite = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = "
              "'schema_migration'",
    .postgres = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migration')",
    .columns = row_fields,
    .column_count = 1,
    .row_size = sizeof(struct migration_row),
    .number = SQL_NOT_KEPT,
};
static const struct sql_query newest = {
    .name = "migration_newest",
    .sqlite = "SELECT coalesce(max(number), 0) FROM schema_migration",
    .postgres = "SELECT coalesce(max(number), 0) FROM schema_migration",
    .columns = row_fields,
    .column_count = 1,
    .row_size = sizeof(struct migration_row),
    .number = SQL_NOT_KEPT,
};
static const struct sql_query by_number = {
    .name = "migration_by_number",
    .sqlite = "SELECT number, name, sha256, applied_at FROM schema_migration WHERE number = ?1",
    .postgres = "SELECT number, name, sha256, applied_at FROM schema_migration WHERE number = $1",
    .params = row_fields,
    .param_count = 1,
    .columns = row_fields,
    .column_count = ROW_FIELDS,
    .row_size = sizeof(struct migration_row),
    .number = SQL_NOT_KEPT,
};
static const struct sql_query insert = {
    .name = "migration_insert",
    .sqlite = "INSERT INTO schema_migration (number, name, sha256, applied_at) "
              "VALUES (?1, ?2, ?3, ?4)",
    .postgres = "INSERT INTO schema_migration (number, name, sha256, applied_at) "
                "VALUES ($1, $2, $3, $4)",
    .params = row_fields,
    .param_count = ROW_FIELDS,
    .number = SQL_NOT_KEPT,
};

/* --- Steps ------------------------------------------------------------------------------------ */

/* One step in a transaction of its own; the connection's fault says why not. */
static bool in_transaction(struct sql *db, bool (*step)(struct sql *db, void *context),
                           void *context)
{
    sql_renew(db);
    if (!db->driver->begin(db))
        return false;
    bool well = step(db, context) && !db->failed;
    if (well)
        return db->driver->commit(db);
    db->driver->rollback(db);
    return false;
}

static bool step_script(struct sql *db, void *context)
{
    return db->driver->script(db, context);
}

static unsigned newest_number(struct sql *db)
{
    struct migration_row row;
    if (!sql_one(db, &table_exists, NULL, &row) || row.number == 0)
        return 0;
    sql_one(db, &newest, NULL, &row);
    return (unsigned)row.number;
}

static bool step_version(struct sql *db, void *context)
{
    *(unsigned *)context = newest_number(db);
    return true;
}

struct one_migration {
    const struct sql_migration *migration;
    enum sql_store_kind kind;
    int64_t now;
    bool is_new;
};

static struct str text_hash(struct arena *arena, const char *text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    check(EVP_Digest(text, strlen(text), digest, &size, EVP_sha256(), NULL) == 1);
    return str_hex(arena, digest, size);
}

/* Applies it, or finds that it was applied with this very text. */
static bool step_migration(struct sql *db, void *context)
{
    struct one_migration *one = context;
    struct migration_row row = { .number = one->migration->number };
    struct migration_row known;
    struct str hash = text_hash(db->own_arena, one->migration->text);
    if (sql_one(db, &by_number, &row, &known))
        return str_equal(known.sha256, hash) ||
               sql_fail(db, FAULT_SETUP,
                        "migration %s was changed after it had been applied to this database; put "
                        "its text back and add a new migration",
                        one->migration->name);
    char *text = sql_open_marks(str_from(one->migration->text), one->kind);
    bool applied = db->driver->script(db, text);
    free(text);
    row.name = str_from(one->migration->name);
    row.sha256 = hash;
    row.applied_at = one->now;
    one->is_new = applied && sql_exec(db, &insert, &row) == 1;
    return one->is_new;
}

static bool refuse_newer(struct sql *db, unsigned count)
{
    unsigned number = 0;
    if (!in_transaction(db, step_version, &number))
        return false;
    if (number <= count)
        return true;
    sql_renew(db);
    return sql_fail(db, FAULT_SETUP,
                    "the database is of a newer program (migration %u, this one knows %u); install "
                    "that version or later",
                    number, count);
}

static bool migrate(struct sql *db, const struct sql_migration *list, unsigned count, int64_t now,
                    unsigned *applied)
{
    if (!db->driver->lock_schema(db) || !refuse_newer(db, count) ||
        !in_transaction(db, step_script, (void *)table_text))
        return false;
    for (unsigned i = 0; i < count; i++) {
        check(list[i].number == i + 1);
        struct one_migration one = { &list[i], db->store->kind, now, false };
        if (!in_transaction(db, step_migration, &one))
            return false;
        *applied += one.is_new;
    }
    return true;
}

/* --- The door --------------------------------------------------------------------------------- */

/* A steward's connection, closed with its fault handed on when `well` is false. */
static bool finish(struct sql *db, bool well, struct fault *fault)
{
    if (!well)
        fault_set(fault, db->fault.kind, "%s", db->fault.detail);
    db->driver->disconnect(db);
    return well;
}

bool sql_migrate_list(struct sql_store *store, const struct sql_migration *list, unsigned count,
                      int64_t now, unsigned *applied, struct fault *fault)
{
    struct sql *db = store->driver->connect(store, SQL_STEWARD, fault);
    if (db == NULL)
        return false;
    unsigned counted = 0;
    bool well = migrate(db, list, count, now, &counted);
    if (counted > 0)
        atomic_fetch_add(&store->generation, 1);
    if (applied != NULL)
        *applied = counted;
    return finish(db, well, fault);
}

bool sql_migrate(struct sql_store *store, int64_t now, unsigned *applied, struct fault *fault)
{
    return sql_migrate_list(store, sql_migrations, sql_migration_count, now, applied, fault);
}

bool sql_version(struct sql_store *store, unsigned *number, struct fault *fault)
{
    struct sql *db = store->driver->connect(store, SQL_STEWARD, fault);
    return db != NULL && finish(db, in_transaction(db, step_version, number), fault);
}

bool sql_run_schema(struct sql_store *store, struct str text, struct fault *fault)
{
    struct sql *db = store->driver->connect(store, SQL_STEWARD, fault);
    if (db == NULL)
        return false;
    char *opened = sql_open_marks(text, store->kind);
    bool well = in_transaction(db, step_script, opened);
    free(opened);
    if (well)
        atomic_fetch_add(&store->generation, 1);
    return finish(db, well, fault);
}
