/* What the files of this room share. */
#pragma once
#include "commons/people/people.h"

/* The account's page; `new_token` is shown in it, "" for none. */
struct reply account_page(struct request *r, struct str new_token);
