#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...)
{
    if (fault == NULL)
        return false;
    /* Written aside first, so that the fault's own detail may be among the arguments. */
    char detail[sizeof fault->detail];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    memcpy(fault->detail, detail, sizeof detail);
    fault->kind = kind;
    return false;
}
