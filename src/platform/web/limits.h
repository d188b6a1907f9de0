/* How often one person, or one address, may do something.
 *
 * Kept in memory, in a table of fixed size: when it is full, the entry nearest to being forgotten
 * gives way. One number an entry (the generic cell rate algorithm): the time at which the requests
 * let through so far would have arrived if they had kept to the rate exactly. */
#pragma once
#include "base/str.h"

struct visit;
struct limits;

struct limits *limits_make(void);
void limits_free(struct limits *limits);

/* Counts one act under `key` at `now` (microseconds); false when there were more than `count`
   within `seconds`; *wait_seconds then says how long to wait. Any thread. */
bool limits_take(struct limits *limits, struct str key, int count, int seconds, int64_t now,
                 int64_t *wait_seconds);

/* Takes one act back that was counted. Any thread. */
void limits_give_back(struct limits *limits, struct str key, int count, int seconds);

/* Counts a visit against its route's rate once it is known who it is; false: v->reply says 429. */
bool limits_pass(struct visit *v);
/* What stands for an address: the whole of IPv4, the /64 network of IPv6. */
struct str limits_address(struct arena *arena, struct str address);
