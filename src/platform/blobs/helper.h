/* Running `manyhands-media`: a process that is given a file, and gives back bytes and a sentence.
 */
#pragma once
#include "base/fault.h"
#include "base/str.h"

#include <sys/types.h>

enum { HELPER_SENTENCE_SIZE = 400 };

struct helper {
    int in;        /* what it reads: a file that nobody can change */
    int out, gets; /* what it writes: our end, and its own (the same, where it is a file) */
    int said, say; /* pipe of its standard error: our end, its own */
    pid_t pid;
    int status; /* of waitpid */
    bool timed_out;
    char sentence[HELPER_SENTENCE_SIZE];
    size_t sentence_size;
};

/* Nothing open yet; helper_close may follow at any time. */
struct helper helper_none(void);
void helper_close(struct helper *h);
/* Starts `manyhands-media MODE SIDE_PX_MAX` with `in` and `gets`, which the caller has opened. */
[[nodiscard]] bool helper_start(struct helper *h, const char *mode, int side_px_max,
                                struct fault *fault);
/* Waits until what it says can be read, or `out` too when asked, and keeps what fits of what it
   says. False when it has said all, and at the deadline (then `timed_out`). */
bool helper_listen(struct helper *h, bool out_too, int64_t deadline);
/* Waits for its end, at most until the deadline. */
void helper_wait(struct helper *h, int64_t deadline);
/* Ends it at once. */
void helper_kill(struct helper *h);
bool helper_exited(const struct helper *h, int code);
/* The fault of one that did not end well: what it said, or that `thing` cannot be read. */
bool helper_failed(const struct helper *h, const char *thing, struct fault *fault);
