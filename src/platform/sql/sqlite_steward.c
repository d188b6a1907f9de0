/* SQLite: what happens rarely: schema scripts, the integrity check, copies. */
#include "base/check.h"
#include "platform/sql/sqlite_inner.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool sqlite_script(struct sql *db, const char *text)
{
    struct sqlite_db *c = (struct sqlite_db *)db;
    if (db->failed)
        return false;
    return sqlite3_exec(c->handle, text, NULL, NULL, NULL) == SQLITE_OK || sqlite_fail(c, "script");
}

bool sqlite_lock_schema(struct sql *db)
{
    return true; /* BEGIN IMMEDIATE of each migration keeps others out */
}

/* Runs a check that answers with "ok" or nothing when all is well; else the first complaint. */
static bool passes(struct sqlite_db *c, const char *pragma, struct fault *fault)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(c->handle, pragma, -1, &statement, NULL) != SQLITE_OK)
        return fault_set(fault, FAULT_BROKEN, "%s: %s", pragma, sqlite3_errmsg(c->handle));
    int result = sqlite3_step(statement);
    bool well = result == SQLITE_DONE;
    if (result == SQLITE_ROW) {
        const char *answer = (const char *)sqlite3_column_text(statement, 0);
        answer = answer != NULL ? answer : "";
        well = strcmp(answer, "ok") == 0;
        if (!well)
            fault_set(fault, FAULT_BROKEN, "%s: %s", pragma, answer);
    } else if (!well) {
        fault_set(fault, FAULT_BROKEN, "%s: %s", pragma, sqlite3_errmsg(c->handle));
    }
    sqlite3_finalize(statement);
    return well;
}

bool sqlite_integrity(struct sql *db, struct fault *fault)
{
    struct sqlite_db *c = (struct sqlite_db *)db;
    return passes(c, "PRAGMA integrity_check(1)", fault) &&
           passes(c, "PRAGMA foreign_key_check", fault);
}

static bool vacuum_into(struct sqlite_db *c, const char *path, struct fault *fault)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(c->handle, "VACUUM INTO ?1", -1, &statement, NULL) != SQLITE_OK)
        return fault_set(fault, FAULT_BROKEN, "VACUUM INTO: %s", sqlite3_errmsg(c->handle));
    sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    bool copied = sqlite3_step(statement) == SQLITE_DONE;
    if (!copied)
        fault_set(fault, FAULT_UNAVAILABLE, "cannot copy the database to %s: %s", path,
                  sqlite3_errmsg(c->handle));
    sqlite3_finalize(statement);
    return copied;
}

static bool sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

/* Gives the finished copy its name, unless something has it; durable when true. */
static bool publish(const char *part, const char *path, struct fault *fault)
{
    char *folder = strdup(path);
    check(folder != NULL);
    bool done = sync_path(part, O_RDWR) && link(part, path) == 0 &&
                sync_path(dirname(folder), O_RDONLY | O_DIRECTORY);
    if (!done)
        fault_set(fault, FAULT_UNAVAILABLE, "cannot keep the copy as %s: %s", path,
                  strerror(errno));
    free(folder);
    return done;
}

bool sqlite_copy(struct sql *db, struct str path, struct fault *fault)
{
    struct sqlite_db *c = (struct sqlite_db *)db;
    const char *whole = str_c(db->own_arena, path);
    const char *part = str_c(db->own_arena, str_printf(db->own_arena, "%s.part", whole));
    if (access(whole, F_OK) == 0)
        return fault_set(fault, FAULT_REFUSED, "%s exists already", whole);
    unlink(part);
    int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); /* only the owner's */
    if (fd < 0)
        return fault_set(fault, FAULT_SETUP, "cannot write %s: %s", part, strerror(errno));
    close(fd);
    bool copied = vacuum_into(c, part, fault) && publish(part, whole, fault);
    unlink(part);
    return copied;
}
