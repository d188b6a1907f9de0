/* Migrations and schema texts. */
#include "platform/sql/sql_testing.h"
#include <stdlib.h>

static const struct sql_migration three[] = {
    { 1, "0001_first",
      "CREATE TABLE one (a BIGINT NOT NULL);\n"
      "/*sqlite INSERT INTO one VALUES (1); */\n"
      "/*postgres INSERT INTO one VALUES (1); */\n" },
    { 2, "0002_second", "ALTER TABLE one ADD COLUMN b TEXT NOT NULL DEFAULT 'x'; -- one; two" },
    { 3, "0003_third", "CREATE INDEX one_a ON one (a); CREATE TABLE two (c BIGINT NOT NULL);" },
};

static void must_migrate(struct trial *t, unsigned count, unsigned expected)
{
    struct fault fault = { 0 };
    unsigned applied = 99;
    if (!sql_migrate_list(t->store, three, count, 1000, &applied, &fault))
        fail_msg("%s", fault.detail);
    assert_int_equal(expected, applied);
}

static unsigned version_of(struct trial *t)
{
    struct fault fault = { 0 };
    unsigned number = 99;
    if (!sql_version(t->store, &number, &fault))
        fail_msg("%s", fault.detail);
    return number;
}

static void an_empty_database_has_version_zero(void **state)
{
    assert_int_equal(0, version_of(*state));
}

static void migrations_are_applied_once(void **state)
{
    struct trial *t = *state;
    must_migrate(t, 2, 2);
    assert_int_equal(2, version_of(t));
    must_migrate(t, 3, 1);
    must_migrate(t, 3, 0);
    assert_int_equal(3, version_of(t));
}

static void a_newer_database_is_refused(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    unsigned applied = 99;
    must_migrate(t, 3, 3);
    assert_false(sql_migrate_list(t->store, three, 2, 1000, &applied, &fault));
    assert_int_equal(FAULT_SETUP, fault.kind);
    assert_non_null(strstr(fault.detail, "newer"));
    assert_int_equal(0, applied);
}

static void a_changed_migration_is_refused(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    struct sql_migration changed[] = { three[0], three[1], three[2] };
    must_migrate(t, 2, 2);
    changed[1].text = "ALTER TABLE one ADD COLUMN b TEXT NOT NULL DEFAULT 'y';";
    assert_false(sql_migrate_list(t->store, changed, 3, 1000, NULL, &fault));
    assert_int_equal(FAULT_SETUP, fault.kind);
    assert_non_null(strstr(fault.detail, "0002_second"));
    assert_int_equal(2, version_of(t));
}

static void a_failing_migration_leaves_nothing_of_itself(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    unsigned applied = 99;
    struct sql_migration failing[] = { three[0],
                                       { 2, "0002_bad",
                                         "CREATE TABLE two (c BIGINT NOT NULL); "
                                         "CREATE TABLE one (a BIGINT NOT NULL);" } };
    assert_false(sql_migrate_list(t->store, failing, 2, 1000, &applied, &fault));
    assert_int_equal(1, applied);
    assert_true(fault.detail[0] != '\0');
    assert_int_equal(1, version_of(t));
    must_migrate(t, 3, 2); /* makes table two, which is not there */
}

struct migrating {
    struct trial *t;
    unsigned applied;
    bool is_well;
};

static void *migrate_in_thread(void *context)
{
    struct migrating *m = context;
    m->is_well = sql_migrate_list(m->t->store, three, 3, 1000, &m->applied, NULL);
    return NULL;
}

static void servers_that_start_together_migrate_once(void **state)
{
    struct trial *t = *state;
    struct trial others[4];
    struct migrating migrating[4];
    pthread_t threads[4];
    unsigned applied = 0;
    for (int i = 0; i < 4; i++) {
        others[i] = *t;
        trial_open(&others[i], (struct sql_options){ .connections = 1 });
        migrating[i] = (struct migrating){ .t = &others[i] };
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, migrate_in_thread, &migrating[i]));
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(migrating[i].is_well);
        applied += migrating[i].applied;
        trial_close(&others[i]);
    }
    assert_int_equal(3, applied);
    assert_int_equal(3, version_of(t));
}

static void the_programs_own_migrations_apply(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    unsigned applied = 99;
    if (!sql_migrate(t->store, 1000, &applied, &fault))
        fail_msg("%s", fault.detail);
    assert_int_equal(sql_migration_count, applied);
    assert_int_equal(sql_migration_count, version_of(t));
}

static void marked_blocks_open_for_their_own_database_only(void **state)
{
    static const struct {
        const char *text, *sqlite, *postgres;
    } cases[] = {
        { "", "", "" },
        { "a /*sqlite b */ c /*postgres d */", "a          b    c                ",
          "a               c            d   " },
        { "'/*sqlite x */' \"/*postgres y */\"", "'/*sqlite x */' \"/*postgres y */\"",
          "'/*sqlite x */' \"/*postgres y */\"" },
        { "-- /*sqlite x\na /* other */", "-- /*sqlite x\na /* other */",
          "-- /*sqlite x\na /* other */" },
        { "/*sqlite\n'it''s'\n*/", "        \n'it''s'\n  ", "        \n       \n  " },
        { "/*sqlite", "/*sqlite", "/*sqlite" },
        { "'open", "'open", "'open" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *sqlite = sql_open_marks(str_from(cases[i].text), SQL_SQLITE);
        char *postgres = sql_open_marks(str_from(cases[i].text), SQL_POSTGRES);
        assert_string_equal(cases[i].sqlite, sqlite);
        assert_string_equal(cases[i].postgres, postgres);
        free(sqlite);
        free(postgres);
    }
}

#define MIGRATION_TESTS(X)                                                                         \
    X(an_empty_database_has_version_zero)                                                          \
    X(migrations_are_applied_once)                                                                 \
    X(a_newer_database_is_refused)                                                                 \
    X(a_changed_migration_is_refused)                                                              \
    X(a_failing_migration_leaves_nothing_of_itself)                                                \
    X(servers_that_start_together_migrate_once)                                                    \
    X(the_programs_own_migrations_apply)                                                           \
    X(marked_blocks_open_for_their_own_database_only)

const struct CMUnitTest migration_tests_sqlite[] = { MIGRATION_TESTS(ON_SQLITE) };
const struct CMUnitTest migration_tests_postgres[] = { MIGRATION_TESTS(ON_POSTGRES) };
const size_t migration_test_count =
    sizeof migration_tests_sqlite / sizeof migration_tests_sqlite[0];
