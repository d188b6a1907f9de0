#include "platform/web/counters.h"
#include "platform/clock/clock.h"
#include "platform/web/visit.h"
#include <inttypes.h>
#include <stdatomic.h>

enum { KIND_PAGE, KIND_COMMAND, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = { "page", "command" };
static const int64_t bounds_us[] = { 500,    1000,   2500,   5000,    10000,   25000,  50000,
                                     100000, 250000, 500000, 1000000, 2500000, 5000000 };
enum { BOUND_COUNT = sizeof bounds_us / sizeof bounds_us[0] };

struct histogram {
    _Atomic int64_t within[BOUND_COUNT + 1]; /* each answer in one; the last: slower than all */
    _Atomic int64_t sum_us;
};

struct counters {
    struct histogram kinds[KIND_COUNT];
    _Atomic int64_t answers[KIND_COUNT][6]; /* by class of status */
};

struct counters *counters_make(struct arena *arena)
{
    return arena_new(arena, struct counters, 1);
}

void counters_note(struct visit *v)
{
    if (v->route == NULL)
        return;
    struct counters *counters = v->site->web->counters;
    int kind = v->route->flags & ROUTE_COMMAND ? KIND_COMMAND : KIND_PAGE;
    struct histogram *histogram = &counters->kinds[kind];
    int64_t took_us = clock_monotonic() - v->started;
    int bound = 0;
    while (bound < BOUND_COUNT && took_us > bounds_us[bound])
        bound++;
    atomic_fetch_add_explicit(&histogram->within[bound], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_us, took_us, memory_order_relaxed);
    atomic_fetch_add_explicit(&counters->answers[kind][v->reply.status / 100 % 6], 1,
                              memory_order_relaxed);
}

static void print_head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP manyhands_%s %s\n# TYPE manyhands_%s %s\n", name, help, name, type);
}

static void print_number(struct buf *out, const char *name, const char *type, const char *help,
                         int64_t value)
{
    print_head(out, name, type, help);
    buf_printf(out, "manyhands_%s %" PRId64 "\n", name, value);
}

static void print_histogram(struct buf *out, struct histogram *histogram, const char *kind)
{
    int64_t so_far = 0;
    for (int i = 0; i < BOUND_COUNT; i++) {
        so_far += atomic_load(&histogram->within[i]);
        buf_printf(out, "manyhands_answer_seconds_bucket{kind=\"%s\",le=\"%g\"} %" PRId64 "\n",
                   kind, (double)bounds_us[i] / 1e6, so_far);
    }
    so_far += atomic_load(&histogram->within[BOUND_COUNT]);
    buf_printf(out, "manyhands_answer_seconds_bucket{kind=\"%s\",le=\"+Inf\"} %" PRId64 "\n", kind,
               so_far);
    buf_printf(out, "manyhands_answer_seconds_sum{kind=\"%s\"} %.6f\n", kind,
               (double)atomic_load(&histogram->sum_us) / 1e6);
    buf_printf(out, "manyhands_answer_seconds_count{kind=\"%s\"} %" PRId64 "\n", kind, so_far);
}

static void print_answers(struct counters *counters, struct buf *out)
{
    print_head(out, "answers_total", "counter", "Answers of routes by kind and class of status.");
    for (int kind = 0; kind < KIND_COUNT; kind++)
        for (int class = 2; class < 6; class ++)
            buf_printf(out, "manyhands_answers_total{kind=\"%s\",class=\"%dxx\"} %" PRId64 "\n",
                       kind_names[kind], class, atomic_load(&counters->answers[kind][class]));
    print_head(out, "answer_seconds", "histogram", "From the whole request to its answer.");
    for (int kind = 0; kind < KIND_COUNT; kind++)
        print_histogram(out, &counters->kinds[kind], kind_names[kind]);
}

static void print_http(const struct http_server *server, struct buf *out)
{
    struct http_counts counts = http_counts(server);
    print_number(out, "http_requests_total", "counter", "Requests of any kind.", counts.requests);
    print_number(out, "http_connections", "gauge", "Open connections.", counts.connections_open);
    print_number(out, "http_connections_refused_total", "counter", "Connections over a limit.",
                 counts.connections_refused);
    print_number(out, "http_deadline_drops_total", "counter",
                 "Connections dropped for sending too slowly.", counts.deadline_drops);
    print_head(out, "http_answers_total", "counter", "Answers of any kind by class of status.");
    for (int class = 2; class < 6; class ++)
        buf_printf(out, "manyhands_http_answers_total{class=\"%dxx\"} %" PRId64 "\n", class,
                   counts.answers_by_class[class]);
}

void counters_print(const struct visit *v, struct buf *out)
{
    struct web *web = v->site->web;
    print_head(out, "info", "gauge", "The version that runs.");
    buf_add(out, S("manyhands_info{version=\"" MANYHANDS_VERSION "\"} 1\n"));
    print_answers(web->counters, out);
    if (v->site->server != NULL)
        print_http(v->site->server, out);
    print_number(out, "commands_waiting", "gauge", "Commands waiting for the database.",
                 sql_queue_length(v->site->store));
    print_number(out, "pages_waiting", "gauge", "Reads waiting for a thread.",
                 pool_waiting(web->pages));
    print_number(out, "slow_waiting", "gauge", "Hashing and pictures waiting for a thread.",
                 pool_waiting(web->slow));
    print_number(out, "commits_total", "counter", "Commits through this server.",
                 (int64_t)sql_store_generation(v->site->store));
}
