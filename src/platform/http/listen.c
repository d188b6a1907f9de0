#include "platform/http/inside.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, SOCKET_MODE = 0660 };

static bool listen_failed(struct str place, const char *what, struct fault *fault)
{
    return fault_set(fault, FAULT_SETUP, "cannot listen on %.*s: %s: %s", STR_ARG(place), what,
                     strerror(errno));
}

/* A socket file that nobody answers on any more is left from a process that was killed. */
static void remove_stale(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return;
    if (connect(probe, (const struct sockaddr *)address, sizeof *address) != 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(probe);
}

static bool listen_unix(struct http_server *server, struct str path, struct fault *fault)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (path.size == 0 || path.size >= sizeof address.sun_path)
        return fault_set(fault, FAULT_SETUP,
                         "cannot listen on unix:%.*s: the path must have 1 to %zu bytes",
                         STR_ARG(path), sizeof address.sun_path - 1);
    memcpy(address.sun_path, path.data, path.size);
    remove_stale(&address);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0)
        return listen_failed(path, "socket", fault);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(address.sun_path, SOCKET_MODE) != 0 || listen(listener, BACKLOG) != 0) {
        listen_failed(path, "bind", fault);
        close(listener);
        return false;
    }
    server->listen_socket = listener;
    server->socket_path = strdup(address.sun_path);
    return true;
}

/* "host:port", "[v6]:port" or ":port"; empty host: every address. */
static bool split_place(struct str place, char host[256], char port[8])
{
    size_t colon = place.size;
    while (colon > 0 && place.data[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    struct str name = str_slice(place, 0, colon - 1);
    struct str number = str_slice(place, colon, place.size);
    int64_t value;
    if (!str_to_int64(number, &value) || value < 0 || value > 65535 || number.size > 5)
        return false;
    if (str_starts(name, S("[")) && str_ends(name, S("]")))
        name = str_slice(name, 1, name.size - 1);
    else if (str_find(name, S(":")) != SIZE_MAX)
        return false;
    if (name.size > 255)
        return false;
    if (name.size > 0)
        memcpy(host, name.data, name.size);
    host[name.size] = '\0';
    memcpy(port, number.data, number.size);
    port[number.size] = '\0';
    return true;
}

static int listen_address(const struct addrinfo *address)
{
    int on = 1, off = 0;
    int listener =
        socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (listener < 0)
        return -1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6) /* "[::]" serves IPv4 too */
        setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(listener, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(listener, BACKLOG) == 0)
        return listener;
    int error = errno;
    close(listener);
    errno = error;
    return -1;
}

static int port_of(int listener)
{
    struct sockaddr_storage address = { 0 };
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0;
}

bool listen_on(struct http_server *server, struct fault *fault)
{
    struct str place = server->options.listen;
    if (str_starts(place, S("unix:")))
        return listen_unix(server, str_slice(place, 5, place.size), fault);
    char host[256], port[8];
    if (!split_place(place, host, port))
        return fault_set(fault, FAULT_SETUP,
                         "cannot listen on %.*s: expected host:port, [IPv6]:port or unix:/path",
                         STR_ARG(place));
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    int problem = getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &found);
    if (problem != 0)
        return fault_set(fault, FAULT_SETUP, "cannot listen on %.*s: %s", STR_ARG(place),
                         gai_strerror(problem));
    int listener = -1;
    for (const struct addrinfo *a = found; a != NULL && listener < 0; a = a->ai_next)
        listener = listen_address(a);
    freeaddrinfo(found);
    if (listener < 0)
        return listen_failed(place, "bind", fault);
    server->listen_socket = listener;
    server->port = port_of(listener);
    return true;
}
