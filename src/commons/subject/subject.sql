-- query: subject_insert exec
INSERT INTO subject (campaign_id, subject_id, author_id, category_id, subject_state, hidden_rule, hidden_reason, created_at, up, down, comment_count, opinion_count, top_score, hot_score)
VALUES (:campaign_id, :subject_id, :author_id, :category_id, :subject_state, '', '', :created_at, 0, 0, 0, 0, :top_score, :hot_score);

-- query: subject_by_id one
SELECT author_id, category_id, subject_state, hidden_rule, hidden_reason, created_at, up, down, comment_count
  FROM subject WHERE campaign_id = :campaign_id AND subject_id = :subject_id;

-- query: subject_set_state exec
-- Changes the state from one to another; nothing happens when it is not in `from_state`.
UPDATE subject SET subject_state = :subject_state, hidden_rule = :hidden_rule, hidden_reason = :hidden_reason
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND subject_state = :from_state;
-- types: from_state text

-- query: subject_add_votes exec
-- Moves the tally; the scores follow once before the commit.
UPDATE subject SET up = up + :more_up, down = down + :more_down
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id;
-- types: more_up int, more_down int

-- query: subject_add_comments exec
UPDATE subject SET comment_count = comment_count + :more
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id;
-- types: more int

-- query: subject_add_opinions exec
UPDATE subject SET opinion_count = opinion_count + :more
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id;
-- types: more int

-- query: subject_set_opinions exec
UPDATE subject SET opinion_count = :opinion_count WHERE campaign_id = :campaign_id AND subject_id = :subject_id;

-- query: subject_set_scores exec
UPDATE subject SET top_score = :top_score, hot_score = :hot_score
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id;

-- query: subject_set_numbers exec
UPDATE subject SET up = :up, down = :down, comment_count = :comment_count, top_score = :top_score, hot_score = :hot_score
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id;

-- query: subject_numbers_page many
-- Kept numbers beside those counted from the facts, in order of id, for rebuild and its test.
SELECT s.subject_id, s.created_at, s.up, s.down, s.comment_count, s.top_score, s.hot_score,
       (SELECT count(*) FROM vote v WHERE v.campaign_id = s.campaign_id AND v.subject_id = s.subject_id AND v.direction > 0) AS true_up,
       (SELECT count(*) FROM vote v WHERE v.campaign_id = s.campaign_id AND v.subject_id = s.subject_id AND v.direction < 0) AS true_down,
       (SELECT count(*) FROM comment c WHERE c.campaign_id = s.campaign_id AND c.subject_id = s.subject_id AND c.comment_state = 'shown') AS true_comments
  FROM subject s WHERE s.campaign_id = :campaign_id AND s.subject_id > :subject_id
 ORDER BY s.subject_id LIMIT 500;
-- types: true_up int, true_down int, true_comments int
