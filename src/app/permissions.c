#include "app/app.h"

#include <string.h>

#include "base/check.h"

/* "participant" is anybody signed in who is not in the organisation's team. */
const struct permission permissions[] = {
    /*             nobody participant moderator manager owner guest */
    { "anyone", true, true, true, true, true, true, "signing up and in" },
    { "read", true, true, true, true, true, true,
      "reading what is public; drafts only for the team" },
    { "account", false, true, true, true, true, false, "one's own account" },
    { "signed_in", false, true, true, true, true, true, "one's own earnings, and signing out" },
    { "participate", false, true, true, true, true, true, "giving ideas, votes and comments" },
    { "moderate", false, false, true, true, true, false, "hiding and showing contributions" },
    { "manage", false, false, false, true, true, false, "running campaigns" },
    { "own", false, false, false, false, true, false, "team and look of the organisation" },
    { "panel", false, false, false, false, false, false,
      "letting workers in: a panel's own token" },
    { "first_run", true, true, true, true, true, true,
      "with the one-time token, before there is an organisation" },
    { NULL, false, false, false, false, false, false, NULL },
};

const struct permission *permission_named(const char *name)
{
    for (const struct permission *p = permissions; p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    check(!"a permission of the table");
    return NULL;
}
