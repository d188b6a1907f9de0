#include "platform/web/page_cache.h"
#include "base/check.h"
#include "platform/clock/clock.h"
#include "platform/web/etag.h"
#include "platform/web/visit.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 16, BUCKETS = 64, SHARD_BYTES_MAX = 384 * 1024, PAGE_BYTES_MAX = 128 * 1024 };
static const int64_t age_us_max = 1000000;

struct kept {
    struct kept *next;          /* of the bucket */
    struct kept *newer, *older; /* by last use */
    atomic_uint users;          /* the shard, and whoever is copying */
    unsigned char key[16];
    uint64_t generation;
    int64_t made_at; /* monotonic */
    struct {
        unsigned at, form; /* where in the body the key of which form stands */
    } keys[FORM_KEYS_MAX];
    unsigned key_count, form_count;
    size_t type_size, etag_size, body_size;
    char bytes[]; /* content type, etag, body */
};

struct shard {
    pthread_mutex_t lock;
    struct kept *buckets[BUCKETS];
    struct kept *newest, *oldest;
    size_t bytes;
};

struct page_cache {
    struct shard shards[SHARDS];
    unsigned char hash_key[crypto_shorthash_siphashx24_KEYBYTES];
};

struct page_cache *page_cache_make(void)
{
    struct page_cache *cache = calloc(1, sizeof *cache);
    check(cache != NULL);
    random_bytes(cache->hash_key, sizeof cache->hash_key);
    for (int i = 0; i < SHARDS; i++)
        pthread_mutex_init(&cache->shards[i].lock, NULL);
    return cache;
}

/* --- A shard, under its lock ------------------------------------------------------------------ */

static void release(struct kept *kept)
{
    if (atomic_fetch_sub(&kept->users, 1) == 1)
        free(kept);
}

static size_t size_of(const struct kept *kept)
{
    return sizeof *kept + kept->type_size + kept->etag_size + kept->body_size;
}

static struct kept **bucket_of(struct shard *shard, const unsigned char key[16])
{
    return &shard->buckets[key[1] % BUCKETS];
}

static struct kept *find(struct shard *shard, const unsigned char key[16])
{
    for (struct kept *kept = *bucket_of(shard, key); kept != NULL; kept = kept->next)
        if (memcmp(kept->key, key, sizeof kept->key) == 0)
            return kept;
    return NULL;
}

static void unlink_use(struct shard *shard, struct kept *kept)
{
    *(kept->newer == NULL ? &shard->newest : &kept->newer->older) = kept->older;
    *(kept->older == NULL ? &shard->oldest : &kept->older->newer) = kept->newer;
}

static void link_newest(struct shard *shard, struct kept *kept)
{
    kept->newer = NULL;
    kept->older = shard->newest;
    *(shard->newest == NULL ? &shard->oldest : &shard->newest->newer) = kept;
    shard->newest = kept;
}

static void drop(struct shard *shard, struct kept *kept)
{
    struct kept **place = bucket_of(shard, kept->key);
    while (*place != kept)
        place = &(*place)->next;
    *place = kept->next;
    unlink_use(shard, kept);
    shard->bytes -= size_of(kept);
    release(kept);
}

static void insert(struct shard *shard, struct kept *kept)
{
    struct kept *before = find(shard, kept->key);
    if (before != NULL)
        drop(shard, before);
    struct kept **bucket = bucket_of(shard, kept->key);
    kept->next = *bucket;
    *bucket = kept;
    link_newest(shard, kept);
    shard->bytes += size_of(kept);
    while (shard->bytes > SHARD_BYTES_MAX)
        drop(shard, shard->oldest); // NOLINT(clang-analyzer-unix.Malloc): drop moves `oldest` on
}

void page_cache_free(struct page_cache *cache)
{
    for (int i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        while (shard->oldest != NULL)
            drop(shard, shard->oldest);
        pthread_mutex_destroy(&shard->lock);
    }
    free(cache);
}

/* --- Visits ----------------------------------------------------------------------------------- */

/* Signed-in people see their own page, so the session is part of what it is kept under; the
   notice of the answer before belongs on one page only. */
static bool may_be_kept(const struct visit *v)
{
    return v->r.format == FORMAT_HTML && !(v->route->flags & ROUTE_COMMAND) &&
           v->route->rate_count == 0 && v->notice.size == 0 &&
           sql_store_kind(v->site->store) == SQL_SQLITE;
}

/* 128 bits of keyed hash over what was asked for and by whom; nobody outside knows the key. */
static struct shard *key_of(const struct visit *v, unsigned char key[16])
{
    struct page_cache *cache = v->site->web->cache;
    struct str who = v->session, what = v->http->target;
    struct str text = str_printf(v->r.arena, "%.*s\n%.*s", STR_ARG(who), STR_ARG(what));
    crypto_shorthash_siphashx24(key, (const unsigned char *)text.data, text.size, cache->hash_key);
    return &cache->shards[key[0] % SHARDS];
}

static bool is_fresh(const struct visit *v, const struct kept *kept)
{
    return kept->generation == sql_store_generation(v->site->store) &&
           v->started - kept->made_at < age_us_max;
}

/* No form is shown twice with the same key: a new comment would be taken for the one before. */
static void renew_keys(struct visit *v, const struct kept *kept, char *body)
{
    for (unsigned form = 0; form < kept->form_count; form++) {
        struct str key = form_key(v->r.arena);
        for (unsigned i = 0; i < kept->key_count; i++)
            if (kept->keys[i].form == form)
                memcpy(body + kept->keys[i].at, key.data, FORM_KEY_SIZE);
    }
}

bool page_cache_find(struct visit *v)
{
    if (!may_be_kept(v))
        return false;
    unsigned char key[16];
    struct shard *shard = key_of(v, key);
    pthread_mutex_lock(&shard->lock);
    struct kept *kept = find(shard, key);
    if (kept != NULL && !is_fresh(v, kept)) {
        drop(shard, kept);
        kept = NULL;
    }
    if (kept != NULL) {
        unlink_use(shard, kept);
        link_newest(shard, kept);
        atomic_fetch_add(&kept->users, 1);
    }
    pthread_mutex_unlock(&shard->lock);
    if (kept == NULL)
        return false;
    struct str all = { kept->bytes, kept->type_size + kept->etag_size + kept->body_size };
    all = str_copy(v->r.arena, all);
    v->reply = (struct reply){ .status = 200 };
    v->reply.content_type = str_slice(all, 0, kept->type_size);
    v->reply.etag = str_slice(all, kept->type_size, kept->type_size + kept->etag_size);
    v->reply.body = str_slice(all, kept->type_size + kept->etag_size, SIZE_MAX);
    renew_keys(v, kept, (char *)all.data + kept->type_size + kept->etag_size);
    release(kept);
    return true;
}

static bool is_worth_keeping(const struct visit *v)
{
    const struct reply *reply = &v->reply;
    bool is_plain = reply->status == 200 && reply->body.size > 0 &&
                    reply->body.size <= PAGE_BYTES_MAX && reply->cookie.size == 0 &&
                    reply->notice.size == 0 && reply->location.text.size == 0 &&
                    reply->filename.size == 0 && !reply->immutable && reply->etag.size == 0;
    bool is_for_one_session = v->r.who.person != 0 && v->form_key_count <= FORM_KEYS_MAX;
    bool is_for_nobody = v->r.who.person == 0 && reply->shared;
    return is_plain && (is_for_one_session || is_for_nobody);
}

/* Notes where the keys of forms stand; false when there are more places than can be noted. */
static bool find_keys(const struct visit *v, struct kept *kept)
{
    if (v->r.who.person == 0)
        return true; /* the keys of nobody's forms are not looked at */
    struct str body = v->reply.body;
    kept->form_count = v->form_key_count;
    for (unsigned form = 0; form < v->form_key_count; form++) {
        size_t from = 0, found;
        while ((found = str_find(str_slice(body, from, SIZE_MAX), v->form_keys[form])) !=
               SIZE_MAX) {
            if (kept->key_count == FORM_KEYS_MAX)
                return false;
            kept->keys[kept->key_count].at = (unsigned)(from + found);
            kept->keys[kept->key_count++].form = form;
            from += found + FORM_KEY_SIZE;
        }
    }
    return true;
}

void page_cache_keep(struct visit *v)
{
    if (v->route == NULL || !may_be_kept(v) || !is_worth_keeping(v))
        return;
    struct kept found = { .users = 1 };
    if (!find_keys(v, &found))
        return;
    if (found.key_count == 0) /* else every showing is a version of its own */
        v->reply.etag = etag_of(v->r.arena, v->reply.body);
    struct str parts[] = { v->reply.content_type, v->reply.etag, v->reply.body };
    size_t size = parts[0].size + parts[1].size + parts[2].size;
    struct kept *kept = malloc(sizeof *kept + size);
    check(kept != NULL);
    found.generation = v->generation;
    found.made_at = v->started;
    found.type_size = parts[0].size;
    found.etag_size = parts[1].size;
    found.body_size = parts[2].size;
    *kept = found;
    char *to = kept->bytes;
    for (int i = 0; i < 3; i++) {
        if (parts[i].size > 0)
            memcpy(to, parts[i].data, parts[i].size);
        to += parts[i].size;
    }
    struct shard *shard = key_of(v, kept->key);
    pthread_mutex_lock(&shard->lock);
    insert(shard, kept);
    pthread_mutex_unlock(&shard->lock);
}
