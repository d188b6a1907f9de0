#include "platform/web/router.h"
#include "base/check.h"
#include <string.h>

struct node {
    struct str word;
    struct node *words; /* children that are words, as a list */
    struct node *next;
    struct node *any; /* the child that is a placeholder */
    const struct route *page, *command;
};

struct router {
    struct node root;
    const struct route *const *list;
    unsigned count;
};

static struct node *child_for(struct arena *arena, struct node *node, struct str segment)
{
    if (str_starts(segment, S("{"))) {
        if (node->any == NULL)
            node->any = arena_new(arena, struct node, 1);
        return node->any;
    }
    for (struct node *child = node->words; child != NULL; child = child->next)
        if (str_equal(child->word, segment))
            return child;
    struct node *child = arena_new(arena, struct node, 1);
    *child = (struct node){ .word = segment, .next = node->words };
    node->words = child;
    return child;
}

static void add(struct arena *arena, struct router *router, const struct route *route)
{
    struct str rest = str_slice(str_from(route->path), 1, SIZE_MAX);
    struct node *node = &router->root;
    unsigned depth = 0;
    while (rest.size > 0) {
        check(++depth <= ROUTE_DEPTH_MAX);
        node = child_for(arena, node, str_cut(&rest, '/'));
    }
    const struct route **place = route->flags & ROUTE_COMMAND ? &node->command : &node->page;
    check(*place == NULL);
    *place = route;
}

struct router *router_make(struct arena *arena, const struct route *const *list, unsigned count)
{
    struct router *router = arena_new(arena, struct router, 1);
    router->list = list;
    router->count = count;
    for (unsigned i = 0; i < count; i++)
        add(arena, router, list[i]);
    return router;
}

/* The walk of one search; a word that leads nowhere is given up for the placeholder beside it. */
struct walk {
    bool is_command;
    unsigned flags;
    struct str *values;
    struct found found;
};

static bool fits(const struct route *route, unsigned flags)
{
    return route != NULL && (route->flags & flags) == flags;
}

static bool walk_to(struct walk *walk, const struct node *node, struct str rest, unsigned value)
{
    if (rest.size == 0) {
        bool has_page = fits(node->page, walk->flags),
             has_command = fits(node->command, walk->flags);
        walk->found.has_page |= has_page;
        walk->found.has_command |= has_command;
        if (walk->is_command ? !has_command : !has_page)
            return false;
        walk->found.route = walk->is_command ? node->command : node->page;
        return true;
    }
    struct str segment = str_cut(&rest, '/');
    for (const struct node *child = node->words; child != NULL; child = child->next)
        if (str_equal(child->word, segment) && walk_to(walk, child, rest, value))
            return true;
    if (node->any == NULL || segment.size == 0)
        return false;
    walk->values[value] = segment;
    return walk_to(walk, node->any, rest, value + 1);
}

struct found router_find(const struct router *router, struct str path, bool is_command,
                         unsigned flags, struct str values[ROUTE_DEPTH_MAX])
{
    struct walk walk = { .is_command = is_command, .flags = flags, .values = values };
    walk_to(&walk, &router->root, str_slice(path, 1, SIZE_MAX), 0);
    return walk.found;
}

const struct route *router_by_name(const struct router *router, const char *name)
{
    for (unsigned i = 0; i < router->count; i++)
        if (strcmp(router->list[i]->name, name) == 0)
            return router->list[i];
    return NULL;
}
