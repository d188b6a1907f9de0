/* What the files of this room share. */
#pragma once
#include "idea.sql.h"
#include "idea_routes.h"
#include "kinds/idea/idea.h"

/* One idea for a view; false when there is none that the reader may see. */
bool idea_load(struct request *r, struct idea_id idea_id, struct idea_view *view,
               struct idea_by_id_row *row);
struct subject_id subject_of(struct idea_id idea_id);
/* Of `idea_kind`. */
bool idea_hide_subject(struct request *r, struct subject_id subject_id, struct str rule,
                       struct str reason);
/* Writes the first version of an idea: words, version, search index, subject. */
struct idea_id idea_make(struct sql *db, int64_t now, int64_t created_at,
                         struct campaign_id campaign_id, struct person_id author_id,
                         struct str author_label, struct category_id category_id, struct str title,
                         struct str text, struct str *commitment);
/* What was found alike while an idea was being submitted, for the form shown again. */
struct idea_match_list idea_alike_found(const struct request *r);
/* What lists show of a text. */
struct str idea_summary(struct arena *arena, struct str text);
/* Puts the words of an idea into the search index. */
void idea_index(struct sql *db, struct campaign_id campaign_id, struct idea_id idea_id,
                struct str title, struct str text);
/* "" for 0. */
struct str idea_category_name(const struct categories_of_row *rows, size_t count,
                              struct category_id id);
