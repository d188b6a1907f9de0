-- query: likeness_due_add exec
INSERT INTO likeness_due (campaign_id, subject_id, mark) VALUES (:campaign_id, :subject_id, :mark)
ON CONFLICT (campaign_id, subject_id) DO UPDATE SET mark = excluded.mark;

-- query: likeness_due_add_missing exec
-- Shown subjects that have no likeness yet.
INSERT INTO likeness_due (campaign_id, subject_id, mark)
SELECT s.campaign_id, s.subject_id, :mark FROM subject s
 WHERE s.campaign_id = :campaign_id AND s.subject_state = 'shown'
   AND NOT EXISTS (SELECT 1 FROM likeness l WHERE l.campaign_id = s.campaign_id AND l.subject_id = s.subject_id)
ON CONFLICT (campaign_id, subject_id) DO NOTHING;

-- query: likeness_due_add_all exec
INSERT INTO likeness_due (campaign_id, subject_id, mark)
SELECT s.campaign_id, s.subject_id, :mark FROM subject s
 WHERE s.campaign_id = :campaign_id AND s.subject_state = 'shown'
ON CONFLICT (campaign_id, subject_id) DO UPDATE SET mark = excluded.mark;

-- query: likeness_due_some many
-- What waits, with what the campaign is about; a campaign as a whole stands before its subjects.
SELECT d.campaign_id, d.subject_id, d.mark, c.kind, c.question, c.brief, coalesce(h.language, '') AS language_known
  FROM likeness_due d JOIN campaign c ON c.campaign_id = d.campaign_id
  LEFT JOIN likeness_head h ON h.campaign_id = d.campaign_id
 ORDER BY d.campaign_id, d.subject_id LIMIT :limit;
-- types: limit int, language_known text

-- query: likeness_done exec
DELETE FROM likeness_due WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND mark = :mark;

-- query: likeness_head_set exec
INSERT INTO likeness_head (campaign_id, revision, language, method, complete)
VALUES (:campaign_id, 0, :language, 0, -1)
ON CONFLICT (campaign_id) DO UPDATE SET language = excluded.language;

-- query: likeness_head_next one
-- Whoever writes likenesses takes the next revision first, and so waits for others who do.
UPDATE likeness_head SET revision = revision + 1 WHERE campaign_id = :campaign_id RETURNING revision, method;

-- query: likeness_head_get one
SELECT revision, language, method FROM likeness_head WHERE campaign_id = :campaign_id;

-- query: likeness_keep exec
INSERT INTO likeness (campaign_id, subject_id, revision, is_offered, method, language, sentence)
VALUES (:campaign_id, :subject_id, :revision, :is_offered, :method, :language, :sentence)
ON CONFLICT (campaign_id, subject_id) DO UPDATE SET revision = excluded.revision, is_offered = excluded.is_offered,
       method = excluded.method, language = excluded.language, sentence = excluded.sentence;

-- query: likeness_get one
SELECT is_offered, method, language, sentence FROM likeness
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id;

-- query: likeness_offered many
-- All that can be found, in order of subject.
SELECT subject_id, method, language, sentence FROM likeness
 WHERE campaign_id = :campaign_id AND subject_id > :subject_id AND is_offered <> 0
 ORDER BY subject_id LIMIT 500;

-- query: likeness_since many
-- What was written after a place in the order of writing.
SELECT subject_id, revision, is_offered, method, language, sentence FROM likeness
 WHERE campaign_id = :campaign_id AND (revision, subject_id) > (:revision, :subject_id)
 ORDER BY revision, subject_id LIMIT 500;

-- query: likeness_poorer many
-- English texts that were read without the encoder that there is now, or with an older one.
SELECT campaign_id, subject_id FROM likeness
 WHERE language = 'en' AND method < :method LIMIT 500;

-- query: likeness_appoint_method exec
-- What is in memory is told by the revision that it is to be compared otherwise.
UPDATE likeness_head SET method = :method, revision = revision + 1, complete = -1 WHERE campaign_id = :campaign_id;

-- query: likeness_unread_heads many
SELECT campaign_id, revision, complete FROM likeness_head WHERE method = :method AND revision > complete
 ORDER BY campaign_id LIMIT 100;

-- query: likeness_unread_some many
-- Reading gives a row the latest revision: what waits comes first, and is found at once.
SELECT l.subject_id, l.revision, c.kind FROM likeness l JOIN campaign c ON c.campaign_id = l.campaign_id
 WHERE l.campaign_id = :campaign_id AND l.revision > :complete AND l.method <> :method AND l.is_offered <> 0
 ORDER BY l.revision, l.subject_id LIMIT :limit;
-- types: limit int

-- query: likeness_complete exec
UPDATE likeness_head SET complete = :revision
 WHERE campaign_id = :campaign_id AND method = :method AND revision = :revision;

-- query: likeness_read exec
-- Only where the words are still those that were read.
UPDATE likeness SET revision = :revision, method = :method, sentence = :sentence
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND revision = :revision_read AND is_offered <> 0;
-- types: revision_read int

-- query: likeness_campaign one
SELECT kind, question, brief FROM campaign WHERE campaign_id = :campaign_id;
