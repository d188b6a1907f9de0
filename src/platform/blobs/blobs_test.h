/* The tests of picture_test.c and archive_test.c, run by blobs_test.c. */
#pragma once
#include "base/arena.h"
#include "base/str.h"

/* A file of test_data. */
struct str test_picture_read(struct arena *arena, const char *name);

int picture_setup(void **state);
int picture_teardown(void **state);
void where_and_by_whom_a_picture_was_taken_is_removed(void **state);
void a_picture_lying_on_its_side_is_turned_upright(void **state);
void pictures_are_scaled_down_but_never_up(void **state);
void every_accepted_kind_becomes_webp(void **state);
void what_is_no_picture_is_refused_in_a_sentence(void **state);
void damaged_pictures_are_refused(void **state);
void a_picture_that_unpacks_to_gigabytes_is_refused(void **state);
void noise_never_harms_the_server(void **state);
void many_threads_may_ask_at_once(void **state);
void a_missing_helper_is_a_fault_of_the_installation(void **state);
void a_helper_that_dies_or_babbles_is_no_danger(void **state);
void in_the_cage_nothing_can_be_opened_or_started(void **state);

int archive_setup(void **state);
int archive_teardown(void **state);
void pictures_of_an_archive_are_stored_together(void **state);
void folders_links_and_litter_are_passed_over(void **state);
void names_that_climb_lead_nowhere(void **state);
void where_the_pictures_of_an_archive_were_taken_is_removed(void **state);
void a_wrong_entry_is_told_by_name_and_nothing_is_left(void **state);
void what_the_directory_says_of_sizes_is_judged_and_checked(void **state);
void after_ten_wrong_entries_no_more_are_looked_at(void **state);
void a_damaged_archive_is_refused_as_a_whole(void **state);
void an_archive_of_too_many_or_too_large_entries_is_refused(void **state);
void a_helper_that_dies_or_babbles_fails_the_archive(void **state);
void noise_in_an_archive_never_harms_the_server(void **state);
