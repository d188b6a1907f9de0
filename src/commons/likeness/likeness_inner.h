/* What the files of this room share. */
#pragma once
#include "commons/likeness/likeness.h"
#include "likeness.sql.h"

/* What is kept of a text: its language and, of English ones where there is an encoder, what that
   makes of it. */
struct likeness_made {
    int64_t method;
    const char *language;
    struct str sentence; /* SIMILAR_HALF bytes, or empty */
};
/* Takes 2 to 10 ms where there is an encoder. `likely` may be "". */
struct likeness_made likeness_make(struct likeness *likeness, struct arena *arena, struct str text,
                                   struct str likely);
/* What is kept of a sentence, if its reader is that of the campaign; else "". */
struct str likeness_sentence(int64_t reader, int64_t method, struct str sentence);
/* Lets the encoder rest when it has had nothing to do for a minute. */
void likeness_rest(struct likeness *likeness);
/* What a campaign seems to be in, by its question and brief; "" where that is not to be told. */
struct str likeness_language(struct arena *arena, struct str question, struct str brief);
int64_t likeness_method(const struct likeness *likeness);
/* The text to be compared of one subject; false when it is not shown. */
bool likeness_words(struct sql *db, struct str kind, struct campaign_id campaign_id,
                    struct subject_id subject_id, struct str *text);
