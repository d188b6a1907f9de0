/* What PostgreSQL alone does: conflicts between transactions, lost connections. */
#include "base/check.h"
#include "platform/sql/postgres_inner.h"
#include "platform/sql/sql_testing.h"
#include <stdio.h>

static unsigned backend_of(struct sql *db)
{
    return (unsigned)PQbackendPID(((struct postgres_db *)db)->conn);
}

/* What an administrator, or a restart, does to a connection. */
static void terminate(unsigned backend)
{
    char text[64];
    snprintf(text, sizeof text, "SELECT pg_terminate_backend(%u)", backend);
    PGconn *conn = PQconnectdb(trial_postgres_url());
    PGresult *result = PQexec(conn, text);
    check(PQresultStatus(result) == PGRES_TUPLES_OK);
    PQclear(result);
    PQfinish(conn);
}

/* Two commands that each read what the other writes, held together on their first try. */
struct skew {
    pthread_barrier_t both_have_read;
    atomic_uint tries;
};
struct half {
    struct skew *skew;
    int64_t mine, other;
    bool has_met;
};

static bool copy_the_other(struct sql *db, void *context)
{
    struct half *half = context;
    struct fruit_by_id_row row;
    atomic_fetch_add(&half->skew->tries, 1);
    check(fruit_by_id(db, (struct fruit_by_id){ { half->other } }, &row));
    if (!half->has_met) {
        half->has_met = true;
        pthread_barrier_wait(&half->skew->both_have_read);
    }
    fruit_set_amount(db, (struct fruit_set_amount){ row.amount + 10, { half->mine } });
    return true;
}

struct half_thread {
    struct trial *t;
    struct half half;
    enum sql_outcome outcome;
};

static void *submit_half(void *context)
{
    struct half_thread *thread = context;
    thread->outcome = sql_submit_wait(thread->t->store, copy_the_other, &thread->half, NULL);
    return NULL;
}

static void conflicting_commands_run_again_until_both_are_kept(void **state)
{
    struct trial *t = *state;
    struct skew skew = { 0 };
    int64_t ids[] = { 1, 2 };
    pthread_t threads[2];
    struct half_thread halves[2];
    assert_int_equal(0, pthread_barrier_init(&skew.both_have_read, NULL, 2));
    must(t, SQL_KEPT, put_fruit, &ids[0]);
    must(t, SQL_KEPT, put_fruit, &ids[1]);
    for (int i = 0; i < 2; i++) {
        halves[i] = (struct half_thread){ .t = t, .half = { &skew, ids[i], ids[1 - i], false } };
        assert_int_equal(0, pthread_create(&threads[i], NULL, submit_half, &halves[i]));
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(SQL_KEPT, halves[i].outcome);
    }
    assert_true(skew.tries >= 3);
    struct fruit_by_id_row a, b;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    assert_true(fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &a));
    assert_true(fruit_by_id(db, (struct fruit_by_id){ { 2 } }, &b));
    assert_true(sql_read_end(t->store, db));
    assert_int_equal(32, a.amount + b.amount); /* one after the other: 11 and 21, not 11 and 11 */
    pthread_barrier_destroy(&skew.both_have_read);
}

static bool lose_the_connection_once(struct sql *db, void *context)
{
    unsigned *tries = context;
    int64_t id = 1;
    put_fruit(db, &id);
    if ((*tries)++ == 0)
        terminate(backend_of(db));
    id = 2;
    put_fruit(db, &id);
    return true;
}

static void a_connection_lost_before_commit_is_made_good(void **state)
{
    struct trial *t = *state;
    unsigned tries = 0;
    must(t, SQL_KEPT, lose_the_connection_once, &tries);
    assert_int_equal(2, tries);
    assert_int_equal(2, count_fruits(t));
}

struct sending {
    unsigned tries;
    bool looks_again;
};

static bool send_into_the_void_once(struct sql *db, void *context)
{
    struct sending *sending = context;
    struct tally_get_row row;
    int64_t id = 1;
    put_fruit(db, &id);
    if (sending->tries++ == 0)
        terminate(backend_of(db));
    tally_send(db, (struct tally_send){ .tally_key = 1, .total = 1 });
    if (sending->looks_again)
        tally_get(db, (struct tally_get){ 1 }, &row);
    return true;
}

/* Behind COMMIT nobody knows how far it came. */
static void a_connection_lost_while_things_are_sent_is_made_good_before_commit_only(void **state)
{
    struct trial *t = *state;
    struct sending sending = { .looks_again = true };
    must(t, SQL_KEPT, send_into_the_void_once, &sending);
    assert_int_equal(2, sending.tries);
    assert_int_equal(1, count_fruits(t));
    sending = (struct sending){ .looks_again = false };
    must(t, SQL_UNAVAILABLE, send_into_the_void_once, &sending);
    assert_int_equal(1, sending.tries);
    must(t, SQL_KEPT, send_into_the_void_once, &sending);
}

static bool note_backend(struct sql *db, void *context)
{
    *(unsigned *)context = backend_of(db);
    return false;
}

static void idle_connections_that_died_are_made_anew(void **state)
{
    struct trial *t = *state;
    unsigned backend = 0;
    trial_close(t);
    trial_open(t, (struct sql_options){ .connections = 1 });
    must(t, SQL_DROPPED, note_backend, &backend);
    terminate(backend);
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);

    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    backend = backend_of(db);
    assert_true(sql_read_end(t->store, db));
    terminate(backend);
    assert_int_equal(1, count_fruits(t));
}

static void a_read_whose_connection_dies_fails_and_the_next_works(void **state)
{
    struct trial *t = *state;
    struct fruit_count_row row;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    assert_true(fruit_count(db, &row)); /* what comes next belongs to the same snapshot */
    terminate(backend_of(db));
    assert_false(fruit_count(db, &row));
    assert_int_equal(FAULT_UNAVAILABLE, sql_fault(db)->kind);
    assert_false(sql_read_end(t->store, db));
    assert_int_equal(0, count_fruits(t));
}

/* A trigger that PostgreSQL runs only within COMMIT, and that ends the connection there. */
static const char dying_at_commit[] =
    "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$;"
    "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON fruit DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION die();";

static bool put_and_count(struct sql *db, void *context)
{
    int64_t id = 1;
    ++*(unsigned *)context;
    return put_fruit(db, &id);
}

static void a_connection_lost_during_commit_is_not_tried_again(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    unsigned tries = 0;
    assert_true(sql_run_schema(t->store, str_from(dying_at_commit), &fault));
    assert_int_equal(SQL_UNAVAILABLE, sql_submit_wait(t->store, put_and_count, &tries, &fault));
    assert_int_equal(1, tries);
    assert_non_null(strstr(fault.detail, "unknown"));
    assert_int_equal(0, count_fruits(t)); /* and the store goes on */
}

static void a_plan_from_before_a_migration_is_made_anew(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    trial_close(t);
    trial_open(t, (struct sql_options){ .connections = 1 });
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    assert_true(has_fruit(t, 1));
    static const char change[] = "ALTER TABLE fruit ALTER COLUMN name TYPE varchar(90);"
                                 "ALTER TABLE fruit ADD COLUMN more TEXT NOT NULL DEFAULT '';";
    assert_true(sql_run_schema(t->store, str_from(change), &fault));
    id = 2;
    must(t, SQL_KEPT, put_fruit, &id);
    struct fruit_by_id_row row;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row); /* may fail, for once */
    sql_read_end(t->store, db);
    assert_true(has_fruit(t, 2));
}

static void a_copy_is_left_to_pg_dump(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    assert_false(sql_copy(t->store, S("/tmp/never"), &fault));
    assert_int_equal(FAULT_REFUSED, fault.kind);
}

static bool fail_at_first_use(struct sql *db, void *context)
{
    fruit_insert_strictly(db, (struct fruit_insert_strictly){ { 1 }, .amount = -1 });
    return true;
}

static void a_statement_that_failed_at_its_first_use_can_be_used_again(void **state)
{
    struct trial *t = *state;
    trial_close(t);
    trial_open(t, (struct sql_options){ .connections = 1 });
    struct fault fault = { 0 };
    for (int i = 0; i < 2; i++) {
        assert_int_equal(SQL_UNAVAILABLE,
                         sql_submit_wait(t->store, fail_at_first_use, NULL, &fault));
        assert_int_equal(FAULT_REFUSED, fault.kind);
        assert_non_null(strstr(fault.detail, "23514"));
    }
}

const struct CMUnitTest postgres_tests[] = {
    ON_POSTGRES(conflicting_commands_run_again_until_both_are_kept)
        ON_POSTGRES(a_connection_lost_before_commit_is_made_good)
            ON_POSTGRES(a_connection_lost_while_things_are_sent_is_made_good_before_commit_only)
                ON_POSTGRES(idle_connections_that_died_are_made_anew)
                    ON_POSTGRES(a_read_whose_connection_dies_fails_and_the_next_works)
                        ON_POSTGRES(a_connection_lost_during_commit_is_not_tried_again)
                            ON_POSTGRES(a_plan_from_before_a_migration_is_made_anew) ON_POSTGRES(
                                a_statement_that_failed_at_its_first_use_can_be_used_again)
                                ON_POSTGRES(a_copy_is_left_to_pg_dump)
};
const size_t postgres_test_count = sizeof postgres_tests / sizeof postgres_tests[0];
