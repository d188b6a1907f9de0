CREATE TABLE campaign (
    campaign_id      BIGINT NOT NULL PRIMARY KEY,
    organisation_id  BIGINT NOT NULL REFERENCES organisation (organisation_id),
    kind             TEXT NOT NULL,         -- 'idea'
    campaign_state   TEXT NOT NULL,         -- see the transition table in campaign_rules.c
    question         TEXT NOT NULL,
    brief            TEXT NOT NULL,         -- Markdown
    cover_blob       TEXT NOT NULL,
    opens_at         BIGINT NOT NULL,       -- 0: when the owner opens it
    closes_at        BIGINT NOT NULL,
    votes_per_person BIGINT NOT NULL,       -- 0: no limit
    votes_against    INTEGER NOT NULL, -- bool: whether one may also vote against
    maps_opinions    INTEGER NOT NULL, -- bool: whether people say what they think of each idea, for a map
    terms_version    BIGINT NOT NULL,       -- 0: no terms
    state_reason     TEXT NOT NULL,         -- why it was paused or cancelled
    created_at       BIGINT NOT NULL,
    changed_at       BIGINT NOT NULL
);
CREATE INDEX campaign_by_organisation ON campaign (organisation_id, campaign_id);
CREATE INDEX campaign_by_state ON campaign (campaign_state, closes_at);

CREATE TABLE category (
    campaign_id BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    position    BIGINT NOT NULL,
    name        TEXT NOT NULL,
    PRIMARY KEY (campaign_id, category_id)
) /*sqlite WITHOUT ROWID */;

-- Every version of the terms that was ever shown stays.
CREATE TABLE terms (
    campaign_id   BIGINT NOT NULL,
    terms_version BIGINT NOT NULL,
    text          TEXT NOT NULL,            -- Markdown
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, terms_version)
);

CREATE TABLE terms_acceptance (
    campaign_id   BIGINT NOT NULL,
    person_id     BIGINT NOT NULL,
    terms_version BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, terms_version)
);

-- How much a campaign holds; rebuilt from its subjects, ballots, votes and comments. Spread over
-- slots (chosen by the person), so that people who act at the same moment seldom meet in one row.
CREATE TABLE campaign_count (
    campaign_id   BIGINT NOT NULL,
    slot          BIGINT NOT NULL,
    subject_count BIGINT NOT NULL,          -- shown ones
    person_count  BIGINT NOT NULL,          -- people with a ballot
    vote_count    BIGINT NOT NULL,
    talk_count    BIGINT NOT NULL,          -- comments that were not withdrawn, hidden or erased
    PRIMARY KEY (campaign_id, slot)
) /*sqlite WITHOUT ROWID */;
