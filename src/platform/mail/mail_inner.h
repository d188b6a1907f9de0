/* Inside the mail room. */
#pragma once
#include "platform/mail/mail.h"

/* "Name <address>" or "address" → the address. */
struct str mail_from_address(struct str from);

enum mail_outcome {
    MAIL_SENT,
    MAIL_REFUSED,   /* the server will never take this mail */
    MAIL_POSTPONED, /* the server would not take this mail now */
    MAIL_NO_SERVER, /* nothing was said about this mail: no connection, no login, no TLS */
};
struct mail_answer {
    enum mail_outcome outcome;
    char text[240]; /* the server's last line, or what went wrong */
};
/* Talks to the mail server for at most 20 seconds. */
struct mail_answer mail_deliver(struct str smtp_url, struct str user, struct str password,
                                struct str from, struct str to, struct str message);

/* How long to wait after try number `tries` (1, 2, …) before the next; 0: give up. */
int64_t mail_retry_delay(int64_t tries);
