/* What the team sees of themes. */
#include "theme_inner.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/id.h"
#include "urls.h"

enum { THEMES_LISTED = 200, ACTS_LISTED = 20 };

/* --- Parts ------------------------------------------------------------------------------------ */

struct url theme_at(struct request *r, struct url page, enum theme_grain grain)
{
    if (grain == THEME_GRAIN_MIDDLE)
        return page;
    return url_from_text(
        str_printf(r->arena, "%.*s?grain=%s", STR_ARG(page.text), theme_grain_names[grain]));
}

/* The page at each grain. */
static struct link_list grain_links(struct request *r, enum theme_grain chosen, struct url page)
{
    size_t count = THEME_GRAIN_FINEST - THEME_GRAIN_BROADEST + 1;
    struct link_list list = { arena_new(r->arena, struct link_view, count), count };
    for (size_t i = 0; i < count; i++) {
        enum theme_grain grain = THEME_GRAIN_BROADEST + (enum theme_grain)i;
        list.items[i] = (struct link_view){
            .label = str_from(theme_grain_labels[grain]),
            .link = theme_at(r, page, grain),
            .chosen = grain == chosen,
        };
    }
    return list;
}

static struct str terms_of(struct request *r, const struct theme_answer *a,
                           const struct found_theme *found)
{
    struct buf terms = { .arena = r->arena };
    if (found->number == THEMES_NONE)
        return S("");
    const struct theme *t = &a->themes.items[found->number];
    for (uint32_t i = 0; i < t->term_count; i++)
        buf_printf(&terms, "%s%.*s", i > 0 ? ", " : "", STR_ARG(t->terms[i].words));
    return buf_str(&terms);
}

struct theme_card_view theme_card(struct request *r, const struct theme_answer *a,
                                  const struct found_theme *t, enum theme_grain grain)
{
    const struct decided_theme *decided =
        t->decided != THEMES_NONE ? &a->decisions.themes[t->decided] : NULL;
    struct subject_id quote = a->held->subjects[t->quote];
    return (struct theme_card_view){
        .subject_id = t->key,
        .theme_id = decided != NULL ? decided->id : (struct theme_act_id){ 0 },
        .label = t->label,
        .is_named = decided != NULL && decided->name.size > 0,
        .idea_count = t->size,
        .support = t->support,
        .is_alone = t->number == THEMES_NONE,
        .percent = a->count > 0 ? (int64_t)t->size * 100 / a->items[0].size : 100,
        .terms = terms_of(r, a, t),
        .quote_id = quote,
        .quote = theme_title(r, quote),
        .quote_link = subject_url(r, quote),
        .link = theme_at(r, url_theme_page(r->arena, scope_of(r)->campaign_id, t->key), grain),
    };
}

/* --- The list --------------------------------------------------------------------------------- */

static struct theme_act_list last_acts(struct request *r)
{
    struct theme_history h = theme_history(r->db, scope_of(r)->campaign_id);
    struct theme_decisions d = theme_decide(r->arena, h.deeds, h.count, h.puts, h.put_count);
    struct theme_act_list list = { arena_new(r->arena, struct theme_act_view, ACTS_LISTED), 0 };
    size_t put = h.put_count;
    for (size_t i = h.count; i-- > 0 && list.count < ACTS_LISTED;) {
        int64_t ideas = 0;
        while (put > 0 && h.puts[put - 1].deed.value >= h.rows[i].theme_act_id.value) {
            put--;
            ideas++;
        }
        if (h.deeds[i].undone_id.value != 0)
            continue;
        struct str label = h.rows[i].theme_name;
        for (uint32_t t = 0; label.size == 0 && t < d.theme_count; t++)
            if (d.themes[t].id.value == h.rows[i].theme_id.value)
                label = d.themes[t].name;
        list.items[list.count++] = (struct theme_act_view){ .theme_act_id = h.rows[i].theme_act_id,
                                                            .act = h.rows[i].act_name,
                                                            .label = label,
                                                            .idea_count = ideas,
                                                            .person_name = h.rows[i].display_name,
                                                            .acted_at = h.rows[i].acted_at,
                                                            .is_undone = h.deeds[i].is_undone };
    }
    return list;
}

struct reply theme_list(struct request *r, const struct theme_list_in *in)
{
    struct theme_answer a = theme_find(r, in->grain);
    size_t listed = a.count < THEMES_LISTED ? a.count : THEMES_LISTED;
    struct theme_list_view view = {
        .campaign = campaign_head(r),
        .grain = str_from(theme_grain_names[in->grain]),
        .grains = grain_links(r, in->grain, url_theme_list(r->arena, in->campaign_id)),
        .themes = { arena_new(r->arena, struct theme_card_view, listed), listed },
        .theme_count = a.count,
        .idea_count = a.shown_count,
        .alone_count = a.alone_count,
        .acts = last_acts(r),
    };
    view.waiting_count = view.campaign.idea_count - a.shown_count;
    for (size_t i = 0; i < listed; i++)
        view.themes.items[i] = theme_card(r, &a, &a.items[i], in->grain);
    theme_done(r, &a);
    return theme_list_show(r, &view);
}

/* --- One theme -------------------------------------------------------------------------------- */

enum { IDEAS_PER_PAGE = 100 };

/* Surely in it before between, then by votes. */
struct member {
    uint32_t text;
    bool is_sure;
    int64_t up;
};

static int surest_first(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->is_sure != y->is_sure)
        return x->is_sure ? -1 : 1;
    if (x->up != y->up)
        return x->up > y->up ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

static struct member *members_of(struct request *r, const struct theme_answer *a,
                                 const struct found_theme *t)
{
    uint32_t count;
    uint32_t *texts = theme_members(r->arena, a, t, &count);
    struct member *list = arena_new(r->arena, struct member, count);
    for (uint32_t i = 0; i < count; i++)
        list[i] = (struct member){ texts[i], theme_is_sure(a, texts[i]), a->numbers[texts[i]].up };
    qsort(list, count, sizeof *list, surest_first);
    return list;
}

static struct theme_idea_view idea_of(struct request *r, const struct theme_answer *a,
                                      uint32_t text)
{
    struct subject_id id = a->held->subjects[text];
    return (struct theme_idea_view){
        .subject_id = id,
        .title = theme_title(r, id),
        .link = subject_url(r, id),
        .up = a->numbers[text].up,
        .down = a->numbers[text].down,
        .comment_count = a->numbers[text].comment_count,
        .strength = a->themes.strength[text],
        .percent = (int64_t)(a->themes.strength[text] * 100 + 0.5),
        .is_sure = theme_is_sure(a, text),
        .is_put = theme_pinned(&a->decisions, id) != THEMES_NONE,
    };
}

/* The other themes, to choose from. */
static struct form_option *other_themes(struct request *r, const struct theme_answer *a,
                                        const struct found_theme *here, size_t *count)
{
    struct form_option *options = arena_new(r->arena, struct form_option, a->count);
    *count = 0;
    for (uint32_t i = 0; i < a->count && *count < THEMES_LISTED; i++)
        if (&a->items[i] != here)
            options[(*count)++] = (struct form_option){
                .value = id_text(r->arena, a->items[i].key.value),
                .label =
                    str_printf(r->arena, "%.*s (%u)", STR_ARG(a->items[i].label), a->items[i].size),
            };
    return options;
}

static void offer_forms(struct request *r, const struct theme_answer *a,
                        const struct found_theme *t, enum theme_grain grain,
                        struct theme_page_view *view)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct subject_id key = t->key;
    size_t count;
    struct form_option *others = other_themes(r, a, t, &count);
    view->name_form = theme_name_form(
        r, (struct theme_name_in){ .campaign_id = campaign_id,
                                   .subject_id = key,
                                   .grain = grain,
                                   .name = view->theme.is_named ? view->theme.label : S("") });
    view->join_form = theme_join_form(
        r, (struct theme_join_in){ .campaign_id = campaign_id, .subject_id = key, .grain = grain });
    form_offer(theme_join_field(&view->join_form, THEME_JOIN_FIELD_OTHER_ID), others, count);
    view->move_form = theme_move_form(
        r, (struct theme_move_in){ .campaign_id = campaign_id, .subject_id = key, .grain = grain });
    form_offer(theme_move_field(&view->move_form, THEME_MOVE_FIELD_TO_ID),
               other_themes(r, a, t, &count), count);
}

struct reply theme_page(struct request *r, const struct theme_page_in *in)
{
    struct theme_answer a = theme_find(r, in->grain);
    const struct found_theme *t = theme_of(r, &a, in->subject_id);
    if (t == NULL || in->from > t->size) {
        theme_done(r, &a);
        return reply_not_found(r);
    }
    struct member *members = members_of(r, &a, t);
    size_t from = (size_t)in->from, left = t->size - from;
    size_t count = left < IDEAS_PER_PAGE ? left : IDEAS_PER_PAGE;
    struct url page = url_theme_page(r->arena, in->campaign_id, t->key);
    struct theme_page_view view = {
        .campaign = campaign_head(r),
        .theme = theme_card(r, &a, t, in->grain),
        .list = theme_at(r, url_theme_list(r->arena, in->campaign_id), in->grain),
        .grain = str_from(theme_grain_names[in->grain]),
        .grains = grain_links(r, in->grain, page),
        .ideas = { arena_new(r->arena, struct theme_idea_view, count), count },
        .has_next = left > count,
        .next_from = left > count ? (int64_t)(from + count) : 0,
    };
    for (uint32_t i = 0; i < t->size; i++)
        view.sure_count += members[i].is_sure;
    for (size_t i = 0; i < count; i++)
        view.ideas.items[i] = idea_of(r, &a, members[from + i].text);
    if (view.has_next)
        view.next =
            url_from_text(str_printf(r->arena, "%.*s?grain=%s&from=%lld", STR_ARG(page.text),
                                     theme_grain_names[in->grain], (long long)view.next_from));
    offer_forms(r, &a, t, in->grain, &view);
    theme_done(r, &a);
    return theme_page_show(r, &view);
}
