-- A person: one account across all campaigns and organisations.
CREATE TABLE person (
    person_id     BIGINT NOT NULL PRIMARY KEY,
    email         TEXT NOT NULL,            -- as typed; '' when erased, and of somebody known by a pseudonym only
    email_key     TEXT NOT NULL UNIQUE,     -- lower case; 'erased:' and the id when erased; 'panel:…' for a pseudonym
    display_name  TEXT NOT NULL,
    password_hash TEXT NOT NULL,            -- Argon2id, or '' for sign-in by link only
    person_state  TEXT NOT NULL,            -- 'unconfirmed', 'active', 'erased'
    created_at    BIGINT NOT NULL,
    confirmed_at  BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- A link sent by e-mail. Only its hash is kept; it works once and for a short time.
CREATE TABLE mail_link (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES person (person_id),
    next_path  TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);

CREATE TABLE session (
    session_id       BIGINT NOT NULL PRIMARY KEY,
    token_hash       BYTEA NOT NULL UNIQUE,
    person_id        BIGINT NOT NULL REFERENCES person (person_id),
    only_campaign_id BIGINT NOT NULL, -- is campaign_id; 0: in all that the person may do
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL
);
CREATE INDEX session_by_person ON session (person_id);

-- What a program signs in with.
CREATE TABLE access_token (
    access_token_id BIGINT NOT NULL PRIMARY KEY,
    token_hash      BYTEA NOT NULL UNIQUE,
    person_id       BIGINT NOT NULL REFERENCES person (person_id),
    label            TEXT NOT NULL,
    scopes           BIGINT NOT NULL,       -- a bit for each scope, in the order of people.h
    only_campaign_id BIGINT NOT NULL, -- is campaign_id; as of a session
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX access_token_by_person ON access_token (person_id);

-- Consent is proof: appended, never changed. The newest row of a purpose holds.
CREATE TABLE consent (
    consent_id      BIGINT NOT NULL PRIMARY KEY,
    person_id       BIGINT NOT NULL REFERENCES person (person_id),
    organisation_id BIGINT NOT NULL,
    purpose         TEXT NOT NULL,          -- 'notices', 'marketing'
    granted         INTEGER NOT NULL, -- bool
    wording         TEXT NOT NULL,          -- the sentence that was shown
    created_at      BIGINT NOT NULL
);
CREATE INDEX consent_by_person ON consent (person_id, organisation_id, purpose, consent_id);

-- What languages somebody reads and writes, as they say themselves; see languages.h.
CREATE TABLE person_languages (
    person_id  BIGINT NOT NULL PRIMARY KEY REFERENCES person (person_id),
    languages  TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;
