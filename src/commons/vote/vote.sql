-- query: vote_insert exec
-- One vote of a person on a subject: the unique key decides.
INSERT INTO vote (campaign_id, subject_id, person_id, direction, created_at)
VALUES (:campaign_id, :subject_id, :person_id, :direction, :created_at)
ON CONFLICT (campaign_id, subject_id, person_id) DO NOTHING;

-- query: vote_delete one
DELETE FROM vote WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND person_id = :person_id
RETURNING direction;

-- query: vote_of_person one
SELECT direction FROM vote
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND person_id = :person_id;

-- query: vote_turn exec
UPDATE vote SET direction = :direction, created_at = :created_at
 WHERE campaign_id = :campaign_id AND subject_id = :subject_id AND person_id = :person_id AND direction <> :direction;

-- query: ballot_insert exec
INSERT INTO ballot (campaign_id, person_id, spent) VALUES (:campaign_id, :person_id, 0)
ON CONFLICT (campaign_id, person_id) DO NOTHING;

-- query: ballot_spend exec
-- Takes a vote from the ballot; nothing happens at the end of the budget (0: none).
UPDATE ballot SET spent = spent + 1
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND (:budget = 0 OR spent < :budget);
-- types: budget int

-- query: ballot_return exec
UPDATE ballot SET spent = spent - 1
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND spent > 0;

-- query: ballot_get one
SELECT spent FROM ballot WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: ballot_wrong many
-- Ballots that differ from the votes given, for rebuild and its test.
SELECT b.person_id, b.spent, coalesce(t.given, 0) AS true_spent
  FROM ballot b
  LEFT JOIN (SELECT v.person_id, count(*) AS given FROM vote v WHERE v.campaign_id = :campaign_id
              GROUP BY v.person_id) t ON t.person_id = b.person_id
 WHERE b.campaign_id = :campaign_id AND b.spent <> coalesce(t.given, 0)
 ORDER BY b.person_id LIMIT 500;
-- types: true_spent int

-- query: ballot_set exec
UPDATE ballot SET spent = :spent WHERE campaign_id = :campaign_id AND person_id = :person_id;
