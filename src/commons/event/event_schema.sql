-- News for other rooms, written in the transaction that makes it and handed on by a job.
CREATE TABLE event (
    campaign_id BIGINT NOT NULL,            -- 0: of no campaign
    event_id    BIGINT NOT NULL,
    event_name  TEXT NOT NULL,              -- 'idea.hidden'
    subject_id  BIGINT NOT NULL,            -- what it is about, 0: the campaign
    person_id   BIGINT NOT NULL,            -- who did it, 0: the clock
    about       TEXT NOT NULL,              -- one more word for the listener: an id, a version
    created_at  BIGINT NOT NULL,
    event_state TEXT NOT NULL,              -- 'new', 'handled', 'failed'
    PRIMARY KEY (campaign_id, event_id)
);
CREATE INDEX event_waiting ON event (event_state, event_id);
