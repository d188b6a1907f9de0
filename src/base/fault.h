/* The world's failures: disk, network, database, another program.
 *
 * A function that may meet one is [[nodiscard]], returns false, and fills the fault. It is logged
 * once, at the top, by whoever decides what happens next.
 */
#pragma once
#include "base/str.h"

enum fault_kind {
    FAULT_NONE = 0,
    FAULT_UNAVAILABLE, /* try again later: connection lost, database busy, queue full */
    FAULT_REFUSED,     /* the other side said no and will say no again */
    FAULT_BROKEN,      /* data or disk are damaged, or an answer makes no sense */
    FAULT_SETUP,       /* configuration or installation is wrong; `detail` says what to do */
};

struct fault {
    enum fault_kind kind;
    char detail[480]; /* terminated, clipped */
};

/* Fills the fault (which may be NULL) and returns false, so that `return fault_set(…);` reads well.
 */
bool fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
