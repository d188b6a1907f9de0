/* A server and raw clients for the tests of this room. */
#pragma once
#include "platform/http/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The server answers by path: /echo tells what it understood, /later the same from another thread,
   /hold waits for kit_release, /file sends a file, /policy sets a header of its own, /bad-header
   tries to break a line, anything else is 404. */
struct kit {
    struct http_server *server;
    int port;
};
struct http_options kit_options(void); /* generous, port 0 */
struct kit kit_start(struct http_options options);
void kit_stop(struct kit *kit, unsigned seconds);
int64_t kit_handled(void);        /* requests that reached the handler since kit_start */
size_t kit_held(void);            /* exchanges waiting on /hold */
void kit_wait_held(size_t count); /* until so many wait */
void kit_release(size_t count);   /* answers as many */

/* A client: one connection and what was received and not looked at yet. */
struct client {
    int socket;
    size_t size;
    char data[128 * 1024];
};
struct client *client_open(const struct kit *kit);
struct client *client_open_from(const struct kit *kit, const char *source_address);
void client_close(struct client *client);
void client_send(struct client *client, const char *text);
void client_send_bytes(struct client *client, const void *bytes, size_t size);
/* The next answer, waiting for all of it; false at the end of the stream. `head` is terminated. */
struct answer {
    int status;
    struct str head, body;
    char text[64 * 1024];
};
bool client_receive(struct client *client, bool no_body, struct answer *answer);
bool client_at_end(struct client *client); /* waits for the server to close; false: it sent more */
/* The same, whatever comes before: libmicrohttpd 0.9.75 sends the head of some refusals twice. */
void client_read_to_end(struct client *client);
/* Sends, receives one answer, returns its status (0: closed without one). */
int client_ask(struct client *client, const char *text, struct answer *answer);
bool answer_has(const struct answer *answer, const char *line);

#define GET(target) "GET " target " HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define assert_contains(text, part) assert_non_null(strstr((text), (part)))

int http_reading_tests(void);
int http_form_tests(void);
int http_seats_tests(void);
int http_life_tests(void);
