-- One row per device and day: seconds that it should and did not serve, the branch's demand
-- meanwhile, failures and uses. Minutes count from local midnight.
WITH opened AS (
  SELECT visit.branch_id, visit.local_on, visit.local_month, visit.iso_weekday
  FROM visit
  GROUP BY visit.branch_id, visit.local_on, visit.local_month, visit.iso_weekday
),
bank_days AS (
  SELECT DISTINCT opened.local_on, opened.local_month, opened.iso_weekday FROM opened
),
hours AS (
  SELECT
    opened.branch_id, opened.local_on, opened.local_month, opened.iso_weekday,
    min(opening_hours.opens_minute) AS opens,
    max(opening_hours.closes_minute) AS closes,
    CASE WHEN count(opening_hours.lunch_starts_minute) = count(*)
      THEN max(opening_hours.lunch_starts_minute) END AS lunch_starts,
    CASE WHEN count(opening_hours.lunch_starts_minute) = count(*)
      THEN min(opening_hours.lunch_ends_minute) END AS lunch_ends
  FROM opened
  JOIN opening_hours
    ON opening_hours.branch_id = opened.branch_id
    AND opening_hours.iso_weekday = opened.iso_weekday
    AND opening_hours.valid_from <= opened.local_on
    AND coalesce(opening_hours.valid_to, opened.local_on) >= opened.local_on
  GROUP BY opened.branch_id, opened.local_on, opened.local_month, opened.iso_weekday
),
stretches AS (
  SELECT
    branch_id, local_on, local_month, iso_weekday, 'opening_hours' AS service_hours,
    opens AS from_minute,
    CASE WHEN lunch_starts < lunch_ends THEN lunch_starts ELSE closes END AS to_minute
  FROM hours
  UNION ALL
  SELECT
    branch_id, local_on, local_month, iso_weekday, 'opening_hours',
    lunch_ends, closes
  FROM hours
  WHERE lunch_starts < lunch_ends
  UNION ALL
  SELECT branch.branch_id, bank_days.local_on, bank_days.local_month, bank_days.iso_weekday,
    'always', 0, 1440
  FROM branch CROSS JOIN bank_days
),
scheduled AS (
  SELECT
    device.device_id, device.branch_id, stretches.local_on, stretches.local_month,
    stretches.iso_weekday, stretches.from_minute, stretches.to_minute
  FROM device
  JOIN stretches
    ON stretches.branch_id = device.branch_id
    AND stretches.service_hours = device.service_hours
  WHERE coalesce(device.installed_on, stretches.local_on) <= stretches.local_on
    AND (device.retired_on IS NULL OR device.retired_on > stretches.local_on)
),
spells AS (
  SELECT
    device_event.device_id, device_event.local_on, device_event.is_planned,
    device_event.started_at AT TIME ZONE branch.timezone AS starts,
    device_event.ended_at AT TIME ZONE branch.timezone AS ends,
    lead(device_event.started_at AT TIME ZONE branch.timezone) OVER (
      PARTITION BY device_event.device_id
      ORDER BY device_event.started_at, device_event.device_event_id
    ) AS following
  FROM device_event
  JOIN branch ON branch.branch_id = device_event.branch_id
  WHERE device_event.state NOT IN ('online', 'deviceBusy')
),
closed AS (
  SELECT
    device_id, local_on, is_planned, starts,
    coalesce(
      ends,
      least(
        coalesce(following, CAST(local_on AS TIMESTAMP) + INTERVAL 1 DAY),
        CAST(local_on AS TIMESTAMP) + INTERVAL 1 DAY
      )
    ) AS ends
  FROM spells
),
sorted AS (
  SELECT device_id, 'any' AS kind, starts, ends FROM closed
  UNION ALL
  SELECT device_id, 'unplanned', starts, ends FROM closed WHERE NOT is_planned
),
marked AS (
  SELECT
    device_id, kind, starts, ends,
    max(ends) OVER (
      PARTITION BY device_id, kind ORDER BY starts, ends
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reached
  FROM sorted
),
numbered AS (
  SELECT
    device_id, kind, starts, ends,
    sum(CASE WHEN starts <= reached THEN 0 ELSE 1 END) OVER (
      PARTITION BY device_id, kind ORDER BY starts, ends
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS island
  FROM marked
),
islands AS (
  SELECT device_id, kind, min(starts) AS starts, max(ends) AS ends
  FROM numbered
  GROUP BY device_id, kind, island
),
pieces AS (
  SELECT
    scheduled.device_id, scheduled.branch_id, scheduled.local_on, scheduled.iso_weekday,
    islands.kind,
    greatest(
      CAST(scheduled.from_minute AS DOUBLE) * 60,
      date_diff('second', CAST(scheduled.local_on AS TIMESTAMP), islands.starts)
    ) AS from_second,
    least(
      CAST(scheduled.to_minute AS DOUBLE) * 60,
      date_diff('second', CAST(scheduled.local_on AS TIMESTAMP), islands.ends)
    ) AS to_second
  FROM scheduled
  JOIN islands
    ON islands.device_id = scheduled.device_id
    AND islands.starts < CAST(scheduled.local_on AS TIMESTAMP) + INTERVAL 1 DAY
    AND islands.ends > CAST(scheduled.local_on AS TIMESTAMP)
),
down AS (
  SELECT
    device_id, local_on,
    sum(CASE WHEN kind = 'any' THEN to_second - from_second ELSE 0 END) AS down_seconds,
    sum(CASE WHEN kind = 'unplanned' THEN to_second - from_second ELSE 0 END)
      AS unplanned_seconds
  FROM pieces
  WHERE to_second > from_second
  GROUP BY device_id, local_on
),
weekdays AS (
  SELECT opened.branch_id, opened.iso_weekday, count(*) AS days
  FROM opened
  GROUP BY opened.branch_id, opened.iso_weekday
),
demand AS (
  SELECT
    visit.branch_id, visit.iso_weekday, visit.quarter_hour,
    CAST(count(*) AS DOUBLE) / max(weekdays.days) AS visits
  FROM visit
  JOIN weekdays
    ON weekdays.branch_id = visit.branch_id AND weekdays.iso_weekday = visit.iso_weekday
  WHERE NOT visit.is_suspect
  GROUP BY visit.branch_id, visit.iso_weekday, visit.quarter_hour
),
demand_scheduled AS (
  SELECT
    scheduled.device_id, scheduled.local_on,
    sum(demand.visits * (
      least(scheduled.to_minute, 15 * demand.quarter_hour + 15)
      - greatest(scheduled.from_minute, 15 * demand.quarter_hour)
    ) / 15.0) AS demand
  FROM scheduled
  JOIN demand
    ON demand.branch_id = scheduled.branch_id
    AND demand.iso_weekday = scheduled.iso_weekday
    AND 15 * demand.quarter_hour < scheduled.to_minute
    AND 15 * demand.quarter_hour + 15 > scheduled.from_minute
  GROUP BY scheduled.device_id, scheduled.local_on
),
demand_down AS (
  SELECT
    pieces.device_id, pieces.local_on,
    sum(demand.visits * (
      least(pieces.to_second, 900.0 * demand.quarter_hour + 900)
      - greatest(pieces.from_second, 900.0 * demand.quarter_hour)
    ) / 900.0) AS demand_lost
  FROM pieces
  JOIN demand
    ON demand.branch_id = pieces.branch_id
    AND demand.iso_weekday = pieces.iso_weekday
    AND 900 * demand.quarter_hour < pieces.to_second
    AND 900 * demand.quarter_hour + 900 > pieces.from_second
  WHERE pieces.kind = 'any' AND pieces.to_second > pieces.from_second
  GROUP BY pieces.device_id, pieces.local_on
),
failed AS (
  SELECT scheduled.device_id, scheduled.local_on, count(*) AS failures
  FROM scheduled
  JOIN closed
    ON closed.device_id = scheduled.device_id
    AND closed.local_on = scheduled.local_on
    AND date_diff('second', CAST(closed.local_on AS TIMESTAMP), closed.starts)
      >= 60 * scheduled.from_minute
    AND date_diff('second', CAST(closed.local_on AS TIMESTAMP), closed.starts)
      < 60 * scheduled.to_minute
  WHERE NOT closed.is_planned
  GROUP BY scheduled.device_id, scheduled.local_on
),
posted AS (
  SELECT "transaction".device_id, "transaction".local_on, count(*) AS uses
  FROM "transaction"
  WHERE "transaction".device_id IS NOT NULL AND NOT "transaction".is_reversal
  GROUP BY "transaction".device_id, "transaction".local_on
),
sessions AS (
  SELECT visit_step.device_id, visit_step.local_on, count(*) AS uses
  FROM visit_step
  WHERE visit_step.device_id IS NOT NULL
  GROUP BY visit_step.device_id, visit_step.local_on
),
days AS (
  SELECT
    device_id, branch_id, local_on, local_month, iso_weekday,
    CAST(sum(to_minute - from_minute) AS DOUBLE) * 60 AS scheduled_seconds
  FROM scheduled
  GROUP BY device_id, branch_id, local_on, local_month, iso_weekday
)
SELECT
  days.device_id,
  days.branch_id,
  days.local_on,
  days.local_month,
  days.iso_weekday,
  days.scheduled_seconds,
  coalesce(down.down_seconds, 0) AS down_seconds,
  coalesce(down.unplanned_seconds, 0) AS unplanned_seconds,
  coalesce(demand_scheduled.demand, 0) AS demand,
  coalesce(demand_down.demand_lost, 0) AS demand_lost,
  coalesce(failed.failures, 0) AS failures,
  greatest(coalesce(posted.uses, 0), coalesce(sessions.uses, 0)) AS uses
FROM days
LEFT JOIN down ON down.device_id = days.device_id AND down.local_on = days.local_on
LEFT JOIN demand_scheduled
  ON demand_scheduled.device_id = days.device_id AND demand_scheduled.local_on = days.local_on
LEFT JOIN demand_down
  ON demand_down.device_id = days.device_id AND demand_down.local_on = days.local_on
LEFT JOIN failed ON failed.device_id = days.device_id AND failed.local_on = days.local_on
LEFT JOIN posted ON posted.device_id = days.device_id AND posted.local_on = days.local_on
LEFT JOIN sessions ON sessions.device_id = days.device_id AND sessions.local_on = days.local_on
