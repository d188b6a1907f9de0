/* Reading CSV alone: `bench_table FILE` prints its rows, the processor seconds of reading them, and
 * of reading them and numbering the names in every cell, as inference does.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/table/table.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double read_all(struct str bytes, bool numbering, size_t *rows)
{
    struct arena *arena = arena_make();
    struct names names[3] = { { .arena = arena }, { .arena = arena }, { .arena = arena } };
    struct table table;
    struct fault fault = { 0 };
    double begun = seconds();
    check(table_begin(&table, arena, bytes, &fault) && table.column_count == 3);
    for (*rows = 0; table_next(&table); ++*rows)
        for (int i = 0; i < 3 && numbering; i++)
            names_number(&names[i], table.cells[i]);
    check(table.fault.kind == FAULT_NONE);
    double took = seconds() - begun;
    arena_free(arena);
    return took;
}

int main(int argc, char **argv)
{
    check(argc == 2);
    int file = open(argv[1], O_RDONLY);
    struct stat status;
    check(file >= 0 && fstat(file, &status) == 0);
    struct str bytes = { .size = (size_t)status.st_size };
    bytes.data = mmap(NULL, bytes.size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    check(bytes.data != MAP_FAILED);
    size_t rows;
    double reading = read_all(bytes, false, &rows), numbering = read_all(bytes, true, &rows);
    printf("%zu %.4f %.4f\n", rows, reading, numbering);
    return 0;
}
