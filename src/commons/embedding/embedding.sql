-- query: embedding_model_latest one
SELECT embedding_model_id, url, model, dimensions_asked, dimensions, centre, failures, trouble, tried_at, next_at
  FROM embedding_model ORDER BY embedding_model_id DESC LIMIT 1;

-- query: embedding_model_insert exec
INSERT INTO embedding_model (embedding_model_id, url, model, dimensions_asked, dimensions, centre, failures, trouble,
                             tried_at, next_at, created_at)
VALUES (:embedding_model_id, :url, :model, :dimensions_asked, 0, :centre, 0, '', 0, 0, :created_at);

-- query: embedding_claim exec
UPDATE embedding_model SET next_at = :claimed_until_at
 WHERE embedding_model_id = :embedding_model_id AND next_at = :next_at;
-- types: claimed_until_at time

-- query: embedding_release exec
UPDATE embedding_model SET next_at = 0
 WHERE embedding_model_id = :embedding_model_id AND next_at = :claimed_until_at;
-- types: claimed_until_at time

-- query: embedding_went_well exec
UPDATE embedding_model SET failures = 0, trouble = '', tried_at = :now, next_at = 0
 WHERE embedding_model_id = :embedding_model_id AND next_at = :claimed_until_at;
-- types: claimed_until_at time, now time

-- query: embedding_failed exec
UPDATE embedding_model SET failures = failures + 1, trouble = :trouble, tried_at = :now, next_at = :next_at
 WHERE embedding_model_id = :embedding_model_id AND next_at = :claimed_until_at;
-- types: claimed_until_at time, now time

-- query: embedding_centre_set exec
-- Once: of what comes later all must be as long, and is measured from there.
UPDATE embedding_model SET dimensions = :dimensions, centre = :centre
 WHERE embedding_model_id = :embedding_model_id AND dimensions = 0;

-- query: embedding_to_appoint many
-- Campaigns whose texts are to be sent from now on: their organisation agreed, and they are not in the language that is read
-- here.
SELECT h.campaign_id FROM likeness_head h
  JOIN campaign c ON c.campaign_id = h.campaign_id
  JOIN embedding_consent e ON e.organisation_id = c.organisation_id AND e.host = :host
 WHERE h.method <> :reader AND h.language <> :language_here ORDER BY h.campaign_id LIMIT 100;
-- types: reader int, language_here text

-- query: embedding_to_dismiss many
SELECT h.campaign_id FROM likeness_head h
  JOIN campaign c ON c.campaign_id = h.campaign_id
  LEFT JOIN embedding_consent e ON e.organisation_id = c.organisation_id AND e.host = :host
 WHERE h.method <> 0 AND (e.organisation_id IS NULL OR h.language = :language_here) ORDER BY h.campaign_id LIMIT 100;
-- types: language_here text

-- query: embedding_campaigns_of many
-- Campaigns of an organisation whose texts are sent.
SELECT h.campaign_id FROM likeness_head h JOIN campaign c ON c.campaign_id = h.campaign_id
 WHERE c.organisation_id = :organisation_id AND h.method <> 0 ORDER BY h.campaign_id LIMIT 100;

-- query: embedding_waiting one
SELECT count(*) AS text_count FROM likeness l
  JOIN likeness_head h ON h.campaign_id = l.campaign_id JOIN campaign c ON c.campaign_id = l.campaign_id
 WHERE c.organisation_id = :organisation_id AND h.method <> 0 AND l.is_offered <> 0 AND l.method <> h.method;
-- types: text_count int

-- query: embedding_consent_get one
SELECT e.host, e.created_at, p.display_name FROM embedding_consent e JOIN person p ON p.person_id = e.person_id
 WHERE e.organisation_id = :organisation_id;

-- query: embedding_consent_set exec
INSERT INTO embedding_consent (organisation_id, host, person_id, created_at)
VALUES (:organisation_id, :host, :person_id, :created_at)
ON CONFLICT (organisation_id) DO UPDATE SET host = excluded.host, person_id = excluded.person_id,
       created_at = excluded.created_at;

-- query: embedding_consent_withdraw exec
DELETE FROM embedding_consent WHERE organisation_id = :organisation_id;

-- query: embedding_head_method one
SELECT method FROM likeness_head WHERE campaign_id = :campaign_id;
