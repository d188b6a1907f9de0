/* SQLite when the world fails: full disks, failing fsync, a killed process, a damaged file.
 *
 * A VFS over the real one fails on demand, so that what is tested is SQLite's own behaviour.
 */
#include "base/check.h"
#include "platform/sql/sql_testing.h"
#include "platform/sql/sqlite_inner.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- A disk that fails on demand -------------------------------------------------------------- */

static atomic_int writes_until_full = -1; /* -1: never */
static atomic_bool sync_fails;

/* SQLite has one table of methods for databases and another for files without locks (the WAL). */
enum { TABLES = 2 };
static struct {
    const sqlite3_io_methods *real;
    sqlite3_io_methods failing;
} tables[TABLES];
static sqlite3_vfs *real_vfs, failing_vfs;

static const sqlite3_io_methods *real_methods(const sqlite3_file *file)
{
    return file->pMethods == &tables[0].failing ? tables[0].real : tables[1].real;
}

static int failing_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
    int left = atomic_load(&writes_until_full);
    if (left == 0)
        return SQLITE_FULL;
    if (left > 0)
        atomic_fetch_sub(&writes_until_full, 1);
    return real_methods(file)->xWrite(file, bytes, size, at);
}

static int failing_sync(sqlite3_file *file, int flags)
{
    return atomic_load(&sync_fails) ? SQLITE_IOERR_FSYNC : real_methods(file)->xSync(file, flags);
}

static int failing_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                        int *out_flags)
{
    int result = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (result != SQLITE_OK || (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0)
        return result;
    int i = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? 0 : 1;
    check(tables[i].real == NULL || tables[i].real == file->pMethods);
    if (tables[i].real == NULL) {
        tables[i].real = file->pMethods;
        tables[i].failing = *file->pMethods;
        tables[i].failing.xWrite = failing_write;
        tables[i].failing.xSync = failing_sync;
    }
    file->pMethods = &tables[i].failing;
    return SQLITE_OK;
}

static int begin_on_failing_disk(void **state)
{
    atomic_store(&writes_until_full, -1);
    atomic_store(&sync_fails, false);
    sqlite3_initialize();
    if (real_vfs == NULL) {
        real_vfs = sqlite3_vfs_find(NULL);
        failing_vfs = *real_vfs;
        failing_vfs.zName = "failing";
        failing_vfs.xOpen = failing_open;
    }
    sqlite3_vfs_register(&failing_vfs, 1);
    return trial_begin_sqlite(state);
}

static int end_on_failing_disk(void **state)
{
    atomic_store(&writes_until_full, -1);
    atomic_store(&sync_fails, false);
    int result = trial_end(state);
    sqlite3_vfs_unregister(&failing_vfs);
    sqlite3_vfs_register(real_vfs, 1);
    return result;
}

static void must_be_whole(struct trial *t)
{
    struct fault fault = { 0 };
    if (!sql_integrity(t->store, &fault))
        fail_msg("%s", fault.detail);
}

/* --- Full disks ------------------------------------------------------------------------------- */

static void a_full_disk_at_commit_keeps_nothing_and_says_so(void **state)
{
    struct trial *t = *state;
    struct gate gate;
    struct crowd crowd;
    struct pending pending[100];
    crowd_init(&crowd);
    gate_shut(&gate, t);
    for (int64_t i = 0; i < 100; i++)
        crowd_submit(&crowd, t, &pending[i], i % 2 ? put_fruit : put_fruit_and_change_my_mind, i);
    atomic_store(&writes_until_full, 1);
    uint64_t before = sql_store_generation(t->store);
    gate_open(&gate);
    crowd_wait(&crowd, 100);
    assert_int_equal(100, crowd.unavailable); /* the dropped too: what they saw was not kept */
    assert_non_null(strstr(pending[1].fault.detail, "full"));
    assert_int_equal(before, sql_store_generation(t->store));
    assert_int_equal(0, count_fruits(t));

    atomic_store(&writes_until_full, -1); /* somebody made room */
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    assert_int_equal(1, count_fruits(t));
    must_be_whole(t);
}

static bool put_a_picture(struct sql *db, void *context)
{
    static const char megabyte[1 << 20];
    for (int64_t i = 0; i < 20; i++)
        fruit_insert(db, (struct fruit_insert){ .fruit_id = { *(int64_t *)context + i },
                                                .photo = { megabyte, sizeof megabyte } });
    return true;
}

static bool limit_pages(struct sql *db, void *context)
{
    char text[64];
    snprintf(text, sizeof text, "PRAGMA max_page_count = %d", *(int *)context);
    return db->driver->script(db, text) && false;
}

static void a_command_too_big_for_the_disk_harms_no_neighbour(void **state)
{
    struct trial *t = *state;
    struct gate gate;
    struct crowd crowd;
    struct pending pending[60];
    int pages = 600;
    crowd_init(&crowd);
    must(t, SQL_DROPPED, limit_pages, &pages);
    gate_shut(&gate, t);
    for (int64_t i = 0; i < 60; i++)
        crowd_submit(&crowd, t, &pending[i], i == 30 ? put_a_picture : put_fruit, i * 100);
    gate_open(&gate);
    crowd_wait(&crowd, 60);
    assert_int_equal(SQL_UNAVAILABLE, pending[30].outcome);
    assert_int_equal(59, crowd.kept);
    assert_int_equal(59, count_fruits(t));
    must_be_whole(t);
}

/* Many pages spill out of the cache while the command runs, so the disk is full in its midst and
   SQLite gives the whole transaction up. */
static void a_transaction_lost_in_the_middle_is_run_again_without_its_cause(void **state)
{
    struct trial *t = *state;
    struct gate gate;
    struct crowd crowd;
    struct pending pending[20];
    crowd_init(&crowd);
    gate_shut(&gate, t);
    for (int64_t i = 0; i < 20; i++)
        crowd_submit(&crowd, t, &pending[i], i == 10 ? put_a_picture : put_fruit, i * 100);
    atomic_store(&writes_until_full, 100);
    gate_open(&gate);
    crowd_wait(&crowd, 20);
    assert_int_equal(SQL_UNAVAILABLE, pending[10].outcome);
    assert_int_equal(19, crowd.kept + crowd.unavailable - 1);
    atomic_store(&writes_until_full, -1);
    assert_int_equal(crowd.kept, count_fruits(t));
    must_be_whole(t);
}

static void a_failing_fsync_keeps_nothing_and_says_so(void **state)
{
    struct trial *t = *state;
    int64_t id = 1;
    atomic_store(&sync_fails, true);
    must(t, SQL_UNAVAILABLE, put_fruit, &id);
    must(t, SQL_UNAVAILABLE, put_fruit, &id);
    assert_int_equal(0, count_fruits(t));
    atomic_store(&sync_fails, false);
    must(t, SQL_KEPT, put_fruit, &id);
    trial_close(t);
    trial_open(t, (struct sql_options){ 0 });
    assert_int_equal(1, count_fruits(t));
    must_be_whole(t);
}

/* --- A killed process ------------------------------------------------------------------------- */

struct reporter {
    struct sql_command command;
    int64_t id;
    int fd;
};

static bool reporter_run(struct sql *db, void *context)
{
    struct reporter *reporter = context;
    return put_fruit(db, &reporter->id);
}

static void reporter_done(enum sql_outcome outcome, const struct fault *fault, void *context)
{
    struct reporter *reporter = context;
    if (outcome == SQL_KEPT)
        check(write(reporter->fd, &reporter->id, sizeof reporter->id) == sizeof reporter->id);
}

/* The child: submits more than can be done, and reports each that was acknowledged. */
_Noreturn static void submit_for_ever(const char *url, int fd)
{
    struct sql_store *store;
    check(sql_store_open((struct sql_options){ .url = str_from(url), .batch_max = 50 }, &store,
                         NULL));
    static struct reporter reporters[200000];
    for (int64_t i = 0; i < 200000; i++) {
        reporters[i] = (struct reporter){ .id = i + 1, .fd = fd };
        reporters[i].command = (struct sql_command){ reporter_run, reporter_done, &reporters[i] };
        while (sql_queue_length(store) > 4000)
            usleep(100);
        sql_submit(store, &reporters[i].command);
    }
    pause();
    _exit(1);
}

static void what_was_acknowledged_outlives_a_killed_process(void **state)
{
    struct trial *t = *state;
    for (int round = 0; round < 5; round++) {
        int ends[2];
        trial_close(t); /* no threads across the fork */
        assert_int_equal(0, pipe(ends));
        pid_t child = fork();
        if (child == 0)
            submit_for_ever(t->url, ends[1]);
        close(ends[1]);
        int64_t id = 0, last = 0;
        for (int i = 0; i < 300 * (round + 1) && read(ends[0], &id, sizeof id) == sizeof id; i++)
            last = id;
        kill(child, SIGKILL);
        assert_int_equal(child, waitpid(child, NULL, 0));
        while (read(ends[0], &id, sizeof id) == sizeof id)
            last = id; /* acknowledged in order, before it died */
        close(ends[0]);
        assert_true(last > 0);
        trial_open(t, (struct sql_options){ 0 });
        for (id = 1; id <= last; id += last / 50 + 1)
            assert_true(has_fruit(t, id));
        assert_true(has_fruit(t, last));
        assert_true(count_fruits(t) >= last);
        must_be_whole(t);
    }
}

/* --- Files ------------------------------------------------------------------------------------ */

static void a_damaged_database_is_found_out(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    for (int64_t i = 1; i <= 2000; i += 20)
        must(t, SQL_KEPT, put_fruit, &i);
    trial_close(t);
    int fd = open(t->url + strlen("sqlite:"), O_WRONLY | O_CLOEXEC);
    struct stat status;
    assert_int_equal(0, fstat(fd, &status));
    static const char rubbish[4096] = { 0x7f, 0x13 };
    for (off_t at = 4096; at + 4096 <= status.st_size; at += 8192)
        assert_int_equal(sizeof rubbish, pwrite(fd, rubbish, sizeof rubbish, at));
    close(fd);
    trial_open(t, (struct sql_options){ 0 });
    assert_false(sql_integrity(t->store, &fault));
    assert_int_equal(FAULT_BROKEN, fault.kind);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    struct sql_store *store;
    char path[128];
    snprintf(path, sizeof path, "sqlite:%s/letter.txt", t->folder);
    FILE *file = fopen(path + strlen("sqlite:"), "w");
    for (int i = 0; i < 200; i++)
        fputs("Dear reader, this is a letter. ", file);
    fclose(file);
    assert_false(sql_store_open((struct sql_options){ .url = str_from(path) }, &store, &fault));
    assert_true(strlen(fault.detail) > 20);
}

static void a_new_database_belongs_to_its_owner_alone(void **state)
{
    struct trial *t = *state;
    static const char *const ends[] = { "", "-wal", "-shm" };
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    for (size_t i = 0; i < 3; i++) {
        char path[256];
        struct stat status;
        snprintf(path, sizeof path, "%s/test.db%s", t->folder, ends[i]);
        assert_int_equal(0, stat(path, &status));
        assert_int_equal(0600, status.st_mode & 0777);
    }
}

static void a_copy_is_whole_and_overwrites_nothing(void **state)
{
    struct trial *t = *state;
    struct fault fault = { 0 };
    struct trial copy = *t;
    char path[128];
    int64_t id = 1;
    must(t, SQL_KEPT, put_fruit, &id);
    snprintf(path, sizeof path, "%s/copy.db", t->folder);
    if (!sql_copy(t->store, str_from(path), &fault))
        fail_msg("%s", fault.detail);
    assert_false(sql_copy(t->store, str_from(path), &fault));
    assert_int_equal(FAULT_REFUSED, fault.kind);
    id = 2;
    must(t, SQL_KEPT, put_fruit, &id);
    snprintf(copy.url, sizeof copy.url, "sqlite:%s", path);
    trial_open(&copy, (struct sql_options){ 0 });
    assert_true(has_fruit(&copy, 1));
    assert_false(has_fruit(&copy, 2));
    must_be_whole(&copy);
    trial_close(&copy);
}

static void the_write_ahead_log_stays_small(void **state)
{
    struct trial *t = *state;
    char path[128];
    struct stat status;
    for (int64_t i = 0; i < 10; i++) {
        int64_t id = 1 + i * 100;
        must(t, SQL_KEPT, put_a_picture, &id); /* 200 MB in all */
    }
    int64_t id = 5000;
    must(t, SQL_KEPT, put_fruit, &id);
    snprintf(path, sizeof path, "%s/test.db-wal", t->folder);
    assert_int_equal(0, stat(path, &status));
    assert_true(status.st_size <= 100 * 1024 * 1024);
}

#define ON_FAILING_DISK(test) { #test, test, begin_on_failing_disk, end_on_failing_disk, NULL },
const struct CMUnitTest fault_tests[] = {
    ON_FAILING_DISK(a_full_disk_at_commit_keeps_nothing_and_says_so)
        ON_FAILING_DISK(a_transaction_lost_in_the_middle_is_run_again_without_its_cause)
            ON_FAILING_DISK(a_failing_fsync_keeps_nothing_and_says_so)
                ON_SQLITE(a_command_too_big_for_the_disk_harms_no_neighbour)
                    ON_SQLITE(what_was_acknowledged_outlives_a_killed_process)
                        ON_SQLITE(a_damaged_database_is_found_out)
                            ON_SQLITE(a_file_that_is_no_database_is_refused)
                                ON_SQLITE(a_new_database_belongs_to_its_owner_alone)
                                    ON_SQLITE(a_copy_is_whole_and_overwrites_nothing)
                                        ON_SQLITE(the_write_ahead_log_stays_small)
};
const size_t fault_test_count = sizeof fault_tests / sizeof fault_tests[0];
