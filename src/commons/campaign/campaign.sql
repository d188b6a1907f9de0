-- query: campaign_insert exec
INSERT INTO campaign (campaign_id, organisation_id, kind, campaign_state, question, brief, cover_blob, opens_at, closes_at, votes_per_person, votes_against, maps_opinions, terms_version, state_reason, created_at, changed_at)
VALUES (:campaign_id, :organisation_id, :kind, 'draft', :question, :brief, :cover_blob, :opens_at, :closes_at, :votes_per_person, :votes_against, :maps_opinions, :terms_version, '', :created_at, :created_at);

-- query: campaign_scope one
-- What every request on a campaign needs: the campaign, and the person's role in its team ('' none).
SELECT c.organisation_id, c.kind, c.campaign_state, c.state_reason, c.question, c.cover_blob,
       c.opens_at, c.closes_at, c.votes_per_person, c.votes_against, c.maps_opinions, c.terms_version, c.changed_at,
       coalesce((SELECT t.role FROM team_member t
                  WHERE t.organisation_id = c.organisation_id AND t.person_id = :person_id), '') AS role,
       EXISTS (SELECT 1 FROM ledger l WHERE l.campaign_id = c.campaign_id) AS has_money
  FROM campaign c WHERE c.campaign_id = :campaign_id;
-- types: has_money bool

-- query: campaign_brief one
SELECT brief FROM campaign WHERE campaign_id = :campaign_id;

-- query: campaign_change_draft exec
UPDATE campaign SET question = :question, brief = :brief, cover_blob = :cover_blob, opens_at = :opens_at,
       closes_at = :closes_at, votes_per_person = :votes_per_person, votes_against = :votes_against,
       maps_opinions = :maps_opinions, terms_version = :terms_version, changed_at = :changed_at
 WHERE campaign_id = :campaign_id;

-- query: campaign_set_state exec
-- Moves the life cycle on; nothing happens when the campaign is no longer in `from_state`.
UPDATE campaign SET campaign_state = :campaign_state, state_reason = :state_reason, changed_at = :changed_at
 WHERE campaign_id = :campaign_id AND campaign_state = :from_state;
-- types: from_state text

-- query: campaign_set_opening exec
UPDATE campaign SET opens_at = :opens_at WHERE campaign_id = :campaign_id;

-- query: campaign_set_closing exec
UPDATE campaign SET closes_at = :closes_at, changed_at = :changed_at WHERE campaign_id = :campaign_id;

-- query: campaign_due many
-- Campaigns whose clock has run: to be opened, or to be closed.
SELECT campaign_id, campaign_state FROM campaign
 WHERE (campaign_state = 'scheduled' AND opens_at <= :opens_at)
    OR (campaign_state IN ('open', 'paused') AND closes_at <= :closes_at)
 ORDER BY campaign_id LIMIT 100;

-- query: campaign_list_public many
-- Everything but drafts, the newest first, below an id.
SELECT c.campaign_id, c.organisation_id, c.kind, c.campaign_state, c.question, c.brief, c.cover_blob, c.opens_at, c.closes_at,
       o.name
  FROM campaign c JOIN organisation o ON o.organisation_id = c.organisation_id
 WHERE c.campaign_id < :campaign_id AND c.campaign_state <> 'draft' AND (:kind = '' OR c.kind = :kind)
 ORDER BY c.campaign_id DESC LIMIT :limit;
-- types: limit int

-- query: campaign_has_kind one
-- Whether there is a campaign of a kind that can be seen.
SELECT 1 AS found FROM campaign WHERE kind = :kind AND campaign_state <> 'draft' LIMIT 1;
-- types: found bool

-- query: campaign_list_team many
-- All campaigns of an organisation, drafts included, the newest first, below an id.
SELECT c.campaign_id, c.kind, c.campaign_state, c.question, c.brief, c.cover_blob, c.opens_at, c.closes_at,
       o.name
  FROM campaign c JOIN organisation o ON o.organisation_id = c.organisation_id
 WHERE c.organisation_id = :organisation_id AND c.campaign_id < :campaign_id
 ORDER BY c.campaign_id DESC LIMIT :limit;
-- types: limit int

-- query: organisation_has_money one
-- Whether one of its campaigns has a ledger.
SELECT 1 AS found FROM campaign c JOIN ledger l ON l.campaign_id = c.campaign_id
 WHERE c.organisation_id = :organisation_id LIMIT 1;
-- types: found bool

-- query: campaign_ids many
SELECT campaign_id FROM campaign WHERE campaign_id > :campaign_id ORDER BY campaign_id LIMIT 500;

-- query: category_insert exec
INSERT INTO category (campaign_id, category_id, position, name) VALUES (:campaign_id, :category_id, :position, :name);

-- query: category_place exec
UPDATE category SET position = :position WHERE campaign_id = :campaign_id AND category_id = :category_id;

-- query: category_delete exec
DELETE FROM category WHERE campaign_id = :campaign_id AND category_id = :category_id;

-- query: categories_of many
SELECT category_id, name FROM category WHERE campaign_id = :campaign_id ORDER BY position, category_id LIMIT 100;

-- query: terms_insert exec
INSERT INTO terms (campaign_id, terms_version, text, created_at) VALUES (:campaign_id, :terms_version, :text, :created_at);

-- query: terms_get one
SELECT text, created_at FROM terms WHERE campaign_id = :campaign_id AND terms_version = :terms_version;

-- query: terms_versions_of many
SELECT terms_version, created_at FROM terms WHERE campaign_id = :campaign_id ORDER BY terms_version DESC LIMIT 200;

-- query: terms_accept exec
INSERT INTO terms_acceptance (campaign_id, person_id, terms_version, created_at)
VALUES (:campaign_id, :person_id, :terms_version, :created_at)
ON CONFLICT (campaign_id, person_id, terms_version) DO NOTHING;

-- query: terms_accepted one
SELECT created_at FROM terms_acceptance
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND terms_version = :terms_version;

-- query: campaign_count_insert exec
INSERT INTO campaign_count (campaign_id, slot, subject_count, person_count, vote_count, talk_count)
VALUES (:campaign_id, :slot, 0, 0, 0, 0);

-- query: campaign_count_get one
SELECT CAST(coalesce(sum(subject_count), 0) AS BIGINT) AS subject_count,
       CAST(coalesce(sum(person_count), 0) AS BIGINT) AS person_count,
       CAST(coalesce(sum(vote_count), 0) AS BIGINT) AS vote_count,
       CAST(coalesce(sum(talk_count), 0) AS BIGINT) AS talk_count
  FROM campaign_count WHERE campaign_id = :campaign_id;

-- query: campaign_count_add exec
UPDATE campaign_count SET subject_count = subject_count + :subjects, person_count = person_count + :people,
       vote_count = vote_count + :votes, talk_count = talk_count + :comments
 WHERE campaign_id = :campaign_id AND slot = :slot;
-- types: subjects int, people int, votes int, comments int

-- query: campaign_count_clear exec
UPDATE campaign_count SET subject_count = 0, person_count = 0, vote_count = 0, talk_count = 0
 WHERE campaign_id = :campaign_id;

-- query: campaign_count_from_facts one
-- The counts as the facts have them, for rebuild and its test.
SELECT (SELECT kind FROM campaign WHERE campaign_id = :campaign_id) AS kind,
       (SELECT count(*) FROM subject WHERE campaign_id = :campaign_id AND subject_state = 'shown') AS subject_count,
       (SELECT count(*) FROM ballot WHERE campaign_id = :campaign_id) AS person_count,
       (SELECT count(*) FROM vote WHERE campaign_id = :campaign_id) AS vote_count,
       (SELECT count(*) FROM comment WHERE campaign_id = :campaign_id AND comment_state = 'shown') AS talk_count;
-- types: kind text
