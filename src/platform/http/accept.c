/* One thread accepts, and hands each connection to one of libmicrohttpd's. Left to itself,
 * libmicrohttpd accepts on all its threads; but then the only way to stop accepting is
 * MHD_quiesce_daemon, which up to 0.9.75 aborts the process when a thread of the pool notices the
 * quiescence first (each takes the listener out of the thread's epoll set, and only one can).
 */
#include "base/check.h"
#include "base/log.h"
#include "platform/http/inside.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SHORTAGE_MS = 100 };

/* Waits until somebody connects, or `limit_ms` (-1: for ever). False: the end was asked for. */
static bool wait_for_more(struct http_server *server, bool listening, int limit_ms)
{
    struct pollfd watched[] = {
        { .fd = server->accept_end, .events = POLLIN },
        { .fd = server->listen_socket, .events = POLLIN },
    };
    while (poll(watched, listening ? 2 : 1, limit_ms) < 0)
        check(errno == EINTR);
    return watched[0].revents == 0;
}

/* Out of descriptors or memory: whoever waits in the queue stays there until something is closed.
 */
static bool is_shortage(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void *accept_run(void *context)
{
    struct http_server *server = context;
    bool in_want = false; /* it was logged */
    while (wait_for_more(server, true, -1)) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        int socket = accept4(server->listen_socket, (struct sockaddr *)&address, &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            in_want = false;
            /* It asks on_accept, and closes the socket of whoever is refused. */
            MHD_add_connection(server->daemon, socket, (struct sockaddr *)&address, size);
        } else if (is_shortage(errno)) {
            if (!in_want)
                log_event(LOG_WARN, "http.accept_paused",
                          LOG_TEXT("reason", str_from(strerror(errno))), LOG_END);
            in_want = true;
            if (!wait_for_more(server, false, SHORTAGE_MS))
                break;
        }
        /* Any other error is of a client that left before it was its turn. */
    }
    return NULL;
}

bool accept_start(struct http_server *server, struct fault *fault)
{
    server->accept_end = eventfd(0, EFD_CLOEXEC);
    int error = server->accept_end < 0
                    ? errno
                    : pthread_create(&server->accept_thread, NULL, accept_run, server);
    if (error == 0)
        return true;
    if (server->accept_end >= 0)
        close(server->accept_end);
    return fault_set(fault, FAULT_SETUP, "the HTTP server cannot accept connections: %s",
                     strerror(error));
}

void accept_stop(struct http_server *server)
{
    check(eventfd_write(server->accept_end, 1) == 0);
    check(pthread_join(server->accept_thread, NULL) == 0);
    close(server->accept_end);
    close(server->listen_socket);
}
