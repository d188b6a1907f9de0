/* What the parts of `manyhands infer` share: answers as they were read, and an order of names that
 * does not depend on the order of rows. */
#pragma once
#include "app/app.h"
#include "sift/infer/infer.h"
#include "sift/table/table.h"

/* Answers as they are read: names are numbered as they appear. */
struct sheet {
    struct arena *arena;
    struct names items, workers, labels;
    size_t count;
    uint32_t *item, *worker, *label;
};

struct order {
    uint32_t *item, *worker, *label; /* place by number */
    struct str *label_names;         /* by place */
};

struct request_to_infer {
    const char *path, *gold, *truth, *workers;
    int64_t seed, threads;
    const char *of_worker;       /* behind --for; or NULL */
    const char *live;            /* "status", "next" or "replay"; NULL: infer once */
    int64_t wanted, least, most; /* behind --next or --replay; --least, --most */
    double certainty, control;
};

/* Answers with classes in the order of `live`'s request, told on standard output; the exit status.
 */
int infer_while_coming(const struct sheet *sheet, const struct order *order,
                       const struct request_to_infer *r, const uint16_t *gold,
                       const uint16_t *truth);
