-- query: mail_insert exec
INSERT INTO mail (mail_id, mail_state, recipient, recipient_key, mail_subject, mail_text,
                  unsubscribe_url, tries, next_try_at, finished_at, last_answer, created_at)
VALUES (:mail_id, 'waiting', :recipient, :recipient_key, :mail_subject, :mail_text,
        :unsubscribe_url, 0, :now, 0, '', :now);

-- query: mail_due many
-- What to send now, the longest due first.
SELECT mail_id, recipient, mail_subject, mail_text, unsubscribe_url, tries
  FROM mail
 WHERE mail_state = 'waiting' AND next_try_at <= :now
 ORDER BY next_try_at LIMIT 50;

-- query: mail_keep_sent exec
-- Counts only for who saw the mail waiting with so many tries: two senders never both keep.
UPDATE mail
   SET mail_state = 'sent', mail_text = '', unsubscribe_url = '', tries = tries + 1,
       next_try_at = 0, finished_at = :now, last_answer = :last_answer
 WHERE mail_id = :mail_id AND mail_state = 'waiting' AND tries = :tries;

-- query: mail_keep_retry exec
UPDATE mail
   SET tries = tries + 1, next_try_at = :next_try_at, last_answer = :last_answer
 WHERE mail_id = :mail_id AND mail_state = 'waiting' AND tries = :tries;

-- query: mail_keep_failed exec
UPDATE mail
   SET mail_state = 'failed', tries = tries + 1, next_try_at = 0, finished_at = :now,
       last_answer = :last_answer
 WHERE mail_id = :mail_id AND mail_state = 'waiting' AND tries = :tries;

-- query: mail_forget_sent exec
-- Ids are ordered by time, so an id stands for the age.
DELETE FROM mail WHERE mail_state = 'sent' AND mail_id < :mail_id;

-- query: mail_has_forgettable one
SELECT mail_id FROM mail WHERE mail_state = 'sent' AND mail_id < :mail_id
 ORDER BY mail_id LIMIT 1;

-- query: mail_forget_recipient exec
DELETE FROM mail WHERE recipient_key = :recipient_key;

-- query: mail_count one
-- How many are in a state, for `manyhands doctor` and /metrics.
SELECT count(*) AS mail_count FROM mail WHERE mail_state = :mail_state;
-- types: mail_count int

-- query: mail_list many
-- The newest of a state, for `manyhands doctor`.
SELECT mail_id, recipient, mail_subject, mail_text, tries, next_try_at, last_answer, created_at
  FROM mail WHERE mail_state = :mail_state ORDER BY mail_id DESC LIMIT :limit;

-- query: mail_one one
SELECT mail_state, tries, next_try_at, finished_at, mail_text, last_answer
  FROM mail WHERE mail_id = :mail_id;
