-- query: moderation_campaign one
-- What reading the words of a campaign takes; its language, or ''.
SELECT c.kind, c.organisation_id, coalesce(h.language, '') AS language
  FROM campaign c LEFT JOIN likeness_head h ON h.campaign_id = c.campaign_id
 WHERE c.campaign_id = :campaign_id;
-- types: language text

-- query: moderation_comment one
SELECT c.text, c.author_id, c.comment_state, p.display_name
  FROM comment c JOIN person p ON p.person_id = c.author_id
 WHERE c.campaign_id = :campaign_id AND c.subject_id = :subject_id AND c.comment_id = :comment_id;

-- query: moderation_likeness one
SELECT method, sentence FROM likeness
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND is_offered <> 0;

-- query: moderation_insert exec
INSERT INTO moderation (campaign_id, subject_id, comment_id, moderation_id, verdict, version, person_id, decided_at, nearest_score, copy_count, method, sentence)
VALUES (:campaign_id, :subject_id, :comment_id, :moderation_id, :verdict, :version, :person_id, :decided_at, :nearest_score, :copy_count, :method, :sentence);

-- query: moderation_latest one
-- The last decision about a contribution or comment.
SELECT verdict, version FROM moderation
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND comment_id = :comment_id
 ORDER BY moderation_id DESC LIMIT 1;

-- query: moderation_await_subject exec
-- Has it wait, or wait anew with other words; nothing happens where the team has seen them or it is not shown.
INSERT INTO moderation_waiting (campaign_id, subject_id, comment_id, version, came_at, is_looked_up, nearest_id, nearest_score, copy_count)
SELECT s.campaign_id, s.subject_id, 0, :version, :came_at, 0, 0, 0, 0
  FROM subject s
 WHERE s.campaign_id = :campaign_id AND s.subject_id = :subject_id AND s.subject_state = 'shown'
   AND NOT EXISTS (SELECT 1 FROM moderation m WHERE m.campaign_id = s.campaign_id AND m.subject_id = s.subject_id
                      AND m.comment_id = 0 AND m.version >= :version)
ON CONFLICT (campaign_id, subject_id, comment_id) DO UPDATE SET version = excluded.version, came_at = excluded.came_at,
       is_looked_up = 0, nearest_id = 0, nearest_score = 0, copy_count = 0;

-- query: moderation_await_comment exec
INSERT INTO moderation_waiting (campaign_id, subject_id, comment_id, version, came_at, is_looked_up, nearest_id, nearest_score, copy_count)
SELECT c.campaign_id, c.subject_id, c.comment_id, 1, :came_at, 0, 0, 0, 0
  FROM comment c
 WHERE c.campaign_id = :campaign_id AND c.subject_id = :subject_id AND c.comment_id = :comment_id
   AND c.comment_state = 'shown'
   AND NOT EXISTS (SELECT 1 FROM moderation m WHERE m.campaign_id = c.campaign_id AND m.subject_id = c.subject_id
                      AND m.comment_id = c.comment_id)
ON CONFLICT (campaign_id, subject_id, comment_id) DO NOTHING;

-- query: moderation_await_new exec
-- All shown contributions about which nobody has decided anything; their words are the first ones.
INSERT INTO moderation_waiting (campaign_id, subject_id, comment_id, version, came_at, is_looked_up, nearest_id, nearest_score, copy_count)
SELECT s.campaign_id, s.subject_id, 0, 1, :came_at, 0, 0, 0, 0
  FROM subject s
 WHERE s.campaign_id = :campaign_id AND s.subject_state = 'shown'
   AND NOT EXISTS (SELECT 1 FROM moderation m WHERE m.campaign_id = s.campaign_id AND m.subject_id = s.subject_id
                      AND m.comment_id = 0)
ON CONFLICT (campaign_id, subject_id, comment_id) DO NOTHING;

-- query: moderation_await_comments exec
-- All shown comments about which nobody has decided anything.
INSERT INTO moderation_waiting (campaign_id, subject_id, comment_id, version, came_at, is_looked_up, nearest_id, nearest_score, copy_count)
SELECT c.campaign_id, c.subject_id, c.comment_id, 1, c.created_at, 0, 0, 0, 0
  FROM comment c
 WHERE c.campaign_id = :campaign_id AND c.comment_state = 'shown'
   AND NOT EXISTS (SELECT 1 FROM moderation m WHERE m.campaign_id = c.campaign_id AND m.subject_id = c.subject_id
                      AND m.comment_id = c.comment_id)
ON CONFLICT (campaign_id, subject_id, comment_id) DO NOTHING;

-- query: moderation_waiting_get one
SELECT version, nearest_score, copy_count FROM moderation_waiting
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND comment_id = :comment_id;

-- query: moderation_waiting_delete exec
DELETE FROM moderation_waiting
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND comment_id = :comment_id;

-- query: moderation_waiting_clear_gone exec
-- What is not shown, or what the team has seen, waits no more.
DELETE FROM moderation_waiting
 WHERE campaign_id = :campaign_id
   AND CASE WHEN comment_id = 0
            THEN NOT EXISTS (SELECT 1 FROM subject s WHERE s.campaign_id = moderation_waiting.campaign_id
                                AND s.subject_id = moderation_waiting.subject_id AND s.subject_state = 'shown')
            ELSE NOT EXISTS (SELECT 1 FROM comment c WHERE c.campaign_id = moderation_waiting.campaign_id
                                AND c.subject_id = moderation_waiting.subject_id
                                AND c.comment_id = moderation_waiting.comment_id AND c.comment_state = 'shown')
              OR EXISTS (SELECT 1 FROM moderation m WHERE m.campaign_id = moderation_waiting.campaign_id
                            AND m.subject_id = moderation_waiting.subject_id
                            AND m.comment_id = moderation_waiting.comment_id) END;

-- query: moderation_shown_after many
-- Shown contributions in order of id: the words that wait (0: none do), and the last that were decided about.
SELECT s.subject_id, coalesce(w.version, 0) AS waiting_version,
       coalesce((SELECT max(m.version) FROM moderation m WHERE m.campaign_id = s.campaign_id
                    AND m.subject_id = s.subject_id AND m.comment_id = 0), 0) AS decided_version
  FROM subject s LEFT JOIN moderation_waiting w
    ON w.campaign_id = s.campaign_id AND w.subject_id = s.subject_id AND w.comment_id = 0
 WHERE s.campaign_id = :campaign_id AND s.subject_state = 'shown' AND s.subject_id > :subject_id
 ORDER BY s.subject_id LIMIT 500;
-- types: waiting_version int, decided_version int

-- query: moderation_count_waiting one
SELECT count(*) AS waiting_count FROM moderation_waiting WHERE campaign_id = :campaign_id;
-- types: waiting_count int

-- query: moderation_newest many
-- What waits, the newest first; comments under what is not shown are left out.
SELECT w.subject_id, w.comment_id, w.version, w.came_at, w.is_looked_up, w.nearest_id, w.nearest_score, w.copy_count
  FROM moderation_waiting w JOIN subject s ON s.campaign_id = w.campaign_id AND s.subject_id = w.subject_id
 WHERE w.campaign_id = :campaign_id AND s.subject_state = 'shown'
   AND (w.comment_id = 0 OR EXISTS (SELECT 1 FROM comment c WHERE c.campaign_id = w.campaign_id
                                       AND c.subject_id = w.subject_id AND c.comment_id = w.comment_id
                                       AND c.comment_state = 'shown'))
 ORDER BY w.came_at DESC, w.subject_id DESC, w.comment_id DESC LIMIT :limit;
-- types: limit int

-- query: moderation_campaigns_to_look_up many
SELECT c.campaign_id, c.kind FROM campaign c
 WHERE c.campaign_id > :campaign_id
   AND EXISTS (SELECT 1 FROM moderation_waiting w WHERE w.campaign_id = c.campaign_id AND w.is_looked_up = 0)
 ORDER BY c.campaign_id LIMIT 100;

-- query: moderation_to_look_up many
-- Of the newest that wait, which were not compared yet; a contribution once its likeness is there.
SELECT w.subject_id, w.comment_id, w.version
  FROM (SELECT n.subject_id, n.comment_id, n.version, n.is_looked_up FROM moderation_waiting n
         WHERE n.campaign_id = :campaign_id
         ORDER BY n.came_at DESC, n.subject_id DESC, n.comment_id DESC LIMIT :newest) w
 WHERE w.is_looked_up = 0
   AND (w.comment_id <> 0
        OR EXISTS (SELECT 1 FROM likeness l WHERE l.campaign_id = :campaign_id AND l.subject_id = w.subject_id
                      AND l.is_offered <> 0)
       AND NOT EXISTS (SELECT 1 FROM likeness_due d WHERE d.campaign_id = :campaign_id AND d.subject_id = w.subject_id))
 LIMIT 64;
-- types: newest int

-- query: moderation_copies_of_comment one
-- How often its author wrote the very same elsewhere in the campaign; short ones ("Thank you!") are no copies.
SELECT count(*) AS copy_count
  FROM comment c JOIN comment o ON o.campaign_id = c.campaign_id AND o.author_id = c.author_id
 WHERE c.campaign_id = :campaign_id AND c.subject_id = :subject_id AND c.comment_id = :comment_id
   AND o.comment_id <> c.comment_id AND o.text = c.text AND length(c.text) >= 20;
-- types: copy_count int

-- query: moderation_looked_up exec
UPDATE moderation_waiting SET is_looked_up = 1, nearest_id = :nearest_id, nearest_score = :nearest_score, copy_count = :copy_count
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND comment_id = :comment_id AND version = :version;

-- query: moderation_campaigns many
-- The campaigns of an organisation, each with its last decision (0: none).
SELECT c.campaign_id,
       coalesce((SELECT max(m.moderation_id) FROM moderation m WHERE m.campaign_id = c.campaign_id), 0) AS last_id
  FROM campaign c WHERE c.organisation_id = :organisation_id AND c.campaign_id > :campaign_id
 ORDER BY c.campaign_id LIMIT 500;
-- types: last_id int

-- query: moderation_lessons many
-- The last decision about each contribution and comment of an organisation's campaigns, the newest first.
SELECT m.campaign_id, m.subject_id, m.comment_id, m.verdict, m.version, m.nearest_score, m.copy_count, m.method, m.sentence,
       c.kind, coalesce(h.language, '') AS language
  FROM moderation m JOIN campaign c ON c.campaign_id = m.campaign_id
  LEFT JOIN likeness_head h ON h.campaign_id = m.campaign_id
 WHERE c.organisation_id = :organisation_id
   AND NOT EXISTS (SELECT 1 FROM moderation n WHERE n.campaign_id = m.campaign_id AND n.subject_id = m.subject_id
                      AND n.comment_id = m.comment_id AND n.moderation_id > m.moderation_id)
 ORDER BY m.moderation_id DESC LIMIT :limit;
-- types: limit int, language text

-- query: moderation_forget_sentences exec
-- What was made of words that were erased goes with them.
UPDATE moderation SET sentence = :no_sentence
 WHERE comment_id = 0 AND (campaign_id, subject_id) IN
       (SELECT s.campaign_id, s.subject_id FROM subject s WHERE s.author_id = :author_id AND s.subject_state = 'erased');
-- types: no_sentence bytes

-- query: moderation_forget_subjects exec
DELETE FROM moderation_waiting
 WHERE comment_id = 0 AND (campaign_id, subject_id) IN
       (SELECT s.campaign_id, s.subject_id FROM subject s WHERE s.author_id = :author_id AND s.subject_state = 'erased');

-- query: moderation_forget_comments exec
DELETE FROM moderation_waiting
 WHERE (campaign_id, subject_id, comment_id) IN
       (SELECT c.campaign_id, c.subject_id, c.comment_id FROM comment c WHERE c.author_id = :author_id AND c.comment_state = 'erased');

-- query: moderation_export many
SELECT subject_id, comment_id, moderation_id, verdict, version, decided_at FROM moderation
 WHERE campaign_id = :campaign_id AND moderation_id > :moderation_id ORDER BY moderation_id LIMIT 500;
