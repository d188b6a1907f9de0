/* Pure decisions about what needs eyes. */
#include "moderation_inner.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"

/* --- Keys ------------------------------------------------------------------------------------- */

struct str moderation_key_write(struct arena *arena, struct moderation_key key)
{
    char subject[ID_TEXT_SIZE + 1], comment[ID_TEXT_SIZE + 1] = "";
    id_print(key.subject_id.value, subject);
    if (key.comment_id.value != 0)
        id_print(key.comment_id.value, comment);
    return str_printf(arena, "%s%s%s_%lld", subject, key.comment_id.value != 0 ? "-" : "", comment,
                      (long long)key.version);
}

bool moderation_key_read(struct str text, struct moderation_key *key)
{
    *key = (struct moderation_key){ 0 };
    struct str version = text, ids = str_cut(&version, '_'), comment = ids;
    struct str subject = str_cut(&comment, '-');
    bool has_version = ids.size < text.size, has_comment = subject.size < ids.size;
    return id_parse(subject, &key->subject_id.value) &&
           (!has_comment || id_parse(comment, &key->comment_id.value)) &&
           (!has_version || (str_to_int64(version, &key->version) && key->version > 0));
}

/* --- Order ------------------------------------------------------------------------------------ */

static int by_attention(const void *a, const void *b)
{
    const struct moderation_weight *x = a, *y = b;
    if (x->attention != y->attention)
        return x->attention > y->attention ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

void moderation_order(struct moderation_weight *weights, size_t count)
{
    if (count > 0)
        qsort(weights, count, sizeof *weights, by_attention);
}

/* --- Reasons ---------------------------------------------------------------------------------- */

static const char *const sign_names[ATTENTION_SIGNAL_COUNT] = {
    [ATTENTION_LINKS] = "links",       [ATTENTION_REPEATED] = "repeated",
    [ATTENTION_KEYBOARD] = "keyboard", [ATTENTION_SHOUTING] = "capitals",
    [ATTENTION_SHORT] = "short",       [ATTENTION_SAID] = "said_before",
    [ATTENTION_COPIED] = "copied",     [ATTENTION_TOO_FAST] = "too_fast",
};

static struct str words_of(struct arena *arena, enum attention_signal sign,
                           const struct attention_signals *signals, int64_t copies,
                           struct str nearest)
{
    switch (sign) {
    case ATTENTION_LINKS:
        return signals->links == 1 ? S("One link") : str_printf(arena, "%u links", signals->links);
    case ATTENTION_REPEATED:
        return S("The same letter or word again and again");
    case ATTENTION_KEYBOARD:
        return str_printf(arena, "Typed along a row of keys: “%.*s”", STR_ARG(signals->keys));
    case ATTENTION_SHOUTING:
        return S("Mostly in capitals");
    case ATTENTION_SHORT:
        return S("One or two words");
    case ATTENTION_SAID:
        return str_printf(arena, "Nearly the same as “%.*s”", STR_ARG(nearest));
    case ATTENTION_COPIED:
        return str_printf(arena, "Its author says nearly the same %lld more %s", (long long)copies,
                          copies == 1 ? "time" : "times");
    case ATTENTION_TOO_FAST:
        return S("Written faster than people type");
    default:
        return S("");
    }
}

static struct str words_hidden_often(struct arena *arena, const struct attention *a)
{
    if (a->word_count == 0)
        return S("Like what your team hid before");
    struct buf out = { .arena = arena };
    buf_add(&out, S("Words your team often hid: "));
    for (uint32_t i = 0; i < a->word_count; i++)
        buf_printf(&out, "%s%.*s", i > 0 ? ", " : "", STR_ARG(a->words[i]));
    return buf_str(&out);
}

size_t moderation_reasons(struct arena *arena, const struct attention *a, int64_t copies,
                          struct str nearest, double usual,
                          struct moderation_reason reasons[MODERATION_REASONS_MAX])
{
    double value[MODERATION_REASONS_MAX];
    size_t count = 0;
    for (int sign = 0; sign < ATTENTION_SIGNAL_COUNT; sign++) {
        /* The earlier one may not be shown any more. */
        if (a->signals.value[sign] == 0 || (sign == ATTENTION_SAID && nearest.size == 0))
            continue;
        size_t at = count++;
        for (; at > 0 && value[at - 1] < a->signals.value[sign]; at--) {
            value[at] = value[at - 1];
            reasons[at] = reasons[at - 1];
        }
        value[at] = a->signals.value[sign];
        reasons[at] = (struct moderation_reason){
            .sign = sign_names[sign],
            .words = words_of(arena, (enum attention_signal)sign, &a->signals, copies, nearest),
            .is_nearest = sign == ATTENTION_SAID,
        };
    }
    if (a->probability > usual)
        reasons[count++] =
            (struct moderation_reason){ .sign = "learnt", .words = words_hidden_often(arena, a) };
    return count;
}
