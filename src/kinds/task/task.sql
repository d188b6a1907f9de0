-- query: task_rules_get one
SELECT task_template, ask, instructions, choices, price, answers_least, answers_most, certainty, lease_seconds,
       accept_seconds, reject_percent, control_every, quality_least, judges, form, scale, scale_low, scale_high,
       (SELECT l.currency FROM ledger l WHERE l.campaign_id = task_rules.campaign_id) AS currency
  FROM task_rules WHERE campaign_id = :campaign_id;
-- types: currency text

-- query: task_rules_set exec
INSERT INTO task_rules (campaign_id, task_template, ask, instructions, choices, price, answers_least, answers_most,
                        certainty, lease_seconds, accept_seconds, reject_percent, control_every, quality_least, judges,
                        changed_at, form, scale, scale_low, scale_high)
VALUES (:campaign_id, :task_template, :ask, :instructions, :choices, :price, :answers_least, :answers_most, :certainty,
        :lease_seconds, :accept_seconds, :reject_percent, :control_every, :quality_least, :judges, :changed_at,
        :form, :scale, :scale_low, :scale_high)
ON CONFLICT (campaign_id) DO UPDATE
   SET task_template = excluded.task_template, ask = excluded.ask, instructions = excluded.instructions,
       form = excluded.form, scale = excluded.scale, scale_low = excluded.scale_low, scale_high = excluded.scale_high,
       choices = excluded.choices, price = excluded.price, answers_least = excluded.answers_least,
       answers_most = excluded.answers_most, certainty = excluded.certainty, lease_seconds = excluded.lease_seconds,
       accept_seconds = excluded.accept_seconds, reject_percent = excluded.reject_percent,
       control_every = excluded.control_every, quality_least = excluded.quality_least,
       judges = excluded.judges, changed_at = excluded.changed_at;

-- Items ------------------------------------------------------------------------------------------------------------

-- query: task_items_insert many
-- Many at once: `rows` is a JSON array of arrays of id, key, shown, data, picture, known answer, why and bucket. Those
-- that were not there before come back.
INSERT INTO task_item (campaign_id, task_item_id, item_key, shown, item_data, picture_blob, is_control, known_answer,
                       known_why, item_state, wanted, given, out_count, takes, bucket, judging, need, judged, reports, answer, caption,
                       confidence, settled_at)
/*sqlite SELECT :campaign_id, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, :is_control,
       r.value ->> 5, r.value ->> 6, 'open', :wanted, 0, 0, 1, r.value ->> 7, 0, 0, 0, 0, '', '', 0, 0
  FROM json_each(:rows) AS r WHERE true */
/*postgres SELECT :campaign_id, CAST(r ->> 0 AS BIGINT), r ->> 1, r ->> 2, r ->> 3, r ->> 4, :is_control,
       r ->> 5, r ->> 6, 'open', :wanted, 0, 0, 1, CAST(r ->> 7 AS BIGINT), 0, 0, 0, 0, '', '', 0, 0
  FROM jsonb_array_elements(CAST(:rows AS JSONB)) AS r */
ON CONFLICT (campaign_id, item_key) DO NOTHING
RETURNING bucket, CASE WHEN picture_blob <> '' THEN 1 ELSE 0 END AS pictures;
-- types: rows text, pictures int

-- query: task_items_known one
-- How many of such rows are there already.
SELECT count(*) AS known FROM task_item
 WHERE campaign_id = :campaign_id AND item_key IN (
       /*sqlite SELECT r.value ->> 1 FROM json_each(:rows) AS r */
       /*postgres SELECT r ->> 1 FROM jsonb_array_elements(CAST(:rows AS JSONB)) AS r */);
-- types: rows text, known int

-- query: task_item_get one
SELECT item_key, shown, item_data, picture_blob, is_control, known_answer, known_why, item_state, wanted, given,
       out_count, bucket, reports, answer, caption, confidence, settled_at
  FROM task_item WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id;

-- query: task_item_take one
-- Gives out the item of a bucket that needs an answer most and that the person has not had. One that somebody else is
-- just taking or answering is passed over: who has an item never waits for another. (Whether the person has had it is
-- asked of each item: as a join PostgreSQL would rather read all that the person has answered.)
UPDATE task_item SET out_count = out_count + 1, takes = CASE WHEN given + out_count + 1 < wanted THEN 1 ELSE 0 END
 WHERE campaign_id = :campaign_id
   AND task_item_id = (
       SELECT i.task_item_id FROM task_item i
        WHERE i.campaign_id = :campaign_id AND i.is_control = :is_control AND i.bucket = :bucket AND i.takes = 1
          AND coalesce((SELECT a.answer_state FROM task_answer a
                         WHERE a.campaign_id = i.campaign_id AND a.task_item_id = i.task_item_id
                           AND a.person_id = :person_id), 'expired') = 'expired'
        ORDER BY i.need DESC, i.task_item_id LIMIT 1 /*postgres FOR UPDATE SKIP LOCKED */)
RETURNING task_item_id, bucket, shown, picture_blob, judging;

-- query: task_item_come_back send
-- Who had the item has it no more.
UPDATE task_item SET out_count = out_count - 1,
       takes = CASE WHEN item_state = 'open' AND given + out_count - 1 < wanted THEN 1 ELSE 0 END
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND out_count > 0;

-- query: task_item_count_given exec
-- An answer comes in for an item that was out.
UPDATE task_item SET out_count = out_count - 1, given = given + 1
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND out_count > 0;

-- query: task_item_count_late exec
-- An answer comes in after its time, while there is still room.
UPDATE task_item SET given = given + 1,
       takes = CASE WHEN item_state = 'open' AND given + 1 + out_count < wanted THEN 1 ELSE 0 END
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND takes = 1;

-- query: task_item_count_rejected exec
-- A rejected answer leaves the item; another one is wanted in its place when it is paid for.
UPDATE task_item SET given = given - 1, wanted = wanted - 1 + :more,
       takes = CASE WHEN item_state = 'open' AND given - 1 + out_count < wanted - 1 + :more THEN 1 ELSE 0 END
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND given > 0;
-- types: more int

-- query: task_item_judge exec
-- What the engine found: state, answer, how sure, and how much the item needs another answer. What was wanted of an item
-- that is not open may not be held any more: it is not wanted again when the item opens again. Where it has fewer answers
-- than were read, one was erased meanwhile, whose words must not come back.
UPDATE task_item SET item_state = :item_state, answer = :answer, caption = :caption, confidence = :confidence,
       need = :need, settled_at = :settled_at, judged = :judged, judging = CASE WHEN :more > 0 THEN :judging ELSE judging END,
       wanted = CASE WHEN :from_state = 'open' THEN wanted ELSE given + out_count END + :more,
       takes = CASE WHEN :item_state <> 'open' THEN 0 WHEN :from_state <> 'open' THEN :more
                    WHEN given + out_count < wanted + :more THEN 1 ELSE 0 END
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND item_state = :from_state AND wanted = :wanted
   AND given >= :judged;
-- types: more int, from_state text

-- query: task_item_give_up send
-- One more answer was wanted a moment ago, and cannot be paid.
UPDATE task_item SET item_state = 'undecided', settled_at = :settled_at, wanted = wanted - 1, takes = 0
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id;

-- query: task_item_ask exec
-- The team wants one more answer, whatever the engine thinks.
UPDATE task_item SET item_state = 'open', takes = 1, need = 1000000,
       wanted = CASE WHEN item_state = 'open' THEN wanted ELSE given + out_count END + 1
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND item_state <> 'broken';

-- query: task_item_judged send
-- The answers to a control, or to an item that was set aside, change nothing.
UPDATE task_item SET judged = :judged WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id;

-- query: task_items_to_judge many
-- (SQLite would read all items of the campaign, for they come in the right order.)
SELECT task_item_id, is_control, known_answer, item_state, wanted, given, out_count, bucket
  FROM task_item /*sqlite INDEXED BY task_item_to_judge */ WHERE campaign_id = :campaign_id AND given <> judged AND task_item_id > :task_item_id
 ORDER BY task_item_id LIMIT 500;

-- query: task_item_report exec
UPDATE task_item SET reports = reports + 1 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id;

-- query: task_item_break exec
UPDATE task_item SET item_state = 'broken', takes = 0
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND item_state = :from_state;
-- types: from_state text

-- query: task_items_in_state many
-- The items of a state ('': any), in order of id from one on.
SELECT task_item_id, item_key, shown, item_data, picture_blob, is_control, known_answer, item_state, wanted, given,
       out_count, bucket, reports, answer, caption, confidence
  FROM task_item
 WHERE campaign_id = :campaign_id AND task_item_id > :task_item_id AND (:item_state = '' OR item_state = :item_state)
 ORDER BY task_item_id LIMIT :limit;

-- query: task_item_buckets many
-- What is to be held when the campaign opens: answers wanted, by bucket.
SELECT bucket, CAST(coalesce(sum(wanted), 0) AS BIGINT) AS wanted
  FROM task_item WHERE campaign_id = :campaign_id AND is_control = 0 GROUP BY bucket ORDER BY bucket LIMIT 16;

-- query: task_item_want exec
-- The least number of answers changed before the campaign opened.
UPDATE task_item SET wanted = :wanted WHERE campaign_id = :campaign_id AND is_control = 0;

-- query: task_item_is_left one
-- Whether any item still waits for answers, or is still to come.
SELECT 1 AS items
 WHERE EXISTS (SELECT 1 FROM task_item
                WHERE campaign_id = :campaign_id AND item_state = 'open' AND is_control = 0)
    OR EXISTS (SELECT 1 FROM task_intake WHERE campaign_id = :campaign_id AND work_left > 0);
-- types: items int

-- query: task_item_is_wanted one
-- Whether any item can be given out to somebody.
SELECT 1 AS items FROM task_item WHERE campaign_id = :campaign_id AND is_control = 0 AND takes = 1 LIMIT 1;
-- types: items int

-- Counts -----------------------------------------------------------------------------------------------------------

-- query: task_count_add send
INSERT INTO task_count (campaign_id, bucket, items, settled, undecided, broken, controls, pictures)
VALUES (:campaign_id, :bucket, :items, :settled, :undecided, :broken, :controls, :pictures)
ON CONFLICT (campaign_id, bucket) DO UPDATE
   SET items = task_count.items + excluded.items, settled = task_count.settled + excluded.settled,
       undecided = task_count.undecided + excluded.undecided, broken = task_count.broken + excluded.broken,
       controls = task_count.controls + excluded.controls, pictures = task_count.pictures + excluded.pictures;

-- query: task_counts_kept many
SELECT bucket, items, settled, undecided, broken, controls, pictures
  FROM task_count WHERE campaign_id = :campaign_id ORDER BY bucket LIMIT 16;

-- query: task_counts_from_facts many
SELECT bucket, CAST(sum(1 - is_control) AS BIGINT) AS items,
       CAST(sum(CASE WHEN is_control = 0 AND item_state = 'settled' THEN 1 ELSE 0 END) AS BIGINT) AS settled,
       CAST(sum(CASE WHEN is_control = 0 AND item_state = 'undecided' THEN 1 ELSE 0 END) AS BIGINT) AS undecided,
       CAST(sum(CASE WHEN is_control = 0 AND item_state = 'broken' THEN 1 ELSE 0 END) AS BIGINT) AS broken,
       CAST(sum(is_control) AS BIGINT) AS controls,
       CAST(sum(CASE WHEN picture_blob <> '' THEN 1 ELSE 0 END) AS BIGINT) AS pictures
  FROM task_item WHERE campaign_id = :campaign_id GROUP BY bucket ORDER BY bucket LIMIT 16;

-- query: task_counts_clear exec
DELETE FROM task_count WHERE campaign_id = :campaign_id;

-- query: task_out_count one
-- (SQLite would rather read all answers of the campaign.)
SELECT count(*) AS out_count FROM task_answer /*sqlite INDEXED BY task_answer_out */ WHERE campaign_id = :campaign_id AND answer_state = 'out';

-- Lists that are being brought in ----------------------------------------------------------------------------------

-- query: task_intake_insert exec
INSERT INTO task_intake (campaign_id, task_intake_id, list_blob, read_bytes, rows_all, rows_in, work_left)
VALUES (:campaign_id, :task_intake_id, :list_blob, 0, :rows_all, :rows_in, :work_left);

-- query: task_intakes_next many
-- The first of each campaign: a later one has to wait, for the first of two items of one name is kept. (By the key, for
-- PostgreSQL would else compile a program each time to read the table from end to end.)
SELECT t.campaign_id, t.task_intake_id, t.list_blob, t.read_bytes, t.rows_all, t.rows_in FROM task_intake t
 WHERE t.campaign_id > :campaign_id
   AND t.task_intake_id = (SELECT min(f.task_intake_id) FROM task_intake f WHERE f.campaign_id = t.campaign_id)
 ORDER BY t.campaign_id LIMIT 50;

-- query: task_intake_read exec
-- What stands between two places of the list was taken in; only who knows where it stood may say so.
UPDATE task_intake SET read_bytes = :to_bytes, rows_in = rows_in + :rows, work_left = work_left - :items
 WHERE campaign_id = :campaign_id AND task_intake_id = :task_intake_id AND read_bytes = :read_bytes;
-- types: to_bytes int, rows int

-- query: task_intake_end one
DELETE FROM task_intake WHERE campaign_id = :campaign_id AND task_intake_id = :task_intake_id RETURNING work_left;

-- query: task_intake_totals one
SELECT count(*) AS lists, CAST(coalesce(sum(rows_all), 0) AS BIGINT) AS rows_all,
       CAST(coalesce(sum(rows_in), 0) AS BIGINT) AS rows_in, CAST(coalesce(sum(work_left), 0) AS BIGINT) AS work_left
  FROM task_intake WHERE campaign_id = :campaign_id;
-- types: lists int

-- Answers ----------------------------------------------------------------------------------------------------------

-- query: task_answer_take one
-- Gives an item to a person: a new row, or the one that had expired.
INSERT INTO task_answer (campaign_id, task_item_id, person_id, task_answer_id, fence, answer_state, price, answer,
                         caption, taken_at, until_at, given_at, accept_at, skip_reason, reject_rule, reject_reason,
                         judged_by, appeal, appeal_answer, is_control, is_judgement, pick)
VALUES (:campaign_id, :task_item_id, :person_id, :task_answer_id, 1, 'out', :price, '', '', :taken_at, :until_at, 0, 0,
        '', '', '', 0, '', '', :is_control, :is_judgement, 0)
ON CONFLICT (campaign_id, task_item_id, person_id) DO UPDATE
   SET answer_state = 'out', fence = task_answer.fence + 1, price = excluded.price, taken_at = excluded.taken_at,
       until_at = excluded.until_at, is_judgement = excluded.is_judgement
 WHERE task_answer.answer_state = 'expired'
RETURNING task_answer_id, fence;

-- query: task_answer_get one
SELECT task_answer_id, fence, answer_state, price, taken_at, until_at, is_control, is_judgement
  FROM task_answer WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND person_id = :person_id;

-- query: task_answer_by_id one
SELECT a.task_item_id, a.person_id, a.answer_state, a.price, a.answer, a.caption, a.reject_rule, a.reject_reason,
       a.judged_by, a.appeal, a.appeal_answer, a.is_control, a.given_at, i.bucket, i.item_state
  FROM task_answer a JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE a.campaign_id = :campaign_id AND a.task_answer_id = :task_answer_id;

-- query: task_answer_give exec
UPDATE task_answer SET answer_state = :to_state, answer = :answer, caption = :caption, pick = :pick,
       given_at = :given_at, accept_at = :accept_at
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND person_id = :person_id AND fence = :fence
   AND answer_state = :from_state;
-- types: to_state text, from_state text

-- query: task_answer_skip exec
UPDATE task_answer SET answer_state = 'skipped', skip_reason = :skip_reason
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND person_id = :person_id AND fence = :fence
   AND answer_state = 'out';

-- query: task_answer_move exec
UPDATE task_answer SET answer_state = :to_state
 WHERE campaign_id = :campaign_id AND task_answer_id = :task_answer_id AND answer_state = :from_state;
-- types: to_state text, from_state text

-- query: task_answer_reject exec
-- An appeal is possible until accept_at.
UPDATE task_answer SET answer_state = 'rejected', reject_rule = :reject_rule, reject_reason = :reject_reason,
       judged_by = :judged_by, accept_at = :accept_at
 WHERE campaign_id = :campaign_id AND task_answer_id = :task_answer_id AND answer_state = 'given';

-- query: task_answer_appeal exec
UPDATE task_answer SET answer_state = 'appealed', appeal = :appeal
 WHERE campaign_id = :campaign_id AND task_answer_id = :task_answer_id AND person_id = :person_id
   AND answer_state = 'rejected' AND accept_at > :now;

-- query: task_answer_decide exec
UPDATE task_answer SET answer_state = :to_state, appeal_answer = :appeal_answer
 WHERE campaign_id = :campaign_id AND task_answer_id = :task_answer_id AND answer_state = 'appealed';
-- types: to_state text

-- query: task_answers_out many
-- What a person has now, the oldest first.
SELECT a.task_item_id, a.task_answer_id, a.fence, a.taken_at, a.until_at, a.price, a.is_control, a.is_judgement,
       i.shown, i.picture_blob, i.bucket, i.known_answer
  FROM task_answer a JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE a.campaign_id = :campaign_id AND a.person_id = :person_id AND a.answer_state = 'out'
 ORDER BY a.task_answer_id LIMIT 20;

-- query: task_answers_overdue many
-- Those whose time has run out, and those that a clock that was ahead gave more time than there is.
SELECT a.task_item_id, a.task_answer_id, a.is_control, a.price, i.bucket
  FROM task_answer a JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE a.campaign_id = :campaign_id AND a.answer_state = 'out' AND (a.until_at <= :until_at OR a.until_at > :latest_at)
 ORDER BY a.until_at LIMIT 100;

-- query: task_answers_due many
SELECT a.task_answer_id, a.person_id, a.price, a.is_control, i.bucket
  FROM task_answer a JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE a.campaign_id = :campaign_id AND a.answer_state = 'given' AND a.accept_at <= :accept_at
 ORDER BY a.accept_at LIMIT 100;

-- query: task_answers_weighed many
-- The answers that count, all but rejected ones, to the items from one to another. (In the order of the key, or SQLite
-- would rather read all answers of the campaign.)
SELECT task_item_id, person_id, task_answer_id, is_judgement, pick, answer, caption FROM task_answer
 WHERE campaign_id = :campaign_id AND task_item_id >= :first_id AND task_item_id <= :last_id
   AND answer_state IN ('given', 'accepted')
 ORDER BY task_item_id, person_id LIMIT 100000;
-- types: first_id task_item_id, last_id task_item_id

-- query: task_texts many
-- The texts of an item, for who is to pick the best of them.
SELECT task_answer_id, answer, caption FROM task_answer
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND answer_state IN ('given', 'accepted')
   AND is_judgement = 0
 ORDER BY person_id LIMIT 40;

-- query: task_answers_all many
-- Every answer of a campaign, behind an item and a person.
SELECT task_item_id, person_id, task_answer_id, answer, caption, answer_state, given_at, is_control, is_judgement
  FROM task_answer
 WHERE campaign_id = :campaign_id AND given_at > 0
   AND (task_item_id > :task_item_id OR (task_item_id = :task_item_id AND person_id > :person_id))
 ORDER BY task_item_id, person_id LIMIT 1000;

-- query: task_answers_mine many
-- (Both databases would read everybody's answers, for those come in the right order.)
SELECT a.task_answer_id, a.task_item_id, a.answer_state, a.price, a.answer, a.caption, a.given_at, a.accept_at,
       a.reject_rule, a.reject_reason, a.appeal, a.appeal_answer, a.is_control, a.is_judgement, a.pick, i.shown, i.picture_blob,
       i.known_answer, i.known_why, i.item_state, i.answer AS best
  FROM task_answer a /*sqlite INDEXED BY task_answer_of_person */ JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE a.campaign_id = :campaign_id AND a.person_id = :person_id AND a.task_answer_id < :task_answer_id
   AND a.answer_state IN ('given', 'accepted', 'rejected', 'appealed', 'upheld')
 ORDER BY a.task_answer_id + 0 DESC LIMIT :limit;
-- types: best text

-- query: task_earnings one
-- What a person has earned in a campaign, and what is still to be accepted.
SELECT CAST(coalesce(sum(CASE WHEN answer_state = 'accepted' THEN price ELSE 0 END), 0) AS BIGINT) AS accepted,
       CAST(coalesce(sum(CASE WHEN answer_state IN ('given', 'appealed') THEN price ELSE 0 END), 0) AS BIGINT) AS pending
  FROM task_answer /*sqlite INDEXED BY task_answer_of_person */
 WHERE campaign_id = :campaign_id AND person_id = :person_id;
-- types: accepted int, pending int

-- query: task_pending_of_person many
-- What waits to be accepted, in all campaigns somebody works in.
SELECT w.campaign_id,
       CAST(coalesce((SELECT sum(a.price) FROM task_answer a /*sqlite INDEXED BY task_answer_of_person */
                       WHERE a.campaign_id = w.campaign_id AND a.person_id = w.person_id
                         AND a.answer_state IN ('given', 'appealed')), 0) AS BIGINT) AS minor
  FROM task_worker w WHERE w.person_id = :person_id ORDER BY w.campaign_id DESC LIMIT 1000;
-- types: minor int

-- query: task_held_due one
-- What has to stand in `held`: answers not yet judged for good; controls that are out; answers still wanted. An item
-- that is out may come back unanswered, and is then given out at today's price.
SELECT CAST(coalesce((SELECT sum(CASE WHEN a.answer_state = 'out' AND a.is_control = 0 AND a.price < :price
                                      THEN :price ELSE a.price END) FROM task_answer a
                       WHERE a.campaign_id = :campaign_id
                         AND (a.answer_state IN ('out', 'given', 'appealed') OR (a.answer_state = 'rejected' AND a.accept_at > :now))), 0) AS BIGINT) AS due,
       CAST(coalesce((SELECT sum(i.wanted - i.given - i.out_count) FROM task_item i
                       WHERE i.campaign_id = :campaign_id AND i.is_control = 0 AND i.item_state = 'open'), 0) AS BIGINT) AS free;
-- types: due int, free int

-- query: task_answers_of_item many
SELECT task_answer_id, person_id, answer_state, answer, caption, given_at, price, is_judgement, pick
  FROM task_answer WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND given_at > 0
 ORDER BY given_at LIMIT 200;

-- query: task_answers_appealed many
SELECT a.task_answer_id, a.task_item_id, a.answer, a.caption, a.reject_rule, a.reject_reason, a.appeal, a.judged_by,
       i.shown, i.picture_blob
  FROM task_answer a JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE a.campaign_id = :campaign_id AND a.answer_state = 'appealed' ORDER BY a.task_answer_id LIMIT 100;

-- Workers ----------------------------------------------------------------------------------------------------------

-- query: task_worker_add exec
INSERT INTO task_worker (campaign_id, person_id, worker_state, state_reason, given, accepted, rejected, controls,
                         controls_right, worked_us, quality, quality_low, quality_high, created_at)
VALUES (:campaign_id, :person_id, 'working', '', 0, 0, 0, 0, 0, 0, -1, 0, 1, :created_at)
ON CONFLICT (campaign_id, person_id) DO NOTHING;

-- query: task_worker_get one
SELECT worker_state, state_reason, given, controls, controls_right, worked_us, quality, quality_low, quality_high
  FROM task_worker WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: task_worker_count send
UPDATE task_worker SET given = given + 1, accepted = accepted + :accepted, controls = controls + :control,
       controls_right = controls_right + :right, worked_us = worked_us + :worked_us
 WHERE campaign_id = :campaign_id AND person_id = :person_id;
-- types: control int, right int

-- query: task_worker_judged send
-- Answers of theirs were accepted or rejected: one more, or one less.
UPDATE task_worker SET accepted = accepted + :accepted, rejected = rejected + :rejected
 WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: task_workers_miscounted many
-- Those whose counts are not what the answers say, with what they say.
SELECT w.person_id, CAST(coalesce(f.given, 0) AS BIGINT) AS given, CAST(coalesce(f.accepted, 0) AS BIGINT) AS accepted,
       CAST(coalesce(f.rejected, 0) AS BIGINT) AS rejected
  FROM task_worker w
  LEFT JOIN (SELECT a.person_id, count(*) AS given, sum(CASE WHEN a.answer_state = 'accepted' THEN 1 ELSE 0 END) AS accepted,
                    sum(CASE WHEN a.answer_state IN ('rejected', 'appealed', 'upheld') THEN 1 ELSE 0 END) AS rejected
               FROM task_answer a
              WHERE a.campaign_id = :campaign_id
                AND a.answer_state IN ('given', 'accepted', 'rejected', 'appealed', 'upheld')
              GROUP BY a.person_id) f ON f.person_id = w.person_id
 WHERE w.campaign_id = :campaign_id
   AND (w.given <> coalesce(f.given, 0) OR w.accepted <> coalesce(f.accepted, 0) OR w.rejected <> coalesce(f.rejected, 0))
 ORDER BY w.person_id LIMIT 1000;

-- query: task_worker_put_right exec
UPDATE task_worker SET given = :given, accepted = :accepted, rejected = :rejected
 WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: task_worker_loses exec
UPDATE task_worker SET given = given - :erased WHERE campaign_id = :campaign_id AND person_id = :person_id;
-- types: erased int

-- query: task_worker_rate send
UPDATE task_worker SET quality = :quality, quality_low = :quality_low, quality_high = :quality_high
 WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: task_worker_stop send
UPDATE task_worker SET worker_state = :worker_state, state_reason = :state_reason
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND worker_state <> :worker_state;

-- query: task_workers_all many
SELECT w.person_id, w.worker_state, w.state_reason, w.given, w.controls, w.controls_right, w.worked_us, w.quality,
       w.quality_low, w.quality_high, p.display_name
  FROM task_worker w JOIN person p ON p.person_id = w.person_id
 WHERE w.campaign_id = :campaign_id ORDER BY w.quality, w.person_id LIMIT 1000;

-- query: task_worker_totals one
SELECT count(*) AS people, CAST(coalesce(sum(given), 0) AS BIGINT) AS given,
       CAST(coalesce(sum(accepted), 0) AS BIGINT) AS accepted, CAST(coalesce(sum(rejected), 0) AS BIGINT) AS rejected,
       CAST(coalesce(sum(worked_us), 0) AS BIGINT) AS worked_us
  FROM task_worker WHERE campaign_id = :campaign_id;
-- types: people int

-- query: task_campaigns many
-- Campaigns of tasks in which something may be left to do.
SELECT c.campaign_id, c.campaign_state FROM campaign c JOIN task_rules t ON t.campaign_id = c.campaign_id
 WHERE c.campaign_id > :campaign_id AND c.campaign_state IN ('open', 'paused', 'closed', 'cancelled')
 ORDER BY c.campaign_id LIMIT 500;

-- Practice ---------------------------------------------------------------------------------------------------------

-- query: task_practice_set exec
-- Many at once, as task_items_insert; one of the same name is put right.
INSERT INTO task_practice (campaign_id, task_practice_id, item_key, shown, item_data, picture_blob, known_answer, known_why)
/*sqlite SELECT :campaign_id, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6
  FROM json_each(:rows) AS r WHERE true */
/*postgres SELECT :campaign_id, CAST(r ->> 0 AS BIGINT), r ->> 1, r ->> 2, r ->> 3, r ->> 4, r ->> 5, r ->> 6
  FROM jsonb_array_elements(CAST(:rows AS JSONB)) AS r */
ON CONFLICT (campaign_id, item_key) DO UPDATE
   SET shown = excluded.shown, item_data = excluded.item_data, picture_blob = excluded.picture_blob, known_answer = excluded.known_answer,
       known_why = excluded.known_why;
-- types: rows text

-- query: task_practice_next one
-- The one that the person has tried least often.
SELECT p.task_practice_id,
       (SELECT count(*) FROM task_try t WHERE t.campaign_id = p.campaign_id AND t.person_id = :person_id
           AND t.task_practice_id = p.task_practice_id) AS tries
  FROM task_practice p WHERE p.campaign_id = :campaign_id ORDER BY tries, p.task_practice_id LIMIT 1;
-- types: tries int

-- query: task_practice_counts one
-- How many there are, and how a person's first tries at them went.
SELECT (SELECT count(*) FROM task_practice WHERE campaign_id = :campaign_id) AS items,
       (SELECT count(*) FROM task_try WHERE campaign_id = :campaign_id AND person_id = :person_id AND is_first = 1
           AND answered_at > 0) AS tried,
       (SELECT count(*) FROM task_try WHERE campaign_id = :campaign_id AND person_id = :person_id AND is_first = 1
           AND is_right = 1) AS tried_right;
-- types: items int, tried int, tried_right int

-- query: task_try_last one
SELECT t.task_try_id, t.task_practice_id, t.answer, t.is_right, t.shown_at, t.answered_at, p.shown, p.item_data, p.picture_blob,
       p.known_answer, p.known_why
  FROM task_try t JOIN task_practice p ON p.campaign_id = t.campaign_id AND p.task_practice_id = t.task_practice_id
 WHERE t.campaign_id = :campaign_id AND t.person_id = :person_id ORDER BY t.task_try_id DESC LIMIT 1;

-- query: task_try_begin exec
INSERT INTO task_try (campaign_id, person_id, task_try_id, task_practice_id, is_first, answer, is_right, shown_at,
                      answered_at, took_us)
VALUES (:campaign_id, :person_id, :task_try_id, :task_practice_id, :is_first, '', 0, :shown_at, 0, 0);

-- query: task_try_answer exec
UPDATE task_try SET answer = :answer, is_right = :is_right, answered_at = :answered_at, took_us = :took_us
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND task_try_id = :task_try_id AND answered_at = 0;

-- query: task_times_count one
SELECT count(*) AS times FROM task_try WHERE campaign_id = :campaign_id AND is_first = 1 AND answered_at > 0;
-- types: times int

-- query: task_time_at one
-- The time that so many others do not exceed.
SELECT took_us FROM task_try WHERE campaign_id = :campaign_id AND is_first = 1 AND answered_at > 0
 ORDER BY took_us LIMIT 1 OFFSET :offset;

-- What an organisation asks ----------------------------------------------------------------------------------------

-- query: task_house_get one
SELECT floor_minor, floor_currency FROM task_house WHERE organisation_id = :organisation_id;

-- query: task_house_of_campaign one
SELECT h.floor_minor, h.floor_currency FROM task_house h JOIN campaign c ON c.organisation_id = h.organisation_id
 WHERE c.campaign_id = :campaign_id;

-- query: task_house_set exec
INSERT INTO task_house (organisation_id, floor_minor, floor_currency, changed_at)
VALUES (:organisation_id, :floor_minor, :floor_currency, :changed_at)
ON CONFLICT (organisation_id) DO UPDATE
   SET floor_minor = excluded.floor_minor, floor_currency = excluded.floor_currency, changed_at = excluded.changed_at;

-- Admission --------------------------------------------------------------------------------------------------------

-- query: task_admission_get one
SELECT test_items, test_percent, test_tries, languages, skills, gives_skill FROM task_admission WHERE campaign_id = :campaign_id;

-- query: task_admission_set exec
INSERT INTO task_admission (campaign_id, test_items, test_percent, test_tries, languages, skills, gives_skill, changed_at)
VALUES (:campaign_id, :test_items, :test_percent, :test_tries, :languages, :skills, :gives_skill, :changed_at)
ON CONFLICT (campaign_id) DO UPDATE
   SET test_items = excluded.test_items, test_percent = excluded.test_percent, test_tries = excluded.test_tries,
       languages = excluded.languages, skills = excluded.skills, gives_skill = excluded.gives_skill,
       changed_at = excluded.changed_at;

-- query: task_test_last one
SELECT test_try, test_state, test_percent, asked, asked_right, begun_at, ended_at
  FROM task_test WHERE campaign_id = :campaign_id AND person_id = :person_id ORDER BY test_try DESC LIMIT 1;

-- query: task_test_begin_try exec
INSERT INTO task_test (campaign_id, person_id, test_try, test_state, test_percent, asked, asked_right, begun_at, ended_at)
VALUES (:campaign_id, :person_id, :test_try, 'running', :test_percent, :asked, 0, :begun_at, 0);

-- query: task_test_end exec
UPDATE task_test SET test_state = :test_state, asked_right = :asked_right, ended_at = :ended_at
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND test_try = :test_try;

-- query: task_controls_fresh many
-- Controls that a person has not had.
SELECT i.task_item_id FROM task_item i
 WHERE i.campaign_id = :campaign_id AND i.item_state = 'open' AND i.is_control = 1
   AND NOT EXISTS (SELECT 1 FROM task_answer a
                    WHERE a.campaign_id = i.campaign_id AND a.task_item_id = i.task_item_id
                      AND a.person_id = :person_id AND a.answer_state <> 'expired')
 ORDER BY i.task_item_id LIMIT 1000;

-- query: task_test_draw exec
INSERT INTO task_test_answer (campaign_id, person_id, task_item_id, test_try, place, answer, is_right, answered_at)
VALUES (:campaign_id, :person_id, :task_item_id, :test_try, :place, '', 0, 0);

-- query: task_answer_test exec
-- What was drawn for a test is not given as work.
INSERT INTO task_answer (campaign_id, task_item_id, person_id, task_answer_id, fence, answer_state, price, answer, caption,
                         taken_at, until_at, given_at, accept_at, skip_reason, reject_rule, reject_reason, judged_by,
                         appeal, appeal_answer, is_control, is_judgement, pick)
VALUES (:campaign_id, :task_item_id, :person_id, :task_answer_id, 1, 'tested', 0, '', '', :taken_at, 0, 0, 0, '', '', '',
        0, '', '', 1, 0, 0)
ON CONFLICT (campaign_id, task_item_id, person_id) DO UPDATE SET answer_state = 'tested', price = 0;

-- query: task_test_answers many
SELECT t.task_item_id, t.place, t.answer, t.is_right, t.answered_at, i.shown, i.item_data, i.picture_blob, i.known_answer,
       i.known_why
  FROM task_test_answer t JOIN task_item i ON i.campaign_id = t.campaign_id AND i.task_item_id = t.task_item_id
 WHERE t.campaign_id = :campaign_id AND t.person_id = :person_id AND t.test_try = :test_try
 ORDER BY t.place LIMIT 100;

-- query: task_test_answer_set exec
UPDATE task_test_answer SET answer = :answer, is_right = :is_right, answered_at = :answered_at
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND task_item_id = :task_item_id AND answered_at = 0;

-- query: task_tests_all many
-- Everybody's last try.
SELECT t.person_id, t.test_try, t.test_state, t.asked, t.asked_right, t.begun_at, t.ended_at
  FROM task_test t
 WHERE t.campaign_id = :campaign_id
   AND t.test_try = (SELECT max(l.test_try) FROM task_test l WHERE l.campaign_id = t.campaign_id AND l.person_id = t.person_id)
 ORDER BY t.person_id LIMIT 1000;

-- What is made good ------------------------------------------------------------------------------------------------

-- query: task_item_correct exec
UPDATE task_item SET known_answer = :known_answer, known_why = :known_why
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND is_control = 1;

-- query: task_correction_insert exec
INSERT INTO task_correction (campaign_id, task_item_id, corrected_at, known_before, reason, corrected_by)
VALUES (:campaign_id, :task_item_id, :corrected_at, :known_before, :reason, :corrected_by);

-- query: task_correction_last one
SELECT known_before, reason, corrected_at FROM task_correction
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id ORDER BY corrected_at DESC LIMIT 1;

-- query: task_corrected_last one
-- When a known answer of the campaign was last put right.
SELECT corrected_at FROM task_correction WHERE campaign_id = :campaign_id ORDER BY corrected_at DESC LIMIT 1;

-- query: task_control_answers many
-- What people said to a control, from a person on.
SELECT person_id, answer FROM task_answer
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND person_id > :person_id AND given_at > 0
 ORDER BY person_id LIMIT 500;

-- query: task_worker_recount exec
UPDATE task_worker SET controls_right = controls_right + :more
 WHERE campaign_id = :campaign_id AND person_id = :person_id;
-- types: more int

-- query: task_worker_lift exec
-- Who was stopped and has answered a control that was put right since may go on.
UPDATE task_worker SET worker_state = 'working', state_reason = ''
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND worker_state = 'stopped'
   AND EXISTS (SELECT 1 FROM task_correction c JOIN task_answer a
                   ON a.campaign_id = c.campaign_id AND a.task_item_id = c.task_item_id
                WHERE c.campaign_id = task_worker.campaign_id AND a.person_id = task_worker.person_id AND a.given_at > 0);

-- query: task_control_tests many
-- What people said to a control in a test, from a person on.
SELECT a.person_id, a.test_try, a.answer, a.is_right, t.test_state, t.test_percent, t.asked, t.asked_right, t.ended_at
  FROM task_test_answer a JOIN task_test t
    ON t.campaign_id = a.campaign_id AND t.person_id = a.person_id AND t.test_try = a.test_try
 WHERE a.campaign_id = :campaign_id AND a.task_item_id = :task_item_id AND a.person_id > :person_id AND a.answered_at > 0
 ORDER BY a.person_id LIMIT 500;

-- query: task_test_answer_recount exec
UPDATE task_test_answer SET is_right = :is_right
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND task_item_id = :task_item_id;

-- query: task_rejected_of_item many
-- Rejected answers to an item, and rejections for controls of people who answered it; with what they said to it.
SELECT a.task_answer_id, a.task_item_id, a.person_id, a.answer_state, a.answer, a.price, a.accept_at, a.reject_rule,
       a.reject_reason, i.shown, i.bucket, c.answer AS said
  FROM task_answer c
  JOIN task_answer a ON a.campaign_id = c.campaign_id AND a.person_id = c.person_id
  JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE c.campaign_id = :campaign_id AND c.task_item_id = :task_item_id AND c.given_at > 0
   AND a.answer_state IN ('rejected', 'appealed', 'upheld')
   AND (a.task_item_id = c.task_item_id OR a.reject_rule = 'controls')
 ORDER BY a.task_answer_id LIMIT 500;
-- types: said text

-- query: task_answer_make_good exec
UPDATE task_answer SET answer_state = 'accepted', appeal_answer = :appeal_answer, judged_by = :judged_by
 WHERE campaign_id = :campaign_id AND task_answer_id = :task_answer_id AND answer_state = :from_state;
-- types: from_state text

-- Mails ------------------------------------------------------------------------------------------------------------

-- query: task_answer_told one
-- What a mail about an answer says.
SELECT a.person_id, a.answer, a.reject_rule, a.reject_reason, a.appeal_answer, a.price, p.email, p.person_state, c.question,
       CASE WHEN a.appeal <> '' THEN 1 ELSE 0 END AS was_appealed
  FROM task_answer a JOIN person p ON p.person_id = a.person_id JOIN campaign c ON c.campaign_id = a.campaign_id
 WHERE a.campaign_id = :campaign_id AND a.task_answer_id = :task_answer_id;
-- types: was_appealed bool

-- query: task_person_told one
SELECT p.email, p.person_state, c.question FROM person p, campaign c
 WHERE p.person_id = :person_id AND c.campaign_id = :campaign_id;

-- query: task_news_add exec
INSERT INTO task_news (person_id, campaign_id, task_answer_id) VALUES (:person_id, :campaign_id, :task_answer_id)
ON CONFLICT (person_id, campaign_id, task_answer_id) DO NOTHING;

-- query: task_letter_get one
SELECT due_at, sent_at FROM task_letter WHERE person_id = :person_id;

-- query: task_letter_set exec
INSERT INTO task_letter (person_id, due_at, sent_at) VALUES (:person_id, :due_at, :sent_at)
ON CONFLICT (person_id) DO UPDATE SET due_at = excluded.due_at, sent_at = excluded.sent_at;

-- query: task_letters_due many
SELECT l.person_id, p.email, p.person_state FROM task_letter l JOIN person p ON p.person_id = l.person_id
 WHERE l.due_at > 0 AND l.due_at <= :due_at ORDER BY l.due_at LIMIT 100;

-- query: task_news_of many
-- What somebody is to be told: rejections that stand and can still be appealed against.
SELECT n.campaign_id, n.task_answer_id, c.question, a.answer, a.reject_rule, a.reject_reason, a.accept_at
  FROM task_news n
  JOIN task_answer a ON a.campaign_id = n.campaign_id AND a.task_answer_id = n.task_answer_id
  JOIN campaign c ON c.campaign_id = n.campaign_id
 WHERE n.person_id = :person_id AND a.answer_state = 'rejected'
 ORDER BY n.campaign_id, n.task_answer_id LIMIT 50;

-- query: task_news_delete exec
DELETE FROM task_news WHERE person_id = :person_id;

-- query: task_letter_delete exec
DELETE FROM task_letter WHERE person_id = :person_id;

-- Somebody leaves --------------------------------------------------------------------------------------------------

-- query: task_answers_leaving many
-- What somebody gave that was not accepted.
SELECT a.task_item_id, a.task_answer_id, a.answer_state, a.price, a.answer, a.caption, a.accept_at, a.is_control,
       a.given_at, i.bucket, i.item_state
  FROM task_answer a /*sqlite INDEXED BY task_answer_of_person */
  JOIN task_item i ON i.campaign_id = a.campaign_id AND i.task_item_id = a.task_item_id
 WHERE a.campaign_id = :campaign_id AND a.person_id = :person_id AND a.given_at > 0
   AND a.answer_state IN ('given', 'rejected', 'appealed', 'upheld')
 ORDER BY a.task_answer_id LIMIT 100;

-- query: task_answer_erase exec
-- It is as if it had not been given, except that a rejection stays counted.
UPDATE task_answer SET answer_state = :to_state, answer = '', caption = '', reject_reason = '', appeal = '',
       appeal_answer = '', given_at = 0, accept_at = :accept_at
 WHERE campaign_id = :campaign_id AND task_answer_id = :task_answer_id;
-- types: to_state text

-- query: task_item_lose exec
-- A given answer leaves the item, which is judged anew; it says those words no more.
UPDATE task_item SET given = given - 1, wanted = wanted - 1 + :more, judged = -1,
       answer = CASE WHEN answer = :answer THEN '' ELSE answer END,
       caption = CASE WHEN caption = :caption THEN '' ELSE caption END,
       takes = CASE WHEN item_state = 'open' AND given - 1 + out_count < wanted - 1 + :more THEN 1 ELSE 0 END
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND given > 0;
-- types: more int

-- query: task_picks_erase exec
-- Who picked a text that was erased has picked one, but it is not known which.
UPDATE task_answer SET answer = '', pick = -1
 WHERE campaign_id = :campaign_id AND task_item_id = :task_item_id AND pick = :task_answer_id;

-- query: task_try_forget exec
UPDATE task_try SET answer = '' WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: task_test_forget exec
UPDATE task_test_answer SET answer = '' WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- Skills -----------------------------------------------------------------------------------------------------------

-- query: task_skills_all many
SELECT s.task_skill_id, s.name,
       (SELECT count(*) FROM task_skill_held h WHERE h.organisation_id = s.organisation_id
           AND h.task_skill_id = s.task_skill_id) AS people
  FROM task_skill s WHERE s.organisation_id = :organisation_id ORDER BY s.name LIMIT 200;
-- types: people int

-- query: task_skill_get one
SELECT name FROM task_skill WHERE organisation_id = :organisation_id AND task_skill_id = :task_skill_id;

-- query: task_skill_insert exec
INSERT INTO task_skill (organisation_id, task_skill_id, name, created_at)
VALUES (:organisation_id, :task_skill_id, :name, :created_at) ON CONFLICT (organisation_id, name) DO NOTHING;

-- query: task_skill_hold exec
INSERT INTO task_skill_held (organisation_id, task_skill_id, person_id, campaign_id, created_at)
VALUES (:organisation_id, :task_skill_id, :person_id, :campaign_id, :created_at)
ON CONFLICT (organisation_id, task_skill_id, person_id) DO NOTHING;

-- query: task_skill_drop exec
DELETE FROM task_skill_held
 WHERE organisation_id = :organisation_id AND task_skill_id = :task_skill_id AND person_id = :person_id;

-- query: task_skills_forget exec
DELETE FROM task_skill_held WHERE person_id = :person_id;

-- query: task_skill_people many
SELECT h.person_id, h.campaign_id, h.created_at, p.display_name
  FROM task_skill_held h JOIN person p ON p.person_id = h.person_id
 WHERE h.organisation_id = :organisation_id AND h.task_skill_id = :task_skill_id ORDER BY h.created_at DESC, h.person_id LIMIT 200;

-- query: task_skills_of_person many
SELECT task_skill_id FROM task_skill_held WHERE person_id = :person_id AND organisation_id = :organisation_id
 ORDER BY task_skill_id LIMIT 200;

-- query: task_campaign_state one
SELECT campaign_state FROM campaign WHERE campaign_id = :campaign_id;

-- query: task_campaign_house one
SELECT organisation_id FROM campaign WHERE campaign_id = :campaign_id;
