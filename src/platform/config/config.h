/* Configuration: an INI file, overridden by MANYHANDS_SECTION_KEY, overridden by --section-key.
 *
 * Every setting is declared once in config.c: section, key, type, default, limits, one sentence.
 * Unknown keys, wrong types and values out of bounds are refused with file, line and what to do.
 */
#pragma once
#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"

struct config {
    struct str server_listen;        /* [server] listen = 127.0.0.1:8080 */
    struct str server_public_url;    /* public_url = http://localhost:8080 (no slash at the end) */
    int64_t server_threads;          /* threads = 0: one a core */
    int64_t server_connections_max;  /* connections_max = 10000 */
    int64_t server_per_address_max;  /* per_address_max = 1000 connections; 0: no limit */
    int64_t server_header_bytes_max; /* header_bytes_max = 4608: of a request's head */
    int64_t server_header_seconds;   /* header_seconds = 10: whole request head within */
    int64_t server_body_seconds;     /* body_seconds = 60: whole body within */
    int64_t server_idle_seconds; /* idle_seconds = 75: kept-alive connection without a request */
    bool server_behind_proxy;    /* behind_proxy = no: trust X-Forwarded-For/-Proto of loopback */
    bool server_rate_limits;     /* rate_limits = yes */
    struct str server_metrics_token; /* metrics_token = (empty: /metrics is for this machine) */
    struct str database_url;         /* [database] url = sqlite:data/manyhands.db */
    int64_t database_connections;    /* connections = 8 (PostgreSQL) */
    int64_t database_batch_max;      /* batch_max = 512 (SQLite) */
    struct str files_folder;         /* [files] folder = data/files */
    int64_t files_upload_bytes_max;  /* upload_bytes_max = 200000000 */
    struct str mail_smtp_url; /* [mail] smtp_url = (empty: mails are kept in the outbox and shown by
                                 `manyhands doctor`) */
    struct str mail_from;     /* from = Manyhands <no-reply@localhost> */
    struct str mail_user, mail_password;
    bool fetch_allow_http;    /* [fetch] allow_http = no: webhooks at http:// too */
    bool fetch_allow_private; /* allow_private = no: webhooks in private networks too */
    struct str sift_encoder;  /* [sift] encoder = (empty: looked for beside the program) */
    int64_t
        sift_memory_bytes_max; /* memory_bytes_max = 268435456: of campaigns' texts, to compare */
    struct str embeddings_url; /* [embeddings] url = (empty: none), and model, key, dimensions */
    struct str embeddings_model, embeddings_key;
    int64_t embeddings_dimensions;
    struct str log_level; /* [log] level = info */
    int64_t node;         /* [cluster] node = 0: 0..63, different on each server */
};

/* Reads `path` (may be NULL: none), then the environment, then `--section-key=value` arguments,
   which it removes from argv. */
[[nodiscard]] bool config_load(struct arena *arena, const char *path, int *argc, char **argv,
                               struct config *config, struct fault *fault);
/* The whole documented file with defaults, for `manyhands doctor --print-config` and the guide. */
struct str config_example(struct arena *arena);
