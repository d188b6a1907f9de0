/* Commands: what holds on both databases. */
#include "base/check.h"
#include "platform/sql/sql_testing.h"

static void what_was_kept_is_there(void **state)
{
    struct trial *t = *state;
    int64_t id = 1;
    uint64_t before = sql_store_generation(t->store);
    must(t, SQL_KEPT, put_fruit, &id);
    assert_true(sql_store_generation(t->store) > before);
    trial_close(t);
    trial_open(t, (struct sql_options){ 0 });
    assert_true(has_fruit(t, 1));
}

static void a_dropped_command_leaves_nothing(void **state)
{
    struct trial *t = *state;
    int64_t id = 1;
    uint64_t before = sql_store_generation(t->store);
    must(t, SQL_DROPPED, put_fruit_and_change_my_mind, &id);
    assert_false(has_fruit(t, 1));
    assert_int_equal(before, sql_store_generation(t->store));
}

static bool fail_and_go_on(struct sql *db, void *context)
{
    int64_t id = 1, other = 2;
    put_fruit_and_fail(db, &id);
    check(sql_failed(db));
    check(sql_fault(db)->kind == FAULT_REFUSED);
    char first[sizeof sql_fault(db)->detail];
    memcpy(first, sql_fault(db)->detail, sizeof first);
    put_fruit(db, &other);
    struct fruit_by_id_row row;
    struct fruit_list_row *rows;
    check(!fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row));
    check(fruit_list(db, (struct fruit_list){ .limit = 9 }, &rows) == 0);
    check(strcmp(first, sql_fault(db)->detail) == 0);
    return true;
}

static void a_failed_transaction_stays_failed(void **state)
{
    struct trial *t = *state;
    must(t, SQL_UNAVAILABLE, fail_and_go_on, NULL);
    assert_int_equal(0, count_fruits(t));
}

enum { SENT = 200 };

static bool send_many(struct sql *db, void *context)
{
    int64_t *seen = context;
    struct tally_get_row row;
    for (int i = 0; i < SENT; i++)
        tally_send(db, (struct tally_send){ .tally_key = i % 3, .total = i });
    check(tally_get(db, (struct tally_get){ 0 }, &row));
    *seen = row.runs;
    for (int i = 0; i < SENT; i++)
        tally_send(db, (struct tally_send){ .tally_key = i % 3, .total = i });
    return true;
}

static bool send_many_and_change_my_mind(struct sql *db, void *context)
{
    send_many(db, context);
    return false;
}

static struct tally_get_row tally_of(struct trial *t, int64_t key)
{
    struct tally_get_row row;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    tally_get(db, (struct tally_get){ key }, &row);
    assert_true(sql_read_end(t->store, db));
    return row;
}

static void what_is_only_sent_is_seen_by_what_follows_and_kept(void **state)
{
    struct trial *t = *state;
    int64_t seen = 0;
    must(t, SQL_DROPPED, send_many_and_change_my_mind, &seen);
    assert_int_equal(0, tally_of(t, 0).runs);
    must(t, SQL_KEPT, send_many, &seen);
    assert_int_equal((SENT + 2) / 3, seen);
    assert_int_equal(2 * seen, tally_of(t, 0).runs);
    int64_t total = tally_of(t, 0).total + tally_of(t, 1).total + tally_of(t, 2).total;
    assert_int_equal(SENT * (SENT - 1), total);
}

static bool send_what_fails(struct sql *db, void *context)
{
    bool *looks_again = context;
    int64_t id = 1;
    struct tally_get_row row;
    put_fruit(db, &id);
    fruit_lessen(db, (struct fruit_lessen){ .lost = 1000, .fruit_id = { 1 } });
    tally_send(db, (struct tally_send){ .tally_key = 7, .total = 1 });
    if (*looks_again) {
        check(!tally_get(db, (struct tally_get){ 7 }, &row));
        check(sql_fault(db)->kind == FAULT_REFUSED);
    }
    return true;
}

static void what_is_only_sent_and_fails_fails_the_command(void **state)
{
    struct trial *t = *state;
    bool looks_again = false;
    must(t, SQL_UNAVAILABLE, send_what_fails, &looks_again);
    looks_again = true;
    must(t, SQL_UNAVAILABLE, send_what_fails, &looks_again);
    assert_int_equal(0, count_fruits(t));
    assert_int_equal(0, tally_of(t, 7).runs);
    int64_t seen = 0;
    must(t, SQL_KEPT, send_many, &seen); /* the connection is as good as before */
}

static void failing_and_dropped_commands_harm_no_neighbour(void **state)
{
    struct trial *t = *state;
    struct gate gate;
    struct crowd crowd;
    struct pending pending[300];
    bool (*const runs[])(struct sql *, void *) = { put_fruit, put_fruit_and_change_my_mind,
                                                   put_fruit_and_fail };
    crowd_init(&crowd);
    gate_shut(&gate, t);
    for (int64_t i = 0; i < 300; i++)
        crowd_submit(&crowd, t, &pending[i], runs[i % 3], i + 1);
    gate_open(&gate);
    crowd_wait(&crowd, 300);
    assert_int_equal(100, crowd.kept);
    assert_int_equal(100, crowd.dropped);
    assert_int_equal(100, crowd.unavailable);
    assert_int_equal(100, count_fruits(t));
    for (int64_t i = 0; i < 300; i += 3)
        assert_true(has_fruit(t, i + 1));
    assert_non_null(strstr(pending[2].fault.detail, "fruit_insert_strictly"));
}

static bool see_first_and_drop(struct sql *db, void *context)
{
    struct fruit_by_id_row row;
    bool *seen = *(bool **)context;
    *seen = fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row);
    return false;
}

static void a_command_sees_what_those_before_it_did(void **state)
{
    struct trial *t = *state;
    bool seen = false;
    bool *to_seen = &seen;
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    must(t, SQL_DROPPED, see_first_and_drop, &to_seen);
    assert_true(seen);
}

/* --- Work before the commit ------------------------------------------------------------------- */

static void add_to_tally(struct sql *db, const int64_t key[2])
{
    tally_add(db, (struct tally_add){ .tally_key = key[0], .total = key[1] });
}

static bool put_and_tally(struct sql *db, void *context)
{
    sql_before_commit(db, add_to_tally, (int64_t[]){ 5, 10 });
    sql_before_commit(db, add_to_tally, (int64_t[]){ 6, 1 });
    sql_before_commit(db, add_to_tally, (int64_t[]){ 5, 10 });
    return put_fruit(db, context);
}

static bool tally_other_and_drop(struct sql *db, void *context)
{
    sql_before_commit(db, add_to_tally, (int64_t[]){ 5, 10 });
    sql_before_commit(db, add_to_tally, (int64_t[]){ 99, 1 });
    return false;
}

static int64_t tally_runs(struct trial *t, int64_t key)
{
    struct tally_get_row row;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    tally_get(db, (struct tally_get){ key }, &row);
    assert_true(sql_read_end(t->store, db));
    return row.runs;
}

static void work_before_a_commit_is_done_once_for_each_key(void **state)
{
    struct trial *t = *state;
    struct gate gate;
    struct crowd crowd;
    struct pending pending[200];
    crowd_init(&crowd);
    gate_shut(&gate, t);
    for (int64_t i = 0; i < 200; i++)
        crowd_submit(&crowd, t, &pending[i], i % 2 == 0 ? put_and_tally : tally_other_and_drop, i);
    gate_open(&gate);
    crowd_wait(&crowd, 200);
    assert_int_equal(100, crowd.kept);
    assert_int_equal(t->kind == SQL_SQLITE ? 1 : 100, tally_runs(t, 5));
    assert_int_equal(t->kind == SQL_SQLITE ? 1 : 100, tally_runs(t, 6));
    assert_int_equal(0, tally_runs(t, 99)); /* asked for by dropped commands only */
}

static void ask_for_more(struct sql *db, const int64_t key[2])
{
    add_to_tally(db, (int64_t[]){ key[0], 0 });
    if (key[0] < 200)
        sql_before_commit(db, ask_for_more, (int64_t[]){ key[0] + 1, 0 });
}

static bool start_a_chain(struct sql *db, void *context)
{
    sql_before_commit(db, ask_for_more, (int64_t[]){ 1, 0 });
    return true;
}

static void work_may_ask_for_more_work(void **state)
{
    struct trial *t = *state;
    must(t, SQL_KEPT, start_a_chain, NULL);
    assert_int_equal(1, tally_runs(t, 1));
    assert_int_equal(1, tally_runs(t, 200));
}

static void fail_on_purpose(struct sql *db, const int64_t key[2])
{
    fruit_insert_strictly(db, (struct fruit_insert_strictly){ { 77 }, .amount = -1 });
}

static bool put_with_failing_work(struct sql *db, void *context)
{
    sql_before_commit(db, fail_on_purpose, (int64_t[]){ 0, 0 });
    return put_fruit(db, context);
}

static void failing_work_keeps_nothing(void **state)
{
    struct trial *t = *state;
    int64_t id = 1;
    must(t, SQL_UNAVAILABLE, put_with_failing_work, &id);
    assert_int_equal(0, count_fruits(t));
    must(t, SQL_KEPT, put_fruit, &id); /* the next ones are not its heirs */
    assert_int_equal(1, count_fruits(t));
}

/* --- Crowds ----------------------------------------------------------------------------------- */

enum { SUBMITTERS = 8, EACH = 100 };

static bool add_one_by_reading(struct sql *db, void *context)
{
    struct fruit_by_id_row row;
    fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row);
    fruit_set_amount(db, (struct fruit_set_amount){ row.amount + 1, { 1 } });
    return true;
}

struct submitter {
    struct trial *t;
    unsigned kept;
};

static void *submit_each(void *context)
{
    struct submitter *submitter = context;
    for (unsigned i = 0; i < EACH; i++)
        submitter->kept +=
            sql_submit_wait(submitter->t->store, add_one_by_reading, NULL, NULL) == SQL_KEPT;
    return NULL;
}

/* Reading a number and writing one more loses counts unless commands are serialisable. On
   PostgreSQL a command may give up after many conflicts; what it must not do is lie. */
static void eight_submitters_count_right(void **state)
{
    struct trial *t = *state;
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    struct submitter submitters[SUBMITTERS];
    pthread_t threads[SUBMITTERS];
    for (int i = 0; i < SUBMITTERS; i++) {
        submitters[i] = (struct submitter){ .t = t };
        assert_int_equal(0, pthread_create(&threads[i], NULL, submit_each, &submitters[i]));
    }
    unsigned kept = 0;
    for (int i = 0; i < SUBMITTERS; i++) {
        pthread_join(threads[i], NULL);
        kept += submitters[i].kept;
    }
    if (t->kind == SQL_SQLITE)
        assert_int_equal(SUBMITTERS * EACH, kept);
    struct fruit_by_id_row row;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    assert_true(fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row));
    assert_true(sql_read_end(t->store, db));
    assert_int_equal(1 + kept, row.amount);
}

static void a_full_queue_answers_at_once(void **state)
{
    struct trial *t = *state;
    struct gate gate;
    struct crowd crowd;
    struct pending pending[11];
    crowd_init(&crowd);
    trial_close(t);
    trial_open(t, (struct sql_options){ .queue_length_max = 10, .connections = 1 });
    gate_shut(&gate, t);
    for (int64_t i = 0; i < 11; i++)
        crowd_submit(&crowd, t, &pending[i], put_fruit, i + 1);
    assert_int_equal(10, sql_queue_length(t->store));
    assert_int_equal(1, crowd.unavailable); /* while the writer still stands */
    assert_int_equal(FAULT_UNAVAILABLE, pending[10].fault.kind);
    gate_open(&gate);
    crowd_wait(&crowd, 11);
    assert_int_equal(10, crowd.kept);
    assert_int_equal(0, sql_queue_length(t->store));
}

static void closing_answers_all_that_was_accepted(void **state)
{
    struct trial *t = *state;
    struct crowd crowd;
    struct pending pending[200];
    crowd_init(&crowd);
    for (int64_t i = 0; i < 200; i++)
        crowd_submit(&crowd, t, &pending[i], put_fruit, i + 1);
    trial_close(t);
    assert_int_equal(200, crowd.answered);
    trial_open(t, (struct sql_options){ 0 });
    assert_int_equal(crowd.kept, count_fruits(t));
}

#define COMMAND_TESTS(X)                                                                           \
    X(what_was_kept_is_there)                                                                      \
    X(a_dropped_command_leaves_nothing)                                                            \
    X(a_failed_transaction_stays_failed)                                                           \
    X(what_is_only_sent_is_seen_by_what_follows_and_kept)                                          \
    X(what_is_only_sent_and_fails_fails_the_command)                                               \
    X(failing_and_dropped_commands_harm_no_neighbour)                                              \
    X(a_command_sees_what_those_before_it_did)                                                     \
    X(work_before_a_commit_is_done_once_for_each_key)                                              \
    X(work_may_ask_for_more_work)                                                                  \
    X(failing_work_keeps_nothing)                                                                  \
    X(eight_submitters_count_right)                                                                \
    X(a_full_queue_answers_at_once)                                                                \
    X(closing_answers_all_that_was_accepted)

const struct CMUnitTest command_tests_sqlite[] = { COMMAND_TESTS(ON_SQLITE) };
const struct CMUnitTest command_tests_postgres[] = { COMMAND_TESTS(ON_POSTGRES) };
const size_t command_test_count = sizeof command_tests_sqlite / sizeof command_tests_sqlite[0];
