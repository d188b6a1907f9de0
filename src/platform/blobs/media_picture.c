/* One picture, decoded and encoded again. */
#include "platform/blobs/media.h"

#include <string.h>

#include <vips/vips.h>

enum { MEGAPIXELS_MAX = 40, WEBP_QUALITY = 82 };

static const char damaged[] = "This picture is damaged and cannot be read.";

/* --- What it is ------------------------------------------------------------------------------- */

static bool has(const struct media_input *in, size_t at, const char *bytes, size_t size)
{
    return in->size >= at + size && memcmp(in->bytes + at, bytes, size) == 0;
}
#define HAS(in, at, literal) has(in, at, literal, sizeof literal - 1)

static bool looks_like_svg(const struct media_input *in)
{
    size_t looked_at = in->size < 4096 ? in->size : 4096;
    return memmem(in->bytes, looked_at, "<svg", 4) != NULL ||
           memmem(in->bytes, looked_at, "<!DOCTYPE svg", 13) != NULL;
}

static bool looks_like_archive(const struct media_input *in)
{
    return HAS(in, 0, "PK\3\4") || HAS(in, 0, "PK\5\6") || HAS(in, 0, "Rar!\x1a") ||
           HAS(in, 0, "7z\xbc\xaf\x27\x1c") || HAS(in, 0, "\x1f\x8b") || HAS(in, 257, "ustar");
}

/* By the bytes themselves; names and declared types are only claims. */
static const char *kind_judge(const struct media_input *in)
{
    bool known = HAS(in, 0, "\x89PNG\r\n\x1a\n") || HAS(in, 0, "\xff\xd8\xff") ||
                 (HAS(in, 0, "RIFF") && HAS(in, 8, "WEBP")) || HAS(in, 0, "GIF87a") ||
                 HAS(in, 0, "GIF89a");
    if (known)
        return NULL;
    if (in->size == 0)
        return "The file is empty.";
    if (looks_like_svg(in))
        return "SVG drawings are not accepted, because they can carry programs. "
               "Please send it as PNG, JPEG, WebP or GIF.";
    if (looks_like_archive(in))
        return "This is an archive. Please send the pictures themselves.";
    return "This is not a PNG, JPEG, WebP or GIF picture.";
}

/* Whether the numbers stand for colours of sRGB already: asking the colour engine all the same
   would take most of the time of a small picture. */
static bool is_srgb(VipsImage *header)
{
    VipsInterpretation colours = vips_image_get_interpretation(header);
    return (colours == VIPS_INTERPRETATION_sRGB || colours == VIPS_INTERPRETATION_B_W) &&
           vips_image_get_format(header) == VIPS_FORMAT_UCHAR &&
           vips_image_get_typeof(header, VIPS_META_ICC_NAME) == 0;
}

/* From the header alone, before anything is unpacked. */
static const char *size_judge(const struct media_input *in, const char **export_profile)
{
    VipsImage *header =
        vips_image_new_from_buffer(in->bytes, in->size, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    if (header == NULL)
        return damaged;
    int64_t pixels = (int64_t)vips_image_get_width(header) * vips_image_get_height(header);
    *export_profile = is_srgb(header) ? NULL : "srgb";
    g_object_unref(header);
    if (pixels > (int64_t)MEGAPIXELS_MAX * 1000000)
        return "This picture has more than 40 megapixels. Please make it smaller.";
    return NULL;
}

/* --- Decoding and encoding -------------------------------------------------------------------- */

static void log_nothing(const char *domain, GLogLevelFlags level, const char *text, void *data)
{
}

void media_picture_prepare(void)
{
    static const char *const loaders[] = { "VipsForeignLoadPngBuffer", "VipsForeignLoadJpegBuffer",
                                           "VipsForeignLoadWebpBuffer",
                                           "VipsForeignLoadNsgifBuffer" };
    g_log_set_default_handler(log_nothing, NULL);
    media_ensure(vips_init("manyhands-media") == 0, "libvips cannot start");
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++)
        vips_operation_block_set(loaders[i], FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
}

static VipsImage *picture_decode(const struct media_input *in, int side_px_max,
                                 const char *export_profile)
{
    VipsImage *small = NULL, *own = NULL, *bare = NULL;
    /* Turned upright as its EXIF says, scaled down only, colours brought to sRGB. (fail-on stands
       among the loader's options, since the property of that name does not reach it from here.) */
    if (vips_thumbnail_buffer(in->bytes, in->size, &small, side_px_max, "height", side_px_max,
                              "size", VIPS_SIZE_DOWN, "export_profile", export_profile,
                              "option_string", "[fail-on=error]", NULL) != 0)
        return NULL;
    /* An image in memory of our own: only then may its metadata be taken away. */
    own = vips_image_copy_memory(small);
    g_object_unref(small);
    if (own == NULL)
        return NULL;
    media_ensure(vips_copy(own, &bare, NULL) == 0, "cannot copy");
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
        media_ensure(whole <= size - at, "cannot read the WebP that was just written");
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

static bool picture_encode(VipsImage *image, struct media_picture *picture)
{
    void *webp = NULL;
    size_t size = 0;
    bool encoded = vips_webpsave_buffer(image, &webp, &size, "Q", WEBP_QUALITY, "smart_subsample",
                                        TRUE, "strip", TRUE, NULL) == 0;
    if (encoded)
        *picture = (struct media_picture){
            .webp = webp,
            .size = webp_strip(webp, size),
            .width_px = (uint32_t)vips_image_get_width(image),
            .height_px = (uint32_t)vips_image_get_height(image),
        };
    return encoded;
}

/* --- Together --------------------------------------------------------------------------------- */

const char *media_picture_clean(struct media_input in, int side_px_max,
                                struct media_picture *picture)
{
    const char *export_profile = NULL;
    const char *refusal = kind_judge(&in);
    if (refusal == NULL)
        refusal = size_judge(&in, &export_profile);
    if (refusal != NULL)
        return refusal;
    VipsImage *image = picture_decode(&in, side_px_max, export_profile);
    vips_error_clear(); /* what it says is for programmers, and would be kept for ever */
    if (image == NULL)
        return damaged;
    metadata_remove(image);
    media_ensure(picture_encode(image, picture), "cannot encode");
    g_object_unref(image);
    return NULL;
}

void media_picture_free(struct media_picture *picture)
{
    g_free(picture->webp);
    picture->webp = NULL;
}
