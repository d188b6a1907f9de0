#include "record_inner.h"

#include <sodium.h>

#include "base/check.h"
#include "base/id.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"
#include "record.sql.h"

static struct str sha256_hex(struct arena *arena, struct str a, struct str b)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)a.data, a.size);
    crypto_hash_sha256_update(&state, (const unsigned char *)b.data, b.size);
    crypto_hash_sha256_final(&state, hash);
    return str_hex(arena, hash, sizeof hash);
}

struct str record_salt(struct arena *arena)
{
    char *salt = arena_new(arena, char, RECORD_SALT_SIZE);
    random_bytes(salt, RECORD_SALT_SIZE);
    return (struct str){ salt, RECORD_SALT_SIZE };
}

struct str record_words(struct arena *arena, struct str title, struct str text)
{
    struct buf out = { .arena = arena };
    buf_add(&out, S("{\"text\":"));
    json_text(&out, text);
    buf_add(&out, S(",\"title\":"));
    json_text(&out, title);
    buf_char(&out, '}');
    return buf_str(&out);
}

struct str record_commit(struct arena *arena, struct str salt, struct str words)
{
    check(salt.size == RECORD_SALT_SIZE);
    return sha256_hex(arena, salt, words);
}

void record_opening(struct buf *out, bool *first, struct str salt, struct str words)
{
    if (salt.size != RECORD_SALT_SIZE)
        return; /* erased */
    if (!*first)
        buf_add(out, S(",\n"));
    *first = false;
    json_text(out, record_commit(out->arena, salt, words));
    buf_add(out, S(":{\"salt\":"));
    json_text(out, str_hex(out->arena, salt.data, salt.size));
    buf_add(out, S(",\"words\":"));
    json_text(out, words);
    buf_char(out, '}');
}

static void member(struct buf *out, struct str start, struct str value)
{
    buf_add(out, start);
    json_text(out, value);
}

/* What is hashed: every field but the hash, keys in byte order. */
static void canonical(struct buf *out, struct str campaign, const struct record_entry *e)
{
    member(out, S("{\"action\":"), e->action);
    member(out, S(",\"actor\":"), e->actor);
    buf_add(out, S(",\"at\":"));
    json_time(out, e->happened_at);
    member(out, S(",\"campaign\":"), campaign);
    member(out, S(",\"commitment\":"), e->commitment);
    buf_add(out, S(",\"details\":"));
    buf_add(out, e->details.size > 0 ? e->details : S("{}"));
    member(out, S(",\"previous\":"), e->previous_hash);
    member(out, S(",\"reason\":"), e->reason);
    member(out, S(",\"rule\":"), e->rule);
    buf_add(out, S(",\"seq\":"));
    buf_int(out, e->seq);
    member(out, S(",\"subject\":"), e->subject);
    buf_char(out, '}');
}

struct str record_hash(struct arena *arena, struct str campaign, const struct record_entry *entry)
{
    struct buf out = { .arena = arena };
    canonical(&out, campaign, entry);
    return sha256_hex(arena, buf_str(&out), S(""));
}

void record_write_entry(struct buf *out, struct campaign_id campaign_id,
                        const struct record_entry *entry)
{
    canonical(out, id_text(out->arena, campaign_id.value), entry);
    out->size--; /* reopen the object for its hash */
    member(out, S(",\"hash\":"), entry->entry_hash);
    buf_char(out, '}');
}

void record_append(struct sql *db, const struct record_news *news)
{
    struct arena *arena = sql_arena(db);
    struct record_head_next_row head;
    struct record_head_next next = { news->campaign_id };
    if (!record_head_next(db, next, &head)) {
        record_head_begin(db, (struct record_head_begin){ news->campaign_id });
        if (!record_head_next(db, next, &head))
            return; /* the transaction has failed */
    }
    struct record_entry entry = {
        .seq = head.seq,
        .happened_at = news->now,
        .actor = news->actor,
        .action = str_from(news->action),
        .subject = news->subject,
        .rule = news->rule,
        .reason = news->reason,
        .details = news->details.size > 0 ? news->details : S("{}"),
        .commitment = news->commitment,
        .previous_hash = head.entry_hash,
    };
    entry.entry_hash = record_hash(arena, id_text(arena, news->campaign_id.value), &entry);
    record_entry_insert(db, (struct record_entry_insert){ .campaign_id = news->campaign_id,
                                                          .seq = entry.seq,
                                                          .happened_at = entry.happened_at,
                                                          .actor = entry.actor,
                                                          .action = entry.action,
                                                          .subject = entry.subject,
                                                          .rule = entry.rule,
                                                          .reason = entry.reason,
                                                          .details = entry.details,
                                                          .commitment = entry.commitment,
                                                          .previous_hash = entry.previous_hash,
                                                          .entry_hash = entry.entry_hash });
    record_head_set(db, (struct record_head_set){ .entry_hash = entry.entry_hash,
                                                  .campaign_id = news->campaign_id });
}

/* Both queries have the same columns in the same order. */
#define ENTRY_OF(row)                                                                              \
    ((struct record_entry){ .seq = (row).seq,                                                      \
                            .happened_at = (row).happened_at,                                      \
                            .actor = (row).actor,                                                  \
                            .action = (row).action,                                                \
                            .subject = (row).subject,                                              \
                            .rule = (row).rule,                                                    \
                            .reason = (row).reason,                                                \
                            .details = (row).details,                                              \
                            .commitment = (row).commitment,                                        \
                            .previous_hash = (row).previous_hash,                                  \
                            .entry_hash = (row).entry_hash })

size_t record_before(struct sql *db, struct campaign_id campaign_id, int64_t seq, int64_t limit,
                     struct record_entry **entries)
{
    struct record_entry_page_row *rows;
    size_t count = record_entry_page(
        db, (struct record_entry_page){ .campaign_id = campaign_id, .seq = seq, .limit = limit },
        &rows);
    *entries = arena_new(sql_arena(db), struct record_entry, count);
    for (size_t i = 0; i < count; i++)
        (*entries)[i] = ENTRY_OF(rows[i]);
    return count;
}

size_t record_from(struct sql *db, struct campaign_id campaign_id, int64_t seq, int64_t limit,
                   struct record_entry **entries)
{
    struct record_entry_from_row *rows;
    size_t count = record_entry_from(
        db, (struct record_entry_from){ .campaign_id = campaign_id, .seq = seq, .limit = limit },
        &rows);
    *entries = arena_new(sql_arena(db), struct record_entry, count);
    for (size_t i = 0; i < count; i++)
        (*entries)[i] = ENTRY_OF(rows[i]);
    return count;
}

int64_t record_head(struct sql *db, struct campaign_id campaign_id, struct str *entry_hash)
{
    struct record_head_get_row head;
    *entry_hash = S("");
    if (!record_head_get(db, (struct record_head_get){ campaign_id }, &head))
        return 0;
    *entry_hash = head.entry_hash;
    return head.seq;
}

struct str record_sentence(struct str action)
{
    static const struct {
        const char *action, *sentence;
    } known[] = {
        { "campaign.created", "The campaign was drafted." },
        { "campaign.changed", "The campaign's settings were changed." },
        { "campaign.scheduled", "The campaign was set to open at its time." },
        { "campaign.opened", "The campaign was opened." },
        { "campaign.withdrawn", "The campaign was taken back to draft." },
        { "campaign.paused", "Taking part was paused." },
        { "campaign.resumed", "Taking part was resumed." },
        { "campaign.extended", "The closing time was moved to a later one." },
        { "campaign.closed", "The campaign was closed." },
        { "campaign.cancelled", "The campaign was cancelled." },
        { "terms.published", "A version of the terms was published." },
        { "idea.submitted", "An idea was submitted." },
        { "idea.changed", "An idea's author changed its words." },
        { "idea.withdrawn", "An idea's author withdrew it." },
        { "idea.hidden", "An idea was hidden." },
        { "idea.shown", "A hidden idea was shown again." },
        { "idea.imported", "An idea was taken in from a file." },
        { "ideas.imported", "Ideas were taken in from a file." },
        { "task.rejected", "An answer was rejected." },
        { "task.rejection_overturned", "A rejected answer was paid after an appeal." },
        { "task.rejection_amended", "A rejected answer was paid: the mistake was the team's." },
        { "task.control_corrected", "A known answer was wrong, and was put right." },
        { "task.form_at_fault", "The form was at fault; all answers to an item are paid." },
        { "task.rejection_upheld", "A rejection stood after an appeal." },
        { "comment.added", "A comment was written." },
        { "comment.withdrawn", "A comment's author withdrew it." },
        { "comment.hidden", "A comment was hidden." },
        { "comment.shown", "A hidden comment was shown again." },
        { "words.erased", "A person's words were erased at their wish." },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (str_equal(action, str_from(known[i].action)))
            return str_from(known[i].sentence);
    return action;
}
