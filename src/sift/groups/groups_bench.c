/* How long opinion groups take on seeded crowds of given sizes, in one thread, without reading CSV.
 *
 * A crowd has three tastes; each statement divides them in its own way, and people see some
 * statements, early ones more often, as they do where statements come in one by one.
 */
#include "sift/groups/groups.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/arena.h"
#include "sift/chance/chance.h"

static struct chance dice = { 1 };

static uint32_t below(uint32_t bound)
{
    return (uint32_t)(chance_bits(&dice) % bound);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct groups_vote *crowd(struct arena *arena, uint32_t people, uint32_t statements,
                                 size_t count)
{
    struct groups_vote *votes = arena_new(arena, struct groups_vote, count);
    uint32_t(*liking)[3] = arena_take(arena, statements * sizeof *liking);
    for (uint32_t s = 0; s < statements; s++)
        for (int t = 0; t < 3; t++)
            liking[s][t] = 10 + below(81);
    for (size_t i = 0; i < count; i++) {
        uint32_t person = below(people), statement = below(1 + below(statements));
        uint32_t chance = below(100), like = liking[statement][person % 7 < 4 ? 0 : person % 7 - 4];
        int vote = chance < 15 ? 0 : below(100) < like ? 1 : -1;
        votes[i] = (struct groups_vote){ person, statement, (int8_t)vote };
    }
    return votes;
}

static void measure(const char *name, uint32_t people, uint32_t statements, size_t count)
{
    struct arena *arena = arena_make();
    const struct groups_vote *votes = crowd(arena, people, statements, count);
    double started = now_s();
    struct opinions o = opinions_make(arena, votes, count, people, statements, NULL);
    double sorted = now_s();
    struct groups_plane plane = groups_plane(arena, &o, NULL);
    double placed = now_s();
    struct groups g = groups_find(arena, &o, &plane, (struct groups_wish){ .seed = 1 });
    double grouped = now_s();
    struct groups_counts counts = groups_count(arena, &o, g.of, g.count);
    struct groups_said list[GROUPS_SAID_MAX];
    for (uint32_t k = 0; k < g.count; k++)
        groups_representatives(&counts, o.is_out, k, list);
    double said = now_s();
    struct groups_plane again = groups_plane(arena, &o, &plane);
    double resumed = now_s();
    printf(
        "# %u people, %u statements, %zu votes: %u groups (silhouette %.2f), %u steps, %u with a "
        "start\n",
        people, statements, o.vote_count, g.count, g.silhouette_here, plane.step_count,
        again.step_count);
    printf("%s.sort %.4f s -\n%s.plane %.4f s -\n%s.plane_again %.4f s -\n%s.groups %.4f s -\n",
           name, sorted - started, name, placed - sorted, name, resumed - said, name,
           grouped - placed);
    printf("%s.represent %.4f s -\n%s.all %.4f s -\n", name, said - grouped, name, said - started);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%s.memory %.0f MB -\n", name, (double)usage.ru_maxrss / 1024);
    arena_free(arena);
}

int main(void)
{
    measure("groups.6289x2161", 6289, 2161, 1000000);
    measure("groups.33000x5000", 33000, 5000, 2200000);
    return 0;
}
