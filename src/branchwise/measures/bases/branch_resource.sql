-- One row per branch of the bank with visits: its demand, devices and staff on the last day.
WITH demand AS (
  SELECT visit.branch_id, count(*) AS visits
  FROM visit
  WHERE NOT visit.is_suspect
  GROUP BY visit.branch_id
),
last_day AS (
  SELECT max(visit.local_on) AS as_of FROM visit
),
devices AS (
  SELECT device.branch_id, count(*) AS devices
  FROM device CROSS JOIN last_day
  WHERE device.device_kind <> 'ticket_machine'
    AND coalesce(device.installed_on, last_day.as_of) <= last_day.as_of
    AND (device.retired_on IS NULL OR device.retired_on > last_day.as_of)
  GROUP BY device.branch_id
),
staff AS (
  SELECT staff_member.branch_id, count(*) AS staff
  FROM staff_member CROSS JOIN last_day
  WHERE coalesce(staff_member.hired_on, last_day.as_of) <= last_day.as_of
    AND (staff_member.left_on IS NULL OR staff_member.left_on > last_day.as_of)
  GROUP BY staff_member.branch_id
)
SELECT
  demand.branch_id,
  demand.visits,
  coalesce(devices.devices, 0) AS devices,
  coalesce(staff.staff, 0) AS staff
FROM demand
LEFT JOIN devices ON devices.branch_id = demand.branch_id
LEFT JOIN staff ON staff.branch_id = demand.branch_id
