#include "base/check.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void check_failed(const char *condition, const char *file, int line, const char *function)
{
    /* Nothing here allocates: the heap may be what is broken. */
    char text[512];
    int size = snprintf(text, sizeof text, "bug: %s does not hold in %s, %s:%d\n", condition,
                        function, file, line);
    if (size >= (int)sizeof text)
        size = (int)sizeof text - 1;
    ssize_t written = size > 0 ? write(STDERR_FILENO, text, (size_t)size) : 0;
    (void)written;
    void *frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
    abort();
}
