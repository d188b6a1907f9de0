/* Likeness: which subjects of a campaign say nearly the same.
 *
 * Facts are the words. Derived from them, and kept, is what is slow to make: the language of each
 * shown subject and what the sentence encoder makes of it (the table `likeness`, written by a job
 * soon after the words were). It depends on nothing else, so rebuilt equals kept. The lexical half
 * of a vector also depends on how rare its words are among all texts of the campaign; it is quick
 * to make and never kept: each server makes it when it takes a campaign into memory, adds what
 * comes in, and takes the campaign in anew when it has doubled since. Between servers, and before
 * and after, scores may therefore differ a little.
 *
 * News arrives by listeners that only note what is to be looked at, in the transaction that hands
 * the event on; encoding happens in no transaction. A server sees what any server has written, for
 * each writing raises the campaign's revision and each look-up begins by asking for it.
 *
 * Sentences are read by the encoder on this machine, English ones only; or, in campaigns for which
 * that was agreed, by another reader, which is appointed from above: what it makes of each text
 * comes later, and until then, and for texts that are only typed, words alone are compared. All
 * sentences that are compared in one campaign come from one reader.
 *
 * Merging is always a person's decision: this room only says what is alike, and what speaks
 * against.
 */
#pragma once
#include "commons/event/event.h"
#include "commons/subject/subject.h"
#include "sift/similar/similar.h"

struct encoder;
struct likeness;

/* `encoder` may be NULL: texts are then compared by their words alone. Campaigns are held in memory
   up to `bytes_max` in all; those not asked for longest go first. Any thread may use it. */
struct likeness *likeness_open(const struct encoder *encoder, size_t bytes_max);
void likeness_close(struct likeness *likeness); /* NULL is allowed */
/* The one the site was started with. */
struct likeness *likeness_of(const struct request *r);

/* --- Looking up ------------------------------------------------------------------------------- */

struct likeness_found {
    struct subject_id subject_id;
    double score;
    struct str differs; /* why the two are not the same though alike, as words; or "" */
};
/* The up to SIMILAR_NEAREST shown subjects of a campaign nearest to a text whose score is at least
   `least`, best first; results live in the arena. The text is a title and what follows it, as
   likeness_text joins them. */
size_t likeness_nearest(struct likeness *likeness, struct sql *db, struct arena *arena,
                        struct campaign_id campaign_id, struct str text, double least,
                        struct likeness_found found[SIMILAR_NEAREST]);
/* The nearest to a subject, itself left out; quicker, for its text was encoded before. */
size_t likeness_nearest_to(struct likeness *likeness, struct sql *db, struct arena *arena,
                           struct campaign_id campaign_id, struct subject_id subject_id,
                           double least, struct likeness_found found[SIMILAR_NEAREST]);
/* Of each of some subjects another that says nearly the same (SIMILAR_FIRES) and may be merged with
   it; the title of none is "". As quick as suits a page of a hundred: only the TWINS_TRIED nearest
   are looked at, and in campaigns of more than TWINS_AMONG_MOST subjects nobody has a twin. Two
   queries, up to three for each subject that has others near to it, and a scan of all for each. */
enum { TWINS_TRIED = 2, TWINS_AMONG_MOST = 5000 };
struct likeness_twin {
    struct subject_id subject_id;
    struct str title;
};
struct likeness_twin *likeness_twins(struct likeness *likeness, struct sql *db, struct arena *arena,
                                     struct campaign_id campaign_id,
                                     const struct subject_id *subjects, size_t count);
/* The text that is compared: the title, and where that says little (under LIKENESS_TITLE_ENOUGH
   characters) the summary after it. More would only dilute what an idea is about, and who types a
   title has nothing more to compare with. */
enum { LIKENESS_TITLE_ENOUGH = 20 };
struct str likeness_text(struct arena *arena, struct str title, struct str summary);
/* What speaks against merging, in words, from the view of whoever wrote a; "" for nothing. Pure. */
struct str likeness_difference(struct arena *arena, struct similar_block block);

/* A splitter of words for one thread, until it is given back. */
struct words_tools *likeness_tools_take(struct likeness *likeness);
void likeness_tools_give(struct likeness *likeness, struct words_tools *tools);
/* Fills the sentence half of a vector with what the table keeps of a text ("": nothing). */
void likeness_set_sentence(struct similar_vector *v, struct str sentence);

/* --- All of a campaign ------------------------------------------------------------------------ */

/* Grows with whatever is written about a campaign's subjects; 0: nothing ever was. */
int64_t likeness_revision(struct sql *db, struct campaign_id campaign_id);
/* Hands out what can be found in a campaign, by ascending subject: its words and its vector, both
   only to be looked at. The same texts give the same vectors, whatever was there before. False when
   the campaign cannot be read. Takes about 50 µs a text. */
[[nodiscard]] bool
likeness_walk(struct likeness *likeness, struct sql *db, struct campaign_id campaign_id,
              void (*take)(void *context, struct subject_id subject_id, const struct words *words,
                           const struct similar_vector *vector),
              void *context);

/* --- Another reader than our encoder -----------------------------------------------------------
 */

/* Whether English sentences are read on this machine. */
bool likeness_has_encoder(const struct likeness *likeness);
/* Who reads the sentences of a campaign from now on: a number from LIKENESS_READER_LEAST on, or 0
   for our encoder. What others have read counts no more. In a command. */
enum { LIKENESS_READER_LEAST = 2 };
void likeness_appoint(struct sql *db, int64_t now, struct campaign_id campaign_id, int64_t reader);
/* Up to `most` shown texts of one campaign that their reader has not read; results live in the
   arena of `db`. None: all is read, or all that waits was erased or changed this moment; *complete
   then holds the heads that likeness_read_all is to be told of. */
struct likeness_unread {
    struct campaign_id campaign_id;
    struct subject_id subject_id;
    int64_t revision; /* of the words */
    struct str text;
};
struct likeness_all_read {
    struct campaign_id campaign_id;
    int64_t revision;
};
struct likeness_to_read {
    struct likeness_unread *texts;
    size_t count;
    struct likeness_all_read *complete;
    size_t complete_count;
};
struct likeness_to_read likeness_to_read(struct sql *db, int64_t reader, size_t most);
/* Keeps what the reader makes of one of these: SIMILAR_HALF bytes, or "" for nothing; unless the
   words were changed meanwhile or another reader was appointed. In a command. */
void likeness_was_read(struct sql *db, int64_t reader, const struct likeness_unread *text,
                       struct str sentence);
void likeness_read_all(struct sql *db, int64_t reader, struct likeness_all_read all);

/* --- Keeping up ------------------------------------------------------------------------------- */

/* Has a subject looked at again soon; the subject 0: all of the campaign that were not yet. */
void likeness_want(struct sql *db, int64_t now, struct campaign_id campaign_id,
                   struct subject_id subject_id);
/* Listener: the words or the state of the event's subject changed (0: many, or the campaign's own).
 */
void likeness_hear(struct sql *db, void *context, int64_t now, const struct event *event);

struct likeness_office {
    struct sql_store *store;
    struct likeness *likeness;
};
/* Job: looks at what is due, some seconds at a time. */
bool likeness_job(void *office, int64_t now, struct fault *fault);

/* Makes all likenesses of a campaign anew and counts in *wrong how many differed; keeps them unless
   `check_only`. Works through the store, in as many transactions as it takes. */
[[nodiscard]] bool likeness_rebuild(struct likeness_office *office, struct campaign_id campaign_id,
                                    bool check_only, int64_t *wrong, struct fault *fault);
