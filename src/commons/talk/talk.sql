-- query: comment_insert exec
INSERT INTO comment (campaign_id, subject_id, comment_id, parent_id, thread_key, depth, author_id, text, salt, comment_state, hidden_rule, hidden_reason, created_at)
VALUES (:campaign_id, :subject_id, :comment_id, :parent_id, :thread_key, :depth, :author_id, :text, :salt, 'shown', '', '', :created_at);

-- query: comment_by_id one
SELECT author_id, parent_id, thread_key, depth, text, comment_state, created_at FROM comment
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND comment_id = :comment_id;

-- query: comment_thread many
-- A discussion in reading order, after a place in it.
SELECT c.comment_id, c.parent_id, c.thread_key, c.depth, c.author_id, c.text, c.comment_state, c.hidden_rule, c.hidden_reason,
       c.created_at, p.display_name,
       coalesce((SELECT t.role FROM team_member t WHERE t.organisation_id = :organisation_id AND t.person_id = c.author_id), '') AS role
  FROM comment c JOIN person p ON p.person_id = c.author_id
 WHERE c.campaign_id = :campaign_id AND c.subject_id = :subject_id AND c.thread_key > :thread_key
 ORDER BY c.thread_key LIMIT :limit;
-- types: limit int

-- query: comment_set_state exec
UPDATE comment SET comment_state = :comment_state, hidden_rule = :hidden_rule, hidden_reason = :hidden_reason
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND comment_id = :comment_id
   AND comment_state = :from_state;
-- types: from_state text

-- query: comment_list_of_author many
SELECT campaign_id, subject_id, comment_id, comment_state FROM comment
 WHERE author_id = :author_id AND comment_state <> 'erased' ORDER BY campaign_id LIMIT 1000;

-- query: comment_erase exec
-- Removes the words and the salt of their commitment; the place in the thread stays.
UPDATE comment SET text = '', salt = :no_salt, comment_state = 'erased'
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND comment_id = :comment_id;
-- types: no_salt bytes

-- query: comment_export many
SELECT comment_id, subject_id, parent_id, text, salt, comment_state, created_at FROM comment
 WHERE campaign_id = :campaign_id AND (subject_id > :subject_id OR (subject_id = :subject_id AND comment_id > :comment_id))
 ORDER BY subject_id, comment_id LIMIT 500;

-- query: comment_author one
SELECT display_name FROM person WHERE person_id = :person_id;

-- query: comment_author_address one
-- Where to write to the author of a comment, and what about.
SELECT p.email, p.person_state, m.text, m.hidden_rule, m.hidden_reason, c.kind, c.question
  FROM comment m JOIN person p ON p.person_id = m.author_id JOIN campaign c ON c.campaign_id = m.campaign_id
 WHERE m.campaign_id = :campaign_id AND m.subject_id = :subject_id AND m.comment_id = :comment_id;
