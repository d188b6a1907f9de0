CREATE TABLE vote (
    campaign_id BIGINT NOT NULL,
    subject_id  BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    direction   BIGINT NOT NULL,            -- 1 for, -1 against
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, subject_id, person_id)
) /*sqlite WITHOUT ROWID */;

-- How many votes a person has given in a campaign; rebuilt from the votes.
CREATE TABLE ballot (
    campaign_id BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    spent       BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id)
) /*sqlite WITHOUT ROWID */;
