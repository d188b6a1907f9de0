-- Services that make vectors of texts. The latest row is the one the configuration names; one more each time that it names
-- another, since what two of them make is not comparable.
CREATE TABLE embedding_model (
    embedding_model_id BIGINT NOT NULL PRIMARY KEY, -- the reader's number in likeness: 2, 3, …
    url                TEXT NOT NULL,
    model              TEXT NOT NULL,
    dimensions_asked   BIGINT NOT NULL,     -- 0: as many as the model has
    dimensions         BIGINT NOT NULL,     -- as many as it has; 0: it has not answered yet
    centre             BYTEA NOT NULL,      -- mean of what it makes of the reference sentences: little-endian 32-bit floats
    failures           BIGINT NOT NULL,     -- in a row
    trouble            TEXT NOT NULL,       -- what became of the last try; '': it went well
    tried_at           BIGINT NOT NULL,     -- 0: not yet
    next_at            BIGINT NOT NULL,     -- not asked before: a server is at it, or it rests after a failure
    created_at         BIGINT NOT NULL
);

-- Who agreed that an organisation's texts are sent, and where to: to no other host.
CREATE TABLE embedding_consent (
    organisation_id BIGINT NOT NULL PRIMARY KEY,
    host            TEXT NOT NULL,
    person_id       BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
