/* One number from those that many workers gave: a count, a length, a price. Pure. */
#pragma once
#include "base/fault.h"
#include "base/str.h"

struct arena;

enum infer_number_method {
    INFER_MEAN,
    INFER_MEDIAN,
    INFER_LFC_N, /* each worker errs with a variance of their own */
    INFER_NUMBER_METHOD_COUNT
};
const char *infer_number_method_name(enum infer_number_method method); /* "mean" … */
bool infer_number_method_named(struct str name, enum infer_number_method *method);

struct infer_numbers {
    double *value;         /* item_count; NaN for an item without answers */
    double *lower, *upper; /* item_count: where the true value lies with 95 % */
    double *deviation; /* worker_count: their standard error, in the unit of the answers; NaN for
                          workers without answers */
    unsigned iterations;
};

/* Infers from value[a] that worker[a] gave to item[a], a < count. Values must be finite. False when
   there are no answers. */
[[nodiscard]] bool infer_numbers(struct arena *arena, enum infer_number_method method, size_t count,
                                 const uint32_t *item, const uint32_t *worker, const double *value,
                                 uint32_t item_count, uint32_t worker_count,
                                 struct infer_numbers *result, struct fault *fault);
