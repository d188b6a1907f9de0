/* The words that are looked at, as people wrote them: a link's address counts, too. */
#include "moderation_inner.h"

#include "base/arena.h"

/* What is learnt of a text is in its beginning. */
enum { CHARACTERS_LEARNT = 2000 };

static bool said_in_comment(struct sql *db, struct campaign_id campaign_id,
                            struct moderation_key key, struct subject_said *said)
{
    struct moderation_comment_row row;
    if (!moderation_comment(
            db, (struct moderation_comment){ campaign_id, key.subject_id, key.comment_id }, &row))
        return false;
    *said = (struct subject_said){
        .text = row.text, .author_id = row.author_id, .author_name = row.display_name, .version = 1
    };
    return true;
}

bool moderation_said(struct sql *db, struct str kind, struct campaign_id campaign_id,
                     struct moderation_key key, struct subject_said *said)
{
    bool found = key.comment_id.value != 0
                     ? said_in_comment(db, campaign_id, key, said)
                     : campaign_kind(kind)->said(db, campaign_id, key.subject_id, said);
    return found && said->title.size + said->text.size > 0;
}

struct attention_text moderation_text(struct words_tools *tools, struct arena *arena,
                                      const struct subject_said *said, struct str language,
                                      double nearest, int64_t copies, struct str sentence)
{
    struct words *words = arena_new(arena, struct words, 1);
    struct similar_vector *vector = arena_new(arena, struct similar_vector, 1);
    struct str text = str_printf(arena, "%.*s%s%.*s", STR_ARG(said->title),
                                 said->title.size > 0 ? "\n" : "", STR_ARG(said->text));
    struct str beginning = utf8_clip(text, CHARACTERS_LEARNT);
    const char *likely = language.size > 0 ? str_c(arena, language) : NULL;
    *words = words_split(tools, arena, beginning, words_language(beginning, likely));
    likeness_set_sentence(vector, sentence);
    return (struct attention_text){ .text = text,
                                    .words = words,
                                    .vector = vector,
                                    .nearest = nearest,
                                    .copies = copies < 0 ? 0 : (uint32_t)copies };
}
