-- Queries of this room's own tests.

-- query: fruit_insert exec
-- One fruit; nothing when there is one with this id.
INSERT INTO fruit (basket, fruit_id, twin_id, name, weight, photo, amount, picked_at)
VALUES (:basket, :fruit_id, :twin_id, :name, :weight, :photo, :amount, :now)
ON CONFLICT DO NOTHING;

-- query: fruit_insert_strictly exec
-- The same, but a second one is a failure.
INSERT INTO fruit (basket, fruit_id, twin_id, name, weight, photo, amount, picked_at)
VALUES (1, :fruit_id, 0, :name, 0, :photo, :amount, 0);

-- query: fruit_by_id one
SELECT basket, fruit_id, twin_id, name, weight, photo, amount, picked_at
  FROM fruit WHERE fruit_id = :fruit_id;

-- query: fruit_list many
SELECT f.fruit_id, f.name, f.twin_id AS other_id FROM fruit f
 WHERE f.fruit_id > :after_id ORDER BY f.fruit_id LIMIT :limit;
-- types: after_id fruit_id

-- query: fruit_count one
-- Sums and counts, which PostgreSQL gives in other types than SQLite.
SELECT count(*) AS fruits, coalesce(sum(amount), 0) AS amounts, avg(weight) AS average,
       count(*) > 0 AS is_any
  FROM fruit;
-- types: fruits int amounts int average real is_any bool

-- query: fruit_take one
-- Takes from a fruit's amount; no row when there is none left.
UPDATE fruit SET amount = amount - 1 WHERE fruit_id = :fruit_id AND amount > 0
RETURNING amount;

-- query: fruit_set_amount exec
UPDATE fruit SET amount = :amount WHERE fruit_id = :fruit_id;

-- query: fruit_index exec
/*sqlite INSERT INTO fruit_text (rowid, words) VALUES (:fruit_id, :name) */
/*postgres INSERT INTO fruit_text (words_row, words)
           VALUES (:fruit_id, to_tsvector('simple'::regconfig, :name)) */;

-- query: fruit_find many
-- By a word, with two bodies and a parameter that only one of them uses.
/*sqlite SELECT rowid AS found_id FROM fruit_text WHERE fruit_text MATCH :word LIMIT :limit */
/*postgres SELECT words_row AS found_id FROM fruit_text
            WHERE words @@ plainto_tsquery('simple'::regconfig, :word) AND words_row > :least
            LIMIT :limit */;
-- types: found_id fruit_id, word text, least int

-- query: tally_add exec
INSERT INTO tally (tally_key, total, runs) VALUES (:tally_key, :total, 1)
ON CONFLICT (tally_key) DO UPDATE SET total = tally.total + excluded.total, runs = tally.runs + 1;

-- query: tally_send send
-- As tally_add, for whoever does not ask what became of it.
INSERT INTO tally (tally_key, total, runs) VALUES (:tally_key, :total, 1)
ON CONFLICT (tally_key) DO UPDATE SET total = tally.total + excluded.total, runs = tally.runs + 1;

-- query: fruit_lessen send
-- Fails when there is not so much of it.
UPDATE fruit SET amount = amount - :lost WHERE fruit_id = :fruit_id;
-- types: lost int

-- query: tally_get one
SELECT total, runs FROM tally WHERE tally_key = :tally_key;
