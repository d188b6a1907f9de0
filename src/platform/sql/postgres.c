/* PostgreSQL: connections and transactions.
 *
 * Commands are SERIALIZABLE, reads REPEATABLE READ READ ONLY. A connection that was lost is made
 * anew at the next transaction, so the program outlives a restart or a failover of the server.
 *
 * Every answer waited for costs a journey. BEGIN travels with the first query and a reader's COMMIT
 * is not waited for, so a page of three queries makes three journeys, not five. What a command only
 * sends (sql_send) travels with its next query, or with COMMIT.
 */
#include "base/check.h"
#include "platform/sql/postgres_inner.h"
#include <stdlib.h>
#include <string.h>

/* Time-outs end what would otherwise hold a connection for ever. A table that is read from end to
   end conflicts with whoever writes to it: every query here has an index, however small its table
   is (PostgreSQL's manual, 13.2.3). That makes a plan that reads one all the same look so expensive
   that PostgreSQL would compile it first, which takes many times as long as running it. A server
   that acknowledges commits before they are durable is told otherwise: what is answered "kept" must
   be kept. */
static const char session_text[] = "SET statement_timeout = '10s';"
                                   "SET idle_in_transaction_session_timeout = '60s';"
                                   "SET client_min_messages = warning;"
                                   "SET timezone = 'UTC';"
                                   "SET enable_seqscan = off;"
                                   "SET jit = off;"
                                   "SELECT set_config('synchronous_commit', 'on', false) "
                                   "WHERE current_setting('synchronous_commit') = 'off'";

static struct postgres_db *of(struct sql *db)
{
    return (struct postgres_db *)db;
}

/* --- Failures --------------------------------------------------------------------------------- */

static bool in_class(const char *state, const char *start)
{
    return strncmp(state, start, strlen(start)) == 0;
}

static enum fault_kind kind_of(const char *state)
{
    if (in_class(state, "22") || in_class(state, "23")) /* data, constraints */
        return FAULT_REFUSED;
    if (in_class(state, "XX"))
        return FAULT_BROKEN;
    if (in_class(state, "42") || in_class(state, "28") || in_class(state, "3D"))
        return FAULT_SETUP;
    return FAULT_UNAVAILABLE;
}

bool postgres_fail(struct postgres_db *c, PGresult *result, const char *what)
{
    const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *words = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    bool is_lost = PQstatus(c->conn) != CONNECTION_OK;
    if (state == NULL)
        state = is_lost ? "08006" : "58000";
    /* 23505: a key that another transaction has taken meanwhile; PostgreSQL may say this before it
       sees that the two are not serialisable (manual, 13.5). A second run finds the row. */
    bool is_conflict =
        strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0 || strcmp(state, "23505") == 0;
    /* 25006: this server became a standby; 0A000 and 26000: a plan from before a migration. */
    bool is_stale =
        strcmp(state, "25006") == 0 || strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0;
    c->must_reconnect = c->must_reconnect || is_stale;
    if (!c->base.failed)
        c->base.may_retry = is_conflict || is_stale || is_lost;
    sql_fail(&c->base, kind_of(state), "%s: %s (PostgreSQL %s)", what,
             words != NULL ? words : PQerrorMessage(c->conn), state);
    PQclear(result);
    return false;
}

/* --- Connections ------------------------------------------------------------------------------ */

static void ignore_notice(void *context, const char *message)
{
}

static void hang_up(struct postgres_db *c)
{
    PQfinish(c->conn);
    c->conn = NULL;
    c->must_reconnect = c->end_is_open = false;
    c->flight.count = 0;
    memset(c->prepared, 0, c->prepared_count * sizeof c->prepared[0]);
}

static bool dial(struct postgres_db *c)
{
    const char *const names[] = { "dbname",          "application_name", "connect_timeout",
                                  "keepalives_idle", "tcp_user_timeout", NULL };
    const char *const values[] = { c->base.store->place, "manyhands", "5", "30", "15000", NULL };
    c->conn = PQconnectdbParams(names, values, 1);
    if (PQstatus(c->conn) != CONNECTION_OK) {
        c->base.may_retry = !c->base.failed;
        return sql_fail(&c->base, FAULT_UNAVAILABLE, "cannot reach the database: %s",
                        PQerrorMessage(c->conn));
    }
    PQsetNoticeProcessor(c->conn, ignore_notice, NULL);
    return postgres_run(c, session_text, "session settings");
}

bool postgres_ensure(struct postgres_db *c)
{
    if (c->conn != NULL && PQstatus(c->conn) == CONNECTION_OK && !c->must_reconnect)
        return true;
    hang_up(c);
    if (dial(c))
        return true;
    hang_up(c);
    return false;
}

static void postgres_disconnect(struct sql *db)
{
    struct postgres_db *c = of(db);
    PQfinish(c->conn);
    free(c->prepared);
    sql_teardown(db);
    free(c);
}

static struct sql *postgres_connect(struct sql_store *store, enum sql_role role,
                                    struct fault *fault)
{
    struct postgres_db *c = calloc(1, sizeof *c);
    check(c != NULL);
    c->prepared_count = sql_query_count > 0 ? sql_query_count : 1;
    c->prepared = calloc(c->prepared_count, sizeof c->prepared[0]);
    check(c->prepared != NULL);
    sql_setup(&c->base, &postgres_driver, store, role);
    if (postgres_ensure(c))
        return &c->base;
    fault_set(fault, c->base.fault.kind, "%s", c->base.fault.detail);
    postgres_disconnect(&c->base);
    return NULL;
}

/* --- Transactions ----------------------------------------------------------------------------- */

bool postgres_run(struct postgres_db *c, const char *text, const char *what)
{
    if (c->begin != NULL) {
        const char *begin = c->begin;
        c->begin = NULL;
        if (!postgres_run(c, begin, begin))
            return false;
    }
    check(c->flight.count == 0);
    PGresult *result = PQexec(c->conn, text);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        return postgres_fail(c, result, what);
    PQclear(result);
    return true;
}

/* The answer to the last reader's COMMIT; a bad one shows at the next query. */
static void finish_last(struct postgres_db *c)
{
    if (c->conn == NULL || !c->end_is_open)
        return;
    PGresult *result;
    while ((result = PQgetResult(c->conn)) != NULL)
        PQclear(result);
    c->end_is_open = false;
}

static bool postgres_begin(struct sql *db)
{
    struct postgres_db *c = of(db);
    finish_last(c);
    c->begin = NULL;
    if (!postgres_ensure(c))
        return false;
    c->begin = db->role == SQL_READER ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
               : db->guarded          ? "BEGIN ISOLATION LEVEL READ COMMITTED"
                                      : "BEGIN ISOLATION LEVEL SERIALIZABLE";
    return true;
}

bool postgres_revive(struct postgres_db *c, const char *begin)
{
    if (begin == NULL || PQstatus(c->conn) == CONNECTION_OK)
        return false;
    c->base.failed = c->base.may_retry = false;
    c->base.fault.kind = FAULT_NONE;
    if (!postgres_ensure(c))
        return false;
    c->begin = begin;
    return true;
}

/* COMMIT by itself; the result, or NULL when it never left. */
static PGresult *commit_alone(struct postgres_db *c)
{
    if (PQsendQuery(c->conn, "COMMIT") != 1)
        return NULL;
    PGresult *result = PQgetResult(c->conn), *more;
    while ((more = PQgetResult(c->conn)) != NULL) {
        PQclear(result); /* only errors of a dying connection come second; the last one counts */
        result = more;
    }
    return result;
}

static bool commit_reader(struct postgres_db *c)
{
    c->end_is_open = PQsendQuery(c->conn, "COMMIT") == 1;
    return c->end_is_open || postgres_fail(c, NULL, "COMMIT");
}

static bool postgres_commit(struct sql *db)
{
    struct postgres_db *c = of(db);
    if (c->begin != NULL) {
        c->begin = NULL; /* nothing was asked, nothing is to be ended */
        return true;
    }
    if (db->role == SQL_READER)
        return commit_reader(c);
    bool is_behind = c->flight.count > 0;
    PGresult *result = is_behind ? postgres_land_committed(c) : commit_alone(c);
    if (result == NULL && !is_behind)
        return postgres_fail(c, NULL, "COMMIT"); /* another try may go better */
    bool is_kept =
        PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") == 0;
    if (is_kept) {
        PQclear(result);
        return true;
    }
    bool is_answered = PQstatus(c->conn) == CONNECTION_OK;
    if (result != NULL)
        postgres_fail(c, result, "COMMIT");
    if (!is_answered) {
        db->may_retry = false;
        fault_set(&db->fault, FAULT_UNAVAILABLE,
                  "the connection was lost during COMMIT: whether it was kept is unknown");
    }
    return false;
}

static void postgres_rollback(struct sql *db)
{
    struct postgres_db *c = of(db);
    c->begin = NULL;
    if (c->flight.count > 0)
        PQclear(postgres_land(c));
    if (c->conn != NULL && PQstatus(c->conn) == CONNECTION_OK &&
        PQtransactionStatus(c->conn) != PQTRANS_IDLE) {
        PGresult *result = PQexec(c->conn, "ROLLBACK");
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            c->must_reconnect = true;
        PQclear(result);
    }
}

/* --- What happens rarely ---------------------------------------------------------------------- */

static bool postgres_script(struct sql *db, const char *text)
{
    /* A migration may take longer than a command may. */
    return !db->failed && postgres_run(of(db), "SET LOCAL statement_timeout = 0", "script") &&
           postgres_run(of(db), text, "script");
}

static bool postgres_lock_schema(struct sql *db)
{
    return postgres_run(of(db), "SET statement_timeout = 0; SELECT pg_advisory_lock(7233190417)",
                        "waiting for another server's migration");
}

/* PostgreSQL guards its pages itself; what can be wrong are constraints and indexes left invalid.
 */
static bool postgres_integrity(struct sql *db, struct fault *fault)
{
    static const char text[] =
        "SELECT 'constraint ' || conname FROM pg_constraint WHERE NOT convalidated UNION ALL "
        "SELECT 'index ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid LIMIT 1";
    struct postgres_db *c = of(db);
    PGresult *result = PQexec(c->conn, text);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        postgres_fail(c, result, "integrity");
        return fault_set(fault, db->fault.kind, "%s", db->fault.detail);
    }
    bool whole = PQntuples(result) == 0;
    if (!whole)
        fault_set(fault, FAULT_BROKEN, "%s is not valid", PQgetvalue(result, 0, 0));
    PQclear(result);
    return whole;
}

static bool postgres_copy(struct sql *db, struct str path, struct fault *fault)
{
    return fault_set(fault, FAULT_REFUSED, "copy a PostgreSQL database with pg_dump");
}

const struct sql_driver postgres_driver = {
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .exec = postgres_exec_query,
    .send = postgres_send_query,
    .one = postgres_one_query,
    .many = postgres_many_query,
    .prepare = postgres_prepare,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .script = postgres_script,
    .lock_schema = postgres_lock_schema,
    .integrity = postgres_integrity,
    .copy = postgres_copy,
    .writer_main = postgres_writer_main,
};
