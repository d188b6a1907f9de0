/* Reading CSV alone: `bench_table FILE` numbers the names of every cell, as inference does, and
 * prints the processor seconds.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/table/table.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

int main(int argc, char **argv)
{
    check(argc == 2);
    int file = open(argv[1], O_RDONLY);
    struct stat status;
    check(file >= 0 && fstat(file, &status) == 0);
    size_t size = (size_t)status.st_size;
    const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    check(bytes != MAP_FAILED);
    struct arena *arena = arena_make();
    struct names names[3] = { { .arena = arena }, { .arena = arena }, { .arena = arena } };
    struct table table;
    struct fault fault = { 0 };
    size_t rows = 0;
    struct timespec begun, ended;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begun);
    check(table_begin(&table, arena, (struct str){ bytes, size }, &fault) &&
          table.column_count == 3);
    for (; table_next(&table); rows++)
        for (int i = 0; i < 3; i++)
            names_number(&names[i], table.cells[i]);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
    check(table.fault.kind == FAULT_NONE);
    printf("%zu %.4f\n", rows,
           (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9);
    arena_free(arena);
    return 0;
}
