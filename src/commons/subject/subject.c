#include "commons/subject/subject.h"

#include "sift/rank/rank.h"

void subject_add(struct sql *db, int64_t now, struct campaign_id campaign_id,
                 struct subject_id subject_id, struct person_id author_id,
                 struct category_id category_id)
{
    subject_insert(db, (struct subject_insert){ .campaign_id = campaign_id,
                                                .subject_id = subject_id,
                                                .author_id = author_id,
                                                .category_id = category_id,
                                                .subject_state = S("shown"),
                                                .created_at = now,
                                                .top_score = rank_wilson(0, 0),
                                                .hot_score = rank_trending(0, 0, now) });
    campaign_count(db, campaign_id, author_id, (struct campaign_delta){ .subjects = 1 });
}

bool subject_move(struct sql *db, struct campaign_id campaign_id, struct subject_id subject_id,
                  struct str from, struct str to, struct str rule, struct str reason)
{
    if (subject_set_state(db, (struct subject_set_state){ .campaign_id = campaign_id,
                                                          .subject_id = subject_id,
                                                          .from_state = from,
                                                          .subject_state = to,
                                                          .hidden_rule = rule,
                                                          .hidden_reason = reason }) == 0)
        return false;
    int64_t shown = str_equal(to, S("shown")) - str_equal(from, S("shown"));
    if (shown != 0)
        campaign_count(db, campaign_id, (struct person_id){ subject_id.value },
                       (struct campaign_delta){ .subjects = shown });
    return true;
}

static void score(struct sql *db, const int64_t key[2])
{
    struct campaign_id campaign_id = { key[0] };
    struct subject_id subject_id = { key[1] };
    struct subject_by_id_row s;
    if (!subject_by_id(db, (struct subject_by_id){ campaign_id, subject_id }, &s))
        return;
    subject_set_scores(
        db, (struct subject_set_scores){ .campaign_id = campaign_id,
                                         .subject_id = subject_id,
                                         .top_score = rank_wilson(s.up, s.down),
                                         .hot_score = rank_trending(s.up, s.down, s.created_at) });
}

void subject_score_later(struct sql *db, struct campaign_id campaign_id,
                         struct subject_id subject_id)
{
    sql_before_commit(db, score, (int64_t[2]){ campaign_id.value, subject_id.value });
}

int64_t subject_rebuild(struct sql *db, struct campaign_id campaign_id)
{
    int64_t wrong = 0;
    struct subject_id after = { 0 };
    struct subject_numbers_page_row *rows;
    size_t count;
    while ((count = subject_numbers_page(db, (struct subject_numbers_page){ campaign_id, after },
                                         &rows)) > 0) {
        for (size_t i = 0; i < count; i++) {
            double top = rank_wilson(rows[i].true_up, rows[i].true_down);
            double hot = rank_trending(rows[i].true_up, rows[i].true_down, rows[i].created_at);
            if (rows[i].up == rows[i].true_up && rows[i].down == rows[i].true_down &&
                rows[i].comment_count == rows[i].true_comments && rows[i].top_score == top &&
                rows[i].hot_score == hot)
                continue;
            wrong++;
            subject_set_numbers(
                db, (struct subject_set_numbers){ .campaign_id = campaign_id,
                                                  .subject_id = rows[i].subject_id,
                                                  .up = rows[i].true_up,
                                                  .down = rows[i].true_down,
                                                  .comment_count = rows[i].true_comments,
                                                  .top_score = top,
                                                  .hot_score = hot });
        }
        after = rows[count - 1].subject_id;
    }
    return wrong;
}
