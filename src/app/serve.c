/* manyhands serve: everything running, until it is told to stop. */
#include "app/commands.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/encoder.h"
#include "base/log.h"
#include "commons/embedding/embedding.h"
#include "commons/likeness/likeness.h"
#include "commons/moderation/moderation.h"
#include "commons/organisation/organisation.h"
#include "commons/theme/theme.h"
#include "commons/webhook/webhook.h"
#include "platform/blobs/blobs.h"
#include "platform/clock/clock.h"
#include "platform/http/http.h"
#include "platform/jobs/jobs.h"

enum { GRACE_SECONDS = 20 };

/* Makes the folder an SQLite file lies in. */
static void make_folder_of(struct arena *arena, struct str url)
{
    if (!str_starts(url, S("sqlite:")))
        return;
    char *path = (char *)str_c(arena, str_slice(url, 7, url.size));
    for (char *c = path + 1; *c != '\0'; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        mkdir(path, 0750); /* what matters is whether the database opens */
        *c = '/';
    }
}

struct sql_store *open_store(const struct config *config, bool migrated)
{
    struct sql_options options = { .url = config->database_url,
                                   .connections = (unsigned)config->database_connections,
                                   .batch_max = (unsigned)config->database_batch_max };
    struct arena *arena = arena_make();
    make_folder_of(arena, config->database_url);
    arena_free(arena);
    struct sql_store *store;
    struct fault fault = { 0 };
    if (!sql_store_open(options, &store, &fault)) {
        complain("%s", fault.detail);
        return NULL;
    }
    unsigned version;
    if (!migrated)
        return store;
    if (!sql_version(store, &version, &fault))
        complain("%s", fault.detail);
    else if (version == sql_migration_count)
        return store;
    else
        complain(
            "the database's schema is number %u, this program's is %u; run `manyhands migrate`",
            version, sql_migration_count);
    sql_store_close(store);
    return NULL;
}

int keep_work(struct sql_store *store, bool (*run)(struct sql *, void *), void *context)
{
    struct fault fault = { 0 };
    switch (sql_submit_wait(store, run, context, &fault)) {
    case SQL_KEPT:
        return 0;
    case SQL_DROPPED:
        return 1; /* the work has said why */
    default:
        return complain("the database failed: %s", fault.detail);
    }
}

/* Tells systemd, if it started us (sd_notify protocol). */
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (path == NULL || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    close(fd);
}

struct first_run {
    struct arena *arena;
    struct str token;
};

static bool make_first_run_token(struct sql *db, void *context)
{
    struct first_run *first = context;
    sql_use_arena(db, first->arena);
    first->token = organisation_first_run_token(db);
    return first->token.size > 0;
}

static void offer_first_run(struct sql_store *store, const struct config *config)
{
    struct first_run first = { arena_make(), S("") };
    struct fault fault;
    if (sql_submit_wait(store, make_first_run_token, &first, &fault) == SQL_KEPT)
        printf("There is no organisation yet. Make the first one here, once:\n  %.*s/setup/%.*s\n",
               STR_ARG(config->server_public_url), STR_ARG(first.token));
    fflush(stdout);
    arena_free(first.arena);
}

static bool listen_and_serve(struct site *site, struct fault *fault)
{
    const struct config *c = site->config;
    struct http_options options = {
        .listen = c->server_listen,
        .threads = (unsigned)c->server_threads,
        .connections_max = (unsigned)c->server_connections_max,
        .per_address_max = (unsigned)c->server_per_address_max,
        .header_bytes_max = (size_t)c->server_header_bytes_max,
        .header_seconds = (unsigned)c->server_header_seconds,
        .body_seconds = (unsigned)c->server_body_seconds,
        .idle_seconds = (unsigned)c->server_idle_seconds,
        .body_bytes_max = (size_t)c->files_upload_bytes_max + 65536,
        .body_limit = web_body_limit,
        .body_folder = c->files_folder,
        .behind_proxy = c->server_behind_proxy,
        .handle = web_handle,
        .context = site,
    };
    return http_start(&options, &site->server, fault);
}

/* Without the encoder texts are compared by their words alone, which the log says once. */
static struct encoder *find_encoder(struct invocation *in)
{
    struct fault fault = { 0 };
    struct encoder *encoder = encoder_found(in->arena, in->config->sift_encoder, &fault);
    bool wanted = fault.kind == FAULT_BROKEN || in->config->sift_encoder.size > 0;
    if (encoder == NULL)
        log_event(wanted ? LOG_WARN : LOG_INFO, "encoder.missing",
                  LOG_TEXT("detail", str_from(fault.detail)), LOG_END);
    return encoder;
}

int run_serve(struct invocation *in)
{
    if (!only_options(in, "") || in->argc > 0)
        return complain("serve takes no arguments") + 1;
    /* Before any thread: all of them leave these signals to the wait below. */
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stops, NULL);
    signal(SIGPIPE, SIG_IGN);

    struct site site = { .config = in->config, .hooks = app_hooks };
    struct fault fault = { 0 };
    site.store = open_store(in->config, false);
    if (site.store == NULL)
        return 1;
    if (!sql_migrate(site.store, clock_now(), NULL, &fault) ||
        !blob_store_open(in->config->files_folder, &site.blobs, &fault))
        return complain("%s", fault.detail);
    struct encoder *encoder = find_encoder(in);
    struct likeness *likeness = likeness_open(encoder, (size_t)in->config->sift_memory_bytes_max);
    struct campaign_memory memory = {
        .likeness = likeness,
        .themes = theme_memory_open(likeness, (size_t)in->config->sift_memory_bytes_max / 2),
        .moderation = moderation_memory_open(likeness),
    };
    site.app = &memory;
    web_start(&site);
    site.jobs = app_start_jobs(&site);
    struct webhook_sender *webhooks = webhook_start(&site);
    struct embedder *embedder = embedding_start(&site, likeness);
    if (!listen_and_serve(&site, &fault))
        return complain("%s", fault.detail);
    offer_first_run(site.store, in->config);
    log_event(LOG_INFO, "server.started", LOG_TEXT("url", in->config->server_public_url),
              LOG_INT("port", http_port(site.server)), LOG_END);
    printf("Manyhands serves %.*s (port %d).\n", STR_ARG(in->config->server_public_url),
           http_port(site.server));
    fflush(stdout);
    notify("READY=1");

    int signal_number;
    sigwait(&stops, &signal_number);
    log_event(LOG_INFO, "server.stopping", LOG_INT("signal", signal_number), LOG_END);
    notify("STOPPING=1");
    http_stop(site.server, GRACE_SECONDS);
    jobs_stop(site.jobs);
    webhook_stop(webhooks);
    embedding_stop(embedder);
    web_stop(&site);
    moderation_memory_close(memory.moderation);
    theme_memory_close(memory.themes);
    likeness_close(likeness);
    encoder_close(encoder);
    sql_store_close(site.store);
    blob_store_close(site.blobs);
    log_event(LOG_INFO, "server.stopped", LOG_END);
    return 0;
}
