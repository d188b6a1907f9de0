#include "base/buf.h"
#include "platform/blobs/blobs.h"
#include "platform/blobs/blobs_test.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- A ZIP archive as nobody should write it -------------------------------------------------- */

struct packed {
    const char *name;
    struct str bytes;
    unsigned flags, method; /* 0: stored; whatever is said, the bytes are stored */
    uint32_t mode;          /* of Unix; 0: a plain file */
    uint32_t says_size;     /* a lie about the unpacked size; 0: the truth */
    bool spoiled;           /* the checksum is wrong */
};

static uint32_t crc(struct str bytes)
{
    uint32_t sum = 0xFFFFFFFF;
    for (size_t i = 0; i < bytes.size; i++) {
        sum ^= (unsigned char)bytes.data[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    }
    return ~sum;
}

static void number(struct buf *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_char(out, (char)(value >> (8 * i)));
}

/* What the local and the central header have in common. */
static void header(struct buf *out, const struct packed *p)
{
    number(out, 20, 2);
    number(out, p->flags, 2);
    number(out, p->method, 2);
    number(out, 0x21 << 16, 4); /* 1 January 1980 */
    number(out, crc(p->bytes) + p->spoiled, 4);
    number(out, p->bytes.size, 4);
    number(out, p->says_size > 0 ? p->says_size : p->bytes.size, 4);
    number(out, strlen(p->name), 2);
    number(out, 0, 2);
}

static struct str pack(struct arena *arena, const struct packed *entries, size_t count)
{
    struct buf out = { .arena = arena }, directory = { .arena = arena };
    for (size_t i = 0; i < count; i++) {
        const struct packed *p = &entries[i];
        buf_add(&directory, S("PK\1\2"));
        number(&directory, 3 << 8 | 20, 2); /* Unix */
        header(&directory, p);
        number(&directory, 0, 6);
        number(&directory, (uint64_t)(p->mode == 0 ? 0100644 : p->mode) << 16, 4);
        number(&directory, out.size, 4);
        buf_add(&directory, str_from(p->name));
        buf_add(&out, S("PK\3\4"));
        header(&out, p);
        buf_add(&out, str_from(p->name));
        buf_add(&out, p->bytes);
    }
    size_t at = out.size;
    buf_add(&out, buf_str(&directory));
    buf_add(&out, S("PK\5\6"));
    number(&out, 0, 4);
    number(&out, count, 2);
    number(&out, count, 2);
    number(&out, directory.size, 4);
    number(&out, at, 4);
    number(&out, 0, 2);
    return buf_str(&out);
}

/* --- The place -------------------------------------------------------------------------------- */

struct place {
    char folder[64];
    struct blob_store *store;
    struct arena *arena;
    struct archive archive;
    struct fault fault;
};

int archive_setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/manyhands-archive-XXXXXX");
    if (mkdtemp(p->folder) == NULL)
        return -1;
    p->arena = arena_make();
    *state = p;
    return blob_store_open(str_from(p->folder), &p->store, &p->fault) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    return remove(path);
}

int archive_teardown(void **state)
{
    struct place *p = *state;
    archive_end(&p->archive);
    blob_store_close(p->store);
    arena_free(p->arena);
    nftw(p->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p);
    return 0;
}

static int files_counted;

static int count_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    files_counted += type == FTW_F;
    return 0;
}

static int file_count(struct place *p)
{
    files_counted = 0;
    nftw(p->folder, count_one, 16, FTW_PHYS);
    return files_counted;
}

static bool unpack(struct place *p, struct str zip)
{
    archive_end(&p->archive);
    bool unpacked = archive_unpack(p->arena, p->store, zip, 1600, &p->archive, &p->fault);
    if (!unpacked && p->fault.kind == FAULT_SETUP)
        fail_msg("%s", p->fault.detail);
    return unpacked;
}

/* One entry, wrong for this reason; and nothing is left of the archive. */
static void assert_wrong(struct place *p, struct packed entry, const char *sentence)
{
    struct packed both[] = {
        { .name = "good.png", .bytes = test_picture_read(p->arena, "alpha.png") }, entry
    };
    assert_true(unpack(p, pack(p->arena, both, 2)));
    assert_int_equal(p->archive.count, 2);
    assert_int_equal(p->archive.wrong_count, 1);
    assert_int_equal(p->archive.entries[0].kind, ARCHIVE_PICTURE);
    assert_int_equal(p->archive.entries[1].kind, ARCHIVE_WRONG);
    assert_string_equal(str_c(p->arena, p->archive.entries[1].path), entry.name);
    assert_string_equal(str_c(p->arena, p->archive.entries[1].sentence), sentence);
    archive_end(&p->archive);
    assert_int_equal(file_count(p), 0);
}

static void assert_archive_refused(struct place *p, struct str zip, const char *sentence)
{
    assert_false(unpack(p, zip));
    assert_int_equal(p->fault.kind, FAULT_REFUSED);
    assert_string_equal(p->fault.detail, sentence);
    archive_end(&p->archive);
    assert_int_equal(file_count(p), 0);
}

/* --- What is taken ---------------------------------------------------------------------------- */

void pictures_of_an_archive_are_stored_together(void **state)
{
    struct place *p = *state;
    struct packed entries[] = {
        { .name = "a.png", .bytes = test_picture_read(p->arena, "alpha.png") },
        { .name = "list.csv", .bytes = S("file,text\na.png,hello\n") },
        { .name = "twin.png", .bytes = test_picture_read(p->arena, "alpha.png") },
        { .name = "gif.jpg", .bytes = test_picture_read(p->arena, "moving.gif") },
    };
    assert_true(unpack(p, pack(p->arena, entries, 4)));
    assert_int_equal(p->archive.count, 4);
    assert_int_equal(p->archive.wrong_count, 0);
    const struct archive_entry *e = p->archive.entries;
    assert_false(blob_exists(p->store, str_from(e[0].blob))); /* not before it is kept */
    assert_true(archive_keep(&p->archive, &p->fault));
    archive_end(&p->archive);
    assert_true(blob_exists(p->store, str_from(e[0].blob)));
    assert_true(blob_exists(p->store, str_from(e[3].blob)));
    assert_string_equal(e[0].blob, e[2].blob);
    assert_int_equal(e[0].width_px, 24);
    assert_int_equal(e[1].kind, ARCHIVE_TABLE);
    assert_true(str_equal(e[1].bytes, entries[1].bytes));
    assert_int_equal(file_count(p), 2); /* equal pictures are one file */
}

void folders_links_and_litter_are_passed_over(void **state)
{
    struct place *p = *state;
    struct packed entries[] = {
        { .name = "dogs/", .mode = 040755 },
        { .name = "dogs/link.png", .bytes = S("/etc/passwd"), .mode = 0120777 },
        { .name = "__MACOSX/dogs/._rex.png", .bytes = S("resources") },
        { .name = "dogs/.DS_Store", .bytes = S("icons") },
        { .name = "dogs/Thumbs.db", .bytes = S("icons") },
        { .name = "dogs/rex.png", .bytes = test_picture_read(p->arena, "alpha.png") },
    };
    assert_true(unpack(p, pack(p->arena, entries, 6)));
    assert_int_equal(p->archive.count, 1);
    assert_string_equal(str_c(p->arena, p->archive.entries[0].path), "dogs/rex.png");
    assert_int_equal(p->archive.entries[0].kind, ARCHIVE_PICTURE);
}

void names_that_climb_lead_nowhere(void **state)
{
    struct place *p = *state;
    struct str bytes = test_picture_read(p->arena, "alpha.png");
    struct packed entries[] = { { .name = "../../../../tmp/manyhands-climbed.png", .bytes = bytes },
                                { .name = "/tmp/manyhands-climbed.png", .bytes = bytes },
                                { .name = "line\nbreak\x1b[31m.png", .bytes = bytes } };
    assert_true(unpack(p, pack(p->arena, entries, 3)));
    assert_int_equal(p->archive.wrong_count, 0);
    assert_string_equal(str_c(p->arena, p->archive.entries[2].path), "line◙break←[31m.png");
    assert_true(archive_keep(&p->archive, &p->fault));
    assert_int_equal(file_count(p), 1);
    assert_int_equal(access("/tmp/manyhands-climbed.png", F_OK), -1);
}

static bool file_contains(struct place *p, const char *blob, struct str part)
{
    int64_t size = 0;
    int file = blob_open(p->store, str_from(blob), &size);
    assert_true(file >= 0 && size > 0);
    char *bytes = arena_take_bytes(p->arena, (size_t)size);
    assert_int_equal(read(file, bytes, (size_t)size), size);
    close(file);
    return str_find((struct str){ bytes, (size_t)size }, part) != SIZE_MAX;
}

void where_the_pictures_of_an_archive_were_taken_is_removed(void **state)
{
    struct place *p = *state;
    struct packed entry = { .name = "p.jpg", .bytes = test_picture_read(p->arena, "located.jpg") };
    assert_true(str_find(entry.bytes, S("Exif")) != SIZE_MAX);
    assert_true(unpack(p, pack(p->arena, &entry, 1)) && archive_keep(&p->archive, &p->fault));
    const char *blob = p->archive.entries[0].blob;
    assert_true(file_contains(p, blob, S("WEBP")));
    assert_false(file_contains(p, blob, S("EXIF")) || file_contains(p, blob, S("Exif")));
    assert_false(file_contains(p, blob, S("XMP ")) || file_contains(p, blob, S("Ann Secret")));
}

/* --- What is not ------------------------------------------------------------------------------ */

void a_wrong_entry_is_told_by_name_and_nothing_is_left(void **state)
{
    struct place *p = *state;
    struct arena *a = p->arena;
    struct str png = test_picture_read(a, "alpha.png");
    struct packed inner = { .name = "x.png", .bytes = png };
    assert_wrong(p, (struct packed){ "drawing.svg", test_picture_read(a, "drawing_named.png") },
                 "SVG drawings are not accepted, because they can carry programs. "
                 "Please send it as PNG, JPEG, WebP or GIF.");
    assert_wrong(p, (struct packed){ "more.zip", pack(a, &inner, 1) },
                 "This is an archive. Please send the pictures themselves.");
    assert_wrong(p, (struct packed){ "huge.png", test_picture_read(a, "bomb.png") },
                 "This picture has more than 40 megapixels. Please make it smaller.");
    assert_wrong(p, (struct packed){ "half.png", str_slice(png, 0, png.size / 2) },
                 "This picture is damaged and cannot be read.");
    assert_wrong(p, (struct packed){ "notes.txt", S("hello") },
                 "This is not a PNG, JPEG, WebP or GIF picture.");
    assert_wrong(p, (struct packed){ .name = "locked.png", .bytes = png, .flags = 1 },
                 "This file is locked with a password. Please pack it without one.");
    assert_wrong(p, (struct packed){ .name = "odd.png", .bytes = png, .method = 14 },
                 "This file is packed in an unusual way. Please pack it as a plain ZIP archive.");
    assert_wrong(p, (struct packed){ .name = "spoiled.png", .bytes = png, .spoiled = true },
                 "This entry of the archive is damaged.");
}

void what_the_directory_says_of_sizes_is_judged_and_checked(void **state)
{
    struct place *p = *state;
    struct str png = test_picture_read(p->arena, "alpha.png");
    assert_wrong(p, (struct packed){ .name = "a.png", .bytes = png, .says_size = 25000001 },
                 "This file is larger than 25 MB.");
    assert_wrong(p, (struct packed){ .name = "b.png", .bytes = png, .says_size = 2000000 },
                 "This file unpacks to more than a hundred times its size, as no picture does.");
    assert_wrong(p, (struct packed){ .name = "c.png", .bytes = png, .says_size = 5 },
                 "This entry of the archive is damaged.");
    assert_wrong(p, (struct packed){ .name = "d.png", .bytes = png, .says_size = 5000 },
                 "This entry of the archive is damaged.");
}

void after_ten_wrong_entries_no_more_are_looked_at(void **state)
{
    struct place *p = *state;
    struct packed entries[30];
    for (size_t i = 0; i < 30; i++)
        entries[i] = (struct packed){ .name = str_c(p->arena, str_printf(p->arena, "%zu.png", i)),
                                      .bytes = S("no picture") };
    assert_true(unpack(p, pack(p->arena, entries, 30)));
    assert_int_equal(p->archive.count, ARCHIVE_WRONG_MAX);
    assert_int_equal(p->archive.wrong_count, ARCHIVE_WRONG_MAX);
}

void a_damaged_archive_is_refused_as_a_whole(void **state)
{
    struct place *p = *state;
    static const char damaged[] =
        "This ZIP archive is damaged, or was not sent whole, and cannot be read.";
    struct packed entry = { .name = "a.png", .bytes = test_picture_read(p->arena, "alpha.png") };
    struct str zip = pack(p->arena, &entry, 1);
    assert_archive_refused(p, str_slice(zip, 0, zip.size - 30), damaged);
    assert_archive_refused(p, str_slice(zip, 0, 40), damaged);
    assert_archive_refused(p, S("PK\3\4 and nothing more"), damaged);
}

void an_archive_of_too_many_or_too_large_entries_is_refused(void **state)
{
    struct place *p = *state;
    enum { MANY = 20001, LARGE = 41 };
    struct packed *entries = arena_new(p->arena, struct packed, MANY);
    for (size_t i = 0; i < MANY; i++)
        entries[i] = (struct packed){ .name = "a.png", .bytes = S("") };
    assert_archive_refused(p, pack(p->arena, entries, MANY),
                           "This ZIP archive holds more than 20,000 files.");
    struct str piece = { arena_take(p->arena, 250000), 250000 };
    for (size_t i = 0; i < LARGE; i++)
        entries[i] = (struct packed){ .name = "a.png", .bytes = piece, .says_size = 25000000 };
    assert_archive_refused(p, pack(p->arena, entries, LARGE),
                           "This ZIP archive unpacks to more than 1 GB. Please send it in parts.");
}

void a_helper_that_dies_or_babbles_fails_the_archive(void **state)
{
    struct place *p = *state;
    static const char *const programs[] = { "/bin/false", "/bin/true", "/bin/echo" };
    struct packed entry = { .name = "a.png", .bytes = test_picture_read(p->arena, "alpha.png") };
    struct str zip = pack(p->arena, &entry, 1);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        setenv("MANYHANDS_MEDIA", programs[i], 1);
        assert_false(unpack(p, zip));
        unsetenv("MANYHANDS_MEDIA");
        assert_int_equal(p->fault.kind, FAULT_REFUSED);
        assert_string_equal(p->fault.detail, "This ZIP archive cannot be read.");
    }
}

void noise_in_an_archive_never_harms_the_server(void **state)
{
    struct place *p = *state;
    struct packed entries[] = {
        { .name = "a.png", .bytes = test_picture_read(p->arena, "alpha.png") },
        { .name = "b.jpg", .bytes = test_picture_read(p->arena, "located.jpg") },
    };
    struct str whole = pack(p->arena, entries, 2);
    unsigned random = 4711;
    for (int round = 0; round < 24; round++) {
        char *bytes = arena_take_bytes(p->arena, whole.size);
        memcpy(bytes, whole.data, whole.size);
        for (int i = 0; i < 8; i++) {
            random = random * 1103515245 + 12345;
            bytes[random / 65536 % whole.size] ^= (char)(random >> 8 | 1);
        }
        if (!unpack(p, (struct str){ bytes, whole.size }))
            assert_int_equal(p->fault.kind, FAULT_REFUSED);
    }
    archive_end(&p->archive);
    assert_int_equal(file_count(p), 0);
}
