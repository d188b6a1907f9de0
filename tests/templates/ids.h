/* What tools/sqlgen.py would make of this room's tables. */
#pragma once
#include <stdint.h>

struct box_id {
    int64_t value;
};
struct thing_id {
    int64_t value;
};
