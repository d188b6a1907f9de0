/* Two colours of a brand, and everything the style sheet needs derived from them.
 *
 * An organisation chooses two colours. Taken as they are, text on them would often be unreadable,
 * so the tokens below are derived in OKLCH (Björn Ottosson, "A perceptual color space for image
 * processing", 2020): hue stays, chroma is only reduced where sRGB ends, lightness moves as little
 * as contrast demands. Contrast is that of WCAG 2.2, computed on the eight-bit colours that are
 * printed, against the neutral colours of web/static/app.css (which a test holds equal to ours).
 *
 * What always holds, in light and dark, for any two colours:
 *   on_band on band, on_accent on accent and accent_hover, on_band_action on band_action,
 *   accent_text on page, surface, sunken and accent_soft, the page's text and muted text on
 *   accent_soft                                                                    ≥ 4.5 : 1
 *   accent and accent_hover on page, surface, sunken and accent_soft; second on page, surface and
 *   sunken; band_action on band                                                    ≥ 3 : 1
 */
#pragma once
#include "base/buf.h"

struct rgb {
    uint8_t red, green, blue;
};

/* The neutral colours of app.css that brand colours stand on or carry. */
struct brand_neutrals {
    struct rgb page, surface, sunken, text, muted;
};

struct brand_scheme {
    struct rgb band;           /* the wide field behind a campaign's question */
    struct rgb on_band;        /* text on it */
    struct rgb band_action;    /* the main action on it */
    struct rgb on_band_action; /* its words */
    struct rgb accent;         /* filled controls */
    struct rgb accent_hover;   /* the same under the pointer */
    struct rgb on_accent;      /* words on both */
    struct rgb accent_text;    /* links, numbers, the focus ring */
    struct rgb accent_soft;    /* a quiet field: what is chosen */
    struct rgb second;         /* bars and lines of pictures */
};

struct brand_tokens {
    struct brand_scheme light, dark;
};

/* Exactly "#rrggbb", either case. */
bool rgb_parse(struct str text, struct rgb *colour);
/* WCAG 2.2 contrast ratio, 1 … 21. */
double rgb_contrast(struct rgb a, struct rgb b);
/* OKLCH (lightness 0 … 1, chroma, hue in degrees) as sRGB; chroma is reduced until it fits. */
struct rgb rgb_from_oklch(double lightness, double chroma, double hue_degrees);

struct brand_neutrals brand_neutrals(bool dark);
struct brand_tokens brand_derive(struct rgb colour_1, struct rgb colour_2);

/* The style sheet of a brand: custom properties of :root for light and dark. A colour that is not
   "#rrggbb" (an organisation that has not chosen) counts as the one app.css has without a brand. */
void brand_css(struct buf *out, struct str colour_1, struct str colour_2);
