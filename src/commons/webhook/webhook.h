/* Webhooks: an organisation's own programs are told what happens, signed as Standard Webhooks says
 * (https://www.standardwebhooks.com).
 *
 *     event ──listener──> delivery waiting ──send──> delivered
 *                            ↑  └─ no answer, no 2xx ─┐ └ after ten tries > failed
 *                            └── later: 5 s … 24 h ───┘
 *
 * Always true:
 *  - A delivery is written in the transaction that marks the event as handed on (or that settles
 *    items), so none is lost and none tells of what was rolled back. It is sent at least once: a
 *    server that dies between the answer and the keeping of it sends it again under the same id.
 *  - What is sent holds ids and what the organisation may read anyway; no names or addresses.
 *  - One endpoint is asked by one thread of one server at a time; who is slow or fails rests, and
 *    costs the others nothing.
 *  - No transaction is open while an endpoint is asked.
 */
#pragma once
#include "commons/event/event.h"
#include "platform/web/web.h"

/* Hears of every event, and queues it for the endpoints that want it. Context: struct site. */
void webhook_hear(struct sql *db, void *context, int64_t now, const struct event *event);

/* Whether an endpoint of the campaign's organisation wants this kind of news: before much is put
   together. */
bool webhook_is_wanted(struct sql *db, struct campaign_id campaign_id, const char *kind);
/* Queues news that is no event: `data` is a JSON object. */
void webhook_tell(struct sql *db, int64_t now, struct campaign_id campaign_id, const char *kind,
                  struct str data);

/* Words that were taken back: what a member said of something with an id. */
struct webhook_words {
    int64_t id;
    const char *member;
    struct str words;
};
/* In news of this kind that was told since then, kept or still waiting, such words become "". News
   that is under way at this moment may still bring them. O(news told since). */
void webhook_forget(struct sql *db, struct campaign_id campaign_id, const char *kind, int64_t since,
                    const struct webhook_words *gone, size_t count);

/* Sends what waits, in threads of its own: one looks each second who is to be asked, one for each
   endpoint asks it. */
struct webhook_sender;
struct webhook_sender *webhook_start(struct site *site);
/* Breaks off what is under way (it is sent again), and joins; NULL is allowed. */
void webhook_stop(struct webhook_sender *sender);

/* How many endpoints take nothing at the moment, or were switched off for it. */
int64_t webhook_failing(struct sql *db);

/* Job: forgets deliveries that are thirty days old. */
[[nodiscard]] bool webhook_clean_up(struct sql_store *store, int64_t now, struct fault *fault);
