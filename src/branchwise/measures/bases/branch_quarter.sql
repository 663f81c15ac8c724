-- One row per branch, day and quarter-hour in which somebody came: work that came and staff on
-- duty for it, in seconds. Capacity is empty on days without a roster.
WITH counted AS (
  SELECT
    visit.branch_id, visit.local_on, visit.local_month, visit.iso_weekday, visit.quarter_hour,
    CASE WHEN visit.service_seconds > 0 THEN visit.service_seconds END AS recorded,
    avg(CASE WHEN visit.service_seconds > 0 THEN visit.service_seconds END) OVER (
      PARTITION BY visit.branch_id
    ) AS typical
  FROM visit
  WHERE NOT visit.is_suspect
    AND visit.origin IN ('ticket', 'call')
    AND coalesce(visit.unserved_cause, '') NOT IN ('redrawn', 'suspected_gaming', 'diverted')
),
workload AS (
  SELECT
    branch_id, local_on, local_month, iso_weekday, quarter_hour,
    sum(coalesce(recorded, typical, 0)) AS workload_seconds
  FROM counted
  GROUP BY branch_id, local_on, local_month, iso_weekday, quarter_hour
),
duty AS (
  SELECT
    shift.branch_id, shift.local_on,
    date_diff('second', CAST(shift.local_on AS TIMESTAMP), shift.starts_at AT TIME ZONE branch.timezone) AS starts,
    date_diff('second', CAST(shift.local_on AS TIMESTAMP), shift.ends_at AT TIME ZONE branch.timezone) AS ends,
    date_diff('second', CAST(shift.local_on AS TIMESTAMP), shift.break_starts_at AT TIME ZONE branch.timezone) AS break_starts,
    date_diff('second', CAST(shift.local_on AS TIMESTAMP), shift.break_ends_at AT TIME ZONE branch.timezone) AS break_ends
  FROM shift
  JOIN branch ON branch.branch_id = shift.branch_id
  LEFT JOIN staff_member ON staff_member.staff_id = shift.staff_id
  WHERE shift.leave_kind = 'none'
    AND coalesce(shift.post, staff_member.post) IN ('teller', 'corporate_teller', 'agent')
),
rostered AS (
  SELECT DISTINCT shift.branch_id, shift.local_on FROM shift
),
capacity AS (
  SELECT
    workload.branch_id, workload.local_on, workload.quarter_hour,
    sum(
      greatest(
        least(duty.ends, 900 * workload.quarter_hour + 900)
        - greatest(duty.starts, 900 * workload.quarter_hour),
        0
      )
      - coalesce(
        CASE WHEN duty.break_starts < duty.break_ends THEN greatest(
          least(duty.break_ends, duty.ends, 900 * workload.quarter_hour + 900)
          - greatest(duty.break_starts, duty.starts, 900 * workload.quarter_hour),
          0
        ) END,
        0
      )
    ) AS capacity_seconds
  FROM workload
  JOIN duty ON duty.branch_id = workload.branch_id AND duty.local_on = workload.local_on
  GROUP BY workload.branch_id, workload.local_on, workload.quarter_hour
)
SELECT
  workload.branch_id,
  workload.local_on,
  workload.local_month,
  workload.iso_weekday,
  workload.quarter_hour,
  workload.workload_seconds,
  CASE WHEN rostered.branch_id IS NOT NULL
    THEN CAST(coalesce(capacity.capacity_seconds, 0) AS DOUBLE) END AS capacity_seconds
FROM workload
LEFT JOIN rostered
  ON rostered.branch_id = workload.branch_id AND rostered.local_on = workload.local_on
LEFT JOIN capacity
  ON capacity.branch_id = workload.branch_id
  AND capacity.local_on = workload.local_on
  AND capacity.quarter_hour = workload.quarter_hour
