/* Mail by SMTP, written to an outbox table in the transaction that causes it and sent by a job.
 *
 * A mail is text/plain UTF-8 (RFC 5322, 2047, quoted-printable). It is tried again after 1, 5, 30
 * minutes, 2, 6 hours, then daily for 3 days; a 5xx answer ends it. Nothing fails silently: state
 * and last answer stand in the table (mail.sql.h: mail_count, mail_list), `manyhands doctor` and
 * /metrics count them.
 */
#pragma once
#include "base/fault.h"
#include "platform/sql/sql.h"

struct mail {
    struct str to;              /* one address, already validated */
    struct str subject;         /* one line */
    struct str text;            /* lines ending in \n */
    struct str unsubscribe_url; /* empty, or for List-Unsubscribe and one-click (RFC 8058) */
};
/* Puts a mail into the outbox within the current transaction. An invalid `to` is a bug. */
void mail_queue(struct sql *db, int64_t now, const struct mail *mail);
/* Takes all mails to this address, in whatever letter case, out of the outbox, sent ones as well:
   its owner is forgotten. */
void mail_forget(struct sql *db, struct str address);

/* The message as it goes over the wire; pure, for tests. `message_id` without angle brackets. */
struct str mail_message(struct arena *arena, const struct mail *mail, struct str from,
                        struct str message_id, int64_t now);
/* Sends one message; FAULT_REFUSED for a 5xx answer to the mail itself, FAULT_UNAVAILABLE for
 * everything that may pass. */
[[nodiscard]] bool mail_send(struct str smtp_url, struct str user, struct str password,
                             struct str from, struct str to, struct str message,
                             struct fault *fault);
/* Syntactically an address we accept: local@domain in ASCII (an international domain as xn--…), at
   most 254 bytes, one @, no spaces, controls or quotes. */
bool mail_address_valid(struct str address);

/* Job: sends what is due, and forgets a month later what was sent. Does nothing without a mail
   server. Begins no mail after a minute, so a lease of two minutes suffices. No transaction is open
   while it talks to the server; a crash between talk and keeping sends one mail twice, under the
   same Message-ID. */
struct config;
struct mailer {
    struct sql_store *store;
    const struct config *config;
};
[[nodiscard]] bool mail_job(struct mailer *mailer, int64_t now, struct fault *fault);
