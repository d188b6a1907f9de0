-- Where an organisation wants to hear what happens.
CREATE TABLE webhook_endpoint (
    webhook_endpoint_id BIGINT NOT NULL PRIMARY KEY,
    organisation_id     BIGINT NOT NULL,
    url                 TEXT NOT NULL,
    description         TEXT NOT NULL,
    secret              TEXT NOT NULL,      -- 'whsec_…': what signs is needed as it is, so it is no hash
    old_secret          TEXT NOT NULL,      -- signs as well until old_secret_until_at, or ''
    old_secret_until_at BIGINT NOT NULL,
    kinds               TEXT NOT NULL,      -- of news, one a line; '': all
    is_on               INTEGER NOT NULL, -- bool
    off_reason          TEXT NOT NULL,      -- why the server switched it off, or ''
    failures            BIGINT NOT NULL,    -- in a row
    failing_since_at    BIGINT NOT NULL,    -- 0: the last one went well
    next_at             BIGINT NOT NULL,    -- not asked before: somebody is at it, or it rests after a failure
    created_at          BIGINT NOT NULL
);
CREATE INDEX webhook_endpoint_of ON webhook_endpoint (organisation_id, webhook_endpoint_id);

-- News for one endpoint, written in the transaction that hands on what happened; and what became of it.
CREATE TABLE webhook_delivery (
    campaign_id         BIGINT NOT NULL,    -- 0: of no campaign
    webhook_delivery_id BIGINT NOT NULL,
    webhook_endpoint_id BIGINT NOT NULL,
    news_kind           TEXT NOT NULL,      -- 'idea.hidden'
    news                TEXT NOT NULL,      -- what is sent, as JSON
    delivery_state      TEXT NOT NULL,      -- 'waiting', 'delivered', 'failed'
    tries               BIGINT NOT NULL,
    next_try_at         BIGINT NOT NULL,    -- 0: never again
    tried_at            BIGINT NOT NULL,    -- 0: not yet
    last_status         BIGINT NOT NULL,    -- of the answer; 0: there was none
    last_answer         TEXT NOT NULL,      -- its first bytes, or why there was none
    created_at          BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, webhook_delivery_id)
);
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_endpoint_id, webhook_delivery_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_endpoint_id, next_try_at) WHERE delivery_state = 'waiting';
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at);
