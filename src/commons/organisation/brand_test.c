/* The contrast a brand's style sheet promises, for fifty brands nobody chose and for the worst
 * ones. */
#include "base/arena.h"
#include "commons/organisation/brand.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A fixed sequence (xorshift32), so that a failure can be repeated. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static struct rgb random_colour(uint32_t *state)
{
    uint32_t n = next_random(state);
    return (struct rgb){ (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8) };
}

static void expect(struct rgb colour, struct rgb on, double least, const char *pair,
                   const char *brand)
{
    double contrast = rgb_contrast(colour, on);
    if (contrast < least)
        fail_msg("%s of brand %s: %.2f, less than %.1f", pair, brand, contrast, least);
}
#define TEXT(a, b) expect(s->a, s->b, 4.5, #a " on " #b, brand)
#define TEXT_ON_NEUTRAL(a, b) expect(s->a, n.b, 4.5, #a " on " #b, brand)
#define CONTROL(a, b) expect(s->a, s->b, 3, #a " on " #b, brand)
#define CONTROL_ON_NEUTRAL(a, b) expect(s->a, n.b, 3, #a " on " #b, brand)

static void expect_scheme(const struct brand_scheme *s, bool dark, const char *brand)
{
    struct brand_neutrals n = brand_neutrals(dark);
    TEXT(on_band, band);
    TEXT(on_band_action, band_action);
    TEXT(on_accent, accent);
    TEXT(on_accent, accent_hover);
    TEXT(accent_text, accent_soft);
    TEXT_ON_NEUTRAL(accent_text, page);
    TEXT_ON_NEUTRAL(accent_text, surface);
    TEXT_ON_NEUTRAL(accent_text, sunken);
    expect(n.text, s->accent_soft, 4.5, "text on accent_soft", brand);
    expect(n.muted, s->accent_soft, 4.5, "muted on accent_soft", brand);
    CONTROL(band_action, band);
    CONTROL(accent, accent_soft);
    CONTROL_ON_NEUTRAL(accent, page);
    CONTROL_ON_NEUTRAL(accent, surface);
    CONTROL_ON_NEUTRAL(accent, sunken);
    CONTROL(accent_hover, accent_soft);
    CONTROL_ON_NEUTRAL(accent_hover, page);
    CONTROL_ON_NEUTRAL(accent_hover, surface);
    CONTROL_ON_NEUTRAL(accent_hover, sunken);
    CONTROL_ON_NEUTRAL(second, page);
    CONTROL_ON_NEUTRAL(second, surface);
    CONTROL_ON_NEUTRAL(second, sunken);
}

static void expect_brand(struct rgb first, struct rgb second)
{
    char brand[64];
    snprintf(brand, sizeof brand, "#%02x%02x%02x #%02x%02x%02x", first.red, first.green, first.blue,
             second.red, second.green, second.blue);
    struct brand_tokens tokens = brand_derive(first, second);
    expect_scheme(&tokens.light, false, brand);
    expect_scheme(&tokens.dark, true, brand);
}

static void fifty_random_brands_keep_their_contrast(void **state)
{
    uint32_t random = 0x2545f491;
    for (int i = 0; i < 50; i++) {
        struct rgb first = random_colour(&random), second = random_colour(&random);
        expect_brand(first, second);
    }
}

static void pathological_brands_keep_their_contrast(void **state)
{
    static const char *const colours[] = { "#ffffff", "#000000", "#ffff00", "#777777", "#ff0000",
                                           "#00ff00", "#0000ff", "#00ffff", "#ff00ff", "#757575",
                                           "#fefefe", "#010101", "#f0e68c", "#808000", "#e8562a" };
    const size_t count = sizeof colours / sizeof *colours;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            struct rgb first, second;
            assert_true(rgb_parse(str_from(colours[i]), &first));
            assert_true(rgb_parse(str_from(colours[j]), &second));
            expect_brand(first, second);
        }
}

static void a_grid_over_all_colours_keeps_its_contrast(void **state)
{
    for (int red = 0; red < 256; red += 51)
        for (int green = 0; green < 256; green += 51)
            for (int blue = 0; blue < 256; blue += 51) {
                struct rgb c = { (uint8_t)red, (uint8_t)green, (uint8_t)blue };
                expect_brand(c, (struct rgb){ c.blue, c.red, c.green });
            }
}

static void a_readable_brand_colour_stays_as_it_is(void **state)
{
    struct rgb green = { 0x0b, 0x6b, 0x5a }, yellow = { 0xf5, 0xb8, 0x2e };
    struct brand_tokens tokens = brand_derive(green, yellow);
    assert_memory_equal(&tokens.light.band, &green, sizeof green);
    assert_memory_equal(&tokens.light.accent, &green, sizeof green);
    assert_memory_equal(&tokens.light.band_action, &yellow, sizeof yellow);
}

static void a_pale_first_colour_leaves_the_controls_to_the_second(void **state)
{
    struct rgb yellow = { 0xff, 0xe6, 0x00 }, navy = { 0x12, 0x2b, 0x5c };
    struct brand_tokens tokens = brand_derive(yellow, navy);
    assert_memory_equal(&tokens.light.band, &yellow, sizeof yellow);
    assert_memory_equal(&tokens.light.accent, &navy, sizeof navy);
}

static void contrast_is_that_of_wcag(void **state)
{
    struct rgb white = { 255, 255, 255 }, black = { 0 }, grey = { 0x77, 0x77, 0x77 };
    assert_true(fabs(rgb_contrast(white, black) - 21) < 1e-9);
    assert_true(fabs(rgb_contrast(grey, white) - 4.48) < 0.005);
    assert_true(fabs(rgb_contrast(white, grey) - rgb_contrast(grey, white)) < 1e-12);
}

static void only_six_digits_after_a_hash_are_a_colour(void **state)
{
    struct rgb c;
    assert_true(rgb_parse(S("#aB01f9"), &c));
    assert_int_equal(c.red, 0xab);
    assert_int_equal(c.green, 0x01);
    assert_int_equal(c.blue, 0xf9);
    assert_false(rgb_parse(S(""), &c));
    assert_false(rgb_parse(S("#fff"), &c));
    assert_false(rgb_parse(S("aabbccd"), &c));
    assert_false(rgb_parse(S("#aabbcg"), &c));
    assert_false(rgb_parse(S("#aabbccd"), &c));
}

static bool contains(const struct buf *b, const char *part)
{
    return str_find(buf_str(b), str_from(part)) != SIZE_MAX;
}

static void the_style_sheet_sets_every_token_for_light_and_dark(void **state)
{
    struct arena *arena = arena_make();
    struct buf css = { .arena = arena };
    brand_css(&css, S("#0b6b5a"), S("#f5b82e"));
    assert_true(contains(&css, ":root{--band:#0b6b5a;--on-band:#ffffff;--band-action:#f5b82e;"));
    assert_true(contains(&css, "@media (prefers-color-scheme:dark){\n:root{--band:#"));
    assert_true(contains(&css, "--second:#"));
    arena_free(arena);
}

static void what_is_no_colour_cannot_reach_the_style_sheet(void **state)
{
    struct arena *arena = arena_make();
    struct buf plain = { .arena = arena }, hostile = { .arena = arena };
    brand_css(&plain, S(""), S(""));
    brand_css(&hostile, S("}x{a:b"), S("red;}*{"));
    assert_true(str_equal(buf_str(&plain), buf_str(&hostile)));
    arena_free(arena);
}

/* --- The same numbers in app.css -------------------------------------------------------------- */

static char *app_css(void)
{
    char path[4096];
    const char *root = getenv("SOURCE_ROOT");
    snprintf(path, sizeof path, "%s/web/static/app.css", root == NULL ? "." : root);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot read %s", path);
    static char text[200000];
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    return text;
}

/* The `nth` definition of --name as oklch(L C H); the first is light, the second dark. */
static struct rgb token_of(const char *css, const char *name, int nth)
{
    char start[64];
    snprintf(start, sizeof start, "--%s: oklch(", name);
    const char *at = css;
    for (int i = 0; i <= nth; i++) {
        at = strstr(at, start);
        if (at == NULL)
            fail_msg("app.css does not define --%s %d times", name, nth + 1);
        at += strlen(start);
    }
    char *end;
    double lightness = strtod(at, &end);
    double chroma = strtod(end, &end);
    double hue = strtod(end, &end);
    assert_int_equal(*end, ')');
    return rgb_from_oklch(lightness, chroma, hue);
}

static void app_css_has_the_neutral_colours_we_compute_with(void **state)
{
    const char *css = app_css();
    for (int dark = 0; dark < 2; dark++) {
        struct brand_neutrals n = brand_neutrals(dark);
        struct rgb page = token_of(css, "page", dark), surface = token_of(css, "surface", dark);
        struct rgb sunken = token_of(css, "sunken", dark), text = token_of(css, "text", dark);
        struct rgb muted = token_of(css, "muted", dark);
        assert_memory_equal(&page, &n.page, sizeof page);
        assert_memory_equal(&surface, &n.surface, sizeof surface);
        assert_memory_equal(&sunken, &n.sunken, sizeof sunken);
        assert_memory_equal(&text, &n.text, sizeof text);
        assert_memory_equal(&muted, &n.muted, sizeof muted);
    }
}

static void colours_of_app_css_that_no_brand_changes_have_contrast_too(void **state)
{
    static const char *const backs[] = { "page", "surface", "sunken" };
    static const char *const words[] = { "text", "muted", "good", "warn", "bad" };
    static const char *const kinds[] = { "good", "warn", "bad" };
    const char *css = app_css();
    for (int dark = 0; dark < 2; dark++) {
        for (size_t b = 0; b < 3; b++) {
            struct rgb back = token_of(css, backs[b], dark);
            for (size_t w = 0; w < 5; w++)
                expect(token_of(css, words[w], dark), back, 4.5, words[w], backs[b]);
            expect(token_of(css, "control-line", dark), back, 3, "control-line", backs[b]);
        }
        for (size_t k = 0; k < 3; k++) {
            char soft[32];
            snprintf(soft, sizeof soft, "%s-soft", kinds[k]);
            expect(token_of(css, kinds[k], dark), token_of(css, soft, dark), 4.5, kinds[k], soft);
            expect(token_of(css, "text", dark), token_of(css, soft, dark), 4.5, "text", soft);
        }
        expect(token_of(css, "on-bad", dark), token_of(css, "bad", dark), 4.5, "on-bad", "bad");
    }
}

static void without_a_brand_app_css_shows_the_default_colours(void **state)
{
    const char *css = app_css();
    struct arena *arena = arena_make();
    struct buf plain = { .arena = arena };
    brand_css(&plain, S(""), S(""));
    struct str rest = buf_str(&plain);
    const char *at = css;
    while (rest.size > 0) { /* every declaration, in the same order */
        size_t from = str_find(rest, S("--"));
        if (from == SIZE_MAX)
            break;
        rest = str_slice(rest, from, rest.size);
        struct str name = str_cut(&rest, ':'), value = str_cut(&rest, ';');
        const char *line =
            str_c(arena, str_printf(arena, "%.*s: %.*s;", STR_ARG(name), STR_ARG(value)));
        at = strstr(at, line);
        if (at == NULL)
            fail_msg("app.css lacks \"%s\" (or has it in another order)", line);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest brand_tests[] = {
        cmocka_unit_test(fifty_random_brands_keep_their_contrast),
        cmocka_unit_test(pathological_brands_keep_their_contrast),
        cmocka_unit_test(a_grid_over_all_colours_keeps_its_contrast),
        cmocka_unit_test(a_readable_brand_colour_stays_as_it_is),
        cmocka_unit_test(a_pale_first_colour_leaves_the_controls_to_the_second),
        cmocka_unit_test(contrast_is_that_of_wcag),
        cmocka_unit_test(only_six_digits_after_a_hash_are_a_colour),
        cmocka_unit_test(the_style_sheet_sets_every_token_for_light_and_dark),
        cmocka_unit_test(what_is_no_colour_cannot_reach_the_style_sheet),
        cmocka_unit_test(app_css_has_the_neutral_colours_we_compute_with),
        cmocka_unit_test(colours_of_app_css_that_no_brand_changes_have_contrast_too),
        cmocka_unit_test(without_a_brand_app_css_shows_the_default_colours),
    };
    return cmocka_run_group_tests(brand_tests, NULL, NULL);
}
