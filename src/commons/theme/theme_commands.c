/* What people decide about themes. Finding the theme that is meant takes a while and comes first;
 * the act itself is rows. */
#include "theme_inner.h"

#include <string.h>

#include "base/arena.h"
#include "base/id.h"
#include "commons/people/people.h"
#include "urls.h"

enum { MOVED_MAX = 100 };

/* An act as it will be kept. Without a subject to address it by there is no such theme any more. */
struct plan {
    struct theme_act_id theme_id; /* 0: a new theme */
    struct str name;              /* "": says nothing of it */
    struct subject_id address;
    struct subject_id *subjects; /* to be put into the theme */
    size_t count, room;
};

/* --- Planning --------------------------------------------------------------------------------- */

static void put(struct request *r, struct plan *p, struct subject_id subject_id)
{
    if (p->count == p->room) {
        p->room = p->room == 0 ? 64 : p->room * 2;
        struct subject_id *more = arena_new(r->arena, struct subject_id, p->room);
        if (p->count > 0)
            memcpy(more, p->subjects, p->count * sizeof *more);
        p->subjects = more;
    }
    p->subjects[p->count++] = subject_id;
}

/* What is shown may also be what the theme is addressed by: the oldest of its subjects is. */
static void put_shown(struct request *r, struct plan *p, struct subject_id subject_id)
{
    if (p->address.value == 0 || subject_id.value < p->address.value)
        p->address = subject_id;
    put(r, p, subject_id);
}

static void put_members(struct request *r, const struct theme_answer *a,
                        const struct found_theme *t, bool only_sure, struct plan *p)
{
    uint32_t count;
    uint32_t *texts = theme_members(r->arena, a, t, &count);
    for (uint32_t i = 0; i < count; i++)
        if (!only_sure || theme_is_sure(a, texts[i]))
            put_shown(r, p, a->held->subjects[texts[i]]);
}

/* What was put into a theme before, shown or not. */
static void put_decided(struct request *r, const struct theme_answer *a,
                        const struct found_theme *t, struct plan *p)
{
    for (size_t i = 0; t->decided != THEMES_NONE && i < a->decisions.pin_count; i++)
        if (a->decisions.pins[i].theme == t->decided)
            put(r, p, a->decisions.pins[i].subject_id);
}

/* Aims at a theme. One that nobody has touched is held together by what surely belongs to it, or by
   all of it where nothing does. */
static void aim(struct request *r, const struct theme_answer *a, const struct found_theme *t,
                struct plan *p)
{
    if (t->decided != THEMES_NONE) {
        p->theme_id = a->decisions.themes[t->decided].id;
        p->address = t->key;
        return;
    }
    put_members(r, a, t, true, p);
    if (p->count == 0)
        put_members(r, a, t, false, p);
}

bool theme_name_prepare(struct request *r, const struct theme_name_in *in)
{
    struct plan *p = r->prepared = arena_new(r->arena, struct plan, 1);
    struct theme_answer a = theme_find(r, in->grain);
    const struct found_theme *t = theme_of(r, &a, in->subject_id);
    if (t != NULL)
        aim(r, &a, t, p);
    p->name = in->name;
    theme_done(r, &a);
    return true;
}

static struct str name_of(const struct theme_answer *a, const struct found_theme *t)
{
    return t->decided != THEMES_NONE ? a->decisions.themes[t->decided].name : S("");
}

bool theme_join_prepare(struct request *r, const struct theme_join_in *in)
{
    struct plan *p = r->prepared = arena_new(r->arena, struct plan, 1);
    struct theme_answer a = theme_find(r, in->grain);
    const struct found_theme *t = theme_of(r, &a, in->subject_id);
    const struct found_theme *other = theme_of(r, &a, in->other_id);
    if (t != NULL && (other == NULL || other->key.value == t->key.value))
        problem(r, "other_id", "Choose another theme.");
    if (t != NULL && other != NULL) {
        const struct found_theme *first = t->decided != THEMES_NONE ? t : other;
        aim(r, &a, first, p);
        p->name = name_of(&a, t).size > 0 ? name_of(&a, t) : name_of(&a, other);
        p->count = 0;
        put_members(r, &a, t, false, p);
        put_members(r, &a, other, false, p);
        put_decided(r, &a, other, p);
        put_decided(r, &a, t, p);
    }
    theme_done(r, &a);
    return true;
}

/* Reads the ideas to move; reports what is wrong with them. */
static void put_typed(struct request *r, const struct theme_answer *a, struct str typed,
                      struct plan *p)
{
    size_t before = p->count;
    while (typed.size > 0) {
        struct str text = str_trim(str_cut(&typed, ' '));
        struct subject_id id;
        if (text.size == 0)
            continue;
        if (!id_parse(text, &id.value) || p->count - before == MOVED_MAX) {
            problem(r, "idea_ids", "Choose between 1 and %d ideas.", MOVED_MAX);
            return;
        }
        if (theme_of(r, a, id) == NULL) {
            problem(r, "idea_ids", "The idea %.*s is not shown here.", STR_ARG(text));
            return;
        }
        put_shown(r, p, id);
    }
    if (p->count == before)
        problem(r, "idea_ids", "Choose the ideas to move.");
}

static void plan_move(struct request *r, const struct theme_answer *a,
                      const struct theme_move_in *in, struct plan *p)
{
    struct str name = str_trim(in->name);
    bool is_new = name.size > 0;
    if (is_new == (in->to_id.value != 0))
        problem(r, "to_id", "Choose a theme, or name a new one.");
    const struct found_theme *to = is_new ? NULL : theme_of(r, a, in->to_id);
    if (!is_new && in->to_id.value != 0 && to == NULL)
        problem(r, "to_id", "This theme is not there any more. Choose another one.");
    if (to != NULL)
        aim(r, a, to, p);
    put_typed(r, a, in->idea_ids, p);
    if (is_new)
        p->name = name;
}

bool theme_move_prepare(struct request *r, const struct theme_move_in *in)
{
    struct plan *p = r->prepared = arena_new(r->arena, struct plan, 1);
    struct theme_answer a = theme_find(r, in->grain);
    if (theme_of(r, &a, in->subject_id) != NULL)
        plan_move(r, &a, in, p);
    theme_done(r, &a);
    return true;
}

/* --- Acting ----------------------------------------------------------------------------------- */

static struct theme_act_id keep(struct sql *db, int64_t now, struct campaign_id campaign_id,
                                struct person_id person_id, const char *act, struct plan *p)
{
    struct theme_act_id id = { id_make(now) };
    if (p->theme_id.value == 0)
        p->theme_id = id;
    theme_act_insert(db, (struct theme_act_insert){ .campaign_id = campaign_id,
                                                    .theme_act_id = id,
                                                    .act_name = str_from(act),
                                                    .theme_id = p->theme_id,
                                                    .theme_name = p->name,
                                                    .person_id = person_id,
                                                    .acted_at = now });
    for (size_t i = 0; i < p->count; i++)
        theme_act_subject_insert(
            db, (struct theme_act_subject_insert){ campaign_id, id, p->subjects[i] });
    return id;
}

/* Keeps what was planned; NULL when there is no such theme. */
static struct theme_decided_view *decide(struct request *r, const char *act)
{
    struct plan *p = r->prepared;
    if (p->address.value == 0)
        return NULL;
    struct theme_decided_view *view = arena_new(r->arena, struct theme_decided_view, 1);
    view->theme_act_id = keep(r->db, r->now, scope_of(r)->campaign_id, me(r), act, p);
    view->theme_id = p->theme_id;
    view->subject_id = p->address;
    view->idea_count = (int64_t)p->count;
    return view;
}

static struct url page_of(struct request *r, const struct theme_decided_view *view,
                          enum theme_grain grain)
{
    return theme_at(r, url_theme_page(r->arena, scope_of(r)->campaign_id, view->subject_id), grain);
}

struct reply theme_name(struct request *r, const struct theme_name_in *in)
{
    struct theme_decided_view *view = decide(r, "name");
    if (view == NULL)
        return reply_not_found(r);
    return theme_name_done(r, page_of(r, view, in->grain),
                           "Named. It keeps its name when ideas are added.", view);
}

struct reply theme_join(struct request *r, const struct theme_join_in *in)
{
    struct theme_decided_view *view = decide(r, "join");
    if (view == NULL)
        return reply_not_found(r);
    return theme_join_done(r, page_of(r, view, in->grain),
                           "Joined. Their ideas stay together from now on.", view);
}

struct reply theme_move(struct request *r, const struct theme_move_in *in)
{
    struct theme_decided_view *view = decide(r, "move");
    if (view == NULL)
        return reply_not_found(r);
    return theme_move_done(r, page_of(r, view, in->grain), "Moved. They stay in this theme.", view);
}

struct reply theme_undo(struct request *r, const struct theme_undo_in *in)
{
    struct theme_act_by_id_row act;
    if (!theme_act_by_id(r->db, (struct theme_act_by_id){ in->campaign_id, in->theme_act_id },
                         &act) ||
        act.undone_id.value != 0)
        return reply_not_found(r);
    struct theme_act_id id = { id_make(r->now) };
    theme_act_insert(r->db, (struct theme_act_insert){ .campaign_id = in->campaign_id,
                                                       .theme_act_id = id,
                                                       .act_name = S("undo"),
                                                       .theme_id = act.theme_id,
                                                       .undone_id = in->theme_act_id,
                                                       .person_id = me(r),
                                                       .acted_at = r->now });
    return theme_undo_done(r, url_theme_list(r->arena, in->campaign_id), "Taken back.");
}
