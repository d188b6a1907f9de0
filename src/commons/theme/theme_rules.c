/* What people's acts about themes come to. Pure. */
#include "theme_inner.h"

#include <stdlib.h>

#include "base/arena.h"

double theme_resolution(enum theme_grain grain)
{
    switch (grain) {
    case THEME_GRAIN_BROADEST:
        return 0.5;
    case THEME_GRAIN_BROAD:
        return 1;
    case THEME_GRAIN_FINE:
        return 4;
    case THEME_GRAIN_FINEST:
        return 8;
    default:
        return 2;
    }
}

static int deed_by_id(const void *key, const void *deed)
{
    int64_t a = ((const struct theme_act_id *)key)->value;
    int64_t b = ((const struct theme_deed *)deed)->id.value;
    return (a > b) - (a < b);
}

static struct theme_deed *find_deed(struct theme_deed *deeds, size_t count, struct theme_act_id id)
{
    return count > 0 ? bsearch(&id, deeds, count, sizeof *deeds, deed_by_id) : NULL;
}

static void take_back(struct theme_deed *deeds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct theme_deed *undone =
            deeds[i].undone_id.value != 0 ? find_deed(deeds, count, deeds[i].undone_id) : NULL;
        if (undone != NULL && undone < &deeds[i])
            undone->is_undone = true;
    }
}

static bool holds(const struct theme_deed *deed)
{
    return deed->undone_id.value == 0 && !deed->is_undone;
}

static int theme_by_id(const void *a, const void *b)
{
    int64_t x = ((const struct decided_theme *)a)->id.value;
    int64_t y = ((const struct decided_theme *)b)->id.value;
    return (x > y) - (x < y);
}

/* The themes that acts speak of, by ascending id, with the last name each was given. */
static void name_themes(struct arena *arena, const struct theme_deed *deeds, size_t count,
                        struct theme_decisions *d)
{
    struct decided_theme *all = arena_new(arena, struct decided_theme, count);
    uint32_t n = 0, kept = 0;
    for (size_t i = 0; i < count; i++)
        if (holds(&deeds[i]))
            all[n++] = (struct decided_theme){ deeds[i].theme_id, S("") };
    if (n > 0)
        qsort(all, n, sizeof *all, theme_by_id);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || all[i].id.value != all[kept - 1].id.value)
            all[kept++] = all[i];
    d->themes = all;
    d->theme_count = kept;
    for (size_t i = 0; i < count; i++) {
        if (!holds(&deeds[i]) || deeds[i].name.size == 0)
            continue;
        struct decided_theme key = { .id = deeds[i].theme_id };
        struct decided_theme *t = bsearch(&key, all, kept, sizeof *all, theme_by_id);
        t->name = deeds[i].name;
    }
}

/* A pin while later ones may still replace it. */
struct candidate {
    int64_t subject, deed;
    uint32_t theme;
};

static int candidate_order(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->subject != y->subject)
        return x->subject < y->subject ? -1 : 1;
    return (x->deed > y->deed) - (x->deed < y->deed);
}

struct theme_decisions theme_decide(struct arena *arena, struct theme_deed *deeds,
                                    size_t deed_count, const struct theme_put *puts,
                                    size_t put_count)
{
    struct theme_decisions d = { 0 };
    take_back(deeds, deed_count);
    name_themes(arena, deeds, deed_count, &d);
    struct candidate *all = arena_new(arena, struct candidate, put_count);
    size_t n = 0;
    for (size_t i = 0; i < put_count; i++) {
        const struct theme_deed *deed = find_deed(deeds, deed_count, puts[i].deed);
        if (deed == NULL || !holds(deed))
            continue;
        struct decided_theme key = { .id = deed->theme_id };
        const struct decided_theme *t =
            bsearch(&key, d.themes, d.theme_count, sizeof key, theme_by_id);
        all[n++] = (struct candidate){ puts[i].subject_id.value, deed->id.value,
                                       (uint32_t)(t - d.themes) };
    }
    if (n > 0)
        qsort(all, n, sizeof *all, candidate_order);
    d.pins = arena_new(arena, struct theme_pin, n);
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || all[i + 1].subject != all[i].subject)
            d.pins[d.pin_count++] = (struct theme_pin){ { all[i].subject }, all[i].theme };
    return d;
}

static int pin_by_subject(const void *key, const void *pin)
{
    int64_t a = ((const struct subject_id *)key)->value;
    int64_t b = ((const struct theme_pin *)pin)->subject_id.value;
    return (a > b) - (a < b);
}

uint32_t theme_pinned(const struct theme_decisions *d, struct subject_id subject_id)
{
    const struct theme_pin *pin = d->pin_count > 0 ? bsearch(&subject_id, d->pins, d->pin_count,
                                                             sizeof *d->pins, pin_by_subject)
                                                   : NULL;
    return pin != NULL ? pin->theme : THEMES_NONE;
}
