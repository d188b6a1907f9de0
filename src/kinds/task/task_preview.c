/* What people will see when they work, shown to the team with the campaign's own items. */
#include "task_fair.h"

#include "base/id.h"
#include "urls.h"

enum { LOOKED_AT = 200 }; /* items among which there is one that is no control */

/* The next item behind one that people are given; `last` is it when another follows. */
static bool find_item(struct request *r, struct task_item_id after,
                      struct task_items_in_state_row *item, bool *has_next)
{
    struct task_items_in_state_row *rows;
    size_t found = 0, count = task_items_in_state(
                          r->db,
                          (struct task_items_in_state){ .campaign_id = scope_of(r)->campaign_id,
                                                        .task_item_id = after,
                                                        .item_state = S("open"),
                                                        .limit = LOOKED_AT },
                          &rows);
    for (size_t i = 0; i < count && found < 2; i++)
        if (!rows[i].is_control && found++ == 0)
            *item = rows[i];
    *has_next = found == 2;
    return found > 0;
}

static void show_item(struct request *r, const struct task_rules_get_row *rules,
                      const struct task_items_in_state_row *row, struct task_preview_view *view)
{
    struct task_scheme scheme = task_scheme_of(r->arena, rules);
    struct url picture = picture_url(r->arena, row->picture_blob);
    view->item = (struct task_item_view){ .task_item_id = row->task_item_id,
                                          .shown = row->shown,
                                          .picture = picture,
                                          .image = picture.text,
                                          .has_picture = row->picture_blob.size > 0,
                                          .price = task_money(r, rules->price) };
    view->item.parts = task_fill(r, rules, &scheme, row->item_data, &view->item.ask);
    view->choices = task_options_of(r, &scheme);
    view->give_form = task_give_form(
        r, (struct task_give_in){ scope_of(r)->campaign_id, row->task_item_id, .count = 2 });
    struct url here = url_task_preview(r->arena, scope_of(r)->campaign_id);
    view->next = url_from_text(str_printf(r->arena, "%.*s?after=%.*s", STR_ARG(here.text),
                                          STR_ARG(id_text(r->arena, row->task_item_id.value))));
}

struct reply task_preview(struct request *r, const struct task_preview_in *in)
{
    struct task_preview_view view = {
        .campaign = campaign_head(r),
        .has_practice = task_practised_of(r).may_practise,
        .nothing = S("Say what people do and add items; then you see here what they will see."),
    };
    struct task_rules_get_row rules;
    struct task_items_in_state_row row;
    if (!task_rules_of(r, &rules))
        return task_preview_show(r, &view);
    view.template = rules.task_template;
    view.scale_low = rules.scale_low;
    view.scale_high = rules.scale_high;
    view.instructions = markdown_html(r->arena, rules.instructions);
    view.instructions_source = rules.instructions;
    view.has_item = find_item(r, in->after, &row, &view.has_next);
    if (view.has_item)
        show_item(r, &rules, &row, &view);
    return task_preview_show(r, &view);
}
