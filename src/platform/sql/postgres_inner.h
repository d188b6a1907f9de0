/* Inside the room: PostgreSQL's connection, shared by the postgres*.c files. */
#pragma once
#include "platform/sql/sql_inner.h"
#include <libpq-fe.h>

enum { FLIGHT_MAX = 64 };

/* What was sent on libpq's pipeline and not been answered yet, in order. */
struct postgres_flight {
    struct postgres_message {
        enum { MESSAGE_BEGIN, MESSAGE_PREPARE, MESSAGE_QUERY, MESSAGE_COMMIT } what;
        const struct sql_query *query; /* of PREPARE and QUERY */
    } messages[FLIGHT_MAX];
    unsigned count;
};

struct postgres_db {
    struct sql base;
    PGconn *conn;   /* NULL: not connected now */
    bool *prepared; /* by query number: the statement q<number> exists on this connection */
    unsigned prepared_count;
    struct postgres_flight flight;
    const char *begin;   /* BEGIN that has not been sent: it travels with the first query */
    bool end_is_open;    /* a reader's COMMIT whose answer nobody has waited for */
    bool must_reconnect; /* it works, but not for us: read only after a failover, stale plans */
};

/* The transaction failed: with the result's words, or the connection's when it is NULL. Says in
   base.may_retry whether another try may go better. Frees the result. */
bool postgres_fail(struct postgres_db *c, PGresult *result, const char *what);
/* Runs statements that give no rows of interest; fails like a query. */
bool postgres_run(struct postgres_db *c, const char *text, const char *what);
/* Connects if there is no working connection. */
bool postgres_ensure(struct postgres_db *c);
/* The first query of a transaction found the connection dead, as it may have been for long: makes a
   new one, on which the query may be sent again. False when there is none, or more was lost. */
bool postgres_revive(struct postgres_db *c, const char *begin);

/* postgres_query.c */
int64_t postgres_exec_query(struct sql *db, const struct sql_query *query, const void *params);
bool postgres_one_query(struct sql *db, const struct sql_query *query, const void *params,
                        void *row);
size_t postgres_many_query(struct sql *db, const struct sql_query *query, const void *params,
                           void **rows);
void postgres_send_query(struct sql *db, const struct sql_query *query, const void *params);
/* Waits for the answers to all that is in flight: the last one, or NULL with the transaction
   failed. */
PGresult *postgres_land(struct postgres_db *c);
/* The same with COMMIT behind it. */
PGresult *postgres_land_committed(struct postgres_db *c);
bool postgres_prepare(struct sql *db, const struct sql_query *query);
/* postgres_worker.c */
void *postgres_writer_main(void *store);
