/* What is told to whom, when it is tried again, and how it is signed. */
#include "webhook_inner.h"

#include <sodium.h>
#include <string.h>

#include "base/check.h"
#include "base/id.h"
#include "platform/clock/clock.h"
#include "platform/json/json.h"

enum { SECRET_BYTES = 32 };
static const char secret_head[] = "whsec_";

/* Events that are news for others; what is not here stays in the house. */
static const struct webhook_kind kinds[] = {
    { "campaign.opened", NULL, NULL, "A campaign takes contributions now" },
    { "campaign.scheduled", NULL, NULL, "It will open by itself" },
    { "campaign.withdrawn", NULL, NULL, "It is a draft again" },
    { "campaign.changed", NULL, NULL, "Its words or dates were changed" },
    { "campaign.extended", NULL, NULL, "It closes later" },
    { "campaign.paused", NULL, NULL, "It takes nothing for a while" },
    { "campaign.resumed", NULL, NULL, "It goes on" },
    { "campaign.closed", NULL, NULL, "It takes nothing any more" },
    { "campaign.cancelled", NULL, NULL, "It was cancelled" },
    { "idea.submitted", "idea_id", NULL, "An idea was shared" },
    { "idea.changed", "idea_id", NULL, "Its author changed it" },
    { "idea.withdrawn", "idea_id", NULL, "Its author took it back" },
    { "idea.hidden", "idea_id", NULL, "The team hid it" },
    { "idea.shown", "idea_id", NULL, "The team shows it again" },
    { "ideas.imported", NULL, NULL, "Ideas came from a file" },
    { "comment.added", "subject_id", "comment_id", "Somebody commented" },
    { "comment.withdrawn", "subject_id", "comment_id", "Its author took it back" },
    { "comment.hidden", "subject_id", "comment_id", "The team hid it" },
    { "comment.shown", "subject_id", "comment_id", "The team shows it again" },
    { "task.item_settled", NULL, NULL, "Items of a campaign of tasks have their answer" },
    { "task.rejected", "task_answer_id", NULL, "An answer was rejected" },
    { "task.rejection_overturned", "task_answer_id", NULL, "It is paid after an appeal" },
    { "task.rejection_upheld", "task_answer_id", NULL, "An appeal changed nothing" },
    { "money.deposited", NULL, NULL, "A budget grew" },
    { "money.withdrawn", NULL, NULL, "Something was taken out of it" },
    { "money.bonus", NULL, "ledger_entry_id", "A bonus was given" },
    { "money.reversed", NULL, "ledger_entry_id", "An entry was taken back" },
    { "payout.asked", NULL, "payout_id", "Somebody asks for what they earned" },
    { "payout.withdrawn", NULL, "payout_id", "They took the request back" },
    { "payout.declined", NULL, "payout_id", "It was declined" },
    { "payout.batched", NULL, "payout_batch_id", "A batch of payouts was made" },
    { "payout.approved", NULL, "payout_batch_id", "A manager approved it" },
    { "payout.dissolved", NULL, "payout_batch_id", "It was taken apart" },
    { "payout.paid", NULL, "payout_id", "A payout is on its way" },
    { "payout.returned", NULL, "payout_id", "The bank returned it" },
};

const struct webhook_kind *webhook_kind_at(size_t n)
{
    return n < sizeof kinds / sizeof kinds[0] ? &kinds[n] : NULL;
}

const struct webhook_kind *webhook_kind_named(struct str name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_equal(name, str_from(kinds[i].name)))
            return &kinds[i];
    return NULL;
}

/* --- Which kinds ------------------------------------------------------------------------------ */

static bool fits(struct str pattern, struct str kind)
{
    if (str_ends(pattern, S(".*")))
        return str_starts(kind, str_slice(pattern, 0, pattern.size - 1));
    return str_equal(pattern, kind);
}

static bool fits_any(struct str pattern)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (fits(pattern, str_from(kinds[i].name)))
            return true;
    return false;
}

static bool is_between(char c)
{
    return c == '\n' || c == ' ' || c == ',' || c == '\t';
}

bool webhook_read_kinds(struct arena *arena, struct str typed, struct str *read,
                        struct str *problem)
{
    struct buf out = { .arena = arena };
    for (size_t from = 0, to; from < typed.size; from = to + 1) {
        for (to = from; to < typed.size && !is_between(typed.data[to]);)
            to++;
        struct str one = str_slice(typed, from, to);
        bool is_there = out.size > 0 && webhook_wants(buf_str(&out), one);
        if (one.size == 0 || is_there)
            continue;
        if (!fits_any(one)) {
            *problem = str_printf(
                arena, "There is no news called “%.*s”. The list below names all.", STR_ARG(one));
            return false;
        }
        buf_add(&out, out.size > 0 ? S("\n") : S(""));
        buf_add(&out, one);
    }
    *read = buf_str(&out);
    return true;
}

bool webhook_wants(struct str wanted, struct str kind)
{
    if (wanted.size == 0 || str_equal(kind, S("webhook.test")))
        return true;
    while (wanted.size > 0)
        if (fits(str_cut(&wanted, '\n'), kind))
            return true;
    return false;
}

/* --- When ------------------------------------------------------------------------------------- */

int64_t webhook_retry_us(int64_t tries)
{
    static const int64_t seconds[] = { 5,         5 * 60,    30 * 60,   2 * 3600, 5 * 3600,
                                       10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600 };
    if (tries < 1 || tries > (int64_t)(sizeof seconds / sizeof seconds[0]))
        return 0;
    return seconds[tries - 1] * WEBHOOK_SECOND_US;
}

int64_t webhook_rest_us(int64_t failures)
{
    static const int64_t seconds_max = 300;
    int64_t seconds = 5;
    for (int64_t i = 1; i < failures && seconds < seconds_max; i++)
        seconds *= 2;
    return (seconds < seconds_max ? seconds : seconds_max) * WEBHOOK_SECOND_US;
}

/* --- What came back --------------------------------------------------------------------------- */

struct str webhook_clip(struct arena *arena, struct str body)
{
    struct buf out = { .arena = arena };
    for (size_t i = 0; i < body.size && i < 2 * WEBHOOK_ANSWER_MAX; i++) {
        unsigned char c = (unsigned char)body.data[i];
        buf_char(&out, c < ' ' || c == 0x7f ? ' ' : (char)c);
    }
    struct str text = buf_str(&out);
    /* It may be cut within a character; what is no text at all is said to be so. */
    for (int cut = 0; cut < 4 && !utf8_valid(text) && text.size > 0; cut++)
        text.size--;
    return utf8_valid(text) ? str_trim(utf8_clip(text, WEBHOOK_ANSWER_MAX))
                            : S("(an answer that is no text)");
}

/* --- Signing ---------------------------------------------------------------------------------- */

static struct str base64(struct arena *arena, const unsigned char *bytes, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_take(arena, room);
    sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    return str_from(text);
}

struct str webhook_secret_make(struct arena *arena)
{
    unsigned char bytes[SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    return str_join(arena, str_from(secret_head), base64(arena, bytes, sizeof bytes));
}

static struct str sign(struct arena *arena, struct str secret, struct str content)
{
    unsigned char key[SECRET_BYTES], mac[crypto_auth_hmacsha256_BYTES];
    size_t key_size;
    struct str text = str_slice(secret, sizeof secret_head - 1, secret.size);
    check(sodium_base642bin(key, sizeof key, text.data, text.size, NULL, &key_size, NULL,
                            sodium_base64_VARIANT_ORIGINAL) == 0);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)content.data, content.size);
    crypto_auth_hmacsha256_final(&state, mac);
    return str_join(arena, S("v1,"), base64(arena, mac, sizeof mac));
}

struct str webhook_signature(struct arena *arena, struct str secret, struct str old_secret,
                             struct str message_id, int64_t seconds, struct str body)
{
    struct buf content = { .arena = arena };
    buf_add(&content, message_id);
    buf_char(&content, '.');
    buf_int(&content, seconds);
    buf_char(&content, '.');
    buf_add(&content, body);
    struct str signature = sign(arena, secret, buf_str(&content));
    if (old_secret.size == 0)
        return signature;
    return str_printf(arena, "%.*s %.*s", STR_ARG(signature),
                      STR_ARG(sign(arena, old_secret, buf_str(&content))));
}

struct str webhook_message_id(struct arena *arena, struct webhook_delivery_id id)
{
    return str_join(arena, S("msg_"), id_text(arena, id.value));
}

/* --- Words that are gone ---------------------------------------------------------------------- */

/* Within a text of JSON a quotation mark has a backslash before it, so these stand nowhere else. */
static const struct str next_id = { "_id\":\"", 6 };

static struct str without(struct arena *arena, struct str news, const struct webhook_words *gone)
{
    struct buf told = { .arena = arena };
    struct str id =
        str_printf(arena, "%.*s%.*s\"", STR_ARG(next_id), STR_ARG(id_text(arena, gone->id)));
    size_t from = str_find(news, id);
    if (from == SIZE_MAX || gone->words.size == 0)
        return news;
    from += id.size;
    struct str rest = str_slice(news, from, news.size);
    size_t next = str_find(rest, next_id);
    json_text(&told, str_from(gone->member));
    buf_char(&told, ':');
    size_t head = told.size;
    json_text(&told, gone->words);
    size_t at = str_find(rest, buf_str(&told));
    if (at == SIZE_MAX || at > next)
        return news;
    struct buf out = { .arena = arena };
    buf_add(&out, str_slice(news, 0, from + at + head));
    buf_add(&out, S("\"\""));
    buf_add(&out, str_slice(rest, at + told.size, rest.size));
    return buf_str(&out);
}

struct str webhook_without(struct arena *arena, struct str news, const struct webhook_words *gone,
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        news = without(arena, news, &gone[i]);
    return news;
}
