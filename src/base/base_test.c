#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/log.h"
#include "base/threads.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

static const int64_t NOW = 1795288923123456; /* 2026-11-21T19:22:03.123456Z */

static int setup(void **state)
{
    *state = arena_make();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

/* --- Arenas ----------------------------------------------------------------------------------- */

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    struct arena *arena = *state;
    unsigned char *pieces[2000];
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 2000; i++) {
            pieces[i] = arena_take(arena, i % 300);
            assert_int_equal((uintptr_t)pieces[i] % 16, 0);
            for (size_t k = 0; k < i % 300; k++)
                assert_int_equal(pieces[i][k], 0);
            memset(pieces[i], (int)(i % 255 + 1), i % 300);
        }
        for (size_t i = 0; i < 2000; i++)
            for (size_t k = 0; k < i % 300; k++)
                assert_int_equal(pieces[i][k], i % 255 + 1);
        arena_reset(arena);
    }
}

static void a_reset_keeps_little_and_a_rewind_gives_back(void **state)
{
    struct arena *arena = *state;
    assert_int_equal(arena_held_bytes(arena), 0);
    arena_take(arena, 1);
    assert_int_equal(arena_held_bytes(arena), 16 * 1024);
    struct arena_mark mark = arena_mark(arena);
    char *after_mark = arena_take(arena, 100);
    arena_take(arena, 10000000);
    assert_true(arena_held_bytes(arena) > 10000000);
    arena_rewind(arena, mark);
    assert_int_equal(arena_held_bytes(arena), 16 * 1024);
    assert_ptr_equal(arena_take(arena, 100), after_mark);
    for (int i = 0; i < 1000; i++)
        arena_take(arena, 1000);
    arena_reset(arena);
    assert_in_range(arena_held_bytes(arena), 16 * 1024, 64 * 1024);
    assert_non_null(arena_take(arena, 0));
    arena_free(NULL);
}

static void a_rewind_to_the_very_beginning_frees_all(void **state)
{
    struct arena_mark mark = arena_mark(*state);
    arena_take(*state, 100000);
    arena_rewind(*state, mark);
    assert_int_equal(arena_held_bytes(*state), 0);
}

/* --- Strings and buffers ---------------------------------------------------------------------- */

static void strings_compare_and_cut(void **state)
{
    struct arena *arena = *state;
    struct str none = { 0 };
    assert_true(str_equal(none, S("")));
    assert_true(str_equal(str_from(NULL), none));
    assert_true(str_equal_nocase(S("MiXed-1"), S("mIxED-1")));
    assert_false(str_equal_nocase(S("a"), S("b")));
    assert_true(str_compare(S("a"), S("ab")) < 0 && str_compare(S("b"), S("ab")) > 0);
    assert_int_equal(str_compare(none, S("")), 0);
    assert_true(str_compare(S("\xff"), S("a")) > 0);
    assert_true(str_starts(S("abc"), S("ab")) && !str_starts(S("a"), S("ab")));
    assert_true(str_ends(S("abc"), S("bc")) && !str_ends(S("c"), S("bc")));
    assert_true(str_equal(str_slice(S("abc"), 1, 99), S("bc")));
    assert_int_equal(str_slice(S("abc"), 5, 9).size, 0);
    assert_true(str_equal(str_trim(S(" \t a b\r\n")), S("a b")));
    assert_int_equal(str_trim(S("  ")).size, 0);
    assert_int_equal(str_find(S("abcabd"), S("abd")), 3);
    assert_true(str_find(S("ab"), S("abc")) == SIZE_MAX && str_find(none, S("a")) == SIZE_MAX);
    struct str rest = S("a,,b");
    assert_true(str_equal(str_cut(&rest, ','), S("a")));
    assert_true(str_equal(str_cut(&rest, ','), none));
    assert_true(str_equal(str_cut(&rest, ','), S("b")));
    assert_int_equal(rest.size, 0);
    assert_true(str_equal(str_join(arena, S("a"), S("b")), S("ab")));
    assert_true(str_equal(str_lower(arena, S("AZÄ")), S("azÄ")));
    assert_string_equal(str_printf(arena, "%d-%.*s", 7, STR_ARG(S("x"))).data, "7-x");
    assert_string_equal(str_c(arena, none), "");
    assert_true(str_equal(str_copy(arena, S("x")), S("x")));
}

static void whole_numbers_are_read_to_their_limits(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        { "0", 0 },   { "-0", 0 },  { "9223372036854775807", INT64_MAX },
        { "007", 7 }, { "-1", -1 }, { "-9223372036854775808", INT64_MIN },
    };
    static const char *const bad[] = { "",    "-",
                                       "+1",  " 1",
                                       "1 ",  "1.0",
                                       "0x1", "9223372036854775808",
                                       "--1", "-9223372036854775809" };
    int64_t value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(str_to_int64(str_from(good[i].text), &value));
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_to_int64(str_from(bad[i]), &value));
}

static void hex_goes_there_and_back(void **state)
{
    unsigned char bytes[3];
    assert_true(str_unhex(S("00fFa1"), bytes, 3));
    assert_true(str_equal(str_hex(*state, bytes, 3), S("00ffa1")));
    assert_false(str_unhex(S("00ffa"), bytes, 3));
    assert_false(str_unhex(S("00ffag"), bytes, 3));
    assert_false(str_unhex(S("00ffa1"), bytes, 2));
}

static void only_well_formed_utf8_is_valid(void **state)
{
    static const char *const good[] = { "",
                                        "a",
                                        "é",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf" };
    static const char *const bad[] = { "\x80",
                                       "\xc0\x80",
                                       "\xc1\xbf",
                                       "\xc3",
                                       "\xe0\x9f\xbf",
                                       "\xed\xa0\x80",
                                       "\xe2\x82",
                                       "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80",
                                       "\xff",
                                       "\xe2\x28\xa1",
                                       "\xf0\x9f\x98" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_valid(str_from(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_valid(str_from(bad[i])));
    assert_false(utf8_valid(S("a\0b")));
    assert_int_equal(utf8_length(S("aé€😀")), 4);
    assert_true(str_equal(utf8_clip(S("aé€😀"), 3), S("aé€")));
    assert_true(str_equal(utf8_clip(S("aé"), 9), S("aé")));
    assert_int_equal(utf8_clip(S("é"), 0).size, 0);
}

static void buffers_grow(void **state)
{
    struct buf b = { .arena = *state };
    for (int i = 0; i < 3000; i++) {
        buf_add(&b, S("ab"));
        buf_char(&b, '-');
        buf_int(&b, i - 1500);
        buf_printf(&b, "%s", ";");
    }
    buf_add(&b, (struct str){ 0 });
    assert_true(str_starts(buf_str(&b), S("ab--1500;ab--1499;")));
    assert_true(str_ends(buf_str(&b), S("ab-1498;ab-1499;")));
    buf_int(&b, INT64_MIN);
    assert_true(str_ends(buf_str(&b), S(";-9223372036854775808")));
}

static void text_in_xml_is_escaped_and_always_well_formed(void **state)
{
    struct buf b = { .arena = *state };
    buf_xml(&b, S("a<b> & \x01\tc é"));
    assert_true(str_equal(buf_str(&b), S("a&lt;b&gt; &amp; c é")));
    b.size = 0;
    buf_xml(&b, S("no \xFFtf"));
    assert_true(str_equal(buf_str(&b), S("no \xEF\xBF\xBDtf")));
}

/* --- Ids -------------------------------------------------------------------------------------- */

static void an_id_tells_its_time_and_survives_printing(void **state)
{
    int64_t id = id_make(NOW), read;
    assert_true(id_time(id) == NOW / 1000 * 1000);
    struct str text = id_text(*state, id);
    assert_int_equal(text.size, ID_TEXT_SIZE);
    assert_true(id_parse(text, &read) && read == id);
    assert_true(id_least(NOW) <= id && id_least(NOW + 1000) > id);
    assert_int_equal(id_least(0), 0);
    char printed[ID_TEXT_SIZE + 1];
    id_print(INT64_MAX, printed);
    assert_string_equal(printed, "7zzzzzzzzzzzz");
    assert_true(id_parse(S("7ZZZZZZZZZZZZ"), &read) && read == INT64_MAX);
}

static void no_other_text_is_an_id(void **state)
{
    int64_t id;
    static const char *const bad[] = { "",
                                       "0000000000000",
                                       "8000000000000",
                                       "000000000000i",
                                       "000000000000L",
                                       "000000000000o",
                                       "000000000000u",
                                       "00000000000011",
                                       "000000000001",
                                       "00000000000-1",
                                       "zzzzzzzzzzzzz" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(id_parse(str_from(bad[i]), &id));
    assert_false(id_parse(S("000000000000\0"), &id));
}

enum { THREADS = 4, IDS_EACH = 20000 };

static void *make_ids(void *context)
{
    int64_t *ids = context;
    for (int i = 0; i < IDS_EACH; i++)
        ids[i] = id_make(i % 3 == 0 ? NOW : NOW - i); /* a clock that stands still or goes back */
    return NULL;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void ids_of_all_threads_are_different_and_rise(void **state)
{
    int64_t *ids = calloc((size_t)THREADS * IDS_EACH, sizeof *ids);
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, make_ids, ids + t * IDS_EACH), 0);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int t = 0; t < THREADS; t++)
        for (int i = 1; i < IDS_EACH; i++)
            assert_true(ids[t * IDS_EACH + i] > ids[t * IDS_EACH + i - 1]);
    qsort(ids, (size_t)THREADS * IDS_EACH, sizeof *ids, compare_ids);
    for (int i = 1; i < THREADS * IDS_EACH; i++)
        assert_true(ids[i] > ids[i - 1]);
    free(ids);
}

static void servers_of_different_number_never_make_one_id(void **state)
{
    id_set_node(63);
    int64_t id = id_make(NOW + 3600000000);
    id_set_node(0);
    assert_int_equal(id >> 14 & 63, 63);
    assert_true(id_make(0) > id_time(id)); /* and ids go on */
}

/* --- Faults, log, check ----------------------------------------------------------------------- */

struct turns {
    uint8_t taken[THREADS_MAX]; /* how often each was run */
};

static void take_turn(void *context, unsigned n)
{
    struct turns *turns = context;
    turns->taken[n]++;
}

static void assert_each_runs_once(unsigned count)
{
    struct turns turns = { { 0 } };
    threads_run(count, take_turn, &turns);
    for (unsigned n = 0; n < THREADS_MAX; n++)
        assert_int_equal(turns.taken[n], n < count);
}

static void every_share_of_some_work_is_run_once(void **state)
{
    assert_each_runs_once(1);
    assert_each_runs_once(2);
    assert_each_runs_once(THREADS_MAX);
    pthread_attr_t usual, vast; /* a stack that no address space holds: no thread is to be had */
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&vast), 0);
    assert_int_equal(pthread_attr_setstacksize(&vast, (size_t)1 << 50), 0);
    assert_int_equal(pthread_setattr_default_np(&vast), 0);
    assert_each_runs_once(THREADS_MAX);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    pthread_attr_destroy(&vast);
    pthread_attr_destroy(&usual);
}

static void a_fault_keeps_its_kind_and_clips_its_detail(void **state)
{
    struct fault fault = { 0 };
    assert_false(fault_set(&fault, FAULT_REFUSED, "%0600d", 1));
    assert_int_equal(fault.kind, FAULT_REFUSED);
    assert_int_equal(strlen(fault.detail), sizeof fault.detail - 1);
    fault_set(&fault, FAULT_BROKEN, "one");
    fault_set(&fault, FAULT_SETUP, "two: %s", fault.detail);
    assert_string_equal(fault.detail, "two: one");
    assert_false(fault_set(NULL, FAULT_BROKEN, "nobody listens"));
}

/* What `write_it` writes to stderr in a child process; returns how the child ended. */
static int stderr_of(void (*write_it)(void), char *text, size_t size)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        write_it();
        _exit(0);
    }
    close(ends[1]);
    size_t got = 0;
    for (ssize_t n; got < size - 1 && (n = read(ends[0], text + got, size - 1 - got)) > 0;)
        got += (size_t)n;
    text[got] = '\0';
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    return status;
}

static void write_log(void)
{
    char huge[9000];
    memset(huge, '\x01', sizeof huge);
    log_event(LOG_DEBUG, "unheard", LOG_END);
    log_event(LOG_WARN, "mail.refused", LOG_TEXT("code", S("5\"5\\0\n\xff")), LOG_INT("tries", -3),
              LOG_END);
    log_set_level(LOG_DEBUG);
    struct str long_text = { huge, sizeof huge };
    log_event(LOG_DEBUG, "huge", LOG_TEXT("a", long_text), LOG_TEXT("b", long_text),
              LOG_INT("last", 1), LOG_END);
    memset(huge, 'x', sizeof huge);
    memcpy(huge + 1023, "€", 3);
    log_event(LOG_DEBUG, "clipped", LOG_TEXT("a", long_text), LOG_END);
}

static void the_log_is_one_json_object_a_line(void **state)
{
    static char text[65536];
    stderr_of(write_log, text, sizeof text);
    struct str rest = str_from(text);
    json_t *lines[3];
    for (int i = 0; i < 3; i++) {
        struct str line = str_cut(&rest, '\n');
        lines[i] = json_loadb(line.data, line.size, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(lines[i]);
    }
    assert_int_equal(rest.size, 0);
    assert_string_equal(json_string_value(json_object_get(lines[0], "event")), "mail.refused");
    assert_string_equal(json_string_value(json_object_get(lines[0], "level")), "warn");
    assert_string_equal(json_string_value(json_object_get(lines[0], "code")), "5\"5\\0\n?");
    assert_int_equal(json_integer_value(json_object_get(lines[0], "tries")), -3);
    assert_int_equal(json_string_length(json_object_get(lines[1], "a")), 1024);
    assert_int_equal(json_integer_value(json_object_get(lines[1], "last")), 1);
    assert_int_equal(json_string_length(json_object_get(lines[2], "a")), 1023);
    for (int i = 0; i < 3; i++)
        json_decref(lines[i]);
}

static void fail_a_check(void)
{
    int one = 1;
    check(one == 1);
    check(one == 2);
}

static void a_failed_check_names_its_place_and_aborts(void **state)
{
    static char text[65536];
    int status = stderr_of(fail_a_check, text, sizeof text);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(text, "bug: one == 2 does not hold in fail_a_check, "));
    assert_non_null(strstr(text, "base_test.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define with_arena(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        with_arena(pieces_are_zeroed_aligned_and_apart),
        with_arena(a_reset_keeps_little_and_a_rewind_gives_back),
        with_arena(a_rewind_to_the_very_beginning_frees_all),
        with_arena(strings_compare_and_cut),
        with_arena(whole_numbers_are_read_to_their_limits),
        with_arena(hex_goes_there_and_back),
        with_arena(only_well_formed_utf8_is_valid),
        with_arena(buffers_grow),
        with_arena(text_in_xml_is_escaped_and_always_well_formed),
        with_arena(an_id_tells_its_time_and_survives_printing),
        with_arena(no_other_text_is_an_id),
        with_arena(ids_of_all_threads_are_different_and_rise),
        with_arena(servers_of_different_number_never_make_one_id),
        with_arena(every_share_of_some_work_is_run_once),
        with_arena(a_fault_keeps_its_kind_and_clips_its_detail),
        with_arena(the_log_is_one_json_object_a_line),
        with_arena(a_failed_check_names_its_place_and_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
