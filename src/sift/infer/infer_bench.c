/* Inference alone: `bench_infer ANSWERS METHOD [ITERATIONS [THREADS]]` makes answers by a seed (5
 * to an item, 4 classes, a worker to every 1,000), infers, and prints the processor's seconds for
 * ordering and for inferring, the bytes held, the seconds that went by, and a hash of the
 * posteriors.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"
#include "sift/infer/infer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CLASSES = 4, EACH = 5, ANSWERS_A_WORKER = 1000 };

static struct chance dice = { 1 };

static uint32_t chance(uint32_t bound)
{
    return (uint32_t)(chance_bits(&dice) % bound);
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    check(argc >= 3);
    int64_t wanted, iterations = 0, threads = 1;
    check(str_to_int64(str_from(argv[1]), &wanted) && wanted > 0);
    check(argc < 4 || str_to_int64(str_from(argv[3]), &iterations));
    check(argc < 5 || str_to_int64(str_from(argv[4]), &threads));
    size_t count = (size_t)wanted;
    struct infer_options options = { .tolerance = -1, .threads = (unsigned)threads };
    check(infer_method_named(str_from(argv[2]), &options.method));
    options.iterations_max = (unsigned)iterations;
    struct arena *arena = arena_make(), *own = arena_make();
    uint32_t *item = arena_new(arena, uint32_t, count), *worker = arena_new(arena, uint32_t, count);
    uint16_t *label = arena_new(arena, uint16_t, count);
    uint32_t workers = (uint32_t)(count / ANSWERS_A_WORKER) + 1;
    for (size_t a = 0; a < count; a++) {
        item[a] = (uint32_t)(a / EACH);
        worker[a] = chance(workers);
        uint16_t truth = (uint16_t)(item[a] * 2654435761u >> 30);
        label[a] = (uint16_t)(chance(10) < 5 + worker[a] % 5 ? truth : chance(CLASSES));
    }
    double begun = seconds(CLOCK_PROCESS_CPUTIME_ID);
    struct infer_answers answers = infer_answers_make(own, count, item, worker, label,
                                                      (uint32_t)(count / EACH), workers, CLASSES);
    double ordered = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    struct infer_result result;
    struct fault fault = { 0 };
    if (!infer(own, &answers, &options, &result, &fault)) {
        fprintf(stderr, "%s\n", fault.detail);
        return 1;
    }
    double inferred = seconds(CLOCK_PROCESS_CPUTIME_ID);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    uint64_t hash = 0;
    for (size_t p = 0; p < count / EACH * CLASSES; p++) {
        uint64_t bits;
        memcpy(&bits, &result.posterior[p], sizeof bits);
        hash = (hash ^ bits) * 0x9e3779b97f4a7c15;
    }
    printf("%.4f %.4f %zu %.4f %016llx\n", ordered - begun, inferred - ordered,
           arena_held_bytes(own), wall, (unsigned long long)hash);
    arena_free(own);
    arena_free(arena);
    return 0;
}
