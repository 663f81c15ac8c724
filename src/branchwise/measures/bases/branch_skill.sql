-- One row per branch and skill that its visits ask for, with the active members of staff who
-- hold it on the last day of the visits.
WITH last_day AS (
  SELECT max(visit.local_on) AS as_of FROM visit
),
asked AS (
  SELECT visit.branch_id, service.skill, count(*) AS visits
  FROM visit
  JOIN service ON service.service_id = visit.service_id
  WHERE service.skill IS NOT NULL AND NOT visit.is_suspect
  GROUP BY visit.branch_id, service.skill
),
held AS (
  SELECT staff_member.branch_id, skill_grant.skill, count(DISTINCT staff_member.staff_id) AS holders
  FROM skill_grant
  JOIN staff_member ON staff_member.staff_id = skill_grant.staff_id
  CROSS JOIN last_day
  WHERE (staff_member.left_on IS NULL OR staff_member.left_on > last_day.as_of)
    AND coalesce(staff_member.hired_on, last_day.as_of) <= last_day.as_of
    AND (skill_grant.expires_on IS NULL OR skill_grant.expires_on > last_day.as_of)
    AND coalesce(skill_grant.granted_on, last_day.as_of) <= last_day.as_of
  GROUP BY staff_member.branch_id, skill_grant.skill
)
SELECT
  asked.branch_id,
  asked.skill,
  asked.visits,
  coalesce(held.holders, 0) AS holders
FROM asked
LEFT JOIN held ON held.branch_id = asked.branch_id AND held.skill = asked.skill
