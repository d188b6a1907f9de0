/* A server that does nothing but HTTP, to measure this room against nginx: `bench_http ADDRESS
 * [THREADS]`. GET / is a page of 12 KiB answered at once, GET /later is answered from another
 * thread, POST is answered with its size. Stops on SIGINT or SIGTERM. tests/bench says how it is
 * measured.
 */
#include "base/check.h"
#include "platform/http/http.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE_BYTES = 12 * 1024, QUEUE_SIZE = 65536 };

static char page[PAGE_SIZE_BYTES];

static void answer_text(struct http_exchange *x, struct str body)
{
    http_answer(x, &(struct http_response){ .status = 200,
                                            .content_type = S("text/html; charset=utf-8"),
                                            .body = body });
}

/* --- Answering from another thread ------------------------------------------------------------ */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct http_exchange *waiting[QUEUE_SIZE];
    unsigned first, count;
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER };

static void queue_put(struct http_exchange *x)
{
    pthread_mutex_lock(&queue.lock);
    check(queue.count < QUEUE_SIZE);
    queue.waiting[(queue.first + queue.count++) % QUEUE_SIZE] = x;
    pthread_cond_signal(&queue.filled);
    pthread_mutex_unlock(&queue.lock);
}

static void *answer_queue(void *context)
{
    for (;;) {
        pthread_mutex_lock(&queue.lock);
        while (queue.count == 0)
            pthread_cond_wait(&queue.filled, &queue.lock);
        struct http_exchange *x = queue.waiting[queue.first];
        queue.first = (queue.first + 1) % QUEUE_SIZE;
        queue.count--;
        pthread_mutex_unlock(&queue.lock);
        answer_text(x, S("later\n"));
    }
    return NULL;
}

/* --- The server ------------------------------------------------------------------------------- */

static void handle(struct http_exchange *x, void *context)
{
    const struct http_request *request = http_request(x);
    if (request->method == HTTP_POST)
        answer_text(x, str_printf(http_arena(x), "%zu fields\n", request->form_count));
    else if (str_equal(request->path, S("/later")))
        queue_put(x);
    else
        answer_text(x, (struct str){ page, sizeof page });
}

int main(int argc, char **argv)
{
    struct fault fault;
    struct http_server *server;
    pthread_t later;
    sigset_t signals;
    int signal_number;

    memset(page, 'x', sizeof page);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct http_options options = {
        .listen = str_from(argc > 1 ? argv[1] : "127.0.0.1:8080"),
        .threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1,
        .connections_max = 10000,
        .header_seconds = 10,
        .body_seconds = 60,
        .idle_seconds = 120,
        .body_bytes_max = 10 * 1024 * 1024,
        .header_bytes_max = argc > 3 ? strtoul(argv[3], NULL, 10) : 0,
        .handle = handle,
    };
    if (!http_start(&options, &server, &fault)) {
        fprintf(stderr, "%s\n", fault.detail);
        return 1;
    }
    check(pthread_create(&later, NULL, answer_queue, NULL) == 0);
    printf("listening on port %d\n", http_port(server));
    fflush(stdout);
    sigwait(&signals, &signal_number);
    struct http_counts counts = http_counts(server);
    printf("%lld requests, %lld refused, %lld dropped\n", (long long)counts.requests,
           (long long)counts.connections_refused, (long long)counts.deadline_drops);
    http_stop(server, 5);
    return 0;
}
