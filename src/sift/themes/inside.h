/* What the files of themes share. */
#pragma once
#include "sift/table/table.h"
#include "sift/themes/themes.h"

/* A word of a text, as labels need it. */
struct themes_token {
    uint32_t term;    /* its stem, by number */
    uint32_t surface; /* as it is written, by number */
    bool is_apart;    /* a number or a sign, which no label is made of; ends a pair of words */
    bool is_function; /* "the"; no label by itself, and no part of a pair */
    bool is_whole;    /* by itself two characters (Han, kana): joins no pair of words */
};

struct themes_text {
    size_t first_token, token_count;
    uint64_t key; /* of what it says, whatever its number */
    const struct similar_vector *vector;
};

struct themes_texts {
    struct arena *arena;
    struct names terms, surfaces;
    struct themes_token *tokens;
    size_t token_count, token_room;
    struct themes_text *items;
    uint32_t count, room;
};

/* The texts by what they say (texts.c): equal ones by number. */
uint32_t *themes_order(struct arena *arena, const struct themes_texts *texts);

/* Places the texts of `order` in THEMES_DIMENSIONS dimensions (space.c): rows of length 1, or 0. */
float *themes_places(struct arena *arena, const struct themes_texts *texts, const uint32_t *order,
                     uint64_t seed);
