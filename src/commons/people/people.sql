-- query: person_insert exec
-- A new account; does nothing when the address is taken.
INSERT INTO person (person_id, email, email_key, display_name, password_hash, person_state, created_at, confirmed_at)
VALUES (:person_id, :email, :email_key, :display_name, :password_hash, :person_state, :created_at, :confirmed_at)
ON CONFLICT (email_key) DO NOTHING;

-- query: person_by_email one
SELECT person_id, display_name, password_hash, person_state FROM person WHERE email_key = :email_key;

-- query: person_by_id one
SELECT email, display_name, password_hash, person_state, created_at FROM person WHERE person_id = :person_id;

-- query: person_confirm exec
-- The address is proven; a second proof changes nothing.
UPDATE person SET person_state = 'active', confirmed_at = :confirmed_at
 WHERE person_id = :person_id AND person_state = 'unconfirmed';

-- query: person_rename exec
UPDATE person SET display_name = :display_name WHERE person_id = :person_id;

-- query: person_set_password exec
UPDATE person SET password_hash = :password_hash WHERE person_id = :person_id;

-- query: person_erase exec
-- Removes what names the person; the row stays, so that what points to it stays valid.
UPDATE person SET email = '', email_key = :email_key, display_name = '', password_hash = '', person_state = 'erased'
 WHERE person_id = :person_id;

-- query: mail_link_insert exec
INSERT INTO mail_link (token_hash, person_id, next_path, created_at, expires_at, used_at)
VALUES (:token_hash, :person_id, :next_path, :created_at, :expires_at, 0);

-- query: mail_link_by_hash one
SELECT person_id, next_path, expires_at, used_at FROM mail_link WHERE token_hash = :token_hash;

-- query: mail_link_use exec
UPDATE mail_link SET used_at = :used_at WHERE token_hash = :token_hash AND used_at = 0 AND expires_at > :used_at;

-- query: mail_link_delete_old exec
DELETE FROM mail_link WHERE expires_at < :expires_at;

-- query: mail_link_delete_of_person exec
DELETE FROM mail_link WHERE person_id = :person_id;

-- query: session_insert exec
INSERT INTO session (session_id, token_hash, person_id, only_campaign_id, created_at, expires_at)
VALUES (:session_id, :token_hash, :person_id, :only_campaign_id, :created_at, :expires_at);

-- query: session_person one
-- Who a session belongs to, while it lasts.
SELECT s.session_id, s.person_id, s.only_campaign_id, p.display_name
  FROM session s JOIN person p ON p.person_id = s.person_id
 WHERE s.token_hash = :token_hash AND s.expires_at > :expires_at AND p.person_state = 'active';

-- query: session_delete exec
DELETE FROM session WHERE session_id = :session_id;

-- query: session_delete_others exec
DELETE FROM session WHERE person_id = :person_id AND session_id <> :session_id;

-- query: session_delete_old exec
DELETE FROM session WHERE expires_at < :expires_at;

-- query: access_token_insert exec
INSERT INTO access_token (access_token_id, token_hash, person_id, label, scopes, only_campaign_id, created_at, expires_at)
VALUES (:access_token_id, :token_hash, :person_id, :label, :scopes, :only_campaign_id, :created_at, :expires_at);

-- query: access_token_person one
SELECT t.access_token_id, t.person_id, t.scopes, t.only_campaign_id, p.display_name
  FROM access_token t JOIN person p ON p.person_id = t.person_id
 WHERE t.token_hash = :token_hash AND t.expires_at > :expires_at AND p.person_state = 'active';

-- query: access_tokens_of many
SELECT access_token_id, label, scopes, created_at, expires_at FROM access_token
 WHERE person_id = :person_id ORDER BY access_token_id DESC LIMIT 100;

-- query: access_token_count one
SELECT count(*) AS token_count FROM access_token WHERE person_id = :person_id;
-- types: token_count int

-- query: access_token_delete exec
DELETE FROM access_token WHERE access_token_id = :access_token_id AND person_id = :person_id;

-- query: access_token_delete_of_person exec
DELETE FROM access_token WHERE person_id = :person_id;

-- query: consent_insert exec
INSERT INTO consent (consent_id, person_id, organisation_id, purpose, granted, wording, created_at)
VALUES (:consent_id, :person_id, :organisation_id, :purpose, :granted, :wording, :created_at);

-- query: consent_newest one
SELECT granted FROM consent
 WHERE person_id = :person_id AND organisation_id = :organisation_id AND purpose = :purpose
 ORDER BY consent_id DESC LIMIT 1;

-- query: consents_of many
-- The newest word of each purpose, with the sentence that was agreed to.
SELECT o.name, c.purpose, c.granted, c.wording, c.created_at
  FROM consent c JOIN organisation o ON o.organisation_id = c.organisation_id
 WHERE c.person_id = :person_id
   AND NOT EXISTS (SELECT 1 FROM consent n WHERE n.person_id = c.person_id
                      AND n.organisation_id = c.organisation_id AND n.purpose = c.purpose
                      AND n.consent_id > c.consent_id)
 ORDER BY c.consent_id LIMIT 200;

-- query: person_house one
-- The installation's first organisation, which accounts belong to until a campaign says otherwise.
SELECT organisation_id, name FROM organisation ORDER BY organisation_id LIMIT 1;

-- query: person_sole_ownerships one
-- How many organisations would be left without an owner.
SELECT count(*) AS organisation_count FROM team_member t
 WHERE t.person_id = :person_id AND t.role = 'owner'
   AND NOT EXISTS (SELECT 1 FROM team_member o WHERE o.organisation_id = t.organisation_id
                      AND o.role = 'owner' AND o.person_id <> t.person_id);
-- types: organisation_count int

-- query: person_leave_teams exec
DELETE FROM team_member WHERE person_id = :person_id;

-- query: person_has_earnings one
-- Whether a person was ever given money in a campaign.
SELECT 1 AS found FROM ledger_balance WHERE person_id = :person_id AND person_id > 0 LIMIT 1;
-- types: found bool

-- query: person_languages_get one
SELECT languages FROM person_languages WHERE person_id = :person_id;

-- query: person_languages_set exec
INSERT INTO person_languages (person_id, languages, changed_at) VALUES (:person_id, :languages, :changed_at)
ON CONFLICT (person_id) DO UPDATE SET languages = excluded.languages, changed_at = excluded.changed_at;

-- query: person_languages_delete exec
DELETE FROM person_languages WHERE person_id = :person_id;
