-- Answers kept under the key a client chose, written in the transaction of the command they answer:
-- the same key from the same person acts once, however often it arrives.
CREATE TABLE idempotency (
    campaign_id     BIGINT NOT NULL,        -- 0: of no campaign
    person_id       BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash    TEXT NOT NULL,          -- SHA-256 over route, path and body, hex
    answer_status   BIGINT NOT NULL,
    answer_location TEXT NOT NULL,
    answer_notice   TEXT NOT NULL,
    answer_body     TEXT NOT NULL,          -- JSON; '' for a page
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, idempotency_key)
)
/*sqlite WITHOUT ROWID */;
