-- query: ledger_insert exec
INSERT INTO ledger (campaign_id, currency, created_at) VALUES (:campaign_id, :currency, :created_at)
ON CONFLICT (campaign_id) DO NOTHING;

-- query: ledger_get one
SELECT currency FROM ledger WHERE campaign_id = :campaign_id;

-- query: ledger_entry_insert exec
-- Nothing is kept when the entry has been reversed already, or the payout paid: the unique keys decide.
INSERT INTO ledger_entry (campaign_id, ledger_entry_id, entry_kind, concerns, actor, person_id, entry_reason, reverses_id, made_at)
VALUES (:campaign_id, :ledger_entry_id, :entry_kind, :concerns, :actor, :person_id, :entry_reason, :reverses_id, :made_at)
ON CONFLICT DO NOTHING;

-- query: ledger_entry_get one
SELECT entry_kind, concerns, reverses_id FROM ledger_entry
 WHERE campaign_id = :campaign_id AND ledger_entry_id = :ledger_entry_id;

-- query: ledger_entry_standing one
-- The newest entry of a kind about something that has not been reversed.
SELECT e.ledger_entry_id FROM ledger_entry e
 WHERE e.campaign_id = :campaign_id AND e.concerns = :concerns AND e.entry_kind = :entry_kind AND e.reverses_id = 0
   AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.campaign_id = :campaign_id
                      AND r.reverses_id = e.ledger_entry_id AND r.reverses_id > 0)
 ORDER BY e.ledger_entry_id DESC LIMIT 1;

-- query: ledger_transfer_insert exec
INSERT INTO ledger_transfer (campaign_id, ledger_entry_id, line, from_account, from_person, to_account, to_person, amount)
VALUES (:campaign_id, :ledger_entry_id, :line, :from_account, :from_person, :to_account, :to_person, :amount);

-- query: ledger_transfers_of many
SELECT from_account, from_person, to_account, to_person, amount FROM ledger_transfer
 WHERE campaign_id = :campaign_id AND ledger_entry_id = :ledger_entry_id ORDER BY line LIMIT 64;

-- query: ledger_balance_add exec
INSERT INTO ledger_balance (campaign_id, account, person_id, slot, balance)
VALUES (:campaign_id, :account, :person_id, :slot, :amount)
ON CONFLICT (campaign_id, account, person_id, slot) DO UPDATE SET balance = ledger_balance.balance + excluded.balance;

-- query: ledger_balance_take exec
-- Takes from one slot; nothing happens when that would leave it below the least it may hold.
UPDATE ledger_balance SET balance = balance - :amount
 WHERE campaign_id = :campaign_id AND account = :account AND person_id = :person_id AND slot = :slot
   AND balance - :amount >= :balance_min;
-- types: balance_min int

-- query: ledger_balance_slots many
SELECT slot, balance FROM ledger_balance
 WHERE campaign_id = :campaign_id AND account = :account AND person_id = :person_id ORDER BY slot LIMIT 16;

-- query: ledger_balance_sum one
SELECT coalesce(sum(balance), 0) AS total FROM ledger_balance
 WHERE campaign_id = :campaign_id AND account = :account AND person_id = :person_id;
-- types: total int

-- query: ledger_balance_totals many
-- All accounts of a campaign, people's taken together.
SELECT account, sum(balance) AS total FROM ledger_balance WHERE campaign_id = :campaign_id
 GROUP BY account ORDER BY account LIMIT 16;
-- types: total int
