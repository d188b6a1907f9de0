/* The cage of `manyhands-media`: what a picture that takes over the decoder can still do. */
#pragma once
#include <stdbool.h>

/* First thing in main, while there is one thread: limits on memory, processor time (of all that is
   done, in seconds) and output, no new privileges, no network where the kernel lets us leave it. */
bool sandbox_enter(unsigned cpu_seconds_max);
/* From now on so many more seconds of processor time, and still no more than sandbox_enter said. */
bool sandbox_allow_seconds(unsigned cpu_seconds);
/* After all libraries are loaded, before the input is decoded: no new file descriptors (neither
   files nor sockets), no programs, no processes. */
bool sandbox_close(void);
