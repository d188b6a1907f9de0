-- query: opinion_insert exec
-- One opinion of a person on a subject: the unique key decides.
INSERT INTO opinion (campaign_id, person_id, subject_id, stance, given_at)
VALUES (:campaign_id, :person_id, :subject_id, :stance, :given_at)
ON CONFLICT (campaign_id, person_id, subject_id) DO NOTHING;

-- query: opinion_turn exec
UPDATE opinion SET stance = :stance, given_at = :given_at
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND subject_id = :subject_id AND stance <> :stance;

-- query: opinion_delete exec
DELETE FROM opinion WHERE campaign_id = :campaign_id AND person_id = :person_id AND subject_id = :subject_id;

-- query: opinion_next many
-- What a person has not judged, the least judged first, after a place in that order. It passes over no more
-- than the person's own opinions.
SELECT s.subject_id, s.author_id, s.opinion_count
  FROM subject s
 WHERE s.campaign_id = :campaign_id AND s.subject_state = 'shown'
   AND (s.opinion_count, s.subject_id) > (:after_count, :after_id)
   AND NOT EXISTS (SELECT 1 FROM opinion o WHERE o.campaign_id = :campaign_id AND o.person_id = :person_id
                      AND o.subject_id = s.subject_id)
 ORDER BY s.opinion_count, s.subject_id LIMIT :limit;
-- types: after_count int, after_id subject_id, limit int

-- query: opinion_given one
-- How many of the shown subjects a person has judged. CROSS JOIN keeps SQLite from going through all subjects.
SELECT count(*) AS given
  FROM opinion o CROSS JOIN subject s
 WHERE s.campaign_id = o.campaign_id AND s.subject_id = o.subject_id AND o.campaign_id = :campaign_id AND o.person_id = :person_id AND s.subject_state = 'shown';
-- types: given int

-- query: opinion_list_mine many
-- A person's opinions on what is shown, the newest subject first, below an id.
SELECT o.subject_id, o.stance, o.given_at
  FROM opinion o JOIN subject s ON s.campaign_id = o.campaign_id AND s.subject_id = o.subject_id
 WHERE o.campaign_id = :campaign_id AND o.person_id = :person_id AND o.subject_id < :before_id
   AND s.subject_state = 'shown'
 ORDER BY o.subject_id DESC LIMIT :limit;
-- types: before_id subject_id, limit int

-- query: opinion_subjects_of many
-- Whatever a person has judged, after an id.
SELECT subject_id FROM opinion
 WHERE campaign_id = :campaign_id AND person_id = :person_id AND subject_id > :subject_id
 ORDER BY subject_id LIMIT 500;

-- query: opinion_delete_of exec
DELETE FROM opinion WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: opinion_export many
SELECT o.person_id, o.subject_id, o.stance, o.given_at
  FROM opinion o
 WHERE o.campaign_id = :campaign_id AND (o.person_id, o.subject_id) > (:person_id, :subject_id)
 ORDER BY o.person_id, o.subject_id LIMIT 2000;

-- query: opinion_counts_wrong many
-- Subjects whose count of opinions differs from the opinions there are, for rebuild and its test.
SELECT s.subject_id, coalesce(t.given, 0) AS true_count
  FROM subject s
  LEFT JOIN (SELECT o.subject_id, count(*) AS given FROM opinion o WHERE o.campaign_id = :campaign_id
              GROUP BY o.subject_id) t ON t.subject_id = s.subject_id
 WHERE s.campaign_id = :campaign_id AND s.opinion_count <> coalesce(t.given, 0)
 ORDER BY s.subject_id LIMIT 500;
-- types: true_count int

-- What the map is drawn from.

-- query: opinion_page many
-- Opinions, person by person, after a place in that order; the caller knows what is shown.
SELECT person_id, subject_id, stance FROM opinion
 WHERE campaign_id = :campaign_id AND (person_id, subject_id) > (:person_id, :subject_id)
 ORDER BY person_id, subject_id LIMIT 10000;

-- query: opinion_subjects many
-- Subjects with opinions, after an id.
SELECT subject_id, subject_state FROM subject
 WHERE campaign_id = :campaign_id AND subject_id > :subject_id AND opinion_count > 0
 ORDER BY subject_id LIMIT 1000;

-- The map.

-- query: opinion_map_insert exec
INSERT INTO opinion_map (campaign_id, map_state, map_salt, due_at, made_at, opinion_total, subject_total, subject_shown, people_total, people_enough, shown_share, silhouette, picture_scale, picture_x, picture_y)
VALUES (:campaign_id, 'stale', :map_salt, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
ON CONFLICT (campaign_id) DO NOTHING;

-- query: opinion_map_get one
SELECT map_state, map_salt, made_at, opinion_total, subject_total, subject_shown, people_total, people_enough, shown_share, silhouette, picture_scale, picture_x, picture_y
  FROM opinion_map WHERE campaign_id = :campaign_id;

-- query: opinion_map_spoil exec
-- What the map was drawn from has changed.
UPDATE opinion_map SET map_state = 'stale' WHERE campaign_id = :campaign_id AND map_state <> 'stale';

-- query: opinion_map_spoil_of exec
-- The maps of campaigns in which a person has given something.
UPDATE opinion_map SET map_state = 'stale'
 WHERE map_state <> 'stale' AND campaign_id IN (SELECT campaign_id FROM subject WHERE author_id = :author_id);

-- query: opinion_map_due many
SELECT campaign_id FROM opinion_map WHERE map_state IN ('stale', 'making') AND due_at <= :now
 ORDER BY due_at, campaign_id LIMIT 100;

-- query: opinion_map_begin exec
-- Whatever changes from here on spoils the map that is being drawn.
UPDATE opinion_map SET map_state = 'making' WHERE campaign_id = :campaign_id;

-- query: opinion_map_keep exec
UPDATE opinion_map SET map_state = CASE WHEN map_state = 'making' THEN 'made' ELSE map_state END, due_at = :due_at, made_at = :made_at,
       opinion_total = :opinion_total, subject_total = :subject_total, subject_shown = :subject_shown, people_total = :people_total, people_enough = :people_enough,
       shown_share = :shown_share, silhouette = :silhouette, picture_scale = :picture_scale, picture_x = :picture_x, picture_y = :picture_y
 WHERE campaign_id = :campaign_id;

-- query: opinion_maps many
SELECT campaign_id FROM opinion_map WHERE campaign_id > :campaign_id ORDER BY campaign_id LIMIT 500;

-- query: opinion_groups_of many
SELECT group_number, group_size, centre_x, centre_y, name_x, name_y, hull, dots, hollow
  FROM opinion_group WHERE campaign_id = :campaign_id ORDER BY group_number LIMIT 64;

-- query: opinion_group_insert exec
INSERT INTO opinion_group (campaign_id, group_number, group_size, centre_x, centre_y, name_x, name_y, hull, dots, hollow)
VALUES (:campaign_id, :group_number, :group_size, :centre_x, :centre_y, :name_x, :name_y, :hull, :dots, :hollow);

-- query: opinion_groups_clear exec
DELETE FROM opinion_group WHERE campaign_id = :campaign_id;

-- query: opinion_members many
SELECT person_id, group_number FROM opinion_member
 WHERE campaign_id = :campaign_id AND person_id > :person_id ORDER BY person_id LIMIT 5000;

-- query: opinion_member_set exec
INSERT INTO opinion_member (campaign_id, person_id, group_number) VALUES (:campaign_id, :person_id, :group_number)
ON CONFLICT (campaign_id, person_id) DO UPDATE SET group_number = excluded.group_number;

-- query: opinion_member_delete exec
DELETE FROM opinion_member WHERE campaign_id = :campaign_id AND person_id = :person_id;

-- query: opinion_axes many
SELECT subject_id, stance_mean, axis_x, axis_y FROM opinion_axis
 WHERE campaign_id = :campaign_id AND subject_id > :subject_id ORDER BY subject_id LIMIT 5000;

-- query: opinion_axis_insert exec
INSERT INTO opinion_axis (campaign_id, subject_id, stance_mean, axis_x, axis_y)
VALUES (:campaign_id, :subject_id, :stance_mean, :axis_x, :axis_y);

-- query: opinion_axes_clear exec
DELETE FROM opinion_axis WHERE campaign_id = :campaign_id;

-- query: opinion_standing many
-- A person's opinions with what the plane makes of them.
SELECT o.stance, a.stance_mean, a.axis_x, a.axis_y
  FROM opinion o JOIN opinion_axis a ON a.campaign_id = o.campaign_id AND a.subject_id = o.subject_id
  JOIN subject s ON s.campaign_id = o.campaign_id AND s.subject_id = o.subject_id
 WHERE o.campaign_id = :campaign_id AND o.person_id = :person_id AND s.subject_state = 'shown' LIMIT 20000;

-- query: opinion_said_of many
SELECT list_name, group_number, place, subject_id, agrees FROM opinion_said
 WHERE campaign_id = :campaign_id ORDER BY list_name, group_number, place LIMIT 500;

-- query: opinion_said_insert exec
INSERT INTO opinion_said (campaign_id, list_name, group_number, place, subject_id, agrees)
VALUES (:campaign_id, :list_name, :group_number, :place, :subject_id, :agrees);

-- query: opinion_said_clear exec
DELETE FROM opinion_said WHERE campaign_id = :campaign_id;

-- query: opinion_shares_of many
SELECT subject_id, group_number, agree, disagree, seen FROM opinion_share
 WHERE campaign_id = :campaign_id ORDER BY subject_id, group_number LIMIT 3000;

-- query: opinion_likings many
-- How groups of the kept map answered, where enough of them did.
SELECT o.subject_id, m.group_number, count(CASE WHEN o.stance > 0 THEN 1 END) AS agree, count(*) AS seen
  FROM opinion o
  JOIN opinion_member m ON m.campaign_id = o.campaign_id AND m.person_id = o.person_id
 WHERE o.campaign_id = :campaign_id
 GROUP BY o.subject_id, m.group_number
HAVING count(*) >= :told_min
 ORDER BY o.subject_id, m.group_number LIMIT 100000;
-- types: agree int, seen int, told_min int

-- query: opinion_share_insert exec
INSERT INTO opinion_share (campaign_id, subject_id, group_number, agree, disagree, seen)
VALUES (:campaign_id, :subject_id, :group_number, :agree, :disagree, :seen);

-- query: opinion_shares_clear exec
DELETE FROM opinion_share WHERE campaign_id = :campaign_id;
