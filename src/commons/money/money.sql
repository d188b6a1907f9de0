-- query: ledger_insert exec
INSERT INTO ledger (campaign_id, currency, created_at) VALUES (:campaign_id, :currency, :created_at)
ON CONFLICT (campaign_id) DO NOTHING;

-- query: ledger_get one
SELECT currency FROM ledger WHERE campaign_id = :campaign_id;

-- query: ledger_entry_insert send
INSERT INTO ledger_entry (campaign_id, ledger_entry_id, entry_kind, concerns, actor, person_id, entry_reason, reverses_id, made_at)
VALUES (:campaign_id, :ledger_entry_id, :entry_kind, :concerns, :actor, :person_id, :entry_reason, 0, :made_at);

-- query: ledger_entry_insert_once exec
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

-- query: ledger_transfer_insert send
INSERT INTO ledger_transfer (campaign_id, ledger_entry_id, line, from_account, from_person, to_account, to_person, amount)
VALUES (:campaign_id, :ledger_entry_id, :line, :from_account, :from_person, :to_account, :to_person, :amount);

-- query: ledger_transfers_of many
SELECT from_account, from_person, to_account, to_person, amount FROM ledger_transfer
 WHERE campaign_id = :campaign_id AND ledger_entry_id = :ledger_entry_id ORDER BY line LIMIT 64;

-- query: ledger_balance_add send
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
 WHERE campaign_id = :campaign_id AND account = :account AND person_id = :person_id ORDER BY slot LIMIT 64;

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

-- --- Pages ---------------------------------------------------------------------------------------

-- query: ledger_before many
-- Transfers with their entries, the newest first, below an entry.
SELECT e.ledger_entry_id, e.entry_kind, e.actor, e.entry_reason, e.reverses_id, e.made_at, t.from_account, t.to_account,
       t.amount, coalesce(p.display_name, '') AS actor_name, coalesce(f.display_name, '') AS from_name,
       coalesce(g.display_name, '') AS to_name,
       EXISTS (SELECT 1 FROM ledger_entry r WHERE r.campaign_id = e.campaign_id AND r.reverses_id = e.ledger_entry_id
                  AND r.reverses_id > 0) AS is_reversed
  FROM ledger_entry e
  JOIN ledger_transfer t ON t.campaign_id = e.campaign_id AND t.ledger_entry_id = e.ledger_entry_id
  LEFT JOIN person p ON p.person_id = e.person_id
  LEFT JOIN person f ON f.person_id = t.from_person
  LEFT JOIN person g ON g.person_id = t.to_person
 WHERE e.campaign_id = :campaign_id AND e.ledger_entry_id < :ledger_entry_id
 ORDER BY e.ledger_entry_id DESC, t.line LIMIT :limit;
-- types: actor_name text, from_name text, to_name text, is_reversed bool, limit int

-- query: ledger_export many
-- All transfers in order, after one.
SELECT e.ledger_entry_id, t.line, e.entry_kind, e.concerns, e.actor, e.person_id, e.entry_reason, e.reverses_id, e.made_at,
       t.from_account, t.from_person, t.to_account, t.to_person, t.amount
  FROM ledger_entry e
  JOIN ledger_transfer t ON t.campaign_id = e.campaign_id AND t.ledger_entry_id = e.ledger_entry_id
 WHERE e.campaign_id = :campaign_id AND (e.ledger_entry_id, t.line) > (:ledger_entry_id, :line)
 ORDER BY e.ledger_entry_id, t.line LIMIT 1000;

-- query: ledger_entry_told one
-- What a person is told of an entry that gave them something.
SELECT e.entry_reason, t.amount, l.currency, c.question
  FROM ledger_entry e
  JOIN ledger_transfer t ON t.campaign_id = e.campaign_id AND t.ledger_entry_id = e.ledger_entry_id AND t.line = 0
  JOIN ledger l ON l.campaign_id = e.campaign_id
  JOIN campaign c ON c.campaign_id = e.campaign_id
 WHERE e.campaign_id = :campaign_id AND e.ledger_entry_id = :ledger_entry_id;

-- query: money_person one
SELECT email, person_state FROM person WHERE person_id = :person_id;

-- query: earnings_of_person many
SELECT b.campaign_id, b.account, b.balance FROM ledger_balance b
 WHERE b.person_id = :person_id AND b.person_id > 0
 ORDER BY b.campaign_id DESC, b.account LIMIT 2000;

-- query: earning_place one
-- A campaign in which somebody earns.
SELECT l.currency, c.question, o.name
  FROM ledger l
  JOIN campaign c ON c.campaign_id = l.campaign_id
  JOIN organisation o ON o.organisation_id = c.organisation_id
 WHERE l.campaign_id = :campaign_id;

-- --- Payouts -------------------------------------------------------------------------------------

-- query: payout_details_set exec
INSERT INTO payout_details (person_id, holder, iban, bic, changed_at) VALUES (:person_id, :holder, :iban, :bic, :changed_at)
ON CONFLICT (person_id) DO UPDATE SET holder = excluded.holder, iban = excluded.iban, bic = excluded.bic,
       changed_at = excluded.changed_at;

-- query: payout_details_get one
SELECT holder, iban, bic FROM payout_details WHERE person_id = :person_id;

-- query: payout_details_delete exec
DELETE FROM payout_details WHERE person_id = :person_id;

-- query: payout_lines_forget exec
-- Nobody was ever paid by the lines of a batch that was dissolved.
UPDATE payout_line SET holder = '', iban = '', bic = ''
 WHERE person_id = :person_id
   AND EXISTS (SELECT 1 FROM payout_batch b WHERE b.organisation_id = payout_line.organisation_id
                  AND b.payout_batch_id = payout_line.payout_batch_id AND b.batch_state = 'dissolved');

-- query: payer_set exec
INSERT INTO payer (organisation_id, holder, iban, bic, changed_at) VALUES (:organisation_id, :holder, :iban, :bic, :changed_at)
ON CONFLICT (organisation_id) DO UPDATE SET holder = excluded.holder, iban = excluded.iban, bic = excluded.bic,
       changed_at = excluded.changed_at;

-- query: payer_get one
SELECT holder, iban, bic FROM payer WHERE organisation_id = :organisation_id;

-- query: payout_insert exec
INSERT INTO payout (campaign_id, payout_id, person_id, amount, payout_state, payout_batch_id, payout_reason, requested_at, settled_at)
VALUES (:campaign_id, :payout_id, :person_id, :amount, 'requested', 0, '', :requested_at, 0);

-- query: payout_get one
SELECT person_id, amount, payout_state, payout_batch_id, payout_reason, requested_at FROM payout
 WHERE campaign_id = :campaign_id AND payout_id = :payout_id;

-- query: payout_settle exec
-- Moves a payout on; nothing happens when it is no longer in `from_state`.
UPDATE payout SET payout_state = :payout_state, payout_reason = :payout_reason, settled_at = :settled_at
 WHERE campaign_id = :campaign_id AND payout_id = :payout_id AND payout_state = :from_state;
-- types: from_state text

-- query: payout_put exec
-- Puts a payout into a batch, or (0) takes it out.
UPDATE payout SET payout_state = :payout_state, payout_batch_id = :payout_batch_id
 WHERE campaign_id = :campaign_id AND payout_id = :payout_id AND payout_state = :from_state;
-- types: from_state text

-- query: payouts_of_person many
SELECT p.campaign_id, p.payout_id, p.amount, p.payout_state, p.payout_reason, p.requested_at, p.settled_at, l.currency,
       c.question
  FROM payout p JOIN ledger l ON l.campaign_id = p.campaign_id JOIN campaign c ON c.campaign_id = p.campaign_id
 WHERE p.person_id = :person_id ORDER BY p.payout_id DESC LIMIT 200;

-- query: payouts_requested many
-- What is asked for in an organisation, the oldest first.
SELECT p.campaign_id, p.payout_id, p.person_id, p.amount, p.requested_at, l.currency, c.question, a.display_name,
       EXISTS (SELECT 1 FROM payout_details d WHERE d.person_id = p.person_id) AS has_details
  FROM payout p
  JOIN campaign c ON c.campaign_id = p.campaign_id
  JOIN ledger l ON l.campaign_id = p.campaign_id
  JOIN person a ON a.person_id = p.person_id
 WHERE c.organisation_id = :organisation_id AND p.payout_state = 'requested'
 ORDER BY p.payout_id LIMIT 1000;
-- types: has_details bool

-- query: payouts_to_batch many
-- The same in one currency, with where it goes, person by person.
SELECT p.campaign_id, p.payout_id, p.person_id, p.amount, d.holder, d.iban, d.bic
  FROM payout p
  JOIN campaign c ON c.campaign_id = p.campaign_id
  JOIN ledger l ON l.campaign_id = p.campaign_id
  JOIN payout_details d ON d.person_id = p.person_id
 WHERE c.organisation_id = :organisation_id AND p.payout_state = 'requested' AND l.currency = :currency
 ORDER BY p.person_id, p.payout_id LIMIT 1000;

-- query: payouts_of_batch many
SELECT p.campaign_id, p.payout_id, p.person_id, p.amount, p.payout_state FROM payout p
 WHERE p.payout_batch_id = :payout_batch_id AND p.payout_batch_id > 0
 ORDER BY p.person_id, p.campaign_id, p.payout_id LIMIT 1000;

-- query: payout_batch_insert exec
INSERT INTO payout_batch (organisation_id, payout_batch_id, currency, batch_state, holder, iban, bic, made_by, made_at, paid_by, paid_at)
VALUES (:organisation_id, :payout_batch_id, :currency, 'made', :holder, :iban, :bic, :made_by, :made_at, 0, 0);

-- query: payout_batch_get one
SELECT b.currency, b.batch_state, b.holder, b.iban, b.bic, b.made_at, b.paid_at, coalesce(m.display_name, '') AS made_by_name,
       coalesce(p.display_name, '') AS paid_by_name
  FROM payout_batch b
  LEFT JOIN person m ON m.person_id = b.made_by
  LEFT JOIN person p ON p.person_id = b.paid_by
 WHERE b.organisation_id = :organisation_id AND b.payout_batch_id = :payout_batch_id;
-- types: made_by_name text, paid_by_name text

-- query: payout_batches many
SELECT b.payout_batch_id, b.currency, b.batch_state, b.made_at, coalesce(m.display_name, '') AS made_by_name,
       count(l.person_id) AS line_count, coalesce(sum(l.amount), 0) AS total
  FROM payout_batch b
  LEFT JOIN payout_line l ON l.organisation_id = b.organisation_id AND l.payout_batch_id = b.payout_batch_id
  LEFT JOIN person m ON m.person_id = b.made_by
 WHERE b.organisation_id = :organisation_id
 GROUP BY b.payout_batch_id, b.currency, b.batch_state, b.made_at, m.display_name
 ORDER BY b.payout_batch_id DESC LIMIT 100;
-- types: made_by_name text, line_count int, total int

-- query: payout_batch_move exec
-- Moves a batch on; nothing happens when it is no longer in `from_state`. So what follows happens once.
UPDATE payout_batch SET batch_state = :batch_state, paid_by = :paid_by, paid_at = :paid_at
 WHERE organisation_id = :organisation_id AND payout_batch_id = :payout_batch_id AND batch_state = :from_state;
-- types: from_state text

-- query: payout_line_insert exec
INSERT INTO payout_line (organisation_id, payout_batch_id, person_id, holder, iban, bic, amount, line_state)
VALUES (:organisation_id, :payout_batch_id, :person_id, :holder, :iban, :bic, :amount, 'waiting');

-- query: payout_lines many
SELECT l.person_id, l.holder, l.iban, l.bic, l.amount, l.line_state, coalesce(p.display_name, '') AS person_name
  FROM payout_line l LEFT JOIN person p ON p.person_id = l.person_id
 WHERE l.organisation_id = :organisation_id AND l.payout_batch_id = :payout_batch_id ORDER BY l.person_id LIMIT 1000;
-- types: person_name text

-- query: payout_lines_paid exec
UPDATE payout_line SET line_state = 'paid'
 WHERE organisation_id = :organisation_id AND payout_batch_id = :payout_batch_id AND line_state = 'waiting';

-- query: payout_line_returned exec
UPDATE payout_line SET line_state = 'returned'
 WHERE organisation_id = :organisation_id AND payout_batch_id = :payout_batch_id AND person_id = :person_id
   AND line_state = 'paid';

-- query: payout_line_of one
SELECT line_state FROM payout_line
 WHERE organisation_id = :organisation_id AND payout_batch_id = :payout_batch_id AND person_id = :person_id;

-- query: payout_approval_insert exec
INSERT INTO payout_approval (organisation_id, payout_batch_id, person_id, approved_at)
VALUES (:organisation_id, :payout_batch_id, :person_id, :approved_at)
ON CONFLICT (organisation_id, payout_batch_id, person_id) DO NOTHING;

-- query: payout_approvals many
SELECT a.person_id, a.approved_at, coalesce(p.display_name, '') AS person_name
  FROM payout_approval a LEFT JOIN person p ON p.person_id = a.person_id
 WHERE a.organisation_id = :organisation_id AND a.payout_batch_id = :payout_batch_id
 ORDER BY a.approved_at, a.person_id LIMIT 10;
-- types: person_name text

-- query: payout_told one
-- What a person is told of a payout.
SELECT p.amount, p.payout_reason, l.currency, c.question
  FROM payout p JOIN ledger l ON l.campaign_id = p.campaign_id JOIN campaign c ON c.campaign_id = p.campaign_id
 WHERE p.campaign_id = :campaign_id AND p.payout_id = :payout_id;
