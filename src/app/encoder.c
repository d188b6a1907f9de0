/* Where the sentence encoder's file is. */
#include "app/app.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sift/encode/encode.h"

struct encoder *open_encoder(struct arena *arena, const char *path, struct fault *fault)
{
    static const char *const places[] = { "encoder-en.bin", "../share/manyhands/encoder-en.bin" };
    if (path != NULL)
        return encoder_open(path, fault);
    char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program);
    if (size <= 0 || size == (ssize_t)sizeof program) {
        fault_set(fault, FAULT_SETUP, "the program's own place is not known; name the file");
        return NULL;
    }
    while (size > 0 && program[size - 1] != '/')
        size--;
    const char *found = NULL;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *place =
            str_c(arena, str_printf(arena, "%.*s%s", (int)size, program, places[i]));
        if (found == NULL || (access(found, R_OK) != 0 && access(place, R_OK) == 0))
            found = place;
    }
    return encoder_open(found, fault);
}
