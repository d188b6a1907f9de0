/* The files of web/static, built into the program and named by their content.
 *
 * A file "app.css" is served as /static/app.3f9a0c12d4b7.css: a new content is a new name, so a
 * browser may keep it for ever. Style sheets and scripts that name other files ("inter.woff2" in
 * url(), "./votes.js" in import) are rewritten to those names when they are built in. Made by
 * tools/assetgen.py; a template names an asset with asset("app.css").
 */
#pragma once
#include "platform/html/html.h"

struct asset {
    struct str name;         /* "app.css" */
    struct str path;         /* "/static/app.3f9a0c12d4b7.css" */
    struct str content_type; /* "text/css; charset=utf-8" */
    struct str bytes;
    struct str gzip; /* the same compressed; empty where that saves nothing */
};

/* By the path of a request; NULL when there is none. */
const struct asset *asset_find(struct str path);

/* By name; asking for a file that is not there is a bug. */
struct url asset_url(struct str name);

/* Generated, sorted by path. */
extern const struct asset assets[];
extern const size_t asset_count;
