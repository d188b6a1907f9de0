/* The public record: an append-only, hash-chained account of a campaign.
 *
 * Each entry says what was decided, by which role, by which rule and why. Its hash is the SHA-256
 * of its canonical JSON, which contains the hash of the entry before it, so nothing can be changed,
 * taken out or put in later without everybody seeing it.
 *
 * People's words are not in the chain. An entry carries a commitment: SHA-256 of a random salt
 * followed by the words (canonical JSON). The salt stands beside the words; whoever has both can
 * check them, and when words are erased their salt goes too: the chain stays valid and tells
 * nothing.
 *
 * Canonical JSON is RFC 8785: keys sorted, no white space, UTF-8, strings escaped only where JSON
 * demands it.
 */
#pragma once
#include "base/buf.h"
#include "ids.h"
#include "platform/sql/sql.h"

enum { RECORD_HASH_SIZE = 64, RECORD_SALT_SIZE = 16 };

struct record_news {
    struct campaign_id campaign_id;
    int64_t now;
    struct str actor;      /* a role: "owner", "moderator", "participant", "clock", "operator" */
    const char *action;    /* "campaign.opened" */
    struct str subject;    /* id as text, or "" */
    struct str rule;       /* or "" */
    struct str reason;     /* or "" */
    struct str details;    /* canonical JSON object, "" for {} */
    struct str commitment; /* from record_commit, or "" */
};
/* Appends an entry in the current transaction. */
void record_append(struct sql *db, const struct record_news *news);

/* A fresh salt; lives in `arena`. */
struct str record_salt(struct arena *arena);
/* {"text":…,"title":…} as committed to. */
struct str record_words(struct arena *arena, struct str title, struct str text);
/* Hex SHA-256 of salt and words. */
struct str record_commit(struct arena *arena, struct str salt, struct str words);
/* Writes `"COMMITMENT":{"salt":…,"words":…}`, with a comma before it unless `*first`. */
void record_opening(struct buf *out, bool *first, struct str salt, struct str words);

struct record_entry {
    int64_t seq, happened_at;
    struct str actor, action, subject, rule, reason, details, commitment, previous_hash, entry_hash;
};
/* Entries of a campaign: newest first below `seq`, or oldest first from it; at most `limit`. */
size_t record_before(struct sql *db, struct campaign_id campaign_id, int64_t seq, int64_t limit,
                     struct record_entry **entries);
size_t record_from(struct sql *db, struct campaign_id campaign_id, int64_t seq, int64_t limit,
                   struct record_entry **entries);
/* Number and hash of the newest entry; 0 and "" for none. */
int64_t record_head(struct sql *db, struct campaign_id campaign_id, struct str *entry_hash);
/* What an action means, as a sentence: "The campaign was opened." */
struct str record_sentence(struct str action);
/* One entry as it stands in record.json, hash included. */
void record_write_entry(struct buf *out, struct campaign_id campaign_id,
                        const struct record_entry *entry);

struct record_verdict {
    int64_t entry_count, opened_count; /* entries that hold, commitments that were opened */
    struct str head_hash;
    struct str trouble; /* "" when everything holds, else what does not, and where */
};
/* Recomputes a record file. Pure; false only when the file is no record at all. */
[[nodiscard]] bool record_verify(struct arena *arena, struct str file,
                                 struct record_verdict *verdict, struct fault *fault);
