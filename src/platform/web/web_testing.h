/* What this room's tests share: a site of probe routes behind a real HTTP server on loopback. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* needs those before it */

#include "platform/config/config.h"
#include "platform/web/web.h"
#include "probe_routes.h"
#include <stdatomic.h>
#include <string.h>

struct trial {
    struct arena *arena;
    struct arena *seen; /* the handlers' copies */
    char folder[64];
    char schema[64]; /* PostgreSQL: stands for a database of its own */
    struct config config;
    struct site site;
    int port;
    /* What the handlers saw last, and how often they acted. */
    struct probe_wide_in wide;
    struct probe_add_in added;
    struct probe_list_in listed;
    int prepared, lists_made;
    atomic_int acted;
};

/* One for the process: handlers find it here. */
extern struct trial trial;
extern bool trial_on_postgres; /* the next trials */

/* For cmocka, around each test. */
int trial_begin(void **state);
int trial_end(void **state);

struct answer {
    int status;
    struct str head, body;
};
/* Sends a whole request and reads the whole answer; its texts are in `arena`. */
struct answer send_to_site(struct arena *arena, struct str request);
struct answer send_raw(const char *request, size_t size); /* in the trial's arena */
/* `headers` are lines ending in \r\n, or "". */
struct answer get(const char *target, const char *headers);
struct answer post(const char *target, const char *headers, const char *type, struct str body);
/* A form from a page of our own, by nobody. */
struct answer post_form(const char *target, const char *body);
/* JSON from alice's token. */
struct answer post_json(const char *target, const char *body);
/* A header of an answer, empty when absent; the name in any case, without colon. */
struct str header(struct answer answer, const char *name);
bool holds(struct str text, const char *part);
void assert_holds(struct str text, const char *part);
void assert_lacks(struct str text, const char *part);

/* The pages of the probe site. */
#define PROBE_PAGE(name)                                                                           \
    void name##_html(struct buf *out, struct request *r, const struct frame_view *frame,           \
                     const void *view)
PROBE_PAGE(probe_list);
PROBE_PAGE(probe_new);
PROBE_PAGE(probe_named);
PROBE_PAGE(probe_mine);
PROBE_PAGE(probe_hidden);

/* alice is signed in by the session "alice" and the bearer token "alice-token". */
#define ALICE "Cookie: session=alice-session\r\n"
#define ALICE_TOKEN "Authorization: Bearer alice-token\r\n"
#define OWN_ORIGIN "Sec-Fetch-Site: same-origin\r\n"
#define CAMPAIGN "0000000000001"

int run_input_tests(void);
int run_request_tests(void);
int run_command_tests(void);
int run_part_tests(void);
