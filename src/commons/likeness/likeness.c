/* Campaigns in memory, and looking up in them.
 *
 * A shelf holds what is needed of one campaign: how rare words are, and the vectors of its shown
 * subjects. A look-up takes the shelf, brings it up to the campaign's revision if that has risen
 * (only then it excludes others), makes the vector of what is asked for, and scans. Shelves are
 * used by many at once and thrown away when nobody uses them and all together hold too much.
 *
 * Counts only grow: words that were changed or taken back stay counted until the campaign is taken
 * in anew, which happens when as many subjects were written since as were there.
 */
#include "likeness_inner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "platform/clock/clock.h"
#include "sift/encode/encode.h"

enum { TOOLS_KEPT = 16, CHANGES_BEFORE_ANEW = 256 };

struct shelf {
    struct campaign_id campaign_id;
    struct shelf *next;
    unsigned users;    /* under the room's lock, as is the next */
    uint64_t asked_at; /* the number of the last look-up */
    size_t bytes;

    pthread_rwlock_t lock; /* of all below */
    struct arena *arena;   /* NULL: not taken in yet */
    struct similar_counts *counts;
    struct similar_index *index;
    struct likeness_since seen; /* up to where */
    int64_t reader;             /* of the sentences */
    size_t taken_in, changes;   /* subjects at the start, and written since */
};

struct likeness {
    const struct encoder *encoder;
    _Atomic int64_t encoded_at; /* clock_monotonic(); 0: the encoder rests */
    size_t bytes_max;
    pthread_mutex_t lock; /* of all below */
    struct shelf *shelves;
    uint64_t look_ups;
    size_t tools_count;
    struct words_tools *tools[TOOLS_KEPT];
};

struct likeness *likeness_open(const struct encoder *encoder, size_t bytes_max)
{
    struct likeness *l = calloc(1, sizeof *l);
    check(l != NULL);
    l->encoder = encoder;
    l->bytes_max = bytes_max;
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

static void shelf_free(struct shelf *shelf)
{
    pthread_rwlock_destroy(&shelf->lock);
    arena_free(shelf->arena);
    free(shelf);
}

void likeness_close(struct likeness *l)
{
    if (l == NULL)
        return;
    for (struct shelf *next, *shelf = l->shelves; shelf != NULL; shelf = next) {
        next = shelf->next;
        check(shelf->users == 0);
        shelf_free(shelf);
    }
    for (size_t i = 0; i < l->tools_count; i++)
        words_tools_close(l->tools[i]);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

struct likeness *likeness_of(const struct request *r)
{
    return ((const struct campaign_memory *)r->site->app)->likeness;
}

struct words_tools *likeness_tools_take(struct likeness *l)
{
    pthread_mutex_lock(&l->lock);
    struct words_tools *tools = l->tools_count > 0 ? l->tools[--l->tools_count] : NULL;
    pthread_mutex_unlock(&l->lock);
    return tools != NULL ? tools : words_tools_open();
}

void likeness_tools_give(struct likeness *l, struct words_tools *tools)
{
    pthread_mutex_lock(&l->lock);
    bool keep = l->tools_count < TOOLS_KEPT;
    if (keep)
        l->tools[l->tools_count++] = tools;
    pthread_mutex_unlock(&l->lock);
    if (!keep)
        words_tools_close(tools);
}

/* --- Texts ------------------------------------------------------------------------------------ */

struct str likeness_text(struct arena *arena, struct str title, struct str summary)
{
    if (summary.size == 0 || utf8_length(title) >= LIKENESS_TITLE_ENOUGH)
        return title;
    bool ended = title.size > 0 && strchr(".!?", title.data[title.size - 1]) != NULL;
    return str_printf(arena, "%.*s%s %.*s", STR_ARG(title), ended ? "" : ".", STR_ARG(summary));
}

struct str likeness_language(struct arena *arena, struct str question, struct str brief)
{
    struct str both = str_printf(arena, "%.*s\n%.*s", STR_ARG(question), STR_ARG(brief));
    struct str all = utf8_clip(both, 2000);
    const char *language = words_language(all, NULL);
    return strcmp(language, "und") == 0 ? S("") : str_from(language);
}

void likeness_rest(struct likeness *l)
{
    static const int64_t IDLE_US = INT64_C(60) * 1000000;
    int64_t encoded_at = l->encoded_at;
    if (encoded_at == 0 || clock_monotonic() - encoded_at < IDLE_US)
        return;
    l->encoded_at = 0;
    encoder_rest(l->encoder);
}

bool likeness_has_encoder(const struct likeness *l)
{
    return l->encoder != NULL;
}

struct str likeness_sentence(int64_t reader, int64_t method, struct str sentence)
{
    bool counts = reader == 0 ? method < LIKENESS_READER_LEAST : method == reader;
    return counts ? sentence : S("");
}

int64_t likeness_method(const struct likeness *l)
{
    return l->encoder != NULL ? SIMILAR_METHOD : 0;
}

struct likeness_made likeness_make(struct likeness *l, struct arena *arena, struct str text,
                                   struct str likely)
{
    struct likeness_made made = {
        .method = likeness_method(l),
        .language = words_language(text, likely.size > 0 ? str_c(arena, likely) : NULL),
    };
    if (l->encoder == NULL || strcmp(made.language, "en") != 0)
        return made;
    struct similar_vector v = { 0 };
    float embedding[ENCODE_DIMENSIONS];
    l->encoded_at = clock_monotonic();
    encoder_encode(l->encoder, 1, &text, embedding);
    similar_sentence(&v, embedding);
    if (v.has_sentence)
        made.sentence = str_copy(arena, (struct str){ (char *)v.sentence, sizeof v.sentence });
    return made;
}

void likeness_set_sentence(struct similar_vector *v, struct str sentence)
{
    v->method = SIMILAR_METHOD;
    v->has_sentence = sentence.size == sizeof v->sentence;
    if (v->has_sentence)
        memcpy(v->sentence, sentence.data, sizeof v->sentence);
}

bool likeness_words(struct sql *db, struct str kind, struct campaign_id campaign_id,
                    struct subject_id subject_id, struct str *text)
{
    struct subject_words *rows;
    size_t count = campaign_kind(kind)->words(db, campaign_id, subject_id, 1, &rows);
    if (count == 0 || rows[0].subject_id.value != subject_id.value)
        return false;
    *text = likeness_text(sql_arena(db), rows[0].title, rows[0].summary);
    return true;
}

struct str likeness_difference(struct arena *arena, struct similar_block block)
{
    if (block.difference == SIMILAR_NO_DIFFERENCE)
        return S("");
    static const char *const what[] = { [SIMILAR_NUMBERS] = "The numbers differ",
                                        [SIMILAR_UNITS] = "The units differ",
                                        [SIMILAR_NEGATION] = "The meaning may be turned round",
                                        [SIMILAR_NAMES] = "The names differ" };
    if (block.in_a.size > 0 && block.in_b.size > 0)
        return str_printf(arena, "%s: %.*s in yours, %.*s in this one.", what[block.difference],
                          STR_ARG(block.in_a), STR_ARG(block.in_b));
    bool yours = block.in_a.size > 0;
    struct str word = yours ? block.in_a : block.in_b;
    return str_printf(arena, "%s says “%.*s”, %s does not.", yours ? "Yours" : "This one",
                      STR_ARG(word), yours ? "this one" : "yours");
}

/* --- Taking a campaign in --------------------------------------------------------------------- */

/* One subject while its campaign is taken in. */
struct entry {
    int64_t subject_id;
    struct str text, language, sentence;
};

/* What taking in and bringing up to date have in common. */
struct filling {
    struct shelf *shelf;
    struct sql *db;
    struct str kind;
    struct words_tools *tools;
    struct arena *arena, *scratch; /* for a while; scratch is reset after each text */
};

static struct words words_of(const struct filling *f, struct str text, struct str language)
{
    return words_split(f->tools, f->scratch, text, str_c(f->scratch, language));
}

static void count_text(const struct filling *f, const struct entry *e)
{
    struct words words = words_of(f, e->text, e->language);
    similar_counts_add(f->shelf->counts, f->arena, &words);
    arena_reset(f->scratch);
}

static struct similar_vector vector_of(const struct filling *f, const struct entry *e,
                                       const struct words *words)
{
    struct similar_vector v = { 0 };
    similar_lexical(f->arena, f->shelf->counts, words, &v);
    likeness_set_sentence(&v, e->sentence);
    return v;
}

static void add_vector(const struct filling *f, const struct entry *e)
{
    struct words words = words_of(f, e->text, e->language);
    struct similar_vector v = vector_of(f, e, &words);
    similar_add(f->shelf->index, e->subject_id, &v);
    arena_reset(f->scratch);
}

/* All that can be found, each with its text. */
static size_t read_entries(const struct filling *f, struct entry **entries)
{
    struct campaign_id campaign_id = f->shelf->campaign_id;
    struct likeness_offered after = { .campaign_id = campaign_id };
    struct likeness_offered_row *rows;
    size_t count = 0, capacity = 0, page;
    *entries = NULL;
    while ((page = likeness_offered(f->db, after, &rows)) > 0) {
        if (count + page > capacity) {
            capacity = (count + page) * 2;
            struct entry *more = arena_new(f->arena, struct entry, capacity);
            if (count > 0)
                memcpy(more, *entries, count * sizeof *more);
            *entries = more;
        }
        after.subject_id = rows[page - 1].subject_id;
        struct subject_words *words = NULL;
        size_t word_count = 0, at = 0;
        for (size_t i = 0; i < page; i++) {
            struct subject_id id = rows[i].subject_id;
            while (at < word_count && words[at].subject_id.value < id.value)
                at++;
            if (at == word_count) {
                at = 0;
                word_count = campaign_kind(f->kind)->words(f->db, campaign_id, id, 500, &words);
            }
            if (word_count > 0 && words[at].subject_id.value == id.value)
                (*entries)[count++] = (struct entry){
                    id.value, likeness_text(f->arena, words[at].title, words[at].summary),
                    rows[i].language,
                    likeness_sentence(f->shelf->reader, rows[i].method, rows[i].sentence)
                };
        }
    }
    return count;
}

static void take_in(struct filling *f, const struct likeness_head_get_row *head)
{
    struct shelf *shelf = f->shelf;
    shelf->reader = head->method;
    arena_free(shelf->arena);
    shelf->arena = arena_make();
    shelf->counts = similar_counts_make(shelf->arena);
    shelf->index = similar_index_make(shelf->arena);
    struct entry *entries;
    size_t count = read_entries(f, &entries);
    for (size_t i = 0; i < count; i++)
        count_text(f, &entries[i]);
    for (size_t i = 0; i < count; i++)
        add_vector(f, &entries[i]);
    shelf->taken_in = count;
    shelf->changes = 0;
    shelf->seen = (struct likeness_since){ .campaign_id = shelf->campaign_id,
                                           .revision = head->revision,
                                           .subject_id = { INT64_MAX } };
}

/* Adds what was written since; false when that is so much that the campaign is better taken in. */
static bool catch_up(struct filling *f, int64_t revision)
{
    struct shelf *shelf = f->shelf;
    struct likeness_since_row *rows;
    size_t count;
    while ((count = likeness_since(f->db, shelf->seen, &rows)) > 0) {
        shelf->changes += count;
        if (shelf->changes > shelf->taken_in + CHANGES_BEFORE_ANEW)
            return false;
        for (size_t i = 0; i < count; i++) {
            struct entry e = { rows[i].subject_id.value, S(""), rows[i].language,
                               likeness_sentence(shelf->reader, rows[i].method, rows[i].sentence) };
            if (!rows[i].is_offered ||
                !likeness_words(f->db, f->kind, shelf->campaign_id, rows[i].subject_id, &e.text)) {
                similar_remove(shelf->index, e.subject_id);
                continue;
            }
            count_text(f, &e);
            add_vector(f, &e);
        }
        shelf->seen.revision = rows[count - 1].revision;
        shelf->seen.subject_id = rows[count - 1].subject_id;
    }
    shelf->seen.revision = revision;
    shelf->seen.subject_id.value = INT64_MAX;
    return true;
}

static void bring_up_to_date(struct likeness *l, struct shelf *shelf, struct sql *db,
                             struct str kind, const struct likeness_head_get_row *head)
{
    struct filling f = { .shelf = shelf,
                         .db = db,
                         .kind = kind,
                         .tools = likeness_tools_take(l),
                         .arena = arena_make(),
                         .scratch = arena_make() };
    struct arena *before = sql_arena(db);
    sql_use_arena(db, f.arena);
    if (shelf->arena == NULL || shelf->reader != head->method || !catch_up(&f, head->revision))
        take_in(&f, head);
    sql_use_arena(db, before);
    if (sql_failed(db)) { /* half a campaign is none */
        arena_free(shelf->arena);
        shelf->arena = NULL;
    }
    arena_free(f.scratch);
    arena_free(f.arena);
    likeness_tools_give(l, f.tools);
}

/* --- All of a campaign ------------------------------------------------------------------------ */

int64_t likeness_revision(struct sql *db, struct campaign_id campaign_id)
{
    struct likeness_head_get_row head;
    return likeness_head_get(db, (struct likeness_head_get){ campaign_id }, &head) ? head.revision
                                                                                   : 0;
}

static void hand_out(const struct filling *f,
                     void (*take)(void *, struct subject_id, const struct words *,
                                  const struct similar_vector *),
                     void *context)
{
    struct entry *entries;
    size_t count = read_entries(f, &entries);
    for (size_t i = 0; i < count; i++)
        count_text(f, &entries[i]);
    for (size_t i = 0; i < count; i++) {
        struct words words = words_of(f, entries[i].text, entries[i].language);
        struct similar_vector v = vector_of(f, &entries[i], &words);
        take(context, (struct subject_id){ entries[i].subject_id }, &words, &v);
        arena_reset(f->scratch);
    }
}

bool likeness_walk(struct likeness *l, struct sql *db, struct campaign_id campaign_id,
                   void (*take)(void *context, struct subject_id subject_id,
                                const struct words *words, const struct similar_vector *vector),
                   void *context)
{
    struct likeness_campaign_row campaign;
    if (!likeness_campaign(db, (struct likeness_campaign){ campaign_id }, &campaign))
        return false;
    struct arena *arena = arena_make(), *scratch = arena_make(), *before = sql_arena(db);
    struct likeness_head_get_row head = { 0 };
    likeness_head_get(db, (struct likeness_head_get){ campaign_id }, &head);
    struct shelf shelf = { .campaign_id = campaign_id,
                           .arena = arena_make(),
                           .reader = head.method };
    shelf.counts = similar_counts_make(shelf.arena);
    struct filling f = { .shelf = &shelf,
                         .db = db,
                         .kind = str_copy(arena, campaign.kind),
                         .tools = likeness_tools_take(l),
                         .arena = arena,
                         .scratch = scratch };
    sql_use_arena(db, arena);
    hand_out(&f, take, context);
    sql_use_arena(db, before);
    likeness_tools_give(l, f.tools);
    arena_free(scratch);
    arena_free(shelf.arena);
    arena_free(arena);
    return !sql_failed(db);
}

/* --- Shelves ---------------------------------------------------------------------------------- */

static struct shelf *shelf_take(struct likeness *l, struct campaign_id campaign_id)
{
    pthread_mutex_lock(&l->lock);
    struct shelf *shelf = l->shelves;
    while (shelf != NULL && shelf->campaign_id.value != campaign_id.value)
        shelf = shelf->next;
    if (shelf == NULL) {
        shelf = calloc(1, sizeof *shelf);
        check(shelf != NULL);
        shelf->campaign_id = campaign_id;
        pthread_rwlock_init(&shelf->lock, NULL);
        shelf->next = l->shelves;
        l->shelves = shelf;
    }
    shelf->users++;
    shelf->asked_at = ++l->look_ups;
    pthread_mutex_unlock(&l->lock);
    return shelf;
}

/* The shelf to go next, when all together hold too much; NULL: none has to, or all are in use. */
static struct shelf **shelf_to_go(struct likeness *l)
{
    size_t bytes = 0;
    struct shelf **oldest = NULL;
    for (struct shelf **at = &l->shelves; *at != NULL; at = &(*at)->next) {
        bytes += (*at)->bytes;
        if ((*at)->users == 0 && (oldest == NULL || (*at)->asked_at < (*oldest)->asked_at))
            oldest = at;
    }
    return bytes > l->bytes_max ? oldest : NULL;
}

static void shelf_give(struct likeness *l, struct shelf *shelf, size_t bytes)
{
    pthread_mutex_lock(&l->lock);
    shelf->users--;
    shelf->bytes = bytes;
    for (struct shelf **at; (at = shelf_to_go(l)) != NULL;) {
        struct shelf *gone = *at;
        *at = gone->next;
        shelf_free(gone);
    }
    pthread_mutex_unlock(&l->lock);
}

/* Locks the shelf for reading, up to date; false when the campaign cannot be read. */
static bool shelf_read(struct likeness *l, struct shelf *shelf, struct sql *db, struct str kind,
                       const struct likeness_head_get_row *head)
{
    pthread_rwlock_rdlock(&shelf->lock);
    if (shelf->arena != NULL && shelf->seen.revision >= head->revision)
        return true;
    pthread_rwlock_unlock(&shelf->lock);
    pthread_rwlock_wrlock(&shelf->lock);
    if (shelf->arena == NULL || shelf->seen.revision < head->revision)
        bring_up_to_date(l, shelf, db, kind, head);
    bool is_there = shelf->arena != NULL;
    pthread_rwlock_unlock(&shelf->lock);
    pthread_rwlock_rdlock(&shelf->lock);
    return is_there && shelf->arena != NULL;
}

/* --- Looking up ------------------------------------------------------------------------------- */

/* What is asked for. */
struct question {
    struct sql *db;
    struct arena *arena;
    struct campaign_id campaign_id;
    struct str kind;
    const char *likely; /* what the campaign is in, or NULL */
    struct words_tools *tools;
    struct words words;
    struct str sentence;
    struct subject_id except;
    double least;
};

/* What a subject says; false when it is not shown any more. Its language is guessed again, as it
   was when it was kept: that is quicker than to ask for it. */
static bool read_words(const struct question *q, struct subject_id id, struct words *words,
                       struct str *title)
{
    struct subject_words *said;
    if (campaign_kind(q->kind)->words(q->db, q->campaign_id, id, 1, &said) == 0 ||
        said->subject_id.value != id.value)
        return false;
    struct str text = likeness_text(q->arena, said->title, said->summary);
    *title = said->title;
    *words = words_split(q->tools, q->arena, text, words_language(text, q->likely));
    return true;
}

/* Fills in what speaks against; leaves out what is not shown any more. */
static size_t explain(const struct question *q, const struct similar_found *hits, size_t hit_count,
                      struct likeness_found *found)
{
    size_t count = 0;
    for (size_t i = 0; i < hit_count; i++) {
        struct subject_id id = { hits[i].id };
        struct words other;
        struct str title;
        if (!read_words(q, id, &other, &title))
            continue;
        found[count++] = (struct likeness_found){
            .subject_id = id,
            .score = hits[i].score,
            .differs = likeness_difference(q->arena, similar_blocks(&q->words, &other)),
        };
    }
    return count;
}

static size_t scan(const struct shelf *shelf, const struct question *q,
                   struct similar_found hits[SIMILAR_NEAREST])
{
    struct similar_vector v = { 0 };
    similar_lexical(q->arena, shelf->counts, &q->words, &v);
    likeness_set_sentence(&v, q->sentence);
    size_t count = similar_nearest(shelf->index, &v, q->least, hits), kept = 0;
    for (size_t i = 0; i < count; i++)
        if (hits[i].id != q->except.value)
            hits[kept++] = hits[i];
    return kept;
}

static size_t find(struct likeness *l, struct question *q, struct str text, const char *language,
                   const struct likeness_head_get_row *head, struct likeness_found *found)
{
    struct similar_found hits[SIMILAR_NEAREST];
    q->tools = likeness_tools_take(l);
    q->words = words_split(q->tools, q->arena, text, language);
    struct shelf *shelf = shelf_take(l, q->campaign_id);
    size_t count = 0, bytes = 0;
    if (shelf_read(l, shelf, q->db, q->kind, head)) {
        count = scan(shelf, q, hits);
        bytes = arena_held_bytes(shelf->arena);
    }
    pthread_rwlock_unlock(&shelf->lock);
    shelf_give(l, shelf, bytes);
    count = explain(q, hits, count, found);
    likeness_tools_give(l, q->tools);
    return count;
}

/* False when nothing was ever compared in the campaign. */
static bool ask(struct question *q, struct likeness_head_get_row *head)
{
    struct likeness_campaign_row campaign;
    if (!likeness_head_get(q->db, (struct likeness_head_get){ q->campaign_id }, head) ||
        !likeness_campaign(q->db, (struct likeness_campaign){ q->campaign_id }, &campaign))
        return false;
    q->kind = campaign.kind;
    q->likely = head->language.size > 0 ? str_c(q->arena, head->language) : NULL;
    return true;
}

size_t likeness_nearest(struct likeness *l, struct sql *db, struct arena *arena,
                        struct campaign_id campaign_id, struct str text, double least,
                        struct likeness_found found[SIMILAR_NEAREST])
{
    struct question q = { .db = db, .arena = arena, .campaign_id = campaign_id, .least = least };
    struct likeness_head_get_row head;
    if (!ask(&q, &head))
        return 0;
    struct likeness_made made = likeness_make(l, arena, text, head.language);
    q.sentence = likeness_sentence(head.method, made.method, made.sentence);
    return find(l, &q, text, made.language, &head, found);
}

size_t likeness_nearest_to(struct likeness *l, struct sql *db, struct arena *arena,
                           struct campaign_id campaign_id, struct subject_id subject_id,
                           double least, struct likeness_found found[SIMILAR_NEAREST])
{
    struct question q = {
        .db = db, .arena = arena, .campaign_id = campaign_id, .except = subject_id, .least = least
    };
    struct likeness_head_get_row head;
    struct likeness_get_row row;
    struct str text;
    if (!ask(&q, &head) ||
        !likeness_get(db, (struct likeness_get){ campaign_id, subject_id }, &row) ||
        !likeness_words(db, q.kind, campaign_id, subject_id, &text))
        return 0;
    q.sentence = likeness_sentence(head.method, row.method, row.sentence);
    return find(l, &q, text, str_c(arena, row.language), &head, found);
}

/* --- Twins ------------------------------------------------------------------------------------ */

struct twin_hits {
    struct similar_found items[TWINS_TRIED];
    size_t count;
};

/* The nearest of each subject, by what is kept. */
static void scan_for_twins(const struct shelf *shelf, const struct subject_id *subjects,
                           size_t count, struct twin_hits *hits)
{
    if (similar_count(shelf->index) > TWINS_AMONG_MOST)
        return;
    for (size_t i = 0; i < count; i++) {
        struct similar_vector v;
        struct similar_found near[SIMILAR_NEAREST];
        if (!similar_get(shelf->index, subjects[i].value, &v))
            continue;
        size_t near_count = similar_nearest(shelf->index, &v, SIMILAR_FIRES, near);
        for (size_t k = 0; k < near_count && hits[i].count < TWINS_TRIED; k++)
            if (near[k].id != subjects[i].value)
                hits[i].items[hits[i].count++] = near[k];
    }
}

/* The first of the hits that nothing speaks against. */
static struct likeness_twin choose_twin(struct question *q, struct subject_id subject_id,
                                        const struct twin_hits *hits)
{
    struct str title;
    if (hits->count == 0 || !read_words(q, subject_id, &q->words, &title))
        return (struct likeness_twin){ 0 };
    for (size_t i = 0; i < hits->count; i++) {
        struct subject_id id = { hits->items[i].id };
        struct words other;
        if (read_words(q, id, &other, &title) &&
            similar_blocks(&q->words, &other).difference == SIMILAR_NO_DIFFERENCE)
            return (struct likeness_twin){ id, title };
    }
    return (struct likeness_twin){ 0 };
}

struct likeness_twin *likeness_twins(struct likeness *l, struct sql *db, struct arena *arena,
                                     struct campaign_id campaign_id,
                                     const struct subject_id *subjects, size_t count)
{
    struct likeness_twin *twins = arena_new(arena, struct likeness_twin, count);
    struct twin_hits *hits = arena_new(arena, struct twin_hits, count);
    struct question q = { .db = db, .arena = arena, .campaign_id = campaign_id };
    struct likeness_head_get_row head;
    if (count == 0 || !ask(&q, &head))
        return twins;
    struct shelf *shelf = shelf_take(l, campaign_id);
    size_t bytes = 0;
    if (shelf_read(l, shelf, db, q.kind, &head)) {
        scan_for_twins(shelf, subjects, count, hits);
        bytes = arena_held_bytes(shelf->arena);
    }
    pthread_rwlock_unlock(&shelf->lock);
    shelf_give(l, shelf, bytes);
    q.tools = likeness_tools_take(l);
    for (size_t i = 0; i < count; i++)
        twins[i] = choose_twin(&q, subjects[i], &hits[i]);
    likeness_tools_give(l, q.tools);
    return twins;
}
