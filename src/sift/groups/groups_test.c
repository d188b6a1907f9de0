#include "sift/groups/groups.h"
#include "base/arena.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

int main(void) { return 0; }
