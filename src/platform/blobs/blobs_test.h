/* The tests of picture_test.c, run by blobs_test.c. */
#pragma once

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
