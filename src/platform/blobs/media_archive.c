/* The pictures of a ZIP archive, one after the other in one process: starting a process and libvips
 * for each would take ten times as long as a small picture does.
 *
 * What the archive's directory says of an entry is judged before anything of it is unpacked, and
 * what comes out is counted again. Names are passed on and never used as paths; links, folders and
 * the litter of desktop systems are passed over. An entry that takes over the decoder could spoil
 * the pictures that follow, which come from the same hands.
 */
#include "platform/blobs/media.h"
#include "platform/blobs/media_sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zip.h>

static const char damaged[] =
    "This ZIP archive is damaged, or was not sent whole, and cannot be read.";

/* --- Records ---------------------------------------------------------------------------------- */

static void record_write(enum media_kind kind, const void *bytes, size_t size, uint32_t width_px,
                         uint32_t height_px)
{
    struct media_record record = {
        .kind = kind, .size = (uint32_t)size, .width_px = width_px, .height_px = height_px
    };
    memcpy(record.magic, MEDIA_RECORD_MAGIC, sizeof record.magic);
    media_write(&record, sizeof record);
    media_write(bytes, size);
}

/* --- Entries ---------------------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcasecmp(text + size - end_size, end) == 0;
}

/* Folders, and what file managers put beside pictures without being asked. */
static bool is_litter(const char *name)
{
    static const char *const names[] = { ".DS_Store", "Thumbs.db", "desktop.ini" };
    const char *slash = strrchr(name, '/');
    const char *last = slash == NULL ? name : slash + 1;
    if (last[0] == '\0' || strncmp(last, "._", 2) == 0 || strncmp(name, "__MACOSX/", 9) == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(last, names[i]) == 0)
            return true;
    return false;
}

/* Files made on Unix carry their mode; whatever is no plain file there is passed over. */
static bool is_plain_file(zip_t *archive, zip_uint64_t index)
{
    zip_uint8_t system = ZIP_OPSYS_DEFAULT;
    zip_uint32_t attributes = 0;
    zip_file_get_external_attributes(archive, index, 0, &system, &attributes);
    mode_t type = (mode_t)(attributes >> 16) & S_IFMT;
    bool knows_modes = system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X;
    return !knows_modes || type == 0 || type == S_IFREG;
}

/* What the directory says: NULL, or what is wrong. */
static const char *entry_judge(const zip_stat_t *entry)
{
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if ((entry->valid & needed) != needed)
        return "This entry of the archive is damaged.";
    if (entry->valid & ZIP_STAT_ENCRYPTION_METHOD && entry->encryption_method != ZIP_EM_NONE)
        return "This file is locked with a password. Please pack it without one.";
    if (entry->comp_method != ZIP_CM_STORE && entry->comp_method != ZIP_CM_DEFLATE)
        return "This file is packed in an unusual way. Please pack it as a plain ZIP archive.";
    if (entry->size > MEDIA_ENTRY_BYTES_MAX)
        return "This file is larger than 25 MB.";
    if (entry->size > MEDIA_RATIO_FROM_BYTES && entry->size / MEDIA_RATIO_MAX > entry->comp_size)
        return "This file unpacks to more than a hundred times its size, as no picture does.";
    return NULL;
}

/* Reads one byte more than there may be, so that the end is seen and the checksum with it. */
static bool entry_read(zip_t *archive, const zip_stat_t *entry, struct media_input *in)
{
    size_t size = 0;
    zip_file_t *file = zip_fopen_index(archive, entry->index, 0);
    if (file == NULL)
        return false;
    *in = (struct media_input){ malloc(entry->size + 1), entry->size };
    media_ensure(in->bytes != NULL, "out of memory");
    zip_int64_t got = 1;
    while (got > 0 && size <= entry->size) {
        got = zip_fread(file, in->bytes + size, entry->size + 1 - size);
        size += got > 0 ? (size_t)got : 0;
    }
    bool whole = got == 0 && size == entry->size;
    whole = zip_fclose(file) == 0 && whole;
    if (!whole) {
        free(in->bytes);
        *in = (struct media_input){ 0 };
    }
    return whole;
}

/* NULL, or what is wrong. */
static const char *content_take(struct media_input in, bool is_table, int side_px_max)
{
    struct media_picture picture;
    if (is_table) {
        record_write(MEDIA_TABLE, in.bytes, in.size, 0, 0);
        return NULL;
    }
    const char *wrong = media_picture_clean(in, side_px_max, &picture);
    if (wrong != NULL)
        return wrong;
    record_write(MEDIA_PICTURE, picture.webp, picture.size, picture.width_px, picture.height_px);
    media_picture_free(&picture);
    return NULL;
}

/* Whether nothing was wrong with the entry. */
static bool entry_take(zip_t *archive, const zip_stat_t *entry, int side_px_max)
{
    struct media_input in = { 0 };
    record_write(MEDIA_BEGIN, entry->name, strlen(entry->name), 0, 0);
    media_ensure(sandbox_allow_seconds(MEDIA_ENTRY_CPU_SECONDS_MAX), "cannot set limits");
    const char *wrong = entry_judge(entry);
    if (wrong == NULL && !entry_read(archive, entry, &in))
        wrong = "This entry of the archive is damaged.";
    if (wrong == NULL)
        wrong = content_take(in, ends_in(entry->name, ".csv"), side_px_max);
    free(in.bytes);
    if (wrong != NULL)
        record_write(MEDIA_WRONG, wrong, strlen(wrong), 0, 0);
    return wrong == NULL;
}

/* --- The archive ------------------------------------------------------------------------------ */

static zip_t *archive_open(zip_source_t *source)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_t *archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive == NULL && zip_error_code_zip(&error) == ZIP_ER_MEMORY)
        media_refuse("This ZIP archive holds more than 20,000 files.");
    if (archive == NULL)
        media_refuse(damaged);
    return archive;
}

/* False for what is passed over. */
static bool entry_find(zip_t *archive, zip_uint64_t index, zip_stat_t *entry)
{
    zip_stat_init(entry);
    bool named = zip_stat_index(archive, index, 0, entry) == 0 && entry->valid & ZIP_STAT_NAME &&
                 entry->valid & ZIP_STAT_INDEX;
    if (!named)
        media_refuse(damaged);
    return !is_litter(entry->name) && is_plain_file(archive, index);
}

/* Before anything is unpacked: how much it would be. */
static void archive_judge(zip_t *archive, zip_uint64_t count)
{
    uint64_t unpacked = 0;
    zip_stat_t entry;
    if (count > MEDIA_ENTRIES_MAX)
        media_refuse("This ZIP archive holds more than 20,000 files.");
    for (zip_uint64_t i = 0; i < count; i++)
        if (entry_find(archive, i, &entry) && entry_judge(&entry) == NULL)
            unpacked += entry.size;
    if (unpacked > MEDIA_UNPACKED_BYTES_MAX)
        media_refuse("This ZIP archive unpacks to more than 1 GB. Please send it in parts.");
}

_Noreturn void media_archive(int side_px_max)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_filep_create(stdin, 0, -1, &error);
    media_ensure(source != NULL, "cannot read the input");
    media_picture_prepare();
    media_ensure(sandbox_close(), "cannot close the cage");
    media_ensure(sandbox_allow_seconds(MEDIA_ENTRY_CPU_SECONDS_MAX), "cannot set limits");
    zip_t *archive = archive_open(source);
    zip_int64_t count = zip_get_num_entries(archive, 0);
    unsigned wrong = 0;
    zip_stat_t entry;
    archive_judge(archive, (zip_uint64_t)count);
    for (zip_uint64_t i = 0; i < (zip_uint64_t)count && wrong < MEDIA_WRONG_MAX; i++)
        if (entry_find(archive, i, &entry))
            wrong += !entry_take(archive, &entry, side_px_max);
    record_write(MEDIA_END, NULL, 0, 0, 0);
    _exit(MEDIA_DONE);
}
