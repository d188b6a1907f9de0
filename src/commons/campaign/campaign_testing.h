/* For tests of rooms that know campaigns but need no kind of them: the list only has to exist.
 */
#pragma once
#include <stddef.h>

#include "commons/campaign/campaign.h"

const struct campaign_kind *const campaign_kinds[] = { NULL };
