/* What this room's test files share: a fresh store for each test, on either database. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs those before it */

#include "platform/sql/sql_inner.h"
#include "testing.sql.h"

extern const unsigned testing_query_count;
extern const struct sql_query *const testing_queries[];
extern const char testing_schema_text[];

struct trial {
    enum sql_store_kind kind;
    struct sql_store *store;
    struct arena *arena;
    char folder[64]; /* of this test alone, removed after it */
    char url[512];   /* of its own, empty but for the testing schema */
    char schema[64]; /* PostgreSQL: the schema that stands for a database */
};

/* For cmocka: state is &kind; it becomes the trial. */
int trial_begin_sqlite(void **state);
int trial_begin_postgres(void **state);
int trial_end(void **state);

void trial_open(struct trial *t, struct sql_options options); /* fills in the URL */
void trial_close(struct trial *t);
/* The server the tests use, or NULL. */
const char *trial_postgres_url(void);

/* Common commands: the context is an int64_t with the fruit's id. */
bool put_fruit(struct sql *db, void *context);
bool put_fruit_and_change_my_mind(struct sql *db, void *context);
bool put_fruit_and_fail(struct sql *db, void *context);
int64_t count_fruits(struct trial *t);
bool has_fruit(struct trial *t, int64_t id);
/* Submits and demands the outcome. */
void must(struct trial *t, enum sql_outcome expected, bool (*run)(struct sql *, void *),
          void *context);

/* Commands held back until all are waiting, so that a test knows what one batch holds. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_open, is_entered, is_left;
    struct sql_command command;
};
void gate_shut(struct gate *gate, struct trial *t); /* the writer stands still when this returns */
void gate_open(struct gate *gate);

/* Commands submitted without waiting. */
struct pending {
    struct sql_command command;
    bool (*run)(struct sql *db, void *context);
    int64_t id;
    struct crowd *crowd;
    enum sql_outcome outcome;
    struct fault fault;
};
struct crowd {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned answered;
    unsigned kept, dropped, unavailable;
};
void crowd_init(struct crowd *crowd);
void crowd_submit(struct crowd *crowd, struct trial *t, struct pending *pending,
                  bool (*run)(struct sql *, void *), int64_t id);
void crowd_wait(struct crowd *crowd, unsigned count);

/* The lists of tests in the other files. */
#define ON_SQLITE(test) { #test, test, trial_begin_sqlite, trial_end, NULL },
#define ON_POSTGRES(test) { "postgres_" #test, test, trial_begin_postgres, trial_end, NULL },
extern const struct CMUnitTest query_tests_sqlite[], query_tests_postgres[];
extern const struct CMUnitTest command_tests_sqlite[], command_tests_postgres[];
extern const struct CMUnitTest migration_tests_sqlite[], migration_tests_postgres[];
extern const struct CMUnitTest fault_tests[], generator_tests[], postgres_tests[];
extern const size_t query_test_count, command_test_count, migration_test_count;
extern const size_t fault_test_count, generator_test_count, postgres_test_count;
