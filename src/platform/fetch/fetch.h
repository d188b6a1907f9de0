/* Requests to addresses that people have typed: the only way this program asks another server by
 * HTTP at somebody's wish.
 *
 * Always true:
 *  - The host's name is resolved here, once; all its addresses are judged, and one that may not be
 *    asked (this machine, private networks, link-local, multicast, carriers' networks, clouds'
 *    metadata, the same hidden in IPv6) ends the request. The connection goes to an address that
 * was judged and to no other, whatever the name means a moment later.
 *  - Only https, or http as well where the configuration allows it; ports 80, 443 and those above
 *    1023; no user names, no proxies, no redirects, nothing unpacked.
 *  - It ends: after `time_ms_max`, or as soon as more came than is wanted. Resolving a name takes
 * what the system's resolver is given in /etc/resolv.conf, beside that time.
 *
 * It waits for others, so it runs in jobs' threads, never in one that answers requests.
 */
#pragma once
#include <sys/socket.h>

#include "base/arena.h"
#include "base/str.h"

enum { FETCH_URL_BYTES_MAX = 500, FETCH_ADDRESSES_MAX = 16 };

struct fetch_addresses {
    struct sockaddr_storage at[FETCH_ADDRESSES_MAX]; /* without ports */
    size_t count;
};

/* What may be asked: an installation's choice. */
struct fetch_rules {
    bool allow_http;    /* not only https */
    bool allow_private; /* this machine and its networks too */
    /* Resolves a name; NULL: the system's resolver. For tests. */
    bool (*resolve)(const char *host, struct fetch_addresses *found, void *context);
    void *resolve_context;
};

/* What is wrong with a URL that somebody typed, as a sentence; "" when nothing. Looks at the URL
   alone: what its host is called in the network is judged when it is asked. */
struct str fetch_judge_url(struct arena *arena, const struct fetch_rules *rules, struct str url);
/* Why an address may not be asked, in a few words; NULL when it may. Pure. */
const char *fetch_judge_address(const struct sockaddr *address, bool allow_private);

struct fetch_header {
    const char *name;
    struct str value; /* one line, visible ASCII */
};

struct fetch_request {
    struct str url;
    bool is_post; /* else GET */
    struct str content_type, body;
    const struct fetch_header *headers;
    size_t header_count;
    size_t answer_bytes_max; /* of the body; more is not read */
    int connect_ms_max, time_ms_max;
    const _Atomic bool *stop; /* ends early once true; may be NULL */
};

enum fetch_outcome {
    FETCH_ANSWERED,  /* there is a status, whatever it says */
    FETCH_NO_ANSWER, /* no such name, no connection, no certificate, too slow: may pass */
    FETCH_FORBIDDEN, /* the URL or an address of its host may not be asked */
    FETCH_STOPPED,   /* by `stop` */
};

struct fetch_answer {
    enum fetch_outcome outcome;
    int status; /* 100 … 599; 0 without an answer */
    struct str body;
    bool is_cut;        /* the body did not end within size and time */
    struct str trouble; /* a sentence; "" when answered */
};

/* Asks once. The answer's texts live in `arena`; the body is whatever bytes came. */
struct fetch_answer fetch(struct arena *arena, const struct fetch_rules *rules,
                          const struct fetch_request *request);
