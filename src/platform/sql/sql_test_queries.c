/* Queries and reads: what holds on both databases. */
#include "base/check.h"
#include "platform/sql/sql_testing.h"

static bool put_full_fruit(struct sql *db, void *context)
{
    struct fruit_insert *fruit = context;
    check(fruit_insert(db, *fruit) == 1);
    return true;
}

static void values_of_every_type_come_back(void **state)
{
    struct trial *t = *state;
    struct fruit_insert fruit = { .basket = true,
                                  .fruit_id = { INT64_MAX },
                                  .twin_id = { INT64_MIN },
                                  .name = S("Küçük elma '\" \\ 🍎"),
                                  .weight = 0.1 + 0.2,
                                  .photo = S("\0\xff\\x41\0"),
                                  .amount = 9007199254740993,
                                  .now = -1 };
    must(t, SQL_KEPT, put_full_fruit, &fruit);
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    struct fruit_by_id_row row;
    assert_true(fruit_by_id(db, (struct fruit_by_id){ { INT64_MAX } }, &row));
    assert_true(sql_read_end(t->store, db));
    assert_true(row.basket);
    assert_int_equal(INT64_MAX, row.fruit_id.value);
    assert_int_equal(INT64_MIN, row.twin_id.value);
    assert_true(str_equal(fruit.name, row.name));
    assert_true(row.weight == 0.1 + 0.2);
    assert_int_equal(7, row.photo.size);
    assert_true(str_equal(fruit.photo, row.photo));
    assert_int_equal(9007199254740993, row.amount);
    assert_int_equal(-1, row.picked_at);
}

static void empty_values_are_values(void **state)
{
    struct trial *t = *state;
    struct fruit_insert fruit = { .fruit_id = { 1 } };
    must(t, SQL_KEPT, put_full_fruit, &fruit); /* NOT NULL columns would refuse a NULL */
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    struct fruit_by_id_row row;
    assert_true(fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row));
    assert_true(sql_read_end(t->store, db));
    assert_int_equal(0, row.name.size);
    assert_int_equal(0, row.photo.size);
}

static void sums_and_counts_are_read_whatever_the_database_makes_of_them(void **state)
{
    struct trial *t = *state;
    struct fruit_insert a = { .fruit_id = { 1 }, .amount = INT64_C(1) << 40, .weight = 1 };
    struct fruit_insert b = { .fruit_id = { 2 }, .amount = 5, .weight = 2 };
    must(t, SQL_KEPT, put_full_fruit, &a);
    must(t, SQL_KEPT, put_full_fruit, &b);
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    struct fruit_count_row row;
    assert_true(fruit_count(db, &row));
    assert_true(sql_read_end(t->store, db));
    assert_int_equal(2, row.fruits);
    assert_int_equal((INT64_C(1) << 40) + 5, row.amounts);
    assert_true(row.average == 1.5);
    assert_true(row.is_any);
}

static void an_absent_value_is_zero(void **state)
{
    struct trial *t = *state;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    struct fruit_count_row row = { .average = 7 };
    assert_true(fruit_count(db, &row)); /* avg() of nothing is NULL */
    assert_true(row.average == 0);
    assert_false(row.is_any);
    assert_true(sql_read_end(t->store, db));
}

static bool put_hundred(struct sql *db, void *context)
{
    for (int64_t id = 1; id <= 100; id++)
        put_fruit(db, &id);
    return true;
}

static void rows_come_in_order_and_up_to_the_limit(void **state)
{
    struct trial *t = *state;
    must(t, SQL_KEPT, put_hundred, NULL);
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    struct fruit_list_row *rows;
    assert_int_equal(40, fruit_list(db, (struct fruit_list){ { 50 }, .limit = 40 }, &rows));
    for (int64_t i = 0; i < 40; i++) {
        assert_int_equal(51 + i, rows[i].fruit_id.value);
        assert_true(str_equal(S("apple"), rows[i].name));
    }
    assert_int_equal(0, fruit_list(db, (struct fruit_list){ { 100 }, .limit = 40 }, &rows));
    assert_null(rows);
    assert_true(sql_read_end(t->store, db));
}

static void a_missing_row_is_none_and_leaves_zeroes(void **state)
{
    struct trial *t = *state;
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    struct fruit_by_id_row row = { .amount = 7 };
    assert_false(fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row));
    assert_int_equal(0, row.amount);
    assert_true(sql_read_end(t->store, db));
}

static bool change_and_return(struct sql *db, void *context)
{
    int64_t id = 1;
    put_fruit(db, &id);
    check(fruit_insert(db, (struct fruit_insert){ .fruit_id = { 1 } }) == 0);
    check(fruit_set_amount(db, (struct fruit_set_amount){ 1, { 1 } }) == 1);
    check(fruit_set_amount(db, (struct fruit_set_amount){ 1, { 2 } }) == 0);
    struct fruit_take_row row;
    check(fruit_take(db, (struct fruit_take){ { 1 } }, &row));
    check(row.amount == 0);
    check(!fruit_take(db, (struct fruit_take){ { 1 } }, &row));
    return true;
}

static void changes_are_counted_and_returned(void **state)
{
    must(*state, SQL_KEPT, change_and_return, NULL);
}

static bool index_a_fruit(struct sql *db, void *context)
{
    fruit_index(db, (struct fruit_index){ { 7 }, S("a red apple") });
    return true;
}

static void a_query_may_have_a_body_for_each_database(void **state)
{
    struct trial *t = *state;
    must(t, SQL_KEPT, index_a_fruit, NULL);
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    struct fruit_find_row *rows;
    assert_int_equal(1, fruit_find(db, (struct fruit_find){ .word = S("red"), .limit = 5 }, &rows));
    assert_int_equal(7, rows[0].found_id.value);
    assert_true(sql_read_end(t->store, db));
}

static void a_failed_read_stays_failed(void **state)
{
    struct trial *t = *state;
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    struct sql *db = sql_read_begin(t->store, t->arena, NULL);
    assert_int_equal(0, fruit_set_amount(db, (struct fruit_set_amount){ 2, { 1 } }));
    assert_true(sql_failed(db)); /* readers change nothing */
    assert_true(sql_fault(db)->kind != FAULT_NONE && sql_fault(db)->detail[0] != '\0');
    struct fruit_by_id_row row;
    assert_false(fruit_by_id(db, (struct fruit_by_id){ { 1 } }, &row));
    assert_false(sql_read_end(t->store, db));
    assert_true(has_fruit(t, 1)); /* the connection is well again */
}

static void a_read_sees_one_snapshot(void **state)
{
    struct trial *t = *state;
    struct arena *arena = arena_make();
    struct fruit_count_row row;
    struct sql *db = sql_read_begin(t->store, arena, NULL);
    assert_true(fruit_count(db, &row));
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    assert_int_equal(1, count_fruits(t)); /* a second reader, at the same time */
    assert_true(fruit_count(db, &row));
    assert_int_equal(0, row.fruits);
    assert_true(sql_read_end(t->store, db));
    arena_free(arena);
}

struct reading {
    struct trial *t;
    atomic_bool *stop;
    bool is_well;
};

/* Writers put two at a time, so an odd number was never true. */
static void *read_until_stopped(void *context)
{
    struct reading *reading = context;
    struct arena *arena = arena_make();
    reading->is_well = true;
    while (!atomic_load(reading->stop)) {
        struct fruit_count_row row;
        struct sql *db = sql_read_begin(reading->t->store, arena, NULL);
        bool read = db != NULL && fruit_count(db, &row) && row.fruits % 2 == 0;
        reading->is_well = reading->is_well && read && sql_read_end(reading->t->store, db);
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

static bool put_two(struct sql *db, void *context)
{
    int64_t id = *(int64_t *)context * 2, next = id + 1;
    return put_fruit(db, &id) && put_fruit(db, &next);
}

static void readers_never_see_half_a_command(void **state)
{
    struct trial *t = *state;
    atomic_bool stop = false;
    struct reading readings[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        readings[i] = (struct reading){ .t = t, .stop = &stop };
        assert_int_equal(0, pthread_create(&threads[i], NULL, read_until_stopped, &readings[i]));
    }
    for (int64_t i = 1; i <= 200; i++)
        must(t, SQL_KEPT, put_two, &i);
    atomic_store(&stop, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_true(readings[i].is_well);
    }
    assert_int_equal(400, count_fruits(t));
}

static void every_query_prepares_on_both_databases(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    if (!sql_check_list(t->store, testing_queries, testing_query_count, &fault) ||
        !sql_run_schema(t->store, str_from(sql_schema_text), &fault) ||
        !sql_check_queries(t->store, &fault))
        fail_msg("%s", fault.detail);
}

static void an_unusable_database_is_refused_with_a_reason(void **state)
{
    struct trial *t = *state;
    const char *urls[] = { "mysql:x", "sqlite:", "sqlite::memory:", "sqlite:/nowhere/at/all.db",
                           "postgresql://nobody@127.0.0.1:1/none" };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct fault fault = { 0 };
        struct sql_store *store;
        assert_false(
            sql_store_open((struct sql_options){ .url = str_from(urls[i]) }, &store, &fault));
        assert_true(fault.kind == FAULT_SETUP || fault.kind == FAULT_UNAVAILABLE);
        assert_true(strlen(fault.detail) > 20);
    }
    assert_true(sql_store_kind(t->store) == t->kind);
}

static void a_whole_database_passes_its_check(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    must(t, SQL_KEPT, put_hundred, NULL);
    if (!sql_integrity(t->store, &fault))
        fail_msg("%s", fault.detail);
}

#define QUERY_TESTS(X)                                                                             \
    X(values_of_every_type_come_back)                                                              \
    X(empty_values_are_values)                                                                     \
    X(sums_and_counts_are_read_whatever_the_database_makes_of_them)                                \
    X(an_absent_value_is_zero)                                                                     \
    X(rows_come_in_order_and_up_to_the_limit)                                                      \
    X(a_missing_row_is_none_and_leaves_zeroes)                                                     \
    X(changes_are_counted_and_returned)                                                            \
    X(a_query_may_have_a_body_for_each_database)                                                   \
    X(a_failed_read_stays_failed)                                                                  \
    X(a_read_sees_one_snapshot)                                                                    \
    X(readers_never_see_half_a_command)                                                            \
    X(every_query_prepares_on_both_databases)                                                      \
    X(an_unusable_database_is_refused_with_a_reason)                                               \
    X(a_whole_database_passes_its_check)

const struct CMUnitTest query_tests_sqlite[] = { QUERY_TESTS(ON_SQLITE) };
const struct CMUnitTest query_tests_postgres[] = { QUERY_TESTS(ON_POSTGRES) };
const size_t query_test_count = sizeof query_tests_sqlite / sizeof query_tests_sqlite[0];
