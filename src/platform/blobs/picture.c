#include "base/check.h"
#include "platform/blobs/blobs.h"
#include "platform/blobs/helper.h"
#include "platform/blobs/media_protocol.h"
#include "platform/clock/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The picture goes to the helper in a sealed memory file and comes back in another, so that there
   is nothing to pump; the end of what it says tells that it is over. */
enum { AT_ONCE_MAX = 2, WALL_SECONDS_MAX = 20 };

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

static bool files_make(struct helper *h, struct str bytes)
{
    h->in = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    h->out = h->gets = memfd_create("result", MFD_CLOEXEC);
    return h->in >= 0 && h->out >= 0 && input_fill(h->in, bytes);
}

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

static bool helper_run(struct helper *h, struct str bytes, int side_px_max, struct fault *fault)
{
    int64_t deadline = clock_monotonic() + INT64_C(1000000) * WALL_SECONDS_MAX;
    if (!files_make(h, bytes))
        return fault_set(fault, FAULT_UNAVAILABLE, "pictures: %s", strerror(errno));
    if (!helper_start(h, "picture", side_px_max, fault))
        return false;
    helper_wait(h, deadline);
    return true;
}

bool picture_clean(struct arena *arena, struct str bytes, int side_px_max, struct str *webp,
                   int *width_px, int *height_px, struct fault *fault)
{
    check(side_px_max >= 1 && side_px_max <= MEDIA_SIDE_PX_MAX);
    if (bytes.size > MEDIA_INPUT_BYTES_MAX)
        return fault_set(fault, FAULT_REFUSED, "This picture is too large.");
    struct helper h = helper_none();
    place_take();
    bool done = helper_run(&h, bytes, side_px_max, fault);
    bool succeeded = done && helper_exited(&h, MEDIA_DONE) &&
                     picture_take(arena, h.out, side_px_max, webp, width_px, height_px);
    if (done && !succeeded)
        helper_failed(&h, "picture", fault);
    helper_close(&h);
    sem_post(&places);
    return succeeded;
}
