#include "platform/blobs/blobs.h"

#include "platform/blobs/blobs_test.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* SHA-256 of "abc", FIPS 180-4 appendix */
static const char ABC[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

struct place {
    char folder[64], files[96];
    struct blob_store *store;
    struct fault fault;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/manyhands-blobs-XXXXXX");
    if (mkdtemp(p->folder) == NULL)
        return -1;
    snprintf(p->files, sizeof p->files, "%s/data/files", p->folder);
    *state = p;
    return blob_store_open(str_from(p->files), &p->store, &p->fault) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    return remove(path);
}

static int teardown(void **state)
{
    struct place *p = *state;
    blob_store_close(p->store);
    nftw(p->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p);
    return 0;
}

static void assert_holds(struct place *p, const char *name, const char *expected)
{
    char read_back[100];
    int64_t size_bytes = -1;
    int file = blob_open(p->store, str_from(name), &size_bytes);
    assert_true(file >= 0);
    assert_int_equal(size_bytes, strlen(expected));
    assert_int_equal(read(file, read_back, sizeof read_back), size_bytes);
    assert_memory_equal(read_back, expected, strlen(expected));
    close(file);
}

static int files_counted;

static int count_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    files_counted += type == FTW_F;
    return 0;
}

static int file_count(struct place *p)
{
    files_counted = 0;
    nftw(p->files, count_one, 16, FTW_PHYS);
    return files_counted;
}

static void a_blob_is_named_by_its_hash_and_read_back(void **state)
{
    struct place *p = *state;
    char name[BLOB_NAME_SIZE + 1], path[256];
    assert_true(blob_put(p->store, S("abc"), name, &p->fault));
    assert_string_equal(name, ABC);
    assert_holds(p, name, "abc");
    assert_true(blob_exists(p->store, str_from(name)));
    snprintf(path, sizeof path, "%s/ba/78/%s", p->files, ABC);
    assert_int_equal(access(path, R_OK), 0);
}

static void equal_bytes_are_kept_once(void **state)
{
    struct place *p = *state;
    char name[BLOB_NAME_SIZE + 1];
    for (int i = 0; i < 3; i++)
        assert_true(blob_put(p->store, S("abc"), name, &p->fault));
    assert_true(blob_put(p->store, (struct str){ 0 }, name, &p->fault));
    assert_int_equal(file_count(p), 2);
}

static void a_blob_that_is_removed_is_gone_and_may_be_removed_again(void **state)
{
    struct place *p = *state;
    char name[BLOB_NAME_SIZE + 1];
    assert_true(blob_put(p->store, S("abc"), name, &p->fault));
    for (int i = 0; i < 2; i++)
        assert_true(blob_remove(p->store, str_from(name), &p->fault));
    assert_false(blob_exists(p->store, str_from(name)));
    assert_int_equal(file_count(p), 0);
}

static void put_file_from(struct place *p, const char *path)
{
    char name[BLOB_NAME_SIZE + 1];
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("abc", file);
    fclose(file);
    assert_true(blob_put_file(p->store, path, name, &p->fault));
    assert_string_equal(name, ABC);
    assert_holds(p, name, "abc");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(file_count(p), 1);
}

static void a_file_is_moved_in(void **state)
{
    struct place *p = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/upload", p->folder);
    put_file_from(p, path);
    put_file_from(p, path); /* and again, where it already is */
}

static void a_file_of_another_file_system_is_copied_in(void **state)
{
    struct place *p = *state;
    struct stat here, there;
    if (stat(p->folder, &here) != 0 || stat("/dev/shm", &there) != 0 ||
        here.st_dev == there.st_dev || access("/dev/shm", W_OK) != 0)
        skip();
    char path[64];
    snprintf(path, sizeof path, "/dev/shm/manyhands-blobs-%d", (int)getpid());
    put_file_from(p, path);
}

static void names_that_are_no_hash_find_nothing(void **state)
{
    struct place *p = *state;
    char name[BLOB_NAME_SIZE + 1];
    assert_true(blob_put(p->store, S("abc"), name, &p->fault));
    assert_false(
        blob_exists(p->store, S("../../../../../../../../../../../../../../../etc/passwd")));
    assert_false(blob_exists(p->store, S("")));
    name[0] = 'B'; /* upper case is another spelling, and there is only one */
    assert_false(blob_exists(p->store, str_from(name)));
    name[0] = 'a';
    assert_false(blob_exists(p->store, str_from(name)));
}

static void what_a_crash_left_behind_is_removed_after_a_day(void **state)
{
    struct place *p = *state;
    char old[160], young[160];
    snprintf(old, sizeof old, "%s/incoming/old", p->files);
    snprintf(young, sizeof young, "%s/incoming/young", p->files);
    close(open(old, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close(open(young, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    struct timespec two_days_ago = { .tv_sec = time(NULL) - 2 * 86400 };
    struct timespec past[2] = { two_days_ago, two_days_ago };
    assert_int_equal(utimensat(AT_FDCWD, old, past, 0), 0);
    struct blob_store *again;
    assert_true(blob_store_open(str_from(p->files), &again, &p->fault));
    blob_store_close(again);
    assert_int_equal(access(old, F_OK), -1);
    assert_int_equal(access(young, F_OK), 0);
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    struct place *p = *state;
    struct blob_store *store;
    assert_false(blob_store_open(S("/proc/nowhere/files"), &store, &p->fault));
    assert_int_equal(p->fault.kind, FAULT_SETUP);
    assert_non_null(strstr(p->fault.detail, "/proc/nowhere/files"));
}

int main(void)
{
#define test_in_place(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        test_in_place(a_blob_is_named_by_its_hash_and_read_back),
        test_in_place(equal_bytes_are_kept_once),
        test_in_place(a_blob_that_is_removed_is_gone_and_may_be_removed_again),
        test_in_place(a_file_is_moved_in),
        test_in_place(a_file_of_another_file_system_is_copied_in),
        test_in_place(names_that_are_no_hash_find_nothing),
        test_in_place(what_a_crash_left_behind_is_removed_after_a_day),
        test_in_place(a_folder_that_cannot_be_made_is_told),
#define test_picture(name) cmocka_unit_test_setup_teardown(name, picture_setup, picture_teardown)
        test_picture(where_and_by_whom_a_picture_was_taken_is_removed),
        test_picture(a_picture_lying_on_its_side_is_turned_upright),
        test_picture(pictures_are_scaled_down_but_never_up),
        test_picture(every_accepted_kind_becomes_webp),
        test_picture(what_is_no_picture_is_refused_in_a_sentence),
        test_picture(damaged_pictures_are_refused),
        test_picture(a_picture_that_unpacks_to_gigabytes_is_refused),
        test_picture(noise_never_harms_the_server),
        test_picture(many_threads_may_ask_at_once),
        test_picture(a_missing_helper_is_a_fault_of_the_installation),
        test_picture(a_helper_that_dies_or_babbles_is_no_danger),
        cmocka_unit_test(in_the_cage_nothing_can_be_opened_or_started),
#define test_archive(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)
        test_archive(pictures_of_an_archive_are_stored_together),
        test_archive(folders_links_and_litter_are_passed_over),
        test_archive(names_that_climb_lead_nowhere),
        test_archive(where_the_pictures_of_an_archive_were_taken_is_removed),
        test_archive(a_wrong_entry_is_told_by_name_and_nothing_is_left),
        test_archive(what_the_directory_says_of_sizes_is_judged_and_checked),
        test_archive(after_ten_wrong_entries_no_more_are_looked_at),
        test_archive(a_damaged_archive_is_refused_as_a_whole),
        test_archive(an_archive_of_too_many_or_too_large_entries_is_refused),
        test_archive(a_helper_that_dies_or_babbles_fails_the_archive),
        test_archive(noise_in_an_archive_never_harms_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
