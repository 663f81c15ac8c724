-- One row per branch and day with visits: what was done, time on duty, what staff and devices
-- cost. The cost of staff is empty on days without a roster.
WITH days AS (
  SELECT visit.branch_id, visit.local_on, visit.local_month, visit.iso_weekday,
    sum(CASE WHEN visit.is_suspect THEN 0 ELSE 1 END) AS visits,
    sum(CASE WHEN NOT visit.is_suspect AND visit.origin IN ('ticket', 'call')
      THEN coalesce(visit.service_seconds, 0) ELSE 0 END) AS busy_seconds
  FROM visit
  GROUP BY visit.branch_id, visit.local_on, visit.local_month, visit.iso_weekday
),
spans AS (
  SELECT branch_id,
    CAST(date_diff('day', min(local_on), max(local_on)) + 1 AS DOUBLE) / count(*) AS days_per_open_day
  FROM days
  GROUP BY branch_id
),
staff AS (
  SELECT shift.branch_id, shift.local_on,
    sum(shift.work_seconds / 3600.0 * CASE coalesce(shift.post, staff_member.post, 'other')
      WHEN 'teller' THEN $teller_cost_per_hour
      WHEN 'corporate_teller' THEN $teller_cost_per_hour
      WHEN 'lobby_manager' THEN $lobby_cost_per_hour
      WHEN 'supervisor' THEN $supervisor_cost_per_hour
      WHEN 'advisor' THEN $advisor_cost_per_hour
      WHEN 'manager' THEN $manager_cost_per_hour
      WHEN 'assistant' THEN $assistant_cost_per_hour
      WHEN 'guard' THEN $assistant_cost_per_hour
      WHEN 'agent' THEN $agent_cost_per_hour
      ELSE $other_cost_per_hour
    END) AS staff_cost,
    sum(CASE WHEN shift.leave_kind = 'none'
      AND coalesce(shift.post, staff_member.post) IN ('teller', 'corporate_teller', 'agent')
      THEN shift.work_seconds ELSE 0 END) AS duty_seconds
  FROM shift
  LEFT JOIN staff_member ON staff_member.staff_id = shift.staff_id
  GROUP BY shift.branch_id, shift.local_on
),
priced AS (
  SELECT
    device.device_id, device.branch_id, device.installed_on, device.retired_on,
    coalesce(device_model.life_years, $device_life_years) AS life_years,
    device_model.annual_maintenance_minor / $currency_minor_units AS maintenance,
    coalesce(
      device_model.price_minor / $currency_minor_units,
      CASE device.device_kind
        WHEN 'smart_counter' THEN $smart_counter_price
        WHEN 'atm' THEN $atm_price
        WHEN 'cash_recycler' THEN $atm_price
        ELSE $other_device_price
      END
    ) AS price
  FROM device
  LEFT JOIN device_model ON device_model.device_model_id = device.device_model_id
),
devices AS (
  SELECT
    days.branch_id, days.local_on,
    sum(
      (priced.price / priced.life_years
        + coalesce(priced.maintenance, priced.price * $device_maintenance_share)) / 365.0
    ) AS daily_cost
  FROM days
  JOIN priced
    ON priced.branch_id = days.branch_id
    AND coalesce(priced.installed_on, days.local_on) <= days.local_on
    AND (priced.retired_on IS NULL OR priced.retired_on > days.local_on)
  GROUP BY days.branch_id, days.local_on
),
posted AS (
  SELECT "transaction".branch_id, "transaction".local_on, count(*) AS transactions
  FROM "transaction"
  WHERE "transaction".channel IN ('counter', 'smart_counter', 'atm')
    AND NOT "transaction".is_reversal
  GROUP BY "transaction".branch_id, "transaction".local_on
)
SELECT
  days.branch_id,
  days.local_on,
  days.local_month,
  days.iso_weekday,
  days.visits,
  coalesce(posted.transactions, 0) AS transactions,
  days.busy_seconds,
  coalesce(staff.duty_seconds, 0) AS duty_seconds,
  staff.staff_cost,
  coalesce(devices.daily_cost, 0) * spans.days_per_open_day AS device_cost
FROM days
JOIN spans ON spans.branch_id = days.branch_id
LEFT JOIN staff ON staff.branch_id = days.branch_id AND staff.local_on = days.local_on
LEFT JOIN devices ON devices.branch_id = days.branch_id AND devices.local_on = days.local_on
LEFT JOIN posted ON posted.branch_id = days.branch_id AND posted.local_on = days.local_on
