/* PostgreSQL: queries. Parameters travel in binary (no printing, and texts need no terminator),
   results as text: sums are numeric and truth values come in three types, but all can be read.
   A query goes out in libpq's pipeline, together with what must come before it (BEGIN, the
   statement's first preparation, queries that nobody waits for), so it costs one journey whatever
   was missing. */
#include "base/check.h"
#include "platform/sql/postgres_inner.h"
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMS_MAX = 64 }; /* tools/sqlgen.py keeps to it */

/* Types as pg_type.dat numbers them. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_FLOAT8 = 701 };

static Oid oid_of(enum sql_type type)
{
    switch (type) {
    case SQL_INT:
        return OID_INT8;
    case SQL_BOOL:
        return OID_INT4; /* INTEGER in the schema */
    case SQL_REAL:
        return OID_FLOAT8;
    case SQL_TEXT:
        return OID_TEXT;
    case SQL_BYTES:
        return OID_BYTEA;
    }
    return 0;
}

static void fill_types(Oid types[PARAMS_MAX], const struct sql_query *query)
{
    check(query->param_count <= PARAMS_MAX);
    for (size_t i = 0; i < query->param_count; i++)
        types[i] = oid_of(query->params[i].type);
}

struct wire_params {
    const char *values[PARAMS_MAX];
    int sizes[PARAMS_MAX];
    int formats[PARAMS_MAX];
    uint64_t numbers[PARAMS_MAX]; /* in network order */
};

static void fill_one(struct wire_params *wire, size_t i, enum sql_type type, const void *value)
{
    const struct str *s = value;
    wire->formats[i] = 1;
    wire->values[i] = (const char *)&wire->numbers[i];
    wire->sizes[i] = sizeof wire->numbers[i];
    switch (type) {
    case SQL_INT:
    case SQL_REAL:
        memcpy(&wire->numbers[i], value, sizeof wire->numbers[i]);
        wire->numbers[i] = htobe64(wire->numbers[i]);
        break;
    case SQL_BOOL: {
        uint32_t number = htobe32(*(const bool *)value);
        memcpy(&wire->numbers[i], &number, sizeof number);
        wire->sizes[i] = sizeof number;
        break;
    }
    case SQL_TEXT:
    case SQL_BYTES:
        check(s->size <= INT32_MAX);
        wire->values[i] = s->data != NULL ? s->data : "";
        wire->sizes[i] = (int)s->size;
        break;
    }
}

static void fill(struct wire_params *wire, const struct sql_query *query, const void *params)
{
    check(query->param_count <= PARAMS_MAX);
    for (size_t i = 0; i < query->param_count; i++)
        fill_one(wire, i, query->params[i].type, (const char *)params + query->params[i].offset);
}

/* Whether the statement exists on this connection; it is remembered as existing from now on. */
static bool *prepared_mark(struct postgres_db *c, const struct sql_query *query)
{
    if (query->number >= c->prepared_count) {
        unsigned count = query->number + 64;
        c->prepared = realloc(c->prepared, count * sizeof c->prepared[0]);
        check(c->prepared != NULL);
        memset(c->prepared + c->prepared_count, 0,
               (count - c->prepared_count) * sizeof c->prepared[0]);
        c->prepared_count = count;
    }
    return &c->prepared[query->number];
}

/* --- The pipeline ----------------------------------------------------------------------------- */

static void note(struct postgres_db *c, int what, const struct sql_query *query)
{
    check(c->flight.count < FLIGHT_MAX);
    c->flight.messages[c->flight.count++] = (struct postgres_message){ what, query };
}

static bool put_text(struct postgres_db *c, const char *text, int what)
{
    note(c, what, NULL);
    return PQsendQueryParams(c->conn, text, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

static bool put_prepare(struct postgres_db *c, const char *name, const struct sql_query *query)
{
    Oid types[PARAMS_MAX];
    fill_types(types, query);
    note(c, MESSAGE_PREPARE, query);
    if (query->number != SQL_NOT_KEPT)
        *prepared_mark(c, query) = true;
    return PQsendPrepare(c->conn, name, query->postgres, (int)query->param_count, types) == 1;
}

/* The query, behind what has to be said before it; false with the transaction failed. */
static bool put_query(struct postgres_db *c, const struct sql_query *query,
                      const struct wire_params *wire)
{
    char name[16] = "";
    bool is_kept = query->number != SQL_NOT_KEPT;
    if (is_kept)
        snprintf(name, sizeof name, "q%u", query->number);
    bool sent = PQpipelineStatus(c->conn) != PQ_PIPELINE_OFF || PQenterPipelineMode(c->conn) == 1;
    if (c->begin != NULL)
        sent = sent && put_text(c, c->begin, MESSAGE_BEGIN);
    c->begin = NULL;
    if (!is_kept || !*prepared_mark(c, query))
        sent = sent && put_prepare(c, name, query);
    note(c, MESSAGE_QUERY, query);
    if (sent && PQsendQueryPrepared(c->conn, name, (int)query->param_count, wire->values,
                                    wire->sizes, wire->formats, 0) == 1)
        return true;
    c->must_reconnect = true;
    c->flight.count = 0;
    return postgres_fail(c, NULL, query->name);
}

/* Reads all answers; gives the last, or the first that is none, and counts those before it. */
static PGresult *receive_all(struct postgres_db *c, unsigned *succeeded)
{
    PGresult *answer = NULL;
    bool has_failed = false;
    for (unsigned empty = 0; empty < 2;) { /* NULL parts the answers; two mean there are no more */
        PGresult *result = PQgetResult(c->conn);
        empty = result == NULL ? empty + 1 : 0;
        if (result == NULL)
            continue;
        ExecStatusType status = PQresultStatus(result);
        if (has_failed || status == PGRES_PIPELINE_SYNC) {
            PQclear(result);
        } else {
            PQclear(answer);
            answer = result;
            has_failed = status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
            *succeeded += !has_failed;
        }
        if (status == PGRES_PIPELINE_SYNC || PQstatus(c->conn) != CONNECTION_OK)
            break;
    }
    if (PQexitPipelineMode(c->conn) != 1)
        c->must_reconnect = true;
    return answer;
}

PGresult *postgres_land(struct postgres_db *c)
{
    unsigned succeeded = 0, count = c->flight.count;
    PGresult *answer = PQpipelineSync(c->conn) == 1 ? receive_all(c, &succeeded) : NULL;
    c->flight.count = 0;
    if (succeeded >= count)
        return answer;
    /* What was prepared stays, even if the transaction does not. */
    for (unsigned i = succeeded; i < count; i++)
        if (c->flight.messages[i].what == MESSAGE_PREPARE &&
            c->flight.messages[i].query->number != SQL_NOT_KEPT)
            *prepared_mark(c, c->flight.messages[i].query) = false;
    const struct postgres_message *failed = &c->flight.messages[succeeded];
    c->must_reconnect = c->must_reconnect || answer == NULL;
    postgres_fail(c, answer,
                  failed->query != NULL            ? failed->query->name
                  : failed->what == MESSAGE_COMMIT ? "COMMIT"
                                                   : "BEGIN");
    return NULL;
}

PGresult *postgres_land_committed(struct postgres_db *c)
{
    if (put_text(c, "COMMIT", MESSAGE_COMMIT))
        return postgres_land(c);
    c->must_reconnect = true;
    postgres_fail(c, NULL, "COMMIT");
    return NULL;
}

/* Sends the query and reads its answer; NULL with the transaction failed. */
static PGresult *try_query(struct postgres_db *c, const struct sql_query *query,
                           const struct wire_params *wire)
{
    return put_query(c, query, wire) ? postgres_land(c) : NULL;
}

/* The query's result, or NULL with the transaction failed. */
static PGresult *run(struct sql *db, const struct sql_query *query, const void *params)
{
    struct postgres_db *c = (struct postgres_db *)db;
    struct wire_params wire;
    fill(&wire, query, params);
    const char *begin = c->flight.count == 0 ? c->begin : NULL;
    PGresult *result = try_query(c, query, &wire);
    if (result == NULL && postgres_revive(c, begin))
        result = try_query(c, query, &wire);
    return result;
}

bool postgres_prepare(struct sql *db, const struct sql_query *query)
{
    struct postgres_db *c = (struct postgres_db *)db;
    Oid types[PARAMS_MAX];
    fill_types(types, query);
    PGresult *result = PQprepare(c->conn, "", query->postgres, (int)query->param_count, types);
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        PQclear(result);
        result = PQdescribePrepared(c->conn, "");
    }
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return postgres_fail(c, result, query->name);
    int columns = PQnfields(result);
    PQclear(result);
    return columns == (int)query->column_count ||
           sql_fail(db, FAULT_SETUP, "%s gives %d columns, not %zu", query->name, columns,
                    query->column_count);
}

static struct str read_bytes(struct arena *arena, struct str hex)
{
    if (!str_starts(hex, S("\\x")) || hex.size == 2)
        return (struct str){ 0 };
    size_t size = hex.size / 2 - 1;
    char *bytes = arena_take(arena, size);
    check(str_unhex(str_slice(hex, 2, hex.size), bytes, size));
    return (struct str){ bytes, size };
}

/* An absent value (NULL) is 0 or ''; the row was zeroed before. */
static void read_value(struct sql *db, PGresult *result, int row, int column, enum sql_type type,
                       void *to)
{
    if (PQgetisnull(result, row, column))
        return;
    const char *value = PQgetvalue(result, row, column);
    struct str s = { value, (size_t)PQgetlength(result, row, column) };
    switch (type) {
    case SQL_INT:
        *(int64_t *)to = value[0] == 't' ? 1 : strtoll(value, NULL, 10);
        break;
    case SQL_BOOL:
        *(bool *)to = value[0] == 't' || strtoll(value, NULL, 10) != 0;
        break;
    case SQL_REAL:
        *(double *)to = strtod(value, NULL);
        break;
    case SQL_TEXT:
        *(struct str *)to = s.size > 0 ? str_copy(db->arena, s) : (struct str){ 0 };
        break;
    case SQL_BYTES:
        *(struct str *)to = read_bytes(db->arena, s);
        break;
    }
}

static void read_row(struct sql *db, PGresult *result, int row, const struct sql_query *query,
                     void *to)
{
    for (size_t i = 0; i < query->column_count; i++) {
        const struct sql_field *field = &query->columns[i];
        read_value(db, result, row, (int)i, field->type, (char *)to + field->offset);
    }
}

int64_t postgres_exec_query(struct sql *db, const struct sql_query *query, const void *params)
{
    PGresult *result = run(db, query, params);
    if (result == NULL)
        return 0;
    int64_t changed = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return changed;
}

void postgres_send_query(struct sql *db, const struct sql_query *query, const void *params)
{
    enum { MESSAGES_OF_ONE = 3, AND_COMMIT = 1 };
    struct postgres_db *c = (struct postgres_db *)db;
    struct wire_params wire;
    fill(&wire, query, params);
    if (put_query(c, query, &wire) && c->flight.count + MESSAGES_OF_ONE + AND_COMMIT > FLIGHT_MAX)
        PQclear(postgres_land(c));
}

bool postgres_one_query(struct sql *db, const struct sql_query *query, const void *params,
                        void *row)
{
    PGresult *result = run(db, query, params);
    if (result == NULL)
        return false;
    int count = PQntuples(result);
    check(count <= 1);
    if (count == 1)
        read_row(db, result, 0, query, row);
    PQclear(result);
    return count == 1;
}

size_t postgres_many_query(struct sql *db, const struct sql_query *query, const void *params,
                           void **rows)
{
    PGresult *result = run(db, query, params);
    if (result == NULL)
        return 0;
    size_t count = (size_t)PQntuples(result);
    if (count > 0) {
        char *items = arena_take_array(db->arena, query->row_size, count);
        for (size_t i = 0; i < count; i++)
            read_row(db, result, (int)i, query, items + i * query->row_size);
        *rows = items;
    }
    PQclear(result);
    return count;
}
