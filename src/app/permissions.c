#include "app/app.h"

#include <string.h>

#include "base/check.h"

/* "participant" is anybody signed in who is not in the organisation's team. */
const struct permission permissions[] = {
    /*             nobody participant moderator manager owner */
    { "anyone", true, true, true, true, true, "signing up and in" },
    { "read", true, true, true, true, true, "reading what is public; drafts only for the team" },
    { "account", false, true, true, true, true, "one's own account" },
    { "participate", false, true, true, true, true, "giving ideas, votes and comments" },
    { "moderate", false, false, true, true, true, "hiding and showing contributions" },
    { "manage", false, false, false, true, true, "running campaigns" },
    { "own", false, false, false, false, true, "team and look of the organisation" },
    { "first_run", true, true, true, true, true,
      "with the one-time token, before there is an organisation" },
    { NULL, false, false, false, false, false, NULL },
};

const struct permission *permission_named(const char *name)
{
    for (const struct permission *p = permissions; p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    check(!"a permission of the table");
    return NULL;
}
