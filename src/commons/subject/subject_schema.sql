-- Whatever a campaign's people vote on and talk about: an idea, later an entry or an offer.
-- State, author and category are facts; the numbers are a tally, rebuilt from votes, opinions and comments.
CREATE TABLE subject (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    author_id     BIGINT NOT NULL, -- is person_id
    category_id   BIGINT NOT NULL,          -- 0: none
    subject_state TEXT NOT NULL,            -- 'shown', 'hidden', 'withdrawn', 'erased'
    hidden_rule   TEXT NOT NULL,
    hidden_reason TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    up            BIGINT NOT NULL,
    down          BIGINT NOT NULL,
    comment_count BIGINT NOT NULL,
    opinion_count BIGINT NOT NULL,
    top_score     DOUBLE PRECISION NOT NULL, -- Wilson lower bound
    hot_score     DOUBLE PRECISION NOT NULL, -- votes on a logarithmic scale, plus recency
    PRIMARY KEY (campaign_id, subject_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX subject_by_top ON subject (campaign_id, subject_state, top_score, subject_id);
CREATE INDEX subject_by_hot ON subject (campaign_id, subject_state, hot_score, subject_id);
CREATE INDEX subject_by_talk ON subject (campaign_id, subject_state, comment_count, subject_id);
CREATE INDEX subject_by_opinions ON subject (campaign_id, subject_state, opinion_count, subject_id);
CREATE INDEX subject_by_time ON subject (campaign_id, subject_state, subject_id);
CREATE INDEX subject_by_category
    ON subject (campaign_id, subject_state, category_id, top_score, subject_id)
 WHERE category_id <> 0; -- a vote moves an entry of each index with a score
CREATE INDEX subject_by_author ON subject (author_id, campaign_id, subject_id);
