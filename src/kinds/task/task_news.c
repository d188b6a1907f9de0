/* What other programs are told of items: those that have their answer, many in one piece of news.
 */
#include "task_engine.h"

#include "commons/webhook/webhook.h"
#include "platform/json/json.h"

enum { TOLD_AT_ONCE_MAX = 100 };

static void write_item(struct buf *out, struct task_item_id id,
                       const struct task_item_get_row *item)
{
    buf_add(out, out->size > 0 ? S(",") : S(""));
    buf_add(out, S("{\"task_item_id\":"));
    json_id(out, id.value);
    buf_add(out, S(",\"item_key\":"));
    json_text(out, item->item_key);
    buf_add(out, S(",\"state\":"));
    json_text(out, item->item_state);
    buf_add(out, S(",\"answer\":"));
    json_text(out, item->answer);
    buf_add(out, S(",\"caption\":"));
    json_text(out, item->caption);
    buf_add(out, S(",\"confidence\":"));
    json_number(out, item->confidence);
    buf_printf(out, ",\"answers\":%lld}", (long long)item->given);
}

static void tell(struct sql *db, int64_t now, struct campaign_id campaign_id,
                 const struct buf *items)
{
    struct buf out = { .arena = sql_arena(db) };
    buf_add(&out, S("{\"campaign_id\":"));
    json_id(&out, campaign_id.value);
    buf_add(&out, S(",\"items\":["));
    buf_add(&out, buf_str(items));
    buf_add(&out, S("]}"));
    webhook_tell(db, now, campaign_id, TASK_NEWS_SETTLED, buf_str(&out));
}

/* What it was kept as decides: it may have been set aside meanwhile, or the budget may be used up.
 */
static bool is_news(struct sql *db, struct campaign_id campaign_id,
                    const struct task_judged *judged, struct task_item_get_row *item)
{
    return !judged->is_control &&
           task_item_get(db, (struct task_item_get){ campaign_id, judged->task_item_id }, item) &&
           (str_equal(item->item_state, S("settled")) ||
            str_equal(item->item_state, S("undecided")));
}

void task_tell_settled(struct sql *db, int64_t now, struct campaign_id campaign_id,
                       const struct task_judged *judged, size_t count)
{
    struct buf items = { .arena = sql_arena(db) };
    struct task_item_get_row item;
    size_t told = 0;
    if (count == 0 || !webhook_is_wanted(db, campaign_id, TASK_NEWS_SETTLED))
        return;
    for (size_t i = 0; i < count; i++) {
        if (!is_news(db, campaign_id, &judged[i], &item))
            continue;
        write_item(&items, judged[i].task_item_id, &item);
        if (++told % TOLD_AT_ONCE_MAX == 0) {
            tell(db, now, campaign_id, &items);
            items.size = 0;
        }
    }
    if (items.size > 0)
        tell(db, now, campaign_id, &items);
}
