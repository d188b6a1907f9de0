/* Idea campaigns: people answer a question with ideas, vote, and discuss.
 *
 * An idea's words are versioned and committed to in the campaign's record; its state, votes and
 * place in the lists are its subject's. Others reach this room through the list of kinds
 * (`idea_kind`), through the events it listens to, and from the command line through import, export
 * and rebuild.
 */
#pragma once
#include "commons/event/event.h"
#include "commons/subject/subject.h"

extern const struct campaign_kind idea_kind;

/* --- Listeners (app/wiring.c) ----------------------------------------------------------------- */

/* idea.hidden, idea.shown: the author is told, always. Context: struct site. */
void idea_tell_author(struct sql *db, void *context, int64_t now, const struct event *event);
/* comment.added: the author of the idea is told when they asked for notices. */
void idea_tell_of_comment(struct sql *db, void *context, int64_t now, const struct event *event);
/* person.erased: the person's ideas lose their words. */
void idea_erase_person(struct sql *db, void *context, int64_t now, const struct event *event);

/* --- Import ----------------------------------------------------------------------------------- */

enum {
    IDEA_TITLE_MIN = 5,
    IDEA_TITLE_MAX = 160,
    IDEA_TEXT_MAX = 5000,
    IDEA_IMPORT_ROWS_MAX = 20000
};

struct idea_row {
    int64_t line; /* of the file, 1 is the heading */
    struct str title, text, category, author_label, theme;
    int64_t created_at; /* 0: unknown */
    struct str refused; /* why, or "" */
};
struct idea_rows {
    struct idea_row *rows;
    size_t count, accepted;
};
/* Reads and judges a CSV file (RFC 4180, UTF-8, a heading line). Columns: title (or comment-body,
   idea), text (or description), category, author or author-id, theme, moderated (-1: refused),
   timestamp (ms). Pure. False with a sentence when the file as a whole cannot be used. */
bool idea_rows_read(struct arena *arena, struct str csv, struct idea_rows *rows,
                    struct str *trouble);
/* Adds the accepted rows to a campaign, with one record entry for all and one for each, and keeps
   the report. `importer` stands as author where the file names nobody. */
struct idea_import_id idea_rows_keep(struct sql *db, int64_t now, struct campaign_id campaign_id,
                                     struct person_id importer, struct str actor,
                                     const struct idea_rows *rows);

/* --- Export, rebuild -------------------------------------------------------------------------- */

struct str idea_export_csv(struct sql *db, struct campaign_id campaign_id);
struct str idea_export_json(struct sql *db, struct campaign_id campaign_id);
/* Builds the search index of a campaign anew. */
void idea_rebuild_words(struct sql *db, struct campaign_id campaign_id);

/* --- Pure, in idea_rules.c -------------------------------------------------------------------- */

/* A full-text query for the words of `typed` in one campaign: all of them, the last as a beginning.
   "" when it has no words. SQLite: FTS5 syntax; PostgreSQL: to_tsquery. */
struct str idea_match(struct arena *arena, enum sql_store_kind kind, struct campaign_id campaign_id,
                      struct str typed);
/* A place in a list: sort key and id, as a token, and back. */
struct str idea_cursor(struct arena *arena, double score, int64_t id);
bool idea_cursor_read(struct str cursor, double *score, int64_t *id);
