/* multipart/form-data and percent-encoding, without a server. */
#include "platform/http/http_test_kit.h"

#include <string.h>

#define PART(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

#define LONG_BOUNDARY                                                                              \
    "multipart/form-data; boundary="                                                               \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" /* 71 */

static struct arena *arena;
static struct http_request request;
static char *body_copy;

static int start(void **state)
{
    arena = arena_make();
    return 0;
}

static int stop(void **state)
{
    arena_free(arena);
    free(body_copy);
    return 0;
}

/* The body lies in memory of exactly its size, so that a sanitizer sees a step beyond it. */
static bool parse_bytes(const char *type, const char *body, size_t size)
{
    free(body_copy);
    body_copy = malloc(size == 0 ? 1 : size);
    memcpy(body_copy, body, size);
    request = (struct http_request){ 0 };
    arena_reset(arena);
    return multipart_read(arena, str_from(type), (struct str){ body_copy, size }, &request);
}

static bool parse(const char *body)
{
    return parse_bytes("multipart/form-data; boundary=b", body, strlen(body));
}

static void assert_text(struct str text, const char *expected)
{
    assert_true(str_equal(text, str_from(expected)));
}

static void fields_and_files_are_told_apart(void **state)
{
    assert_true(parse(
        "--b\r\n" PART("title") "an idea\r\n"
                                "--b\r\n" PART("empty") "\r\n"
                                                        "--b\r\nContent-Type: Image/PNG; x=y\r\n"
                                                        "content-disposition: form-data; "
                                                        "name=picture; filename=\"a b.png\"\r\n\r\n"
                                                        "\r\n--\r\n-b\r\n"
                                                        "--b--\r\n"));
    assert_int_equal(request.form_count, 2);
    assert_text(request.form[0].name, "title");
    assert_text(request.form[0].value, "an idea");
    assert_text(request.form[1].value, "");
    assert_int_equal(request.upload_count, 1);
    assert_text(request.uploads[0].name, "picture");
    assert_text(request.uploads[0].filename, "a b.png");
    assert_text(request.uploads[0].content_type, "image/png");
    assert_text(request.uploads[0].bytes, "\r\n--\r\n-b");
}

static void a_form_without_parts_is_empty(void **state)
{
    assert_true(parse("--b--\r\n"));
    assert_true(parse("--b--"));
    assert_int_equal(request.form_count + request.upload_count, 0);
}

static void file_names_lose_their_folders_and_escapes(void **state)
{
    static const struct {
        const char *sent, *read;
    } names[] = {
        { "\"C:\\Users\\me\\a.png\"", "a.png" },
        { "\"../../etc/passwd\"", "passwd" },
        { "\"a%22b.png\"", "a\"b.png" },
        { "\"a\\\"b.png\"", "a\"b.png" },
        { "\"100%25.png\"", "100%25.png" },
        { "\"\"", "" },
        { "plain.png", "plain.png" },
        { "\"\xc3\xa9.png\"", "\xc3\xa9.png" },
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char body[200] = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=";
        strncat(body, names[i].sent, 50);
        strncat(body, "\r\n\r\nx\r\n--b--\r\n", 50);
        assert_true(parse(body));
        assert_text(request.uploads[0].filename, names[i].read);
    }
}

static void what_no_browser_sends_is_refused(void **state)
{
    const char *bodies[] = {
        "",
        "--b",
        "--b\r\n",
        "--b-",
        "preamble\r\n--b--\r\n",
        "--b--\r\nepilogue",
        "--b\n" PART("a") "x\r\n--b--\r\n",
        "--bX\r\n" PART("a") "x\r\n--bX--\r\n",
        "--b \r\n" PART("a") "x\r\n--b--\r\n",
        "--b\r\n" PART("a") "x",
        "--b\r\n" PART("a") "x\r\n--b",
        "--b\r\n" PART("a") "x\r\n--bY\r\n--b--\r\n",
        "--b\r\n" PART("a") "x\n--b--\r\n",
        "--b\r\n\r\nx\r\n--b--\r\n",
        "--b\r\n" PART("") "x\r\n--b--\r\n",
        "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"a\" x\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"a\\\"\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; =\"a\"\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n" PART("b") "x\r\n--b--\r\n",
        "--b\r\nContent-Disposition : form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n",
        "--b\r\nContent-Transfer-Encoding: base64\r\n" PART("a") "x\r\n--b--\r\n",
        "--b\r\nno colon\r\n" PART("a") "x\r\n--b--\r\n",
        "--b\r\nX: \x01\r\n" PART("a") "x\r\n--b--\r\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (parse(bodies[i]))
            fail_msg("accepted: %s", bodies[i]);
}

static void boundaries_are_read_strictly(void **state)
{
    const char *good = "--b\r\n" PART("a") "x\r\n--b--\r\n";
    const char *accepted[] = { "multipart/form-data; boundary=\"b\"",
                               "multipart/form-data;charset=utf-8 ; Boundary=b" };
    const char *refused[] = { "multipart/form-data",
                              "multipart/form-data;",
                              "multipart/form-data; boundary",
                              "multipart/form-data; boundary=",
                              "multipart/form-data; boundary=\"\"",
                              "multipart/form-data; boundary=\"b",
                              "multipart/form-data; boundary=\"b \"",
                              "multipart/form-data; boundary=b; boundary=b",
                              "multipart/form-data; boundary=b c",
                              "multipart/form-data; boundary=\x01",
                              LONG_BOUNDARY };
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
        assert_true(parse_bytes(accepted[i], good, strlen(good)));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (parse_bytes(refused[i], good, strlen(good)))
            fail_msg("accepted: %s", refused[i]);
}

static void counts_are_bounded(void **state)
{
    for (int files = 0; files < 2; files++) {
        const char *part =
            files ? "--b\r\nContent-Disposition: form-data; name=a; filename=f\r\n\r\n\r\n"
                  : "--b\r\n" PART("a") "\r\n";
        size_t limit = files ? UPLOAD_COUNT_MAX : FIELD_COUNT_MAX, size = strlen(part);
        char *body = malloc(size * (limit + 1) + 6);
        for (size_t count = limit; count <= limit + 1; count++) {
            for (size_t i = 0; i < count; i++)
                memcpy(body + i * size, part, size);
            memcpy(body + count * size, "--b--", 6);
            assert_int_equal(parse(body), count == limit);
        }
        free(body);
    }
}

static void a_head_without_end_costs_little(void **state)
{
    size_t size = 1000000;
    char *body = malloc(size);
    const char *begin = "--b\r\nContent-Disposition: form-data; name=a";
    memset(body, 'x', size);
    for (size_t i = 0; i + 6 < size; i += 6)
        memcpy(body + i, ";a=\"x\"", 6);
    memcpy(body, begin, strlen(begin));
    assert_false(parse_bytes("multipart/form-data; boundary=b", body, size));
    assert_true(arena_held_bytes(arena) < 200000);
    free(body);
}

static uint32_t next_random(uint32_t *seed) /* xorshift32 */
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

static void no_damage_makes_the_parser_read_outside(void **state)
{
    static const char good[] =
        "--b\r\n" PART("title") "an idea\r\n--b\r\n"
                                "Content-Type: image/png\r\nContent-Disposition: form-data; "
                                "name=\"p\"; filename=\"a\\\"%22.png\"\r\n\r\n\r\n--\r\n--b--\r\n";
    static const char bytes[] = "\r\n-b\";:=\\% \t\0x";
    uint32_t seed = 2463534242;
    for (int round = 0; round < 50000; round++) {
        char body[sizeof good];
        size_t size = sizeof good - 1;
        memcpy(body, good, size);
        for (uint32_t change = next_random(&seed) % 4; change > 0; change--)
            body[next_random(&seed) % size] = bytes[next_random(&seed) % (sizeof bytes - 1)];
        if (next_random(&seed) % 4 == 0)
            size = next_random(&seed) % size;
        if (!parse_bytes("multipart/form-data; boundary=b", body, size))
            continue;
        assert_true(request.form_count + request.upload_count <= 4);
        for (size_t i = 0; i < request.upload_count; i++)
            assert_true(request.uploads[i].bytes.size < size);
    }
}

static void percent_escapes_are_all_or_nothing(void **state)
{
    static const struct {
        const char *text, *plain, *with_plus;
    } cases[] = {
        { "", "", "" },           { "abc", "abc", "abc" }, { "a+b", "a+b", "a b" },
        { "%41%7a", "Az", "Az" }, { "%2B+", "++", "+ " },  { "%", NULL, NULL },
        { "%4", NULL, NULL },     { "a%4", NULL, NULL },   { "%g1", NULL, NULL },
        { "%1g", NULL, NULL },    { "%%41", NULL, NULL },  { "% 1", NULL, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int plus = 0; plus < 2; plus++) {
            const char *expected = plus ? cases[i].with_plus : cases[i].plain;
            struct str decoded;
            bool read = percent_decode(arena, str_from(cases[i].text), plus, &decoded);
            assert_int_equal(read, expected != NULL);
            if (read)
                assert_text(decoded, expected);
        }
}

int http_form_tests(void)
{
    const struct CMUnitTest forms[] = {
        cmocka_unit_test(fields_and_files_are_told_apart),
        cmocka_unit_test(a_form_without_parts_is_empty),
        cmocka_unit_test(file_names_lose_their_folders_and_escapes),
        cmocka_unit_test(what_no_browser_sends_is_refused),
        cmocka_unit_test(boundaries_are_read_strictly),
        cmocka_unit_test(counts_are_bounded),
        cmocka_unit_test(a_head_without_end_costs_little),
        cmocka_unit_test(no_damage_makes_the_parser_read_outside),
        cmocka_unit_test(percent_escapes_are_all_or_nothing),
    };
    return cmocka_run_group_tests(forms, start, stop);
}
