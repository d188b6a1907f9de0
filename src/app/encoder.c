/* Where the sentence encoder's data file is: where `[sift] encoder` says, beside the program, or in
 * ../share/manyhands from there.
 */
#include "app/encoder.h"

#include <string.h>
#include <unistd.h>

static const char *const beside[] = { "/encoder-en.bin", "/../share/manyhands/encoder-en.bin" };

/* The folder of the program itself; NULL when the system does not tell. */
static const char *own_folder(struct arena *arena)
{
    enum { LONGEST = 4096 };
    char *path = arena_take(arena, LONGEST);
    ssize_t size = readlink("/proc/self/exe", path, LONGEST - 1);
    char *slash = size > 0 ? strrchr(path, '/') : NULL;
    if (slash == NULL)
        return NULL;
    *slash = 0;
    return path;
}

const char *encoder_path(struct arena *arena, struct str setting)
{
    if (setting.size > 0)
        return str_c(arena, setting);
    const char *folder = own_folder(arena);
    for (size_t i = 0; folder != NULL && i < sizeof beside / sizeof beside[0]; i++) {
        const char *path = str_c(arena, str_printf(arena, "%s%s", folder, beside[i]));
        if (access(path, F_OK) == 0)
            return path;
    }
    return NULL;
}

struct encoder *encoder_found(struct arena *arena, struct str setting, struct fault *fault)
{
    const char *path = encoder_path(arena, setting);
    if (path != NULL)
        return encoder_open(path, fault);
    fault_set(fault, FAULT_SETUP,
              "the sentence encoder's file encoder-en.bin is not beside the program, nor in "
              "../share/manyhands; script/encoder makes it, [sift] encoder says where else it is");
    return NULL;
}
