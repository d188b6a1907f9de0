-- Tables of this room's own tests, made into code by the same generator as the real ones.
CREATE TABLE fruit (
  basket INTEGER NOT NULL,
  fruit_id BIGINT NOT NULL PRIMARY KEY,
  twin_id BIGINT NOT NULL, -- is fruit_id
  name TEXT NOT NULL,
  weight DOUBLE PRECISION NOT NULL,
  photo BYTEA NOT NULL,
  amount BIGINT NOT NULL CHECK (amount >= 0),
  picked_at BIGINT NOT NULL)
/*sqlite WITHOUT ROWID */;

CREATE TABLE tally (
  tally_key BIGINT NOT NULL PRIMARY KEY,
  total BIGINT NOT NULL,
  runs BIGINT NOT NULL);

/*sqlite CREATE VIRTUAL TABLE fruit_text USING fts5(words); */
/*postgres CREATE TABLE fruit_text (words_row BIGINT NOT NULL PRIMARY KEY, words tsvector NOT NULL); */
