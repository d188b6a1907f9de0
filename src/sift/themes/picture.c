/* A picture of themes as SVG.
 *
 * Computes: a bar for each of the greatest themes, as long as it has texts, under its label. The
 *     full part are texts that surely belong to it, the hollow part those that lie between themes.
 *     The same stands in words in the description, for who hears the picture.
 * Cost: O(texts + themes).
 * Limits: shows THEMES_SHOWN_MAX themes and counts the others; long labels are cut.
 */
#include "sift/themes/themes.h"

#include "base/arena.h"
#include "base/buf.h"

enum { WIDE = 800, EDGE = 24, TOP = 16, ROW = 44, BAR = 14, COUNT_ROOM = 64, LABEL_MAX = 84 };
enum { THEMES_SHOWN_MAX = 16 };
static const double SURE_LEAST = 0.5; /* strength; below, a text lies between themes */
static const char colour[] = "#0072b2";

struct picture {
    struct buf out;
    const struct themes *themes;
    const struct str *labels;
    uint32_t shown, *sure; /* by theme: how many texts are sure to belong to it */
};

static void count_sure(struct picture *p)
{
    const struct themes *t = p->themes;
    p->sure = arena_new(p->out.arena, uint32_t, t->count);
    for (uint32_t i = 0; i < t->text_count; i++)
        if (t->of[i] != THEMES_NONE)
            p->sure[t->of[i]] += t->strength[i] >= SURE_LEAST;
}

static void write_label(struct picture *p, uint32_t theme)
{
    struct str label = p->labels[theme], cut = utf8_clip(label, LABEL_MAX);
    buf_xml(&p->out, cut);
    if (cut.size < label.size)
        buf_add(&p->out, S("…"));
}

/* What the picture says, in words. */
static void describe(struct picture *p)
{
    const struct themes *t = p->themes;
    buf_printf(&p->out, "<desc id=\"d\">%u texts in %u themes.", t->text_count, t->count);
    for (uint32_t i = 0; i < p->shown; i++) {
        buf_char(&p->out, ' ');
        write_label(p, i);
        buf_printf(&p->out, ": %u, of which %u between themes.", t->items[i].size,
                   t->items[i].size - p->sure[i]);
    }
    buf_add(&p->out, S("</desc>\n"));
}

static void draw_bar(struct picture *p, uint32_t theme, double unit)
{
    uint32_t size = p->themes->items[theme].size;
    double y = TOP + ROW * (double)theme + 22, full = unit * p->sure[theme];
    buf_printf(&p->out, "<text x=\"%d\" y=\"%.0f\">", EDGE, y - 6);
    write_label(p, theme);
    buf_printf(&p->out,
               "</text>\n<rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" fill=\"none\" "
               "stroke=\"%s\"/><rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\" "
               "fill=\"%s\"/>\n<text x=\"%.1f\" y=\"%.0f\" font-size=\"13\">%u</text>\n",
               EDGE, y, unit * size, BAR, colour, EDGE, y, full, BAR, colour,
               EDGE + unit * size + 8, y + BAR - 2, size);
}

/* What the hollow part is, and what is not shown. */
static void draw_foot(struct picture *p, double y)
{
    uint32_t alone = 0, rest = 0;
    for (uint32_t i = 0; i < p->themes->text_count; i++)
        alone += p->themes->of[i] == THEMES_NONE;
    for (uint32_t t = p->shown; t < p->themes->count; t++)
        rest += p->themes->items[t].size;
    buf_printf(&p->out,
               "<text x=\"%d\" y=\"%.0f\" font-size=\"13\">Texts by theme. Hollow: between themes.",
               EDGE, y);
    if (rest > 0)
        buf_printf(&p->out, " %u more are in %u smaller themes.", rest,
                   p->themes->count - p->shown);
    if (alone > 0)
        buf_printf(&p->out, " %u like no other.", alone);
    buf_add(&p->out, S("</text>\n</svg>\n"));
}

struct str themes_svg(struct arena *arena, const struct themes *themes, const struct str *labels)
{
    struct picture p = { .out.arena = arena,
                         .themes = themes,
                         .labels = labels,
                         .shown =
                             themes->count < THEMES_SHOWN_MAX ? themes->count : THEMES_SHOWN_MAX };
    count_sure(&p);
    int high = TOP + ROW * (int)p.shown + 36;
    buf_printf(&p.out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
               "aria-labelledby=\"t d\" font-family=\"sans-serif\" font-size=\"15\" "
               "fill=\"#111\">\n<title id=\"t\">Themes</title>\n",
               WIDE, high);
    describe(&p);
    buf_printf(&p.out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", WIDE, high);
    for (uint32_t i = 0; i < p.shown; i++) /* the greatest is the first */
        draw_bar(&p, i, (WIDE - 2.0 * EDGE - COUNT_ROOM) / themes->items[0].size);
    draw_foot(&p, high - 12);
    return buf_str(&p.out);
}
