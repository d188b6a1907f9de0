/* Pure decisions about opinions. */
#include "opinion_inner.h"

const char *const said_list_names[LIST_COUNT] = {
    [LIST_COMMON] = "common", [LIST_DIVISIVE] = "divisive", [LIST_GROUP] = "group"
};

struct str stance_name(int64_t stance)
{
    return stance > 0 ? S("agree") : stance < 0 ? S("disagree") : S("pass");
}

int64_t opinion_needed(int64_t subject_count)
{
    return subject_count > 0 && subject_count < OPINION_NEEDED_MAX ? subject_count
                                                                   : OPINION_NEEDED_MAX;
}

/* Spreads ids over all numbers (the finaliser of splitmix64, by S. Vigna). */
static uint64_t spread(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

size_t opinion_choose(const struct opinion_next_row *rows, size_t count, struct person_id person_id)
{
    size_t best = 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        uint64_t draw =
            spread((uint64_t)rows[i].subject_id.value ^ spread((uint64_t)person_id.value));
        if (draw >= least)
            continue;
        least = draw;
        best = i;
    }
    return best;
}
