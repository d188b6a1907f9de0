/* One request on its way through this room: what the files of the room share.
 *
 *   web_handle (dispatch.c)   finds the route (router.c), takes the inputs (take.c, inputs.c)
 *     page    → page.c        read snapshot: admit, handle, answer
 *     command → command.c     [prepare] → write transaction: admit, handle → answer when durable
 *   answer.c                  turns a reply into bytes: page, JSON, error page, problem details
 *
 * A visit lives in its exchange's arena and is handled by one thread at a time; whoever has handed
 * it on does not touch it again.
 */
#pragma once
#include "platform/web/pool.h"
#include "platform/web/router.h"
#include "platform/web/web.h"
#include <stdatomic.h>

enum { REQUEST_HASH_SIZE = 64, CSRF_SIZE = 43, FORM_KEY_SIZE = 32, FORM_KEYS_MAX = 4 };

struct visit {
    struct request r;
    struct site *site;
    struct http_exchange *x;
    const struct http_request *http;
    const struct route *route;
    struct str path_values[ROUTE_DEPTH_MAX];
    void *in;           /* the route's input struct */
    struct str *typed;  /* for each of its inputs, what was typed */
    struct str session; /* credentials as sent */
    struct str bearer;
    struct str notice;    /* what the answer before this one wanted said */
    struct str csrf;      /* made on first need */
    struct str allow;     /* with 405 */
    struct url form_page; /* where a stale form stands, if the browser says */
    struct str idempotency_key;
    char request_hash[REQUEST_HASH_SIZE + 1];
    bool notice_shown;  /* the page says it: its cookie goes */
    bool refused_shown; /* a form shown again stands on the page, with its problems */
    bool limit_counted; /* against the rate limit, once however often a command runs */
    bool replayed;
    const struct web_limit *limit;       /* the one counted last, */
    int64_t limit_wait_seconds;          /*   and how long to wait when it was over */
    struct str form_keys[FORM_KEYS_MAX]; /* of the forms on the page, fresh each time it is shown */
    unsigned form_key_count;             /* may be more than are noted */
    uint64_t generation;                 /* of the store before the page was read */
    struct arena_mark mark;              /* where a command that runs again begins anew */
    struct reply reply;
    struct sql_command command;
    struct pool_task task;
    void (*step)(struct visit *v); /* what the pool is to do */
    int64_t started;               /* monotonic microseconds */
};

/* What web_start makes. */
struct web {
    struct arena *arena;
    struct router *router;
    struct pool *pages; /* reads, and error pages and forms shown again after a command */
    struct pool *slow;  /* prepare */
    struct limits *limits;
    struct page_cache *cache;
    struct counters *counters;
    _Atomic uint32_t *page_bytes; /* of each route's last page: room to be taken for the next */
    atomic_uint commands;         /* handed to the store and not yet done */
};

/* --- take.c ----------------------------------------------------------------------------------- */

enum taken { TAKEN, TAKEN_NOT_FOUND, TAKEN_MALFORMED, TAKEN_UNSUPPORTED, TAKEN_TOO_LARGE };

/* Fills v->in and v->typed; a person's mistakes become problems. TAKEN_MALFORMED leaves its reason
   in v->reply.sentence. */
enum taken take_inputs(struct visit *v);
/* How large a body of this type the route can need, in bytes. */
int64_t route_body_bytes_max(const struct route *route, struct str content_type);

/* --- page.c, command.c ------------------------------------------------------------------------ */

/* Who it is, whether not too often, whether allowed; false: v->reply says why not. */
bool admit(struct visit *v);
/* The page that the browser says a form was sent from, as an address of this site; or "". */
struct str form_page(struct visit *v);
/* Who it is, and no more. */
void identify(struct visit *v);
void page_begin(struct visit *v);
void command_begin(struct visit *v);
/* Runs `step` where reads may wait: here (SQLite, `may_run_here`) or in the pool; 503 when full. */
void run_read(struct visit *v, void (*step)(struct visit *v), bool may_run_here);
/* Begins a read snapshot into r.db; false: answered 503. */
bool read_begin(struct visit *v);
/* Ends it and sends v->reply, or 503 when a query failed. */
void read_end_and_send(struct visit *v);
/* Shows the form of a command that had problems again; within a read. */
struct reply redisplay(struct visit *v);

/* --- answer.c --------------------------------------------------------------------------------- */

/* Sends v->reply; when it is a bare refusal of a page, makes the error page first (in a read). */
void deliver(struct visit *v, bool may_run_here);
/* Sends v->reply as it is. */
void send_reply(struct visit *v);
/* Makes the body of a refusal: problem details or the error page (r.db may be NULL). */
void dress_refusal(struct visit *v);
/* 503, nothing has happened; logs the fault. May run on any thread: touches no database. */
void send_unavailable(struct visit *v, const struct fault *fault);
/* The frame of a page, from the app's hook when there is a database. */
void frame_fill(struct visit *v, struct frame_view *frame);

/* --- system.c --------------------------------------------------------------------------------- */

/* Answers what is no route: files, health, metrics, the API's description. False: not one of these.
 */
bool system_answer(struct visit *v);

/* --- forms.c ---------------------------------------------------------------------------------- */

/* A fresh idempotency key, FORM_KEY_SIZE digits. */
struct str form_key(struct arena *arena);

/* --- guard.c ---------------------------------------------------------------------------------- */

void credentials_read(struct visit *v);
/* Where a form was posted from. */
enum form_origin {
    FORM_OURS,   /* posted from a page of ours, shown in this session */
    FORM_STALE,  /* of ours as well, but shown before somebody signed in or out */
    FORM_FORGED, /* of anybody */
};
enum form_origin form_origin(struct visit *v);
/* Whether the numbers at /metrics are for whoever asks: with the configured token; without one, a
   program on this machine. */
bool may_watch(struct visit *v);
bool address_is_loopback(struct str address);
/* Set-Cookie values. */
struct str notice_cookie(struct visit *v, struct str notice);

/* --- idempotency.c ---------------------------------------------------------------------------- */

/* Reads the key the client sent; false (v->reply says so) when it is no key. */
bool idempotency_read_key(struct visit *v);
/* Reads all that was sent, so that a key is not taken for another request's; before the command. */
void idempotency_hash(struct visit *v);
/* Within the command: true when the key was used before; v->reply is that answer, or 409. */
bool idempotency_replay(struct visit *v);
/* Within the command: keeps v->reply under the key. */
void idempotency_keep_reply(struct visit *v);
