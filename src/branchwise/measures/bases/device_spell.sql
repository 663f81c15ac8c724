-- One row per spell of a device out of service, with the time seen until it was mended.
WITH horizon AS (
  SELECT max(greatest(device_event.started_at, coalesce(device_event.ended_at, device_event.started_at))) AS last_at
  FROM device_event
),
followed AS (
  SELECT
    device_event.device_event_id, device_event.device_id, device_event.branch_id,
    device_event.local_on, device_event.local_month, device_event.iso_weekday,
    device_event.quarter_hour, device_event.module, device_event.code, device_event.cause,
    device_event.is_planned, device_event.started_at, device_event.ended_at,
    lead(device_event.started_at) OVER (
      PARTITION BY device_event.device_id
      ORDER BY device_event.started_at, device_event.device_event_id
    ) AS following_at
  FROM device_event
  WHERE device_event.state NOT IN ('online', 'deviceBusy')
)
SELECT
  followed.device_event_id,
  followed.device_id,
  followed.branch_id,
  followed.local_on,
  followed.local_month,
  followed.iso_weekday,
  followed.quarter_hour,
  followed.module,
  followed.code,
  followed.cause,
  followed.is_planned,
  followed.ended_at IS NOT NULL AS is_closed,
  CAST(date_diff(
    'second',
    followed.started_at,
    coalesce(followed.ended_at, followed.following_at, horizon.last_at)
  ) AS DOUBLE) AS repair_seconds
FROM followed
CROSS JOIN horizon
