-- query: record_head_begin exec
INSERT INTO record_head (campaign_id, seq, entry_hash) VALUES (:campaign_id, 0, '')
ON CONFLICT (campaign_id) DO NOTHING;

-- query: record_head_next one
-- Takes the next number; whoever comes at the same time waits here or runs again.
UPDATE record_head SET seq = seq + 1 WHERE campaign_id = :campaign_id RETURNING seq, entry_hash;

-- query: record_head_get one
SELECT seq, entry_hash FROM record_head WHERE campaign_id = :campaign_id;

-- query: record_head_set exec
UPDATE record_head SET entry_hash = :entry_hash WHERE campaign_id = :campaign_id;

-- query: record_entry_insert exec
INSERT INTO record_entry (campaign_id, seq, happened_at, actor, action, subject, rule, reason, details, commitment, previous_hash, entry_hash)
VALUES (:campaign_id, :seq, :happened_at, :actor, :action, :subject, :rule, :reason, :details, :commitment, :previous_hash, :entry_hash);

-- query: record_entry_page many
-- Newest first, below a sequence number.
SELECT seq, happened_at, actor, action, subject, rule, reason, details, commitment, previous_hash, entry_hash
  FROM record_entry WHERE campaign_id = :campaign_id AND seq < :seq ORDER BY seq DESC LIMIT :limit;
-- types: limit int

-- query: record_entry_from many
-- Oldest first, from a sequence number on.
SELECT seq, happened_at, actor, action, subject, rule, reason, details, commitment, previous_hash, entry_hash
  FROM record_entry WHERE campaign_id = :campaign_id AND seq >= :seq ORDER BY seq LIMIT :limit;
-- types: limit int
