/* The page of what waits for the team's eyes. */
#include "moderation_inner.h"

#include "base/arena.h"
#include "urls.h"

enum { ITEMS_PER_PAGE = 50, TEXT_SHOWN = 500 };

static struct str title_of(struct request *r, struct moderation_desk *d,
                           struct subject_id subject_id)
{
    struct subject_said said;
    struct moderation_key key = { .subject_id = subject_id };
    bool found = subject_id.value != 0 &&
                 moderation_said(r->db, d->campaign.kind, scope_of(r)->campaign_id, key, &said);
    return found ? said.title : S("");
}

static struct moderation_reason_list reasons_of(struct request *r, struct moderation_desk *d,
                                                const struct moderation_newest_row *row,
                                                const struct attention *attention)
{
    struct moderation_reason reasons[MODERATION_REASONS_MAX];
    size_t count = moderation_reasons(r->arena, attention, row->copy_count,
                                      title_of(r, d, row->nearest_id), d->usual, reasons);
    struct moderation_reason_list list = {
        arena_new(r->arena, struct moderation_reason_view, count), count
    };
    for (size_t i = 0; i < count; i++) {
        list.items[i] = (struct moderation_reason_view){ .sign = str_from(reasons[i].sign),
                                                         .words = reasons[i].words,
                                                         .has_link = reasons[i].is_nearest };
        if (reasons[i].is_nearest)
            list.items[i].link = subject_url(r, row->nearest_id);
    }
    return list;
}

static bool show_item(struct request *r, struct moderation_desk *d,
                      const struct moderation_newest_row *row, struct moderation_item_view *item)
{
    struct arena *arena = r->arena;
    struct subject_said said;
    struct attention attention;
    if (!moderation_weigh(d, row, &said, &attention))
        return false;
    struct moderation_key key = { row->subject_id, row->comment_id, row->version };
    bool is_comment = row->comment_id.value != 0;
    *item = (struct moderation_item_view){
        .key = moderation_key_write(arena, key),
        .subject_id = row->subject_id,
        .comment_id = row->comment_id,
        .is_comment = is_comment,
        .title = is_comment ? title_of(r, d, row->subject_id) : said.title,
        .text = markdown_plain(arena, said.text, TEXT_SHOWN),
        .author_name = said.author_name,
        .came_at = row->came_at,
        .link = subject_url(r, row->subject_id),
        .attention = attention.probability,
        .reasons = reasons_of(r, d, row, &attention),
    };
    return true;
}

static void show_model(const struct moderation_taught *t, struct moderation_queue_view *view)
{
    if (t == NULL)
        return;
    view->decision_count = t->decisions;
    view->hidden_count = t->hidden;
    view->has_model = t->model != NULL;
    if (t->decisions < ATTENTION_DECISIONS_MIN)
        view->missing_count = ATTENTION_DECISIONS_MIN - t->decisions;
    if (t->model == NULL)
        return;
    view->foretold = attention_foretold(t->model);
    view->foretold_percent = (int64_t)(view->foretold * 100 + 0.5);
    view->is_used = view->foretold >= ATTENTION_FORETOLD_MIN;
}

static void show_items(struct request *r, struct moderation_desk *d, size_t from,
                       struct moderation_queue_view *view)
{
    size_t left = from < d->count ? d->count - from : 0;
    size_t count = left < ITEMS_PER_PAGE ? left : ITEMS_PER_PAGE;
    view->items.items = arena_new(r->arena, struct moderation_item_view, count);
    for (size_t i = 0; i < count; i++)
        view->items.count += show_item(r, d, &d->rows[d->weights[from + i].row],
                                       &view->items.items[view->items.count]);
    view->has_next = left > count;
    if (!view->has_next)
        return;
    view->next_from = (int64_t)(from + count);
    struct url page = url_moderation_queue(r->arena, scope_of(r)->campaign_id);
    view->next = url_from_text(
        str_printf(r->arena, "%.*s?from=%lld", STR_ARG(page.text), (long long)view->next_from));
}

struct reply moderation_queue(struct request *r, const struct moderation_queue_in *in)
{
    struct moderation_desk d;
    if (!moderation_desk_open(&d, r->site->app, r->db, r->arena, in->campaign_id))
        return reply_not_found(r);
    struct moderation_queue_view view = {
        .campaign = campaign_head(r),
        .waiting_count = d.waiting_count,
        .ordered_count = (int64_t)d.count,
        .fine_form =
            moderation_fine_form(r, (struct moderation_fine_in){ .campaign_id = in->campaign_id }),
        .hide_form =
            moderation_hide_form(r, (struct moderation_hide_in){ .campaign_id = in->campaign_id }),
    };
    show_model(d.taught, &view);
    show_items(r, &d, (size_t)in->from, &view);
    moderation_desk_close(&d);
    return moderation_queue_show(r, &view);
}
