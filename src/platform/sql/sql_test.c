/* The tests of this room: on SQLite always, on PostgreSQL where MANYHANDS_TEST_POSTGRES says. */
#include "platform/sql/sql_testing.h"

enum { TESTS_MAX = 128 };
static struct CMUnitTest all[TESTS_MAX];
static size_t all_count;

static void skipped_without_postgres(void **state)
{
    skip();
}

static void add(const struct CMUnitTest *tests, size_t count, bool is_possible)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(all_count < TESTS_MAX);
        all[all_count] = tests[i];
        if (!is_possible)
            all[all_count] =
                (struct CMUnitTest){ .name = tests[i].name, .test_func = skipped_without_postgres };
        all_count++;
    }
}

int main(void)
{
    bool has_postgres = trial_postgres_url() != NULL;
    if (!has_postgres)
        print_message(
            "MANYHANDS_TEST_POSTGRES is not set (script/postgres start DIR prints a URL): "
            "what is tested on PostgreSQL is skipped\n");
    add(query_tests_sqlite, query_test_count, true);
    add(command_tests_sqlite, command_test_count, true);
    add(migration_tests_sqlite, migration_test_count, true);
    add(fault_tests, fault_test_count, true);
    add(generator_tests, generator_test_count, true);
    add(query_tests_postgres, query_test_count, has_postgres);
    add(command_tests_postgres, command_test_count, has_postgres);
    add(migration_tests_postgres, migration_test_count, has_postgres);
    add(postgres_tests, postgres_test_count, has_postgres);
    return _cmocka_run_group_tests("sql", all, all_count, NULL, NULL);
}
