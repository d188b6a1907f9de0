/* The texts of which themes are made: their words, and an order that their numbers have no say in.
 *
 * Computes: each text's words as numbers, and the texts ordered by a key of what they say.
 * Cost: O(words) time; 12 bytes a word and 40 a text, and each word and stem once.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/themes/inside.h"

#include <stdlib.h>
#include <string.h>

struct themes_texts *themes_texts_make(struct arena *arena)
{
    struct themes_texts *texts = arena_new(arena, struct themes_texts, 1);
    *texts = (struct themes_texts){ .arena = arena,
                                    .terms = { .arena = arena },
                                    .surfaces = { .arena = arena } };
    return texts;
}

uint32_t themes_texts_count(const struct themes_texts *texts)
{
    return texts->count;
}

/* Room for `more` behind `count` objects, doubled when it must grow. */
static void *grown(struct arena *arena, void *items, size_t size_bytes, size_t count, size_t more,
                   size_t *room)
{
    if (*room - count >= more)
        return items;
    *room = 2 * (count + more);
    void *grown = arena_take_array(arena, size_bytes, *room);
    if (count > 0)
        memcpy(grown, items, size_bytes * count);
    return grown;
}

/* FNV-1a over bytes, and a step that moves every bit (of SplitMix64) at the end. */
static uint64_t key_add(uint64_t key, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < size; i++)
        key = (key ^ b[i]) * 0x100000001b3u;
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
    return key ^ key >> 27;
}

void themes_texts_add(struct themes_texts *texts, const struct words *words,
                      const struct similar_vector *vector)
{
    check(texts->count < THEMES_NONE - 1);
    size_t room = texts->room;
    texts->items = grown(texts->arena, texts->items, sizeof *texts->items, texts->count, 1, &room);
    texts->room = (uint32_t)room;
    texts->tokens = grown(texts->arena, texts->tokens, sizeof *texts->tokens, texts->token_count,
                          words->count, &texts->token_room);
    struct themes_text *text = &texts->items[texts->count++];
    *text = (struct themes_text){ .first_token = texts->token_count,
                                  .vector = vector,
                                  .key = 0xcbf29ce484222325u };
    for (size_t i = 0; i < words->count; i++) {
        const struct words_token *w = &words->items[i];
        text->key = key_add(text->key, w->word.data, w->word.size);
        if (w->kind == WORDS_CHARACTER)
            continue; /* its pair says more */
        texts->tokens[texts->token_count++] = (struct themes_token){
            .term = names_number(&texts->terms, w->stem),
            .surface = names_number(&texts->surfaces, w->word),
            .is_apart = w->kind == WORDS_NUMBER || w->kind == WORDS_SIGN,
            .is_function = w->function_word || w->negation,
            .is_whole = w->kind == WORDS_PAIR,
        };
    }
    text->token_count = texts->token_count - text->first_token;
    text->key = key_add(text->key, vector, sizeof *vector);
}

struct keyed {
    uint64_t key;
    uint32_t text;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->text > y->text) - (x->text < y->text);
}

uint32_t *themes_order(struct arena *arena, const struct themes_texts *texts)
{
    uint32_t *order = arena_new(arena, uint32_t, texts->count);
    struct arena_mark mark = arena_mark(arena);
    struct keyed *keyed = arena_new(arena, struct keyed, texts->count);
    for (uint32_t t = 0; t < texts->count; t++)
        keyed[t] = (struct keyed){ texts->items[t].key, t };
    qsort(keyed, texts->count, sizeof *keyed, by_key);
    for (uint32_t i = 0; i < texts->count; i++)
        order[i] = keyed[i].text;
    arena_rewind(arena, mark);
    return order;
}
