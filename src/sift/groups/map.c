/* The map of opinions as SVG.
 *
 * Computes: a picture of the plane: people as dots, hollow when they are between groups, each group
 *     in its hull with name and size, and a legend. Both axes have the same scale, for distances
 *     mean something and directions nothing.
 * Source: hulls by A. M. Andrew's chain, "Another efficient algorithm for convex hulls in two
 *     dimensions", Inf. Process. Lett. 9 (1979); colours by M. Okabe and K. Ito.
 * Cost: O(people log people) time, about 15 bytes of picture a person.
 * Limits: more than eight groups share colours; places are rounded to a tenth of a unit.
 */
#include "sift/groups/groups.h"

#include "base/arena.h"
#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

enum { WIDE = GROUPS_PICTURE_WIDE, HIGH = GROUPS_PICTURE_HIGH, EDGE = 40, LINE = 22 };

static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#aa4499",
                                       "#b8860b", "#56b4e9", "#882255", "#666666" };
enum { COLOURS = sizeof colours / sizeof colours[0] };

struct dot {
    double x, y;
};

/* How the plane is laid on the picture. */
struct frame {
    double scale, x, y;
};

static struct frame frame_of(const struct opinions *o, const struct groups_plane *plane,
                             const struct groups *g)
{
    double low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY };
    for (uint32_t p = 0; p < o->person_count; p++) {
        if (g->of[p] == GROUPS_NONE)
            continue;
        for (int a = 0; a < 2; a++) {
            low[a] = fmin(low[a], plane->at[a][p]);
            high[a] = fmax(high[a], plane->at[a][p]);
        }
    }
    if (g->in_count == 0)
        return (struct frame){ .scale = 1 };
    double scale = fmin((WIDE - 2 * EDGE) / fmax(high[0] - low[0], 1e-9),
                        (HIGH - 2 * EDGE) / fmax(high[1] - low[1], 1e-9));
    if (scale > 1e6) /* all at one point */
        scale = 1;
    return (struct frame){ scale, WIDE / 2.0 - scale * (low[0] + high[0]) / 2,
                           HIGH / 2.0 + scale * (low[1] + high[1]) / 2 };
}

static struct dot lay(const struct frame *f, double x, double y)
{
    return (struct dot){ f->x + f->scale * x, f->y - f->scale * y };
}

static int by_place(const void *a, const void *b)
{
    const struct dot *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

static double turn(struct dot a, struct dot b, struct dot c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* Adds one side of the hull over sorted dots; `from` is where the side begins. */
static size_t wrap(struct dot *hull, size_t count, size_t from, struct dot d)
{
    while (count >= from + 2 && turn(hull[count - 2], hull[count - 1], d) <= 0)
        count--;
    hull[count++] = d;
    return count;
}

static void draw_hull(struct buf *b, struct arena *scratch, struct dot *dots, size_t n)
{
    qsort(dots, n, sizeof *dots, by_place);
    struct dot *hull = arena_new(scratch, struct dot, 2 * n + 1);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count = wrap(hull, count, 0, dots[i]);
    size_t from = count - 1;
    for (size_t i = n - 1; i-- > 0;)
        count = wrap(hull, count, from, dots[i]);
    for (size_t i = 0; i < count; i++)
        buf_printf(b, "%s%.1f %.1f", i == 0 ? "M" : "L", hull[i].x, hull[i].y);
    buf_char(b, 'Z');
}

/* Every `step`th of the group's people, or of them only those between groups, as points of a path.
 */
static void draw_dots(struct buf *b, const struct opinions *o, const struct groups_plane *plane,
                      const struct groups *g, const struct frame *f, uint32_t group, bool between,
                      size_t step)
{
    size_t n = 0;
    for (uint32_t p = 0; p < o->person_count; p++) {
        if (g->of[p] != group || n++ % step != 0 || (between && !(g->margin[p] < GROUPS_BETWEEN)))
            continue;
        struct dot d = lay(f, plane->at[0][p], plane->at[1][p]);
        buf_printf(b, "M%.1f %.1fh0", d.x, d.y);
    }
}

static struct groups_outline outline_of(struct arena *arena, struct arena *scratch,
                                        const struct opinions *o, const struct groups_plane *plane,
                                        const struct groups *g, const struct frame *f,
                                        uint32_t group, size_t step)
{
    struct dot *dots = arena_new(scratch, struct dot, g->size[group]);
    size_t n = 0;
    for (uint32_t p = 0; p < o->person_count; p++)
        if (g->of[p] == group)
            dots[n++] = lay(f, plane->at[0][p], plane->at[1][p]);
    struct buf hull = { .arena = arena }, all = { .arena = arena }, between = { .arena = arena };
    draw_hull(&hull, scratch, dots, n);
    draw_dots(&all, o, plane, g, f, group, false, step);
    draw_dots(&between, o, plane, g, f, group, true, step);
    struct dot centre = lay(f, g->centre[0][group], g->centre[1][group]);
    return (struct groups_outline){ buf_str(&hull), buf_str(&all), buf_str(&between), centre.x,
                                    centre.y };
}

struct groups_picture groups_picture(struct arena *arena, const struct opinions *o,
                                     const struct groups_plane *plane, const struct groups *g,
                                     size_t dots_max)
{
    struct arena *scratch = arena_make();
    struct frame f = frame_of(o, plane, g);
    struct groups_picture picture = { .scale = f.scale, .x = f.x, .y = f.y };
    size_t step = g->in_count <= dots_max ? 1 : (g->in_count + dots_max - 1) / dots_max;
    for (uint32_t k = 0; k < g->count; k++)
        picture.of[k] = outline_of(arena, scratch, o, plane, g, &f, k, step);
    arena_free(scratch);
    return picture;
}

void groups_picture_place(const struct groups_picture *picture, const double at[2], double place[2])
{
    struct frame f = { picture->scale, picture->x, picture->y };
    struct dot d = lay(&f, at[0], at[1]);
    place[0] = fmin(fmax(d.x, EDGE / 2.0), WIDE - EDGE / 2.0);
    place[1] = fmin(fmax(d.y, EDGE / 2.0), HIGH - EDGE / 2.0);
}

static void draw_group(struct buf *b, const struct groups_outline *outline, uint32_t group)
{
    const char *colour = colours[group % COLOURS];
    buf_printf(b, "<g stroke=\"%s\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n", colour);
    buf_printf(
        b, "<path fill=\"%s\" fill-opacity=\".08\" stroke-opacity=\".4\" stroke-width=\"2\" d=\"",
        colour);
    buf_add(b, outline->hull);
    buf_add(b, S("\"/>\n<path fill=\"none\" stroke-opacity=\".75\" stroke-width=\"6\" d=\""));
    buf_add(b, outline->dots);
    buf_add(b, S("\"/>\n<path fill=\"none\" stroke=\"#fff\" stroke-width=\"3\" d=\""));
    buf_add(b, outline->between);
    buf_add(b, S("\"/>\n</g>\n"));
}

static void draw_name(struct buf *b, const struct groups_outline *outline, struct str name)
{
    buf_printf(b,
               "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" font-size=\"22\" "
               "font-weight=\"bold\" stroke=\"#fff\" stroke-width=\"5\" "
               "paint-order=\"stroke\" fill=\"#111\">",
               outline->x, outline->y + 8);
    buf_xml(b, name);
    buf_add(b, S("</text>\n"));
}

static void draw_legend(struct buf *b, const struct groups *g, uint32_t group, struct str name)
{
    double y = HIGH + LINE * (group + 0.5);
    buf_printf(b, "<circle cx=\"%d\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>", EDGE, y - 5,
               colours[group % COLOURS]);
    buf_printf(b, "<text x=\"%d\" y=\"%.1f\">Group ", EDGE + 14, y);
    buf_xml(b, name);
    buf_printf(b, ": %u of %u people</text>\n", g->size[group], g->in_count);
}

struct str groups_map_svg(struct arena *arena, const struct opinions *o,
                          const struct groups_plane *plane, const struct groups *g,
                          const struct str *names)
{
    struct buf b = { .arena = arena };
    struct arena *scratch = arena_make();
    struct groups_picture picture = groups_picture(scratch, o, plane, g, SIZE_MAX);
    double share = plane->variance > 0
                       ? 100 * (plane->eigenvalue[0] + plane->eigenvalue[1]) / plane->variance
                       : 0;
    int high = HIGH + LINE * ((int)g->count + 2);
    buf_printf(&b,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
               "aria-labelledby=\"t d\" font-family=\"sans-serif\" font-size=\"15\" "
               "fill=\"#111\">\n<title id=\"t\">Map of opinions</title>\n<desc id=\"d\">%u people "
               "in %u groups; who voted alike stands close together.</desc>\n"
               "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
               WIDE, high, g->in_count, g->count, WIDE, high);
    for (uint32_t k = 0; k < g->count; k++)
        draw_group(&b, &picture.of[k], k);
    for (uint32_t k = 0; k < g->count; k++) {
        draw_name(&b, &picture.of[k], names[k]);
        draw_legend(&b, g, k, names[k]);
    }
    buf_printf(&b,
               "<text x=\"%d\" y=\"%d\" font-size=\"13\">Close: voted alike. Hollow: between "
               "groups. The plane shows %.0f %% of all differences.</text>\n</svg>\n",
               EDGE, high - LINE / 2, share);
    arena_free(scratch);
    return buf_str(&b);
}
