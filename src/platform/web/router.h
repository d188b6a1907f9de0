/* From a path to a route: a tree of path segments, words before placeholders. */
#pragma once
#include "platform/web/web.h"

enum { ROUTE_DEPTH_MAX = 12 };

struct router;
struct router *router_make(struct arena *arena, const struct route *const *list, unsigned count);

struct found {
    const struct route *route;  /* NULL: none for this method and format */
    bool has_page, has_command; /* what else the path answers to */
};
/* The page or command at `path` ("/a/b"; no slash at the end) that has all of `flags`. `values`
   receives what stands in the placeholders, in the path's order. */
struct found router_find(const struct router *router, struct str path, bool is_command,
                         unsigned flags, struct str values[ROUTE_DEPTH_MAX]);
/* By name; NULL when there is none. */
const struct route *router_by_name(const struct router *router, const char *name);
