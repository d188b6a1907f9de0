-- Lists are keyset-paged: each takes the sort key and id of the last row that was shown.

-- query: idea_list_top many
-- The best by votes, after a place in that order.
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count, s.top_score,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = s.campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_state = :subject_state
   AND (s.top_score, s.subject_id) < (:before_score, :before_id)
 ORDER BY s.top_score DESC, s.subject_id DESC LIMIT :limit;
-- types: limit int, before_score real, before_id subject_id, author_name text, direction int

-- query: idea_list_hot many
-- The best by votes and recency, after a place in that order.
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count, s.hot_score,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = s.campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_state = :subject_state
   AND (s.hot_score, s.subject_id) < (:before_score, :before_id)
 ORDER BY s.hot_score DESC, s.subject_id DESC LIMIT :limit;
-- types: limit int, before_score real, before_id subject_id, author_name text, direction int

-- query: idea_list_talk many
-- The most discussed, after a place in that order.
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = s.campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_state = :subject_state
   AND (s.comment_count, s.subject_id) < (:before_score, :before_id)
 ORDER BY s.comment_count DESC, s.subject_id DESC LIMIT :limit;
-- types: limit int, before_score int, before_id subject_id, author_name text, direction int

-- query: idea_list_new many
-- The newest, below an id.
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count, s.top_score,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = s.campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_state = :subject_state
   AND s.subject_id < :before_id
 ORDER BY s.subject_id DESC LIMIT :limit;
-- types: limit int, before_id subject_id, author_name text, direction int

-- query: idea_list_category many
-- The best of one category by votes.
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count, s.top_score,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = s.campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_state = :subject_state
   AND s.category_id = :category_id AND s.category_id <> 0
   AND (s.top_score, s.subject_id) < (:before_score, :before_id)
 ORDER BY s.top_score DESC, s.subject_id DESC LIMIT :limit;
-- types: limit int, before_score real, before_id subject_id, author_name text, direction int

-- query: idea_list_category_new many
-- The newest of one category.
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count, s.top_score,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = s.campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_state = :subject_state
   AND s.category_id = :category_id AND s.category_id <> 0
   AND s.subject_id < :before_id
 ORDER BY s.subject_id DESC LIMIT :limit;
-- types: limit int, before_id subject_id, author_name text, direction int

-- query: idea_search many
-- Ideas whose words all match: of the newest 400 the best by votes. CROSS JOIN keeps SQLite from going through
-- all ideas by votes instead; only those that are shown are looked up further.
/*sqlite
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count, s.top_score,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = :campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM (SELECT s.*
          FROM (SELECT rowid AS found_id FROM idea_words WHERE idea_words MATCH :match ORDER BY rowid DESC LIMIT 400) f
         CROSS JOIN subject s ON s.campaign_id = :campaign_id AND s.subject_id = f.found_id
         WHERE s.subject_state = 'shown'
         ORDER BY s.top_score DESC, s.subject_id DESC LIMIT :limit) s
  CROSS JOIN idea i ON i.campaign_id = :campaign_id AND i.idea_id = s.subject_id
 ORDER BY s.top_score DESC, s.subject_id DESC LIMIT :limit
*/
/*postgres
SELECT s.subject_id, i.title, i.summary,
       CASE WHEN i.author_label <> '' THEN i.author_label
            ELSE (SELECT p.display_name FROM person p WHERE p.person_id = s.author_id) END AS author_name,
       s.category_id, s.subject_state, s.created_at, s.up, s.down, s.comment_count, s.top_score,
       CASE WHEN :person_id = 0 THEN 0
            ELSE coalesce((SELECT v.direction FROM vote v WHERE v.campaign_id = :campaign_id
                              AND v.subject_id = s.subject_id AND v.person_id = :person_id), 0) END AS direction
  FROM (SELECT s.*
          FROM (SELECT w.idea_id AS found_id FROM idea_words w
                 WHERE w.campaign_id = :campaign_id AND w.words @@ to_tsquery('simple', :match)
                 ORDER BY w.idea_id DESC LIMIT 400) f
          JOIN subject s ON s.campaign_id = :campaign_id AND s.subject_id = f.found_id
         WHERE s.subject_state = 'shown'
         ORDER BY s.top_score DESC, s.subject_id DESC LIMIT :limit) s
  JOIN idea i ON i.campaign_id = :campaign_id AND i.idea_id = s.subject_id
 ORDER BY s.top_score DESC, s.subject_id DESC LIMIT :limit
*/
-- types: limit int, match text, author_name text, direction int

-- query: idea_words_from many
-- What shown ideas say in short, in order of id, for finding those that are alike.
SELECT s.subject_id, i.title, i.summary
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_state = 'shown' AND s.subject_id >= :subject_id
 ORDER BY s.subject_id LIMIT :limit;
-- types: limit int

-- query: idea_insert exec
INSERT INTO idea (campaign_id, idea_id, author_label, title, summary, text, version, edited_at)
VALUES (:campaign_id, :idea_id, :author_label, :title, :summary, :text, 1, 0);

-- query: idea_change_words exec
-- Writes the next version; nothing happens when the words are no longer at `version` - 1.
UPDATE idea SET title = :title, summary = :summary, text = :text, version = :version, edited_at = :edited_at
 WHERE campaign_id = :campaign_id AND idea_id = :idea_id AND version = :version - 1;

-- query: idea_set_summary exec
UPDATE idea SET summary = :summary WHERE campaign_id = :campaign_id AND idea_id = :idea_id AND summary <> :summary;

-- query: idea_version_insert exec
INSERT INTO idea_version (campaign_id, idea_id, version, title, text, salt, created_at)
VALUES (:campaign_id, :idea_id, :version, :title, :text, :salt, :created_at);

-- query: idea_versions_of many
SELECT version, title, text, salt, created_at FROM idea_version
 WHERE campaign_id = :campaign_id AND idea_id = :idea_id ORDER BY version DESC LIMIT 200;

-- query: idea_version_page many
-- All versions of all ideas of a campaign, for opening the commitments in the record.
SELECT idea_id, version, title, text, salt FROM idea_version
 WHERE campaign_id = :campaign_id
   AND (idea_id > :idea_id OR (idea_id = :idea_id AND version > :version))
 ORDER BY idea_id, version LIMIT 500;

-- query: idea_by_id one
SELECT i.title, i.text, i.version, i.edited_at, i.author_label, p.display_name,
       s.author_id, s.category_id, s.subject_state, s.hidden_rule, s.hidden_reason, s.created_at,
       s.up, s.down, s.comment_count
  FROM idea i JOIN subject s ON s.campaign_id = i.campaign_id AND s.subject_id = i.idea_id
  JOIN person p ON p.person_id = s.author_id
 WHERE i.campaign_id = :campaign_id AND i.idea_id = :idea_id;

-- query: idea_erase exec
UPDATE idea SET title = '', summary = '', text = '', author_label = '' WHERE campaign_id = :campaign_id AND idea_id = :idea_id;

-- query: idea_version_erase exec
UPDATE idea_version SET title = '', text = '', salt = :no_salt WHERE campaign_id = :campaign_id AND idea_id = :idea_id;
-- types: no_salt bytes

-- query: idea_words_insert exec
-- PostgreSQL would take <this> for a tag and a/b for a path; words end where they do in a search.
/*sqlite INSERT INTO idea_words (rowid, scope, title, text) VALUES (:idea_id, :scope, :title, :text) */
/*postgres INSERT INTO idea_words (campaign_id, idea_id, words)
VALUES (:campaign_id, :idea_id,
        to_tsvector('simple', regexp_replace(:title, '[^a-zA-Z0-9\u0080-\U0010FFFF]+', ' ', 'g')) ||
        to_tsvector('simple', regexp_replace(:text, '[^a-zA-Z0-9\u0080-\U0010FFFF]+', ' ', 'g'))) */
-- types: scope text

-- query: idea_words_delete exec
/*sqlite DELETE FROM idea_words WHERE rowid = :idea_id */
/*postgres DELETE FROM idea_words WHERE campaign_id = :campaign_id AND idea_id = :idea_id */

-- query: idea_export many
SELECT s.subject_id, i.title, i.text, i.author_label, s.category_id, s.subject_state, s.hidden_rule, s.hidden_reason,
       s.created_at, i.edited_at, i.version, s.up, s.down, s.comment_count
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.subject_id > :subject_id
 ORDER BY s.subject_id LIMIT 500;

-- query: idea_list_of_author many
-- What a person wrote anywhere, for erasing it; what somebody merely imported is not theirs.
SELECT s.campaign_id, s.subject_id, s.subject_state
  FROM subject s JOIN idea i ON i.campaign_id = s.campaign_id AND i.idea_id = s.subject_id
 WHERE s.author_id = :author_id AND s.subject_state <> 'erased' AND i.author_label = ''
 ORDER BY s.campaign_id, s.subject_id LIMIT 1000;

-- query: idea_import_insert exec
INSERT INTO idea_import (campaign_id, idea_import_id, created_at, accepted, refused)
VALUES (:campaign_id, :idea_import_id, :created_at, :accepted, :refused);

-- query: idea_import_row_insert exec
INSERT INTO idea_import_row (campaign_id, idea_import_id, line, reason, title)
VALUES (:campaign_id, :idea_import_id, :line, :reason, :title);

-- query: idea_import_get one
SELECT accepted, refused FROM idea_import WHERE campaign_id = :campaign_id AND idea_import_id = :idea_import_id;

-- query: idea_import_refused many
-- The rows that were refused, first in the file first.
SELECT line, reason, title FROM idea_import_row
 WHERE campaign_id = :campaign_id AND idea_import_id = :idea_import_id AND reason <> '' ORDER BY line LIMIT 5000;

-- query: idea_author_address one
-- Where to write to the author of an idea, unless it was imported.
SELECT p.person_id, p.email, p.person_state, i.title, i.author_label, s.hidden_rule, s.hidden_reason, c.organisation_id, c.question
  FROM idea i JOIN subject s ON s.campaign_id = i.campaign_id AND s.subject_id = i.idea_id
  JOIN person p ON p.person_id = s.author_id JOIN campaign c ON c.campaign_id = i.campaign_id
 WHERE i.campaign_id = :campaign_id AND i.idea_id = :idea_id;

-- query: idea_said one
-- What an idea says, and who says it (0: it was imported).
SELECT i.title, i.text, i.version, CASE WHEN i.author_label = '' THEN s.author_id ELSE 0 END AS author_id,
       CASE WHEN i.author_label <> '' THEN i.author_label ELSE p.display_name END AS author_name
  FROM idea i JOIN subject s ON s.campaign_id = i.campaign_id AND s.subject_id = i.idea_id
  JOIN person p ON p.person_id = s.author_id
 WHERE i.campaign_id = :campaign_id AND i.idea_id = :idea_id;
-- types: author_name text

-- query: idea_count_of one
-- How many shown ideas a person gave; what somebody imported is not theirs. The plus leads SQLite to the index by
-- author, away from all of the campaign.
SELECT count(*) AS idea_count
  FROM subject s CROSS JOIN idea i
 WHERE i.campaign_id = :campaign_id AND i.idea_id = s.subject_id
   AND s.author_id = :author_id AND +s.campaign_id = :campaign_id AND s.subject_state = 'shown' AND i.author_label = '';
-- types: idea_count int

-- query: idea_words_clear exec
-- Empties the search index of a campaign before it is built anew.
/*sqlite DELETE FROM idea_words WHERE rowid IN (SELECT idea_id FROM idea WHERE campaign_id = :campaign_id) */
/*postgres DELETE FROM idea_words WHERE campaign_id = :campaign_id */
