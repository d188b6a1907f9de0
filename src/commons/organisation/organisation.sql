-- query: organisation_insert exec
INSERT INTO organisation (organisation_id, name, logo_blob, colour_1, colour_2, created_at)
VALUES (:organisation_id, :name, :logo_blob, :colour_1, :colour_2, :created_at);

-- query: organisation_by_id one
SELECT name, logo_blob, colour_1, colour_2 FROM organisation WHERE organisation_id = :organisation_id;

-- query: organisation_first one
-- The oldest organisation: the installation's own.
SELECT organisation_id, name, logo_blob, colour_1, colour_2 FROM organisation
 ORDER BY organisation_id LIMIT 1;

-- query: organisation_count one
SELECT count(*) AS organisation_count FROM organisation;
-- types: organisation_count int

-- query: organisation_change_look exec
UPDATE organisation SET name = :name, logo_blob = :logo_blob, colour_1 = :colour_1, colour_2 = :colour_2
 WHERE organisation_id = :organisation_id;

-- query: team_member_set exec
INSERT INTO team_member (organisation_id, person_id, role, created_at)
VALUES (:organisation_id, :person_id, :role, :created_at)
ON CONFLICT (organisation_id, person_id) DO UPDATE SET role = excluded.role;

-- query: team_member_delete exec
DELETE FROM team_member WHERE organisation_id = :organisation_id AND person_id = :person_id;

-- query: team_member_role one
SELECT role FROM team_member WHERE organisation_id = :organisation_id AND person_id = :person_id;

-- query: team_member_first one
-- An organisation the person works for, if any.
SELECT organisation_id, role FROM team_member WHERE person_id = :person_id ORDER BY organisation_id LIMIT 1;

-- query: team_members_of many
SELECT t.person_id, t.role, t.created_at, p.display_name, p.email
  FROM team_member t JOIN person p ON p.person_id = t.person_id
 WHERE t.organisation_id = :organisation_id ORDER BY t.created_at, t.person_id LIMIT 500;

-- query: team_owner_count one
SELECT count(*) AS owner_count FROM team_member WHERE organisation_id = :organisation_id AND role = 'owner';
-- types: owner_count int

-- query: installation_set exec
INSERT INTO installation (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- query: installation_get one
SELECT value FROM installation WHERE name = :name;

-- query: installation_delete exec
DELETE FROM installation WHERE name = :name;

-- query: organisation_owner one
-- The longest-serving owner: stands as author of what an operator takes in.
SELECT person_id FROM team_member WHERE organisation_id = :organisation_id AND role = 'owner'
 ORDER BY created_at, person_id LIMIT 1;
