#include "base/check.h"
#include "base/log.h"
#include "platform/blobs/blobs.h"
#include "platform/blobs/media_protocol.h"
#include "platform/clock/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The picture goes to the helper in a sealed memory file and comes back in another, so that there
   is nothing to pump; the helper's standard error is a pipe, and its end tells that it is over. */
enum { AT_ONCE_MAX = 2, WALL_SECONDS_MAX = 20, SENTENCE_SIZE = 400 };

struct helper {
    int in, out;   /* memory files */
    int said, say; /* pipe: our end, the helper's */
    pid_t pid;
    int status; /* of waitpid */
    bool timed_out;
    char sentence[SENTENCE_SIZE];
};

static sem_t places;

static void places_make(void)
{
    check(sem_init(&places, 0, AT_ONCE_MAX) == 0);
}

static void place_take(void)
{
    static pthread_once_t made = PTHREAD_ONCE_INIT;
    pthread_once(&made, places_make);
    while (sem_wait(&places) != 0)
        check(errno == EINTR);
}

static void helper_close(struct helper *h)
{
    int *const ends[] = { &h->in, &h->out, &h->said, &h->say };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (*ends[i] >= 0)
            close(*ends[i]);
        *ends[i] = -1;
    }
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

static bool input_fill(int file, struct str bytes)
{
    while (bytes.size > 0) {
        ssize_t written = write(file, bytes.data, bytes.size);
        if (written <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)written, bytes.size);
    }
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    return lseek(file, 0, SEEK_SET) == 0 && fcntl(file, F_ADD_SEALS, seals) == 0;
}

static bool helper_prepare(struct helper *h, struct str bytes)
{
    *h = (struct helper){ .in = -1, .out = -1, .said = -1, .say = -1 };
    int ends[2];
    h->in = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    h->out = memfd_create("result", MFD_CLOEXEC);
    if (h->in < 0 || h->out < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    h->said = ends[0];
    h->say = ends[1];
    return input_fill(h->in, bytes);
}

static int helper_spawn(struct helper *h, const char *path, int side_px_max)
{
    char side[16];
    snprintf(side, sizeof side, "%d", side_px_max);
    char *argv[] = { (char[]){ "manyhands-media" }, (char[]){ "picture" }, side, NULL };
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
    posix_spawn_file_actions_adddup2(&files, h->out, STDOUT_FILENO);
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

/* --- Waiting ---------------------------------------------------------------------------------- */

/* Keeps what fits of what the helper says; false at the end of the deadline. */
static bool sentence_read(struct helper *h, int64_t deadline)
{
    char piece[512];
    size_t size = 0;
    for (;;) {
        int64_t left_ms = (deadline - clock_monotonic()) / 1000;
        struct pollfd ready = { .fd = h->said, .events = POLLIN };
        if (left_ms <= 0)
            return false;
        if (poll(&ready, 1, (int)left_ms) <= 0)
            continue; /* interrupted, or out of time */
        ssize_t got = read(h->said, piece, sizeof piece);
        if (got <= 0)
            return true;
        size_t kept = sizeof h->sentence - 1 - size;
        if (kept > (size_t)got)
            kept = (size_t)got;
        memcpy(h->sentence + size, piece, kept);
        size += kept;
    }
}

static void helper_wait(struct helper *h)
{
    int64_t deadline = clock_monotonic() + INT64_C(1000000) * WALL_SECONDS_MAX;
    bool ended = sentence_read(h, deadline);
    /* Its end of the pipe is closed a moment before it can be waited for; or it is playing games.
     */
    while (ended && waitpid(h->pid, &h->status, WNOHANG) == 0) {
        ended = clock_monotonic() < deadline;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    if (ended)
        return;
    h->timed_out = true;
    kill(h->pid, SIGKILL);
    while (waitpid(h->pid, &h->status, 0) < 0 && errno == EINTR)
        continue;
}

/* --- The answer ------------------------------------------------------------------------------- */

static bool picture_take(struct arena *arena, int file, int side_px_max, struct str *webp,
                         int *width_px, int *height_px)
{
    struct stat status;
    struct media_header header;
    if (fstat(file, &status) != 0 || status.st_size <= (off_t)sizeof header ||
        status.st_size > MEDIA_OUTPUT_BYTES_MAX ||
        pread(file, &header, sizeof header, 0) != sizeof header ||
        memcmp(header.magic, MEDIA_MAGIC, sizeof header.magic) != 0)
        return false;
    size_t size = (size_t)status.st_size - sizeof header;
    char *bytes = arena_take(arena, size);
    for (size_t at = 0; at < size;) {
        ssize_t got = pread(file, bytes + at, size - at, (off_t)(sizeof header + at));
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    *webp = (struct str){ bytes, size };
    *width_px = (int)header.width_px;
    *height_px = (int)header.height_px;
    /* The helper may be in a stranger's hands: what it says is looked at, too. */
    return header.width_px >= 1 && header.height_px >= 1 &&
           header.width_px <= (uint32_t)side_px_max && header.height_px <= (uint32_t)side_px_max &&
           str_starts(*webp, S("RIFF")) && str_starts(str_slice(*webp, 8, size), S("WEBP"));
}

static bool sentence_usable(const char *sentence)
{
    for (const char *c = sentence; *c != '\0'; c++)
        if (*c < ' ' || *c == 0x7F)
            return false;
    return sentence[0] != '\0';
}

static bool helper_failed(const struct helper *h, struct fault *fault)
{
    bool exited = WIFEXITED(h->status);
    if (exited && WEXITSTATUS(h->status) == MEDIA_REFUSED && sentence_usable(h->sentence))
        return fault_set(fault, FAULT_REFUSED, "%s", h->sentence);
    log_event(
        LOG_WARN, "picture.helper_failed",
        LOG_INT(exited ? "exit" : "signal", exited ? WEXITSTATUS(h->status) : WTERMSIG(h->status)),
        LOG_TEXT("said", str_from(h->sentence)), LOG_END);
    if (h->timed_out || (WIFSIGNALED(h->status) && WTERMSIG(h->status) == SIGXCPU))
        return fault_set(fault, FAULT_REFUSED, "This picture takes too long to read.");
    return fault_set(fault, FAULT_REFUSED, "This picture cannot be read.");
}

static bool helper_run(struct helper *h, struct str bytes, int side_px_max, struct fault *fault)
{
    char path[4096];
    if (!helper_path(path))
        return fault_set(fault, FAULT_SETUP, "cannot tell where manyhands-media is");
    if (!helper_prepare(h, bytes))
        return fault_set(fault, FAULT_UNAVAILABLE, "pictures: %s", strerror(errno));
    int error = helper_spawn(h, path, side_px_max);
    if (error != 0)
        return fault_set(fault, error == EAGAIN ? FAULT_UNAVAILABLE : FAULT_SETUP,
                         "cannot start %s: %s", path, strerror(error));
    close(h->say);
    h->say = -1;
    helper_wait(h);
    return true;
}

bool picture_clean(struct arena *arena, struct str bytes, int side_px_max, struct str *webp,
                   int *width_px, int *height_px, struct fault *fault)
{
    check(side_px_max >= 1 && side_px_max <= MEDIA_SIDE_PX_MAX);
    if (bytes.size > MEDIA_INPUT_BYTES_MAX)
        return fault_set(fault, FAULT_REFUSED, "This picture is too large.");
    struct helper h = { .in = -1, .out = -1, .said = -1, .say = -1 };
    place_take();
    bool done = helper_run(&h, bytes, side_px_max, fault);
    bool succeeded = done && WIFEXITED(h.status) && WEXITSTATUS(h.status) == MEDIA_DONE &&
                     !h.timed_out &&
                     picture_take(arena, h.out, side_px_max, webp, width_px, height_px);
    if (done && !succeeded)
        helper_failed(&h, fault);
    helper_close(&h);
    sem_post(&places);
    return succeeded;
}
