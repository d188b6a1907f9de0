#include "platform/html/assets.h"

#include "base/check.h"

const struct asset *asset_find(struct str path)
{
    size_t from = 0, to = asset_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = str_compare(path, assets[middle].path);
        if (order == 0)
            return &assets[middle];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

struct url asset_url(struct str name)
{
    for (size_t i = 0; i < asset_count; i++)
        if (str_equal(assets[i].name, name))
            return (struct url){ assets[i].path };
    check(!"an asset of this name");
    return (struct url){ S("#") };
}
