/* The cage of `manyhands-media`: what a picture that takes over the decoder can still do. */
#pragma once
#include <stdbool.h>

/* First thing in main, while there is one thread: limits on memory, time and output, no new
   privileges, no network where the kernel lets us leave it. */
bool sandbox_enter(void);
/* After all libraries are loaded, before the input is decoded: no new file descriptors (neither
   files nor sockets), no programs, no processes. */
bool sandbox_close(void);
