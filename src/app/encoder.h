/* Finds the sentence encoder's data file. */
#pragma once
#include "base/arena.h"
#include "base/fault.h"
#include "base/str.h"
#include "sift/encode/encode.h"

/* The path of the file: `setting` ([sift] encoder) unless it is empty, else the first place where
   there is one; NULL when there is none. */
const char *encoder_path(struct arena *arena, struct str setting);
/* Opens it; NULL and a fault where it is missing or damaged. Texts are then compared by words
 * alone. */
struct encoder *encoder_found(struct arena *arena, struct str setting, struct fault *fault);
