-- What is needed to find the subjects that say nearly the same. Derived from their words, by a job.
CREATE TABLE likeness (
    campaign_id BIGINT NOT NULL,
    subject_id  BIGINT NOT NULL,
    revision    BIGINT NOT NULL,            -- the head's, when this row was written
    is_offered  INTEGER NOT NULL,           -- bool: shown, so to be found; else the rest is empty
    method      BIGINT NOT NULL,            -- 0: by words alone; 1: our sentence encoder; above: an appointed one
    language    TEXT NOT NULL,              -- ISO 639
    sentence    BYTEA NOT NULL,             -- what that makes of it; empty: nothing, so by words alone
    PRIMARY KEY (campaign_id, subject_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX likeness_by_revision ON likeness (campaign_id, revision, subject_id);
CREATE INDEX likeness_by_method ON likeness (language, method, campaign_id, subject_id);

-- How often the likenesses of a campaign were written to: whoever knows it knows what came since.
CREATE TABLE likeness_head (
    campaign_id BIGINT NOT NULL PRIMARY KEY,
    revision    BIGINT NOT NULL,
    language    TEXT NOT NULL,              -- what question and brief are in; a hint for short texts
    method      BIGINT NOT NULL,            -- whose sentences are compared: 0: our encoder's; above 1: an appointed one's
    complete    BIGINT NOT NULL             -- up to this revision the appointed one has read all
);

-- Subjects to be looked at by the job; subject 0 is the whole campaign.
CREATE TABLE likeness_due (
    campaign_id BIGINT NOT NULL,
    subject_id  BIGINT NOT NULL,
    mark        BIGINT NOT NULL,            -- differs with each wish, so that one in between is not lost
    PRIMARY KEY (campaign_id, subject_id)
);
