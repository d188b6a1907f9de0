#include "platform/json/json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/base_testing.h"

static const char *written(struct buf *b)
{
    return str_c(arena, buf_str(b));
}

#define assert_writes(call, expected)                                                              \
    do {                                                                                           \
        struct buf out = { .arena = arena };                                                       \
        call;                                                                                      \
        assert_string_equal(written(&out), (expected));                                            \
    } while (0)

static void every_byte_of_a_text_is_read_back_by_jansson(void **state)
{
    struct buf all = { .arena = arena };
    for (int c = 1; c < 0x80; c++)
        buf_char(&all, (char)c);
    buf_add(&all, S("ä€😀"));
    struct buf out = { .arena = arena };
    json_text(&out, buf_str(&all));
    json_t *read = json_loadb(out.data, out.size, JSON_DECODE_ANY, NULL);
    assert_non_null(read);
    assert_int_equal(json_string_length(read), all.size);
    assert_memory_equal(json_string_value(read), all.data, all.size);
    json_decref(read);
}

static void texts_are_escaped_as_canonical_json_prescribes(void **state)
{
    assert_writes(json_text(&out, S("</a>&\"\\\n\b\f\x1f\x7f")),
                  "\"</a>&\\\"\\\\\\n\\b\\f\\u001f\x7f\"");
    assert_writes(json_text(&out, (struct str){ 0 }), "\"\"");
}

static void reals_are_shortest_and_read_back_the_same(void **state)
{
    assert_writes(json_number(&out, 0.1), "0.1");
    assert_writes(json_number(&out, 1e22), "1e+22");
    assert_writes(json_number(&out, 5e-324), "5e-324");
    assert_writes(json_number(&out, 0), "0");
    assert_writes(json_number(&out, (double)NAN), "null");
    assert_writes(json_number(&out, -(double)INFINITY), "null");
    uint64_t bits = 88172645463325252;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double x;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x))
            continue;
        struct arena_mark mark = arena_mark(arena);
        struct buf out = { .arena = arena };
        json_number(&out, x);
        assert_true(strtod(written(&out), NULL) == x);
        arena_rewind(arena, mark);
    }
}

static void times_and_ids_are_written_as_documented(void **state)
{
    assert_writes(json_time(&out, 1795288923123456), "\"2026-11-21T19:22:03.123456Z\"");
    assert_writes(json_time(&out, -1), "\"1969-12-31T23:59:59.999999Z\"");
    assert_writes(json_time(&out, 951782400000000), "\"2000-02-29T00:00:00.000000Z\"");
    assert_writes(json_time(&out, 0), "null");
    assert_writes(json_id(&out, 33), "\"0000000000011\"");
    assert_writes(json_id(&out, 0), "null");
}

static void a_written_time_reads_back(void **state)
{
    for (int64_t at = -60000000000000000; at < 200000000000000000; at += 86399999999977 * 3 + 1) {
        struct arena_mark mark = arena_mark(arena);
        struct buf out = { .arena = arena };
        json_time(&out, at);
        int64_t read;
        assert_true(json_parse_time(str_slice(buf_str(&out), 1, out.size - 1), &read));
        assert_true(read == at);
        arena_rewind(arena, mark);
    }
}

static void times_with_offsets_are_understood(void **state)
{
    static const struct {
        const char *text;
        int64_t at;
    } good[] = {
        { "1970-01-01T00:00:01Z", 1000000 },
        { "1970-01-01t01:00:01.5+01:00", 1500000 },
        { "1969-12-31T23:30:00-00:30", 0 },
        { "2026-11-21T19:22:03.123456z", 1795288923123456 },
        { "0000-01-01T00:00:00Z", -62167219200000000 },
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t at = -1;
        assert_true(json_parse_time(str_from(good[i].text), &at));
        assert_true(at == good[i].at);
    }
}

static void anything_else_is_no_time(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-11-21",
        "2026-11-21T19:22:03",
        "2026-11-21 19:22:03Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-12-31T23:59:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567Z",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Z ",
        "-026-01-01T00:00:00Z",
        "2026-01--1T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t at;
        assert_false(json_parse_time(str_from(bad[i]), &at));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_byte_of_a_text_is_read_back_by_jansson, make_arena,
                                        drop_arena),
        cmocka_unit_test_setup_teardown(texts_are_escaped_as_canonical_json_prescribes, make_arena,
                                        drop_arena),
        cmocka_unit_test_setup_teardown(reals_are_shortest_and_read_back_the_same, make_arena,
                                        drop_arena),
        cmocka_unit_test_setup_teardown(times_and_ids_are_written_as_documented, make_arena,
                                        drop_arena),
        cmocka_unit_test_setup_teardown(a_written_time_reads_back, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(times_with_offsets_are_understood, make_arena, drop_arena),
        cmocka_unit_test_setup_teardown(anything_else_is_no_time, make_arena, drop_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
