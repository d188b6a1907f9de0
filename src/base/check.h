/* A bug stops the process.
 *
 * `check(condition)` is compiled in always. When it fails, the place, the condition and a stack
 * trace go to stderr and the process aborts; whoever supervises it starts it again, and nothing
 * that was acknowledged is lost. Never use it for input, a person's mistake or the world's failure.
 */
#pragma once

#define check(condition)                                                                           \
    ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__, __func__))

_Noreturn void check_failed(const char *condition, const char *file, int line,
                            const char *function);
