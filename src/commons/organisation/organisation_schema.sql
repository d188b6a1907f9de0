CREATE TABLE organisation (
    organisation_id BIGINT NOT NULL PRIMARY KEY,
    name            TEXT NOT NULL,
    logo_blob       TEXT NOT NULL,          -- name of a picture in the blob store, or ''
    colour_1        TEXT NOT NULL,          -- #rrggbb
    colour_2        TEXT NOT NULL,
    created_at      BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

CREATE TABLE team_member (
    organisation_id BIGINT NOT NULL REFERENCES organisation (organisation_id),
    person_id       BIGINT NOT NULL REFERENCES person (person_id),
    role            TEXT NOT NULL,          -- 'owner', 'manager', 'moderator'
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, person_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX team_member_by_person ON team_member (person_id);

-- Facts about the installation itself, such as the hash of the first-run token.
CREATE TABLE installation (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
