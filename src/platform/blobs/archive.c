/* Archives: the helper's records, one after the other, become entries; pictures go to the disk as
 * they come, so that no more than one of them is in memory. */
#include "base/check.h"
#include "base/log.h"
#include "platform/blobs/blobs_inner.h"
#include "platform/blobs/helper.h"
#include "platform/blobs/media_protocol.h"
#include "platform/clock/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ENTRY: from one record to the next; ours is the slower clock, for the machine may be busy. */
enum { AT_ONCE_MAX = 2, ENTRY_SECONDS_MAX = 30, WALL_SECONDS_MAX = 30 * 60 };

struct reading {
    struct helper helper;
    struct arena *arena;
    struct archive *archive;
    struct fault *fault;
    int side_px_max;
    int64_t ends_at, record_ends_at;
    char *bytes; /* of the record, room for the largest so far */
    size_t room, entries_room;
    struct archive_entry *entry; /* begun, and not yet told what became of it; or NULL */
};

bool archive_recognised(struct str bytes)
{
    return str_starts(bytes, S("PK\3\4")) || str_starts(bytes, S("PK\5\6"));
}

/* --- From the pipe ---------------------------------------------------------------------------- */

static bool bytes_read(struct reading *r, void *into, size_t size)
{
    int64_t deadline = r->record_ends_at < r->ends_at ? r->record_ends_at : r->ends_at;
    for (size_t at = 0; at < size;) {
        ssize_t got = read(r->helper.out, (char *)into + at, size - at);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
            return false;
        if (got > 0)
            at += (size_t)got;
        else if (!helper_listen(&r->helper, true, deadline))
            return false;
    }
    return true;
}

/* Nothing that the helper says is believed before it is looked at. */
static bool record_read(struct reading *r, struct media_record *record)
{
    r->record_ends_at = clock_monotonic() + INT64_C(1000000) * ENTRY_SECONDS_MAX;
    if (!bytes_read(r, record, sizeof *record) ||
        memcmp(record->magic, MEDIA_RECORD_MAGIC, sizeof record->magic) != 0 ||
        record->size > MEDIA_OUTPUT_BYTES_MAX)
        return false;
    if (record->size > r->room) {
        free(r->bytes);
        r->room = record->size;
        r->bytes = malloc(r->room);
        check(r->bytes != NULL);
    }
    return bytes_read(r, r->bytes, record->size);
}

/* --- Entries ---------------------------------------------------------------------------------- */

/* A name as it can be shown: what no file should be called becomes a question mark. */
static struct str path_mended(struct arena *arena, struct str name)
{
    struct str path = str_copy(arena, name);
    char *text = (char *)(uintptr_t)path.data;
    bool valid = utf8_valid(path);
    for (size_t i = 0; i < path.size; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F || (!valid && text[i] & 0x80))
            text[i] = '?';
    return path;
}

static bool entry_begin(struct reading *r, struct str name)
{
    struct archive *a = r->archive;
    if (r->entry != NULL || a->count == MEDIA_ENTRIES_MAX || name.size > MEDIA_NAME_BYTES_MAX)
        return false;
    if (a->count == r->entries_room) {
        r->entries_room = r->entries_room == 0 ? 256 : 2 * r->entries_room;
        struct archive_entry *more = arena_new(r->arena, struct archive_entry, r->entries_room);
        if (a->count > 0)
            memcpy(more, a->entries, a->count * sizeof *more);
        a->entries = more;
    }
    r->entry = &a->entries[a->count++];
    *r->entry = (struct archive_entry){ .path = path_mended(r->arena, name) };
    return true;
}

static void entry_wrong(struct reading *r, struct str sentence)
{
    r->entry->kind = ARCHIVE_WRONG;
    r->entry->sentence = str_copy(r->arena, sentence);
    r->archive->wrong_count++;
}

static bool is_webp(const struct reading *r, const struct media_record *record, struct str bytes)
{
    return record->width_px >= 1 && record->height_px >= 1 &&
           record->width_px <= (uint32_t)r->side_px_max &&
           record->height_px <= (uint32_t)r->side_px_max && str_starts(bytes, S("RIFF")) &&
           str_starts(str_slice(bytes, 8, bytes.size), S("WEBP"));
}

/* False when the helper talks nonsense, or the disk is full (then there is a fault). */
static bool record_take(struct reading *r, const struct media_record *record)
{
    struct str bytes = { r->bytes, record->size };
    if (record->kind == MEDIA_BEGIN)
        return entry_begin(r, bytes);
    if (r->entry == NULL)
        return false;
    if (record->kind == MEDIA_PICTURE) {
        if (!is_webp(r, record, bytes) ||
            !blob_batch_add(r->archive->pictures, bytes, r->entry->blob, r->fault))
            return false;
        r->entry->kind = ARCHIVE_PICTURE;
        r->entry->width_px = (int)record->width_px;
        r->entry->height_px = (int)record->height_px;
    } else if (record->kind == MEDIA_TABLE && record->size <= MEDIA_ENTRY_BYTES_MAX) {
        r->entry->kind = ARCHIVE_TABLE;
        r->entry->bytes = str_copy(r->arena, bytes);
    } else if (record->kind == MEDIA_WRONG && utf8_valid(bytes)) {
        entry_wrong(r, bytes);
    } else {
        return false;
    }
    r->entry = NULL;
    return true;
}

/* --- Together --------------------------------------------------------------------------------- */

static bool files_make(struct helper *h, struct blob_store *store, struct str bytes)
{
    int ends[2];
    h->in = blob_scratch(store, bytes);
    if (h->in < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    h->out = ends[0];
    h->gets = ends[1];
    return fcntl(h->out, F_SETFL, O_NONBLOCK) == 0;
}

/* The entry at which the helper failed is wrong; without one the archive is. */
static bool ended_badly(struct reading *r)
{
    struct fault why = { 0 };
    helper_failed(&r->helper, r->entry != NULL ? "file" : "ZIP archive", &why);
    if (r->entry == NULL) {
        *r->fault = why;
        return false;
    }
    entry_wrong(r, str_from(why.detail));
    r->entry = NULL;
    return true;
}

static bool records_read(struct reading *r)
{
    struct media_record record = { 0 };
    bool sound = true;
    while (sound && record.kind != MEDIA_END) {
        sound = record_read(r, &record);
        if (sound && record.kind != MEDIA_END)
            sound = record_take(r, &record);
    }
    close(r->helper.out); /* one that would write on must not wait for us */
    r->helper.out = -1;
    if (r->helper.timed_out || r->fault->kind != FAULT_NONE)
        helper_kill(&r->helper);
    else
        helper_wait(&r->helper, clock_monotonic() + INT64_C(1000000) * ENTRY_SECONDS_MAX);
    if (r->fault->kind != FAULT_NONE)
        return false;
    return (sound && helper_exited(&r->helper, MEDIA_DONE) && r->entry == NULL) || ended_badly(r);
}

static bool archive_read(struct reading *r, struct blob_store *store, struct str bytes)
{
    if (!files_make(&r->helper, store, bytes))
        return fault_set(r->fault, FAULT_UNAVAILABLE, "archives: %s", strerror(errno));
    if (!helper_start(&r->helper, "archive", r->side_px_max, r->fault))
        return false;
    return records_read(r);
}

bool archive_unpack(struct arena *arena, struct blob_store *store, struct str bytes,
                    int side_px_max, struct archive *archive, struct fault *fault)
{
    static atomic_int at_once;
    check(side_px_max >= 1 && side_px_max <= MEDIA_SIDE_PX_MAX);
    *archive = (struct archive){ 0 };
    *fault = (struct fault){ 0 };
    if (bytes.size > ARCHIVE_BYTES_MAX)
        return fault_set(fault, FAULT_REFUSED, "This ZIP archive is larger than 200 MB.");
    archive->pictures = blob_batch_begin(store);
    struct reading r = {
        .helper = helper_none(),
        .arena = arena,
        .archive = archive,
        .fault = fault,
        .side_px_max = side_px_max,
        .ends_at = clock_monotonic() + INT64_C(1000000) * WALL_SECONDS_MAX,
    };
    bool unpacked = false;
    if (atomic_fetch_add(&at_once, 1) < AT_ONCE_MAX)
        unpacked = archive_read(&r, store, bytes);
    else
        fault_set(fault, FAULT_UNAVAILABLE, "archives: two are being unpacked already");
    atomic_fetch_sub(&at_once, 1);
    helper_close(&r.helper);
    free(r.bytes);
    return unpacked;
}

bool archive_keep(struct archive *archive, struct fault *fault)
{
    return blob_batch_keep(archive->pictures, fault);
}

void archive_end(struct archive *archive)
{
    blob_batch_end(archive->pictures);
    archive->pictures = NULL;
}
