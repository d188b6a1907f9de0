/* Decisions about themes out of a campaign and into one. */
#include "theme_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/id.h"
#include "platform/json/json.h"

/* --- Out -------------------------------------------------------------------------------------- */

static void act_json(struct buf *out, const struct theme_acts_after_row *row)
{
    buf_add(out, S("\n{\"theme_act_id\":"));
    json_id(out, row->theme_act_id.value);
    buf_add(out, S(",\"act\":"));
    json_text(out, row->act_name);
    buf_add(out, S(",\"theme_id\":"));
    json_id(out, row->theme_id.value);
    buf_add(out, S(",\"name\":"));
    json_text(out, row->theme_name);
    buf_add(out, S(",\"undone_id\":"));
    json_id(out, row->undone_id.value);
    buf_add(out, S(",\"acted_at\":"));
    json_time(out, row->acted_at);
}

void theme_export_json(struct sql *db, struct campaign_id campaign_id, struct buf *out)
{
    struct theme_history h = theme_history(db, campaign_id);
    size_t put = 0;
    for (size_t i = 0; i < h.count; i++) {
        if (i > 0)
            buf_char(out, ',');
        act_json(out, &h.rows[i]);
        buf_add(out, S(",\"idea_ids\":["));
        for (bool first = true;
             put < h.put_count && h.puts[put].deed.value == h.rows[i].theme_act_id.value; put++) {
            if (!first)
                buf_char(out, ',');
            first = false;
            json_id(out, h.puts[put].subject_id.value);
        }
        buf_add(out, S("]}"));
    }
}

static struct theme_decisions decisions_of(struct sql *db, struct campaign_id campaign_id)
{
    struct theme_history h = theme_history(db, campaign_id);
    return theme_decide(sql_arena(db), h.deeds, h.count, h.puts, h.put_count);
}

struct theme_names theme_names(struct sql *db, struct campaign_id campaign_id)
{
    struct theme_decisions d = decisions_of(db, campaign_id);
    struct theme_placed *items = arena_new(sql_arena(db), struct theme_placed, d.pin_count);
    for (size_t i = 0; i < d.pin_count; i++)
        items[i] = (struct theme_placed){ d.pins[i].subject_id, d.themes[d.pins[i].theme].name };
    return (struct theme_names){ d.pin_count, items };
}

static int by_subject(const void *key, const void *placed)
{
    int64_t a = ((const struct subject_id *)key)->value;
    int64_t b = ((const struct theme_placed *)placed)->subject_id.value;
    return (a > b) - (a < b);
}

struct str theme_name_of(const struct theme_names *names, struct subject_id subject_id)
{
    const struct theme_placed *found =
        names->count > 0
            ? bsearch(&subject_id, names->items, names->count, sizeof *names->items, by_subject)
            : NULL;
    return found != NULL ? found->name : S("");
}

/* --- In --------------------------------------------------------------------------------------- */

/* Pointers to placed subjects. */
static int by_name(const void *a, const void *b)
{
    const struct theme_placed *x = *(const struct theme_placed *const *)a;
    const struct theme_placed *y = *(const struct theme_placed *const *)b;
    size_t size = x->name.size < y->name.size ? x->name.size : y->name.size;
    int order = size > 0 ? memcmp(x->name.data, y->name.data, size) : 0;
    if (order != 0)
        return order;
    if (x->name.size != y->name.size)
        return x->name.size < y->name.size ? -1 : 1;
    return (x->subject_id.value > y->subject_id.value) -
           (x->subject_id.value < y->subject_id.value);
}

/* The theme of that name, or 0. */
static struct theme_act_id theme_named(const struct theme_decisions *d, struct str name)
{
    for (uint32_t i = 0; i < d->theme_count; i++)
        if (str_equal(d->themes[i].name, name))
            return d->themes[i].id;
    return (struct theme_act_id){ 0 };
}

static struct theme_act_id begin_act(struct sql *db, int64_t now, struct campaign_id campaign_id,
                                     struct person_id person_id, const struct theme_decisions *d,
                                     struct str name)
{
    struct theme_act_id id = { id_make(now) }, known = theme_named(d, name);
    theme_act_insert(db, (struct theme_act_insert){ .campaign_id = campaign_id,
                                                    .theme_act_id = id,
                                                    .act_name = S("move"),
                                                    .theme_id = known.value != 0 ? known : id,
                                                    .theme_name = known.value != 0 ? S("") : name,
                                                    .person_id = person_id,
                                                    .acted_at = now });
    return id;
}

void theme_import(struct sql *db, int64_t now, struct campaign_id campaign_id,
                  struct person_id person_id, const struct theme_placed *items, size_t count)
{
    if (count == 0)
        return;
    struct theme_decisions d = decisions_of(db, campaign_id);
    const struct theme_placed **sorted =
        arena_new(sql_arena(db), const struct theme_placed *, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &items[i];
    qsort(sorted, count, sizeof *sorted, by_name);
    struct theme_act_id act = { 0 };
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !str_equal(sorted[i]->name, sorted[i - 1]->name))
            act = begin_act(db, now, campaign_id, person_id, &d, sorted[i]->name);
        theme_act_subject_insert(
            db, (struct theme_act_subject_insert){ campaign_id, act, sorted[i]->subject_id });
    }
}
