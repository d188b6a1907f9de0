CREATE TABLE comment (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    comment_id    BIGINT NOT NULL,
    parent_id     BIGINT NOT NULL, -- is comment_id
    thread_key    TEXT NOT NULL,            -- ids from the root down: sorts a discussion into threads
    depth         BIGINT NOT NULL,
    author_id     BIGINT NOT NULL, -- is person_id
    text          TEXT NOT NULL,            -- Markdown; '' when erased
    salt          BYTEA NOT NULL,
    comment_state TEXT NOT NULL,            -- 'shown', 'hidden', 'withdrawn', 'erased'
    hidden_rule   TEXT NOT NULL,
    hidden_reason TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, subject_id, comment_id)
);
CREATE INDEX comment_by_thread ON comment (campaign_id, subject_id, thread_key);
CREATE INDEX comment_by_author ON comment (author_id, campaign_id);
