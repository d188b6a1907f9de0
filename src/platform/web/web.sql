-- query: idempotency_find one
-- The answer already given under this key.
SELECT request_hash, answer_status, answer_location, answer_notice, answer_body
  FROM idempotency
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND idempotency_key = :idempotency_key;

-- query: idempotency_keep exec
-- Keeps an answer together with what the command did.
INSERT INTO idempotency (campaign_id, person_id, idempotency_key, request_hash, answer_status,
                         answer_location, answer_notice, answer_body, created_at)
VALUES (:campaign_id, :person_id, :idempotency_key, :request_hash, :answer_status,
        :answer_location, :answer_notice, :answer_body, :created_at);

-- query: idempotency_old many
-- Keys older than a time, a handful at a time, so that no transaction is long.
SELECT campaign_id, person_id, idempotency_key FROM idempotency
 WHERE campaign_id = 0 AND created_at < :created_at ORDER BY created_at LIMIT :limit;

-- query: idempotency_forget exec
DELETE FROM idempotency
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND idempotency_key = :idempotency_key;

-- query: idempotency_forget_person exec
-- All of a person's in one campaign, or in none (0): the answers hold words.
DELETE FROM idempotency WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: web_ready one
-- Whether the database answers, and has our tables.
SELECT count(*) AS key_count FROM (SELECT 1 FROM idempotency LIMIT 1) AS found;
-- types: key_count int
