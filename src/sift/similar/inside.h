/* What the files of this room share. Private to it. */
#pragma once
#include "sift/similar/similar.h"

/* A score from products of halves, where `a_length` … are products of halves with themselves.
   `sentences`: whether both texts have a sentence half. Exactly 1 for equal vectors. */
double score_of_cosines(double lexical, double sentence, bool sentences);
double cosine(int32_t product, int32_t a_length, int32_t b_length);
/* The least lexical cosine with which a pair may still reach a score. */
double least_lexical_cosine(double score, bool sentences);
int32_t half_product(const int8_t *a, const int8_t *b);
