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

-- --- Proof ---------------------------------------------------------------------------------------

-- query: ledger_campaigns many
SELECT campaign_id, currency FROM ledger WHERE campaign_id > :campaign_id ORDER BY campaign_id LIMIT 500;

-- query: ledger_size one
SELECT (SELECT count(*) FROM ledger_entry e WHERE e.campaign_id = :campaign_id) AS entry_count,
       (SELECT count(*) FROM ledger_transfer t WHERE t.campaign_id = :campaign_id) AS transfer_count,
       (SELECT coalesce(sum(b.balance), 0) FROM ledger_balance b WHERE b.campaign_id = :campaign_id) AS total;
-- types: entry_count int, transfer_count int, total int

-- query: ledger_wrong many
-- Accounts whose kept balance is not what the transfers say.
SELECT account, person_id, sum(kept) AS kept, sum(truth) AS truth
  FROM (SELECT b.account, b.person_id, b.balance AS kept, 0 AS truth FROM ledger_balance b
         WHERE b.campaign_id = :campaign_id
        UNION ALL SELECT f.from_account, f.from_person, 0, -f.amount FROM ledger_transfer f
         WHERE f.campaign_id = :campaign_id
        UNION ALL SELECT t.to_account, t.to_person, 0, t.amount FROM ledger_transfer t
         WHERE t.campaign_id = :campaign_id) AS told
 GROUP BY account, person_id HAVING sum(kept) <> sum(truth) ORDER BY account, person_id LIMIT 500;
-- types: kept int, truth int

-- query: ledger_owing many
-- Accounts that the transfers leave below nothing.
SELECT account, person_id, sum(truth) AS truth
  FROM (SELECT f.from_account AS account, f.from_person AS person_id, -f.amount AS truth FROM ledger_transfer f
         WHERE f.campaign_id = :campaign_id
        UNION ALL SELECT t.to_account, t.to_person, t.amount FROM ledger_transfer t
         WHERE t.campaign_id = :campaign_id) AS told
 WHERE account <> 'outside'
 GROUP BY account, person_id HAVING sum(truth) < 0 ORDER BY account, person_id LIMIT 500;
-- types: truth int

-- query: ledger_negative_slots many
SELECT account, person_id, slot, balance FROM ledger_balance
 WHERE campaign_id = :campaign_id AND balance < 0 AND account <> 'outside'
 ORDER BY account, person_id, slot LIMIT 500;

-- query: ledger_empty_entries many
SELECT e.ledger_entry_id FROM ledger_entry e
 WHERE e.campaign_id = :campaign_id
   AND NOT EXISTS (SELECT 1 FROM ledger_transfer t WHERE t.campaign_id = :campaign_id
                      AND t.ledger_entry_id = e.ledger_entry_id)
 ORDER BY e.ledger_entry_id LIMIT 500;

-- query: ledger_lost_transfers many
SELECT DISTINCT t.ledger_entry_id FROM ledger_transfer t
 WHERE t.campaign_id = :campaign_id
   AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.campaign_id = :campaign_id
                      AND e.ledger_entry_id = t.ledger_entry_id)
 ORDER BY t.ledger_entry_id LIMIT 500;

-- query: ledger_wrong_reversals many
-- Reversals that are not the opposite of what they reverse.
SELECT DISTINCT ledger_entry_id
  FROM (SELECT e.ledger_entry_id, t.from_account, t.from_person, t.to_account, t.to_person, t.amount
          FROM ledger_entry e JOIN ledger_transfer t ON t.campaign_id = e.campaign_id AND t.ledger_entry_id = e.ledger_entry_id
         WHERE e.campaign_id = :campaign_id AND e.reverses_id > 0
        UNION ALL
        SELECT e.ledger_entry_id, t.to_account, t.to_person, t.from_account, t.from_person, -t.amount
          FROM ledger_entry e JOIN ledger_transfer t ON t.campaign_id = e.campaign_id AND t.ledger_entry_id = e.reverses_id
         WHERE e.campaign_id = :campaign_id AND e.reverses_id > 0) AS told
 GROUP BY ledger_entry_id, from_account, from_person, to_account, to_person
HAVING sum(amount) <> 0 ORDER BY ledger_entry_id LIMIT 500;

-- query: ledger_wrong_payouts many
-- Payouts whose money is not where their state says: on its way, paid, or back with the person.
SELECT p.payout_id, p.payout_state, p.amount, coalesce(m.waiting, 0) AS waiting, coalesce(m.paid_out, 0) AS paid_out
  FROM payout p
  LEFT JOIN (SELECT e.concerns,
                    sum(CASE WHEN t.to_account = 'payout' AND t.to_person = q.person_id THEN t.amount
                             WHEN t.from_account = 'payout' AND t.from_person = q.person_id THEN -t.amount ELSE 0 END) AS waiting,
                    sum(CASE WHEN t.to_account = 'paid' AND t.to_person = q.person_id THEN t.amount
                             WHEN t.from_account = 'paid' AND t.from_person = q.person_id THEN -t.amount ELSE 0 END) AS paid_out
               FROM payout q
               JOIN ledger_entry e ON e.campaign_id = q.campaign_id AND e.concerns = q.payout_id
               JOIN ledger_transfer t ON t.campaign_id = e.campaign_id AND t.ledger_entry_id = e.ledger_entry_id
              WHERE q.campaign_id = :campaign_id GROUP BY e.concerns) AS m ON m.concerns = p.payout_id
 WHERE p.campaign_id = :campaign_id
   AND (coalesce(m.waiting, 0) <> CASE WHEN p.payout_state IN ('requested', 'batched') THEN p.amount ELSE 0 END
     OR coalesce(m.paid_out, 0) <> CASE WHEN p.payout_state = 'paid' THEN p.amount ELSE 0 END)
 ORDER BY p.payout_id LIMIT 500;
-- types: waiting int, paid_out int

-- query: ledger_lost_pays many
-- Entries that pay what nobody asked for.
SELECT e.ledger_entry_id FROM ledger_entry e
 WHERE e.campaign_id = :campaign_id AND e.entry_kind = 'pay'
   AND NOT EXISTS (SELECT 1 FROM payout p WHERE p.campaign_id = :campaign_id AND p.payout_id = e.concerns)
 ORDER BY e.ledger_entry_id LIMIT 500;

-- query: payout_wrong_lines many
-- Lines of batches that are not the sum of their payouts.
SELECT l.payout_batch_id, l.person_id, l.amount, coalesce(sum(p.amount), 0) AS truth
  FROM payout_line l
  JOIN payout_batch b ON b.organisation_id = l.organisation_id AND b.payout_batch_id = l.payout_batch_id
  LEFT JOIN payout p ON p.payout_batch_id = l.payout_batch_id AND p.person_id = l.person_id AND p.payout_batch_id > 0
 WHERE b.batch_state <> 'dissolved'
 GROUP BY l.payout_batch_id, l.person_id, l.amount
HAVING l.amount <> coalesce(sum(p.amount), 0) ORDER BY l.payout_batch_id, l.person_id LIMIT 500;
-- types: truth int

-- query: ledger_balance_clear exec
DELETE FROM ledger_balance WHERE campaign_id = :campaign_id AND account = :account AND person_id = :person_id;
