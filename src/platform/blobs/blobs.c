#include "platform/blobs/blobs.h"

#include "base/check.h"
#include "platform/blobs/blobs_inner.h"
#include "platform/clock/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The folder holds ab/cd/abcd… and `incoming`, where files are written before they get their name.
 */
#define INCOMING "incoming"
enum {
    TREE_PATH_SIZE = 2 + 1 + 2 + 1 + BLOB_NAME_SIZE + 1,
    INCOMING_NAME_SIZE = 32,
    COPY_SIZE = 64 * 1024,
    LEFTOVER_SECONDS =
        24 * 60 * 60, /* an upload takes minutes; older ones were cut off by a crash */
};

struct blob_store {
    int folder, incoming; /* descriptors, so that a renamed folder does no harm */
};

static bool disk_fault(struct fault *fault, const char *doing)
{
    enum fault_kind kind = errno == EIO || errno == EUCLEAN ? FAULT_BROKEN : FAULT_UNAVAILABLE;
    return fault_set(fault, kind, "files: cannot %s: %s", doing, strerror(errno));
}

/* --- Opening ---------------------------------------------------------------------------------- */

static bool folders_make(const char *path)
{
    char part[4096];
    size_t size = strlen(path);
    if (size >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0750) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static void leftovers_remove(int incoming)
{
    int copy = openat(incoming, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* closedir closes it */
    DIR *files = copy < 0 ? NULL : fdopendir(copy);
    if (files == NULL)
        return; /* they cost space only; the next start tries again */
    time_t oldest = time(NULL) - LEFTOVER_SECONDS;
    for (struct dirent *entry = readdir(files); entry != NULL; entry = readdir(files)) {
        struct stat status;
        if (fstatat(incoming, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode) && status.st_mtime < oldest)
            unlinkat(incoming, entry->d_name, 0);
    }
    closedir(files);
}

static int folder_open(int parent, const char *path)
{
    return openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool blob_store_open(struct str folder, struct blob_store **store, struct fault *fault)
{
    char path[4096];
    int size = snprintf(path, sizeof path, "%.*s", STR_ARG(folder));
    if (size <= 0 || size >= (int)sizeof path)
        return fault_set(fault, FAULT_SETUP, "files.folder must be the path of a folder");
    struct blob_store opened = { .folder = -1, .incoming = -1 };
    if (folders_make(path))
        opened.folder = folder_open(AT_FDCWD, path);
    if (opened.folder >= 0 && (mkdirat(opened.folder, INCOMING, 0750) == 0 || errno == EEXIST))
        opened.incoming = folder_open(opened.folder, INCOMING);
    if (opened.incoming < 0 || faccessat(opened.incoming, ".", W_OK, 0) != 0) {
        fault_set(fault, FAULT_SETUP, "files.folder %s cannot be used: %s", path, strerror(errno));
        if (opened.incoming >= 0)
            close(opened.incoming);
        if (opened.folder >= 0)
            close(opened.folder);
        return false;
    }
    leftovers_remove(opened.incoming);
    *store = malloc(sizeof **store);
    check(*store != NULL);
    **store = opened;
    return true;
}

void blob_store_close(struct blob_store *store)
{
    if (store == NULL)
        return;
    close(store->incoming);
    close(store->folder);
    free(store);
}

/* --- Names and places ------------------------------------------------------------------------- */

static void name_from_hash(const unsigned char hash[32], char name[BLOB_NAME_SIZE + 1])
{
    sodium_bin2hex(name, BLOB_NAME_SIZE + 1, hash, 32);
}

static void name_from_bytes(struct str bytes, char name[BLOB_NAME_SIZE + 1])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)bytes.data, bytes.size);
    name_from_hash(hash, name);
}

static bool name_valid(struct str name)
{
    if (name.size != BLOB_NAME_SIZE)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (!(name.data[i] >= '0' && name.data[i] <= '9') &&
            !(name.data[i] >= 'a' && name.data[i] <= 'f'))
            return false;
    return true;
}

static void tree_path(const char *name, char path[TREE_PATH_SIZE])
{
    snprintf(path, TREE_PATH_SIZE, "%.2s/%.2s/%s", name, name + 2, name);
}

static bool folder_sync(int parent, const char *path)
{
    int folder = folder_open(parent, path);
    if (folder < 0)
        return false;
    bool synced = fsync(folder) == 0;
    int error = errno;
    close(folder);
    errno = error;
    return synced;
}

/* The two folders above a blob; if `synced`, durable before anything is put into them. */
static bool tree_make(int folder, const char *name, bool synced)
{
    char outer[3], inner[6];
    snprintf(outer, sizeof outer, "%.2s", name);
    snprintf(inner, sizeof inner, "%.2s/%.2s", name, name + 2);
    if (mkdirat(folder, outer, 0750) != 0 && errno != EEXIST)
        return false;
    if (mkdirat(folder, inner, 0750) != 0 && errno != EEXIST)
        return false;
    return !synced || (fsync(folder) == 0 && folder_sync(folder, outer));
}

/* Gives a written and synced file its name. Renaming over an equal file changes nothing. */
static bool place(struct blob_store *store, int from_folder, const char *from, const char *name)
{
    char path[TREE_PATH_SIZE], inner[6];
    tree_path(name, path);
    snprintf(inner, sizeof inner, "%.5s", path);
    return tree_make(store->folder, name, true) &&
           renameat(from_folder, from, store->folder, path) == 0 &&
           folder_sync(store->folder, inner);
}

/* --- Storing ---------------------------------------------------------------------------------- */

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            size -= (size_t)written;
        }
    }
    return true;
}

struct incoming {
    int file;
    char name[INCOMING_NAME_SIZE];
};

static bool incoming_open(struct blob_store *store, struct incoming *in)
{
    unsigned char random[12];
    random_bytes(random, sizeof random);
    sodium_bin2hex(in->name, sizeof in->name, random, sizeof random);
    in->file = openat(store->incoming, in->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    return in->file >= 0;
}

static bool incoming_keep(struct blob_store *store, struct incoming *in, bool written,
                          const char *name, struct fault *fault)
{
    bool kept = written && fsync(in->file) == 0;
    if (close(in->file) != 0)
        kept = false;
    kept = kept && place(store, store->incoming, in->name, name);
    if (kept)
        return true;
    disk_fault(fault, "store a file");
    unlinkat(store->incoming, in->name, 0);
    return false;
}

bool blob_put(struct blob_store *store, struct str bytes, char name[BLOB_NAME_SIZE + 1],
              struct fault *fault)
{
    struct incoming in;
    name_from_bytes(bytes, name);
    if (!incoming_open(store, &in))
        return disk_fault(fault, "make a file");
    return incoming_keep(store, &in, write_all(in.file, bytes.data, bytes.size), name, fault);
}

/* Reads all of `from`, hashing; also copies it when `to` is a descriptor. */
static bool hash_file(int from, int to, char name[BLOB_NAME_SIZE + 1])
{
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *piece = malloc(COPY_SIZE);
    check(piece != NULL);
    crypto_hash_sha256_init(&state);
    ssize_t got;
    bool copied = true;
    while (copied && (got = read(from, piece, COPY_SIZE)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        copied = got > 0 && (to < 0 || write_all(to, piece, (size_t)got));
        if (copied)
            crypto_hash_sha256_update(&state, (unsigned char *)piece, (size_t)got);
    }
    free(piece);
    crypto_hash_sha256_final(&state, hash);
    name_from_hash(hash, name);
    return copied;
}

/* --- Many at once ----------------------------------------------------------------------------- */

struct batch_file {
    char incoming[INCOMING_NAME_SIZE], name[BLOB_NAME_SIZE + 1];
};
struct blob_batch {
    struct blob_store *store;
    struct batch_file *files;
    size_t count, room, kept;
};

struct blob_batch *blob_batch_begin(struct blob_store *store)
{
    struct blob_batch *batch = calloc(1, sizeof *batch);
    check(batch != NULL);
    batch->store = store;
    return batch;
}

bool blob_batch_add(struct blob_batch *batch, struct str bytes, char name[BLOB_NAME_SIZE + 1],
                    struct fault *fault)
{
    struct incoming in;
    if (batch->count == batch->room) {
        batch->room = batch->room == 0 ? 64 : 2 * batch->room;
        batch->files = reallocarray(batch->files, batch->room, sizeof *batch->files);
        check(batch->files != NULL);
    }
    name_from_bytes(bytes, name);
    if (!incoming_open(batch->store, &in))
        return disk_fault(fault, "make a file");
    struct batch_file *file = &batch->files[batch->count++];
    memcpy(file->incoming, in.name, sizeof file->incoming);
    memcpy(file->name, name, sizeof file->name);
    bool written = write_all(in.file, bytes.data, bytes.size);
    if (close(in.file) != 0)
        written = false;
    return written || disk_fault(fault, "store a file");
}

/* First what is in the files must be on the disk, then their names. */
bool blob_batch_keep(struct blob_batch *batch, struct fault *fault)
{
    struct blob_store *store = batch->store;
    bool kept = syncfs(store->folder) == 0;
    for (; kept && batch->kept < batch->count; batch->kept += kept) {
        const struct batch_file *file = &batch->files[batch->kept];
        char path[TREE_PATH_SIZE];
        tree_path(file->name, path);
        kept = tree_make(store->folder, file->name, false) &&
               renameat(store->incoming, file->incoming, store->folder, path) == 0;
    }
    kept = kept && syncfs(store->folder) == 0;
    return kept || disk_fault(fault, "store files");
}

void blob_batch_end(struct blob_batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = batch->kept; i < batch->count; i++)
        unlinkat(batch->store->incoming, batch->files[i].incoming, 0);
    free(batch->files);
    free(batch);
}

/* --- Whole files ------------------------------------------------------------------------------ */

int blob_scratch(struct blob_store *store, struct str bytes)
{
    char name[64];
    int file = openat(store->incoming, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        return -1;
    /* Opened again for reading only: whoever is given it cannot change it. */
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    int reading = write_all(file, bytes.data, bytes.size) ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    int error = errno;
    close(file);
    errno = error;
    return reading;
}

/* Across file systems: a copy. */
static bool file_copy(struct blob_store *store, int from, char name[BLOB_NAME_SIZE + 1],
                      struct fault *fault)
{
    struct incoming in;
    if (lseek(from, 0, SEEK_SET) != 0 || !incoming_open(store, &in))
        return disk_fault(fault, "make a file");
    bool written = hash_file(from, in.file, name);
    return incoming_keep(store, &in, written, name, fault);
}

bool blob_put_file(struct blob_store *store, const char *path, char name[BLOB_NAME_SIZE + 1],
                   struct fault *fault)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return disk_fault(fault, "open an uploaded file");
    bool stored = hash_file(file, -1, name) && fsync(file) == 0 && fchmod(file, 0640) == 0 &&
                  place(store, AT_FDCWD, path, name);
    if (!stored && errno == EXDEV) {
        stored = file_copy(store, file, name, fault);
        if (stored)
            unlink(path);
    } else if (!stored) {
        disk_fault(fault, "store a file");
    }
    close(file);
    return stored;
}

/* --- Reading ---------------------------------------------------------------------------------- */

int blob_open(struct blob_store *store, struct str name, int64_t *size_bytes)
{
    char terminated[BLOB_NAME_SIZE + 1], path[TREE_PATH_SIZE];
    if (!name_valid(name))
        return -1;
    snprintf(terminated, sizeof terminated, "%.*s", STR_ARG(name));
    tree_path(terminated, path);
    int file = openat(store->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        if (file >= 0)
            close(file);
        return -1;
    }
    *size_bytes = status.st_size;
    return file;
}

bool blob_exists(struct blob_store *store, struct str name)
{
    int64_t size_bytes;
    int file = blob_open(store, name, &size_bytes);
    if (file >= 0)
        close(file);
    return file >= 0;
}

bool blob_remove(struct blob_store *store, struct str name, struct fault *fault)
{
    char terminated[BLOB_NAME_SIZE + 1], path[TREE_PATH_SIZE];
    check(name_valid(name));
    snprintf(terminated, sizeof terminated, "%.*s", STR_ARG(name));
    tree_path(terminated, path);
    return unlinkat(store->folder, path, 0) == 0 || errno == ENOENT ||
           disk_fault(fault, "remove a file");
}
