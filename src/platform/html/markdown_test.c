/* Markdown as people write it, and as hostile people do. */
#include <stdio.h>
#include <string.h>

#include "platform/html/html.h"

#include "base/base_testing.h"

static void assert_text(struct str actual, const char *expected)
{
    assert_string_equal(str_c(arena, actual), expected);
}

static bool holds(struct str text, const char *part)
{
    return str_find(text, str_from(part)) != SIZE_MAX;
}

static void assert_markdown(const char *source, const char *expected)
{
    assert_text(markdown_html(arena, str_from(source)).markup, expected);
}

static void markdown_becomes_plain_markup(void **state)
{
    assert_markdown("", "");
    assert_markdown("Hello *you* **there** ~~not~~", "<p>Hello <em>you</em> <strong>there</strong> "
                                                     "<del>not</del></p>\n");
    assert_markdown("# One\n## Two\n### Three", "<h3>One</h3>\n<h4>Two</h4>\n<h5>Three</h5>\n");
    assert_markdown("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6",
                    "<h3>1</h3>\n<h4>2</h4>\n<h5>3</h5>\n<h6>4</h6>\n<h6>5</h6>\n<h6>6</h6>\n");
    /* No level is skipped, wherever the author begins. */
    assert_markdown("###### Six", "<h3>Six</h3>\n");
    assert_markdown("# One\n#### Four\n#### Four\n# One",
                    "<h3>One</h3>\n<h4>Four</h4>\n<h4>Four</h4>\n<h3>One</h3>\n");
    assert_markdown("### Three\n# One\n## Two", "<h3>Three</h3>\n<h3>One</h3>\n<h4>Two</h4>\n");
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

int main(void)
{
#define HOLDS(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}
