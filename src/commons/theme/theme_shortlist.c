/* The shortlist: a few ideas that cover the themes, each with why it is there. */
#include "theme_inner.h"

#include "base/arena.h"
#include "base/id.h"
#include "commons/opinion/opinion.h"
#include "platform/html/html.h"
#include "sift/rank/rank.h"
#include "urls.h"

static const uint32_t sizes[] = { [SHORTLIST_SIZE_FIVE] = 5,
                                  [SHORTLIST_SIZE_TEN] = 10,
                                  [SHORTLIST_SIZE_TWENTY] = 20,
                                  [SHORTLIST_SIZE_FIFTY] = 50 };

/* Shown ideas, which is what is chosen from, and what was chosen. */
struct shortlist_choice {
    struct theme_answer answer;
    uint32_t count;
    uint32_t *text; /* by entry */
    uint32_t *leader;
    struct shortlist_pick *picks;
    uint32_t pick_count;
    struct opinion_liking *likings; /* by ascending subject */
    size_t liking_count;
};

/* --- Choosing --------------------------------------------------------------------------------- */

/* By entry the entry it is led by. Where the leader is not shown any more, the first that it leads
   takes its place. */
static uint32_t *lead_shown(struct request *r, const struct shortlist_choice *c)
{
    const struct theme_holding *held = c->answer.held;
    uint32_t *stands_for = arena_new(r->arena, uint32_t, held->count); /* by leader: entry + 1 */
    uint32_t *leader = arena_new(r->arena, uint32_t, c->count);
    for (uint32_t e = 0; e < c->count; e++) /* leaders stand before those they lead */
        if (stands_for[held->leader[c->text[e]]] == 0)
            stands_for[held->leader[c->text[e]]] = e + 1;
    for (uint32_t e = 0; e < c->count; e++)
        leader[e] = stands_for[held->leader[c->text[e]]] - 1;
    return leader;
}

/* What each opinion group thinks of each entry: count × *group_count, the lower bound of those who
   agree; NULL where there is no map. */
static double *group_merit(struct request *r, struct shortlist_choice *c, uint32_t *group_count)
{
    c->liking_count = opinion_likings_of(r->db, scope_of(r)->campaign_id, &c->likings);
    for (size_t i = 0; i < c->liking_count; i++)
        if (c->likings[i].group >= *group_count && c->likings[i].group < SHORTLIST_GROUPS_MAX)
            *group_count = c->likings[i].group + 1;
    if (*group_count == 0)
        return NULL;
    double *merit = arena_take_array(r->arena, *group_count * sizeof *merit, c->count);
    uint32_t entry = 0;
    for (size_t i = 0; i < c->liking_count; i++) {
        const struct opinion_liking *l = &c->likings[i];
        while (entry < c->count &&
               c->answer.held->subjects[c->text[entry]].value < l->subject_id.value)
            entry++;
        if (entry < c->count && l->group < *group_count &&
            c->answer.held->subjects[c->text[entry]].value == l->subject_id.value)
            merit[(size_t)entry * *group_count + l->group] =
                rank_wilson(l->agree, l->seen - l->agree);
    }
    return merit;
}

static void choose(struct request *r, struct shortlist_choice *c, uint32_t wanted)
{
    const struct theme_answer *a = &c->answer;
    c->text = arena_new(r->arena, uint32_t, a->held->count);
    for (uint32_t i = 0; i < a->held->count; i++)
        if (a->numbers[i].is_shown)
            c->text[c->count++] = i;
    uint32_t *theme = arena_new(r->arena, uint32_t, c->count);
    double *merit = arena_new(r->arena, double, c->count);
    for (uint32_t e = 0; e < c->count; e++) {
        theme[e] = a->item_of[c->text[e]] == THEMES_NONE ? SHORTLIST_NONE : a->item_of[c->text[e]];
        merit[e] = a->numbers[c->text[e]].merit;
    }
    c->leader = lead_shown(r, c);
    c->picks = arena_new(r->arena, struct shortlist_pick, wanted);
    struct shortlist_entries entries = {
        .count = c->count, .theme = theme, .merit = merit, .leader = c->leader
    };
    entries.group_merit = group_merit(r, c, &entries.group_count);
    c->pick_count = shortlist_choose(&entries, wanted, c->picks);
}

static struct shortlist_choice choose_for(struct request *r, enum theme_grain grain,
                                          enum shortlist_size size)
{
    struct shortlist_choice c = { .answer = theme_find(r, grain) };
    if (c.answer.held != NULL)
        choose(r, &c, sizes[size]);
    return c;
}

/* --- Saying why ------------------------------------------------------------------------------- */

static void say(struct shortlist_pick_view *view, struct str words)
{
    view->reasons.items[view->reasons.count++] = (struct shortlist_reason_view){ words };
}

/* "Group B of the opinion map likes it best: 83 % agree". */
static void say_who_likes_it(struct request *r, const struct shortlist_choice *c,
                             const struct shortlist_pick *pick, struct shortlist_pick_view *v)
{
    for (size_t i = 0; i < c->liking_count; i++) {
        const struct opinion_liking *l = &c->likings[i];
        if (l->subject_id.value == v->subject_id.value && l->group < SHORTLIST_GROUPS_MAX &&
            (pick->best_of_groups >> l->group & 1) != 0)
            say(v, str_printf(r->arena, "Group %c of the opinion map likes it best: %lld %% agree",
                              (char)('A' + l->group), (long long)(100 * l->agree / l->seen)));
    }
}

static void give_reasons(struct request *r, const struct shortlist_choice *c,
                         const struct shortlist_pick *pick, struct shortlist_pick_view *v)
{
    enum { REASONS_MAX = 3 + SHORTLIST_GROUPS_MAX };
    v->reasons.items = arena_new(r->arena, struct shortlist_reason_view, REASONS_MAX);
    if (v->theme_key.value == 0)
        say(v, S("Like no other"));
    else if (v->is_first_of_theme)
        say(v, str_printf(r->arena, "Stands for %lld ideas on %.*s", (long long)v->theme_size,
                          STR_ARG(v->theme_label)));
    else
        say(v, str_printf(r->arena, "Another of %lld ideas on %.*s", (long long)v->theme_size,
                          STR_ARG(v->theme_label)));
    if (v->is_best_of_all && v->up > 0)
        say(v, S("The best supported of all"));
    else if (v->is_best_of_theme && v->up > 0 && v->theme_size > 1)
        say(v, S("The best supported of its theme"));
    say_who_likes_it(r, c, pick, v);
    if (v->alike.count > 0)
        say(v,
            str_printf(r->arena,
                       v->alike.count == 1 ? "%zu says nearly the same" : "%zu say nearly the same",
                       v->alike.count));
}

static struct shortlist_alike_list alike(struct request *r, const struct shortlist_choice *c,
                                         const struct shortlist_pick *pick)
{
    struct shortlist_alike_list list = {
        arena_new(r->arena, struct shortlist_alike_view, pick->duplicate_count), 0
    };
    for (uint32_t e = 0; e < c->count && list.count < pick->duplicate_count; e++) {
        if (e == pick->entry || c->leader[e] != c->leader[pick->entry])
            continue;
        struct subject_id id = c->answer.held->subjects[c->text[e]];
        list.items[list.count++] =
            (struct shortlist_alike_view){ id, theme_title(r, id), subject_url(r, id) };
    }
    return list;
}

static struct shortlist_pick_view pick_view(struct request *r, const struct shortlist_choice *c,
                                            uint32_t place, enum theme_grain grain)
{
    const struct shortlist_pick *pick = &c->picks[place];
    const struct theme_answer *a = &c->answer;
    uint32_t text = c->text[pick->entry], item = a->item_of[text];
    const struct theme_numbers *n = &a->numbers[text];
    struct subject_id id = a->held->subjects[text];
    struct shortlist_pick_view v = {
        .place = place + 1,
        .subject_id = id,
        .title = theme_title(r, id),
        .link = subject_url(r, id),
        .up = n->up,
        .down = n->down,
        .merit = n->merit,
        .theme_size = pick->theme_size,
        .is_first_of_theme = pick->is_first_of_theme,
        .is_best_of_theme = pick->is_best_of_theme,
        .is_best_of_all = pick->is_best_of_all,
        .alike = alike(r, c, pick),
    };
    if (item != THEMES_NONE) {
        struct campaign_id campaign_id = scope_of(r)->campaign_id;
        v.theme_key = a->items[item].key;
        v.theme_label = a->items[item].label;
        v.theme_link = theme_at(r, url_theme_page(r->arena, campaign_id, v.theme_key), grain);
    }
    give_reasons(r, c, pick, &v);
    return v;
}

/* --- The page --------------------------------------------------------------------------------- */

static struct url address(struct request *r, struct url page, enum shortlist_size size,
                          enum theme_grain grain)
{
    return url_from_text(str_printf(r->arena, "%.*s?size=%s&grain=%s", STR_ARG(page.text),
                                    shortlist_size_names[size], theme_grain_names[grain]));
}

static void offer_others(struct request *r, const struct shortlist_in *in,
                         struct shortlist_view *view)
{
    struct url page = url_shortlist(r->arena, in->campaign_id);
    size_t size_count = SHORTLIST_SIZE_FIFTY - SHORTLIST_SIZE_FIVE + 1;
    view->sizes =
        (struct link_list){ arena_new(r->arena, struct link_view, size_count), size_count };
    for (size_t i = 0; i < size_count; i++) {
        enum shortlist_size size = SHORTLIST_SIZE_FIVE + (enum shortlist_size)i;
        view->sizes.items[i] =
            (struct link_view){ str_from(shortlist_size_labels[size]),
                                address(r, page, size, in->grain), size == in->size };
    }
    size_t grain_count = THEME_GRAIN_FINEST - THEME_GRAIN_BROADEST + 1;
    view->grains =
        (struct link_list){ arena_new(r->arena, struct link_view, grain_count), grain_count };
    for (size_t i = 0; i < grain_count; i++) {
        enum theme_grain grain = THEME_GRAIN_BROADEST + (enum theme_grain)i;
        view->grains.items[i] =
            (struct link_view){ str_from(theme_grain_labels[grain]),
                                address(r, page, in->size, grain), grain == in->grain };
    }
    view->csv = address(r, url_shortlist_csv(r->arena, in->campaign_id), in->size, in->grain);
}

struct reply shortlist(struct request *r, const struct shortlist_in *in)
{
    struct shortlist_choice c = choose_for(r, in->grain, in->size);
    struct shortlist_view view = {
        .campaign = campaign_head(r),
        .size = str_from(shortlist_size_names[in->size]),
        .grain = str_from(theme_grain_names[in->grain]),
        .picks = { arena_new(r->arena, struct shortlist_pick_view, c.pick_count), c.pick_count },
        .idea_count = c.count,
        .theme_count = c.answer.count,
    };
    for (uint32_t i = 0; i < c.pick_count; i++) {
        struct shortlist_pick_view *v = &view.picks.items[i];
        *v = pick_view(r, &c, i, in->grain);
        if (v->is_first_of_theme && v->theme_key.value != 0) {
            view.covered_count++;
            view.spoken_for += v->theme_size;
        }
    }
    offer_others(r, in, &view);
    theme_done(r, &c.answer);
    return shortlist_show(r, &view);
}

static void csv_row(struct request *r, const struct shortlist_pick_view *v, struct buf *out)
{
    struct buf why = { .arena = r->arena };
    for (size_t i = 0; i < v->reasons.count; i++) {
        buf_add(&why, i > 0 ? S("; ") : S(""));
        buf_add(&why, v->reasons.items[i].words);
    }
    buf_printf(out, "%lld,", (long long)v->place);
    text_csv_cell(out, id_text(r->arena, v->subject_id.value));
    const struct str cells[] = { v->title, v->theme_label, buf_str(&why) };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        buf_char(out, ',');
        text_csv_cell(out, cells[i]);
    }
    buf_printf(out, ",%lld,%lld\r\n", (long long)v->up, (long long)v->down);
}

struct reply shortlist_csv(struct request *r, const struct shortlist_csv_in *in)
{
    struct shortlist_choice c = choose_for(r, in->grain, in->size);
    struct buf out = { .arena = r->arena };
    buf_add(&out, S("place,idea_id,title,theme,why,up,down\r\n"));
    for (uint32_t i = 0; i < c.pick_count; i++) {
        struct shortlist_pick_view v = pick_view(r, &c, i, in->grain);
        csv_row(r, &v, &out);
    }
    theme_done(r, &c.answer);
    struct reply reply = reply_bytes(r, S("text/csv; charset=utf-8"), buf_str(&out));
    reply.filename = S("shortlist.csv");
    return reply;
}
