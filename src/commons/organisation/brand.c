#include "commons/organisation/brand.h"

#include <math.h>

/* What app.css shows without a brand. */
static const struct rgb default_1 = { 0x24, 0x41, 0x8f };
static const struct rgb default_2 = { 0xff, 0xb4, 0x54 };

static const struct rgb white = { 255, 255, 255 };
static const struct rgb ink = { 0x14, 0x12, 0x10 };

/* A little above what WCAG asks, so that no browser's rounding falls below. */
static const double text_contrast = 4.55, control_contrast = 3.05;

struct oklch {
    double lightness, chroma, hue; /* hue in radians */
};

/* --- Colour spaces ---------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool rgb_parse(struct str text, struct rgb *colour)
{
    uint8_t bytes[3];
    if (text.size != 7 || text.data[0] != '#')
        return false;
    for (size_t i = 0; i < 3; i++) {
        int high = hex_digit(text.data[1 + 2 * i]), low = hex_digit(text.data[2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high * 16 + low);
    }
    *colour = (struct rgb){ bytes[0], bytes[1], bytes[2] };
    return true;
}

static double linear_from_byte(uint8_t byte)
{
    double v = byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static uint8_t byte_from_linear(double v)
{
    v = v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
    return (uint8_t)lround(fmin(fmax(v, 0), 1) * 255);
}

static double luminance(struct rgb c)
{
    return 0.2126 * linear_from_byte(c.red) + 0.7152 * linear_from_byte(c.green) +
           0.0722 * linear_from_byte(c.blue);
}

double rgb_contrast(struct rgb a, struct rgb b)
{
    double la = luminance(a), lb = luminance(b);
    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

static struct oklch oklch_from_rgb(struct rgb c)
{
    double r = linear_from_byte(c.red), g = linear_from_byte(c.green), b = linear_from_byte(c.blue);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    double oka = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    double okb = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
    return (struct oklch){
        .lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        .chroma = hypot(oka, okb),
        .hue = atan2(okb, oka),
    };
}

/* Converts without mapping; false when the colour lies outside sRGB. */
static bool rgb_if_inside(struct oklch c, struct rgb *colour)
{
    double a = c.chroma * cos(c.hue), b = c.chroma * sin(c.hue);
    double l = c.lightness + 0.3963377774 * a + 0.2158037573 * b;
    double m = c.lightness - 0.1055613458 * a - 0.0638541728 * b;
    double s = c.lightness - 0.0894841775 * a - 1.2914855480 * b;
    l = l * l * l, m = m * m * m, s = s * s * s;
    double linear[3] = {
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    };
    bool inside = true;
    for (int i = 0; i < 3; i++)
        inside = inside && linear[i] >= -0.0005 && linear[i] <= 1.0005;
    *colour = (struct rgb){ byte_from_linear(linear[0]), byte_from_linear(linear[1]),
                            byte_from_linear(linear[2]) };
    return inside;
}

/* Lightness and hue matter to contrast and brand, so it is chroma that gives way. */
static struct rgb rgb_mapped(struct oklch c)
{
    struct rgb colour;
    c.lightness = fmin(fmax(c.lightness, 0), 1);
    if (rgb_if_inside(c, &colour))
        return colour;
    double inside = 0, outside = c.chroma;
    for (int step = 0; step < 24; step++) {
        c.chroma = (inside + outside) / 2;
        if (rgb_if_inside(c, &colour))
            inside = c.chroma;
        else
            outside = c.chroma;
    }
    c.chroma = inside;
    rgb_if_inside(c, &colour);
    return colour;
}

struct rgb rgb_from_oklch(double lightness, double chroma, double hue_degrees)
{
    return rgb_mapped((struct oklch){ lightness, chroma, hue_degrees * M_PI / 180 });
}

/* --- Derivation ------------------------------------------------------------------------------- */

/* The same numbers stand in web/static/app.css. */
struct brand_neutrals brand_neutrals(bool dark)
{
    if (dark)
        return (struct brand_neutrals){
            .page = rgb_from_oklch(0.19, 0.006, 75),
            .surface = rgb_from_oklch(0.235, 0.007, 75),
            .sunken = rgb_from_oklch(0.155, 0.005, 75),
            .text = rgb_from_oklch(0.945, 0.006, 85),
            .muted = rgb_from_oklch(0.75, 0.01, 80),
        };
    return (struct brand_neutrals){
        .page = rgb_from_oklch(0.992, 0.002, 85),
        .surface = rgb_from_oklch(1, 0, 0),
        .sunken = rgb_from_oklch(0.967, 0.005, 85),
        .text = rgb_from_oklch(0.235, 0.012, 70),
        .muted = rgb_from_oklch(0.465, 0.014, 75),
    };
}

struct backdrops {
    struct rgb colours[5];
    size_t count;
};

static bool stands_out(struct rgb colour, const struct backdrops *on, double contrast)
{
    for (size_t i = 0; i < on->count; i++)
        if (rgb_contrast(colour, on->colours[i]) < contrast)
            return false;
    return true;
}

/* The colour with its lightness moved, as little as needed, until it stands out from all. */
static struct oklch moved(struct oklch c, const struct backdrops *on, double contrast, double step)
{
    while (!stands_out(rgb_mapped(c), on, contrast)) {
        double next = c.lightness + step;
        if (next < 0 || next > 1)
            break;
        c.lightness = next;
    }
    return c;
}

/* Words on a filled field: white where the field can carry it, if need be a little darker, since
   dark words on strong mid-tones look like a mistake; ink on light fields. Changes the field. */
static struct rgb words_on(struct oklch *field, double darkening_max)
{
    struct backdrops only_white = { { white }, 1 };
    struct oklch darker = moved(*field, &only_white, text_contrast, -0.005);
    if (field->lightness - darker.lightness <= darkening_max) {
        *field = darker;
        return white;
    }
    struct backdrops only_ink = { { ink }, 1 };
    *field = moved(*field, &only_ink, text_contrast, 0.005);
    return ink;
}

/* Which of the two colours makes the controls: the first, unless it would have to change so much
   (a yellow on white) that nobody would know it again and the second need not. */
static struct oklch accent_source(struct oklch first, struct oklch second,
                                  const struct backdrops *on, double step)
{
    static const double recognisable = 0.16;
    double by_first = fabs(moved(first, on, control_contrast, step).lightness - first.lightness);
    double by_second = fabs(moved(second, on, control_contrast, step).lightness - second.lightness);
    return by_first > recognisable && by_second < by_first ? second : first;
}

static void derive_band(struct brand_scheme *s, struct oklch first, struct oklch second, bool dark)
{
    struct oklch band = first;
    if (dark)
        band.lightness = fmin(fmax(band.lightness - 0.1, 0.27), 0.38);
    s->on_band = words_on(&band, 0.09);
    s->band = rgb_mapped(band);

    struct backdrops on = { { s->band }, 1 };
    struct oklch action = second;
    s->on_band_action = words_on(&action, 0.06);
    s->band_action = rgb_mapped(action);
    if (!stands_out(s->band_action, &on, control_contrast)) {
        s->band_action = s->on_band;
        s->on_band_action = s->band;
    }
}

static void derive_accent(struct brand_scheme *s, struct oklch first, struct oklch second,
                          const struct brand_neutrals *n, bool dark)
{
    const double step = dark ? 0.005 : -0.005;
    struct backdrops on = { { n->page, n->surface, n->sunken }, 3 };
    struct oklch accent = accent_source(first, second, &on, step);

    struct oklch soft = { dark ? 0.29 : 0.955, fmin(accent.chroma, dark ? 0.045 : 0.03),
                          accent.hue };
    s->accent_soft = rgb_mapped(soft);
    on.colours[on.count++] = s->accent_soft;

    s->accent_text = rgb_mapped(moved(accent, &on, text_contrast, step));

    /* Filling, words and hover are settled together: the hover moves away from the words, and both
       must stay visible on the page. Black-on-light fillings in the light scheme would fade into
       the page when moved up, hence the last resort below. */
    struct oklch fill = moved(accent, &on, control_contrast, step);
    s->on_accent = words_on(&fill, 0.12);
    if (!stands_out(rgb_mapped(fill), &on, control_contrast)) {
        fill = moved(accent, &on, text_contrast, step);
        s->on_accent = dark ? ink : white;
    }
    s->accent = rgb_mapped(fill);
    struct oklch hover = fill;
    hover.lightness += s->on_accent.red == 255 ? -0.05 : 0.05;
    s->accent_hover = rgb_mapped(hover);
    if (!stands_out(s->accent_hover, &on, control_contrast))
        s->accent_hover = s->accent;
}

static struct brand_scheme derive_scheme(struct rgb colour_1, struct rgb colour_2, bool dark)
{
    struct brand_scheme s = { 0 };
    struct brand_neutrals n = brand_neutrals(dark);
    struct oklch first = oklch_from_rgb(colour_1), second = oklch_from_rgb(colour_2);
    struct backdrops on = { { n.page, n.surface, n.sunken }, 3 };
    derive_band(&s, first, second, dark);
    derive_accent(&s, first, second, &n, dark);
    s.second = rgb_mapped(moved(second, &on, control_contrast, dark ? 0.005 : -0.005));
    return s;
}

struct brand_tokens brand_derive(struct rgb colour_1, struct rgb colour_2)
{
    return (struct brand_tokens){
        .light = derive_scheme(colour_1, colour_2, false),
        .dark = derive_scheme(colour_1, colour_2, true),
    };
}

/* --- The style sheet -------------------------------------------------------------------------- */

static void add_token(struct buf *out, const char *name, struct rgb c)
{
    buf_printf(out, "--%s:#%02x%02x%02x;", name, c.red, c.green, c.blue);
}

static void add_scheme(struct buf *out, const struct brand_scheme *s)
{
    buf_add(out, S(":root{"));
    add_token(out, "band", s->band);
    add_token(out, "on-band", s->on_band);
    add_token(out, "band-action", s->band_action);
    add_token(out, "on-band-action", s->on_band_action);
    add_token(out, "accent", s->accent);
    add_token(out, "accent-hover", s->accent_hover);
    add_token(out, "on-accent", s->on_accent);
    add_token(out, "accent-text", s->accent_text);
    add_token(out, "accent-soft", s->accent_soft);
    add_token(out, "second", s->second);
    buf_add(out, S("}\n"));
}

void brand_css(struct buf *out, struct str colour_1, struct str colour_2)
{
    struct rgb first = default_1, second = default_2;
    bool has_first = rgb_parse(colour_1, &first);
    if (!rgb_parse(colour_2, &second) && has_first)
        second = first;
    struct brand_tokens tokens = brand_derive(first, second);
    add_scheme(out, &tokens.light);
    buf_add(out, S("@media (prefers-color-scheme:dark){\n"));
    add_scheme(out, &tokens.dark);
    buf_add(out, S("}\n"));
}
