-- What the team decided about contributions and comments, act by act: facts, only ever added to. What was known of
-- the words at that moment stands beside it, for a model to learn from: once something is hidden, it is compared
-- with nothing any more.
CREATE TABLE moderation (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    comment_id    BIGINT NOT NULL,          -- 0: the contribution itself
    moderation_id BIGINT NOT NULL,
    verdict       TEXT NOT NULL,            -- 'fine', 'hidden', 'shown' (again)
    version       BIGINT NOT NULL,          -- of the words that were looked at
    person_id     BIGINT NOT NULL,
    decided_at    BIGINT NOT NULL,
    nearest_score DOUBLE PRECISION NOT NULL, -- with an earlier contribution; 0: none was near
    copy_count    BIGINT NOT NULL,          -- others of the same author that say nearly the same
    method        BIGINT NOT NULL,          -- of the sentence encoder
    sentence      BYTEA NOT NULL,           -- what it made of the words, as in `likeness`; or empty
    PRIMARY KEY (campaign_id, subject_id, comment_id, moderation_id)
);
CREATE INDEX moderation_by_time ON moderation (campaign_id, moderation_id);

-- Shown contributions and comments whose present words nobody of the team has decided about. Derived from the
-- table above and from what is shown.
CREATE TABLE moderation_waiting (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    comment_id    BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    came_at       BIGINT NOT NULL,
    is_looked_up  INTEGER NOT NULL,         -- bool: the job has looked for what is alike
    nearest_id    BIGINT NOT NULL, -- is subject_id
    nearest_score DOUBLE PRECISION NOT NULL,
    copy_count    BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, subject_id, comment_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX moderation_waiting_by_time ON moderation_waiting (campaign_id, came_at, subject_id, comment_id);
CREATE INDEX moderation_waiting_new ON moderation_waiting (campaign_id) WHERE is_looked_up = 0;
