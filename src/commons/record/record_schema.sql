-- The public account of a campaign: append-only, each entry hashed with the one before it.
CREATE TABLE record_entry (
    campaign_id   BIGINT NOT NULL,
    seq           BIGINT NOT NULL,          -- 1, 2, …
    happened_at   BIGINT NOT NULL,
    actor         TEXT NOT NULL,            -- a role, never a name
    action        TEXT NOT NULL,
    subject       TEXT NOT NULL,            -- the id of what it is about, as text, or ''
    rule          TEXT NOT NULL,            -- the rule applied, or ''
    reason        TEXT NOT NULL,
    details       TEXT NOT NULL,            -- a JSON object, canonical
    commitment    TEXT NOT NULL,            -- hex SHA-256 of salt and words, or ''
    previous_hash TEXT NOT NULL,
    entry_hash    TEXT NOT NULL,
    PRIMARY KEY (campaign_id, seq)
);

CREATE TABLE record_head (
    campaign_id BIGINT NOT NULL PRIMARY KEY,
    seq         BIGINT NOT NULL,
    entry_hash  TEXT NOT NULL
);
