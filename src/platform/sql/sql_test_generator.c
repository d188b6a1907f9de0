/* tools/sqlgen.py: what it refuses, and what it says then. */
#include "platform/sql/sql_testing.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define GOOD "CREATE TABLE person (person_id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL);\n"

static const struct {
    const char *schema, *queries;
    const char *expected; /* in what it says; "" when it is content */
} cases[] = {
    { GOOD, "-- query: person_name one\nSELECT name FROM person WHERE person_id = :person_id;",
      "" },
    { GOOD "CREATE VIEW v AS SELECT 1;", "", "" },
    { GOOD "CREATE TABLE letter (letter_id BIGINT NOT NULL PRIMARY KEY,\n"
           " sender_id BIGINT NOT NULL, -- is person_id\n subject_id TEXT NOT NULL);",
      "-- query: letter_all many\nSELECT sender_id, letter_id AS best FROM letter LIMIT :limit",
      "" },
    { GOOD, "-- query: x one\n-- Says it.\nSELECT count(*) AS n FROM person\n-- types: n int", "" },
    { GOOD
      "CREATE TABLE letter (letter_id BIGINT NOT NULL PRIMARY KEY,\n sender_id BIGINT NOT NULL);",
      "", "room_schema.sql:3: letter.sender_id: there is no table sender" },
    { "CREATE TABLE a (n BIGINT NOT NULL);\nCREATE TABLE b (n TEXT NOT NULL);", "",
      "room_schema.sql:2: b.n is text, but n is int in" },
    { "CREATE TABLE a (\n n BIGINT);", "", "room_schema.sql:2: a.n must be NOT NULL" },
    { "CREATE TABLE a (n VARCHAR(20) NOT NULL);", "", "a.n has type VARCHAR(20); use BIGINT" },
    { "CREATE TABLE a (int BIGINT NOT NULL);", "", "a.int is a word of C" },
    { GOOD "\nCREATE TABEL b (n BIGINT NOT NULL);", "", "room_schema.sql:3: near \"TABEL\"" },
    { GOOD, "-- query: x one\nSELECT nam FROM person;",
      "room.sql:1: query x: no such column: nam" },
    { GOOD, "SELECT 1;", "room.sql:1: SQL before the first" },
    { GOOD, "-- query: x some\nSELECT 1;",
      "room.sql:1: write `-- query: NAME one|many|exec|send`" },
    { GOOD, "\n-- query: x one\n-- Words.\nSELECT name FROM person\n WHERE name > :nmae;",
      "room.sql:5: query x: no column is named nmae; give the parameter its type: -- types: nmae" },
    { GOOD, "-- query: x one\nSELECT count(*) AS n FROM person",
      "no column of a table is named n" },
    { GOOD, "-- query: x one\nSELECT count(*) FROM person", "name the column 'count(*)' with AS" },
    { GOOD, "-- query: x one\nSELECT name, name FROM person", "gives two columns name" },
    { GOOD, "-- query: x many\nSELECT name FROM person", "query x is `many` without a LIMIT" },
    { GOOD, "-- query: x exec\nSELECT name FROM person", "query x gives rows" },
    { GOOD, "-- query: x one\nDELETE FROM person", "query x gives no rows; it is `exec`" },
    { GOOD, "-- query: x exec\nDELETE FROM person; DELETE FROM person", "more than one statement" },
    { GOOD, "-- query: x exec\nDELETE FROM person\n-- query: x exec\nDELETE FROM person",
      "room.sql:3: the name x is taken" },
    { GOOD, "-- query: person_id exec\nDELETE FROM person", "the name person_id is taken" },
    { GOOD, "-- query: x exec\nDELETE FROM person\n-- types: y int",
      "room.sql:3: types: y is neither" },
    { GOOD, "-- query: x exec\nDELETE FROM person WHERE name = :y\n-- types: y string",
      "room.sql:3: types: string is no type" },
    { GOOD, "-- query: x exec\nDELETE FROM person WHERE name = :y\n-- types: y",
      "write `-- types:" },
    { GOOD, "-- query: x exec\nDELETE FROM person WHERE name = CURRENT_TIMESTAMP",
      "query x uses CURRENT_TIMESTAMP" },
    { GOOD, "-- query: x exec\n/*sqlite DELETE FROM person */", "query x has no SQL for postgres" },
    { GOOD, "-- query: x one\nSELECT name AS person_id FROM person",
      "column person_id is person_id in the schema, but here it holds name, which is text" },
    { GOOD, "-- query: x one\nSELECT p.name FROM person AS user", "the name user is reserved in" },
    { "CREATE TABLE \"order\" (n BIGINT NOT NULL);", "", "the name order is reserved in" },
    { GOOD "CREATE TABLE pet (person_id BIGINT NOT NULL REFERENCES person DEFERRABLE);", "",
      "room_schema.sql:2: a constraint may not be DEFERRABLE" },
};

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* Runs the generator on the folder; what it says. */
static bool generate(const char *folder, char *said, size_t size)
{
    const char *root = getenv("SOURCE_ROOT");
    char command[512];
    snprintf(command, sizeof command, "'%s/tools/sqlgen.py' make --root '%s' --out '%s' . 2>&1",
             root != NULL ? root : ".", folder, folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    said[fread(said, 1, size - 1, pipe)] = '\0';
    return pclose(pipe) == 0;
}

static void mistakes_in_sql_stop_the_build_with_a_reason(void **state)
{
    struct trial *t = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char said[2000];
        write_text(t->folder, "room_schema.sql", cases[i].schema);
        write_text(t->folder, "room.sql", cases[i].queries);
        bool is_content = generate(t->folder, said, sizeof said);
        if (is_content != (cases[i].expected[0] == '\0') || strstr(said, cases[i].expected) == NULL)
            fail_msg("case %zu: expected \"%s\", got \"%s\"", i, cases[i].expected, said);
    }
}

static void unchanged_output_is_left_alone(void **state)
{
    struct trial *t = *state;
    char said[2000], path[256];
    struct stat before, after;
    write_text(t->folder, "room_schema.sql", GOOD);
    write_text(t->folder, "room.sql", "");
    assert_true(generate(t->folder, said, sizeof said));
    snprintf(path, sizeof path, "%s/ids.h", t->folder);
    assert_int_equal(0, stat(path, &before));
    assert_true(generate(t->folder, said, sizeof said));
    assert_int_equal(0, stat(path, &after));
    assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

const struct CMUnitTest generator_tests[] = { ON_SQLITE(
    mistakes_in_sql_stop_the_build_with_a_reason) ON_SQLITE(unchanged_output_is_left_alone) };
const size_t generator_test_count = sizeof generator_tests / sizeof generator_tests[0];
