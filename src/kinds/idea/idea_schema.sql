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
