/* From texts and decisions to themes with their numbers. */
#include "theme_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Of a text's ties the share that leads into its theme. */
static const double SURE_LEAST = 0.5;

static struct theme_memory *memory_of(const struct request *r)
{
    return ((const struct campaign_memory *)r->site->app)->themes;
}

/* --- What people decided ---------------------------------------------------------------------- */

static void read_deeds(struct sql *db, struct campaign_id campaign_id, struct theme_history *h)
{
    struct theme_acts_after after = { .campaign_id = campaign_id };
    struct theme_acts_after_row *page;
    size_t count;
    while ((count = theme_acts_after(db, after, &page)) > 0) {
        struct theme_acts_after_row *rows =
            arena_new(sql_arena(db), struct theme_acts_after_row, h->count + count);
        if (h->count > 0)
            memcpy(rows, h->rows, h->count * sizeof *rows);
        memcpy(rows + h->count, page, count * sizeof *rows);
        h->rows = rows;
        h->count += count;
        after.theme_act_id = page[count - 1].theme_act_id;
    }
    h->deeds = arena_new(sql_arena(db), struct theme_deed, h->count);
    for (size_t i = 0; i < h->count; i++)
        h->deeds[i] = (struct theme_deed){ .id = h->rows[i].theme_act_id,
                                           .theme_id = h->rows[i].theme_id,
                                           .undone_id = h->rows[i].undone_id,
                                           .name = h->rows[i].theme_name };
}

static void read_puts(struct sql *db, struct campaign_id campaign_id, struct theme_history *h)
{
    struct theme_act_subjects_after after = { .campaign_id = campaign_id };
    struct theme_act_subjects_after_row *page;
    size_t count, room = 0;
    while ((count = theme_act_subjects_after(db, after, &page)) > 0) {
        if (h->put_count + count > room) {
            room = (h->put_count + count) * 2;
            struct theme_put *more = arena_new(sql_arena(db), struct theme_put, room);
            if (h->put_count > 0)
                memcpy(more, h->puts, h->put_count * sizeof *more);
            h->puts = more;
        }
        for (size_t i = 0; i < count; i++)
            h->puts[h->put_count++] =
                (struct theme_put){ page[i].theme_act_id, page[i].subject_id };
        after.theme_act_id = page[count - 1].theme_act_id;
        after.subject_id = page[count - 1].subject_id;
    }
}

struct theme_history theme_history(struct sql *db, struct campaign_id campaign_id)
{
    struct theme_history h = { 0 };
    read_deeds(db, campaign_id, &h);
    read_puts(db, campaign_id, &h);
    return h;
}

/* --- Numbers ---------------------------------------------------------------------------------- */

static void read_numbers(struct request *r, struct theme_answer *a)
{
    a->numbers = arena_new(r->arena, struct theme_numbers, a->held->count);
    struct theme_subjects_after after = { .campaign_id = scope_of(r)->campaign_id };
    struct theme_subjects_after_row *rows;
    size_t count;
    uint32_t text = 0;
    while ((count = theme_subjects_after(r->db, after, &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            while (text < a->held->count &&
                   a->held->subjects[text].value < rows[i].subject_id.value)
                text++;
            if (text == a->held->count || a->held->subjects[text].value != rows[i].subject_id.value)
                continue;
            a->numbers[text] = (struct theme_numbers){ true, rows[i].up, rows[i].down,
                                                       rows[i].comment_count, rows[i].top_score };
            a->shown_count++;
        }
        after.subject_id = rows[count - 1].subject_id;
    }
}

/* --- Themes ----------------------------------------------------------------------------------- */

static struct str label_of(struct arena *arena, const struct theme_answer *a, uint32_t number)
{
    const struct theme *t = &a->themes.items[number];
    if (t->pin != THEMES_NONE && a->decisions.themes[t->pin].name.size > 0)
        return a->decisions.themes[t->pin].name;
    struct buf label = { .arena = arena };
    for (uint32_t i = 0; i < t->term_count && i < 3; i++)
        buf_printf(&label, "%s%.*s", i > 0 ? ", " : "", STR_ARG(t->terms[i].words));
    return buf_str(&label);
}

/* A subject by which to address a theme: of a decided one the oldest put there, as the known theme
   it continues is called, or else the one that stands for it. All are members now. */
static struct subject_id key_of(const struct theme_answer *a, uint32_t number, uint32_t continued)
{
    const struct theme *t = &a->themes.items[number];
    for (size_t i = 0; t->pin != THEMES_NONE && i < a->decisions.pin_count; i++) {
        const struct theme_pin *pin = &a->decisions.pins[i];
        uint32_t text =
            pin->theme == t->pin ? theme_text_of(a->held, pin->subject_id) : THEMES_NONE;
        if (text != THEMES_NONE && a->numbers[text].is_shown)
            return pin->subject_id;
    }
    if (continued != THEMES_NONE) {
        uint32_t text = theme_text_of(a->held, a->held->known_key[continued]);
        if (a->themes.of[text] == number && a->numbers[text].is_shown)
            return a->held->known_key[continued];
    }
    return a->held->subjects[t->quotes[0]];
}

static int greatest_first(const void *a, const void *b)
{
    const struct found_theme *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* The text that stands for a theme: of its quotes the first that is still shown. */
static uint32_t quote_of(const struct theme_answer *a, uint32_t number)
{
    const struct theme *t = &a->themes.items[number];
    for (uint32_t i = 0; i < t->quote_count; i++)
        if (a->numbers[t->quotes[i]].is_shown)
            return t->quotes[i];
    for (uint32_t i = 0; i < a->held->count; i++)
        if (a->themes.of[i] == number && a->numbers[i].is_shown)
            return i;
    return t->quotes[0];
}

static void add_up(struct request *r, struct theme_answer *a)
{
    uint32_t count = a->themes.count;
    struct found_theme *all = arena_new(r->arena, struct found_theme, count);
    for (uint32_t i = 0; i < a->held->count; i++) {
        uint32_t t = a->themes.of[i];
        if (!a->numbers[i].is_shown)
            continue;
        a->alone_count += t == THEMES_NONE;
        if (t != THEMES_NONE) {
            all[t].size++;
            all[t].support += a->numbers[i].up;
        }
    }
    uint32_t *continued = themes_continue(r->arena, &a->themes, a->held->known_of, a->held->count);
    for (uint32_t t = 0; t < count; t++) {
        if (all[t].size == 0)
            continue;
        struct found_theme *item = &all[a->count++];
        *item = all[t];
        item->number = t;
        item->decided = a->themes.items[t].pin;
        item->key = key_of(a, t, continued[t]);
        item->quote = quote_of(a, t);
        item->label = label_of(r->arena, a, t);
        if (item->label.size == 0) /* its ideas share no word */
            item->label = str_printf(r->arena, "Like “%.*s”",
                                     STR_ARG(theme_title(r, a->held->subjects[item->quote])));
    }
    if (a->count > 0)
        qsort(all, a->count, sizeof *all, greatest_first);
    a->items = all;
}

/* By text the place of its theme. */
static void point_back(struct request *r, struct theme_answer *a)
{
    uint32_t *place = arena_new(r->arena, uint32_t, a->themes.count);
    memset(place, 0xff, a->themes.count * sizeof *place);
    for (uint32_t i = 0; i < a->count; i++)
        place[a->items[i].number] = i;
    a->item_of = arena_new(r->arena, uint32_t, a->held->count);
    for (uint32_t i = 0; i < a->held->count; i++)
        a->item_of[i] = a->themes.of[i] == THEMES_NONE ? THEMES_NONE : place[a->themes.of[i]];
}

struct theme_answer theme_find(struct request *r, enum theme_grain grain)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct theme_answer a = { .held = theme_take(memory_of(r), r->db, campaign_id) };
    struct theme_history h = theme_history(r->db, campaign_id);
    a.decisions = theme_decide(r->arena, h.deeds, h.count, h.puts, h.put_count);
    if (a.held == NULL)
        return a;
    read_numbers(r, &a);
    uint32_t *pin = arena_new(r->arena, uint32_t, a.held->count);
    for (uint32_t i = 0; i < a.held->count; i++)
        pin[i] = theme_pinned(&a.decisions, a.held->subjects[i]);
    a.themes = themes_find(
        r->arena, &a.held->graph,
        (struct themes_wish){ .resolution = theme_resolution(grain), .seed = 1, .pin = pin });
    themes_describe(r->arena, a.held->texts, &a.held->graph, &a.themes);
    add_up(r, &a);
    point_back(r, &a);
    return a;
}

void theme_done(struct request *r, const struct theme_answer *answer)
{
    theme_give(memory_of(r), answer->held);
}

static struct found_theme *alone(struct request *r, const struct theme_answer *a, uint32_t text)
{
    struct found_theme *t = arena_new(r->arena, struct found_theme, 1);
    *t = (struct found_theme){ .key = a->held->subjects[text],
                               .number = THEMES_NONE,
                               .decided = THEMES_NONE,
                               .label = theme_title(r, a->held->subjects[text]),
                               .size = 1,
                               .support = a->numbers[text].up,
                               .quote = text };
    return t;
}

const struct found_theme *theme_of(struct request *r, const struct theme_answer *a,
                                   struct subject_id subject_id)
{
    uint32_t text = a->held != NULL ? theme_text_of(a->held, subject_id) : THEMES_NONE;
    if (text == THEMES_NONE || !a->numbers[text].is_shown)
        return NULL;
    return a->item_of[text] != THEMES_NONE ? &a->items[a->item_of[text]] : alone(r, a, text);
}

uint32_t *theme_members(struct arena *arena, const struct theme_answer *a,
                        const struct found_theme *theme, uint32_t *count)
{
    uint32_t *list = arena_new(arena, uint32_t, theme->size);
    *count = 0;
    if (theme->number == THEMES_NONE)
        list[(*count)++] = theme->quote;
    for (uint32_t i = 0; theme->number != THEMES_NONE && i < a->held->count; i++)
        if (a->themes.of[i] == theme->number && a->numbers[i].is_shown)
            list[(*count)++] = i;
    return list;
}

bool theme_is_sure(const struct theme_answer *a, uint32_t text)
{
    return a->themes.of[text] == THEMES_NONE ||
           theme_pinned(&a->decisions, a->held->subjects[text]) != THEMES_NONE ||
           a->themes.strength[text] >= SURE_LEAST;
}

struct str theme_title(struct request *r, struct subject_id subject_id)
{
    struct subject_words *rows;
    size_t count = campaign_kind(scope_of(r)->campaign.kind)
                       ->words(r->db, scope_of(r)->campaign_id, subject_id, 1, &rows);
    return count > 0 && rows[0].subject_id.value == subject_id.value ? rows[0].title : S("");
}
