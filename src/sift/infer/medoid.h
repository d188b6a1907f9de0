/* The answer in the middle: for texts, boxes and whatever else has a distance but no mean. Pure. */
#pragma once
#include "base/str.h"

struct arena;

/* How far apart two answers are, from 0 (alike) to 1. Symmetric. */
typedef double infer_distance(size_t a, size_t b, void *context);

struct infer_medoids {
    size_t *chosen;    /* item_count: the answer chosen; SIZE_MAX for an item without answers */
    double *agreement; /* item_count: 1 minus the others' mean distance from it, by worker; 1 when
                          there are no others */
    double *quality;   /* worker_count: 1 minus the mean distance from what was chosen without them;
                          1/2   for workers who were never alone nor among others */
};

/* Chooses for each item the answer from which the others, weighed by their workers' quality, are
   least far; among equals the first. Qualities follow from what was chosen, and are settled in a
   few rounds. Takes O(sum of squares of answers to an item) distances. */
struct infer_medoids infer_medoids(struct arena *arena, size_t count, const uint32_t *item,
                                   const uint32_t *worker, uint32_t item_count,
                                   uint32_t worker_count, infer_distance *distance, void *context);

/* Text as it is compared: lower case (ASCII), punctuation dropped, white space folded. */
struct str infer_text_normal(struct arena *arena, struct str text);
/* Levenshtein's distance between two normal texts in code points over the longer one's length: 0
   to 1. Takes O(product of the lengths between what both begin and end with). */
double infer_text_distance(struct arena *arena, struct str a, struct str b);

/* A rectangle; width and height are not negative. */
struct infer_box {
    double x, y, width, height;
};
/* 1 minus the area both share over the area that either covers; 1 when that is empty. */
double infer_box_distance(struct infer_box a, struct infer_box b);
