/* Pages and commands: from a declared route to a handler and back.
 *
 * Every page and command is declared once, in a room's `*_routes.toml`; tools/routegen.py makes of
 * it the router's tables, a typed input struct, form descriptions, URL builders, view structs, JSON
 * writers, the OpenAPI document and the cases of the permission test. A request travels in one
 * direction: take (this room) → load → decide → keep → show (the handler).
 *
 *  - GET is a page: it runs on a snapshot, and fills a view that is shown as HTML, or as JSON under
 *    /api/v1.
 *  - POST is a command: it runs inside a write transaction, may run again after a conflict, and the
 *    answer leaves only when its commit is durable. With HTML it ends in 303; with problems the
 * page named by the route's `form` is shown again (422) with what was typed and messages by the
 * fields.
 *  - Undeclared parameters never reach a handler: they are refused in bodies and under /api/v1, and
 *    passed over in the query of an HTML page (links come with other sites' marks, like fbclid).
 *    Every declared one is checked for type, limits and UTF-8 before the handler sees it.
 */
#pragma once
#include "base/buf.h"
#include "platform/html/html.h"
#include "platform/http/http.h"
#include "platform/sql/sql.h"

/* --- Inputs ----------------------------------------------------------------------------------- */

enum input_type {
    INPUT_LINE, /* struct str: one line, trimmed, inner white space folded, no control characters */
    INPUT_TEXT, /* struct str: lines, CRLF made LF, no control characters but LF and TAB */
    INPUT_MARKDOWN, /* the same; the form shows a larger field and a hint */
    INPUT_EMAIL,    /* struct str: an address, domain in lower case */
    INPUT_PASSWORD, /* struct str: never shown again, never trimmed */
    INPUT_INT,      /* int64_t within min … max */
    INPUT_BOOL,     /* bool: checkbox; JSON true/false */
    INPUT_CHOICE,   /* a generated enum; declared values only */
    INPUT_TIME,   /* int64_t: RFC 3339, or YYYY-MM-DDTHH:MM as a browser sends it (UTC); 0: none */
    INPUT_ID,     /* a one-field id struct */
    INPUT_TOKEN,  /* struct str: letters, digits, - and _ only */
    INPUT_COLOUR, /* struct str: #rrggbb, lower case */
    INPUT_FILE,   /* struct http_upload; in JSON an object {"filename", "base64"} */
    INPUT_FIELDS, /* struct str: what a form sent as NAME.KEY for keys that are not known
                     beforehand, as a JSON object of texts, sorted by key; in JSON an object, too,
                     in which numbers and truth values may stand */
};

struct input {
    const char *name;
    enum input_type type;
    bool in_path, required;
    int64_t min, max;           /* texts: code points; numbers: bounds; files: bytes */
    const char *label, *hint;   /* for forms, OpenAPI and messages */
    const char *const *choices; /* NULL-terminated names */
    const char *const *choice_labels;
    const char *fallback;     /* default as text; NULL: none */
    const char *autocomplete; /* HTML autocomplete token, or NULL */
    int rows;                 /* of a text area; 0: the form decides */
    size_t offset;            /* in the input struct */
};

/* --- Routes ----------------------------------------------------------------------------------- */

struct request;
struct reply;

enum route_flags {
    ROUTE_COMMAND = 1,  /* POST */
    ROUTE_API = 2,      /* also under /api/v1 */
    ROUTE_PAGE = 4,     /* also as HTML */
    ROUTE_CREATES = 8,  /* API answers 201 */
    ROUTE_GUARDED = 32, /* command: sql_command.guarded */
    ROUTE_SLOW = 16,    /* page: takes milliseconds, so never on a thread that has sockets */
};

struct route {
    const char *name;
    const char *path;       /* "/campaigns/{campaign_id}/ideas/{idea_id}" */
    const char *permission; /* a name in the permission table of the app */
    const char *scope;      /* bearer-token scope: "read", "participate", "moderate", "manage" */
    const char *help;       /* one sentence */
    const char *campaigns;  /* only for campaigns of this kind; NULL: of any */
    const char *event;      /* what a command appends to the outbox, or NULL */
    const char *form;       /* the page shown again with problems, or NULL */
    unsigned flags;
    int rate_count, rate_seconds; /* per person or address; 0: the site's default */
    const struct input *inputs;
    size_t input_count;
    size_t input_size; /* of the input struct */
    /* Runs before the transaction in the bounded slow pool (hashing, pictures), once the person may
       use the route; may be NULL. It may report problems, and leaves results in request->prepared.
       No write transaction of its own; r->db is a read snapshot while it runs. False, or a problem
       reported: the command is not run (false without a problem: answered 503). */
    bool (*prepare)(struct request *r, const void *in);
    struct reply (*handle)(struct request *r, const void *in);
    unsigned number;
};
extern const struct route *const routes[]; /* generated: all, in order of specificity */
extern const unsigned route_count;
extern const struct str openapi_document; /* generated */

/* --- A request -------------------------------------------------------------------------------- */

enum request_format { FORMAT_HTML, FORMAT_JSON };

struct identity {
    int64_t person;  /* person_id, 0: nobody */
    int64_t session; /* session_id, 0: none (nobody, or a bearer token) */
    struct str name; /* display name */
    unsigned scopes; /* bit per scope name, in the app's order; ~0u for a session */
    bool by_token;
    int64_t only_campaign; /* campaign_id that a guest may work in; 0: no guest; -1: in none */
};

struct form_problem {
    struct str field;   /* an input's name, or "" for the whole form */
    struct str message; /* a sentence that says what to do */
    struct form_problem *next;
};

struct request {
    struct arena *arena;
    struct sql *db;
    int64_t now; /* microseconds UTC; the same for the whole request */
    const struct route *route;
    enum request_format format;
    struct http_exchange *exchange;
    struct identity who;
    void *scope;                    /* what authorise loaded (campaign, organisation, role) */
    void *prepared;                 /* what prepare left */
    struct form_problem *problems;  /* in order of report */
    struct site *site;              /* the app's: configuration, stores, hooks */
    const struct route *form_route; /* when a page is shown again: the command that had problems */
    const void *form_in;            /*   its parsed input */
    const struct str *form_typed;   /*   and the text typed for each of its inputs */
    struct visit *visit;            /* this room's own */
};

/* Reports a person's mistake beside a field (`field` is a literal input name or ""). */
void problem(struct request *r, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A limit on something that is not the sender: a mailbox, an account. It holds however many
   addresses ask; [server] rate_limits switches it off with the rates of routes. */
struct web_limit {
    const char *name;
    int count, seconds;
};
/* Counts one act under `key`, letter case aside, and once however often a command runs. 0: it may
   be done; else the seconds to wait, and the problems then reported are answered with 429. */
int64_t web_limit_take(struct request *r, const struct web_limit *limit, struct str key);
/* Takes back what was counted: it was not what the limit is for. */
void web_limit_give_back(struct request *r, const struct web_limit *limit, struct str key);

/* --- A reply ---------------------------------------------------------------------------------- */

struct reply {
    int status;
    struct str content_type;
    struct str body;
    struct url location; /* with 303 and 201 */
    struct str notice;   /* one sentence shown on the next page */
    struct str cookie;   /* a Set-Cookie value, or empty */
    int file;            /* with file_size_bytes > 0 */
    int64_t file_size_bytes;
    struct str filename; /* a download */
    bool immutable;      /* named by content: may be cached for ever */
    bool keep;           /* command: commit (success); false: roll back */
    bool shared;         /* page: the same for everybody who is not signed in; may be kept */
    struct str code;     /* refusals: the stable token and the sentence, */
    struct str sentence; /*   shown as an error page or as problem details when body is empty */
    int64_t retry_after_seconds; /* with 429 and 503; 0: not said */
    struct str etag; /* the version of body or file, without quotes; empty: made from the body */
};

struct reply reply_see(struct request *r, struct url location, const char *notice); /* 303, keep */
struct reply reply_problems(struct request *r);  /* 422, from r->problems; 429 over a limit */
struct reply reply_not_found(struct request *r); /* 404 */
/* 403, 409, 410, 429 …: `code` is a stable token for programs, `sentence` is for people. */
struct reply reply_refused(struct request *r, int status, const char *code, const char *sentence);
struct reply reply_bytes(struct request *r, struct str content_type, struct str body);
/* A kept file; set .immutable when the URL names its content. 404 when there is none. */
struct reply reply_blob(struct request *r, struct str blob_name, struct str content_type);

struct frame_view; /* generated from web_routes.toml: what every page's frame needs */
/* Used by generated NAME_show and NAME_done. */
struct reply web_show(struct request *r,
                      void (*html)(struct buf *, struct request *, const struct frame_view *,
                                   const void *),
                      void (*json)(struct buf *, const void *), const void *view);
struct reply web_done(struct request *r, struct url location, const char *notice,
                      void (*json)(struct buf *, const void *), const void *view);

/* --- Forms ------------------------------------------------------------------------------------ */

struct form_option {
    struct str value, label;
    bool chosen;
};
struct form_field {
    const struct input *input;
    struct str value; /* as text: typed, or from the defaults */
    bool checked;
    struct str problem;          /* "" when there is none */
    struct form_option *options; /* choices declared, or set by the handler (categories) */
    size_t option_count;
};
struct form_view {
    const struct route *route;
    struct url action;
    struct form_field *fields; /* one for each input, in the route's order */
    size_t field_count;
    struct str problem; /* about the whole form */
    size_t problem_count;
    bool has_file;
    struct str idempotency_key; /* fresh for each form shown, so that a double click acts once */
};
/* `defaults` is the command's input struct: path inputs fill the action, others the fields. When
   the command has just been refused, what was typed and its problems stand in the fields instead.
   Generated NAME_form() calls it with types. */
struct form_view form_make(struct request *r, const struct route *command, const void *defaults);
/* Offers options for a field (categories for an id); the one whose value the field has is chosen.
 */
void form_offer(struct form_field *field, struct form_option *options, size_t count);
/* Gives a field its value of the defaults, whatever was typed: one that is shown but not asked. */
void form_restore(struct request *r, struct form_field *field, const void *defaults);

/* --- The site: what the app wires in ---------------------------------------------------------- */

enum verdict { VERDICT_YES, VERDICT_SIGN_IN, VERDICT_NO, VERDICT_NOT_FOUND };

struct web_hooks {
    /* Fills r->who from the session cookie or the bearer token (one may be empty). */
    void (*authenticate)(struct request *r, struct str session, struct str bearer);
    /* Whether r->who may use the route with this input; loads r->scope. */
    enum verdict (*authorise)(struct request *r, const void *in);
    /* Fills the frame for this request. */
    void (*frame)(struct request *r, struct frame_view *frame);
    /* Campaign the request belongs to (for the idempotency table), 0 for none. */
    int64_t (*campaign)(const struct request *r, const void *in);
    struct url (*sign_in)(struct request *r, struct str next); /* where nobody is sent */
    /* Adds lines of the app's own to /metrics (Prometheus text); may be NULL. */
    void (*metrics)(struct request *r, struct buf *out);
};

struct site {
    struct sql_store *store;
    struct blob_store *blobs;
    const struct config *config;
    struct web_hooks hooks;
    struct http_server *server;
    struct job_runner *jobs;
    void *app;       /* what the app's rooms keep in memory; nothing to this room */
    struct web *web; /* this room's own: router, pools, limits, counters; made by web_start */
};
/* http_options.handle: context is the site. */
void web_handle(struct http_exchange *x, void *site);
/* http_options.body_limit: what the route at the path can need; context is the site. */
size_t web_body_limit(const struct http_request *request, void *site);
/* Starts and stops the pools (slow work; on PostgreSQL also page reads). Started before the HTTP
   server, stopped after it and before the store is closed. */
void web_start(struct site *site);
void web_stop(struct site *site);
/* Job: forgets idempotency keys that belong to no campaign when they are two days old; those of a
   campaign stay as long as it does. `context` is the site. */
[[nodiscard]] bool web_forget_keys(void *site, int64_t now, struct fault *fault);
/* Forgets the answers a person was given under keys in one campaign, or in none (0). */
void web_forget_person(struct sql *db, int64_t campaign_id, int64_t person_id);

/* A session cookie's Set-Cookie value; `token` 43 characters base64url, "" clears it. */
struct str web_session_cookie(struct request *r, struct str token, int64_t seconds);
/* What forms carry against forgery: HMAC-SHA-256 of the session token, base64url. */
struct str web_csrf(struct request *r);
