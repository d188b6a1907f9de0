-- query: event_insert exec
INSERT INTO event (campaign_id, event_id, event_name, subject_id, person_id, about, created_at, event_state)
VALUES (:campaign_id, :event_id, :event_name, :subject_id, :person_id, :about, :created_at, 'new');

-- query: event_waiting many
SELECT campaign_id, event_id, event_name, subject_id, person_id, about, created_at
  FROM event WHERE event_state = 'new' ORDER BY event_id LIMIT 100;

-- query: event_finish exec
-- Only the first who finishes an event counts; a second server finds nothing to change.
UPDATE event SET event_state = :event_state
 WHERE campaign_id = :campaign_id AND event_id = :event_id AND event_state = 'new';

-- query: event_count_state one
SELECT count(*) AS event_count FROM event WHERE event_state = :event_state;
-- types: event_count int

-- query: event_delete_old exec
DELETE FROM event WHERE event_state = 'handled' AND created_at < :created_at;
