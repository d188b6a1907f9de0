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
