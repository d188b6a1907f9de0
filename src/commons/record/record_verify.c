/* Recomputing a record file: what `manyhands verify` does, without a server or a database. */
#include "record_inner.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/check.h"
#include "platform/json/json.h"

static struct str text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return (struct str){ json_string_value(value), json_string_length(value) };
}

static struct str canonical_of(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (text == NULL)
        return S("");
    struct str copy = str_copy(arena, str_from(text));
    free(text);
    return copy;
}

/* Checks one entry against the one before; "" or what is wrong. */
static struct str check_entry(struct arena *arena, struct str campaign, int64_t seq,
                              struct str previous_hash, const json_t *object,
                              struct str *entry_hash)
{
    struct record_entry e = {
        .seq = json_integer_value(json_object_get(object, "seq")),
        .actor = text_of(object, "actor"),
        .action = text_of(object, "action"),
        .subject = text_of(object, "subject"),
        .rule = text_of(object, "rule"),
        .reason = text_of(object, "reason"),
        .details = canonical_of(arena, json_object_get(object, "details")),
        .commitment = text_of(object, "commitment"),
        .previous_hash = text_of(object, "previous"),
        .entry_hash = text_of(object, "hash"),
    };
    *entry_hash = e.entry_hash;
    if (!json_is_object(object) || e.action.size == 0)
        return str_printf(arena, "entry %lld is no entry", (long long)seq);
    if (e.seq != seq)
        return str_printf(arena, "entry %lld is missing: found number %lld in its place",
                          (long long)seq, (long long)e.seq);
    if (!json_parse_time(text_of(object, "at"), &e.happened_at))
        return str_printf(arena, "entry %lld has no time", (long long)seq);
    if (!str_equal(text_of(object, "campaign"), campaign))
        return str_printf(arena, "entry %lld belongs to another campaign", (long long)seq);
    if (!str_equal(e.previous_hash, previous_hash))
        return str_printf(arena, "entry %lld does not follow the one before it", (long long)seq);
    if (!str_equal(e.entry_hash, record_hash(arena, campaign, &e)))
        return str_printf(arena, "entry %lld was changed: its hash does not fit its content",
                          (long long)seq);
    return S("");
}

static struct str check_openings(struct arena *arena, json_t *openings, int64_t *count)
{
    const char *commitment;
    json_t *opening;
    json_object_foreach(openings, commitment, opening)
    {
        char salt[RECORD_SALT_SIZE];
        if (!str_unhex(text_of(opening, "salt"), salt, sizeof salt) ||
            !str_equal(
                record_commit(arena, (struct str){ salt, sizeof salt }, text_of(opening, "words")),
                str_from(commitment)))
            return str_printf(arena,
                              "the words shown for commitment %s are not the ones committed to",
                              commitment);
        ++*count;
    }
    return S("");
}

bool record_verify(struct arena *arena, struct str file, struct record_verdict *verdict,
                   struct fault *fault)
{
    *verdict = (struct record_verdict){ 0 };
    json_error_t error;
    json_t *root = json_loadb(file.data, file.size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return fault_set(fault, FAULT_BROKEN, "this is no JSON: line %d: %s", error.line,
                         error.text);
    json_t *entries = json_object_get(root, "entries");
    struct str campaign = str_copy(arena, text_of(root, "campaign"));
    if (!json_is_array(entries) || campaign.size == 0) {
        json_decref(root);
        return fault_set(fault, FAULT_BROKEN,
                         "this is no record: it has no \"campaign\" and \"entries\"");
    }
    struct str previous = S("");
    for (size_t i = 0; i < json_array_size(entries) && verdict->trouble.size == 0; i++) {
        struct str entry_hash;
        verdict->trouble = check_entry(arena, campaign, (int64_t)i + 1, previous,
                                       json_array_get(entries, i), &entry_hash);
        if (verdict->trouble.size == 0)
            verdict->entry_count++;
        previous = str_copy(arena, entry_hash);
    }
    verdict->head_hash = previous;
    if (verdict->trouble.size == 0 && !str_equal(previous, text_of(root, "head")))
        verdict->trouble = S("entries are missing at the end: the last hash is not the head");
    if (verdict->trouble.size == 0)
        verdict->trouble =
            check_openings(arena, json_object_get(root, "openings"), &verdict->opened_count);
    json_decref(root);
    return true;
}
