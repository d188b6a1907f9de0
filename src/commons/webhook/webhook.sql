-- query: webhook_endpoint_insert exec
INSERT INTO webhook_endpoint (webhook_endpoint_id, organisation_id, url, description, secret, old_secret, old_secret_until_at,
                              kinds, is_on, off_reason, failures, failing_since_at, next_at, created_at)
VALUES (:webhook_endpoint_id, :organisation_id, :url, :description, :secret, '', 0, :kinds, 1, '', 0, 0, 0, :created_at);

-- query: webhook_endpoints_of many
SELECT webhook_endpoint_id, url, description, kinds, is_on, off_reason, failing_since_at, created_at
  FROM webhook_endpoint WHERE organisation_id = :organisation_id ORDER BY webhook_endpoint_id LIMIT 100;

-- query: webhook_endpoint_count one
SELECT count(*) AS endpoint_count FROM webhook_endpoint WHERE organisation_id = :organisation_id;
-- types: endpoint_count int

-- query: webhook_endpoint_get one
SELECT url, description, kinds, secret, old_secret_until_at, is_on, off_reason, failing_since_at, created_at
  FROM webhook_endpoint WHERE organisation_id = :organisation_id AND webhook_endpoint_id = :webhook_endpoint_id;

-- query: webhook_endpoint_change exec
UPDATE webhook_endpoint SET url = :url, description = :description, kinds = :kinds
 WHERE organisation_id = :organisation_id AND webhook_endpoint_id = :webhook_endpoint_id;

-- query: webhook_endpoint_switch exec
-- On or off by a person; what failed before counts no more.
UPDATE webhook_endpoint SET is_on = :is_on, off_reason = '', failures = 0, failing_since_at = 0, next_at = 0
 WHERE organisation_id = :organisation_id AND webhook_endpoint_id = :webhook_endpoint_id;

-- query: webhook_endpoint_rotate exec
UPDATE webhook_endpoint SET old_secret = secret, old_secret_until_at = :old_secret_until_at, secret = :secret
 WHERE organisation_id = :organisation_id AND webhook_endpoint_id = :webhook_endpoint_id;

-- query: webhook_endpoint_delete exec
DELETE FROM webhook_endpoint
 WHERE organisation_id = :organisation_id AND webhook_endpoint_id = :webhook_endpoint_id;

-- query: webhook_deliveries_delete exec
DELETE FROM webhook_delivery WHERE webhook_endpoint_id = :webhook_endpoint_id;

-- Telling ----------------------------------------------------------------------------------------------------------

-- query: webhook_campaign_house one
SELECT organisation_id FROM campaign WHERE campaign_id = :campaign_id;

-- query: webhook_batch_house one
SELECT organisation_id FROM payout_batch WHERE payout_batch_id = :payout_batch_id;

-- query: webhook_listening many
-- The endpoints of an organisation that are on, with the kinds they want.
SELECT webhook_endpoint_id, kinds FROM webhook_endpoint
 WHERE organisation_id = :organisation_id AND is_on = 1 ORDER BY webhook_endpoint_id LIMIT 100;

-- query: webhook_delivery_insert exec
INSERT INTO webhook_delivery (campaign_id, webhook_delivery_id, webhook_endpoint_id, news_kind, news, delivery_state,
                              tries, next_try_at, tried_at, last_status, last_answer, created_at)
VALUES (:campaign_id, :webhook_delivery_id, :webhook_endpoint_id, :news_kind, :news, 'waiting', 0, :created_at, 0, 0, '',
        :created_at);

-- query: webhook_deliveries_of many
SELECT webhook_delivery_id, news_kind, news, delivery_state, tries, next_try_at, tried_at, last_status, last_answer,
       created_at
  FROM webhook_delivery WHERE webhook_endpoint_id = :webhook_endpoint_id
 ORDER BY webhook_delivery_id DESC LIMIT 50;

-- query: webhook_delivery_again exec
-- Begins anew with all its tries, whatever became of it.
UPDATE webhook_delivery SET delivery_state = 'waiting', tries = 0, next_try_at = :now
 WHERE webhook_endpoint_id = :webhook_endpoint_id AND webhook_delivery_id = :webhook_delivery_id;

-- query: webhook_told many
SELECT webhook_delivery_id, news FROM webhook_delivery
 WHERE campaign_id = :campaign_id AND webhook_delivery_id > :webhook_delivery_id AND news_kind = :news_kind
 ORDER BY webhook_delivery_id LIMIT 50;

-- query: webhook_told_change exec
UPDATE webhook_delivery SET news = :news
 WHERE campaign_id = :campaign_id AND webhook_delivery_id = :webhook_delivery_id;

-- query: webhook_delete_old exec
DELETE FROM webhook_delivery WHERE created_at < :created_at;

-- Sending ----------------------------------------------------------------------------------------------------------

-- query: webhook_due many
-- Endpoints that something waits for and nobody is at. A time later than it can be was written by a clock that was ahead.
SELECT e.webhook_endpoint_id, e.next_at FROM webhook_endpoint e
 WHERE e.is_on = 1 AND (e.next_at <= :now OR e.next_at > :latest_at)
   AND EXISTS (SELECT 1 FROM webhook_delivery d
                WHERE d.webhook_endpoint_id = e.webhook_endpoint_id AND d.delivery_state = 'waiting'
                  AND d.next_try_at <= :now)
 ORDER BY e.next_at, e.webhook_endpoint_id LIMIT 32;

-- query: webhook_claim exec
-- For one server and one thread, until it is released or the time is over.
UPDATE webhook_endpoint SET next_at = :claimed_until_at
 WHERE webhook_endpoint_id = :webhook_endpoint_id AND next_at = :next_at AND is_on = 1;

-- query: webhook_release exec
UPDATE webhook_endpoint SET next_at = :next_at
 WHERE webhook_endpoint_id = :webhook_endpoint_id AND next_at = :claimed_until_at;

-- query: webhook_endpoint_to_ask one
SELECT organisation_id, url, secret, old_secret, old_secret_until_at, is_on FROM webhook_endpoint
 WHERE webhook_endpoint_id = :webhook_endpoint_id AND next_at = :next_at;

-- query: webhook_deliveries_due many
SELECT campaign_id, webhook_delivery_id, news, tries FROM webhook_delivery
 WHERE webhook_endpoint_id = :webhook_endpoint_id AND delivery_state = 'waiting' AND next_try_at <= :now
 ORDER BY next_try_at, webhook_delivery_id LIMIT 50;

-- query: webhook_keep_try exec
-- What became of a try; only for who saw it waiting with so many tries.
UPDATE webhook_delivery SET delivery_state = :delivery_state, tries = tries + 1, next_try_at = :next_try_at,
       tried_at = :tried_at, last_status = :last_status, last_answer = :last_answer
 WHERE campaign_id = :campaign_id AND webhook_delivery_id = :webhook_delivery_id AND delivery_state = 'waiting'
   AND tries = :tries;

-- query: webhook_endpoint_worked exec
UPDATE webhook_endpoint SET failures = 0, failing_since_at = 0
 WHERE webhook_endpoint_id = :webhook_endpoint_id AND failing_since_at > 0;

-- query: webhook_endpoint_failed one
UPDATE webhook_endpoint SET failures = failures + 1,
       failing_since_at = CASE WHEN failing_since_at = 0 THEN :now ELSE failing_since_at END
 WHERE webhook_endpoint_id = :webhook_endpoint_id
RETURNING failures, failing_since_at;

-- query: webhook_switch_off exec
UPDATE webhook_endpoint SET is_on = 0, off_reason = :off_reason WHERE webhook_endpoint_id = :webhook_endpoint_id AND is_on = 1;

-- query: webhook_owners many
SELECT p.email, o.name FROM team_member t
  JOIN person p ON p.person_id = t.person_id
  JOIN organisation o ON o.organisation_id = t.organisation_id
 WHERE t.organisation_id = :organisation_id AND t.role = 'owner' AND p.person_state = 'active' AND p.email <> ''
 ORDER BY t.person_id LIMIT 100;

-- query: webhook_failing_count one
-- Endpoints that take nothing at the moment, or that were switched off for it; for `manyhands doctor`.
SELECT count(*) AS endpoint_count FROM webhook_endpoint WHERE (is_on = 1 AND failing_since_at > 0) OR off_reason <> '';
-- types: endpoint_count int
