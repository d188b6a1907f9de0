/* The migrations, replayed, give the schema that the rooms' files describe. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "platform/sql/sql.h"

#include "base/base_testing.h"

extern const char sql_schema_text[];

/* Comments and white space do not make a schema different. */
static struct str normal(struct str sql)
{
    struct buf out = { .arena = arena };
    for (size_t i = 0; i < sql.size; i++) {
        if (sql.data[i] == '-' && i + 1 < sql.size && sql.data[i + 1] == '-') {
            while (i < sql.size && sql.data[i] != '\n')
                i++;
        } else if (strchr(" \n\t", sql.data[i]) == NULL) {
            buf_char(&out, sql.data[i]);
        }
    }
    return buf_str(&out);
}

static void make_by(const char *url, bool by_migrations)
{
    struct sql_store *store;
    struct fault fault = { 0 };
    if (!sql_store_open((struct sql_options){ .url = str_from(url) }, &store, &fault))
        fail_msg("%s", fault.detail);
    bool good = by_migrations ? sql_migrate(store, 1, NULL, &fault)
                              : sql_run_schema(store, str_from(sql_schema_text), &fault);
    sql_store_close(store);
    if (!good)
        fail_msg("%s", fault.detail);
}

static struct str sqlite_schema(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    struct buf out = { .arena = arena };
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT type || name || coalesce(sql, '') FROM sqlite_master "
                           "WHERE name <> 'schema_migration' AND name NOT LIKE 'sqlite_%' "
                           "ORDER BY type, name",
                           -1, &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        buf_add(&out, normal(str_from((const char *)sqlite3_column_text(statement, 0))));
        buf_char(&out, '\n');
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return buf_str(&out);
}

static void migrations_give_the_schema_files_on_sqlite(void **state)
{
    (void)state;
    char folder[] = "/tmp/manyhands-app-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *migrated = str_c(arena, str_printf(arena, "%s/a.db", folder));
    const char *direct = str_c(arena, str_printf(arena, "%s/b.db", folder));
    make_by(str_c(arena, str_printf(arena, "sqlite:%s", migrated)), true);
    make_by(str_c(arena, str_printf(arena, "sqlite:%s", direct)), false);
    assert_string_equal(str_c(arena, sqlite_schema(migrated)), str_c(arena, sqlite_schema(direct)));
    static const char *const endings[] = { "", "-wal", "-shm" };
    for (int i = 0; i < 3; i++) {
        unlink(str_c(arena, str_printf(arena, "%s%s", migrated, endings[i])));
        unlink(str_c(arena, str_printf(arena, "%s%s", direct, endings[i])));
    }
    rmdir(folder);
}

static void run_on(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    PQclear(result);
}

/* The URL of another database on the same server. */
static const char *beside(const char *url, const char *name)
{
    const char *slash = strrchr(url, '/'), *question = strchr(url, '?');
    return str_c(arena, str_printf(arena, "%.*s/%s%s", (int)(slash - url), url, name,
                                   question == NULL ? "" : question));
}

static struct str postgres_schema(const char *url)
{
    PGconn *connection = PQconnectdb(url);
    struct buf out = { .arena = arena };
    PGresult *result = PQexec(
        connection,
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM "
        "information_schema.columns WHERE table_schema = 'public' AND table_name <> "
        "'schema_migration' "
        "UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> "
        "'schema_migration' UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM "
        "pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid IS DISTINCT FROM "
        "to_regclass('schema_migration') ORDER BY 1");
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s", PQerrorMessage(connection));
    for (int i = 0; i < PQntuples(result); i++) {
        buf_add(&out, str_from(PQgetvalue(result, i, 0)));
        buf_char(&out, '\n');
    }
    PQclear(result);
    PQfinish(connection);
    return buf_str(&out);
}

static void migrations_give_the_schema_files_on_postgresql(void **state)
{
    (void)state;
    const char *url = getenv("MANYHANDS_TEST_POSTGRES");
    if (url == NULL) {
        print_message(
            "skipped migrations_give_the_schema_files_on_postgresql: MANYHANDS_TEST_POSTGRES is "
            "not set\n");
        skip();
    }
    PGconn *connection = PQconnectdb(url);
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    static const char *const names[] = { "app_test_migrated", "app_test_direct" };
    const char *urls[2];
    for (int i = 0; i < 2; i++) {
        run_on(connection, str_c(arena, str_printf(arena, "DROP DATABASE IF EXISTS %s", names[i])));
        run_on(connection, str_c(arena, str_printf(arena, "CREATE DATABASE %s", names[i])));
        urls[i] = beside(url, names[i]);
        make_by(urls[i], i == 0);
    }
    assert_string_equal(str_c(arena, postgres_schema(urls[0])),
                        str_c(arena, postgres_schema(urls[1])));
    for (int i = 0; i < 2; i++)
        run_on(connection, str_c(arena, str_printf(arena, "DROP DATABASE %s", names[i])));
    PQfinish(connection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(migrations_give_the_schema_files_on_sqlite),
        cmocka_unit_test(migrations_give_the_schema_files_on_postgresql),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
