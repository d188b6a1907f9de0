#include "base/check.h"
#include "platform/sql/sql_inner.h"
#include <stdlib.h>

enum { WORKS_FIRST = 64 };

static unsigned slot_of(const struct sql_works *works, void (*work)(struct sql *, const int64_t[2]),
                        const int64_t key[2])
{
    uint64_t h = (uint64_t)(uintptr_t)work;
    h = (h ^ (uint64_t)key[0]) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 29) ^ (uint64_t)key[1]) * 0x9e3779b97f4a7c15u;
    return (unsigned)(h >> 32) & (works->capacity - 1);
}

static void put_in_slot(struct sql_works *works, unsigned index)
{
    struct sql_work *item = &works->items[index];
    unsigned slot = slot_of(works, item->work, item->key);
    item->chain = works->slots[slot];
    works->slots[slot] = index + 1;
}

static void grow(struct sql_works *works)
{
    unsigned capacity = works->capacity == 0 ? WORKS_FIRST : works->capacity * 2;
    works->items = realloc(works->items, capacity * sizeof works->items[0]);
    free(works->slots);
    works->slots = calloc(capacity, sizeof works->slots[0]);
    check(works->items != NULL && works->slots != NULL);
    works->capacity = capacity;
    for (unsigned i = 0; i < works->count; i++)
        put_in_slot(works, i);
}

void sql_works_add(struct sql_works *works, void (*work)(struct sql *, const int64_t[2]),
                   const int64_t key[2])
{
    if (works->count == works->capacity)
        grow(works);
    for (unsigned at = works->slots[slot_of(works, work, key)]; at != 0;) {
        const struct sql_work *item = &works->items[at - 1];
        if (item->work == work && item->key[0] == key[0] && item->key[1] == key[1])
            return;
        at = item->chain;
    }
    works->items[works->count] = (struct sql_work){ .work = work, .key = { key[0], key[1] } };
    put_in_slot(works, works->count);
    works->count++;
}

void sql_works_cut(struct sql_works *works, unsigned count)
{
    while (works->count > count) {
        /* Newest first: each is the head of its slot, so the slot's older ones stay in order. */
        const struct sql_work *item = &works->items[--works->count];
        works->slots[slot_of(works, item->work, item->key)] = item->chain;
    }
}

bool sql_works_run(struct sql_works *works, struct sql *db)
{
    struct arena_mark start = arena_mark(db->own_arena);
    sql_use_arena(db, db->own_arena);
    for (unsigned i = 0; i < works->count && !db->failed; i++) {
        struct sql_work item = works->items[i]; /* the array may move while it runs */
        item.work(db, item.key);
        arena_rewind(db->own_arena, start);
    }
    sql_works_cut(works, 0);
    return !db->failed;
}

void sql_works_free(struct sql_works *works)
{
    free(works->items);
    free(works->slots);
    *works = (struct sql_works){ 0 };
}
