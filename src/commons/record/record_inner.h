/* Shared by the writing and the checking half of the record. */
#pragma once
#include "commons/record/record.h"

/* Hex SHA-256 of an entry's canonical JSON; `campaign` is the id as text. */
struct str record_hash(struct arena *arena, struct str campaign, const struct record_entry *entry);
