-- query: panel_insert exec
INSERT INTO panel (panel_id, organisation_id, panel_name, panel_secret, pays, done_url, screened_url, full_url, is_on,
                   account_id, worker_count, created_at)
VALUES (:panel_id, :organisation_id, :panel_name, :panel_secret, :pays, :done_url, :screened_url, :full_url, 1,
        :account_id, 0, :created_at);

-- query: panel_get one
SELECT organisation_id, panel_name, panel_secret, pays, done_url, screened_url, full_url, is_on, account_id, worker_count,
       created_at
  FROM panel WHERE panel_id = :panel_id;

-- query: panels_of many
SELECT panel_id, panel_name, pays, is_on, worker_count, created_at
  FROM panel WHERE organisation_id = :organisation_id ORDER BY panel_id LIMIT 200;

-- query: panel_change_settings exec
-- Who pays stays as it was agreed.
UPDATE panel SET panel_name = :panel_name, done_url = :done_url, screened_url = :screened_url, full_url = :full_url
 WHERE organisation_id = :organisation_id AND panel_id = :panel_id;

-- query: panel_set_on exec
UPDATE panel SET is_on = :is_on WHERE organisation_id = :organisation_id AND panel_id = :panel_id;

-- query: panel_set_secret exec
UPDATE panel SET panel_secret = :panel_secret WHERE organisation_id = :organisation_id AND panel_id = :panel_id;

-- query: panel_next_number one
UPDATE panel SET worker_count = worker_count + 1 WHERE panel_id = :panel_id RETURNING worker_count;

-- query: panel_account one
SELECT account_id FROM panel WHERE panel_id = :panel_id AND account_id = :account_id;

-- query: panel_worker_insert exec
INSERT INTO panel_worker (panel_id, worker_key, person_id, created_at)
VALUES (:panel_id, :worker_key, :person_id, :created_at);

-- query: panel_worker_get one
SELECT person_id FROM panel_worker WHERE panel_id = :panel_id AND worker_key = :worker_key;

-- query: panel_worker_forget exec
-- The panel's own name for somebody goes, and the next who comes under it is somebody else.
UPDATE panel_worker SET worker_key = :worker_key WHERE panel_id = :panel_id AND person_id = :person_id;

-- query: panel_of_worker one
-- The panel somebody came from.
SELECT w.panel_id, w.worker_key, p.panel_name, p.panel_secret, p.pays, p.done_url, p.screened_url, p.full_url, p.account_id
  FROM panel_worker w JOIN panel p ON p.panel_id = w.panel_id
 WHERE w.person_id = :person_id;

-- query: panel_visit_insert exec
INSERT INTO panel_visit (campaign_id, person_id, panel_id, created_at)
VALUES (:campaign_id, :person_id, :panel_id, :created_at)
ON CONFLICT (campaign_id, person_id) DO NOTHING;

-- query: panel_visit_get one
SELECT created_at FROM panel_visit WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: panel_campaign one
-- A campaign that people are sent to.
SELECT organisation_id, kind, campaign_state, question, closes_at FROM campaign WHERE campaign_id = :campaign_id;

-- query: panel_campaigns many
-- What a panel's people have done, campaign by campaign.
SELECT v.campaign_id, c.question, c.campaign_state, count(*) AS workers,
       CAST(coalesce(sum((SELECT w.given FROM task_worker w
                           WHERE w.campaign_id = v.campaign_id AND w.person_id = v.person_id)), 0) AS BIGINT) AS answers
  FROM panel_visit v JOIN campaign c ON c.campaign_id = v.campaign_id
 WHERE v.panel_id = :panel_id
 GROUP BY v.campaign_id, c.question, c.campaign_state
 ORDER BY v.campaign_id DESC LIMIT 200;
-- types: workers int, answers int

-- query: panel_person_name one
SELECT display_name FROM person WHERE person_id = :person_id;
