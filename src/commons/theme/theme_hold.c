/* Campaigns in memory: who is near whom among their texts.
 *
 * A holding belongs to one campaign at one revision of its likenesses. Whoever asks first makes it;
 * whoever asks meanwhile waits. What is made is only read, by any number at once, and is thrown
 * away when nobody uses it and it is of an older revision, or all together hold too much.
 *
 * Costs: for 5,000 texts about a second.
 */
#include "theme_inner.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "commons/likeness/likeness.h"

enum { SEED = 1 };

struct theme_memory {
    struct likeness *likeness;
    size_t bytes_max;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t made;
    struct theme_holding *holdings;
    uint64_t asked;
};

struct theme_memory *theme_memory_open(struct likeness *likeness, size_t bytes_max)
{
    struct theme_memory *m = calloc(1, sizeof *m);
    check(m != NULL);
    m->likeness = likeness;
    m->bytes_max = bytes_max;
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->made, NULL);
    return m;
}

static void holding_free(struct theme_holding *h)
{
    arena_free(h->arena);
    free(h);
}

void theme_memory_close(struct theme_memory *m)
{
    if (m == NULL)
        return;
    for (struct theme_holding *next, *h = m->holdings; h != NULL; h = next) {
        next = h->next;
        check(h->users == 0);
        holding_free(h);
    }
    pthread_cond_destroy(&m->made);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

/* --- Making ----------------------------------------------------------------------------------- */

/* Texts while they come in; vectors are needed until the graph is made. */
struct intake {
    struct arena *arena, *meanwhile;
    struct themes_texts *texts;
    struct subject_id *subjects;
    struct similar_vector **vectors;
    struct words *words;
    uint32_t count, room;
};

static void make_room(struct intake *in)
{
    uint32_t room = in->room == 0 ? 1024 : in->room * 2;
    struct subject_id *subjects = arena_new(in->meanwhile, struct subject_id, room);
    struct similar_vector **vectors = arena_new(in->meanwhile, struct similar_vector *, room);
    struct words *words = arena_new(in->meanwhile, struct words, room);
    for (uint32_t i = 0; i < in->count; i++) {
        subjects[i] = in->subjects[i];
        vectors[i] = in->vectors[i];
        words[i] = in->words[i];
    }
    in->subjects = subjects;
    in->vectors = vectors;
    in->words = words;
    in->room = room;
}

static void take_text(void *context, struct subject_id subject_id, const struct words *words,
                      const struct similar_vector *vector)
{
    struct intake *in = context;
    if (in->count == in->room)
        make_room(in);
    struct similar_vector *kept = arena_new(in->meanwhile, struct similar_vector, 1);
    *kept = *vector;
    themes_texts_add(in->texts, words, kept);
    in->subjects[in->count] = subject_id;
    in->words[in->count] = words_copy(in->meanwhile, words);
    in->vectors[in->count++] = kept;
}

/* Who says nearly the same as whom, and nothing speaks against their being one. */
static const uint32_t *find_leaders(struct arena *arena, const struct intake *in)
{
    struct similar_vector *vectors = arena_new(in->meanwhile, struct similar_vector, in->count);
    for (uint32_t i = 0; i < in->count; i++)
        vectors[i] = *in->vectors[i];
    struct similar_member *members =
        similar_groups(in->meanwhile, vectors, in->words, in->count, SIMILAR_FIRES);
    uint32_t *leader = arena_new(arena, uint32_t, in->count);
    for (uint32_t i = 0; i < in->count; i++)
        leader[i] = members[i].leader;
    return leader;
}

/* Calls the themes of the middle grain as they were called before, where they continue one of them,
   else by the subject that stands for them. */
static void call_themes(struct theme_holding *h, const struct intake *in,
                        const struct theme_holding *before)
{
    struct themes t = themes_find(in->meanwhile, &h->graph, (struct themes_wish){ .seed = SEED });
    themes_describe(in->meanwhile, h->texts, &h->graph, &t);
    uint32_t *known_of = arena_new(h->arena, uint32_t, h->count);
    struct subject_id *keys = arena_new(h->arena, struct subject_id, t.count);
    uint32_t *earlier = arena_new(in->meanwhile, uint32_t, h->count);
    for (uint32_t i = 0; i < h->count; i++) {
        known_of[i] = t.of[i];
        uint32_t text = before != NULL ? theme_text_of(before, h->subjects[i]) : THEMES_NONE;
        earlier[i] = text != THEMES_NONE ? before->known_of[text] : THEMES_NONE;
    }
    uint32_t *continued = themes_continue(in->meanwhile, &t, earlier, h->count);
    for (uint32_t i = 0; i < t.count; i++) {
        keys[i] = h->subjects[t.items[i].quotes[0]];
        if (before == NULL || continued[i] == THEMES_NONE)
            continue;
        struct subject_id key = before->known_key[continued[i]];
        uint32_t text = theme_text_of(h, key);
        if (text != THEMES_NONE && t.of[text] == i)
            keys[i] = key;
    }
    h->known_of = known_of;
    h->known_key = keys;
}

static bool make(struct theme_memory *m, struct sql *db, struct theme_holding *h,
                 const struct theme_holding *before)
{
    h->arena = arena_make();
    struct intake in = { .arena = h->arena, .meanwhile = arena_make() };
    in.texts = themes_texts_make(h->arena);
    bool ok = likeness_walk(m->likeness, db, h->campaign_id, take_text, &in);
    if (ok) {
        h->count = in.count;
        struct subject_id *subjects = arena_new(h->arena, struct subject_id, in.count);
        for (uint32_t i = 0; i < in.count; i++)
            subjects[i] = in.subjects[i];
        h->subjects = subjects;
        h->texts = in.texts;
        h->graph = themes_graph(h->arena, in.texts, SEED);
        h->leader = find_leaders(h->arena, &in);
        call_themes(h, &in, before);
    }
    arena_free(in.meanwhile);
    return ok;
}

/* --- Taking and giving back, under the lock --------------------------------------------------- */

static struct theme_holding *find_holding(const struct theme_memory *m,
                                          struct campaign_id campaign_id, int64_t revision)
{
    for (struct theme_holding *h = m->holdings; h != NULL; h = h->next)
        if (h->campaign_id.value == campaign_id.value && h->revision == revision &&
            h->state != HOLDING_FAILED)
            return h;
    return NULL;
}

/* The newest that is ready of a campaign; NULL: there is none. */
static struct theme_holding *newest(const struct theme_memory *m, struct campaign_id campaign_id)
{
    struct theme_holding *best = NULL;
    for (struct theme_holding *h = m->holdings; h != NULL; h = h->next)
        if (h->campaign_id.value == campaign_id.value && h->state == HOLDING_READY &&
            (best == NULL || h->revision > best->revision))
            best = h;
    return best;
}

/* Which nobody uses and nobody will ask for again, or else the one not asked for longest when all
   together hold too much; NULL: all may stay. */
static struct theme_holding **one_to_go(struct theme_memory *m)
{
    size_t bytes = 0;
    struct theme_holding **oldest = NULL;
    for (struct theme_holding **at = &m->holdings; *at != NULL; at = &(*at)->next) {
        const struct theme_holding *h = *at;
        bytes += h->bytes;
        if (h->users > 0)
            continue;
        if (h->state == HOLDING_FAILED || newest(m, h->campaign_id) != h)
            return at;
        if (oldest == NULL || h->asked_at < (*oldest)->asked_at)
            oldest = at;
    }
    return bytes > m->bytes_max ? oldest : NULL;
}

static void let_go(struct theme_memory *m, struct theme_holding *h)
{
    h->users--;
    for (struct theme_holding **at; (at = one_to_go(m)) != NULL;) {
        struct theme_holding *gone = *at;
        *at = gone->next;
        holding_free(gone);
    }
}

static struct theme_holding *begin(struct theme_memory *m, struct campaign_id campaign_id,
                                   int64_t revision)
{
    struct theme_holding *h = calloc(1, sizeof *h);
    check(h != NULL);
    *h = (struct theme_holding){ .campaign_id = campaign_id, .revision = revision };
    h->next = m->holdings;
    m->holdings = h;
    return h;
}

/* Makes it with the lock open; whoever wants it meanwhile waits. */
static void make_open(struct theme_memory *m, struct sql *db, struct theme_holding *h)
{
    struct theme_holding *before = newest(m, h->campaign_id);
    if (before != NULL)
        before->users++;
    pthread_mutex_unlock(&m->lock);
    bool ok = make(m, db, h, before);
    pthread_mutex_lock(&m->lock);
    h->bytes = arena_held_bytes(h->arena);
    h->state = ok ? HOLDING_READY : HOLDING_FAILED;
    if (before != NULL)
        let_go(m, before);
    pthread_cond_broadcast(&m->made);
}

const struct theme_holding *theme_take(struct theme_memory *m, struct sql *db,
                                       struct campaign_id campaign_id)
{
    int64_t revision = likeness_revision(db, campaign_id);
    if (revision == 0)
        return NULL;
    pthread_mutex_lock(&m->lock);
    struct theme_holding *h = find_holding(m, campaign_id, revision);
    bool is_first = h == NULL;
    if (is_first)
        h = begin(m, campaign_id, revision);
    h->users++;
    h->asked_at = ++m->asked;
    if (is_first)
        make_open(m, db, h);
    while (h->state == HOLDING_MAKING)
        pthread_cond_wait(&m->made, &m->lock);
    if (h->state == HOLDING_FAILED) {
        let_go(m, h);
        h = NULL;
    }
    pthread_mutex_unlock(&m->lock);
    return h;
}

void theme_give(struct theme_memory *m, const struct theme_holding *holding)
{
    if (holding == NULL)
        return;
    pthread_mutex_lock(&m->lock);
    let_go(m, (struct theme_holding *)holding);
    pthread_mutex_unlock(&m->lock);
}

static int by_subject(const void *key, const void *subject)
{
    int64_t a = ((const struct subject_id *)key)->value;
    int64_t b = ((const struct subject_id *)subject)->value;
    return (a > b) - (a < b);
}

uint32_t theme_text_of(const struct theme_holding *h, struct subject_id subject_id)
{
    const struct subject_id *found =
        h->count > 0 ? bsearch(&subject_id, h->subjects, h->count, sizeof subject_id, by_subject)
                     : NULL;
    return found != NULL ? (uint32_t)(found - h->subjects) : THEMES_NONE;
}
