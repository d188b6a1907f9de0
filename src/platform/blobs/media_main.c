/* manyhands-media: decodes what strangers send, so that the server does not have to. */
#include "platform/blobs/media.h"
#include "platform/blobs/media_sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends at once: libraries' farewells are not needed, and may trip over the cage. */
_Noreturn static void end(int how, const char *sentence)
{
    size_t size = strlen(sentence);
    (void)!write(STDERR_FILENO, sentence, size);
    _exit(how);
}

_Noreturn void media_refuse(const char *sentence)
{
    end(MEDIA_REFUSED, sentence);
}

void media_ensure(bool holds, const char *what)
{
    if (!holds)
        end(MEDIA_FAILED, what);
}

void media_write(const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, from, size);
        media_ensure(written > 0, "cannot write the output");
        from += written;
        size -= (size_t)written;
    }
}

static struct media_input input_read(void)
{
    struct media_input in = { 0 };
    size_t room = 1024 * 1024;
    for (ssize_t got = 1; got > 0; in.size += (size_t)got) {
        if (in.bytes == NULL || in.size == room) {
            room *= 2;
            in.bytes = realloc(in.bytes, room);
            media_ensure(in.bytes != NULL, "out of memory");
        }
        got = read(STDIN_FILENO, in.bytes + in.size, room - in.size);
        media_ensure(got >= 0, "cannot read the input");
        if (in.size > MEDIA_INPUT_BYTES_MAX)
            media_refuse("This picture is too large.");
    }
    return in;
}

_Noreturn static void picture(int side_px_max)
{
    struct media_input in = input_read();
    struct media_picture picture;
    media_picture_prepare();
    media_ensure(sandbox_close(), "cannot close the cage");
    const char *refusal = media_picture_clean(in, side_px_max, &picture);
    if (refusal != NULL)
        media_refuse(refusal);
    struct media_header header = { .width_px = picture.width_px, .height_px = picture.height_px };
    memcpy(header.magic, MEDIA_MAGIC, sizeof header.magic);
    media_write(&header, sizeof header);
    media_write(picture.webp, picture.size);
    _exit(MEDIA_DONE);
}

int main(int argc, char **argv)
{
    char *rest = NULL;
    long side_px_max = argc == 3 ? strtol(argv[2], &rest, 10) : 0;
    bool is_archive = argc == 3 && strcmp(argv[1], "archive") == 0;
    media_ensure(
        sandbox_enter(is_archive ? MEDIA_ARCHIVE_CPU_SECONDS_MAX : MEDIA_ENTRY_CPU_SECONDS_MAX),
        "cannot set limits");
    media_ensure(argc == 3 && (is_archive || strcmp(argv[1], "picture") == 0) && *rest == '\0' &&
                     side_px_max >= 1 && side_px_max <= MEDIA_SIDE_PX_MAX,
                 "usage: manyhands-media picture|archive SIDE_PX_MAX <FILE >RESULT");
    if (is_archive)
        media_archive((int)side_px_max);
    picture((int)side_px_max);
}
