-- Mails to be sent, and for a while what became of them. The words are dropped once a mail is sent:
-- they hold sign-in links.
CREATE TABLE mail (
    mail_id         BIGINT NOT NULL PRIMARY KEY,
    mail_state      TEXT NOT NULL,          -- 'waiting', 'sent', 'failed'
    recipient       TEXT NOT NULL,
    recipient_key   TEXT NOT NULL,          -- lower case: one person's mails, however typed
    mail_subject    TEXT NOT NULL,
    mail_text       TEXT NOT NULL,
    unsubscribe_url TEXT NOT NULL,          -- or ''
    tries           BIGINT NOT NULL,
    next_try_at     BIGINT NOT NULL,        -- 0: never again
    finished_at     BIGINT NOT NULL,        -- when it was sent or given up
    last_answer     TEXT NOT NULL,          -- of the mail server, or why there was none
    created_at      BIGINT NOT NULL
);
CREATE INDEX mail_due ON mail (mail_state, next_try_at);
CREATE INDEX mail_by_state ON mail (mail_state, mail_id);
CREATE INDEX mail_by_recipient ON mail (recipient_key);

-- Who runs which job. One server holds the lease of a job at a time; `fence` rises with every lease,
-- so that one whose lease ran out is known by its old number.
CREATE TABLE job (
    job_name       TEXT NOT NULL PRIMARY KEY,
    holder         TEXT NOT NULL,           -- host and process, or '' when nobody runs it
    lease_until_at BIGINT NOT NULL,         -- 0 when nobody runs it
    fence          BIGINT NOT NULL,
    next_run_at    BIGINT NOT NULL,
    last_run_at    BIGINT NOT NULL,
    last_error     TEXT NOT NULL            -- of the last run, '' when it went well
);

-- Answers kept under the key a client chose, written in the transaction of the command they answer:
-- the same key from the same person acts once, however often it arrives.
CREATE TABLE idempotency (
    campaign_id     BIGINT NOT NULL,        -- 0: of no campaign
    person_id       BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash    TEXT NOT NULL,          -- SHA-256 over route, path and body, hex
    answer_status   BIGINT NOT NULL,
    answer_location TEXT NOT NULL,
    answer_notice   TEXT NOT NULL,
    answer_body     TEXT NOT NULL,          -- JSON; '' for a page
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, idempotency_key)
)
/*sqlite WITHOUT ROWID */;

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

-- The public account of a campaign: append-only, each entry hashed with the one before it.
CREATE TABLE record_entry (
    campaign_id   BIGINT NOT NULL,
    seq           BIGINT NOT NULL,          -- 1, 2, …
    happened_at   BIGINT NOT NULL,
    actor         TEXT NOT NULL,            -- a role, never a name
    action        TEXT NOT NULL,
    subject       TEXT NOT NULL,            -- the id of what it is about, as text, or ''
    rule          TEXT NOT NULL,            -- the rule applied, or ''
    reason        TEXT NOT NULL,
    details       TEXT NOT NULL,            -- a JSON object, canonical
    commitment    TEXT NOT NULL,            -- hex SHA-256 of salt and words, or ''
    previous_hash TEXT NOT NULL,
    entry_hash    TEXT NOT NULL,
    PRIMARY KEY (campaign_id, seq)
);

CREATE TABLE record_head (
    campaign_id BIGINT NOT NULL PRIMARY KEY,
    seq         BIGINT NOT NULL,
    entry_hash  TEXT NOT NULL
);

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

-- Money that a campaign pays out: one currency for each campaign, chosen once. A campaign without a row here has
-- nothing to do with money.
CREATE TABLE ledger (
    campaign_id BIGINT NOT NULL PRIMARY KEY,
    currency    TEXT NOT NULL CHECK (length(currency) = 3), -- ISO 4217
    created_at  BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- What moved money, and why. Entries and their transfers are added and never changed; a mistake is answered by an
-- entry that reverses it, once.
CREATE TABLE ledger_entry (
    campaign_id     BIGINT NOT NULL,
    ledger_entry_id BIGINT NOT NULL,
    entry_kind      TEXT NOT NULL,          -- 'deposit', 'hold', 'release', 'earn', 'pay', 'reverse' …
    concerns        BIGINT NOT NULL,        -- id of an answer, an item, a payout …; 0: nothing
    actor           TEXT NOT NULL,          -- a role
    person_id       BIGINT NOT NULL,        -- who did it; 0: the clock
    entry_reason    TEXT NOT NULL,
    reverses_id     BIGINT NOT NULL, -- is ledger_entry_id
    made_at         BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, ledger_entry_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX ledger_entry_about ON ledger_entry (campaign_id, concerns, ledger_entry_id);
CREATE UNIQUE INDEX ledger_entry_reversed_once ON ledger_entry (campaign_id, reverses_id) WHERE reverses_id > 0;
CREATE UNIQUE INDEX ledger_entry_paid_once ON ledger_entry (campaign_id, concerns) WHERE entry_kind = 'pay';

-- Each row takes from one account what it gives to another, so the sum over all accounts is 0 whatever happens. It does
-- not refer to its entry by a foreign key: PostgreSQL would read the entry to check it, and entries made at the same
-- moment stand on one page, so every two of them would conflict (docs/decisions/0020).
CREATE TABLE ledger_transfer (
    campaign_id     BIGINT NOT NULL,
    ledger_entry_id BIGINT NOT NULL,
    line            BIGINT NOT NULL,        -- 0, 1, …
    from_account    TEXT NOT NULL,
    from_person     BIGINT NOT NULL, -- is person_id
    to_account      TEXT NOT NULL,
    to_person       BIGINT NOT NULL, -- is person_id
    amount          BIGINT NOT NULL CHECK (amount > 0 AND amount <= 1000000000000000), -- minor units
    PRIMARY KEY (campaign_id, ledger_entry_id, line),
    CHECK (from_account <> to_account OR from_person <> to_person)
) /*sqlite WITHOUT ROWID */;

-- What is in each account: derived from the transfers, and kept because it decides what may be done. An account that
-- many use at once is spread over slots; its balance is their sum. Only what is outside may owe.
CREATE TABLE ledger_balance (
    campaign_id BIGINT NOT NULL,
    account     TEXT NOT NULL,              -- 'outside', 'budget', 'held', 'earned', 'payout', 'paid', 'fees'
    person_id   BIGINT NOT NULL,            -- 0 for the accounts of the campaign itself
    slot        BIGINT NOT NULL,
    balance     BIGINT NOT NULL CHECK (balance >= 0 OR account = 'outside'),
    PRIMARY KEY (campaign_id, account, person_id, slot)
) /*sqlite WITHOUT ROWID *//*postgres WITH (fillfactor = 50) */;
CREATE INDEX ledger_balance_of_person ON ledger_balance (person_id, campaign_id) WHERE person_id > 0;

-- Where a person wants to be paid; one for all campaigns.
CREATE TABLE payout_details (
    person_id  BIGINT NOT NULL PRIMARY KEY,
    holder     TEXT NOT NULL,               -- the name the bank knows
    iban       TEXT NOT NULL,               -- without spaces, upper case
    bic        TEXT NOT NULL,               -- or ''
    changed_at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- What a person asked to be paid of what was earned in a campaign. The money stands in the person's account `payout`
-- from the request until it is paid, and goes back to `earned` when it is withdrawn, declined or returned.
CREATE TABLE payout (
    campaign_id     BIGINT NOT NULL,
    payout_id       BIGINT NOT NULL,
    person_id       BIGINT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount > 0),
    payout_state    TEXT NOT NULL,          -- 'requested', 'batched', 'paid', 'returned', 'declined', 'withdrawn'
    payout_batch_id BIGINT NOT NULL,        -- 0: in none
    payout_reason   TEXT NOT NULL,          -- why it was returned or declined
    requested_at    BIGINT NOT NULL,
    settled_at      BIGINT NOT NULL,        -- when it was paid, returned …; 0: not yet
    PRIMARY KEY (campaign_id, payout_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX payout_of_person ON payout (person_id, payout_id);
CREATE INDEX payout_by_state ON payout (campaign_id, payout_state, payout_id);
CREATE INDEX payout_in_batch ON payout (payout_batch_id, person_id) WHERE payout_batch_id > 0;

-- What an organisation pays its people from.
CREATE TABLE payer (
    organisation_id BIGINT NOT NULL PRIMARY KEY,
    holder          TEXT NOT NULL,
    iban            TEXT NOT NULL,
    bic             TEXT NOT NULL,
    changed_at      BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- Payouts of one currency that an organisation pays together, one line for each person.
CREATE TABLE payout_batch (
    organisation_id BIGINT NOT NULL,
    payout_batch_id BIGINT NOT NULL,
    currency        TEXT NOT NULL,
    batch_state     TEXT NOT NULL,          -- 'made', 'approved', 'paid', 'dissolved'
    holder          TEXT NOT NULL,          -- the payer, as it was when the batch was made
    iban            TEXT NOT NULL,
    bic             TEXT NOT NULL,
    made_by         BIGINT NOT NULL, -- is person_id
    made_at         BIGINT NOT NULL,
    paid_by         BIGINT NOT NULL, -- is person_id
    paid_at         BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, payout_batch_id)
) /*sqlite WITHOUT ROWID */;

-- What two people agree to is what is paid: name and account are those of the moment the batch was made.
CREATE TABLE payout_line (
    organisation_id BIGINT NOT NULL,
    payout_batch_id BIGINT NOT NULL,
    person_id       BIGINT NOT NULL,
    holder          TEXT NOT NULL,
    iban            TEXT NOT NULL,
    bic             TEXT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount > 0),
    line_state      TEXT NOT NULL,          -- 'waiting', 'paid', 'returned'
    PRIMARY KEY (organisation_id, payout_batch_id, person_id)
) /*sqlite WITHOUT ROWID */;

CREATE TABLE payout_approval (
    organisation_id BIGINT NOT NULL,
    payout_batch_id BIGINT NOT NULL,
    person_id       BIGINT NOT NULL,
    approved_at     BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, payout_batch_id, person_id)
) /*sqlite WITHOUT ROWID */;

-- Whatever a campaign's people vote on and talk about: an idea, later an entry or an offer.
-- State, author and category are facts; the numbers are a tally, rebuilt from votes, opinions and comments.
CREATE TABLE subject (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    author_id     BIGINT NOT NULL, -- is person_id
    category_id   BIGINT NOT NULL,          -- 0: none
    subject_state TEXT NOT NULL,            -- 'shown', 'hidden', 'withdrawn', 'erased'
    hidden_rule   TEXT NOT NULL,
    hidden_reason TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    up            BIGINT NOT NULL,
    down          BIGINT NOT NULL,
    comment_count BIGINT NOT NULL,
    opinion_count BIGINT NOT NULL,
    top_score     DOUBLE PRECISION NOT NULL, -- Wilson lower bound
    hot_score     DOUBLE PRECISION NOT NULL, -- votes on a logarithmic scale, plus recency
    PRIMARY KEY (campaign_id, subject_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX subject_by_top ON subject (campaign_id, subject_state, top_score, subject_id);
CREATE INDEX subject_by_hot ON subject (campaign_id, subject_state, hot_score, subject_id);
CREATE INDEX subject_by_talk ON subject (campaign_id, subject_state, comment_count, subject_id);
CREATE INDEX subject_by_opinions ON subject (campaign_id, subject_state, opinion_count, subject_id);
CREATE INDEX subject_by_time ON subject (campaign_id, subject_state, subject_id);
CREATE INDEX subject_by_category
    ON subject (campaign_id, subject_state, category_id, top_score, subject_id)
 WHERE category_id <> 0; -- a vote moves an entry of each index with a score
CREATE INDEX subject_by_author ON subject (author_id, campaign_id, subject_id);

-- What is needed to find the subjects that say nearly the same. Derived from their words, by a job.
CREATE TABLE likeness (
    campaign_id BIGINT NOT NULL,
    subject_id  BIGINT NOT NULL,
    revision    BIGINT NOT NULL,            -- the head's, when this row was written
    is_offered  INTEGER NOT NULL,           -- bool: shown, so to be found; else the rest is empty
    method      BIGINT NOT NULL,            -- 0: by words alone; 1: our sentence encoder; above: an appointed one
    language    TEXT NOT NULL,              -- ISO 639
    sentence    BYTEA NOT NULL,             -- what that makes of it; empty: nothing, so by words alone
    PRIMARY KEY (campaign_id, subject_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX likeness_by_revision ON likeness (campaign_id, revision, subject_id);
CREATE INDEX likeness_by_method ON likeness (language, method, campaign_id, subject_id);

-- How often the likenesses of a campaign were written to: whoever knows it knows what came since.
CREATE TABLE likeness_head (
    campaign_id BIGINT NOT NULL PRIMARY KEY,
    revision    BIGINT NOT NULL,
    language    TEXT NOT NULL,              -- what question and brief are in; a hint for short texts
    method      BIGINT NOT NULL,            -- whose sentences are compared: 0: our encoder's; above 1: an appointed one's
    complete    BIGINT NOT NULL             -- up to this revision the appointed one has read all
);

-- Subjects to be looked at by the job; subject 0 is the whole campaign.
CREATE TABLE likeness_due (
    campaign_id BIGINT NOT NULL,
    subject_id  BIGINT NOT NULL,
    mark        BIGINT NOT NULL,            -- differs with each wish, so that one in between is not lost
    PRIMARY KEY (campaign_id, subject_id)
);

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

CREATE TABLE comment (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    comment_id    BIGINT NOT NULL,
    parent_id     BIGINT NOT NULL, -- is comment_id
    thread_key    TEXT NOT NULL,            -- ids from the root down: sorts a discussion into threads
    depth         BIGINT NOT NULL,
    author_id     BIGINT NOT NULL, -- is person_id
    text          TEXT NOT NULL,            -- Markdown; '' when erased
    salt          BYTEA NOT NULL,
    comment_state TEXT NOT NULL,            -- 'shown', 'hidden', 'withdrawn', 'erased'
    hidden_rule   TEXT NOT NULL,
    hidden_reason TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, subject_id, comment_id)
);
CREATE INDEX comment_by_thread ON comment (campaign_id, subject_id, thread_key);
CREATE INDEX comment_by_author ON comment (author_id, campaign_id);

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

-- What the team decided about contributions and comments, act by act: facts, only ever added to. What was known of
-- the words at that moment stands beside it, for a model to learn from: once something is hidden, it is compared
-- with nothing any more.
CREATE TABLE moderation (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    comment_id    BIGINT NOT NULL,          -- 0: the contribution itself
    moderation_id BIGINT NOT NULL,
    verdict       TEXT NOT NULL,            -- 'fine', 'hidden', 'shown' (again)
    version       BIGINT NOT NULL,          -- of the words that were looked at
    person_id     BIGINT NOT NULL,
    decided_at    BIGINT NOT NULL,
    nearest_score DOUBLE PRECISION NOT NULL, -- with an earlier contribution; 0: none was near
    copy_count    BIGINT NOT NULL,          -- others of the same author that say nearly the same
    method        BIGINT NOT NULL,          -- of the sentence encoder
    sentence      BYTEA NOT NULL,           -- what it made of the words, as in `likeness`; or empty
    PRIMARY KEY (campaign_id, subject_id, comment_id, moderation_id)
);
CREATE INDEX moderation_by_time ON moderation (campaign_id, moderation_id);

-- Shown contributions and comments whose present words nobody of the team has decided about. Derived from the
-- table above and from what is shown.
CREATE TABLE moderation_waiting (
    campaign_id   BIGINT NOT NULL,
    subject_id    BIGINT NOT NULL,
    comment_id    BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    came_at       BIGINT NOT NULL,
    is_looked_up  INTEGER NOT NULL,         -- bool: the job has looked for what is alike
    nearest_id    BIGINT NOT NULL, -- is subject_id
    nearest_score DOUBLE PRECISION NOT NULL,
    copy_count    BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, subject_id, comment_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX moderation_waiting_by_time ON moderation_waiting (campaign_id, came_at, subject_id, comment_id);
CREATE INDEX moderation_waiting_new ON moderation_waiting (campaign_id) WHERE is_looked_up = 0;

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

-- The words of an idea. Its state and numbers stand in `subject` under the same id.
CREATE TABLE idea (
    campaign_id  BIGINT NOT NULL,
    idea_id      BIGINT NOT NULL,
    author_label TEXT NOT NULL,             -- shown instead of a person's name (imported ideas), or ''
    title        TEXT NOT NULL,
    summary      TEXT NOT NULL,             -- the text's beginning without Markdown, for lists; derived
    version      BIGINT NOT NULL,           -- 1, 2, … of the words
    edited_at    BIGINT NOT NULL,
    text         TEXT NOT NULL,             -- Markdown; last, because lists do not read so far
    PRIMARY KEY (campaign_id, idea_id)
) /*sqlite WITHOUT ROWID */;

-- Every version of the words, with the salt of its commitment in the record.
CREATE TABLE idea_version (
    campaign_id BIGINT NOT NULL,
    idea_id     BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    title       TEXT NOT NULL,
    text        TEXT NOT NULL,
    salt        BYTEA NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, idea_id, version)
);

-- The search index, derived from `idea`. Short beginnings have lists of their own, for while a word is
-- being typed they would be put together from thousands of words.
/*sqlite
CREATE VIRTUAL TABLE idea_words USING fts5(
    scope, title, text, prefix = '1 2 3', tokenize='unicode61 remove_diacritics 2');
*/
/*postgres
CREATE TABLE idea_words (
    campaign_id BIGINT NOT NULL,
    idea_id     BIGINT NOT NULL,
    words       tsvector NOT NULL,
    PRIMARY KEY (campaign_id, idea_id)
);
CREATE INDEX idea_words_by_word ON idea_words USING gin (words);
*/

-- What became of an imported file, row by row.
CREATE TABLE idea_import (
    campaign_id    BIGINT NOT NULL,
    idea_import_id BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    accepted       BIGINT NOT NULL,
    refused        BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, idea_import_id)
);

CREATE TABLE idea_import_row (
    campaign_id    BIGINT NOT NULL,
    idea_import_id BIGINT NOT NULL,
    line           BIGINT NOT NULL,
    reason         TEXT NOT NULL,           -- '' when accepted
    title          TEXT NOT NULL,
    PRIMARY KEY (campaign_id, idea_import_id, line)
);

-- What a campaign of tasks asks, demands and pays. A row is there once the work was described; the price may rise, the
-- rest stays as it is when the campaign has opened.
CREATE TABLE task_rules (
    campaign_id    BIGINT NOT NULL PRIMARY KEY,
    task_template  TEXT NOT NULL,           -- 'choose', 'describe', 'write', 'rate', 'transcribe', 'box', 'form'
    ask            TEXT NOT NULL,           -- one line above each item
    instructions   TEXT NOT NULL,           -- Markdown
    choices        TEXT NOT NULL,           -- one a line; for 'choose'
    form           TEXT NOT NULL,           -- for 'form': see task_form.h
    scale          BIGINT NOT NULL,         -- for 'rate': from 1 to this
    scale_low      TEXT NOT NULL,           -- what 1 means
    scale_high     TEXT NOT NULL,
    price          BIGINT NOT NULL,         -- of an answer, in minor units of the campaign's currency
    answers_least  BIGINT NOT NULL,
    answers_most   BIGINT NOT NULL,         -- as answers_least: a fixed number
    certainty      BIGINT NOT NULL,         -- an item is settled from this many hundredths of a percent on
    lease_seconds  BIGINT NOT NULL,
    accept_seconds BIGINT NOT NULL,         -- an answer nobody rejects is accepted after so long
    reject_percent BIGINT NOT NULL,         -- at most so many of the answers may be rejected
    control_every  BIGINT NOT NULL,         -- one in so many is a control whose answer is known; 0: none
    quality_least  BIGINT NOT NULL,         -- in percent: who is surely below is asked no more
    judges         INTEGER NOT NULL, -- bool: of texts somebody else picks the best where the writers leave doubt
    changed_at     BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- One thing to be worked on. What people may be given it is `takes`: whether fewer have it or answered it than wanted.
CREATE TABLE task_item (
    campaign_id  BIGINT NOT NULL,
    task_item_id BIGINT NOT NULL,
    item_key     TEXT NOT NULL,             -- the owner's own name for it, or its number in the file
    shown        TEXT NOT NULL,             -- what is shown, as text
    item_data    TEXT NOT NULL,             -- the row it came from, as a JSON object
    picture_blob TEXT NOT NULL,
    is_control   INTEGER NOT NULL, -- bool: its answer is known
    known_answer TEXT NOT NULL,
    known_why    TEXT NOT NULL,             -- shown to who answered otherwise
    item_state   TEXT NOT NULL,             -- 'open', 'settled', 'undecided', 'broken'
    wanted       BIGINT NOT NULL,           -- answers, each of them paid for
    given        BIGINT NOT NULL,
    out_count    BIGINT NOT NULL,           -- people who have it now
    takes        INTEGER NOT NULL, -- bool: item_state is 'open' and given + out_count < wanted
    bucket       BIGINT NOT NULL,           -- 0 … 15 by chance, so that people are not given the same at once
    judging      INTEGER NOT NULL, -- bool: who is given it now picks the best of its texts
    need         BIGINT NOT NULL,           -- the more, the sooner it is given out; 0 … 1,000,000
    judged       BIGINT NOT NULL,           -- answers that the engine has weighed; another number than given: to be done
    reports      BIGINT NOT NULL,           -- people who said that it is broken
    answer       TEXT NOT NULL,             -- the best one so far
    caption      TEXT NOT NULL,
    confidence   DOUBLE PRECISION NOT NULL,
    settled_at   BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, task_item_id)
) /*sqlite WITHOUT ROWID *//*postgres WITH (fillfactor = 80) */;
CREATE INDEX task_item_to_give ON task_item (campaign_id, is_control, bucket, need DESC, task_item_id) WHERE takes = 1;
CREATE INDEX task_item_by_state ON task_item (campaign_id, item_state, is_control, task_item_id);
CREATE INDEX task_item_to_judge ON task_item (campaign_id, task_item_id) WHERE given <> judged;
CREATE UNIQUE INDEX task_item_by_key ON task_item (campaign_id, item_key);

-- How many items there are and how they stand, by bucket: what would else be counted at each view. Derived.
CREATE TABLE task_count (
    campaign_id BIGINT NOT NULL,
    bucket      BIGINT NOT NULL,
    items       BIGINT NOT NULL,            -- to be worked on; without controls, as what follows
    settled     BIGINT NOT NULL,
    undecided   BIGINT NOT NULL,
    broken      BIGINT NOT NULL,
    controls    BIGINT NOT NULL,
    pictures    BIGINT NOT NULL,            -- items and controls that are pictures
    PRIMARY KEY (campaign_id, bucket)
) /*sqlite WITHOUT ROWID *//*postgres WITH (fillfactor = 50) */;

-- A long list of items that was checked and is being brought in, some thousand in a transaction (task_intake.c). The row
-- goes when all are there.
CREATE TABLE task_intake (
    campaign_id    BIGINT NOT NULL,
    task_intake_id BIGINT NOT NULL,
    list_blob      TEXT NOT NULL,
    read_bytes     BIGINT NOT NULL,         -- of the list, by now
    rows_all       BIGINT NOT NULL,         -- of the file that was sent,
    rows_in        BIGINT NOT NULL,         --   and those taken in by now
    work_left      BIGINT NOT NULL,         -- items to be worked on that are still to come, and paid for like those here
    PRIMARY KEY (campaign_id, task_intake_id)
) /*sqlite WITHOUT ROWID */;

-- One person and one item: given out, then answered, then judged. The primary key is what keeps anybody from having
-- an item twice. `fence` rises whenever the item is given to the person again; an answer must carry it.
CREATE TABLE task_answer (
    campaign_id    BIGINT NOT NULL,
    task_item_id   BIGINT NOT NULL,
    person_id      BIGINT NOT NULL,
    task_answer_id BIGINT NOT NULL,
    fence          BIGINT NOT NULL,
    answer_state   TEXT NOT NULL,           -- see task.h
    price          BIGINT NOT NULL,         -- as it was when the item was given out
    answer         TEXT NOT NULL,
    caption        TEXT NOT NULL,
    taken_at       BIGINT NOT NULL,
    until_at       BIGINT NOT NULL,         -- then it goes back
    given_at       BIGINT NOT NULL,
    accept_at      BIGINT NOT NULL,
    skip_reason    TEXT NOT NULL,
    reject_rule    TEXT NOT NULL,
    reject_reason  TEXT NOT NULL,
    judged_by      BIGINT NOT NULL, -- is person_id
    appeal         TEXT NOT NULL,
    appeal_answer  TEXT NOT NULL,
    is_control     INTEGER NOT NULL, -- bool
    is_judgement   INTEGER NOT NULL, -- bool: it picks one of the texts others wrote, or none of them
    pick           BIGINT NOT NULL, -- is task_answer_id: the text a judgement picked; 0: none; -1: one that was erased
    PRIMARY KEY (campaign_id, task_item_id, person_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX task_answer_by_id ON task_answer (campaign_id, task_answer_id);
CREATE INDEX task_answer_of_person ON task_answer (campaign_id, person_id, answer_state, task_answer_id);
CREATE INDEX task_answer_out ON task_answer (campaign_id, until_at) WHERE answer_state = 'out';
CREATE INDEX task_answer_to_accept ON task_answer (campaign_id, accept_at) WHERE answer_state = 'given';
CREATE INDEX task_answer_appealed ON task_answer (campaign_id, task_answer_id) WHERE answer_state = 'appealed';

-- How somebody works in a campaign: counts that follow from the answers, and whether they may go on.
CREATE TABLE task_worker (
    campaign_id    BIGINT NOT NULL,
    person_id      BIGINT NOT NULL,
    worker_state   TEXT NOT NULL,           -- 'working', 'stopped'
    state_reason   TEXT NOT NULL,
    given          BIGINT NOT NULL,         -- answers,
    accepted       BIGINT NOT NULL,         --   of which so many were accepted,
    rejected       BIGINT NOT NULL,         --   and so many rejected and not paid after all
    controls       BIGINT NOT NULL,
    controls_right BIGINT NOT NULL,
    worked_us      BIGINT NOT NULL,
    quality        DOUBLE PRECISION NOT NULL, -- expected share of right answers; -1: not known
    quality_low    DOUBLE PRECISION NOT NULL,
    quality_high   DOUBLE PRECISION NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id)
) /*sqlite WITHOUT ROWID *//*postgres WITH (fillfactor = 50) */;
CREATE INDEX task_worker_of_person ON task_worker (person_id, campaign_id);

-- Items to practise on: their answers are known, and what is answered to them counts for nothing.
CREATE TABLE task_practice (
    campaign_id      BIGINT NOT NULL,
    task_practice_id BIGINT NOT NULL,
    item_key         TEXT NOT NULL,
    shown            TEXT NOT NULL,
    item_data        TEXT NOT NULL,         -- the row it came from, as a JSON object
    picture_blob     TEXT NOT NULL,
    known_answer     TEXT NOT NULL,
    known_why        TEXT NOT NULL,
    PRIMARY KEY (campaign_id, task_practice_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX task_practice_by_key ON task_practice (campaign_id, item_key);

-- One try of one person at one of them. The time that a first one took says how long the work takes.
CREATE TABLE task_try (
    campaign_id      BIGINT NOT NULL,
    person_id        BIGINT NOT NULL,
    task_try_id      BIGINT NOT NULL,
    task_practice_id BIGINT NOT NULL,
    is_first         INTEGER NOT NULL, -- bool: the person had not had this one before
    answer           TEXT NOT NULL,
    is_right         INTEGER NOT NULL, -- bool
    shown_at         BIGINT NOT NULL,
    answered_at      BIGINT NOT NULL,       -- 0: not yet
    took_us          BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, task_try_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_try_by_time ON task_try (campaign_id, took_us) WHERE is_first = 1 AND answered_at > 0;

-- What an organisation asks of its own campaigns of tasks.
CREATE TABLE task_house (
    organisation_id BIGINT NOT NULL PRIMARY KEY,
    floor_minor     BIGINT NOT NULL,        -- an hour should bring so much; 0: no floor
    floor_currency  TEXT NOT NULL,
    changed_at      BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- What is asked of people before they may work; no row: nothing.
CREATE TABLE task_admission (
    campaign_id  BIGINT NOT NULL PRIMARY KEY,
    test_items   BIGINT NOT NULL,           -- controls to be answered first, unpaid; 0: no test
    test_percent BIGINT NOT NULL,           -- of them right
    test_tries   BIGINT NOT NULL,
    languages    TEXT NOT NULL,             -- any of these (people/languages.h); '': whatever people speak
    skills       TEXT NOT NULL,             -- any of these: ids of task_skill, a space between two; '': none is asked
    gives_skill  BIGINT NOT NULL, -- is task_skill_id
                                            -- what passing the test earns; 0: nothing
    changed_at   BIGINT NOT NULL
) /*sqlite WITHOUT ROWID */;

-- One try of one person at the test.
CREATE TABLE task_test (
    campaign_id  BIGINT NOT NULL,
    person_id    BIGINT NOT NULL,
    test_try     BIGINT NOT NULL,           -- 1, 2, …
    test_state   TEXT NOT NULL,             -- 'running', 'passed', 'failed'
    test_percent BIGINT NOT NULL,           -- as it was when the try began
    asked        BIGINT NOT NULL,
    asked_right  BIGINT NOT NULL,           -- once it is over
    begun_at     BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, person_id, test_try)
) /*sqlite WITHOUT ROWID */;

-- The controls that were drawn for it. Each has a row in task_answer, too, in the state 'tested': so it is never given
-- to the same person as work.
CREATE TABLE task_test_answer (
    campaign_id  BIGINT NOT NULL,
    person_id    BIGINT NOT NULL,
    task_item_id BIGINT NOT NULL,
    test_try     BIGINT NOT NULL,
    place        BIGINT NOT NULL,
    answer       TEXT NOT NULL,
    is_right     INTEGER NOT NULL, -- bool
    answered_at  BIGINT NOT NULL,           -- 0: not yet
    PRIMARY KEY (campaign_id, person_id, task_item_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_test_answer_of_item ON task_test_answer (campaign_id, task_item_id);

-- Known answers that were wrong: what stood there before, and why it was changed. Item 0: answers were erased, and what
-- was learnt from them is to be forgotten, too.
CREATE TABLE task_correction (
    campaign_id  BIGINT NOT NULL,
    task_item_id BIGINT NOT NULL,
    corrected_at BIGINT NOT NULL,
    known_before TEXT NOT NULL,
    reason       TEXT NOT NULL,
    corrected_by BIGINT NOT NULL, -- is person_id
    PRIMARY KEY (campaign_id, task_item_id, corrected_at)
) /*sqlite WITHOUT ROWID */;

-- Rejections that their workers have not been written of yet. They are collected, whatever their campaign, so that
-- nobody gets more than one such mail a day.
CREATE TABLE task_news (
    person_id      BIGINT NOT NULL,
    campaign_id    BIGINT NOT NULL,
    task_answer_id BIGINT NOT NULL,
    PRIMARY KEY (person_id, campaign_id, task_answer_id)
) /*sqlite WITHOUT ROWID */;
CREATE TABLE task_letter (
    person_id BIGINT NOT NULL PRIMARY KEY,
    due_at    BIGINT NOT NULL,              -- 0: nothing is waiting
    sent_at   BIGINT NOT NULL               -- of the last one; 0: none yet
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_letter_due ON task_letter (due_at) WHERE due_at > 0;

-- What an organisation calls the skills of its people, and who has them: given by its team, or earned by a test.
CREATE TABLE task_skill (
    organisation_id BIGINT NOT NULL,
    task_skill_id   BIGINT NOT NULL,
    name            TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, task_skill_id)
) /*sqlite WITHOUT ROWID */;
CREATE UNIQUE INDEX task_skill_by_name ON task_skill (organisation_id, name);

CREATE TABLE task_skill_held (
    organisation_id BIGINT NOT NULL,
    task_skill_id   BIGINT NOT NULL,
    person_id       BIGINT NOT NULL,
    campaign_id     BIGINT NOT NULL,        -- whose test it was earned in; 0: given by the team
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, task_skill_id, person_id)
) /*sqlite WITHOUT ROWID */;
CREATE INDEX task_skill_of_person ON task_skill_held (person_id, organisation_id);

