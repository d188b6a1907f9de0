/* What other programs are told of items: those that have their answer, many in one piece of news.
 */
#include "task_engine.h"

#include "commons/webhook/webhook.h"
#include "platform/json/json.h"

enum { TOLD_AT_ONCE_MAX = 100 };
static const char settled[] = "task.item_settled";

static void write_item(struct buf *out, const struct task_judged *judged, struct str item_key)
{
    buf_add(out, S("{\"task_item_id\":"));
    json_id(out, judged->task_item_id.value);
    buf_add(out, S(",\"item_key\":"));
    json_text(out, item_key);
    buf_add(out, S(",\"state\":"));
    json_text(out, judged->kept_state);
    buf_add(out, S(",\"answer\":"));
    json_text(out, judged->answer);
    buf_add(out, S(",\"caption\":"));
    json_text(out, judged->caption);
    buf_add(out, S(",\"confidence\":"));
    json_number(out, judged->confidence);
    buf_printf(out, ",\"answers\":%lld}", (long long)judged->given);
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
    webhook_tell(db, now, campaign_id, settled, buf_str(&out));
}

static bool is_news(const struct task_judged *judged)
{
    return judged->kept_state.size > 0 && !str_equal(judged->kept_state, S("open"));
}

void task_tell_settled(struct sql *db, int64_t now, struct campaign_id campaign_id,
                       const struct task_judged *judged, size_t count)
{
    struct buf items = { .arena = sql_arena(db) };
    size_t told = 0;
    bool any = false;
    for (size_t i = 0; i < count && !any; i++)
        any = is_news(&judged[i]);
    if (!any || !webhook_is_wanted(db, campaign_id, settled))
        return;
    for (size_t i = 0; i < count; i++) {
        struct task_item_get_row item;
        if (!is_news(&judged[i]) ||
            !task_item_get(db, (struct task_item_get){ campaign_id, judged[i].task_item_id },
                           &item))
            continue;
        buf_add(&items, items.size > 0 ? S(",") : S(""));
        write_item(&items, &judged[i], item.item_key);
        if (++told % TOLD_AT_ONCE_MAX == 0) {
            tell(db, now, campaign_id, &items);
            items.size = 0;
        }
    }
    if (items.size > 0)
        tell(db, now, campaign_id, &items);
}
