-- A house that sends an organisation people to work: it knows who they are, the organisation knows numbers.
CREATE TABLE panel (
    panel_id        BIGINT NOT NULL PRIMARY KEY,
    organisation_id BIGINT NOT NULL,
    panel_name      TEXT NOT NULL,
    panel_secret    TEXT NOT NULL,          -- signs links both ways; as it is, since signing needs it
    pays            TEXT NOT NULL,          -- 'panel': it pays its people, and is paid; 'house': they are paid like all others
    done_url        TEXT NOT NULL,          -- where who is done goes back to, or ''
    screened_url    TEXT NOT NULL,          -- who is asked no more
    full_url        TEXT NOT NULL,          -- who found nothing to do
    is_on           INTEGER NOT NULL, -- bool
    account_id      BIGINT NOT NULL, -- is person_id; the panel's own: earns for it, and its token lets workers in
    worker_count    BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);
CREATE INDEX panel_of ON panel (organisation_id, panel_id);
CREATE UNIQUE INDEX panel_by_account ON panel (account_id);

-- A panel's worker, always the same person.
CREATE TABLE panel_worker (
    panel_id   BIGINT NOT NULL,
    worker_key TEXT NOT NULL,               -- the panel's own name for them
    person_id  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (panel_id, worker_key)
);
CREATE UNIQUE INDEX panel_worker_by_person ON panel_worker (person_id);

-- Who was let into which campaign.
CREATE TABLE panel_visit (
    campaign_id BIGINT NOT NULL,
    person_id   BIGINT NOT NULL,
    panel_id    BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX panel_visit_of ON panel_visit (panel_id, campaign_id);
