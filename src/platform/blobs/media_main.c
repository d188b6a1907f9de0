/* manyhands-media: decodes what strangers send, so that the server does not have to. */
#include "platform/blobs/media_protocol.h"
#include "platform/blobs/media_sandbox.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vips/vips.h>

enum { MEGAPIXELS_MAX = 40, WEBP_QUALITY = 82 };

struct input {
    unsigned char *bytes;
    size_t size;
};

/* Ends at once: libraries' farewells are not needed, and may trip over the cage. */
_Noreturn static void end(int how, const char *sentence)
{
    size_t size = strlen(sentence);
    (void)!write(STDERR_FILENO, sentence, size);
    _exit(how);
}

_Noreturn static void refuse(const char *sentence)
{
    end(MEDIA_REFUSED, sentence);
}

static void ensure(bool holds, const char *what)
{
    if (!holds)
        end(MEDIA_FAILED, what);
}

static struct input input_read(void)
{
    struct input in = { 0 };
    size_t room = 1024 * 1024;
    for (ssize_t got = 1; got > 0; in.size += (size_t)got) {
        if (in.bytes == NULL || in.size == room) {
            room *= 2;
            in.bytes = realloc(in.bytes, room);
            ensure(in.bytes != NULL, "out of memory");
        }
        got = read(STDIN_FILENO, in.bytes + in.size, room - in.size);
        ensure(got >= 0, "cannot read the input");
        if (in.size > MEDIA_INPUT_BYTES_MAX)
            refuse("This picture is too large.");
    }
    return in;
}

/* --- What it is ------------------------------------------------------------------------------- */

static bool has(const struct input *in, size_t at, const char *bytes, size_t size)
{
    return in->size >= at + size && memcmp(in->bytes + at, bytes, size) == 0;
}
#define HAS(in, at, literal) has(in, at, literal, sizeof literal - 1)

static bool looks_like_svg(const struct input *in)
{
    size_t looked_at = in->size < 4096 ? in->size : 4096;
    return memmem(in->bytes, looked_at, "<svg", 4) != NULL ||
           memmem(in->bytes, looked_at, "<!DOCTYPE svg", 13) != NULL;
}

/* By the bytes themselves; names and declared types are only claims. */
static void kind_check(const struct input *in)
{
    bool known = HAS(in, 0, "\x89PNG\r\n\x1a\n") || HAS(in, 0, "\xff\xd8\xff") ||
                 (HAS(in, 0, "RIFF") && HAS(in, 8, "WEBP")) || HAS(in, 0, "GIF87a") ||
                 HAS(in, 0, "GIF89a");
    if (known)
        return;
    if (in->size == 0)
        refuse("The file is empty.");
    if (looks_like_svg(in))
        refuse("SVG drawings are not accepted, because they can carry programs. "
               "Please send it as PNG, JPEG, WebP or GIF.");
    refuse("This is not a PNG, JPEG, WebP or GIF picture.");
}

/* From the header alone, before anything is unpacked. */
static void size_check(const struct input *in)
{
    VipsImage *header =
        vips_image_new_from_buffer(in->bytes, in->size, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    if (header == NULL)
        refuse("This picture is damaged and cannot be read.");
    int64_t pixels = (int64_t)vips_image_get_width(header) * vips_image_get_height(header);
    if (pixels > (int64_t)MEGAPIXELS_MAX * 1000000)
        refuse("This picture has more than 40 megapixels. Please make it smaller.");
    g_object_unref(header);
}

/* --- Decoding and encoding -------------------------------------------------------------------- */

static void log_nothing(const char *domain, GLogLevelFlags level, const char *text, void *data)
{
}

static void vips_prepare(void)
{
    static const char *const loaders[] = { "VipsForeignLoadPngBuffer", "VipsForeignLoadJpegBuffer",
                                           "VipsForeignLoadWebpBuffer",
                                           "VipsForeignLoadNsgifBuffer" };
    g_log_set_default_handler(log_nothing, NULL);
    ensure(vips_init("manyhands-media") == 0, "libvips cannot start");
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++)
        vips_operation_block_set(loaders[i], FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
}

static VipsImage *picture_decode(const struct input *in, int side_px_max)
{
    VipsImage *small = NULL, *own = NULL;
    /* Turned upright as its EXIF says, scaled down only, colours brought to sRGB. (fail-on stands
       among the loader's options, since the property of that name does not reach it from here.) */
    if (vips_thumbnail_buffer(in->bytes, in->size, &small, side_px_max, "height", side_px_max,
                              "size", VIPS_SIZE_DOWN, "export_profile", "srgb", "option_string",
                              "[fail-on=error]", NULL) != 0)
        refuse("This picture is damaged and cannot be read.");
    /* An image in memory of our own: only then may its metadata be taken away. */
    own = vips_image_copy_memory(small);
    if (own == NULL)
        refuse("This picture is damaged and cannot be read.");
    g_object_unref(small);
    VipsImage *bare = NULL;
    ensure(vips_copy(own, &bare, NULL) == 0, "cannot copy");
    g_object_unref(own);
    return bare;
}

/* All of it: EXIF, XMP, IPTC, profiles, comments, names. The colours are sRGB by now, and what is
   always there (width, bands …) is no metadata to vips_image_remove. */
static void metadata_remove(VipsImage *image)
{
    char **fields = vips_image_get_fields(image);
    for (char **field = fields; field != NULL && *field != NULL; field++)
        vips_image_remove(image, *field);
    g_strfreev(fields);
}

static uint32_t little_endian(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* libvips 8.14 writes an EXIF block of its own making whatever it is told; WebP's container is
   simple enough to take it out again
   (https://developers.google.com/speed/webp/docs/riff_container). Returns the size that is left. */
static size_t webp_strip(unsigned char *webp, size_t size)
{
    enum { HEAD = 12, CHUNK_HEAD = 8, FLAG_ICC = 0x20, FLAG_EXIF = 0x08, FLAG_XMP = 0x04 };
    size_t kept = HEAD;
    for (size_t at = HEAD; at + CHUNK_HEAD <= size;) {
        size_t whole = CHUNK_HEAD + (size_t)little_endian(webp + at + 4);
        whole += whole % 2;
        ensure(whole <= size - at, "cannot read the WebP that was just written");
        bool is_metadata = memcmp(webp + at, "EXIF", 4) == 0 || memcmp(webp + at, "XMP ", 4) == 0 ||
                           memcmp(webp + at, "ICCP", 4) == 0;
        if (memcmp(webp + at, "VP8X", 4) == 0)
            webp[at + CHUNK_HEAD] &= (unsigned char)~(FLAG_ICC | FLAG_EXIF | FLAG_XMP);
        if (!is_metadata) {
            memmove(webp + kept, webp + at, whole);
            kept += whole;
        }
        at += whole;
    }
    for (size_t i = 0; i < 4; i++)
        webp[4 + i] = (unsigned char)((kept - CHUNK_HEAD) >> (8 * i));
    return kept;
}

static void output_write(const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, from, size);
        ensure(written > 0, "cannot write the output");
        from += written;
        size -= (size_t)written;
    }
}

static void picture_write(VipsImage *image)
{
    void *webp = NULL;
    size_t size = 0;
    ensure(vips_webpsave_buffer(image, &webp, &size, "Q", WEBP_QUALITY, "smart_subsample", TRUE,
                                "strip", TRUE, NULL) == 0,
           "cannot encode");
    struct media_header header = {
        .width_px = (uint32_t)vips_image_get_width(image),
        .height_px = (uint32_t)vips_image_get_height(image),
    };
    memcpy(header.magic, MEDIA_MAGIC, sizeof header.magic);
    output_write(&header, sizeof header);
    output_write(webp, webp_strip(webp, size));
}

int main(int argc, char **argv)
{
    ensure(sandbox_enter(), "cannot set limits");
    char *rest = NULL;
    long side_px_max = argc == 3 ? strtol(argv[2], &rest, 10) : 0;
    ensure(argc == 3 && strcmp(argv[1], "picture") == 0 && *rest == '\0' && side_px_max >= 1 &&
               side_px_max <= MEDIA_SIDE_PX_MAX,
           "usage: manyhands-media picture SIDE_PX_MAX <PICTURE >RESULT");
    struct input in = input_read();
    kind_check(&in);
    vips_prepare();
    ensure(sandbox_close(), "cannot close the cage");
    size_check(&in);
    VipsImage *image = picture_decode(&in, (int)side_px_max);
    metadata_remove(image);
    picture_write(image);
    _exit(MEDIA_DONE);
}
