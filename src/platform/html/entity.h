/* Character references of Markdown ("&amp;", "&#x41;"), private to this room. */
#pragma once
#include "base/buf.h"

/* Adds what the reference stands for; one that is not known is added as it is written, so whatever
   prints it must escape it. Numbers that are no character give U+FFFD. */
void entity_decode(struct buf *out, struct str reference);
