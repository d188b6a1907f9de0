/* Escaping, URLs, filters and assets. */
#include <stdio.h>
#include <string.h>

#include "platform/html/assets.h"
#include "platform/html/html.h"

#include "base/base_testing.h"

static void assert_text(struct str actual, const char *expected)
{
    assert_string_equal(str_c(arena, actual), expected);
}

/* --- Escaping --------------------------------------------------------------------------------- */

static struct str written(void (*write)(struct buf *, struct str), const char *text)
{
    struct buf out = { .arena = arena };
    write(&out, str_from(text));
    return buf_str(&out);
}

static void text_cannot_open_a_tag_or_a_reference(void **state)
{
    assert_text(written(html_text, "<b>\"a\" & 'b'</b>"), "&lt;b&gt;\"a\" &amp; 'b'&lt;/b&gt;");
    assert_text(written(html_text, ""), "");
    assert_text(written(html_text, "plain"), "plain");
    assert_text(written(html_text, "&lt;"), "&amp;lt;");
    assert_text(written(html_text, "Grüße 👋"), "Grüße 👋");
}

static void an_attribute_cannot_be_left(void **state)
{
    assert_text(written(html_attribute, "\" onclick='x' <&>"),
                "&quot; onclick=&#39;x&#39; &lt;&amp;&gt;");
}

static void every_byte_survives_escaping_or_is_a_reference(void **state)
{
    for (int c = 1; c < 256; c++) {
        char one[2] = { (char)c, 0 };
        struct str text = written(html_attribute, one);
        if (strchr("&<>\"'", c) == NULL)
            assert_text(text, one);
        else
            assert_true(text.size > 3 && text.data[0] == '&' && text.data[text.size - 1] == ';');
    }
}

static void a_special_character_is_found_at_every_place(void **state)
{
    for (size_t size = 1; size < 40; size++)
        for (size_t at = 0; at < size; at++) {
            char text[41] = { 0 }, expected[48] = { 0 };
            memset(text, 'a', size);
            text[at] = '<';
            memset(expected, 'a', at);
            memcpy(expected + at, "&lt;", 4);
            memset(expected + at + 4, 'a', size - at - 1);
            assert_text(written(html_text, text), expected);
            assert_text(written(html_attribute, text), expected);
        }
}

static void a_number_is_written_as_it_is(void **state)
{
    struct buf out = { .arena = arena };
    html_int(&out, 0);
    html_int(&out, -7);
    html_int(&out, INT64_MIN);
    html_int(&out, INT64_MAX);
    assert_text(buf_str(&out), "0-7-92233720368547758089223372036854775807");
}

static void a_url_part_keeps_only_unreserved_characters(void **state)
{
    assert_text(written(html_url_part, "aZ09-._~"), "aZ09-._~");
    assert_text(written(html_url_part, "a b&c=d/e?f#g\"<'"), "a%20b%26c%3Dd%2Fe%3Ff%23g%22%3C%27");
    assert_text(written(html_url_part, "é"), "%C3%A9");
    assert_text(written(html_url_part, ""), "");
}

/* --- URLs ------------------------------------------------------------------------------------- */

static void a_url_is_a_path_of_ours_or_of_a_known_scheme(void **state)
{
    static const char *const good[] = { "/ideas",
                                        "/",
                                        "#top",
                                        "?sort=new",
                                        "/a//b",
                                        "http://example.org/?a=b&c",
                                        "HTTPS://EXAMPLE.",
                                        "mailto:a@example.org" };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_text(url_from_text(str_from(good[i])).text, good[i]);
    assert_text(url_from_text(S("  https://example.org \n")).text, "https://example.org");
}

static void anything_else_is_no_url(void **state)
{
    static const char *const bad[] = {
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "java\rscript:alert(1)",
        "\x01javascript:alert(1)",
        " javascript:alert(1)",
        "\xC2\xA0javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "https:evil",
        "http",
        "example.org",
        "about:blank",
        "blob:https://example.org/x",
        "https://example.org/\x7f",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_text(url_from_text(str_from(bad[i])).text, "#");
}

static void a_printed_url_is_a_path(void **state)
{
    assert_text(url_printf(arena, "/ideas/%d?page=%s", 7, "2").text, "/ideas/7?page=2");
}

/* --- Filters ---------------------------------------------------------------------------------- */

static const int64_t SECOND = 1000000, MINUTE = 60000000, HOUR = 3600000000, DAY = 86400000000;
static const int64_t AT = 1795289003250000; /* 2026-11-21T19:23:23.25Z */

static void numbers_are_grouped_by_thousands(void **state)
{
    assert_text(text_number(arena, 0), "0");
    assert_text(text_number(arena, 999), "999");
    assert_text(text_number(arena, 1000), "1,000");
    assert_text(text_number(arena, -1234567), "-1,234,567");
    assert_text(text_number(arena, INT64_MAX), "9,223,372,036,854,775,807");
    assert_text(text_number(arena, INT64_MIN), "-9,223,372,036,854,775,808");
}

static void a_count_agrees_with_its_word(void **state)
{
    assert_text(text_plural(arena, 0, S("vote"), S("votes")), "0 votes");
    assert_text(text_plural(arena, 1, S("vote"), S("votes")), "1 vote");
    assert_text(text_plural(arena, 12345, S("vote"), S("votes")), "12,345 votes");
}

static void a_share_is_whole_and_within_a_hundred(void **state)
{
    assert_int_equal(number_percent_of(0, 0), 0);
    assert_int_equal(number_percent_of(1, 3), 33);
    assert_int_equal(number_percent_of(999, 1000), 99);
    assert_int_equal(number_percent_of(5, 5), 100);
    assert_int_equal(number_percent_of(9, 5), 100);
    assert_int_equal(number_percent_of(-1, 5), 0);
    assert_int_equal(number_percent_of(INT64_MAX / 2, INT64_MAX), 50);
}

static void times_are_shown_in_utc(void **state)
{
    assert_text(text_date(arena, AT), "21 November 2026");
    assert_text(text_datetime(arena, AT), "21 November 2026, 19:23 UTC");
    assert_text(text_iso(arena, AT), "2026-11-21T19:23:23Z");
    assert_text(text_local_input(arena, AT), "2026-11-21T19:23");
    assert_text(text_iso(arena, 951782399 * SECOND), "2000-02-28T23:59:59Z");
    assert_text(text_iso(arena, 951782400 * SECOND), "2000-02-29T00:00:00Z");
    assert_text(text_iso(arena, 4107542400 * SECOND), "2100-03-01T00:00:00Z");
    assert_text(text_iso(arena, -1), "1969-12-31T23:59:59Z");
}

static void no_time_is_no_words(void **state)
{
    assert_text(text_date(arena, 0), "");
    assert_text(text_datetime(arena, 0), "");
    assert_text(text_iso(arena, 0), "");
    assert_text(text_local_input(arena, 0), "");
    assert_text(text_ago(arena, 0, AT), "");
    assert_text(text_left(arena, 0, AT), "");
}

static void the_past_is_told_in_its_largest_unit(void **state)
{
    assert_text(text_ago(arena, AT, AT), "just now");
    assert_text(text_ago(arena, AT + HOUR, AT), "just now");
    assert_text(text_ago(arena, AT - 61 * SECOND, AT), "1 minute ago");
    assert_text(text_ago(arena, AT - 3 * HOUR - 5 * MINUTE, AT), "3 hours ago");
    assert_text(text_ago(arena, AT - 29 * DAY, AT), "29 days ago");
    assert_text(text_ago(arena, AT - 65 * DAY, AT), "2 months ago");
    assert_text(text_ago(arena, AT - 800 * DAY, AT), "2 years ago");
}

static void what_is_left_of_a_deadline(void **state)
{
    assert_text(text_left(arena, AT, AT), "ended");
    assert_text(text_left(arena, AT - DAY, AT), "ended");
    assert_text(text_left(arena, AT + 30 * SECOND, AT), "less than a minute left");
    assert_text(text_left(arena, AT + 90 * SECOND, AT), "1 minute left");
    assert_text(text_left(arena, AT + 4 * DAY + HOUR, AT), "4 days left");
    assert_text(text_left(arena, AT + 45 * DAY, AT), "45 days left");
    assert_text(text_left(arena, AT + 200 * DAY, AT), "6 months left");
}

static void upper_case_is_for_ascii(void **state)
{
    assert_text(text_upper(arena, S("aé-z9")), "Aé-Z9");
    assert_text(text_upper(arena, (struct str){ 0 }), "");
}

/* --- Assets ----------------------------------------------------------------------------------- */

static void every_asset_is_found_by_its_path_and_its_name(void **state)
{
    for (size_t i = 0; i < asset_count; i++) {
        assert_ptr_equal(asset_find(assets[i].path), &assets[i]);
        assert_text(asset_url(assets[i].name).text, str_c(arena, assets[i].path));
        assert_true(str_starts(assets[i].path, S("/static/")));
        assert_true(assets[i].gzip.size < assets[i].bytes.size || assets[i].bytes.size == 0);
    }
    assert_null(asset_find(S("/static/app.css")));
    assert_null(asset_find(S("")));
    assert_null(asset_find(S("/static/../etc/passwd")));
}

int main(void)
{
#define HOLDS(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)
    const struct CMUnitTest tests[] = {
        HOLDS(text_cannot_open_a_tag_or_a_reference),
        HOLDS(an_attribute_cannot_be_left),
        HOLDS(every_byte_survives_escaping_or_is_a_reference),
        HOLDS(a_special_character_is_found_at_every_place),
        HOLDS(a_number_is_written_as_it_is),
        HOLDS(a_url_part_keeps_only_unreserved_characters),
        HOLDS(a_url_is_a_path_of_ours_or_of_a_known_scheme),
        HOLDS(anything_else_is_no_url),
        HOLDS(a_printed_url_is_a_path),
        HOLDS(numbers_are_grouped_by_thousands),
        HOLDS(a_count_agrees_with_its_word),
        HOLDS(a_share_is_whole_and_within_a_hundred),
        HOLDS(times_are_shown_in_utc),
        HOLDS(no_time_is_no_words),
        HOLDS(the_past_is_told_in_its_largest_unit),
        HOLDS(what_is_left_of_a_deadline),
        HOLDS(upper_case_is_for_ascii),
        HOLDS(every_asset_is_found_by_its_path_and_its_name),
    };
    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
