/* Escaping, URLs, filters and Markdown, with what hostile people write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "platform/html/assets.h"
#include "platform/html/html.h"

static struct arena *arena;

static int begin(void **state)
{
    arena = arena_make();
    return 0;
}

static int end(void **state)
{
    arena_free(arena);
    return 0;
}

static void assert_text(struct str actual, const char *expected)
{
    assert_string_equal(str_c(arena, actual), expected);
}

static bool holds(struct str text, const char *part)
{
    return str_find(text, str_from(part)) != SIZE_MAX;
}

/* --- Escaping -----------------------------------------------------------------------------------
 */

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

/* --- URLs ---------------------------------------------------------------------------------------
 */

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

/* --- Filters ------------------------------------------------------------------------------------
 */

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

/* --- Markdown -----------------------------------------------------------------------------------
 */

static void assert_markdown(const char *source, const char *expected)
{
    assert_text(markdown_html(arena, str_from(source)).markup, expected);
}

static void markdown_becomes_plain_markup(void **state)
{
    assert_markdown("", "");
    assert_markdown("Hello *you* **there** ~~not~~", "<p>Hello <em>you</em> <strong>there</strong> "
                                                     "<del>not</del></p>\n");
    assert_markdown("# One\n#### Four", "<h3>One</h3>\n<h6>Four</h6>\n");
    assert_markdown("###### Six", "<h6>Six</h6>\n");
    assert_markdown("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
    assert_markdown("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n");
    assert_markdown("> quote", "<blockquote>\n<p>quote</p>\n</blockquote>\n");
    assert_markdown("```\n<x>\n```", "<pre><code>&lt;x&gt;\n</code></pre>\n");
    assert_markdown("a  \nb", "<p>a<br>\nb</p>\n");
    assert_markdown("    indented", "<p>indented</p>\n");
    assert_markdown("`<b>`\n\n---", "<p><code>&lt;b&gt;</code></p>\n<hr>\n");
}

static void html_in_markdown_is_shown_as_typed(void **state)
{
    assert_markdown("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n");
    assert_markdown("a <img src=x onerror=alert(1)> b",
                    "<p>a &lt;img src=x onerror=alert(1)&gt; b</p>\n");
    assert_markdown("<!-- x -->", "<p>&lt;!-- x --&gt;</p>\n");
}

#define LINK(address, words) "<p><a rel=\"nofollow ugc\" href=\"" address "\">" words "</a></p>\n"

static void links_lead_to_known_schemes(void **state)
{
    assert_markdown("[a](https://example.org/?a=1&b=2)",
                    LINK("https://example.org/?a=1&amp;b=2", "a"));
    assert_markdown("<https://example.org>", LINK("https://example.org", "https://example.org"));
    assert_markdown("https://example.org/x",
                    LINK("https://example.org/x", "https://example.org/x"));
    assert_markdown("[a](mailto:a@example.org)", LINK("mailto:a@example.org", "a"));
    assert_markdown("[a][1]\n\n[1]: http://example.org", LINK("http://example.org", "a"));
}

static void a_hostile_address_leaves_the_words(void **state)
{
    static const char *const sources[] = {
        "[a](javascript:alert(1))",
        "[a](JAVASCRIPT:alert(1))",
        "[a](java&#115;cript:alert(1))",
        "[a](java&#x73;cript:alert(1))",
        "[a](javascript&colon;alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](java&Tab;script:alert(1))",
        "[a](java&NewLine;script:alert(1))",
        "[a](java&#9;script:alert(1))",
        "[a](&#1;javascript:alert(1))",
        "[a](<java\tscript:alert(1)>)",
        "[a](< javascript:alert(1)>)",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "[a](file:///etc/passwd)",
        "[a](//evil.example)",
        "[a](/sign-out)",
        "[a](&sol;&sol;evil.example)",
        "[a](example.org)",
        "[a]()",
        "[a][x]\n\n[x]: javascript:alert(1)",
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct str markup = markdown_html(arena, str_from(sources[i])).markup;
        assert_false(holds(markup, "<a"));
        assert_true(holds(markup, "a"));
    }
    assert_false(holds(markdown_html(arena, S("<javascript:alert(1)>")).markup, "<a"));
}

static void an_address_cannot_leave_its_attribute(void **state)
{
    assert_markdown("[a](https://example.org/\"onclick=\"x)",
                    LINK("https://example.org/&quot;onclick=&quot;x", "a"));
    assert_markdown("[a](https://example.org/&quot;&gt;&lt;script&gt;)",
                    LINK("https://example.org/&quot;&gt;&lt;script&gt;", "a"));
    assert_markdown("[a](https://example.org/&unknown;)",
                    LINK("https://example.org/&amp;unknown;", "a"));
}

static void pictures_become_links(void **state)
{
    assert_markdown("![a bike](https://example.org/a.png)",
                    LINK("https://example.org/a.png", "a bike"));
    assert_markdown("![](https://example.org/a.png)", LINK("https://example.org/a.png", "link"));
    assert_markdown("![x](javascript:alert(1))", "<p>x</p>\n");
    assert_markdown("![a [b](http://b.example) c](http://a.example)",
                    LINK("http://a.example", "a b c"));
}

static void references_are_characters(void **state)
{
    assert_markdown("&lt;b&gt; &amp; &#60;i&#62; &euro; &mdash;",
                    "<p>&lt;b&gt; &amp; &lt;i&gt; € —</p>\n");
    assert_markdown("&bogus; &#0; &#xD800; &#x110000;",
                    "<p>&amp;bogus; \xEF\xBF\xBD \xEF\xBF\xBD \xEF\xBF\xBD</p>\n");
}

/* `part` again and again, `size` bytes of it. */
static struct str repeated(const char *part, size_t size)
{
    struct buf out = { .arena = arena };
    while (out.size < size)
        buf_add(&out, str_from(part));
    out.size = size;
    return buf_str(&out);
}

static size_t count_of(struct str text, const char *part)
{
    size_t count = 0, size = strlen(part);
    for (size_t i = 0; i + size <= text.size; i++)
        count += memcmp(text.data + i, part, size) == 0;
    return count;
}

static void nesting_is_bounded_and_closed(void **state)
{
    static const char *const parts[] = {
        ">", "> ", "- ", "1. ", "*a ", "**a ", "_a **b ", "~~a *b "
    };
    static const char *const tags[] = { "blockquote", "ul", "ol", "li", "em", "strong", "del" };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct str markup = markdown_html(arena, repeated(parts[i], 4000)).markup;
        for (size_t t = 0; t < sizeof tags / sizeof tags[0]; t++) {
            size_t opened = count_of(markup, str_c(arena, str_printf(arena, "<%s>", tags[t])));
            size_t closed = count_of(markup, str_c(arena, str_printf(arena, "</%s>", tags[t])));
            assert_int_equal(opened, closed);
        }
    }
    assert_int_equal(count_of(markdown_html(arena, repeated("> ", 4000)).markup, "<blockquote>"),
                     12);
}

static void much_does_not_come_out_of_little(void **state)
{
    enum { SIZE = 65536 };
    static const char *const parts[] = {
        "*",
        "_",
        "[",
        "]",
        "![",
        "`",
        "``a` ",
        "<",
        "&",
        "\\",
        ">",
        "> ",
        "- ",
        "1. ",
        "a**b",
        "*a_",
        "[a](",
        "[a](b",
        "<a ",
        "~",
        "~~~~\n",
        "\n",
        "\t",
        "# \n",
        "|",
        "a|b\n",
        "http://",
        "[x]: y\n",
        "**a *b",
        "-\n ",
        "![[]()",
        "&#35;",
        "a\n",
        "* a\n * b\n  ",
        "[a][b]",
        "(",
        "https://a.b ",
        "***",
        "<!--",
        "<?",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct arena_mark mark = arena_mark(arena);
        struct str markup = markdown_html(arena, repeated(parts[i], SIZE)).markup;
        assert_true(markup.size <= 40 * (size_t)SIZE);
        markdown_plain(arena, repeated(parts[i], SIZE), 200);
        arena_rewind(arena, mark);
    }
}

static void a_long_address_used_often_is_printed_only_a_few_times(void **state)
{
    struct buf source = { .arena = arena };
    buf_add(&source, S("[a]: https://example.org/"));
    buf_add(&source, repeated("x", 30000));
    buf_add(&source, S("\n\n"));
    buf_add(&source, repeated("[a] ", 30000));
    struct str markup = markdown_html(arena, buf_str(&source)).markup;
    assert_true(count_of(markup, "<a ") <= 5);
    assert_true(count_of(markup, "<a ") >= 1);
    assert_int_equal(count_of(markup, "<a "), count_of(markup, "</a>"));
}

/* Markup of ours holds only these tags, and attributes only where links and numbered lists have
 * them. */
static void assert_tame(struct str markup)
{
    static const char *const tags[] = {
        "p>",
        "em>",
        "strong>",
        "del>",
        "code>",
        "pre>",
        "ul>",
        "ol>",
        "ol start=\"",
        "li>",
        "h3>",
        "h4>",
        "h5>",
        "h6>",
        "hr>",
        "blockquote>",
        "br>",
        "a>",
        "a rel=\"nofollow ugc\" href=\"http",
        "a rel=\"nofollow ugc\" href=\"mailto:",
    };
    for (size_t i = 0; i < markup.size; i++) {
        if (markup.data[i] != '<')
            continue;
        struct str tag = str_slice(markup, i + 1, markup.size);
        if (tag.data[0] == '/')
            tag = str_slice(tag, 1, tag.size);
        bool known = false;
        for (size_t t = 0; t < sizeof tags / sizeof tags[0]; t++)
            known = known || str_starts(tag, str_from(tags[t]));
        assert_true(known);
    }
}

static void whatever_is_typed_the_markup_is_tame(void **state)
{
    static const char *const pieces[] = {
        "[",           "](",       ")",        "<",      ">",   "\"", "'",  "javascript:",
        "https://a.b", "\n",       "\n\n",     "- ",     "> ",  "*",  "**", "`",
        "&",           "&lt;",     "&#x3c;",   "script", " ",   "\t", "![", "]",
        "[a]: ",       "<a href=", "onclick=", "\\",     "1. ", "#",  "~~", "```",
        "é",           "mailto:",  "a",        "=",      "\0",
    };
    uint64_t random = 88172645463325252u;
    for (unsigned round = 0; round < 3000; round++) {
        struct arena_mark mark = arena_mark(arena);
        struct buf source = { .arena = arena };
        for (unsigned i = 0; i < 40; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            const char *piece = pieces[random % (sizeof pieces / sizeof pieces[0])];
            buf_add(&source, (struct str){ piece, piece[0] == 0 ? 1 : strlen(piece) });
        }
        assert_tame(markdown_html(arena, buf_str(&source)).markup);
        arena_rewind(arena, mark);
    }
}

static void plain_text_has_words_only(void **state)
{
    assert_text(markdown_plain(arena, S("# Hi\n\n*a*  [b](http://x) &amp;\n- c\n- d"), 100),
                "Hi a b & c d");
    assert_text(markdown_plain(arena, S(""), 10), "");
    assert_text(markdown_plain(arena, S("<b>x</b>"), 100), "<b>x</b>");
}

static void plain_text_is_clipped_behind_a_word(void **state)
{
    struct str source = S("one two three");
    assert_text(markdown_plain(arena, source, 13), "one two three");
    assert_text(markdown_plain(arena, source, 12), "one two…");
    assert_text(markdown_plain(arena, source, 8), "one two…");
    assert_text(markdown_plain(arena, source, 7), "one…");
    assert_text(markdown_plain(arena, S("Donaudampfschiff"), 6), "Donau…");
    assert_text(markdown_plain(arena, S("äöü äöü"), 5), "äöü…");
    assert_text(markdown_plain(arena, repeated("word ", 65536), 9), "word…");
}

/* --- Assets -------------------------------------------------------------------------------------
 */

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
#define HOLDS(name) cmocka_unit_test_setup_teardown(name, begin, end)
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
        HOLDS(markdown_becomes_plain_markup),
        HOLDS(html_in_markdown_is_shown_as_typed),
        HOLDS(links_lead_to_known_schemes),
        HOLDS(a_hostile_address_leaves_the_words),
        HOLDS(an_address_cannot_leave_its_attribute),
        HOLDS(pictures_become_links),
        HOLDS(references_are_characters),
        HOLDS(nesting_is_bounded_and_closed),
        HOLDS(much_does_not_come_out_of_little),
        HOLDS(a_long_address_used_often_is_printed_only_a_few_times),
        HOLDS(whatever_is_typed_the_markup_is_tame),
        HOLDS(plain_text_has_words_only),
        HOLDS(plain_text_is_clipped_behind_a_word),
        HOLDS(every_asset_is_found_by_its_path_and_its_name),
    };
    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
