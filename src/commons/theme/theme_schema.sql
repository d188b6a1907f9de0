-- What people decided about the themes of a campaign, act by act. Nothing is changed afterwards: what holds is
-- what the acts say that no later one takes back, in their order. A theme has the id of the act that made it; a
-- theme that nobody touched stands nowhere.
CREATE TABLE theme_act (
    campaign_id  BIGINT NOT NULL,
    theme_act_id BIGINT NOT NULL,
    act_name     TEXT NOT NULL,             -- 'name', 'join', 'move', 'undo'
    theme_id     BIGINT NOT NULL, -- is theme_act_id
    theme_name   TEXT NOT NULL,             -- '' says nothing of the name
    undone_id    BIGINT NOT NULL, -- is theme_act_id
    person_id    BIGINT NOT NULL,
    acted_at     BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, theme_act_id)
);

-- The subjects that an act put into its theme.
CREATE TABLE theme_act_subject (
    campaign_id  BIGINT NOT NULL,
    theme_act_id BIGINT NOT NULL,
    subject_id   BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, theme_act_id, subject_id)
) /*sqlite WITHOUT ROWID */;
