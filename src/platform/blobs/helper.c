#include "platform/blobs/helper.h"

#include "base/log.h"
#include "platform/blobs/media_protocol.h"
#include "platform/clock/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct helper helper_none(void)
{
    return (struct helper){ .in = -1, .out = -1, .gets = -1, .said = -1, .say = -1 };
}

static void end_close(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

void helper_close(struct helper *h)
{
    if (h->gets == h->out)
        h->gets = -1;
    end_close(&h->in);
    end_close(&h->out);
    end_close(&h->gets);
    end_close(&h->said);
    end_close(&h->say);
}

/* --- Starting --------------------------------------------------------------------------------- */

/* Beside the running program, unless MANYHANDS_MEDIA says where. */
static bool helper_path(char path[4096])
{
    const char *named = getenv("MANYHANDS_MEDIA");
    if (named != NULL)
        return snprintf(path, 4096, "%s", named) < 4096;
    ssize_t size = readlink("/proc/self/exe", path, 4096 - 32);
    if (size <= 0)
        return false;
    path[size] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return false;
    return snprintf(slash, 32, "/manyhands-media") < 32;
}

static int helper_spawn(struct helper *h, const char *path, const char *mode, int side_px_max)
{
    char side[16], mode_text[16];
    snprintf(side, sizeof side, "%d", side_px_max);
    snprintf(mode_text, sizeof mode_text, "%s", mode);
    char *argv[] = { (char[]){ "manyhands-media" }, mode_text, side, NULL };
    /* Nothing of ours: the server's environment may hold passwords. libvips is kept from loading
       its plug-ins and from putting large pictures into files. */
    char *environment[] = { (char[]){ "VIPSHOME=/nonexistent" },
                            (char[]){ "VIPS_DISC_THRESHOLD=2g" }, (char[]){ "MALLOC_ARENA_MAX=1" },
                            (char[]){ "LC_ALL=C" }, NULL };
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, h->in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, h->gets, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, h->say, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    int error = posix_spawn(&h->pid, path, &files, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

bool helper_start(struct helper *h, const char *mode, int side_px_max, struct fault *fault)
{
    char path[4096];
    int ends[2];
    if (!helper_path(path))
        return fault_set(fault, FAULT_SETUP, "cannot tell where manyhands-media is");
    if (h->in < 0 || h->out < 0 || h->gets < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return fault_set(fault, FAULT_UNAVAILABLE, "pictures: %s", strerror(errno));
    h->said = ends[0];
    h->say = ends[1];
    int error = helper_spawn(h, path, mode, side_px_max);
    if (error != 0)
        return fault_set(fault, error == EAGAIN ? FAULT_UNAVAILABLE : FAULT_SETUP,
                         "cannot start %s: %s", path, strerror(error));
    end_close(&h->say);
    if (h->gets != h->out)
        end_close(&h->gets);
    return true;
}

/* --- Waiting ---------------------------------------------------------------------------------- */

/* False at the end of what it says. */
static bool sentence_read(struct helper *h)
{
    char piece[512];
    ssize_t got = read(h->said, piece, sizeof piece);
    if (got <= 0)
        return false;
    size_t kept = sizeof h->sentence - 1 - h->sentence_size;
    if (kept > (size_t)got)
        kept = (size_t)got;
    memcpy(h->sentence + h->sentence_size, piece, kept);
    h->sentence_size += kept;
    return true;
}

bool helper_listen(struct helper *h, bool out_too, int64_t deadline)
{
    for (;;) {
        int64_t left_ms = (deadline - clock_monotonic()) / 1000;
        struct pollfd ready[2] = { { .fd = h->said, .events = POLLIN },
                                   { .fd = out_too ? h->out : -1, .events = POLLIN } };
        if (left_ms <= 0) {
            h->timed_out = true;
            return false;
        }
        if (poll(ready, 2, (int)left_ms) <= 0)
            continue; /* interrupted, or out of time */
        if (ready[1].revents != 0)
            return true;
        return sentence_read(h);
    }
}

void helper_kill(struct helper *h)
{
    kill(h->pid, SIGKILL);
    while (waitpid(h->pid, &h->status, 0) < 0 && errno == EINTR)
        continue;
}

void helper_wait(struct helper *h, int64_t deadline)
{
    while (helper_listen(h, false, deadline))
        continue;
    /* Its end of the pipe is closed a moment before it can be waited for; or it is playing games.
     */
    while (!h->timed_out && waitpid(h->pid, &h->status, WNOHANG) == 0) {
        h->timed_out = clock_monotonic() >= deadline;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    if (h->timed_out)
        helper_kill(h);
}

/* --- The end ---------------------------------------------------------------------------------- */

bool helper_exited(const struct helper *h, int code)
{
    return !h->timed_out && WIFEXITED(h->status) && WEXITSTATUS(h->status) == code;
}

static bool sentence_usable(const char *sentence)
{
    for (const char *c = sentence; *c != '\0'; c++)
        if (*c < ' ' || *c == 0x7F)
            return false;
    return sentence[0] != '\0';
}

bool helper_failed(const struct helper *h, const char *thing, struct fault *fault)
{
    bool exited = WIFEXITED(h->status);
    if (helper_exited(h, MEDIA_REFUSED) && sentence_usable(h->sentence))
        return fault_set(fault, FAULT_REFUSED, "%s", h->sentence);
    log_event(
        LOG_WARN, "picture.helper_failed",
        LOG_INT(exited ? "exit" : "signal", exited ? WEXITSTATUS(h->status) : WTERMSIG(h->status)),
        LOG_TEXT("said", str_from(h->sentence)), LOG_END);
    if (h->timed_out || (WIFSIGNALED(h->status) && WTERMSIG(h->status) == SIGXCPU))
        return fault_set(fault, FAULT_REFUSED, "This %s takes too long to read.", thing);
    return fault_set(fault, FAULT_REFUSED, "This %s cannot be read.", thing);
}
