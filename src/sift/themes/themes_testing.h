/* What this room's tests share: texts made by a seed of a few topics, and their vectors. */
#pragma once
#include "sift/themes/themes.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "sift/chance/chance.h"
#include "sift/table/table_testing.h"

/* Texts of a few topics: each topic has words of its own, and all share some. */
enum { TOPICS = 4, TOPIC_WORDS = 8, TEXTS_MAX = 400 };
static const char *const topic_words[TOPICS][TOPIC_WORDS] = {
    { "bicycle", "lanes", "cyclists", "helmets", "pedals", "traffic", "junction", "kerb" },
    { "library", "books", "reading", "shelves", "novels", "quiet", "borrow", "authors" },
    { "river", "swimming", "water", "bathing", "bank", "fish", "currents", "meadow" },
    { "music", "concert", "stage", "bands", "choir", "festival", "guitars", "singing" },
};
static const char *const shared_words[] = { "the", "we", "want", "more", "for", "our", "town" };

struct sample {
    struct themes_texts *texts;
    struct words words[TEXTS_MAX];
    struct similar_vector vectors[TEXTS_MAX];
    uint32_t topic[TEXTS_MAX];
    uint32_t count;
};

/* The vector of a text among others that never had its words. */
static inline struct similar_vector vector_of(const struct words *words)
{
    static const struct similar_counts *nothing;
    struct similar_vector v = { 0 };
    if (nothing == NULL)
        nothing = similar_counts_make(arena);
    similar_lexical(arena, nothing, words, &v);
    return v;
}

static inline void add_text_in(struct sample *s, struct words_tools *tools, const char *language,
                               const char *text, uint32_t topic)
{
    s->words[s->count] = words_split(tools, arena, str_from(text), language);
    s->vectors[s->count] = vector_of(&s->words[s->count]);
    s->topic[s->count++] = topic;
}

static inline void add_text(struct sample *s, struct words_tools *tools, const char *text,
                            uint32_t topic)
{
    add_text_in(s, tools, "en", text, topic);
}

/* `count` texts of the first `topics` topics, six words each, four of them of their topic. */
static inline struct sample *make_sample(uint32_t count, uint32_t topics, uint64_t seed)
{
    struct sample *s = arena_new(arena, struct sample, 1);
    struct words_tools *tools = words_tools_open();
    struct chance chance = { seed };
    for (uint32_t i = 0; i < count; i++) {
        struct buf text = { .arena = arena };
        uint32_t topic = (uint32_t)(chance_bits(&chance) % topics);
        for (int w = 0; w < 6; w++) {
            uint64_t pick = chance_bits(&chance);
            buf_printf(&text, "%s ",
                       w < 4 ? topic_words[topic][pick % TOPIC_WORDS]
                             : shared_words[pick % (sizeof shared_words / sizeof *shared_words)]);
        }
        add_text(s, tools, str_c(arena, buf_str(&text)), topic);
    }
    words_tools_close(tools);
    return s;
}

/* Adds the texts in an order: text i is the sample's order[i]; NULL: as they are. */
static inline struct themes_texts *add_all(const struct sample *s, const uint32_t *order)
{
    struct themes_texts *texts = themes_texts_make(arena);
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t from = order != NULL ? order[i] : i;
        themes_texts_add(texts, &s->words[from], &s->vectors[from]);
    }
    return texts;
}
