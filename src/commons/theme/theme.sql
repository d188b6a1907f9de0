-- query: theme_act_insert exec
INSERT INTO theme_act (campaign_id, theme_act_id, act_name, theme_id, theme_name, undone_id, person_id, acted_at)
VALUES (:campaign_id, :theme_act_id, :act_name, :theme_id, :theme_name, :undone_id, :person_id, :acted_at);

-- query: theme_act_subject_insert exec
INSERT INTO theme_act_subject (campaign_id, theme_act_id, subject_id) VALUES (:campaign_id, :theme_act_id, :subject_id)
ON CONFLICT (campaign_id, theme_act_id, subject_id) DO NOTHING;

-- query: theme_acts_after many
-- All acts of a campaign in their order, after one.
SELECT a.theme_act_id, a.act_name, a.theme_id, a.theme_name, a.undone_id, a.person_id, a.acted_at, p.display_name
  FROM theme_act a JOIN person p ON p.person_id = a.person_id
 WHERE a.campaign_id = :campaign_id AND a.theme_act_id > :theme_act_id ORDER BY a.theme_act_id LIMIT 1000;

-- query: theme_act_subjects_after many
-- All subjects that acts put somewhere, act by act, after a place in that order.
SELECT theme_act_id, subject_id FROM theme_act_subject
 WHERE campaign_id = :campaign_id AND (theme_act_id, subject_id) > (:theme_act_id, :subject_id)
 ORDER BY theme_act_id, subject_id LIMIT 5000;

-- query: theme_subjects_after many
-- The shown subjects of a campaign with their numbers, after one.
SELECT subject_id, up, down, comment_count, top_score FROM subject
 WHERE campaign_id = :campaign_id AND subject_id > :subject_id AND subject_state = 'shown'
 ORDER BY subject_id LIMIT 1000;

-- query: theme_act_by_id one
SELECT theme_id, undone_id FROM theme_act WHERE campaign_id = :campaign_id AND theme_act_id = :theme_act_id;
