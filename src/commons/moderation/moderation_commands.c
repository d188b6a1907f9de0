/* What the team decides about what waits. */
#include "moderation_inner.h"

#include "base/arena.h"
#include "commons/people/people.h"
#include "commons/talk/talk.h"
#include "urls.h"

enum { KEYS_MAX = 100 };

/* Contributions and comments that were named; each once counts once. */
struct named {
    struct moderation_key *keys;
    size_t count;
};

static struct named read_keys(struct request *r, struct str typed)
{
    struct named named = { .keys = arena_new(r->arena, struct moderation_key, KEYS_MAX) };
    while (typed.size > 0) {
        struct str text = str_trim(str_cut(&typed, ' '));
        if (text.size == 0)
            continue;
        if (named.count == KEYS_MAX || !moderation_key_read(text, &named.keys[named.count])) {
            problem(r, "keys", "Choose between 1 and %d of the list.", KEYS_MAX);
            return named;
        }
        named.count++;
    }
    if (named.count == 0)
        problem(r, "keys", "Choose between 1 and %d of the list.", KEYS_MAX);
    return named;
}

/* Whether a contribution or comment is shown and still says what was looked at; fills in the
   version. */
static bool is_as_seen(struct request *r, struct moderation_key *key)
{
    struct campaign_id campaign_id = scope_of(r)->campaign_id;
    struct moderation_campaign_row campaign;
    struct subject_by_id_row subject;
    struct moderation_comment_row comment;
    struct subject_said said;
    if (!moderation_campaign(r->db, (struct moderation_campaign){ campaign_id }, &campaign) ||
        !subject_by_id(r->db, (struct subject_by_id){ campaign_id, key->subject_id }, &subject) ||
        !str_equal(subject.subject_state, S("shown")) ||
        !moderation_said(r->db, campaign.kind, campaign_id, *key, &said))
        return false;
    if (key->comment_id.value != 0 &&
        (!moderation_comment(
             r->db, (struct moderation_comment){ campaign_id, key->subject_id, key->comment_id },
             &comment) ||
         !str_equal(comment.comment_state, S("shown"))))
        return false;
    bool same = key->version == 0 || key->version == said.version;
    key->version = said.version;
    return same;
}

/* Counts what was decided, and says what was not. */
static struct moderation_done_view done(const struct named *named, size_t decided)
{
    return (struct moderation_done_view){ (int64_t)decided, (int64_t)named->count };
}

static const char *notice(struct request *r, const char *what,
                          const struct moderation_done_view *view)
{
    struct str said = str_printf(r->arena, "%s: %lld.", what, (long long)view->decided);
    int64_t left = view->named - view->decided;
    if (left > 0)
        said = str_printf(r->arena, "%.*s %lld changed meanwhile or %s not shown any more.",
                          STR_ARG(said), (long long)left, left == 1 ? "is" : "are");
    return str_c(r->arena, said);
}

struct reply moderation_fine(struct request *r, const struct moderation_fine_in *in)
{
    struct named named = read_keys(r, in->keys);
    if (r->problems != NULL)
        return reply_problems(r);
    size_t decided = 0;
    for (size_t i = 0; i < named.count; i++) {
        if (!is_as_seen(r, &named.keys[i]))
            continue;
        decided++;
        moderation_keep(r->db, r->now, in->campaign_id, named.keys[i], S("fine"), me(r));
    }
    struct moderation_done_view view = done(&named, decided);
    return moderation_fine_done(r, url_moderation_queue(r->arena, in->campaign_id),
                                notice(r, "Fine", &view), &view);
}

static bool hide(struct request *r, const struct moderation_key *key, struct str rule,
                 struct str reason)
{
    if (key->comment_id.value != 0)
        return talk_hide(r, key->subject_id, key->comment_id, rule, reason);
    return campaign_kind(scope_of(r)->campaign.kind)->hide(r, key->subject_id, rule, reason);
}

struct reply moderation_hide(struct request *r, const struct moderation_hide_in *in)
{
    struct named named = read_keys(r, in->keys);
    if (r->problems != NULL)
        return reply_problems(r);
    struct str rule = str_from(moderation_rule_names[in->rule]);
    size_t decided = 0;
    for (size_t i = 0; i < named.count; i++) {
        if (!is_as_seen(r, &named.keys[i]) || !hide(r, &named.keys[i], rule, in->reason))
            continue;
        decided++;
        moderation_keep(r->db, r->now, in->campaign_id, named.keys[i], S("hidden"), me(r));
    }
    struct moderation_done_view view = done(&named, decided);
    return moderation_hide_done(r, url_moderation_queue(r->arena, in->campaign_id),
                                notice(r, "Hidden, and their authors are told why", &view), &view);
}
