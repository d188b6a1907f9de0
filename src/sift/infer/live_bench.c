/* Inference while answers come in: `bench_infer_live ITEMS` asks until no item is open. A worker of
 * a thousand comes, takes the item that is next for them, and answers it. Prints answers an item,
 * seconds an answer for choosing and for taking in, the slowest of each, and the bytes held.
 */
#include "base/arena.h"
#include "base/check.h"
#include "sift/chance/chance.h"
#include "sift/infer/infer.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum { CLASSES = 4, WORKERS = 1000 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Workers are right with .6 to .9, and otherwise choose by chance. */
static uint16_t answer(struct chance *chance, uint32_t item, uint32_t worker)
{
    if (chance_uniform(chance) < 0.6 + 0.1 * (worker % 4))
        return (uint16_t)(item % CLASSES);
    return (uint16_t)(chance_bits(chance) % CLASSES);
}

int main(int argc, char **argv)
{
    int64_t items;
    check(argc == 2 && str_to_int64(str_from(argv[1]), &items) && items > 0);
    struct chance chance = { 1 };
    struct arena *arena = arena_make();
    struct infer_live_options options = { .class_count = CLASSES, .certainty = 0.99 };
    struct infer_live *live;
    struct fault fault = { 0 };
    if (!infer_live_make(arena, &options, &live, &fault) ||
        !infer_live_grow(live, (uint32_t)items, WORKERS, &fault)) {
        fprintf(stderr, "%s\n", fault.detail);
        return 1;
    }
    double choosing = 0, taking = 0, choosing_most = 0, taking_most = 0;
    size_t given = 0;
    for (;;) {
        uint32_t item, worker = (uint32_t)(chance_bits(&chance) % WORKERS);
        double begun = seconds();
        if (!infer_live_next(live, worker, &item))
            break;
        double chosen = seconds();
        infer_live_answer(live, item, worker, answer(&chance, item, worker));
        double taken = seconds();
        choosing += chosen - begun;
        taking += taken - chosen;
        choosing_most = fmax(choosing_most, chosen - begun);
        taking_most = fmax(taking_most, taken - chosen);
        given++;
    }
    printf("%.3f %.4g %.4g %.4g %.4g %zu\n", (double)given / (double)items,
           choosing / (double)given, taking / (double)given, choosing_most, taking_most,
           arena_held_bytes(arena));
    arena_free(arena);
    return 0;
}
