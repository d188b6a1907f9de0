-- What a person thinks of a subject; the last answer counts. By person first, for a person's own are read
-- with every question, and all of a campaign's only when its map is drawn.
CREATE TABLE opinion (
    campaign_id BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    subject_id  BIGINT NOT NULL,
    stance      BIGINT NOT NULL,            -- 1 agree, 0 pass, -1 disagree
    given_at    BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, subject_id)
) /*sqlite WITHOUT ROWID */;

-- The map of a campaign's opinions; there from the first of them. What it holds, and the tables below, are
-- derived from the opinions on shown subjects; only the salt is not.
CREATE TABLE opinion_map (
    campaign_id   BIGINT NOT NULL PRIMARY KEY,
    map_state     TEXT NOT NULL,            -- 'stale', 'making' or 'made'
    map_salt      BYTEA NOT NULL,           -- of the names people have in files
    due_at        BIGINT NOT NULL,          -- not drawn anew before
    made_at       BIGINT NOT NULL,          -- 0: never
    opinion_total BIGINT NOT NULL,
    subject_total BIGINT NOT NULL,          -- with opinions, hidden ones included: the plane knows them
    subject_shown BIGINT NOT NULL,          -- of these
    people_total  BIGINT NOT NULL,          -- with opinions
    people_enough BIGINT NOT NULL,          -- with as many as a place on the map takes
    shown_share   DOUBLE PRECISION NOT NULL, -- of all differences, what the plane shows
    silhouette    DOUBLE PRECISION NOT NULL,
    picture_scale DOUBLE PRECISION NOT NULL, -- how the plane lies on the picture
    picture_x     DOUBLE PRECISION NOT NULL,
    picture_y     DOUBLE PRECISION NOT NULL
);
CREATE INDEX opinion_map_by_state ON opinion_map (map_state, due_at);

CREATE TABLE opinion_group (
    campaign_id  BIGINT NOT NULL,
    group_number BIGINT NOT NULL,           -- from 0; stays with its people
    group_size   BIGINT NOT NULL,
    centre_x     DOUBLE PRECISION NOT NULL, -- on the plane
    centre_y     DOUBLE PRECISION NOT NULL,
    name_x       DOUBLE PRECISION NOT NULL, -- on the picture
    name_y       DOUBLE PRECISION NOT NULL,
    hull         TEXT NOT NULL,             -- SVG paths
    dots         TEXT NOT NULL,
    hollow       TEXT NOT NULL,             -- of the dots, those between groups
    PRIMARY KEY (campaign_id, group_number)
);

-- Who is in which group, for the next map to begin with; shown to nobody.
CREATE TABLE opinion_member (
    campaign_id  BIGINT NOT NULL,
    person_id    BIGINT NOT NULL,
    group_number BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id)
) /*sqlite WITHOUT ROWID */;

-- The plane: where an opinion on a subject moves somebody.
CREATE TABLE opinion_axis (
    campaign_id BIGINT NOT NULL,
    subject_id  BIGINT NOT NULL,
    stance_mean DOUBLE PRECISION NOT NULL,
    axis_x      DOUBLE PRECISION NOT NULL,
    axis_y      DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (campaign_id, subject_id)
) /*sqlite WITHOUT ROWID */;

-- Subjects worth telling of: what represents a group, what all agree on, what divides them.
CREATE TABLE opinion_said (
    campaign_id  BIGINT NOT NULL,
    list_name    TEXT NOT NULL,             -- 'group', 'common' or 'divisive'
    group_number BIGINT NOT NULL,           -- 0 where the list is of no group
    place        BIGINT NOT NULL,
    subject_id   BIGINT NOT NULL,
    agrees       INTEGER NOT NULL, -- bool: what the group stands for is agreement
    PRIMARY KEY (campaign_id, list_name, group_number, place)
);

-- How groups answered to those subjects, where enough of the group did.
CREATE TABLE opinion_share (
    campaign_id  BIGINT NOT NULL,
    subject_id   BIGINT NOT NULL,
    group_number BIGINT NOT NULL,
    agree        BIGINT NOT NULL,
    disagree     BIGINT NOT NULL,
    seen         BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, subject_id, group_number)
);
